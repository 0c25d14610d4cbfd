"""What the queue asks of `tickets`: orders, rows, counts, and tickets by what people call them.

Source: spec sla.md 4, `console.domain.queue`. Orders and counts come from the index `tickets_queue` alone; rows are
plain structs, read only for what is on the screen. Called by `store`, on the reading connection.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, func, literal_column, or_, select

from console.domain.queue import QueueRow, View
from console.journal import schema
from console.journal.entry_rows import compiled

HOUR_MS: Final = 3_600_000
_END_OF_TEXT: Final = "\U0010ffff"

_t = schema.tickets.c
_FIELDS: Final = QueueRow.__struct_fields__
_COLUMNS: Final = tuple(_t[name] for name in _FIELDS)
_OPEN: Final = _t.is_open == literal_column("1")


def _condition(view: View) -> ColumnElement[bool] | None:
    due = _t.rank == literal_column("0")
    match view:
        case View.MINE:
            return _t.assignee == bindparam("me")
        case View.UNASSIGNED:
            return _t.assignee.is_(None)
        case View.BREACHED:
            return due & (_t.due_at < bindparam("now"))
        case View.DUE_SOON:
            return due & (_t.due_at >= bindparam("now")) & (_t.due_at <= bindparam("soon"))
        case View.WAITING:
            return _t.status == literal_column("'pending'")
        case View.TO_ASSESS:
            return _t.assessed == literal_column("0")
        case View.ALL_OPEN:
            return None


def _order(view: View) -> str:
    """The open tickets of a view in the order of `queue.order_key`, as three JSON arrays: a hundred thousand numbers
    come out of SQLite in half the time that as many rows take. Its LIMIT keeps the inner order; parameters by name."""
    condition = _condition(view)
    asked = select(_t.rowid, _t.due_at, _t.rank).where(_OPEN if condition is None else _OPEN & condition)
    ordered = asked.order_by(_t.rank, _t.due_at, _t.impact_rank, _t.opened_at, _t.ticket)
    shown = ordered.limit(bindparam("most")).offset(literal_column("0")).subquery()
    columns = (shown.c.rowid, func.coalesce(shown.c.due_at, literal_column("0")), shown.c.rank)
    return compiled(select(*(func.json_group_array(column) for column in columns)), named=True)


_INTEGERS: Final = msgspec.json.Decoder(list[int])
_ORDERS: Final = {view: _order(view) for view in View}
_CONDITIONS: Final = {view: _condition(view) for view in View}
_COUNTS: Final = select(
    *(func.count() if condition is None else func.count().filter(condition) for condition in _CONDITIONS.values())
).where(_OPEN)
_asked = func.json_each(bindparam("asked")).table_valued("value")
_ROWS: Final = compiled(select(_t.rowid, *_COLUMNS).where(_t.rowid.in_(select(_asked.c.value))), named=True)

Order = tuple["array[int]", "array[int]", bytearray]
"""Rowids, due instants (epoch ms, 0 where the rank is not 0) and ranks, side by side."""


def order(connection: Connection, view: View, *, me: str, now: int, limit: int | None) -> Order:
    """The open tickets of a view, most urgent first. `me` is the name in `assignee`, `now` epoch ms."""
    asked = {"me": me, "now": now, "soon": now + HOUR_MS, "most": -1 if limit is None else limit}
    rowids, due, ranks = (_INTEGERS.decode(column) for column in connection.exec_driver_sql(_ORDERS[view], asked).one())
    return array("q", rowids), array("q", due), bytearray(ranks)


def _row(values: Sequence[Any]) -> QueueRow:
    named = dict(zip(_FIELDS, values, strict=True))
    named["assessed"] = bool(named["assessed"])
    named["is_open"] = bool(named["is_open"])
    named["met"] = bool(named["met"])
    return QueueRow(**named)


def rows(connection: Connection, rowids: Sequence[int]) -> list[QueueRow]:
    """The rows in the order asked; missing ones are left out."""
    asked = {"asked": msgspec.json.encode(list(rowids)).decode()}
    cursor: Any = connection.exec_driver_sql(_ROWS, asked).cursor
    found = {values[0]: _row(values[1:]) for values in cursor.fetchall()}
    cursor.close()
    return [found[rowid] for rowid in rowids if rowid in found]


def counts(connection: Connection, *, me: str, now: int) -> dict[View, int]:
    """How many open tickets each view holds, in one pass over one index."""
    row = connection.execute(_COUNTS, {"me": me, "now": now, "soon": now + HOUR_MS}).one()
    return dict(zip(_CONDITIONS, row, strict=True))


def rowid(connection: Connection, ticket: str) -> int | None:
    found = connection.execute(select(_t.rowid).where(_t.ticket == ticket)).first()
    return None if found is None else int(found[0])


def ticket_row(connection: Connection, ticket: str) -> QueueRow | None:
    found = connection.execute(select(*_COLUMNS).where(_t.ticket == ticket)).first()
    return None if found is None else _row(found)


def candidates(connection: Connection, ref: str, limit: int) -> list[QueueRow]:
    """The tickets that a person may mean: by number (`48177`, `#48177`) or external reference, else by the start of
    the id. Oldest first."""
    ref = ref.strip().encode("utf-8", "replace").decode()
    if not ref:
        return []
    exact: ColumnElement[bool] = _t.external_ref == ref
    digits = ref.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) <= 18:
        exact = or_(exact, _t.number == int(digits))
    for condition in (exact, (_t.ticket >= ref) & (_t.ticket < ref + _END_OF_TEXT)):
        asked = select(*_COLUMNS).where(condition).order_by(_t.rowid).limit(limit)
        found = [_row(values) for values in connection.execute(asked)]
        if found:
            return found
    return []


def people(connection: Connection) -> list[str]:
    """Everyone who has or had a ticket assigned at present, by name."""
    return list(
        connection.scalars(select(_t.assignee).where(_t.assignee.is_not(None)).distinct().order_by(_t.assignee))
    )
