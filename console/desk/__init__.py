"""The door: everything the window and the command line do or ask goes through a `Desk`.

One object over one workspace, synchronous, used by one thread at a time (the window gives it a worker thread of its
own). It owns the journal, the guidelines and the clock; it judges acts before it writes them, and answers with frozen
values. Importing this package is cheap; opening a desk loads SQLAlchemy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from console.desk.drafts import Drafts
from console.desk.queue import QueueDesk
from console.desk.redacting import Redacting
from console.desk.tickets import TicketDesk
from console.domain.guidelines import GuidelinesHistory

if TYPE_CHECKING:
    from console.desk.imports import ImportReport, Progress
    from console.desk.pro.door import ProDesk
    from console.desk.sync import SyncDesk
    from console.domain.search import SearchHit
    from console.journal.store import Journal
    from console.settings import Workspace
    from console.timekeeping import Timekeeper


def wall_ms() -> int:
    """The machine's wall clock, epoch ms."""
    return time.time_ns() // 1_000_000


@cache
def machine_zone() -> str | None:
    """The zone in which this machine's person lives, as an IANA name; None where it names none."""
    from pendulum.tz.local_timezone import get_local_timezone

    try:
        return str(get_local_timezone().name)
    except (RuntimeError, OSError, ValueError):
        return None


class Desk:
    """The desk of one workspace.

    Attributes: `tickets`, `queue`, `drafts`, `redacting`, `pro`, `sync` (one door per subject), `history` (the
    guidelines that answer), `me` (the person who acts), `zone` (the policy's zone, IANA), `notices` (sentences from
    opening, to show once).
    """

    def __init__(
        self,
        journal: Journal,
        workspace: Workspace,
        history: GuidelinesHistory,
        *,
        me: str,
        clock: Callable[[], int],
        asked_guidelines: bool,
        timekeeper: Timekeeper | None = None,
    ) -> None:
        self._closed = False
        self.journal = journal
        self.workspace = workspace
        self.history = history
        self.me = me
        self.now = clock
        self.zone = history.at(None, clock()).zone
        self.notices: list[str] = list(journal.notices)
        self.queue = QueueDesk(journal, history, me=me, now=clock, zone=self.zone, own_history=asked_guidelines)
        self.tickets = TicketDesk(journal, history, me=me, now=clock, zone=self.zone)
        self.drafts = Drafts(journal, now=clock)
        self.redacting = Redacting(journal, me=me, now=clock)
        self._timekeeper = timekeeper
        self._given_clock = None if clock is wall_ms else clock

    @cached_property
    def pro(self) -> ProDesk:
        """The door to Pro services, loaded with its first use. Errors: ConsoleError for a `pro.toml` with mistakes."""
        from console.desk.pro.door import ProDesk
        from console.pro_settings_files import load_pro_settings

        settings = load_pro_settings(self.workspace.pro_settings)
        keeper = self.timekeeper
        keeper.set_limits(
            offline_max_ms=settings.offline_max_h * 3_600_000, max_skew_ms=settings.clock_max_skew_s * 1000
        )
        return ProDesk(self.journal, self.tickets, settings, me=self.me, timekeeper=keeper, my_zone=machine_zone)

    @cached_property
    def timekeeper(self) -> Timekeeper:
        """The trusted time of Pro work. With a hub the wall clock alone is not believed; what the hub said to any
        process here since the machine was started goes on (spec pro_services.md 3, scenario 73)."""
        from console.timekeeping import Anchor, Reading, Timekeeper

        keeper = self._timekeeper
        if keeper is None:
            keeper = Timekeeper() if self._given_clock is None else Timekeeper.following(self._given_clock)
        hub = self.journal.replica.hub() if self.journal.is_connected else None
        if hub is not None:
            keeper.doubt_wall()
            if hub.time is not None and not keeper.is_confirmed:
                seen = hub.time.clocks
                reading = Reading(seen.wall_ms, seen.awake_ms, seen.boot_ms, seen.boot_id)
                keeper.resume(Anchor(hub.time.at, reading))
        return keeper

    @cached_property
    def sync(self) -> SyncDesk:
        """The door to the sync with a hub, loaded with its first use; there also where the workspace has none."""
        from console.desk.sync import SyncDesk

        return SyncDesk(self.journal, self.workspace, me=self.me, now=self.now, timekeeper=self.timekeeper)

    @classmethod
    def open(
        cls,
        workspace: Workspace,
        *,
        guidelines: Path | None = None,
        clock: Callable[[], int] | None = None,
        keep_read_models: bool = True,
        timekeeper: Timekeeper | None = None,
    ) -> Self:
        """Opens a workspace, making it where there is none.

        `guidelines` is a file whose promises alone answer. With `keep_read_models` they change the answers of this
        desk and nothing that is stored (the command line); without it the queue is kept by them (a window). `clock`
        gives epoch ms; `timekeeper` the trusted time of Pro work, by default the machine's, or `clock` where that is
        given. Errors: ConsoleError with a sentence for a bad file, an unusable folder or a newer database.
        """
        from console.guidelines_files import history_of, shipped_history
        from console.journal.store import Journal

        now = clock or wall_ms
        asked = history_of(guidelines) if guidelines is not None else None
        kept = asked if asked is not None and not keep_read_models else shipped_history()
        journal = Journal.open(workspace.database, history=kept, now_ms=now())
        try:
            if journal.stale(kept):
                journal.rebuild(kept)
            return cls(
                journal,
                workspace,
                asked or kept,
                me=_person(journal, workspace),
                clock=now,
                asked_guidelines=asked is not None and keep_read_models,
                timekeeper=timekeeper,
            )
        except BaseException:
            journal.close()
            raise

    def search(self, query: str, limit: int = 50) -> list[SearchHit]:
        """Tickets whose subject or messages hold the words, best first."""
        return self.journal.search(query, limit)

    def import_file(
        self,
        path: Path,
        *,
        format: str | None = None,
        mapping: Path | None = None,
        source: str | None = None,
        impact_map: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> ImportReport:
        """Takes another system's history into this workspace (see `console.desk.imports.run_import`); the rows that
        cannot be read go to a file in the workspace's folder of rejects."""
        from console.desk.imports import run_import

        return run_import(
            self.journal,
            path,
            rejects_folder=self.workspace.rejects,
            now_ms=self.now(),
            format=format,
            mapping=mapping,
            source=source,
            impact_map=impact_map,
            progress=progress,
        )

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Makes the read models and the search index anew from the entries; `progress` is told (done, of)."""
        self.journal.rebuild(self.journal.history, progress)

    def close(self) -> None:
        """Closes the journal; a desk may be closed twice."""
        if not self._closed:
            self._closed = True
            self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _person(journal: Journal, workspace: Workspace) -> str:
    """Who acts here: with a hub whom it knows, which the settings then say as well."""
    from console.settings import load_settings, person_name, save_settings

    hub = journal.replica.hub() if journal.is_connected else None
    if hub is None:
        return person_name(workspace)
    settings = load_settings(workspace)
    if settings.name != hub.person:
        save_settings(workspace, settings._replace(name=hub.person))
    return hub.person
