"""The rows of messages that have not left this computer: dashed, with what can still be done (design language 4.4).

What waits can be edited or kept from being sent; what the hub refused says why, and can be tried again, copied or
discarded. Called by the timeline.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui import icons
from ui.theme import theme
from ui.ticket.blocks import Block, Change, Day, Message, Run
from ui.ticket.message_row import MessageRow, Stamp
from ui.ticket.outbox import UnsentItem
from ui.ticket.timeline_rows import GUTTER, ChangeRow, DayRow, Row, RunRow, Setting
from ui.widgets.buttons import Button
from ui.widgets.ground import rounded

_WAITING_LINKS: Final = (("edit_waiting", "Edit"), ("withdraw", "Don't send"))
_REFUSED_LINKS: Final = (
    ("edit", "Edit and resend"),
    ("retry", "Try again"),
    ("copy", "Copy text"),
    ("discard", "Discard"),
)
_NEEDS_TEXT: Final = ("edit_waiting", "edit", "copy")


class UnsentRow(MessageRow):
    """A message of ours that waits, or that was refused. `links` are its acts, in their order."""

    def __init__(self, block: Message, setting: Setting, parent: QWidget) -> None:
        super().__init__(block, setting, parent)
        item: UnsentItem = block.item
        self._unsent = item
        self._refused = item.state == "refused"
        if self._refused:
            self._role = item.title
        else:
            self._stamp = Stamp("Waiting to send", "clock", "text.secondary")
        said = f"{self._name}, {item.title if self._refused else f'{self._role}, waiting to send'}, {self._full_time}"
        self.setAccessibleName(f"{said}. {item.reason}".rstrip(". ") + ".")
        self._has_words = bool(item.text) or item.taken is not None
        self._text.setVisible(self._has_words)
        self.links = [self._link(act, words) for act, words in self._offered()]

    def _offered(self) -> tuple[tuple[str, str], ...]:
        item = self._unsent
        links = _REFUSED_LINKS if self._refused else _WAITING_LINKS if item.can_withdraw else ()
        return tuple(link for link in links if item.text.strip() or link[0] not in _NEEDS_TEXT)

    def _link(self, act: str, words: str) -> Button:
        made = Button(words, self, kind="link", small=True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setObjectName(act)
        made.setAccessibleName(f"{words}: {self._unsent.title if self._refused else self._role}")
        made.clicked.connect(lambda: self.acted.emit(act, self._unsent))
        return made

    @property
    def can_redact(self) -> bool:
        """It can be taken back instead, or was never taken."""
        return False

    def height_for(self, width: int) -> int:
        text = self._text.height_for(self._text_width(width)) if self._has_words else 0
        foot = self._reason_height(width) + self._links_height() + self._more_height()
        return self._body_top() + text + foot + theme().px(9)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        look = theme()
        x = look.px(GUTTER) + look.px(12) - look.px(4)
        y = self.height() - look.px(7) - self._links_height()
        for made in self.links:
            hint = made.sizeHint()
            made.setGeometry(QRect(QPoint(x, y), hint))
            x += hint.width() + look.px(4)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._refused:
            self._paint_reason(QPainter(self))

    def _paint_ground(self, painter: QPainter, card: QRectF) -> None:
        look = theme()
        radius = look.radius("card")
        if self._refused:
            line = look.color("state.error.mark")
            rounded(painter, card, radius, fill=look.color("bg.surface"), line=line, dashed=True)
        elif self._private:
            super()._paint_ground(painter, card)
        else:
            line = look.color("accent.mark")
            rounded(painter, card, radius, fill=look.color("bg.reply"), line=line, dashed=True)

    def _paint_reason(self, painter: QPainter) -> None:
        look = theme()
        box = QRectF(self._reason_box(self.width()))
        painter.setFont(look.font("meta", weight=500))
        side = look.px(14)
        spot = QRectF(box.left(), box.top() + (look.line("meta") - side) / 2, side, side)
        icons.paint(painter, spot, "warn", "state.error.text")
        painter.setPen(look.color("state.error.text"))
        painter.drawText(box.adjusted(look.px(20), 0, 0, 0), int(Qt.TextFlag.TextWordWrap), self._unsent.reason)
        painter.end()

    def _reason_box(self, width: int) -> QRect:
        look = theme()
        high = self._reason_height(width) - look.px(6)
        bottom = self.height() - look.px(9) - self._links_height()
        return QRect(look.px(GUTTER) + look.px(12), bottom - high, self._text_width(width), high)

    def _reason_height(self, width: int) -> int:
        """The words of the reason, over as many lines as they need, and the gap above them."""
        if not self._refused:
            return 0
        look = theme()
        metrics = QFontMetrics(look.font("meta", weight=500))
        room = self._text_width(width) - look.px(20)
        words = metrics.boundingRect(0, 0, room, 2_000, int(Qt.TextFlag.TextWordWrap), self._unsent.reason)
        return ceil(words.height()) + look.px(6)

    def _links_height(self) -> int:
        return max((made.sizeHint().height() for made in self.links), default=0)

    def _more_height(self) -> int:
        return self._more.sizeHint().height() if self._more is not None else 0


def row_for(block: Block, setting: Setting, parent: QWidget) -> Row:
    """The row that draws a block."""
    match block:
        case Day():
            return DayRow(block, parent)
        case Message(UnsentItem()):
            return UnsentRow(block, setting, parent)
        case Message():
            return MessageRow(block, setting, parent)
        case Change(item):
            return ChangeRow(item, setting, parent)
        case Run():
            return RunRow(block, setting, parent)
