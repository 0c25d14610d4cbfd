"""Groups, rows and changed orders, as pure functions."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.queue import RANK_DUE, RANK_PAUSED, RANK_QUIET, Group
from ui.queue.arrangement import Arrangement, Change, Section, change, moved_across, sections

NOW = 1_760_456_820_000
HOUR = 3_600_000
TOMORROW = NOW + 12 * HOUR


def order(*due: int, paused: int = 0, quiet: int = 0) -> tuple[array[int], bytearray]:
    dues = array("q", [NOW + at for at in due] + [0] * (paused + quiet))
    ranks = bytearray([RANK_DUE] * len(due) + [RANK_PAUSED] * paused + [RANK_QUIET] * quiet)
    return dues, ranks


def keys(parts: tuple[Section, ...]) -> list[tuple[str, int]]:
    return [(part.key, part.count) for part in parts]


def test_each_ticket_stands_in_the_group_of_its_due_instant() -> None:
    due, rank = order(-HOUR, -1, 0, HOUR, HOUR + 1, 12 * HOUR - 1, 12 * HOUR, paused=2, quiet=1)
    assert keys(sections(due, rank, NOW, TOMORROW)) == [
        (Group.BREACHED, 2),
        (Group.NEXT_HOUR, 2),
        (Group.LATER_TODAY, 2),
        (Group.TOMORROW, 1),
        (Group.PAUSED, 2),
        (Group.QUIET, 1),
    ]


def test_a_clock_at_its_due_instant_is_not_breached_yet() -> None:
    due, rank = order(0)
    assert keys(sections(due, rank, NOW, TOMORROW)) == [(Group.NEXT_HOUR, 1)]
    assert keys(sections(due, rank, NOW + 1, TOMORROW)) == [(Group.BREACHED, 1)]


def test_shortly_before_midnight_the_next_hour_goes_before_tomorrow() -> None:
    due, rank = order(HOUR // 2, HOUR)
    assert keys(sections(due, rank, NOW, NOW + HOUR // 4)) == [(Group.NEXT_HOUR, 2)]


def test_groups_without_tickets_have_no_header() -> None:
    due, rank = order(paused=1)
    assert keys(sections(due, rank, NOW, TOMORROW)) == [(Group.PAUSED, 1)]
    assert sections(*order(), NOW, TOMORROW) == ()


@given(st.lists(st.integers(1, 6), max_size=6), st.sets(st.integers(0, 5)))
def test_rows_and_places_are_each_others_inverse(counts: list[int], collapsed: set[int]) -> None:
    ends = [sum(counts[: i + 1]) for i in range(len(counts))]
    parts = [Section(f"s{i}", "", end - count, end) for i, (count, end) in enumerate(zip(counts, ends, strict=True))]
    shown = Arrangement(parts, {f"s{i}" for i in collapsed})
    seen = []
    for row in range(shown.row_count):
        place = shown.place(row)
        assert (place is None) == (shown.header_at(row) is not None)
        if place is not None:
            assert shown.row(place) == row
            seen.append(place)
    hidden = [place for part in parts if part.key in shown.collapsed for place in range(part.start, part.end)]
    assert sorted(seen + hidden) == list(range(sum(counts)))
    assert all(shown.row(place) is None for place in hidden)


def test_like_orders_have_no_change() -> None:
    assert change(array("q", [1, 2, 3]), array("q", [1, 2, 3])) is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ([1, 2, 3, 4], [3, 1, 2, 4], "Order changed, 1 moved up"),
        ([1, 2, 3, 4], [4, 3, 1, 2], "Order changed, 2 moved up"),
        ([1, 2, 3, 4], [1, 3, 4], "Order changed, 1 left"),
        ([1, 2, 3], [9, 1, 2, 3], "Order changed, 1 new"),
        ([1, 2, 3], [3, 9, 1], "Order changed, 1 new, 1 moved up, 1 left"),
        ([1, 2, 3, 4], [2, 3, 4, 1], "Order changed"),
    ],
)
def test_the_pill_tells_what_changed(old: list[int], new: list[int], told: str) -> None:
    found = change(array("q", old), array("q", new))
    assert found is not None
    assert found.sentence() == told


@given(st.lists(st.integers(0, 40), unique=True), st.lists(st.integers(0, 40), unique=True))
def test_a_change_accounts_for_every_ticket(old: list[int], new: list[int]) -> None:
    found = change(array("q", old), array("q", new))
    if old == new:
        assert found is None
        return
    assert found is not None
    assert len(old) + found.came - found.left == len(new)
    assert found.came == len(set(new) - set(old))


def test_a_ticket_that_time_moves_into_an_earlier_group_is_counted() -> None:
    due, rank = order(1_000, 2 * HOUR, 3 * HOUR)
    before = sections(due, rank, NOW, TOMORROW)
    assert moved_across(before, sections(due, rank, NOW + 2_000, TOMORROW)) == 1
    assert moved_across(before, before) == 0


def test_an_uncounted_change_says_so_without_numbers() -> None:
    assert Change(0, 0, 0, uncounted=True).sentence() == "Order changed"
