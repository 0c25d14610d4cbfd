"""The rows of the scope card: an item with its check box, its bar against the estimate and its figures; an ask.

An item is a check box to the keyboard and to assistive technology; only the painting is ours. Amounts are ms. Called by
the scope card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from console.desk.pro.views import ScopeLine
from ui import icons
from ui.pro import amounts
from ui.theme import theme
from ui.widgets.card import PAD
from ui.widgets.focus import RingedFocus, paint_focus_ring
from ui.widgets.ground import rounded

ROW: Final = 40
_BOX: Final = 16
_BAR: Final = 6
_NOTHING: Final = "–"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a row stand, px: all but the titles keep their width, the titles take the rest."""

    box: float
    title: float
    title_width: float
    bar: float
    bar_width: float
    used_right: float
    estimate_right: float


def columns(width: int) -> Columns:
    """The columns of a row that is `width` px wide; below about 520 px at 100 % it does without the bars."""
    look = theme()
    pad, gap = look.px(PAD) - 1, look.px(14)
    figure = QFontMetrics(look.font("body", weight=600, tabular=True)).horizontalAdvance("88h 88m") + look.px(4)
    estimate_right = width - pad
    used_right = estimate_right - figure - gap
    bar_width = min(max(width * 0.21, look.px(96)), look.px(200)) if width >= look.px(520) else 0
    bar = used_right - figure - gap - bar_width
    title = pad + look.px(_BOX + 8)
    return Columns(
        box=pad,
        title=title,
        title_width=bar - gap - title if bar_width else used_right - figure - gap - title,
        bar=bar,
        bar_width=bar_width,
        used_right=used_right,
        estimate_right=estimate_right,
    )


