"""The local copy of the hub's log in SQLite: `replica.Replica`, each change in one transaction.

Source: spec sync.md 2. What a change does is in `replica_changes`; here is its transaction, and what the sync asks.
Reached as `Journal.replica`, on the thread of the journal. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from console.domain.guidelines import GuidelinesHistory
from console.domain.stamp import checksum_of
from console.journal import entry_rows, own_rows, read_models
from console.journal.database import Database, UnknownOutcome, collector_paused
from console.journal.read_models import Progress
from console.journal.refold import refold_next
from console.journal.replica import Change, Offering, Outbox, Position
from console.journal.replica_changes import LocalCopy, scopes_of
from console.journal.states import HubTime

_COUNTS: Final = "SELECT state, entries FROM own_counts"
_OLDEST: Final = "SELECT made_at FROM own_entries WHERE state = 'new' ORDER BY dseq LIMIT 1"
_OFFERED: Final = "UPDATE own_entries SET offered = 1 WHERE id = ? AND offered = 0"
_LOG: Final = "SELECT chain, payload FROM entries WHERE seq <= (SELECT seq FROM meta) ORDER BY seq"


class Hub(msgspec.Struct, frozen=True, kw_only=True):
    """What is known here of the hub. `hub_id` is None before the first contact; `skew_ms` is how far this machine's
    clock is ahead of the hub's, `time` what the hub's clock said last: None where nobody asked."""

    url: str
    hub_id: str | None
    person: str
    role: str
    scopes: tuple[str, ...]
    skew_ms: int | None
    time: HubTime | None


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


class JournalReplica:
    """The `Replica` of a workspace that follows a hub; on another one all methods raise `JournalError`."""

    def __init__(
        self, database: Database, history: Callable[[], GuidelinesHistory], *, now: Callable[[], int] = _wall_ms
    ) -> None:
        """`history` gives the guidelines that the read models follow, `now` the wall clock, epoch ms."""
        self._database = database
        self._history = history
        self.now = now

    # What the sync asks

    def position(self) -> Position:
        with self._database.read() as connection:
            meta, side = entry_rows.read_meta(connection), entry_rows.read_hub_side(connection)
        return Position(
            device=meta.device,
            hub_id=meta.hub_id or None,
            epoch=meta.epoch,
            cursor=meta.seq,
            chain=meta.chain,
            scopever=meta.scopever,
            scopes=scopes_of(side.scopes),
        )

    def outbox(self) -> Outbox:
        with self._database.read() as connection:
            counts = {row[0]: row[1] for row in connection.exec_driver_sql(_COUNTS)}
            oldest_at = connection.exec_driver_sql(_OLDEST).scalar()
        return Outbox(new=counts.get("new", 0), oldest_at=oldest_at, refused=counts.get("refused", 0))

    def offering(self, *, max_events: int, max_bytes: int) -> Offering | None:
        """Marks what it gives as offered, on the disk, before it can leave: from then on it cannot be withdrawn."""

        def offer(connection: Connection) -> Offering | None:
            acts = own_rows.next_acts(connection, max_events=max_events, max_bytes=max_bytes)
            if not acts:
                return None
            unmarked = [(own.offered.id,) for own in acts if not own.was_offered]
            if unmarked:
                connection.exec_driver_sql(_OFFERED, unmarked)
            first = acts[0].offered
            base = own_rows.base_dseq(connection, first.device, first.dseq)
            return Offering(base_dseq=base, events=tuple(own.offered for own in acts))

        return self._database.repeatable(offer)

    def checksum(self) -> tuple[int, bytes]:
        count = 0

        def counted(cursor: Any) -> Any:
            nonlocal count
            for row in cursor:
                count += 1
                yield row

        with self._database.read() as connection:
            cursor: Any = connection.exec_driver_sql(_LOG).cursor
            with closing(cursor):
                digest = checksum_of(counted(cursor))
        return count, digest

    def hub(self) -> Hub | None:
        """What is known of the hub; None for a workspace without one."""
        with self._database.read() as connection:
            meta, side = entry_rows.read_meta(connection), entry_rows.read_hub_side(connection)
        if not meta.connected:
            return None
        return Hub(
            url=side.hub_url,
            hub_id=meta.hub_id or None,
            person=side.person,
            role=side.role,
            scopes=scopes_of(side.scopes),
            skew_ms=side.skew_ms,
            time=entry_rows.hub_time_of(side),
        )

    # What the sync does

    def change(self, change: Change) -> None:
        """A COMMIT that raised is looked up before anything is said: the count of changes tells whether it happened.
        Where words went the file is swept of their traces; if another process holds it, by the next opening."""
        changes: int | None = None
        leaves_traces = False
        try:
            with collector_paused(), self._database.write() as connection:
                copy = LocalCopy(connection, self._history(), self.now())
                changes = copy.make(change)
                leaves_traces = copy.leaves_traces
        except UnknownOutcome as unknown:
            self._database.reopen()
            with self._database.read() as connection:
                if changes is not None and entry_rows.read_meta(connection).changes < changes:
                    raise unknown.error from unknown
        if leaves_traces:
            self._database.sweep_if_due()

    def finish_bulk(self, progress: Progress | None = None) -> None:
        """Makes the read models know what bulk pages and adopted entries brought, in one transaction: for a file that
        nobody else works on yet. Does nothing where they know."""

        def finish(connection: Connection) -> None:
            meta = entry_rows.read_meta(connection)
            if meta.read_models_behind:
                history = self._history()
                read_models.rebuild(connection, history, progress=progress)
                caught_up = replace(meta, guidelines=history.digest, changes=meta.changes + 1, read_models_behind=0)
                entry_rows.write_meta(connection, caught_up)

        with collector_paused():
            self._database.repeatable(finish)

    def fold_behind(self, after: str) -> str | None:
        """Each step is a transaction that folds whole streams as the view stands then, so that what others write in
        between is neither lost nor waited for; until the last one the file says that its read models are behind, and a
        crash leaves them to the next opening. The entries and the cursor were stored by their pages."""

        def fold(connection: Connection) -> str | None:
            meta = entry_rows.read_meta(connection)
            if not meta.read_models_behind:
                return None
            reached = refold_next(connection, self._history(), after)
            behind = 0 if reached is None else 1
            entry_rows.write_meta(
                connection,
                replace(meta, changes=meta.changes + 1, opened_by=os.getpid(), read_models_behind=behind),
            )
            return reached

        with collector_paused():
            return self._database.repeatable(fold)

    def heard(self, *, role: str, skew_ms: int | None, time: HubTime | None = None) -> None:
        """Keeps what the hub said of the person, how far the clocks are apart, and its time where it was understood."""

        def keep(connection: Connection) -> None:
            side = entry_rows.read_hub_side(connection)
            if time is not None:
                side = replace(side, hub_time=msgspec.json.encode(time).decode())
            entry_rows.write_hub_side(connection, replace(side, role=role, skew_ms=skew_ms))

        self._database.repeatable(keep)
