"""A journal's file beside whoever has it open: what a workspace reads of its old and its new file while it changes from
one to the other.

With the bare driver, on a connection that cannot write. Called by the desk's connecting. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import msgspec

from console.domain.entry_row import COLUMNS, entry_of
from console.domain.events import Entry
from console.journal.database import as_sentence, error_code
from console.journal.driver import choose_driver
from console.journal.errors import JournalBusy, JournalError
from console.journal.file_marks import is_in_use
from console.journal.states import Beat

_ENTRIES: Final = f"SELECT {', '.join(COLUMNS)} FROM entries"
_PAGE: Final = 4_000
_BUSY_S: Final = 5.0
_BUSY_CODES: Final = {5, 6}


class Opening(NamedTuple):
    """The scope of a stream, and when its ticket counts as opened (None for a Pro stream)."""

    scope: str
    opened_at: int | None


class Draft(NamedTuple):
    ticket: str
    mode: str
    text: str
    saved_at: int


class LogFile:
    """A context; every method may raise `JournalError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._driver = choose_driver()

    def __enter__(self) -> Self:
        try:
            self._file = self._driver.module.connect(
                f"{self.path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=_BUSY_S,
                isolation_level=None,
                check_same_thread=False,
            )
        except self._driver.module.Error as error:
            raise as_sentence(error, self.path) or JournalError(str(error)) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _rows(self, statement: str, *values: Any) -> Iterator[Any]:
        try:
            with closing(self._file.execute(statement, values)) as found:
                yield from found
        except self._driver.module.Error as error:
            raise as_sentence(error, self.path) or JournalError(str(error)) from error

    # The log

    def last_seq(self) -> int:
        return int(next(self._rows("SELECT coalesce(max(seq), 0) FROM entries"))[0])

    def pages(self, after: int = 0) -> Iterator[list[Entry]]:
        """All entries behind a seq in log order."""
        while True:
            rows = self._rows(f"{_ENTRIES} WHERE seq > ? ORDER BY seq LIMIT {_PAGE}", after)
            page = [entry_of(row) for row in rows]
            if not page:
                return
            yield page
            after = page[-1].seq

    def hashes(self, ids: Collection[str]) -> dict[str, bytes]:
        """Of the entries among some ids."""
        return dict(self._rows(f"SELECT id, hash FROM entries WHERE id IN {_ASKED}", _json(ids)))

    def openings(self, streams: Collection[str]) -> dict[str, Opening]:
        """By stream, of those that have entries."""
        found = self._rows(
            "SELECT stream, scope, iif(type = 'ticket.opened' AND effect = 'applied', counts_at, NULL), min(seq) "
            f"FROM entries WHERE stream IN {_ASKED} GROUP BY stream",
            _json(streams),
        )
        return {stream: Opening(scope, opened_at) for stream, scope, opened_at, _ in found}

    def entries_of(self, streams: Collection[str]) -> dict[str, list[Entry]]:
        """The whole streams, each in log order."""
        found: dict[str, list[Entry]] = {stream: [] for stream in streams}
        for row in self._rows(f"{_ENTRIES} WHERE stream IN {_ASKED} ORDER BY seq", _json(streams)):
            entry = entry_of(row)
            found[entry.stream].append(entry)
        return found

    def pro_streams(self) -> list[str]:
        return [
            row[0]
            for row in self._rows("SELECT DISTINCT stream FROM entries WHERE stream >= 'pro:' AND stream < 'pro;'")
        ]

    def streams_to_judge(self) -> set[str]:
        """The streams in which a guard may look: those with something that no import brought, and merged ones."""
        found = self._rows(
            "SELECT DISTINCT stream FROM entries WHERE substr(id, 15, 1) <> '8' UNION "
            "SELECT 'ticket:' || json_extract(CAST(payload AS TEXT), '$.into') FROM entries "
            "WHERE type = 'ticket.merged'"
        )
        return {row[0] for row in found if row[0] is not None}

    def number(self, stream: str) -> int | None:
        """Of a ticket."""
        return next((row[0] for row in self._rows("SELECT max(number) FROM entries WHERE stream = ?", stream)), None)

    def tickets(self) -> int:
        """How many were opened."""
        return int(next(self._rows("SELECT count(number) FROM entries"))[0])

    # What the workstation keeps for itself

    def drafts(self) -> list[Draft]:
        return [Draft(*row) for row in self._rows("SELECT ticket, mode, text, saved_at FROM drafts")]

    def beats(self) -> list[Beat]:
        return [Beat(*row) for row in self._rows(f"SELECT {', '.join(Beat.__struct_fields__)} FROM beats")]

    def alerts_raised(self) -> Mapping[str, int]:
        return dict(self._rows("SELECT key, raised_at FROM alerts_raised"))


_ASKED: Final = "(SELECT value FROM json_each(?))"


def _json(names: Collection[str]) -> str:
    return msgspec.json.encode(list(names)).decode()


@contextmanager
def alone(path: Path) -> Iterator[int]:
    """Nobody else has the file open while this lasts, and all that was written is in the one file; gives the seq of the
    last entry. Raises `JournalBusy` where somebody has it open."""
    driver = choose_driver()
    try:
        with closing(driver.module.connect(path, timeout=0, isolation_level=None)) as file:
            file.execute("PRAGMA locking_mode = EXCLUSIVE")
            # Only the last connection can leave the write-ahead log behind.
            (mode,) = file.execute("PRAGMA journal_mode = DELETE").fetchone()
            file.execute("BEGIN EXCLUSIVE")
            (opened_by,) = file.execute("SELECT opened_by FROM meta").fetchone()
            if mode != "delete" or is_in_use(opened_by):
                raise _in_use(path)
            (last_seq,) = file.execute("SELECT coalesce(max(seq), 0) FROM entries").fetchone()
            yield int(last_seq)
            file.execute("ROLLBACK")
    except driver.module.Error as error:
        if error_code(error) in _BUSY_CODES:
            raise _in_use(path) from error
        raise as_sentence(error, path) or JournalError(str(error)) from error


def _in_use(path: Path) -> JournalBusy:
    return JournalBusy(f"{path} is in use: close the window, stop a running session's watch, and do the same again.")


def remove(path: Path) -> None:
    """A database file with all that stands beside it."""
    for suffix in ("", "-wal", "-shm", "-journal", "-suspect"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def keep_under(path: Path, kept: Path) -> None:
    """Gives a file a second name, or where the file system has none, a copy under it."""
    import shutil

    try:
        os.link(path, kept)
    except OSError:
        shutil.copyfile(path, kept)
        kept.chmod(0o600)
        with kept.open("rb") as file:
            os.fsync(file.fileno())
