"""The marks that carry meaning without hue: one glyph per level, per impact, per status (design language
4.1, 4.2).

Pure painting; called by the chip, the queue's delegate, the clock cards and the property rows.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ui.theme import theme

LEVEL_ROLES: Final[dict[str, str]] = {
    "on_track": "calm",
    "due_soon": "soon",
    "at_risk": "risk",
    "breached": "breach",
    "paused": "paused",
    "met": "met",
    "none": "calm",
}
"""The level names of `console.domain.queue.Level` to the urgency roles of the tokens."""

IMPACT_BARS: Final[dict[str, int]] = {"high": 3, "normal": 2, "low": 1}

_TRIANGLE: Final = ((6.0, 0.9), (11.5, 10.8), (0.5, 10.8))
_DIAMOND: Final = ((6.0, 0.6), (11.4, 6.0), (6.0, 11.4), (0.6, 6.0))


def mark_role(level: str) -> str:
    """The colour role of a level's glyph, border and bar."""
    return f"urgency.{LEVEL_ROLES[level]}.mark"


def text_role(level: str) -> str:
    """The colour role of a level's text on its own chip."""
    return "text.tertiary" if level == "none" else f"urgency.{LEVEL_ROLES[level]}.text"


def paint_level_glyph(
    painter: QPainter, rect: QRectF, level: str, fraction: float = 0.5, color: QColor | None = None
) -> None:
    """Draw the glyph of a level into a square; `fraction` is the share of the target that is left (0 to 1).

    A ring with a pie while time runs, a triangle at risk, a diamond when breached, two bars when paused, a tick when
    met; nothing where there is no clock.
    """
    if level == "none":
        return
    ink = color if color is not None else theme().color(mark_role(level))
    x, y, s = rect.x(), rect.y(), rect.width() / 12
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if level in ("on_track", "due_soon"):
        painter.setPen(QPen(ink, 1.3 * s))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(x + s, y + s, 10 * s, 10 * s))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        sweep = -int(360 * 16 * min(max(fraction, 0.0), 1.0))
        painter.drawPie(QRectF(x + 2.6 * s, y + 2.6 * s, 6.8 * s, 6.8 * s), 90 * 16, sweep)
    elif level == "met":
        pen = QPen(ink, 1.8 * s, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(
            QPolygonF([QPointF(x + a * s, y + b * s) for a, b in ((1.8, 6.4), (4.8, 9.4), (10.4, 2.8))])
        )
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        if level == "paused":
            painter.drawRect(QRectF(x + 3 * s, y + 2 * s, 2 * s, 8 * s))
            painter.drawRect(QRectF(x + 7 * s, y + 2 * s, 2 * s, 8 * s))
        else:
            shape = _TRIANGLE if level == "at_risk" else _DIAMOND
            painter.drawPolygon(QPolygonF([QPointF(x + a * s, y + b * s) for a, b in shape]))
    painter.restore()


def paint_impact(painter: QPainter, rect: QRectF, impact: str | None, ink: QColor, empty: QColor) -> None:
    """Draw an impact into a 16-unit square: Urgent a filled square with `!`, High, Normal, Low as 3, 2, 1 bars.

    `ink` fills, `empty` shows the bars that are not there and the `!`'s ground is cut out with the surface. An
    impact that nobody assessed yet is a dashed square with a question mark.
    """
    x, y, s = rect.x(), rect.y(), rect.width() / 16
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if impact == "urgent":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(QRectF(x + 1 * s, y + 1 * s, 14 * s, 14 * s), 3.5 * s, 3.5 * s)
        mark = QPen(theme().color("bg.surface"), 1.9 * s, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(mark)
        painter.drawLine(QPointF(x + 8 * s, y + 4.2 * s), QPointF(x + 8 * s, y + 8.6 * s))
        painter.drawPoint(QPointF(x + 8 * s, y + 11.8 * s))
    elif impact in IMPACT_BARS:
        painter.setPen(Qt.PenStyle.NoPen)
        for bar in range(3):
            painter.setBrush(ink if bar < IMPACT_BARS[impact] else empty)
            bar_rect = QRectF(x + (1.5 + bar * 4.8) * s, y + (9 - bar * 3.5) * s, 3.4 * s, (5 + bar * 3.5) * s)
            painter.drawRoundedRect(bar_rect, s, s)
    else:
        pen = QPen(ink, 1.2 * s)
        pen.setDashPattern([2.2, 2.0])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(x + 1.6 * s, y + 1.6 * s, 12.8 * s, 12.8 * s), 3.5 * s, 3.5 * s)
        font = theme().font("caption", weight=700)
        font.setPixelSize(max(round(9.5 * s), 7))
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(QRectF(x, y, 16 * s, 16 * s), Qt.AlignmentFlag.AlignCenter, "?")
    painter.restore()


def paint_status(painter: QPainter, square: QRectF, status: str, ink: QColor | None = None) -> None:
    """A ring that fills with progress: empty New, half Open, bars Pending and On hold, tick Solved, full Closed.

    Without an `ink` what is to be done is drawn in the accent.
    """
    if ink is None:
        ink = theme().color("accent.mark" if status in ("new", "open") else "text.secondary")
    s = square.width() / 16
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ring = square.adjusted(2.2 * s, 2.2 * s, -2.2 * s, -2.2 * s)
    painter.setPen(QPen(ink, 1.5 * s))
    painter.setBrush(ink if status == "closed" else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(ring)
    painter.setBrush(ink)
    if status == "open":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPie(ring, 90 * 16, -180 * 16)
    elif status in ("pending", "on_hold"):
        painter.setPen(Qt.PenStyle.NoPen)
        bars = (6.0, 8.6) if status == "pending" else (7.2,)
        for x in bars:
            painter.drawRect(QRectF(square.x() + x * s, square.y() + 5.4 * s, 1.6 * s, 5.2 * s))
    elif status == "solved":
        corners = ((5.2, 8.2), (7.2, 10.2), (10.8, 6.2))
        painter.drawPolyline(QPolygonF([square.topLeft() + QPointF(x * s, y * s) for x, y in corners]))
    painter.restore()
