"""What a person does about the sync: sends again, takes back, keeps one of two versions, copies a report, connects,
signs in again and disconnects.

Every act runs on the desk's thread, and says what came of it in a toast, with Undo where words would be gone. Called by
`ui.shell.sync` for the drawer, the banner and the messages of a ticket that have not left this computer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from console.desk.sync_views import NotTaken, Overwrote, Refused, SyncIssues, Waiting
from ui.ticket.draft_keeper import Mode
from ui.ticket.reading import append_to_draft

if TYPE_CHECKING:
    from console.desk import Desk
    from ui.desk_thread import DeskThread
    from ui.shell.sync import WindowSync
    from ui.shell.window import MainWindow


class SyncActs(QObject):
    """The acts of one window."""

    def __init__(self, sync: WindowSync, window: MainWindow, thread: DeskThread) -> None:
        super().__init__(sync)
        self._sync, self._window, self._thread = sync, window, thread

    def do(self, act: str, subject: object) -> None:
        """Do what a button of a card, or a link of a message, asks for."""
        match act, subject:
            case "retry", Refused():
                self._record(lambda desk: desk.sync.retry(subject.ids), f"{_what(subject)} goes out again.")
            case "copy", Refused():
                QApplication.clipboard().setText(subject.text)
                self._window.say("Text copied.")
            case "discard", Refused():
                self._discard(subject)
            case "edit", Refused():
                self._edit(subject)
            case "withdraw", Waiting():
                self._withdraw(subject, edit=False)
            case "edit_waiting", Waiting():
                self._withdraw(subject, edit=True)
            case "keep_mine", Overwrote():
                kept = f"{subject.mine or 'None'} kept."
                self._record(lambda desk: desk.sync.keep_mine(subject.ticket, subject.field), kept)
            case "keep_theirs", Overwrote():
                kept = f"{subject.theirs or 'None'} kept."
                self._record(lambda desk: desk.sync.keep_theirs(subject.ticket, subject.field), kept)
            case "dismiss", NotTaken():
                self._record(lambda desk: desk.sync.dismiss(subject.id), "")
            case "open", NotTaken() if subject.ticket is not None:
                self._open(subject.ticket)

    def copy_report(self) -> None:
        """Put what somebody who looks after the hub needs to know on the clipboard."""

        def copy(report: str) -> None:
            QApplication.clipboard().setText(report)
            self._window.say("Report copied.")

        self._thread.submit(lambda desk: desk.sync.report(), copy)

    def tell_new(self, before: SyncIssues, after: SyncIssues) -> None:
        """Say what was refused or not taken since the last look, where the drawer does not say it; a toast with an
        error stays until it is closed."""
        if self._sync.drawer is not None and self._sync.drawer.is_open:
            return
        known = {refused.ids for refused in before.refused}, {lost.id for lost in before.not_taken}
        for refused in after.refused:
            if refused.ids not in known[0]:
                safe = " Your text is safe." if refused.text.strip() else ""
                self._say_new(f"{refused.title.rstrip('. ')}. {refused.reason.rstrip('. ')}.{safe}")
        for lost in after.not_taken:
            if lost.id not in known[1]:
                self._say_new(f"{lost.title.rstrip('. ')}. {lost.reason.rstrip('. ')}.")

    def _say_new(self, sentence: str) -> None:
        self._window.say(sentence, True, action="Show", act=self._sync.open_drawer)

    # Acts ------------------------------------------------------------------------------------------------------------

    def _discard(self, refused: Refused) -> None:
        def done(_: object) -> None:
            self._sync.changed()
            ticket, text, mode = refused.ticket, refused.text, refused.mode
            if ticket is None or not text.strip():
                self._window.say("Discarded.")
            else:
                self._window.say("Discarded.", action="Undo", act=lambda: self._put(ticket, text, mode))

        self._thread.submit(lambda desk: desk.sync.discard(refused.ids), done)

    def _edit(self, refused: Refused) -> None:
        """Take the words of what was refused into the composer of their ticket; they are there before the entry
        goes."""
        ticket, text, mode = refused.ticket, refused.text, refused.mode
        pane = self._window.section.ticket
        if ticket is None or pane is None:
            return
        if pane.is_writing_on(ticket):
            self._open(ticket)
            pane.add_to_reply(ticket, text, mode)
            pane.flush_drafts()
            self._record(lambda desk: desk.sync.discard(refused.ids), "")
            return
        keep = append_to_draft(ticket, text, mode)

        def move(desk: Desk) -> None:
            keep(desk)
            desk.sync.discard(refused.ids)

        def done(_: object) -> None:
            self._sync.changed()
            self._open(ticket, mode)

        self._thread.submit(move, done)

    def _withdraw(self, waiting: Waiting, *, edit: bool) -> None:
        """Take back what has not left this computer; the desk keeps its words as a draft."""
        pane = self._window.section.ticket
        ticket, text, mode = waiting.ticket, waiting.text, waiting.mode
        if pane is not None:
            pane.flush_drafts()

        def done(words: str) -> None:
            self._sync.changed()
            if waiting.opens:
                self._tell_gone(words)
                return
            kept = ticket is not None and bool(text.strip())
            if kept and pane is not None and ticket is not None:
                pane.take_back(ticket, text, mode)
            if edit and ticket is not None:
                self._open(ticket, mode)
            else:
                title = waiting.title.rstrip(". ")
                self._window.say(f"Taken back: {title}.{' The text is a draft again.' if kept else ''}")

        self._thread.submit(lambda desk: desk.sync.withdraw((waiting.id,)), done)

    def _tell_gone(self, words: str) -> None:
        """A new ticket went before anybody else knew of it: its words have no other place to be seen."""

        def copy() -> None:
            QApplication.clipboard().setText(words)
            self._window.say("Text copied.")

        self._window.say("Taken back: New ticket.", action="Copy text", act=copy)

    def _put(self, ticket: str, text: str, mode: Mode) -> None:
        """Open a ticket with words in its composer, of the mode that they were written in."""
        if (pane := self._window.section.ticket) is not None:
            pane.add_to_reply(ticket, text, mode)
        self._open(ticket)

    def _open(self, ticket: str, mode: Mode | None = None) -> None:
        """Show a ticket in the queue, with the caret in a mode once it is there."""
        window = self._window
        window.go("queue")
        window.section.open_ticket(ticket)
        if mode is not None and (pane := window.section.ticket) is not None:
            pane.write_when_shown(ticket, mode)

    def _record(self, act: Callable[[Desk], object], told: str) -> None:
        """Run an act on the desk's thread, and say what came of it."""

        def done(_: object) -> None:
            self._sync.changed()
            if told:
                self._window.say(told)

        self._thread.submit(act, done)

    # Connecting ------------------------------------------------------------------------------------------------------

    def ask_connect(self, url: str = "") -> None:
        """Ask for a hub, or for a way into the one at an address."""
        from ui.shell.sync_connect import ask_connect

        ask_connect(self._thread, self._window, self._sync, url)

    def ask_sign_in(self) -> None:
        """Ask for a new key to the same hub."""
        from ui.shell.sync_connect import ask_sign_in

        ask_sign_in(self._thread, self._window, self._sync)

    def ask_leave(self) -> None:
        """Ask whether this computer signs out of the hub."""
        from ui.shell.sync_connect import ask_leave

        ask_leave(self._thread, self._window, self._sync)


def _what(refused: Refused) -> str:
    """`Reply to #48152` of `Reply to #48152 was not sent`."""
    title = refused.title.rstrip(". ")
    return title.partition(" was not ")[0]
