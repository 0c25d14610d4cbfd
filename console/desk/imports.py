"""Runs an import: reads a file, brings its rows together by ticket, records what they say, and counts.

The room `channels.imports` turns rows into facts; here they are written, some hundred tickets in a transaction. An
import that is stopped or repeated goes on where it was, because the ids are derived from the rows (spec events.md 1).
Called by `Desk.import_file`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import msgspec

from console.channels.imports.column_mapping import ColumnMapping, load_mapping, shipped_mapping
from console.channels.imports.detection import CSV, FORMATS, detect
from console.channels.imports.errors import ImportFileError
from console.channels.imports.event_rows import shown
from console.channels.imports.facts import CONFLICT, FactMaker, Mapped
from console.channels.imports.reading import InputFile
from console.channels.imports.snapshots import Snapshots
from console.channels.imports.staging import Staging, TicketRows
from console.channels.imports.ticket_events import TicketEvents
from console.channels.imports.vocabulary import Guess, ImpactWords
from console.domain.errors import ConsoleError
from console.domain.events import Entry, Offered, TicketFollowedUp, TicketOpened, is_imported, ticket_stream
from console.domain.words import IMPACT_NAMES

BATCH_TICKETS: Final = 1_000
"""Tickets in one transaction."""
_PROGRESS_EVERY: Final = 5_000

Progress = Callable[[int, int | None, int], None]
"""Told now and then: rows done, rows in all (None while the file is read), tickets done."""


class Reader(Protocol):
    """What a format gives: rows put together by ticket, then the facts of each ticket."""

    impacts: ImpactWords
    unknown_statuses: Counter[str]

    def stage(self, lines: Iterable[tuple[int, bytes]], staging: Staging) -> Iterator[int]: ...

    def facts(self, ticket: TicketRows, entries: Sequence[Entry]) -> Iterator[Mapped]: ...


class ImportJournal(Protocol):
    """What an import needs of the journal."""

    def is_empty(self) -> bool: ...

    def entries_of(self, streams: Sequence[str]) -> Mapping[str, Sequence[Entry]]: ...

    def record_imported(self, batch: Sequence[Sequence[Offered]], *, now_ms: int) -> Sequence[Sequence[str]]: ...


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file. `read` = `taken` + `repeated` + `rejected`, in rows of the input.

    `tickets` and `entries` count what is new in the journal; `follow_ups` those tickets that a reply to a closed one
    opened. `guesses` are words for an impact that nobody explained, `unknown_statuses` words that kept the status, each
    with its number of rows. `damage` is a sentence when the file ended too early.
    """

    path: Path
    format: str
    source: str
    read: int
    taken: int
    repeated: int
    rejected: int
    tickets: int
    entries: int
    follow_ups: int
    rejects_file: Path | None
    guesses: tuple[Guess, ...]
    unknown_statuses: tuple[tuple[str, int], ...]
    damage: str | None

    def lines(self) -> list[str]:
        """The report in words, for the command line."""
        said = [
            f"{_rows(self.read)} read: {self.taken:,} taken, {self.repeated:,} repeated, {self.rejected:,} rejected.",
            f"{_counted(self.tickets, 'ticket', 'tickets')} opened, "
            f"{_counted(self.entries, 'entry', 'entries')} recorded.",
        ]
        if self.follow_ups:
            said.append(f"{_counted(self.follow_ups, 'reply', 'replies')} to a closed ticket opened a follow-up.")
        for guess in self.guesses:
            if guess.impact is None:
                meaning = "is unknown and sets no impact"
            else:
                meaning = f"was taken for {IMPACT_NAMES[guess.impact]}"
            said.append(f'Guessed: impact "{guess.word}" {meaning} ({_rows(guess.rows)}).')
        if self.guesses:
            said.append("Say what such a word means with --impact WORD=urgent|high|normal|low.")
        said += (
            f'Unknown: status "{word}" kept the status that was ({_rows(rows)}).'
            for word, rows in self.unknown_statuses
        )
        if self.rejects_file is not None:
            said.append(f"The rejected rows, each with its line and reason, are in {self.rejects_file}.")
        return said


class ImportIncomplete(ConsoleError):
    """The file ended too early. What could be read was recorded; `report` says what."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(f"{report.path}: {report.damage}")
        self.report = report


def run_import(
    journal: ImportJournal,
    path: Path,
    *,
    rejects_folder: Path,
    now_ms: int,
    format: str | None = None,
    mapping: Path | None = None,
    source: str | None = None,
    impact_map: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Imports a file into the journal and reports.

    `format` is one of `detection.FORMATS`, by default what the content says; `mapping` is a column mapping for a CSV.
    `source` names the help desk and is part of the ids: the default is one for each format or mapping, so that a row is
    the same row under any file name. `impact_map` maps the source's words to impacts. `now_ms` is epoch ms.

    Raises `ImportFileError` before anything is written where the file, the mapping or the map of impacts cannot be
    used, `ImportIncomplete` after everything that could be read was written, and what the journal raises.
    """
    columns = shipped_mapping() if mapping is None else load_mapping(mapping)
    with InputFile(path) as file, Staging() as staging:
        name = _format(format, mapping, file, columns)
        source = source or (columns.name if name == CSV else name)
        maker = FactMaker(format=name, source=source)
        if name == CSV:
            words = ImpactWords({**columns.impacts, **(impact_map or {})})
            reader: Reader = Snapshots(maker, words, columns, str(path))
        else:
            reader = TicketEvents(maker, ImpactWords(impact_map))
        running = _Running(journal, reader, maker, staging, now_ms, progress)
        running.stage(file)
        running.record()
        report = ImportReport(
            path=path,
            format=name,
            source=source,
            read=running.read,
            taken=running.taken,
            repeated=running.repeated,
            rejected=staging.rejected_count,
            tickets=running.tickets,
            entries=running.entries,
            follow_ups=running.follow_ups,
            rejects_file=_write_rejects(staging, rejects_folder, path, now_ms),
            guesses=reader.impacts.guesses(),
            unknown_statuses=tuple(reader.unknown_statuses.most_common()),
            damage=file.damage,
        )
    if report.damage is not None:
        raise ImportIncomplete(report)
    return report


