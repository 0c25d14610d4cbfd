"""The engagements by what they wait for: the list, what it says when it is empty, and when it may move.

Rows change in place at once; they change their places only while neither pointer nor keyboard is in the list, else the
new order waits behind a pill (design language 4.2). Called by the Pro section, which reads from the desk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from console.desk.pro.views import EngagementRow
from ui.pro.engagement_model import CLOSED, EngagementModel, order_of
from ui.pro.engagement_view import EngagementView
from ui.queue.bar import OrderPill
from ui.queue.delegate import header_height
from ui.queue.empty import Emptiness, EmptyState
from ui.queue.hold import Hold
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.card import paint_card

if TYPE_CHECKING:
    from console.desk import Desk

TO_QUEUE: Final = "go.queue"

NOTHING_BOUGHT: Final = Emptiness(
    "No Pro hours were bought yet",
    "A purchase in CAS opens a ticket and appears here.",
    ((TO_QUEUE, "Open the queue"),),
    picture="plus",
)


@dataclass(frozen=True, slots=True)
class Listing:
    """The engagements of one moment. `with_closed` says whether the closed ones were asked for too."""

    rows: tuple[EngagementRow, ...]
    with_closed: bool
    zone: str


def read_listing(desk: Desk, *, with_closed: bool) -> Listing:
    """The engagements, the most pressing first; runs on the desk's thread. Where none is open, the closed ones are
    looked for in any case: whether there are any decides what an empty list says."""
    rows = desk.pro.engagements(closed=with_closed)
    if not rows and not with_closed:
        rows, with_closed = desk.pro.engagements(closed=True), True
    return Listing(rows, with_closed, desk.pro.zone)


class EngagementList(QWidget):
    """The list as a card.

    Signals: `opened(str)` with the ticket of the engagement to open; `listing_asked()` when the closed ones are wanted;
    `command_asked(str)` a button of the empty state; `menu_asked(QPoint)` on a row.
    """

    opened = Signal(str)
    listing_asked = Signal()
    command_asked = Signal(str)
    menu_asked = Signal(QPoint)

    def __init__(self, now: Callable[[], int], parent: QWidget | None = None) -> None:
        """`now` gives epoch ms."""
        super().__init__(parent)
        self.model = EngagementModel(now, self)
        self.list = EngagementView(self.model, self)
        self.empty = EmptyState(self)
        self.pill = OrderPill(self)
        self.hold = Hold(self.list.viewport(), self.pill)
        self._pending: Listing | None = None
        self._wanted: str | None = None
        self._unfolded = False
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(1, 7, 1, 7)
        rows.addLayout(self._stack)
        self.list.opened.connect(self.opened)
        self.list.toggle_asked.connect(self.toggle)
        self.list.touched.connect(self.hold.touch)
        self.list.left.connect(self._let_go)
        self.list.customContextMenuRequested.connect(self._menu)
        self.hold.released.connect(self._let_go)
        self.pill.clicked.connect(self.apply_held)
        self.empty.acted.connect(self.command_asked)

    @property
    def wants_closed(self) -> bool:
        """Whether the next listing is to hold the closed engagements."""
        return not self.model.is_collapsed(CLOSED)

    @property
    def has_pending(self) -> bool:
        """Whether a changed order waits behind the pill."""
        return self._pending is not None

    @property
    def is_empty(self) -> bool:
        """Whether the list says that there is nothing, and what to do."""
        return self._stack.currentWidget() is self.empty

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order: the list, or the buttons of its empty state."""
        return list(self.empty.findChildren(Button)) if self.is_empty else [self.list, self.pill]

    # Called by the section -------------------------------------------------------------------------------------------

    def take(self, listing: Listing) -> None:
        """Show a fresh listing: in place at once, in its new order as soon as the list may move."""
        self.model.zone = listing.zone
        self.model.put_rows(listing.rows)
        moved = order_of(listing.rows) != self.model.order or listing.with_closed != self.model.closed_known
        if not moved:
            self._forget_pending()
        elif self.hold.active and self.model.count and not self._unfolded:
            self._pending = listing
            self.pill.announce("Order changed")
            self._place_pill()
        else:
            self._apply(listing)
        self._show_what_there_is()

    def apply_held(self) -> None:
        """Let the list take the order that waits."""
        if self._pending is not None:
            self._apply(self._pending)

    def select(self, ticket: str | None) -> None:
        """Make an engagement current, now or as soon as it is listed."""
        self._wanted = ticket
        self._settle()

    def toggle(self, key: str) -> None:
        """Collapse or expand a group. When the current engagement goes with it, its header becomes current; when a
        header opens, the first engagement below it does."""
        row = self.list.currentIndex().row()
        on_header = self.model.arrangement.header_at(row) is not None
        within = self.list.group_of(row) == key
        self.list.keeping_place(lambda: self.model.toggle(key))
        if self.model.is_collapsed(key):
            if within:
                self.list.choose_header(key)
            return
        if within and on_header:
            self._choose_first_of(key)
        if key == CLOSED and not self.model.closed_known:
            self._unfolded = True
            self.listing_asked.emit()

    def step(self, by: int) -> None:
        """Move the selection, from wherever the keyboard is."""
        self.hold.touch()
        self.list.step(by)

    def open_current(self) -> None:
        self.hold.touch()
        self.list.open_current()

    # Parts -----------------------------------------------------------------------------------------------------------

    def _apply(self, listing: Listing) -> None:
        self._forget_pending()
        self.list.keeping_place(lambda: self.model.set_rows(listing.rows, closed_known=listing.with_closed))
        if self._unfolded and listing.with_closed:
            self._unfolded = False
            self._choose_first_of(CLOSED)
        self._settle()

    def _settle(self) -> None:
        if self._wanted is not None and self.list.choose(self._wanted):
            self._wanted = None
        if self.list.currentIndex().row() < 0 and self.model.count:
            self.list.step(1)

    def _choose_first_of(self, key: str) -> None:
        arrangement = self.model.arrangement
        for part, header in zip(arrangement.sections, arrangement.header_rows, strict=True):
            if part.key == key and part.count:
                self.list.choose(self.model.ticket_at(header + 1))

    def _show_what_there_is(self) -> None:
        nothing = self.model.count == 0 and self.model.closed_known
        if nothing:
            self.empty.show_state(NOTHING_BOUGHT)
        self._stack.setCurrentWidget(self.empty if nothing else self.list)

    def _let_go(self) -> None:
        if self._pending is not None and not self.hold.active:
            self.apply_held()

    def _forget_pending(self) -> None:
        self._pending = None
        self.pill.hide()

    def _menu(self, at: QPoint) -> None:
        if self.list.current_ticket() is not None:
            self.menu_asked.emit(self.list.viewport().mapToGlobal(at))

    def _place_pill(self) -> None:
        """On the right of the first header row, where it covers neither a title nor a row."""
        right = self.list.geometry().right() - theme().px(8)
        top = self.list.y() + (header_height() - self.pill.height()) // 2
        self.pill.move(right - self.pill.width(), top)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_pill()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_card(self)
