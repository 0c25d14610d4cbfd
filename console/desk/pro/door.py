"""The one door of the window and the command line for Pro services: engagements, their hours, and the session's timer.

`ProDesk` is made by the first use of `Desk.pro`; nothing of Pro is loaded before. Its doors are one file each: `hours`
(purchases and billing), `gate` (everything before the start), `work` (the session), `watch` (the clocks while it runs).
Answers are the shapes in `views`, built by `pages` and its neighbours without writing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from console.desk.pro.acting import Acting
from console.desk.pro.gate import GateDesk
from console.desk.pro.hours import HoursDesk
from console.desk.pro.pages import Pages
from console.desk.pro.rows import coming_slot
from console.desk.pro.streams import Held, Streams
from console.desk.pro.views import EngagementPage, EngagementRow, SessionReport
from console.desk.pro.watch import WatchDesk
from console.desk.pro.work import WorkDesk
from console.desk.tickets import TicketNotFound
from console.domain.errors import ConsoleError
from console.domain.metering import available_ms, unreserved_ms
from console.domain.pro_events import pro_stream
from console.domain.pro_offer import offer_text
from console.domain.pro_slots import OfferedSlot, SlotOffer, next_slots, slot_at

if TYPE_CHECKING:
    from console.desk.tickets import TicketDesk
    from console.domain.pro_events import ScopeItem
    from console.domain.pro_settings import ProSettings
    from console.journal.store import Journal
    from console.timekeeping import Timekeeper


class AmbiguousEngagement(ConsoleError):
    """An account's name stands for several engagements."""


class ProDesk:
    """Pro services of one workspace.

    Attributes: `hours`, `gate`, `work`, `watch` (the doors), `settings`, `zone` (the service window's, IANA), `me`.
    """

    def __init__(
        self,
        journal: Journal,
        tickets: TicketDesk,
        settings: ProSettings,
        *,
        me: str,
        timekeeper: Timekeeper,
        my_zone: Callable[[], str | None],
    ) -> None:
        self.settings = settings
        self.zone = settings.window_tz
        self.me = me
        self._tickets = tickets
        self._journal = journal
        self._streams = Streams(journal, settings)
        self._acting = Acting(journal, self._streams, me=me, timekeeper=timekeeper)
        self._pages = Pages(self._acting, tickets, my_zone)
        self.watch = WatchDesk(self._acting)
        self.hours = HoursDesk(self._acting)
        self.gate = GateDesk(self._acting)
        self.work = WorkDesk(self._acting, self.watch, tickets)

    def now(self) -> int:
        """Trusted time, epoch ms."""
        return self._acting.now()

    def version(self) -> int:
        """Changes whenever any process records something."""
        return self._journal.data_version()

    def engagements(self, *, closed: bool = False) -> tuple[EngagementRow, ...]:
        """Every engagement, the most pressing need first; those that are closed only when asked for."""
        return self._pages.rows(closed=closed)

    def page(self, ticket: str) -> EngagementPage:
        """Everything about one engagement as of now. Errors: NotAnEngagement."""
        return self._pages.page(ticket)

    def report(self, ticket: str) -> SessionReport:
        """The session report for the partner. Errors: NotAnEngagement."""
        return self._pages.report(ticket)

    def is_engagement(self, ticket: str) -> bool:
        return self._journal.pro_stream(ticket) is not None

    def find(self, ref: str) -> str:
        """The ticket id of an engagement, by the ticket's number, the purchase, the start of the id, or the name of an
        account with just one that is open.

        Errors: TicketNotFound, AmbiguousTicket, AmbiguousEngagement, NotAnEngagement.
        """
        try:
            ticket = self._tickets.find(ref)
        except TicketNotFound:
            bought = self._journal.pro_lot(ref.strip())
            ticket = bought[1] if bought is not None else self._of_account(ref.strip())
        self._acting.engagement(ticket)
        return ticket

    def next_slots(
        self,
        ticket: str,
        *,
        seconds: int | None = None,
        engineer: str | None = None,
        from_ms: int | None = None,
        count: int = 5,
        moving: str | None = None,
    ) -> SlotOffer:
        """The next slots that fit; `moving` is an agreed slot that would be given up for them. `seconds` defaults to
        the hours that are not reserved yet; where all are, the engagement's slot is taken to be moved, and what is left
        of it is asked for. `engineer` defaults to who has the slot that is moved, else to me."""
        held, now = self._acting.engagement(ticket), self.now()
        account = held.account
        metering = self._streams.measured(held, now)
        free = max(0, unreserved_ms(account, metering, ticket, now)) // 1000
        slot = None if free or seconds is not None else coming_slot(account, ticket, now)
        if moving is None and slot is not None:
            moving = slot.id
        if seconds is None:
            seconds = free or available_ms(account, metering, ticket) // 1000
        who = self._engineer(held, engineer, moving)
        return next_slots(
            account,
            metering,
            ticket,
            seconds,
            who,
            self._streams.busy(who, but=moving),
            self.settings,
            self._streams.days_off(account, now),
            from_ms=now if from_ms is None else from_ms,
            count=count,
            moving=moving,
        )

    def slot_at(
        self, ticket: str, begins_at: int, *, seconds: int, engineer: str | None = None, moving: str | None = None
    ) -> OfferedSlot | None:
        """The slot that begins at an instant, as `next_slots` would offer it; None where it does not fit."""
        held, now = self._acting.engagement(ticket), self.now()
        return slot_at(
            held.account,
            self._streams.measured(held, now),
            ticket,
            seconds,
            begins_at,
            self._streams.busy(self._engineer(held, engineer, moving), but=moving),
            self.settings,
            self._streams.days_off(held.account, now),
            moving=moving,
        )

    def _engineer(self, held: Held, named: str | None, moving: str | None) -> str:
        """For whom a slot is looked for."""
        moved = None if moving is None else held.account.bookings.get(moving)
        return named or (self.me if moved is None else moved.engineer)

    def offer_text(self, ticket: str, items: Sequence[ScopeItem], total_s: int) -> str:
        """The reply that offers Pro hours on any ticket, with the scope and its estimate; never sent by itself.

        `total_s` are the seconds to buy (`pro_estimates.total`). Errors: TicketNotFound.
        """
        state = self._tickets.state(ticket)
        if state is None:
            raise TicketNotFound("That ticket is not in this workspace any more.")
        renewal = None if not state.account else self._streams.held(pro_stream(state.account)).account.renewal_at
        ahead = renewal if renewal is not None and renewal > self.now() else None
        return offer_text(
            state.contact, items, total_s, self.settings, product=state.product or "CAS", renewal_at=ahead
        )

    def _of_account(self, name: str) -> str:
        rows = [row for row in self.engagements() if row.account.casefold() == name.casefold()]
        if len(rows) == 1:
            return rows[0].ticket
        if rows:
            numbers = ", ".join(f"#{row.number}" for row in rows)
            raise AmbiguousEngagement(f"{rows[0].account} has several engagements; say which: {numbers}.")
        raise TicketNotFound(f'No engagement answers to "{name}": give a ticket number, a purchase id or an account.')
