"""What the queue asks of `tickets`, as fixed SQL: the order of a view, rows, counts.

Source: spec sla.md 4, `console.domain.queue`. Orders and counts come from the index `tickets_queue` alone; rows are
plain structs, read only for what is on the screen. Text, and not SQLAlchemy's expressions: the first look asks the same
on a bare connection before SQLAlchemy is imported. Called by `store` and `first_look`, inside a transaction of theirs.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from console.domain.queue import QueueRow, View

HOUR_MS: Final = 3_600_000

Ask = Callable[[str, Mapping[str, Any]], Sequence[Sequence[Any]]]
"""All rows that a statement finds, its parameters given by name; on whatever connection."""

Order = tuple["array[int]", "array[int]", bytearray]
"""Rowids, due instants (epoch ms, 0 where the rank is not 0) and ranks, side by side."""

_CONDITIONS: Final = {
    View.MINE: "assignee = :me",
    View.UNASSIGNED: "assignee IS NULL",
    View.BREACHED: "rank = 0 AND due_at < :now",
    View.DUE_SOON: "rank = 0 AND due_at >= :now AND due_at <= :soon",
    View.WAITING: "status = 'pending'",
    View.TO_ASSESS: "assessed = 0",
    View.ALL_OPEN: "is_open = 1",
}


def order_statement(view: View) -> str:
    """The open tickets of a view in the order of `queue.order_key`, as three JSON arrays: a hundred thousand numbers
    come out of SQLite in half the time that as many rows take. Its LIMIT keeps the inner order."""
    return f"""
SELECT json_group_array(rowid), json_group_array(coalesce(due_at, 0)), json_group_array(rank) FROM (
  SELECT rowid, due_at, rank FROM tickets WHERE is_open = 1 AND {_CONDITIONS[view]}
  ORDER BY rank, due_at, impact_rank, opened_at, ticket LIMIT :most OFFSET 0)"""


_FIELDS: Final = QueueRow.__struct_fields__
_ROWS: Final = f"""
SELECT rowid, {", ".join(f'"{field}"' for field in _FIELDS)} FROM tickets
WHERE rowid IN (SELECT value FROM json_each(:asked))"""
_COUNTS: Final = f"""
SELECT {", ".join(f"count(*) FILTER (WHERE {condition})" for condition in _CONDITIONS.values())}
FROM tickets WHERE is_open = 1"""
_INTEGERS: Final = msgspec.json.Decoder(list[int])


def order(ask: Ask, view: View, *, me: str, now: int, limit: int | None) -> Order:
    """The open tickets of a view, most urgent first. `me` is the name in `assignee`, `now` epoch ms."""
    most = -1 if limit is None else limit
    (columns,) = ask(order_statement(view), {"me": me, "now": now, "soon": now + HOUR_MS, "most": most})
    rowids, due, ranks = map(_INTEGERS.decode, columns)
    return array("q", rowids), array("q", due), bytearray(ranks)


def row_of(values: Sequence[Any]) -> QueueRow:
    """A row of `tickets`, its columns in the order of the fields."""
    named = dict(zip(_FIELDS, values, strict=True))
    named["assessed"] = bool(named["assessed"])
    named["is_open"] = bool(named["is_open"])
    named["met"] = bool(named["met"])
    return QueueRow(**named)


def rows(ask: Ask, rowids: Sequence[int]) -> list[QueueRow]:
    """The rows in the order asked; missing ones are left out."""
    asked = {"asked": msgspec.json.encode(list(rowids)).decode()}
    found = {values[0]: row_of(values[1:]) for values in ask(_ROWS, asked)}
    return [found[rowid] for rowid in rowids if rowid in found]


def counts(ask: Ask, *, me: str, now: int) -> dict[View, int]:
    """How many open tickets each view holds, in one pass over one index."""
    (found,) = ask(_COUNTS, {"me": me, "now": now, "soon": now + HOUR_MS})
    return dict(zip(_CONDITIONS, found, strict=True))
