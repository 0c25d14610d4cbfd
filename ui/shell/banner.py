"""The banner: one sentence across the window for a state of the whole program (design language 4.12)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui import icons
from ui.theme import theme
from ui.widgets.buttons import IconButton


class Banner(QWidget):
    """Hidden until `announce`; the cross puts it away, the state itself may remain."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sentence = ""
        self._error = False
        self._close = IconButton("close", "Close", self)
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 10, 0)
        row.addStretch(1)
        row.addWidget(self._close)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def sentence(self) -> str:
        return self._sentence

    def announce(self, sentence: str, *, error: bool = False, closable: bool = True) -> None:
        """Show a sentence: what is the matter, and what still works."""
        self._sentence, self._error = sentence, error
        self.setAccessibleName(sentence)
        self.setToolTip(sentence)
        self._close.setVisible(closable)
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        kind = "error" if self._error else "info"
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color(f"state.{kind}.bg"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line.hairline"))
        side, left = look.px(16), look.px(16)
        name = "warn" if self._error else "flag"
        icons.paint(painter, QRectF(left, (self.height() - side) / 2, side, side), name, f"state.{kind}.text")
        painter.setFont(look.font("body", weight=500))
        painter.setPen(look.color(f"state.{kind}.text"))
        left += side + look.px(10)
        right = self._close.x() if self._close.isVisible() else self.width() - look.px(16)
        text = painter.fontMetrics().elidedText(self._sentence, Qt.TextElideMode.ElideRight, right - left - 8)
        painter.drawText(QRectF(left, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(40))
        self.update()
