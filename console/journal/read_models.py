"""Keeps the read models equal to the fold: what is written here is derived from a stream's entries alone.

Source: ARCHITECTURE.md, "read models equal the fold". Called inside the transaction that appends, and by the rebuild,
with the same functions; a test proves that both ways give the same bytes. Each function takes whole streams, as the
view shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from console.domain.errors import ConsoleError
from console.domain.events import Entry
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import QueueRow, queue_row
from console.domain.sla import clocks
from console.domain.ticket import fold
from console.journal import entry_rows, pro_rows, schema, search, view

TICKET: Final = "ticket:"
_FIELDS: Final = QueueRow.__struct_fields__
_BATCH: Final = 500

Progress = Callable[[int, int], None]
"""Called with the entries done and the entries in all."""


def _upsert() -> str:
    new = insert(schema.tickets)
    values = {name: new.excluded[name] for name in _FIELDS}
    named = new.values(dict.fromkeys(("rowid", *_FIELDS)))
    return entry_rows.compiled(named.on_conflict_do_update(index_elements=["rowid"], set_=values))


_UPSERT: Final = _upsert()
_REMOVE_OTHERS: Final = "DELETE FROM tickets WHERE ticket = ? AND rowid <> ?"
_NO_ROW: Final = 0


def is_ticket(stream: str) -> bool:
    return stream.startswith(TICKET)


def ticket_values(entries: Sequence[Entry], history: GuidelinesHistory) -> tuple[Any, ...] | None:
    """The row of a ticket under the seq of its first entry; None before it is opened.

    A ticket whose clocks cannot be computed (an instant beyond the calendars) stays in the queue without a clock: one
    such stream must not stop the others (spec sync.md 3)."""
    ticket = fold(entries)
    if ticket is None:
        return None
    try:
        running = clocks(entries, history)
    except ConsoleError:
        running = ()
    return (entries[0].seq, *msgspec.structs.astuple(queue_row(ticket, running)))


def write(connection: Connection, streams: Iterable[Sequence[Entry]], history: GuidelinesHistory) -> None:
    """Writes the rows of whole streams, new or not: of tickets and of Pro accounts; the others have none."""
    rows: list[tuple[Any, ...]] = []
    for entries in streams:
        stream = entries[0].stream
        if is_ticket(stream):
            row = ticket_values(entries, history)
            if row is not None:
                rows.append(row)
        elif pro_rows.is_pro(stream):
            pro_rows.write_account(connection, stream, entries)
    if rows:
        connection.exec_driver_sql(_UPSERT, rows)


def rewrite(connection: Connection, streams: Mapping[str, Sequence[Entry]], history: GuidelinesHistory) -> None:
    """Writes the rows of whole streams that may have lost entries or moved to another rowid; those of a stream without
    entries go."""
    rows: list[tuple[Any, ...]] = []
    places: list[tuple[str, int]] = []
    for stream, entries in streams.items():
        if is_ticket(stream):
            row = ticket_values(entries, history)
            if row is not None:
                rows.append(row)
            places.append((stream.removeprefix(TICKET), _NO_ROW if row is None else row[0]))
        elif pro_rows.is_pro(stream):
            pro_rows.write_account(connection, stream, entries)
    if places:
        connection.exec_driver_sql(_REMOVE_OTHERS, places)
    if rows:
        connection.exec_driver_sql(_UPSERT, rows)


def rebuild(connection: Connection, history: GuidelinesHistory, *, progress: Progress | None) -> None:
    """Empties the read models and makes them anew from the whole view, in bounded memory."""
    connection.execute(schema.tickets.delete())
    pro_rows.empty(connection)
    search.empty(connection)
    meta = entry_rows.read_meta(connection)
    if meta.connected:
        search.leave_no_trace(connection)
    of = _count(connection, meta)
    done = 0
    batch: list[list[Entry]] = []
    for _, entries in view.all_streams(view.within(connection)):
        done += len(entries)
        batch.append(entries)
        if len(batch) >= _BATCH:
            _write(connection, batch, history)
            batch.clear()
            if progress is not None:
                progress(done, max(done, of))
    _write(connection, batch, history)
    if progress is not None:
        progress(done, done)


def _write(connection: Connection, batch: Sequence[Sequence[Entry]], history: GuidelinesHistory) -> None:
    write(connection, batch, history)
    search.index(connection, batch)


def _count(connection: Connection, meta: entry_rows.Meta) -> int:
    """About how many entries the view has; a log without a hub has no gaps."""
    if not meta.connected:
        return meta.seq
    counted: int = connection.exec_driver_sql("SELECT count(*) FROM entries").scalar_one()
    return counted
