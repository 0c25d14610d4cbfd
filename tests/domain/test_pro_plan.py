"""The scenarios of spec pro_services.md 3 that the planner answers, a test a number; those of consents and renewals
stand beside. Wall times are New York's. Every plan keeps the federal holidays and expires on 2028-03-01 unless it says
otherwise.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from console.domain.pro_plan import PlanError, clash, plan
from console.domain.pro_settings import DateException, ProSettings
from tests.domain.new_york import consent, ny
from tests.domain.planning import FEDERAL, HOUR, HOUR_MS, MINUTE, planned, runs, spans


def test_scenario_01_ordinary() -> None:
    found = planned("2027-01-12 10:00", 2 * HOUR)
    assert spans(found) == runs(("2027-01-12T15:00Z", "2027-01-12T17:00Z"))
    assert (found.end, found.binding, found.left_ms) == ("exhausted", ("allocation",), 0)
    assert found.why == "The 2h are used up at Tue 12 Jan 2027, 12:00 PM ET (T10)."
    assert found.warnings == ()


def test_scenario_02_window_end_with_time_left() -> None:
    found = planned("2027-01-12 16:30", 3 * HOUR)
    assert spans(found) == runs(("2027-01-12 16:30", "2027-01-12 18:00"), ("2027-01-13 09:00", "2027-01-13 10:30"))
    assert (found.end, found.binding) == ("exhausted", ("window", "allocation"))
    assert found.why.startswith(
        "At Tue 12 Jan 2027, 6:00 PM ET the service window closes, "
        "and the session goes on at Wed 13 Jan 2027, 9:00 AM ET (T9)."
    )


def test_scenario_03_friday_to_monday() -> None:
    assert spans(planned("2027-01-22 17:00", 2 * HOUR)) == runs(
        ("2027-01-22 17:00", "2027-01-22 18:00"), ("2027-01-25 09:00", "2027-01-25 10:00")
    )


def test_scenario_04_next_day_is_a_holiday() -> None:
    friday = ("2027-01-15 16:30", "2027-01-15 18:00")
    assert spans(planned("2027-01-15 16:30", 3 * HOUR)) == runs(friday, ("2027-01-19 09:00", "2027-01-19 10:30"))
    assert spans(planned("2027-01-15 16:30", 3 * HOUR, holidays=())) == runs(
        friday, ("2027-01-18 09:00", "2027-01-18 10:30")
    )


def test_scenario_04_a_list_of_ones_own_closes_a_day_that_is_not_federal() -> None:
    lincoln = date(2027, 2, 12)
    assert planned("2027-02-12 10:00", HOUR).end == "exhausted"
    found = planned("2027-02-12 10:00", HOUR, holidays={*FEDERAL, lincoln})
    assert found.end == "refused"
    assert found.why.startswith("Not started: Fri 12 Feb 2027 is a holiday. ")
    assert found.why.endswith("The next start is Tue 16 Feb 2027, 9:00 AM ET.")  # after Washington's Birthday


def test_scenario_05_observed_holiday() -> None:
    assert spans(planned("2027-12-23 17:30", HOUR)) == runs(
        ("2027-12-23 17:30", "2027-12-23 18:00"), ("2027-12-27 09:00", "2027-12-27 09:30")
    )


def test_scenario_05_the_day_after_thanksgiving_is_worked_unless_the_list_says_otherwise() -> None:
    wednesday = ("2027-11-24 17:30", "2027-11-24 18:00")
    assert spans(planned("2027-11-24 17:30", HOUR)) == runs(wednesday, ("2027-11-26 09:00", "2027-11-26 09:30"))
    assert spans(planned("2027-11-24 17:30", HOUR, holidays={*FEDERAL, date(2027, 11, 26)})) == runs(
        wednesday, ("2027-11-29 09:00", "2027-11-29 09:30")
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2027-01-12 09:00:00", "exhausted"),
        ("2027-01-12 17:59:59.999", "exhausted"),
        ("2027-01-12 18:00:00", "refused"),
        ("2027-01-12 08:59:59", "refused"),
        ("2027-01-12 08:59:59.999", "refused"),
    ],
)
def test_scenario_06_the_window_includes_nine_and_excludes_six(start: str, end: str) -> None:
    assert planned(start, HOUR).end == end


def test_scenario_06_a_refused_start_keeps_all_hours_and_names_the_term() -> None:
    early, late = planned("2027-01-12 08:59:59", HOUR), planned("2027-01-12 18:00", HOUR)
    for found in (early, late):
        assert (found.segments, found.left_ms, found.forfeited_ms, found.expired_ms) == ((), HOUR_MS, 0, 0)
        assert "has to be agreed as time-sensitive before it starts (T12)" in found.why
    assert early.why.startswith("Not started: the service window opens at Tue 12 Jan 2027, 9:00 AM ET.")
    assert late.why.startswith("Not started: the service window closed at Tue 12 Jan 2027, 6:00 PM ET.")
    assert late.why.endswith("The next start is Wed 13 Jan 2027, 9:00 AM ET.")


def test_scenario_07_thirty_seconds_before_closing() -> None:
    found = planned("2027-01-12 17:59:30", HOUR)
    assert spans(found) == runs(
        ("2027-01-12 17:59:30", "2027-01-12 18:00"), ("2027-01-13 09:00", "2027-01-13 09:59:30")
    )
    (warning,) = found.warnings
    assert "2 days, and the terms prefer one (T8)" in warning


def test_scenario_08_fits_or_not() -> None:
    assert planned("2027-01-12 14:00", 4 * HOUR).warnings == ()
    spilt = planned("2027-01-12 14:01", 4 * HOUR)
    assert spans(spilt)[1] == (ny("2027-01-13 09:00"), ny("2027-01-13 09:01"))
    assert spilt.warnings == (
        "The work takes 2 days, and the terms prefer one (T8); "
        "started by Tue 12 Jan 2027, 2:00 PM ET it would end the same day.",
    )


def test_scenario_08_the_latest_start_does_not_lean_on_a_consent_recorded_after_it() -> None:
    evening = consent("2027-01-12 18:00", "2027-01-12 19:00", "2027-01-12 16:30")
    (warning,) = planned("2027-01-12 17:00", 4 * HOUR, evening).warnings
    assert "started by Tue 12 Jan 2027, 2:00 PM ET" in warning
    (warning,) = planned("2027-01-12 17:00", 2.25 * HOUR, evening).warnings
    assert "started by Tue 12 Jan 2027, 4:45 PM ET" in warning


def test_scenario_09_more_than_nine_hours() -> None:
    found = planned("2027-01-11 09:00", 10 * HOUR)
    assert spans(found) == runs(("2027-01-11 09:00", "2027-01-11 18:00"), ("2027-01-12 09:00", "2027-01-12 10:00"))
    assert found.warnings == ()


def test_scenario_09_nine_hours_end_with_the_window_by_the_allocation() -> None:
    found = planned("2027-01-11 09:00", 9 * HOUR)
    assert (found.end, found.binding) == ("exhausted", ("allocation",))


def test_scenario_10_weekend_start() -> None:
    refused = planned("2027-01-16 10:00", 3 * HOUR)
    assert (refused.end, refused.left_ms) == ("refused", 3 * HOUR_MS)
    assert refused.why.startswith("Not started: the service window is closed all day on Sat 16 Jan 2027.")

    found = planned("2027-01-16 10:00", 3 * HOUR, consent("2027-01-16 10:00", "2027-01-16 12:00", "2027-01-15 12:00"))
    assert spans(found) == runs(("2027-01-16 10:00", "2027-01-16 12:00"), ("2027-01-19 09:00", "2027-01-19 10:00"))
    assert found.binding == ("consent", "allocation")


def test_scenario_11_est_literal_or_new_york_time() -> None:
    literal = ProSettings(window_tz="-05:00")
    assert spans(planned("2027-07-06T13:00Z", HOUR)) == runs(("2027-07-06 09:00", "2027-07-06 10:00"))
    assert planned("2027-07-06T13:00Z", HOUR, settings=literal).end == "refused"
    found = planned("2027-07-06T14:00Z", 10 * HOUR, settings=literal)
    assert spans(found)[0] == (ny("2027-07-06 10:00"), ny("2027-07-06 19:00"))


def test_scenario_12_dst_weekend_between_two_segments() -> None:
    found = planned("2027-03-12 17:00", 2 * HOUR)
    assert spans(found) == runs(("2027-03-12T22:00Z", "2027-03-12T23:00Z"), ("2027-03-15T13:00Z", "2027-03-15T14:00Z"))


def test_scenario_12_in_autumn_monday_opens_at_14_utc() -> None:
    found = planned("2027-11-05 17:00", 2 * HOUR)
    assert spans(found) == runs(("2027-11-05T21:00Z", "2027-11-05T22:00Z"), ("2027-11-08T14:00Z", "2027-11-08T15:00Z"))


def test_scenario_13_dst_inside_a_session_in_spring() -> None:
    night = consent("2027-03-13 23:00", "2027-03-14 08:00", "2027-03-12 12:00")
    found = planned("2027-03-13 23:00", 5 * HOUR, night)
    assert spans(found) == runs(("2027-03-14T04:00Z", "2027-03-14T09:00Z"))
    assert found.segments[0].ends_at == ny("2027-03-14T05:00-04:00")
    assert found.used_ms == 5 * HOUR_MS


def test_scenario_14_dst_inside_a_session_in_autumn() -> None:
    night = consent("2027-11-06 23:00", "2027-11-07 08:00", "2027-11-05 12:00")
    found = planned("2027-11-06 23:00", 4 * HOUR, night)
    assert spans(found) == runs(("2027-11-07T03:00Z", "2027-11-07T07:00Z"))
    assert found.segments[0].ends_at == ny("2027-11-07T02:00-05:00")


def test_scenario_15_either_half_past_one_is_a_start_of_its_own() -> None:
    night = consent("2027-11-06 23:00", "2027-11-07 08:00", "2027-11-05 12:00")
    first, second = (planned(f"2027-11-07T01:30{offset}", HOUR, night) for offset in ("-04:00", "-05:00"))
    assert spans(first) == runs(("2027-11-07T05:30Z", "2027-11-07T06:30Z"))
    assert spans(second) == runs(("2027-11-07T06:30Z", "2027-11-07T07:30Z"))


def test_scenario_16_an_engineer_in_kolkata_works_in_the_same_window() -> None:
    assert planned("2027-01-12T20:30+05:30", 2 * HOUR) == planned("2027-01-12 10:00", 2 * HOUR)
    assert planned("2027-01-12T10:00+05:30", 2 * HOUR).end == "refused"


def test_scenario_17_an_early_closing_that_was_published_before_the_start() -> None:
    def closing_at_one(published: str) -> ProSettings:
        early = DateException(date(2027, 1, 12), (("09:00", "13:00"),), published_at=ny(published))
        return ProSettings(window_exceptions=(early,))

    before = planned("2027-01-12 12:00", 2 * HOUR, settings=closing_at_one("2027-01-12 11:00"))
    assert spans(before) == runs(("2027-01-12 12:00", "2027-01-12 13:00"), ("2027-01-13 09:00", "2027-01-13 10:00"))
    published_late = closing_at_one("2027-01-12 12:30")
    after = planned("2027-01-12 12:00", 2 * HOUR, settings=published_late)
    assert spans(after) == runs(("2027-01-12 12:00", "2027-01-12 14:00"))
    going_on = planned("2027-01-12 12:45", HOUR, settings=published_late, commenced="2027-01-12 12:00")
    assert spans(going_on) == runs(("2027-01-12 12:45", "2027-01-12 13:45"))


def test_scenario_18_a_holiday_added_after_the_slot_was_agreed_refuses_it() -> None:
    assert planned("2027-01-20 10:00", HOUR).end == "exhausted"
    assert planned("2027-01-20 10:00", HOUR, holidays={*FEDERAL, date(2027, 1, 20)}).end == "refused"


def test_scenario_33_a_purchase_after_hours_starts_the_next_business_day() -> None:
    assert planned("2027-01-15 20:00", HOUR).why.endswith("The next start is Tue 19 Jan 2027, 9:00 AM ET.")


def test_scenario_34_purchase_in_the_last_hours_of_the_period() -> None:
    found = planned("2027-01-29 17:10", 5 * HOUR, renewal="2027-02-01 00:00")
    assert (found.used_ms, found.expired_ms) == (50 * MINUTE * 1000, 4 * HOUR_MS + 10 * MINUTE * 1000)
    sunday = planned("2027-01-31 12:00", 5 * HOUR, renewal="2027-02-01 00:00")
    assert (sunday.end, sunday.left_ms) == ("refused", 5 * HOUR_MS)
    assert sunday.why.endswith("There is no allowed hour before the renewal.")


def test_scenario_35_a_start_at_the_renewal_instant_is_in_the_next_period() -> None:
    assert planned("2027-02-10 10:00", HOUR, renewal="2027-02-10 10:00").end == "refused"
    last = planned("2027-02-10 09:59:59", HOUR, renewal="2027-02-10 10:00")
    assert (last.used_ms, last.end) == (1000, "expired")


def test_scenario_37_a_slot_after_the_renewal_is_refused() -> None:
    found = planned("2027-02-02 10:00", 2 * HOUR, renewal="2027-02-01 00:00")
    assert (found.segments, found.end, found.left_ms) == ((), "refused", 2 * HOUR_MS)
    assert found.why == (
        "Not started: Tue 2 Feb 2027, 10:00 AM ET is not before the renewal at Mon 1 Feb 2027, 12:00 AM ET. "
        "Hours are used in the period in which they were bought (T7)."
    )


def test_scenario_38_a_renewal_that_moved_earlier_shows_in_the_plan_of_a_booked_slot() -> None:
    assert planned("2027-02-10 10:00", 2 * HOUR, renewal="2027-02-15 00:00").end == "exhausted"
    assert planned("2027-02-10 10:00", 2 * HOUR, renewal="2027-02-10 11:00").end == "expired"
    assert planned("2027-02-10 10:00", 2 * HOUR, renewal="2027-02-08 00:00").end == "refused"


def test_scenario_46_a_late_start_does_not_push_past_closing() -> None:
    found = planned("2027-01-12 15:20", 3 * HOUR)
    assert spans(found) == runs(("2027-01-12 15:20", "2027-01-12 18:00"), ("2027-01-13 09:00", "2027-01-13 09:20"))


def test_scenario_50_completed_early() -> None:
    found = planned("2027-01-12 10:00", 2 * HOUR, complete="2027-01-12 11:20")
    assert spans(found) == runs(("2027-01-12 10:00", "2027-01-12 11:20"))
    assert (found.end, found.binding, found.forfeited_ms) == ("completed", ("completion",), 40 * MINUTE * 1000)
    assert found.why == "The scope is complete at Tue 12 Jan 2027, 11:20 AM ET: the other 40m are lost (T11)."


def test_scenario_53_exhaustion_stops_at_the_second_and_nothing_is_left_to_complete() -> None:
    found = planned("2027-01-12 10:00", HOUR, complete="2027-01-12 11:30")
    assert (spans(found), found.end) == (runs(("2027-01-12 10:00", "2027-01-12 11:00")), "exhausted")
    assert found.forfeited_ms == 0


def test_scenario_54_extended_before_the_end_without_a_stop() -> None:
    assert spans(planned("2027-01-12 10:00", 2 * HOUR)) == runs(("2027-01-12 10:00", "2027-01-12 12:00"))


def test_scenario_54_extended_after_the_end_leaves_five_minutes_unmetered() -> None:
    first = planned("2027-01-12 10:00", HOUR)
    second = planned("2027-01-12 11:05", HOUR, commenced="2027-01-12 10:00")
    assert spans(first) + spans(second) == runs(
        ("2027-01-12 10:00", "2027-01-12 11:00"), ("2027-01-12 11:05", "2027-01-12 12:05")
    )


def test_scenario_63_one_engineer_two_sessions_at_once() -> None:
    mine = planned("2027-01-12 16:30", 3 * HOUR).segments
    taken = spans(planned("2027-01-13 10:00", HOUR))
    assert clash(mine, taken) == (ny("2027-01-13 10:00"), ny("2027-01-13 10:30"))
    assert clash(mine, spans(planned("2027-01-13 10:30", HOUR))) is None


def test_a_completion_after_closing_closes_at_the_end_of_the_last_segment() -> None:
    found = planned("2027-01-12 16:30", 3 * HOUR, complete="2027-01-12 20:00")
    assert spans(found) == runs(("2027-01-12 16:30", "2027-01-12 18:00"))
    assert (found.end, found.binding, found.forfeited_ms) == ("completed", ("window",), 90 * MINUTE * 1000)
    assert found.why.startswith("The scope is complete outside the allowed hours, so the session closes")


def test_a_completion_at_the_opening_of_the_next_day_does_not_begin_it() -> None:
    found = planned("2027-01-12 16:30", 3 * HOUR, complete="2027-01-13 09:00")
    assert (len(found.segments), found.end, found.binding) == (1, "completed", ("window",))
    later = planned("2027-01-12 16:30", 3 * HOUR, complete="2027-01-13 09:00:01")
    assert (later.binding, later.used_ms) == (("window", "completion"), (90 * MINUTE + 1) * 1000)


@pytest.mark.parametrize(
    ("changed", "end", "binding"),
    [
        ({"complete": "2027-01-12 12:00"}, "exhausted", "allocation"),
        ({"renewal": "2027-01-12 12:00"}, "exhausted", "allocation"),
        ({"start": "2027-01-12 16:00"}, "exhausted", "allocation"),
        ({"start": "2027-01-12 17:00", "renewal": "2027-01-12 18:00"}, "expired", "window"),
        ({"start": "2027-01-12 17:00", "complete": "2027-01-12 18:00"}, "completed", "window"),
        ({"renewal": "2027-01-12 11:00", "complete": "2027-01-12 11:00"}, "expired", "renewal"),
    ],
)
def test_of_limits_at_one_instant_the_first_of_the_contract_is_named(
    changed: dict[str, Any], end: str, binding: str
) -> None:
    found = planned(**{"start": "2027-01-12 10:00", "seconds": 2 * HOUR, **changed})
    assert (found.end, found.binding) == (end, (binding,))


def test_work_that_is_complete_after_the_renewal_has_expired() -> None:
    found = planned("2027-01-29 16:00", 4 * HOUR, renewal="2027-02-01 00:00", complete="2027-02-01 10:00")
    assert (found.end, found.expired_ms, found.forfeited_ms) == ("expired", 2 * HOUR_MS, 0)
    saturday = planned("2027-01-29 16:00", 4 * HOUR, renewal="2027-02-01 00:00", complete="2027-01-30 10:00")
    assert (saturday.end, saturday.expired_ms, saturday.forfeited_ms) == ("completed", 0, 2 * HOUR_MS)


def test_a_question_that_contradicts_itself_is_a_mistake() -> None:
    with pytest.raises(PlanError, match="more than 0 hours"):
        planned("2027-01-12 10:00", 0)
    with pytest.raises(PlanError, match="does not come after the start"):
        planned("2027-01-12 10:00", HOUR, complete="2027-01-12 10:00")


def test_a_plan_over_a_century_of_windows_is_found() -> None:
    found = plan(ny("2027-01-12 10:00"), 100_000 * HOUR, ny("2127-01-01 00:00"))
    assert (found.used_ms, found.end) == (100_000 * HOUR_MS, "exhausted")
    assert found.segments[0].ends_at - found.segments[0].begins_at == timedelta(hours=8) // timedelta(milliseconds=1)
