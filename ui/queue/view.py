"""The list itself: a QTableView of one column with fixed heights, a sticky header, and a selection kept by ticket.

A QListView would ask every one of 100,000 rows for its height; a table with fixed sections asks none. The view knows
rows and rowids; what they mean and where they come from is the pane's.
"""

from __future__ import annotations

from collections.abc import Callable, Set

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from console.domain.queue import QueueRow
from ui.queue import wording
from ui.queue.arrangement import Header
from ui.queue.delegate import RowDelegate, header_height, paint_header, row_height
from ui.queue.model import QueueModel
from ui.theme import theme
from ui.widgets.ground import fill_beside_bars
from ui.widgets.table_text import copy_rows


class StickyHeader(QWidget):
    """The header of the group at the top of the list, which stays while its rows pass below it."""

    toggled = Signal(str)

    def __init__(self, parent: QWidget, things: str = "tickets") -> None:
        super().__init__(parent)
        self._things = things
        self._header: Header | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.hide()

    def show_header(self, header: Header | None, rect: QRect) -> None:
        if header is None:
            self.hide()
            return
        if header != self._header:
            self._header = header
            self.setAccessibleName(f"{header.section.title}, {header.section.count} {self._things}")
            self.update()
        self.setGeometry(rect)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._header is not None:
            painter = QPainter(self)
            paint_header(painter, self.rect(), self._header)
            painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._header is not None and event.button() == Qt.MouseButton.LeftButton:
            self.toggled.emit(self._header.section.key)


