"""A table that flows over pages: its headings come again overleaf, its total never stands alone.

A row is moved whole; one that is taller than a page is torn between lines. Lengths are device units.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QLineF
from PySide6.QtGui import QFont, QPainter, QPen

from console.paper.session_sheet import Table
from ui.paper.flow import Flow, SetText
from ui.paper.ink import PT, Ink

_TEXT_PT: Final = 9.0
_HEADING_PT: Final = 8.0
_GAP: Final = 12 * PT
_PADDING: Final = 3.5 * PT
_NARROW_SHARE: Final = 0.26
"""A column that is not wide takes at most so much of the width."""
_WIDE_SHARE: Final = 0.24
"""The wide column has at least so much."""


class TableFlow:
    """Sets a table into a flow. `head_height` is what its headings and its first row need together."""

    def __init__(self, flow: Flow, ink: Ink, table: Table) -> None:
        self._flow = flow
        self._ink = ink
        self._table = table
        self._widths = self._column_widths()
        self._headings = self._set(
            [column.heading for column in table.columns], ink.font(_HEADING_PT, 500), "text.tertiary"
        )
        body = ink.font(_TEXT_PT)
        self._rows = [self._set(row, body, "text.primary") for row in table.rows]
        self._total = None
        if table.total is not None:
            self._total = self._set(table.total, ink.font(_TEXT_PT, 600), "text.primary")

    @property
    def head_height(self) -> float:
        first = self._rows[0] if self._rows else self._headings
        return _height(self._headings) + min(_height(first), self._flow.body.height() / 3)

    def put(self) -> None:
        flow = self._flow
        flow.keep(self.head_height)
        self._put_headings()
        for place, row in enumerate(self._rows):
            is_last = place == len(self._rows) - 1
            below = _height(self._total) if is_last and self._total is not None else 0.0
            if _height(row) + below > flow.room and not flow.at_top:
                if _height(row) + below <= flow.body.height() - _height(self._headings):
                    flow.turn()
                    self._put_headings()
                else:
                    self._put_torn(row)
                    continue
            self._put_row(row, "line.hairline")
        if self._total is not None:
            flow.keep(_height(self._total))
            self._put_row(self._total, None, above="line.control")

    def _put_headings(self) -> None:
        self._put_row(self._headings, "line.divider")

    def _put_row(self, row: Sequence[SetText], below: str | None, above: str | None = None) -> None:
        height = _height(row)

        def draw(painter: QPainter, y: float) -> None:
            self._draw_cells(painter, row, y + _PADDING, 0, None)
            if below is not None:
                self._draw_rule(painter, y + height, below)
            if above is not None:
                self._draw_rule(painter, y, above)

        self._flow.put(height, draw)

    def _put_torn(self, row: Sequence[SetText]) -> None:
        """As many lines as fit, and the others overleaf."""
        flow, first, lines = self._flow, 0, max(cell.lines for cell in row)
        line_height = max(cell.line_height for cell in row)
        while first < lines:
            fits = int((flow.room - 2 * _PADDING) / line_height)
            if fits < min(2, lines - first):
                flow.turn()
                self._put_headings()
                continue
            last = min(lines, first + fits)

            def draw(painter: QPainter, y: float, first: int = first, last: int = last) -> None:
                self._draw_cells(painter, row, y + _PADDING, first, last)
                if last == lines:
                    self._draw_rule(painter, y + (last - first) * line_height + 2 * _PADDING, "line.hairline")

            flow.put((last - first) * line_height + 2 * _PADDING, draw)
            first = last

    def _draw_cells(self, painter: QPainter, row: Sequence[SetText], y: float, first: int, last: int | None) -> None:
        x = self._flow.body.left()
        for column, cell, width in zip(self._table.columns, row, self._widths, strict=True):
            cell.draw(painter, x, y, first=first, last=last, flush_right=column.amount)
            x += width + _GAP

    def _draw_rule(self, painter: QPainter, y: float, role: str) -> None:
        painter.setPen(QPen(self._ink.color(role), 0.6 * PT))
        painter.drawLine(QLineF(self._flow.body.left(), y, self._flow.body.right(), y))

    def _set(self, texts: Sequence[str], font: QFont, role: str) -> list[SetText]:
        color = self._ink.color(role)
        return [
            SetText(self._flow.device, text, font, color, width)
            for text, width in zip(texts, self._widths, strict=True)
        ]

    def _column_widths(self) -> list[float]:
        """The narrow columns as wide as their texts, the wide one takes the rest."""
        columns = self._table.columns
        room = self._flow.body.width() - _GAP * (len(columns) - 1)
        fonts = {"heading": self._ink.font(_HEADING_PT, 500), "text": self._ink.font(_TEXT_PT, 600)}
        widths = []
        for place, column in enumerate(columns):
            texts = [row[place] for row in (*self._table.rows, *filter(None, [self._table.total]))]
            natural = max(
                self._natural(column.heading, fonts["heading"]),
                *(self._natural(text, fonts["text"]) for text in texts),
            )
            widths.append(0.0 if column.wide else min(natural, room * _NARROW_SHARE))
        narrow = sum(widths)
        most = room * (1 - _WIDE_SHARE)
        if narrow > most:
            widths = [width * most / narrow for width in widths]
            narrow = most
        return [room - narrow if column.wide else width for column, width in zip(columns, widths, strict=True)]

    def _natural(self, text: str, font: QFont) -> float:
        return SetText(self._flow.device, text, font, self._ink.color("text.primary"), 1e7).natural_width + 1


def _height(row: Sequence[SetText]) -> float:
    return max(cell.height for cell in row) + 2 * _PADDING
