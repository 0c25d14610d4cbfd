"""The shape of a queue row before its words have come: drawn by the skeleton of the first paint and by the list."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ui.theme import theme


def paint_placeholder(painter: QPainter, rect: QRect, ink: QColor) -> None:
    """A ticket that has not come yet: the shape of a row, without words."""
    look = theme()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    x, y, right = rect.left() + look.px(42), rect.top(), rect.right() - look.px(14)
    width = max(right - x - look.px(96), look.px(40))
    bars = (
        (rect.left() + look.px(17), y + look.px(12), look.px(14), look.px(10)),
        (x, y + look.px(13), width * 0.86, look.px(9)),
        (x, y + look.px(34), width * 0.55, look.px(8)),
        (right - look.px(58), y + look.px(11), look.px(58), look.px(14)),
        (right - look.px(76), y + look.px(34), look.px(76), look.px(8)),
    )
    for left, top, wide, high in bars:
        painter.drawRoundedRect(QRectF(left, top, wide, high), 3, 3)
