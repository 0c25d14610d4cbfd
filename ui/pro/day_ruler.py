"""The day ruler of a session (design language 4.9): when work may be done, when it was, and until when it is agreed.

An edge of the agreed slot is dragged with the pointer, or moved with the keys, in quarters of an hour: Left and Right
move it, Up and Down choose the other one, Enter applies, Esc takes it back. Ticks by arithmetic. Called by the timer
card.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.domain import words
from console.domain.calendar import Period
from ui.pro import day_paint, day_spans
from ui.pro.day_spans import Edge
from ui.theme import theme
from ui.widgets.focus import RingedFocus, paint_focus_ring
from ui.widgets.spoken import SpokenNow, announce

if TYPE_CHECKING:
    from console.desk.pro.views import EngagementPage, Ruler

_REACH: Final = 7
"""An edge is taken by the pointer from so many px away."""
_STEPS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_TURNS: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down)
_APPLY: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class DayRuler(SpokenNow, RingedFocus, QWidget):
    """One day of an engagement. `now` gives epoch ms.

    Signals: `move_asked(begins, ends)` the slot's new time; it may lie outside of the allowed hours.
    """

    move_asked = Signal(object, object)

    def __init__(self, now: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = now
        self._at = now()
        self._page: EngagementPage | None = None
        self._ruler: Ruler | None = None
        self._seen: tuple[object, ...] = ()
        self._draft: Period | None = None
        self._edge: Edge = "ends"
        self._dragging = False
        self._hovered: Edge | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)

    # What is shown

    @property
    def ruler(self) -> Ruler | None:
        """The day as it is drawn at the last tick."""
        return self._ruler

    @property
    def shown_slot(self) -> Period | None:
        """The slot as it is drawn: where its edge is being moved to, else as agreed."""
        return self._draft or (self._ruler.slot if self._ruler is not None else None)

    @property
    def edge(self) -> Edge:
        """The edge that the keys move."""
        return self._edge

    def spoken_now(self) -> str:
        return "Day ruler" if self._page is None else day_spans.summary(self._page, self._now())

    def show_day(self, page: EngagementPage) -> None:
        """Show a page's day. An edge that is being moved goes on, as long as the same slot is agreed."""
        if self._page is not None and day_spans.slot_line(self._page) != day_spans.slot_line(page):
            self._let_go()
        before = None if self._ruler is None else self._ruler.other_zone
        self._page, self._seen = page, ()
        self.tick(self._now())
        edges = day_spans.movable(page, self._at)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if edges else Qt.FocusPolicy.NoFocus)
        if self._edge not in edges:
            self._edge = "ends"
        self.setAccessibleName(day_spans.summary(page, self._at))
        self.setAccessibleDescription(
            "Arrow keys move the end of the slot by 15 minutes. Enter applies, Esc takes it back." if edges else ""
        )
        if page.ruler.other_zone != before:
            self.updateGeometry()

    def tick(self, now: int) -> None:
        """Show the day at an instant, epoch ms; repaints once something is elsewhere."""
        page = self._page
        if page is None:
            return
        self._at, self._ruler = now, day_spans.ruler_at(page, now)
        where = day_paint.frame(self._ruler, self.width())
        planned = sum(ends - begins for begins, ends in self._ruler.planned) // 60_000
        seen = (round(where.x(now)), planned, len(self._ruler.worked), len(self._ruler.paused))
        if seen != self._seen:
            self._seen = seen
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(520), day_paint.height(None if self._page is None else self._page.ruler))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(280), self.sizeHint().height())

    # Moving an edge

    def _edges(self) -> tuple[Edge, ...]:
        return () if self._page is None else day_spans.movable(self._page, self._at)

    def _slot(self) -> Period | None:
        """The agreed slot, where it can be moved."""
        return self._page.ruler.slot if self._page is not None and self._edges() else None

    def _instant(self, slot: Period, edge: Edge) -> int:
        return slot[0] if edge == "begins" else slot[1]

    def _is_allowed(self) -> bool:
        slot = self._draft
        return slot is None or self._ruler is None or day_spans.is_allowed(self._ruler, slot)

    def _told(self, slot: Period) -> str:
        """Where the edge is now: `6:15 PM, needs consent`."""
        zone = self._page.zone if self._page is not None else "UTC"
        told = words.clock_time(self._instant(slot, self._edge), zone)
        return told if self._is_allowed() else f"{told}, needs consent"

    def _move_to(self, slot: Period) -> None:
        """Draw the slot elsewhere; nothing is asked yet."""
        agreed = self._slot()
        draft = None if slot == agreed else slot
        if draft != self._draft:
            self._draft = draft
            announce(self, f"Slot {self._edge} {self._told(slot)}")
            self.update()

    def _let_go(self) -> None:
        """Back to what is agreed."""
        self._draft, self._dragging = None, False
        self.update()

    def apply(self) -> None:
        """Ask for what is drawn; outside of the allowed hours whoever moves the slot asks for a consent first."""
        draft = self._draft
        self._let_go()
        if draft is not None:
            self.move_asked.emit(*draft)

    # Pointer

    def _edge_at(self, point: QPointF) -> Edge | None:
        slot = self._slot()
        if slot is None or self._ruler is None:
            return None
        where = day_paint.frame(self._ruler, self.width())
        if not where.span(slot).adjusted(-_REACH, 0, _REACH, 0).contains(point):
            return None
        far = {edge: abs(where.x(self._instant(slot, edge)) - point.x()) for edge in self._edges()}
        nearest = min(far, key=lambda edge: far[edge])
        return nearest if far[nearest] <= _REACH else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        edge = self._edge_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or edge is None:
            super().mousePressEvent(event)
            return
        self._edge, self._dragging = edge, True
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        slot, ruler = self._slot(), self._ruler
        if self._dragging and slot is not None and ruler is not None:
            at = day_paint.frame(ruler, self.width()).at(event.position().x())
            self._move_to(day_spans.with_edge(ruler, slot, self._edge, at, self._at))
            return
        hovered = self._edge_at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            self.setCursor(Qt.CursorShape.SizeHorCursor if hovered is not None else Qt.CursorShape.ArrowCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging and event.button() == Qt.MouseButton.LeftButton:
            self.apply()
        else:
            super().mouseReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = None
        self.update()

    # Keys

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._takes(event):
            event.accept()  # the window's own Esc and Enter wait until the edge is settled
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _STEPS or key in _TURNS:
            return bool(self._edges()) and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return self._draft is not None and key in (*_APPLY, Qt.Key.Key_Escape)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        slot, ruler, key = self._slot(), self._ruler, Qt.Key(event.key())
        if slot is None or ruler is None or not self._takes(event):
            super().keyPressEvent(event)
        elif key in _STEPS:
            self._move_to(day_spans.stepped(ruler, self._draft or slot, self._edge, _STEPS[key], self._at))
        elif key in _TURNS:
            self._turn()
        elif key in _APPLY:
            self.apply()
        else:
            self._let_go()

    def _turn(self) -> None:
        edges = self._edges()
        other: Edge = "begins" if self._edge == "ends" else "ends"
        self._edge = other if other in edges else edges[0]
        slot = self.shown_slot
        if slot is not None:
            announce(self, f"Slot {self._edge} {self._told(slot)}")
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._let_go()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        ruler = self._ruler
        if ruler is None:
            return
        painter, where = QPainter(self), day_paint.frame(ruler, self.width())
        slot = self.shown_slot
        day_paint.paint_ground(painter, where, ruler)
        day_paint.paint_scales(painter, where, ruler)
        day_paint.paint_work(painter, where, ruler, slot, is_allowed=self._is_allowed())
        day_paint.paint_now(painter, where, self._at)
        if slot is not None:
            self._paint_grips(painter, where, slot)
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), theme().radius("control"))

    def _paint_grips(self, painter: QPainter, where: day_paint.Frame, slot: Period) -> None:
        chosen = self._edge if self.hasFocus() or self._dragging else self._hovered
        if chosen is None:
            return
        for edge in self._edges():
            day_paint.paint_grip(painter, where, self._instant(slot, edge), is_chosen=edge == chosen)
        if self._draft is not None:
            day_paint.paint_flag(painter, where, self._instant(slot, self._edge), self._told(slot))

    def _tip(self, point: QPointF) -> str:
        """What lies under the pointer, with its times."""
        page, ruler = self._page, self._ruler
        if page is None or ruler is None:
            return ""
        where = day_paint.frame(ruler, self.width())
        own = () if ruler.slot is None else ((*ruler.slot, "Agreed slot"),)
        named = (
            *ruler.others,
            *((*span, "Worked") for span in ruler.worked),
            *((*span, "Worked, not counted") for span in ruler.unmetered),
            *((*span, "Interrupted") for span in ruler.paused),
            *own,
            *((*span, "Consented") for span in ruler.consented),
            *((*span, "Outside the service window") for span in day_spans.closed(ruler)),
        )
        for begins, ends, name in named:
            if where.span((begins, ends)).contains(point):
                times = " to ".join(words.clock_time(at, page.zone) for at in (begins, ends))
                return f"{name}, {times} {words.zone_short(page.zone, begins)}"
        return ""

    def _restyle(self) -> None:
        self._seen = ()
        self.updateGeometry()
        self.update()
