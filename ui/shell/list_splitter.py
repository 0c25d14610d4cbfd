"""List and ticket side by side, and how wide each is: remembered per view, bounded by what each needs (design
language 2). Called by the queue section.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from ui.shell.state import WindowState
from ui.theme import theme

LEAST_TICKET: Final = 420
"""The least width of an open ticket, px at 100 % text."""


class _Handle(QSplitterHandle):
    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color("line.hairline"))


class ListSplitter(QSplitter):
    """Two panes with a hairline between them that can be dragged. Widths are kept at 100 % text."""

    def __init__(self, state: WindowState, in_list: QWidget, in_ticket: QWidget, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._state = state
        self._view = ""
        self._list, self._ticket = in_list, in_ticket
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(in_list)
        self.addWidget(in_ticket)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self.splitterMoved.connect(self._remember)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)

    @property
    def list_end(self) -> int:
        """Where the list ends and the ticket begins, px from the left of the parent."""
        return self.x() + self._list.width()

    def bound(self, room: int) -> None:
        """Set how far the handle goes in `room` px. Large text in a small window: list and ticket share what there is,
        in proportion."""
        look = theme()
        in_list = look.size("queueList", "min")
        scale = min(look.text_scale, max(room / (in_list + LEAST_TICKET), 1.0))
        self._list.setMinimumWidth(int(in_list * scale))
        self._ticket.setMinimumWidth(int(LEAST_TICKET * scale))
        self._list.setMaximumWidth(look.px(look.size("queueList", "max")))

    def restore(self, view: str, room: int) -> None:
        """Give the list the width that it had in a view, as far as `room` px allow."""
        self._view = view
        look = theme()
        least, most = look.size("queueList", "min"), look.size("queueList", "max")
        width = look.px(self._state.number(f"width/{view}", look.size("queueList", "default"), least, most))
        width = min(width, room - self._ticket.minimumWidth())
        self.setSizes([width, room - width])

    def _remember(self) -> None:
        self._state.set_number(f"width/{self._view}", self.sizes()[0] / theme().text_scale)
