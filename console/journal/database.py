"""One SQLite file, opened so that it survives what machines do: pragmas, transactions, errors as sentences.

Source: spec sync.md 3. An SQLite with the WAL-reset bug runs with `journal_mode=TRUNCATE`. One connection writes, and
issues `BEGIN IMMEDIATE` itself; another one reads and cannot write. Knows nothing of entries or tickets. Called by
`opening` and `store`; one thread at a time.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from console.journal.driver import Driver
from console.journal.errors import JournalBusy, JournalError, JournalFull
from console.journal.file_marks import suspect_mark

T = TypeVar("T")

BUSY_MS: Final = 5_000
_CACHE_KIB: Final = {"writer": 32_768, "reader": 16_384}
_JOURNAL_SIZE_LIMIT: Final = 64 * 1024 * 1024

SWEEP_IS_DUE: Final = 1
"""The `user_version` of a file in which words were overwritten that it may still hold traces of; 0 once it is swept."""
_SWEPT: Final = 0

_CORRUPT: Final = 11
_DAMAGED: Final = {_CORRUPT, 26}
_NO_TEXT: Final = "Could not decode to UTF-8"
_IN_USE: Final = "{path} is in use by another process; try again when it has finished."
_WORLD: Final[dict[int, tuple[type[JournalError], str]]] = {
    5: (JournalBusy, _IN_USE),
    6: (JournalBusy, _IN_USE),
    8: (JournalError, "{path} cannot be written; check the permissions of the file and of its folder."),
    10: (JournalError, "{path} could not be read or written ({cause}); check the disk that it is on."),
    11: (JournalError, "{path} is damaged ({cause}); start the program again to save what can be read."),
    13: (JournalFull, "There is no room left to write to {path}; free some space and try again. Nothing is half done."),
    14: (JournalError, "{path} cannot be opened; check that you may read and write its folder."),
    26: (JournalError, "{path} is damaged ({cause}); start the program again to save what can be read."),
}
"""What the world does to a file, by SQLite's primary result code. Every other error is a mistake of ours."""


class UnknownOutcome(Exception):
    """COMMIT raised: the transaction may have happened. `error` is what to say if it did not."""

    def __init__(self, error: JournalError) -> None:
        super().__init__(str(error))
        self.error = error


def error_code(error: Exception) -> int:
    """SQLite's primary result code, 0 where the driver does not tell. Text that is none is damage: SQLite does not look
    at what it stores."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, UnicodeDecodeError) or str(cause).startswith(_NO_TEXT):
        return _CORRUPT
    return int(getattr(cause, "sqlite_errorcode", 0)) & 0xFF


def is_damage(error: Exception) -> bool:
    """Whether the file itself is broken, as opposed to busy, full or out of reach."""
    return error_code(error) in _DAMAGED


def as_sentence(error: Exception, path: Path) -> JournalError | None:
    """The world's errors as ours; None for a mistake of the program, which belongs in the crash log."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    known = _WORLD.get(error_code(error))
    return None if known is None else known[0](known[1].format(path=path, cause=cause))


