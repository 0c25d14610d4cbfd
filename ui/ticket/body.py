"""How the parts of an open ticket are placed: header, conversation and composer, clocks and properties.

Where there is no room for the right column it becomes a drawer over the conversation, and the clocks move into the
header (design language 2). Called by the pane.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from PySide6.QtCore import QEvent, QMargins, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.theme import theme
from ui.ticket.clock_panel import ClockPanel
from ui.ticket.composer import RING_ROOM, Composer
from ui.ticket.draft_keeper import DraftKeeper
from ui.ticket.header import Header
from ui.ticket.properties import Properties
from ui.ticket.still_runs import StillRuns
from ui.ticket.timeline import COLUMN, Timeline
from ui.ticket.timeline_rows import GUTTER
from ui.widgets.ground import Ground, fill_beside_bars
from ui.widgets.shade import SHADE, Shade

LEAST_CONVERSATION: Final = 420
LEAST_WINDOW: Final = 1280
"""Below this width of the window, in px at 100 % text, the right column is a drawer."""


class Sidebar(Ground):
    """Clocks above properties, 288 wide behind a hairline; scrolls when they are higher than the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("line.divider", parent)
        self.setAccessibleName("Clocks and properties")
        self.clocks = ClockPanel()
        self.properties = Properties()
        self._inner = Ground("bg.sunken")
        self._column = QVBoxLayout(self._inner)
        self._column.addWidget(self.clocks)
        self._column.addSpacing(18)
        self._column.addWidget(self.properties)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._inner)
        row = QVBoxLayout(self)
        row.setContentsMargins(1, 0, 0, 0)
        row.addWidget(self._scroll)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        look = theme()
        fill_beside_bars(self._scroll, "bg.sunken")
        self._column.setContentsMargins(QMargins(look.px(16), look.px(14), look.px(16), look.px(16)))
        self.setFixedWidth(look.px(look.size("properties", "default")))


class Body(Ground):
    """An open ticket. Attributes: `header`, `timeline`, `still_runs`, `composer`, `clocks`, `properties`.

    Signals: `narrowed(bool)`, when the clocks moved into the header or back; `rearranged`, when `stops` are others.
    """

    narrowed = Signal(bool)
    rearranged = Signal()

    def __init__(self, keeper: DraftKeeper, parent: QWidget | None = None) -> None:
        super().__init__("bg.surface", parent)
        self.header = Header()
        self.timeline = Timeline()
        self.still_runs = StillRuns()
        self.composer = Composer(keeper)
        self.sidebar = Sidebar(self)
        self.clocks = self.sidebar.clocks
        self.properties = self.sidebar.properties
        self._shade = Shade(self)
        self._narrow = False
        self._wanted = True
        self._drawer_open = False
        self._back_to: QWidget | None = None
        self._watched: QWidget | None = None
        self._above_foot = QHBoxLayout()
        self._above_foot.addWidget(self.still_runs, 1)
        self._above_foot.addStretch(0)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.composer, 1)
        self._foot.addStretch(0)
        conversation = QVBoxLayout()
        conversation.setSpacing(0)
        conversation.addWidget(self.timeline, 1)
        conversation.addLayout(self._above_foot)
        conversation.addLayout(self._foot)
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._row.addLayout(conversation, 1)
        self._row.addWidget(self.sidebar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(self._row, 1)
        self.header.properties_asked.connect(self.toggle_sidebar)
        self.header.show_chips(False)
        self.timeline.rearranged.connect(self._tab_order)
        self.clocks.rearranged.connect(self._tab_order)
        self.header.chips.rearranged.connect(self._tab_order)
        self._tab_order()
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def is_narrow(self) -> bool:
        """Whether the clocks stand in the header."""
        return not self._column_shown()

    @property
    def drawer_is_open(self) -> bool:
        return self._drawer_open

    def toggle_sidebar(self) -> None:
        """Show or hide the right column (Ctrl+.): a column where there is room, else a drawer."""
        if not self._narrow:
            self._wanted = not self._wanted
            self._arrange()
        elif not self.close_drawer():
            self._back_to = QApplication.focusWidget()
            self._drawer_open = True
            self._arrange()
            self.properties.status.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_drawer(self) -> bool:
        """Close the drawer if it is open, and give the focus back; says whether it was."""
        was_open, self._drawer_open = self._drawer_open, False
        if was_open:
            back, self._back_to = self._back_to, None
            if back is None or not isValid(back) or not back.isVisible() or self.sidebar.isAncestorOf(back):
                back = self.timeline
            back.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._arrange()
        return was_open

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        stops: list[QWidget] = [*self.header.stops(), *self.timeline.stops(), *self.composer.stops()]
        stops += [card.explain_button for card in self.clocks.cards]
        return [*stops, self.properties.status, self.properties.assignee, self.properties.impact]

    def _tab_order(self) -> None:
        """Header, thread, composer, clocks, properties (design language 5). Cards come and go, so it is set anew."""
        for first, second in pairwise(self.stops()):
            QWidget.setTabOrder(first, second)
        self.rearranged.emit()

    def _column_shown(self) -> bool:
        return self._wanted and not self._narrow

    def _measure(self) -> None:
        look, window = theme(), self.window()
        least = look.px(LEAST_CONVERSATION + look.size("properties", "default"))
        inside = window is not self and window is not self.parentWidget()
        narrow = self.width() < least or (inside and window.width() < look.px(LEAST_WINDOW))
        if narrow != self._narrow:
            self._narrow = narrow
            self._drawer_open = False
        self._arrange()

    def _arrange(self) -> None:
        """Give the right column its place. Only what differs is touched, so a resize stays cheap."""
        shown, drawer = self._column_shown(), self._narrow and self._drawer_open
        in_row = self._row.indexOf(self.sidebar) >= 0
        if shown and not in_row:
            self._row.addWidget(self.sidebar)
        elif not shown and in_row:
            self._row.removeWidget(self.sidebar)
        self.sidebar.setVisible(shown or drawer)
        self._shade.setVisible(drawer and not theme().high_contrast)
        if drawer:
            top = self.header.height()
            left = self.width() - self.sidebar.width()
            self.sidebar.setGeometry(left, top, self.sidebar.width(), self.height() - top)
            self.sidebar.raise_()
            self._shade.setGeometry(left - SHADE, top, SHADE, self.height() - top)
            self._shade.raise_()
        was = not self.header.chips.isHidden()
        if was == shown:
            self.header.show_chips(not shown)
            self.narrowed.emit(not shown)

    def _restyle(self) -> None:
        look = theme()
        self.composer.setMaximumWidth(look.px(GUTTER + COLUMN) + 2 * RING_ROOM)
        self.still_runs.setMaximumWidth(look.px(GUTTER + COLUMN))
        self._above_foot.setContentsMargins(look.px(17) + RING_ROOM, 0, look.px(17) + RING_ROOM, 0)
        self._foot.setContentsMargins(look.px(17), look.px(6), look.px(17), look.px(12))
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def showEvent(self, event: QEvent) -> None:
        """The width that decides is the window's: it is watched too."""
        window = self.window()
        if window is not self._watched:
            if self._watched is not None:
                self._watched.removeEventFilter(self)
            window.installEventFilter(self)
            self._watched = window
        self._measure()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._watched:
            self._measure()
        return super().eventFilter(watched, event)
