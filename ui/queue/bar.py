"""The strip above the list: the view's name, how many tickets it has, how they are ordered; and the pill of the held
order. Called by the queue pane.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from ui import icons
from ui.theme import theme
from ui.widgets.focus import RingedFocus, paint_focus_ring


class ViewTitle(RingedFocus, QPushButton):
    """The name of the view and its count. Where the views panel is hidden it opens them as a menu.

    Signal: `stops_changed()` when it became, or is no more, a stop of the Tab key.
    """

    stops_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._count = ""
        self.opens_views = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_view(self, title: str, count: str) -> None:
        self._count = count
        self.setText(title)
        self.setAccessibleName(f"{title}, {count}" if count else title)
        self.update()

    def set_opens_views(self, opens: bool) -> None:
        if opens != self.opens_views:
            self.opens_views = opens
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus if opens else Qt.FocusPolicy.NoFocus)
            self.stops_changed.emit()
        self.setToolTip("Choose a view" if opens else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, theme().px(theme().size("paneHeader")))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        left, room = look.px(16), self.width() - look.px(16)
        font = look.font("title")
        font.setPixelSize(look.px(16))
        metrics, meta = QFontMetrics(font), QFontMetrics(look.font("body", tabular=True))
        chevron = look.px(20) if self.opens_views else 0
        count_width = meta.horizontalAdvance(self._count) + look.px(12) if self._count else 0
        if metrics.horizontalAdvance(self.text()) + count_width + chevron > room:
            count_width = 0
        title = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room - count_width - chevron)
        painter.setFont(font)
        painter.setPen(look.color("text.primary"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, 0, room, self.height()), middle, title)
        x = left + metrics.horizontalAdvance(title)
        if chevron:
            side = look.px(14)
            icons.paint(painter, QRectF(x + look.px(4), (self.height() - side) / 2, side, side), "chevron-down")
            x += chevron
        if count_width:
            painter.setFont(look.font("body", tabular=True))
            painter.setPen(look.color("text.tertiary"))
            painter.drawText(QRectF(x + look.px(9), 0, room, self.height()), middle, self._count)
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()).adjusted(6, 6, -6, -6), look.radius("control"))
        painter.end()


class QueueBar(QWidget):
    """Title and order of the list. Signal: `view_asked(QPoint)` where the views are to open as a menu."""

    view_asked = Signal(QPoint)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = ViewTitle(self)
        self.title.clicked.connect(self._ask)
        row = self._row = QHBoxLayout(self)
        row.setSpacing(0)
        row.addWidget(self.title, 1)
        self._order_words = "Next breach"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_order(self, words: str) -> None:
        """How the list is ordered: by the next breach, or by relevance."""
        self._order_words = words
        self._restyle()

    def open_menu(self, menu: QMenu) -> None:
        menu.popup(self.mapToGlobal(QPoint(theme().px(12), self.height())))

    def sizeHint(self) -> QSize:
        return QSize(300, theme().px(theme().size("paneHeader")))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("bg.surface"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line.hairline"))
        font, side = look.font("meta", weight=500), look.px(14)
        width = QFontMetrics(font).horizontalAdvance(self._order_words)
        right = self.width() - look.px(14)
        painter.setFont(font)
        painter.setPen(look.color("text.secondary"))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, right, self.height() - 1), flags, self._order_words)
        x = right - width - look.px(6) - side
        icons.paint(painter, QRectF(x, (self.height() - 1 - side) / 2, side, side), "sort")
        painter.end()

    def _ask(self) -> None:
        if self.title.opens_views:
            self.view_asked.emit(self.mapToGlobal(QPoint(theme().px(12), self.height())))

    def _restyle(self) -> None:
        look = theme()
        width = QFontMetrics(look.font("meta", weight=500)).horizontalAdvance(self._order_words)
        self._row.setContentsMargins(0, 0, width + look.px(14 + 6 + 14 + 8), 1)
        self.setFixedHeight(look.px(look.size("paneHeader")))
        self.setToolTip("Ordered by the time to the next breach" if self._order_words == "Next breach" else "")
        self.update()


class StaleLine(QWidget):
    """`Data from 11:39 AM. Clocks keep counting here.`: stands above the list while there is no connection."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)
        self.hide()

    @property
    def text(self) -> str:
        return self._words

    def say(self, words: str) -> None:
        """Say since when nothing came; nothing where the list is as fresh as it can be."""
        if words != self._words:
            self._words = words
            self.setAccessibleName(words)
            self.setToolTip(words)
            self.setVisible(bool(words))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, theme().px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("bg.sunken"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line.hairline"))
        side, left = look.px(14), look.px(16)
        icons.paint(painter, QRectF(left, (self.height() - 1 - side) / 2, side, side), "clock", "text.secondary")
        left += look.px(20)
        painter.setFont(look.font("meta", tabular=True))
        painter.setPen(look.color("text.secondary"))
        room = QRectF(left, 0, self.width() - left - look.px(14), self.height() - 1)
        shown = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()


class OrderPill(RingedFocus, QPushButton):
    """`Order changed, 2 moved up`: what waits until the person lets the list move. A click or `.` applies it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.hide()
        theme().changed.connect(self.update)

    def announce(self, sentence: str) -> None:
        self.setText(sentence)
        self.setAccessibleName(f"{sentence}. Apply the new order")
        self.setToolTip("Apply the new order (.)")
        self.resize(self.sizeHint())
        self.show()
        self.raise_()

    def sizeHint(self) -> QSize:
        look = theme()
        font = look.font("meta", weight=600)
        return QSize(QFontMetrics(font).horizontalAdvance(self.text()) + look.px(16 + 20 + 14), look.px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(look.color("accent.mark"), 1))
        painter.setBrush(look.color("bg.hover" if self.underMouse() else "bg.raised"))
        painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)
        side = look.px(14)
        icons.paint(painter, QRectF(look.px(12), (self.height() - side) / 2, side, side), "sort", "accent.text")
        painter.setFont(look.font("meta", weight=600))
        painter.setPen(look.color("accent.text"))
        rect = QRectF(look.px(12 + 14 + 6), 0, self.width(), self.height())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.ringed:
            paint_focus_ring(painter, QRectF(self.rect()), frame.height() / 2)
        painter.end()
