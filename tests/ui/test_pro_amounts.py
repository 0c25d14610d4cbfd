"""Amounts of hours as they are written, and a purchase taken apart so that what is shown adds up."""

from __future__ import annotations

import pytest

from tests.story import ms
from tests.ui import pro_pages as pp
from tests.ui.pro_pages import HOUR, MINUTE, NOW
from ui.pro import amounts
from ui.pro.hours_bar import widths
from ui.pro.hours_parts import notches, parts


def test_under_each_other_minutes_have_two_digits_and_running_text_has_no_empty_ones() -> None:
    assert [amounts.column(at) for at in (12 * HOUR, 45 * MINUTE, 0, -HOUR - 61_000)] == [
        "12h 00m",
        "45m",
        "0m",
        "−1h 01m 01s",
    ]
    assert [amounts.amount(at) for at in (12 * HOUR, 4 * HOUR + 5 * MINUTE, -HOUR, 0)] == ["12h", "4h 05m", "−1h", "0m"]
    assert [amounts.change(at) for at in (HOUR, -HOUR, 0)] == ["+1h 00m", "−1h 00m", "0m"]


def test_hours_that_end_at_midnight_are_named_by_the_day_before() -> None:
    assert amounts.expiry(pp.EXPIRES, NOW, pp.ZONE) == "31 Oct"
    assert amounts.days_until(pp.EXPIRES, NOW, pp.ZONE) == "in 17 days"
    inside = ms("2025-10-20T18:37:22Z")
    assert amounts.expiry(inside, NOW, pp.ZONE) == "20 Oct, 2:37 PM"
    assert amounts.expiry(ms("2025-10-15T04:00:00Z"), NOW, pp.ZONE) == "today at midnight"
    assert amounts.days_until(ms("2025-10-15T04:00:00Z"), NOW, pp.ZONE) == "today"


@pytest.mark.parametrize("second", range(0, 60, 7))
def test_the_legend_adds_up_to_the_purchase_and_what_is_left_to_the_heading(second: int) -> None:
    odd = second * 1000 + 11
    hours = pp.hours(used_ms=pp.USED - odd, session_ms=pp.SESSION + 2 * odd, not_planned_ms=pp.LEFT - pp.PLANNED - odd)
    shown = parts(hours)
    assert sum(part.ms for part in shown) == hours.bought_ms
    assert sum(part.shown_ms for part in shown) == hours.bought_ms
    assert sum(part.shown_ms for part in shown if part.is_left) == amounts.floored(hours.left_ms) <= hours.left_ms
    assert all(abs(part.shown_ms - part.ms) < MINUTE for part in shown)


def test_a_purchase_that_has_seconds_is_shown_to_the_second() -> None:
    hours = pp.hours(
        bought_ms=90_000, used_ms=31_000, session_ms=0, planned_ms=0, not_planned_ms=59_000, forfeited_ms=0
    )
    assert [amounts.column(part.shown_ms) for part in parts(hours)] == ["0m 31s", "0m 59s"]


def test_the_bar_is_marked_each_hour_and_labelled_now_and_then() -> None:
    marks = notches(12 * HOUR)
    assert [label for _, label in marks if label] == ["0", "3h", "6h", "9h", "12h"]
    assert len(marks) == 13
    assert [label for _, label in notches(HOUR) if label] == ["0", "15m", "30m", "45m", "1h"]
    assert notches(0) == ()


def test_the_least_part_of_the_bar_is_seen_and_the_bar_stays_as_long_as_it_is() -> None:
    found = widths([1, 1, 1_000_000], 300)
    assert min(found) >= 3
    assert sum(found) + 2 * 2 == pytest.approx(300)
