"""Draws the day ruler: two scales, the band between them, the slot with what was worked in it, and the present.

Painting only, from a `Ruler` that holds the day at its instant. Told apart by outline, fill and hatch, never by hue
alone (design language 3 and 4.9). Instants are epoch ms, measures px. Called by the day ruler.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from console.domain import words
from console.domain.calendar import Period
from ui import icons
from ui.pro import day_spans
from ui.pro.amounts import amount, floored
from ui.theme import theme
from ui.widgets.ground import rounded
from ui.widgets.hatch import paint_hatch

if TYPE_CHECKING:
    from console.desk.pro.views import Ruler

_BAND: Final = 46
_SCALE: Final = 16
"""The height of a scale's labels."""
_ABOVE, _BELOW = 9, 5
"""What lies between the labels and the band: above it the cap of the present."""
_RIGHT: Final = 10
_EDGE: Final = 3
"""Room for the focus ring around everything."""
_CENTRE: Final = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the band lies in a widget of some width, and which px stands for which instant."""

    begins_at: int
    ends_at: int
    left: float
    width: float

    def x(self, at: int) -> float:
        return self.left + (at - self.begins_at) / max(self.ends_at - self.begins_at, 1) * self.width

    def at(self, x: float) -> int:
        return round(self.begins_at + (x - self.left) / max(self.width, 1) * (self.ends_at - self.begins_at))

    def span(self, period: Period) -> QRectF:
        """The part of the band that a period takes, as far as it is drawn."""
        look = theme()
        begins, ends = max(period[0], self.begins_at), min(period[1], self.ends_at)
        return QRectF(self.x(begins), _band_top(), max(self.x(ends) - self.x(begins), 0), look.px(_BAND))


def frame(ruler: Ruler, width: int) -> Frame:
    """The band in a widget of so many px, with room for the names of both scales at its left."""
    look = theme()
    metrics = QFontMetricsF(look.font("caption", weight=600))
    names = (words.zone_short(zone, ruler.begins_at) for zone in (ruler.zone, ruler.other_zone) if zone is not None)
    left = max(look.px(42), max(metrics.horizontalAdvance(name) for name in names) + look.px(22))
    return Frame(ruler.begins_at, ruler.ends_at, left, width - left - look.px(_RIGHT))


def height(ruler: Ruler | None) -> int:
    look = theme()
    below = _BELOW + _SCALE if ruler is None or ruler.other_zone is not None else 4
    return _band_top() + look.px(_BAND) + look.px(below) + _EDGE


def _band_top() -> int:
    return _EDGE + theme().px(_SCALE + _ABOVE)


def paint_ground(painter: QPainter, where: Frame, ruler: Ruler) -> None:
    """Open hours, consented ones and the hatch of the rest, with what is to be said of the hours outside."""
    look = theme()
    for span in day_spans.closed(ruler):
        rect = where.span(span)
        painter.fillRect(rect, look.color("band.closed"))
        paint_hatch(painter, rect, look.color("band.hatch"), step=5)
    for span in (*ruler.open, *ruler.consented):
        painter.fillRect(where.span(span), look.color("band.open"))
    if look.high_contrast:
        rounded(painter, where.span((ruler.begins_at, ruler.ends_at)), 0, line=look.color("line.control"))
    for at, _ in day_spans.hours(ruler, ruler.zone):
        if any(begins < at < ends for begins, ends in ruler.open):
            line = where.span((at, at))
            painter.fillRect(QRectF(round(line.left()), line.top(), 1, line.height()), look.color("bg.surface"))
    for span in ruler.consented:
        rect = where.span(span)
        rounded(painter, rect.adjusted(1, 1, -1, -1), 3, line=look.color("accent.mark"), dashed=True)
    for span, told in day_spans.after_hours(ruler):
        _paint_after_hours(painter, where.span(span), told, is_locked=span not in ruler.consented)


def paint_scales(painter: QPainter, where: Frame, ruler: Ruler) -> None:
    """The hours above and below; as many of them as fit."""
    top = _band_top()
    _paint_scale(painter, where, ruler, ruler.zone, _EDGE, tick=top)
    if ruler.other_zone is not None:
        band_end = top + theme().px(_BAND)
        _paint_scale(painter, where, ruler, ruler.other_zone, band_end + theme().px(_BELOW), tick=None)


def paint_work(painter: QPainter, where: Frame, ruler: Ruler, slot: Period | None, *, is_allowed: bool) -> None:
    """Other slots, and the own one: what was worked solid, what is planned hatched, interruptions left open.

    `slot` is drawn in place of the ruler's while its edge is moved.
    """
    look = theme()
    for begins, ends, name in ruler.others:
        _paint_other(painter, where.span((begins, ends)), name)
    moved = slot is not None and slot != ruler.slot
    planned = ruler.planned
    if slot is not None:
        inner = where.span(slot).adjusted(0, look.px(8), 0, -look.px(8))
        rounded(painter, inner, 3, fill=look.color("bg.surface"))
        if moved:
            done = max((ends for _, ends in (*ruler.worked, *ruler.paused)), default=slot[0])
            planned = ((max(slot[0], done), slot[1]),) if done < slot[1] else ()
    for span in planned:
        _paint_planned(painter, where.span(span).adjusted(0, look.px(8), 0, -look.px(8)), span)
    for span in ruler.unmetered:
        rect = where.span(span).adjusted(1, look.px(10), -1, -look.px(10))
        rounded(painter, rect, 3, fill=look.color("bg.surface"), line=look.color("line.control"), dashed=True)
    for span in ruler.worked:
        rounded(painter, _apart(where.span(span), look.px(8)), 3, fill=look.color("band.run"))
    if slot is not None:
        outline = where.span(slot).adjusted(-2, look.px(5), 2, -look.px(5))
        line = look.color("accent.mark" if is_allowed else "state.warn.text")
        rounded(painter, outline, 5, line=line, width=1.5, dashed=not is_allowed)


def paint_now(painter: QPainter, where: Frame, now: int) -> None:
    """The present: a line with a cap."""
    if not where.begins_at <= now <= where.ends_at:
        return
    look, band = theme(), where.span((now, now))
    ink, x, cap = look.color("text.primary"), round(band.left()) + 0.5, look.px(9) / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, 1.5))
    painter.drawLine(QPointF(x, band.top() - 3), QPointF(x, band.bottom() + 4))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    top = band.top() - cap - 2
    painter.drawPolygon(QPolygonF([QPointF(x - cap, top), QPointF(x + cap, top), QPointF(x, top + 1.4 * cap)]))


def paint_grip(painter: QPainter, where: Frame, at: int, *, is_chosen: bool) -> None:
    """What an edge is taken by."""
    look, band = theme(), where.span((at, at))
    size = look.px(20 if is_chosen else 14)
    rect = QRectF(band.left() - 2.5, band.center().y() - size / 2, 5, size)
    rounded(painter, rect, 2.5, fill=look.color("focus.ring" if is_chosen else "accent.mark"))
    rounded(painter, rect, 2.5, line=look.color("bg.surface"))


def paint_flag(painter: QPainter, where: Frame, at: int, told: str) -> None:
    """Where an edge is being moved to, over the scale."""
    look, font = theme(), theme().font("caption", weight=600, tabular=True)
    wide = QFontMetricsF(font).horizontalAdvance(told) + look.px(14)
    left = min(max(where.x(at) - wide / 2, 0), where.left + where.width + look.px(_RIGHT) - wide)
    box = QRectF(left, _EDGE - 1, wide, look.px(_SCALE + 2))
    rounded(painter, box, 4, fill=look.color("bg.tooltip"))
    painter.setFont(font)
    painter.setPen(look.color("text.onTooltip"))
    painter.drawText(box, _CENTRE, told)


def planned_label(ms: int, fits: Callable[[str], bool]) -> str:
    """The longest that fits of `1h 43m planned`, `1h 43m`, and nothing."""
    short = amount(floored(ms))
    return next((told for told in (f"{short} planned", short) if fits(told)), "")


def _paint_scale(painter: QPainter, where: Frame, ruler: Ruler, zone: str, top: float, tick: float | None) -> None:
    look = theme()
    own, strong = zone == ruler.zone, day_spans.strong_hours(ruler)
    painter.setFont(look.font("caption", weight=600))
    painter.setPen(look.color("text.tertiary"))
    name = QRectF(look.px(4), top, where.left - look.px(12), look.px(_SCALE))
    painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, words.zone_short(zone, ruler.begins_at))
    labels = day_spans.hours(ruler, zone)
    per_hour = where.width / max(len(labels) - 1, 1)
    every = next((n for n in (1, 2, 3, 4, 6) if per_hour * n >= look.px(26)), 6)
    for index, (at, label) in enumerate(labels):
        x, bold = where.x(at), own and at in strong
        if tick is not None:
            painter.fillRect(
                QRectF(min(round(x), where.left + where.width - 1), tick - 4, 1, 4), look.color("line.divider")
            )
        if index % every and not bold:
            continue
        painter.setFont(_label_font(bold))
        painter.setPen(look.color("text.primary" if bold else "text.tertiary"))
        painter.drawText(QRectF(x - look.px(20), top, look.px(40), look.px(_SCALE)), _CENTRE, label)


def _label_font(bold: bool) -> QFont:
    return theme().font("caption", weight=600 if bold else 400, tabular=True)


def _paint_after_hours(painter: QPainter, rect: QRectF, told: str, *, is_locked: bool) -> None:
    """A lock and what is asked for, or until when there is a consent; fewer words, or none, where there is no room."""
    look, font = theme(), theme().font("caption", weight=500)
    side, gap = (look.px(14), look.px(5)) if is_locked else (0, 0)
    metrics, room = QFontMetricsF(font), rect.width() - side - gap - look.px(8)
    shorter = (told, told.removeprefix("consent "), "")
    told = next(text for text in shorter if not text or metrics.horizontalAdvance(text) <= room)
    gap = gap if told else 0
    wide = metrics.horizontalAdvance(told) + side + gap
    if not wide or rect.width() < wide + look.px(4):
        return
    left = rect.center().x() - wide / 2
    if is_locked:
        _clear(painter, QRectF(left - 4, rect.center().y() - look.px(9), wide + 8, look.px(18)), "band.closed")
        icons.paint(painter, QRectF(left, rect.center().y() - side / 2, side, side), "lock")
    painter.setFont(font)
    painter.setPen(look.color("text.secondary"))
    painter.drawText(QRectF(left + side + gap, rect.top(), wide, rect.height()), Qt.AlignmentFlag.AlignVCenter, told)


def _paint_other(painter: QPainter, rect: QRectF, name: str) -> None:
    look = theme()
    box = rect.adjusted(0, look.px(7), 0, -look.px(7))
    rounded(painter, box, 4, fill=look.color("bg.surface"), line=look.color("line.control"))
    font = look.font("caption", weight=500)
    room = box.width() - look.px(6)
    shown = QFontMetricsF(font).elidedText(name, Qt.TextElideMode.ElideRight, room)
    if room >= look.px(16):
        painter.setFont(font)
        painter.setPen(look.color("text.secondary"))
        painter.drawText(box, _CENTRE, shown)


def _paint_planned(painter: QPainter, rect: QRectF, span: Period) -> None:
    look, font = theme(), theme().font("caption", weight=500, tabular=True)
    metrics = QFontMetricsF(font)
    ink = look.color("band.run")
    ink.setAlphaF(1.0 if look.high_contrast else 0.6)
    rounded(painter, rect, 3, fill=look.color("bg.surface"))
    paint_hatch(painter, rect, ink, step=4.4, width=1.1)
    told = planned_label(span[1] - span[0], lambda told: metrics.horizontalAdvance(told) + look.px(18) <= rect.width())
    if told:
        wide = metrics.horizontalAdvance(told) + look.px(10)
        box = QRectF(rect.center().x() - wide / 2, rect.center().y() - look.px(9), wide, look.px(18))
        _clear(painter, box, "bg.surface")
        painter.setFont(font)
        painter.setPen(look.color("text.primary"))
        painter.drawText(box, _CENTRE, told)


def _apart(rect: QRectF, inset: int) -> QRectF:
    """A worked span, apart from its neighbours by two px, and never too narrow to be seen."""
    apart = rect.adjusted(1, inset, -1, -inset)
    return apart if apart.width() >= 2 else QRectF(rect.left(), apart.top(), 2, apart.height())


def _clear(painter: QPainter, box: QRectF, role: str) -> None:
    """A plain ground for words on a hatch."""
    rounded(painter, box, 3, fill=theme().color(role))
