"""The session page of an engagement (mock c): header, what waits for an answer, and the cards in two columns.

Time and scope stand on the left, hours, gate and ledger on the right. Where there is no room for two columns, wide text
or a narrow window, the cards stand under each other in the order in which they matter. The page scrolls where it does
not fit. Called by the Pro section, which reads the page and ticks it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.desk.pro.views import EngagementPage
from ui.pro.gate_card import GateCard
from ui.pro.hours_card import HoursCard
from ui.pro.ledger_card import LedgerCard
from ui.pro.page_header import PageHeader
from ui.pro.page_notices import PageNotices
from ui.pro.scope_card import ScopeCard
from ui.pro.timer_card import TimerCard
from ui.theme import theme
from ui.widgets.ground import Ground, fill_beside_bars

if TYPE_CHECKING:
    from ui.pro.acts import ProActs

RIGHT_COLUMN: Final = (336, 438)
"""The least and the most width of the right column, px at 100 %; between them it takes a third."""
LEAST_LEFT: Final = 700
"""Below this the left column has no room beside the right one, px at 100 %."""
_SIDE: Final = 20
_GAP: Final = 14
_UNBOUND: Final = 16_777_215

Shape = Literal["columns", "paired", "single"]
"""Two columns; one, in which hours and gate stand beside each other; one."""
Cards = TimerCard | ScopeCard | HoursCard | GateCard | LedgerCard


class EngagementPageView(Ground):
    """One engagement with everything about it.

    Attributes: `header`, `notices`, and the cards `timer`, `scope`, `hours`, `gate`, `ledger`.

    Signals: `back_asked`, when the list is asked for; `rearranged`, when `stops` are others.
    """

    back_asked = Signal()
    rearranged = Signal()

    def __init__(self, acts: ProActs, now: Callable[[], int], parent: QWidget | None = None) -> None:
        """`now` gives epoch ms, trusted."""
        super().__init__("bg.window", parent)
        self._now = now
        self._page: EngagementPage | None = None
        self._shape: Shape | None = None
        self._order: list[QWidget] = []
        self.header = PageHeader(acts)
        self.notices = PageNotices(acts)
        self.timer = TimerCard(acts, now)
        self.scope = ScopeCard(acts, now)
        self.hours = HoursCard(acts, now)
        self.gate = GateCard(acts, now)
        self.ledger = LedgerCard(acts, now)
        self._inner = Ground("bg.window")
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns = QHBoxLayout()
        self._body = QVBoxLayout(self._inner)
        self._scroll = QScrollArea()
        self._lay_out()
        self.header.back_asked.connect(self.back_asked)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _lay_out(self) -> None:
        self._columns.addLayout(self._left, 1)
        self._columns.addLayout(self._right)
        self._body.setSpacing(0)
        self._body.addWidget(self.notices)
        self._body.addLayout(self._columns, 1)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._inner)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._keep_right_edge)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._scroll, 1)

    @property
    def page(self) -> EngagementPage | None:
        """What is shown."""
        return self._page

    @property
    def shape(self) -> Shape | None:
        """How the cards stand."""
        return self._shape

    def show_page(self, page: EngagementPage) -> None:
        """Show an engagement, or the same one read anew: what did not change stays as it is, with the focus."""
        before, self._page = self._page, page
        now = self._now()
        self.header.show_page(page, now)
        self.notices.show_page(page, now)
        for card in self._cards():
            card.show_page(page)
        if before is None or before.row.ticket != page.row.ticket:
            self._scroll.verticalScrollBar().setValue(0)
        self._tab_order()

    def tick(self, now: int) -> None:
        """A second later: figures follow by arithmetic from the page that was read. Epoch ms."""
        if self._page is not None:
            self.notices.tick(now)
            for card in self._cards():
                card.tick(now)

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order: the header, what waits for an answer, then the cards as they stand."""
        cards = (stop for card in self._cards() for stop in card.stops())
        return [*self.header.stops(), *self.notices.stops(), *cards]

    # Parts -----------------------------------------------------------------------------------------------------------

    def _cards(self) -> tuple[Cards, ...]:
        """The cards in the order in which they are read."""
        if self._shape == "columns":
            return (self.timer, self.scope, self.hours, self.gate, self.ledger)
        return (self.timer, self.hours, self.gate, self.scope, self.ledger)

    def _tab_order(self) -> None:
        """Cards bring stops and take them away: the order is set anew where it is another."""
        stops = self.stops()
        if stops != self._order:
            self._order = stops
            for first, second in pairwise(stops):
                QWidget.setTabOrder(first, second)
            self.rearranged.emit()

    def _measure(self) -> None:
        """Two columns where the left one has room beside the right; else hours and gate share a line, if they fit."""
        look = theme()
        room = self.width() - 2 * look.px(_SIDE) - look.px(_GAP)
        right = min(max(round(room * 0.33), look.px(RIGHT_COLUMN[0])), look.px(RIGHT_COLUMN[1]))
        if room - right >= look.px(LEAST_LEFT):
            shape: Shape = "columns"
        else:
            shape = "paired" if room >= 2 * look.px(RIGHT_COLUMN[0]) else "single"
        if shape != self._shape:
            self._shape = shape
            self._arrange(shape)
        for card in (self.hours, self.gate, self.ledger):
            card.setMinimumWidth(right if shape == "columns" else 0)
            card.setMaximumWidth(right if shape == "columns" else _UNBOUND)

    def _arrange(self, shape: Shape) -> None:
        for layout in (self._left, self._pair, self._right):
            while layout.count():
                layout.takeAt(0)
        if shape == "columns":
            self._left.addWidget(self.timer)
            self._left.addWidget(self.scope, 1)
            for card, stretch in ((self.hours, 0), (self.gate, 0), (self.ledger, 1)):
                self._right.addWidget(card, stretch)
        else:
            direction = QBoxLayout.Direction
            self._pair.setDirection(direction.LeftToRight if shape == "paired" else direction.TopToBottom)
            self._pair.addWidget(self.hours, 1)
            self._pair.addWidget(self.gate, 1)
            self._left.addWidget(self.timer)
            self._left.addLayout(self._pair)
            self._left.addWidget(self.scope)
            self._left.addWidget(self.ledger, 1)
        self._tab_order()

    def _restyle(self) -> None:
        look = theme()
        fill_beside_bars(self._scroll, "bg.window")
        self._keep_right_edge()
        self._columns.setSpacing(look.px(_GAP))
        for layout in (self._left, self._right, self._pair):
            layout.setSpacing(look.px(_GAP))
        self._measure()

    def _keep_right_edge(self) -> None:
        """The cards end where the header ends, whether or not the page has a scroll bar beside them."""
        side, bar = theme().px(_SIDE), self._scroll.verticalScrollBar()
        beside = bar.sizeHint().width() if bar.maximum() > 0 else 0
        self._body.setContentsMargins(side, 0, side - beside, theme().px(_GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_asked.emit()
        else:
            super().keyPressEvent(event)