class Database:
    """An open file with its two connections.

    Attributes: `path`, `driver`, `journal_mode` (as SQLite reports it), `writer`, `reader`, `errors` (what the driver
    may raise, wrapped by SQLAlchemy or not).
    """

    def __init__(self, path: Path, *, driver: Driver, busy_ms: int = BUSY_MS, max_pages: int | None = None) -> None:
        """Opens or creates the file. Raises the driver's errors as they come: `opening` judges them."""
        self.path = path
        self.driver = driver
        self.errors: tuple[type[Exception], ...] = (DBAPIError, driver.module.Error)
        self._busy_ms = busy_ms
        self._max_pages = max_pages
        self._traceless = False
        self._connect()

    def _connect(self) -> None:
        self._engine = _engine(self.path, self.driver, self._busy_ms)
        with ExitStack() as opened:
            self.writer = opened.enter_context(self._engine.connect())
            self.journal_mode = self._prepare(self.writer, "writer")
            self.reader = opened.enter_context(self._engine.connect())
            self._prepare(self.reader, "reader")
            opened.pop_all()

    def _prepare(self, connection: Connection, role: str) -> str:
        connection.info["begin"] = "BEGIN IMMEDIATE" if role == "writer" else "BEGIN"
        dbapi: Any = connection.connection.driver_connection
        mode = "WAL" if self.driver.wal_is_safe else "TRUNCATE"
        chosen = str(dbapi.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0])
        dbapi.execute("PRAGMA synchronous = FULL")
        dbapi.execute("PRAGMA foreign_keys = ON")
        dbapi.execute(f"PRAGMA journal_size_limit = {_JOURNAL_SIZE_LIMIT}")
        dbapi.execute(f"PRAGMA cache_size = -{_CACHE_KIB[role]}")
        dbapi.execute("PRAGMA wal_autocheckpoint = 4000")
        if role == "reader":
            dbapi.execute("PRAGMA query_only = ON")
            return chosen
        if self._max_pages is not None:
            dbapi.execute(f"PRAGMA max_page_count = {self._max_pages}")
        if self._traceless:
            dbapi.execute("PRAGMA secure_delete = ON")
        return chosen

    def leave_no_trace(self) -> None:
        """From now on what is deleted or overwritten is zeroed in the file as well."""
        self._traceless = True
        dbapi: Any = self.writer.connection.driver_connection
        with self._said():
            dbapi.execute("PRAGMA secure_delete = ON")

    @property
    def is_sweep_due(self) -> bool:
        """Whether words were overwritten in this file that it may still hold traces of."""
        with self.read() as connection:
            return bool(connection.exec_driver_sql("PRAGMA user_version").scalar_one() == SWEEP_IS_DUE)

    def sweep_if_due(self) -> bool:
        """As `sweep`, where that is due. Whether the file is clean now: another process may hold it, or the disk be
        full, and then the sweep stays due."""
        if self.is_sweep_due:
            with suppress(JournalError):
                self.sweep()
        return not self.is_sweep_due

    def sweep(self) -> None:
        """Writes the file anew without anything that was deleted or overwritten, and empties the log file beside it.
        Takes about as long as reading and writing all of it; others that write meanwhile wait. Raises JournalError."""
        dbapi: Any = self.writer.connection.driver_connection
        with self._said():
            dbapi.execute("VACUUM")
            self._empty_log(dbapi)
            dbapi.execute(f"PRAGMA user_version = {_SWEPT}")

    def _empty_log(self, dbapi: Any) -> None:
        if self.journal_mode == "wal" and dbapi.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise JournalBusy(_IN_USE.format(path=self.path))

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its start. Raises `UnknownOutcome` if COMMIT did: the caller
        then has to `reopen`."""
        with self._said():
            transaction = self.writer.begin()
        try:
            with self._said():
                yield self.writer
        except BaseException:
            with suppress(*self.errors):  # SQLite may have rolled back by itself, as it does on a full disk
                transaction.rollback()
            raise
        try:
            self.commit()
        except self.errors as error:
            raise UnknownOutcome(as_sentence(error, self.path) or JournalError(str(error))) from error

    def repeatable(self, act: Callable[[Connection], T]) -> T:
        """One transaction that may be made again: an unknown outcome is told as a failure."""
        try:
            with self.write() as connection:
                return act(connection)
        except UnknownOutcome as unknown:
            self.reopen()
            raise unknown.error from unknown

    def commit(self) -> None:
        """Ends the writer's transaction; it has happened when this returns."""
        self.writer.commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of the file."""
        with self._said(), self.reader.begin():
            yield self.reader

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except self.errors as error:
            if is_damage(error):
                with suppress(OSError):
                    self.suspect.touch(mode=0o600)
            sentence = as_sentence(error, self.path)
            if sentence is None:
                raise
            raise sentence from error

    @property
    def suspect(self) -> Path:
        """Beside the file when damage was met while it was in use: the next opening then checks it."""
        return suspect_mark(self.path)

    def quick_check(self) -> list[str]:
        """What SQLite finds wrong with the file; empty when it is sound. Reads all of it.

        On a connection of its own: FTS5 compares with what a connection that has checked before still remembers, and
        then reports a checksum mismatch in a sound file that another connection has written to since.
        """
        with self._said(), self._engine.connect() as connection:
            dbapi: Any = connection.connection.driver_connection
            try:
                found = [str(row[0]) for row in dbapi.execute("PRAGMA quick_check(5)").fetchall()]
            except self.errors as error:
                if not is_damage(error):
                    raise
                return [str(error)]
        return [] if found == ["ok"] else found

    def reopen(self) -> None:
        """Closes both connections and opens them anew: what is read afterwards is what is in the file."""
        self.close(checkpoint=False)
        with self._said():
            self._connect()

    def close(self, *, checkpoint: bool = True) -> None:
        """Closes the file; with `checkpoint` the log file beside it is folded in first, unless someone reads."""
        with suppress(*self.errors):
            if checkpoint and self.journal_mode == "wal":
                dbapi: Any = self.writer.connection.driver_connection
                dbapi.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for connection in (self.reader, self.writer):
            with suppress(*self.errors):
                connection.close()
        self._engine.dispose()


def _engine(path: Path, driver: Driver, busy_ms: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        module=driver.module,
        poolclass=NullPool,
        # The driver would begin transactions by itself, deferred and late; without isolation level it never does.
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": busy_ms / 1000},
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.info["begin"])

    return engine


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keeps the garbage collector out of a batch of thousands of rows, none of which is in a cycle: it would walk all
    of them again and again, for a fifth of the batch's time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def owner_only(path: Path) -> None:
    """Makes sure that a file exists which only its owner can read; SQLite gives its side files the same mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)
