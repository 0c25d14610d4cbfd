"""Saves what can be read of a damaged database of ours into the fresh one that takes its place.

Source: spec sync.md 3. Entries are copied in log order, as they were stamped, until one is missing, unreadable or does
not follow from the one before; the damaged file is opened read-only. Called by `store.Journal.open`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Table

from console.domain.events import Entry, content_hash, event_type
from console.domain.stamp import GENESIS, chain_is_whole
from console.journal import entry_rows, schema
from console.journal.driver import Driver

_BATCH: Final = 1_000


class Salvaged(NamedTuple):
    """`entries` were copied; the damaged file said that it had `of` (None where it could not tell)."""

    entries: int
    of: int | None


def salvage(connection: Connection, damaged: Path, driver: Driver, *, now_ms: int) -> Salvaged:
    """Copies entries, own entries, what the workstation keeps for itself (drafts, beats, alerts raised) and the head
    inside the caller's transaction. Read models are left to a rebuild."""
    database = driver.module.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    with closing(database):
        meta = _meta(database, driver)
        count, last = 0, None
        batch: list[entry_rows.EntryRow] = []
        for entry in _whole_entries(_rows(database, driver, schema.entries, "ORDER BY seq")):
            batch.append(entry_rows.row_of(entry))
            count, last = count + 1, entry
            if len(batch) >= _BATCH:
                entry_rows.insert_entries(connection, batch)
                batch.clear()
        entry_rows.insert_entries(connection, batch)
        for table in (schema.own_entries, schema.drafts, schema.beats, schema.alerts_raised):
            for row in _rows(database, driver, table, ""):
                connection.execute(table.insert().prefix_with("OR IGNORE"), dict(zip(table.c.keys(), row, strict=True)))
    entry_rows.write_meta(connection, _head(meta or entry_rows.new_meta(now_ms, ""), connection, last))
    return Salvaged(count, None if meta is None else meta.seq)


def _meta(database: Any, driver: Driver) -> entry_rows.Meta | None:
    names = entry_rows.Meta.__struct_fields__
    with suppress(driver.module.Error, msgspec.ValidationError):
        row = database.execute(f"SELECT {', '.join(names)} FROM meta").fetchone()
        return None if row is None else msgspec.convert(dict(zip(names, row, strict=True)), entry_rows.Meta)
    return None


def _rows(database: Any, driver: Driver, table: Table, order: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table until the file breaks."""
    with suppress(driver.module.Error, UnicodeDecodeError):
        yield from database.execute(f"SELECT {', '.join(table.c.keys())} FROM {table.name} {order}")


def _whole_entries(rows: Iterator[tuple[Any, ...]]) -> Iterator[Entry]:
    """The entries that follow from one another, from the first on."""
    seq, chain = 0, GENESIS
    for row in rows:
        try:
            entry = entry_rows.entry_of(row)
            whole = entry.seq == seq + 1 and _content(entry) == entry.hash and chain_is_whole(chain, [entry])
        except (TypeError, ValueError, AttributeError):  # a column of another type than was written
            return
        if not whole:
            return
        yield entry
        seq, chain = entry.seq, entry.chain


def _content(entry: Entry) -> bytes:
    return content_hash(
        id=entry.id,
        stream=entry.stream,
        type=event_type(entry.event),
        ver=entry.ver,
        at=entry.at,
        base=entry.base,
        expect=entry.expect,
        act=entry.act,
        payload=entry.payload,
    )


def _head(meta: entry_rows.Meta, connection: Connection, last: Entry | None) -> entry_rows.Meta:
    """The row of `meta` that fits what was copied; numbers and counters that were given are not given again."""
    own = "SELECT max(number), max(dseq) FILTER (WHERE device = ?) FROM entries"
    given = connection.exec_driver_sql(own, (meta.device,)).one()
    return msgspec.structs.replace(
        meta,
        seq=0 if last is None else last.seq,
        cursor=0 if last is None else last.seq,
        chain=GENESIS if last is None else last.chain,
        recorded_at=0 if last is None else last.recorded_at,
        next_number=max(meta.next_number, (given[0] or 0) + 1),
        dseq=max(meta.dseq, given[1] or 0),
        guidelines="",
        opened_by=None,
    )
