"""Amounts that add up as they are shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.paper.whole_seconds import whole_seconds


def test_whole_seconds_stay_as_they_are() -> None:
    assert whole_seconds([3_600_000, 0, 61_000]) == [3600, 0, 61]


def test_the_part_that_loses_most_is_rounded_up() -> None:
    assert whole_seconds([1_400, 1_700, 900]) == [1, 2, 1]


def test_a_total_can_ask_for_one_more() -> None:
    assert whole_seconds([1_400, 1_500], 3) == [1, 2]


def test_less_time_is_rounded_as_more_time_is() -> None:
    assert whole_seconds([-600_000, 900_000]) == [-600, 900]


@given(st.lists(st.integers(-(10**9), 10**9), max_size=20))
def test_parts_add_up_and_none_is_off_by_a_second(parts: list[int]) -> None:
    whole = whole_seconds(parts)

    assert sum(whole) == sum(parts) // 1000
    assert all(abs(seconds * 1000 - ms) < 1000 for seconds, ms in zip(whole, parts, strict=True))
