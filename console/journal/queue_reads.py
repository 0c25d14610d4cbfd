"""Tickets by what people call them, and the connection on which the queue's fixed SQL is asked.

Called by `store`, on the reading connection.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select

from console.domain.queue import QueueRow
from console.journal import schema
from console.journal.queue_sql import Ask, row_of

_END_OF_TEXT: Final = "\U0010ffff"

_t = schema.tickets.c
_COLUMNS: Final = tuple(_t[name] for name in QueueRow.__struct_fields__)
_TICKET_ROW: Final = select(*_COLUMNS).where(_t.ticket == bindparam("ticket"))
_asked = func.json_each(bindparam("asked")).table_valued("value")
_TICKET_ROWS: Final = select(*_COLUMNS).where(_t.ticket.in_(select(_asked.c.value)))


def asking(connection: Connection) -> Ask:
    """Asks statements of `queue_sql`; thousands of rows pass without SQLAlchemy seeing each."""

    def ask(statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        cursor: Any = connection.exec_driver_sql(statement, dict(values)).cursor
        try:
            found: list[Sequence[Any]] = cursor.fetchall()
        finally:
            cursor.close()
        return found

    return ask


def rowid(connection: Connection, ticket: str) -> int | None:
    found = connection.execute(select(_t.rowid).where(_t.ticket == ticket)).first()
    return None if found is None else int(found[0])


def ticket_row(connection: Connection, ticket: str) -> QueueRow | None:
    found = connection.execute(_TICKET_ROW, {"ticket": ticket}).first()
    return None if found is None else row_of(found)


def ticket_rows(connection: Connection, tickets: Collection[str]) -> dict[str, QueueRow]:
    """By ticket; missing ones are left out."""
    asked = msgspec.json.encode(list(tickets)).decode()
    return {row.ticket: row for row in map(row_of, connection.execute(_TICKET_ROWS, {"asked": asked}))}


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
        found = [row_of(values) for values in connection.execute(asked)]
        if found:
            return found
    return []


def people(connection: Connection) -> list[str]:
    """Everyone who has or had a ticket assigned at present, by name."""
    return list(
        connection.scalars(select(_t.assignee).where(_t.assignee.is_not(None)).distinct().order_by(_t.assignee))
    )
