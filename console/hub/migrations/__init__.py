"""The schema of the hub's database: in which state it is, and how it becomes current. Only that needs Alembic.

Called by `hub migrate`, by `backup`, and by the service at its start, which only looks. A migration is one transaction
under an advisory lock: two at once are one after the other, and a broken one leaves nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL

from console.hub import schema
from console.hub.database import owner_engine, transaction
from console.hub.errors import HubNotReady
from console.hub.roles import grant_service, refuse_unsafe

REVISIONS: Final = ("0001", "0002", "0003")
"""All that this program knows, oldest first; the last is current."""
CURRENT: Final = REVISIONS[-1]
_VERSION: Final = "alembic_version"
_LOCK: Final = 0x5C_0C_0C
"""The advisory lock of migrations and restores, in this database."""

State = Literal["empty", "current", "older", "newer", "half-migrated"]

_SENTENCES: Final[dict[State, str]] = {
    "empty": "The database is empty; run support-console hub migrate first.",
    "older": "The database was made by an older version; run support-console hub migrate first.",
    "newer": "The database was made by a newer version of the program; update the program.",
    "half-migrated": "The database is only partly there; restore it from a backup, or give an empty one.",
}


def state(connection: Connection) -> State:
    """How the schema stands to this program. `half-migrated` is what no migration of ours leaves: tables without a
    version, or a version without its tables."""
    there = set(inspect(connection).get_table_names())
    ours = {table.name for table in schema.TABLES}
    if _VERSION not in there:
        return "half-migrated" if there & ours else "empty"
    versions = connection.scalars(text(f"SELECT version_num FROM {_VERSION}")).all()
    if len(versions) != 1:
        return "half-migrated" if versions or there & ours else "empty"
    if versions[0] not in REVISIONS:
        return "newer"
    if versions[0] != CURRENT:
        return "older"
    return "current" if ours <= there and _has_its_rows(connection) else "half-migrated"


def _has_its_rows(connection: Connection) -> bool:
    rows = "SELECT (SELECT count(*) FROM head) = 1 AND (SELECT count(*) FROM membership) = 1"
    return bool(connection.scalar(text(rows + " AND to_regproc('redact_entry') IS NOT NULL")))


def refuse_unless_ready(engine: Engine) -> None:
    """What the service asks at its start: the schema is current, and its own rights and the server's settings are
    safe. Errors: HubNotReady with what to do; HubUnavailable."""
    refuse_unless_current(engine)
    with transaction(engine) as connection:
        refuse_unsafe(connection)


def refuse_unless_current(engine: Engine) -> None:
    """Errors: HubNotReady with what to do; HubUnavailable."""
    with transaction(engine) as connection:
        found = state(connection)
        if found != "current":
            raise HubNotReady(_SENTENCES[found])


def migrate(url: str | URL) -> State:
    """Makes the database of an owner's URL current, and says what it was. Errors: HubNotReady where it is newer or half
    migrated, HubError where the user may not make the service's role, HubUnavailable."""
    engine = owner_engine(url)
    try:
        with transaction(engine) as connection:
            lock(connection)
            was = state(connection)
            if was in ("newer", "half-migrated"):
                raise HubNotReady(_SENTENCES[was])
            upgrade(connection)
            grant_service(connection)
            return was
    finally:
        engine.dispose()


def migrate_unless_current(url: str | URL) -> None:
    """What a command does first on the hub's own database, which a hub that starts may be making just now: waits for
    that. Errors: as `migrate`."""
    engine = owner_engine(url)
    try:
        with transaction(engine) as connection:
            lock(connection)
            is_current = state(connection) == "current"
    finally:
        engine.dispose()
    if not is_current:
        migrate(url)


def lock(connection: Connection) -> None:
    """Waits for other migrations and restores; held until the end of the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def upgrade(connection: Connection, revision: str = CURRENT) -> None:
    """Brings the schema to a revision inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
