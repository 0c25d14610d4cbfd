"""A key as it is drawn in fields, empty states and the list of shortcuts."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from ui.theme import theme


def keycap_width(text: str) -> float:
    look = theme()
    return max(QFontMetricsF(look.font("caption")).horizontalAdvance(text) + look.px(10), look.px(18))


def paint_keycap(painter: QPainter, left: float, middle: float, text: str) -> float:
    """Draw a key whose centre line is at `middle`; returns its right edge."""
    look = theme()
    width, height = keycap_width(text), look.px(18)
    frame = QRectF(left + 0.5, middle - height / 2 + 0.5, width - 1, height - 1)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.color("line.divider"), 1))
    painter.setBrush(look.color("bg.surface"))
    painter.drawRoundedRect(frame, 4, 4)
    painter.setFont(look.font("caption"))
    painter.setPen(look.color("text.secondary"))
    painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
    return left + width
