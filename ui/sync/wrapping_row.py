"""Buttons in a row that goes on below where it is too narrow: with larger text none is cut. Called by the cards."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import theme

_GAP = 8


class WrappingRow(QWidget):
    """Takes its height from its width."""

    def __init__(self, widgets: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets = tuple(widgets)
        for widget in self._widgets:
            widget.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.updateGeometry)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        boxes = self._boxes(width)
        return max((box.bottom() + 1 for box in boxes), default=0)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), self.heightForWidth(self.width() or theme().px(200)))

    def minimumSizeHint(self) -> QSize:
        widest = max((widget.sizeHint().width() for widget in self._widgets), default=0)
        return QSize(widest, max((widget.sizeHint().height() for widget in self._widgets), default=0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        for widget, box in zip(self._widgets, self._boxes(self.width()), strict=True):
            widget.setGeometry(box)

    def _boxes(self, width: int) -> list[QRect]:
        gap, x, y, high = theme().px(_GAP), 0, 0, 0
        boxes = []
        for widget in self._widgets:
            hint = widget.sizeHint()
            if x and x + hint.width() > width:
                x, y, high = 0, y + high + gap, 0
            boxes.append(QRect(x, y, hint.width(), hint.height()))
            x += hint.width() + gap
            high = max(high, hint.height())
        return boxes
