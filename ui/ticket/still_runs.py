"""The line above the composer while a reply waits: the clock that it will stop runs on. Called by the body."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import theme
from ui.ticket.consequence import Consequence
from ui.widgets.glyphs import mark_role, paint_level_glyph, text_role
from ui.widgets.ground import rounded


class StillRuns(QWidget):
    """A sentence in the tint of its clock's level; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said: Consequence | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)
        self.hide()

    @property
    def sentence(self) -> str:
        return self._said.full if self._said is not None else ""

    def say(self, said: Consequence | None) -> None:
        """Say how a clock stands while a reply waits, or nothing."""
        if said != self._said:
            self._said = said
            self.setAccessibleName(self.sentence)
            self.setToolTip(self.sentence)
            self.setVisible(said is not None)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._said is None:
            return
        look, level = theme(), self._said.level or "none"
        painter = QPainter(self)
        fill, line = look.color(mark_role(level).replace(".mark", ".bg")), None
        if level in ("none", "on_track", "met", "paused") or look.high_contrast:
            fill, line = look.color("bg.sunken"), look.color("line.divider")
        rounded(painter, QRectF(self.rect()), look.radius("control"), fill=fill, line=line)
        glyph, x = look.px(12), look.px(12)
        ink = look.color(text_role(level))
        square = QRectF(x, (self.height() - glyph) / 2, glyph, glyph)
        paint_level_glyph(painter, square, level, 0.5, ink if level == "breached" else None)
        x += look.px(20) if level != "none" else 0
        painter.setFont(look.font("meta", weight=500))
        painter.setPen(ink)
        room = QRectF(x, 0, self.width() - x - look.px(12), self.height())
        shown = painter.fontMetrics().elidedText(self.sentence, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()
