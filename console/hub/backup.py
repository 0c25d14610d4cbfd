"""The whole hub in one file, and back. Works with any PostgreSQL through COPY, without its client programs.

Source: spec sync.md 2 (EPOCH). Called by `support-console hub` with the owner's URL. A backup is one state of the
database, taken beside a working hub. Blobs are files and are not in it.

The file: a first line with its format; one zstd stream; 32 bytes, the SHA-256 of all before. In the stream: a line of
JSON (`_About`), then for each table a line of JSON (`_Table`) and its rows in COPY's text format, in pieces that begin
with their length in 4 bytes and end with an empty one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import msgspec
import zstandard
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.engine import URL

from console.hub import schema
from console.hub.clock import now_ms
from console.hub.database import PgConnection, owner_engine, pg_connection, transaction
from console.hub.errors import HubError
from console.hub.migrations import CURRENT, REVISIONS, lock, refuse_unless_current, state, upgrade
from console.hub.roles import REDACT, grant_service
from console.hub.standing import head

_FORMAT: Final = b"support-console hub backup 1\n"
_DIGEST: Final = 32
_LENGTH: Final = 4
_PIECE: Final = 1 << 20
_LEVEL: Final = 6
_ONE_SNAPSHOT: Final = b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_PATIENCE: Final = b"SET LOCAL idle_in_transaction_session_timeout = 0"

_KEPT_OUT: Final = {
    "tokens": text("SELECT hash, revoked_at FROM tokens WHERE revoked_at IS NOT NULL"),
    "persons": text("SELECT name, role, scopever, created_at, kept_out_at FROM persons WHERE kept_out_at IS NOT NULL"),
    "identities": text("""
        SELECT issuer, subject, person FROM identities JOIN persons ON name = person WHERE kept_out_at IS NOT NULL"""),
}
_KEEP_PERSON_OUT: Final = text("""
    INSERT INTO persons (name, role, scopever, created_at, kept_out_at)
    VALUES (:name, :role, :scopever, :created_at, :kept_out_at)
    ON CONFLICT (name) DO UPDATE SET kept_out_at = excluded.kept_out_at""")
_KEEP_IDENTITY: Final = text(
    "INSERT INTO identities (issuer, subject, person) VALUES (:issuer, :subject, :person) ON CONFLICT DO NOTHING"
)

_encode: Final = msgspec.json.Encoder().encode


class BackupError(HubError):
    """A backup that cannot be written, or cannot be restored here; the database is as it was."""


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds: which hub, up to which entry of which epoch, made when (epoch ms), and how many bytes."""

    hub_id: str
    epoch: int
    seq: int
    made_at: int
    size: int


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What a database is now: the new epoch, which begins behind `fork_seq`."""

    hub_id: str
    epoch: int
    fork_seq: int


class _About(msgspec.Struct, frozen=True, kw_only=True):
    revision: str
    hub_id: str
    epoch: int
    seq: int
    made_at: int
    tables: int


class _Table(msgspec.Struct, frozen=True, kw_only=True):
    table: str
    columns: tuple[str, ...]


def backup(url: str | URL, path: Path, *, clock: Callable[[], int] = now_ms) -> Backup:
    """Writes a file that only its owner can read; it is there in whole or not at all. Errors: BackupError where there
    is a file already or it cannot be written, HubNotReady, HubUnavailable."""
    if path.exists():
        raise BackupError(f"There is a file {path.name} already; give another name.")
    part = path.with_name(f"{path.name}.part")
    engine = owner_engine(url)
    try:
        refuse_unless_current(engine)
        with open(part, "wb", opener=_private) as file:
            about = _write(engine, file, clock())
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        part.rename(path)
        return Backup(hub_id=about.hub_id, epoch=about.epoch, seq=about.seq, made_at=about.made_at, size=size)
    except OSError as error:
        raise BackupError(f"The backup could not be written: {_reason(error)}.") from error
    finally:
        engine.dispose()
        part.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class _Digested:
    """A file whose bytes are digested as they are written."""

    def __init__(self, file: BinaryIO) -> None:
        self.digest = hashlib.sha256()
        self._file = file

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        return self._file.write(content)


def _write(engine: Engine, file: BinaryIO, made_at: int) -> _About:
    digested = _Digested(file)
    digested.write(_FORMAT)
    compressing = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with pg_connection(engine) as connection:
        connection.execute(_ONE_SNAPSHOT)
        connection.execute(_PATIENCE)
        at = head(connection)
        about = _About(
            revision=CURRENT,
            hub_id=at.hub_id,
            epoch=at.epoch,
            seq=at.seq,
            made_at=made_at,
            tables=len(schema.TABLES),
        )
        with compressing.stream_writer(cast(BinaryIO, digested), closefd=False) as stream:
            stream.write(_encode(about) + b"\n")
            for table in schema.TABLES:
                columns = tuple(str(column.name) for column in table.columns)
                stream.write(_encode(_Table(table=str(table.name), columns=columns)) + b"\n")
                for piece in _rows(connection, table.name, columns):
                    stream.write(len(piece).to_bytes(_LENGTH, "big") + piece)
                stream.write(bytes(_LENGTH))
    file.write(digested.digest.digest())
    return about


def _rows(connection: PgConnection, table: str, columns: tuple[str, ...]) -> Iterator[bytes]:
    held = bytearray()
    with connection.cursor() as cursor, cursor.copy(_copy(table, columns, "TO STDOUT")) as copy:
        for row in copy:
            held += row
            if len(held) >= _PIECE:
                yield bytes(held)
                held.clear()
    if held:
        yield bytes(held)


def _copy(table: str, columns: tuple[str, ...], end: str) -> bytes:
    names = ", ".join(f'"{column}"' for column in columns)
    return f'COPY "{table}" ({names}) {end}'.encode()


def restore(url: str | URL, path: Path, *, replace: bool = False, clock: Callable[[], int] = now_ms) -> Restored:
    """Puts a backup into an empty database; with `replace` in the place of what is there. It begins a new epoch behind
    the last entry of the backup, so that workstations offer again what the backup does not have.

    Epochs are numbered by the second of the restore: two restores of one file, on whatever machine, are never the same.
    What was revoked since the backup stays revoked, and whoever was kept out stays out, where the database that is
    replaced knows of it.
    Errors: BackupError, HubError where the service's role cannot be made, HubUnavailable; all of it happens or nothing.
    """
    engine = owner_engine(url)
    try:
        with _reading(path) as content, transaction(engine) as connection:
            about = msgspec.json.decode(content.line(), type=_About)
            if about.revision not in REVISIONS:
                raise BackupError("The backup was made by a newer version of the program; update the program.")
            lock(connection)
            before = _clear(connection, replace=replace)
            upgrade(connection, about.revision)
            _fill(connection, content, about)
            upgrade(connection)
            grant_service(connection)
            now = clock()
            epoch = max(about.epoch + 1, before.epoch + 1, now // 1000)
            _begin_epoch(connection, epoch, now)
            _keep_out(connection, before)
            return Restored(hub_id=about.hub_id, epoch=epoch, fork_seq=about.seq)
    finally:
        engine.dispose()


@contextmanager
def _reading(path: Path) -> Iterator[_Content]:
    """The stream of a backup whose checksum holds."""
    try:
        with path.open("rb") as file:
            if file.readline(len(_FORMAT)) != _FORMAT:
                raise BackupError(f"{path.name} is not a backup of a hub.")
            end = file.seek(-_DIGEST, os.SEEK_END)
            expected = file.read()
            file.seek(0)
            digest = hashlib.sha256()
            while end > 0 and (piece := file.read(min(_PIECE, end))):
                digest.update(piece)
                end -= len(piece)
            if digest.digest() != expected:
                raise BackupError(f"The backup {path.name} is damaged: its checksum is another.")
            file.seek(len(_FORMAT))
            yield _Content(zstandard.ZstdDecompressor().stream_reader(file, closefd=False))
    except (OSError, zstandard.ZstdError, msgspec.DecodeError) as error:
        raise BackupError(f"The backup could not be read: {_reason(error)}.") from error


class _Content:
    """The lines and pieces of a backup's stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = b""

    def line(self) -> bytes:
        while b"\n" not in self._held:
            self._held += self._more(_PIECE)
        line, _, self._held = self._held.partition(b"\n")
        return line

    def exactly(self, count: int) -> bytes:
        while len(self._held) < count:
            self._held += self._more(count - len(self._held))
        taken, self._held = self._held[:count], self._held[count:]
        return taken

    def pieces(self) -> Iterator[bytes]:
        while length := int.from_bytes(self.exactly(_LENGTH), "big"):
            yield self.exactly(length)

    def _more(self, count: int) -> bytes:
        read = self._stream.read(count)
        if not read:
            raise BackupError("The backup ends too early.")
        return read


