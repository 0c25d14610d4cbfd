"""The sync drawer: what needs the person first, what waits to be sent, then what was settled by itself (design language
4.12, mock e-sync).

It lies over the right edge of the window without a scrim, so that work goes on beside it. It shows frozen values and
asks; `ui.shell.sync` fills it and acts. Esc closes it, and the focus goes back to where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QMoveEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.desk.sync_views import LinkStatus, NotTaken, Overwrote, Refused, Settled, SyncIssues, Waiting
from ui.sync.cards import (
    IssueCard,
    SettledRow,
    Subject,
    WaitingCard,
    not_taken_card,
    overwrote_card,
    refused_card,
)
from ui.sync.wording import NOT_CONNECTED, foot
from ui.theme import theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.controls import Rule, Words, Wrapped
from ui.widgets.ground import Ground, fill_beside_bars
from ui.widgets.shade import SHADE, Shade

MOST_WAITING: Final = 50
"""So many of the entries that wait are shown, the oldest first; the rest is counted."""
NOTHING: Final = "Nothing needs you."


class SyncDrawer(Ground):
    """Attributes: `cards`, those that are shown, in their order.

    Signals: `asked(act, subject)` from a card; `sync_asked`, `report_asked`, `connect_asked` from its own buttons;
    `closed` after it was closed; `rearranged` when `stops` are others.
    """

    asked = Signal(str, object)
    sync_asked = Signal()
    report_asked = Signal()
    connect_asked = Signal()
    closed = Signal()
    rearranged = Signal()

    def __init__(self, over: QWidget, room: Callable[[], QRect], zone: str) -> None:
        """It lies over a widget; `room` gives the part of it that is free for drawers."""
        super().__init__("bg.window", over)
        self.setAccessibleName("Sync issues")
        self._over, self._room, self._zone = over, room, zone
        self._issues: SyncIssues | None = None
        self._status: LinkStatus | None = None
        self._back_to: QWidget | None = None
        self.cards: list[IssueCard] = []
        self._shade = Shade(over)
        self._slide = QPropertyAnimation(self, b"pos", self)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._title = Words("Sync issues", "text.primary", "title")
        self._count = Words("", "text.tertiary", "body", tabular=True)
        self.sync_now = Button("Sync now", self, icon="sync")
        self.close_button = IconButton("close", "Close", self)
        self.connect_button = Button("Connect to a hub\u2026", self, kind="primary")
        self.report = Button("Copy report for IT", self, kind="link")
        self._foot = Words("", "text.tertiary", "meta", tabular=True)
        for button in (self.sync_now, self.close_button, self.connect_button, self.report):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        self.sync_now.clicked.connect(self.sync_asked)
        self.close_button.clicked.connect(self.close_drawer)
        self.connect_button.clicked.connect(self.connect_asked)
        self.report.clicked.connect(self.report_asked)
        over.installEventFilter(self)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def _lay_out(self) -> None:
        head = self._head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._count, 1)
        head.addWidget(self.sync_now)
        head.addWidget(self.close_button)
        self._inside = Ground("bg.window")
        self._list = QVBoxLayout(self._inside)
        area = self._area = QScrollArea()
        area.setWidget(self._inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        below = self._below = QHBoxLayout()
        below.addWidget(self._foot, 1)
        below.addWidget(self.report)
        rows = self._rows = QVBoxLayout(self)
        rows.addLayout(head)
        rows.addWidget(area, 1)
        rows.addWidget(Rule())
        rows.addLayout(below)

    # Showing ---------------------------------------------------------------------------------------------------------

    def show_issues(self, issues: SyncIssues) -> None:
        """Show what there is. A card whose thing is the same stays, with the focus in it; where the focus was on
        something that is gone, it goes to what stands in its place."""
        if issues == self._issues:
            return
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        at = next((i for i, card in enumerate(self.cards) if focus is not None and card.isAncestorOf(focus)), 0)
        self._issues = issues
        known = {card.subject: card for card in self.cards}
        before = self.cards
        self.cards = [known.get(subject) or self._card(subject) for subject in _subjects(issues)]
        self._fill(issues)
        for card in before:
            if card not in self.cards:
                card.hide()
                card.deleteLater()
        if had_focus and not (focus is not None and focus.isVisible()):
            self._focus_card(at)
        self._say_foot()
        self.rearranged.emit()

    def show_status(self, status: LinkStatus | None) -> None:
        """Show when both sides were last level, and whether a sync can be asked for."""
        self._status = status
        self.sync_now.setEnabled(status is None or status.link not in ("revoked", "other_hub"))
        self._say_foot()

    def _card(self, subject: Subject) -> IssueCard:
        match subject:
            case Refused():
                card = refused_card(subject, self._zone)
            case NotTaken():
                card = not_taken_card(subject, self._zone)
            case Overwrote():
                card = overwrote_card(subject, self._zone)
            case Waiting():
                card = WaitingCard(subject, self._zone)
        card.asked.connect(self.asked)
        return card

    def _fill(self, issues: SyncIssues) -> None:
        """Put cards, headings and settled lines into the column anew; cards are kept, the rest is made."""
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and not isinstance(widget, IssueCard):
                widget.hide()
                widget.deleteLater()
        connected = issues.connected
        self._title.setText("Sync issues" if connected else "Sync")
        self._count.setText(_need(issues))
        for widget in (self.sync_now, self.report, self._foot):
            widget.setVisible(connected)
        self.connect_button.setVisible(not connected)
        if not connected:
            self._list.addWidget(Wrapped(NOT_CONNECTED, "text.secondary"))
            self._list.addWidget(self.connect_button, 0, Qt.AlignmentFlag.AlignLeft)
            self._list.addStretch(1)
            return
        needing = [card for card in self.cards if not isinstance(card, WaitingCard)]
        for card in needing:
            self._list.addWidget(card)
        if not needing:
            self._list.addWidget(Wrapped(NOTHING, "text.secondary"))
        self._add_outbox(issues.waiting)
        self._add_settled(issues.settled)
        self._list.addStretch(1)
        for card in self.cards:
            card.show()

    def _add_outbox(self, waiting: Sequence[Waiting]) -> None:
        if not waiting:
            return
        self._add_heading("Waiting to be sent", f"{len(waiting):,}")
        for card in self.cards:
            if isinstance(card, WaitingCard):
                self._list.addWidget(card)
        if len(waiting) > MOST_WAITING:
            self._list.addWidget(Wrapped(f"And {len(waiting) - MOST_WAITING:,} more.", "text.secondary"))

    def _add_settled(self, settled: Sequence[Settled]) -> None:
        if not settled:
            return
        self._add_heading("Settled without you today", "")
        for line in settled:
            self._list.addWidget(SettledRow(line, self._zone))

    def _add_heading(self, title: str, count: str) -> None:
        heading = Words(f"{title}  {count}".rstrip(), "text.secondary", "section", tabular=True)
        heading.setContentsMargins(2, theme().px(6), 0, 0)
        self._list.addWidget(heading)

    def _say_foot(self) -> None:
        if self._issues is not None:
            self._foot.setText(foot(self._status, self._issues, self._zone))

    # Opening and closing ---------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return not self.isHidden()

    def open_drawer(self, *, at_outbox: bool = False) -> None:
        """Slide in from the right, and take the keyboard: to the first thing to do, or into the outbox."""
        if not self.is_open:
            self._back_to = QApplication.focusWidget()
            self.place()
            self.show()
            self.raise_()
            self._slide_in()
            self.rearranged.emit()
        self._shade.show()
        self._shade.raise_()
        wanted = [card for card in self.cards if card.buttons and (isinstance(card, WaitingCard) or not at_outbox)]
        self._focus_first(wanted)
        if at_outbox:
            first = next((card for card in self.cards if isinstance(card, WaitingCard)), None)
            if first is not None:
                QTimer.singleShot(0, first, lambda: self._area.ensureWidgetVisible(first))

    def close_drawer(self) -> None:
        """Close; the focus goes back to where it was."""
        if not self.is_open:
            return
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self._slide.stop()
        self.hide()
        self._shade.hide()
        back, self._back_to = self._back_to, None
        if had_focus and back is not None and isValid(back) and back.isVisible():
            back.setFocus(Qt.FocusReason.PopupFocusReason)
        self.rearranged.emit()
        self.closed.emit()

    def place(self) -> None:
        """Take the place that is free for it, at the present text scale."""
        room, look = self._room(), theme()
        width = min(look.px(look.size("drawerWidth")), room.width())
        self._slide.stop()
        self.setGeometry(room.right() + 1 - width, room.top(), width, room.height())
        self._place_shade()

    def stops(self) -> list[QWidget]:
        """What the Tab key visits, in order."""
        if not self.is_open:
            return []
        ends = [self.sync_now, self.close_button, self.connect_button, self.report]
        shown = [widget for widget in ends if not widget.isHidden()]
        in_cards: list[QWidget] = [button for card in self.cards for button in card.buttons]
        at = 1 + shown.index(self.close_button)
        return [*shown[:at], *in_cards, *shown[at:]]

    def take_focus(self) -> None:
        """F6: the keyboard goes to the first thing to do."""
        self._focus_first(self.cards)

    def _focus_first(self, cards: Sequence[IssueCard]) -> None:
        buttons = [button for card in cards for button in card.buttons]
        fallback = [self.connect_button, self.sync_now, self.close_button]
        target = next(iter(buttons), None) or next(w for w in fallback if not w.isHidden() and w.isEnabled())
        target.setFocus(Qt.FocusReason.PopupFocusReason)
        self._area.ensureWidgetVisible(target)

    def _focus_card(self, index: int) -> None:
        """The focus goes to what stands now where a card was."""
        self._focus_first(self.cards[min(index, len(self.cards) - 1) :] if self.cards else ())

    def _slide_in(self) -> None:
        length = theme().motion("slow")
        if length:
            self._slide.setDuration(length)
            self._slide.setStartValue(QPoint(self.x() + self.width(), self.y()))
            self._slide.setEndValue(self.pos())
            self._slide.start()

    def _place_shade(self) -> None:
        self._shade.setGeometry(self.x() - SHADE, self.y(), SHADE, self.height())

    # Events ----------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._over and self.is_open:
            self.place()
        return super().eventFilter(watched, event)

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._place_shade()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QPainter(self).fillRect(0, 0, 1, self.height(), theme().color("line.divider"))

    def _restyle(self) -> None:
        look = theme()
        fill_beside_bars(self._area, "bg.window")
        self._head.setContentsMargins(look.px(20), look.px(12), look.px(10), look.px(12))
        self._head.setSpacing(look.px(10))
        self._list.setContentsMargins(look.px(16), look.px(2), look.px(16), look.px(16))
        self._list.setSpacing(look.px(10))
        self._below.setContentsMargins(look.px(20), look.px(9), look.px(14), look.px(9))
        self._rows.setContentsMargins(1, 0, 0, 0)
        self._rows.setSpacing(0)
        if self.is_open:
            self.place()


def _subjects(issues: SyncIssues) -> list[Subject]:
    """What is shown as cards, what needs the person first, the newest of a kind first; then the outbox in its order."""
    needing: list[Subject] = [*issues.refused, *issues.overwrote, *issues.not_taken]
    return [*needing, *issues.waiting[:MOST_WAITING]]


def _need(issues: SyncIssues) -> str:
    if not issues.needs_you:
        return ""
    return f"{issues.needs_you:,} need{'s' if issues.needs_you == 1 else ''} you"
