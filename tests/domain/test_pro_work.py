"""Work, interruptions and machines: scenarios of spec pro_services.md 3 (D5 to D7), each by its number.

Wall times are New York's on Tue 2027-01-12 unless a date stands there; the renewal is 2027-02-01 00:00.
"""

from __future__ import annotations

from typing import Any

import pytest

from console.domain import pro_events as pe
from console.domain.events import Event
from console.domain.metering import limit
from console.domain.pro_events import GapAnswer
from console.domain.pro_gate import Standing, standing
from console.domain.pro_settings import PAUSE_KINDS, PauseKind, ProSettings
from tests.domain.pro_story import DEFAULTS, FEDERAL, HOUR, HOUR_MS, MINUTE_MS, ProStory, kinds

SUM = ProSettings(engineers_metering="sum")


def a_session(hours: float = 4, begins: str = "10:00") -> ProStory:
    story = ProStory()
    story.buys(hours)
    story.ready(hours, begins)
    return story


def used_min(story: ProStory, at: str, settings: ProSettings = DEFAULTS) -> float:
    return story.measured(at, settings).used_ms("t-1") / MINUTE_MS


def paused(story: ProStory, segment: str, kind: str, begins: str, ends: str, actor: str = "Mara") -> None:
    pause = story.tell(begins, pe.PauseBegan(segment=segment, pause_kind=kind), actor=actor)
    story.tell(ends, pe.PauseEnded(pause=pause), actor=actor)


@pytest.mark.parametrize(
    ("kind", "minutes"),
    [("lunch", 90), ("illness", 90), ("tool failure", 90), ("waiting for the partner", 120), ("lost access", 120)],
)
def test_scenario_58_the_engineers_pauses_are_not_metered_and_the_partners_are(kind: str, minutes: int) -> None:
    story = a_session()
    segment = story.starts("10:00")
    paused(story, segment, kind, "11:00", "11:30")
    story.stops(segment, "12:00")
    assert used_min(story, "13:00") == minutes


def test_scenario_58_a_pause_extends_neither_window_nor_renewal_but_the_hours_last_longer() -> None:
    story = a_session(1)
    segment = story.starts("10:00")
    paused(story, segment, "lunch", "10:30", "11:00")
    assert story.runs("12:00") == story.spans(("10:00", "10:30"), ("11:00", "11:30"))


def test_scenario_58_a_pause_that_nobody_ended_lasts_to_the_stop() -> None:
    story = a_session()
    segment = story.starts("10:00")
    story.tell("11:00", pe.PauseBegan(segment=segment, pause_kind="lunch"))
    assert standing(story.account, story.measured("11:10"), "t-1", DEFAULTS) == Standing("paused", "lunch")
    story.stops(segment, "12:00")
    assert story.runs("13:00") == story.spans(("10:00", "11:00"))


def test_scenario_47_waits_that_a_third_party_causes_are_metered_unless_the_table_says_otherwise() -> None:
    story = a_session()
    segment = story.starts("10:00")
    paused(story, segment, "third party", "10:30", "11:00")
    story.stops(segment, "12:00")
    kinds_ = (*PAUSE_KINDS, PauseKind("third party", "partner", metered=True))
    assert used_min(story, "13:00", ProSettings(pause_kinds=kinds_)) == 120
    excluded = (*PAUSE_KINDS, PauseKind("third party", "partner", metered=False))
    assert used_min(story, "13:00", ProSettings(pause_kinds=excluded)) == 90


@pytest.mark.parametrize(("settings", "runs_until", "used"), [(DEFAULTS, "12:00", 120), (SUM, "11:00", 120)])
def test_scenario_61_two_engineers_are_metered_once_or_by_setting_summed(
    settings: ProSettings, runs_until: str, used: int
) -> None:
    story = a_session(2)
    story.starts("10:00", actor="Mara")
    story.starts("10:00", actor="Jon")
    assert story.runs("13:00", settings=settings) == story.spans(("10:00", runs_until))
    assert used_min(story, "13:00", settings) == used


def test_scenario_61_the_countdown_runs_twice_as_fast_under_the_sum() -> None:
    story = a_session(2)
    story.starts("10:00", actor="Mara")
    story.starts("10:00", actor="Jon")
    nearest = limit(story.account, story.measured("10:30", SUM), "t-1", SUM, FEDERAL, engineers=2)
    assert nearest is not None
    assert nearest.at == story.at("11:00")


def test_scenario_61_one_engineers_lunch_does_not_stop_the_others_clock() -> None:
    story = a_session(4)
    segment = story.starts("10:00", actor="Mara")
    story.works("10:00", "12:00", actor="Jon")
    paused(story, segment, "lunch", "11:00", "11:30")
    story.stops(segment, "12:00")
    assert used_min(story, "13:00") == 120
    assert used_min(story, "13:00", SUM) == 210


