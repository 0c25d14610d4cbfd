"""The list model of the queue: places of an order, and rows that come from the desk page by page.

Holds the order's arrays and a bounded cache of rows, no object per ticket, so that 100,000 tickets reset in
milliseconds. A row that has not come yet is a placeholder; the view tells the pane which places it shows, the pane
fetches them and calls `put_rows`. The model decides nothing about time: `set_order` and `regroup` are called when the
list may move.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.domain.queue import QueueRow
from ui.queue import wording
from ui.queue.arrangement import Arrangement, Header, Section, sections

Index = QModelIndex | QPersistentModelIndex

ItemRole: Final = int(Qt.ItemDataRole.UserRole)
"""A `Header`, a `QueueRow`, or None for a ticket that has not come yet."""
TicketIdRole: Final = ItemRole + 1
DraftedRole: Final = ItemRole + 2
"""Whether a ticket has a half-written text."""

PAGE: Final = 200
"""Rows are fetched so many at a time around what is seen."""
KEPT_ROWS: Final = 2_000
"""Rows kept in memory; the ones seen longest ago are dropped first."""

_ENABLED = Qt.ItemFlag.ItemIsEnabled
_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class Order(Protocol):
    """The arrays of `console.desk.queue.QueueOrder`."""

    @property
    def rowids(self) -> array[int]: ...
    @property
    def due(self) -> array[int]: ...
    @property
    def rank(self) -> bytearray: ...


class QueueModel(QAbstractListModel):
    """Rows of the queue. `me` is the acting person, `zone` the policy's, `drafted` the ids of the tickets with a
    half-written text; `now` gives epoch ms."""

    def __init__(self, now: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = now
        self.me = ""
        self.zone = "UTC"
        self.drafted: frozenset[str] = frozenset()
        self.rowids: array[int] = array("q")
        self.due: array[int] = array("q")
        self.rank = bytearray()
        self.arrangement = Arrangement()
        self._plain: str | None = None
        self._rows: OrderedDict[int, QueueRow] = OrderedDict()
        self._stale: set[int] = set()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self.arrangement.row_count

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        item = self.item(index.row())
        if role == ItemRole:
            return item
        if isinstance(item, Header):
            return self._header_data(item, role)
        if item is None:
            loading = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return "Loading" if loading and index.isValid() else None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return item.subject
            case Qt.ItemDataRole.AccessibleTextRole:
                return wording.spoken(item, self.now(), self.me, drafted=item.ticket in self.drafted)
            case Qt.ItemDataRole.ToolTipRole:
                return wording.tooltip(item, self.now(), self.zone)
            case _:
                return self._own_data(item, role)

    def _own_data(self, row: QueueRow, role: int) -> Any:
        if role == TicketIdRole:
            return row.ticket
        return row.ticket in self.drafted if role == DraftedRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        header = self.arrangement.header_at(index.row())
        if header is None:
            return _SELECTABLE if index.isValid() else Qt.ItemFlag.NoItemFlags
        # Arrow keys pass over the header of an open group; a collapsed one stands for its rows.
        return _ENABLED if header.collapsed else Qt.ItemFlag.NoItemFlags

    def item(self, row: int) -> Header | QueueRow | None:
        header = self.arrangement.header_at(row)
        if header is not None:
            return header
        place = self.arrangement.place(row)
        return None if place is None else self._rows.get(self.rowids[place])

    def rowid_at(self, row: int) -> int | None:
        place = self.arrangement.place(row)
        return None if place is None else self.rowids[place]

    def row_of(self, rowid: int) -> int | None:
        """The row that shows a ticket, or None when it is not in the view or its group is collapsed."""
        place = self.place_of(rowid)
        return None if place is None else self.arrangement.row(place)

    def place_of(self, rowid: int) -> int | None:
        try:
            return self.rowids.index(rowid)
        except ValueError:
            return None

    def known(self, rowid: int) -> QueueRow | None:
        """A row that has come already, fresh or not."""
        return self._rows.get(rowid)

    def missing(self, first: int, last: int, *, around: bool = True) -> list[int]:
        """The rowids among rows `first` to `last` that have to be fetched, with a page `around` them if any has to."""
        wanted = [rowid for rowid in self._around(first, last, 0) if self._lacks(rowid)]
        if not wanted or not around:
            return wanted
        spare = max(PAGE - (last - first), 0) // 2
        return [rowid for rowid in self._around(first, last, spare) if self._lacks(rowid)]

    @property
    def ticket_count(self) -> int:
        return len(self.rowids)

    def set_order(self, order: Order, now: int, tomorrow: int, *, title: str | None = None) -> None:
        """Show another order. With a `title` it is one list without groups by time, such as what a search found."""
        parts: Sequence[Section]
        if title is None:
            parts = sections(order.due, order.rank, now, tomorrow)
        else:
            parts = (Section("found", title, 0, len(order.rowids)),) if order.rowids else ()
        self._plain = title
        self.beginResetModel()
        self.rowids, self.due, self.rank = order.rowids, order.due, order.rank
        self.arrangement = Arrangement(parts, self.arrangement.collapsed)
        self.endResetModel()

    def take_times(self, order: Order) -> None:
        """Take the due instants of an order whose tickets stand as they stand here; nothing moves."""
        self.due, self.rank = order.due, order.rank

    def sections_at(self, now: int, tomorrow: int) -> tuple[Section, ...]:
        """The groups as they would be at an instant."""
        if self._plain is not None:
            return self.arrangement.sections
        return sections(self.due, self.rank, now, tomorrow)

    def regroup(self, now: int, tomorrow: int) -> None:
        """Let tickets that time has moved into another group stand there."""
        self._rearrange(Arrangement(self.sections_at(now, tomorrow), self.arrangement.collapsed))

    def toggle(self, key: str) -> None:
        """Collapse or expand a group; the choice outlives every refresh."""
        collapsed = self.arrangement.collapsed ^ {key}
        self._rearrange(Arrangement(self.arrangement.sections, collapsed))

    def set_collapsed(self, keys: Iterable[str]) -> None:
        self._rearrange(Arrangement(self.arrangement.sections, keys))

    def put_rows(self, rows: Mapping[int, QueueRow]) -> set[int]:
        """Take rows that came from the desk, by rowid; returns those that are not what was shown before."""
        changed = set()
        for rowid, row in rows.items():
            if self._rows.get(rowid) != row:
                changed.add(rowid)
            self._rows[rowid] = row
            self._rows.move_to_end(rowid)
        self._stale.difference_update(rows)
        while len(self._rows) > KEPT_ROWS:
            self._stale.discard(self._rows.popitem(last=False)[0])
        return changed

    def take_drafted(self, drafted: frozenset[str]) -> bool:
        """Take which tickets have a half-written text; says whether that is news."""
        before, self.drafted = self.drafted, drafted
        return before != drafted

    def distrust(self) -> None:
        """Something was written: every row is shown as it is, and fetched again when it is seen."""
        self._stale.update(self._rows)

    def forget(self) -> None:
        """The keys of rows mean other tickets now: no row is known any more."""
        self._rows.clear()
        self._stale.clear()

    def _rearrange(self, arrangement: Arrangement) -> None:
        if arrangement.same_rows(self.arrangement):
            return
        self.beginResetModel()
        self.arrangement = arrangement
        self.endResetModel()

    def _lacks(self, rowid: int) -> bool:
        return rowid not in self._rows or rowid in self._stale

    def _around(self, first: int, last: int, spare: int) -> list[int]:
        low = max(first - spare, 0)
        high = min(last + spare, self.arrangement.row_count - 1)
        found = (self.rowid_at(row) for row in range(low, high + 1))
        return [rowid for rowid in found if rowid is not None]

    @staticmethod
    def _header_data(header: Header, role: int) -> Any:
        part = header.section
        if role == Qt.ItemDataRole.DisplayRole:
            return part.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            tickets = "1 ticket" if part.count == 1 else f"{part.count} tickets"
            return f"{part.title}, {tickets}, {'collapsed' if header.collapsed else 'expanded'}"
        return None
