"""A look into a journal that needs no mending, before SQLAlchemy is there: it costs no import beyond the driver's.

Source: STYLE 3 (SQLAlchemy takes longer to import than the window to appear). Reads once, in one transaction, on a
connection that cannot write, and closes it. It judges nothing: whatever is not plainly as the last clean end left it,
or cannot be read at this moment, is left to `opening`, which knows what to do and what to say. Called by the desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

from console.domain.queue import QueueRow, View
from console.journal import queue_sql
from console.journal.driver import choose_driver
from console.journal.file_marks import APPLICATION_ID, REVISION, is_in_use, revision_of, suspect_mark
from console.journal.queue_sql import Ask, Order

BUSY_MS: Final = 100
"""So long a look waits for another process; then there is none."""


class Looked(NamedTuple):
    """What was seen, all of one instant. `mine` is the order of the view Mine, `drafted` the ids of tickets with a
    draft, `version` the counter of writes, `pristine` whether no entry was ever written."""

    order: Order
    rows: list[QueueRow]
    counts: dict[View, int]
    mine: Order
    drafted: frozenset[str]
    version: int
    pristine: bool


def look(path: Path, view: View, *, guidelines: str, me: str, now: int, first: int) -> Looked | None:
    """A view of the queue with its first rows, exactly as the open journal would answer; None where only the full
    opening can tell. `guidelines` is the digest that the read models must have, `now` epoch ms."""
    if suspect_mark(path).exists():
        return None
    driver = choose_driver()
    try:
        file = driver.module.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_MS / 1000, isolation_level=None
        )
        with closing(file):
            file.execute("BEGIN")

            def ask(statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
                found: list[Sequence[Any]] = file.execute(statement, values).fetchall()
                return found

            return _look(ask, view, guidelines=guidelines, me=me, now=now, first=first)
    except driver.module.Error:
        return None


def _look(ask: Ask, view: View, *, guidelines: str, me: str, now: int, first: int) -> Looked | None:
    def one(statement: str) -> Sequence[Any] | None:
        return next(iter(ask(statement, {})), None)

    if one("PRAGMA application_id") != (APPLICATION_ID,) or revision_of(one) != REVISION:
        return None
    meta = one("SELECT guidelines, opened_by, changes, seq, read_models_behind FROM meta")
    if meta is None:
        return None
    digest, opened_by, version, seq, behind = meta
    if digest != guidelines or behind or not (opened_by is None or is_in_use(opened_by)):
        return None
    order = queue_sql.order(ask, view, me=me, now=now, limit=None)
    return Looked(
        order=order,
        rows=queue_sql.rows(ask, order[0][:first]),
        counts=queue_sql.counts(ask, me=me, now=now),
        mine=queue_sql.order(ask, View.MINE, me=me, now=now, limit=None),
        drafted=frozenset(ticket for (ticket,) in ask("SELECT DISTINCT ticket FROM drafts", {})),
        version=version,
        pristine=seq == 0 and one("SELECT 1 FROM own_entries LIMIT 1") is None,
    )
