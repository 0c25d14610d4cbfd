"""Toasts: short sentences at the bottom left above the strip, which never take the focus (design language 4.12).

At most three; a repeated sentence is not stacked; errors stay until they are closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ui import icons
from ui.theme import theme
from ui.widgets.spoken import announce

HOLD_MS: Final = 8_000
MOST: Final = 3
WIDEST: Final = 520


class _TipButton(QPushButton):
    """A button on the toast's own ground: a word, or the cross that closes it."""

    def __init__(self, text: str, parent: QWidget, *, closes: bool = False) -> None:
        super().__init__(text, parent)
        self._closes = closes
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if closes:
            self.setAccessibleName("Close")
            self.setToolTip("Close")

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
    """One sentence, with an act if there is one. Signal: `over()` when it is to go."""

    over = Signal()

    def __init__(
        self, sentence: str, parent: QWidget, *, action: str | None, act: Callable[[], object] | None, lasting: bool
    ) -> None:
        super().__init__(parent)
        self.sentence = sentence
        self._lasting = lasting
        self.setAccessibleName(sentence)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.over)
        look = theme()
        row = QHBoxLayout(self)
        row.addStretch(1)
        if action is not None and act is not None:
            button = _TipButton(action, self)
            button.clicked.connect(act)
            button.clicked.connect(self.over)
            row.addWidget(button)
        close = _TipButton("", self, closes=True)
        close.clicked.connect(self.over)
        row.addWidget(close)
        row.setContentsMargins(0, 0, look.px(8), 0)
        row.setSpacing(look.px(2))
        self._reserved = row.sizeHint().width() + look.px(14 + 8)
        self.renew()

    def renew(self) -> None:
        """Count its time anew."""
        if not self._lasting:
            self._timer.start(HOLD_MS)

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
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.renew()


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
    ) -> None:
        """Say a sentence. With `error` it stays until it is closed. A sentence that stands there is said once."""
        for toast in self.shown:
            if toast.sentence == sentence:
                toast.renew()
                return
        toast = Toast(sentence, self._over, action=action, act=act, lasting=error)
        toast.over.connect(lambda: self._drop(toast))
        self.shown.append(toast)
        while len(self.shown) > MOST:
            self._drop(self.shown[0])
        self.place()
        toast.show()
        toast.raise_()
        announce(self._over, sentence, assertive=error)

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
