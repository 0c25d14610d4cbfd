"""The rows of the timeline: days, messages, changes (design language 4.4).

Each row knows its height at a width, so the timeline can lay out a long thread without nested layouts, and paints
itself from the theme's roles. Only the words of messages are widgets of their own, because they can be selected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from console.domain import words
from ui import icons
from ui.theme import theme
from ui.ticket.blocks import Day, Message, Run, earlier_title
from ui.ticket.mail_text import readable
from ui.ticket.message_text import MessageText
from ui.widgets.avatar import Kind, paint_avatar
from ui.widgets.buttons import Button
from ui.widgets.glyphs import paint_level_glyph, paint_status
from ui.widgets.ground import rounded

AVATAR: Final = 24
GUTTER: Final = 34
"""The avatar and the gap behind it: where cards and the words of changes begin."""

_ROLE_WORDS: Final = {"customer": "customer", "reply": "public reply", "note": "Internal note", "call": "phone call"}
_DELIVERY_WORDS: Final = {
    "failed": "Not delivered: sending failed. It does not count as a reply.",
    "bounced": "Not delivered: it bounced. It does not count as a reply.",
    "uncertain": "Whether it was delivered is not known.",
}
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
    """What every row needs to speak: the zone of its times, and whose window this is."""

    zone: str
    me: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """What stands at the right end of a card's first line: its time, or with an icon a state in its place."""

    text: str
    icon: str | None = None
    role: str = "text.tertiary"


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


