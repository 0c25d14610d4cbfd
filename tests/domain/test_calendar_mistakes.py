"""What a calendar refuses: forms it cannot read, durations and instants beyond its range, hours that never come."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from console.domain.calendar import BusinessCalendar, CalendarError
from console.domain.errors import ConsoleError
from tests.domain.offices import DAY, at, office, open_all_week

END_OF_2200 = 7_289_654_400_000


@pytest.mark.parametrize("seconds", [-1, -0.25, float("nan"), float("inf")])
def test_a_duration_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(CalendarError, match=r"A duration is .*0 or more"):
        office().add(at("2026-07-06T12:00Z"), seconds)
    with pytest.raises(CalendarError, match=r"A duration is .*0 or more"):
        office().subtract(at("2026-07-06T12:00Z"), seconds)
    with pytest.raises(CalendarError, match=r"A duration is .*0 or more"):
        office().add(at("2026-07-06T12:00Z"), seconds, [(0, 1)])


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no zone": ({}, 'A calendar needs a timezone, such as "America/New_York" or "-05:00".'),
    "unknown zone": ({"timezone": "Mars/Olympus"}, 'timezone: "Mars/Olympus" is not a known time zone; '),
    "a folder of zones": ({"timezone": "America"}, 'timezone: "America" is not a known time zone; '),
    "a zone outside the database": (
        {"timezone": "../etc/passwd"},
        'timezone: "../etc/passwd" is not a known time zone; ',
    ),
    "an empty zone": ({"timezone": ""}, 'timezone: "" is not a known time zone; '),
    "a zone that is no text": ({"timezone": -5}, "timezone: -5 is not a known time zone; "),
    "an offset too far": ({"timezone": "-15:00"}, 'timezone: "-15:00" is not a known time zone; '),
    "unknown key": ({"hours": {}}, 'A calendar has no key "hours"; it knows timezone, weekly_hours, '),
    "unknown weekday": ({"weekly_hours": {"monday": []}}, 'weekly_hours: "monday" is not a day; use mon, tue, '),
    "hours that are no table": ({"weekly_hours": "9-5"}, 'weekly_hours: "9-5" is not a table of days'),
    "a day that is no list": ({"weekly_hours": {"mon": "9-5"}}, 'weekly_hours.mon: "9-5" is not a list of intervals'),
    "an interval of three": (
        {"weekly_hours": {"mon": [["08:00", "12:00", "19:00"]]}},
        "weekly_hours.mon: ['08:00', '12:00', '19:00'] is not an interval such as",
    ),
    "an interval that is text": (
        {"weekly_hours": {"mon": ["08"]}},
        'weekly_hours.mon: "08" is not an interval such as',
    ),
    "an hour that is none": (
        {"weekly_hours": {"mon": [["25:00", "26:00"]]}},
        'weekly_hours.mon: "25:00" is not a time',
    ),
    "past midnight": ({"weekly_hours": {"mon": [["08:00", "24:01"]]}}, 'weekly_hours.mon: "24:01" is not a time'),
    "a minute that is none": (
        {"weekly_hours": {"mon": [["08:60", "9:00"]]}},
        'weekly_hours.mon: "08:60" is not a time',
    ),
    "a time that is a number": ({"weekly_hours": {"mon": [[8, 19]]}}, "weekly_hours.mon: 8 is not a time of day; "),
    "an empty interval": (
        {"weekly_hours": {"mon": [["08:00", "08:00"]]}},
        "weekly_hours.mon: 08:00 to 08:00 is empty; a whole day is 00:00 to 24:00.",
    ),
    "a start at the end": (
        {"weekly_hours": {"mon": [["24:00", "06:00"]]}},
        "weekly_hours.mon: 24:00 to 06:00 is empty; ",
    ),
    "a date that is none": ({"holidays": ["2026-02-30"]}, 'holidays: "2026-02-30" is not a date; write it like '),
    "a week date": ({"holidays": ["2026-W01-1"]}, 'holidays: "2026-W01-1" is not a date; write it like '),
    "a date that is an instant": ({"holidays": [datetime(2026, 7, 3)]}, "holidays: "),
    "the year 0": ({"holidays": ["0000-01-01"]}, 'holidays: "0000-01-01" is not a date; '),
    "the year 9999": ({"holidays": ["9999-12-31"]}, "holidays: 9999-12-31 lies outside the years 1970 to 2200."),
    "holidays that are text": ({"holidays": "2026-07-03"}, 'holidays: "2026-07-03" is not a list of days.'),
    "a day of the year that is none": (
        {"yearly_holidays": ["13-01"]},
        'yearly_holidays: "13-01" is not a day of the year; ',
    ),
    "a year in a day of the year": (
        {"yearly_holidays": ["2026-12-25"]},
        'yearly_holidays: "2026-12-25" is not a day of ',
    ),
    "an override without a date": ({"date_overrides": {"mon": []}}, 'date_overrides: "mon" is not a date; '),
    "an override with a bad time": (
        {"date_overrides": {"2026-12-24": [["08:00", "noon"]]}},
        'date_overrides.2026-12-24: "noon" is not a time of day; ',
    ),
    "a break without a date": ({"breaks": {"24-12": []}}, 'breaks: "24-12" is not a date; '),
}


@pytest.mark.parametrize(("wrong", "sentence"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_named_with_its_key(wrong: dict[str, Any], sentence: str) -> None:
    mapping = wrong if wrong == {} or "timezone" in wrong else {"timezone": "Etc/UTC", **wrong}
    with pytest.raises(CalendarError) as refused:
        BusinessCalendar.from_mapping(mapping)
    assert isinstance(refused.value, ConsoleError)
    assert refused.value.sentence.startswith(sentence)
    assert refused.value.sentence.endswith(".")


def test_a_mapping_that_is_none_is_refused() -> None:
    with pytest.raises(CalendarError, match=r"A calendar is a table of .*, not \['mon'\]\."):
        BusinessCalendar.from_mapping(["mon"])  # type: ignore[arg-type]


@pytest.mark.parametrize(("day", "wall"), [("2026-02-30", "08:00"), ("2026-07-06", "8"), ("9999-12-31", "24:00")])
def test_a_local_time_that_is_none_is_refused(day: str, wall: str) -> None:
    with pytest.raises(CalendarError, match=r"is not a date|is not a time of day|lies outside"):
        office().to_instant(day, wall)


NEVER = {
    "no hours": {"weekly_hours": {}},
    "days without hours": {"weekly_hours": {"mon": []}},
    "every day a holiday": {
        "yearly_holidays": [
            date.fromordinal(date(2000, 1, 1).toordinal() + day).strftime("%m-%d") for day in range(366)
        ]
    },
    "hours only in the past": {"weekly_hours": {}, "date_overrides": {"1999-07-06": [["08:00", "19:00"]]}},
}


@pytest.mark.parametrize("changes", NEVER.values(), ids=list(NEVER))
def test_a_calendar_that_opens_no_more_says_so_instead_of_looping(changes: dict[str, Any]) -> None:
    calendar, now = office(**changes), at("2026-07-06T16:00Z")
    assert not calendar.is_open(now)
    assert calendar.elapsed(now, now + 1000 * DAY) == 0
    assert list(calendar.periods_after(now)) == []
    assert calendar.periods_between(now, now + 1000 * DAY) == []
    for ask in (
        lambda: calendar.add(now, 0),
        lambda: calendar.add(now, 1),
        lambda: calendar.add(now, 1, [(now, now + DAY)]),
        lambda: calendar.next_open(now),
        lambda: calendar.next_close(now),
    ):
        with pytest.raises(CalendarError, match=r"no opening hours\.|not enough opening hours|closes no more"):
            ask()


def test_a_calendar_without_hours_cannot_subtract_either() -> None:
    empty = office(weekly_hours={})
    assert not empty.has_hours
    assert list(empty.periods_before(at("2026-07-06T16:00Z"))) == []
    for seconds in (0, 1):
        with pytest.raises(CalendarError, match=r"\(America/New_York, no weekly hours\) has no opening hours\."):
            empty.subtract(at("2026-07-06T16:00Z"), seconds)


@pytest.mark.parametrize("calendar", [office(), open_all_week()], ids=["office", "24/7"])
@pytest.mark.parametrize("instant", [-1, END_OF_2200 + 1, 10**30, -(10**30)])
def test_instants_beyond_the_range_are_refused(calendar: BusinessCalendar, instant: int) -> None:
    for ask in (
        calendar.is_open,
        calendar.is_holiday,
        calendar.next_open,
        calendar.next_close,
        calendar.periods_after,
        calendar.periods_before,
        lambda at_ms: calendar.add(at_ms, 1),
        lambda at_ms: calendar.subtract(at_ms, 1),
        lambda at_ms: calendar.elapsed(*sorted((0, at_ms))),
        lambda at_ms: calendar.periods_between(0, at_ms),
    ):
        with pytest.raises(CalendarError, match="outside the years 1970 to 2200"):
            ask(instant)


@pytest.mark.parametrize("calendar", [office(), open_all_week()], ids=["office", "24/7"])
def test_a_target_beyond_the_range_is_refused(calendar: BusinessCalendar) -> None:
    for seconds in (400 * 366 * 86_400, 10**30):
        with pytest.raises(CalendarError, match="not enough opening hours before the end of 2200"):
            calendar.add(at("2026-07-06T12:00Z"), seconds)
        with pytest.raises(CalendarError, match="not enough opening hours after the start of 1970"):
            calendar.subtract(at("2026-07-06T12:00Z"), seconds)
