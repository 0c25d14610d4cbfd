"""What the running hub may do to its own tables: append to the log, and never change it.

Source: spec sync.md 5. The owner of the tables runs migrations, backup and restore; the
service acts as SERVICE_ROLE, which every login that is a member of it can be (`database.service_engine`). The strictest
set-up gives the service a login of its own that is a member of that role and owns nothing.
Called by `migrations`, `backup` and at the start of the service.
"""

from __future__ import annotations

from typing import Final

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from console.hub.database import SERVICE_ROLE
from console.hub.errors import HubError, HubNotReady

_RIGHTS: Final = {
    "entries": "SELECT, INSERT",
    "refused": "SELECT, INSERT",
    "head": "SELECT, UPDATE (seq, recorded_at, chain, next_number)",
    "epochs": "SELECT",
    "streams": "SELECT, INSERT, UPDATE",
    "search": "SELECT, INSERT",
    "attachments": "SELECT, INSERT",
    "slots": "SELECT, INSERT",
    "uploads": "SELECT, INSERT, UPDATE, DELETE",
    "orphans": "SELECT, DELETE",
    "persons": "SELECT, INSERT, UPDATE",
    "grants": "SELECT, INSERT, DELETE",
    "tokens": "SELECT, INSERT, UPDATE",
    "devices": "SELECT, INSERT, UPDATE",
    "codes": "SELECT, INSERT, UPDATE",
    "identities": "SELECT, INSERT, UPDATE, DELETE",
    "membership": "SELECT, UPDATE",
    "deliveries": "SELECT, INSERT, UPDATE",
    "outcomes": "SELECT, INSERT, UPDATE",
    "intake": "SELECT, INSERT, UPDATE, DELETE",
    "ticket_refs": "SELECT, INSERT, DELETE",
    "log_cursors": "SELECT, INSERT, UPDATE",
    "own_devices": "SELECT, INSERT, UPDATE",
    "alembic_version": "SELECT",
}
REDACT: Final = "redact_entry(text, text, bytea)"


def grant_service(connection: Connection) -> None:
    """Gives SERVICE_ROLE its rights on the tables of this database, and nothing else. Makes the role where it is not
    there yet. Errors: HubError where the user may not make roles, with what an administrator has to run."""
    _make_role(connection)
    place = connection.scalar(text("SELECT quote_ident(current_schema())"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA {place} TO {SERVICE_ROLE}"))
    for table, rights in _RIGHTS.items():
        connection.execute(text(f"REVOKE ALL ON {table} FROM {SERVICE_ROLE}"))
        connection.execute(text(f"GRANT {rights} ON {table} TO {SERVICE_ROLE}"))
    connection.execute(text(f"GRANT EXECUTE ON FUNCTION {REDACT} TO {SERVICE_ROLE}"))


def _make_role(connection: Connection) -> None:
    asked = {"role": SERVICE_ROLE}
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), asked) is None:
        try:
            with connection.begin_nested():
                connection.execute(text(f"CREATE ROLE {SERVICE_ROLE} NOLOGIN"))
        except IntegrityError:
            pass  # another database of the same server was migrated at the same moment
        except ProgrammingError as error:
            raise _ask_an_administrator(error) from error
    if not connection.scalar(text("SELECT pg_has_role(:role, 'MEMBER')"), asked):
        try:
            with connection.begin_nested():
                connection.execute(text(f"GRANT {SERVICE_ROLE} TO CURRENT_USER"))
        except ProgrammingError as error:
            raise _ask_an_administrator(error) from error


def _ask_an_administrator(error: ProgrammingError) -> Exception:
    if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
        return error
    return HubError(
        "The database user may not make roles; have an administrator run "
        f"CREATE ROLE {SERVICE_ROLE} NOLOGIN; GRANT {SERVICE_ROLE} TO the user of the hub; and migrate again."
    )


def refuse_unsafe(connection: Connection) -> None:
    """HubNotReady where the service could change the log, or the server could forget what it has confirmed."""
    role = connection.scalar(text("SELECT current_user"))
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        if connection.scalar(text("SELECT has_table_privilege('entries', :right)"), {"right": right}):
            raise HubNotReady(
                f"The hub would run as the database user {role}, who may {right.lower()} entries of the log; it has to "
                f"run as {SERVICE_ROLE}, or as a login that is a member of it and owns nothing."
            )
    for setting in ("fsync", "synchronous_commit"):
        if connection.scalar(text("SELECT current_setting(:setting)"), {"setting": setting}) == "off":
            raise HubNotReady(f"The database server has {setting} off and could lose what it confirmed; turn it on.")
