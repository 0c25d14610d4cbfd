"""What happened to the work while the computer was not seen at it: one gap after the other, each with three answers.

Source: spec pro_services.md 65 to 70, 74. The gap is neither billed nor thrown away without an answer, so there is no
Esc, no cross and no default button: Enter and Space do nothing until a button has the focus, because the question may
come while somebody is typing. The program can still be ended; the follower asks again after the start. Called by
`ui.pro.acts`, which answers to the desk and then calls `recorded` or `refuse`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.desk.pro.views import GapQuestion
from console.domain.pro_events import GapAnswer
from console.domain.words import clock_time, zone_short
from ui.pro.dialogs.wording import gap_question, kept, name_of_gap
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.controls import Words, Wrapped
from ui.widgets.question import Notice, give_back
from ui.widgets.spoken import announce

_WIDTH: Final = 500
LOWER: Final = "The computer was restarted meanwhile, so these times are its wall clock's and less certain."
LATER: Final = "Until you answer, this time is kept and not counted. If you quit, you are asked again next time."


class GapDialog(QDialog):
    """Lists gaps one after the other.

    Signals: `answered(gap_id, answer)`; `quit_asked()`, when the person or the system wants the program to end.
    """

    answered = Signal(str, str)
    quit_asked = Signal()

    def __init__(self, zone: str, now: int, parent: QWidget) -> None:
        """`zone` is the service window's (IANA); `now`, epoch ms, tells which day is today."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlags(Qt.WindowType.Dialog | Qt.WindowType.CustomizeWindowHint | Qt.WindowType.WindowTitleHint)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.zone = zone
        self._now = now
        self._gaps: list[GapQuestion] = []
        self._back_to = QApplication.focusWidget()
        self._answering: str | None = None
        self._whose = Wrapped("", "text.secondary", "meta")
        self._question = Wrapped("", style="title")
        self._lower = Notice("warn")
        self._refusal = Notice("error")
        self.buttons: dict[GapAnswer, Button] = {}
        self._notes: dict[GapAnswer, Words] = {}
        self._column = QVBoxLayout(self)
        self._lay_out()
        theme().changed.connect(self._fit)

    def _lay_out(self) -> None:
        look = theme()
        column = self._column
        column.setContentsMargins(look.px(22), look.px(18), look.px(22), look.px(18))
        column.setSpacing(look.px(6))
        column.addWidget(self._whose)
        column.addWidget(self._question)
        column.addWidget(self._lower)
        column.addSpacing(look.px(6))
        answers: tuple[GapAnswer, ...] = ("worked", "not_worked", "ended")
        for answer in answers:
            button = Button("", self)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setDefault(False)
            button.clicked.connect(lambda _=False, answer=answer: self._answer(answer))
            note = self._notes[answer] = Wrapped("", "text.tertiary", "meta")
            note.setContentsMargins(look.px(2), 0, 0, look.px(6))
            self.buttons[answer] = button
            column.addWidget(button)
            column.addWidget(note)
        column.addWidget(self._refusal)
        column.addWidget(Wrapped(LATER, "text.tertiary", "meta"))

    # What is asked

    @property
    def gap(self) -> GapQuestion | None:
        """The gap that is asked about now."""
        return self._gaps[0] if self._gaps else None

    @property
    def gaps(self) -> tuple[GapQuestion, ...]:
        """All that wait here."""
        return tuple(self._gaps)

    @property
    def question(self) -> str:
        return self._question.text()

    @property
    def refusal(self) -> str:
        return self._refusal.text()

    def show_gaps(self, gaps: Sequence[GapQuestion]) -> None:
        """Ask about these gaps, oldest first. One that is gone was answered elsewhere; without any the dialog goes."""
        now_first = self.gap
        self._gaps = sorted(gaps, key=lambda gap: (gap.begins_at, gap.id))
        if now_first is not None and now_first.id in {gap.id for gap in self._gaps}:
            # What stands under the hand stays there.
            self._gaps.sort(key=lambda gap: gap.id != now_first.id)
        if not self._gaps:
            self._leave()
        elif now_first is None or self._gaps[0].id != now_first.id:
            self._say()
        else:
            self._count()

    def refuse(self, sentence: str) -> None:
        """The answer was not recorded: the question stays, with the reason."""
        if isValid(self):
            self._answering = None
            self._refusal.say(sentence)
            self._fit()
            announce(self, sentence, assertive=True)

    def recorded(self) -> None:
        """The answer was recorded: on to the next gap, or away."""
        if isValid(self):
            answered, self._answering = self._answering, None
            self.show_gaps([gap for gap in self._gaps if gap.id != answered])

    def _say(self) -> None:
        gap = self._gaps[0]
        question = gap_question(gap, self.zone, self._now)
        began = clock_time(gap.begins_at, self.zone)
        length = kept(gap.ends_at - gap.begins_at)
        said: dict[GapAnswer, tuple[str, str]] = {
            "worked": ("Work went on by itself", f"{length} are counted: a copy or a migration was running."),
            "not_worked": ("Nobody worked", f"{length} are not counted, and the session goes on after them."),
            "ended": (
                f"The session ended at {began}",
                f"Nothing after {began} {zone_short(self.zone, gap.begins_at)} is counted. What is left is kept.",
            ),
        }
        self._question.setText(question)
        self.setWindowTitle(question.partition("). ")[2] or question)
        for answer, (words, note) in said.items():
            self.buttons[answer].setText(words)
            self.buttons[answer].setAccessibleDescription(note)
            self._notes[answer].setText(note)
        self._lower.say(LOWER if gap.confidence == "lower" else "")
        self._refusal.say("")
        self._count()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, question, assertive=True)

    def _count(self) -> None:
        more = f"1 of {len(self._gaps)}. " if len(self._gaps) > 1 else ""
        self._whose.setText(more + name_of_gap(self._gaps[0]))
        self._fit()

    def _answer(self, answer: GapAnswer) -> None:
        gap = self.gap
        if gap is not None and self._answering is None:
            self._answering = gap.id
            self._refusal.say("")
            self.answered.emit(gap.id, answer)

    # Staying until there is an answer

    def reject(self) -> None:
        """Nothing but an answer closes it."""

    def closeEvent(self, event: QCloseEvent) -> None:
        """A window that cannot be closed is closed only to end the program, and that it lets happen."""
        event.ignore()
        self.quit_asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: True, Qt.Key.Key_Up: False}
        if event.matches(QKeySequence.StandardKey.Quit) or event.keyCombination() == _QUIT:
            self.quit_asked.emit()
        elif Qt.Key(event.key()) in steps:
            self.focusNextPrevChild(steps[Qt.Key(event.key())])
        # Enter and Esc are no answers.

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for button in self.buttons.values():
            button.setDefault(False)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._fit()

    def _leave(self) -> None:
        was_active = QApplication.activeWindow() is self
        self.accept()
        give_back(self, self._back_to, was_active)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color("bg.raised"))

    def _fit(self) -> None:
        width = max(theme().px(_WIDTH), self._column.minimumSize().width())
        self._column.invalidate()
        self.resize(QSize(width, self._column.totalHeightForWidth(width)))


_QUIT: Final = QKeySequence("Ctrl+Q")[0]
