"""The row of a message, a note or a call: who, in what role, when, and the words (design language 4.4).

One message of the thread can be chosen, by keys or by a click, and acted upon. One that was redacted says by whom, when
and why in place of its words. Only the words are a widget of their own, because they can be selected. Called by the
timeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from console.domain import words
from ui import icons
from ui.theme import theme
from ui.ticket.blocks import Message
from ui.ticket.mail_text import readable
from ui.ticket.message_text import MessageText
from ui.ticket.timeline_rows import GUTTER, Row, Setting
from ui.widgets.avatar import Kind, paint_avatar
from ui.widgets.buttons import Button
from ui.widgets.ground import rounded

if TYPE_CHECKING:
    from console.desk.timeline import Taken

AVATAR: Final = 24


@dataclass(frozen=True, slots=True)
class Stamp:
    """What stands at the right end of a card's first line: its time, or with an icon a state in its place."""

    text: str
    icon: str | None = None
    role: str = "text.tertiary"


_ROLE_WORDS: Final = {"customer": "customer", "reply": "public reply", "note": "Internal note", "call": "phone call"}
_DELIVERY_WORDS: Final = {
    "failed": "Not delivered: sending failed. It does not count as a reply.",
    "bounced": "Not delivered: it bounced. It does not count as a reply.",
    "uncertain": "Whether it was delivered is not known.",
}


class MessageRow(Row):
    """An avatar and a card. Signals: `entered`, when a person clicked into it; `redact_asked(item)` from its menu."""

    entered = Signal()
    redact_asked = Signal(object)
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
        self._no_redacting = setting.no_redacting
        self._chosen = False
        shown = readable(item.text, item.format) if item.taken is None else taken_words(item.taken, setting)
        self._text = MessageText(shown, self, quiet=item.taken is not None)
        spoken = f"{self._name}, {self._role}, {'redacted, ' if item.taken is not None else ''}{self._full_time}"
        self._text.setAccessibleName(spoken)
        self._text.entered.connect(self.entered)
        self._text.menu_made.connect(self._add_acts)
        self.setAccessibleName(spoken)
        self._more: Button | None = None
        if self._text.hidden:
            self._more = Button("", self, kind="link")
            self._more.clicked.connect(self._show_more)
            self._name_more()

    @property
    def text(self) -> MessageText:
        return self._text

    @property
    def item(self) -> Any:
        """What it shows: the desk's `TimelineItem`, or an `UnsentItem`."""
        return self._item

    @property
    def can_redact(self) -> bool:
        """Whether it has words that could go; who may take them is another question."""
        return self._item.taken is None

    @property
    def is_chosen(self) -> bool:
        return self._chosen

    def set_chosen(self, chosen: bool) -> None:
        """Draw it as the message that acts are about, or not."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.update()

    def open_menu(self, at: QPoint) -> None:
        """Show what can be done with the message, at a global point."""
        self._text.open_menu(at)

    def _add_acts(self, menu: QMenu) -> None:
        if self.can_redact:
            menu.addSeparator()
            menu.setToolTipsVisible(True)
            redact = menu.addAction("Redact\u2026")
            redact.setObjectName("redact")
            redact.setEnabled(not self._no_redacting)
            redact.setToolTip(self._no_redacting)
            redact.triggered.connect(lambda: self.redact_asked.emit(self._item))

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
        if self._chosen:
            inside = card.adjusted(1, 1, -1, -1)
            rounded(painter, inside, look.radius("card"), line=look.color("accent.mark"), width=2.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.entered.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.entered.emit()
        self.open_menu(event.globalPos())

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


def taken_words(taken: Taken, setting: Setting) -> str:
    """`Redacted by Mara Okafor, Tue 14 Oct 2025, 11:47 AM ET: A password was in it`."""
    by = "you" if taken.who == setting.me else taken.who
    said = f"Redacted by {by}, {words.full(taken.at, setting.zone)}"
    if taken.reason:
        said += f": {readable(taken.reason)}"
    return f"{said}\nThe hub has yet to record it: elsewhere the words still show." if taken.pending else said


def _role_words(item: Any) -> str:
    if item.kind == "refused":
        return "not sent"
    if item.kind == "call":
        return "phone call" if item.detail == "public" else "Phone call, only your team"
    if item.detail == "bot":
        return "automatic reply"
    return _ROLE_WORDS[item.kind]
