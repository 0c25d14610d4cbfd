"""The door of the database file: what is there, may we use it, and what becomes of a file that we may not.

Source: spec sync.md 3, issue "Bad input". A file that is damaged or not ours is renamed aside, never overwritten; one
of a newer version is left in place and refused. Called by `store.Journal.open` only.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec
from sqlalchemy.exc import DBAPIError, NoResultFound

from console.journal import checking, entry_rows, schema
from console.journal.database import BUSY_MS, Database, as_sentence, error_code, is_damage, owner_only
from console.journal.driver import Driver, choose_driver
from console.journal.errors import JournalBusy, JournalError, JournalNewer
from console.journal.file_marks import APPLICATION_ID, KNOWN_REVISIONS, REVISION, Ask, is_in_use, revision_of

SMALL_BYTES: Final = 20 * 1024 * 1024
"""Up to this size a file is checked at every opening, larger ones after an unclean end."""
_MAGIC: Final = b"SQLite format 3\x00"
_READ_ONLY: Final = 8
"""SQLite's code for what a connection that cannot write may not do."""
_ASK_AGAIN_S: Final = 0.02
_APPLICATION_ID_AT: Final = 68
_SIDE_FILES: Final = ("-wal", "-shm", "-journal")


class Opened(NamedTuple):
    """`aside` is where a file that we could not use went, `reason` why; `ours`: whether its entries can be sought."""

    database: Database
    fresh: bool
    aside: Path | None = None
    reason: str = ""
    ours: bool = False


