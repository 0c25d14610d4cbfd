"""A session runs while the disk is full, or another process holds the workspace: the tick says so, and recovers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Timer

import pytest

from console.desk import Desk
from console.guidelines_files import shipped_history
from console.journal.errors import JournalBusy, JournalFull
from console.journal.store import Journal
from console.settings import person_name
from console.timekeeping import Timekeeper
from tests.desk.pro_desk import HOUR, MINUTE_MS, ProStation, at, done, prepared
from tests.faults.pro_kill import ROOT

PAGES = 160

HOLDER = """
import sys
from pathlib import Path
from console.guidelines_files import shipped_history
from console.journal.store import Journal

journal = Journal.open(Path(sys.argv[1]), history=shipped_history(), now_ms=0)
with journal._database.write():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def station(tmp_path: Path) -> ProStation:
    return ProStation(tmp_path / "mara")


@contextmanager
def opened(station: ProStation, **limits: int) -> Iterator[Desk]:
    """A desk on a journal with `max_pages` or `busy_ms`."""
    workspace, clocks, history = station.workspace, station.clocks, shipped_history()
    journal = Journal.open(workspace.database, history=history, now_ms=clocks.true_ms, **limits)  # type: ignore[arg-type]
    with Desk(
        journal,
        workspace,
        history,
        me=person_name(workspace),
        clock=lambda: clocks().wall_ms,
        asked_guidelines=False,
        timekeeper=Timekeeper(clocks),
    ) as desk:
        yield desk


def started(desk: Desk, station: ProStation) -> str:
    """A session of up to nine hours that runs since ten."""
    ticket = desk.pro.hours.buy("P-1", "Harbour", 9 * HOUR, renewal=at("2027-02-01 00:00")).ticket
    prepared(desk, ticket)
    done(desk.pro.gate.book(ticket, at("10:00"), seconds=9 * HOUR))
    station.to("10:00")
    done(desk.pro.work.start(ticket))
    return ticket


def until_full(write: Callable[[], object]) -> None:
    def over_and_over() -> None:
        for _ in range(2_000):
            write()

    with pytest.raises(JournalFull, match="no room left"):
        over_and_over()


def test_a_full_disk_is_said_each_second_and_loses_no_session(station: ProStation) -> None:
    seen: list[int] = []

    def sleep_and_look() -> None:
        station.clocks.sleep(minutes=3)
        desk.pro.watch.tick()
        seen.append(station.clocks.true_ms)

    with opened(station, max_pages=PAGES) as desk:
        ticket = started(desk, station)
        station.watch(desk, "10:30", every_s=10)
        seen.append(station.clocks.true_ms)
        for words in (400, 20, 1):
            until_full(partial(desk.pro.work.note, ticket, "and more " * words))
        until_full(sleep_and_look)
        station.to("19:00")
        for _ in range(3):
            station.clocks.run(1)
            with pytest.raises(JournalFull, match="no room left"):
                desk.pro.watch.tick()
        assert [shown.ticket for shown in desk.pro.watch.watched().running] == [ticket]
    with opened(station) as desk:
        assert desk.pro.watch.tick().stopped == ("The session was stopped at 6:00 PM ET: service window closed.",)
        page = desk.pro.page(ticket)
        last = max(page.gaps, key=lambda gap: gap.ends_at)
        assert seen[-1] - 15_000 <= last.begins_at <= seen[-1]
        assert last.ends_at == at("18:00")
        h = page.hours
        assert h.used_ms + h.session_ms + h.open_gap_ms == 8 * 60 * MINUTE_MS
        assert desk.journal.check() == []


@pytest.mark.thorough
def test_a_workspace_that_is_held_for_three_seconds_leaves_no_gap(station: ProStation) -> None:
    with opened(station, busy_ms=50) as desk:
        ticket = started(desk, station)
        station.watch(desk, "10:00:14")
        with held(station):
            for _ in range(3):
                station.clocks.run(1)
                with pytest.raises(JournalBusy, match="in use by another process"):
                    desk.pro.watch.tick()
        station.clocks.run(1)
        assert not desk.pro.watch.tick().changed
        (beat,) = desk.journal.beats().values()
        assert beat.at == station.clocks.true_ms == at("10:00:18")
        page = desk.pro.page(ticket)
        assert page.gaps == ()
        assert page.hours.session_ms == 18_000


@pytest.mark.thorough
def test_a_tick_waits_for_a_process_that_holds_the_workspace_a_moment(station: ProStation) -> None:
    with opened(station) as desk:
        started(desk, station)
        station.clocks.run(15)
        with held(station, for_s=0.5):
            desk.pro.watch.tick()
        (beat,) = desk.journal.beats().values()
        assert beat.at == at("10:00:15")


@pytest.mark.thorough
def test_a_warning_that_comes_due_while_the_workspace_is_held_is_said_once_it_is_free(station: ProStation) -> None:
    with opened(station, busy_ms=50) as desk:
        started(desk, station)
        station.watch(desk, "17:29:50", every_s=10)
        with held(station):
            station.clocks.run(15)
            with pytest.raises(JournalBusy):
                desk.pro.watch.tick()
        (said,) = station.watch(desk, "17:30:10", every_s=1)
        assert said.startswith("Window closes in 30m")


@contextmanager
def held(station: ProStation, for_s: float = 60) -> Iterator[None]:
    """Another process is in the middle of a write: up to the end of the block, at most for so long."""
    command = [sys.executable, "-c", HOLDER, str(station.workspace.database)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        release = Timer(for_s, holder.stdin.close)
        release.start()
        yield
        release.cancel()
        holder.stdin.close()
