"""The rail: the sections, where the data is, and who you are (design language 4.3). It never hides.

Sections are data: a later section is one more `Section` here or from its own room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from ui import icons
from ui.theme import theme
from ui.widgets.avatar import paint_avatar
from ui.widgets.focus import RingedFocus, paint_focus_ring
from ui.widgets.ground import SidePanel
from ui.widgets.spoken import SpokenNow


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the program: `id`, the word and the icon on the rail, ground and ink of its badge.

    Urgency colours count breached clocks and nothing else (design language 1 and 4.3).
    """

    id: str
    title: str
    icon: str
    badge: tuple[str, str]


SECTIONS: tuple[Section, ...] = (
    Section("queue", "Queue", "nav-queue", badge=("urgency.breach.bg", "urgency.breach.text")),
    Section("pro", "Pro", "nav-pro", badge=("accent.fill", "accent.on")),
    Section("settings", "Settings", "nav-settings", badge=("accent.fill", "accent.on")),
)


def _tile() -> QSize:
    """What stands on the rail with a word under it."""
    look = theme()
    return QSize(look.px(look.size("rail")) - 8, look.px(52))


class RailButton(RingedFocus, QPushButton):
    """One section: icon over label, with a badge that counts."""

    def __init__(self, section: Section, parent: QWidget) -> None:
        super().__init__(section.title, parent)
        self._section = section
        self._badge = 0
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(section.title)

    def set_badge(self, count: int, words: str) -> None:
        """Show a count on the icon; `words` is the accessible name with it."""
        self._badge = count
        self.setAccessibleName(words)
        self.setToolTip(words if count else "")
        self.update()

    def sizeHint(self) -> QSize:
        return _tile()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = self.isChecked()
        if current or self.underMouse():
            painter.setPen(QPen(look.color("line.divider"), 1) if current else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(look.color("bg.surface" if current else "bg.pressed"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        role = "accent.text" if current else "text.secondary"
        side = look.px(look.size("icon", "rail"))
        spot = QRectF((self.width() - side) / 2, look.px(7), side, side)
        icons.paint(painter, spot, self._section.icon, role)
        painter.setFont(look.font("caption", weight=600 if current else 500))
        painter.setPen(look.color(role))
        label = QRectF(0, spot.bottom() + look.px(2), self.width(), look.px(16))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, self.text())
        if self._badge:
            self._paint_badge(painter, spot)
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), 8)
        painter.end()

    def _paint_badge(self, painter: QPainter, spot: QRectF) -> None:
        look = theme()
        text = str(self._badge) if self._badge < 100 else "99+"
        font = look.font("caption", weight=700, tabular=True)
        width = max(QFontMetrics(font).horizontalAdvance(text) + look.px(8), look.px(17))
        badge = QRectF(spot.center().x() + look.px(5), spot.top() - look.px(4), width, look.px(17))
        painter.setPen(QPen(look.color("bg.surface" if self.isChecked() else "bg.rail"), 1.5))
        ground, ink = self._section.badge
        painter.setBrush(look.color(ground))
        painter.drawRoundedRect(badge, badge.height() / 2, badge.height() / 2)
        painter.setFont(font)
        painter.setPen(look.color(ink))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)


Tone = Literal["quiet", "ok", "warn", "error"]


@dataclass(frozen=True, slots=True)
class PlaceFace:
    """What the rail says of the connection: icon and word, never one alone. `warn` and `error` stand on a tile.

    `spoken` is the accessible name at the moment at which it is asked for; `tip` the sentence of the tooltip.
    """

    icon: str
    word: str
    tone: Tone
    spoken: Callable[[], str]
    tip: str


HERE = PlaceFace(
    icon="check",
    word="On this\ncomputer",
    tone="ok",
    spoken=lambda: "Connection: on this computer only",
    tip="Everything is kept on this computer. No shared backend is set up.",
)
"""Without a hub the tickets are on this computer alone."""
CONNECTING = PlaceFace(
    icon="sync",
    word="Connecting",
    tone="quiet",
    spoken=lambda: "Connection: connecting",
    tip="The connection to the hub is being made.",
)
_TONES: Final[dict[Tone, tuple[str | None, str, str]]] = {
    "quiet": (None, "text.secondary", "text.secondary"),
    "ok": (None, "state.ok.mark", "text.secondary"),
    "warn": ("state.warn.bg", "state.warn.text", "state.warn.text"),
    "error": ("state.error.bg", "state.error.mark", "state.error.text"),
}
"""Ground, ink of the icon and ink of the word."""


