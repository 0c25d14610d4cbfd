"""The header of the ticket pane: which ticket it is, and the acts on it. Called by the pane."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.domain import words
from console.domain.ticket import Ticket
from ui.theme import theme
from ui.ticket.controls import Elided, MenuButton
from ui.ticket.header_chips import HeaderChips
from ui.widgets.buttons import Button, IconButton
from ui.widgets.glyphs import paint_status

_SPACING: Final = 6


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
        top.addWidget(self._origin, 1)
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
    """`#48177`, or the reference of the system that it came from."""
    if ticket.number is not None:
        return f"#{ticket.number}"
    return ticket.external_ref or f"#{ticket.id[:8]}"


def _below(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(QPoint(0, widget.height() + 2))
