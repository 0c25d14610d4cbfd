"""Purchases and what billing does with them: lots, renewals, refunds, corrections, periods and their closing.

Source: spec pro_services.md 1 (T1, T2, T7), 3 (D3, D7). A purchase is one act: it opens a ticket in the queue, with a
clock like any other, and adds the lot. Instants are epoch ms (UTC), amounts seconds unless a name says ms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from console.desk.pro.acting import Acting, Fact
from console.desk.pro.ledger import ledger_view
from console.desk.pro.streams import Held
from console.desk.pro.views import LedgerView
from console.desk.tickets import Receipt, new_salt
from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.calendar import Period
from console.domain.errors import ConsoleError
from console.domain.events import ticket_stream
from console.domain.pro_events import pro_stream
from console.domain.pro_figures import (
    Difference,
    LateWork,
    PeriodRow,
    TimesheetRow,
    compare,
    figures,
    late_work,
    periods,
    timesheet,
)
from console.domain.pro_rulings import closing_blocks
from console.domain.pro_slots import unusable_warning
from console.domain.service_window import allowed_ms, allowed_ranges, period_of, service_calendar
from console.domain.words import exact, full

if TYPE_CHECKING:
    from console.journal.states import States

_ALREADY = "already"


class PurchaseError(ConsoleError):
    """A purchase, grant or renewal that cannot be as it is reported."""


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a purchase. `known`: the id was recorded before, and nothing was written. `warnings` are sentences
    for billing and the partner."""

    receipt: Receipt
    ticket: str
    number: int | None
    known: bool
    warnings: tuple[str, ...] = ()


