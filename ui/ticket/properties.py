"""The properties of a ticket and of its account, in the right column (design language, mock a).

Status, assignee and impact are buttons that open their choices; the rest is shown. Called by the pane, which does what
is chosen.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.domain import words
from console.domain.events import Impact
from console.domain.ticket import Ticket
from ui import icons
from ui.theme import theme
from ui.widgets.avatar import Avatar, Kind, paint_avatar
from ui.widgets.controls import Elided, MenuButton, Rule, Words
from ui.widgets.glyphs import paint_impact, paint_status
from ui.widgets.ground import rounded

_CHANNELS = {
    "email": ("Email", "channel-email"),
    "form": ("Help form", "channel-portal"),
    "portal": ("Portal", "channel-portal"),
    "chat": ("Chat", "channel-chat"),
    "monitoring": ("Monitoring", "channel-monitoring"),
    "purchase": ("Pro purchase", "channel-purchase"),
    "phone": ("Phone", "phone"),
}


class Properties(QWidget):
    """The grid of names and values, then the account.

    Signals: `status_asked`, `assignee_asked`, `impact_asked`, each with the global point for the choices.
    """

    status_asked = Signal(QPoint)
    assignee_asked = Signal(QPoint)
    impact_asked = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Properties")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Words("Properties", "text.secondary", "section"))
        column.addSpacing(6)
        self._grid = _grid()
        column.addLayout(self._grid)
        self.status = self._choice("Status", self.status_asked)
        self.assignee = self._choice("Assignee", self.assignee_asked)
        self.impact = self._choice("Impact", self.impact_asked)
        self._measured = Words("", "text.tertiary", "meta")
        self._measured.setIndent(6)
        self._measured.setWordWrap(True)
        self._grid.addWidget(self._measured, self._grid.rowCount(), 1)
        self._product = self._value("Product")
        self._plan = self._value("Plan")
        self._channel = _IconValue()
        self._line("Channel", self._channel)
        self._tags = _Tags()
        self._line("Tags", self._tags)
        self._reference = self._value("Reference")
        self._build_account(column)
        theme().changed.connect(self._measure)
        self._measure()

    def show_ticket(self, ticket: Ticket, me: str, impact_when_unset: Impact | None, zone: str) -> None:
        """Show a ticket; nothing moves where nothing changed."""
        status = ticket.status
        self.status.set_value(words.STATUS_NAMES[status], lambda p, r: paint_status(p, r, status))
        self.status.setAccessibleName(f"Status: {words.STATUS_NAMES[status]}")
        self._show_assignee(ticket.assignee, me)
        self._show_impact(ticket.impact, impact_when_unset)
        self._product.setText(ticket.product or "None")
        self._plan.setText(ticket.plan or "None")
        name, icon = _CHANNELS.get(ticket.channel, (ticket.channel.capitalize() or "Unknown", "channel-email"))
        self._channel.show_value(name, icon)
        self._tags.show_tags(ticket.tags)
        self._show_line("Tags", self._tags, bool(ticket.tags))
        reference = ticket.external_ref or ""
        self._reference.setText(reference)
        self._show_line("Reference", self._reference, bool(reference) and ticket.number is not None)
        account = ticket.account or ticket.contact or "No account"
        self._account_mark.set_person(account, "customer")
        self._account.setText(account)
        self._contact.setText(ticket.contact or "None")
        self._opened.setText(f"{words.day(ticket.opened_at, zone)}, {words.clock_time(ticket.opened_at, zone)}")
        self._opened.set_tip(words.full(ticket.opened_at, zone))
        self._updated.setText(f"{words.day(ticket.updated_at, zone)}, {words.clock_time(ticket.updated_at, zone)}")
        self._updated.set_tip(words.full(ticket.updated_at, zone))

    def _show_assignee(self, assignee: str | None, me: str) -> None:
        name = "Nobody" if assignee is None else "You" if assignee == me else assignee
        kind: Kind = "nobody" if assignee is None else "me" if assignee == me else "ours"
        self.assignee.set_value(
            name,
            lambda p, r: paint_avatar(p, r.adjusted(-1, -1, 1, 1), assignee, kind),
            muted=assignee is None,
        )
        self.assignee.setAccessibleName(f"Assignee: {name}")

    def _show_impact(self, impact: Impact | None, unset: Impact | None) -> None:
        look = theme()
        name = words.IMPACT_NAMES[impact] if impact else "Not assessed"
        self.impact.set_value(
            name,
            lambda p, r: paint_impact(p, r, impact, look.color("text.secondary"), look.color("line.divider")),
            muted=impact is None,
        )
        measured = f"Measured as {words.IMPACT_NAMES[unset]}" if unset else "No target until it is set"
        self._measured.setText("" if impact else measured)
        self._measured.setVisible(impact is None)
        self.impact.setAccessibleName(f"Impact: {name}" if impact else f"Impact: {name}, {measured.lower()}")

    # Building

    def _choice(self, name: str, asked: SignalInstance) -> MenuButton:
        button = MenuButton(framed=False)
        button.clicked.connect(lambda: asked.emit(button.mapToGlobal(QPoint(0, button.height() + 2))))
        self._line(name, button)
        return button

    def _value(self, name: str) -> Elided:
        value = Elided()
        value.setContentsMargins(6, 0, 0, 0)
        self._line(name, value)
        return value

    def _line(self, name: str, value: QWidget) -> None:
        row = self._grid.rowCount()
        label = Words(name, "text.tertiary", "body")
        label.setObjectName(f"label {name}")
        label.setBuddy(value)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        if isinstance(value, MenuButton):
            self._grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignLeft)
        else:
            self._grid.addWidget(value, row, 1)

    def _show_line(self, name: str, value: QWidget, shown: bool) -> None:
        value.setVisible(shown)
        label = self.findChild(Words, f"label {name}")
        if label is not None:
            label.setVisible(shown)

    def _build_account(self, column: QVBoxLayout) -> None:
        column.addSpacing(16)
        column.addWidget(Rule("line.divider"))
        column.addSpacing(14)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._account_mark = Avatar(24)
        self._account = Elided("", "text.primary", "bodyStrong")
        row.addWidget(self._account_mark)
        row.addWidget(self._account, 1)
        column.addLayout(row)
        column.addSpacing(6)
        grid, self._grid = self._grid, _grid()
        self._account_grid = self._grid
        column.addLayout(self._grid)
        self._contact = self._value("Contact")
        self._opened = self._value("Opened")
        self._updated = self._value("Last change")
        self._grid = grid

    def _measure(self) -> None:
        look = theme()
        for grid in (self._grid, self._account_grid):
            grid.setColumnMinimumWidth(0, look.px(78))
            for row in range(grid.rowCount()):
                for column in (0, 1):
                    item = grid.itemAtPosition(row, column)
                    widget = item.widget() if item is not None else None
                    if widget is not None and (column == 0 or isinstance(widget, (Elided, _IconValue))):
                        widget.setFixedHeight(look.px(26))


def _grid() -> QGridLayout:
    """Names on the left, values on the right."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(6)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    return grid


