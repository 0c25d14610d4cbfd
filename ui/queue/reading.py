"""What the queue asks of the desk, as functions that run on the desk's thread. No Qt in here."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.domain.queue import QueueRow, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.desk import Desk
    from console.desk.first_look import FirstLook


@dataclass(frozen=True, slots=True)
class Order:
    """A view in its order, as parallel arrays (see `console.desk.queue.QueueOrder`)."""

    rowids: array[int]
    due: array[int]
    rank: bytearray


@dataclass(frozen=True, slots=True)
class Counts:
    """Tickets per view, and how many of mine are past due. `pristine` is a workspace that never held a ticket."""

    views: Mapping[View, int]
    mine_breached: int
    pristine: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """An order with what the screen shows around it. `query` is the search that it answers, None for a view."""

    view: View
    query: str | None
    order: Order
    counts: Counts
    tomorrow: int
    drafted: frozenset[str]
    first_rows: Mapping[int, QueueRow]


def read_view(desk: Desk, view: View, *, first: int) -> Reading:
    """The order of a view now, with its first rows, so that they paint with it."""
    order = desk.queue.order(view)
    return _reading(desk, view, None, Order(order.rowids, order.due, order.rank), first)


def reading_of(look: FirstLook) -> Reading:
    """What was seen before the desk was open, as it would read the same."""
    rowids = look.order.rowids
    return Reading(
        view=look.view,
        query=None,
        order=Order(rowids, look.order.due, look.order.rank),
        counts=Counts(look.counts, look.mine_breached, look.pristine),
        tomorrow=look.tomorrow,
        drafted=look.drafted,
        first_rows=dict(zip(rowids, look.rows, strict=False)),
    )


def read_search(desk: Desk, view: View, query: str, *, first: int) -> Reading:
    """What a search finds, best first; a query that the index cannot use finds nothing."""
    found = (desk.queue.rowid(hit.ticket) for hit in desk.search(query))
    rowids = array("q", (rowid for rowid in found if rowid is not None))
    rows = desk.queue.rows(rowids)
    order = Order(rowids, array("q", (row.due_at or 0 for row in rows)), bytearray(row.rank for row in rows))
    return _reading(desk, view, query, order, first)


def read_counts(desk: Desk) -> Counts:
    views = desk.queue.counts()
    pristine = not views.get(View.ALL_OPEN) and desk.journal.is_empty()
    return Counts(views, desk.queue.mine_breached(), pristine)


def read_rows(desk: Desk, rowids: Sequence[int]) -> dict[int, QueueRow]:
    """Rows by rowid; those that are gone by now are left out."""
    rows = desk.queue.rows(rowids)
    if len(rows) == len(rowids):
        return dict(zip(rowids, rows, strict=True))
    by_ticket = {row.ticket: row for row in rows}
    numbered = ((desk.queue.rowid(ticket), row) for ticket, row in by_ticket.items())
    return {rowid: row for rowid, row in numbered if rowid is not None}


def _reading(desk: Desk, view: View, query: str | None, order: Order, first: int) -> Reading:
    return Reading(
        view=view,
        query=query,
        order=order,
        counts=read_counts(desk),
        tomorrow=desk.queue.tomorrow(desk.now()),
        drafted=frozenset(desk.drafts.all_ids()),
        first_rows=read_rows(desk, order.rowids[:first]),
    )
