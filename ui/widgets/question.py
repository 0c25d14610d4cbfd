"""The shape of every question: a title that asks, what is known, the facts to give, and buttons that say what they do.

A question asks the desk through whoever opened it: it stays while the act is on its way, closes when it is recorded,
and keeps what was typed when it is refused. Opened with `open()`, never with a loop of its own. Esc leaves it,
Ctrl+Enter answers it, and the focus goes back to where it was. Called by the dialogs of Pro services and of the sync.
"""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ui import icons
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.controls import Wrapped
from ui.widgets.ground import rounded
from ui.widgets.marks import Tick
from ui.widgets.spoken import announce

WIDTH: Final = 480
_MOST_OF_WINDOW: Final = 0.92
_PAD: Final = 22

Tone = Literal["plain", "quiet", "warn", "error"]
_INKS: Final[dict[Tone, str]] = {
    "plain": "text.primary",
    "quiet": "text.secondary",
    "warn": "state.warn.text",
    "error": "state.error.text",
}


class Question(QDialog):
    """One question. Attributes: `facts`, the column that a dialog adds its parts to; `act`, the button that answers.

    Signals: `asked(answer)`, when the person gave the answer; whoever opened the question acts, and then calls
    `recorded` or `refuse`.
    """

    asked = Signal(object)

    def __init__(self, title: str, act: str, parent: QWidget, *, back: str = "Cancel", width: int = WIDTH) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._back_to = QApplication.focusWidget()
        self._is_busy = False
        self._prose: list[tuple[QLineEdit | QPlainTextEdit, str]] = []
        self._width = width
        self._title = Wrapped(title, style="title")
        self._refusal = Notice("error")
        self.act = Button(act, self, kind="primary")
        self.act.setDefault(True)
        self.act.clicked.connect(self._press)
        self.back = Button(back, self)
        self.back.clicked.connect(self.reject)
        self.facts = QVBoxLayout()
        self.facts.setSpacing(theme().px(12))
        self._foot = QHBoxLayout()
        self._lay_out()
        theme().changed.connect(self._fit)

    def _lay_out(self) -> None:
        look = theme()
        pad = look.px(_PAD)
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(pad, look.px(18), pad, look.px(4))
        column.setSpacing(look.px(12))
        column.addWidget(self._title)
        column.addLayout(self.facts)
        column.addWidget(self._refusal)
        column.addStretch(1)
        area = self._area = QScrollArea(self)
        area.setWidget(self._inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for widget in (area.viewport(), self._inside):
            widget.setAutoFillBackground(False)
        self._foot.setContentsMargins(pad, look.px(14), pad, look.px(16))
        self._foot.setSpacing(look.px(8))
        self._foot.addStretch(1)
        self._foot.addWidget(self.back)
        self._foot.addWidget(self.act)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(area, 1)
        rows.addLayout(self._foot)

    # What a dialog says and asks

    def answer(self) -> object | None:
        """What the person says, or None after `refuse` said what is missing."""
        raise NotImplementedError

    def say(self, sentence: str, tone: Tone = "plain") -> Notice:
        """Add a sentence, hidden while it is empty. `Notice.say` says another."""
        notice = Notice(tone, sentence)
        notice.changed.connect(self._fit)
        self.facts.addWidget(notice)
        return notice

    def add(self, *parts: QWidget) -> None:
        """Add a part, or several that belong together."""
        group = QVBoxLayout()
        group.setSpacing(theme().px(2))
        for part in parts:
            group.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft if isinstance(part, Tick) else Qt.AlignmentFlag(0))
        self.facts.addLayout(group)

    def keep(self, *fields: QLineEdit | QPlainTextEdit) -> None:
        """Fields whose words are kept where the question is left: they stand there when it is asked again."""
        self._prose += [(field, _written(field)) for field in fields]

    def draft(self) -> object | None:
        """What was typed and not given as an answer, None where that is nothing new."""
        texts = tuple(_written(field) for field, _ in self._prose)
        return texts if any(text != begun for text, (_, begun) in zip(texts, self._prose, strict=True)) else None

    def restore(self, draft: object) -> None:
        """Write what was kept of the same question when it was left."""
        assert isinstance(draft, tuple)
        for (field, _), text in zip(self._prose, draft, strict=True):
            if isinstance(field, QLineEdit):
                field.setText(text)
            else:
                field.setPlainText(text)

    def add_choice(self, button: Button) -> None:
        """Another way out, at the left end of the buttons."""
        self._foot.insertWidget(0, button)
        button.setAutoDefault(True)

    def set_act(self, words: str, *, enabled: bool = True) -> None:
        """What the button does, and whether it can be done."""
        if words != self.act.text():
            self.act.setText(words)
            self.act.updateGeometry()
        self.act.setEnabled(enabled)

    # What became of it

    @property
    def refusal(self) -> str:
        """Why the act was not done, as it is shown; empty where there is nothing to say."""
        return self._refusal.text()

    def refuse(self, sentence: str) -> None:
        """The act was not done: what was typed stays, and the reason stands under it."""
        if not isValid(self):
            return
        self.set_busy(False)
        self._refusal.say(sentence)
        self._fit()
        if sentence:
            announce(self, sentence, assertive=True)
            QTimer.singleShot(0, self._refusal, lambda: self._area.ensureWidgetVisible(self._refusal))

    def set_busy(self, busy: bool) -> None:
        """While the act is on its way it cannot be asked for twice, nor left. The focus stays where it is."""
        self._is_busy = busy

    def recorded(self) -> None:
        """The act was recorded: the question is answered."""
        if isValid(self):
            self._is_busy = False
            self.accept()

    # Events

    def _press(self) -> None:
        if self._is_busy or not self.act.isEnabled():
            return
        self._refusal.say("")
        answer = self.answer()
        if answer is not None:
            self.set_busy(True)
            self.asked.emit(answer)

    def reject(self) -> None:
        if not self._is_busy:
            super().reject()

    def done(self, result: int) -> None:
        """The focus goes back to where it was."""
        was_active = QApplication.activeWindow() is self
        super().done(result)
        give_back(self, self._back_to, was_active)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if entered and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._press()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color("bg.raised"))

    def _fit(self) -> None:
        """As high as its words are at its width, as far as the window goes; then it scrolls."""
        look = theme()
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, look.color("bg.raised"))
        self.setPalette(palette)
        width = max(look.px(self._width), self._foot.sizeHint().width())
        column = self._inside.layout()
        if column is None:
            return
        column.invalidate()
        width = max(width, column.minimumSize().width())
        high = column.totalHeightForWidth(width) if column.hasHeightForWidth() else column.totalSizeHint().height()
        high += self._foot.sizeHint().height()
        parent = self.parentWidget()
        most = int(parent.window().height() * _MOST_OF_WINDOW) if parent is not None else high
        scrolls = high > most
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._area.setVerticalScrollBarPolicy(policy)
        bar = look.size("scrollbar") if scrolls else 0
        self.resize(QSize(width + bar, min(high, max(most, look.px(240)))))


