"""Connections to the hub's database: as the service, which may only append, or as the owner of the tables.

SQLAlchemy keeps the pool; the hot paths take the psycopg connection from it, for its pipelines and COPY. Called by
every file of the storage half. A database that is away is a `HubUnavailable` here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import URL, make_url

from console.hub.errors import HubError, HubUnavailable

AWAY: Final = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,
)
"""What a database looks like that goes down, is overrun, or was cut off. Whether a commit happened is then unknown."""
SERVICE_ROLE: Final = "support_console_service"
"""What the hub acts as, whoever it signs in as (`roles`)."""
_CONNECT_S: Final = 5
_LOCK_MS: Final = 15_000
_LOCAL_BYTES: Final = 64 * 1024
"""Fits into the send buffer of a Unix socket (208 KiB)."""
_REMOTE_BYTES: Final = 12 * 1024
"""Fits into the send buffer of a TCP connection that was just opened (16 KiB)."""
_IDLE_MS: Final = 60_000
"""A process that stops in the middle of a transaction loses it, so that the head row is free again."""

PgConnection = psycopg.Connection[tuple[Any, ...]]


def service_engine(url: str | URL, *, pool_size: int = 13) -> Engine:
    """An engine for the running hub: at most twice `pool_size` connections, each with the rights of SERVICE_ROLE."""
    return _engine(url, pool_size, f"-c role={SERVICE_ROLE} -c lock_timeout={_LOCK_MS}")


def owner_engine(url: str | URL) -> Engine:
    """An engine for migrations, backup, restore and verification, with the rights that the URL's user has."""
    return _engine(url, 1, "")


def _engine(url: str | URL, pool_size: int, options: str) -> Engine:
    asked = _psycopg_url(url)
    options = f"{options} -c idle_in_transaction_session_timeout={_IDLE_MS}".strip()
    engine = create_engine(
        asked,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=_CONNECT_S,
        connect_args={
            "options": options,
            "connect_timeout": _CONNECT_S,
            "target_session_attrs": "read-write",
            "application_name": "support-console hub",
        },
    )
    event.listen(engine, "checkout", _refuse_a_lost_one)
    return engine


def _psycopg_url(url: str | URL) -> URL:
    try:
        asked = make_url(url)
    except exc.ArgumentError:
        raise HubError("This is not the URL of a database; write postgresql://user@host/name.") from None
    if asked.get_backend_name() not in ("postgresql", "postgres"):
        raise HubError("The hub needs a PostgreSQL database; write postgresql://user@host/name.")
    return asked.set(drivername="postgresql+psycopg")


def _refuse_a_lost_one(connection: Any, record: object, proxy: object) -> None:
    """Has the pool open another connection where the server ended this one meanwhile. Asks the socket, not the server:
    the first look may read its farewell, the second then meets the end."""
    try:
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()
    except psycopg.Error:
        raise exc.DisconnectionError from None


def unavailable() -> HubUnavailable:
    return HubUnavailable("The database of the hub is away or too busy; nothing is lost, try again soon.")


@contextmanager
def pg_connection(engine: Engine) -> Iterator[PgConnection]:
    """A psycopg connection from the pool, in a transaction that begins with the first statement. The caller commits;
    what is not committed is rolled back. Errors: HubUnavailable."""
    try:
        pooled = engine.raw_connection()
    except AWAY as error:
        raise unavailable() from error
    try:
        connection: PgConnection = pooled.driver_connection  # type: ignore[assignment]
        yield connection
    except AWAY as error:
        pooled.invalidate()
        raise unavailable() from error
    finally:
        pooled.close()


@contextmanager
def pg_question(engine: Engine) -> Iterator[PgConnection]:
    """A psycopg connection for single statements, each a transaction of its own: one trip to the server, not three.
    Errors: HubUnavailable."""
    with pg_connection(engine) as connection:
        connection.autocommit = True
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.autocommit = False


def pipelined(connection: PgConnection, sent: int) -> AbstractContextManager[object]:
    """Sends the statements inside without waiting for each answer, where their parameters weigh so little (`sent`,
    bytes) that the socket takes all of it at once; else one by one.

    WORKAROUND for psycopg (3.3.9): a pipeline does not go on sending while it waits for answers, so what the socket did
    not take at once stays here, and both sides wait for each other.
    """
    most = _LOCAL_BYTES if connection.info.host.startswith("/") else _REMOTE_BYTES
    return connection.pipeline() if sent <= most else nullcontext()


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A SQLAlchemy connection whose transaction is committed at the end. Errors: HubUnavailable."""
    try:
        with engine.begin() as connection:
            yield connection
    except AWAY as error:
        raise unavailable() from error