class QueueView(QTableView):
    """The list.

    Signals: `chosen(object)` the rowid of the row that became current, or None; `opened(object)` Enter or a double
    click on it; `range_changed()` other rows are seen; `touched()` a key was pressed; `left()` the pointer went out.
    """

    chosen = Signal(object)
    opened = Signal(object)
    range_changed = Signal()
    touched = Signal()
    left = Signal()

    def __init__(self, model: QueueModel, now: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.queue = model
        self.rows = RowDelegate(now, self)
        self._header_rows: tuple[int, ...] = ()
        self._restoring = False
        self._ringed = False
        self._neighbours: tuple[int | None, int | None] | None = None
        self.sticky = StickyHeader(self)
        self.sticky.toggled.connect(self.toggle_group)
        self._set_up()
        self.setItemDelegate(self.rows)
        model.modelAboutToBeReset.connect(self._plain_heights)
        self.setModel(model)
        model.modelReset.connect(self._header_heights)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAutoScroll(False)
        self.setCornerButtonEnabled(False)
        across, down = self.horizontalHeader(), self.verticalHeader()
        across.hide()
        across.setStretchLastSection(True)
        down.hide()
        down.setMinimumSectionSize(1)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def visible_rows(self) -> tuple[int, int]:
        """The first and last row that are seen, or (0, -1) when there is none."""
        if self.queue.arrangement.row_count == 0:
            return (0, -1)
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        return (max(first, 0), last if last >= 0 else self.queue.arrangement.row_count - 1)

    def visible_tickets(self) -> list[tuple[int, QueueRow]]:
        """The rows that are seen and have come, with their row numbers."""
        first, last = self.visible_rows()
        found = ((row, self.queue.item(row)) for row in range(first, last + 1))
        return [(row, item) for row, item in found if isinstance(item, QueueRow)]

    def repaint_chips(self) -> None:
        """Repaint the chips that are seen, and nothing else."""
        for row, item in self.visible_tickets():
            self.viewport().update(self.rows.chip_rect(self.visualRect(self.queue.index(row)), item))

    def repaint_tickets(self, rowids: Set[int]) -> None:
        """Repaint the rows of these tickets, where they are seen."""
        first, last = self.visible_rows()
        for row in range(first, last + 1):
            if self.queue.rowid_at(row) in rowids:
                self.viewport().update(self.visualRect(self.queue.index(row)))

    def show_drafted(self, tickets: Set[str]) -> None:
        """Show a pencil at these tickets, by id, and at no other."""
        if self.queue.take_drafted(frozenset(tickets)):
            self.viewport().update()

    def mark_drafted(self, ticket: str, drafted: bool) -> None:
        """Show or take away the pencil of one ticket."""
        others = self.queue.drafted - {ticket}
        self.show_drafted(others | {ticket} if drafted else others)

    def current_rowid(self) -> int | None:
        return self.queue.rowid_at(self.currentIndex().row())

    def choose(self, rowid: int | None, *, reveal: bool = False) -> bool:
        """Make a ticket current; False when the list does not show it. `reveal` scrolls to it."""
        row = None if rowid is None else self.queue.row_of(rowid)
        if row is None:
            self.selectionModel().clear()
            return rowid is None
        index = self.queue.index(row)
        at = self.verticalScrollBar().value()
        self.setCurrentIndex(index)
        if reveal:
            self.reveal(row)
        else:
            self.verticalScrollBar().setValue(at)
        return True

    def keeping_place(self, change: Callable[[], None]) -> None:
        """Do something that resets the model; the selected ticket and what stands at the top stay where they are."""
        chosen = self.current_rowid()
        before = self._neighbours or self._stands_between()
        at = self.verticalScrollBar().value()
        anchor, offset = self._anchor() if at > 0 else (None, 0)
        self._restoring = True
        try:
            change()
            row = None if chosen is None else self.queue.row_of(chosen)
            if row is not None:
                self.setCurrentIndex(self.queue.index(row))
            anchored = None if anchor is None else self.queue.row_of(anchor)
            self.verticalScrollBar().setValue(
                at if anchored is None else self.rowViewportPosition(anchored) + self._scroll() - offset
            )
        finally:
            self._restoring = False
        self._neighbours = before if before != self._stands_between() else None
        self._place_sticky()
        self.range_changed.emit()

    def reveal(self, row: int) -> None:
        """Scroll so that a row is seen whole, below the sticky header."""
        top, height = self.rowViewportPosition(row), self.rowHeight(row)
        bar, room = self.verticalScrollBar(), self.viewport().height()
        above = top - header_height()
        if above < 0:
            bar.setValue(bar.value() + above)
        elif top + height > room:
            bar.setValue(bar.value() + top + height - room)

    def step(self, by: int) -> None:
        """Go so many tickets down (or up, when negative), passing over headers of open groups."""
        self._step(by, lambda header: header is None or header.collapsed)

    def step_ticket(self, by: int) -> None:
        """As `step`, but stops on tickets only."""
        self._step(by, lambda header: header is None)

    def _step(self, by: int, stops: Callable[[Header | None], bool]) -> None:
        arrangement = self.queue.arrangement
        row = self._left_off(by)
        while 0 <= (row := row + (1 if by > 0 else -1)) < arrangement.row_count:
            if stops(arrangement.header_at(row)):
                self.setCurrentIndex(self.queue.index(row))
                self.reveal(row)
                return

    def _left_off(self, by: int) -> int:
        """The row to step from. Where an act moved the current ticket away, or out of the view, it is where the
        ticket stood: the eye is still there, and so is the next one."""
        if self._neighbours is not None:
            neighbour = self._neighbours[1 if by > 0 else 0]
            row = None if neighbour is None else self.queue.row_of(neighbour)
            if row is not None:
                return row - (1 if by > 0 else -1)
        row = self.currentIndex().row()
        return row if row >= 0 else -1 if by > 0 else self.queue.arrangement.row_count

    def _stands_between(self) -> tuple[int | None, int | None]:
        """The tickets above and below the current one; nobody where none is current."""
        place = self.queue.arrangement.place(self.currentIndex().row())
        if place is None:
            return (None, None)
        rowids = self.queue.rowids
        above = rowids[place - 1] if place > 0 else None
        return (above, rowids[place + 1] if place + 1 < len(rowids) else None)

    def open_current(self) -> None:
        """Open the current ticket, or the group whose collapsed header is current. Where nothing is, go to the first
        ticket."""
        row = self.currentIndex().row()
        if row < 0:
            self.step_ticket(1)
            return
        header = self.queue.arrangement.header_at(row)
        if header is not None:
            self.toggle_group(header.section.key)
            self.setCurrentIndex(self.queue.index(row + 1))
        elif (rowid := self.current_rowid()) is not None:
            self.opened.emit(rowid)

    def toggle_group(self, key: str) -> None:
        """Collapse or expand a group. When the current ticket goes with it, the header becomes current."""
        holds_current = self._group_of(self.currentIndex().row()) == key
        self.keeping_place(lambda: self.queue.toggle(key))
        if holds_current and not self.currentIndex().isValid():
            for row in self.queue.arrangement.header_rows:
                header = self.queue.arrangement.header_at(row)
                if header is not None and header.section.key == key and header.collapsed:
                    self.setCurrentIndex(self.queue.index(row))

    def copy_current(self) -> None:
        """Put the current ticket on the clipboard, as a row for a sheet and for a mail."""
        item = self.queue.item(self.currentIndex().row())
        if isinstance(item, QueueRow):
            copy_rows([wording.cells(item, self.queue.now(), self.queue.zone)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.touched.emit()
        self._show_ring(True)
        key, row = event.key(), self.currentIndex().row()
        header = self.queue.arrangement.header_at(row)
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.step(1 if key == Qt.Key.Key_Down else -1)
        elif header is not None and key in (Qt.Key.Key_Right, Qt.Key.Key_Space):
            self.open_current()
        elif key == Qt.Key.Key_Left and header is None and (group := self._group_of(row)) is not None:
            self.toggle_group(group)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Home, Qt.Key.Key_End):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._show_ring(False)
        header = self.queue.arrangement.header_at(self.rowAt(round(event.position().y())))
        if header is not None:
            if event.button() == Qt.MouseButton.LeftButton:
                self.toggle_group(header.section.key)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        rowid = self.queue.rowid_at(self.rowAt(round(event.position().y())))
        if rowid is not None:
            self.opened.emit(rowid)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.rows.active = True
        self._show_ring(event.reason() != Qt.FocusReason.MouseFocusReason)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.rows.active = event.reason() == Qt.FocusReason.PopupFocusReason
        self._show_ring(False)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.left.emit()
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_sticky()
        self.range_changed.emit()

    def sizeHint(self) -> QSize:
        look = theme()
        return QSize(look.size("queueList", "default"), 400)

    def _group_of(self, row: int) -> str | None:
        arrangement = self.queue.arrangement
        if not 0 <= row < arrangement.row_count:
            return None
        return arrangement.sections[arrangement.section_index(row)].key

    def _anchor(self) -> tuple[int | None, int]:
        """The first ticket that is seen whole below the sticky header, and where it stands."""
        first = max(self.rowAt(header_height()), 0)
        for row in range(first, self.queue.arrangement.row_count):
            rowid = self.queue.rowid_at(row)
            if rowid is not None:
                return rowid, self.rowViewportPosition(row)
        return None, 0

    def _scroll(self) -> int:
        return self.verticalScrollBar().value()

    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if self._ringed:
            self.rows.ringed_row = current.row()
        if not self._restoring:
            self._neighbours = None
            self.chosen.emit(self.queue.rowid_at(current.row()))

    def _show_ring(self, ringed: bool) -> None:
        self._ringed = ringed and self.hasFocus()
        self.rows.ringed_row = self.currentIndex().row() if self._ringed else None
        self.viewport().update()

    def _scrolled(self) -> None:
        self._place_sticky()
        self.range_changed.emit()

    def _place_sticky(self) -> None:
        arrangement = self.queue.arrangement
        first = self.rowAt(0)
        if first < 0 or arrangement.row_count == 0 or self._scroll() == 0:
            self.sticky.show_header(None, QRect())
            return
        index = arrangement.section_index(first)
        part = arrangement.sections[index]
        header = Header(part, part.key in arrangement.collapsed)
        height, top = header_height(), 0
        if index + 1 < len(arrangement.sections):
            following = self.rowViewportPosition(arrangement.header_rows[index + 1])
            top = min(0, following - height)
        self.sticky.show_header(header, QRect(QPoint(0, top), QSize(self.viewport().width(), height)))

    def _plain_heights(self) -> None:
        down = self.verticalHeader()
        for row in self._header_rows:
            down.resizeSection(row, row_height())

    def _header_heights(self) -> None:
        down = self.verticalHeader()
        self._header_rows = tuple(self.queue.arrangement.header_rows)
        for row in self._header_rows:
            down.resizeSection(row, header_height())

    def _restyle(self) -> None:
        self.rows.forget()
        fill_beside_bars(self, "bg.surface")
        self.verticalHeader().setDefaultSectionSize(row_height())
        self._plain_heights()
        self._header_heights()
        self.viewport().update()
        self._place_sticky()
