"""Half-written replies and notes, kept until they are sent or discarded; a row per ticket and mode.

Called by `store` inside its transactions. Instants are epoch ms.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from console.journal import schema

_d = schema.drafts.c
_new = insert(schema.drafts)
_SAVE: Final = _new.on_conflict_do_update(
    index_elements=["ticket", "mode"], set_={"text": _new.excluded.text, "saved_at": _new.excluded.saved_at}
)


def save(connection: Connection, ticket: str, mode: str, text: str, saved_at: int) -> None:
    """Keeps the text; an empty one is no draft."""
    if text:
        connection.execute(_SAVE, {"ticket": ticket, "mode": mode, "text": text, "saved_at": saved_at})
    else:
        discard(connection, ticket, mode)


def load(connection: Connection, ticket: str) -> dict[str, str]:
    """The texts of a ticket by mode."""
    return {row[0]: row[1] for row in connection.execute(select(_d.mode, _d.text).where(_d.ticket == ticket))}


def discard(connection: Connection, ticket: str, mode: str) -> None:
    connection.execute(schema.drafts.delete().where(_d.ticket == ticket, _d.mode == mode))


def tickets(connection: Connection) -> set[str]:
    """Every ticket with a draft."""
    return set(connection.scalars(select(_d.ticket).distinct()))
