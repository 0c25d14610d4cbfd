"""Saves what can be read of a damaged database of ours into the fresh one that takes its place.

Source: spec sync.md 3. Without a hub entries are copied in log order, as they were stamped, until one is missing,
unreadable or does not follow from the one before. Entries of a hub's log are kept only if all are whole, and otherwise
left to be loaded again; own entries are always brought over. The damaged file, of whatever revision, is opened
read-only. Called by `store.Journal.open`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Table

from console.domain.entry_row import COLUMNS, WRITTEN, entry_of, offered_of
from console.domain.events import Entry
from console.domain.stamp import GENESIS, chain_is_whole
from console.journal import entry_rows, own_rows, schema
from console.journal.checking import is_itself
from console.journal.driver import Driver
from console.journal.entry_rows import HubSide, Meta

Shape = TypeVar("Shape", bound=msgspec.Struct)
_BATCH: Final = 1_000
_KEPT: Final = (schema.drafts, schema.beats, schema.alerts_raised, schema.settled, schema.dismissed)
_KINDS: Final[dict[str, type]] = {
    **dict.fromkeys(("id", "stream", "type", "device"), str),
    **dict.fromkeys(("ver", "at", "dseq"), int),
    **dict.fromkeys(("payload", "hash"), bytes),
}
"""What a row of `own_entries` must hold to be an entry at all."""
_DAMAGED: Final = "It was damaged on the disk of this workstation; what is left of it is here."
_ROWID: Final = "its rowid"
_ASKED_ONE_BY_ONE: Final = 100_000
"""So many rows behind a broken place are asked for; a rowid far beyond is damage."""
_STAMPED: Final[dict[str, type]] = {
    **_KINDS,
    **dict.fromkeys(("actor", "scope", "effect"), str),
    **dict.fromkeys(("seq", "epoch", "recorded_at", "counts_at"), int),
    "chain": bytes,
}
"""The same of `entries`."""


class Salvaged(NamedTuple):
    """`entries` were copied; the damaged file said that it had `of` (None where it could not tell). `own` is how many
    entries wait here for a hub, None without one; `reload` says that the hub's log has to be loaded again."""

    entries: int
    of: int | None
    own: int | None = None
    reload: bool = False


class _Damaged:
    """A damaged file, as far as it can be read. `broke` says whether the last table could not be read to its end."""

    def __init__(self, file: Any, driver: Driver) -> None:
        self.file = file
        self.driver = driver
        self.broke = False

    def rows(self, table: Table, rest: str = "") -> Iterator[dict[str, Any]]:
        """The rows of a table until the file breaks; columns that its revision does not have are left out."""
        for row in self._numbered(table, rest):
            del row[_ROWID]
            yield row

    def every_row(self, table: Table) -> Iterator[dict[str, Any]]:
        """Each row that can be read, once: up to a broken place, from behind to it, and what lies between such places
        by asking for one row after the other."""
        last = 0
        for row in self._numbered(table, "ORDER BY rowid"):
            last = row.pop(_ROWID)
            yield row
        if not self.broke or not self._columns(table):
            return
        first = last + _ASKED_ONE_BY_ONE
        for row in self._numbered(table, f"WHERE rowid > {last} ORDER BY rowid DESC"):
            first = row.pop(_ROWID)
            yield row
        for rowid in range(last + 1, min(first, last + _ASKED_ONE_BY_ONE)):
            yield from self.rows(table, f"WHERE rowid = {rowid}")

    def _numbered(self, table: Table, rest: str) -> Iterator[dict[str, Any]]:
        self.broke = True
        names = self._columns(table)
        with suppress(self.driver.module.Error, UnicodeDecodeError):
            for row in self.file.execute(f"SELECT rowid, {', '.join(names)} FROM {table.name} {rest}"):
                yield dict(zip((_ROWID, *names), row, strict=True))
            self.broke = False

    def _columns(self, table: Table) -> list[str]:
        """Those of a table that the file has; none where not even that can be read."""
        with suppress(self.driver.module.Error, UnicodeDecodeError):
            there = {row[1] for row in self.file.execute(f"PRAGMA table_info({table.name})")}
            return [column.name for column in table.c if column.name in there]
        return []

    def row_of_meta(self, shape: type[Shape]) -> Shape | None:
        """The one row of `meta` as a shape of `entry_rows`; None where it cannot be read."""
        for row in self.rows(schema.meta):
            with suppress(msgspec.ValidationError):
                return msgspec.convert({name: row[name] for name in shape.__struct_fields__ if name in row}, shape)
        return None

    def entries_by_index(self) -> int | None:
        """How many entries an index has; None where it cannot be read."""
        with suppress(self.driver.module.Error):
            counting = "SELECT count(stream) FROM entries INDEXED BY entries_stream"
            return int(self.file.execute(counting).fetchone()[0])
        return None


