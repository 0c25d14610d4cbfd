"""Search over the subjects, messages and calls that a person sees, of all tickets, however old. Called by `log`.

The index gives the newest matches, ranked; snippets are cut here from the entries themselves, so that no text is stored
twice and a redacted one is gone at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from console.domain import events as ev
from console.domain.events import Entry
from console.domain.plain_text import words_of
from console.domain.search import SearchHit
from console.hub.database import PgConnection
from console.hub.entry_rows import COLUMNS, entry_of
from console.hub.reading import begin
from console.hub.search_words import folded, query
from console.hub.sight import SEES, sight

MARK_START: Final = "\u2039"
MARK_END: Final = "\u203a"
"""Around each match in a snippet, as `SearchHit` says."""
MOST_HITS: Final = 200
_MOST_RANKED: Final = 2_000
_SNIPPET_WORDS: Final = 16
_WORD: Final = re.compile(r"[^\W_]+")
_ASKED: Final = re.compile(r"'([^']*)'(:\*)?")

_MATCHES: Final = f"""
    WITH newest AS (
        SELECT seq, stream, number, ts_rank(words, asked) AS rank
        FROM to_tsquery('simple', %(query)s) AS asked, search JOIN streams USING (stream)
        WHERE words @@ asked AND {SEES} ORDER BY seq DESC LIMIT {_MOST_RANKED}
    ), best AS (SELECT DISTINCT ON (stream) * FROM newest ORDER BY stream, rank DESC, seq DESC)
    SELECT stream, number, seq FROM best ORDER BY rank DESC, seq DESC LIMIT %(limit)s""".encode()
_TEXTS: Final = f"SELECT {COLUMNS} FROM entries WHERE seq = ANY(%s)".encode()
_SUBJECTS: Final = f"""
    SELECT {COLUMNS} FROM entries WHERE stream = ANY(%s) AND type IN ('ticket.opened', 'ticket.subject_set')
    AND effect = 'applied' ORDER BY seq""".encode()


class _Told(msgspec.Struct):
    subject: str = ""
    external_ref: str | None = None


def search(connection: PgConnection, person: str, words: str, limit: int) -> list[SearchHit]:
    at = begin(connection, person)
    expression = query(words)
    if expression is None or limit <= 0:
        return []
    asked = {**sight(at.scopes).asked, "query": expression, "limit": min(limit, MOST_HITS)}
    best = connection.execute(_MATCHES, asked, binary=True).fetchall()
    texts = connection.execute(_TEXTS, ([seq for _, _, seq in best],), binary=True)
    matched = {entry.stream: entry for entry in map(entry_of, texts)}
    openings = connection.execute(_SUBJECTS, ([stream for stream, _, _ in best],), binary=True)
    told = _told(map(entry_of, openings))
    hits: list[SearchHit] = []
    for stream, number, _ in best:
        entry, ticket = matched[stream], told.get(stream, _Told())
        text = " ".join(words_of(entry.event) or ())
        hits.append(
            SearchHit(
                ticket=stream.partition(":")[2],
                number=number,
                external_ref=ticket.external_ref,
                subject=ticket.subject,
                snippet=snippet(text, expression),
                at=entry.counts_at,
            )
        )
    return hits


def _told(entries: Iterable[Entry]) -> dict[str, _Told]:
    told: dict[str, _Told] = {}
    for entry in entries:
        ticket = told.setdefault(entry.stream, _Told())
        match entry.event:
            case ev.TicketOpened(subject=subject, external_ref=external_ref):
                ticket.subject = subject
                ticket.external_ref = ticket.external_ref or external_ref
            case ev.SubjectSet(subject=subject):
                ticket.subject = subject
    return told


def snippet(text: str, expression: str) -> str:
    """The words around the first match, each match marked, with an ellipsis where text was left out."""
    exact: set[str] = set()
    beginnings: tuple[str, ...] = ()
    for phrase, open_ended in _ASKED.findall(expression):
        *others, last = phrase.split()
        exact.update(others if open_ended else [*others, last])
        beginnings += (last,) if open_ended else ()
    spans = [(found.start(), found.end()) for found in _WORD.finditer(text)]
    matches = [
        bool(exact.intersection(parts) or any(part.startswith(beginnings) for part in parts))
        for parts in (folded(text[start:end]).split() for start, end in spans)
    ]
    first = max(0, (matches.index(True) if True in matches else 0) - _SNIPPET_WORDS // 4)
    shown = range(first, min(len(spans), first + _SNIPPET_WORDS))
    said, place = ("\u2026" if first else ""), (spans[first][0] if spans else 0)
    for at in shown:
        start, end = spans[at]
        said += text[place:start]
        said += f"{MARK_START}{text[start:end]}{MARK_END}" if matches[at] else text[start:end]
        place = end
    rest = text[place:]
    return " ".join((said + ("\u2026" if shown and shown[-1] + 1 < len(spans) else rest)).split())
