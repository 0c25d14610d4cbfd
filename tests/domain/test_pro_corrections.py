"""Corrections, credits and closed periods: scenarios 81 to 88 of spec pro_services.md 3 (D7), each by its number.

Wall times are New York's on Tue 2027-01-12 unless a date stands there; the renewal is 2027-02-01 00:00.
"""

from __future__ import annotations

import pytest

from console.domain import pro_events as pe
from tests.domain.new_york import ny
from tests.domain.pro_story import HOUR_MS, MINUTE, MINUTE_MS, ProStory, kinds


def a_session(hours: float = 4, begins: str = "10:00") -> ProStory:
    story = ProStory()
    story.buys(hours)
    story.ready(hours, begins)
    return story


def test_scenario_81_too_much_drawn_comes_back_to_a_lot_that_is_alive() -> None:
    story = a_session(4)
    segment = story.works("10:00", "12:00")
    correction = story.corrects(segment, -30 * MINUTE, "14:00")
    assert story.lines("14:00")[-1] == ("P-1", "corrected", 30)
    assert story.measured("14:00").lines[-1].cause == correction
    assert story.measured("14:00").balance_ms() == 150 * MINUTE_MS


def test_scenario_81_a_lot_that_has_expired_gets_nothing_back_and_billing_is_told() -> None:
    story = a_session(4)
    segment = story.works("10:00", "12:00")
    correction = story.corrects(segment, -30 * MINUTE, "2027-02-02 10:00")
    measured = story.measured("2027-02-02 10:00")
    assert measured.balance_ms() == 0
    assert [(remark.cause, remark.ms) for remark in measured.remarks] == [(correction, 30 * MINUTE_MS)]


def test_scenario_81_no_more_comes_back_than_was_drawn_however_often_it_is_asked_for() -> None:
    story = a_session(4)
    segment = story.works("10:00", "10:30")
    story.corrects(segment, -20 * MINUTE, "14:00")
    story.corrects(segment, -20 * MINUTE, "14:01")
    assert story.measured("15:00").balance_ms() == 4 * HOUR_MS
    assert [remark.ms for remark in story.measured("15:00").remarks] == [-10 * MINUTE_MS]


def test_scenario_82_a_correction_beyond_the_balance_is_capped_and_the_rest_is_unmetered() -> None:
    story = a_session(2)
    segment = story.works("10:00", "11:50")
    correction = story.corrects(segment, 30 * MINUTE, "14:00")
    measured = story.measured("14:00")
    assert story.lines("14:00")[-1] == ("P-1", "corrected", -10)
    assert [(remark.cause, remark.ms) for remark in measured.remarks] == [(correction, 20 * MINUTE_MS)]
    assert measured.balance_ms() == 0


def test_consequence_4_more_time_for_work_of_an_expired_lot_is_drawn_on_that_lot() -> None:
    story = a_session(2)
    segment = story.works("10:00", "11:00")
    story.buys(2, "2027-02-01 09:00", purchase="P-2", renewal="2027-03-01 00:00")
    story.corrects(segment, 15 * MINUTE, "2027-02-01 10:00")
    found = kinds(story.measured("2027-02-01 11:00").lines)
    assert found["P-1", "corrected"] == -15 * MINUTE_MS
    assert found["P-1", "expired"] == -45 * MINUTE_MS
    assert ("P-2", "corrected") not in found


JANUARY = (ny("2027-01-01 00:00"), ny("2027-02-01 00:00"))


def closed(story: ProStory, at: str = "2027-02-03 09:00") -> None:
    figures = tuple(
        pe.LotFigures(lot, kind, ms) for (lot, kind), ms in kinds(story.measured("2027-02-01 00:00").lines).items()
    )
    story.tell(at, pe.PeriodClosed(begins_at=JANUARY[0], ends_at=JANUARY[1], figures=figures), actor="billing")


@pytest.mark.parametrize("seconds", [20 * MINUTE, -20 * MINUTE])
def test_scenario_85_a_correction_after_the_closing_changes_no_closed_figure(seconds: int) -> None:
    story = a_session(2)
    segment = story.works("10:00", "11:00")
    closed(story)
    before = kinds(story.measured("2027-02-03 12:00").lines)
    correction = story.corrects(segment, seconds, "2027-02-04 09:00")
    measured = story.measured("2027-02-04 12:00")
    assert kinds(measured.lines) == before
    assert [remark.cause for remark in measured.remarks] == [correction]
    assert {(f.lot, f.kind): f.ms for f in story.account.closings[0].figures} == before


def test_scenario_85_a_later_periods_lot_never_pays_for_work_of_a_closed_one() -> None:
    story = a_session(2)
    segment = story.works("10:00", "11:00")
    story.buys(2, "2027-02-01 09:00", purchase="P-2", renewal="2027-03-01 00:00")
    story.books(1, "2027-02-05 10:00", at="2027-02-01 10:00")
    closed(story)
    story.corrects(segment, 15 * MINUTE, "2027-02-04 09:00")
    assert story.measured("2027-02-04 12:00").balance_ms("P-2") == 2 * HOUR_MS


def test_scenario_86_work_that_arrives_after_its_period_was_closed_is_recorded_and_drawn_nowhere() -> None:
    story = a_session(2)
    story.works("10:00", "11:00")
    closed(story)
    before = story.measured("2027-02-03 12:00").lines
    from_, to = story.at("11:00"), story.at("11:30")
    late = story.tell("2027-02-04 09:00", pe.SegmentStarted(engagement="t-1", at=from_))
    story.tell("2027-02-04 09:00", pe.SegmentStopped(segment=late, reason="stopped", at=to))
    assert story.measured("2027-02-04 12:00").lines == before
    assert story.flagged("2027-02-04 12:00") == [(from_, to, "late")]
    assert story.account.late == (late,)


def test_scenario_86_a_stop_that_arrives_after_the_closing_changes_no_closed_figure() -> None:
    story = a_session(2)
    segment = story.works("10:00", "11:00")
    closed(story)
    before = story.measured("2027-02-03 12:00").lines
    stop = story.tell("2027-02-04 09:00", pe.SegmentStopped(segment=segment, reason="stale", at=story.at("10:20")))
    assert story.measured("2027-02-04 12:00").lines == before
    assert story.account.late == (stop,)
