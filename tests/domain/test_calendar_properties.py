"""The algebra of business time, over generated calendars.

Two kinds of statement: laws that hold for every calendar and instant between 1990 and 2100, and agreement with a slow
reading of spec sla.md 2 that lists every open minute of a few days around a change of the clock.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.calendar import BusinessCalendar, Period

lawful = settings(deadline=None, max_examples=60)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
YEAR_1990 = 631_152_000_000
YEAR_2100 = 4_102_444_800_000

ZONES = (
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Europe/London",
    "Etc/UTC",
    "-05:00",
)


def wall_time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def intervals(draw: st.DrawFn) -> list[list[str]]:
    """Up to three intervals of a day, in any order, overlapping or not, some of them over midnight."""
    found = []
    for _ in range(draw(st.integers(0, 3))):
        start, end = draw(st.integers(0, 287)) * 5, draw(st.integers(0, 288)) * 5
        if start != end:
            found.append([wall_time(start), wall_time(end)])
    return found


@st.composite
def mappings(draw: st.DrawFn, zones: Iterable[str] = ZONES, first_day: date = date(2024, 1, 1), days: int = 366) -> Any:
    """A calendar that opens on most weeks, with exceptions within `days` days from `first_day`."""
    exceptional = st.integers(0, days - 1).map(lambda offset: (first_day + timedelta(days=offset)).isoformat())
    opens = draw(st.integers(0, 20))
    sure = [wall_time(opens * 60), wall_time(draw(st.integers(opens + 1, 24)) * 60)]
    week = draw(st.dictionaries(st.sampled_from(WEEKDAYS), intervals()))
    week.setdefault(draw(st.sampled_from(WEEKDAYS)), []).append(sure)
    return {
        "timezone": draw(st.sampled_from(tuple(zones))),
        "weekly_hours": week,
        "holidays": draw(st.lists(exceptional, max_size=3)),
        "yearly_holidays": draw(st.lists(st.sampled_from(["01-01", "02-29", "03-10", "12-25"]), max_size=2)),
        "date_overrides": draw(st.dictionaries(exceptional, intervals(), max_size=3)),
        "breaks": draw(st.dictionaries(exceptional, intervals(), max_size=3)),
    }


calendars = mappings().map(BusinessCalendar.from_mapping)
instants = st.integers(YEAR_1990, YEAR_2100)
in_2024 = st.integers(1_704_067_200_000, 1_735_689_600_000)
durations = st.one_of(st.integers(0, 40 * HOUR), st.integers(0, 160).map(lambda quarters: quarters * HOUR // 4))
moments = st.one_of(in_2024, in_2024.map(lambda at: at - at % HOUR), instants)


@st.composite
def pauses_around(draw: st.DrawFn, at_ms: int) -> list[Period]:
    """Spans near an instant: unordered, overlapping, some empty or reversed."""
    edge = st.integers(-30 * 24, 30 * 24).map(lambda hours: at_ms - at_ms % HOUR + hours * HOUR)
    return draw(st.lists(st.tuples(edge, edge), max_size=6))


@lawful
@given(calendars, moments, durations)
def test_the_time_elapsed_until_the_sum_is_what_was_added(calendar: BusinessCalendar, start: int, ms: int) -> None:
    assert calendar.elapsed_ms(start, calendar.add_ms(start, ms)) == ms


@lawful
@given(calendars, moments, durations.filter(bool))
def test_the_sum_is_the_earliest_instant_by_which_so_much_has_elapsed(
    calendar: BusinessCalendar, start: int, ms: int
) -> None:
    due = calendar.add_ms(start, ms)
    assert calendar.elapsed_ms(start, due - 1) == ms - 1


@lawful
@given(calendars, moments, durations, durations)
def test_adding_more_ends_no_earlier(calendar: BusinessCalendar, start: int, one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert calendar.add_ms(start, less) <= calendar.add_ms(start, more)


@lawful
@given(calendars, moments, durations, durations)
def test_starting_later_ends_no_earlier(calendar: BusinessCalendar, start: int, later: int, ms: int) -> None:
    assert calendar.add_ms(start, ms) <= calendar.add_ms(start + later, ms)


@lawful
@given(calendars, moments, durations, durations.filter(bool))
def test_adding_in_two_steps_is_adding_at_once(calendar: BusinessCalendar, start: int, one: int, two: int) -> None:
    assert calendar.add_ms(calendar.add_ms(start, one), two) == calendar.add_ms(start, one + two)


@lawful
@given(calendars, moments, durations)
def test_adding_nothing_goes_on_to_the_next_open_instant(calendar: BusinessCalendar, start: int, ms: int) -> None:
    due = calendar.add_ms(start, ms)
    assert calendar.add_ms(due, 0) == calendar.next_open(due)


@lawful
@given(calendars, moments, durations.filter(bool))
def test_subtracting_undoes_adding_up_to_closed_time(calendar: BusinessCalendar, start: int, ms: int) -> None:
    assert calendar.subtract_ms(calendar.add_ms(start, ms), ms) == calendar.next_open(start)


@lawful
@given(calendars, moments, durations.filter(bool))
def test_adding_undoes_subtracting_up_to_closed_time(calendar: BusinessCalendar, end: int, ms: int) -> None:
    assert calendar.add_ms(calendar.subtract_ms(end, ms), ms) == calendar.subtract_ms(end, 0)


@lawful
@given(calendars, moments, durations)
def test_the_time_elapsed_from_the_difference_is_what_was_subtracted(
    calendar: BusinessCalendar, end: int, ms: int
) -> None:
    assert calendar.elapsed_ms(calendar.subtract_ms(end, ms), end) == ms


@lawful
@given(calendars, st.tuples(moments, moments, moments).map(sorted))
def test_elapsed_time_adds_up(calendar: BusinessCalendar, at: list[int]) -> None:
    whole = calendar.elapsed_ms(at[0], at[2])
    assert calendar.elapsed_ms(at[0], at[1]) + calendar.elapsed_ms(at[1], at[2]) == whole
    assert 0 <= whole <= at[2] - at[0]
    assert calendar.elapsed_ms(at[2], at[0]) == 0


@lawful
@given(calendars, moments, st.integers(0, 20 * DAY))
def test_elapsed_time_is_the_length_of_the_periods_between(calendar: BusinessCalendar, start: int, span: int) -> None:
    periods = calendar.periods_between(start, start + span)
    assert sum(closing - opening for opening, closing in periods) == calendar.elapsed_ms(start, start + span)
    ends = [start, *itertools.chain(*periods), start + span]
    assert ends == sorted(ends)
    assert all(earlier[1] < later[0] for earlier, later in itertools.pairwise(periods))


@lawful
@given(calendars, moments, st.integers(1, 12))
def test_periods_after_and_before_meet_at_the_same_periods(calendar: BusinessCalendar, at: int, count: int) -> None:
    after = list(itertools.islice(calendar.periods_after(at), count))
    end = after[-1][1]
    assert after == calendar.periods_between(at, end)
    before = itertools.takewhile(lambda period: period[1] > at, calendar.periods_before(end))
    assert [(max(opening, at), closing) for opening, closing in before] == after[::-1]


@lawful
@given(calendars, moments)
def test_a_period_opens_and_closes_where_the_neighbours_say(calendar: BusinessCalendar, at: int) -> None:
    opening, closing = calendar.next_open(at), calendar.next_close(at)
    assert at <= opening < closing
    assert calendar.is_open(opening)
    assert calendar.is_open(closing - 1)
    assert not calendar.is_open(closing)
    assert calendar.is_open(at) == (opening == at)
    assert calendar.elapsed_ms(at, opening) == 0
    assert calendar.elapsed_ms(opening, closing) == closing - opening


@lawful
@given(mappings(), st.lists(st.tuples(instants, durations), min_size=1, max_size=6))
def test_answers_do_not_depend_on_what_was_asked_before(
    mapping: Mapping[str, Any], questions: list[tuple[int, int]]
) -> None:
    seasoned = BusinessCalendar.from_mapping(mapping)
    for at, ms in questions:
        fresh = BusinessCalendar.from_mapping(mapping)
        assert seasoned.add_ms(at, ms) == fresh.add_ms(at, ms)
        assert seasoned.subtract_ms(at, ms) == fresh.subtract_ms(at, ms)
        assert seasoned.next_close(at) == fresh.next_close(at)


@lawful
@given(calendars, moments, durations.filter(bool), st.data())
def test_a_sum_around_pauses_is_the_earliest_instant_by_which_so_much_counted(
    calendar: BusinessCalendar, start: int, ms: int, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_around(start))
    due = calendar.add_ms(start, ms, pauses)
    assert calendar.elapsed_ms(start, due, pauses) == ms
    assert calendar.elapsed_ms(start, due - 1, pauses) == ms - 1


@lawful
@given(calendars, moments, st.data())
def test_adding_nothing_leaves_the_pause_that_is_running(
    calendar: BusinessCalendar, start: int, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_around(start))
    due = calendar.add_ms(start, 0, pauses)
    assert calendar.elapsed_ms(start, due, pauses) == 0
    assert calendar.is_open(due)
    assert due <= calendar.add_ms(start, 1, pauses)
    # What follows counts at once, unless a pause begins just here.
    assert calendar.elapsed_ms(due, due + 1, pauses) == 1 or any(begins == due < ends for begins, ends in pauses)


@lawful
@given(calendars, moments, st.integers(0, 20 * DAY), st.data())
def test_paused_time_is_the_open_time_of_the_union_of_the_pauses(
    calendar: BusinessCalendar, start: int, span: int, data: st.DataObject
) -> None:
    end = start + span
    pauses = data.draw(pauses_around(start))
    edges = sorted({start, end, *(edge for pause in pauses for edge in pause if start < edge < end)})
    counted = sum(
        calendar.elapsed_ms(low, high)
        for low, high in itertools.pairwise(edges)
        if not any(begins <= low and high <= ends for begins, ends in pauses)
    )
    assert calendar.elapsed_ms(start, end, pauses) == counted


@lawful
@given(calendars, moments, durations, st.data())
def test_pauses_in_closed_time_change_nothing(
    calendar: BusinessCalendar, start: int, ms: int, data: st.DataObject
) -> None:
    ends = list(itertools.chain(*itertools.islice(calendar.periods_after(start), 8)))
    closed = list(zip(ends[1::2], ends[2::2], strict=False))
    pauses = data.draw(st.permutations(closed))
    assert calendar.add_ms(start, ms, pauses) == calendar.add_ms(start, ms)


WINDOWS = (
    ("America/New_York", date(2024, 3, 7)),
    ("America/New_York", date(2024, 10, 31)),
    ("America/Sao_Paulo", date(2015, 10, 15)),
    ("America/Sao_Paulo", date(2016, 2, 18)),
    ("America/Havana", date(2024, 10, 31)),
    ("Australia/Lord_Howe", date(2024, 4, 4)),
    ("Australia/Lord_Howe", date(2024, 10, 3)),
    ("Pacific/Apia", date(2011, 12, 27)),
    ("Asia/Kathmandu", date(2024, 5, 6)),
    ("-05:00", date(2024, 3, 7)),
)
WINDOW_DAYS = 7


@cache
def wall_of_each_minute(zone_name: str, first_day: date) -> dict[int, datetime]:
    """What the wall shows at each minute (since the epoch) of the window and of two days around it."""
    zone = timezone(-timedelta(hours=5)) if zone_name == "-05:00" else ZoneInfo(zone_name)
    start = datetime.combine(first_day, datetime.min.time(), tzinfo=UTC) - timedelta(days=2)
    first = round(start.timestamp()) // 60
    minutes = range(first, first + (WINDOW_DAYS + 5) * 1440)
    return {minute: datetime.fromtimestamp(minute * 60, zone).replace(tzinfo=None, fold=0) for minute in minutes}


@cache
def first_minute_of_each_wall_time(zone_name: str, first_day: date) -> dict[datetime, int]:
    """The minute of each wall time: the first of two, and for those that were skipped as much later as was skipped."""
    found: dict[datetime, int] = {}
    before: datetime | None = None
    for minute, wall in wall_of_each_minute(zone_name, first_day).items():
        if before is not None and wall > before + timedelta(minutes=1):
            skipped = round((wall - before) / timedelta(minutes=1)) - 1
            for passed in range(skipped):
                found.setdefault(before + timedelta(minutes=passed + 1), minute + passed)
        found.setdefault(wall, minute)
        before = wall
    return found


def minutes_of(pair: list[str]) -> tuple[int, int]:
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in pair)
    return start, end


def open_minutes(mapping: Mapping[str, Any], first_day: date) -> list[int]:
    """Every open minute of the window, by the words of spec sla.md 2 and nothing clever."""
    zone_name = mapping["timezone"]
    walls, minute_of = wall_of_each_minute(zone_name, first_day), first_minute_of_each_wall_time(zone_name, first_day)

    def covered(day: date, pairs: list[tuple[int, int]]) -> set[int]:
        midnight = datetime.combine(day, datetime.min.time())
        own = range(minute_of[midnight], minute_of[midnight + timedelta(days=1)])
        return {
            minute
            for start, end in pairs
            for minute in range(
                minute_of[midnight + timedelta(minutes=start)], minute_of[midnight + timedelta(minutes=end)]
            )
            if minute in own
        }

    def split(pairs: list[list[str]]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        today = [(start, end if end > start else 1440) for start, end in map(minutes_of, pairs)]
        return today, [(0, end) for start, end in map(minutes_of, pairs) if 0 < end < start]

    def hours(day: date) -> list[tuple[int, int]]:
        yesterday, overrides = day - timedelta(days=1), mapping["date_overrides"]
        spilt = split(overrides.get(yesterday.isoformat(), []))[1]
        if day.isoformat() in overrides:
            return split(overrides[day.isoformat()])[0] + spilt
        week = mapping["weekly_hours"]
        usual = split(week.get(WEEKDAYS[day.weekday()], []))[0]
        return usual + split(week.get(WEEKDAYS[yesterday.weekday()], []))[1] + spilt

    found: set[int] = set()
    days = [first_day + timedelta(days=offset) for offset in range(WINDOW_DAYS)]
    for day in days:
        if day.isoformat() in mapping["holidays"] or day.strftime("%m-%d") in mapping["yearly_holidays"]:
            continue
        breaks = mapping["breaks"]
        pauses = split(breaks.get(day.isoformat(), []))[0]
        pauses += split(breaks.get((day - timedelta(days=1)).isoformat(), []))[1]
        found |= covered(day, hours(day)) - covered(day, pauses)
    assert found <= set(walls)
    return sorted(found)


@st.composite
def windows(draw: st.DrawFn) -> tuple[dict[str, Any], date, int, int]:
    """A calendar with exceptions around a change of the clock, and the first and last minute of the days read."""
    zone_name, first_day = draw(st.sampled_from(WINDOWS))
    mapping = draw(mappings(zones=(zone_name,), first_day=first_day, days=WINDOW_DAYS))
    minute_of = first_minute_of_each_wall_time(zone_name, first_day)
    midnight = datetime.combine(first_day, datetime.min.time())
    return mapping, first_day, minute_of[midnight], minute_of[midnight + timedelta(days=WINDOW_DAYS)]


@lawful
@given(windows())
def test_every_minute_is_open_or_closed_as_the_rules_say(window: tuple[dict[str, Any], date, int, int]) -> None:
    mapping, first_day, low, high = window
    calendar = BusinessCalendar.from_mapping(mapping)
    found = [
        minute
        for opening, closing in calendar.periods_between(low * MINUTE, high * MINUTE)
        for minute in range(opening // MINUTE, closing // MINUTE)
    ]
    assert found == open_minutes(mapping, first_day)


@lawful
@given(windows(), st.data())
def test_sums_and_spans_count_the_open_minutes_that_are_not_paused(
    window: tuple[dict[str, Any], date, int, int], data: st.DataObject
) -> None:
    mapping, first_day, low, high = window
    calendar = BusinessCalendar.from_mapping(mapping)
    start = data.draw(st.integers(low, high), label="start")
    edge = st.integers(low - 600, high + 600)
    pauses = data.draw(st.lists(st.tuples(edge, edge), max_size=4), label="pauses")
    counted = [
        minute
        for minute in open_minutes(mapping, first_day)
        if minute >= start and not any(begins <= minute < ends for begins, ends in pauses)
    ]
    paused = [(begins * MINUTE, ends * MINUTE) for begins, ends in pauses]
    assert calendar.elapsed_ms(start * MINUTE, high * MINUTE, paused) == len(counted) * MINUTE
    if counted:
        amount = data.draw(st.integers(1, len(counted)), label="amount")
        assert calendar.add_ms(start * MINUTE, amount * MINUTE, paused) == (counted[amount - 1] + 1) * MINUTE
