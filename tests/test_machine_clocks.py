"""The clocks of the machine that runs the tests, and those that the tests turn."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from console.timekeeping import CLOSE_NS, TRIES, ClockSource, Difference, Reading, Timekeeper, compare, read_clocks
from tests.domain.new_york import ny
from tests.fake_clocks import FakeClocks


def test_this_machines_clocks_run_forward_and_name_one_boot() -> None:
    readings = [read_clocks() for _ in range(200)]
    for before, after in pairwise(readings):
        assert after.awake_ms >= before.awake_ms
        assert after.boot_ms >= before.boot_ms
        assert not compare(before, after).rebooted
    assert all(reading.boot_ms >= reading.awake_ms > 0 for reading in readings)
    assert len({reading.boot_id for reading in readings}) == 1
    assert readings[0].boot_id


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the time since its boot in a file as well")
def test_linux_counts_the_boot_clock_from_its_boot() -> None:
    before = read_clocks()
    up_ms = round(float(Path("/proc/uptime").read_text().split()[0]) * 1000)
    assert before.boot_ms - 10 <= up_ms <= read_clocks().boot_ms


def test_this_machines_boot_clock_and_wall_clock_run_alike() -> None:
    before = read_clocks()
    while (after := read_clocks()).boot_ms - before.boot_ms < 20:
        pass
    assert compare(before, after) == Difference(elapsed_ms=after.boot_ms - before.boot_ms)


def test_a_timekeeper_without_clocks_reads_this_machines() -> None:
    before = read_clocks()
    keeper = Timekeeper()
    assert compare(before, keeper.reading()) == Difference(keeper.reading().boot_ms - before.boot_ms)


class BusyMachine:
    """All its clocks are one; before the wall clock is read, the thread is put aside for the next length given, ns."""

    def __init__(self, *aside_ns: int) -> None:
        self.ns = 5_000_000_000
        self._aside = iter(aside_ns)

    def source(self) -> ClockSource:
        return ClockSource(self._boot, self._boot, "boot-1", wall_ns=self._wall)

    def _boot(self) -> int:
        return self.ns

    def _wall(self) -> int:
        self.ns += next(self._aside)
        return self.ns


def test_clocks_that_were_not_read_at_once_are_read_again() -> None:
    machine = BusyMachine(3_000_000_000, CLOSE_NS)
    reading = machine.source().read()
    assert (reading.awake_ms, reading.wall_ms, reading.boot_ms) == (8_000, 8_050, 8_050)


def test_a_machine_that_is_always_busy_gives_the_closest_reading() -> None:
    lengths = [3_000_000_000] * TRIES
    lengths[-1] = 60_000_000
    reading = BusyMachine(*lengths).source().read()
    assert reading.wall_ms - reading.awake_ms == 60


def test_the_fakes_give_what_they_were_turned_to() -> None:
    begin_ms = ny("2027-01-12 10:00")
    clocks = FakeClocks(begin_ms)
    turns: tuple[tuple[Callable[[], None], Reading], ...] = (
        (lambda: clocks.run(2), Reading(begin_ms + 2_000, 7_202_000, 10_802_000, "boot-1")),
        (lambda: clocks.sleep(3), Reading(begin_ms + 5_000, 7_202_000, 10_805_000, "boot-1")),
        (lambda: clocks.step_wall(minutes=-1), Reading(begin_ms - 55_000, 7_202_000, 10_805_000, "boot-1")),
        (lambda: clocks.reboot(4), Reading(begin_ms - 51_000, 0, 0, "boot-2")),
    )
    for turn, reading in turns:
        turn()
        assert clocks() == reading
    assert clocks.true_ms == begin_ms + 9_000
