"""What the composer says around its text: what sending does to the clocks, and why the last act was not done.

Called by the composer.
"""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui import icons
from ui.theme import theme
from ui.ticket.consequence import QUIET, Consequence
from ui.widgets.controls import Words
from ui.widgets.glyphs import paint_level_glyph
from ui.widgets.ground import rounded


class ConsequenceLine(QWidget):
    """`Sending stops Next reply`, right-aligned before the button, with the glyph of the clock's level."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._said = QUIET
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(120), theme().px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, theme().px(20))

    def say(self, consequence: Consequence) -> None:
        if consequence != self._said:
            self._said = consequence
            self.setToolTip(consequence.full)
            self.setAccessibleName(consequence.full)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._said.short:
            return
        look = theme()
        painter = QPainter(self)
        painter.setFont(look.font("meta"))
        glyph, gap = look.px(11), look.px(7)
        room = self.width() - glyph - gap
        shown = painter.fontMetrics().elidedText(self._said.short, Qt.TextElideMode.ElideRight, room)
        width = painter.fontMetrics().horizontalAdvance(shown)
        painter.setPen(look.color("text.tertiary"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)
        square = QRectF(self.width() - width - gap - glyph, (self.height() - glyph) / 2, glyph, glyph)
        paint_level_glyph(painter, square, self._said.level or "none", 0.5)


class Problem(QWidget):
    """Why an act was not done, in the error's ink, with its sign; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = Words("", "state.error.text", "meta", weight=500)
        self._words.setWordWrap(True)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def text(self) -> str:
        return self._words.text()

    def say(self, sentence: str) -> None:
        if sentence:
            sentence = f"{sentence.rstrip('. ')}. Your text is safe."
        self._words.setText(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        body = QRectF(self.rect())
        rounded(painter, body, look.radius("control"), fill=look.color("state.error.bg"))
        side = look.px(14)
        icons.paint(painter, QRectF(look.px(9), body.center().y() - side / 2, side, side), "warn", "state.error.text")

    def _restyle(self) -> None:
        look = theme()
        self._row.setContentsMargins(QMargins(look.px(30), look.px(6), look.px(10), look.px(6)))
