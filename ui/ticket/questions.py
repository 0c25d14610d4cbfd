"""What the ticket pane asks before something is done, and what it explains when it is asked: whom to assign to, which
status or impact, what Pro work is needed, what to redact and why, and why a deadline is what it is.

Each question is about the ticket as it was shown when it was opened. Answers go to `ui.ticket.acts`, or to the desk's
thread. Called by the pane's buttons and keys.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QWidget

from ui.ticket.acts import Acts, sentence_of
from ui.ticket.body import Body
from ui.ticket.choices import PeoplePicker, impact_menu, open_menu, status_menu
from ui.ticket.clock_face import most_urgent
from ui.ticket.explain import ExplainPopover
from ui.ticket.outbox import UnsentItem
from ui.ticket.reading import Reading, story_of

if TYPE_CHECKING:
    from console.desk.timeline import TimelineItem
    from console.domain.explain import Explanation
    from ui.desk_thread import DeskThread


class Questions(QObject):
    """The questions of one pane. Attribute: `reading`, the ticket that they are about; None asks nothing.

    Signals: `message(sentence, is_error)`, for a toast; `offered(ticket_id, text)`, a text that offers Pro hours;
    `redacted(ticket_id)`, words were taken away.
    """

    message = Signal(str, bool)
    offered = Signal(str, str)
    redacted = Signal(str)

    def __init__(self, pane: QWidget, body: Callable[[], Body], acts: Acts) -> None:
        """`body` gives the parts of the pane, under which choices open."""
        super().__init__(pane)
        self.reading: Reading | None = None
        self._pane = pane
        self._body = body
        self._acts = acts
        self._thread: DeskThread | None = None
        self._popover: ExplainPopover | None = None

    def set_desk(self, thread: DeskThread) -> None:
        """The thread on which the desk lives."""
        self._thread = thread

    # Choices

    def assign(self, at: QPoint | None = None) -> None:
        """Ask whom to assign to."""
        reading = self.reading
        if reading is not None:
            picker = PeoplePicker(reading.view.people, reading.me, reading.view.ticket.assignee, self._pane)
            picker.picked.connect(lambda to: self._acts.assign(reading, to))
            picker.open_at(at or self._under(self._body().header.assign))

    def status(self, at: QPoint | None = None) -> None:
        """Ask for a status."""
        reading = self.reading
        if reading is not None:
            menu = status_menu(self._pane, reading.view.ticket.status, lambda to: self._acts.set_status(reading, to))
            open_menu(menu, at or self._under(self._body().header.status))

    def impact(self, at: QPoint | None = None) -> None:
        """Ask for the impact."""
        reading = self.reading
        if reading is not None:
            menu = impact_menu(self._pane, reading.view.ticket.impact, lambda to: self._acts.set_impact(reading, to))
            open_menu(menu, at or self._under(self._body().properties.impact))

    def _under(self, widget: QWidget) -> QPoint:
        """Where choices open: under a button if it is on show, else under the header."""
        shown = widget if widget.isVisible() else self._body().header.status
        return shown.mapToGlobal(QPoint(0, shown.height() + 2))

    # Questions with a text

    def offer_hours(self) -> None:
        """Ask what Pro work is needed, and give the reply that offers the hours."""
        from ui.pro.dialogs.offer import ask_offer

        reading, thread = self.reading, self._thread
        if reading is not None and thread is not None:
            ticket_id = reading.view.ticket.id
            ask_offer(thread, ticket_id, self._pane, lambda text: self.offered.emit(ticket_id, text), self.message.emit)

    def redact(self, item: TimelineItem | UnsentItem | None) -> None:
        """Ask why the words of a message have to go, having said what is lost. Says why not where they cannot."""
        from ui.ticket.redact_question import ask_redaction

        reading, thread = self.reading, self._thread
        if reading is None or thread is None:
            return
        if item is None:
            self.message.emit("Choose a message first, with Alt+Up or a click.", False)
        elif reading.no_redacting:
            self.message.emit(reading.no_redacting, True)
        elif item.taken is not None:
            self.message.emit("Its words were taken away already.", False)
        elif isinstance(item, UnsentItem):
            self.message.emit("It has not left this computer: take it back instead of redacting it.", False)
        else:
            ticket_id = reading.view.ticket.id
            done = partial(self.redacted.emit, ticket_id)
            ask_redaction(thread, ticket_id, item.entry_id, self._pane, done, self.message.emit)

    # The explanation of a clock

    @property
    def popover(self) -> ExplainPopover | None:
        """The explanation that is on show."""
        return self._popover if self._popover is not None and self._popover.isVisible() else None

    def explain(self, metric: str | None = None) -> None:
        """Show why a clock's deadline is what it is; by default that of the most urgent clock."""
        reading, thread = self.reading, self._thread
        if reading is None or thread is None:
            return
        first = most_urgent(reading.view.clocks)
        asked = metric or (first.metric if first is not None else None)
        if asked is None:
            self.message.emit("No clock has run on this ticket, so there is nothing to explain.", False)
            return
        ticket_id = reading.view.ticket.id
        thread.submit(
            lambda desk: desk.tickets.explain(ticket_id),
            lambda told: self._show_story(ticket_id, asked, told),
            failed=self.say_error,
            key="ticket.explain",
        )

    def explain_anew(self) -> None:
        """The ticket was read again: what is explained of it may be different."""
        if self.popover is not None and self.popover.story is not None:
            self.explain(self.popover.story.clock.metric)

    def dismiss(self) -> bool:
        """Close the explanation; says whether it was on show."""
        shown = self.popover
        if shown is not None:
            shown.dismiss()
        return shown is not None

    def _show_story(self, ticket_id: str, metric: str, told: Explanation) -> None:
        reading = self.reading
        if reading is None or reading.view.ticket.id != ticket_id:
            return
        story = story_of(reading, told, metric)
        if story is None:
            return
        window = self._pane.window()
        if self._popover is None or self._popover.parentWidget() is not window:
            self._popover = ExplainPopover(window)
            self._popover.copied.connect(lambda: self.message.emit("Explanation copied.", False))
        self._popover.show_story(story, self._anchor(metric))

    def _anchor(self, metric: str) -> QWidget | None:
        body = self._body()
        chips = [chip for chip in body.header.chips.chips if chip.clock_metric == metric]
        candidates = [body.clocks.card(metric), *chips]
        return next((widget for widget in candidates if widget is not None and widget.isVisible()), None)

    def say_error(self, error: Exception) -> None:
        """Tell what went wrong on the desk's thread; an answer that a newer question replaced is nothing to tell."""
        from ui.desk_thread import Superseded

        if not isinstance(error, Superseded):
            self.message.emit(sentence_of(error), True)