def test_scenario_62_a_handover_is_one_session_without_a_gap_and_names_both() -> None:
    story = a_session(2)
    segment = story.starts("10:00", actor="Mara")
    story.stops(segment, "11:00", "handed over")
    story.tell("11:00", pe.EngagementHandedOver(engagement="t-1", to="Jon"))
    story.starts("11:00", actor="Jon")
    assert story.runs("12:30") == story.spans(("10:00", "12:00"))
    assert [owner for _, owner in story.account.engagement("t-1").owners] == ["Mara", "Jon"]


def asleep(answer: GapAnswer | None, begins: str = "10:40", ends: str = "11:05") -> ProStory:
    story = a_session(4)
    segment = story.starts("10:00")
    gap = story.gap(segment, begins, ends)
    if answer is not None:
        story.answers(gap, answer, "11:06")
    story.stops(segment, "12:00")
    return story


@pytest.mark.parametrize(
    ("answer", "spans"),
    [
        ("worked", [("10:00", "12:00")]),
        ("not_worked", [("10:00", "10:40"), ("11:05", "12:00")]),
        ("ended", [("10:00", "10:40")]),
        (None, [("10:00", "10:40"), ("11:05", "12:00")]),
    ],
)
def test_scenario_65_a_gap_counts_as_it_is_answered(answer: GapAnswer | None, spans: list[tuple[str, str]]) -> None:
    story = asleep(answer)
    assert story.runs("13:00") == story.spans(*spans)


def test_scenario_65_an_unanswered_gap_is_reserved_and_not_drawn() -> None:
    measured = asleep(None).measured("13:00")
    assert measured.reserved_ms == {"P-1": 25 * MINUTE_MS}
    assert measured.free_ms == {"P-1": 2 * HOUR_MS}
    assert measured.balance_ms() == 2 * HOUR_MS + 25 * MINUTE_MS


def test_scenario_65_the_limit_of_the_session_keeps_the_gap_free_for_either_answer() -> None:
    story = a_session(2)
    segment = story.starts("10:00")
    gap = story.gap(segment, "10:40", "11:05")
    nearest = limit(story.account, story.measured("11:30"), "t-1", DEFAULTS, FEDERAL)
    assert nearest is not None
    assert nearest.at == story.at("12:00")
    story.answers(gap, "not_worked", "11:40")
    nearest = limit(story.account, story.measured("11:40"), "t-1", DEFAULTS, FEDERAL)
    assert nearest is not None
    assert nearest.at == story.at("12:25")


@pytest.mark.parametrize(("default", "minutes"), [("reserved", 95), ("metered", 120), ("excluded", 95)])
def test_scenario_65_the_setting_says_what_an_unanswered_gap_is(default: Any, minutes: int) -> None:
    story = asleep(None)
    settings = ProSettings(gap_default=default)
    assert used_min(story, "13:00", settings) == minutes
    assert bool(story.measured("13:00", settings).reserved_ms) == (default == "reserved")


def test_a_gap_under_the_shortest_one_is_metered() -> None:
    assert used_min(asleep(None, "10:40:00", "10:41:59"), "13:00") == 120
    assert used_min(asleep(None, "10:40:00", "10:42:00"), "13:00") == 118


@pytest.mark.parametrize(("answer", "until"), [("worked", "18:00"), ("not_worked", "17:50"), ("ended", "17:50")])
def test_scenario_66_a_sleep_across_the_windows_end_is_clamped_to_it(answer: GapAnswer, until: str) -> None:
    story = a_session(4, "17:00")
    segment = story.starts("17:00")
    gap = story.gap(segment, "17:50", "19:30")
    assert story.measured("19:30").reserved_ms == {"P-1": 10 * MINUTE_MS}
    story.answers(gap, answer, "19:31")
    story.stops(segment, "19:31")
    assert story.runs("20:00") == story.spans(("17:00", until))


@pytest.mark.parametrize("answer", ["worked", "not_worked", None])
def test_scenario_67_a_sleep_across_the_renewal_never_draws_past_it(answer: GapAnswer | None) -> None:
    story = ProStory("2027-01-31")
    story.buys(3)
    story.ready(3, "22:00")
    story.consents("21:00", "2027-02-01 06:00", "2027-01-30 12:00")
    segment = story.starts("22:00")
    gap = story.gap(segment, "23:30", "2027-02-01 00:40")
    if answer is not None:
        story.answers(gap, answer, "2027-02-01 00:41")
    story.stops(segment, "2027-02-01 00:42")
    measured = story.measured("2027-02-01 09:00")
    used = {"worked": 120, "not_worked": 90, None: 90}[answer]
    held = 30 if answer is None else 0
    assert kinds(measured.lines)["P-1", "used"] == -used * MINUTE_MS
    assert kinds(measured.lines)["P-1", "expired"] == -(180 - used - held) * MINUTE_MS
    assert measured.balance_ms() == held * MINUTE_MS


