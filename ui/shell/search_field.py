"""The search field over the views. Made after the first paint."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui import icons
from ui.theme import theme
from ui.widgets.keycap import keycap_width, paint_keycap

SEARCH_PAUSE_MS: Final = 200
"""A search starts when typing pauses for so long, or at Enter."""


class SearchField(QLineEdit):
    """Signals: `asked(str)` when the words are to be searched, an empty text ends the search; `left()` at Esc;
    `entered()` when the caret is to go into what was found.
    """

    asked = Signal(str)
    left = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Search")
        self.setAccessibleName("Search tickets")
        self.setToolTip("Search subjects and messages (/)")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._ask)
        self.textChanged.connect(lambda: self._pause.start(SEARCH_PAUSE_MS))
        self.returnPressed.connect(self._ask)
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_query(self, query: str | None) -> None:
        """Show what is searched without searching it again."""
        if (query or "") != " ".join(self.text().split()):
            self.setText(query or "")
            self._pause.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        look = theme()
        painter = QPainter(self)
        side = look.px(14)
        icons.paint(painter, QRectF(look.px(9), (self.height() - side) / 2, side, side), "search", "text.secondary")
        if not self.text() and not self.hasFocus():
            paint_keycap(painter, self.width() - look.px(6) - keycap_width("/"), self.height() / 2, "/")
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        self._pause.stop()
        self.asked.emit(self.text())

    def _restyle(self) -> None:
        look = theme()
        own = look.px(8) if look.high_contrast else 0  # there the style sheet with its padding is left out
        self.setTextMargins(look.px(18) + own, own // 2, 0, own // 2)
        self.update()
