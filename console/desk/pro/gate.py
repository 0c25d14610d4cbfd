"""Everything before the start: taking an engagement up, its scope, access, contact, slot and consent (T3 to T6, T12).

Each act is judged and written as one transaction; a refusal comes back in the receipt, with the term that it keeps. The
first act on a purchased ticket takes the engagement up. Instants are epoch ms (UTC), amounts seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from console.desk.pro.acting import Acting, Fact
from console.desk.pro.rows import coming_slot
from console.desk.pro.streams import Held
from console.desk.tickets import Receipt
from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.errors import ConsoleError
from console.domain.events import Event, ticket_stream
from console.domain.pro_account import Booking
from console.domain.pro_events import ScopeItem
from console.domain.ticket import UNASSIGNED, fold


class GateError(ConsoleError):
    """An act on the gate that says nothing: an empty scope, a nameless contact."""


class GateDesk:
    """Acts on the gate of engagements; `ticket` is the engagement's ticket id."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting

    def take_up(self, ticket: str, *, provisional_by: str | None = None) -> Receipt:
        """The engagement is mine: I prepare it. The ticket is assigned to me where nobody has it.

        A lead, named in `provisional_by`, may let it be prepared before its purchase was reported (41).
        """
        held = self._acting.engagement(ticket, provisional_by=provisional_by)
        facts = self._opening(held, ticket)
        if not facts:
            return Receipt(refused="Not taken up: the engagement is in work already.")
        return self._acting.write(facts)

    def agree_scope(self, ticket: str, items: Sequence[ScopeItem], *, agreed_by: Sequence[str]) -> Receipt:
        """Records the written scope as its next version; `agreed_by` names who agreed, on both sides (T4).

        Errors: GateError for a scope without items or without a name.
        """
        if not items or any(not item.title.strip() for item in items):
            raise GateError("Not agreed: a scope has at least one item, and each has a title.")
        names = tuple(dict.fromkeys(name.strip() for name in agreed_by if name.strip()))
        if not names:
            raise GateError("Not agreed: say who agreed the scope.")
        scope = self._acting.engagement(ticket).account.engagement(ticket).scope
        version = 1 if scope is None else scope.version + 1
        return self._tell(
            ticket, pe.ScopeAgreed(engagement=ticket, version=version, items=tuple(items), agreed_by=names)
        )

    def set_item_done(self, ticket: str, item: str, done: bool = True) -> Receipt:
        return self._tell(ticket, pe.ScopeItemDone(engagement=ticket, item=item, done=done))

    def request(self, ticket: str, title: str) -> Receipt:
        """Lists an ask that the scope does not hold: nobody agreed it yet (scenario 55)."""
        if not title.strip():
            raise GateError("Not listed: say what was asked for.")
        return self._tell(ticket, pe.ScopeRequested(engagement=ticket, title=title.strip()))

    def list_access(self, ticket: str, items: Sequence[str]) -> Receipt:
        """What the engineer needs before the work starts; the list replaces the one before."""
        names = tuple(dict.fromkeys(item.strip() for item in items if item.strip()))
        return self._tell(ticket, pe.AccessListed(engagement=ticket, items=names))

    def receive_access(self, ticket: str, item: str) -> Receipt:
        return self._tell(ticket, pe.AccessReceived(engagement=ticket, item=item))

    def lose_access(self, ticket: str, item: str) -> Receipt:
        """Access was taken away. A running session goes on: access is the partner's duty (scenario 60)."""
        return self._tell(ticket, pe.AccessLost(engagement=ticket, item=item))

    def set_contact(self, ticket: str, person: str, *, partner: bool) -> Receipt:
        """Whom the engineer talks to: a partner, or the act is refused (T5)."""
        if not person.strip():
            raise GateError("Not set: the contact has a name.")
        return self._tell(ticket, pe.ContactSet(engagement=ticket, person=person.strip(), partner=partner))

    def book(
        self,
        ticket: str,
        begins_at: int,
        ends_at: int | None = None,
        *,
        seconds: int | None = None,
        engineer: str | None = None,
    ) -> Receipt:
        """Agrees a slot and reserves hours to it: `seconds`, by default as long as the slot is. A slot over several
        days reserves less than it spans. `ends_at` follows from `seconds` where it is not given."""
        ends_at, seconds = _span(begins_at, ends_at, seconds)
        event = pe.SlotBooked(
            engagement=ticket,
            begins_at=begins_at,
            ends_at=ends_at,
            seconds=seconds,
            engineer=engineer or self._acting.me,
        )
        return self._tell(ticket, event)

    def move(
        self,
        slot: str,
        begins_at: int,
        ends_at: int | None = None,
        *,
        seconds: int | None = None,
        engineer: str | None = None,
    ) -> Receipt:
        """Another time for an agreed slot; it goes on reserving what it reserved unless `seconds` says otherwise."""
        held, booking = self._booking(slot, "moved")
        if ends_at is None:
            ends_at = begins_at + (booking.ends_at - booking.begins_at if seconds is None else seconds * 1000)
        event = pe.SlotMoved(slot=slot, begins_at=begins_at, ends_at=ends_at, seconds=seconds, engineer=engineer)
        return self._acting.write([Fact(held.stream, event)])

    def release(self, slot: str, reason: str, *, no_show: bool = False) -> Receipt:
        """Gives a slot up; what it still reserves is free again. `no_show`: the partner did not come (45)."""
        held, _ = self._booking(slot, "released")
        event = pe.SlotReleased(slot=slot, reason=reason.strip() or "released", no_show=no_show)
        return self._acting.write([Fact(held.stream, event)])

    def give_consent(
        self,
        ticket: str,
        begins_at: int,
        ends_at: int,
        *,
        time_sensitive: bool,
        by_engineer: bool,
        by_customer: bool,
    ) -> Receipt:
        """Records after-hours consent; it counts only if it is complete and precedes the start (T12)."""
        event = pe.ConsentGiven(
            engagement=ticket,
            begins_at=begins_at,
            ends_at=ends_at,
            time_sensitive=time_sensitive,
            by_engineer=by_engineer,
            by_customer=by_customer,
        )
        return self._tell(ticket, event)

    def withdraw_consent(self, ticket: str, consent: str) -> Receipt:
        return self._tell(ticket, pe.ConsentWithdrawn(consent=consent))

    def hand_over(self, ticket: str, to: str) -> Receipt:
        """Another engineer owns the engagement from now on: one session, no gap, both named (scenario 62).

        The ticket goes with it, and so does the slot that runs or comes, if the other one is free then. My timer runs
        on until I stop it.
        """
        name, now = to.strip(), self._acting.now()
        if not name:
            raise GateError("Not handed over: name the engineer who goes on.")
        held, stream = self._acting.engagement(ticket), ticket_stream(ticket)
        facts = [
            *self._opening(held, ticket),
            Fact(held.stream, pe.EngagementHandedOver(engagement=ticket, to=name, at=now)),
        ]
        slot = coming_slot(held.account, ticket, now)
        if slot is not None and slot.ends_at > now:
            taken = pe.SlotMoved(slot=slot.id, begins_at=slot.begins_at, ends_at=slot.ends_at, engineer=name)
            facts += [] if self._acting.refusal(held, taken) else [Fact(held.stream, taken)]
        known = fold(self._acting.journal.entries(stream))
        if known is not None and known.is_open and known.assignee not in (None, name):
            facts.append(Fact(stream, ev.TicketAssigned(to=name), base=known.registers.get("assignee")))
        return self._acting.write(facts)

    def _tell(self, ticket: str, event: Event) -> Receipt:
        held = self._acting.engagement(ticket)
        return self._acting.write([*self._opening(held, ticket), Fact(held.stream, event)])

    def _opening(self, held: Held, ticket: str) -> list[Fact]:
        """What takes the engagement up where nobody did yet."""
        if held.account.engagement(ticket).opened_at is not None:
            return []
        facts = [Fact(held.stream, pe.EngagementOpened(ticket=ticket))]
        stream = ticket_stream(ticket)
        known = fold(self._acting.journal.entries(stream))
        if known is not None and known.assignee is None and known.is_open:
            facts.append(Fact(stream, ev.TicketAssigned(to=self._acting.me), expect=UNASSIGNED))
            if known.status == "new":
                facts.append(Fact(stream, ev.StatusSet(status="open"), base=known.registers.get("status")))
        return facts

    def _booking(self, slot: str, word: str) -> tuple[Held, Booking]:
        for held in self._acting.streams.all().values():
            booking = held.account.bookings.get(slot)
            if booking is not None:
                return held, booking
        raise GateError(f"Not {word}: there is no such slot.")


def _span(begins_at: int, ends_at: int | None, seconds: int | None) -> tuple[int, int]:
    """The end of a slot and the seconds that it reserves, each by the other where only one is given."""
    if ends_at is None and seconds is None:
        raise GateError("Not booked: a slot has an end or a length.")
    if ends_at is None:
        ends_at = begins_at + (seconds or 0) * 1000
    return ends_at, (ends_at - begins_at) // 1000 if seconds is None else seconds
