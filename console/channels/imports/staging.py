"""Brings the rows of each ticket together, in files of any order and larger than memory. Called by `desk.imports`.

Rows wait in a private temporary SQLite database that nobody else sees and that is gone with its connection, also after
a kill. Consecutive rows of one ticket are one record of it, so that a file in ticket order costs little. What was
rejected waits there too, to be written down in the order of the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple, Self

from console.channels.imports.errors import ImportFileError

_RUN_BYTES: Final = 1 << 18
_RUN_ROWS: Final = 1024

_SCHEMA: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
CREATE TABLE run (id INTEGER PRIMARY KEY, ticket TEXT NOT NULL, first_line INTEGER NOT NULL, rows BLOB NOT NULL);
CREATE TABLE rejected (line INTEGER NOT NULL, reason TEXT NOT NULL, row TEXT NOT NULL);
BEGIN;
"""

_TICKETS: Final = """
SELECT run.ticket, run.first_line, run.rows
FROM (SELECT ticket, min(id) AS first_run FROM run GROUP BY ticket) AS seen JOIN run ON run.ticket = seen.ticket
ORDER BY seen.first_run, run.id
"""


class Rejected(NamedTuple):
    """A line of the input that was not taken: its number from 1, the reason, and what stands there."""

    line: int
    reason: str
    row: str


class TicketRows(NamedTuple):
    """All rows of one ticket in the file: its name there, and each row with its line number, in file order."""

    ticket: str
    rows: list[tuple[int, bytes]]


class Staging:
    """The waiting rows of one import. Rows are bytes without line feeds; to be added in file order."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._ticket: str | None = None
        self._first = 0
        self._size = 0
        self._run: list[bytes] = []
        self.rejected_count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._db.close()

    def add(self, ticket: str, line: int, row: bytes) -> None:
        """Keeps a row for its ticket."""
        run = self._run
        if (
            ticket == self._ticket
            and line == self._first + len(run)
            and len(run) < _RUN_ROWS
            and self._size < _RUN_BYTES
        ):
            run.append(row)
            self._size += len(row)
            return
        self._flush()
        self._ticket, self._first, self._size, self._run = ticket, line, len(row), [row]

    def reject(self, line: int, reason: str, row: str) -> None:
        self._execute("INSERT INTO rejected VALUES (?, ?, ?)", (line, reason, row))
        self.rejected_count += 1

    def tickets(self) -> Iterator[TicketRows]:
        """The tickets with all their rows, in the order in which the file names them first."""
        self._flush()
        self._execute("CREATE INDEX run_ticket ON run (ticket)")
        ticket: str | None = None
        rows: list[tuple[int, bytes]] = []
        for name, first, data in self._execute(_TICKETS):
            if name != ticket:
                if ticket is not None:
                    yield TicketRows(ticket, rows)
                ticket, rows = name, []
            rows += enumerate(data.split(b"\n"), first)
        if ticket is not None:
            yield TicketRows(ticket, rows)

    def rejected(self) -> Iterator[Rejected]:
        """What was rejected so far, in the order of the file."""
        for row in self._execute("SELECT line, reason, row FROM rejected ORDER BY line, rowid"):
            yield Rejected(*row)

    def _flush(self) -> None:
        if self._ticket is not None:
            self._execute(
                "INSERT INTO run (ticket, first_line, rows) VALUES (?, ?, ?)",
                (self._ticket, self._first, b"\n".join(self._run)),
            )
            self._ticket = None

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise ImportFileError(
                f"The rows cannot be sorted in the folder for temporary files: {error}. Make room there, or name "
                "another folder in the variable TMPDIR."
            ) from None