class _IconValue(QWidget):
    """A value with an icon before it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._icon = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_value(self, text: str, icon: str) -> None:
        self._words, self._icon = text, icon
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        side, pad = look.px(16), look.px(6)
        icons.paint(painter, QRectF(pad, (self.height() - side) / 2, side, side), self._icon)
        painter.setFont(look.font("body"))
        painter.setPen(look.color("text.primary"))
        space = QRectF(pad + look.px(22), 0, self.width() - pad - look.px(22), self.height())
        shown = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, int(space.width()) + 1)
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, shown)


class _Tags(QWidget):
    """Tags as small frames, in as many lines as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.updateGeometry)

    def show_tags(self, names: tuple[str, ...]) -> None:
        if names != self._names:
            self._names = names
            self.setAccessibleName(f"Tags: {', '.join(names)}")
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(120), theme().px(26))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(60), theme().px(26))

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        look = theme()
        return round(places[-1][1].bottom()) + look.px(3) if places else look.px(26)

    def _places(self, width: int) -> list[tuple[str, QRectF]]:
        look = theme()
        metrics = QFontMetrics(look.font("meta"))
        x, y, height = float(look.px(6)), float(look.px(3)), look.px(20)
        places: list[tuple[str, QRectF]] = []
        for name in self._names:
            wide = min(metrics.horizontalAdvance(name) + look.px(12), width - look.px(6))
            if places and x + wide > width:
                x, y = float(look.px(6)), y + height + look.px(4)
            places.append((name, QRectF(x, y, wide, height)))
            x += wide + look.px(6)
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setFont(look.font("meta"))
        for name, place in self._places(self.width()):
            rounded(painter, place, 4, line=look.color("line.control"))
            painter.setPen(look.color("text.primary"))
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(place.width()) - 8)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)
