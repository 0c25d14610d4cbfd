"""What a person does to the ticket that is open: writes, assigns, sets status and impact.

Every act runs on the desk's thread and comes back as a receipt; a refusal is a sentence, and nothing is lost. Called by
the pane, which shows what came of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.domain import words
from console.domain.errors import ConsoleError
from console.domain.events import Impact, Status
from ui.ticket.draft_keeper import Mode
from ui.ticket.reading import Reading

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.tickets import Receipt
    from ui.desk_thread import DeskThread


class Acts(QObject):
    """The acts of one pane. Attribute: `waits`, whether what is written now stays on this computer for a while.

    Signals: `written(ticket_id, mode)`, a reply or note was recorded; `recorded(ticket_id)`, any act was;
    `refused(ticket_id, sentence)`, a reply or note was not; `message(sentence, is_error)`, for a toast; `stale`, when
    the ticket was not as it was shown.
    """

    written = Signal(str, str)
    recorded = Signal(str)
    refused = Signal(str, str)
    message = Signal(str, bool)
    stale = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread: DeskThread | None = None
        self.waits = False

    def set_desk(self, thread: DeskThread) -> None:
        """The thread on which the desk lives."""
        self._thread = thread

    def write(self, reading: Reading, mode: Mode, text: str) -> None:
        """Record a reply or a note; its draft goes in the same job."""
        if self._thread is None:
            return
        ticket_id = reading.view.ticket.id

        def send(desk: Desk) -> Receipt:
            receipt = desk.tickets.reply(ticket_id, text, public=mode == "reply")
            if receipt.refused is None:
                desk.drafts.discard(ticket_id, mode)
            return receipt

        def done(receipt: Receipt) -> None:
            if receipt.refused is not None:
                self.refused.emit(ticket_id, receipt.refused)
                return
            self.written.emit(ticket_id, mode)
            replied = "put in the outbox" if self.waits else "recorded"
            told = f"Reply to {reading.name} {replied}." if mode == "reply" else f"Note on {reading.name} saved."
            self.message.emit(told, False)
            self.recorded.emit(ticket_id)

        self._thread.submit(send, done, failed=lambda error: self.refused.emit(ticket_id, sentence_of(error)))

    def take(self, reading: Reading) -> None:
        """Take the ticket if nobody has it, else have it assigned to me."""
        ticket = reading.view.ticket
        if ticket.assignee == reading.me:
            self.message.emit(_capital(f"{reading.name} is yours already."), False)
        elif ticket.assignee is None:
            self._act(ticket.id, lambda desk: desk.tickets.take(ticket.id), f"{reading.name} assigned to you.")
        else:
            self.assign(reading, reading.me)

    def assign(self, reading: Reading, to: str | None) -> None:
        """Assign the ticket to a person, or to nobody."""
        ticket_id = reading.view.ticket.id
        name = "nobody" if to is None else "you" if to == reading.me else to
        self._act(ticket_id, lambda desk: desk.tickets.assign(ticket_id, to), f"{reading.name} assigned to {name}.")

    def set_status(self, reading: Reading, status: Status) -> None:
        """Set a status; solving says which message of the customer was seen last."""
        ticket = reading.view.ticket
        seen = ticket.last_customer_message
        told = {"solved": "solved", "closed": "closed"}.get(status, f"set to {words.STATUS_NAMES[status]}")
        if status == "open" and ticket.status == "solved":
            told = "reopened"
        self._act(
            ticket.id, lambda desk: desk.tickets.set_status(ticket.id, status, seen=seen), f"{reading.name} {told}."
        )

    def set_impact(self, reading: Reading, impact: Impact) -> None:
        ticket_id = reading.view.ticket.id
        told = f"Impact of {reading.name} set to {words.IMPACT_NAMES[impact]}."
        self._act(ticket_id, lambda desk: desk.tickets.set_impact(ticket_id, impact), told)

    def _act(self, ticket_id: str, act: Callable[[Desk], Receipt], told: str) -> None:
        """Do an act on a ticket and say what came of it; `told` is said when it was recorded."""
        if self._thread is None:
            return

        def done(receipt: Receipt) -> None:
            if receipt.refused is not None:
                self.message.emit(receipt.refused, True)
                self.stale.emit()
                return
            self.message.emit(_capital(told), False)
            self.recorded.emit(ticket_id)

        self._thread.submit(act, done, failed=lambda error: self.message.emit(sentence_of(error), True))


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def sentence_of(error: Exception) -> str:
    """What is said of an error. One that is ours goes to the crash log as well."""
    if isinstance(error, ConsoleError):
        return error.sentence
    from ui import crashlog

    crashlog.record("in an act on a ticket", error)
    return "Not recorded: something went wrong inside the program. The log has the details."
