"""A CSV of incident snapshots as facts: what changed from one row of a ticket to the next. Called by `desk.imports`.

Each row shows a ticket after one update. The first row of a ticket opens it; every other row becomes the differences
from the row before, in the order of (updated-at, sequence, line). A `ColumnMapping` says what the columns mean. The first
fact of a row carries the row's own id, its digest and every column that changed, so that a later file may begin anywhere.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec

from console.channels.imports.column_mapping import ColumnMapping
from console.channels.imports.csv_lines import Record, records
from console.channels.imports.errors import ImportFileError, RowRejected
from console.channels.imports.event_rows import ticket_name
from console.channels.imports.facts import CONFLICT, FactMaker, Mapped, make
from console.channels.imports.instants import written_instant
from console.channels.imports.staging import Staging, TicketRows
from console.channels.imports.vocabulary import ImpactWords, plain, status_word
from console.domain import events as ev
from console.domain.events import Entry, Event, Offered, Status, ticket_stream

Values = dict[str, str]
"""The columns of a row that have a value, by heading."""

_ROW_KEY: Final = "row"
_COLUMNS_KEY: Final = "columns"


class _Staged(msgspec.Struct, array_like=True, gc=False):
    """A row while it waits: when it was updated (epoch ms), its values, and the text that stood in the file."""

    at: int
    values: Values
    text: str


_encode: Final = msgspec.json.Encoder(order="sorted").encode
_staged: Final = msgspec.json.Decoder(_Staged).decode


class Snapshot(NamedTuple):
    """One row of a ticket. `sequence` identifies it, `order` sorts it among the rows of one instant, `digest` is its
    content."""

    line: int
    text: bytes
    at: int
    order: float
    sequence: str
    digest: str
    values: Values


class Snapshots:
    """Maps the rows of one import. `unknown_statuses` counts the words for a status that changed nothing."""

    def __init__(self, maker: FactMaker, impacts: ImpactWords, mapping: ColumnMapping) -> None:
        self._maker = maker
        self._impacts = impacts
        self._mapping = mapping
        self._columns = mapping.columns
        self._heading: list[str] = []
        self.unknown_statuses: Counter[str] = Counter()

    def stage(self, lines: Iterable[tuple[int, bytes]], staging: Staging) -> Iterator[int]:
        """Puts each row to its ticket, or among the rejected. Gives the number of rows after each; the heading and blank
        lines are none, and a row whose quoted values hold line breaks is one.

        Raises `ImportFileError` where the heading does not fit the mapping.
        """
        rows = records(lines, encoding=self._mapping.encoding, delimiter=self._mapping.delimiter)
        self._heading = [name.strip() for name in next(rows, Record(0, "", [])).values]
        if missing := self._mapping.missing(self._heading):
            raise ImportFileError(f"The heading of the CSV has no column {missing[0]!r}, which the mapping names.")
        for count, row in enumerate(rows, 1):
            try:
                if row.rejected is not None:
                    raise RowRejected(row.rejected)
                values = self._values(row.values)
                ticket = ticket_name(values.get(self._columns["ticket"]))
                at = self._instant(values, "updated_at")
                self._instant(values, "opened_at")
            except RowRejected as rejected:
                staging.reject(row.line, str(rejected), row.text)
            else:
                if at is None:
                    staging.reject(row.line, f"The row has no {self._columns['updated_at']}.", row.text)
                else:
                    staging.add(ticket, row.line, _encode(_Staged(at, values, row.text)))
            yield count

    def facts(self, ticket: TicketRows, entries: Sequence[Entry] = ()) -> Iterator[Mapped]:
        """Every row of a ticket as facts, in the order in which they happened. `entries` are those that the journal has
        of this ticket."""
        name = ticket.ticket
        stream = ticket_stream(self._maker.ticket_id(name))
        known = {entry.id: entry for entry in entries}
        earlier = sorted((entry for entry in entries if _columns_of(entry)), key=lambda entry: (entry.at, entry.seq))
        values: Values | None = None
        if any(type(entry.event) is ev.TicketOpened for entry in entries):
            values = {}
        seen: dict[str, Snapshot] = {}
        for row in sorted(map(self._snapshot, ticket.rows), key=lambda row: (row.at, row.order, row.line)):
            id = self._maker.entry_id(name, row.sequence)
            first = seen.setdefault(row.sequence, row)
            if first is not row:
                yield Mapped(row.line, row.text, (), _second(first, row))
                continue
            if (before := known.get(id)) is not None:
                same = (before.event.extra or {}).get(_ROW_KEY) == row.digest
                yield Mapped(row.line, row.text, (), None if same else CONFLICT)
                continue
            while values is not None and earlier and earlier[0].at <= row.at:
                _apply(values, earlier.pop(0))
            yield Mapped(row.line, row.text, self._row_facts(name, stream, row, values))
            values = row.values

    def _row_facts(self, ticket: str, stream: str, row: Snapshot, before: Values | None) -> list[Offered]:
        """The facts of a row against the values before it; None opens the ticket."""
        maker = self._maker
        id = maker.entry_id(ticket, row.sequence)
        told = self._opening(ticket, row) if before is None else []
        told += [(row.at, part, event) for part, event in self._changes(row.values, before)]
        if not told:
            told.append((row.at, "", ev.FieldSet(field=self._columns["updated_at"], value=row.values.get(self._columns["updated_at"]))))
        kept: dict[str, Any] = {_ROW_KEY: row.digest, _COLUMNS_KEY: _changed(before or {}, row.values)}
        actor = row.values.get(self._columns.get("actor", ""))
        offers = []
        for at, part, event in told:
            extra = kept if not offers else {}
            if actor is not None:
                extra = {"actor": actor, **extra}
            told_event = msgspec.structs.replace(event, extra=extra or None)
            offers.append(make(told_event, maker.part_id(ticket, row.sequence, part) if offers else id, stream, at))
        return offers
