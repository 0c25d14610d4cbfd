"""The session strip: always present below every section (design language 4.10).

While a Pro session of mine runs it shows that (`strip_running`, which is loaded then); idle, the next slot or how many
run in the team. Right, whether support is open, and the policy's time. Updated on the minute, and each second by
whoever follows a session. Called by the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme import theme
from ui.widgets.spoken import SpokenNow

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.pro.views import Watched
    from ui.shell.strip_running import RunningSession

IDLE = "No Pro session running"
OPEN_LONG_MS: Final = 60_000
"""Another customer's ticket that is open for longer is offered as an interruption of the session."""
_ZONE: Final = "America/New_York"
"""The zone of the service window and the policy, until the desk has told its own."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether support is open in the policy's zone, and when that changes (epoch ms, None for never)."""

    zone: str
    is_open: bool
    changes_at: int | None


@dataclass(frozen=True, slots=True)
class _Open:
    """The ticket that is shown: whose, how it is called, and since when (epoch ms)."""

    ticket: str
    name: str
    account: str | None
    since: int


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
    """Paints the strip. `hours_over` is called when the support hours are to be asked anew.

    Attributes: `running`, what is shown of a running session; None before the first one.

    Signals: `open_asked(ticket)`, `stop_asked(ticket)`, `note_asked(ticket)`, `resume_asked(ticket)` about the session
    that is shown; `interruption_asked(ticket, other)`, with the id of another customer's ticket or None.
    """

    open_asked = Signal(str)
    stop_asked = Signal(str)
    note_asked = Signal(str)
    resume_asked = Signal(str)
    interruption_asked = Signal(str, object)

    def __init__(self, now: Callable[[], int], hours_over: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._now = now
        self._hours: Hours | None = None
        self._zone = _ZONE
        self._hours_over = hours_over
        self._watched: Watched | None = None
        self._open: _Open | None = None
        self.running: RunningSession | None = None
        self._idle = IDLE
        self._state = self._time = ""
        self._minute = QTimer(self)
        self._minute.setSingleShot(True)
        self._minute.timeout.connect(self._tick)
        self.setAccessibleName(IDLE)
        theme().changed.connect(self._restyle)
        self._restyle()

    # What is shown

    def show_hours(self, hours: Hours) -> None:
        self._hours, self._zone = hours, hours.zone
        self._tick()

    def show_watched(self, watched: Watched) -> None:
        """Show what runs, or what comes next. Called whenever either may be another."""
        self._watched = watched
        if watched.running:
            running = self._made_running()
            running.show_sessions(watched.running)
            running.show()
        elif self.running is not None:
            self.running.hide()
        self._tick()

    def show_ticket(self, ticket: str | None, number: int | None, account: str | None) -> None:
        """The ticket that a person has before them, None for none; told again while it is the same one."""
        if ticket is None:
            self._open = None
        elif self._open is None or self._open.ticket != ticket:
            name = "this ticket" if number is None else f"#{number}"
            self._open = _Open(ticket, name, account, self._now())
        self._tick_running(self._now())

    def tick(self, now: int) -> None:
        """A second of a running session has passed, epoch ms."""
        self._tick_running(now)

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return self.running.stops() if self._runs and self.running is not None else []

    def spoken_now(self) -> str:
        face = self.running.face if self._runs and self.running is not None else None
        if face is not None:
            return ". ".join(part for part in (face.spoken, face.ends, self._time) if part)
        return ". ".join(part for part in (self._idle, self._state, self._time) if part)

    @property
    def _runs(self) -> bool:
        return self._watched is not None and bool(self._watched.running)

    def _made_running(self) -> RunningSession:
        if self.running is None:
            from ui.shell.strip_running import RunningSession

            running = self.running = RunningSession(self)
            running.setGeometry(self.rect())
            running.open_asked.connect(self.open_asked)
            running.stop_asked.connect(self.stop_asked)
            running.note_asked.connect(self.note_asked)
            running.resume_asked.connect(self.resume_asked)
            running.interruption_asked.connect(self.interruption_asked)
        return self.running

    # Time

    def _tick(self) -> None:
        """On the minute: the hours, the clock, and what comes next."""
        from console.domain import words

        hours, now = self._hours, self._now()
        if hours is not None:
            if hours.changes_at is not None and now >= hours.changes_at:
                self._hours = None
                self._hours_over()
                return
            self._state = hours_sentence(hours, now)
            self._time = f"{words.clock_time(now, hours.zone)} {words.zone_short(hours.zone, now)}"
            self._minute.start(60_000 - now % 60_000 + 20)
        if self._watched is not None:
            from ui.shell.strip_face import idle

            self._idle = idle(self._watched, now, self._zone) or IDLE
        self._tick_running(now)
        self._say_name()
        self.update()

    def _tick_running(self, now: int) -> None:
        running = self.running
        if not self._runs or running is None:
            return
        before = running.face
        running.tick(now, self._zone, self._time, self._offered(now))
        if before is None or running.face is None or before.named != running.face.named:
            self._say_name()

    def _say_name(self) -> None:
        """The name holds no time that ticks: it would be told at every second."""
        face = self.running.face if self._runs and self.running is not None else None
        if face is not None:
            name = face.named
        else:
            name = f"{self._idle}. {self._state}" if self._state else self._idle
        if name != self.accessibleName():
            self.setAccessibleName(name)

    def _offered(self, now: int) -> tuple[str, str] | None:
        """Another customer's ticket that is open for over a minute: its id and its name."""
        opened, watched = self._open, self._watched
        if opened is None or opened.account is None or watched is None or now - opened.since <= OPEN_LONG_MS:
            return None
        mine = {session.account.casefold() for session in watched.running}
        return None if opened.account.casefold() in mine else (opened.ticket, opened.name)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), look.color("bg.surface"))
        painter.fillRect(0, 0, self.width(), 1, look.color("line.divider"))
        if not self._runs:
            self._paint_idle(painter, self._paint_right(painter) if self._time else self.width())
        painter.end()

    def _paint_idle(self, painter: QPainter, end: int) -> None:
        look = theme()
        middle = (self.height() + 1) / 2
        radius, left = look.px(8) / 2, look.px(16)
        painter.setPen(QPen(look.color("line.control"), 1.4))
        painter.drawEllipse(QRectF(left, middle - radius, 2 * radius, 2 * radius))
        font = look.font("body", tabular=True)
        painter.setFont(font)
        painter.setPen(look.color("text.secondary"))
        left += look.px(18)
        room = max(end - left - look.px(14), 0)
        told = QFontMetricsF(font).elidedText(self._idle, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left, 1, room + 2, self.height() - 1), Qt.AlignmentFlag.AlignVCenter, told)

    def _paint_right(self, painter: QPainter) -> int:
        """The hours and the time; returns where they begin."""
        look = theme()
        font = look.font("body", tabular=True)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        right, flags = self.width() - look.px(16), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setPen(look.color("text.primary"))
        painter.drawText(QRectF(0, 1, right, self.height() - 1), flags, self._time)
        right -= int(metrics.horizontalAdvance(self._time)) + look.px(14)
        painter.fillRect(right, look.px(12), 1, self.height() - look.px(24), look.color("line.divider"))
        right -= look.px(14)
        painter.setPen(look.color("text.secondary"))
        painter.drawText(QRectF(0, 1, right, self.height() - 1), flags, self._state)
        return right - int(metrics.horizontalAdvance(self._state))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.running is not None:
            self.running.setGeometry(self.rect())

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(theme().size("strip")))
        self.update()