class HoursDesk:
    """Acts on and questions about bought hours; `account` is the account's name."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._streams = acting.streams
        self._settings = acting.streams.settings

    # Acts

    def buy(
        self,
        purchase_id: str,
        account: str,
        seconds: int,
        *,
        renewal: int,
        bought_at: int | None = None,
        contact: str | None = None,
        plan: str | None = None,
        product: str | None = "CAS",
        subject: str | None = None,
        extends: str | None = None,
    ) -> Bought:
        """Records a purchase as the product reports it. The same id twice is one lot (scenario 42).

        Errors: PurchaseError for what cannot be a purchase.
        """
        name, holder = purchase_id.strip(), account.strip()
        at = self._acting.now() if bought_at is None else bought_at
        self._check(name, holder, seconds, at, renewal)
        ticket, stream = ev.imported_id("purchase", name), pro_stream(holder)
        if extends is not None and self._acting.engagement(extends).stream != stream:
            raise PurchaseError(f"Not recorded: the engagement that it extends is none of {holder}.")
        warnings = self._unusable(seconds, at, renewal)
        opened = ev.TicketOpened(
            by="purchase",
            channel="purchase",
            subject=subject or f"{exact(seconds * 1000)} of Pro Services bought: arrange the slot",
            account=holder,
            contact=contact,
            product=product,
            plan=plan,
            external_ref=name,
            salt=new_salt(),
        )
        lot = pe.LotBought(
            purchase_id=name, seconds=seconds, bought_at=at, period_end=renewal, ticket=ticket, extends=extends
        )
        facts = [Fact(ticket_stream(ticket), opened), Fact(stream, lot)]
        if warnings:
            told = " ".join((*warnings, "Tell billing and the partner."))
            note = ev.MessageSent(body=told, public=False, salt=new_salt())
            facts.insert(1, Fact(ticket_stream(ticket), note))
        receipt = self._acting.write(facts, judge=lambda states: _ALREADY if name in states.known_lots else None)
        if receipt.refused == _ALREADY:
            return self._known(name, holder, seconds)
        number = receipt.entries[0].number if receipt.entries else None
        return Bought(receipt=receipt, ticket=ticket, number=number, known=False, warnings=warnings)

    def grant(self, ticket: str, seconds: int, *, reason: str, period_end: int) -> Receipt:
        """Goodwill hours for an engagement: a new lot, whatever became of the old one (scenario 40)."""
        held = self._acting.engagement(ticket)
        if seconds <= 0 or not reason.strip():
            raise PurchaseError("Not granted: a grant has hours and a reason.")
        if period_end <= self._acting.now():
            raise PurchaseError("Not granted: the period ends before now.")
        event = pe.LotGranted(reason=reason.strip(), seconds=seconds, period_end=period_end, ticket=ticket)
        return self._acting.write([Fact(held.stream, event)])

    def refund(
        self,
        purchase_id: str,
        *,
        cause: str = "refund",
        at_once: bool | None = None,
    ) -> Receipt:
        """Ends a lot before its time; agreed slots that no other lot feeds are released in the same act (39, 79)."""
        held = self._of_purchase(purchase_id)
        if cause not in ("refund", "subscription_cancelled"):
            raise PurchaseError(f'Not recorded: "{cause}" is neither refund nor subscription_cancelled.')
        event = pe.LotRefunded(lot=purchase_id, cause=cause, at_once=at_once)  # type: ignore[arg-type]
        account, now = held.account, self._acting.now()
        known = account.revocations.get(purchase_id)
        if known is not None and (known.cause == "refund" or (cause != "refund" and (known.at_once or not at_once))):
            word = "refund" if known.cause == "refund" else "cancellation"
            raise PurchaseError(f"Not recorded: the {word} of {purchase_id} is recorded already.")
        facts = [Fact(held.stream, event)]
        if cause == "refund":
            for booking in account.bookings.values():
                lots = [lot.id for lot, _ in account.feeds(booking.engagement)]
                others = [id for id in lots if id != purchase_id and id not in account.revocations]
                if booking.released_at is None and booking.begins_at > now and purchase_id in lots and not others:
                    facts.append(
                        Fact(held.stream, pe.SlotReleased(slot=booking.id, reason="the purchase was refunded"))
                    )
        return self._acting.write(facts)

    def set_renewal(self, account: str, at: int, *, anchor_day: int) -> Receipt:
        """Billing's renewal instant of the present period; it moves the end of the lots that are alive (38)."""
        if not 1 <= anchor_day <= 31:
            raise PurchaseError(f"Not set: {anchor_day} is no day of a month.")
        held = self._held(account)
        if any(closing.begins_at < at <= closing.ends_at for closing in held.account.closings):
            raise PurchaseError(f"Not set: {full(at, self._settings.window_tz)} lies in a period that is closed.")
        return self._acting.write([Fact(held.stream, pe.RenewalSet(at=at, anchor_day=anchor_day))])

    def join(self, ticket: str, purchase_id: str) -> Receipt:
        """A further purchase feeds a running engagement from now on; its own ticket is merged into this one."""
        held, bought = self._acting.engagement(ticket), self._of_purchase(purchase_id)
        if bought.stream != held.stream:
            raise PurchaseError(f"Not joined: {purchase_id} was bought by {bought.name}.")
        own = bought.account.lots[purchase_id].ticket
        if own == ticket:
            raise PurchaseError(f"Not joined: {purchase_id} feeds this engagement already.")
        if bought.account.segments_of(own) or bought.account.bookings_of(own):
            raise PurchaseError(f"Not joined: the ticket of {purchase_id} has agreed slots or work of its own.")
        note = f"The purchase {purchase_id} was joined to this engagement."
        return self._acting.write(
            [
                Fact(held.stream, pe.EngagementJoined(engagement=ticket, lot=purchase_id)),
                Fact(ticket_stream(own), ev.TicketMerged(into=ticket)),
                Fact(ticket_stream(ticket), ev.MessageSent(body=note, public=False, salt=new_salt())),
            ]
        )

    def correct(self, segment: str, seconds: int, *, reason: str, approved_by: str) -> Receipt:
        """More (positive) or less (negative) time for a segment than its clocks say (81 to 83)."""
        for held in self._streams.all().values():
            if segment in held.account.segments:
                event = pe.CorrectionMade(
                    target=segment, seconds=seconds, reason=reason.strip(), approved_by=approved_by.strip()
                )
                return self._acting.write([Fact(held.stream, event)])
        raise PurchaseError("Not corrected: there is no such segment.")

    def close_period(self, account: str, period: Period, *, unseen_ok: bool = False) -> Receipt:
        """Writes the figures of a period down for good; refused with the list of what blocks it (86).

        Workstations that were not heard of since the period's end block it too, until `unseen_ok` says that they may
        hold nothing.
        """
        held, now = self._held(account), self._acting.now()
        if period[1] > now:
            return Receipt(refused=f"Not closed: the period runs until {full(period[1], self._settings.window_tz)}.")
        blocks = self.closing_blocks(account, period, unseen_ok=unseen_ok)
        if blocks:
            return Receipt(refused=f"Not closed: {'; '.join(blocks)}.")
        found = figures(held.account, self._streams.measured(held, now), period)
        event = pe.PeriodClosed(begins_at=period[0], ends_at=period[1], figures=found)

        def changed(states: States) -> str | None:
            known = states.accounts[held.stream]
            return None if known == held.account else "Not closed: the hours changed meanwhile; look at them again."

        return self._acting.write([Fact(held.stream, event)], judge=changed)

    # Questions

    def accounts(self) -> tuple[str, ...]:
        """The accounts that ever had Pro hours, by name."""
        return tuple(sorted(held.name for held in self._streams.all().values()))

    def ledger(self, account: str, *, period: Period | None = None) -> LedgerView:
        """The ledger with the balance after each line. Errors: PurchaseError for an account without Pro hours."""
        held, now = self._held(account), self._acting.now()
        return ledger_view(held, self._streams.measured(held, now), self._settings, period)

    def periods(self, account: str) -> tuple[PeriodRow, ...]:
        return periods(self._held(account).account, self._settings, self._acting.now())

    def period_of(self, account: str, at: int) -> Period:
        """The billing period of an account that an instant lies in."""
        for row in self.periods(account):
            if row.period[0] <= at < row.period[1]:
                return row.period
        return period_of(at, self._held(account).account.anchor_day or 1, self._settings)

    def closing_blocks(self, account: str, period: Period, *, unseen_ok: bool = False) -> tuple[str, ...]:
        """What keeps a period from being closed, a clause each, workstations that were not heard of at the end.

        Periods are closed in their order: what an earlier one still may draw would change the figures of this one.
        """
        held, now, zone = self._held(account), self._acting.now(), self._settings.window_tz
        earlier = (
            f"the period until {full(row.period[1], zone)} is not closed yet"
            for row in self.periods(account)
            if row.closing is None and row.period[1] <= period[0]
        )
        unseen = () if unseen_ok else self._unseen(held, period)
        return (*closing_blocks(held.account, period, self._settings, now), *earlier, *unseen)

    def timesheet(self, account: str, period: Period) -> tuple[TimesheetRow, ...]:
        held = self._held(account)
        metering = self._streams.measured(held, self._acting.now())
        return timesheet(held.account, metering, period, self._settings)

    def compare(self, account: str, period: Period, billing: Mapping[str, int]) -> tuple[Difference, ...]:
        """The console's used seconds of each lot beside billing's, which win (scenario 87); of a closed period the
        figures with which it was closed."""
        held = self._held(account)
        closing = next((c for c in held.account.closings if (c.begins_at, c.ends_at) == period), None)
        ours = closing or figures(held.account, self._streams.measured(held, self._acting.now()), period)
        return compare(ours, billing)

    def late_work(self, account: str) -> tuple[LateWork, ...]:
        """Work that came after its period was closed: recorded, drawn nowhere, for billing to decide (86)."""
        held = self._held(account)
        return late_work(held.account, self._streams.measured(held, self._acting.now()))

    # Parts

    def _held(self, account: str) -> Held:
        held = self._streams.held(pro_stream(account))
        if not held.version:
            raise PurchaseError(f'No Pro hours were bought for "{account}".')
        return held

    def _of_purchase(self, purchase_id: str) -> Held:
        found = self._acting.journal.pro_lot(purchase_id)
        if found is None:
            raise PurchaseError(f'No purchase has the id "{purchase_id}".')
        return self._streams.held(found[0])

    def _known(self, purchase_id: str, account: str, seconds: int) -> Bought:
        held = self._of_purchase(purchase_id)
        lot = held.account.lots[purchase_id]
        row = self._acting.journal.ticket_row(lot.ticket)
        said = []
        if held.name != account:
            said.append(f"{purchase_id} is recorded for {held.name}, not for {account}; nothing was changed.")
        if lot.seconds != seconds:
            said.append(
                f"{purchase_id} is recorded with {exact(lot.ms)}, not {exact(seconds * 1000)}; nothing was changed."
            )
        return Bought(
            receipt=Receipt(),
            ticket=lot.ticket,
            number=None if row is None else row.number,
            known=True,
            warnings=tuple(said),
        )

    def _check(self, purchase_id: str, account: str, seconds: int, at: int, renewal: int) -> None:
        zone = self._settings.window_tz
        if not purchase_id or not account:
            raise PurchaseError("Not recorded: a purchase has an id and an account.")
        if seconds <= 0:
            raise PurchaseError("Not recorded: a purchase has more than 0 hours.")
        if renewal <= at:
            raise PurchaseError(
                f"Not recorded: the renewal at {full(renewal, zone)} does not come after the purchase at "
                f"{full(at, zone)}; a purchase at the renewal belongs to the new period (T7)."
            )

    def _unusable(self, seconds: int, at: int, renewal: int) -> tuple[str, ...]:
        """Hours bought are not hours usable (consequence 3; scenario 34)."""
        calendar = service_calendar(self._settings, self._streams.holidays.around((at, renewal)), at)
        usable = allowed_ms(allowed_ranges(at, calendar, ()), renewal)
        bought = seconds * 1000
        if usable >= bought:
            return ()
        return (unusable_warning(bought, max(0, usable), renewal, self._settings.window_tz),)

    def _unseen(self, held: Held, period: Period) -> Sequence[str]:
        """Workstations of this account's work that were not heard of since the period's end."""
        last: dict[str, int] = {}
        for entry in self._acting.journal.entries(held.stream):
            last[entry.device] = max(last.get(entry.device, 0), entry.recorded_at)
        return [
            f"the workstation {device[:8]} was last heard of at {full(at, self._settings.window_tz)}"
            for device, at in sorted(last.items())
            if at < period[1] and device != self._acting.journal.device
        ]
