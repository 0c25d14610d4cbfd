"""The main window: rail, banner, the section, strip and toasts; what it remembers and how it closes.

It paints before anything of the desk is imported; `fill` starts the rest. Called by the lifecycle.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from ui.shell.queue_section import QueueSection
from ui.shell.rail import Rail
from ui.shell.state import MINIMUM_SIZE, WindowState
from ui.shell.strip import SessionStrip, read_hours
from ui.theme import theme

if TYPE_CHECKING:
    from ui.commands import Commands
    from ui.desk_thread import DeskThread
    from ui.queue.reading import Counts
    from ui.shell.announcer import Announcer
    from ui.shell.banner import Banner
    from ui.shell.toasts import Toasts

TITLE = "Support Console"


class MainWindow(QMainWindow):
    """Signals: `painted()` after the first paint; `filled()` after the first rows; `closing()` when the person or the
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
        self.state = state
        self._frozen = frozen
        self._thread: DeskThread | None = None
        self._now = now
        self._was_painted = False
        self.setWindowTitle(TITLE)
        self.setMinimumSize(MINIMUM_SIZE)
        ground = self._ground = QWidget(self)
        self.rail = Rail(ground)
        self.section = QueueSection(state, now, frozen=frozen, parent=ground)
        self.strip = SessionStrip(now, self._ask_hours, ground)
        beside = QVBoxLayout()
        beside.addWidget(self.section, 1)
        beside.addWidget(self.strip)
        below = QHBoxLayout()
        below.addWidget(self.rail)
        below.addLayout(beside, 1)
        rows = self._rows = QVBoxLayout(ground)
        rows.addLayout(below, 1)
        for layout in (rows, below, beside):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        self.setCentralWidget(ground)
        self.rail.person_asked.connect(self._open_person_menu)
        self.section.filled.connect(self.filled)
        self.section.counted.connect(self._counted)
        self.section.rearranged.connect(self._order_stops)
        self.section.said.connect(self.say)

    # Filling ---------------------------------------------------------------------------------------------------------

    def fill(self, thread: DeskThread, *, select: str | None = None) -> None:
        """Build the rest, and ask the desk as soon as it is open. Called after the first paint."""
        from ui.commands import Commands
        from ui.shell.banner import Banner
        from ui.shell.toasts import Toasts
        from ui.shell.window_commands import add_commands

        self._thread = thread
        self.banner = Banner(self._ground)
        self._rows.insertWidget(0, self.banner)
        self.toasts = Toasts(self._ground, self._toast_corner)
        self.commands = Commands()
        add_commands(self.commands, self)
        self.commands.bind(self, "window")
        self.section.fill(thread, self.commands, select=select or self.state.text("ticket") or None)
        thread.opened.connect(self._opened)
        thread.unable.connect(self._unable)
        thread.refused.connect(lambda sentence: self.say(sentence, True))

    def _opened(self, me: str, zone: str, notices: list[str]) -> None:
        self.rail.person.set_person(me)
        self.section.ask(me, zone)
        for notice in notices:
            self.banner.announce(notice)
        self._ask_hours()
        self._watch_own_tickets()

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

    def _order_stops(self) -> None:
        """The Tab key goes as the design has it: rail, views, list, then the parts of the ticket.

        Set in one go: a pair alone is nothing to Qt where its two already follow each other around the window.
        """
        stops = [stop for stop in (*self.rail.stops(), *self.section.stops()) if stop.focusPolicy()]
        for first, second in pairwise(stops):
            self.setTabOrder(first, second)

    # Acts ------------------------------------------------------------------------------------------------------------

    def say(self, sentence: str, error: bool = False) -> None:
        """Say a sentence in a toast; an error stays until it is closed."""
        if self.toasts is not None:
            self.toasts.show(sentence, error=error)

    def next_pane(self, by: int) -> None:
        """F6: the keyboard goes to the next pane, rail and strip included."""
        stops: list[QWidget] = [self.rail, *self.section.panes()]
        focus = QApplication.focusWidget()
        here = next((i for i, stop in enumerate(stops) if focus is not None and stop.isAncestorOf(focus)), -by)
        target = stops[(here + by) % len(stops)]
        if target is self.rail:
            self.rail.button("queue").setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.section.focus_pane(target)

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
        """Closing only asks: the lifecycle saves drafts, ends the desk's thread and then the program."""
        self.save()
        if self.section.ticket is not None:
            self.section.ticket.flush_drafts()
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

    def _toast_corner(self) -> tuple[int, int, int]:
        """Bottom left above the strip, as wide as views and list together: never over the composer."""
        left = self.rail.width() + 16
        return (
            left,
            self._ground.height() - self.strip.height() - 12,
            self.rail.width() + self.section.splitter.list_end - left - 16,
        )
