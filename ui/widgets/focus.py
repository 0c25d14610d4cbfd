"""The focus ring: shown for keyboard and programmatic focus, not after a click (design language 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPen

from ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget as _Mixed
else:
    _Mixed = object

RING = 2
"""The ring's width in px."""


def paint_focus_ring(painter: QPainter, rect: QRectF, radius: float) -> None:
    """Draw the ring just inside a rect."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().color("focus.ring"), RING))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = RING / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)
    painter.restore()


class RingedFocus(_Mixed):
    """Mixed into a widget before its Qt class: `ringed` tells whether the ring is to be drawn."""

    ringed = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.ringed = event.reason() != Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.ringed = False
        super().focusOutEvent(event)
        self.update()
