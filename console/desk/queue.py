"""The queue as the window and the command line ask for it: orders, rows, counts, and any instant of the past.

Source: spec sla.md 4. Reads are indexed and bounded; only a question about the past or about other guidelines folds
the streams anew.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from console.domain.errors import ConsoleError
from console.domain.events import Impact
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import RANK_DUE, RANK_PAUSED, QueueRow, View, order_key, queue_row
from console.domain.sla import clocks
from console.domain.ticket import fold
from console.domain.words import local

if TYPE_CHECKING:
    from console.journal.store import Journal


class QueueOrder(msgspec.Struct, frozen=True):
    """A view in queue order, as parallel arrays: the rows' keys, their due instants (0 where rank is above 0), ranks.

    `version` is the desk's version when it was read.
    """

    rowids: array[int]
    due: array[int]
    rank: bytearray
    version: int


class QueueDesk:
    """Answers about the queue of one workspace."""

    def __init__(
        self,
        journal: Journal,
        history: GuidelinesHistory,
        *,
        me: str,
        now: Callable[[], int],
        zone: str,
        own_history: bool,
    ) -> None:
        self._journal = journal
        self._history = history
        self._me = me
        self._now = now
        self._zone = zone
        self._own_history = own_history

    def order(self, view: View, *, limit: int | None = None) -> QueueOrder:
        """The order of a view now; `limit` for the first rows only."""
        version = self._journal.data_version()
        rowids, due, rank = self._journal.order(view, me=self._me, now=self._now(), limit=limit)
        return QueueOrder(rowids, due, rank, version)

    def rows(self, rowids: Sequence[int]) -> list[QueueRow]:
        """The rows behind keys of an order, in that order; a row that is gone by now is left out."""
        return self._journal.rows(rowids)

    def counts(self) -> dict[View, int]:
        return self._journal.counts(me=self._me, now=self._now())

    def mine_breached(self) -> int:
        """How many of my open tickets are past due: the badge of the rail."""
        now = self._now()
        _, due, rank = self._journal.order(View.MINE, me=self._me, now=now, limit=None)
        return past_due(due, rank, now)

    def rowid(self, ticket_id: str) -> int | None:
        return self._journal.rowid(ticket_id)

    def version(self) -> int:
        """Rises with every write of any process."""
        return self._journal.data_version()

    def tomorrow(self, now: int) -> int:
        """The next midnight in the policy's zone, epoch ms."""
        return next_midnight(now, self._zone)

    def measured_impact(self, row: QueueRow) -> Impact | None:
        """The impact of a row, or what an unassessed ticket is measured as; None where nothing is promised for it."""
        return row.impact or self._history.at(row.product, row.opened_at).impact_when_unset

    def due_as_of(self, row: QueueRow, as_of: int) -> int | None:
        """When a row's clock is due; a paused one as if it went on at `as_of`."""
        if row.rank != RANK_PAUSED or row.left_ms is None or row.cover is None:
            return row.due_at
        guidelines = self._history.at(row.product, row.activated_at or as_of)
        return guidelines.calendar(row.cover).add_ms(as_of, max(0, row.left_ms))

    def open_left_ms(self, row: QueueRow) -> int | None:
        """The open time until a running clock of a row is due, as of now; None where none runs or it is past due."""
        now = self._now()
        if row.due_at is None or row.cover is None or row.due_at < now:
            return None
        guidelines = self._history.at(row.product, row.activated_at or now)
        return guidelines.calendar(row.cover).elapsed_ms(now, row.due_at)

    def listing(
        self, *, as_of: int | None = None, view: View = View.ALL_OPEN, limit: int | None = None
    ) -> list[QueueRow]:
        """Rows in queue order, now or as of an instant (only entries that count by then)."""
        if as_of is None and not self._own_history:
            order = self.order(view, limit=limit)
            return self.rows(order.rowids)
        now = self._now() if as_of is None else as_of
        rows = [row for row in self._folded(as_of) if _in_view(row, view, self._me, now)]
        rows.sort(key=order_key)
        return rows if limit is None else rows[:limit]

    def _folded(self, as_of: int | None) -> Iterator[QueueRow]:
        """Every ticket as the read models would keep it: one whose clocks cannot be computed has none."""
        for _, entries in self._journal.all_streams(as_of=as_of):
            ticket = fold(entries)
            if ticket is None:
                continue
            try:
                running = clocks(entries, self._history, as_of)
            except ConsoleError:
                running = ()
            yield queue_row(ticket, running)


def past_due(due: array[int], rank: bytearray, now: int) -> int:
    """How many tickets of an order are past due at `now` (epoch ms)."""
    return bisect_left(due, now, 0, rank.count(RANK_DUE))


def next_midnight(now: int, zone: str) -> int:
    """The next midnight in a zone (IANA name), epoch ms."""
    today = local(now, zone)
    next_day = today.date() + timedelta(days=1)
    midnight = datetime(next_day.year, next_day.month, next_day.day, tzinfo=today.tzinfo)
    return int(midnight.timestamp()) * 1000


def _in_view(row: QueueRow, view: View, me: str, now: int) -> bool:
    if not row.is_open:
        return False
    match view:
        case View.MINE:
            return row.assignee == me
        case View.UNASSIGNED:
            return row.assignee is None
        case View.BREACHED:
            return row.due_at is not None and row.due_at < now
        case View.DUE_SOON:
            return row.due_at is not None and now <= row.due_at <= now + 3_600_000
        case View.WAITING:
            return row.status == "pending"
        case View.TO_ASSESS:
            return not row.assessed
        case View.ALL_OPEN:
            return True
