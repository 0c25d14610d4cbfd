"""The questions that ask for one thing: the contact, an ask outside of the scope, a note, another engineer, a release.

Source: spec pro_services.md T5, 45, 48, 55, 62. Called by `ui.pro.acts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtWidgets import QLineEdit, QWidget

from console.desk.pro.views import EngagementPage, SlotLine
from console.domain.words import zone_short
from ui.pro.dialogs.fields import LongText, PersonField, when_typed
from ui.pro.dialogs.wording import name, span
from ui.widgets.labelled import Labelled
from ui.widgets.marks import Choice, Tick
from ui.widgets.question import Question


class Contact(NamedTuple):
    person: str
    partner: bool


class ContactDialog(Question):
    """Answers with a `Contact`. An end customer is refused by the desk, with the term."""

    def __init__(self, page: EngagementPage, parent: QWidget) -> None:
        super().__init__(f"Who is the contact for {name(page)}?", "Set as contact", parent)
        self.say("Engineers deal with partners only; a third party is brought in by the partner (T5, T6).", "quiet")
        known = [person for person in (page.contact, page.row.contact) if person]
        self.person = PersonField(known, "Name of the contact")
        self.person.setText(known[0] if known else "")
        self.side = Choice("Side of the contact", (("partner", "Works for the partner"), ("customer", "End customer")))
        self.add(Labelled("Name", self.person))
        self.add(self.side)
        when_typed([self.person], self._say)
        self._say()
        self.person.selectAll()
        self.person.setFocus()

    def answer(self) -> object | None:
        if not self.person.name():
            self.refuse("Write the name of the contact.")
        elif self.side.picked is None:
            self.refuse("Say which side the contact is on: engineers deal with partners only (T5).")
        else:
            return Contact(self.person.name(), self.side.picked == "partner")
        return None

    def _say(self) -> None:
        self.set_act(f"Set {self.person.name()} as contact" if self.person.name() else "Set as contact")


class RequestDialog(Question):
    """Answers with what was asked for, outside of the scope."""

    def __init__(self, page: EngagementPage, parent: QWidget) -> None:
        super().__init__("What was asked for outside of the scope?", "List the request", parent)
        self.say("It is listed, not agreed: a different job is a new purchase, more of the same a new scope.", "quiet")
        self.title = QLineEdit()
        self.title.setPlaceholderText("Printer redirection")
        self.keep(self.title)
        self.add(Labelled("Request", self.title))
        self.title.setFocus()

    def answer(self) -> object | None:
        text = " ".join(self.title.text().split())
        if not text:
            self.refuse("Write what was asked for.")
        return text or None


class NoteDialog(Question):
    """Answers with a note on the session of an engagement; for places that have no field for it."""

    def __init__(self, about: str, parent: QWidget) -> None:
        super().__init__(f"What did you do for {about}?", "Save note", parent)
        self.note = LongText("It is saved with the time.", lines=4)
        self.note.setAccessibleName("Note")
        self.keep(self.note)
        self.add(self.note)
        self.note.setFocus()

    def answer(self) -> object | None:
        text = self.note.toPlainText().strip()
        if not text:
            self.refuse("Write the note first.")
        return text or None


class HandOverDialog(Question):
    """Answers with the name of the engineer who goes on."""

    def __init__(self, page: EngagementPage, people: Sequence[str], parent: QWidget) -> None:
        super().__init__(f"Hand {name(page)} over to whom?", "Hand over", parent)
        owner = page.row.owner
        self.say("It stays one session without a gap, and both engineers are named in the report.", "quiet")
        self._owner = owner
        self.person = PersonField([person for person in people if person != owner], "Name of the engineer")
        self.add(Labelled("Engineer", self.person))
        when_typed([self.person], self._say)
        self.person.setFocus()

    def answer(self) -> object | None:
        if not self.person.name():
            self.refuse("Write the name of the engineer who goes on.")
        elif self.person.name() == self._owner:
            self.refuse(f"{self._owner} has the engagement already.")
        else:
            return self.person.name()
        return None

    def _say(self) -> None:
        self.set_act(f"Hand over to {self.person.name()}" if self.person.name() else "Hand over")


class Release(NamedTuple):
    reason: str
    no_show: bool


class ReleaseDialog(Question):
    """Answers with a `Release`: why a slot is given up, and whether the partner did not come (45)."""

    def __init__(self, page: EngagementPage, slot: SlotLine, parent: QWidget) -> None:
        super().__init__("Release the slot?", "Release the slot", parent, back="Keep the slot")
        when = f"{span(slot.begins_at, slot.ends_at, page.zone)} {zone_short(page.zone, slot.ends_at)}"
        self.say(f"{when}, {slot.engineer}. The hours that it reserves are free again; their expiry stays.")
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("The partner asked for another day")
        self.no_show = Tick("The partner did not come")
        self.keep(self.reason)
        self.add(Labelled("Reason", self.reason))
        self.add(self.no_show)
        self.reason.setFocus()

    def answer(self) -> object | None:
        reason = " ".join(self.reason.text().split())
        if not reason and not self.no_show.isChecked():
            self.refuse("Say why the slot is released.")
            return None
        return Release(reason or "The partner did not come", self.no_show.isChecked())
