"""The session strip: always present below every section (design language 4.10). Idle until Pro sessions exist.

Left, what runs; right, whether support is open, and the policy's time. Updated on the minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.theme import theme
from ui.widgets.spoken import SpokenNow

if TYPE_CHECKING:
    from console.desk import Desk

IDLE = "No Pro session running"


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether support is open in the policy's zone, and when that changes (epoch ms, None for never)."""

    zone: str
    is_open: bool
    changes_at: int | None


def read_hours(desk: Desk) -> Hours:
    """The support hours of now; runs on the desk's thread. A policy without hours never changes."""
    now = desk.now()
    calendar = desk.history.at(None, now).calendar("business")
    if not calendar.has_hours or calendar.always_open:
        return Hours(desk.zone, calendar.always_open, None)
    is_open = calendar.is_open(now)
    return Hours(desk.zone, is_open, calendar.next_close(now) if is_open else calendar.next_open(now))


def hours_sentence(hours: Hours, now: int) -> str:
    """`Support hours until 7:00 PM`, `Support opens Mon 8:00 AM`."""
    from console.domain import words

    if hours.changes_at is None:
        return "Support is always open" if hours.is_open else "No support hours"
    when = words.due(hours.changes_at, now, hours.zone).rpartition(" ")[0]
    return f"Support hours until {when}" if hours.is_open else f"Support opens {when}"


class SessionStrip(SpokenNow, QWidget):
    """Paints the strip. `hours_over` is called when the support hours are to be asked anew."""

    def __init__(self, now: Callable[[], int], hours_over: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._now = now
        self._hours: Hours | None = None
        self._hours_over = hours_over
        self._state = self._time = ""
        self._minute = QTimer(self)
        self._minute.setSingleShot(True)
        self._minute.timeout.connect(self._tick)
        self.setAccessibleName(IDLE)
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_hours(self, hours: Hours) -> None:
        self._hours = hours
        self._tick()

    def spoken_now(self) -> str:
        return ". ".join(part for part in (IDLE, self._state, self._time) if part)

    def _tick(self) -> None:
        from console.domain import words

        hours, now = self._hours, self._now()
        if hours is None:
            return
        if hours.changes_at is not None and now >= hours.changes_at:
            self._hours = None
            self._hours_over()
            return
        self._state = hours_sentence(hours, now)
        self._time = f"{words.clock_time(now, hours.zone)} {words.zone_short(hours.zone, now)}"
        self.setAccessibleName(f"{IDLE}. {self._state}")
        self._minute.start(60_000 - now % 60_000 + 20)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), look.color("bg.surface"))
        painter.fillRect(0, 0, self.width(), 1, look.color("line.divider"))
        middle = (self.height() + 1) / 2
        radius, left = look.px(8) / 2, look.px(16)
        painter.setPen(QPen(look.color("line.control"), 1.4))
        painter.drawEllipse(QRectF(left, middle - radius, 2 * radius, 2 * radius))
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(look.font("body"))
        painter.setPen(look.color("text.secondary"))
        painter.drawText(QRectF(left + look.px(18), 1, self.width(), self.height() - 1), centre, IDLE)
        if self._time:
            self._paint_right(painter)
        painter.end()

    def _paint_right(self, painter: QPainter) -> None:
        look = theme()
        font = look.font("body", tabular=True)
        painter.setFont(font)
        right, flags = self.width() - look.px(16), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setPen(look.color("text.primary"))
        painter.drawText(QRectF(0, 1, right, self.height() - 1), flags, self._time)
        right -= int(QFontMetricsF(font).horizontalAdvance(self._time)) + look.px(14)
        painter.fillRect(right, look.px(12), 1, self.height() - look.px(24), look.color("line.divider"))
        right -= look.px(14)
        painter.setPen(look.color("text.secondary"))
        painter.drawText(QRectF(0, 1, right, self.height() - 1), flags, self._state)

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(theme().size("strip")))
        self.update()
