"""Full-text search over subjects and messages (FTS5), under the seq of the entry that holds the text.

What people type is data: every word is quoted before SQLite sees it, so that no operator, quote or stray character
raises. Diacritics and case do not matter; the last word matches as a beginning. Called by `append`, `read_models` and
`refold` to write, by `store` to ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from console.domain import events as ev
from console.domain.events import PENDING_SEQ, Entry
from console.domain.plain_text import words_of
from console.domain.search import SearchHit
from console.journal import schema

MARK_START: Final = "\u2039"
MARK_END: Final = "\u203a"
"""Around each match in a snippet, as `SearchHit` says."""

_SNIPPET_TOKENS: Final = 16
_MOST_WORDS: Final = 32
_PARTS: Final = re.compile(r'"([^"]*)"|([^\s"]+)')

_INSERT: Final = "INSERT INTO search (rowid, subject, body) VALUES (?, ?, ?)"
_REMOVE: Final = (
    "DELETE FROM search WHERE rowid IN (SELECT seq FROM entries WHERE id = ?1 AND stream = ?2 "
    f"UNION ALL SELECT place + {PENDING_SEQ} FROM own_entries WHERE id = ?1 AND stream = ?2)"
)
_REMOVE_ROW: Final = "DELETE FROM search WHERE rowid = ?"
_PRESENT: Final = (
    "SELECT rowid FROM search WHERE rowid IN (SELECT value FROM json_each(?1) UNION ALL "
    f"SELECT place + {PENDING_SEQ} FROM own_entries WHERE stream IN (SELECT value FROM json_each(?2)))"
)
_RANKED: Final = (
    "SELECT search.rowid, entries.stream FROM search JOIN entries ON entries.seq = search.rowid "
    "WHERE search MATCH ? ORDER BY search.rank"
)
_SNIPPET: Final = (
    "SELECT snippet(search, -1, ?, ?, '\u2026', ?), tickets.ticket, tickets.number, tickets.external_ref, "
    "tickets.subject, entries.counts_at FROM search JOIN entries ON entries.seq = search.rowid "
    "JOIN tickets ON tickets.ticket = ? WHERE search MATCH ? AND search.rowid = ?"
)
_OR_OWN: Final = (
    "LEFT JOIN entries ON entries.seq = search.rowid "
    f"LEFT JOIN own_entries ON own_entries.place = search.rowid - {PENDING_SEQ} "
)
"""In place of the join with the entries, where a hub is followed."""
_CONFIRMED: Final = "JOIN entries ON entries.seq = search.rowid "
_RANKED_OR_OWN: Final = _RANKED.replace(_CONFIRMED, _OR_OWN).replace(
    "entries.stream", "coalesce(entries.stream, own_entries.stream)", 1
)
_SNIPPET_OR_OWN: Final = _SNIPPET.replace(_CONFIRMED, _OR_OWN).replace(
    "entries.counts_at", "coalesce(entries.counts_at, own_entries.at)", 1
)


def index(connection: Connection, streams: Iterable[Sequence[Entry]]) -> None:
    """Adds the words of new entries, given by stream. An entry that its own stream redacts leaves the index; void
    ones never enter it."""
    added: list[tuple[int, str, str]] = []
    removed: list[tuple[str, str]] = []
    for entries in streams:
        texts, redacted = _texts(entries)
        added += texts
        removed += [(entry_id, entries[0].stream) for entry_id in redacted]
    if added:
        connection.exec_driver_sql(_INSERT, added)
    if removed:
        connection.exec_driver_sql(_REMOVE, removed)


def _texts(entries: Sequence[Entry]) -> tuple[list[tuple[int, str, str]], list[str]]:
    """The rows of some entries of one stream, and the ids that they redact beyond themselves."""
    texts: dict[str, tuple[int, str, str]] = {}
    redacted: list[str] = []
    for entry in entries:
        if type(entry.event) is ev.EntryRedacted and entry.applied:
            if texts.pop(entry.event.entry, None) is None:
                redacted.append(entry.event.entry)
        elif entry.applied and (words := words_of(entry.event)) is not None:
            subject, body = words
            texts[entry.id] = (entry.seq, _bindable(subject), _bindable(body))
    return list(texts.values()), redacted


def refresh(connection: Connection, streams: Mapping[str, Sequence[Entry]]) -> None:
    """Makes the index hold exactly the words of whole streams, whatever it held of them and of their own entries."""
    wanted = {text[0]: text for entries in streams.values() for text in _texts(entries)[0]}
    seqs = [entry.seq for entries in streams.values() for entry in entries]
    asked = (msgspec.json.encode(seqs).decode(), msgspec.json.encode(list(streams)).decode())
    present = {row[0] for row in connection.exec_driver_sql(_PRESENT, asked)}
    if gone := [(rowid,) for rowid in present - wanted.keys()]:
        connection.exec_driver_sql(_REMOVE_ROW, gone)
    if added := [text for rowid, text in wanted.items() if rowid not in present]:
        connection.exec_driver_sql(_INSERT, added)


def remove_between(connection: Connection, after: int, before: int) -> None:
    """Drops the words of the entries whose seq lies between two."""
    connection.exec_driver_sql("DELETE FROM search WHERE rowid > ? AND rowid < ?", (after, before))


def leave_no_trace(connection: Connection) -> None:
    """From now on words leave the index at once, and not when SQLite merges its parts. Before 3.42 it cannot."""
    version = str(connection.exec_driver_sql("SELECT sqlite_version()").scalar_one())
    if tuple(map(int, version.split("."))) >= (3, 42):
        connection.exec_driver_sql("INSERT INTO search (search, rank) VALUES ('secure-delete', 1)")


def empty(connection: Connection) -> None:
    """Drops the whole index and leaves an empty one: far cheaper than deleting row by row."""
    connection.exec_driver_sql("DROP TABLE search")
    connection.exec_driver_sql(schema.SEARCH_DDL)


def _bindable(words: str) -> str:
    return words.encode("utf-8", "replace").decode()


def query(words: str) -> str | None:
    """The FTS5 expression for what a person typed: all words, in any order; "in quotes" as a phrase; the last word, if
    no space and no quote ends it, as a beginning. None where there is no word to look for."""
    found: list[str] = []
    for match in _PARTS.finditer(_bindable(words).replace("\x00", " ")):
        phrase = match[1] if match[1] is not None else match[2]
        if not any(character.isalnum() for character in phrase):
            continue
        open_ended = match[1] is None and match.end() == len(words)
        found.append(f'"{phrase}"' + ("*" if open_ended else ""))
    return " AND ".join(found[:_MOST_WORDS]) or None


def search(connection: Connection, words: str, limit: int, *, hub: bool = False) -> list[SearchHit]:
    """The tickets that hold all the words in one subject or one message, best first, each by its best match. With `hub`
    own entries that wait are found as well."""
    expression = query(words)
    if expression is None or limit <= 0:
        return []
    best: dict[str, int] = {}
    ranked = connection.exec_driver_sql(_RANKED_OR_OWN if hub else _RANKED, (expression,))
    for seq, stream in ranked:
        best.setdefault(stream, seq)
        if len(best) >= limit:
            break
    ranked.close()
    hits: list[SearchHit] = []
    for stream, seq in best.items():
        asked = (MARK_START, MARK_END, _SNIPPET_TOKENS, stream.partition(":")[2], expression, seq)
        row = connection.exec_driver_sql(_SNIPPET_OR_OWN if hub else _SNIPPET, asked).first()
        if row is not None:
            hits.append(
                SearchHit(snippet=row[0], ticket=row[1], number=row[2], external_ref=row[3], subject=row[4], at=row[5])
            )
    return hits