class _Before(msgspec.Struct, frozen=True, kw_only=True):
    """What a database that is replaced knew and the backup may not: its epoch, whose tokens it had revoked, whom it
    kept out, and as whom they sign in. Rows by column."""

    epoch: int = 0
    tokens: Sequence[Mapping[str, Any]] = ()
    persons: Sequence[Mapping[str, Any]] = ()
    identities: Sequence[Mapping[str, Any]] = ()


def _clear(connection: Connection, *, replace: bool) -> _Before:
    """Takes away what is there, and says what has to be remembered of it."""
    found = state(connection)
    if found == "newer":
        raise BackupError("The database was made by a newer version of the program; update the program.")
    if found not in ("empty", "current") and not replace:
        raise BackupError("The database holds something already; give an empty one, or ask to replace it.")
    before = _Before()
    if found == "current":
        used = "SELECT epoch, seq > 0 OR EXISTS (SELECT FROM persons) FROM head"
        epoch, is_used = connection.execute(text(used)).one()
        if is_used and not replace:
            raise BackupError("There is a log in this database already; give an empty one, or ask to replace it.")
        before = _Before(epoch=epoch, **{name: _rows_of(connection, asked) for name, asked in _KEPT_OUT.items()})
    for table in (*schema.TABLES, "alembic_version"):
        connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    connection.execute(text(f"DROP FUNCTION IF EXISTS {REDACT}"))
    return before


