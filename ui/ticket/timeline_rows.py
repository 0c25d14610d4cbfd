"""The rows of the timeline that nobody wrote: days, changes, runs of changes; and what all rows share (design language
4.4). Messages are in `message_row`.

Each row knows its height at a width, so the timeline can lay out a long thread without nested layouts, and paints
itself from the theme's roles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from console.domain import words
from ui import icons
from ui.theme import theme
from ui.ticket.blocks import Day, Run, earlier_title
from ui.ticket.mail_text import readable
from ui.widgets.buttons import Button
from ui.widgets.glyphs import paint_level_glyph, paint_status

GUTTER: Final = 34
"""The avatar and the gap behind it: where cards and the words of changes begin."""

_CHANGE_ICONS: Final = {
    "start": "play",
    "resume": "play",
    "pause": "pause",
    "opened": "plus",
    "assigned": "user",
    "reopened": "undo",
    "escalated": "chevron-up",
    "impact": "flag",
    "tag": "tag",
    "alert": "channel-monitoring",
    "alert_over": "check",
    "undelivered": "warn",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What every row needs to speak: the zone of its times, and whose window this is. `no_redacting` says why this
    person may not redact; empty where they may."""

    zone: str
    me: str
    no_redacting: str = ""


class Row(QWidget):
    """A row of the timeline. Signals: `grew`, when its height changed; `acted(act, item)`, when a person wants
    something done with what it shows."""

    grew = Signal()
    acted = Signal(str, object)
    gap_above: int = 8

    def height_for(self, width: int) -> int:
        """The height in px at a width, at the present text scale."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Take the present theme and text scale."""
        self.update()


class DayRow(Row):
    """A day's name, centred between hairlines."""

    gap_above = 12

    def __init__(self, block: Day, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = block.title
        self.setAccessibleName(block.title)

    def height_for(self, width: int) -> int:
        return theme().px(22)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        font = look.font("section")
        painter.setFont(font)
        painter.setPen(look.color("text.secondary"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._title)
        half = QFontMetrics(font).horizontalAdvance(self._title) // 2 + look.px(12)
        middle, line = self.height() // 2, look.color("line.divider")
        painter.fillRect(QRect(0, middle, self.width() // 2 - half, 1), line)
        painter.fillRect(QRect(self.width() // 2 + half, middle, self.width(), 1), line)


class ChangeRow(Row):
    """One thing that happened: an icon, a sentence, the time."""

    gap_above = 4

    def __init__(self, item: Any, setting: Setting, parent: QWidget) -> None:
        super().__init__(parent)
        self._item = item
        self._words = readable(item.text)
        self._waits = item.pending
        self._time = "Waiting to send" if self._waits else words.clock_time(item.at, setting.zone)
        self._full_time = words.full(item.at, setting.zone)
        self.setAccessibleName(f"{self._words}, {'waiting to send, ' if self._waits else ''}{self._full_time}")
        self.setToolTip(self._full_time)

    def height_for(self, width: int) -> int:
        return theme().px(22)

    def resizeEvent(self, event: QResizeEvent) -> None:
        cut = QFontMetrics(theme().font("meta")).horizontalAdvance(self._words) > self._space().width()
        self.setToolTip(f"{self._full_time}\n{self._words}" if cut else self._full_time)

    def _space(self) -> QRectF:
        look = theme()
        time_width = QFontMetrics(look.font("meta", tabular=True)).horizontalAdvance(self._time)
        left = look.px(GUTTER) - look.px(8)
        return QRectF(left, 0, self.width() - left - time_width - look.px(12), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        self._paint_icon(painter, QRectF(look.px(4), (self.height() - look.px(14)) / 2, look.px(14), look.px(14)))
        space = self._space()
        breach = self._item.detail == "breach"
        font = look.font("meta", weight=600 if breach else 400)
        painter.setFont(font)
        painter.setPen(look.color("urgency.breach.ink" if breach else "text.tertiary"))
        shown = QFontMetrics(font).elidedText(self._words, Qt.TextElideMode.ElideRight, int(space.width()))
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(look.font("meta", tabular=True))
        painter.setPen(look.color("text.tertiary"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._time)

    def _paint_icon(self, painter: QPainter, square: QRectF) -> None:
        look, detail = theme(), self._item.detail
        if self._item.kind == "void":
            icons.paint(painter, square, "close", "text.tertiary")
        elif detail == "breach":
            paint_level_glyph(painter, square.adjusted(1, 1, -1, -1), "breached", 0)
        elif detail in words.STATUS_NAMES:
            paint_status(painter, square, detail, look.color("text.tertiary"))
        elif detail in _CHANGE_ICONS:
            icons.paint(painter, square, _CHANGE_ICONS[detail], "text.tertiary")
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("line.control"))
            painter.drawEllipse(QPointF(square.center()), look.px(2), look.px(2))


class RunRow(Row):
    """`5 changes`, which opens to its lines."""

    gap_above = 4

    def __init__(self, block: Run, setting: Setting, parent: QWidget) -> None:
        super().__init__(parent)
        self._setting = setting
        self._items = block.items
        self._title = block.title
        self._changes: list[ChangeRow] = []
        self._switch = Button(block.title, self, kind="quiet", icon="chevron-right", small=True)
        self._switch.clicked.connect(self._turn)
        first, last = (words.full(item.at, setting.zone) for item in (block.items[0], block.items[-1]))
        self._switch.setToolTip(f"{first} to {last}")
        self._switch.setAccessibleName(f"{block.title}, collapsed")

    @property
    def is_open(self) -> bool:
        return bool(self._changes)

    def height_for(self, width: int) -> int:
        return theme().px(24) + sum(row.height_for(width) + theme().px(2) for row in self._changes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        hint = self._switch.sizeHint()
        y = theme().px(24)
        self._switch.setGeometry(QRect(0, (y - hint.height()) // 2, hint.width(), hint.height()))
        for row in self._changes:
            height = row.height_for(self.width())
            row.setGeometry(0, y, self.width(), height)
            y += height + theme().px(2)

    def _turn(self) -> None:
        if self._changes:
            for row in self._changes:
                row.hide()
                row.deleteLater()
            self._changes = []
        else:
            self._changes = [ChangeRow(item, self._setting, self) for item in self._items]
            for row in self._changes:
                row.show()
        self._switch.set_icon("chevron-down" if self._changes else "chevron-right")
        self._switch.setAccessibleName(f"{self._title}, {'expanded' if self._changes else 'collapsed'}")
        self.grew.emit()


class EarlierRow(Row):
    """`Show 12 earlier entries`, above a long thread. Signals: `asked`."""

    asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._button = Button("", self, kind="plain", small=True)
        self._button.clicked.connect(self.asked)

    def set_hidden(self, hidden: int) -> None:
        self._button.setText(earlier_title(hidden))
        self._place()

    def height_for(self, width: int) -> int:
        return theme().px(34)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        hint = self._button.sizeHint()
        self._button.setGeometry((self.width() - hint.width()) // 2, theme().px(4), hint.width(), hint.height())
