"""A CSV of incident snapshots as facts: what changed from one row of a ticket to the next. Called by `desk.imports`.

Each row shows a ticket after one update. The first row of a ticket opens it; every other row becomes its differences
from the row before, in the order of (updated-at, sequence, line). A `ColumnMapping` says what the columns mean. The
first fact of a row carries the row's own id, its digest and every column that changed, so that a later file may begin
anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec

from console.channels.imports.column_mapping import ColumnMapping
from console.channels.imports.csv_lines import Record, records
from console.channels.imports.errors import ImportFileError, RowError
from console.channels.imports.event_rows import ticket_name
from console.channels.imports.facts import CONFLICT, FactMaker, Mapped, make
from console.channels.imports.instants import written_instant
from console.channels.imports.staging import Staging, TicketRows
from console.channels.imports.vocabulary import ImpactWords, plain, status_word
from console.domain import events as ev
from console.domain.events import Entry, Event, Offered, Status, ticket_stream
from console.domain.ticket import next_status

Values = dict[str, str]
"""The columns of a row that have a value, by heading."""
Part = tuple[str, Event]
"""A fact of a row: the name of the part and the event."""

_DIGEST: Final = "row"
_COLUMNS: Final = "columns"
_encode: Final = msgspec.json.Encoder(order="sorted").encode


class _Staged(msgspec.Struct, array_like=True, gc=False):
    """A row while it waits: when it was updated (epoch ms), its values, and the text that stood in the file."""

    at: int
    values: Values
    text: str


_staged: Final = msgspec.json.Decoder(_Staged).decode


class _Snapshot(NamedTuple):
    """One row of a ticket. `sequence` identifies it in its ticket, `order` sorts the rows of one instant, `digest` is
    its content."""

    line: int
    text: bytes
    at: int
    order: float
    sequence: str
    digest: str
    values: Values


class _Before:
    """What is known of a ticket when a row comes: the values that the source showed last, and the status."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.opened = any(type(entry.event) is ev.TicketOpened for entry in entries)
        self.values: Values = {}
        self.status: Status = "new"
        self._ahead = sorted(entries, key=_when, reverse=True)

    def advance(self, at: int) -> None:
        """Goes on to what the journal has up to an instant, epoch ms, included; the opening is always known."""
        ahead = self._ahead
        while ahead and _when(ahead[-1])[0] <= at:
            event = ahead.pop().event
            self.status = next_status(self.status, event)
            for column, value in ((event.extra or {}).get(_COLUMNS) or {}).items():
                if value is None:
                    self.values.pop(column, None)
                else:
                    self.values[column] = value


