"""What a person does before the start: scope, access, contact, slot, consent, handing over. Part of `ProActs`.

Source: spec pro_services.md 1 (T3 to T6, T12). Instants are epoch ms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from console.domain.spans import united, without
from console.domain.words import zone_short
from ui.pro.asking import Asking, Told, entry_of, page_of
from ui.pro.dialogs.wording import name, span

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.pro.views import EngagementPage, SlotLine
    from console.desk.tickets import Receipt
    from console.domain.calendar import Period
    from console.domain.pro_slots import OfferedSlot, SlotOffer
    from ui.pro.dialogs.consent import Agreed
    from ui.pro.dialogs.naming import Contact, Release
    from ui.pro.dialogs.scope import AgreedScope
    from ui.pro.dialogs.slot import Booked, SlotDialog, Wanted
    from ui.widgets.question import Question

_MS: Final = 1000
_HOUR_MS: Final = 3_600_000
_LEAST_S: Final = 60
BY_MISTAKE: Final = "booked by mistake"


class GateActs(Asking):
    """Acts on the gate of an engagement."""

    # Scope

    def edit_scope(self, page: EngagementPage) -> None:
        """Ask for the next version of the scope and who agreed it."""
        from ui.pro.dialogs.scope import ScopeDialog

        ticket = page.row.ticket

        def answered(question: Question, agreed: AgreedScope) -> None:
            told = Told(f"Scope of {name(page)} agreed, version {page.scope.version + 1}.")

            def act(desk: Desk) -> Receipt:
                return desk.pro.gate.agree_scope(ticket, agreed.items, agreed_by=agreed.agreed_by)

            self._do(ticket, act, told, asked_by=question)

        def show(read: tuple[EngagementPage, tuple[str, ...], str]) -> None:
            fresh, people, me = read
            self._ask(ticket, ScopeDialog(fresh, people, me, lambda: str(uuid4()), self._window), answered)

        self._read(lambda desk: (desk.pro.page(ticket), desk.tickets.people(), desk.me), show)

    def set_item_done(self, ticket: str, item_id: str, done: bool) -> None:
        """Mark an item of the scope as done, or not."""
        told = Told(
            "Item done." if done else "Item open again.",
            "Undo",
            lambda: self._do(
                ticket,
                lambda desk: desk.pro.gate.set_item_done(ticket, item_id, not done),
                Told("Item open again." if done else "Item done."),
            ),
        )
        self._do(ticket, lambda desk: desk.pro.gate.set_item_done(ticket, item_id, done), told)

    def request(self, page: EngagementPage) -> None:
        """Ask what was asked for outside of the scope, and list it."""
        from ui.pro.dialogs.naming import RequestDialog

        ticket = page.row.ticket

        def answered(question: Question, title: object) -> None:
            told = Told("Request listed. It is not agreed.")
            self._do(ticket, lambda desk: desk.pro.gate.request(ticket, str(title)), told, asked_by=question)

        self._ask(ticket, RequestDialog(page, self._window), answered)

    # Access and contact

    def edit_access(self, page: EngagementPage) -> None:
        """Ask for the list of the access that is needed."""
        from ui.pro.dialogs.access import AccessDialog

        ticket = page.row.ticket

        def answered(question: Question, items: tuple[str, ...]) -> None:
            told = Told(f"Access of {name(page)} listed.")
            self._do(ticket, lambda desk: desk.pro.gate.list_access(ticket, items), told, asked_by=question)

        self._read(page_of(ticket), lambda fresh: self._ask(ticket, AccessDialog(fresh, self._window), answered))

    def receive_access(self, ticket: str, item: str) -> None:
        told = Told(f"Access received: {item}.")
        self._do(ticket, lambda desk: desk.pro.gate.receive_access(ticket, item), told)

    def lose_access(self, ticket: str, item: str) -> None:
        """Access was taken away; it can be received again."""
        told = Told(f"Access lost: {item}.", "Undo", lambda: self.receive_access(ticket, item))
        self._do(ticket, lambda desk: desk.pro.gate.lose_access(ticket, item), told)

    def set_contact(self, page: EngagementPage) -> None:
        """Ask for the contact at the partner; the desk refuses an end customer."""
        from ui.pro.dialogs.naming import ContactDialog

        ticket = page.row.ticket

        def answered(question: Question, contact: Contact) -> None:
            def act(desk: Desk) -> Receipt:
                return desk.pro.gate.set_contact(ticket, contact.person, partner=contact.partner)

            self._do(ticket, act, Told(f"{contact.person} is the contact of {name(page)}."), asked_by=question)

        self._ask(ticket, ContactDialog(page, self._window), answered)

    def hand_over(self, page: EngagementPage) -> None:
        """Ask for the engineer who goes on."""
        from ui.pro.dialogs.naming import HandOverDialog

        ticket = page.row.ticket

        def answered(question: Question, to: object) -> None:
            told = Told(f"{name(page)} handed over to {to}.")
            self._do(ticket, lambda desk: desk.pro.gate.hand_over(ticket, str(to)), told, asked_by=question)

        self._read(
            lambda desk: desk.tickets.people(),
            lambda people: self._ask(ticket, HandOverDialog(page, people, self._window), answered),
        )

    # Slots

    def book_slot(self, page: EngagementPage) -> None:
        """Ask for a slot among the next ones that fit, or for another time; an agreed one can be moved or released."""
        from ui.pro.dialogs.slot import SlotDialog

        ticket = page.row.ticket

        def read(desk: Desk) -> tuple[EngagementPage, SlotOffer, tuple[str, ...], str]:
            fresh = desk.pro.page(ticket)
            offer = desk.pro.next_slots(ticket, engineer=fresh.row.owner or desk.me)
            return fresh, offer, desk.tickets.people(), desk.me

        def show(found: tuple[EngagementPage, SlotOffer, tuple[str, ...], str]) -> None:
            fresh, offer, people, me = found
            dialog = SlotDialog(fresh, offer, people, me, fresh.as_of, self._window)
            dialog.wanted.connect(lambda wanted: self._find_slots(ticket, wanted, dialog))
            dialog.release_asked.connect(lambda slot: self.release_slot(fresh, slot.id))
            if dialog.moving is not None:
                dialog.want()
            self._ask(ticket, dialog, lambda question, booked: self._book(fresh, booked, question))

        self._read(read, show)

    def _find_slots(self, ticket: str, wanted: Wanted, dialog: SlotDialog) -> None:
        def read(desk: Desk) -> tuple[SlotOffer, OfferedSlot | None]:
            asked = {"seconds": wanted.seconds, "engineer": wanted.engineer, "moving": wanted.moving}
            by_hand = None
            if wanted.begins_at is not None:
                by_hand = desk.pro.slot_at(ticket, wanted.begins_at, **asked)
            return desk.pro.next_slots(ticket, **asked), by_hand

        self._read(read, lambda found: dialog.take(wanted, *found), key="pro.slots")

    def _book(self, page: EngagementPage, booked: Booked, question: Question) -> None:
        ticket = page.row.ticket
        if booked.moves is not None:
            old = next(slot for slot in page.slots if slot.id == booked.moves)
            self._move(page, old, (booked.begins_at, booked.ends_at), booked.seconds, booked.engineer, question)
            return
        when = f"{span(booked.begins_at, booked.ends_at, page.zone)} {zone_short(page.zone, booked.ends_at)}"

        def act(desk: Desk) -> Receipt:
            return desk.pro.gate.book(
                ticket, booked.begins_at, booked.ends_at, seconds=booked.seconds, engineer=booked.engineer
            )

        def told(receipt: Receipt) -> Told:
            said, slot = f"{name(page)} booked {when}.", entry_of(receipt, "slot.booked")
            return Told(said) if slot is None else Told(said, "Undo", lambda: self._release(ticket, slot))

        self._do(ticket, act, told, asked_by=question)

    def _release(self, ticket: str, slot: str) -> None:
        told = Told("Slot released.")
        self._do(ticket, lambda desk: desk.pro.gate.release(slot, BY_MISTAKE), told)

    def move_slot(self, page: EngagementPage, slot_id: str, begins_at: int, ends_at: int) -> None:
        """Move a slot; where it would leave the allowed hours, consent is asked for first, and it moves once that is
        recorded. What it reserves changes by as much as its length does."""
        old = next((slot for slot in page.slots if slot.id == slot_id), None)
        if old is None:
            self._say("Not moved: there is no such slot any more.", True)
            return
        longer_s = ((ends_at - begins_at) - (old.ends_at - old.begins_at)) // _MS

        def move() -> None:
            self._move(page, old, (begins_at, ends_at), max(old.seconds + longer_s, _LEAST_S), old.engineer, None)

        outside = outside_allowed(page, (begins_at, ends_at))
        if outside is None:
            move()
        else:
            self._ask_consent(page, outside, after=move)

    def _move(
        self,
        page: EngagementPage,
        old: SlotLine,
        to: Period,
        seconds: int,
        engineer: str,
        question: Question | None,
    ) -> None:
        ticket = page.row.ticket

        def back() -> None:
            def act(desk: Desk) -> Receipt:
                return desk.pro.gate.move(
                    old.id, old.begins_at, old.ends_at, seconds=old.seconds, engineer=old.engineer
                )

            self._do(ticket, act, Told("Slot moved back."))

        told = Told(f"Slot moved to {span(*to, page.zone)} {zone_short(page.zone, to[1])}.", "Undo", back)
        self._do(
            ticket,
            lambda desk: desk.pro.gate.move(old.id, *to, seconds=seconds, engineer=engineer),
            told,
            asked_by=question,
        )

    def release_slot(self, page: EngagementPage, slot_id: str) -> None:
        """Ask why a slot is given up, and whether the partner did not come."""
        from ui.pro.dialogs.naming import ReleaseDialog

        ticket, slot = page.row.ticket, next((slot for slot in page.slots if slot.id == slot_id), None)
        if slot is None:
            self._say("Not released: there is no such slot any more.", True)
            return

        def answered(question: Question, release: Release) -> None:
            def act(desk: Desk) -> Receipt:
                return desk.pro.gate.release(slot_id, release.reason, no_show=release.no_show)

            told = Told("No-show logged, slot released." if release.no_show else "Slot released.")
            self._do(ticket, act, told, asked_by=question)

        self._ask(ticket, ReleaseDialog(page, slot, self._window), answered)

    # Consent

    def ask_consent(self, page: EngagementPage) -> None:
        """Ask for a consent to work after hours."""
        self._ask_consent(page, evening_of(page), after=None)

    def _ask_consent(self, page: EngagementPage, offered: Period, *, after: Callable[[], object] | None) -> None:
        from ui.pro.dialogs.consent import ConsentDialog

        ticket = page.row.ticket

        def answered(question: Question, agreed: Agreed) -> None:
            def act(desk: Desk) -> Receipt:
                return desk.pro.gate.give_consent(
                    ticket,
                    agreed.begins_at,
                    agreed.ends_at,
                    time_sensitive=agreed.time_sensitive,
                    by_engineer=agreed.by_engineer,
                    by_customer=agreed.by_customer,
                )

            def told(receipt: Receipt) -> Told:
                said = f"Consent recorded for {span(agreed.begins_at, agreed.ends_at, page.zone)}."
                given = entry_of(receipt, "consent.given")
                return Told(said) if given is None else Told(said, "Undo", lambda: self._withdraw(ticket, given))

            self._do(ticket, act, told, asked_by=question, after=after)

        def read(desk: Desk) -> tuple[EngagementPage, bool]:
            fresh = desk.pro.page(ticket)
            return fresh, desk.pro.settings.consent_commencement == "first_start" and has_begun(fresh)

        def show(found: tuple[EngagementPage, bool]) -> None:
            fresh, too_late = found
            self._ask(ticket, ConsentDialog(fresh, offered, self._window, too_late=too_late), answered)

        self._read(read, show)

    def withdraw_consent(self, page: EngagementPage, consent_id: str) -> None:
        """Withdraw a consent from now on."""
        self._withdraw(page.row.ticket, consent_id)

    def _withdraw(self, ticket: str, consent_id: str) -> None:
        told = Told("Consent withdrawn.")
        self._do(ticket, lambda desk: desk.pro.gate.withdraw_consent(ticket, consent_id), told)


def outside_allowed(page: EngagementPage, wanted: Period) -> Period | None:
    """The part of a span on the ruler's day that lies in neither the window nor a consent; None where none does, or
    where the span leaves the day that the ruler knows."""
    ruler = page.ruler
    if wanted[0] < ruler.begins_at or wanted[1] > ruler.ends_at:
        return None
    outside = without([wanted], united([*ruler.open, *ruler.consented]))
    return (outside[0][0], outside[-1][1]) if outside else None


def has_begun(page: EngagementPage) -> bool:
    """Whether work of the engagement has started, ever."""
    return page.running is not None or page.hours.used_ms + page.hours.session_ms + page.hours.open_gap_ms > 0


def evening_of(page: EngagementPage) -> Period:
    """The two hours after the window of the ruler's day, or where that is over the next two whole hours."""
    closes = page.ruler.open[-1][1] if page.ruler.open else 0
    begins = closes if closes > page.as_of else -(-page.as_of // _HOUR_MS) * _HOUR_MS
    return begins, begins + 2 * _HOUR_MS
