"""Periods, figures, the timesheet, billing's differences and late work.

Wall times are New York's on Tue 2027-01-12 unless a date stands there; the renewal is 2027-02-01 00:00.
"""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import settings as lawful_settings
from hypothesis import strategies as st

from console.domain import pro_events as pe
from console.domain.metering import measure
from console.domain.pro import fold
from console.domain.pro_events import LotFigures
from console.domain.pro_figures import (
    Difference,
    TimesheetRow,
    compare,
    counts_in,
    figures,
    late_work,
    periods,
    timesheet,
)
from console.domain.pro_settings import ProSettings
from tests.domain.new_york import ny
from tests.domain.pro_story import DEFAULTS, FEDERAL, HOUR, HOUR_MS, MINUTE, MINUTE_MS, ProStory
from tests.domain.test_pro_laws import (
    AS_OF,
    FROM,
    SETTINGS,
    Purchase,
    Work,
    allocations,
    facts_of,
    happenings,
    purchases,
    told,
    works,
)

JANUARY = (ny("2027-01-01 00:00"), ny("2027-02-01 00:00"))
FEBRUARY = (ny("2027-02-01 00:00"), ny("2027-03-01 00:00"))
ALWAYS = (0, ny("2100-01-01 00:00"))
SUM = ProSettings(engineers_metering="sum")


def a_session(hours: float = 4, booked: float | None = None) -> ProStory:
    story = ProStory()
    story.buys(hours)
    story.ready(hours if booked is None else booked)
    return story


def of_period(story: ProStory, at: str, period: tuple[int, int] = JANUARY) -> dict[tuple[str, str], float]:
    """Minutes by lot and kind."""
    return {(f.lot, f.kind): f.ms / MINUTE_MS for f in figures(story.account, story.measured(at), period)}


def rows(
    story: ProStory, at: str, settings: ProSettings = DEFAULTS, period: tuple[int, int] = JANUARY
) -> tuple[TimesheetRow, ...]:
    return timesheet(story.account, story.measured(at, settings), period, settings)


def closed(story: ProStory, at: str = "2027-02-03 09:00", period: tuple[int, int] = JANUARY) -> None:
    written = figures(story.account, story.measured(at), period)
    story.tell(at, pe.PeriodClosed(begins_at=period[0], ends_at=period[1], figures=written), actor="billing")


def test_the_figures_of_a_period_are_its_sums_by_lot_and_kind() -> None:
    story = a_session(4, booked=2)
    story.works("10:00", "10:30")
    story.works("11:00", "11:30")
    story.completes("11:40")
    assert of_period(story, "2027-02-02 09:00") == {
        ("P-1", "bought"): 240,
        ("P-1", "used"): -60,
        ("P-1", "forfeited"): -60,
        ("P-1", "expired"): -120,
    }


def test_what_ends_at_the_renewal_belongs_to_the_period_that_ends() -> None:
    story = ProStory("2027-01-31")
    story.buys(3)
    story.buys(1, "2027-02-01 00:00", purchase="P-2", renewal="2027-03-01 00:00")
    story.ready(3, "22:00")
    story.consents("21:00", "2027-02-01 06:00", "2027-01-30 12:00")
    story.works("22:00", "2027-02-01 00:00")
    assert of_period(story, "2027-02-02 09:00") == {
        ("P-1", "bought"): 180,
        ("P-1", "used"): -120,
        ("P-1", "expired"): -60,
    }
    assert of_period(story, "2027-02-02 09:00", FEBRUARY) == {("P-2", "bought"): 60}


def test_a_correction_of_a_lot_that_has_expired_belongs_to_its_period_while_that_is_open() -> None:
    story = a_session(2)
    segment = story.works("10:00", "11:00")
    story.corrects(segment, 15 * MINUTE, "2027-02-01 10:00")
    found = of_period(story, "2027-02-02 09:00")
    assert found["P-1", "corrected"] == -15
    assert sum(found.values()) == 0
    assert of_period(story, "2027-02-02 09:00", FEBRUARY) == {}


def test_scenario_85_closed_figures_stay_as_they_were_written() -> None:
    story = a_session(2)
    segment = story.works("10:00", "11:00")
    closed(story)
    story.corrects(segment, 15 * MINUTE, "2027-02-04 09:00")
    assert story.account.closings[0].figures == figures(story.account, story.measured("2027-02-05 09:00"), JANUARY)


def test_scenario_87_billings_figure_wins_and_both_are_shown_with_the_difference() -> None:
    story = a_session(2)
    story.works("10:00", "11:48")
    closed(story)
    (found,) = compare(story.account.closings[0], {"P-1": 2 * HOUR})
    assert (found.lot, found.ours_ms, found.billing_ms) == ("P-1", 108 * MINUTE_MS, 2 * HOUR_MS)
    assert found.difference_ms == 12 * MINUTE_MS
    assert found.sentence == "P-1: billing has 2h used, 12m more than the 1h 48m here. Billing's figure counts."


