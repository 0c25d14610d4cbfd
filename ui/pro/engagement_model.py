"""The list model of the engagements: groups by what each waits for, and the rows of the desk inside them.

An order says which group and which place a ticket has; rows say what it looks like. The two are taken apart, so that a
row can change under the hand without moving. The closed ones are not known until somebody opens their group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.desk.pro.views import EngagementRow, Need
from ui.pro import engagement_words as wording
from ui.queue.arrangement import Arrangement, Header, Section

Index = QModelIndex | QPersistentModelIndex
Order = tuple[tuple[Need, str], ...]
"""(group, ticket) in the order of the list."""

ItemRole: Final = int(Qt.ItemDataRole.UserRole)
"""A `Header` or an `EngagementRow`."""
TicketIdRole: Final = ItemRole + 1

CLOSED: Final = "closed"

_ENABLED = Qt.ItemFlag.ItemIsEnabled
_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def order_of(rows: Iterable[EngagementRow]) -> Order:
    """Rows by group; inside a group they keep the order in which the desk gave them."""
    places = {need: place for place, need in enumerate(wording.GROUPS)}
    return tuple((row.need, row.ticket) for row in sorted(rows, key=lambda row: places[row.need]))


class EngagementModel(QAbstractListModel):
    """Rows of engagements under the headers of their groups. `now` gives epoch ms, `zone` is the window's."""

    def __init__(self, now: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = now
        self.zone = "UTC"
        self.order: Order = ()
        self.closed_known = False
        self._rows: dict[str, EngagementRow] = {}
        self.arrangement = Arrangement((), (CLOSED,))

    # What Qt asks ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self.arrangement.row_count

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        item = self.item(index.row()) if index.isValid() else None
        if role == ItemRole:
            return item
        if isinstance(item, Header):
            return _header_data(item, role)
        if item is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return item.subject
            case Qt.ItemDataRole.AccessibleTextRole:
                return wording.spoken(item, self.now(), self.zone)
            case Qt.ItemDataRole.ToolTipRole:
                return wording.tooltip(item, self.zone)
            case _:
                return item.ticket if role == TicketIdRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        header = self.arrangement.header_at(index.row()) if index.isValid() else None
        if header is None:
            return _SELECTABLE if index.isValid() else Qt.ItemFlag.NoItemFlags
        # Arrow keys pass over the header of an open group; a collapsed one stands for its rows.
        return _ENABLED if header.collapsed else Qt.ItemFlag.NoItemFlags

    # What the view asks ----------------------------------------------------------------------------------------------

    def item(self, row: int) -> Header | EngagementRow | None:
        header = self.arrangement.header_at(row)
        if header is not None:
            return header
        place = self.arrangement.place(row)
        return None if place is None else self._rows[self.order[place][1]]

    def ticket_at(self, row: int) -> str | None:
        place = self.arrangement.place(row)
        return None if place is None else self.order[place][1]

    def row_of(self, ticket: str) -> int | None:
        """The row that shows a ticket, or None when it is not listed or its group is collapsed."""
        place = next((place for place, (_, listed) in enumerate(self.order) if listed == ticket), None)
        return None if place is None else self.arrangement.row(place)

    def known(self, ticket: str) -> EngagementRow | None:
        return self._rows.get(ticket)

    @property
    def count(self) -> int:
        return len(self.order)

    # What the list does ----------------------------------------------------------------------------------------------

    def set_rows(self, rows: Sequence[EngagementRow], *, closed_known: bool) -> None:
        """Show these rows in their order. The group of the closed ones stands there until it is known to be empty."""
        order = order_of(rows)
        self.beginResetModel()
        self._rows = {row.ticket: row for row in rows}
        self.order, self.closed_known = order, closed_known
        self.arrangement = Arrangement(_sections(order, closed_known=closed_known), self.arrangement.collapsed)
        self.endResetModel()

    def put_rows(self, rows: Iterable[EngagementRow]) -> None:
        """Take what has changed in rows that are listed; nothing moves."""
        for row in rows:
            if row.ticket in self._rows and self._rows[row.ticket] != row:
                self._rows[row.ticket] = row
                at = self.row_of(row.ticket)
                if at is not None:
                    self.dataChanged.emit(self.index(at), self.index(at))

    def toggle(self, key: str) -> None:
        """Collapse or expand a group; the choice outlives every refresh."""
        self.beginResetModel()
        self.arrangement = Arrangement(self.arrangement.sections, self.arrangement.collapsed ^ {key})
        self.endResetModel()

    def is_collapsed(self, key: str) -> bool:
        return key in self.arrangement.collapsed


def _sections(order: Order, *, closed_known: bool) -> list[Section]:
    found, start = [], 0
    for need, members in groupby(order, key=lambda place: place[0]):
        end = start + len(tuple(members))
        found.append(Section(need, wording.GROUPS[need], start, end))
        start = end
    if not closed_known:
        found.append(Section(CLOSED, wording.GROUPS["closed"], start, start))
    return found


def _header_data(header: Header, role: int) -> Any:
    part = header.section
    if role == Qt.ItemDataRole.DisplayRole:
        return part.title
    if role == Qt.ItemDataRole.AccessibleTextRole:
        counted = {0: "", 1: ", 1 engagement"}.get(part.count, f", {part.count} engagements")
        return f"{part.title}{counted}, {'collapsed' if header.collapsed else 'expanded'}"
    return None
