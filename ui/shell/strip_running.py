"""A running Pro session in the strip: whose, the timer, the slot's bar, what ends next, and what can be done.

Where the window is narrow or the text large, parts give way in a fixed order and nothing overlaps. A tick repaints what
changed. Called by the strip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from ui import icons
from ui.shell.strip_face import SlotLevel, StripFace, face
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.focus import RingedFocus, paint_focus_ring
from ui.widgets.ground import rounded
from ui.widgets.live_dot import paint_live_dot

if TYPE_CHECKING:
    from console.desk.pro.views import StripSession

INTERRUPT: Final = "Log interruption"
GO_ON: Final = "Go on"

_GAP: Final = 16
_SIDE, _DOT, _INSET = 4, 26, 6
"""Left of the button that opens the session, its dot, and what it reaches beyond its timer."""
_CENTRE: Final = Qt.AlignmentFlag.AlignVCenter
_LEVELS: Final[dict[SlotLevel, str]] = {
    "calm": "accent.mark",
    "soon": "urgency.soon.mark",
    "past": "urgency.risk.mark",
}


class Part(NamedTuple):
    """A part of the strip in px: the room that it would like, the least that it takes, and when it gives way: the
    highest `yields` first, 0 never."""

    wanted: int
    least: int
    yields: int


def fit(parts: Mapping[str, Part], room: int, gap: int) -> dict[str, int]:
    """The parts that stand in a room of px, each with its width, in their order.

    Parts give way until the rest fits at its least; then those that would give way first are narrowed.
    """
    shown = dict(parts)

    def over(width: str) -> int:
        return sum(getattr(part, width) for part in shown.values()) + gap * max(len(shown) - 1, 0) - room

    while over("least") > 0 and any(part.yields for part in shown.values()):
        del shown[max(shown, key=lambda name: shown[name].yields)]
    too_much, widths = max(over("wanted"), 0), {name: part.wanted for name, part in shown.items()}
    for name in sorted(shown, key=lambda name: -shown[name].yields):
        taken = min(too_much, shown[name].wanted - shown[name].least)
        widths[name] -= taken
        too_much -= taken
    return widths


class Who(RingedFocus, QPushButton):
    """Whose session it is and how long it runs; pressed, its page opens."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._face: StripFace | None = None
        self._more = 0
        self._widths: dict[str, int] = {}
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_face(self, shown: StripFace, more: int, widths: dict[str, int]) -> None:
        """Show a face; `more` sessions run besides. `widths` are the px of account, more, subject and timer."""
        before = self._face
        self._face, timer_only = shown, before is not None and (more, widths) == (self._more, self._widths)
        self._more, self._widths = more, widths
        if before is None or before.account != shown.account:
            self.setAccessibleName(f"Open the session of {shown.account}")
        if before is not None and timer_only and _same_but_timer(before, shown):
            if before.timer != shown.timer:
                self.update(self._timer_rect().toAlignedRect())
        else:
            self.update()

    def _timer_rect(self) -> QRectF:
        left = self.width() - theme().px(_INSET) - self._widths.get("timer", 0)
        return QRectF(left - 1, 0, self.width() - left, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self._face
        if shown is None:
            return
        look, painter = theme(), QPainter(self)
        if self.underMouse():
            rounded(painter, QRectF(self.rect()), look.radius("control"), fill=look.color("bg.hover"))
        middle = self.height() / 2
        paint_live_dot(painter, look.px(12), middle, is_metered=shown.is_metered, is_paused=shown.is_paused)
        x = float(look.px(_DOT))
        texts = (
            ("account", shown.account, look.font("bodyStrong"), "text.primary"),
            ("more", f"+{self._more}", look.font("caption", weight=600, tabular=True), "text.secondary"),
            ("subject", shown.subject, look.font("body"), "text.secondary"),
            ("timer", shown.timer, timer_font(), "text.primary" if shown.is_metered else "text.secondary"),
        )
        for name, text, font, role in texts:
            wide = self._widths.get(name, 0)
            if not wide:
                continue
            painter.setFont(font)
            painter.setPen(look.color(role))
            if name == "more":
                pill = QRectF(x, middle - look.px(9), wide, look.px(18))
                rounded(painter, pill, pill.height() / 2, fill=look.color("bg.pressed"))
                painter.setPen(look.color(role))
                painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
            else:
                told = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, wide + 1)
                painter.drawText(QRectF(x, 0, wide + 2, self.height()), _CENTRE, told)
            x += wide + look.px(_GAP)
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), look.radius("control"))


