"""The ground that cards stand on, their headings, and links that act (design language 2).

Called by the cards of every page and of the sync drawer. Painted from the theme's roles; grows with the text scale.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.controls import Elided, Words
from ui.widgets.ground import rounded

PAD: Final = 18
"""The room between a card's border and what it holds, px at 100 %."""
LINK_OVERHANG: Final = 4
QUIET_OVERHANG: Final = 10
"""How far the ground of such a button reaches beyond its words, px at 100 %."""


def paint_card(widget: QWidget) -> None:
    """The ground of a card, over all of a widget; called by its paint event."""
    look = theme()
    rounded(
        QPainter(widget),
        QRectF(widget.rect()),
        look.radius("card"),
        fill=look.color("bg.surface"),
        line=look.color("line.hairline"),
    )


class Card(QWidget):
    """A surface with a hairline around it. Attributes: `column`, the layout that its parts are added to.

    `name` is what assistive technology calls it. `bleeds`: rows reach from border to border, and pad themselves.
    """

    def __init__(self, name: str, parent: QWidget | None = None, *, bleeds: bool = False) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._bleeds = bleeds
        self.column = QVBoxLayout(self)
        self.column.setSpacing(0)
        theme().changed.connect(self._pad)
        self._pad()

    def _pad(self) -> None:
        look = theme()
        side = 1 if self._bleeds else look.px(PAD)
        self.column.setContentsMargins(side, look.px(11), side, look.px(14))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_card(self)


class Heading(QWidget):
    """The first line of a card: its title, something said beside it, and acts whose words end where the rows end.

    Attributes: `title`, `aside` (it gives way where there is no room). `padded` where the card bleeds.
    """

    def __init__(
        self, title: str, parent: QWidget | None = None, *, padded: bool = False, aside_style: str = "meta"
    ) -> None:
        super().__init__(parent)
        self.title = Words(title, "text.primary", "bodyStrong")
        self.aside = Elided("", "text.tertiary", aside_style, tabular=True)
        self._padded = padded
        self._overhang = 0
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.title)
        self._row.addWidget(self.aside, 1)
        theme().changed.connect(self._restyle)
        self._restyle()

    def add(self, act: Button) -> None:
        """Put an act at the right end."""
        self._row.addWidget(act)
        self._overhang = LINK_OVERHANG if act.kind == "link" else QUIET_OVERHANG
        self._restyle()

    def _restyle(self) -> None:
        look = theme()
        side = look.px(PAD) - 1 if self._padded else 0
        self._row.setContentsMargins(side, 0, side - look.px(self._overhang), 0)
        self._row.setSpacing(look.px(8))
        self.setFixedHeight(look.px(26))


def link(text: str, spoken: str, parent: QWidget | None = None) -> Button:
    """A link that acts: the Tab key reaches it, a click leaves the focus where it is. `spoken` is its whole name."""
    made = Button(text, parent, kind="link", small=True)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAccessibleName(spoken)
    return made
