"""Pro services: the tick that looks at the clocks each second, the state of a long engagement, and the list.

Ticks run on clocks that jump ahead by a second each time, so a beat comes as often as it does in a window. Their floor
is what a tick cannot do without: one look at the clocks, and one question whether anything was written. That of a state
is to decode its entries. What the project promises, a millisecond a tick and five a state, stands beside them.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from console.desk import Desk
from console.domain.metering import measure
from console.domain.pro import fold
from console.settings import Workspace
from console.timekeeping import Reading, Timekeeper, read_clocks
from tests.bench.engine_bench import best
from tests.bench.pro_accounts import HOLIDAYS, ME, SETTINGS, Account, fill

Row = dict[str, Any]

OPEN = 50
WATCHED = (1, 10, 50)
TICKS = 600
SEGMENTS = (100, ASKED := 500, 2_000)
TICK_MS, STATE_MS, FRAME_MS = 1, 5, 16
WITHIN = "<= 1"


class Clocks:
    """This machine's clocks from an instant on, which `skip` turns ahead as if the machine had run meanwhile."""

    def __init__(self, at_ms: int) -> None:
        self._ahead_ms = 0
        self._boot_ms = read_clocks().boot_ms
        self._at_ms = at_ms

    def __call__(self) -> Reading:
        seen = read_clocks()
        ahead_ms = self._ahead_ms
        wall_ms = self._at_ms + seen.boot_ms - self._boot_ms + ahead_ms
        return Reading(wall_ms, seen.awake_ms + ahead_ms, seen.boot_ms + ahead_ms, seen.boot_id)

    def skip(self, ms: int) -> None:
        self._ahead_ms += ms


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        rows = [row for watched in WATCHED for row in ticks(folder / f"ticks {watched}", watched)]
        rows += engagements(folder / "list")
        rows += [row for count in SEGMENTS for row in states(folder / f"segments {count}", count)]
    return rows


def ticks(folder: Path, watched: int) -> list[Row]:
    """Ticks with so many sessions of this workstation among the open engagements."""
    accounts = [Account(number, segments=10) for number in range(OPEN)]
    for number, account in enumerate(accounts[:watched]):
        account.starts(f"Engineer {number}" if number else ME)
    workspace = fill(folder, accounts)
    clocks = Clocks(accounts[0].now_ms)
    with opened(workspace, clocks) as desk:
        tick = desk.pro.watch.tick
        began = took_ms(tick)
        floor, looks = [], []
        for _ in range(TICKS):
            clocks.skip(1_000)
            floor.append(took_ms(lambda: (read_clocks(), desk.journal.data_version())))
            looks.append(took_ms(tick))
        assert len(desk.pro.watch.watched().running) == 1
        assert len(desk.journal.beats()) == watched
        desk.pro.work.note(accounts[0].ticket, "Something new.")
        changed = took_ms(tick)
    what = f"a tick, {watched} of {OPEN} engagements running"
    goal = WITHIN if watched == 1 else None
    return [
        {
            "what": f"{what}: median",
            "ours_us": statistics.median(looks) * 1000,
            "peer": "a look and a question",
            "peer_us": statistics.median(floor) * 1000,
            "ratio": statistics.median(looks) / statistics.median(floor),
            "goal": "<= 2" if goal else None,
        },
        against(f"{what}: mean with its beats", statistics.mean(looks), "1 ms", TICK_MS, goal),
        against(f"{what}: p95", statistics.quantiles(looks, n=20)[-1], "a frame", FRAME_MS, goal),
        against(f"{what}: after a note", changed, "a frame", FRAME_MS, goal),
        against(f"{what}: the first", began, "a frame", FRAME_MS),
    ]


def against(what: str, ours_ms: float, peer: str, peer_ms: float, goal: str | None = None) -> Row:
    return {
        "what": what,
        "ours_ms": ours_ms,
        "peer": peer,
        "peer_ms": peer_ms,
        "ratio": ours_ms / peer_ms,
        "goal": goal,
    }


def engagements(folder: Path) -> list[Row]:
    """The list of engagements: the first time a desk shows it, each second after that, and after a change."""
    accounts = [Account(number, segments=10) for number in range(OPEN)]
    workspace = fill(folder, accounts)
    clocks, firsts, laters, changed = Clocks(accounts[0].now_ms), [], [], []
    for _ in range(5):
        with opened(workspace, clocks) as desk:
            desk.pro.now()  # loads the modules, and no account
            firsts.append(took_ms(desk.pro.engagements))
            for number in range(20):
                clocks.skip(1_000)
                laters.append(took_ms(desk.pro.engagements))
                desk.pro.work.note(accounts[number].ticket, "Something new.")
                changed.append(took_ms(desk.pro.engagements))
    what = f"the list of {OPEN} engagements"
    return [
        against(f"{what}: the first time", min(firsts), "a frame", FRAME_MS),
        against(f"{what}: a second later", statistics.median(laters), "a frame", FRAME_MS, WITHIN),
        against(f"{what}: after a note", statistics.median(changed), "a frame", FRAME_MS, WITHIN),
    ]


def states(folder: Path, count: int) -> list[Row]:
    """An engagement with so many segments: its state from the entries, and its page."""
    account = Account(0, segments=count)
    workspace, clocks = fill(folder, [account]), Clocks(account.now_ms)
    with opened(workspace, clocks) as desk:
        entries = desk.journal.entries(account.stream)
        now = desk.pro.now()
        folded = fold(entries)
        bodies = [msgspec.json.encode(entry.event) for entry in entries]
        decoder = msgspec.json.Decoder()
        with resting_collector():
            decoding = best(lambda: [decoder.decode(body) for body in bodies]) * 1000
            state = best(lambda: measure(fold(entries), now, SETTINGS, HOLIDAYS), 15) * 1000
            measuring = best(lambda: measure(folded, now, SETTINGS, HOLIDAYS), 15) * 1000
        first = took_ms(lambda: desk.pro.page(account.ticket))
        laters = []
        for _ in range(9):
            clocks.skip(1_000)
            laters.append(took_ms(lambda: desk.pro.page(account.ticket)))
    what = f"an engagement of {count:,} segments"
    goal = WITHIN if count == ASKED else None
    return [
        against(f"{what}: fold and measure", state, "5 ms", STATE_MS, goal),
        against(f"{what}: of it to measure", measuring, f"decode its {len(entries):,} entries", decoding),
        against(f"{what}: the page, first", first, "a frame", FRAME_MS),
        against(f"{what}: the page, a second later", statistics.median(laters), "a frame", FRAME_MS, goal),
    ]


def took_ms(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return (time.perf_counter() - started) * 1000


@contextmanager
def opened(workspace: Workspace, clocks: Clocks) -> Iterator[Desk]:
    with Desk.open(workspace, clock=lambda: clocks().wall_ms, timekeeper=Timekeeper(clocks)) as desk:
        yield desk


@contextmanager
def resting_collector() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
