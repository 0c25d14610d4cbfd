"""When the list must not move: while the pointer is over it, and for 3 s after a key (design language 4.2)."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QWidget

HELD_AFTER_KEY_MS: Final = 3_000


class Hold(QObject):
    """Watches one list. Signal: `released()` when a reason to hold may have ended; ask `active` then."""

    released = Signal()

    def __init__(self, over: QWidget, pill: QWidget) -> None:
        """`over` is what the pointer rests on, `pill` the button that applies what waits."""
        super().__init__(over)
        self._over = over
        self._pill = pill
        self._key = QTimer(self)
        self._key.setSingleShot(True)
        self._key.timeout.connect(self.released)

    def touch(self) -> None:
        """A key was pressed in the list."""
        self._key.start(HELD_AFTER_KEY_MS)

    @property
    def active(self) -> bool:
        """Whether the list must not move now."""
        return self._key.isActive() or self._pill.underMouse() or self._pointed_at()

    def _pointed_at(self) -> bool:
        over = self._over
        inside = over.underMouse() and over.rect().contains(over.mapFromGlobal(QCursor.pos()))
        return inside and over.window().isActiveWindow()
