"""The SLA chip: glyph and time in the ink of its level (design language 4.1).

Ink grows with urgency: none on track, tint due soon, tint and border at risk, solid breached, dashed border paused.
`paint_chip` serves delegates; `ChipLabel` is the same chip as a widget.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import theme
from ui.widgets.glyphs import mark_role, paint_level_glyph, text_role

_WEIGHTS: Final[dict[str, int]] = {"breached": 700, "at_risk": 700, "due_soon": 600}
_PADDING, _GLYPH, _GAP, _HEIGHT = 7, 11, 5, 22


def chip_font(level: str) -> QFont:
    return theme().font("meta", weight=_WEIGHTS.get(level, 500), tabular=True)


def chip_size(level: str, text: str) -> tuple[float, float]:
    """Width and height of a chip in px, at the text scale."""
    look = theme()
    glyph = 0 if level == "none" else look.px(_GLYPH) + look.px(_GAP)
    return QFontMetricsF(chip_font(level)).horizontalAdvance(text) + glyph + 2 * look.px(_PADDING), look.px(_HEIGHT)


def paint_chip(painter: QPainter, right: float, top: float, level: str, text: str, fraction: float = 0.5) -> QRectF:
    """Draw a chip that ends at `right`, so that the digits of stacked chips form one column. Returns its rect."""
    look = theme()
    width, height = chip_size(level, text)
    rect = QRectF(right - width, top, width, height)
    frame, radius = rect.adjusted(0.5, 0.5, -0.5, -0.5), look.radius("chip")
    ink = look.color(text_role(level))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if level in ("due_soon", "at_risk", "breached"):
        painter.setBrush(look.color(mark_role(level).replace(".mark", ".bg")))
        bordered = level == "at_risk" or look.high_contrast
        painter.setPen(QPen(look.color(mark_role(level)), 1) if bordered else QPen(Qt.PenStyle.NoPen))
        painter.drawRoundedRect(frame, radius, radius)
    elif level == "paused":
        pen = QPen(look.color(mark_role(level)), 1)
        pen.setDashPattern([3, 2.5])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame, radius, radius)
    glyph = look.px(_GLYPH)
    glyph_rect = QRectF(rect.left() + look.px(_PADDING), rect.center().y() - glyph / 2, glyph, glyph)
    paint_level_glyph(painter, glyph_rect, level, fraction, ink if level == "breached" else None)
    painter.setFont(chip_font(level))
    painter.setPen(ink)
    flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(rect.adjusted(0, 0, -look.px(_PADDING), 0), flags, text)
    painter.restore()
    return rect


class ChipLabel(QWidget):
    """A chip as a widget. Its accessible name is set by its owner, which knows the clock's name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level, self._text, self._fraction = "none", "", 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)

    @property
    def level(self) -> str:
        return self._level

    @property
    def text(self) -> str:
        return self._text

    def set_chip(self, level: str, text: str, fraction: float = 0.5) -> None:
        """Show a level and its text; repaints only when something differs, and relays out only when wider."""
        if (level, text, fraction) == (self._level, self._text, self._fraction):
            return
        before = self.sizeHint()
        self._level, self._text, self._fraction = level, text, fraction
        if self.sizeHint() != before:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width, height = chip_size(self._level, self._text)
        return QSize(int(width + 0.999), int(height))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        top = (self.height() - theme().px(_HEIGHT)) / 2
        paint_chip(painter, self.width(), top, self._level, self._text, self._fraction)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._restyle()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
