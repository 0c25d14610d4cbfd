"""What the list says when it has no tickets: why, and the next act (design language 6; `e-empty` mock).

Words live here as data, one entry per view; the pane asks for the state that fits and shows it over the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from console.domain.queue import View
from ui import icons
from ui.theme import theme
from ui.widgets.buttons import Button

Picture = Literal["tick", "search", "plus", "warn"]

TO_MINE: Final = "view.mine"
TO_ALL: Final = "view.all_open"
TAKE_NEXT: Final = "ticket.take_next"
CLEAR_SEARCH: Final = "list.back"


@dataclass(frozen=True, slots=True)
class Emptiness:
    """An empty state: `acts` are (command id, words) of up to two buttons, `code` is a command to type elsewhere."""

    title: str
    text: str
    acts: tuple[tuple[str, str], ...] = ()
    picture: Picture = "tick"
    code: tuple[str, ...] = ()


FIRST_RUN: Final = Emptiness(
    "No tickets yet",
    "Import a file from your help desk, or open the demo with sample tickets in every state. "
    "This window shows them as soon as they are there.",
    picture="plus",
    code=("support-console import FILE", "support-console demo"),
)

_STATES: Final[dict[View, tuple[str, str, tuple[str, ...]]]] = {
    View.MINE: ("No open ticket is yours", "Take the next one that nobody has.", (TAKE_NEXT, TO_ALL)),
    View.UNASSIGNED: (
        "Every ticket has an owner",
        "New tickets appear here until someone takes them.",
        (TO_MINE, TO_ALL),
    ),
    View.BREACHED: ("Nothing is past due", "A ticket appears here when its clock passes its due time.", (TO_ALL,)),
    View.DUE_SOON: ("Nothing is due in the next 60 minutes", "What comes later is in the whole queue.", (TO_ALL,)),
    View.WAITING: (
        "No ticket waits on a customer",
        "Tickets appear here when their status is Pending.",
        (TO_MINE, TO_ALL),
    ),
    View.TO_ASSESS: (
        "Every ticket is assessed",
        "New tickets appear here until someone sets their impact.",
        (TO_MINE, TO_ALL),
    ),
    View.ALL_OPEN: ("No ticket is open", "Solved and closed tickets are found by searching.", ()),
}


def emptiness(view: View, counts: Mapping[View, int]) -> Emptiness:
    """The state of an empty view; acts that would lead to another empty view are left out."""
    title, text, acts = _STATES[view]
    open_count = counts.get(View.ALL_OPEN, 0)
    words = {
        TO_MINE: "Open my tickets" if counts.get(View.MINE) else "",
        TO_ALL: f"See all {open_count:,} open" if open_count else "",
        TAKE_NEXT: "Take the next unassigned" if counts.get(View.UNASSIGNED) else "",
    }
    if view is View.MINE and not counts.get(View.UNASSIGNED):
        text = "Nobody's tickets and yours are all done."
    return Emptiness(title, text, tuple((act, words[act]) for act in acts if words[act]))


def nothing_found(query: str) -> Emptiness:
    return Emptiness(
        f"No ticket matches \u201c{query}\u201d",
        "Open and closed tickets were searched, their subjects and messages.",
        ((CLEAR_SEARCH, "Clear the search"),),
        picture="search",
    )


class _Picture(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.kind: Picture = "tick"

    def sizeHint(self) -> QSize:
        look = theme()
        return QSize(look.px(116), look.px(56))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, unit = self.width() / 2, look.text_scale
        top = (self.height() - 54 * unit) / 2
        ink = {"tick": "state.ok.mark", "warn": "state.error.mark"}.get(self.kind, "accent.mark")
        ring = QRectF(middle - 13.5 * unit, top + unit, 27 * unit, 27 * unit)
        painter.setPen(QPen(look.color(ink), 1.6 * unit))
        painter.drawEllipse(ring)
        name = {"tick": "check", "search": "search", "plus": "plus", "warn": "warn"}[self.kind]
        side = round(16 * unit)
        icons.paint(painter, QRectF(middle - side / 2, ring.center().y() - side / 2, side, side), name, ink)
        painter.setPen(QPen(look.color("line.divider"), 1.2 * unit))
        for place in (-1, 0, 1):
            x = middle + place * 28 * unit - 11 * unit
            painter.drawRoundedRect(QRectF(x, top + 35 * unit, 22 * unit, 8 * unit), 2 * unit, 2 * unit)
        painter.setPen(QPen(look.color("line.control"), 1.6 * unit, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        y = top + 51 * unit
        painter.drawLine(QPointF(middle - 56 * unit, y), QPointF(middle + 56 * unit, y))
        painter.end()


class EmptyState(QWidget):
    """Shows one `Emptiness`. Signal: `acted(str)` with the id of the command that the person chose."""

    acted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: Emptiness | None = None
        self._picture = _Picture(self)
        self._title, self._text, self._code = QLabel(self), QLabel(self), QLabel(self)
        for label in (self._title, self._text, self._code):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(label is not self._code)
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._code.setAccessibleName("Commands to type in a terminal")
        self._acts = QHBoxLayout()
        self._acts.setSpacing(8)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(40, 0, 40, 40)
        rows.setSpacing(4)
        rows.addStretch(4)
        rows.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        rows.addSpacing(18)
        rows.addWidget(self._title)
        rows.addWidget(self._text)
        rows.addSpacing(8)
        rows.addWidget(self._code)
        rows.addSpacing(8)
        rows.addLayout(self._acts)
        rows.addStretch(5)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def state(self) -> Emptiness | None:
        return self._state

    def show_state(self, state: Emptiness) -> None:
        if state == self._state:
            return
        self._state = state
        self._picture.kind = state.picture
        self._picture.update()
        self._title.setText(state.title)
        self._text.setText(state.text)
        self._code.setText("\n".join(state.code))
        self._code.setVisible(bool(state.code))
        self.setAccessibleName(f"{state.title}. {state.text}")
        while (item := self._acts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._acts.addStretch(1)
        for position, (command, words) in enumerate(state.acts):
            button = Button(words, self, kind="plain" if position == 0 else "quiet")
            button.clicked.connect(lambda _=False, chosen=command: self.acted.emit(chosen))
            self._acts.addWidget(button)
        self._acts.addStretch(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("bg.surface"))
        painter.end()

    def _restyle(self) -> None:
        look = theme()
        for label, font, role in (
            (self._title, look.font("bodyStrong"), "text.primary"),
            (self._text, look.font("body"), "text.secondary"),
            (self._code, look.font("meta"), "text.primary"),
        ):
            if label is self._title:
                font.setPixelSize(look.px(15))
            if label is self._code:
                font.setFamilies(["ui-monospace", "Cascadia Mono", "SF Mono", "DejaVu Sans Mono", "monospace"])
            label.setFont(font)
            palette = label.palette()
            palette.setColor(label.foregroundRole(), look.color(role))
            label.setPalette(palette)
        self._picture.updateGeometry()
        self._picture.setFixedSize(self._picture.sizeHint())
        self.update()
