"""Trusted now and what the clocks prove: scenarios of spec pro_services.md 3 (D6), each by its number. Wall times are
New York's on Tue 2027-01-12.
"""

from __future__ import annotations

import pytest

from console.timekeeping import Anchor, Difference, Reading, Timekeeper, compare
from tests.domain.new_york import ny
from tests.fake_clocks import FakeClocks

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


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


def test_scenario_73_a_beat_of_another_process_verifies_nothing_before_the_first_contact(clocks: FakeClocks) -> None:
    beat = Timekeeper(clocks).look()
    keeper = Timekeeper(clocks, believe_wall=False)
    keeper.adopt(beat)
    assert not keeper.clocks().verified


def test_scenario_73_what_a_server_said_is_not_given_up_for_a_beat(clocks: FakeClocks) -> None:
    beat = Timekeeper(clocks).look()
    keeper = Timekeeper(clocks)
    keeper.anchor_to(at("10:05"))
    keeper.adopt(beat)
    assert keeper.now_ms() == at("10:05")


def test_scenario_73_a_keeper_that_learns_of_a_server_waits_for_its_word(clocks: FakeClocks) -> None:
    keeper = Timekeeper(clocks)
    keeper.doubt_wall()
    assert not keeper.clocks().verified
    keeper.anchor_to(at("10:00"))
    keeper.doubt_wall()
    assert keeper.clocks().verified
    clocks.reboot(minutes=2)
    assert not keeper.clocks().verified
    assert not keeper.is_confirmed


def test_scenario_73_what_a_server_told_another_process_goes_on_until_the_machine_is_restarted(
    clocks: FakeClocks,
) -> None:
    told = Timekeeper(clocks)
    told.anchor_to(at("10:02"))
    heard = told.look()
    clocks.run(minutes=10)
    keeper = Timekeeper(clocks, believe_wall=False)
    keeper.resume(heard)
    assert keeper.is_confirmed
    assert keeper.clocks().verified
    assert (keeper.now_ms(), keeper.skew_ms()) == (at("10:12"), -2 * MINUTE_MS)
    clocks.reboot(minutes=1)
    restarted = Timekeeper(clocks, believe_wall=False)
    restarted.resume(heard)
    assert not restarted.is_confirmed
    assert restarted.now_ms() == at("10:11")


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
