"""The hours bar and its legend (design language 4.8): one segment for each part, hour notches, a table that adds up.

Painted from `hours_parts.Part`; a tick repaints and lays nothing out. Called by the hours card.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.pro import amounts
from ui.pro.hours_parts import Part, Style, notches
from ui.theme import theme
from ui.widgets.ground import rounded
from ui.widgets.hatch import paint_hatch

_HEIGHT: Final = 22
_GAP: Final = 2
_LEAST: Final = 3
"""However little a part is, it is seen: px."""
_SWATCH: Final = (14, 11)


def paint_part(painter: QPainter, rect: QRectF, style: Style, radius: float) -> None:
    """A part of the bar, or its swatch: told apart by fill, hatch and outline, never by hue alone."""
    look = theme()
    accent, neutral = look.color("accent.mark"), look.color("line.control")
    match style:
        case "used":
            rounded(painter, rect, radius, fill=accent)
        case "elsewhere":
            rounded(painter, rect, radius, fill=look.color("series.muted"))
        case "session":
            rounded(painter, rect, radius, fill=accent)
            paint_hatch(painter, rect.adjusted(1, 1, -1, -1), look.color("bg.surface"), step=4.6, width=1.1)
            rounded(painter, rect, radius, line=accent)
        case "gap":
            rounded(painter, rect, radius, fill=look.color("bg.surface"), line=accent, dashed=True, width=1.5)
        case "planned":
            paint_hatch(painter, rect.adjusted(1.5, 1.5, -1.5, -1.5), accent, step=3.6, width=0.9)
            rounded(painter, rect, radius, line=accent, width=1.5)
        case "not_planned":
            rounded(painter, rect, radius, fill=look.color("bg.pressed"), line=neutral)
        case "forfeited" | "expired":
            paint_hatch(painter, rect.adjusted(1, 1, -1, -1), neutral, step=3.6, width=0.9)
            rounded(painter, rect, radius, line=neutral, dashed=style == "expired")
        case "refunded":
            rounded(painter, rect, radius, line=neutral, dashed=True)


def widths(lengths: Sequence[int], room: float) -> list[float]:
    """The px of each length in a bar of `room` px with gaps; none is less than can be seen, the longest gives way."""
    total = sum(lengths)
    free = room - _GAP * (len(lengths) - 1)
    if total <= 0 or free <= 0:
        return [0.0] * len(lengths)
    found = [max(free * length / total, _LEAST) for length in lengths]
    longest = max(range(len(found)), key=found.__getitem__)
    found[longest] -= sum(found) - free
    return found


class HoursBar(QWidget):
    """One segment for each part, 22 high, with the hours below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[Part, ...] = ()
        self._bought_ms = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)

    @property
    def parts(self) -> tuple[Part, ...]:
        return self._parts

    def show_parts(self, shown: tuple[Part, ...], bought_ms: int) -> None:
        if (shown, bought_ms) != (self._parts, self._bought_ms):
            self._parts, self._bought_ms = shown, bought_ms
            self.update()

    def segments(self) -> list[tuple[QRectF, Part]]:
        """Where each part is drawn."""
        height, x = theme().px(_HEIGHT), 0.0
        found = []
        for part, width in zip(self._parts, widths([p.ms for p in self._parts], self.width()), strict=True):
            found.append((QRectF(x, 0, width, height), part))
            x += width + _GAP
        return found

    def sizeHint(self) -> QSize:
        look = theme()
        return QSize(look.px(280), look.px(_HEIGHT) + look.px(6) + look.line("caption"))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            under = next((part for rect, part in self.segments() if rect.contains(event.pos())), None)
            QToolTip.showText(event.globalPos(), f"{under.label}, {amounts.amount(under.ms)}" if under else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for rect, part in self.segments():
            paint_part(painter, rect, part.style, 3)
        self._paint_notches(painter)

    def _paint_notches(self, painter: QPainter) -> None:
        look = theme()
        top, metrics = look.px(_HEIGHT), QFontMetrics(look.font("caption", tabular=True))
        painter.setFont(look.font("caption", tabular=True))
        painter.setPen(look.color("text.tertiary"))
        free_until = self.width() + look.px(8)
        for at, label in reversed(notches(self._bought_ms)):
            x = min(round(at / self._bought_ms * self.width()), self.width() - 1)
            tick = look.px(5 if label else 3)
            painter.fillRect(QRectF(x, top + 2, 1, tick), look.color("line.control"))
            if not label:
                continue
            width = metrics.horizontalAdvance(label)
            left = min(max(x - width / 2, 0), self.width() - width)
            if left + width + look.px(8) <= free_until:
                place = QRectF(left, top + look.px(6), width + 1, look.line("caption"))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, label)
                free_until = left

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


class HoursLegend(QWidget):
    """What each part of the bar is and how much it is: what is gone on the left, what is left on the right.

    One column where there is no room for two.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[Part, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self._restyle)

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The table as it is written: (label, amount)."""
        return tuple((part.label, amounts.column(part.shown_ms)) for part in self._parts)

    def show_parts(self, shown: tuple[Part, ...]) -> None:
        if shown == self._parts:
            return
        before, self._parts = self._shape(), shown
        if before != self._shape():
            self.updateGeometry()
        self.update()

    def _shape(self) -> list[str]:
        return [part.label for part in self._parts]

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return theme().px(23) * max((len(column) for column in self._columns(width)), default=0)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(280), self.heightForWidth(max(self.width(), theme().px(200))))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(23))

    def _columns(self, width: int) -> tuple[list[Part], ...]:
        gone = [part for part in self._parts if not part.is_left]
        left = [part for part in self._parts if part.is_left]
        if gone and left and width >= 2 * self._least() + self._between():
            return gone, left
        return ([*gone, *left],)

    def _least(self) -> int:
        """The width of the widest line."""
        look = theme()
        metrics = QFontMetrics(look.font("body", tabular=True))
        lines = (metrics.horizontalAdvance(f"{label}  {text}") for label, text in self.rows)
        return max(lines, default=0) + look.px(_SWATCH[0] + 16)

    def _between(self) -> int:
        return theme().px(26)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        columns = self._columns(self.width())
        wide = (self.width() - self._between() * (len(columns) - 1)) / len(columns)
        painter.setFont(look.font("body", tabular=True))
        for at, column in enumerate(columns):
            x = at * (wide + self._between())
            for line, part in enumerate(column):
                self._paint_line(painter, QRectF(x, line * look.px(23), wide, look.px(23)), part)

    def _paint_line(self, painter: QPainter, line: QRectF, part: Part) -> None:
        look = theme()
        width, height = (look.px(side) for side in _SWATCH)
        paint_part(painter, QRectF(line.left(), line.center().y() - height / 2, width, height), part.style, 2)
        label = line.adjusted(width + look.px(8), 0, 0, 0)
        painter.setPen(look.color("text.secondary"))
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, part.label)
        painter.setPen(look.color("text.primary"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(line, right, amounts.column(part.shown_ms))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
