"""The list of engagements itself: rows under sticky group headers, with a selection that is kept by ticket.

It knows rows and tickets; where they come from is `engagement_list`'s. Keys and pointer work as in the queue.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from console.desk.pro.views import EngagementRow
from ui.pro import engagement_words as wording
from ui.pro.engagement_delegate import EngagementDelegate
from ui.pro.engagement_model import EngagementModel
from ui.queue.arrangement import Header
from ui.queue.delegate import header_height
from ui.queue.view import StickyHeader
from ui.theme import theme
from ui.widgets.ground import fill_beside_bars
from ui.widgets.table_text import copy_rows


class EngagementView(QListView):
    """The list.

    Signals: `opened(str)` Enter or a double click on an engagement; `toggle_asked(str)` on the header of a group;
    `touched()` a key was pressed; `left()` the pointer went out.
    """

    opened = Signal(str)
    toggle_asked = Signal(str)
    touched = Signal()
    left = Signal()

    def __init__(self, model: EngagementModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.engagements = model
        self.rows = EngagementDelegate(model, self)
        self._ringed = False
        self.sticky = StickyHeader(self, "engagements")
        self.sticky.toggled.connect(self.toggle_asked)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAutoScroll(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Pro engagements")
        self.setItemDelegate(self.rows)
        self.setModel(model)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.verticalScrollBar().valueChanged.connect(self._place_sticky)
        theme().changed.connect(self._restyle)
        self._restyle()

    # Selection and place, kept through a refresh ---------------------------------------------------------------------

    def current_ticket(self) -> str | None:
        return self.engagements.ticket_at(self.currentIndex().row())

    def choose(self, ticket: str | None) -> bool:
        """Make an engagement current and bring it into sight; False when the list does not show it."""
        row = None if ticket is None else self.engagements.row_of(ticket)
        if row is None:
            return False
        self.setCurrentIndex(self.engagements.index(row))
        self.reveal(row)
        return True

    def keeping_place(self, change: Callable[[], None]) -> None:
        """Do something that resets the model; the chosen engagement and the place in the list stay. Where it is gone,
        the one that takes its place in the list is current."""
        ticket, row, at = self.current_ticket(), self.currentIndex().row(), self.verticalScrollBar().value()
        change()
        self.executeDelayedItemsLayout()
        kept = None if ticket is None else self.engagements.row_of(ticket)
        if kept is None and row >= 0:
            kept = self._nearest(row)
        if kept is not None:
            self.setCurrentIndex(self.engagements.index(kept))
        self.verticalScrollBar().setValue(at)
        self._place_sticky()

    def reveal(self, row: int) -> None:
        """Scroll so that a row is seen whole, below the sticky header."""
        self.executeDelayedItemsLayout()
        rect, bar = self.visualRect(self.engagements.index(row)), self.verticalScrollBar()
        first = row == next(iter(self.engagements.arrangement.header_rows), 0) + 1
        above = rect.top() - header_height() * (2 if first else 1)
        if above < 0:
            bar.setValue(bar.value() + above)
        elif rect.bottom() >= self.viewport().height():
            bar.setValue(bar.value() + rect.bottom() + 1 - self.viewport().height())

    def step(self, by: int) -> None:
        """Go to the next engagement down (or up, when negative), passing over the headers of open groups."""
        arrangement = self.engagements.arrangement
        row = self.currentIndex().row()
        row = row if row >= 0 else -1 if by > 0 else arrangement.row_count
        while 0 <= (row := row + (1 if by > 0 else -1)) < arrangement.row_count:
            header = arrangement.header_at(row)
            if header is None or header.collapsed:
                self.setCurrentIndex(self.engagements.index(row))
                self.reveal(row)
                return

    def open_current(self) -> None:
        """Open the current engagement, or the group whose collapsed header is current. Where nothing is, go to the
        first row."""
        item = self.engagements.item(self.currentIndex().row())
        if isinstance(item, Header):
            self.toggle_asked.emit(item.section.key)
        elif item is not None:
            self.opened.emit(item.ticket)
        else:
            self.step(1)

    def copy_current(self) -> None:
        """Put the current engagement on the clipboard, as a row for a sheet and for a mail."""
        item = self.engagements.item(self.currentIndex().row())
        if isinstance(item, EngagementRow):
            copy_rows([wording.cells(item, self.engagements.now(), self.engagements.zone)])

    def group_of(self, row: int) -> str | None:
        arrangement = self.engagements.arrangement
        if not 0 <= row < arrangement.row_count:
            return None
        return arrangement.sections[arrangement.section_index(row)].key

    def choose_header(self, key: str) -> None:
        """Make a collapsed header current."""
        for row in self.engagements.arrangement.header_rows:
            header = self.engagements.arrangement.header_at(row)
            if header is not None and header.collapsed and header.section.key == key:
                self.setCurrentIndex(self.engagements.index(row))

    # Events ----------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.touched.emit()
        self._show_ring(True)
        key, row = event.key(), self.currentIndex().row()
        header = self.engagements.arrangement.header_at(row)
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.step(1 if key == Qt.Key.Key_Down else -1)
        elif header is not None and key in (Qt.Key.Key_Right, Qt.Key.Key_Space):
            self.open_current()
        elif key == Qt.Key.Key_Left and header is None and (group := self.group_of(row)) is not None:
            self.toggle_asked.emit(group)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Home, Qt.Key.Key_End):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._show_ring(False)
        header = self.engagements.arrangement.header_at(self.indexAt(event.position().toPoint()).row())
        if header is not None:
            if event.button() == Qt.MouseButton.LeftButton:
                self.toggle_asked.emit(header.section.key)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        ticket = self.engagements.ticket_at(self.indexAt(event.position().toPoint()).row())
        if ticket is not None:
            self.opened.emit(ticket)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.rows.active = True
        self._show_ring(event.reason() != Qt.FocusReason.MouseFocusReason)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.rows.active = event.reason() == Qt.FocusReason.PopupFocusReason
        self._show_ring(False)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.left.emit()
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_sticky()

    # Parts -----------------------------------------------------------------------------------------------------------

    def _nearest(self, row: int) -> int | None:
        """The engagement that stands at a row, else the one above or below it."""
        last = self.engagements.arrangement.row_count - 1
        candidates = (*range(min(row, last), last + 1), *range(min(row, last), -1, -1))
        return next((place for place in candidates if self.engagements.ticket_at(place) is not None), None)

    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if self._ringed:
            self.rows.ringed_row = current.row()

    def _show_ring(self, ringed: bool) -> None:
        self._ringed = ringed and self.hasFocus()
        self.rows.ringed_row = self.currentIndex().row() if self._ringed else None
        self.viewport().update()

    def _place_sticky(self) -> None:
        arrangement = self.engagements.arrangement
        first = self.indexAt(QPoint(1, 0)).row()
        if first < 0 or self.verticalScrollBar().value() == 0:
            self.sticky.show_header(None, QRect())
            return
        place = arrangement.section_index(first)
        part = arrangement.sections[place]
        height, top = header_height(), 0
        if place + 1 < len(arrangement.sections):
            following = self.visualRect(self.engagements.index(arrangement.header_rows[place + 1])).top()
            top = min(0, following - height)
        header = Header(part, part.key in arrangement.collapsed)
        self.sticky.show_header(header, QRect(QPoint(0, top), QSize(self.viewport().width(), height)))

    def _restyle(self) -> None:
        self.rows.forget()
        fill_beside_bars(self, "bg.surface")
        self.scheduleDelayedItemsLayout()
        self._place_sticky()
        self.viewport().update()
