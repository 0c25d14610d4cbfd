"""Trusted now and what the clocks prove: scenarios of spec pro_services.md 3 (D6), each by its number, laws, and the
clocks of the machine that runs the tests. Wall times are New York's on Tue 2027-01-12.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.timekeeping import (
    CLOSE_NS,
    OFFLINE_MAX_MS,
    TRIES,
    Anchor,
    ClockSource,
    Difference,
    Reading,
    Timekeeper,
    compare,
    read_clocks,
)
from tests.domain.new_york import ny
from tests.fake_clocks import FakeClocks

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def at(wall: str) -> int:
    return ny(f"2027-01-12 {wall}")


@pytest.fixture
def clocks() -> FakeClocks:
    return FakeClocks(at("10:00"))


def since(before: Reading, clocks: FakeClocks) -> Difference:
    return compare(before, clocks())


def test_scenario_65_sleep_is_boot_time_that_the_awake_clock_did_not_see(clocks: FakeClocks) -> None:
    clocks.run(minutes=40)
    before = clocks()
    clocks.sleep(minutes=25)
    assert since(before, clocks) == Difference(elapsed_ms=25 * MINUTE_MS, slept_ms=25 * MINUTE_MS)


def test_time_awake_is_neither_sleep_nor_a_step(clocks: FakeClocks) -> None:
    before = clocks()
    clocks.run(hours=9)
    assert since(before, clocks) == Difference(elapsed_ms=9 * HOUR_MS)


@pytest.mark.parametrize(("seconds", "slept_ms"), [(1.5, 0), (1.501, 1_501)])
def test_more_than_a_second_and_a_half_is_sleep(clocks: FakeClocks, seconds: float, slept_ms: int) -> None:
    before = clocks()
    clocks.sleep(seconds)
    assert since(before, clocks).slept_ms == slept_ms


@pytest.mark.parametrize(
    ("seconds", "stepped_ms"), [(2, 0), (2.001, 2_001), (-2, 0), (-2.001, -2_001), (-3600, -3_600_000)]
)
def test_more_than_two_seconds_is_a_step_with_its_sign(clocks: FakeClocks, seconds: float, stepped_ms: int) -> None:
    before = clocks()
    clocks.run(15)
    clocks.step_wall(seconds)
    assert since(before, clocks) == Difference(elapsed_ms=15_000, stepped_ms=stepped_ms)


def test_a_step_during_sleep_is_told_apart_from_the_sleep(clocks: FakeClocks) -> None:
    before = clocks()
    clocks.sleep(minutes=10)
    clocks.step_wall(hours=1)
    assert since(before, clocks) == Difference(10 * MINUTE_MS, slept_ms=10 * MINUTE_MS, stepped_ms=HOUR_MS)


def test_scenario_74_after_a_reboot_the_wall_clock_measures_and_nothing_else_is_claimed(clocks: FakeClocks) -> None:
    clocks.run(hours=3)
    before = clocks()
    clocks.run(5)
    clocks.reboot(minutes=2)
    clocks.run(10)
    assert since(before, clocks) == Difference(elapsed_ms=2 * MINUTE_MS + 15_000, rebooted=True)


def test_scenario_74_a_wall_clock_that_lost_its_time_measures_nothing(clocks: FakeClocks) -> None:
    before = clocks()
    clocks.reboot(minutes=2)
    clocks.step_wall(hours=-50_000)
    assert since(before, clocks) == Difference(elapsed_ms=0, rebooted=True)


def test_a_reading_that_another_process_took_a_moment_earlier_is_no_reboot(clocks: FakeClocks) -> None:
    earlier = clocks()
    clocks.run(0.003)
    assert compare(clocks(), earlier) == Difference(elapsed_ms=0)


def test_a_boot_clock_that_went_back_is_a_reboot_without_a_new_id(clocks: FakeClocks) -> None:
    before = clocks()
    clocks.run(minutes=10)
    clocks.boot_ms -= HOUR_MS
    assert since(before, clocks) == Difference(elapsed_ms=10 * MINUTE_MS, rebooted=True)


def test_scenario_65_trusted_time_goes_on_while_the_machine_sleeps(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.run(minutes=40)
    clocks.sleep(minutes=25)
    assert keeper.now_ms() == at("11:05")


def test_scenario_70_the_next_morning_the_last_beat_of_the_same_boot_still_tells_the_time(clocks: FakeClocks) -> None:
    clocks.run(hours=7, minutes=40)
    beat = Timekeeper(clocks).look()
    clocks.sleep(hours=15)
    clocks.step_wall(hours=-6)
    keeper = Timekeeper(clocks, beat)
    assert keeper.now_ms() == ny("2027-01-13 08:40")
    assert compare(beat.reading, keeper.reading()) == Difference(
        15 * HOUR_MS, slept_ms=15 * HOUR_MS, stepped_ms=-6 * HOUR_MS
    )


def test_scenario_70_the_next_morning_after_a_shutdown_the_wall_clock_tells_the_time(clocks: FakeClocks) -> None:
    clocks.run(hours=7, minutes=40)
    beat = Timekeeper(clocks).look()
    clocks.reboot(hours=15)
    keeper = Timekeeper(clocks, beat)
    assert keeper.look() == Anchor(ny("2027-01-13 08:40"), clocks(), verified=True)
    assert compare(beat.reading, keeper.reading()) == Difference(15 * HOUR_MS, rebooted=True)


def test_scenario_71_an_hour_back_moves_nothing(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.run(minutes=30)
    before = keeper.reading()
    clocks.step_wall(hours=-1)
    assert keeper.now_ms() == at("10:30")
    assert compare(before, keeper.reading()).stepped_ms == -3_600_000
    clocks.run(minutes=5)
    assert keeper.now_ms() == at("10:35")
    assert keeper.skew_ms() == -HOUR_MS


def test_scenario_71_a_process_that_begins_after_the_step_takes_over_the_time_before_it(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.run(minutes=30)
    clocks.step_wall(hours=-1)
    clocks.run(minutes=5)
    late = Timekeeper(clocks, keeper.look())
    clocks.run(minutes=5)
    assert late.now_ms() == keeper.now_ms() == at("10:40")
    assert not late.look().verified


def test_scenario_72_a_raw_wall_clock_past_the_windows_end_moves_nothing(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.run(hours=1)
    clocks.step_wall(hours=8)
    for _ in range(60):
        clocks.run(minutes=1)
        assert keeper.now_ms() == clocks.true_ms
    assert not keeper.clocks().verified


def test_scenario_72_a_server_that_confirms_the_step_moves_the_time_at_once(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.step_wall(hours=8)
    assert keeper.now_ms() == at("10:00")
    keeper.anchor_to(at("18:00"))
    clocks.run(30)
    assert keeper.look() == Anchor(at("18:00") + 30_000, clocks(), verified=True)
    assert keeper.skew_ms() == 0


def test_scenario_72_a_server_that_denies_the_step_leaves_the_wall_clock_known_to_be_wrong(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.step_wall(hours=8)
    keeper.anchor_to(at("10:00"))
    assert keeper.look().verified
    look_for(keeper, clocks, hours=20)
    assert keeper.look() == Anchor(clocks.true_ms, clocks(), verified=True)
    clocks.step_wall(hours=-8)
    look_for(keeper, clocks, hours=20)
    assert keeper.look() == Anchor(clocks.true_ms, clocks(), verified=True)


def test_scenario_72_a_doubt_outlives_the_process_that_had_it(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.step_wall(hours=1)
    seen = keeper.look()
    late = Timekeeper(clocks, Anchor(seen.at_ms, seen.reading))
    assert not late.look().verified
    look_for(late, clocks, hours=8)
    assert late.now_ms() == clocks.true_ms
    clocks.run(1)
    assert late.now_ms() == clocks.wall_ms


def test_scenario_72_a_time_that_is_taken_over_begins_the_wait_anew(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.step_wall(hours=1)
    look_for(keeper, clocks, hours=7)
    keeper.adopt(keeper.look())
    look_for(keeper, clocks, hours=7)
    assert keeper.now_ms() == clocks.true_ms


def test_scenario_72_offline_for_longer_than_the_limit_the_wall_clock_wins(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.step_wall(hours=1)
    look_for(keeper, clocks, hours=8)
    assert keeper.now_ms() == clocks.true_ms
    clocks.run(1)
    assert keeper.look() == Anchor(clocks.wall_ms, clocks(), verified=False)
    clocks.run(1)
    assert keeper.now_ms() == clocks.wall_ms


def test_scenario_72_a_step_that_was_taken_back_in_time_is_forgotten(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.step_wall(hours=1)
    look_for(keeper, clocks, hours=7)
    clocks.step_wall(hours=-1)
    assert keeper.look().verified
    clocks.step_wall(hours=1)
    look_for(keeper, clocks, hours=7)
    assert keeper.now_ms() == clocks.true_ms


def test_scenario_72_another_step_waits_anew(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.step_wall(hours=1)
    look_for(keeper, clocks, hours=7)
    clocks.step_wall(hours=1)
    look_for(keeper, clocks, hours=7)
    assert keeper.now_ms() == clocks.true_ms


def test_scenario_72_the_limit_is_a_setting(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks, offline_max_ms=HOUR_MS)
    clocks.step_wall(hours=1)
    look_for(keeper, clocks, hours=1.5)
    assert keeper.now_ms() == clocks.wall_ms


def look_for(keeper: Timekeeper, clocks: FakeClocks, hours: float) -> None:
    """Looks now and every ten minutes, as a tick would."""
    keeper.look()
    for _ in range(round(hours * 6)):
        clocks.run(minutes=10)
        keeper.look()


def test_scenario_73_a_server_shows_how_wrong_the_wall_clock_is(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    keeper.anchor_to(at("10:00") - 61_000)
    assert keeper.skew_ms() == 61_000
    assert keeper.clocks().verified


def test_scenario_73_a_start_before_the_first_contact_with_a_server_is_unverified(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks, believe_wall=False)
    assert not keeper.clocks().verified
    keeper.anchor_to(at("10:00"))
    assert keeper.clocks().verified


def test_scenario_73_without_a_server_the_wall_clock_counts(clocks: FakeClocks) -> None:
    assert Timekeeper(clocks).clocks().verified


@pytest.mark.parametrize(("seconds", "verified"), [(60, True), (-60, True), (60.001, False), (-60.001, False)])
def test_scenario_73_a_step_beyond_the_greatest_skew_is_unverified_until_it_is_confirmed(
    clocks: FakeClocks, seconds: float, verified: bool
) -> None:
    keeper = Timekeeper(clocks, max_skew_ms=MINUTE_MS)
    clocks.run(minutes=1)
    clocks.step_wall(seconds)
    assert keeper.clocks().verified is verified
    keeper.anchor_to(clocks.wall_ms)
    assert keeper.clocks().verified


def test_scenario_74_after_a_reboot_the_wall_clock_is_the_anchor(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.run(hours=1)
    clocks.reboot(minutes=2)
    clocks.run(minutes=1)
    assert keeper.now_ms() == at("11:03")
    clocks.step_wall(hours=-1)
    clocks.run(minutes=1)
    assert keeper.now_ms() == at("11:04")


def test_scenario_74_after_a_reboot_the_time_never_falls_behind_what_was_known(clocks: FakeClocks) -> None:
    clocks.run(hours=1)
    beat = Timekeeper(clocks).look()
    clocks.reboot(minutes=2)
    clocks.step_wall(hours=-50_000)
    keeper = Timekeeper(clocks, beat)
    assert keeper.look() == Anchor(at("11:00"), clocks(), verified=False)
    look_for(keeper, clocks, hours=20)
    assert keeper.now_ms() == ny("2027-01-13 07:00")
    clocks.step_wall(hours=50_000)
    look_for(keeper, clocks, hours=8)
    clocks.run(1)
    assert keeper.now_ms() == clocks.true_ms


def test_scenario_74_a_timekeeper_that_lives_through_a_reboot_does_not_fall_either(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.reboot(minutes=2)
    clocks.step_wall(hours=-50_000)
    assert keeper.look() == Anchor(at("10:00"), clocks(), verified=False)


def test_scenario_74_what_a_server_said_since_the_reboot_outweighs_a_beat_from_before_it(clocks: FakeClocks) -> None:
    beat = Timekeeper(clocks).look()
    clocks.reboot(minutes=2)
    keeper = Timekeeper(clocks)
    keeper.anchor_to(at("10:05"))
    keeper.adopt(beat)
    assert keeper.look() == Anchor(at("10:05"), clocks(), verified=True)


def test_clocks_that_drift_apart_by_seconds_a_day_are_put_right_without_doubt(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    for _ in range(14 * 24):
        clocks.run(hours=1)
        clocks.step_wall(0.25)
        assert keeper.look().verified
        assert 0 <= keeper.skew_ms() < 5_000


def test_a_wall_clock_that_a_server_found_wrong_stays_as_wrong_while_it_drifts(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    clocks.step_wall(minutes=5)
    keeper.anchor_to(clocks.true_ms)
    for _ in range(14 * 24):
        clocks.run(hours=1)
        clocks.step_wall(0.25)
        assert keeper.look().verified
        assert 0 <= keeper.skew_ms() - 5 * MINUTE_MS < 5_000


def test_an_entry_carries_what_the_clocks_said(clocks: FakeClocks) -> None:
    carried = Timekeeper(clocks).clocks()
    assert (carried.wall_ms, carried.awake_ms, carried.boot_ms, carried.boot_id) == (
        clocks.wall_ms,
        clocks.awake_ms,
        clocks.boot_ms,
        clocks.boot_id,
    )


def test_a_frozen_clock_stands(clocks: FakeClocks) -> None:
    keeper = Timekeeper.fixed(at("11:47"))
    assert [keeper.now_ms(), keeper.now_ms(), keeper.skew_ms()] == [at("11:47"), at("11:47"), 0]


def test_a_given_clock_is_followed_and_never_seen_to_sleep_or_step() -> None:
    minutes = iter((at("10:00"), at("10:01"), at("19:00")))
    keeper = Timekeeper.following(lambda: next(minutes))
    before = keeper.look()
    after = keeper.look()
    assert (before.at_ms, after.at_ms) == (at("10:01"), at("19:00"))
    assert compare(before.reading, after.reading) == Difference(elapsed_ms=8 * HOUR_MS + 59 * MINUTE_MS)


# -- laws --------------------------------------------------------------------------------------------------------------

Turn = tuple[str, float]
"""What happens to the clocks, and for how many seconds."""

_LENGTHS = st.integers(0, 40_000_000).map(lambda ms: ms / 1000)
_STEPS = st.one_of(st.integers(-3_000, 3_000), st.integers(-3 * DAY_MS, 3 * DAY_MS)).map(lambda ms: ms / 1000)
_TURNS = st.one_of(
    st.tuples(st.just("run"), _LENGTHS), st.tuples(st.just("sleep"), _LENGTHS), st.tuples(st.just("step_wall"), _STEPS)
)
_REBOOTS = st.tuples(st.just("reboot"), _LENGTHS)


def turned(clocks: FakeClocks, turns: list[Turn]) -> Iterator[Turn]:
    for turn in turns:
        kind, seconds = turn
        getattr(clocks, kind)(seconds)
        yield turn


@given(st.lists(_TURNS, max_size=25))
def test_unconfirmed_steps_never_move_trusted_time_from_what_has_really_passed(turns: list[Turn]) -> None:
    clocks = FakeClocks(at("10:00"))
    keeper = Timekeeper(clocks, offline_max_ms=10**12)
    passed_ms, last = 0, keeper.now_ms()
    for kind, seconds in turned(clocks, turns):
        passed_ms += 0 if kind == "step_wall" else round(seconds * 1000)
        now = keeper.now_ms()
        assert now == at("10:00") + passed_ms
        assert now >= last
        last = now


@given(st.lists(_TURNS, max_size=25))
def test_two_readings_tell_how_long_it_was_and_what_was_sleep_and_what_a_step(turns: list[Turn]) -> None:
    clocks = FakeClocks(at("10:00"))
    before, sums = clocks(), {"run": 0, "sleep": 0, "step_wall": 0}
    for kind, seconds in turned(clocks, turns):
        sums[kind] += round(seconds * 1000)
    slept, stepped = sums["sleep"], sums["step_wall"]
    assert compare(before, clocks()) == Difference(
        elapsed_ms=sums["run"] + slept,
        slept_ms=slept if slept > 1_500 else 0,
        stepped_ms=stepped if abs(stepped) > 2_000 else 0,
    )


@given(st.lists(st.one_of(_TURNS, _REBOOTS), max_size=25), st.booleans())
def test_no_process_begins_before_what_the_one_before_it_wrote(turns: list[Turn], restarts: bool) -> None:
    clocks = FakeClocks(at("10:00"))
    keeper = Timekeeper(clocks, offline_max_ms=10**12)
    beat = keeper.look()
    for kind, _ in turned(clocks, turns):
        if restarts or kind == "reboot":
            keeper = Timekeeper(clocks, beat, offline_max_ms=10**12)
        now = keeper.look()
        assert now.at_ms >= beat.at_ms
        beat = now


@given(st.lists(_TURNS, max_size=25))
def test_after_a_step_that_nobody_takes_back_the_wall_clock_is_right_in_the_end(turns: list[Turn]) -> None:
    clocks = FakeClocks(at("10:00"))
    keeper = Timekeeper(clocks)
    for _ in turned(clocks, turns):
        keeper.look()
    clocks.run(1)
    keeper.look()
    clocks.run(OFFLINE_MAX_MS / 1000 + 1)
    assert abs(keeper.skew_ms()) <= 2_000


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


def test_the_fakes_give_what_they_were_turned_to(clocks: FakeClocks) -> None:
    turns: tuple[tuple[Callable[[], None], Reading], ...] = (
        (lambda: clocks.run(2), Reading(at("10:00") + 2_000, 7_202_000, 10_802_000, "boot-1")),
        (lambda: clocks.sleep(3), Reading(at("10:00") + 5_000, 7_202_000, 10_805_000, "boot-1")),
        (lambda: clocks.step_wall(minutes=-1), Reading(at("09:59") + 5_000, 7_202_000, 10_805_000, "boot-1")),
        (lambda: clocks.reboot(4), Reading(at("09:59") + 9_000, 0, 0, "boot-2")),
    )
    for turn, reading in turns:
        turn()
        assert clocks() == reading
    assert clocks.true_ms == at("10:00") + 9_000