class ItemRow(RingedFocus, QCheckBox):
    """An item of the scope. Space or a click on its box asks to tick it; Enter or a double click asks to work on it.

    What is shown is what was recorded: a click changes nothing by itself. Signals: `tick_asked(done)`, `work_asked`.
    """

    tick_asked = Signal(bool)
    work_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line: ScopeLine | None = None
        self._used_ms = 0
        self._scale_ms = 1
        self.setTristate(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.tick_asked.emit(not self.is_done))
        theme().changed.connect(self._restyle)

    @property
    def is_done(self) -> bool:
        return self._line is not None and self._line.done

    @property
    def line(self) -> ScopeLine | None:
        return self._line

    @property
    def used_text(self) -> str:
        """What is written under Used."""
        return amounts.column(amounts.floored(self._used_ms)) if self._used_ms else _NOTHING

    @property
    def is_over(self) -> bool:
        """Whether more was used than estimated, by what is written."""
        return self._line is not None and amounts.floored(self._used_ms) > self._line.estimate_ms

    def show_line(self, line: ScopeLine, used_ms: int, scale_ms: int) -> None:
        """Show an item with what was used by now; `scale_ms` is the length of a full bar."""
        self._line, self._used_ms, self._scale_ms = line, used_ms, max(scale_ms, 1)
        state = Qt.CheckState
        self.setCheckState(
            state.Checked if line.done else state.PartiallyChecked if line.is_current else state.Unchecked
        )
        self.setText(line.title)
        self.setAccessibleName(self._spoken(line))
        self.setAccessibleDescription("" if line.is_current or line.done else "Enter works on it")
        self._tip()
        self.update()

    def tick(self, used_ms: int, scale_ms: int) -> None:
        """The same item a while later; only a changed figure is painted."""
        if (amounts.floored(used_ms), scale_ms) != (amounts.floored(self._used_ms), self._scale_ms):
            self._used_ms, self._scale_ms = used_ms, scale_ms
            self.update()
        self._used_ms = used_ms

    def nextCheckState(self) -> None:
        """A click asks; the box follows what is recorded."""

    def hitButton(self, pos: QPoint) -> bool:
        return pos.x() <= columns(self.width()).title - theme().px(2)

    def sizeHint(self) -> QSize:
        look = theme()
        return QSize(look.px(400), look.px(ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(280), theme().px(ROW))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.work_asked.emit()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.hitButton(event.position().toPoint()):
            super().mouseDoubleClickEvent(event)
        else:
            self.work_asked.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        line, look = self._line, theme()
        if line is None:
            return
        painter, place = QPainter(self), columns(self.width())
        if line.is_current:
            painter.fillRect(self.rect(), look.color("bg.selected"))
            if look.high_contrast:
                painter.fillRect(0, 0, 3, self.height(), look.color("text.primary"))
        painter.fillRect(0, 0, self.width(), 1, look.color("line.hairline"))
        middle = self.height() / 2
        self._paint_box(painter, QRectF(place.box, middle - look.px(_BOX) / 2, look.px(_BOX), look.px(_BOX)))
        painter.setFont(self._title_font())
        painter.setPen(look.color("text.secondary" if line.done else "text.primary"))
        title = QRectF(place.title, 0, place.title_width, self.height())
        shown = painter.fontMetrics().elidedText(line.title, Qt.TextElideMode.ElideRight, int(title.width()))
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, shown)
        if place.bar_width:
            self._paint_bar(painter, QRectF(place.bar, middle - look.px(_BAR) / 2, place.bar_width, look.px(_BAR)))
        self._paint_figures(painter, place)
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), look.radius("control"))

    def _paint_figures(self, painter: QPainter, place: Columns) -> None:
        look = theme()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(look.font("body", weight=600 if self.is_over else 400, tabular=True))
        painter.setPen(look.color("text.primary" if self._used_ms else "text.tertiary"))
        painter.drawText(QRectF(0, 0, place.used_right, self.height()), right, self.used_text)
        painter.setFont(look.font("body", tabular=True))
        painter.setPen(look.color("text.tertiary"))
        estimate = amounts.column(self._line.estimate_ms) if self._line is not None else ""
        painter.drawText(QRectF(0, 0, place.estimate_right, self.height()), right, estimate)

    def _paint_box(self, painter: QPainter, box: QRectF) -> None:
        look, state = theme(), self.checkState()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        done = state == Qt.CheckState.Checked
        fill = look.color("accent.fill" if done else "bg.surface")
        rounded(painter, box, 4, fill=fill, line=None if done else look.color("line.control"), width=1.2)
        s = box.width() / 16
        ink = look.color("accent.on" if done else "accent.text")
        painter.setPen(QPen(ink, 1.8 * s, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if done:
            corners = ((4.2, 8.4), (6.9, 11.0), (11.8, 5.4))
            painter.drawPolyline(QPolygonF([box.topLeft() + QPointF(x * s, y * s) for x, y in corners]))
        elif state == Qt.CheckState.PartiallyChecked:
            painter.drawLine(box.topLeft() + QPointF(4.6 * s, 8 * s), box.topLeft() + QPointF(11.4 * s, 8 * s))

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        """What was used over the estimate's length; a notch ends the estimate, what is beyond it is the overrun."""
        look, line = theme(), self._line
        if line is None:
            return
        px = bar.width() / self._scale_ms
        estimate, used = line.estimate_ms * px, self._used_ms * px
        radius = bar.height() / 2
        ground = "line.divider" if line.is_current else "bg.pressed"
        rounded(painter, QRectF(bar.left(), bar.top(), estimate, bar.height()), radius, fill=look.color(ground))
        within = min(used, estimate)
        if within > 0:
            part = QRectF(bar.left(), bar.top(), max(within, bar.height()), bar.height())
            rounded(painter, part, radius, fill=look.color("accent.mark"))
        if self.is_over:
            begins = bar.left() + estimate + 2
            over = QRectF(begins, bar.top(), max(used - estimate - 2, bar.height() * 0.8), bar.height())
            rounded(painter, over, radius, fill=look.color("urgency.risk.mark"))
        notch = QRectF(round(bar.left() + estimate) - 1, bar.top() - look.px(3), 1.4, bar.height() + look.px(6))
        painter.fillRect(notch, look.color("text.secondary"))

    def _title_font(self) -> QFont:
        current = self._line is not None and self._line.is_current
        return theme().font("body", weight=600 if current else 400)

    def _tip(self) -> None:
        metrics = QFontMetrics(theme().font("body", weight=600))
        cut = metrics.horizontalAdvance(self.text()) > columns(self.width()).title_width
        self.setToolTip(self.text() if cut else "")

    def _spoken(self, line: ScopeLine) -> str:
        state = "done" if line.done else "worked on now" if line.is_current else "to do"
        used = amounts.spoken(self._used_ms) if self._used_ms else "nothing"
        told = f"{line.title}, {state}, {used} used of {amounts.spoken(line.estimate_ms)} estimated"
        over = amounts.floored(self._used_ms) - line.estimate_ms
        return f"{told}, {amounts.spoken(over)} over" if over > 0 else told

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


class HeadRow(QWidget):
    """The names of the columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(280), theme().px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter, place = theme(), QPainter(self), columns(self.width())
        painter.setFont(look.font("meta"))
        painter.setPen(look.color("text.tertiary"))
        right, left = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
        middle = Qt.AlignmentFlag.AlignVCenter
        height = self.height() - look.px(4)
        painter.drawText(QRectF(place.title, 0, place.title_width, height), left | middle, "Item")
        if place.bar_width:
            name = painter.fontMetrics().elidedText(
                "Used against estimate", Qt.TextElideMode.ElideRight, int(place.bar_width) + look.px(10)
            )
            painter.drawText(QRectF(place.bar, 0, place.bar_width + look.px(12), height), left | middle, name)
        painter.drawText(QRectF(0, 0, place.used_right, height), right | middle, "Used")
        painter.drawText(QRectF(0, 0, place.estimate_right, height), right | middle, "Estimate")


class AskRow(QWidget):
    """An ask outside of the agreed scope, with a flag: it stays listed until a scope holds it."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setAccessibleName(f"{text}, out of scope, not agreed")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(280), theme().px(ROW))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter, place = theme(), QPainter(self), columns(self.width())
        painter.fillRect(0, 0, self.width(), 1, look.color("line.hairline"))
        side = look.px(_BOX)
        icons.paint(painter, QRectF(place.box, (self.height() - side) / 2, side, side), "flag", "text.tertiary")
        painter.setFont(look.font("meta"))
        painter.setPen(look.color("text.tertiary"))
        standing = "out of scope, not agreed"
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, place.estimate_right, self.height()), right, standing)
        room = place.estimate_right - place.title - painter.fontMetrics().horizontalAdvance(standing) - look.px(12)
        painter.setFont(look.font("body"))
        painter.setPen(look.color("text.secondary"))
        shown = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, int(room))
        self.setToolTip(self._text if shown != self._text else "")
        painter.drawText(QRectF(place.title, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, shown)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
