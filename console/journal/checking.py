"""What is wrong with a log that SQLite can read: gaps, a broken chain, content that is not what its hash says.

Without a hub the log is whole, so its chain proves it. Of a hub's log only some entries are here: each is compared with
its own hash, and the sync compares the checksum of all with the hub's. Called by `store` and `salvage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from console.domain.events import Entry, Offered, content_hash, event_type
from console.domain.redaction import is_redacted
from console.domain.stamp import GENESIS, chain_is_whole
from console.journal import entry_rows, schema
from console.journal.database import Database
from console.journal.errors import JournalError

_COUNTED: Final = "SELECT state, count(*) FROM own_entries GROUP BY state ORDER BY state"
_KEPT: Final = "SELECT state, entries FROM own_counts WHERE entries <> 0 ORDER BY state"


def unreadable(database: Database) -> list[str]:
    """What SQLite does not look at: text that is none, and values of another kind than their column has. Reads all of
    it; the first problem as a sentence, empty when there is none."""
    for table in schema.metadata.sorted_tables:
        kinds = [(column.type.python_type, column.nullable) for column in table.c]
        try:
            with database.read() as connection:
                for row in connection.execute(table.select()):
                    if not all(
                        isinstance(v, kind) or (v is None and may) for v, (kind, may) in zip(row, kinds, strict=True)
                    ):
                        return [f"The table {table.name} holds a value that was never written."]
        except (JournalError, UnicodeDecodeError):
            return [f"The table {table.name} cannot be read to its end."]
    return []


def problems_of_log(database: Database) -> list[str]:
    """As sentences; empty when the log is sound. Reads all of it."""
    with database.read() as connection:
        meta = entry_rows.read_meta(connection)
        counted, kept = (connection.exec_driver_sql(asked).fetchall() for asked in (_COUNTED, _KEPT))
        if counted != kept:
            return ["The counts of what waits for the hub are not those of what is there."]
    pages = _pages(database)
    return _problems_with_hub(meta, pages) if meta.connected else _problems_of_chain(meta, pages)


def _pages(database: Database) -> Iterator[list[Entry]]:
    seq = 0
    while True:
        with database.read() as connection:
            page = entry_rows.page_by_seq(connection, seq)
        if not page:
            return
        yield page
        seq = page[-1].seq


def _problems_of_chain(meta: entry_rows.Meta, pages: Iterable[list[Entry]]) -> list[str]:
    seq, chain = 0, GENESIS
    for page in pages:
        if [entry.seq for entry in page] != list(range(seq + 1, seq + 1 + len(page))):
            return [f"The log has a gap after entry {seq}."]
        if not chain_is_whole(chain, page):
            return [f"The chain of the log breaks between entries {seq + 1} and {page[-1].seq}."]
        seq, chain = page[-1].seq, page[-1].chain
    if (meta.seq, meta.chain) != (seq, chain):
        return [f"The log ends at entry {seq}, its head says {meta.seq}."]
    return []


def _problems_with_hub(meta: entry_rows.Meta, pages: Iterable[list[Entry]]) -> list[str]:
    last = 0
    for page in pages:
        for entry in page:
            if not is_itself(entry):
                return [f"Entry {entry.seq} is not what was recorded."]
        last = page[-1].seq
    return [f"The log goes on to entry {last}, its head says {meta.seq}."] if last > meta.seq else []


def is_itself(entry: Entry | Offered) -> bool:
    """Whether an entry's content is what its hash says. One whose text was redacted keeps the hash of what it was."""
    return content_of(entry) == entry.hash or is_redacted(entry.event)


def content_of(entry: Entry | Offered) -> bytes:
    """The hash of an entry's content as it is."""
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
