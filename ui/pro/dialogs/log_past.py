"""Work that is entered afterwards: when, why so late, and the lead who approves it (spec pro_services.md 84).

The desk refuses what lies outside of the window or a prior consent, before the gate was met, or in a closed period.
Called by `ui.pro.acts`. Instants are epoch ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtWidgets import QLineEdit, QWidget

from console.desk.pro.views import EngagementPage
from ui.pro.dialogs.fields import LongText, PersonField, SpanFields, when_typed
from ui.pro.dialogs.wording import kept, name
from ui.widgets.labelled import Labelled
from ui.widgets.question import Question

_QUARTER_MS = 15 * 60_000


class Past(NamedTuple):
    begins_at: int
    ends_at: int
    reason: str
    approved_by: str
    note: str


class LogPastDialog(Question):
    """Answers with a `Past`."""

    def __init__(self, page: EngagementPage, now: int, people: Sequence[str], me: str, parent: QWidget) -> None:
        super().__init__(f"When did you work for {name(page)}?", "Log", parent, width=500)
        self._now = now
        self.say("It is drawn from the hours by when it was done, and shown as entered afterwards.", "quiet")
        self.span = SpanFields(page.zone, now, ahead=False)
        latest = now // _QUARTER_MS * _QUARTER_MS
        self.span.set_span(latest - 4 * _QUARTER_MS, latest)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("The laptop had no power")
        self.lead = PersonField([person for person in people if person != me], "Name of the lead")
        self.note = LongText("What you did", lines=2)
        self.keep(self.reason, self.lead, self.note)
        self.add(self.span)
        self.add(Labelled("Why it is entered afterwards", self.reason))
        self.add(Labelled("Approved by", self.lead))
        self.add(Labelled("Note", self.note))
        when_typed([self.span], self._say)
        self._say()
        self.span.setFocus()

    def answer(self) -> object | None:
        span, reason = self.span.span(), " ".join(self.reason.text().split())
        if span is None:
            self.refuse(self.span.problem() or "Write both times.")
        elif span[1] > self._now:
            self.refuse("Past work ends before now.")
        elif not reason:
            self.refuse("Say why it is entered afterwards.")
        elif not self.lead.name():
            self.refuse("Name the lead who approves it.")
        else:
            return Past(*span, reason, self.lead.name(), self.note.toPlainText().strip())
        return None

    def _say(self) -> None:
        span = self.span.span()
        self.set_act("Log" if span is None else f"Log {kept(span[1] - span[0])}")