class MessageRow(Row):
    """An avatar and a card: who, in what role, when, and the words."""

    gap_above = 10

    def __init__(self, block: Message, setting: Setting, parent: QWidget) -> None:
        super().__init__(parent)
        item = block.item
        self._item = item
        mine = bool(setting.me) and item.who == setting.me
        self._name = "You" if mine else item.who or "Nobody"
        self._person: Kind = "customer" if item.kind == "customer" else "me" if mine else "ours"
        self._private = item.kind == "note" or (item.kind == "call" and item.detail != "public")
        self._role = _role_words(item)
        self._stamp = Stamp(words.clock_time(item.at, setting.zone))
        self._full_time = words.full(item.at, setting.zone)
        self._failure = _DELIVERY_WORDS.get(item.detail or "", "")
        self._text = MessageText(readable(item.text, item.format), self)
        self._text.setAccessibleName(f"{self._name}, {self._role}, {self._full_time}")
        self.setAccessibleName(f"{self._name}, {self._role}, {self._full_time}")
        self._more: Button | None = None
        if self._text.hidden:
            self._more = Button("", self, kind="link")
            self._more.clicked.connect(self._show_more)
            self._name_more()

    @property
    def text(self) -> MessageText:
        return self._text

    def height_for(self, width: int) -> int:
        return self._body_top() + self._text.height_for(self._text_width(width)) + self._foot() + theme().px(9)

    def restyle(self) -> None:
        self._text.restyle()
        super().restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        look = theme()
        left, width = look.px(GUTTER) + look.px(12), self._text_width(self.width())
        height = self._text.height_for(width)
        self._text.setGeometry(left, self._body_top(), width, height)
        if self._more is not None:
            hint = self._more.sizeHint()
            self._more.setGeometry(QRect(QPoint(left - look.px(4), self._body_top() + height), hint))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        side = look.px(AVATAR)
        paint_avatar(painter, QRectF(0, 0, side, side), self._item.who, self._person)
        card = QRectF(look.px(GUTTER), 0, self.width() - look.px(GUTTER), self.height())
        self._paint_ground(painter, card)
        self._paint_header(painter, card)
        if self._failure:
            self._paint_failure(painter, card)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if event.pos().y() < self._body_top():
                QToolTip.showText(event.globalPos(), self._full_time, self)
            return True
        return super().event(event)

    def _paint_ground(self, painter: QPainter, card: QRectF) -> None:
        look = theme()
        radius = look.radius("card")
        if self._private:
            rounded(painter, card, radius, fill=look.color("bg.note"), line=look.color("line.note"), dashed=True)
        elif self._person == "customer":
            rounded(painter, card, radius, fill=look.color("bg.surface"), line=look.color("line.divider"))
        else:
            rounded(painter, card, radius, fill=look.color("bg.reply"))

    def _paint_header(self, painter: QPainter, card: QRectF) -> None:
        look = theme()
        line = QRectF(card.left() + look.px(12), look.px(7), card.width() - 2 * look.px(12), look.px(20))
        middle = Qt.AlignmentFlag.AlignVCenter
        stamp = self._stamp
        time_font = look.font("meta", weight=600 if stamp.icon else 400, tabular=True)
        time_width = QFontMetrics(time_font).horizontalAdvance(stamp.text)
        painter.setFont(time_font)
        painter.setPen(look.color(stamp.role))
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, stamp.text)
        if stamp.icon:
            side = look.px(13)
            spot = QRectF(line.right() - time_width - look.px(18), line.center().y() - side / 2, side, side)
            icons.paint(painter, spot, stamp.icon, stamp.role)
            time_width += look.px(18)
        role_font = look.font("meta", weight=600 if self._private else 400)
        role_width = QFontMetrics(role_font).horizontalAdvance(self._role) + (look.px(17) if self._private else 0)
        name_font = look.font("bodyStrong")
        room = int(line.width() - time_width - role_width - look.px(24))
        name = QFontMetrics(name_font).elidedText(self._name, Qt.TextElideMode.ElideRight, max(room, look.px(40)))
        painter.setFont(name_font)
        painter.setPen(look.color("text.primary"))
        painter.drawText(line, middle, name)
        x = line.left() + QFontMetrics(name_font).horizontalAdvance(name) + look.px(8)
        if self._private:
            lock = look.px(13)
            icons.paint(painter, QRectF(x, line.center().y() - lock / 2, lock, lock), self._private_icon(), "note.text")
            x += look.px(17)
        painter.setFont(role_font)
        painter.setPen(look.color("note.text" if self._private else "text.tertiary"))
        space = QRectF(x, line.top(), line.right() - time_width - look.px(8) - x, line.height())
        role = QFontMetrics(role_font).elidedText(self._role, Qt.TextElideMode.ElideRight, int(space.width()) + 1)
        painter.drawText(space, middle, role)

    def _private_icon(self) -> str:
        return "lock" if self._item.kind == "note" else "phone"

    def _paint_failure(self, painter: QPainter, card: QRectF) -> None:
        look = theme()
        height = look.px(20)
        y = self.height() - look.px(9) - height + look.px(2)
        x = card.left() + look.px(12)
        side = look.px(14)
        icons.paint(painter, QRectF(x, y + (height - side) / 2, side, side), "warn", "state.error.text")
        painter.setFont(look.font("meta", weight=500))
        painter.setPen(look.color("state.error.text"))
        space = QRectF(x + look.px(20), y, card.right() - x - look.px(32), height)
        shown = QFontMetrics(painter.font()).elidedText(self._failure, Qt.TextElideMode.ElideRight, int(space.width()))
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, shown)

    def _text_width(self, width: int) -> int:
        look = theme()
        return max(width - look.px(GUTTER) - 2 * look.px(12), look.px(80))

    def _body_top(self) -> int:
        return theme().px(28)

    def _foot(self) -> int:
        look = theme()
        more = self._more.sizeHint().height() if self._more is not None else 0
        return more + (look.px(22) if self._failure else 0)

    def _name_more(self) -> None:
        if self._more is not None:
            self._more.setText(f"Show more, {self._text.hidden:,} characters are hidden")

    def _show_more(self) -> None:
        self._text.show_more()
        if self._text.hidden:
            self._name_more()
        elif self._more is not None:
            self._more.hide()
            self._more.deleteLater()
            self._more = None
        self.grew.emit()


def _role_words(item: Any) -> str:
    if item.kind == "refused":
        return "not sent"
    if item.kind == "call":
        return "phone call" if item.detail == "public" else "Phone call, only your team"
    if item.detail == "bot":
        return "automatic reply"
    return _ROLE_WORDS[item.kind]


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
        title = f"{len(self._items)} changes"
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
        self._switch.setAccessibleName(f"{title}, {'expanded' if self._changes else 'collapsed'}")
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
