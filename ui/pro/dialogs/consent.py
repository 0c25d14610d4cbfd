"""Work after hours, agreed by both sides before it starts (T12): the range, and the three things that make it count.

Source: spec pro_services.md D2 (19 to 25). What is missing is said while it is missing; an incomplete consent can be
recorded, and the gate goes on listing what it lacks. Called by `ui.pro.acts`. Instants are epoch ms.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtWidgets import QWidget

from console.desk.pro.views import EngagementPage
from console.domain.calendar import Period
from console.domain.service_window import Consent
from ui.pro.dialogs.fields import SpanFields, when_typed
from ui.pro.dialogs.wording import name, slot
from ui.widgets.marks import Tick
from ui.widgets.question import Question


class Agreed(NamedTuple):
    begins_at: int
    ends_at: int
    time_sensitive: bool
    by_engineer: bool
    by_customer: bool


class ConsentDialog(Question):
    """Answers with an `Agreed`. `offered` is the range to begin with; `too_late` says that the work whose start the
    consent would have to precede has begun (20, 21)."""

    def __init__(self, page: EngagementPage, offered: Period, parent: QWidget, *, too_late: bool = False) -> None:
        super().__init__(f"Was work after hours agreed with {name(page)}?", "Record consent", parent, width=520)
        self._page, self._too_late = page, too_late
        contact = page.contact or "The partner"
        self.say(
            "It counts where both sides agreed it before the work starts, because the project is time-sensitive (T12).",
            "quiet",
        )
        self.span = SpanFields(page.zone, page.as_of, ahead=True)
        self.span.set_span(*offered)
        self.add(self.span)
        self.time_sensitive = Tick("The project is time-sensitive")
        self.by_engineer = Tick("The engineer agrees")
        self.by_customer = Tick(f"{contact} agrees")
        self.add(self.time_sensitive, self.by_engineer, self.by_customer)
        self._missing = self.say("", "warn")
        when_typed([self.span, self.time_sensitive, self.by_engineer, self.by_customer], self._say)
        self._say()
        self.span.setFocus()

    def answer(self) -> object | None:
        span = self.span.span()
        if span is None:
            self.refuse(self.span.problem() or "Write both times.")
            return None
        return Agreed(
            *span,
            self.time_sensitive.isChecked(),
            self.by_engineer.isChecked(),
            self.by_customer.isChecked(),
        )

    def missing(self) -> str:
        """Why the consent would not count as it stands; empty where it would."""
        consent = Consent(
            begins_at=0,
            ends_at=0,
            recorded_at=self._page.as_of,
            time_sensitive=self.time_sensitive.isChecked(),
            by_engineer=self.by_engineer.isChecked(),
            by_customer=self.by_customer.isChecked(),
        )
        if consent.missing:
            return f"It does not count yet: it lacks {' and '.join(consent.missing)}."
        if self._too_late:
            return "The work has started already: by the terms a consent is recorded before that (T12)."
        return ""

    def _say(self) -> None:
        span = self.span.span()
        self.set_act(f"Record consent for {slot(*span, self._page.zone)}" if span is not None else "Record consent")
        self._missing.say(self.missing())
