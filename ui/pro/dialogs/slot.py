"""Agree a slot: the next ones that fit, or another time, for so many hours of one engineer; or move an agreed one.

Source: spec pro_services.md T4, T8, D1 (7 to 9), 31 to 38. What fits is worked out by the planner on the desk's thread:
the dialog asks anew (`wanted`) when the length, the engineer or the time becomes another. Warnings are shown and do not
hold the booking back. Called by `ui.pro.gate_acts`. Instants are epoch ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from console.desk.pro.views import EngagementPage
from console.domain.pro_slots import OfferedSlot, SlotOffer, slot_in_words
from console.domain.words import zone_short
from ui.pro.dialogs import wording
from ui.pro.dialogs.fields import LengthField, MomentFields, PersonField, row, when_typed
from ui.widgets.buttons import Button
from ui.widgets.labelled import Labelled
from ui.widgets.marks import Choice
from ui.widgets.question import Question

_MS: Final = 1000
_MINUTE_MS: Final = 60_000
_BOOK: Final = "book"
_OTHER: Final = "other"
OTHER: Final = "Another time\u2026"


class Wanted(NamedTuple):
    """What slots are asked for. `begins_at` is a time by hand; `moving` the slot that would be moved."""

    seconds: int
    engineer: str
    begins_at: int | None
    moving: str | None


class Booked(NamedTuple):
    """The answer. `moves` is the slot that is moved, None for a new one."""

    begins_at: int
    ends_at: int
    seconds: int
    engineer: str
    moves: str | None


class SlotDialog(Question):
    """Answers with a `Booked`.

    Signals: `wanted(Wanted)`, to be answered by `show_offer`; `release_asked(SlotLine)`.
    """

    wanted = Signal(object)
    release_asked = Signal(object)

    def __init__(
        self, page: EngagementPage, offer: SlotOffer, people: Sequence[str], me: str, now: int, parent: QWidget
    ) -> None:
        super().__init__(f"When is the work for {wording.name(page)}?", "Book", parent, width=580)
        self._page = page
        self._offer = offer
        self._by_hand: OfferedSlot | None = None
        self._last: Wanted | None = None
        self._is_waiting = False
        self._ahead = [slot for slot in page.slots if slot.begins_at > page.as_of]
        self.what = self._add_choice()
        self.length = LengthField()
        self.length.set_value(max(self._first_length(offer), _MINUTE_MS))
        self.engineer = PersonField(people, "Name of the engineer")
        self.engineer.setText(page.row.owner or me)
        self.facts.addLayout(row(Labelled("Hours", self.length, wide=False), Labelled("Engineer", self.engineer)))
        self.slots = Choice("Slots that fit", [(_OTHER, OTHER)], upright=True)
        self.add(Labelled(f"Slots that fit, {zone_short(page.zone, now)}", self.slots))
        self.other = MomentFields("Begins", page.zone, now, ahead=True)
        self.other.hide()
        self.add(self.other)
        self._warning = self.say("", "warn")
        self.slots.chosen.connect(lambda _: self._picked())
        when_typed([self.length, self.other], self.want)
        self.engineer.editingFinished.connect(self.want)
        self.show_offer(offer, None)
        self.slots.setFocus()

    def _add_choice(self) -> Choice | None:
        """Whether another slot is booked or one that is agreed is moved; only where there is one."""
        if not self._ahead:
            return None
        zone = self._page.zone
        moves = [(slot.id, f"Move {wording.span(slot.begins_at, slot.ends_at, zone)}") for slot in self._ahead]
        first = _BOOK if self._page.hours.not_planned_ms >= _MINUTE_MS else self._ahead[0].id
        choice = Choice("What to do", [(_BOOK, "Book another slot"), *moves], picked=first, upright=True)
        choice.chosen.connect(lambda _: self._turned())
        self.add(choice)
        release = Button("Release the slot\u2026", self, kind="quiet")
        release.clicked.connect(self._release)
        self.add_choice(release)
        return choice

    # What fits

    def show_offer(self, offer: SlotOffer, by_hand: OfferedSlot | None) -> None:
        """List what fits; `by_hand` is the slot at the time that was typed, None where it does not fit."""
        self._offer, self._by_hand, self._is_waiting = offer, by_hand, False
        was, rows = self.slots.picked, [(str(slot.begins_at), self._words(slot)) for slot in offer.slots]
        keys = [key for key, _ in rows]
        picked = was if was in (*keys, _OTHER) else keys[0] if keys else _OTHER
        self.slots.set_choices([*rows, (_OTHER, OTHER)], picked)
        self._picked()

    def take(self, wanted: Wanted, offer: SlotOffer, by_hand: OfferedSlot | None) -> None:
        """What the planner found for what was wanted; dropped where something else is wanted by now."""
        if isValid(self) and wanted == self._last:
            self.show_offer(offer, by_hand)

    @property
    def picked(self) -> OfferedSlot | None:
        """The slot that would be booked."""
        if self._wants_other:
            return self._by_hand
        return next((slot for slot in self._offer.slots if str(slot.begins_at) == self.slots.picked), None)

    @property
    def warning(self) -> str:
        """What is said of the slot that is picked, and of the hours; empty where there is nothing to say."""
        return self._warning.text()

    def answer(self) -> object | None:
        slot, length = self.picked, self.length.value()
        if length is None:
            self.refuse("Write the hours such as 1h 30m.")
        elif not self.engineer.text().strip():
            self.refuse("Write the name of the engineer.")
        elif slot is None:
            problem = self.other.problem() if self._wants_other else None
            self.refuse(problem or "No slot fits; fewer hours may.")
        else:
            return Booked(slot.begins_at, slot.ends_at, length // _MS, self.engineer.name(), self.moving)
        return None

    # Parts

    @property
    def _wants_other(self) -> bool:
        return self.slots.picked == _OTHER

    @property
    def moving(self) -> str | None:
        """The slot that would be moved; None where another one is booked."""
        picked = self.what.picked if self.what is not None else None
        return None if picked == _BOOK else picked

    def _first_length(self, offer: SlotOffer) -> int:
        moved = next((slot for slot in self._ahead if slot.id == self.moving), None)
        return offer.unreserved_ms if moved is None else moved.seconds * _MS

    def _words(self, slot: OfferedSlot) -> str:
        days = "" if slot.same_day else f" ({len(slot.parts)} days)"
        return wording.span(slot.begins_at, slot.ends_at, self._page.zone) + days

    def _turned(self) -> None:
        self.length.set_value(max(self._first_length(self._offer), _MINUTE_MS))

    def want(self) -> None:
        """Ask the planner anew, once it can be said for what."""
        length = self.length.value()
        begins_at = self.other.instant() if self._wants_other else None
        if self._wants_other:
            self._by_hand = None
            self._is_waiting = True
        if length is not None and self.engineer.name():
            self._last = Wanted(length // _MS, self.engineer.name(), begins_at, self.moving)
            self.wanted.emit(self._last)
        self._say()

    def _picked(self) -> None:
        shown, wanted = not self.other.isHidden(), self._wants_other
        self.other.setVisible(wanted)
        if wanted and not shown:
            first = self._offer.slots[0].begins_at if self._offer.slots else self._page.as_of
            self.other.set_instant(first)
            self._fit()
            return
        self._say()
        self._fit()

    def _say(self) -> None:
        slot = self.picked
        warnings = list(self._offer.warnings)
        if slot is not None and slot.warning is not None:
            warnings += [slot.warning, f"{slot_in_words(slot, self._page.zone)}."]
        if self._wants_other and slot is None:
            answered = "" if self._is_waiting else "The work does not fit at that time."
            warnings.append(self.other.problem() or answered)
        self._warning.say(" ".join(warning for warning in warnings if warning))
        verb = "Book" if self.moving is None else "Move to"
        when = f"{verb} {wording.slot(slot.begins_at, slot.ends_at, self._page.zone)}" if slot is not None else "Book"
        self.set_act(when, enabled=slot is not None)

    def _release(self) -> None:
        slot = next((slot for slot in self._ahead if slot.id == self.moving), self._ahead[0])
        self.reject()
        self.release_asked.emit(slot)
