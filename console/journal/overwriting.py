"""Overwrites the words that redactions take away, and remembers that the file has yet to forget them.

Source: spec sync.md 2 (REDACT). The envelope and the hash stay, so the chain does. What SQLite leaves of an overwritten
text (moved cells of a page, frames of the write-ahead log) goes when the file is swept: `PRAGMA user_version` says in
the same transaction that this is due, and `Database.sweep_if_due` does it afterwards. Called by `append` and
`replica_changes`, inside their transactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from console.domain.events import Entry, EntryRedacted, decode_payload
from console.domain.redaction import redacted_payload
from console.journal import search
from console.journal.database import SWEEP_IS_DUE

Target = tuple[str, str]
"""The id of an entry, and the stream that it is in."""


def targets(entries: Iterable[Entry]) -> list[Target]:
    """What some entries redact, each in its own stream."""
    return [
        (entry.event.entry, entry.stream) for entry in entries if type(entry.event) is EntryRedacted and entry.applied
    ]


def overwrite(connection: Connection, redacted: Iterable[Target]) -> bool:
    """The words of entries go, in the log and in own copies; whether there were any. The search index and the read
    models follow when their streams are written."""
    went = False
    for target in redacted:
        for table in ("entries", "own_entries"):
            asked = f"SELECT type, ver, payload FROM {table} WHERE id = ? AND stream = ?"
            row = connection.exec_driver_sql(asked, target).first()
            if row is None:
                continue
            without = redacted_payload(decode_payload(row[0], row[2], row[1]))
            if without is not None and without != row[2]:
                connection.exec_driver_sql(f"UPDATE {table} SET payload = ? WHERE id = ?", (without, target[0]))
                went = True
    if went:
        search.leave_no_trace(connection)
        ask_for_sweep(connection)
    return went


def ask_for_sweep(connection: Connection) -> None:
    """Remembers, once this transaction is committed, that the file may hold traces of words that went."""
    connection.exec_driver_sql(f"PRAGMA user_version = {SWEEP_IS_DUE}")


def without_words(streams: Mapping[str, Sequence[Entry]]) -> dict[str, Sequence[Entry]]:
    """Whole streams as they are read once their own redactions were obeyed."""
    return {stream: _obeyed(entries) for stream, entries in streams.items()}


def _obeyed(entries: Sequence[Entry]) -> Sequence[Entry]:
    gone = {entry_id for entry_id, _ in targets(entries)}
    return [_redacted(entry) if entry.id in gone else entry for entry in entries] if gone else entries


def _redacted(entry: Entry) -> Entry:
    payload = redacted_payload(entry.event)
    if payload is None:
        return entry
    return replace(entry, payload=payload, event=decode_payload(entry.event.type, payload, entry.ver))
