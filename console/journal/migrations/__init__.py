"""Alembic migrations, run from the program. Imported only for a file at an older revision: Alembic is slow to load."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from console.journal import schema
from console.journal.file_marks import REVISION


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file; the connection goes to `env`."""
    made = Config()
    made.set_main_option("script_location", "console.journal:migrations")
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection) -> None:
    """Brings a file to this program's revision inside the caller's transaction."""
    command.upgrade(config(connection), REVISION)
    schema.mark_as_ours(connection)
