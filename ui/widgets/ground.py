"""What stands behind things: a ground in one role, a side panel behind its hairline, rounded frames."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QVBoxLayout, QWidget

from ui.theme import theme


class Ground(QWidget):
    """A plain ground in one role. It paints itself: a palette does not survive every move between windows."""

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ground = role
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color(self._ground))


class SidePanel(Ground):
    """A column at the left, `size` of the tokens wide, that ends in a hairline."""

    def __init__(self, role: str, size: str, parent: QWidget | None = None) -> None:
        super().__init__(role, parent)
        self._size = size
        self._column = QVBoxLayout(self)
        theme().changed.connect(self._restyle)
        self._restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QPainter(self).fillRect(self.width() - 1, 0, 1, self.height(), theme().color("line.hairline"))

    def _restyle(self) -> None:
        self.setFixedWidth(theme().px(theme().size(self._size)))
        self._column.invalidate()
        self.update()


def fill_beside_bars(area: QAbstractScrollArea, role: str) -> None:
    """Give the lane of the scroll bars the ground of what scrolls."""
    palette = area.palette()
    palette.setColor(QPalette.ColorRole.Window, theme().color(role))
    area.setPalette(palette)
    area.setAutoFillBackground(True)


def rounded(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    *,
    fill: QColor | None = None,
    line: QColor | None = None,
    dashed: bool = False,
    width: float = 1.0,
) -> None:
    """A rounded rect whose border lies inside it, sharp at scale 1."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    if line is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, radius, radius)
        return
    pen = QPen(line, width)
    if dashed:
        pen.setDashPattern([3.0 / width, 2.5 / width])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    inset = width / 2
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius - inset, radius - inset)
