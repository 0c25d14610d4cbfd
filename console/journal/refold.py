"""Brings the read models and the search of some streams up to the view, after entries came, went or moved in it.

Source: spec sync.md 2, ARCHITECTURE.md ("a stream with a new confirmed entry is folded anew: that is the whole of
conflict handling"). Called inside the transactions of `replica_changes`,
`replica_store` and `own_store`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from heapq import merge
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, text

from console.domain.guidelines import GuidelinesHistory
from console.journal import read_models, search, view

_BATCH: Final = 500
STEP_ENTRIES: Final = 2_000
"""About so many entries are folded in one step of many: a tenth of a second that others wait."""
_COUNTED: Final = (
    "SELECT stream, count(*) FROM {table} WHERE stream > :after GROUP BY stream ORDER BY stream LIMIT :most"
)
_CONFIRMED: Final = text(_COUNTED.format(table="entries"))
_OWN: Final = text(_COUNTED.format(table="own_entries"))


def refold(connection: Connection, history: GuidelinesHistory, streams: Collection[str]) -> None:
    """Folds whole streams anew; one that has no entries any more leaves no row behind."""
    ordered = sorted(streams)
    for first in range(0, len(ordered), _BATCH):
        whole = view.entries_of_streams(connection, ordered[first : first + _BATCH], hub=True)
        read_models.rewrite(connection, whole, history)
        search.refresh(connection, whole)


def refold_next(connection: Connection, history: GuidelinesHistory, after: str) -> str | None:
    """Folds the streams that come next by name, of about `STEP_ENTRIES` entries, and gives the last one's; None where
    no more come. Also a stream of which only own entries are left that do not show any more."""
    streams: list[str] = []
    held = 0
    for stream, count in _counted(connection, after):
        if held >= STEP_ENTRIES:
            break
        streams.append(stream)
        held += count
    refold(connection, history, streams)
    return streams[-1] if held >= STEP_ENTRIES else None


def _counted(connection: Connection, after: str) -> Iterator[tuple[str, int]]:
    """The streams behind one by name, with how many entries each has."""
    asked = {"after": after, "most": STEP_ENTRIES}
    found = merge(*([(row[0], row[1]) for row in connection.execute(asking, asked)] for asking in (_CONFIRMED, _OWN)))
    for stream, counts in groupby(found, key=lambda each: each[0]):
        yield stream, sum(count for _, count in counts)
