"""What the sync settled without a person, as sentences for the drawer, kept as long as own entries are.

Called by `replica_changes` and `own_store` inside their transactions. Instants are epoch ms, UTC.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from console.journal import schema
from console.journal.own_rows import KEPT_MS

_s = schema.settled.c


def settle(connection: Connection, sentence: str, at: int) -> None:
    connection.execute(schema.settled.delete().where(_s.at < at - KEPT_MS))
    connection.execute(insert(schema.settled), {"text": sentence, "at": at})


def since(connection: Connection, at: int) -> list[tuple[int, str]]:
    """Instants and sentences from an instant on, the latest first."""
    rows = connection.execute(select(_s.at, _s.text).where(_s.at >= at).order_by(_s.at.desc(), _s.id.desc()))
    return [(row[0], row[1]) for row in rows]


def entries_were(count: int) -> str:
    return "1 entry was" if count == 1 else f"{count:,} entries were"