class Notice(Wrapped):
    """A sentence. A warning, or why something was not done, stands on a ground of its own with its sign. Hidden when
    empty. Signal: `changed()`, when it says something of another height."""

    changed = Signal()

    def __init__(self, tone: Tone, sentence: str = "") -> None:
        super().__init__(sentence, _INKS[tone])
        self._tone = tone
        look = theme()
        if self._has_ground:
            self.setContentsMargins(look.px(34), look.px(8), look.px(12), look.px(8))
        self.setVisible(bool(sentence))

    def say(self, sentence: str) -> None:
        if sentence == self.text():
            return
        grows = len(sentence) != len(self.text())
        self.setText(sentence)
        self.setVisible(bool(sentence))
        if grows:
            self.changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._has_ground:
            look, ink = theme(), _INKS[self._tone]
            painter = QPainter(self)
            line = look.color(ink) if look.high_contrast else None
            fill = look.color(ink.replace(".text", ".bg"))
            rounded(painter, QRectF(self.rect()), look.radius("control"), fill=fill, line=line)
            side = look.px(14)
            top = look.px(8) + (look.line("body") - side) / 2
            icons.paint(painter, QRectF(look.px(12), top, side, side), "warn", ink)
            painter.end()
        super().paintEvent(event)

    @property
    def _has_ground(self) -> bool:
        return self._tone in ("warn", "error")


def _written(field: QLineEdit | QPlainTextEdit) -> str:
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()


def give_back(dialog: QDialog, widget: QWidget | None, was_active: bool) -> None:
    """Give the focus back that a dialog took from a widget; its window has the keyboard again if the dialog had it."""
    parent = dialog.parentWidget()
    if was_active and parent is not None:
        parent.window().activateWindow()
    if widget is not None and isValid(widget) and widget.isVisible() and widget.isEnabled():
        widget.setFocus(Qt.FocusReason.PopupFocusReason)
