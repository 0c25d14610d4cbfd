"""The Pro section: the list of engagements, and the session page of the one that is open, one over the other.

It reads through the desk's thread and drops what comes too late; what is hidden is read when it is seen again. Built on
the first visit by `ui.shell.pro`, which also brings the ticks of a running session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from ui.pro.engagement_list import EngagementList, Listing, read_listing
from ui.theme import theme
from ui.widgets.controls import Words
from ui.widgets.ground import Ground

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.pro.views import EngagementPage
    from ui.commands import Commands
    from ui.desk_thread import DeskThread
    from ui.pro.acts import ProActs
    from ui.pro.page import EngagementPageView

MINUTE_MS: Final = 60_000
ROW_ACTS: Final = ("list.open", "pro.ticket", None, "list.copy")


class ProSection(Ground):
    """Signals: `said(str, bool)` a sentence for a toast, True for an error; `rearranged()` when `stops` are others;
    `shown(object)` the ticket of the engagement that is open, or None for the list; `settled()` after each refresh of
    what is seen.
    """

    said = Signal(str, bool)
    rearranged = Signal()
    shown = Signal(object)
    settled = Signal()

    def __init__(self, now: Callable[[], int], *, frozen: bool = False, parent: QWidget | None = None) -> None:
        """`now` gives epoch ms; with `frozen` it never moves, and nothing is read anew by itself."""
        super().__init__("bg.window", parent)
        self.setAccessibleName("Pro")
        self._now = now
        self._frozen = frozen
        self._thread: DeskThread | None = None
        self._commands: Commands | None = None
        self._acts: ProActs | None = None
        self._wanted: str | None = None
        self._is_stale = True
        self.page: EngagementPage | None = None
        self.page_view: EngagementPageView | None = None
        self.engagements = EngagementList(now, self)
        self._front, self._title_row = QWidget(self), QWidget(self)
        self._title, self._count = Words("Pro engagements", "text.primary", "page"), Words("", "text.tertiary")
        self._order = Words("By what needs doing", "text.secondary", "meta")
        self._stack = QStackedLayout(self)
        self._lay_out()
        self._minute = QTimer(self)
        self._minute.setSingleShot(True)
        self._minute.timeout.connect(self.refresh)
        self.engagements.opened.connect(self.show_engagement)
        self.engagements.listing_asked.connect(self._read_list)
        self.engagements.menu_asked.connect(self._row_menu)
        theme().changed.connect(self._measure)

    def _lay_out(self) -> None:
        self._header = QHBoxLayout(self._title_row)
        self._header.addWidget(self._title)
        self._header.addWidget(self._count)
        self._header.addStretch(1)
        self._header.addWidget(self._order)
        self._rows = QVBoxLayout(self._front)
        self._rows.setSpacing(0)
        self._rows.addWidget(self._title_row)
        self._rows.addWidget(self.engagements, 1)
        self._stack.addWidget(self._front)
        self._measure()

    # Called by the window --------------------------------------------------------------------------------------------

    def fill(self, thread: DeskThread, commands: Commands, acts: ProActs) -> None:
        """The desk's thread, the window's commands and what can be done; the list is read from now on."""
        self._thread, self._commands, self._acts = thread, commands, acts
        self.engagements.command_asked.connect(commands.run)
        commands.bind(self, "pro")
        commands.bind(self.engagements.list, "list")
        thread.changed.connect(lambda _: self.refresh())
        self.refresh()

    @property
    def ticket(self) -> str | None:
        """The ticket of the engagement that is open, or asked for; None while the list is shown."""
        return self._wanted

    @property
    def current_ticket(self) -> str | None:
        """The engagement that is open, else the one that is current in the list."""
        return self._wanted or self.engagements.list.current_ticket()

    @property
    def is_settled(self) -> bool:
        """Whether what is shown is what was asked for last."""
        if self._wanted is not None:
            return self.page is not None and self.page.row.ticket == self._wanted
        return not self._is_stale

    def show_engagement(self, ticket: str) -> None:
        """Open the session page of an engagement. The list stays until the page has come."""
        self._wanted = ticket
        self.engagements.select(ticket)
        self.shown.emit(ticket)
        self._read_page()

    def show_list(self) -> None:
        """Back to the list, with the engagement that was open as its current one."""
        had_focus = self._has_focus()
        ticket, self._wanted, self.page = self._wanted, None, None
        self._stack.setCurrentWidget(self._front)
        if ticket is not None:
            self.engagements.select(ticket)
            self.shown.emit(None)
        self._read_list()
        self.rearranged.emit()
        if had_focus:
            self.focus_first()

    def refresh(self) -> None:
        """Read again what is seen; what is hidden is read once it is seen."""
        if not self.isVisible():
            self._is_stale = True
        elif self._wanted is not None:
            self._read_page()
        else:
            self._read_list()

    def tick(self, now: int) -> None:
        """A second of a running session has passed: the open page works its figures out of what it holds."""
        if self.page_view is not None and self.page is not None and self.isVisible():
            self.page_view.tick(now)

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        if self._shows_page and self.page_view is not None:
            return self.page_view.stops()
        return self.engagements.stops()

    def panes(self) -> list[QWidget]:
        """The stops of F6 inside this section: the list, or the page."""
        return [self]

    def focus_pane(self, pane: QWidget) -> None:
        self.focus_first()

    def focus_note(self) -> bool:
        """The caret goes into the note field of the page that is seen; False where no page is."""
        if self.page_view is None or not self._shows_page:
            return False
        self.page_view.timer.focus_note()
        return True

    def focus_first(self) -> None:
        """The keyboard goes into what is shown."""
        ready = (stop for stop in self.stops() if stop.isVisible() and stop.isEnabled())
        next(ready, self).setFocus(Qt.FocusReason.ShortcutFocusReason)

    # The commands of the list, as every section has them -------------------------------------------------------------

    @property
    def has_rows(self) -> bool:
        return not self._shows_page and self.engagements.model.rowCount() > 0

    def step(self, by: int) -> None:
        self.engagements.step(by)

    def open_current(self) -> None:
        self.engagements.open_current()

    def copy_current(self) -> None:
        self.engagements.list.copy_current()

    def has_held(self) -> bool:
        return not self._shows_page and self.engagements.has_pending

    def apply_held(self) -> None:
        self.engagements.apply_held()

    # Reading ---------------------------------------------------------------------------------------------------------

    def _read_list(self) -> None:
        with_closed = self.engagements.wants_closed
        if self._thread is not None:
            self._thread.submit(
                lambda desk: read_listing(desk, with_closed=with_closed), self._take_listing, key="pro.list"
            )

    def _take_listing(self, listing: Listing) -> None:
        self._is_stale = False
        was_empty, had_focus = self.engagements.is_empty, self._has_focus()
        self.engagements.take(listing)
        open_ones = sum(row.state != "closed" for row in listing.rows)
        self._count.setText(f"{open_ones:,} open" if open_ones else "")
        self._order.setVisible(not self.engagements.is_empty)
        if self.engagements.is_empty != was_empty:
            self.rearranged.emit()
            if had_focus and not self._shows_page:
                self.focus_first()
        self._wake_on_the_minute()
        self.settled.emit()

    def _read_page(self) -> None:
        ticket = self._wanted
        if self._thread is None or ticket is None:
            return

        def read(desk: Desk) -> EngagementPage:
            return desk.pro.page(ticket)

        self._thread.submit(read, self._take_page, failed=lambda error: self._no_page(ticket, error), key="pro.page")

    def _take_page(self, page: EngagementPage) -> None:
        if page.row.ticket != self._wanted or self._acts is None:
            return
        self.page, self._is_stale = page, False
        view = self._made_page_view(self._acts)
        view.show_page(page)
        view.tick(self._now())
        if not self._shows_page:
            had_focus = self._has_focus()
            self._stack.setCurrentWidget(view)
            self.rearranged.emit()
            if had_focus:
                self.focus_first()
        self._wake_on_the_minute()
        self.settled.emit()

    def _no_page(self, ticket: str, error: Exception) -> None:
        from ui.desk_thread import Superseded
        from ui.ticket.acts import sentence_of

        if ticket == self._wanted and not isinstance(error, Superseded):
            self.show_list()
            self.said.emit(sentence_of(error), True)

    def _made_page_view(self, acts: ProActs) -> EngagementPageView:
        if self.page_view is None:
            from ui.pro.page import EngagementPageView

            self.page_view = EngagementPageView(acts, self._now, self)
            self.page_view.back_asked.connect(self.show_list)
            self.page_view.rearranged.connect(self.rearranged)
            self.page_view.timer.open_asked.connect(self.show_engagement)
            if self._thread is not None:
                self.page_view.timer.keep_drafts(self._thread)
            self._stack.addWidget(self.page_view)
            if self._commands is not None:
                self._commands.bind(self.page_view, "page")
        return self.page_view

    # Parts -----------------------------------------------------------------------------------------------------------

    @property
    def _shows_page(self) -> bool:
        return self.page_view is not None and self._stack.currentWidget() is self.page_view

    def _has_focus(self) -> bool:
        focus = self.window().focusWidget()
        return focus is not None and focus is not self and self.isAncestorOf(focus)

    def _row_menu(self, at: QPoint) -> None:
        from ui.shell.menus import command_menu

        if self._commands is not None:
            command_menu(self, self._commands, ROW_ACTS).popup(at)

    def _wake_on_the_minute(self) -> None:
        """Groups and labels change with the minute: a slot begins, hours come near their end."""
        if self._frozen or not self.isVisible():
            self._minute.stop()
            return
        self._minute.start(MINUTE_MS - self._now() % MINUTE_MS + 20)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._minute.stop()
        self._is_stale = True

    def _measure(self) -> None:
        look = theme()
        self._title_row.setFixedHeight(look.px(64))
        self._header.setContentsMargins(look.px(4), look.px(6), look.px(4), 0)
        self._header.setSpacing(look.px(9))
        self._rows.setContentsMargins(look.px(20), 0, look.px(20), look.px(16))
