"""The mark of a running session: it runs, is interrupted, or does not count. It never pulses (design language 7)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from ui.theme import theme
from ui.widgets.glyphs import paint_level_glyph


def paint_live_dot(painter: QPainter, middle_x: float, middle_y: float, *, is_metered: bool, is_paused: bool) -> None:
    """A full dot with a halo while the time counts, two bars in a pause, a ring while it does not count."""
    look = theme()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if is_paused:
        side = look.px(12)
        paint_level_glyph(painter, QRectF(middle_x - side / 2, middle_y - side / 2, side, side), "paused")
        return
    halo, dot = look.px(14), look.px(8)
    painter.setPen(Qt.PenStyle.NoPen)
    if is_metered:
        painter.setBrush(look.color("bg.selected"))
        painter.drawEllipse(QRectF(middle_x - halo / 2, middle_y - halo / 2, halo, halo))
        painter.setBrush(look.color("accent.mark"))
    else:
        painter.setPen(look.color("line.control"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QRectF(middle_x - dot / 2, middle_y - dot / 2, dot, dot))