class Snapshots:
    """Maps the rows of one import. `impacts` are its words for impact, `unknown_statuses` counts the words for a status
    that changed nothing."""

    def __init__(self, maker: FactMaker, impacts: ImpactWords, mapping: ColumnMapping, file: str = "The CSV") -> None:
        """`file` names the input in errors."""
        self._maker = maker
        self._file = file
        self.impacts = impacts
        self._mapping = mapping
        self._columns = mapping.columns
        self.unknown_statuses: Counter[str] = Counter()

    def stage(self, lines: Iterable[tuple[int, bytes]], staging: Staging) -> Iterator[int]:
        """Puts each row to its ticket, or among the rejected. Gives the number of rows after each; the heading
        and blank lines are none, and a row whose quoted values hold line breaks is one.

        Raises `ImportFileError` where the heading does not fit the mapping.
        """
        mapping = self._mapping
        rows = records(lines, encoding=mapping.encoding, delimiter=mapping.delimiter)
        first = next(rows, Record(1, "", []))
        heading = [name.strip() for name in first.values]
        if missing := mapping.missing(heading):
            raise ImportFileError(
                f'{self._file}, line {first.line}: the heading has no column "{missing[0]}", which the mapping '
                f"{mapping.name} names."
            )
        for count, row in enumerate(rows, 1):
            try:
                ticket, staged = self._read(row, heading)
            except RowError as rejected:
                staging.reject(row.line, str(rejected), row.text)
            else:
                staging.add(ticket, row.line, _encode(staged))
            yield count

    def facts(self, ticket: TicketRows, entries: Sequence[Entry] = ()) -> Iterator[Mapped]:
        """Every row of a ticket as facts, in the order in which they happened. `entries` are those that the journal has
        of this ticket."""
        known = {entry.id: entry for entry in entries}
        before = _Before(entries)
        seen: dict[str, _Snapshot] = {}
        for row in sorted(map(self._snapshot, ticket.rows), key=lambda row: (row.at, row.order, row.line)):
            first = seen.setdefault(row.sequence, row)
            if first is not row:
                same = first.digest == row.digest
                said = f"Line {first.line} shows the same update with other values; the first is kept."
                yield Mapped(row.line, row.text, (), None if same else said)
            elif stored := known.get(self._maker.entry_id(ticket.ticket, row.sequence)):
                same = (stored.event.extra or {}).get(_DIGEST) == row.digest
                yield Mapped(row.line, row.text, (), None if same else CONFLICT)
            else:
                before.advance(row.at)
                yield Mapped(row.line, row.text, self._offers(ticket.ticket, row, before))

    def _offers(self, ticket: str, row: _Snapshot, before: _Before) -> list[Offered]:
        """The facts of a new row, and `before` brought up to it."""
        maker = self._maker
        stream = ticket_stream(maker.ticket_id(ticket))
        told: list[tuple[int, str, Event]] = []
        parts = self._changes(before, row.values)
        if not before.opened:
            opened_at = self._instant(row.values, "opened_at")
            told.append((row.at if opened_at is None else opened_at, "opened", self._opening(ticket, row.values)))
        elif not parts:
            column = self._columns["updated_at"]
            parts = [("updated", ev.FieldSet(field=column, value=row.values.get(column)))]
        told += ((row.at, part, event) for part, event in parts)
        actor = self._value(row.values, "actor")
        extra: dict[str, Any] = {_DIGEST: row.digest, _COLUMNS: _changed(before.values, row.values)}
        offers: list[Offered] = []
        for at, part, event in told:
            if actor is not None:
                extra["actor"] = actor
            id = maker.part_id(ticket, row.sequence, part) if offers else maker.entry_id(ticket, row.sequence)
            offers.append(make(msgspec.structs.replace(event, extra=extra or None), id, stream, at))
            before.status = next_status(before.status, event)
            extra = {}
        before.opened, before.values = True, row.values
        return offers

    def _opening(self, ticket: str, values: Values) -> ev.TicketOpened:
        word = self._value(values, "impact")
        return ev.TicketOpened(
            by="customer",
            channel=self._value(values, "channel") or "import",
            subject=self._subject(values),
            account=self._value(values, "account"),
            contact=self._value(values, "contact"),
            product=self._value(values, "product"),
            plan=self._value(values, "plan"),
            impact=None if word is None else self.impacts.impact(word),
            external_ref=ticket,
        )

    def _changes(self, before: _Before, values: Values) -> list[Part]:
        """What a row changes, besides what an opening says itself: values, then who has it, then the status."""
        old = before.values
        parts: list[Part] = []
        if before.opened:
            parts += self._registers(old, values)
        if self._differs("assignee", old, values):
            parts.append(("assignee", ev.TicketAssigned(to=self._value(values, "assignee"))))
        parts += (
            (f"field {column}", ev.FieldSet(field=column, value=values.get(column)))
            for column in self._mapping.fields
            if values.get(column) != old.get(column)
        )
        if self._differs("status", old, values):
            parts += self._status(before.status, self._value(values, "status"))
        return parts

    def _registers(self, old: Values, values: Values) -> Iterator[Part]:
        if self._subject(values) != self._subject(old):
            yield "subject", ev.SubjectSet(subject=self._subject(values))
        if self._differs("account", old, values) or self._differs("contact", old, values):
            account, contact = self._value(values, "account"), self._value(values, "contact")
            yield "account", ev.AccountSet(account=account, contact=contact)
        if self._differs("product", old, values):
            yield "product", ev.ProductSet(product=self._value(values, "product"))
        if self._differs("plan", old, values):
            yield "plan", ev.PlanSet(plan=self._value(values, "plan"))
        if self._differs("impact", old, values):
            word = self._value(values, "impact")
            impact = None if word is None else self.impacts.impact(word)
            if word is not None and impact is None:
                yield "impact", ev.FieldSet(field="impact", value=word)
            else:
                yield "impact", ev.ImpactSet(impact=impact)

    def _status(self, before: Status, word: str | None) -> Iterator[Part]:
        """The facts of a new word for the status; an unknown one keeps the status and is reported."""
        status = None if word is None else self._status_word(word)
        if status == before:
            return
        match status:
            case "solved":
                yield "status", ev.TicketSolved()
            case "closed":
                yield "status", ev.TicketClosed()
            case "pending" | "on_hold" | "open" | "new" if before in ("solved", "closed"):
                yield "reopened", ev.TicketReopened()
                if status == "pending" or status == "on_hold":
                    yield "status", ev.StatusSet(status=status)
            case "pending" | "on_hold" | "open":
                yield "status", ev.StatusSet(status=status)
            case _:
                self.unknown_statuses[word or "(none)"] += 1
                yield "status", ev.FieldSet(field="status", value=word)

    def _status_word(self, word: str) -> Status | None:
        statuses = self._mapping.statuses
        key = plain(word)
        return statuses[key] if key in statuses else status_word(word)

    def _subject(self, values: Values) -> str:
        return ", ".join(values[column] for column in self._mapping.subject if column in values)

    def _value(self, values: Values, key: str) -> str | None:
        column = self._columns.get(key)
        return None if column is None else values.get(column)

    def _differs(self, key: str, old: Values, values: Values) -> bool:
        return self._value(old, key) != self._value(values, key)

    def _instant(self, values: Values, key: str) -> int | None:
        text = self._value(values, key)
        return None if text is None else written_instant(text, self._mapping.date_formats, self._mapping.zone)

    def _read(self, row: Record, heading: Sequence[str]) -> tuple[str, _Staged]:
        """A record checked so far that its facts can be told."""
        if row.rejected is not None:
            raise RowError(row.rejected)
        if len(row.values) != len(heading):
            raise RowError(f"The row has {len(row.values)} values, the heading has {len(heading)}.")
        nulls = self._mapping.nulls
        pairs = ((column, text.strip()) for column, text in zip(heading, row.values, strict=True))
        values = {column: text for column, text in pairs if text not in nulls}
        ticket = ticket_name(self._value(values, "ticket"))
        self._instant(values, "opened_at")
        at = self._instant(values, "updated_at")
        if at is None:
            raise RowError(f'The row has no "{self._columns["updated_at"]}".')
        return ticket, _Staged(at, values, row.text)

    def _snapshot(self, waiting: tuple[int, bytes]) -> _Snapshot:
        line, data = waiting
        staged = _staged(data)
        digest = sha256(_encode(staged.values)).hexdigest()
        number = self._value(staged.values, "sequence")
        sequence = f"{staged.at}/{digest}" if number is None else f"{staged.at}/{number}"
        order = float(number) if number is not None and number.isdecimal() else 0.0
        return _Snapshot(line, staged.text.encode(), staged.at, order, sequence, digest, staged.values)


def _when(entry: Entry) -> tuple[float, int]:
    return (float("-inf") if type(entry.event) is ev.TicketOpened else entry.at, entry.seq)


def _changed(old: Values, values: Values) -> dict[str, str | None]:
    """Every column whose value is another, with the new one; null where there is none any more."""
    gone: dict[str, str | None] = {column: None for column in old if column not in values}
    return gone | {column: text for column, text in values.items() if old.get(column) != text}