class _Running:
    """One import while it runs, and its counts."""

    def __init__(
        self,
        journal: ImportJournal,
        reader: Reader,
        maker: FactMaker,
        staging: Staging,
        now_ms: int,
        progress: Progress | None,
    ) -> None:
        self._journal = journal
        self._reader = reader
        self._maker = maker
        self._staging = staging
        self._now_ms = now_ms
        self._progress = progress
        self.read = 0
        self.taken = 0
        self.repeated = 0
        self.tickets = 0
        self.entries = 0
        self.follow_ups = 0

    def stage(self, file: InputFile) -> None:
        """Reads the file to its end; nothing is recorded yet."""
        cut = 0

        def whole() -> Iterator[tuple[int, bytes]]:
            nonlocal cut
            for line, row in file.lines():
                if line == file.cut_line and not row.isspace():
                    cut = 1
                    self._staging.reject(line, "The file ends in the middle of this line.", shown(row))
                else:
                    yield line, row

        rows = 0
        for rows in self._reader.stage(whole(), self._staging):
            if rows % _PROGRESS_EVERY == 0:
                self._tell(rows, None, 0)
        self.read = rows + cut

    def record(self) -> None:
        """Records every ticket of the file, a batch in a transaction."""
        is_fresh = self._journal.is_empty()
        waiting = self._staging.tickets()
        done = 0
        while batch := list(islice(waiting, BATCH_TICKETS)):
            entries = {} if is_fresh else self._known(batch)
            rows = [row for ticket in batch for row in self._reader.facts(ticket, entries.get(ticket.ticket, ()))]
            self._take(rows)
            done += len(batch)
            self._tell(self.taken + self.repeated + self._staging.rejected_count, self.read, done)

    def _known(self, batch: Sequence[TicketRows]) -> dict[str, list[Entry]]:
        """What the journal has of these tickets of the source and of the follow-ups that an import opened for them."""
        names = {ticket_stream(self._maker.ticket_id(ticket.ticket)): ticket.ticket for ticket in batch}
        known: dict[str, list[Entry]] = {}
        while names:
            follow_ups: dict[str, str] = {}
            for stream, entries in self._journal.entries_of(list(names)).items():
                known.setdefault(names[stream], []).extend(entries)
                for entry in entries:
                    if type(entry.event) is TicketFollowedUp and is_imported(entry.id):
                        follow_ups[ticket_stream(entry.event.new)] = names[stream]
            names = follow_ups
        return known

    def _take(self, rows: Sequence[Mapped]) -> None:
        """Records the facts of some rows in one transaction, and counts what became of each row."""
        offered = []
        for row in rows:
            if row.offers:
                offered.append(row)
            elif row.rejected is None:
                self.repeated += 1
            else:
                self._reject(row, row.rejected)
        if not offered:
            return
        verdicts = self._journal.record_imported([row.offers for row in offered], now_ms=self._now_ms)
        for row, said in zip(offered, verdicts, strict=True):
            self.entries += said.count("taken")
            if "conflict" in said:
                self._reject(row, CONFLICT)
            elif "taken" in said:
                self.taken += 1
                self._count_tickets(row.offers)
            else:
                self.repeated += 1

    def _count_tickets(self, offers: Sequence[Offered]) -> None:
        for offer in offers:
            if type(offer.event) is TicketOpened:
                self.tickets += 1
            elif type(offer.event) is TicketFollowedUp:
                self.follow_ups += 1

    def _reject(self, row: Mapped, reason: str) -> None:
        self._staging.reject(row.line, reason, shown(row.row))

    def _tell(self, rows: int, total: int | None, tickets: int) -> None:
        if self._progress is not None:
            self._progress(rows, total, tickets)


def _format(format: str | None, mapping: Path | None, file: InputFile, columns: ColumnMapping) -> str:
    """What was asked for, else CSV where a mapping was given, else what the content says."""
    if format is None:
        return CSV if mapping is not None else detect(file.head, file.path, columns)
    if format not in FORMATS:
        raise ImportFileError(f'The format "{format}" is unknown; known are {", ".join(FORMATS)}.')
    return format


def _write_rejects(staging: Staging, folder: Path, path: Path, now_ms: int) -> Path | None:
    """The rejected rows as JSON lines of `line`, `reason`, `row`, under a new name; None where there are none."""
    if not staging.rejected_count:
        return None
    at = datetime.fromtimestamp(now_ms // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file, name = _new_file(folder, f"{path.name[:100]}-{at}")
        with file:
            for rejected in staging.rejected():
                file.write(msgspec.json.encode(rejected._asdict()) + b"\n")
    except OSError as error:
        raise ImportFileError(
            f"The import is recorded, but its {staging.rejected_count:,} rejected rows could not be written to "
            f"{folder}: {error.strerror or error}. Run it again to have them; what is recorded is not recorded twice."
        ) from None
    return name


def _new_file(folder: Path, stem: str) -> tuple[BinaryIO, Path]:
    """A file that was not there before."""
    for number in count(1):
        name = folder / (f"{stem}.jsonl" if number == 1 else f"{stem}-{number}.jsonl")
        try:
            return name.open("xb"), name
        except FileExistsError:
            continue
    raise AssertionError("unreachable")


def _rows(number: int) -> str:
    return _counted(number, "row", "rows")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
