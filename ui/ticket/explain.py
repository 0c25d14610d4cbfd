"""The popover that derives a deadline (design language 4.7): a title, a table, where the rules come from.

A child of the window and not a Qt popup: it survives focus changes, and its text can be copied. Called by `questions`.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimeZone, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.domain import words
from ui.theme import theme
from ui.ticket.clock_face import zone_in_words
from ui.ticket.explain_table import StoryTable
from ui.ticket.story import Story, as_text
from ui.widgets.buttons import Button, IconButton
from ui.widgets.controls import Elided, Rule, Segmented

_SHADOW = 16
_POINTER = 10
_MARGIN = 8


def own_zone() -> str:
    """The IANA name of this machine's zone."""
    return bytes(QTimeZone.systemTimeZoneId().data()).decode() or "UTC"


class ExplainPopover(QFrame):
    """Shows one story beside the clock that it explains.

    Signals: `closed`, when it went away; `copied`, when its text was copied.
    """

    closed = Signal()
    copied = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("Explanation")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._story: Story | None = None
        self._zone = ""
        self._anchor: QWidget | None = None
        self._back_to: QWidget | None = None
        self._pointer_y: int | None = None
        self._title = Elided("", "text.primary", "title")
        self._subtitle = Elided("", "text.secondary", "body")
        self._zones = Segmented((("policy", "Eastern", ""), ("mine", "Mine", "")))
        self._zones.setAccessibleName("Zone of the times")
        self._zones.chosen.connect(self._choose_zone)
        self._close = IconButton("close", "Close")
        self._close.clicked.connect(self.dismiss)
        self._table = StoryTable()
        self._guidelines = Elided("", "text.tertiary", "meta")
        self._copy = Button("Copy as text", small=True)
        self._copy.clicked.connect(self._copy_text)
        self._build()
        theme().changed.connect(self._restyle)
        window.installEventFilter(self)
        self.hide()

    def _build(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(3)
        names.addWidget(self._title)
        names.addWidget(self._subtitle)
        head = QHBoxLayout()
        head.setContentsMargins(20, 16, 14, 0)
        head.setSpacing(10)
        head.addLayout(names, 1)
        head.addWidget(self._zones, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        body = QHBoxLayout()
        body.setContentsMargins(12, 0, 12, 0)
        body.addWidget(self._table)
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 10, 14, 12)
        foot.setSpacing(10)
        foot.addWidget(self._guidelines, 1)
        foot.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(_SHADOW, _SHADOW, _SHADOW + _POINTER, _SHADOW)
        column.setSpacing(0)
        column.addLayout(head)
        column.addSpacing(12)
        column.addLayout(body, 1)
        column.addSpacing(10)
        column.addWidget(Rule("line.divider"))
        column.addLayout(foot)

    @property
    def table(self) -> StoryTable:
        return self._table

    @property
    def story(self) -> Story | None:
        return self._story

    def title(self) -> str:
        return self._title.text()

    def show_story(self, story: Story, anchor: QWidget | None) -> None:
        """Show a story beside its clock. Where it is open already it only changes its words."""
        fresh = self._story is None or not self.isVisible()
        if fresh:
            self._back_to = QApplication.focusWidget()
            self._zone = story.zone
            self._zones.show_choice("policy")
        if anchor is not None or fresh:
            self._anchor = anchor
        self._story = story
        self._zones.segment("policy").setText(zone_in_words(words.zone_short(story.zone, story.as_of)))
        self._zones.setVisible(own_zone() != story.zone)
        self._say()
        if fresh:
            self.show()
            self.raise_()
        self._place()
        if fresh:
            self._table.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close it; the focus goes back to where it was."""
        if not self.isVisible():
            return
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.isAncestorOf(focused)
        self.hide()
        self._story = None
        back, self._back_to = self._back_to, None
        if had_focus and back is not None and isValid(back) and back.isVisible():
            back.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()

    def _say(self) -> None:
        story = self._story
        if story is None:
            return
        self._title.setText(story.title(self._zone))
        self._subtitle.setText(story.subtitle())
        self._guidelines.setText(story.guidelines)
        self._table.show_story(story, self._zone)
        self.setAccessibleName(story.title(self._zone))

    def _choose_zone(self, key: str) -> None:
        if self._story is not None:
            self._zone = self._story.zone if key == "policy" else own_zone()
            self._say()
            self._place()

    def _copy_text(self) -> None:
        if self._story is not None:
            QApplication.clipboard().setText(as_text(self._story, self._zone))
            self.copied.emit()

    # Geometry

    def _place(self) -> None:
        """Left of its clock with a pointer to it, or else under it; always inside the window."""
        window, look = self.parentWidget(), theme()
        if window is None:
            return
        outside = 2 * _SHADOW + _POINTER
        width = min(look.px(look.size("explainWidth")), window.width() - 2 * _MARGIN) + outside
        self.resize(width, self.height())
        layout = self.layout()
        if layout is not None:
            layout.activate()
        self._table.measure()
        rest = self.sizeHint().height() - self._table.sizeHint().height()
        tallest = window.height() - 2 * _MARGIN + 2 * _SHADOW
        height = min(rest + self._table.full_height() + 2, tallest)
        place = self._beside(QSize(width, height), window)
        self.setGeometry(place)
        self.update()

    def _beside(self, size: QSize, window: QWidget) -> QRect:
        anchor = self._anchor if self._anchor is not None and isValid(self._anchor) else None
        least_x, least_y = _MARGIN - _SHADOW, _MARGIN - _SHADOW
        most_x = window.width() - _MARGIN - size.width() + _SHADOW
        most_y = window.height() - _MARGIN - size.height() + _SHADOW
        if anchor is None or not anchor.isVisible():
            self._pointer_y = None
            x = (window.width() - size.width()) // 2
            return QRect(QPoint(max(x, least_x), max(min(90, most_y), least_y)), size)
        corner = anchor.mapTo(window, QPoint(0, 0))
        left = corner.x() - size.width() + _SHADOW - 2
        if left >= least_x:
            middle = corner.y() + anchor.height() // 2
            y = max(min(middle - 120, most_y), least_y)
            self._pointer_y = middle - y
            return QRect(QPoint(left, y), size)
        self._pointer_y = None
        x = max(min(corner.x(), most_x), least_x)
        y = max(min(corner.y() + anchor.height() + 4 - _SHADOW, most_y), least_y)
        return QRect(QPoint(x, y), size)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(_SHADOW, _SHADOW, -_SHADOW - _POINTER, -_SHADOW)
        radius = look.radius("popover")
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(6):
            alpha = 20 + step * 5 if look.dark else 3 + step
            spread = 12 - 2 * step
            painter.setBrush(QColor(0, 0, 0, alpha))
            shade = body.adjusted(-spread, -spread, spread, spread).translated(0, 4)
            painter.drawRoundedRect(shade, radius + spread, radius + spread)
        outline = QPainterPath()
        outline.addRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if self._pointer_y is not None:
            y = min(max(self._pointer_y, body.top() + radius + 12), body.bottom() - radius - 12)
            nose = QPainterPath(QPointF(body.right() - 1.5, y - _POINTER))
            nose.lineTo(QPointF(body.right() + _POINTER - 1, y))
            nose.lineTo(QPointF(body.right() - 1.5, y + _POINTER))
            nose.closeSubpath()
            outline = outline.united(nose)
        painter.setBrush(look.color("bg.raised"))
        painter.setPen(QPen(look.color("line.divider"), 1))
        painter.drawPath(outline)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Esc closes the popover before any shortcut of the window hears of it."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget() and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _restyle(self) -> None:
        if self.isVisible():
            self._say()
            self._place()
