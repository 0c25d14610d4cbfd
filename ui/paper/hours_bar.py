"""The bar of the hours bought (design language 4.8): a segment for each part, hours below, and what each look means.

Shown by fill, border and hatch, not by hue: a black and white print reads the same. Lengths are device units.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from console.domain.words import exact
from console.paper.session_sheet import HoursPart, PartKind, SessionSheet
from ui.paper.flow import Flow, SetText
from ui.paper.ink import PT, Ink
from ui.widgets.hatch import paint_hatch

_LABELS: Final[dict[PartKind, str]] = {
    "used": "Used",
    "elsewhere": "Used by other work",
    "open_gap": "In question",
    "planned": "Left, planned",
    "not_planned": "Left, not planned",
    "forfeited": "Forfeited",
    "expired": "Expired",
    "refunded": "Refunded",
}
_FILLS: Final[dict[PartKind, str]] = {"used": "accent.fill", "elsewhere": "series.muted", "not_planned": "bg.pressed"}
_HATCHES: Final[dict[PartKind, str]] = {"planned": "accent.mark", "forfeited": "series.muted"}
_SOLID: Final = ("used", "elsewhere")
"""Parts that are filled and have no border."""
_DASHED: Final = ("open_gap", "expired")
_ACCENTED: Final = ("open_gap", "planned")
_STEPS_S: Final = (300, 600, 900, 1800, *(hours * 3600 for hours in (1, 2, 3, 5, 10, 20, 50, 100, 200, 500)))
_MOST_NOTCHES: Final = 8
_BAR: Final = 13 * PT
_GAP: Final = 1.4 * PT
_NOTCH: Final = 3 * PT
_SWATCH: Final = 8 * PT


def put_hours_bar(flow: Flow, ink: Ink, sheet: SessionSheet) -> None:
    """Places the bar and its legend; nothing where no hours were bought."""
    if not sheet.bought_s or not sheet.parts:
        return
    parts = sheet.parts
    small, quiet = ink.font(7), ink.color("text.tertiary")
    notches = [
        (second, SetText(flow.device, exact(second * 1000) if second else "0", small, quiet, 1e6))
        for second in _notches(sheet.bought_s)
    ]
    scale_height = _NOTCH + 2 * PT + notches[0][1].height
    flow.put(_BAR, lambda painter, y: _draw_bar(painter, ink, parts, flow.body, y))
    flow.put(scale_height, lambda painter, y: _draw_scale(painter, ink, notches, sheet.bought_s, flow.body, y))
    flow.skip(4)
    _put_legend(flow, ink, parts)


def _notches(bought_s: int) -> range:
    """The instants of the scale, in seconds of hours bought."""
    step = next((step for step in _STEPS_S if bought_s <= step * _MOST_NOTCHES), bought_s)
    return range(0, bought_s + 1, step)


def _draw_bar(painter: QPainter, ink: Ink, parts: Sequence[HoursPart], body: QRectF, y: float) -> None:
    whole = sum(part.seconds for part in parts)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    done = 0
    for part in parts:
        left = body.left() + body.width() * done / whole
        done += part.seconds
        right = body.left() + body.width() * done / whole - (_GAP if part is not parts[-1] else 0)
        _draw_part(painter, ink, part.kind, QRectF(left, y, max(right - left, 0.6 * PT), _BAR))


def _draw_part(painter: QPainter, ink: Ink, kind: PartKind, rect: QRectF) -> None:
    fill, hatch = _FILLS.get(kind), _HATCHES.get(kind)
    if kind in _SOLID:
        painter.fillRect(rect, ink.color(_FILLS[kind]))
        return
    inner = rect.adjusted(0.4 * PT, 0.4 * PT, -0.4 * PT, -0.4 * PT)
    if inner.width() <= 0:
        painter.fillRect(rect, ink.color(hatch or "line.control"))
        return
    if fill is not None:
        painter.fillRect(inner, ink.color(fill))
    if hatch is not None:
        paint_hatch(painter, inner, ink.color(hatch), 2.6 * PT, 0.6 * PT)
    line = Qt.PenStyle.DashLine if kind in _DASHED else Qt.PenStyle.SolidLine
    color = ink.color("accent.mark" if kind in _ACCENTED else "line.control")
    painter.setPen(QPen(color, 0.8 * PT, line, Qt.PenCapStyle.FlatCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(inner)


def _draw_scale(
    painter: QPainter, ink: Ink, notches: list[tuple[int, SetText]], bought_s: int, body: QRectF, y: float
) -> None:
    for second, label in notches:
        x = body.left() + body.width() * second / bought_s
        painter.setPen(QPen(ink.color("text.tertiary"), 0.5 * PT))
        painter.drawLine(QLineF(x, y + PT, x, y + _NOTCH))
        text_x = min(max(x - label.natural_width / 2, body.left()), body.right() - label.natural_width)
        label.draw(painter, text_x, y + _NOTCH + 2 * PT)


def _put_legend(flow: Flow, ink: Ink, parts: Sequence[HoursPart]) -> None:
    """The looks that occur, in one line or as many as they need."""
    rows: list[list[tuple[float, HoursPart, SetText]]] = [[]]
    x = flow.body.left()
    for part in parts:
        text = f"{_LABELS[part.kind]} {exact(part.seconds * 1000)}"
        label = SetText(flow.device, text, ink.font(8), ink.color("text.secondary"), 1e6)
        width = _SWATCH + 4 * PT + label.natural_width
        if rows[-1] and x + width > flow.body.right():
            rows.append([])
            x = flow.body.left()
        rows[-1].append((x, part, label))
        x += width + 14 * PT
    for row in rows:
        height = max(label.height for _, _, label in row) + 2 * PT

        def draw(painter: QPainter, y: float, row: list[tuple[float, HoursPart, SetText]] = row) -> None:
            for x, part, label in row:
                top = QPointF(x, y + (label.height - _SWATCH) / 2)
                _draw_part(painter, ink, part.kind, QRectF(top.x(), top.y(), _SWATCH, _SWATCH))
                label.draw(painter, x + _SWATCH + 4 * PT, y)

        flow.put(height, draw)
