"""The journal: the only door to the workstation's database.

Entries go in through `record` and `record_imported`, each one transaction with the read models and the search index;
screens read rows, orders and counts. All reads give the view: confirmed entries, then own ones that wait for a hub.
What the sync does to the log goes through `replica`, what a person does about own entries through `own`. Source:
ARCHITECTURE.md "the way of a fact", spec events.md, sync.md 1-3. Called by the desk, by one thread at a time; other
processes may work on the same file. Instants are epoch ms, UTC.

Every method may raise `JournalError` (busy, full, unreadable); nothing is half written then.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from console.domain.events import Entry, Offered
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import QueueRow, View
from console.domain.search import SearchHit
from console.domain.stamp import Head
from console.journal import (
    append,
    attaching,
    checking,
    drafts,
    entry_rows,
    local_rows,
    own_rows,
    pro_rows,
    queue_reads,
    queue_sql,
    read_models,
    salvage,
    schema,
    search,
    view,
)
from console.journal.append import Decide, Recorded, Verdict
from console.journal.database import BUSY_MS, Database, UnknownOutcome, collector_paused
from console.journal.entry_rows import END_OF_TIME
from console.journal.errors import JournalError
from console.journal.opening import Opened, open_file
from console.journal.own_store import OwnEntries
from console.journal.read_models import Progress
from console.journal.replica_store import JournalReplica
from console.journal.states import Beat, RunningSegment


class Journal:
    """An open journal.

    Attributes: `path`; `history`, the guidelines that the read models follow; `notices`, sentences from opening that a
    person should see.
    """

    def __init__(self, database: Database, history: GuidelinesHistory, notices: list[str]) -> None:
        """Use `open`."""
        self._database = database
        self._closed = False
        self.path = database.path
        self.history = history
        self.notices = notices
        meta = self._meta()
        self._hub = bool(meta.connected)
        self._device = meta.device
        if self._hub:
            database.leave_no_trace()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        history: GuidelinesHistory,
        now_ms: int,
        busy_ms: int = BUSY_MS,
        max_pages: int | None = None,
    ) -> Journal:
        """Opens the database file at `path`, or makes it with its folder, readable by the owner only.

        A file that is damaged or another program's is renamed aside and a fresh one started with the entries that can
        be read; `notices` then says so. Another process is waited for `busy_ms`. `max_pages` bounds the file (4 KiB
        each): beyond it, writes raise `JournalFull`. Raises `JournalError`, and `JournalNewer` for a file of a newer
        version, which stays as it is.
        """
        opened = open_file(path, now_ms=now_ms, guidelines=history.digest, busy_ms=busy_ms, max_pages=max_pages)
        try:
            notices = [] if opened.aside is None else [_save(opened, path, now_ms)]
            journal = cls(opened.database, history, notices)
            if opened.ours:
                journal.rebuild(history)
            journal.sweep()
            return journal
        except BaseException:
            opened.database.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Marks a clean end, folds the write-ahead log in, and closes the file; closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._meta().opened_by == os.getpid():
                with self._database.write() as connection:
                    connection.execute(schema.meta.update().values(opened_by=None))
        except (JournalError, UnknownOutcome):
            pass  # the next opening finds no clean end, and checks the file
        finally:
            self._database.close()

    # The hub

    @property
    def device(self) -> str:
        """The id of this workspace as a writer; a hub may give it another one."""
        return self._meta().device if self._hub else self._device

    @property
    def is_connected(self) -> bool:
        """Whether the workspace follows a hub."""
        return self._hub

    @cached_property
    def replica(self) -> JournalReplica:
        """What the sync asks and does."""
        return JournalReplica(self._database, lambda: self.history)

    @cached_property
    def own(self) -> OwnEntries:
        """What a person asks and does about entries that wait, were refused or are void."""
        return OwnEntries(self._database, lambda: self.history)

    def follow(self, *, url: str, person: str, role: str, device: str) -> None:
        """From now on the workspace follows a hub, and keeps what is recorded as own entries (`attaching.follow`)."""
        self._database.repeatable(lambda connection: attaching.follow(connection, url, person, role, device))
        self._hub = True
        self._database.leave_no_trace()

    def adopt(self, offers: Sequence[Offered], *, now_ms: int, until: int = END_OF_TIME) -> int:
        """Keeps entries of a workspace without a hub as own ones, in the order given; those that are known are left
        out, and those of later than `until` count when the hub has them. How many were new. The read models wait for
        `replica.finish_bulk`."""
        with collector_paused():
            return self._database.repeatable(lambda connection: attaching.adopt(connection, offers, now_ms, until))

    # Entries

    def head(self) -> Head:
        """Where the log stands; of a hub's log as far as it is here."""
        return self._meta().head

    def is_empty(self) -> bool:
        """Whether nothing was ever recorded or loaded."""
        with self._database.read() as connection:
            return entry_rows.read_meta(connection).seq == 0 and own_rows.is_empty(connection)

    def entry(self, entry_id: str) -> Entry | None:
        with self._database.read() as connection:
            return view.entry(connection, entry_id, hub=self._hub)

    def entries(self, stream: str) -> list[Entry]:
        """The entries of a stream in log order."""
        return self.entries_of([stream])[stream]

    def entries_of(self, streams: Sequence[str]) -> dict[str, list[Entry]]:
        """The entries of several streams, each in log order; empty where there are none."""
        with self._database.read() as connection:
            return view.entries_of_streams(connection, streams, hub=self._hub)

    def all_streams(self, as_of: int | None = None) -> Iterator[tuple[str, list[Entry]]]:
        """Every stream with its entries in log order, as the log stands at the first step; with `as_of` only entries
        that count at or before that instant. Holds one page and one stream in memory, and no lock between pages."""
        return view.all_streams(self._database.read, END_OF_TIME if as_of is None else as_of)

    def record(self, offers: Sequence[Offered], *, actor: str, now_ms: int, decide: Decide) -> Recorded:
        """Takes one act: all of its entries in one transaction, or none.

        `decide` is given the folded states of the touched streams and the entries that are new, with the write lock
        held; a reason from it comes back in `refused` and nothing is written. Entries that are known already come back
        as stored. The journal gives `device` and `dseq` where the `dseq` is 0; other entries were written on another
        machine and keep both. With a hub it gives both to all, and the entries come back with the guess of a stamp, by
        the person whom the hub knows. Raises `IdReuse` for a known id with other content.
        """
        try:
            with self._database.write() as connection:
                return append.record(connection, self.history, offers, actor=actor, now_ms=now_ms, decide=decide)
        except UnknownOutcome as unknown:
            stored = self._after_unknown(offers, unknown)
            return Recorded(tuple(stored[offer.id] for offer in offers))

    def record_imported(self, batch: Sequence[Sequence[Offered]], *, now_ms: int) -> list[list[Verdict]]:
        """Takes the entries of many tickets in one transaction, each ticket's in its order, and tells what became of
        each. Nothing is judged: an import says what has happened. A few hundred tickets a call are a good measure."""
        try:
            with collector_paused(), self._database.write() as connection:
                verdicts = append.record_imported(connection, self.history, batch, now_ms=now_ms)
        except UnknownOutcome as unknown:
            # Nothing told which were new: what is stored with the same content is told as taken.
            stored = self._after_unknown([offer for offers in batch for offer in offers], unknown)
            return [["taken" if stored[o.id].hash == o.hash else "conflict" for o in offers] for offers in batch]
        return verdicts

    def _after_unknown(self, offers: Sequence[Offered], unknown: UnknownOutcome) -> dict[str, Entry]:
        """After a COMMIT that raised: reads the file anew, and raises only if the entries are not in it."""
        self._database.reopen()
        with self._database.read() as connection:
            stored = view.known(connection, [offer.id for offer in offers], hub=self._hub)
        if any(offer.id not in stored for offer in offers):
            raise unknown.error from unknown
        return stored

    # The queue

    def order(self, view: View, *, me: str, now: int, limit: int | None = None) -> queue_sql.Order:
        """Rowids, due instants (0 where the rank is not 0) and ranks of a view, most urgent first (`queue.order_key`).
        `me` is the name in `assignee`."""
        with self._database.read() as connection:
            return queue_sql.order(queue_reads.asking(connection), view, me=me, now=now, limit=limit)

    def rows(self, rowids: Sequence[int]) -> list[QueueRow]:
        """The rows in the order asked; missing ones are left out."""
        with self._database.read() as connection:
            return queue_sql.rows(queue_reads.asking(connection), rowids)

    def counts(self, *, me: str, now: int) -> dict[View, int]:
        with self._database.read() as connection:
            return queue_sql.counts(queue_reads.asking(connection), me=me, now=now)

    def rowid(self, ticket: str) -> int | None:
        """The rowid of a ticket: the seq of its first entry, the same for ever once that is confirmed."""
        with self._database.read() as connection:
            return queue_reads.rowid(connection, ticket)

    def ticket_row(self, ticket: str) -> QueueRow | None:
        with self._database.read() as connection:
            return queue_reads.ticket_row(connection, ticket)

    def ticket_rows(self, tickets: Collection[str]) -> dict[str, QueueRow]:
        """The rows of several tickets, by ticket; missing ones are left out."""
        with self._database.read() as connection:
            return queue_reads.ticket_rows(connection, tickets)

    def candidates(self, ref: str, limit: int = 10) -> list[QueueRow]:
        """The tickets that a number (`48177`, `#48177`), an external reference or the start of an id may mean."""
        with self._database.read() as connection:
            return queue_reads.candidates(connection, ref, limit)

    def people(self) -> list[str]:
        """Everyone to whom a ticket is assigned."""
        with self._database.read() as connection:
            return queue_reads.people(connection)

    def search(self, words: str, limit: int = 50) -> list[SearchHit]:
        """Tickets with all the words in one subject or message, best first; any text is a valid question."""
        with self._database.read() as connection:
            return search.search(connection, words, limit, hub=self._hub)

    # Pro Services

    def pro_streams(self) -> dict[str, int]:
        """The Pro stream of every account, with a number that changes whenever its entries do."""
        with self._database.read() as connection:
            return pro_rows.streams(connection, hub=self._hub)

    def pro_stream(self, ticket: str) -> str | None:
        """The Pro stream in which a ticket's engagement is, or the lot that names the ticket."""
        with self._database.read() as connection:
            return pro_rows.stream_of(connection, ticket)

    def pro_lot(self, purchase: str) -> tuple[str, str] | None:
        """The stream and the ticket of a purchase, of a grant by its entry's id."""
        with self._database.read() as connection:
            return pro_rows.lots(connection, [purchase]).get(purchase)

    def pro_running(self) -> tuple[RunningSegment, ...]:
        """The open segments of all accounts, the longest running first."""
        with self._database.read() as connection:
            return pro_rows.running(connection)

    def beats(self) -> dict[str, Beat]:
        """The last beat of each segment that this workstation watched, by segment."""
        with self._database.read() as connection:
            return local_rows.beats(connection)

    def beat(self, *beats: Beat) -> None:
        """Keeps the last beat of each segment, within one boot the later; they are on the disk when this returns."""
        self._database.repeatable(lambda connection: local_rows.beat(connection, beats))

    def forget_beats(self, segments: Collection[str]) -> None:
        self._database.repeatable(lambda connection: local_rows.forget_beats(connection, segments))

    def raise_alert(self, key: str, at_ms: int) -> bool:
        """Whether an alert is raised now, the first time; asking again costs a read."""
        with self._database.read() as connection:
            if local_rows.is_raised(connection, key):
                return False
        try:
            with self._database.write() as connection:
                return local_rows.raise_alert(connection, key, at_ms)
        except UnknownOutcome as unknown:
            self._database.reopen()
            with self._database.read() as connection:
                if not local_rows.is_raised(connection, key):
                    raise unknown.error from unknown
            return True  # rather shown twice than never

    # Drafts

    def save_draft(self, ticket: str, mode: str, text: str, *, now_ms: int) -> None:
        """Keeps a half-written text; it is on the disk when this returns. An empty one is discarded."""
        self._database.repeatable(lambda connection: drafts.save(connection, ticket, mode, text, now_ms))

    def load_drafts(self, ticket: str) -> dict[str, str]:
        """The half-written texts of a ticket by mode."""
        with self._database.read() as connection:
            return drafts.load(connection, ticket)

    def discard_draft(self, ticket: str, mode: str) -> None:
        self._database.repeatable(lambda connection: drafts.discard(connection, ticket, mode))

    def draft_tickets(self) -> set[str]:
        """The ids of all tickets with a draft."""
        with self._database.read() as connection:
            return drafts.tickets(connection)

    # Upkeep

    def data_version(self) -> int:
        """A counter that rises with every write that a queue or a ticket could show, by any process; drafts and beats
        do not count. Cheap enough to ask four times a second."""
        return self._meta().changes

    def stale(self, history: GuidelinesHistory) -> bool:
        """Whether the read models need `rebuild`: they were made with other guidelines than these, or do not know all
        entries of a load that was broken off."""
        meta = self._meta()
        return meta.guidelines != history.digest or bool(meta.read_models_behind)

    def rebuild(self, history: GuidelinesHistory, progress: Progress | None = None) -> None:
        """Makes the read models and the search index anew from the log, in one transaction, and follows `history` from
        now on. Screens read the old ones until it is done."""

        def anew(connection: Connection) -> None:
            meta = entry_rows.read_meta(connection)
            with collector_paused():
                read_models.rebuild(connection, history, progress=progress)
            rebuilt = msgspec.structs.replace(
                meta, guidelines=history.digest, changes=meta.changes + 1, read_models_behind=0
            )
            entry_rows.write_meta(connection, rebuilt)

        self._database.repeatable(anew)
        self.history = history

    def sweep(self) -> bool:
        """Has the file forget the words that redactions took away, where it may still hold traces of them. Whether it
        is clean now; if not (another process holds it, the disk is full), the next opening tries again."""
        return self._database.sweep_if_due()

    def check(self) -> list[str]:
        """Everything that is wrong with the file, as sentences; empty when it is sound. Reads all of it."""
        problems = self._database.quick_check()
        return problems or checking.problems_of_log(self._database)

    def _meta(self) -> entry_rows.Meta:
        with self._database.read() as connection:
            return entry_rows.read_meta(connection)


def _save(opened: Opened, path: Path, now_ms: int) -> str:
    """Copies what can be read of a file that went aside, and says in one sentence what happened."""
    assert opened.aside is not None
    aside = f"{path} could not be used: {opened.reason.rstrip('.')}. It was kept as {opened.aside.name}"
    if not opened.ours:
        return f"{aside} and a fresh database was started."
    with opened.database.write() as connection:
        saved = salvage.salvage(connection, opened.aside, opened.database.driver, now_ms=now_ms)
    if saved.reload:
        return (
            f"{aside}; a fresh database was started with {saved.own:,} entries of yours that wait for the hub, "
            "and what the hub has is loaded again."
        )
    if saved.of is None:
        count = f"{saved.entries:,} entries"
    elif saved.of == saved.entries:
        count = f"all {saved.entries:,} entries"
    else:
        count = f"{saved.entries:,} of {saved.of:,} entries"
    return f"{aside}; a fresh database was started with {count} that could be read."
