"""What the pane shows while no ticket is open: a few acts with their keys (mock e-empty). Called by the pane."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import theme
from ui.widgets.controls import KeyCap, Rule, Words
from ui.widgets.ground import Ground

USEFUL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Move through the queue", ("J", "K")),
    ("Open the selected ticket", ("Enter",)),
    ("Search the list", ("/",)),
    ("Larger or smaller text", ("Ctrl", "+", "\u2212")),
)
"""What is said when nobody said otherwise."""


class UsefulFromHere(Ground):
    """A short table of acts and key caps, in the middle of the pane."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bg.sunken", parent)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._table = QWidget()
        self._table.setLayout(self._rows)
        self._table.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.addStretch(5)
        column.addWidget(self._table, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(6)
        theme().changed.connect(self._measure)
        self.show_acts(USEFUL)

    def show_acts(self, acts: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Show acts, each with the keys to press."""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._rows.addWidget(Words("Useful from here", "text.primary", "body", weight=600))
        self._rows.addSpacing(8)
        for title, keys in acts:
            self._rows.addWidget(Rule())
            row = QWidget()
            row.setAccessibleName(f"{title}: {' '.join(keys)}")
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 8, 0, 8)
            line.setSpacing(6)
            line.addWidget(Words(title, "text.secondary"), 1)
            for key in keys:
                line.addWidget(KeyCap(key))
            self._rows.addWidget(row)
        self._measure()

    def _measure(self) -> None:
        self._table.setFixedWidth(theme().px(336))
