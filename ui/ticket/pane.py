"""The ticket pane: loads a ticket through the desk, shows it, and passes on what a person asks: at once
(`ui.ticket.acts`), or after a question (`ui.ticket.questions`).

Every question and act runs on the desk's thread; an answer for a ticket that is not open any more is dropped. A
refresh of the same ticket keeps the place in the thread, selected text, the caret and what is being written. Called by
the shell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from ui.ticket.acts import Acts
from ui.ticket.body import Body
from ui.ticket.consequence import consequence
from ui.ticket.draft_keeper import DraftKeeper, Mode
from ui.ticket.empty import UsefulFromHere
from ui.ticket.outbox import ALONE, Outbox, here_too, still_running, unsent, waits_for
from ui.ticket.questions import Questions
from ui.ticket.reading import Reading, append_to_draft, faces, no_clocks, promise, read
from ui.ticket.timeline_rows import Setting

if TYPE_CHECKING:
    from console.desk.tickets import TicketView
    from ui.desk_thread import DeskThread

_LONGEST_WAIT_MS: Final = 60_000


class TicketPane(QWidget):
    """One open ticket, or what is useful while there is none. Attribute: `questions`, what is asked before an act.

    Signals: `ticket_changed(ticket_id)` after an act of this pane was recorded; `drafted(ticket_id, has_text)` when a
    ticket got a half-written text or has none any more; `message(sentence, is_error)` for a toast; `prev_requested`,
    `next_requested` and `back_requested` for the shell, which knows the queue; `rearranged` when `stops` are
    others; `typed(ticket_id)` with every key in the composer; `unsent_asked(act, item)` from a message that has not
    left this computer.
    """

    ticket_changed = Signal(str)
    drafted = Signal(str, bool)
    message = Signal(str, bool)
    prev_requested = Signal()
    next_requested = Signal()
    back_requested = Signal()
    rearranged = Signal()
    typed = Signal(str)
    unsent_asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Ticket")
        self._outbox = ALONE
        self._thread: DeskThread | None = None
        self._wanted: str | None = None
        self._reading: Reading | None = None
        self._focus_wanted = False
        self._write_wanted: tuple[str, Mode] | None = None
        self._body: Body | None = None
        self._keeper = DraftKeeper(self)
        self._keeper.set_save(self._save_draft)
        self._keeper.drafted.connect(self.drafted)
        self._acts = Acts(self)
        self._acts.written.connect(self._written)
        self._acts.recorded.connect(self._changed)
        self._acts.refused.connect(self._refused)
        self._acts.message.connect(self.message)
        self._acts.stale.connect(self.refresh)
        self.questions = Questions(self, lambda: self.body, self._acts)
        self.questions.message.connect(self.message)
        self.questions.offered.connect(self.add_to_reply)
        self.questions.redacted.connect(self._changed)
        self._tick_timer = QTimer(self)
        self._tick_timer.setSingleShot(True)
        self._tick_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick_timer.timeout.connect(self.tick)
        self._stack = QStackedLayout(self)
        self.empty = UsefulFromHere()
        self._stack.addWidget(self.empty)

    # What the shell calls

    @property
    def ticket_id(self) -> str | None:
        """The ticket that is shown, or asked for."""
        return self._wanted

    @property
    def body(self) -> Body:
        """The parts of an open ticket; made when they are first needed, after the window's first paint."""
        if self._body is None:
            self._body = self._make_body()
        return self._body

    @property
    def view(self) -> TicketView | None:
        """What is shown, as the desk gave it."""
        return self._reading.view if self._reading is not None else None

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return [] if self._body is None else self._body.stops()

    def set_desk(self, thread: DeskThread) -> None:
        """The thread on which the desk lives. Tickets can be shown from now on."""
        self._thread = thread
        self._acts.set_desk(thread)
        self.questions.set_desk(thread)

    def show_ticket(self, ticket_id: str | None) -> None:
        """Show a ticket, or with None what is useful from here. What is unsaved of the one before is saved first."""
        if ticket_id == self._wanted:
            self.refresh()
            return
        self._keeper.flush()
        self.questions.dismiss()
        self._focus_wanted = False
        self._wanted = ticket_id
        if ticket_id is None:
            self._show_nothing()
            return
        if self._body is not None:
            self._body.composer.set_busy(True)
        self.refresh()

    def refresh(self) -> None:
        """Load the same ticket again."""
        ticket_id = self._wanted
        if ticket_id is None or self._thread is None:
            return
        self._thread.submit(
            read(ticket_id),
            lambda reading: self._show(ticket_id, reading),
            failed=lambda error: self._not_loaded(ticket_id, error),
            key="ticket.view",
        )

    def show_outbox(self, outbox: Outbox) -> None:
        """Show how the sync stands: what of the ticket waits or was refused, and who else is on it."""
        self._outbox = outbox
        self._acts.waits = outbox.offline
        reading = self._reading
        if reading is not None and reading.view.ticket.id == self._wanted:
            self._show_history(reading, same=True)
            self.tick()

    def flush_drafts(self) -> None:
        """Save what is being written, now; for the end of the program."""
        self._keeper.flush()

    def focus_conversation(self) -> None:
        """Put the focus into the thread (Enter on a row of the queue), now or once the ticket is there."""
        reading = self._reading
        if reading is not None and reading.view.ticket.id == self._wanted:
            self.body.timeline.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self._focus_wanted = self._wanted is not None

    # Acts, for buttons, menus and keys

    def write(self, mode: Mode) -> None:
        """Start or go on with a reply or a note."""
        if self._reading is not None:
            self.body.composer.write(mode)

    def write_when_shown(self, ticket_id: str, mode: Mode) -> None:
        """As `write`, once a ticket is there that was asked for."""
        if self.is_writing_on(ticket_id):
            self.write(mode)
        else:
            self._write_wanted = (ticket_id, mode)

    def assign_to_me(self) -> None:
        """Take the ticket if nobody has it, else have it assigned to me."""
        if self._reading is not None:
            self._acts.take(self._reading)

    def solve(self) -> None:
        """Solve the ticket, or reopen a solved one."""
        if self._reading is not None:
            solved = self._reading.view.ticket.status == "solved"
            self._acts.set_status(self._reading, "open" if solved else "solved")

    def is_writing_on(self, ticket_id: str) -> bool:
        """Whether the composer holds the drafts of a ticket: what is put there goes into the composer."""
        return self._reading is not None and ticket_id == self._keeper.ticket

    def take_back(self, ticket_id: str, text: str, mode: Mode) -> None:
        """Words that were a draft again in the desk before this call come back into the composer, where it holds those
        of the ticket."""
        if self.is_writing_on(ticket_id):
            self.body.composer.put_behind(text, mode)
        else:
            self.drafted.emit(ticket_id, True)

    def add_to_reply(self, ticket_id: str, text: str, mode: Mode = "reply") -> None:
        """Put a text behind what is written in a ticket's reply, or note; where another ticket is open, into its
        draft."""
        if self.is_writing_on(ticket_id):
            self.body.composer.append(text, mode)
        elif self._thread is not None:
            self._thread.submit(
                append_to_draft(ticket_id, text, mode),
                lambda _: self._kept_as_draft(ticket_id, mode),
                failed=self.questions.say_error,
            )

    def _kept_as_draft(self, ticket_id: str, mode: Mode) -> None:
        self.drafted.emit(ticket_id, True)
        self.message.emit(f"The text is in the {mode} of its ticket, as a draft.", False)

    def leave(self) -> None:
        """Esc: out of what is written into the thread, out of the drawer, and then back to the queue.

        From an empty text it goes straight back: after sending, one Esc leads to the next ticket. Discards nothing.
        """
        if self._body is None or self._reading is None:
            self.back_requested.emit()
        elif self.questions.dismiss():
            return
        elif self._body.composer.draft.hasFocus() and self._body.composer.draft.toPlainText():
            self._body.timeline.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif not self._body.close_drawer():
            self.back_requested.emit()

    # Showing

    def _make_body(self) -> Body:
        body = Body(self._keeper)
        self._stack.addWidget(body)
        header, properties, questions = body.header, body.properties, self.questions
        header.prev_requested.connect(self.prev_requested)
        header.next_requested.connect(self.next_requested)
        header.assign_asked.connect(questions.assign)
        header.status_asked.connect(questions.status)
        header.solve_asked.connect(self.solve)
        header.chips.explain_asked.connect(questions.explain)
        properties.status_asked.connect(questions.status)
        properties.assignee_asked.connect(questions.assign)
        properties.impact_asked.connect(questions.impact)
        body.clocks.explain_asked.connect(questions.explain)
        body.composer.send_asked.connect(self._send)
        body.composer.offer_asked.connect(questions.offer_hours)
        body.composer.typed.connect(lambda: self.typed.emit(self._keeper.ticket or ""))
        body.timeline.acted.connect(self.unsent_asked)
        body.timeline.redact_asked.connect(questions.redact)
        body.rearranged.connect(self.rearranged)
        return body

    def _show(self, ticket_id: str, reading: Reading) -> None:
        if ticket_id != self._wanted:
            return
        same = self._reading is not None and self._reading.view.ticket.id == ticket_id
        self._reading = self.questions.reading = reading
        view, body = reading.view, self.body
        ticket = view.ticket
        body.header.show_ticket(ticket)
        body.properties.show_ticket(ticket, reading.me, view.impact_when_unset, reading.zone)
        if same:
            body.composer.set_recipient(reading.recipient)
        else:
            self._keeper.open(ticket_id, reading.drafts)
            body.composer.open(reading.recipient)
        self._stack.setCurrentWidget(body)
        self.tick()
        self._show_history(reading, same=same)
        wanted, self._write_wanted = self._write_wanted, None
        if wanted is not None and wanted[0] == ticket_id:
            self._focus_wanted = False
            self.write(wanted[1])
        if self._focus_wanted:
            self._focus_wanted = False
            self.focus_conversation()
        self.questions.explain_anew()

    def _show_history(self, reading: Reading, *, same: bool) -> None:
        """The thread, with what has not left this computer, and who else is on the ticket."""
        view, body, outbox = reading.view, self.body, self._outbox
        ticket_id = view.ticket.id
        items = unsent(view.items, outbox, ticket_id, reading.me, reading.now())
        setting = Setting(reading.zone, reading.me, reading.no_redacting)
        body.timeline.show_history(items, setting, now=view.as_of, same_ticket=same)
        body.still_runs.say(still_running(items, view.clocks, reading.now()))
        body.composer.set_offline(outbox.offline)
        words, whole, writing = here_too(outbox, ticket_id, reading.me)
        body.header.show_presence(words, whole, writing=writing)

    def _show_nothing(self) -> None:
        self._reading = self.questions.reading = None
        self._keeper.open(None, {})
        self._tick_timer.stop()
        self._stack.setCurrentWidget(self.empty)

    def _not_loaded(self, ticket_id: str, error: Exception) -> None:
        """A ticket that is gone leaves the pane; one that cannot be read just now stays as it was read last."""
        from console.desk.tickets import TicketNotFound
        from ui.desk_thread import Superseded

        if ticket_id != self._wanted or isinstance(error, Superseded):
            return
        shown = self._reading is not None and self._reading.view.ticket.id == ticket_id
        if not shown or isinstance(error, TicketNotFound):
            self._wanted = None
            self._show_nothing()
        self.questions.say_error(error)

    def tick(self) -> None:
        """Show what the clocks say now, and come back when one of them says something else."""
        reading = self._reading
        if reading is None or self._body is None:
            return
        view, now = reading.view, reading.now()
        shown = faces(reading, now)
        self._body.clocks.show_clocks(shown, promise(reading), no_clocks(reading))
        self._body.header.chips.show_clocks(shown)
        by = view.ticket.by
        reply = consequence(view.clocks, now, public=True, opened_by=by)
        self._body.composer.set_consequences(
            waits_for(reply) if self._outbox.offline else reply,
            consequence(view.clocks, now, public=False, opened_by=by),
        )
        waits = [face.next_change_ms for _, face in shown if face.next_change_ms is not None]
        if waits and self.isVisible():
            self._tick_timer.start(min(min(waits), _LONGEST_WAIT_MS))

    def showEvent(self, event: QShowEvent) -> None:
        self.tick()

    def hideEvent(self, event: QHideEvent) -> None:
        self._tick_timer.stop()

    # Acting

    def _send(self, mode: Mode, text: str) -> None:
        if self._reading is not None:
            self._keeper.flush()
            self.body.composer.set_busy(True)
            self._acts.write(self._reading, mode, text)

    def _written(self, ticket_id: str, mode: Mode) -> None:
        if ticket_id == self._keeper.ticket:
            self.body.composer.recorded(mode)

    def _refused(self, ticket_id: str, sentence: str) -> None:
        """The text stays: in the composer, or where another ticket is open by now, as that ticket's draft."""
        if ticket_id == self._keeper.ticket:
            self.body.composer.refuse(sentence)
        else:
            self.message.emit(f"{sentence} Your text is kept as a draft.", True)
        self.refresh()

    def _changed(self, ticket_id: str) -> None:
        self.ticket_changed.emit(ticket_id)
        self.refresh()

    def _save_draft(self, ticket_id: str, mode: Mode, text: str) -> None:
        if self._thread is not None:
            self._thread.submit(lambda desk: desk.drafts.save(ticket_id, mode, text))
