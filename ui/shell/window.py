"""The main window: rail, banner, the sections, strip, toasts and drawer; what it remembers and how it closes.

It paints before anything of the desk is imported; `fill` starts the rest. Called by the lifecycle.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedLayout, QVBoxLayout, QWidget

from ui.shell.queue_section import QueueSection
from ui.shell.rail import CONNECTING, HERE, Rail
from ui.shell.state import MINIMUM_SIZE, WindowState
from ui.shell.strip import SessionStrip, read_hours
from ui.theme import theme

if TYPE_CHECKING:
    from ui.commands import Commands
    from ui.desk_thread import DeskThread
    from ui.pro.section import ProSection
    from ui.queue.reading import Counts
    from ui.settings.section import SettingsSection
    from ui.shell.announcer import Announcer
    from ui.shell.banner import Banner
    from ui.shell.pro import WindowPro
    from ui.shell.settings import WindowSettings
    from ui.shell.sync import WindowSync
    from ui.shell.toasts import Toasts
    from ui.sync.drawer import SyncDrawer

TITLE = "Support Console"


class MainWindow(QMainWindow):
    """Attributes: `section`, the queue, which is there from the first paint; `pro`, what there is of Pro services, None
    until `add_pro`; `sync`, what there is of the shared backend, None until `add_sync`; `settings`, None until they are
    visited; `has_loop`, whether an asyncio loop runs, on which that may work; `shown`, the section that is seen;
    `ground`, what everything lies on.

    Signals: `painted()` after the first paint; `filled()` after the first rows; `closing()` when the person or the
    system wants the program to end.
    """

    painted = Signal()
    filled = Signal()
    closing = Signal()

    def __init__(self, state: WindowState, now: Callable[[], int], *, frozen: bool = False) -> None:
        super().__init__()
        self.banner: Banner
        self.toasts: Toasts | None = None
        self.commands: Commands
        self.announcer: Announcer | None = None
        self.pro: WindowPro | None = None
        self.sync: WindowSync | None = None
        self.settings: WindowSettings | None = None
        self.has_loop = False
        self._zone = "UTC"
        self.state = state
        self._frozen = frozen
        self._thread: DeskThread | None = None
        self._now = self._trusted_now = now
        self._was_painted = False
        self.setWindowTitle(TITLE)
        self.setMinimumSize(MINIMUM_SIZE)
        ground = self.ground = QWidget(self)
        self.rail = Rail(ground)
        self.section = QueueSection(state, now, frozen=frozen, parent=ground)
        self.strip = SessionStrip(lambda: self._trusted_now(), self._ask_hours, ground)
        self._sections = QStackedLayout()
        self._sections.addWidget(self.section)
        beside = self._beside = QVBoxLayout()
        beside.addLayout(self._sections, 1)
        beside.addWidget(self.strip)
        columns = QHBoxLayout(ground)
        columns.addWidget(self.rail)
        columns.addLayout(beside, 1)
        for layout in (columns, beside):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        self.setCentralWidget(ground)
        if state.flag("connected", False):
            self.rail.place.show_face(CONNECTING)
        self.rail.section_chosen.connect(self.go)
        self.rail.person_asked.connect(self._open_person_menu)
        self.rail.place_asked.connect(self._toggle_drawer)
        self.section.filled.connect(self.filled)
        self.section.counted.connect(self._counted)
        self.section.rearranged.connect(self.order_stops)
        self.section.said.connect(self.say)

    # Filling ---------------------------------------------------------------------------------------------------------

    def fill(
        self, thread: DeskThread, *, select: str | None = None, trusted_now: Callable[[], int] | None = None
    ) -> None:
        """Build the rest, and ask the desk as soon as it is open. Called after the first paint.

        `trusted_now` gives the time of Pro work (epoch ms) where it is another than that of the queue.
        """
        from ui.commands import Commands
        from ui.shell.banner import Banner
        from ui.shell.toasts import Toasts
        from ui.shell.window_commands import add_commands

        self._thread = thread
        self._trusted_now = trusted_now or self._now
        self.banner = Banner(self.ground)
        self._beside.insertWidget(0, self.banner)
        self.banner.rearranged.connect(self.order_stops)
        self.toasts = Toasts(self.ground, self._toast_corner)
        self.commands = Commands()
        add_commands(self.commands, self)
        self.commands.bind(self, "window")
        self.commands.bind(self.section, "queue")
        self.section.fill(thread, self.commands, select=select or self.state.text("ticket") or None)
        thread.opened.connect(self._opened)
        thread.reopened.connect(self._reopened)
        thread.unable.connect(self._unable)
        thread.refused.connect(lambda sentence: self.say(sentence, True))

    def _opened(self, me: str, zone: str, notices: list[str]) -> None:
        self._zone = zone
        self.rail.person.set_person(me)
        self.section.ask(me, zone)
        for notice in notices:
            self.banner.announce(notice)
        self._ask_hours()
        self._watch_own_tickets()

    def _reopened(self, me: str, zone: str, notices: list[str]) -> None:
        """The desk was away, and may have another file and another person now."""
        self._zone = zone
        self.rail.person.set_person(me)
        self.section.ask_anew(me, zone)
        for notice in notices:
            self.banner.announce(notice)
        self._ask_hours()
        if self.announcer is not None:
            self.announcer.refresh()
        if self.pro is not None:
            self.pro.follower.refresh()

    def _watch_own_tickets(self) -> None:
        """What is said to people who listen, behind what is shown."""
        from ui.shell.announcer import Announcer
        from ui.widgets.spoken import announce, answer_when_asked

        answer_when_asked()
        if self._thread is not None:

            def say(sentence: str, assertive: bool) -> None:
                announce(self, sentence, assertive=assertive)

            self.announcer = Announcer(self._thread, self._now, say, frozen=self._frozen, parent=self)

    def _unable(self, sentence: str) -> None:
        self.section.fail()
        self.banner.announce(sentence, error=True, closable=False)

    def _ask_hours(self) -> None:
        if self._thread is not None:
            self._thread.submit(read_hours, self.strip.show_hours, key="strip.hours")

    def _counted(self, counts: Counts) -> None:
        late = counts.mine_breached
        self.rail.button("queue").set_badge(late, f"Queue, {late} breached" if late else "Queue")

    def add_pro(self) -> WindowPro | None:
        """Follow Pro sessions from now on, and be ready for their section. Called after the first rows."""
        if self.pro is None and self._thread is not None:
            from ui.shell.pro import WindowPro

            self.pro = WindowPro(self, self._thread, self._trusted_now, frozen=self._frozen)
            self.pro.start()
        return self.pro

    def add_sync(self) -> WindowSync | None:
        """Show how the shared backend stands from now on. Called after the first rows where there is a hub, else when
        somebody wants one."""
        if self.sync is None and self._thread is not None:
            from ui.shell.sync import WindowSync

            self.sync = WindowSync(
                self, self._thread, self._now, self._zone, frozen=self._frozen, runs=self.has_loop and not self._frozen
            )
            self.sync.start()
        return self.sync

    def add_settings(self) -> WindowSettings | None:
        """Be ready for the section of the settings. Called at its first visit."""
        if self.settings is None and self._thread is not None and (sync := self.add_sync()) is not None:
            from ui.shell.settings import WindowSettings

            self.settings = WindowSettings(self, self._thread, sync, self._now)
        return self.settings

    def tell_alone(self) -> None:
        """There is no hub: nothing of the sync is needed."""
        self.rail.place.show_face(HERE)
        if self.state.flag("connected", False):
            self.state.set_flag("connected", False)

    def _toggle_drawer(self) -> None:
        if (sync := self.add_sync()) is not None:
            sync.toggle_drawer()

    # Sections --------------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> QueueSection | ProSection | SettingsSection:
        """The section that is seen."""
        seen = self._sections.currentWidget()
        others = (self.pro.section if self.pro else None, self.settings.section if self.settings else None)
        return next((section for section in others if section is not None and section is seen), self.section)

    def go(self, section_id: str) -> None:
        """Show a section by its id. Where Pro is shown already, its list is."""
        if section_id == "pro" and (pro := self.add_pro()) is not None:
            section = pro.visit()
            if self.shown is section:
                section.show_list()
            self._show("pro", section)
        elif section_id == "settings" and (settings := self.add_settings()) is not None:
            self._show("settings", settings.section)
        else:
            self._sections.setCurrentWidget(self.section)
            self.rail.show_current("queue")
            self.section.focus_list()
        if self.pro is not None:
            self.pro.tell_ticket()
        if self.sync is not None:
            self.sync.tell_presence()
        self.order_stops()

    def _show(self, section_id: str, section: ProSection | SettingsSection) -> None:
        self._sections.addWidget(section)
        self._sections.setCurrentWidget(section)
        self.rail.show_current(section_id)
        section.focus_first()

    def order_stops(self) -> None:
        """The Tab key goes as the design has it: rail, banner, views, list, the parts of the ticket, drawer and strip.

        Set in one go: a pair alone is nothing to Qt where its two already follow each other around the window.
        """
        parts = (
            *self.rail.stops(),
            *self.banner.stops(),
            *self.shown.stops(),
            *(self._drawer.stops() if self._drawer is not None else ()),
            *self.strip.stops(),
        )
        for first, second in pairwise(stop for stop in parts if stop.focusPolicy()):
            self.setTabOrder(first, second)

    # Acts ------------------------------------------------------------------------------------------------------------

    def say(
        self,
        sentence: str,
        error: bool = False,
        *,
        action: str | None = None,
        act: Callable[[], object] | None = None,
        until_s: int | None = None,
    ) -> None:
        """Say a sentence in a toast; an error stays until it is closed. `action` names an act that it offers."""
        if self.toasts is not None:
            self.toasts.show(sentence, action=action, act=act, error=error, until_s=until_s)

    def can_undo(self) -> bool:
        return self.toasts is not None and self.toasts.offers()

    def undo(self) -> None:
        """Ctrl+Z: do what the latest toast offers."""
        if self.toasts is not None:
            self.toasts.act_on_latest()

    def next_pane(self, by: int) -> None:
        """F6: the keyboard goes to the next pane of the section, rail and strip included."""
        in_strip = [stop for stop in self.strip.stops() if stop.isVisible() and stop.focusPolicy()]
        drawer = self._drawer
        beside: list[QWidget] = [drawer] if drawer is not None and drawer.is_open else []
        stops: list[QWidget] = [self.rail, *self.shown.panes(), *beside, *([self.strip] if in_strip else [])]
        focus = QApplication.focusWidget()
        here = next((i for i, stop in enumerate(stops) if focus is not None and stop.isAncestorOf(focus)), -by)
        target = stops[(here + by) % len(stops)]
        if target is self.rail:
            self.rail.current.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif target is self.strip:
            in_strip[0].setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif drawer is not None and target is drawer:
            drawer.take_focus()
        else:
            self.shown.focus_pane(target)

    def step_text(self, by: int) -> None:
        """Larger (1), smaller (-1) or normal (0) text."""
        if by:
            theme().step_text_scale(by)
        else:
            theme().set_text_scale(1.0)

    def show_shortcuts(self) -> None:
        from ui.shell.shortcuts_dialog import ShortcutsDialog

        ShortcutsDialog(self.commands, self).open()

    def _open_person_menu(self) -> None:
        from ui.shell.menus import person_menu

        person, menu = self.rail.person, person_menu(self, self.commands)
        menu.popup(person.mapToGlobal(QPoint(person.width() + 6, person.height() - menu.sizeHint().height())))

    # Events ----------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write down what the window remembers."""
        self.section.save()
        self.state.remember_geometry(self)
        self.state.set_text("theme", theme().mode)
        self.state.set_number("text_scale", theme().text_scale)
        self.state.save()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing only asks: the lifecycle saves drafts, ends the desk's thread and then the program. A session that
        runs goes on; its last beat is written."""
        self.save()
        if self.section.ticket is not None:
            self.section.ticket.flush_drafts()
        if self.pro is not None:
            self.pro.follower.rest()
        event.ignore()
        self.hide()
        self.closing.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.toasts is not None:
            self.toasts.place()

    @property
    def _drawer(self) -> SyncDrawer | None:
        return self.sync.drawer if self.sync is not None else None

    def drawer_room(self) -> QRect:
        """Where drawers may lie: right of the rail, below the banner, above the strip."""
        top = 0 if self.banner.isHidden() else self.banner.height()
        left = self.rail.width()
        return QRect(left, top, self.ground.width() - left, self.ground.height() - top - self.strip.height())

    def _toast_corner(self) -> tuple[int, int, int]:
        """Bottom left above the strip; in the queue as wide as views and list together: never over the composer."""
        left = self.rail.width() + 16
        bottom = self.ground.height() - self.strip.height() - 12
        if self.shown is not self.section:
            return left, bottom, self.ground.width() - left - 16
        return left, bottom, self.rail.width() + self.section.splitter.list_end - left - 16