def test_scenario_87_nothing_is_overwritten() -> None:
    story = a_session(2)
    story.works("10:00", "11:48")
    closed(story)
    before = (story.account, story.measured("2027-02-05 09:00"))
    compare(story.account.closings[0], {"P-1": HOUR})
    assert (story.account, story.measured("2027-02-05 09:00")) == before


def test_scenario_87_what_agrees_is_no_difference_and_what_one_side_does_not_know_is_one() -> None:
    ours = (
        LotFigures("P-1", "bought", 2 * HOUR_MS),
        LotFigures("P-1", "used", -HOUR_MS - 400),
        LotFigures("P-2", "used", -HOUR_MS),
        LotFigures("P-2", "corrected", 10 * MINUTE_MS),
    )
    assert compare(ours, {"P-1": HOUR, "P-2": 50 * MINUTE}) == ()
    unknown = compare(ours, {"P-1": HOUR, "P-3": 600})
    assert [(d.lot, d.difference_ms) for d in unknown] == [("P-2", -50 * MINUTE_MS), ("P-3", 10 * MINUTE_MS)]
    assert isinstance(unknown[0], Difference)
    assert "50m less than the 50m here" in unknown[0].sentence


def test_scenario_86_late_work_is_listed_for_billing() -> None:
    story = a_session(2)
    segment = story.works("10:00", "11:00")
    closed(story)
    from_, to = story.at("11:00"), story.at("11:30")
    late = story.tell("2027-02-04 09:00", pe.SegmentStarted(engagement="t-1", at=from_), actor="Jon")
    story.tell("2027-02-04 09:00", pe.SegmentStopped(segment=late, reason="stopped", at=to))
    stop = story.tell("2027-02-04 09:01", pe.SegmentStopped(segment=segment, reason="stale", at=story.at("10:20")))
    work, other = late_work(story.account, story.measured("2027-02-05 09:00"))
    assert (work.entry, work.engineer, work.ticket, work.span) == (late, "Jon", "t-1", (from_, to))
    assert work.ms == 30 * MINUTE_MS
    assert (other.entry, other.span, other.ms) == (stop, None, 0)


def spans(story: ProStory, now: str) -> list[tuple[int, int]]:
    return [row.period for row in periods(story.account, DEFAULTS, story.at(now))]


def test_periods_end_where_lots_expire_and_begin_a_month_before() -> None:
    story = a_session(2)
    (row,) = periods(story.account, DEFAULTS, story.at("12:00"))
    assert (row.period, row.lots, row.is_over, row.closing) == (JANUARY, ("P-1",), False, None)
    story.buys(1, "2027-02-05 09:00", purchase="P-2", renewal="2027-03-01 00:00")
    assert spans(story, "2027-02-05 10:00") == [JANUARY, FEBRUARY]
    closed(story)
    first, second = periods(story.account, DEFAULTS, story.at("2027-02-05 10:00"))
    assert (first.is_over, first.closing is not None) == (True, True)
    assert (second.is_over, second.closing) == (False, None)


def test_scenario_30_a_period_of_a_month_end_anchor_keeps_its_anchor() -> None:
    story = ProStory("2027-02-10")
    story.buys(1, "2027-02-05 09:00", renewal="2027-02-28 00:00")
    assert spans(story, "2027-02-10 10:00") == [(ny("2027-01-28 00:00"), ny("2027-02-28 00:00"))]
    story.tell("2027-02-06 09:00", pe.RenewalSet(at=ny("2027-02-28 00:00"), anchor_day=31), actor="billing")
    assert spans(story, "2027-02-10 10:00") == [(ny("2027-01-31 00:00"), ny("2027-02-28 00:00"))]


def test_scenario_28_a_period_keeps_the_instant_that_billing_gives() -> None:
    story = ProStory("2027-02-10")
    story.buys(1, "2027-02-05 09:00", renewal="2027-02-10T14:37:22+00:00")
    assert spans(story, "10:00") == [(ny("2027-01-10T14:37:22+00:00"), ny("2027-02-10T14:37:22+00:00"))]


def test_periods_never_overlap_and_hold_every_purchase() -> None:
    story = ProStory()
    story.buys(1, "2026-12-20 09:00", purchase="early", renewal="2027-02-01 00:00")
    story.buys(1, "2027-01-11 09:00", purchase="moved", renewal="2027-02-10 00:00")
    assert spans(story, "2027-02-15 09:00") == [
        (ny("2026-12-20 09:00"), ny("2027-02-01 00:00")),
        (ny("2027-02-01 00:00"), ny("2027-02-10 00:00")),
    ]


