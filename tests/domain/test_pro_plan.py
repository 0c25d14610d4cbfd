"""The scenarios of spec pro_services.md 3 that the planner answers, a test a number, and laws over generated ones.

Wall times are New York's. Every plan keeps the federal holidays and expires on 2028-03-01 unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as lawful_settings
from hypothesis import strategies as st

from console.domain.pro_plan import Plan, PlanError, Segment, clash, plan
from console.domain.pro_settings import DateException, ProSettings
from console.domain.service_window import Consent
from console.holiday_files import federal_holidays
from tests.domain.new_york import NEW_YORK, consent, ny

HOUR = 3600
MINUTE = 60
HOUR_MS = HOUR * 1000
FEDERAL = federal_holidays(2026, 2028)
FAR = "2028-03-01 00:00"
DEFAULTS = ProSettings()


def planned(
    start: str,
    seconds: float,
    *consents: Consent,
    renewal: str = FAR,
    complete: str | None = None,
    settings: ProSettings = DEFAULTS,
    holidays: Collection[date] = FEDERAL,
    commenced: str | None = None,
) -> Plan:
    return plan(
        ny(start),
        seconds,
        ny(renewal),
        consents=consents,
        complete_at=None if complete is None else ny(complete),
        settings=settings,
        holidays=holidays,
        commenced_at=None if commenced is None else ny(commenced),
    )


def spans(found: Plan) -> list[tuple[int, int]]:
    return [(segment.begins_at, segment.ends_at) for segment in found.segments]


def runs(*pairs: tuple[str, str]) -> list[tuple[int, int]]:
    return [(ny(begins), ny(ends)) for begins, ends in pairs]


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


EVENING = ("2027-01-12 18:00", "2027-01-12 21:00")


def test_scenario_19_valid_consent() -> None:
    found = planned("2027-01-12 16:00", 4 * HOUR, consent(*EVENING, "2027-01-11 10:00"))
    assert spans(found) == runs(("2027-01-12 16:00", "2027-01-12 20:00"))
    assert (found.end, found.binding, found.warnings) == ("exhausted", ("allocation",), ())


@pytest.mark.parametrize("recorded", ["2027-01-12 17:30", "2027-01-12 16:00"])
def test_scenario_20_consent_given_after_the_start(recorded: str) -> None:
    found = planned("2027-01-12 16:00", 4 * HOUR, consent(*EVENING, recorded))
    assert spans(found) == runs(("2027-01-12 16:00", "2027-01-12 18:00"), ("2027-01-13 09:00", "2027-01-13 11:00"))
    assert "does not count: it was recorded at Tue 12 Jan 2027," in found.why
    assert found.why.endswith("not before the work started (T12).")


def test_scenario_21_commencement_of_the_project_or_of_each_day() -> None:
    wednesday = consent("2027-01-13 18:00", "2027-01-13 21:00", "2027-01-12 20:00")
    strict = planned("2027-01-12 16:00", 12 * HOUR, wednesday)
    assert spans(strict)[1:] == runs(("2027-01-13 09:00", "2027-01-13 18:00"), ("2027-01-14 09:00", "2027-01-14 10:00"))
    each_day = planned("2027-01-12 16:00", 12 * HOUR, wednesday, settings=ProSettings(consent_commencement="each_day"))
    assert spans(each_day)[1:] == runs(("2027-01-13 09:00", "2027-01-13 19:00"))


def test_scenario_21_going_on_the_next_day_is_not_commencing() -> None:
    wednesday = consent("2027-01-13 18:00", "2027-01-13 21:00", "2027-01-12 20:00")
    assert spans(planned("2027-01-13 17:00", 2 * HOUR, wednesday)) == runs(("2027-01-13 17:00", "2027-01-13 19:00"))
    carried = planned("2027-01-13 17:00", 2 * HOUR, wednesday, commenced="2027-01-12 16:00")
    assert carried.binding == ("window", "allocation")


def test_scenario_22_range_with_a_gap() -> None:
    evening = consent("2027-01-12 19:00", "2027-01-12 21:00", "2027-01-11 10:00")
    found = planned("2027-01-12 17:00", 3 * HOUR, evening)
    assert spans(found) == runs(("2027-01-12 17:00", "2027-01-12 18:00"), ("2027-01-12 19:00", "2027-01-12 21:00"))
    assert (found.binding, found.warnings) == (("window", "allocation"), ())


def test_scenario_23_work_outlasts_the_consented_range() -> None:
    found = planned("2027-01-12 16:00", 6 * HOUR, consent(*EVENING, "2027-01-11 10:00"))
    assert spans(found) == runs(("2027-01-12 16:00", "2027-01-12 21:00"), ("2027-01-13 09:00", "2027-01-13 10:00"))
    assert found.binding == ("consent", "allocation")


@pytest.mark.parametrize("flag", ["time_sensitive", "by_engineer", "by_customer"])
def test_scenario_24_an_incomplete_consent_allows_nothing(flag: str) -> None:
    lacking: dict[str, Any] = {flag: False}
    found = planned("2027-01-12 16:00", 4 * HOUR, consent(*EVENING, "2027-01-11 10:00", **lacking))
    assert found.binding == ("window", "allocation")
    assert "does not count: it lacks the " in found.why


def test_scenario_25_consent_withdrawn_during_the_session() -> None:
    given = consent(*EVENING, "2027-01-11 10:00", withdrawn="2027-01-12 19:15")
    found = planned("2027-01-12 16:00", 4 * HOUR, given)
    assert spans(found)[0] == (ny("2027-01-12 16:00"), ny("2027-01-12 19:15"))
    kept = planned("2027-01-12 16:00", 4 * HOUR, given, settings=ProSettings(consent_withdrawal="not_possible"))
    assert spans(kept) == runs(("2027-01-12 16:00", "2027-01-12 20:00"))


def test_scenario_26_consent_does_not_lift_renewal() -> None:
    found = planned("2027-01-12 16:00", 4 * HOUR, consent(*EVENING, "2027-01-11 10:00"), renewal="2027-01-12 19:00")
    assert spans(found) == runs(("2027-01-12 16:00", "2027-01-12 19:00"))
    assert (found.end, found.binding, found.expired_ms) == ("expired", ("renewal",), HOUR_MS)


def test_scenario_27_renewal_at_midnight_during_a_consented_session() -> None:
    night = consent("2027-01-31 21:00", "2027-02-01 03:00", "2027-01-29 12:00")
    found = planned("2027-01-31 22:00", 3 * HOUR, night, renewal="2027-02-01 00:00")
    assert spans(found) == runs(("2027-01-31 22:00", "2027-02-01 00:00"))
    assert (found.end, found.binding, found.expired_ms) == ("expired", ("renewal",), HOUR_MS)


def test_scenario_28_renewal_inside_the_window() -> None:
    found = planned("2027-02-10 09:00", 2 * HOUR, renewal="2027-02-10T14:37:22Z")
    assert found.used_ms == (37 * MINUTE + 22) * 1000
    assert found.expired_ms == (HOUR + 22 * MINUTE + 38) * 1000
    assert (found.end, found.binding) == ("expired", ("renewal",))
    assert "1h 22m 38s expire (T7)" in found.why


def test_scenario_29_renewal_at_utc_midnight_cuts_a_session_at_eight_in_the_evening() -> None:
    evening = consent("2027-06-30 18:00", "2027-06-30 22:00", "2027-06-29 12:00")
    cut = planned("2027-06-30 17:00", 4 * HOUR, evening, renewal="2027-07-01T00:00Z")
    assert (spans(cut), cut.expired_ms) == (runs(("2027-06-30 17:00", "2027-06-30 20:00")), HOUR_MS)
    whole = planned("2027-06-30 17:00", 4 * HOUR, evening, renewal="2027-07-01 00:00")
    assert whole.end == "exhausted"


def test_scenario_31_month_end_with_time_left() -> None:
    found = planned("2027-01-29 16:00", 4 * HOUR, renewal="2027-02-01 00:00")
    assert spans(found) == runs(("2027-01-29 16:00", "2027-01-29 18:00"))
    assert (found.end, found.binding, found.expired_ms) == ("expired", ("window",), 2 * HOUR_MS)
    assert found.warnings == ("Only 2h of 4h fit before the renewal: 2h would be lost (T7).",)


def test_scenario_32_carry_over_meets_holiday_meets_renewal() -> None:
    found = planned("2027-01-15 16:30", 2 * HOUR + 45 * MINUTE, renewal="2027-01-19 00:00")
    assert spans(found) == runs(("2027-01-15 16:30", "2027-01-15 18:00"))
    assert (found.end, found.expired_ms) == ("expired", (HOUR + 15 * MINUTE) * 1000)


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


# Laws. Questions are whole minutes of two weeks around each change of the clock and around the turn of the year, so
# that a slow reading of the terms, minute by minute, can be asked for the same answer.

lawful = lawful_settings(deadline=None, max_examples=80)
MINUTE_MS = MINUTE * 1000
DAY_MINUTES = 24 * 60
FIRST_DAYS = (datetime(2027, 3, 8, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC), datetime(2027, 12, 20, tzinfo=UTC))


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """The arguments of a plan. Most starts lie where work is allowed: in a window, or in the first of the consents."""
    first = round(draw(st.sampled_from(FIRST_DAYS)).timestamp()) * 1000

    def minute(low: int, high: int) -> int:
        return first + draw(st.integers(low, high)) * MINUTE_MS

    consents: list[Consent] = []
    for _ in range(draw(st.integers(0, 3))):
        begins_at = minute(0, 9 * DAY_MINUTES)
        ends_at = begins_at + draw(st.integers(1, 700)) * MINUTE_MS
        consents.append(
            Consent(
                begins_at=begins_at,
                ends_at=ends_at,
                recorded_at=minute(-DAY_MINUTES, 5 * DAY_MINUTES),
                time_sensitive=draw(st.integers(0, 9)) > 0,
                withdrawn_at=draw(st.none() | st.just(begins_at + 90 * MINUTE_MS)),
            )
        )
    start_at = minute(0, 6 * DAY_MINUTES)
    where = draw(st.sampled_from(("window", "window", "consent", "anywhere")))
    if where == "window":
        start_at = first + (draw(st.integers(0, 4)) * DAY_MINUTES + draw(st.integers(14 * 60, 22 * 60))) * MINUTE_MS
    elif consents and where == "consent":
        start_at = consents[0].begins_at
    complete = draw(st.none() | st.integers(1, 3 * DAY_MINUTES))
    return {
        "start_at": start_at,
        "seconds": draw(st.integers(1, 30 * 60)) * MINUTE,
        "renewal_at": start_at + draw(st.integers(-60, 8 * DAY_MINUTES)) * MINUTE_MS,
        "consents": tuple(consents),
        "complete_at": None if complete is None else start_at + complete * MINUTE_MS,
        "holidays": FEDERAL,
    }


def allowed(at: int, asked: dict[str, Any]) -> bool:
    """Whether work may go on in the minute that begins then: spec pro_services.md T12, read off the wall."""
    for agreed in asked["consents"]:
        ends_at = agreed.ends_at if agreed.withdrawn_at is None else min(agreed.ends_at, agreed.withdrawn_at)
        before = agreed.recorded_at < asked["start_at"]
        if before and agreed.time_sensitive and agreed.begins_at <= at < ends_at:
            return True
    wall = datetime.fromtimestamp(at / 1000, NEW_YORK)
    return wall.weekday() < 5 and wall.date() not in FEDERAL and 9 <= wall.hour < 18


def minute_by_minute(asked: dict[str, Any]) -> tuple[list[tuple[int, int]], str]:
    """The spans and the end, by walking through every minute."""
    start: int = asked["start_at"]
    renewal: int = asked["renewal_at"]
    complete = asked["complete_at"]
    if start >= renewal or not allowed(start, asked):
        return [], "refused"
    found: list[tuple[int, int]] = []
    left = asked["seconds"] // MINUTE
    at = start
    while True:
        if left == 0:
            return found, "exhausted"
        if at == renewal:
            return found, "expired"
        if at == complete:
            return found, "completed"
        if allowed(at, asked):
            if found and found[-1][1] == at:
                found[-1] = (found[-1][0], at + MINUTE_MS)
            else:
                found.append((at, at + MINUTE_MS))
            left -= 1
        at += MINUTE_MS


@lawful
@given(questions())
def test_a_plan_is_what_a_walk_through_every_minute_finds(asked: dict[str, Any]) -> None:
    found = plan(**asked)
    assert (spans(found), found.end) == minute_by_minute(asked)


@lawful
@given(questions())
def test_what_is_used_left_forfeited_and_expired_adds_up_to_what_was_bought(asked: dict[str, Any]) -> None:
    found = plan(**asked)
    rest = {"exhausted": 0, "completed": found.forfeited_ms, "expired": found.expired_ms, "refused": found.left_ms}
    assert found.used_ms + found.left_ms + found.forfeited_ms + found.expired_ms == asked["seconds"] * 1000
    assert found.left_ms + found.forfeited_ms + found.expired_ms == rest[found.end]


@lawful
@given(questions())
def test_metered_time_is_never_above_the_allocation_outside_allowed_ranges_or_past_the_renewal(
    asked: dict[str, Any],
) -> None:
    found = plan(**asked)
    assert found.used_ms <= asked["seconds"] * 1000
    for begins, ends in spans(found):
        assert asked["start_at"] <= begins < ends <= asked["renewal_at"]
        assert allowed(begins, asked)
        assert allowed(ends - MINUTE_MS, asked)


@lawful
@given(questions())
def test_segments_are_ordered_and_disjoint_and_each_but_the_last_ends_where_allowed_time_does(
    asked: dict[str, Any],
) -> None:
    found = plan(**asked)
    for earlier, later in zip(found.segments, found.segments[1:], strict=False):
        assert earlier.ends_at < later.begins_at
        assert earlier.binding in ("window", "consent")
        assert not allowed(earlier.ends_at, asked)


@lawful
@given(questions(), st.integers(1, 24 * 60))
def test_more_hours_never_shorten_what_was_planned(asked: dict[str, Any], more: int) -> None:
    less = plan(**asked)
    longer = plan(**{**asked, "seconds": asked["seconds"] + more * MINUTE})
    assert longer.used_ms >= less.used_ms
    assert spans(longer)[: max(len(less.segments) - 1, 0)] == spans(less)[:-1]


@lawful
@given(questions(), st.integers(1, 4 * DAY_MINUTES))
def test_a_plan_stopped_at_any_instant_and_gone_on_with_is_the_same_plan(asked: dict[str, Any], after: int) -> None:
    whole = plan(**asked)
    at = asked["start_at"] + after * MINUTE_MS
    inside = next((segment for segment in whole.segments if segment.begins_at < at < segment.ends_at), None)
    if inside is None:
        return
    done = [(begins, min(ends, at)) for begins, ends in spans(whole) if begins < at]
    used = sum(ends - begins for begins, ends in done)
    rest = plan(
        **{**asked, "start_at": at, "seconds": asked["seconds"] - used / 1000, "commenced_at": asked["start_at"]}
    )
    assert (rest.end, rest.used_ms + used) == (whole.end, whole.used_ms)
    assert Segment(inside.begins_at, rest.segments[0].ends_at, rest.segments[0].binding) == inside


def test_a_plan_over_a_century_of_windows_is_found() -> None:
    found = plan(ny("2027-01-12 10:00"), 100_000 * HOUR, ny("2127-01-01 00:00"))
    assert (found.used_ms, found.end) == (100_000 * HOUR_MS, "exhausted")
    assert found.segments[0].ends_at - found.segments[0].begins_at == timedelta(hours=8) // timedelta(milliseconds=1)
