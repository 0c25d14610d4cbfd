"""What a calendar answers and refuses: edges, forms, bad input, changes of the clock, ends of the range, laziness."""

from __future__ import annotations

import itertools
import threading
from datetime import date, datetime, time
from typing import Any

import pytest

from console.domain.calendar import BusinessCalendar, CalendarError
from console.domain.errors import ConsoleError

SECOND = 1000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
WORKDAYS = {day: [["08:00", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
ALL_DAY = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
END_OF_2200 = 7_289_654_400_000


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def office(**changes: Any) -> BusinessCalendar:
    return BusinessCalendar.from_mapping({"timezone": "America/New_York", "weekly_hours": WORKDAYS, **changes})


def open_all_week(**changes: Any) -> BusinessCalendar:
    return office(weekly_hours=ALL_DAY, **changes)


def test_a_target_that_ends_at_closing_time_is_due_at_that_instant() -> None:
    assert office().add(at("2026-07-06T12:00Z"), 11 * 3600) == at("2026-07-06T23:00Z")


def test_one_millisecond_more_is_due_after_the_next_opening() -> None:
    assert office().add_ms(at("2026-07-06T12:00Z"), 11 * HOUR + 1) == at("2026-07-07T12:00Z") + 1


def test_adding_nothing_at_closing_time_gives_the_next_opening() -> None:
    assert office().add(at("2026-07-10T23:00Z"), 0) == at("2026-07-13T12:00Z")


def test_adding_nothing_in_open_time_stays() -> None:
    assert office().add(at("2026-07-10T22:59:59Z"), 0) == at("2026-07-10T22:59:59Z")


def test_subtracting_nothing_at_opening_time_gives_the_closing_before() -> None:
    assert office().subtract(at("2026-07-13T12:00Z"), 0) == at("2026-07-10T23:00Z")


def test_a_difference_that_ends_at_opening_time_is_that_instant() -> None:
    assert office().subtract(at("2026-07-13T13:00Z"), 3600) == at("2026-07-13T12:00Z")


def test_opening_is_within_and_closing_is_without() -> None:
    assert office().is_open(at("2026-07-06T12:00Z"))
    assert not office().is_open(at("2026-07-06T23:00Z"))


def test_next_close_at_closing_time_is_the_next_days() -> None:
    assert office().next_close(at("2026-07-06T23:00Z")) == at("2026-07-07T23:00Z")


def test_days_that_touch_at_midnight_are_one_period() -> None:
    round_the_week = office(weekly_hours={day: [["00:00", "24:00"]] for day in WORKDAYS})
    assert round_the_week.next_close(at("2026-07-06T12:00Z")) == at("2026-07-11T04:00Z")
    assert next(round_the_week.periods_after(at("2026-07-05T12:00Z"))) == (
        at("2026-07-06T04:00Z"),
        at("2026-07-11T04:00Z"),
    )


def test_a_period_is_whole_although_the_table_was_built_in_parts() -> None:
    period = (at("2026-07-04T04:00Z"), at("2031-07-03T04:00Z"))
    holidays = ["2026-07-03", "2031-07-03"]
    assert next(open_all_week(holidays=holidays).periods_after(at("2026-07-03T12:00Z"))) == period
    assert next(open_all_week(holidays=holidays).periods_before(at("2031-07-03T12:00Z"))) == period
    assert open_all_week(holidays=holidays).next_close(period[0]) == period[1]


def test_periods_between_of_no_time_are_none() -> None:
    noon = at("2026-07-06T16:00Z")
    assert office().periods_between(noon, noon) == []
    assert office().periods_between(noon, noon - HOUR) == []


def test_elapsed_seconds_are_an_int_when_whole() -> None:
    start = at("2026-07-06T12:00Z")
    whole, part = office().elapsed(start, start + 1000), office().elapsed(start, start + 1001)
    assert (whole, type(whole)) == (1, int)
    assert (part, type(part)) == (1.001, float)


def test_seconds_may_have_milliseconds() -> None:
    assert office().add(at("2026-07-06T12:00Z"), 0.25) == at("2026-07-06T12:00Z") + 250


@pytest.mark.parametrize("seconds", [-1, -0.25, float("nan"), float("inf")])
def test_a_duration_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(CalendarError, match=r"A duration is .*0 or more"):
        office().add(at("2026-07-06T12:00Z"), seconds)
    with pytest.raises(CalendarError, match=r"A duration is .*0 or more"):
        office().subtract(at("2026-07-06T12:00Z"), seconds)
    with pytest.raises(CalendarError, match=r"A duration is .*0 or more"):
        office().add(at("2026-07-06T12:00Z"), seconds, [(0, 1)])


def test_a_pause_that_begins_at_the_due_instant_does_not_move_it() -> None:
    start, due = at("2026-07-06T12:00Z"), at("2026-07-06T14:00Z")
    assert office().add(start, 7200, [(due, due + HOUR)]) == due
    assert office().add(start, 7200, [(due - 1, due + HOUR)]) == due + HOUR + 1


def test_pauses_may_overlap_be_unordered_reversed_or_lie_in_closed_time() -> None:
    start = at("2026-07-06T20:00Z")
    pauses = (
        (at("2026-07-06T22:00Z"), at("2026-07-07T13:00Z")),
        (at("2026-07-07T01:00Z"), at("2026-07-07T02:00Z")),
        (at("2026-07-06T21:00Z"), at("2026-07-06T22:30Z")),
        (at("2026-07-07T13:30Z"), at("2026-07-07T13:10Z")),
    )
    assert office().add(start, 7200, pauses) == at("2026-07-07T14:00Z")
    assert office().elapsed(start, at("2026-07-07T14:00Z"), pauses) == 7200


def test_pauses_may_come_from_an_iterator() -> None:
    start = at("2026-07-06T12:00Z")
    pause = (start + HOUR, start + 2 * HOUR)
    assert office().add(start, 7200, iter([pause])) == start + 3 * HOUR
    assert office().elapsed(start, start + 3 * HOUR, iter([pause])) == 7200


def test_time_before_the_start_that_was_paused_is_no_loss() -> None:
    start = at("2026-07-06T13:00Z")
    assert office().add(start, 3600, [(start - HOUR, start + HOUR)]) == start + 2 * HOUR


def test_adding_nothing_within_a_pause_gives_its_end() -> None:
    start = at("2026-07-06T13:00Z")
    assert office().add(start, 0, [(start - HOUR, start + HOUR)]) == start + HOUR
    assert office().add(start, 0, [(start, start + HOUR)]) == start


@pytest.mark.parametrize(
    ("day", "following", "hours"), [("2026-03-08", "2026-03-09", 23), ("2026-11-01", "2026-11-02", 25)]
)
def test_a_day_has_its_real_hours(day: str, following: str, hours: int) -> None:
    sundays = office(weekly_hours={"sun": [["00:00", "24:00"]]})
    opening, closing = sundays.to_instant(day, "00:00"), sundays.to_instant(following, "00:00")
    assert sundays.elapsed(opening, closing) == hours * 3600
    assert sundays.add(opening, hours * 3600) == closing


def test_a_local_time_that_does_not_exist_moves_forward_by_the_gap() -> None:
    assert office().to_instant("2026-03-08", "02:30") == at("2026-03-08T03:30-04:00")


def test_an_ambiguous_local_time_is_the_first() -> None:
    assert office().to_instant("2026-11-01", "01:30") == at("2026-11-01T01:30-04:00")


def test_a_date_that_a_zone_skipped_has_no_hours() -> None:
    apia = BusinessCalendar.from_mapping({"timezone": "Pacific/Apia", "weekly_hours": {"fri": [["09:00", "17:00"]]}})
    assert apia.periods_between(at("2011-12-29T00:00-10:00"), at("2012-01-02T00:00+14:00")) == []


def test_hours_that_meet_at_a_skipped_midnight_stay_one_period() -> None:
    sao_paulo = BusinessCalendar.from_mapping(
        {"timezone": "America/Sao_Paulo", "weekly_hours": ALL_DAY, "holidays": ["2015-10-20"]}
    )
    start = at("2015-10-16T12:00Z")
    assert next(sao_paulo.periods_after(start)) == (start, at("2015-10-20T02:00Z"))


def test_hours_that_the_clock_moves_past_others_count_once() -> None:
    """02:10 to 02:50 do not exist and become 03:10 to 03:50, after hours that are written later and around others."""
    hours = [["02:10", "02:50"], ["03:00", "03:05"], ["03:15", "03:20"]]
    sundays = office(weekly_hours={"sun": hours})
    assert sundays.periods_between(at("2026-03-08T05:00Z"), at("2026-03-09T04:00Z")) == [
        (at("2026-03-08T07:00Z"), at("2026-03-08T07:05Z")),
        (at("2026-03-08T07:10Z"), at("2026-03-08T07:50Z")),
    ]


def test_a_break_that_the_clock_skips_takes_nothing_away() -> None:
    day = (office().to_instant("2026-03-08", "00:00"), office().to_instant("2026-03-09", "00:00"))
    assert open_all_week(breaks={"2026-03-08": [["02:00", "03:00"]]}).elapsed(*day) == 23 * 3600


def test_a_fixed_offset_is_a_zone() -> None:
    fixed = BusinessCalendar.from_mapping({"timezone": "-05:00", "weekly_hours": WORKDAYS})
    assert fixed.timezone == "-05:00"
    assert fixed.next_open(at("2026-07-06T00:00Z")) == at("2026-07-06T13:00Z")
    east = BusinessCalendar.from_mapping({"timezone": "+05:45", "weekly_hours": WORKDAYS})
    assert east.next_open(at("2026-07-05T00:00Z")) == at("2026-07-06T02:15Z")


def test_dates_and_times_may_be_the_ones_of_a_toml_file() -> None:
    typed = office(
        weekly_hours={"mon": [[time(8), time(19)]]}, holidays=[date(2026, 7, 6)], date_overrides={"2026-07-13": []}
    )
    assert typed.next_open(at("2026-07-05T00:00Z")) == at("2026-07-20T12:00Z")
    assert typed.to_instant(date(2026, 7, 6), time(8, 30)) == at("2026-07-06T12:30Z")


def test_intervals_may_overlap_and_touch_in_any_order() -> None:
    scattered = office(weekly_hours={"mon": [["13:00", "19:00"], ["08:00", "12:00"], ["11:00", "13:00"]]})
    assert scattered.periods_between(at("2026-07-06T00:00Z"), at("2026-07-07T12:00Z")) == [
        (at("2026-07-06T12:00Z"), at("2026-07-06T23:00Z"))
    ]


def test_hours_over_midnight_belong_to_both_days() -> None:
    nights = {"timezone": "Etc/UTC", "weekly_hours": {"sun": [["22:00", "06:00"]], "mon": [["22:00", "00:00"]]}}
    night = BusinessCalendar.from_mapping(nights)
    assert night.periods_between(at("2026-07-05T12:00Z"), at("2026-07-07T12:00Z")) == [
        (at("2026-07-05T22:00Z"), at("2026-07-06T06:00Z")),
        (at("2026-07-06T22:00Z"), at("2026-07-07T00:00Z")),
    ]
    monday_off = BusinessCalendar.from_mapping({**nights, "holidays": ["2026-07-06"]})
    assert monday_off.periods_between(at("2026-07-05T12:00Z"), at("2026-07-07T12:00Z")) == [
        (at("2026-07-05T22:00Z"), at("2026-07-06T00:00Z"))
    ]


def test_an_override_over_midnight_adds_to_the_next_day() -> None:
    stocktaking = BusinessCalendar.from_mapping(
        {"timezone": "Etc/UTC", "weekly_hours": WORKDAYS, "date_overrides": {"2026-07-06": [["20:00", "02:00"]]}}
    )
    assert stocktaking.periods_between(at("2026-07-06T00:00Z"), at("2026-07-08T00:00Z")) == [
        (at("2026-07-06T20:00Z"), at("2026-07-07T02:00Z")),
        (at("2026-07-07T08:00Z"), at("2026-07-07T19:00Z")),
    ]


def test_a_break_over_midnight_lasts_into_the_next_day() -> None:
    upkeep = open_all_week(timezone="Etc/UTC", breaks={"2026-07-06": [["23:00", "01:00"]]})
    assert upkeep.elapsed(at("2026-07-06T00:00Z"), at("2026-07-08T00:00Z")) == 46 * 3600


def test_holidays_win_over_overrides() -> None:
    calendar = office(holidays=["2026-07-06"], date_overrides={"2026-07-06": [["10:00", "12:00"]]})
    assert not calendar.is_open(at("2026-07-06T15:00Z"))


def test_yearly_holidays_come_back_and_leap_days_only_in_leap_years() -> None:
    calendar = open_all_week(yearly_holidays=["12-25", "02-29"])
    noon = {day: calendar.to_instant(day, "12:00") for day in ("2026-12-25", "2077-12-25", "2028-02-29", "2027-03-01")}
    assert [calendar.is_holiday(instant) for instant in noon.values()] == [True, True, True, False]
    assert [calendar.is_open(instant) for instant in noon.values()] == [False, False, False, True]


def test_a_calendar_says_what_it_is() -> None:
    assert (
        repr(office(holidays=["2026-07-03"])) == "<BusinessCalendar America/New_York, mon-fri 08:00-19:00, 1 holiday>"
    )
    assert repr(open_all_week()) == "<BusinessCalendar America/New_York, 24/7>"
    assert repr(office(weekly_hours={})) == "<BusinessCalendar America/New_York, no weekly hours>"
    split = {"mon": [["09:00", "12:00"], ["13:00", "17:30:15"]], "wed": [["09:00", "12:00"]]}
    assert repr(office(weekly_hours=split)) == (
        "<BusinessCalendar America/New_York, mon 09:00-12:00 13:00-17:30:15, wed 09:00-12:00>"
    )


def test_a_shared_calendar_cannot_be_changed_from_outside() -> None:
    hours = {"mon": [["08:00", "19:00"]]}
    calendar = office(weekly_hours=hours)
    hours["mon"][0][1] = "09:00"
    assert calendar.elapsed(at("2026-07-06T00:00Z"), at("2026-07-07T00:00Z")) == 11 * 3600
    for name in ("timezone", "always_open", "has_hours", "holidays"):
        with pytest.raises(AttributeError):
            setattr(calendar, name, None)


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


def test_hours_that_begin_later_do_not_reach_back() -> None:
    opens_once = office(weekly_hours={}, date_overrides={"2026-07-06": [["08:00", "19:00"]]})
    assert opens_once.subtract(at("2150-01-01T00:00Z"), 11 * 3600) == at("2026-07-06T12:00Z")
    with pytest.raises(CalendarError, match="not enough opening hours after the start of 1970"):
        opens_once.subtract(at("2150-01-01T00:00Z"), 11 * 3600 + 1)
    assert list(opens_once.periods_before(at("2150-01-01T00:00Z"))) == list(opens_once.periods_after(0))


def test_a_calendar_that_is_always_open_counts_calendar_time() -> None:
    always = open_all_week()
    now = at("2026-03-08T03:00Z")
    assert always.always_open
    assert not office().always_open
    assert not open_all_week(holidays=["2026-07-03"]).always_open
    assert always.add(now, 10 * 365 * 86_400) == now + 10 * 365 * DAY
    assert always.subtract(now, 86_400) == now - DAY
    assert always.elapsed(now, now + 12_345) == 12.345
    assert next(always.periods_after(now))[0] == now
    with pytest.raises(CalendarError, match=r"24/7\) never closes\."):
        always.next_close(now)


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
