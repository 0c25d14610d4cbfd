"""Lines that stand out: what completing would lose, what is wrong with a slot, what waits for an answer.

A tinted ground, a glyph and words, and an act where there is one. Called by the session page and its cards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui import icons
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.controls import Words
from ui.widgets.ground import rounded

Tone = Literal["warn", "info"]

_ROLES: Final[dict[Tone, tuple[str, str]]] = {
    "warn": ("state.warn.bg", "state.warn.text"),
    "info": ("state.info.bg", "state.info.text"),
}


class Mark(QWidget):
    """An icon of the resources in one role, as a widget of its own size."""

    def __init__(self, icon: str, role: str, parent: QWidget | None = None, *, px: int = 16) -> None:
        super().__init__(parent)
        self._icon, self._role, self._px = icon, role, px
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)

    def show_icon(self, icon: str, role: str) -> None:
        if (icon, role) != (self._icon, self._role):
            self._icon, self._role = icon, role
            self.update()

    def sizeHint(self) -> QSize:
        side = theme().px(self._px)
        return QSize(side, theme().px(18))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = theme().px(self._px)
        icons.paint(QPainter(self), QRectF(0, (self.height() - side) / 2, side, side), self._icon, self._role)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


class Notice(QWidget):
    """A sentence on a tinted ground, with the act that answers it.

    Attributes: `act`, the button at its end, None where there is nothing to do.
    """

    def __init__(
        self,
        tone: Tone,
        icon: str,
        text: str = "",
        *,
        act: str | None = None,
        do: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tone = tone
        self._words = Words(text, _ROLES[tone][1], "meta")
        self._words.setWordWrap(True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.addWidget(Mark(icon, _ROLES[tone][1]), 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._words, 1)
        self.act: Button | None = None
        if act is not None and do is not None:
            self.act = Button(act, self, small=True)
            self.act.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.act.clicked.connect(lambda: do())
            self._row.addWidget(self.act)
        self.setAccessibleName(text)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        return self._words.text()

    def say(self, text: str) -> None:
        """Another sentence in the same place."""
        if text != self.text:
            self._words.setText(text)
            self.setAccessibleName(text)

    def _restyle(self) -> None:
        look = theme()
        self._row.setContentsMargins(look.px(10), look.px(7), look.px(10), look.px(7))
        self._row.setSpacing(look.px(9))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        frame = look.color(_ROLES[self._tone][1]) if look.high_contrast else None
        ground = look.color("bg.surface" if look.high_contrast else _ROLES[self._tone][0])
        rounded(QPainter(self), QRectF(self.rect()), look.radius("control"), fill=ground, line=frame)
