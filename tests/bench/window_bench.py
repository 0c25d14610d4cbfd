"""The window on 1,000, 10,000 and 100,000 open tickets, against an empty PySide6 main window on the same machine.

Each start is a process of its own; instants are of the system's monotonic clock, from before the process is spawned.
Start-up figures are medians. Runs offscreen, so painting is by the processor alone.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from console.domain import events as ev
from console.domain.events import Offered, imported_id, offer, ticket_stream
from console.guidelines_files import shipped_history
from console.journal.store import Journal

STARTS = 7
SIZES = (1_000, 10_000, 100_000)
FRAME_MS = 16
BATCH = 1_000


def run() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        for size in SIZES:
            folder = Path(temporary) / str(size)
            fill(folder, size)
            pairs = [
                (start("tests.bench.empty_window"), start("tests.bench.queue_window", str(folder)))
                for _ in range(STARTS + 1)
            ]
            empty, ours = zip(*pairs[1:], strict=True)  # the first pair writes bytecode and warms the disk
            rows += compared(size, empty, ours)
    return rows


def compared(size: int, empty: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    floor_ms, floor_mib = middle(empty, "painted_ms"), middle(empty, "peak_mib")

    def against(what: str, key: str, unit: str, floor: float, peer: str, goal: str | None) -> dict[str, Any]:
        value = middle(ours, key)
        return {
            "what": f"{size:,} open: {what}",
            f"ours_{unit}": value,
            "peer": peer,
            f"peer_{unit}": floor,
            "ratio": value / floor,
            "goal": goal,
        }

    return [
        against("start to the end of the command line", "asked_ms", "ms", floor_ms, "empty window", None),
        against("start to Qt's modules", "qt_ms", "ms", floor_ms, "empty window", None),
        against("start to the first paint", "painted_ms", "ms", floor_ms, "empty window", "<= 1.6"),
        against("start to the painted queue", "filled_ms", "ms", floor_ms, "empty window", "<= 5"),
        against("peak memory", "peak_mib", "mib", floor_mib, "empty window", "<= 3"),
        against("an event to the painted queue, median", "event_ms", "ms", FRAME_MS, "a frame", "<= 1"),
        against("scrolling a page, p95", "scroll_ms", "ms", FRAME_MS, "a frame", "<= 1"),
    ]


def middle(runs: Sequence[dict[str, Any]], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def start(module: str, *arguments: str) -> dict[str, Any]:
    """Runs a window in a process of its own and returns what it measured."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "BENCH_SPAWNED": repr(time.monotonic())}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{module} exited with {done.returncode}:\n{done.stdout}{done.stderr}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def fill(folder: Path, size: int) -> None:
    """A workspace with so many open tickets, due over the coming weeks and the past day."""
    now_ms = time.time_ns() // 1_000_000
    with Journal.open(folder / "journal.db", history=shipped_history(), now_ms=now_ms) as journal:
        batch: list[list[Offered]] = []
        for n in range(size):
            batch.append(ticket(n, now_ms - (n * 7_919_000) % (20 * 86_400_000)))
            if len(batch) == BATCH:
                journal.record_imported(batch, now_ms=now_ms)
                batch = []
        if batch:
            journal.record_imported(batch, now_ms=now_ms)


def ticket(n: int, at: int) -> list[Offered]:
    """An open ticket; every second is answered, every fifth of those waits on its customer."""
    name = imported_id("bench", str(n))
    facts: list[ev.Event] = [
        ev.TicketOpened(
            by="customer",
            channel=("email", "chat", "portal", "monitoring")[n % 4],
            subject=f"Sign-in loop after certificate change in pool {n}",
            account=f"Contoso {n % 997}",
            product=("CAS", "Classroom")[n % 2],
            plan=("Standard", "Business-Critical")[n % 4 == 0],
            impact=ev.IMPACTS[n % 4],
            external_ref=f"B-{n}",
        )
    ]
    if n % 2:
        facts.append(ev.MessageSent(body="Which pools loop, and when did the certificate change?", public=True))
        if n % 10 == 1:
            facts.append(ev.StatusSet(status="pending"))
    return [
        offer(event, id=imported_id("bench", str(n), str(i)), stream=ticket_stream(name), at=at + i, device="", dseq=0)
        for i, event in enumerate(facts)
    ]
