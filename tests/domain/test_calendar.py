"""What a calendar answers: edges, pauses, forms of its document, changes of the clock."""

from __future__ import annotations

from datetime import date, time

import pytest

from console.domain.calendar import BusinessCalendar, CalendarError
from tests.domain.offices import ALL_DAY, DAY, HOUR, WORKDAYS, at, office, open_all_week


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
