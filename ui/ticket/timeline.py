"""The conversation of a ticket: its history as rows in one column, newest at the bottom (design language 4.4).

A refresh touches only the rows that differ, so a selection of text and the place in the thread survive it. Called by
the pane, which gives it the desk's timeline items.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ui.theme import theme
from ui.ticket import blocks as bl
from ui.ticket.message_row import MessageRow
from ui.ticket.timeline_rows import GUTTER, EarlierRow, Row, Setting
from ui.ticket.unsent_rows import UnsentRow, row_for
from ui.widgets.ground import Ground
from ui.widgets.spoken import announce

COLUMN: Final = 680
"""The widest that words are set, px at 100 %."""
_SIDE: Final = 20


class Timeline(QScrollArea):
    """A scrolling thread. Scrolls with the arrow and page keys when it has the focus. One message can be chosen.

    Signals: `acted(act, item)` from a row whose message has not left this computer; `redact_asked(item)` from the menu
    of a message; `rearranged`, when `stops` are others.
    """

    acted = Signal(str, object)
    redact_asked = Signal(object)
    rearranged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Conversation")
        self._column = Ground("bg.surface")
        self.setWidget(self._column)
        self._earlier = EarlierRow(self._column)
        self._earlier.asked.connect(self._show_earlier)
        self._all: tuple[bl.Block, ...] = ()
        self._shown: tuple[bl.Block, ...] = ()
        self._rows: list[Row] = []
        self._limit = bl.LOADED
        self._setting = Setting("UTC", "")
        self._chosen: str | None = None
        self._at_end = True
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._range_changed)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows on show, oldest first."""
        return tuple(self._rows)

    @property
    def chosen(self) -> MessageRow | None:
        """The message that acts are about."""
        return next((row for row in self._messages() if row.item.entry_id == self._chosen), None)

    def show_history(self, items: Iterable[bl.Item], setting: Setting, *, now: int, same_ticket: bool) -> None:
        """Show a history. Of the same ticket it keeps the place and the chosen message, and follows the newest entry if
        that was in view; of another it starts at the newest."""
        if not same_ticket or setting != self._setting:
            self._clear()
            self._limit = bl.LOADED
        if not same_ticket:
            self._chosen = None
        self._setting = setting
        before = bl.drawn(self._all)
        self._all = bl.blocks(items, now, setting.zone)
        if same_ticket:
            self._limit += max(bl.drawn(self._all) - before, 0)
        if not same_ticket:
            self._at_end = True
        self._reconcile()
        self._follow()

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order: the thread, and the acts of what has not left this computer."""
        return [self, *(link for row in self._rows if isinstance(row, UnsentRow) for link in row.links)]

    def choose_next(self, step: int) -> None:
        """Choose the next message (1) or the one before (-1); where none is chosen, the newest. It comes into view, and
        the focus into the thread."""
        messages = self._messages()
        if not messages:
            return
        chosen = self.chosen
        at = len(messages) - 1 if chosen is None else messages.index(chosen) + step
        row = messages[min(max(at, 0), len(messages) - 1)]
        self._choose(row)
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.ensureWidgetVisible(row, 0, theme().px(10))
        announce(self, row.accessibleName())

    def _choose(self, row: MessageRow) -> None:
        self._chosen = row.item.entry_id
        for each in self._messages():
            each.set_chosen(each is row)

    def _messages(self) -> list[MessageRow]:
        return [row for row in self._rows if isinstance(row, MessageRow)]

    def scroll_to_end(self) -> None:
        """Show the newest entry."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    # Rows

    def _reconcile(self) -> None:
        shown, hidden = bl.newest(self._all, self._limit)
        head, tail = bl.shared_ends(self._shown, shown)
        stop = len(self._rows) - tail
        for row in self._rows[head:stop]:
            row.hide()
            row.deleteLater()
        fresh = [row_for(block, self._setting, self._column) for block in shown[head : len(shown) - tail]]
        for row in fresh:
            row.grew.connect(self._grown)
            row.acted.connect(self.acted)
            if isinstance(row, MessageRow):
                row.set_chosen(row.item.entry_id == self._chosen)
                row.entered.connect(lambda row=row: self._choose(row))
                row.redact_asked.connect(self.redact_asked)
            row.show()
        gone = self._rows[head:stop]
        self._rows[head:stop] = fresh
        self._shown = shown
        self._earlier.set_hidden(hidden)
        self._earlier.setVisible(hidden > 0)
        if any(isinstance(row, UnsentRow) for row in (*gone, *fresh)):
            self.rearranged.emit()

    def _clear(self) -> None:
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []
        self._shown = ()

    def _show_earlier(self) -> None:
        """The older rows come in above, and what was in view stays where it is."""
        bar = self.verticalScrollBar()
        from_end = self._column.height() - bar.value()
        self._at_end = False
        self._limit += bl.LOADED
        self._reconcile()
        self._lay_out()
        bar.setValue(self._column.height() - from_end)

    # Geometry

    def _lay_out(self) -> None:
        look = theme()
        side = look.px(_SIDE)
        room = self.viewport().width()
        width = min(self.width() - 2 * side, look.px(GUTTER + COLUMN))  # the bar stands in the margin
        y = look.px(10)
        if not self._earlier.isHidden():
            height = self._earlier.height_for(width)
            self._earlier.setGeometry(side, y, width, height)
            y += height
        for row in self._rows:
            y += look.px(row.gap_above)
            height = row.height_for(width)
            row.setGeometry(side, y, width, height)
            y += height
        self._column.resize(room, max(y + look.px(14), self.viewport().height()))

    def _follow(self) -> None:
        """Lay out, and where the newest entry was in view keep it there."""
        at_end = self._at_end
        self._lay_out()
        if at_end:
            self.scroll_to_end()
            self._at_end = True

    def _range_changed(self, least: int, most: int) -> None:
        """The range follows the rows late where the pane is not on show."""
        if self._at_end:
            self.verticalScrollBar().setValue(most)

    def _grown(self) -> None:
        """A row that a person opened grows downwards, out of view if need be."""
        self._at_end = False
        self._lay_out()

    def _scrolled(self, value: int) -> None:
        self._at_end = value >= self.verticalScrollBar().maximum() - theme().px(24)

    def resizeEvent(self, event: QResizeEvent) -> None:
        at_end = self._at_end
        super().resizeEvent(event)
        self._at_end = at_end
        self._follow()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu key, while the thread has the focus, is about the chosen message."""
        chosen = self.chosen
        if chosen is not None and event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.ensureWidgetVisible(chosen, 0, theme().px(10))
            chosen.open_menu(chosen.mapToGlobal(QPoint(theme().px(GUTTER), theme().px(28))))
        else:
            super().contextMenuEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar, step = self.verticalScrollBar(), theme().px(40)
        match event.key():
            case Qt.Key.Key_Down:
                bar.setValue(bar.value() + step)
            case Qt.Key.Key_Up:
                bar.setValue(bar.value() - step)
            case Qt.Key.Key_End:
                self.scroll_to_end()
            case Qt.Key.Key_Home:
                bar.setValue(0)
            case _:
                super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self.viewport())
            painter.fillRect(0, 0, theme().px(2), self.viewport().height(), theme().color("focus.ring"))

    def _restyle(self) -> None:
        for row in self._rows:
            row.restyle()
        self._follow()
