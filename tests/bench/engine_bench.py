"""Fold and all clocks over the real events, against decoding the rows of the import file; and how the cost grows."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from console.desk.imports import run_import
from console.domain.events import Entry
from console.domain.sla import clocks
from console.domain.ticket import fold
from console.guidelines_files import shipped_history
from console.journal.store import Journal
from tests.bench import incidents

GOAL = "<= 3"
NOW_MS = 1_767_225_600_000


def run() -> list[dict[str, Any]]:
    lines = incidents.lines()
    if not lines:
        return [{"what": "fold and all clocks", "note": "the incidents are not beside this checkout"}]
    history = shipped_history()
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.open(Path(folder) / "journal.db", history=history, now_ms=NOW_MS)
        run_import(journal, incidents.FILE, rejects_folder=Path(folder), now_ms=NOW_MS)
        streams = [entries for _, entries in journal.all_streams()]
        journal.close()
    events = sum(map(len, streams))
    decoder = msgspec.json.Decoder()

    def derive(some: list[list[Entry]]) -> None:
        for entries in some:
            fold(entries)
            clocks(entries, history)

    rows = []
    gc.collect()
    gc.freeze()
    try:
        decoding = best(lambda: [decoder.decode(line) for line in lines])
        deriving = best(lambda: derive(streams))
        rows.append(
            {
                "what": f"fold and all clocks, {events:,} events of {len(streams):,} tickets",
                "ours_ms": deriving * 1000,
                "peer": "msgspec decodes the rows",
                "peer_ms": decoding * 1000,
                "ratio": deriving / decoding,
                "goal": GOAL,
            }
        )
        for count in (1_000, 10_000, len(streams)):
            took = best(lambda count=count: derive(streams[:count]))  # type: ignore[misc]
            rows.append({"what": f"  a ticket, of {count:,}", "ours_us": took / count * 1e6})
    finally:
        gc.unfreeze()
    return rows


def best(what: Callable[[], object], times: int = 5) -> float:
    """The quickest of some runs, in seconds."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        what()
        took.append(time.perf_counter() - started)
    return min(took)
