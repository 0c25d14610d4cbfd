"""How an act on Pro services is asked for, done and told: on the desk's thread, with a question where facts are needed.

A refusal is one sentence: it stays in the question that asked, which keeps what was typed, or else in a toast. Called
by the acts (`gate_acts`, `paper_acts`, `acts`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from PySide6.QtCore import QElapsedTimer, QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget
from shiboken6 import isValid

from ui.ticket.acts import sentence_of

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.pro.views import EngagementPage
    from console.desk.tickets import Receipt
    from ui.desk_thread import DeskThread
    from ui.widgets.question import Question

T = TypeVar("T")

NOT_OPEN = "Nothing was recorded: the workspace is not open."


class Say(Protocol):
    """Says a sentence in a toast, which may offer an act, for `until_s` seconds where that is given."""

    def __call__(
        self,
        sentence: str,
        error: bool = False,
        *,
        action: str | None = None,
        act: Callable[[], object] | None = None,
        until_s: int | None = None,
    ) -> object: ...


class Waiting(Protocol):
    """A question that waits for what became of its answer."""

    def refuse(self, sentence: str) -> object: ...

    def recorded(self) -> object: ...


class Told(NamedTuple):
    """What is said of an act that was recorded, and what the toast offers."""

    sentence: str
    action: str | None = None
    act: Callable[[], object] | None = None
    until_s: int | None = None


class Asking(QObject):
    """Signals: `done(ticket)` after a recorded act; `refused(ticket, sentence)` after one that was not."""

    done = Signal(str)
    refused = Signal(str, str)

    def __init__(self, thread: DeskThread, say: Say, window: QWidget, now: Callable[[], int] | None = None) -> None:
        """`now` gives trusted time, epoch ms; without it, time goes on from the page that a question was opened on."""
        super().__init__(window)
        self._now = now
        self._thread = thread
        self._say = say
        self._window = window
        self._question: QDialog | None = None
        self._drafts: dict[tuple[str, type[QDialog]], object] = {}
        """What was typed into questions that were left: by ticket and kind of question."""

    @property
    def question(self) -> QDialog | None:
        """The question that is open."""
        open_one = self._question
        return open_one if open_one is not None and isValid(open_one) and open_one.isVisible() else None

    def _do(
        self,
        ticket: str,
        act: Callable[[Desk], Receipt],
        told: Told | Callable[[Receipt], Told],
        *,
        asked_by: Waiting | None = None,
        after: Callable[[], object] | None = None,
        on_refusal: Callable[[], object] | None = None,
    ) -> None:
        """Do an act, say what came of it, and close the question that asked for it.

        `after` runs once it is recorded, `on_refusal` once it is not.
        """

        def refuse(sentence: str) -> None:
            if asked_by is not None and isValid(asked_by):
                asked_by.refuse(sentence)
            else:
                self._say(sentence, True)
            self.refused.emit(ticket, sentence)
            if on_refusal is not None:
                on_refusal()

        def recorded(receipt: Receipt) -> None:
            if receipt.refused is not None:
                refuse(receipt.refused)
                return
            if asked_by is not None:
                asked_by.recorded()
            said = told if isinstance(told, Told) else told(receipt)
            self._say(said.sentence, action=said.action, act=said.act, until_s=said.until_s)
            self.done.emit(ticket)
            if after is not None:
                after()

        if not self._thread.is_serving():
            refuse(NOT_OPEN)
            return
        self._thread.submit(act, recorded, failed=lambda error: refuse(sentence_of(error)))

    def _read(
        self, read: Callable[[Desk], T], take: Callable[[T], object], *, key: str | None = "pro.question"
    ) -> None:
        """Read what a question needs, and go on with it. Of two readings with one key the later counts: a button that
        is pressed twice asks once."""
        from ui.desk_thread import Superseded

        def failed(error: Exception) -> None:
            if not isinstance(error, Superseded):
                self._say(sentence_of(error), True)

        self._thread.submit(read, take, failed=failed, key=key)

    def _clock_of(self, page: EngagementPage) -> Callable[[], int]:
        """Trusted time for a question about a page that was read just now: it goes on while the question is open."""
        now = self._now
        if now is not None:
            return lambda: max(now(), page.as_of)
        since = QElapsedTimer()
        since.start()
        return lambda: page.as_of + since.elapsed()

    def _ask(self, ticket: str, question: Question, answered: Callable[[Question, Any], object]) -> None:
        """Open a question; `answered(question, answer)` does the act. One that is open already stays the only one.

        What was typed into the same question about the same ticket, when it was left, stands there again.
        """
        if self.question is not None:
            question.deleteLater()
            self.question.raise_()
            self.question.activateWindow()
            return
        self._question = question
        key = (ticket, type(question))
        if key in self._drafts:
            question.restore(self._drafts.pop(key))
        question.rejected.connect(lambda: self._keep_draft(key, question.draft()))
        question.asked.connect(lambda answer: answered(question, answer))
        question.open()

    def _keep_draft(self, key: tuple[str, type[QDialog]], draft: object | None) -> None:
        if draft is not None:
            self._drafts[key] = draft


def page_of(ticket: str) -> Callable[[Desk], EngagementPage]:
    """The job that reads an engagement's page on the desk's thread."""

    def read(desk: Desk) -> EngagementPage:
        return desk.pro.page(ticket)

    return read


def entry_of(receipt: Receipt, type: str) -> str | None:
    """The id of the first entry of a type that an act wrote."""
    return next((entry.id for entry in receipt.entries if entry.event.type == type), None)
