"""One hub process: its storage, what it knows in memory, and the threads in which it asks the database.

Made by `hub.serve` and by tests, given to `hub.app.create_app`. One event loop uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Engine

from console.channels.reports import AnyReport
from console.domain.push import Author, Rules
from console.domain.stamp import Head
from console.hub.bell import Bell
from console.hub.blobs import Blobs
from console.hub.clock import now_ms
from console.hub.file_channel import FileChannel
from console.hub.head_watch import HeadWatch
from console.hub.hub_file import HubSettings
from console.hub.intake import Intake, Taken
from console.hub.limits import Buckets, Limits
from console.hub.log import HubLog
from console.hub.metrics import Metrics
from console.hub.oidc import Provider
from console.hub.people import People
from console.hub.presence import Presences
from console.hub.uploads import Uploads

THREADS: Final = 12
"""Requests that speak to the database at once; the others wait. The pool (26) has room for them, the
poller, the snapshots, the intake and the delivery."""
SNAPSHOTS: Final = 4
"""Snapshots that are streamed at once, each with a connection of its own."""
BLOB_THREADS: Final = 4

P = ParamSpec("P")
T = TypeVar("T")


class Hub:
    """Attributes: `log`, `people`, `blobs` and `uploads` are the storage; `intake` takes reports of services, `channel`
    is None where the hub sends nothing; `head` and `presences` what waiting workstations are told of; `poked` rings
    when either changes; `provider` is None where people get in by codes only; `trusts_loopback` says that what comes
    from this machine comes from its admin, and not from a proxy; `revive` starts an embedded database that died."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        *,
        settings: HubSettings | None = None,
        limits: Limits | None = None,
        rules: Callable[[], Rules] = Rules,
        clock: Callable[[], int] = now_ms,
        trusts_loopback: bool = True,
        revive: Callable[[], None] | None = None,
    ) -> None:
        settings = settings or HubSettings()
        self.engine = engine
        self.trusts_loopback = trusts_loopback
        self.revive = revive
        self.log = HubLog(engine, rules=rules, clock=clock)
        self.people = People(engine, clock=clock)
        self.intake = Intake(engine, self.log, self.people, clock=clock)
        self.channel: FileChannel | None = None
        if settings.file_drop is not None:
            self.channel = FileChannel(engine, self.log, self.people, self.intake, settings.file_drop)
        self.blobs = Blobs(folder / "blobs")
        self.uploads = Uploads(engine, self.blobs, clock=clock)
        self.provider = Provider(settings.oidc) if settings.oidc is not None else None
        self.buckets = Buckets(limits or Limits())
        self.presences = Presences()
        self.poked = Bell()
        self.head = HeadWatch(self.look, self.poked)
        self.metrics = Metrics(engine, self.head)
        self._threads = anyio.CapacityLimiter(THREADS)
        self._looking = anyio.CapacityLimiter(1)
        self._intake_thread = anyio.CapacityLimiter(1)
        self._blob_threads = anyio.CapacityLimiter(BLOB_THREADS)
        self._snapshot_threads = anyio.CapacityLimiter(SNAPSHOTS)
        self.snapshots = anyio.Semaphore(SNAPSHOTS)

    async def ask(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs what asks the database in a thread; waits for a free one."""
        return await run_sync(partial(work, *args, **kwargs), limiter=self._threads)

    async def ask_intake(self, author: Author, report: AnyReport) -> Taken:
        """Takes a service's report in a thread. One at a time, as the intake does itself: who waits holds no thread."""
        return await run_sync(self.intake.take, author, report, limiter=self._intake_thread)

    async def ask_disk(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs what reads or writes blobs in a thread, so that slow disks do not keep the database's waiting."""
        return await run_sync(partial(work, *args, **kwargs), limiter=self._blob_threads)

    async def ask_snapshot(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a step of a snapshot in a thread; called by holders of `snapshots` only."""
        return await run_sync(partial(work, *args, **kwargs), limiter=self._snapshot_threads)

    def stop(self) -> None:
        """Lets every workstation that waits go on, with what there is."""
        self.head.stop()

    async def look(self) -> Head:
        """Where the log stands now. Raises HubUnavailable while the database is away."""
        return await run_sync(self.log.head, limiter=self._looking)
