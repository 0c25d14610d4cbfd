"""Laws of trusted time over generated sleeps, steps and reboots."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from console.timekeeping import OFFLINE_MAX_MS, Difference, Timekeeper, compare
from tests.domain.new_york import ny
from tests.fake_clocks import FakeClocks

BEGIN_MS = ny("2027-01-12 10:00")
DAY_MS = 24 * 3_600_000

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
    clocks = FakeClocks(BEGIN_MS)
    keeper = Timekeeper(clocks, offline_max_ms=10**12)
    passed_ms, last = 0, keeper.now_ms()
    for kind, seconds in turned(clocks, turns):
        passed_ms += 0 if kind == "step_wall" else round(seconds * 1000)
        now = keeper.now_ms()
        assert now == BEGIN_MS + passed_ms
        assert now >= last
        last = now


@given(st.lists(_TURNS, max_size=25))
def test_two_readings_tell_how_long_it_was_and_what_was_sleep_and_what_a_step(turns: list[Turn]) -> None:
    clocks = FakeClocks(BEGIN_MS)
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
    clocks = FakeClocks(BEGIN_MS)
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
    clocks = FakeClocks(BEGIN_MS)
    keeper = Timekeeper(clocks)
    for _ in turned(clocks, turns):
        keeper.look()
    clocks.run(1)
    keeper.look()
    clocks.run(OFFLINE_MAX_MS / 1000 + 1)
    assert abs(keeper.skew_ms()) <= 2_000
