"""The header of the ticket pane: which ticket it is, and the acts on it. Called by the pane."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.domain import words
from console.domain.ticket import Ticket
from ui import icons
from ui.theme import theme
from ui.ticket.header_chips import HeaderChips
from ui.widgets.buttons import Button, IconButton
from ui.widgets.controls import Elided, MenuButton
from ui.widgets.glyphs import paint_status

_SPACING: Final = 6


class PresenceLine(QWidget):
    """An eye or a pencil and who it is; hidden while nobody else is there. Too narrow, it is cut."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self._writing = False
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)
        self.hide()

    @property
    def text(self) -> str:
        return self._words

    def say(self, words: str, whole: str, *, writing: bool) -> None:
        if (words, writing) != (self._words, self._writing):
            self._words, self._writing = words, writing
            self.setAccessibleName(words)
            self.setToolTip(whole)
            self.setVisible(bool(words))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        look = theme()
        width = QFontMetrics(look.font("meta")).horizontalAdvance(self._words)
        return QSize(width + look.px(14 + 16 + 8), look.px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(14 + 16), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setFont(look.font("meta"))
        painter.setPen(look.color("text.secondary"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), middle, "\u00b7")
        side, x = look.px(14), look.px(12)
        spot = QRectF(x, (self.height() - side) / 2, side, side)
        icons.paint(painter, spot, "pencil" if self._writing else "eye", "text.secondary")
        x += look.px(20)
        room = QRectF(x, 0, self.width() - x, self.height())
        shown = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, int(room.width()) + 1)
        painter.drawText(room, middle, shown)
        painter.end()


class Header(QWidget):
    """Number, account and subject; previous and next; assign, status, solve; clocks as chips where asked.

    Signals: `prev_requested`, `next_requested`, `solve_asked`, `properties_asked`, `assign_asked` and `status_asked`
    with the global point for their choices.
    """

    prev_requested = Signal()
    next_requested = Signal()
    assign_asked = Signal(QPoint)
    status_asked = Signal(QPoint)
    solve_asked = Signal()
    properties_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._origin = Elided("", "text.secondary", "meta", tabular=True)
        self._origin.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.presence = PresenceLine()
        self._subject = Elided("", "text.primary", "title")
        self.previous = IconButton("chevron-left", "Previous ticket")
        self.next = IconButton("chevron-right", "Next ticket")
        self.assign = Button("Assign\u2026", small=True)
        self.status = MenuButton("Open")
        self.solve = Button("Solve", icon="check", small=True)
        self.properties = IconButton("more", "Properties")
        self.chips = HeaderChips()
        for button in (self.previous, self.next, self.assign, self.solve, self.properties):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        top = QHBoxLayout()
        top.setSpacing(_SPACING)
        top.addWidget(self._origin)
        top.addWidget(self.presence)
        top.addStretch(1)
        for widget in (self.previous, self.next, self.assign, self.status, self.solve, self.properties):
            top.addWidget(widget)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(5)
        self._column.addLayout(top)
        self._column.addWidget(self._subject)
        self._column.addWidget(self.chips)
        self.previous.clicked.connect(self.prev_requested)
        self.next.clicked.connect(self.next_requested)
        self.assign.clicked.connect(lambda: self.assign_asked.emit(_below(self.assign)))
        self.status.clicked.connect(lambda: self.status_asked.emit(_below(self.status)))
        self.solve.clicked.connect(self.solve_asked)
        self.properties.clicked.connect(self.properties_asked)
        self.chips.rest_asked.connect(self.properties_asked)
        theme().changed.connect(self._restyle)
        self._restyle()

    def stops(self) -> tuple[QWidget, ...]:
        """What the Tab key visits, in order."""
        acts = (self.previous, self.next, self.assign, self.status, self.solve, self.properties)
        return (*acts, *self.chips.stops())

    def show_ticket(self, ticket: Ticket) -> None:
        """Show a ticket's name and the state of its acts."""
        parts = [ticket_name(ticket)]
        parts += [part for part in (ticket.account or ticket.contact,) if part]
        self._origin.setText("  \u00b7  ".join(parts))
        self._subject.setText(ticket.subject or "(no subject)")
        self._make_room()
        self.setAccessibleName(f"Ticket {', '.join(parts)}. {ticket.subject}")
        status = ticket.status
        self.status.set_value(words.STATUS_NAMES[status], lambda p, r: paint_status(p, r, status))
        self.status.setAccessibleName(f"Status: {words.STATUS_NAMES[status]}")
        self.solve.setText("Reopen" if status == "solved" else "Solve")
        self.solve.set_icon("undo" if status == "solved" else "check")
        self.solve.setEnabled(status != "closed" and not ticket.spam)

    def show_presence(self, words: str, whole: str, *, writing: bool) -> None:
        """Who else is on the ticket, behind its name: `Jon is viewing`. `whole` holds the whole names."""
        self.presence.say(words, whole, writing=writing)
        self._make_room()

    def show_chips(self, shown: bool) -> None:
        """Whether the clocks stand here, because there is no room for the right column."""
        self.chips.setVisible(shown)
        self.properties.setVisible(shown)
        self._restyle()

    def _make_room(self) -> None:
        """Too narrow for the ticket's number, the header does without the arrows, which have keys, and then without
        Solve, which is a status too."""
        margins = self._column.contentsMargins()
        number = self._origin.fontMetrics().horizontalAdvance(self._origin.text().partition(" ")[0] + " \u2026")
        room = self.width() - margins.left() - margins.right() - number
        kept = (self.assign, self.status) if self.properties.isHidden() else (self.assign, self.status, self.properties)
        for group in (kept, (self.solve,), (self.previous, self.next)):
            room -= sum(act.sizeHint().width() + _SPACING for act in group)
            if group is not kept:
                for act in group:
                    act.setVisible(room >= 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _restyle(self) -> None:
        look = theme()
        right = 16 if self.properties.isHidden() else 12  # the three dots have air of their own
        self._column.setContentsMargins(look.px(20), look.px(10), look.px(right), look.px(12))
        self._make_room()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("bg.surface"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("line.divider"))


def ticket_name(ticket: Ticket) -> str:
    """`#48177`, or the reference of the system that it came from, or `new` until the hub gave it a number."""
    if ticket.number is not None:
        return f"#{ticket.number}"
    return ticket.external_ref or "new"


def ticket_in_words(ticket: Ticket) -> str:
    """As `ticket_name`, inside a sentence: `the new ticket` for one without a number."""
    name = ticket_name(ticket)
    return "the new ticket" if name == "new" else name


def _below(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(QPoint(0, widget.height() + 2))
