"""Redact a message: what is lost for ever and where, and the reason that stands in its place.

Nothing brings the words back, so the question names the message, its words and every place, and its button is dead
until a reason is given. Source: spec sync.md 2 (REDACT). Called by `ui.ticket.questions`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QLineEdit, QWidget

from console.desk.redacting import LONGEST_REASON, Redaction, Words, losses
from console.domain import words as told
from ui.ticket.acts import sentence_of
from ui.ticket.mail_text import readable
from ui.widgets.labelled import Labelled
from ui.widgets.question import Question

if TYPE_CHECKING:
    from console.desk import Desk
    from ui.desk_thread import DeskThread

_MOST_QUOTED: Final = 240
"""Characters of the message that are shown, so that it is known for the right one."""


class RedactQuestion(Question):
    """Answers with the reason. `zone` is the one in which the message's time is told (IANA)."""

    def __init__(self, words: Words, *, has_hub: bool, zone: str, parent: QWidget) -> None:
        super().__init__(f"Redact this {words.what}?", "Redact for ever", parent, back="Keep it")
        lost, stays, copies = losses(words, has_hub=has_hub)
        self.say(f"{words.who}, {told.full(words.at, zone)}: {_quoted(words)}", "quiet")
        self.loss = self.say(lost, "warn")
        self.say(f"{stays} {copies}", "quiet")
        self.reason = QLineEdit()
        self.reason.setMaxLength(LONGEST_REASON)
        self.reason.setPlaceholderText("A password was in it")
        self.add(Labelled("Why, for everybody to read", self.reason))
        self.keep(self.reason)
        self.reason.textChanged.connect(lambda _: self._enable())
        self._enable()
        self.reason.setFocus()

    def answer(self) -> object | None:
        return self.reason.text().strip() or None

    def _enable(self) -> None:
        self.act.setEnabled(bool(self.reason.text().strip()))


def _quoted(words: Words) -> str:
    text = " ".join(readable(words.text).split())
    shown = text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED].rstrip()}\u2026"
    return f"\u201c{shown}\u201d"


def ask_redaction(
    thread: DeskThread,
    ticket_id: str,
    entry_id: str,
    parent: QWidget,
    done: Callable[[], object],
    say: Callable[[str, bool], object],
) -> None:
    """Ask about one entry of a ticket, and redact it. A refusal stays in the question; `say(sentence, is_error)` tells
    the rest."""

    def read(desk: Desk) -> tuple[Words, bool, str]:
        return desk.redacting.words_of(ticket_id, entry_id), desk.redacting.has_hub, desk.zone

    def show(found: tuple[Words, bool, str]) -> None:
        words, has_hub, zone = found
        question = RedactQuestion(words, has_hub=has_hub, zone=zone, parent=parent)
        question.asked.connect(lambda reason: act(question, reason))
        question.open()

    def act(question: RedactQuestion, reason: str) -> None:
        def finish(redaction: Redaction) -> None:
            if redaction.refused is not None:
                question.refuse(redaction.refused)
                return
            question.recorded()
            say(redaction.told, False)
            done()

        thread.submit(
            lambda desk: desk.redacting.redact(ticket_id, entry_id, reason),
            finish,
            failed=lambda error: question.refuse(sentence_of(error)),
        )

    thread.submit(read, show, failed=lambda error: say(sentence_of(error), True), key="ticket.redact")