def test_months_without_hours_and_periods_to_come_are_not_listed() -> None:
    story = ProStory()
    story.buys(1, "2027-01-11 09:00")
    story.buys(1, "2027-04-11 09:00", purchase="P-2", renewal="2027-05-01 00:00")
    april = (ny("2027-04-01 00:00"), ny("2027-05-01 00:00"))
    assert spans(story, "2027-04-20 09:00") == [JANUARY, april]
    assert spans(story, "2027-02-20 09:00") == [JANUARY]


def test_the_timesheet_has_a_row_a_segment_a_day() -> None:
    story = a_session(4)
    first = story.works("16:30", "18:00")
    story.works("2027-01-13 09:00", "2027-01-13 10:30", actor="Jon")
    found = rows(story, "2027-01-14 09:00")
    assert [(row.day, row.engineer, row.ticket, row.metered_ms / MINUTE_MS) for row in found] == [
        (date(2027, 1, 12), "Mara", "t-1", 90),
        (date(2027, 1, 13), "Jon", "t-1", 90),
    ]
    assert (found[0].cause, found[0].begins_at, found[0].ends_at) == (first, story.at("16:30"), story.at("18:00"))
    assert (found[0].unmetered_ms, found[0].why) == (0, "")


def test_a_session_over_midnight_is_two_rows_and_each_has_its_notes() -> None:
    story = a_session(4)
    story.consents("20:00", "2027-01-13 02:00", "2027-01-11 12:00")
    segment = story.starts("22:00")
    story.tell("22:30", pe.SegmentNoted(segment=segment, text="Copy began."))
    story.tell("2027-01-13 00:10", pe.SegmentNoted(segment=segment, text="Copy ended."))
    story.stops(segment, "2027-01-13 00:30")
    story.tell("2027-01-13 00:40", pe.SegmentNoted(segment=segment, text="Tests pass."))
    one, two = rows(story, "2027-01-13 09:00")
    assert (one.metered_ms, one.notes) == (2 * HOUR_MS, ("Copy began.",))
    assert (two.day, two.metered_ms, two.notes) == (
        date(2027, 1, 13),
        30 * MINUTE_MS,
        ("Copy ended.", "Tests pass."),
    )


def test_the_timesheet_says_why_time_was_not_metered() -> None:
    story = a_session(8)
    segment = story.starts("16:00")
    pause = story.tell("16:10", pe.PauseBegan(segment=segment, pause_kind="lunch"))
    story.tell("16:40", pe.PauseEnded(pause=pause))
    story.answers(story.gap(segment, "17:00", "17:10"), "not_worked", "17:11")
    story.gap(segment, "17:20", "17:25")
    story.stops(segment, "18:20")
    (row,) = rows(story, "19:00")
    assert row.why == "lunch 30m, not worked 10m, no answer yet 5m, outside the allowed hours 20m"
    assert (row.metered_ms, row.unmetered_ms) == (75 * MINUTE_MS, 65 * MINUTE_MS)


def test_work_beyond_the_hours_rework_and_the_wrap_up_are_rows_that_cost_nothing() -> None:
    story = a_session(1)
    story.works("10:00", "11:10")
    story.works("11:10", "11:20", purpose="wrapup")
    story.works("14:00", "14:30", purpose="rework")
    assert [(row.metered_ms / MINUTE_MS, row.why) for row in rows(story, "15:00")] == [
        (60, "beyond the allocation 10m"),
        (0, "wrap-up 10m"),
        (0, "rework 30m"),
    ]


def test_scenario_75_what_two_machines_saw_stands_on_one_row_only() -> None:
    story = a_session(4)
    story.works("10:00", "11:30")
    story.works("11:00", "12:00")
    assert [(row.metered_ms / MINUTE_MS, row.why) for row in rows(story, "13:00")] == [
        (90, ""),
        (30, "counted on another row 30m"),
    ]


def test_scenario_61_summed_engineers_have_their_own_time_each() -> None:
    story = a_session(4)
    story.works("10:00", "11:30", actor="Mara")
    story.works("11:00", "12:00", actor="Jon")
    found = rows(story, "13:00", SUM)
    assert [(row.engineer, row.metered_ms / MINUTE_MS) for row in found] == [("Mara", 90), ("Jon", 60)]
    once = rows(story, "13:00")
    assert [(row.engineer, row.metered_ms / MINUTE_MS) for row in once] == [("Mara", 90), ("Jon", 30)]


def test_scenario_61_the_millisecond_that_three_engineers_cannot_share_is_on_the_last_row() -> None:
    story = a_session(3601 / HOUR)
    for engineer in ("Mara", "Jon", "Ida"):
        story.works("10:00", "11:00", actor=engineer)
    found = rows(story, "13:00", SUM)
    assert sum(row.metered_ms for row in found) == 3601 * 1000
    assert sorted(row.metered_ms % 1000 for row in found) == [333, 333, 334]


