"""The queue section: views, list and ticket side by side, and what they say to each other.

Before the desk is there it shows a skeleton, so that the window paints early; `fill` puts the real list in its place
and `add_ticket_pane` the conversation. Called by the window.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QWidget

from ui.shell.list_splitter import ListSplitter
from ui.shell.queue_jobs import find_open, take_next
from ui.shell.skeleton import QueueSkeleton
from ui.shell.state import WindowState
from ui.shell.views_panel import BUILT_IN, ViewsPanel
from ui.theme import theme
from ui.widgets.ground import Ground

if TYPE_CHECKING:
    from ui.commands import Commands
    from ui.desk_thread import DeskThread
    from ui.queue.pane import QueuePane
    from ui.queue.reading import Counts
    from ui.ticket.pane import TicketPane

VIEWS_FROM_WIDTH: Final = 1280
"""Below so many px of window, at 100 % text, the views are opened from the list's title."""
FIRST_VIEW: Final = "all_open"
ROW_ACTS: Final = (
    "list.open",
    None,
    "ticket.take",
    "ticket.assign",
    "ticket.status",
    "ticket.explain",
    "pro.open",
    "ticket.offer_hours",
    None,
    "list.copy",
)


class QueueSection(QWidget):
    """Signals: `filled()` once the first rows are painted; `rearranged()` when `stops` are others; `said(str, bool)` a
    sentence for a toast, True for an error; `counted(object)` fresh `Counts` for the rail; `ticket_shown(object)` the
    id of the ticket that is opened in the pane, or None.
    """

    filled = Signal()
    rearranged = Signal()
    said = Signal(str, bool)
    counted = Signal(object)
    ticket_shown = Signal(object)

    def __init__(self, state: WindowState, now: Callable[[], int], *, frozen: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._state = state
        self._now = now
        self._frozen = frozen
        self._commands: Commands | None = None
        self._thread: DeskThread | None = None
        self.queue: QueuePane | None = None
        self.ticket: TicketPane | None = None
        self._wanted: str | None = None
        self._scale = theme().text_scale
        self._views_wanted = state.flag("views", True)
        self._views_forced = False
        key = state.text("view", FIRST_VIEW)
        self.view_key = key if key in dict(BUILT_IN) else FIRST_VIEW
        self.views = ViewsPanel(self)
        self.views.show_current(self.view_key)
        self.skeleton = QueueSkeleton(dict(BUILT_IN)[self.view_key])
        self._list_host, self._list_stack = _host(self.skeleton)
        self._ticket_host, self._ticket_stack = _host(Ground("bg.sunken"))
        self.splitter = ListSplitter(state, self._list_host, self._ticket_host, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.views)
        row.addWidget(self.splitter, 1)
        self.views.view_chosen.connect(self.show_view)
        self.views.search_asked.connect(self.search)
        self.views.left.connect(self.leave_search)
        self.views.entered.connect(self.focus_list)
        theme().changed.connect(self._measure)
        self._measure()

    # Filling ---------------------------------------------------------------------------------------------------------

    def fill(self, thread: DeskThread, commands: Commands, *, select: str | None) -> None:
        """Put the list in place of the skeleton; `select` is the ticket to open first."""
        from console.domain.queue import View
        from ui.queue.pane import QueuePane

        self._thread, self._commands = thread, commands
        queue = self.queue = QueuePane(self._now, frozen=self._frozen, parent=self)
        queue.view = View(self.view_key)
        queue.model.set_collapsed(self._state.names("collapsed"))
        queue.select(select)
        queue.ticket_chosen.connect(self.show_ticket)
        queue.ticket_opened.connect(self._open_ticket)
        queue.counted.connect(self._counted)
        queue.searched.connect(self._searched)
        queue.command_asked.connect(commands.run)
        queue.menu_asked.connect(self._row_menu)
        queue.views_asked.connect(self._views_menu)
        queue.shown.connect(self._first_rows)
        commands.bind(queue.list, "list")
        self.views.add_search()
        self._list_stack.addWidget(queue)
        queue.bar.title.stops_changed.connect(self.rearranged)
        self.rearranged.emit()
        self._show_views()

    def ask(self, me: str, zone: str) -> None:
        """The desk is open: ask it for the queue."""
        if self.queue is not None and self._thread is not None:
            self.queue.set_desk(self._thread, me, zone)

    def ask_anew(self, me: str, zone: str) -> None:
        """The desk was opened again, perhaps on another file: everything is read anew, and the ticket stays open."""
        if self.queue is not None:
            self.queue.reopen(me, zone)
        if self.ticket is not None:
            self.ticket.refresh()

    def fail(self) -> None:
        """The desk cannot be opened: nothing will come."""
        self.skeleton.end()

    def add_ticket_pane(self) -> None:
        """Build the conversation, after the first rows are on the screen."""
        from ui.ticket.keys import add_commands
        from ui.ticket.pane import TicketPane

        if self._thread is None or self._commands is None:
            return
        pane = self.ticket = TicketPane()
        pane.set_desk(self._thread)
        pane.message.connect(self.said)
        pane.ticket_changed.connect(lambda _: self.queue.refresh() if self.queue is not None else None)
        pane.drafted.connect(self._mark_drafted)
        pane.prev_requested.connect(lambda: self.step_ticket(-1))
        pane.next_requested.connect(lambda: self.step_ticket(1))
        pane.back_requested.connect(self.focus_list)
        pane.rearranged.connect(self.rearranged)
        add_commands(self._commands, pane)
        self._thread.changed.connect(lambda _: pane.refresh())
        self._ticket_stack.addWidget(pane)
        self._ticket_stack.setCurrentWidget(pane)
        self._show_useful(pane)
        pane.show_ticket(self._wanted)

    def _show_useful(self, pane: TicketPane) -> None:
        commands = self._commands
        names = ("view.search", "list.next", "ticket.take_next", "view.next_pane", "help.shortcuts")
        if commands is not None:
            pane.empty.show_acts([(commands[name].title, commands.shown_keys(name).split("+")) for name in names])

    def _first_rows(self) -> None:
        if self.queue is not None and self._list_stack.currentWidget() is not self.queue:
            focus = self.window().focusWidget()
            self._list_stack.setCurrentWidget(self.queue)
            if focus is None or not self.isAncestorOf(focus):
                self.focus_list()
            self.filled.emit()

    # Acts ------------------------------------------------------------------------------------------------------------

    def show_view(self, key: str, *, select: str | None = None) -> None:
        """Show a view by its key, such as `unassigned`; `select` is the ticket to be current there."""
        from console.domain.queue import View

        self.view_key = key
        self.views.show_current(key)
        self.splitter.restore(self.view_key, self._room())
        if self.queue is not None:
            self.queue.show_view(View(key), select=select)

    def search(self, words: str) -> None:
        if self.queue is not None:
            self.queue.search(words)

    def focus_search(self) -> None:
        if self.views.search is None:
            return
        self._views_forced = self.views.isHidden()
        self._show_views()
        self.views.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.views.search.selectAll()

    def leave_search(self) -> None:
        """End the search if one is shown, and go to the list."""
        self.search("")
        if self.views.search is not None:
            self.views.search.show_query(None)
        self._views_forced = False
        self._show_views()
        self.focus_list()

    def show_ticket(self, ticket: str | None) -> None:
        """Open a ticket in the pane, or none."""
        self._wanted = ticket
        if self.ticket is not None:
            self.ticket.show_ticket(ticket)
        self.ticket_shown.emit(ticket)

    def open_ticket(self, ticket: str) -> None:
        """Show a ticket that was asked for elsewhere: in this view if it lists it, else in that of all open ones, with
        the groups unfolded where it may lie in a folded one. One that is open no more stands beside the list as it is.
        """
        if self._thread is None or self.queue is None:
            return
        queue = self.queue

        def place(found: tuple[int | None, bool]) -> None:
            rowid, is_open = found
            self.show_ticket(ticket)
            if rowid is None or not is_open:
                return
            if queue.model.row_of(rowid) is None:
                queue.model.set_collapsed(())
            if queue.model.place_of(rowid) is None:
                self.show_view(FIRST_VIEW, select=ticket)
            else:
                queue.select(ticket)

        self._thread.submit(lambda desk: find_open(desk, ticket), place, key="queue.open_ticket")

    def focus_list(self) -> None:
        if self.queue is not None:
            self.queue.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def step(self, by: int) -> None:
        if self.queue is not None:
            self.queue.step(by)

    def step_ticket(self, by: int) -> None:
        if self.queue is not None:
            self.queue.step_ticket(by)

    def open_current(self) -> None:
        """Enter: into the ticket, or a collapsed group opens."""
        if self.queue is not None:
            self.queue.open_current()

    def copy_current(self) -> None:
        """Ctrl+C in the list: the current ticket for a sheet or a mail."""
        if self.queue is not None:
            self.queue.list.copy_current()

    @property
    def shown_ticket(self) -> str | None:
        """The id of the ticket that is opened in the pane."""
        return self._wanted

    @property
    def is_settled(self) -> bool:
        """Whether the rows that are seen have come, and the ticket that was asked for."""
        ticket = self.ticket
        opened = ticket is None or ticket.ticket_id is None or ticket.view is not None
        return opened and self.queue is not None and not self.queue.is_fetching

    @property
    def has_rows(self) -> bool:
        return self.queue is not None and self.queue.model.ticket_count > 0

    def has_held(self) -> bool:
        return self.queue is not None and self.queue.has_pending

    def apply_held(self) -> None:
        if self.queue is not None:
            self.queue.apply_held()

    def take_next(self) -> None:
        """Take the most urgent ticket that nobody has, and open it."""
        if self._thread is None:
            return

        def taken(result: tuple[str, str] | None) -> None:
            if result is None:
                self.said.emit("Every ticket has an owner.", False)
                return
            ticket, name = result
            self.said.emit(f"{name} assigned to you.", False)
            self.show_ticket(ticket)
            if self.queue is not None:
                self.queue.select(ticket)

        self._thread.submit(take_next, taken)

    def toggle_views(self) -> None:
        """Ctrl+B. In a narrow window, where they never stand beside the list, the views open as a menu."""
        if self._narrow():
            if self.queue is not None:
                self._views_menu(self.queue.bar.mapToGlobal(QPoint(12, self.queue.bar.height())))
            return
        self._views_wanted = not self._views_wanted
        self._state.set_flag("views", self._views_wanted)
        self._show_views()

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order: views, list, ticket."""
        stops = self.views.stops()
        if self.queue is not None:
            stops += [self.queue.bar.title, self.queue.list, self.queue.pill]
        return stops if self.ticket is None else [*stops, *self.ticket.stops()]

    def panes(self) -> list[QWidget]:
        """The stops of F6 inside this section, in the order in which they stand."""
        stops: list[QWidget] = [] if self.views.isHidden() else [self.views]
        if self.queue is not None:
            stops.append(self.queue)
        if self.ticket is not None and self.ticket.view is not None:
            stops.append(self.ticket)
        return stops

    def focus_pane(self, pane: QWidget) -> None:
        if pane is self.views:
            self.views.focus_current()
        elif pane is self.queue:
            self.focus_list()
        elif self.ticket is not None:
            self.ticket.focus_conversation()

    def save(self) -> None:
        """Remember view, selection and collapsed groups."""
        self._state.set_text("view", self.view_key)
        if self.queue is not None:
            self._state.set_text("ticket", self.queue.current_ticket or "")
            self._state.set_names("collapsed", sorted(self.queue.model.arrangement.collapsed))

    # Parts -----------------------------------------------------------------------------------------------------------

    def _open_ticket(self, ticket: str) -> None:
        self.show_ticket(ticket)
        if self.ticket is not None:
            self.ticket.focus_conversation()

    def _mark_drafted(self, ticket: str, drafted: bool) -> None:
        if self.queue is not None:
            self.queue.list.mark_drafted(ticket, drafted)

    def _counted(self, counts: Counts) -> None:
        self.views.show_counts({view.value: count for view, count in counts.views.items()})
        self.counted.emit(counts)

    def _searched(self, query: str | None) -> None:
        self.views.show_current(None if query else self.view_key)
        field = self.views.search
        if not query and field is not None and not field.hasFocus():
            field.show_query(None)

    def _row_menu(self, at: QPoint) -> None:
        from ui.shell.menus import command_menu

        if self._commands is not None:
            command_menu(self, self._commands, ROW_ACTS).popup(at)

    def _views_menu(self, at: QPoint) -> None:
        from ui.shell.menus import views_menu

        counts = self.queue.counts.views if self.queue is not None and self.queue.counts is not None else {}
        named = {view.value: count for view, count in counts.items()}
        views_menu(self, named, self.view_key, self.show_view).popup(at)

    def _narrow(self) -> bool:
        return self.window().width() < theme().px(VIEWS_FROM_WIDTH)

    def _show_views(self) -> None:
        shown = (self._views_wanted and not self._narrow()) or self._views_forced
        self.views.setVisible(shown)
        if self.queue is not None:
            self.queue.bar.title.set_opens_views(not shown)

    def _measure(self) -> None:
        self._show_views()
        self.splitter.bound(self._room())
        self.splitter.restore(self.view_key, self._room())

    def _room(self) -> int:
        """The px that list and ticket have together."""
        return self.width() - (0 if self.views.isHidden() else self.views.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_views()
        self.splitter.bound(self._room())
        # With larger text the rail takes its width after this section was measured.
        if event.oldSize().width() <= 0 or self._scale != theme().text_scale:
            self._scale = theme().text_scale
            self.splitter.restore(self.view_key, self._room())


def _host(first: QWidget) -> tuple[QWidget, QStackedLayout]:
    host = QWidget()
    stack = QStackedLayout(host)
    stack.addWidget(first)
    return host, stack
