"""The hatch of stretches that are not working time, or planned (design language 3)."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen


def paint_hatch(painter: QPainter, rect: QRectF, color: QColor, step: float = 6.0, width: float = 1.2) -> None:
    """Draw lines at 45 degrees with a pitch that is the same on every screen, which `Qt.BDiagPattern` has not."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, width))
    lines, x = [], rect.left() - rect.height()
    while x < rect.right():
        lines.append(QLineF(x, rect.bottom(), x + rect.height(), rect.top()))
        x += step * 1.414
    painter.drawLines(lines)
    painter.restore()