def _rows_of(connection: Connection, asked: TextClause) -> list[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(asked).mappings()]


def _fill(connection: Connection, content: _Content, about: _About) -> None:
    pg: PgConnection = connection.connection.driver_connection  # type: ignore[assignment]
    for _ in range(about.tables):
        table = msgspec.json.decode(content.line(), type=_Table)
        if not _is_ours(table):
            raise BackupError(f"The backup holds a table {table.table} that no hub has.")
        pg.execute(f"DELETE FROM {table.table}".encode())  # the first rows that the migration made
        with pg.cursor() as cursor, cursor.copy(_copy(table.table, table.columns, "FROM STDIN")) as copy:
            for piece in content.pieces():
                copy.write(piece)


def _is_ours(table: _Table) -> bool:
    """Names go into statements, so only names of ours do."""
    known = schema.metadata.tables.get(table.table)
    return known is not None and {column.name for column in known.columns}.issuperset(table.columns)


def _begin_epoch(connection: Connection, epoch: int, now: int) -> None:
    begun = {"epoch": epoch, "now": now}
    connection.execute(text("UPDATE head SET epoch = :epoch, fork_seq = seq"), begun)
    connection.execute(text("INSERT INTO epochs SELECT epoch, fork_seq, :now FROM head"), begun)
    connection.execute(text("UPDATE membership SET changes = changes + 1"))


def _keep_out(connection: Connection, before: _Before) -> None:
    """Whom the database before had kept out or signed out stays so."""
    for token in before.tokens:
        for where in (
            "tokens SET revoked_at = :revoked_at WHERE hash",
            "devices SET revoked_at = :revoked_at WHERE token",
        ):
            connection.execute(text(f"UPDATE {where} = :hash AND revoked_at IS NULL"), token)
    for person in before.persons:
        connection.execute(_KEEP_PERSON_OUT, person)
    for identity in before.identities:
        connection.execute(_KEEP_IDENTITY, identity)