def test_charges_without_work_are_rows_without_length() -> None:
    story = ProStory()
    story.buys(2)
    story.prepares()
    slot = story.books(1)
    story.tell("10:15", pe.SlotReleased(slot=slot, reason="nobody came", no_show=True))
    story.books(1, "14:00", at="10:30")
    story.works("14:00", "14:16")
    story.completes("14:20")
    settings = ProSettings(noshow_charge_min=20, rounding_min=15)
    found = rows(story, "15:00", settings)
    assert [(row.metered_ms / MINUTE_MS, row.why, row.engineer) for row in found] == [
        (20, "the partner did not come", "Mara"),
        (16, "", "Mara"),
        (14, "rounded at the close", "Mara"),
    ]
    assert found[0].begins_at == found[0].ends_at == story.at("10:15")


def test_the_timesheet_is_cut_at_the_ends_of_its_period() -> None:
    story = ProStory("2027-01-31")
    story.buys(3)
    story.buys(4, "2027-01-31 09:00", purchase="P-2", renewal="2027-03-01 00:00")
    story.ready(6, "22:00")
    story.consents("21:00", "2027-02-01 06:00", "2027-01-30 12:00")
    story.works("22:00", "2027-02-01 01:00")
    assert [row.metered_ms for row in rows(story, "2027-02-01 09:00")] == [2 * HOUR_MS]
    assert [row.metered_ms for row in rows(story, "2027-02-01 09:00", period=FEBRUARY)] == [HOUR_MS]


def test_a_running_segment_is_on_the_timesheet_up_to_now() -> None:
    story = a_session(4)
    story.starts("10:00")
    (row,) = rows(story, "10:20")
    assert (row.ends_at, row.metered_ms) == (story.at("10:20"), 20 * MINUTE_MS)


@lawful_settings(deadline=None, max_examples=150)
@given(
    data=st.data(),
    lots=purchases,
    allocation=allocations,
    one=works("a", ("Mara", "Jon")),
    two=works("b", ("Mara", "Jon")),
    settings=SETTINGS,
)
def test_the_timesheets_rows_add_up_to_the_used_lines_of_the_ledger(
    data: st.DataObject,
    lots: list[Purchase],
    allocation: int | None,
    one: list[Work],
    two: list[Work],
    settings: ProSettings,
) -> None:
    segments = [*one, *two]
    account = fold(told(lots, allocation, facts_of(segments), data.draw(happenings(segments))))
    metering = measure(account, AS_OF, settings, FEDERAL)
    found = timesheet(account, metering, ALWAYS, settings)
    used = -sum(line.ms for line in metering.lines if line.kind == "used")
    assert sum(row.metered_ms for row in found) == used
    for segment in segments:
        of_segment = [row for row in found if row.cause == segment.id]
        worked = sum(row.ends_at - row.begins_at for row in of_segment)
        assert sum(row.metered_ms + row.unmetered_ms for row in of_segment) == worked
        assert all(bool(row.unmetered_ms) == bool(row.why) for row in of_segment)
        if settings.engineers_metering == "elapsed_once":
            drawn = -sum(line.ms for line in metering.lines if (line.kind, line.cause) == ("used", segment.id))
            assert sum(row.metered_ms for row in of_segment) == drawn


@lawful_settings(deadline=None, max_examples=80)
@given(
    data=st.data(),
    lots=purchases,
    allocation=allocations,
    segments=works("a", ("Mara", "Jon")),
    cuts=st.lists(st.integers(0, 9000), min_size=1, max_size=4),
)
def test_every_ledger_line_belongs_to_one_of_the_periods_that_follow_each_other(
    data: st.DataObject, lots: list[Purchase], allocation: int | None, segments: list[Work], cuts: list[int]
) -> None:
    account = fold(told(lots, allocation, facts_of(segments), data.draw(happenings(segments))))
    metering = measure(account, AS_OF, DEFAULTS, FEDERAL)
    ends = sorted({FROM + cut * MINUTE_MS for cut in cuts})
    following = list(zip([0, *ends], [*ends, ALWAYS[1]], strict=True))
    for line in metering.lines:
        assert sum(counts_in(account, line, period) for period in following) == 1
    sums: dict[tuple[str, str], int] = {}
    for period in following:
        for figure in figures(account, metering, period):
            sums[figure.lot, figure.kind] = sums.get((figure.lot, figure.kind), 0) + figure.ms
    whole = {(f.lot, f.kind): f.ms for f in figures(account, metering, ALWAYS)}
    assert {key: ms for key, ms in sums.items() if ms} == whole
