"""The ends of the range of a calendar, and how much of it a question works out."""

from __future__ import annotations

import itertools
import threading

import pytest

from tests.domain.offices import DAY, at, office, open_all_week

END_OF_2200 = 7_289_654_400_000


def test_the_whole_range_is_answered_for() -> None:
    always, mondays = open_all_week(), office(timezone="Etc/UTC", weekly_hours={"mon": [["00:00", "24:00"]]})
    assert always.elapsed_ms(0, END_OF_2200) == END_OF_2200
    assert always.add_ms(0, END_OF_2200) == END_OF_2200
    assert mondays.elapsed_ms(0, END_OF_2200) == mondays.elapsed_ms(at("1970-01-05T00:00Z"), END_OF_2200)
    assert sum(1 for _ in mondays.periods_after(0)) == mondays.elapsed_ms(0, END_OF_2200) // DAY
    assert mondays.subtract_ms(END_OF_2200, mondays.elapsed_ms(0, END_OF_2200)) == at("1970-01-05T00:00Z")


@pytest.mark.parametrize("zone", ["-14:00", "+14:00"])
def test_periods_are_cut_at_the_ends_of_the_range(zone: str) -> None:
    calendar = open_all_week(timezone=zone, holidays=["2026-07-03"])
    (first_opening, _), (_, last_closing) = calendar.periods_after(0)
    assert (first_opening, last_closing) == (0, END_OF_2200)
    assert next(calendar.periods_before(DAY)) == (0, DAY)
    assert calendar.elapsed_ms(0, END_OF_2200) == END_OF_2200 - DAY


def test_nothing_is_worked_out_before_the_first_question() -> None:
    assert office().table_size == 0


def test_a_question_works_out_about_a_year_and_a_far_one_reaches_only_there() -> None:
    calendar = office()
    start = at("2026-07-06T12:00Z")
    calendar.add(start, 3600)
    near = calendar.table_size
    assert 200 < near < 320
    calendar.add(start, 11 * 3600 * 261 * 10)
    assert 261 * 10 < calendar.table_size < 261 * 14
    far = calendar.table_size
    calendar.add(start + 9 * 365 * DAY, 3600)
    assert calendar.table_size == far


def test_periods_are_worked_out_as_they_are_taken() -> None:
    calendar = office()
    after, before = calendar.periods_after(at("2026-07-06T12:00Z")), calendar.periods_before(at("2026-07-06T12:00Z"))
    assert calendar.table_size == 0
    assert len(list(itertools.islice(after, 10))) == len(list(itertools.islice(before, 10))) == 10
    assert calendar.table_size < 320


def test_always_open_needs_no_table_however_far_it_is_asked() -> None:
    always = open_all_week()
    always.add(at("1990-01-01T00:00Z"), 100 * 365 * 86_400)
    assert always.table_size == 1


def test_two_threads_may_ask_one_calendar() -> None:
    shared_one = office()
    starts = [at(f"{year}-07-06T16:00Z") for year in range(1990, 2100)]
    expected = [(start, office().add(start, 40 * 3600)) for start in starts[::10]]
    wrong: list[tuple[int, int]] = []
    ready = threading.Barrier(2)

    def ask(questions: list[tuple[int, int]]) -> None:
        ready.wait()
        wrong.extend((start, due) for start, due in questions if shared_one.add(start, 40 * 3600) != due)

    threads = [threading.Thread(target=ask, args=(questions,)) for questions in (expected, expected[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert shared_one.table_size > 250 * 100