class PlaceButton(SpokenNow, RingedFocus, QPushButton):
    """Where the tickets are kept and how the connection stands; opens the drawer of the sync."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.face = HERE
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_face(HERE)

    def show_face(self, face: PlaceFace) -> None:
        """Show how the connection stands. The name is set where the state is another one: counting seconds is none."""
        same = (face.icon, face.word, face.tone) == (self.face.icon, self.face.word, self.face.tone)
        self.face = face
        self.setToolTip(face.tip)
        if not same or not self.text():
            self.setText(face.word)
            self.setAccessibleName(face.spoken())
            self.update()

    def spoken_now(self) -> str:
        return self.face.spoken()

    def sizeHint(self) -> QSize:
        return _tile()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, mark, ink = _TONES[self.face.tone]
        tile = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if ground is not None or self.underMouse():
            painter.setPen(QPen(look.color(ink), 1) if ground and look.high_contrast else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(look.color(ground or "bg.pressed"))
            painter.drawRoundedRect(tile, 8, 8)
        lines = self.text().count("\n") + 1
        side = look.px(look.size("icon", "default") if lines > 1 else look.size("icon", "rail"))
        top = look.px(2 if lines > 1 else 7)
        icons.paint(painter, QRectF((self.width() - side) / 2, top, side, side), self.face.icon, mark)
        painter.setFont(look.font("caption", weight=600 if ground is not None else 500))
        painter.setPen(look.color(ink))
        label = QRectF(0, top + side + look.px(2), self.width(), look.px(16 * lines))
        painter.drawText(label, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), 8)
        painter.end()


class PersonButton(RingedFocus, QPushButton):
    """You, as a filled circle; opens the menu of theme and text size."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_person("")

    def set_person(self, name: str) -> None:
        self._name = name
        self.setAccessibleName(f"You, {name}" if name else "You")
        self.setToolTip(name)
        self.update()

    def sizeHint(self) -> QSize:
        side = theme().px(36)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        inner = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        paint_avatar(painter, inner, self._name, "me" if self._name else "nobody")
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), self.width() / 2)
        painter.end()


class Rail(SidePanel):
    """Signals: `section_chosen(str)`; `person_asked()` when the avatar is pressed; `place_asked()` when the state of
    the connection is."""

    section_chosen = Signal(str)
    person_asked = Signal()
    place_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bg.rail", "rail", parent)
        self.setAccessibleName("Sections")
        self._column.setContentsMargins(4, 10, 4, 12)
        self._column.setSpacing(2)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, RailButton] = {}
        self.place, self.person = PlaceButton(self), PersonButton(self)
        self._column.addStretch(1)
        self._column.addWidget(self.place, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addSpacing(6)
        self._column.addWidget(self.person, 0, Qt.AlignmentFlag.AlignHCenter)
        self.place.clicked.connect(self.place_asked)
        self.person.clicked.connect(self.person_asked)
        for section in SECTIONS:
            self.add_section(section)

    def add_section(self, section: Section) -> None:
        """Put a section below the ones that are there; the first becomes the current one."""
        button = RailButton(section, self)
        button.clicked.connect(lambda _=False, chosen=section.id: self.section_chosen.emit(chosen))
        button.setChecked(not self._buttons)
        self._group.addButton(button)
        self._column.insertWidget(len(self._buttons), button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._buttons[section.id] = button

    def show_current(self, section_id: str) -> None:
        """Mark a section as the one that is shown."""
        self._buttons[section_id].setChecked(True)

    @property
    def current(self) -> RailButton:
        """The button of the section that is shown."""
        return next(button for button in self._buttons.values() if button.isChecked())

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        return [*self._buttons.values(), self.place, self.person]

    def button(self, section_id: str) -> RailButton:
        return self._buttons[section_id]