def test_scenario_71_a_wall_clock_that_jumps_back_changes_no_interval() -> None:
    story = a_session(2)
    clocks = pe.Clocks(wall_ms=story.at("10:00"), awake_ms=0, boot_ms=0, boot_id="b")
    segment = story.tell("10:00", pe.SegmentStarted(engagement="t-1", clocks=clocks, at=story.at("10:00")))
    stepped = pe.Clocks(wall_ms=story.at("10:00"), awake_ms=HOUR_MS, boot_ms=HOUR_MS, boot_id="b")
    story.tell("10:00", pe.SegmentStopped(segment=segment, reason="stopped", clocks=stepped, at=story.at("11:00")))
    assert story.runs("12:00") == story.spans(("10:00", "11:00"))


def test_a_stop_before_its_start_makes_no_negative_segment() -> None:
    story = a_session(2)
    segment = story.starts("10:00")
    story.tell("10:30", pe.SegmentStopped(segment=segment, reason="stepped", at=story.at("09:30")))
    assert story.runs("12:00") == []
    assert story.measured("12:00").balance_ms() == 2 * HOUR_MS


def test_scenario_75_two_machines_of_one_engineer_count_as_the_union() -> None:
    story = a_session(4)
    story.works("10:00", "11:30")
    story.works("11:00", "12:00")
    assert story.runs("13:00") == story.spans(("10:00", "12:00"))
    assert used_min(story, "13:00", SUM) == 120


def test_scenario_76_two_engineers_offline_count_as_the_union_or_both_up_to_the_balance() -> None:
    story = a_session(2)
    story.works("10:00", "11:30", actor="Mara")
    story.works("10:30", "12:00", actor="Jon")
    assert used_min(story, "13:00") == 120
    assert story.flagged("13:00") == []
    assert used_min(story, "13:00", SUM) == 120
    assert story.flagged("13:00", SUM) == [
        (story.at("11:15"), story.at("11:30"), "allocation"),
        (story.at("11:30"), story.at("12:00"), "allocation"),
    ]


def test_scenario_77_what_was_used_elsewhere_is_not_drawn_again_and_the_rest_is_flagged() -> None:
    story = ProStory()
    story.buys(2)
    story.ready(2)
    story.prepares(ticket="t-2")
    story.tell("09:30", pe.EngagementJoined(engagement="t-2", lot="P-1"))
    story.works("10:00", "11:30", "t-1")
    story.works("11:00", "12:30", "t-2", actor="Jon")
    measured = story.measured("13:00")
    assert measured.balance_ms() == 0
    assert kinds(measured.lines)["P-1", "used"] == -2 * HOUR_MS
    assert story.flagged("13:00") == [(story.at("11:30"), story.at("12:30"), "balance")]


def test_scenario_78_the_earliest_stop_wins_whichever_came_first() -> None:
    for first, second in (("11:00", "11:40"), ("11:40", "11:00")):
        story = a_session(4)
        segment = story.starts("10:00")
        story.tell("12:00", pe.SegmentStopped(segment=segment, reason="stopped", at=story.at(first)))
        story.tell("12:01", pe.SegmentStopped(segment=segment, reason="stopped", at=story.at(second)))
        assert story.runs("13:00") == story.spans(("10:00", "11:00"))


@pytest.mark.parametrize(
    "fact",
    [
        pe.ScopeItemDone(engagement="t-1", item="vpn"),
        pe.AccessReceived(engagement="t-1", item="Google project"),
        pe.SlotBooked(engagement="t-1", begins_at=0, ends_at=1, seconds=0, engineer="Mara"),
        pe.SegmentStarted(engagement="t-1", purpose="wrapup"),
    ],
)
def test_scenario_88_what_is_not_work_is_never_metered(fact: Event) -> None:
    story = a_session(2)
    story.tell("11:00", fact)
    assert story.lines("17:00") == [("P-1", "bought", 120)]


def test_where_a_session_stands_from_the_purchase_to_its_end() -> None:
    story = ProStory()

    def now(at: str) -> Standing:
        return standing(story.account, story.measured(at), "t-1", DEFAULTS)

    story.buys(1)
    assert now("2027-01-11 09:10") == Standing("purchased")
    story.prepares()
    assert now("2027-01-11 09:40") == Standing("preparing")
    story.books(1, "17:30")
    assert now("2027-01-11 10:00") == Standing("ready")
    segment = story.starts("17:30")
    assert now("17:40") == Standing("running")
    story.stops(segment, "18:00", "window")
    assert now("18:00") == Standing("carried")
    story.works("2027-01-13 09:00", "2027-01-13 09:30")
    assert now("2027-01-13 09:30") == Standing("closed", "exhausted")


def test_where_a_session_stands_after_completion_and_after_expiry() -> None:
    story = a_session(2)
    story.works("10:00", "11:00")
    assert standing(story.account, story.measured("2027-02-01 00:00"), "t-1", DEFAULTS) == Standing("closed", "expired")
    story.completes("11:00", forfeits_s=HOUR)
    assert standing(story.account, story.measured("11:10"), "t-1", DEFAULTS) == Standing("closed", "completed")
