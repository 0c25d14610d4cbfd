"""The lines of a card of settings: what it is called at the left, what it is beside it, and what is said below.

Painted from the theme's roles; grows with the text scale. Called by the cards.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.controls import Words, Wrapped

_LABEL: Final = 132
"""The width of the names at the left, px at 100 %."""


class Line(QWidget):
    """A name, the parts beside it, and a sentence below them, hidden while it is empty. Attributes: `label`, `told`."""

    def __init__(self, label: str, *parts: QWidget, told: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = Words(label, "text.secondary")
        self.told = Wrapped("", "text.tertiary", "meta")
        self._row = QHBoxLayout()
        self._row.addWidget(self.label, 0, Qt.AlignmentFlag.AlignVCenter)
        for part in parts:
            fills = part.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Expanding
            self._row.addWidget(part, 1 if fills else 0)
        if all(part.sizePolicy().horizontalPolicy() != QSizePolicy.Policy.Expanding for part in parts):
            self._row.addStretch(1)
        self._below = QHBoxLayout()
        self._below.addWidget(self.told, 1)
        column = self._column = QVBoxLayout(self)
        column.addLayout(self._row)
        column.addLayout(self._below)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.tell(told)

    def tell(self, sentence: str, *, error: bool = False) -> None:
        """Say something below; an empty sentence takes it away."""
        self.told.set_role("state.error.text" if error else "text.tertiary")
        self.told.setText(sentence)
        self.told.setVisible(bool(sentence))

    def _restyle(self) -> None:
        look = theme()
        self.label.setFixedWidth(look.px(_LABEL))
        self._row.setSpacing(look.px(10))
        self._below.setContentsMargins(look.px(_LABEL) + look.px(10), 0, 0, 0)
        self._column.setContentsMargins(0, look.px(5), 0, look.px(5))
        self._column.setSpacing(look.px(3))


class Fact(Line):
    """A name and a value that is only shown, with what can be done with it at the right end. The pointer can choose the
    value, to copy it."""

    def __init__(self, label: str, *acts: QWidget, parent: QWidget | None = None) -> None:
        self.value = Wrapped("", "text.primary")
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        super().__init__(label, self.value, *acts, parent=parent)

    def show_value(self, value: str, told: str = "") -> None:
        """Show a value; an empty one hides the whole line."""
        self.value.setText(value)
        self.tell(told)
        self.setVisible(bool(value))
        self.setAccessibleName(f"{self.label.text()}: {value}")
