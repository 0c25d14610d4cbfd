"""Consents and what they do not lift: scenarios 19 to 32 of spec pro_services.md 3, each by its number.

Wall times are New York's.
"""

from __future__ import annotations

from typing import Any

import pytest

from console.domain.pro_settings import ProSettings
from tests.domain.new_york import consent, ny
from tests.domain.planning import HOUR, HOUR_MS, MINUTE, planned, runs, spans

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
