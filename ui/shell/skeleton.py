"""What the window shows between its first paint and the first rows: the shape of the queue, without words."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme import theme
from ui.widgets.placeholder import paint_placeholder


class QueueSkeleton(QWidget):
    """Title bar, a header and rows, as empty shapes. `loading` False leaves the rows out."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._loading = True
        self.setAccessibleName(f"{title}, loading")

    def end(self) -> None:
        """Nothing is coming."""
        self._loading = False
        self.setAccessibleName(self._title)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("bg.surface"))
        bar = look.px(look.size("paneHeader"))
        font = look.font("title")
        font.setPixelSize(look.px(16))
        painter.setFont(font)
        painter.setPen(look.color("text.primary"))
        title = QRectF(look.px(16), 0, self.width(), bar - 1)
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.fillRect(0, bar - 1, self.width(), 1, look.color("line.hairline"))
        if self._loading:
            header, row = look.px(look.size("groupHeader")), look.px(look.size("row", "default"))
            painter.fillRect(0, bar, self.width(), header, look.color("bg.sunken"))
            painter.fillRect(0, bar + header - 1, self.width(), 1, look.color("line.hairline"))
            y, ink, line = bar + header, look.color("bg.pressed"), look.color("line.hairline")
            while y < self.height():
                paint_placeholder(painter, QRect(0, y, self.width(), row), ink)
                painter.fillRect(0, y + row - 1, self.width(), 1, line)
                y += row
        painter.end()