class RunningSession(QWidget):
    """The strip while a session of mine runs.

    Attributes: `who`, `interrupt`, `note`, `stop` (buttons), `face`.

    Signals: `open_asked(ticket)`, `stop_asked(ticket)`, `note_asked(ticket)`, `resume_asked(ticket)`;
    `interruption_asked(ticket, other)`, with the id of the other customer's ticket that is offered as the interruption,
    or None.
    """

    open_asked = Signal(str)
    stop_asked = Signal(str)
    note_asked = Signal(str)
    resume_asked = Signal(str)
    interruption_asked = Signal(str, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sessions: Sequence[StripSession] = ()
        self._offered: tuple[str, str] | None = None
        self._time = ""
        self._shown: dict[str, int] = {}
        self._spots: dict[str, QRectF] = {}
        self.face: StripFace | None = None
        self.who = Who(self)
        self.interrupt = Button(INTERRUPT, self, icon="pause", small=True)
        self.note = Button("Add note", self, icon="note", small=True)
        self.stop = Button("Stop…", self, icon="stop", small=True)
        self.stop.setAccessibleName("Stop the session")
        for button in (self.interrupt, self.note, self.stop):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.who.clicked.connect(lambda: self.open_asked.emit(self.ticket))
        self.note.clicked.connect(lambda: self.note_asked.emit(self.ticket))
        self.stop.clicked.connect(lambda: self.stop_asked.emit(self.ticket))
        self.interrupt.clicked.connect(self._interrupt)
        theme().changed.connect(self._arrange)

    @property
    def ticket(self) -> str:
        """The engagement's ticket, empty before a session is shown."""
        return self._sessions[0].ticket if self._sessions else ""

    @property
    def shown(self) -> dict[str, int]:
        """The parts that there is room for, each with its width in px."""
        return dict(self._shown)

    def stops(self) -> list[QWidget]:
        return [self.who, self.interrupt, self.note, self.stop]

    def show_sessions(self, sessions: Sequence[StripSession]) -> None:
        """The first is shown, the others are counted."""
        self._sessions = sessions
        others = "\n".join(f"{session.account}, {session.subject}" for session in sessions[1:])
        self.who.setToolTip(f"Also running:\n{others}" if others else "")

    def tick(self, now: int, zone: str, time: str, offered: tuple[str, str] | None) -> None:
        """Show an instant. `time` is the clock's; `offered` the id and the name of another customer's ticket that is
        open long enough to be the interruption."""
        if not self._sessions:
            return
        before, told = self.face, (self._time, self._offered)
        self.face, self._time, self._offered = face(self._sessions[0], now, zone), time, offered
        if before is None or told != (time, offered) or not _same_but_timer(before, self.face):
            self._say_buttons()
            self._arrange()
        elif before != self.face:
            self._show_who()

    def _interrupt(self) -> None:
        if self.face is not None and self.face.is_paused:
            self.resume_asked.emit(self.ticket)
        else:
            self.interruption_asked.emit(self.ticket, None if self._offered is None else self._offered[0])

    def _say_buttons(self) -> None:
        """The first button follows what goes on; it never acts by itself."""
        paused = self.face is not None and self.face.is_paused
        offers = self._offered is not None and not paused
        text = GO_ON if paused else f"Log {self._offered[1]} as interruption" if offers and self._offered else INTERRUPT
        if text != self.interrupt.text():
            self.interrupt.setText(text)
            self.interrupt.setAccessibleName("Go on with the session" if paused else text)
            self.interrupt.set_icon("play" if paused else "pause")
            self.interrupt.set_kind("accent" if offers else "plain")

    # Measures

    def _parts(self, shown: StripFace) -> dict[str, Part]:
        """All parts from left to right. The last to give way are the customer, the timer, and Stop."""
        look = theme()

        def text(words: str, font: QFont) -> int:
            return QFontMetrics(font).horizontalAdvance(words) + 1 if words else 0

        body = look.font("body", tabular=True)
        account, subject = text(shown.account, look.font("bodyStrong")), text(shown.subject, look.font("body"))
        state = text(shown.state, body)
        ends = text(shown.ends, ends_font(shown)) + (look.px(21) if shown.is_warning else 0)
        short = text(shown.ends_short, ends_font(shown))
        parts = {
            "account": Part(account, min(account, look.px(84)), 0),
            "more": Part(look.px(26), look.px(26), 0) if len(self._sessions) > 1 else None,
            "subject": Part(min(subject, look.px(320)), min(subject, look.px(140)), 7) if subject else None,
            "timer": Part(*[text(_zeros(shown.timer), timer_font())] * 2, 0),
            "state": Part(state, min(state, look.px(110)), 4) if shown.state else None,
            "bar": Part(look.px(118), look.px(70), 6) if shown.worked is not None else None,
            "ends": Part(ends, min(look.px(150) if shown.is_warning else short, ends), 2) if shown.ends else None,
            "hours": Part(*[text(shown.hours, body)] * 2, 8) if not shown.is_warning else None,
            "interrupt": Part(*[self.interrupt.sizeHint().width()] * 2, 1),
            "note": Part(*[self.note.sizeHint().width()] * 2, 5),
            "stop": Part(*[self.stop.sizeHint().width()] * 2, 0),
            "clock": Part(*[text(self._time, body)] * 2, 3) if self._time else None,
        }
        return {name: part for name, part in parts.items() if part is not None}

    def _arrange(self) -> None:
        shown = self.face
        if shown is None:
            return
        look = theme()
        gap, left, right = look.px(_GAP), look.px(_SIDE) + look.px(_DOT), look.px(16)
        parts, room = self._parts(shown), self.width() - left - right
        for name in ("subject", "bar") if shown.is_warning else ():
            if sum(part.wanted + gap for part in parts.values()) > room + gap:
                parts.pop(name, None)  # a warning is worth more than they are
        self._shown = widths = fit(parts, room, gap)
        self.setToolTip("\n".join((shown.subject, shown.ends, shown.hours)))
        x, self._spots = float(left), {}
        for name in ("account", "more", "subject", "timer", "state", "bar", "ends", "hours"):
            if name in widths:
                self._spots[name] = QRectF(x, 0, widths[name], self.height())
                x += widths[name] + gap
        x = float(self.width() - right)
        for name in ("clock", "stop", "note", "interrupt"):
            if name in widths:
                x -= widths[name]
                self._spots[name] = QRectF(x, 0, widths[name], self.height())
                x -= gap if name == "clock" else look.px(10)
        for name, button in (("interrupt", self.interrupt), ("note", self.note), ("stop", self.stop)):
            button.setVisible(name in widths)
            if name in widths:
                spot, height = self._spots[name], button.sizeHint().height()
                button.setGeometry(round(spot.left()), (self.height() - height) // 2 + 1, ceil(spot.width()), height)
        self._show_who()
        self.update()

    def _show_who(self) -> None:
        look, shown = theme(), self.face
        if shown is None or "timer" not in self._spots:
            return
        left, end, height = look.px(_SIDE), ceil(self._spots["timer"].right()) + look.px(_INSET), look.px(30)
        self.who.setGeometry(left, (self.height() - height) // 2 + 1, end - left, height)
        widths = {name: self._shown.get(name, 0) for name in ("account", "more", "subject", "timer")}
        self.who.show_face(shown, len(self._sessions) - 1, widths)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self.face
        if shown is None:
            return
        look, painter = theme(), QPainter(self)
        if (spot := self._spots.get("bar")) is not None:
            self._paint_bar(painter, spot, shown)
        texts = (
            ("state", shown.state, "text.secondary"),
            ("hours", shown.hours, "text.secondary"),
            ("clock", self._time, "text.secondary"),
        )
        painter.setFont(look.font("body", tabular=True))
        for name, text, role in texts:
            if (spot := self._spots.get(name)) is not None:
                painter.setPen(look.color(role))
                painter.drawText(spot.adjusted(0, 1, 2, 1), _CENTRE, _elided(text, painter.font(), spot.width()))
        if (spot := self._spots.get("ends")) is not None:
            self._paint_ends(painter, spot, shown)
        for name in ("hours", "clock"):
            if (spot := self._spots.get(name)) is not None and (name == "clock" or "ends" in self._spots):
                x = round(spot.left() - look.px(_GAP) / 2)
                painter.fillRect(x, look.px(13), 1, self.height() - 2 * look.px(13) + 1, look.color("line.divider"))

    def _paint_ends(self, painter: QPainter, spot: QRectF, shown: StripFace) -> None:
        look, font = theme(), ends_font(shown)
        if shown.is_warning:
            side = look.px(15)
            icon = QRectF(spot.left(), (spot.height() - side) / 2 + 1, side, side)
            icons.paint(painter, icon, "warn", "state.warn.text")
            spot = spot.adjusted(look.px(21), 0, 0, 0)
        whole = QFontMetrics(font).horizontalAdvance(shown.ends) <= spot.width()
        painter.setFont(font)
        painter.setPen(look.color("state.warn.text" if shown.is_warning else "text.secondary"))
        told = shown.ends if whole else _elided(shown.ends_short, font, spot.width())
        painter.drawText(spot.adjusted(0, 1, 2, 1), _CENTRE, told)

    def _paint_bar(self, painter: QPainter, spot: QRectF, shown: StripFace) -> None:
        """The slot from its beginning to its end; near its end the bar warns by its colour, and `ends` in words."""
        look = theme()
        high = look.px(6)
        bar = QRectF(spot.left(), (spot.height() - high) / 2 + 1, spot.width(), high)
        frame = look.color("line.control") if look.high_contrast else None
        rounded(painter, bar, high / 2, fill=look.color("bg.pressed"), line=frame)
        for begins, ends in shown.worked or ():
            x, end = bar.left() + begins * bar.width(), bar.left() + ends * bar.width()
            part = QRectF(x, bar.top(), max(end - x, 2), high)
            rounded(painter, part, min(high / 2, part.width() / 2), fill=look.color(_LEVELS[shown.level]))


def timer_font() -> QFont:
    """The timer of the strip: 15 px, 600."""
    font = theme().font("bodyStrong", tabular=True)
    font.setPixelSize(theme().px(15))
    return font


def ends_font(shown: StripFace) -> QFont:
    return theme().font("body", weight=600 if shown.is_warning else None, tabular=True)


def _elided(text: str, font: QFont, width: float) -> str:
    return QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(width) + 1)


def _zeros(text: str) -> str:
    """A text with all digits alike, for a width that does not change with them."""
    return "".join("0" if letter.isdigit() else letter for letter in text)


def _same_but_timer(one: StripFace, other: StripFace) -> bool:
    """Whether two faces differ in nothing that needs room: a bar that grew by less than a px is the same."""
    return _look(one) == _look(other)


def _look(shown: StripFace) -> tuple[object, ...]:
    bar = None if shown.worked is None else tuple((round(a * 240), round(b * 240)) for a, b in shown.worked)
    texts = (shown.account, shown.subject, len(shown.timer), shown.state, shown.ends, shown.hours)
    return (*texts, shown.is_metered, shown.is_paused, shown.is_warning, shown.level, bar)
