"""A new workstation gets a hub's whole log: 1,000,000 entries of 100,000 tickets, by the real engine into a real
workspace, until its queue is whole. Against decoding the same lines and `executemany` of the same rows into the same
tables."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import msgspec

from console.desk import Desk
from console.domain.queue import View
from console.guidelines_files import shipped_history
from console.journal.driver import choose_driver
from console.journal.store import Journal
from console.settings import Workspace
from console.sync.http import HubClient
from console.wire.messages import Enrolled, WireEntry, entry_of, wire_entry
from tests.bench.hub_live_bench import connect
from tests.bench.hub_log import PER_TICKET, fill
from tests.bench.hub_server import BenchHub, cpu_s, hub
from tests.bench.memory import peak_mib

TICKETS = 100_000
TABLES = ("entries", "tickets", "search")
GOAL = "<= 3"
BATCH = 10_000
PATIENCE_S = 900.0

T = TypeVar("T")


def run(tickets: int = TICKETS) -> list[dict[str, Any]]:
    with hub() as running, TemporaryDirectory() as temporary:
        folder = Path(temporary)
        fill(running.database, tickets)
        (enrolled,) = running.enrol("Engineer new")
        lines = folder / "lines.jsonl"
        asyncio.run(_keep_lines(running.urls[0], enrolled, lines))
        connect(folder / "new", running.urls[0], enrolled)
        before = cpu_s(*running.pids)
        took, peak = asyncio.run(_loaded(running, folder / "new", tickets))
        of_the_hub = cpu_s(*running.pids) - before
        decoding = _decoded(lines)
        inserting = insert_again(folder / "new" / "journal.db", folder / "floor.db")
    floor = decoding + inserting
    return [
        {
            "what": f"a new workstation gets {tickets * PER_TICKET:,} entries of {tickets:,} tickets",
            "ours_s": took,
            "peer": "decode + executemany into the same tables",
            "peer_s": floor,
            "ratio": took / floor,
            "goal": GOAL,
        },
        {"what": "  of the floor: decoding", "ours_s": decoding},
        {"what": "  of the floor: executemany", "ours_s": inserting},
        {"what": "  the hub's processor time meanwhile", "ours_s": of_the_hub},
        {"what": "  peak memory of the workstation, with this bench", "ours_mib": peak},
    ]


async def _loaded(running: BenchHub, folder: Path, tickets: int) -> tuple[float, float]:
    """Seconds from the start of the engine until the workspace is level and its queue whole, and the peak of memory."""
    loop, thread = asyncio.get_running_loop(), ThreadPoolExecutor(1)
    desk = await loop.run_in_executor(thread, Desk.open, Workspace(folder))

    def call(fn: Callable[[Desk], T], /) -> Awaitable[T]:
        return loop.run_in_executor(thread, fn, desk)

    level = asyncio.Event()
    failures: list[BaseException] = []
    engine = await call(
        lambda desk: desk.sync.engine(
            call,
            lambda status: level.set() if status.link == "synced" else None,
            on_failure=lambda _, error: failures.append(error),
        )
    )
    started = time.perf_counter()
    syncing = asyncio.create_task(engine.run())
    async with asyncio.timeout(PATIENCE_S):
        await level.wait()
    took = time.perf_counter() - started
    assert not failures, failures
    counts = await call(lambda desk: desk.queue.counts())
    assert counts[View.ALL_OPEN] == len(range(0, tickets, 3)), counts
    peak = peak_mib()
    syncing.cancel()
    await asyncio.gather(syncing, return_exceptions=True)
    await call(Desk.close)
    thread.shutdown()
    return took, peak


async def _keep_lines(url: str, enrolled: Enrolled, file: Path) -> None:
    """The entries as they travel, for the floor."""
    encode_lines = msgspec.json.Encoder().encode_lines
    async with HubClient(url, enrolled.token) as client, client.snapshot(("accounts", "desk", "pro:*")) as snapshot:
        with file.open("wb") as lines:
            async for entries in snapshot.chunks():
                lines.write(encode_lines([wire_entry(entry) for entry in entries]))


def _decoded(file: Path) -> float:
    """Seconds to make entries of the lines, one after the other; reading them is left out."""
    decoder = msgspec.json.Decoder(WireEntry)
    took = 0.0
    with file.open("rb") as lines:
        while batch := list(islice(lines, BATCH)):
            started = time.perf_counter()
            for line in batch:
                entry_of(decoder.decode(line))
            took += time.perf_counter() - started
    return took


def insert_again(filled: Path, fresh: Path) -> float:
    """Seconds to put all rows of one workspace into another, in batches of one transaction each as the sync does."""
    Journal.open(fresh, history=shipped_history(), now_ms=0).close()
    driver = choose_driver().module
    source, target = driver.connect(str(filled)), driver.connect(str(fresh), isolation_level=None)
    took = 0.0
    try:
        target.execute("PRAGMA journal_mode=WAL")
        target.execute("PRAGMA synchronous=FULL")
        for table in TABLES:
            columns = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
            named = columns if columns[0] in ("seq", "rowid") else ["rowid", *columns]
            rows = source.execute(f"SELECT {', '.join(named)} FROM {table} ORDER BY 1")
            insert = f"INSERT INTO {table} ({', '.join(named)}) VALUES ({', '.join('?' * len(named))})"
            while batch := rows.fetchmany(BATCH):
                started = time.perf_counter()
                target.execute("BEGIN IMMEDIATE")
                target.executemany(insert, batch)
                target.execute("COMMIT")
                took += time.perf_counter() - started
    finally:
        source.close()
        target.close()
    return took