class _Unusable(Exception):
    """The file must go aside. `ours` when its header says that this program made it."""

    def __init__(self, reason: str, *, ours: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.ours = ours


def open_file(
    path: Path, *, now_ms: int, guidelines: str, busy_ms: int = BUSY_MS, max_pages: int | None = None
) -> Opened:
    """Opens the database, creating folder and file where there are none. `guidelines` is the digest that a fresh file
    is stamped with. Raises `JournalError` with what a person can do."""
    driver = choose_driver()
    _prepare_folder(path)
    try:
        database, fresh = _open_patiently(
            path, driver, now_ms=now_ms, guidelines=guidelines, busy_ms=busy_ms, pages=max_pages
        )
        return Opened(database, fresh)
    except _Unusable as unusable:
        aside = set_aside(path, now_ms)
        reason, ours = unusable.reason, unusable.ours
    database, _ = _open_ours(path, driver, now_ms=now_ms, guidelines=guidelines, busy_ms=busy_ms, pages=max_pages)
    return Opened(database, True, aside, reason, ours)


def _open_patiently(
    path: Path, driver: Driver, *, now_ms: int, guidelines: str, busy_ms: int, pages: int | None
) -> tuple[Database, bool]:
    """Asks again until `busy_ms` are over: while another process switches a fresh file to WAL, SQLite answers busy at
    once instead of waiting."""
    end = time.monotonic() + busy_ms / 1000
    while True:
        try:
            return _open_ours(path, driver, now_ms=now_ms, guidelines=guidelines, busy_ms=busy_ms, pages=pages)
        except JournalBusy:
            if time.monotonic() >= end:
                raise
            time.sleep(_ASK_AGAIN_S)


def _prepare_folder(path: Path) -> None:
    folder = path.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        blocked = next((p for p in (folder, *folder.parents) if p.exists() and not p.is_dir()), folder)
        raise JournalError(f"{folder} cannot be used as the data folder: {blocked} is a file.") from None
    except OSError as error:
        raise JournalError(f"The data folder {folder} cannot be made: {error.strerror}.") from error
    if path.is_dir():
        raise JournalError(f"{path} is a folder; the database needs that name for a file.")
    if not _may(folder, os.W_OK | os.X_OK):
        raise JournalError(f"The data folder {folder} cannot be written; check its permissions.")
    if path.exists() and not _may(path, os.R_OK | os.W_OK):
        raise JournalError(f"{path} cannot be read and written; check its permissions.")


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _open_ours(
    path: Path, driver: Driver, *, now_ms: int, guidelines: str, busy_ms: int, pages: int | None
) -> tuple[Database, bool]:
    ours = _look_at_header(path)
    try:
        owner_only(path)
    except OSError as error:
        raise JournalError(f"{path} cannot be opened: {error.strerror}.") from error
    database: Database | None = None
    try:
        _look_inside(path, driver, ours=ours, busy_ms=busy_ms)
        database = Database(path, driver=driver, busy_ms=busy_ms, max_pages=pages)
        _refuse_missing_features(database)
        fresh = _settle_schema(database, now_ms=now_ms, guidelines=guidelines)
        if not fresh:
            _check(database, ours=ours)
        return database, fresh
    except BaseException as error:
        if database is not None:
            database.close(checkpoint=False)
        if isinstance(error, NoResultFound) or (isinstance(error, Exception) and is_damage(error)):
            raise _Unusable("it is damaged", ours=ours) from error
        if isinstance(error, DBAPIError | driver.module.Error):
            sentence = as_sentence(error, path)
            if sentence is not None:
                raise sentence from error
        raise


def _look_at_header(path: Path) -> bool:
    """Whether the header says that this program made the file. Raises `_Unusable` where it is no database at all."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise JournalError(f"{path} cannot be read: {error.strerror}.") from error
    ours = header[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4] == APPLICATION_ID.to_bytes(4, "big")
    if header and not header.startswith(_MAGIC):
        raise _Unusable("it is damaged" if ours else "it is not a database of this program", ours=ours)
    return ours


def _look_inside(path: Path, driver: Driver, *, ours: bool, busy_ms: int) -> None:
    """Judges the file on a connection that cannot write: opening it in earnest changes the header of any file.

    Where a crash left half a transaction without a write-ahead log, only a connection that writes can undo it: what is
    ours by its header is judged after that.
    """
    with closing(
        driver.module.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_ms / 1000)
    ) as file:
        try:
            _state(lambda statement: file.execute(statement).fetchone(), path)
        except driver.module.Error as error:
            if not (ours and error_code(error) == _READ_ONLY):
                raise


def _refuse_missing_features(database: Database) -> None:
    with database.reader.begin():
        options = {row[0] for row in database.reader.exec_driver_sql("PRAGMA compile_options")}
    if "ENABLE_FTS5" not in options or database.driver.version < (3, 38):
        version = ".".join(map(str, database.driver.version))
        raise JournalError(f"SQLite {version} of this Python lacks full-text search; install the package pysqlite3.")


def _settle_schema(database: Database, *, now_ms: int, guidelines: str) -> bool:
    """Brings the tables to this program's revision, or makes them; True when the file was empty."""
    with database.reader.begin():
        state = _state(schema.asking(database.reader), database.path)
    if state == "current":
        return False
    with database.writer.begin():  # another process may have been faster
        state = _state(schema.asking(database.writer), database.path)
        if state == "empty":
            schema.create(database.writer)
            entry_rows.insert_meta(database.writer, entry_rows.new_meta(now_ms, guidelines))
        elif state == "older":
            from console.journal import migrations  # Alembic costs a third of a second to import

            migrations.upgrade(database.writer)
    return state == "empty"


def _state(ask: Ask, path: Path) -> Literal["empty", "current", "older"]:
    if ask("SELECT 1 FROM sqlite_master") is None:
        return "empty"
    (application,) = ask("PRAGMA application_id") or (None,)
    if application != APPLICATION_ID:
        raise _Unusable("it is a database of another program", ours=False)
    revision = revision_of(ask)
    if revision == REVISION:
        return "current"
    if revision is None:
        raise _Unusable("it is damaged", ours=True)
    if revision in KNOWN_REVISIONS:
        return "older"
    raise JournalNewer(f"{path} was made by a newer version of this program (format {revision}); update to open it.")


def _check(database: Database, *, ours: bool) -> None:
    with database.reader.begin():
        try:
            opened_by = entry_rows.checked_meta(database.reader).opened_by
        except msgspec.MsgspecError as error:
            raise _Unusable("it is damaged", ours=ours) from error
    in_use = is_in_use(opened_by)
    unclean = database.suspect.exists() or (opened_by is not None and not in_use)
    if not unclean and database.path.stat().st_size > SMALL_BYTES:
        return
    problems = database.quick_check()
    if not problems and database.suspect.exists():
        problems = checking.unreadable(database)
    if problems and in_use:
        raise JournalError(
            f"{database.path} is damaged and in use by process {opened_by}; close that one and try again."
        )
    database.suspect.unlink(missing_ok=True)
    if problems:
        raise _Unusable(f"it is damaged: {problems[0].splitlines()[-1]}", ours=ours)


def set_aside(path: Path, now_ms: int) -> Path:
    """Renames a file and those beside it to a name with the time, and never over another one."""
    stamp = datetime.fromtimestamp(now_ms // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.set-aside-{stamp}")
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}.set-aside-{stamp}-{count}")
    try:
        for suffix in _SIDE_FILES:
            side = path.with_name(path.name + suffix)
            if side.exists():
                side.rename(aside.with_name(aside.name + suffix))
        path.rename(aside)
    except OSError as error:
        raise JournalError(f"{path} cannot be used and could not be set aside: {error.strerror}.") from error
    return aside
