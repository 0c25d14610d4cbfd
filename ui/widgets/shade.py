"""The shadow that a drawer throws on what is left of it (design language 2: only drawers, popovers and dialogs have
one)."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme import theme

SHADE: Final = 14
"""How far the shadow reaches, px."""


class Shade(QWidget):
    """A strip that darkens towards its right edge, through which the pointer goes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        fade = QLinearGradient(0, 0, self.width(), 0)
        fade.setColorAt(0, QColor(0, 0, 0, 0))
        fade.setColorAt(1, QColor(0, 0, 0, 110 if theme().dark else 36))
        QPainter(self).fillRect(self.rect(), fade)
