"""The queue pane: title, list, held order and empty states over one view of the desk's queue.

Asks the desk through the desk thread and never waits. It decides when the list may move: not while the pointer is over
it or within three seconds of a key (design language 4.2). Which ticket is current is `CurrentTicket`'s. Called by the
shell; the ticket pane hears `ticket_chosen`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from console.domain.queue import QueueRow, View
from ui.desk_thread import DeskThread
from ui.queue import arrangement, empty, wording
from ui.queue.bar import OrderPill, QueueBar, StaleLine
from ui.queue.current import CurrentTicket
from ui.queue.delegate import header_height
from ui.queue.empty import EmptyState
from ui.queue.hold import Hold
from ui.queue.model import QueueModel
from ui.queue.reading import Counts, Reading, read_search, read_view, reading_of
from ui.queue.row_fetcher import RowFetcher
from ui.queue.tip import RowTip
from ui.queue.view import QueueView

if TYPE_CHECKING:
    from console.desk.first_look import FirstLook

MINUTE_MS: Final = 60_000
FIRST_ROWS: Final = 40


class QueuePane(QWidget):
    """The middle of the window.

    Signals: `ticket_chosen(object)` the id of the ticket that is current, or None; `ticket_opened(str)` Enter or a
    double click; `counted(object)` fresh `Counts`; `shown()` after each refresh; `searched(object)` the query that is
    shown, or None; `command_asked(str)` a button of an empty state; `menu_asked(QPoint)` on a row;
    `views_asked(QPoint)` from the title.
    """

    ticket_chosen = Signal(object)
    ticket_opened = Signal(str)
    counted = Signal(object)
    shown = Signal()
    searched = Signal(object)
    command_asked = Signal(str)
    menu_asked = Signal(QPoint)
    views_asked = Signal(QPoint)

    def __init__(self, now: Callable[[], int], *, frozen: bool = False, parent: QWidget | None = None) -> None:
        """`now` gives epoch ms; with `frozen` it never moves, and nothing ticks."""
        super().__init__(parent)
        self.now = now
        self.view = View.ALL_OPEN
        self.query: str | None = None
        self.counts: Counts | None = None
        self.tomorrow = 0
        self._frozen = frozen
        self._thread: DeskThread | None = None
        self._pending: Reading | None = None
        self._shown_key: tuple[View, str | None] | None = None
        self.model = QueueModel(now, self)
        self.list = QueueView(self.model, now, self)
        self._rows = RowFetcher(self.model, self.list, self._schedule)
        self._current = CurrentTicket(self.model, self.list, self._rows, self.ticket_chosen.emit)
        self.list.setAccessibleName("Queue")
        self.bar = QueueBar(self)
        self.stale = StaleLine(self)
        self.empty = EmptyState(self)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.bar)
        rows.addWidget(self.stale)
        rows.addLayout(self._stack, 1)
        self.pill = OrderPill(self)
        self._ticker = self._timer(self._tick, Qt.TimerType.PreciseTimer)
        self.hold = Hold(self.list.viewport(), self.pill)
        self.tip = RowTip(self.list, now)
        self._soon = self._timer(self._rows.fetch)
        self._connect()
        self._show_title()

    def _connect(self) -> None:
        self.list.opened.connect(self._row_opened)
        self.list.range_changed.connect(self._seen_changed)
        self.list.touched.connect(self.hold.touch)
        self.list.left.connect(self._let_go)
        self.hold.released.connect(self._let_go)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.pill.clicked.connect(self.apply_held)
        self.empty.acted.connect(self.command_asked)
        self.bar.view_asked.connect(self.views_asked)

    def _timer(self, ring: Callable[[], None], kind: Qt.TimerType = Qt.TimerType.CoarseTimer) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setTimerType(kind)
        timer.timeout.connect(ring)
        return timer

    def show_first(self, look: FirstLook) -> None:
        """Show what was seen before the desk was open; what more is needed comes with `set_desk`."""
        self.set_person(look.me, look.zone)
        self._take(reading_of(look))

    def set_desk(self, thread: DeskThread, me: str, zone: str) -> None:
        """Start asking a desk; `me` is who acts, `zone` the policy's."""
        self._thread = self._rows.thread = self._current.thread = thread
        self.set_person(me, zone)
        thread.changed.connect(self._written)
        self.tip.set_desk(thread)
        self.refresh()
        self._current.settle()

    def reopen(self, me: str, zone: str) -> None:
        """The desk was opened again: rows are known by other keys now, the ticket stays current."""
        self._current.hold()
        self._forget_pending()
        self.model.forget()
        self._shown_key = None
        self.set_person(me, zone)
        self.refresh()

    def set_person(self, me: str, zone: str) -> None:
        self.model.me = self.list.rows.me = me
        self.model.zone = zone

    def show_view(self, view: View, *, select: str | None = None) -> None:
        """Show one of the views from its top; `select` is the ticket to be current there."""
        self.view, self.query = view, None
        self._current.want(select)
        self._show_title()
        self.searched.emit(None)
        self.refresh()

    def search(self, query: str) -> None:
        """Show what a search finds as a view of its own; an empty query goes back to the view."""
        query = " ".join(query.split())
        if query == (self.query or ""):
            return
        self.query = query or None
        self._show_title()
        self.searched.emit(self.query)
        self.refresh()

    def refresh(self) -> None:
        """Ask for the order anew. What comes is shown, or held while the list must not move."""
        if self._thread is None:
            return
        view, query, first = self.view, self.query, FIRST_ROWS
        if query is None:
            self._thread.submit(lambda desk: read_view(desk, view, first=first), self._take, key="queue.order")
        else:
            words = query
            self._thread.submit(lambda desk: read_search(desk, view, words, first=first), self._take, key="queue.order")

    def show_stale(self, words: str) -> None:
        """Say above the list since when nothing came from the hub; nothing where it is as fresh as it can be."""
        self.stale.say(words)
        self._place_pill()

    def select(self, ticket: str | None) -> None:
        """Make a ticket current, in this view if it is there; when it is not, nothing is current."""
        self._current.want(ticket)
        self._current.settle()

    @property
    def current_ticket(self) -> str | None:
        return self._current.ticket

    def current_row(self) -> QueueRow | None:
        """The row of the current ticket, once it has come."""
        return self._current.row

    @property
    def is_fetching(self) -> bool:
        """Whether rows that are seen have not come yet."""
        return self._rows.is_fetching

    @property
    def has_pending(self) -> bool:
        """Whether a changed order waits behind the pill."""
        return self.pill.isVisibleTo(self)

    @property
    def held(self) -> bool:
        """Whether the list must not move now."""
        return self.hold.active

    def apply_held(self) -> None:
        """Let the list take the order that waits."""
        pending, self._pending = self._pending, None
        self.pill.hide()
        if pending is not None:
            self._apply(pending)
        else:
            self._regroup()

    def step(self, by: int) -> None:
        """Move the selection in the list, from wherever the keyboard is."""
        self.hold.touch()
        self.list.step(by)

    def step_ticket(self, by: int) -> None:
        self.hold.touch()
        self.list.step_ticket(by)

    def open_current(self) -> None:
        """Enter: into the current ticket; a collapsed group opens."""
        self.hold.touch()
        self.list.open_current()

    def _written(self, version: int) -> None:
        self.model.distrust()
        self._rows.fetch_anew()
        self.refresh()

    def _take(self, reading: Reading) -> None:
        self.counts, self.tomorrow = reading.counts, reading.tomorrow
        self.list.show_drafted(reading.drafted)
        self.counted.emit(reading.counts)
        if (reading.view, reading.query) != (self.view, self.query):
            return
        self._show_title()
        if self._shown_key != (self.view, self.query):
            self._show_other_view(reading)
            return
        self.list.repaint_tickets(self.model.put_rows(reading.first_rows))
        moved = self._change_to(reading)
        if moved is None:
            self._forget_pending()
            self.model.take_times(reading.order)
            self._after_refresh()
        elif self.held and self.model.ticket_count:
            self._pending = reading
            self.pill.announce(moved.sentence())
            self._place_pill()
            self._after_refresh()
        else:
            self._apply(reading)

    def _show_other_view(self, reading: Reading) -> None:
        self._forget_pending()
        self.model.put_rows(reading.first_rows)
        self._current.keeping(lambda: self._set_order_from_top(reading))
        self._shown_key = (reading.view, reading.query)
        self._after_refresh()

    def _apply(self, reading: Reading) -> None:
        self._forget_pending()
        self.model.put_rows(reading.first_rows)
        chosen = self.list.current_rowid()
        self.list.keeping_place(lambda: self._set_order(reading))
        if chosen is not None and self.list.current_rowid() is None:
            self._current.follow()
        self._current.settle()
        self._after_refresh()

    def _set_order(self, reading: Reading) -> None:
        title = None
        if reading.query is not None:
            count = len(reading.order.rowids)
            title = "Match" if count == 1 else "Best matches first"
        self.model.set_order(reading.order, self.now(), reading.tomorrow, title=title)

    def _set_order_from_top(self, reading: Reading) -> None:
        self._set_order(reading)
        self.list.verticalScrollBar().setValue(0)

    def _after_refresh(self) -> None:
        is_empty = self.model.ticket_count == 0
        if is_empty:
            self.empty.show_state(self._emptiness())
        self._stack.setCurrentWidget(self.empty if is_empty else self.list)
        self._rows.fetch()
        self._schedule()
        self.shown.emit()

    def _emptiness(self) -> empty.Emptiness:
        if self.query is not None:
            return empty.nothing_found(self.query)
        if self.counts is None or self.counts.pristine:
            return empty.FIRST_RUN
        return empty.emptiness(self.view, self.counts.views)

    def _change_to(self, reading: Reading) -> arrangement.Change | None:
        """How a reading differs from what is shown: in tickets, in order, or in the groups alone."""
        change = arrangement.change(self.model.rowids, reading.order.rowids)
        if change is not None or reading.query is not None:
            return change
        after = arrangement.sections(reading.order.due, reading.order.rank, self.now(), reading.tomorrow)
        return self._change_of_groups(after)

    def _change_of_groups(self, after: tuple[arrangement.Section, ...]) -> arrangement.Change | None:
        before = self.model.arrangement.sections
        if [(part.key, part.start, part.end) for part in before] == [
            (part.key, part.start, part.end) for part in after
        ]:
            return None
        return arrangement.Change(0, 0, arrangement.moved_across(before, after))

    def _tick(self) -> None:
        """Repaint what time has changed. Tickets that belong to another group by now move only if the list may."""
        now = self.now()
        self.list.repaint_chips()
        if now >= self.tomorrow or now % MINUTE_MS < 1_000:
            self.refresh()
        change = self._change_of_groups(self.model.sections_at(now, self.tomorrow)) if self._pending is None else None
        if change is not None:
            if self.held:
                self.pill.announce(change.sentence())
                self._place_pill()
            else:
                self._regroup()
        self._schedule()

    def _regroup(self) -> None:
        self.list.keeping_place(lambda: self.model.regroup(self.now(), self.tomorrow))
        self.pill.hide()

    def _schedule(self) -> None:
        """Wake on the minute, or before that when a label or a level that is seen becomes another."""
        if self._frozen or not self.isVisible():
            self._ticker.stop()
            return
        now = self.now()
        changes = (wording.next_change_ms(row, now) for _, row in self.list.visible_tickets())
        wake = min((ms for ms in changes if ms is not None), default=MINUTE_MS)
        self._ticker.start(max(min(wake, MINUTE_MS - now % MINUTE_MS), 1))

    def _let_go(self) -> None:
        if self.has_pending and not self.held:
            self.apply_held()

    def _forget_pending(self) -> None:
        self._pending = None
        self.pill.hide()

    def _row_opened(self, rowid: int) -> None:
        self._rows.when_known(rowid, lambda row: self.ticket_opened.emit(row.ticket))

    def _seen_changed(self) -> None:
        self._soon.start(0)
        self._schedule()

    def _show_title(self) -> None:
        if self.query is not None:
            self.bar.title.show_view(f"Search: {self.query}", "")
            self.bar.show_order("Relevance")
            return
        count = self.counts.views.get(self.view) if self.counts is not None else None
        self.bar.title.show_view(wording.VIEW_TITLES[self.view], "" if count is None else f"{count:,} open")
        self.bar.show_order("Next breach")

    def _menu(self, at: QPoint) -> None:
        if self.list.current_rowid() is not None:
            self.menu_asked.emit(self.list.viewport().mapToGlobal(at))

    def _place_pill(self) -> None:
        """On the right of the first header row, where it covers neither a title nor a chip."""
        right = self.list.viewport().width() - 8
        top = self.bar.height() + (0 if self.stale.isHidden() else self.stale.sizeHint().height())
        self.pill.move(right - self.pill.width(), top + (header_height() - self.pill.height()) // 2)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._schedule()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_pill()
