"""Toasts: short sentences at the bottom left above the strip, which never take the focus (design language 4.12).

At most three; a repeated sentence is not stacked; errors stay until they are closed. A toast may offer one act, such as
Undo, with the time that is left for it; Ctrl+Z takes the latest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from console.domain.words import duration
from ui import icons
from ui.theme import theme
from ui.widgets.spoken import announce

HOLD_MS: Final = 8_000
MOST: Final = 3
WIDEST: Final = 520


class _TipButton(QPushButton):
    """A button on the toast's own ground: a word, or the cross that closes it. Signal: `focused(bool)`."""

    focused = Signal(bool)

    def __init__(self, text: str, parent: QWidget, *, closes: bool = False) -> None:
        super().__init__(text, parent)
        self._closes = closes
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if closes:
            self.setAccessibleName("Close")
            self.setToolTip("Close")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit(False)

    def sizeHint(self) -> QSize:
        look = theme()
        if self._closes:
            return QSize(look.px(24), look.px(24))
        font = look.font("body", weight=600)
        return QSize(QFontMetrics(font).horizontalAdvance(self.text()) + look.px(12), look.px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        if self._closes:
            side = look.px(14)
            spot = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
            icons.paint(painter, spot, "close", "text.onTooltip")
        else:
            font = look.font("body", weight=600)
            font.setUnderline(self.underMouse() or self.hasFocus())
            painter.setFont(font)
            painter.setPen(look.color("text.onTooltip"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class Toast(QWidget):
    """One sentence, with an act if there is one. Signal: `over()` when it is to go.

    `until_s` is how long the act can be done, in seconds: the toast stays as long and shows what is left. Without it
    the toast goes by itself, but not under the pointer or the focus.
    """

    over = Signal()

    def __init__(
        self,
        sentence: str,
        parent: QWidget,
        *,
        action: str | None,
        act: Callable[[], object] | None,
        lasting: bool,
        until_s: int | None,
    ) -> None:
        super().__init__(parent)
        self.sentence = sentence
        self.action = action if act is not None else None
        self._act = act
        self._lasting = lasting
        self._until_s = until_s
        self.setAccessibleName(sentence)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.over)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self.update)
        look = theme()
        row = QHBoxLayout(self)
        row.addStretch(1)
        for button in self._buttons():
            button.focused.connect(self._hold)
            row.addWidget(button)
        row.setContentsMargins(0, 0, look.px(8), 0)
        row.setSpacing(look.px(2))
        self._counted = 0 if until_s is None else self._count_metrics().horizontalAdvance("88m 88s") + look.px(6)
        self._reserved = row.sizeHint().width() + look.px(14 + 8) + self._counted
        if until_s is not None:
            self._timer.start(until_s * 1000)
            self._second.start()
        self.renew()

    def act(self) -> None:
        """Do what the toast offers, and go."""
        if self._act is not None:
            self._act()
            self.over.emit()

    def renew(self) -> None:
        """Count its time anew. What can be done until an instant is not held longer."""
        if not self._lasting and self._until_s is None:
            self._timer.start(HOLD_MS)

    @property
    def is_counting(self) -> bool:
        """Whether its time runs."""
        return self._timer.isActive()

    @property
    def left(self) -> str:
        """The time that is left for its act, as it is shown; empty where none is counted."""
        return duration(max(self._timer.remainingTime(), 0) // 1000) if self._until_s is not None else ""

    def _buttons(self) -> list[_TipButton]:
        close = _TipButton("", self, closes=True)
        close.clicked.connect(self.over)
        if self.action is None:
            return [close]
        button = _TipButton(self.action, self)
        button.clicked.connect(self.act)
        return [button, close]

    def _hold(self, held: bool) -> None:
        if not held:
            self.renew()
        elif self._until_s is None:
            self._timer.stop()

    def _count_metrics(self) -> QFontMetrics:
        return QFontMetrics(theme().font("body", tabular=True))

    def size_in(self, room: int) -> QSize:
        """The size that the sentence needs in so many px across."""
        look = theme()
        metrics = QFontMetrics(look.font("body"))
        most = min(look.px(WIDEST), room) - self._reserved
        needed = metrics.boundingRect(0, 0, most, 400, int(Qt.TextFlag.TextWordWrap), self.sentence)
        return QSize(needed.width() + self._reserved + 2, max(needed.height() + look.px(22), look.px(42)))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("bg.tooltip"))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        painter.setFont(look.font("body"))
        painter.setPen(look.color("text.onTooltip"))
        text = QRectF(look.px(14), 0, self.width() - self._reserved + 2, self.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(text, int(flags), self.sentence)
        if self._counted:
            painter.setFont(look.font("body", tabular=True))
            right = self.width() - self._reserved + look.px(14) + self._counted
            count = QRectF(right - self._counted, 0, self._counted - look.px(6), self.height())
            painter.drawText(count, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self.left)
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._hold(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hold(False)


class Toasts(QObject):
    """The stack of toasts over a window's central widget; `corner` gives left, bottom and the room to the right, px."""

    def __init__(self, over: QWidget, corner: Callable[[], tuple[int, int, int]]) -> None:
        super().__init__(over)
        self._over = over
        self._corner = corner
        self.shown: list[Toast] = []

    def show(
        self,
        sentence: str,
        *,
        action: str | None = None,
        act: Callable[[], object] | None = None,
        error: bool = False,
        until_s: int | None = None,
    ) -> None:
        """Say a sentence. With `error` it stays until it is closed. A sentence that stands there is said once.

        `action` names the act that the toast offers, for `until_s` seconds where it is given.
        """
        for toast in [toast for toast in self.shown if toast.sentence == sentence]:
            if act is None and toast.action is None:
                toast.renew()
                return
            self._drop(toast)  # the act of the new one is another
        toast = Toast(sentence, self._over, action=action, act=act, lasting=error, until_s=until_s)
        toast.over.connect(lambda: self._drop(toast))
        self.shown.append(toast)
        while len(self.shown) > MOST:
            self._drop(self.shown[0])
        self.place()
        toast.show()
        toast.raise_()
        announce(self._over, sentence, assertive=error)

    def offers(self) -> bool:
        """Whether a toast offers an act."""
        return any(toast.action is not None for toast in self.shown)

    def act_on_latest(self) -> None:
        """Do what the latest toast with an act offers (Ctrl+Z)."""
        for toast in reversed(self.shown):
            if toast.action is not None:
                toast.act()
                return

    def place(self) -> None:
        """Stack the toasts upwards from the corner; called when the window changes its size."""
        left, bottom, room = self._corner()
        for toast in reversed(self.shown):
            size = toast.size_in(room)
            bottom -= size.height()
            toast.setGeometry(left, bottom, size.width(), size.height())
            bottom -= 8

    def _drop(self, toast: Toast) -> None:
        if toast in self.shown:
            self.shown.remove(toast)
            toast.hide()
            toast.deleteLater()
            self.place()