def salvage(connection: Connection, damaged: Path, driver: Driver, *, now_ms: int) -> Salvaged:
    """Copies entries, own entries, what the workstation keeps for itself (drafts, beats, alerts raised) and the head
    inside the caller's transaction. Read models are left to a rebuild."""
    database = driver.module.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    with closing(database):
        file = _Damaged(database, driver)
        for table in _KEPT:
            for row in file.every_row(table):
                connection.execute(table.insert().prefix_with("OR IGNORE"), row)
        own = _copy_own(connection, file)
        meta = file.row_of_meta(Meta)
        if meta.connected if meta is not None else own:
            return _of_a_hub(connection, file, meta, now_ms)
        return _without_a_hub(connection, file, meta, now_ms)


# Without a hub


def _without_a_hub(connection: Connection, file: _Damaged, meta: Meta | None, now_ms: int) -> Salvaged:
    count, last = 0, None
    for batch in _batches(_following(_entries(file))):
        entry_rows.insert_entries(connection, batch)
        count, last = count + len(batch), batch[-1]
    entry_rows.write_meta(connection, _head(meta or entry_rows.new_meta(now_ms, ""), connection, last))
    return Salvaged(count, None if meta is None else meta.seq)


def _following(entries: Iterator[Entry]) -> Iterator[Entry]:
    """The entries that follow from one another, from the first on."""
    seq, chain = 0, GENESIS
    for entry in entries:
        if entry.seq != seq + 1 or not is_itself(entry) or not chain_is_whole(chain, [entry]):
            return
        yield entry
        seq, chain = entry.seq, entry.chain


def _head(meta: Meta, connection: Connection, last: Entry | None) -> Meta:
    """The row of `meta` that fits what was copied; numbers and counters that were given are not given again."""
    own = "SELECT max(number), max(dseq) FILTER (WHERE device = ?) FROM entries"
    given = connection.exec_driver_sql(own, (meta.device,)).one()
    return replace(
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


# With a hub


def _of_a_hub(connection: Connection, file: _Damaged, known: Meta | None, now_ms: int) -> Salvaged:
    """The place in the hub's log is kept only where every entry up to it is whole."""
    meta = known or _meta_from_own(connection, now_ms)
    count, whole = 0, known is not None
    for batch in _batches(_entries(file)):
        whole = whole and all(entry.seq <= meta.seq and is_itself(entry) for entry in batch)
        if not whole:
            break
        entry_rows.insert_entries(connection, batch)
        count += len(batch)
    whole = whole and count == file.entries_by_index()
    if not whole:
        connection.execute(schema.entries.delete())
        count = 0
        meta = replace(meta, seq=0, cursor=0, chain=GENESIS, generation=meta.generation + 1)
    place, dseq = connection.exec_driver_sql("SELECT max(place), max(dseq) FROM own_entries").one()
    meta = replace(meta, place=max(meta.place, place or 0), dseq=max(meta.dseq, dseq or 0))
    if not whole:
        own_rows.renew(connection, "1", ())
        meta = replace(meta, dseq=own_rows.number(connection, meta.device, above=meta.dseq))
    entry_rows.write_meta(connection, replace(meta, guidelines="", opened_by=None))
    entry_rows.write_hub_side(connection, file.row_of_meta(HubSide) or HubSide())
    waiting = connection.exec_driver_sql("SELECT count(*) FROM own_entries WHERE state <> 'acked'").scalar_one()
    return Salvaged(count, count if whole else None, waiting, not whole)


def _meta_from_own(connection: Connection, now_ms: int) -> Meta:
    """Where the head is lost: a workspace that meets its hub for the first time, as the device that wrote last."""
    device = connection.exec_driver_sql("SELECT device FROM own_entries ORDER BY place DESC LIMIT 1").scalar_one()
    return replace(entry_rows.new_meta(now_ms, ""), device=device, hub_id="", connected=1)


def _copy_own(connection: Connection, file: _Damaged) -> int:
    """Brings over every own entry that is one, under places of their own where theirs are not; how many."""
    found: dict[str, dict[str, Any]] = {}
    for row in file.every_row(schema.own_entries):
        if _holds(row, _KINDS):
            found.setdefault(row["id"], row)
    taken: set[int] = set()
    highest = max((row["place"] for row in found.values() if isinstance(row.get("place"), int)), default=0)
    for row in sorted(found.values(), key=lambda row: row["dseq"]):
        if not is_itself(offered_of([row.get(name) for name in WRITTEN])):  # the hub would not take another one
            row.update(state="refused", reason=_DAMAGED)
        if row.get("state") not in ("new", "acked", "refused") or (
            row["state"] == "acked" and not isinstance(row.get("ack_seq"), int)
        ):
            row["state"] = "new"
        if not isinstance(row.get("place"), int) or row["place"] in taken:
            highest += 1
            row["place"] = highest
        taken.add(row["place"])
        connection.execute(schema.own_entries.insert(), row)
    return len(found)


# Entries


def _entries(file: _Damaged) -> Iterator[Entry]:
    """In log order, until one cannot be read."""
    for row in file.rows(schema.entries, "ORDER BY seq"):
        if not _holds(row, _STAMPED):
            return
        try:
            yield entry_of([row.get(name, 0) for name in COLUMNS])
        except (TypeError, ValueError, AttributeError):  # a column of another type than was written
            return


def _holds(row: Mapping[str, Any], kinds: Mapping[str, type]) -> bool:
    return all(isinstance(row.get(name), kind) for name, kind in kinds.items())


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch
