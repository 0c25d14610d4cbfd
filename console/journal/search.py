"""Full-text search over subjects and messages (FTS5), under the seq of the entry that holds the text.

What people type is data: every word is quoted before SQLite sees it, so that no operator, quote or stray character
raises. Diacritics and case do not matter; the last word matches as a beginning. Called by `append` and `read_models`
to write, by `store` to ask.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import unescape
from typing import Any, Final

from sqlalchemy import Connection

from console.domain import events as ev
from console.domain.events import Entry, Event
from console.domain.search import SearchHit
from console.journal import schema

MARK_START: Final = "\u2039"
MARK_END: Final = "\u203a"
"""Around each match in a snippet, as `SearchHit` says."""

_SNIPPET_TOKENS: Final = 16
_MOST_WORDS: Final = 32
_TAG: Final = re.compile(r"<(/?)([a-zA-Z0-9]*)[^<>]*>")
_SILENT: Final = frozenset({"script", "style", "title"})
_PARTS: Final = re.compile(r'"([^"]*)"|([^\s"]+)')

_INSERT: Final = "INSERT INTO search (rowid, subject, body) VALUES (?, ?, ?)"
_REMOVE: Final = "DELETE FROM search WHERE rowid = (SELECT seq FROM entries WHERE id = ? AND stream = ?)"
_RANKED: Final = (
    "SELECT search.rowid, entries.stream FROM search JOIN entries ON entries.seq = search.rowid "
    "WHERE search MATCH ? ORDER BY search.rank"
)
_SNIPPET: Final = (
    "SELECT snippet(search, -1, ?, ?, '\u2026', ?), tickets.ticket, tickets.number, tickets.external_ref, "
    "tickets.subject, entries.counts_at FROM search JOIN entries ON entries.seq = search.rowid "
    "JOIN tickets ON tickets.ticket = ? WHERE search MATCH ? AND search.rowid = ?"
)


def plain(body: str, format: str) -> str:
    """The words of a message; of an HTML one without tags, comments, scripts and styles. In linear time, and never
    raises, whatever a stranger sent: that is why it is not `html.parser`."""
    if format != "html":
        return body
    first, *others = body.split("<!--")
    visible = first + "".join(part.partition("-->")[2] if "-->" in part else part for part in others)
    words: list[str] = []
    silent, place = "", 0
    for tag in _TAG.finditer(visible):
        if not silent:
            words.append(visible[place : tag.start()])
        place = tag.end()
        name = tag[2].lower()
        if not silent and not tag[1] and name in _SILENT:
            silent = name
        elif tag[1] and name == silent:
            silent = ""
    if not silent:
        words.append(visible[place:])
    return " ".join(unescape(" ".join(words)).split())


def _subject(event: Any) -> tuple[str, str]:
    return event.subject, ""


def _message(event: Any) -> tuple[str, str]:
    return "", plain(event.body, event.format)


def _summary(event: Any) -> tuple[str, str]:
    return "", event.summary


_WORDS: Final[dict[type[Event], Callable[[Any], tuple[str, str]]]] = {
    ev.TicketOpened: _subject,
    ev.SubjectSet: _subject,
    ev.MessageReceived: _message,
    ev.MessageSent: _message,
    ev.CallLogged: _summary,
}
"""Subject and body of the events that hold words of people."""


def index(connection: Connection, streams: Iterable[Sequence[Entry]]) -> None:
    """Adds the words of new entries, given by stream. An entry that its own stream redacts leaves the index; void
    ones never enter it."""
    added: list[tuple[int, str, str]] = []
    removed: list[tuple[str, str]] = []
    for entries in streams:
        texts: dict[str, tuple[int, str, str]] = {}
        for entry in entries:
            if type(entry.event) is ev.EntryRedacted and entry.applied:
                if texts.pop(entry.event.entry, None) is None:
                    removed.append((entry.event.entry, entry.stream))
            elif type(entry.event) in _WORDS and entry.applied:
                subject, body = _WORDS[type(entry.event)](entry.event)
                if subject or body:
                    texts[entry.id] = (entry.seq, _bindable(subject), _bindable(body))
        added += texts.values()
    if added:
        connection.exec_driver_sql(_INSERT, added)
    if removed:
        connection.exec_driver_sql(_REMOVE, removed)


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


def search(connection: Connection, words: str, limit: int) -> list[SearchHit]:
    """The tickets that hold all the words in one subject or one message, best first, each by its best match."""
    expression = query(words)
    if expression is None or limit <= 0:
        return []
    best: dict[str, int] = {}
    ranked = connection.exec_driver_sql(_RANKED, (expression,))
    for seq, stream in ranked:
        best.setdefault(stream, seq)
        if len(best) >= limit:
            break
    ranked.close()
    hits: list[SearchHit] = []
    for stream, seq in best.items():
        asked = (MARK_START, MARK_END, _SNIPPET_TOKENS, stream.partition(":")[2], expression, seq)
        row = connection.exec_driver_sql(_SNIPPET, asked).first()
        if row is not None:
            hits.append(
                SearchHit(snippet=row[0], ticket=row[1], number=row[2], external_ref=row[3], subject=row[4], at=row[5])
            )
    return hits
