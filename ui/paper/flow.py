"""Pages that fill from top to bottom: what does not fit goes on overleaf. Knows texts and pages, nothing of reports.

Everything is laid out before the first stroke is painted, so that each page can say how many there are. Lengths are
device units (`ink.PT` a point).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QPdfWriter, QTextLayout, QTextOption

from ui.paper.ink import PT

Draw = Callable[[QPainter, float], None]
"""Paints something whose top is at the given height of the page."""

_LEADING: Final = 1.18


class SetText:
    """A text broken into lines of at most a width.

    Attributes: `line_height`, `lines` (how many), `natural_width` (of the longest line).
    """

    def __init__(self, device: QPdfWriter, text: str, font: QFont, color: QColor, width: float) -> None:
        self._color = color
        self._layout = QTextLayout(text or " ", font, device)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._layout.beginLayout()
        self._lines = []
        line = self._layout.createLine()
        while line.isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, 0))
            self._lines.append(line)
            line = self._layout.createLine()
        self._layout.endLayout()
        self._width = width
        self.line_height = max(line.height() for line in self._lines) * _LEADING
        self.lines = len(self._lines)
        self.natural_width = max(line.naturalTextWidth() for line in self._lines)

    @property
    def height(self) -> float:
        return self.lines * self.line_height

    def draw(
        self,
        painter: QPainter,
        x: float,
        y: float,
        *,
        first: int = 0,
        last: int | None = None,
        flush_right: bool = False,
    ) -> None:
        """Paints the lines from `first` up to `last`, the first of them at `y`."""
        painter.setPen(self._color)
        for place, line in enumerate(self._lines[first:last]):
            indent = self._width - line.naturalTextWidth() if flush_right else 0.0
            line.draw(painter, QPointF(x + indent, y + place * self.line_height))


class Flow:
    """Pages in the making.

    Attributes: `device`, `body` (the part of a page that is filled), `pages` (what is painted on each).
    """

    def __init__(self, device: QPdfWriter, body: QRectF) -> None:
        self.device = device
        self.body = body
        self.pages: list[list[tuple[float, Draw]]] = [[]]
        self._y = body.top()

    @property
    def room(self) -> float:
        """What is left of the page."""
        return self.body.bottom() - self._y

    @property
    def at_top(self) -> bool:
        return not self.pages[-1]

    def turn(self) -> None:
        """Goes on overleaf."""
        self.pages.append([])
        self._y = self.body.top()

    def keep(self, height: float) -> None:
        """Goes on overleaf unless so much fits here; nothing fits better than on an empty page."""
        if height > self.room and not self.at_top:
            self.turn()

    def put(self, height: float, draw: Draw) -> None:
        """Places something of a height; whoever must not be torn asks `keep` before."""
        self.pages[-1].append((self._y, draw))
        self._y += height

    def skip(self, points: float) -> None:
        """Leaves some points free, except at the top of a page."""
        if not self.at_top:
            self._y += points * PT

    def put_text(self, text: SetText, x: float) -> None:
        """Places a text, over several pages if need be."""
        first = 0
        while first < text.lines:
            self.keep(text.line_height)
            fits = max(1, int(self.room / text.line_height))
            last = min(text.lines, first + fits)

            def draw(painter: QPainter, y: float, first: int = first, last: int = last) -> None:
                text.draw(painter, x, y, first=first, last=last)

            self.put((last - first) * text.line_height, draw)
            first = last

    def paint(self, painter: QPainter, furniture: Callable[[QPainter, int, int], None]) -> None:
        """Paints all pages; `furniture` paints what stands on each: (painter, page from 1, pages)."""
        for number, page in enumerate(self.pages, start=1):
            if number > 1:
                self.device.newPage()
            furniture(painter, number, len(self.pages))
            for y, draw in page:
                draw(painter, y)
