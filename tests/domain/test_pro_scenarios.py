"""Scenarios of spec pro_services.md 3 that no other file of the domain tells: waits, machines and what they mean for
the hours. Each by its number.

Wall times are New York's on Tue 2027-01-12 unless a date stands there; the renewal is 2027-02-01 00:00.
"""

from __future__ import annotations

import pytest

from console.domain import pro_events as pe
from console.domain.pro_events import GapAnswer
from console.domain.pro_gate import Standing, gate, standing
from console.domain.pro_rulings import desk_ruling
from console.domain.pro_settings import ProSettings
from tests.domain.pro_story import DEFAULTS, FEDERAL, HOUR_MS, MINUTE, MINUTE_MS, ProStory, offered_at


def a_session(hours: float = 8) -> ProStory:
    story = ProStory()
    story.buys(hours)
    story.ready(hours)
    return story


def refusal(story: ProStory, at: str, event: pe.Event, settings: ProSettings = DEFAULTS) -> str | None:
    now = story.at(at)
    return desk_ruling(story.account, offered_at(now, event), now, settings, FEDERAL, engineer="Mara")


def test_scenario_59_a_long_copy_that_runs_unattended_is_metered() -> None:
    story = a_session()
    segment = story.starts("10:00")
    story.tell("10:20", pe.SegmentItemSet(segment=segment, item="vpn", unattended_job="copy of 500 GB"))
    story.stops(segment, "13:00")
    assert story.runs("14:00") == story.spans(("10:00", "13:00"))
    assert story.account.segments[segment].unattended_job == "copy of 500 GB"


def test_scenario_59_unattended_work_has_to_name_its_job() -> None:
    story = a_session()
    segment = story.starts("10:00")
    unnamed = pe.SegmentItemSet(segment=segment, item="vpn", unattended_job=" ")
    assert refusal(story, "10:20", unnamed) == "Not set: work that runs unattended names its job."
    for job in ("copy of 500 GB", None):
        assert refusal(story, "10:20", pe.SegmentItemSet(segment=segment, item="vpn", unattended_job=job)) is None


def test_scenario_60_access_that_is_revoked_during_the_session_does_not_stop_the_clock() -> None:
    story = a_session(4)
    segment = story.starts("10:00")
    story.tell("10:30", pe.AccessLost(engagement="t-1", item="Google project"))
    assert standing(story.account, story.measured("11:00"), "t-1", DEFAULTS) == Standing("running")
    assert story.runs("11:00") == story.spans(("10:00", "11:00"))
    (missing,) = gate(story.account, "t-1", DEFAULTS)
    assert missing.subject == "access"
    story.stops(segment, "11:00")
    assert "access to the Google project is missing" in (
        refusal(story, "11:05", pe.SegmentStarted(engagement="t-1")) or ""
    )


def test_scenario_60_the_lead_may_give_the_time_of_a_revoked_access_back() -> None:
    story = a_session(4)
    segment = story.starts("10:00")
    story.tell("10:30", pe.AccessLost(engagement="t-1", item="Google project"))
    story.stops(segment, "11:00")
    story.corrects(segment, -30 * MINUTE, "11:30")
    assert story.measured("12:00").used_ms("t-1") == 30 * MINUTE_MS
    assert story.measured("12:00").balance_ms() == 210 * MINUTE_MS


def test_scenario_60_a_wait_for_lost_access_is_metered_unless_the_table_says_otherwise() -> None:
    story = a_session(4)
    segment = story.starts("10:00")
    story.tell("10:30", pe.AccessLost(engagement="t-1", item="Google project"))
    pause = story.tell("10:30", pe.PauseBegan(segment=segment, pause_kind="lost access"))
    story.tell("10:50", pe.PauseEnded(pause=pause))
    story.stops(segment, "11:00")
    assert story.measured("12:00").used_ms("t-1") == HOUR_MS
    excluded = ProSettings(pause_kinds=tuple(k for k in DEFAULTS.pause_kinds if k.name != "lost access"))
    assert story.measured("12:00", excluded).used_ms("t-1") == 40 * MINUTE_MS


def test_scenario_47_waits_that_a_third_party_causes_are_metered_and_the_setting_excludes_them() -> None:
    story = a_session(4)
    segment = story.starts("10:00")
    wait = pe.PauseBegan(segment=segment, pause_kind="third party")
    assert refusal(story, "10:30", wait) is None
    pause = story.tell("10:30", wait)
    story.tell("10:50", pe.PauseEnded(pause=pause))
    story.stops(segment, "11:00")
    assert story.measured("12:00").used_ms("t-1") == HOUR_MS
    excluded = ProSettings(third_party_wait="excluded")
    assert story.measured("12:00", excluded).used_ms("t-1") == 40 * MINUTE_MS


def test_scenario_68_a_locked_screen_is_told_of_and_asks_nothing() -> None:
    story = a_session()
    segment = story.starts("10:00")
    lock = story.gap(segment, "10:20", "10:26", "screen locked")
    story.answers(lock, "worked", "10:26")
    story.stops(segment, "11:00")
    assert story.account.unanswered(DEFAULTS.gap_min_s * 1000) == []
    assert story.account.gaps[lock].cause == "screen locked"
    assert story.runs("12:00") == story.spans(("10:00", "11:00"))
    assert refusal(story, "12:00", pe.EngagementCompleted(engagement="t-1", forfeits_s=0)) is None


def crashed(answer: GapAnswer | None) -> ProStory:
    """Last heartbeat 10:14:50, relaunch 10:40."""
    story = a_session()
    segment = story.starts("10:00")
    gap = story.gap(segment, "10:14:50", "10:40", "crash")
    if answer is not None:
        story.answers(gap, answer, "10:41")
    return story


@pytest.mark.parametrize(
    ("answer", "spans"),
    [
        ("worked", [("10:00", "11:00")]),
        ("not_worked", [("10:00", "10:14:50"), ("10:40", "11:00")]),
        ("ended", [("10:00", "10:14:50")]),
        (None, [("10:00", "10:14:50"), ("10:40", "11:00")]),
    ],
)
def test_scenario_69_after_a_crash_only_the_time_since_the_last_heartbeat_is_asked_about(
    answer: GapAnswer | None, spans: list[tuple[str, str]]
) -> None:
    story = crashed(answer)
    assert story.runs("11:00") == story.spans(*spans)
    waits = story.account.unanswered(DEFAULTS.gap_min_s * 1000)
    assert [gap.ends_at - gap.begins_at for gap in waits] == ([] if answer else [25 * MINUTE_MS + 10_000])


def test_scenario_69_the_open_question_keeps_its_time_and_nothing_else() -> None:
    measured = crashed(None).measured("11:00")
    assert measured.reserved_ms == {"P-1": 25 * MINUTE_MS + 10_000}
    assert measured.used_ms("t-1") == 34 * MINUTE_MS + 50_000


def relaunched_next_morning(answer: GapAnswer | None) -> ProStory:
    """The machine died after 16:40:05; the segment ends with the window, and so does the gap."""
    story = a_session()
    segment = story.starts("15:00")
    stop = pe.SegmentStopped(segment=segment, reason="service window closed", at=story.at("18:00"))
    story.tell("2027-01-13 08:30", stop)
    span = (story.at("16:40:05"), story.at("18:00"))
    gap = story.tell(
        "2027-01-13 08:30", pe.GapFound(segment=segment, begins_at=span[0], ends_at=span[1], cause="not seen")
    )
    if answer is not None:
        story.tell("2027-01-13 08:31", pe.GapClassified(gap=gap, answer=answer))
    return story


@pytest.mark.parametrize(
    ("answer", "until"), [(None, "16:40:05"), ("not_worked", "16:40:05"), ("ended", "16:40:05"), ("worked", "18:00")]
)
def test_scenario_70_the_tail_until_the_windows_end_is_never_drawn_by_default(
    answer: GapAnswer | None, until: str
) -> None:
    story = relaunched_next_morning(answer)
    assert story.runs("2027-01-13 09:00") == story.spans(("15:00", until))
    assert standing(story.account, story.measured("2027-01-13 09:00"), "t-1", DEFAULTS) == Standing("carried")


def test_scenario_70_the_tail_waits_for_an_answer_before_the_session_can_close() -> None:
    story = relaunched_next_morning(None)
    done = pe.EngagementCompleted(engagement="t-1", forfeits_s=0)
    assert "say first whether the gap from" in (refusal(story, "2027-01-13 09:00", done) or "")
    again = pe.SegmentStarted(engagement="t-1")
    assert refusal(story, "2027-01-13 09:00", again) is None


ROUNDED = ProSettings(rounding_min=15)


def rounded(undone_at: str, *approved_by: str) -> ProStory:
    """16 minutes, completed at 10:20, the completion undone, then 10 minutes more: 26, rounded once to 30."""
    story = a_session(2)
    story.works("10:00", "10:16")
    done = story.completes("10:20")
    story.tell(undone_at, pe.CompletionUndone(completion=done, approved_by=approved_by))
    story.works("10:40", "10:50")
    story.completes("10:51")
    return story


def test_scenario_56_a_completion_that_is_undone_in_time_has_rounded_nothing() -> None:
    assert rounded("10:22").lines("10:39", ROUNDED) == [("P-1", "bought", 120), ("P-1", "used", -16)]
    assert rounded("10:22").lines("12:00", ROUNDED)[1:] == [
        ("P-1", "used", -16),
        ("P-1", "used", -10),
        ("P-1", "used", -4),
        ("P-1", "forfeited", -90),
    ]


def test_scenario_56_what_lead_and_billing_reverse_comes_back_with_what_was_rounded() -> None:
    lines = rounded("10:30", "Lea", "Bo").lines("12:00", ROUNDED)
    assert ("P-1", "corrected", 104) in lines
    assert sum(minutes for _, kind, minutes in lines if kind == "used") == -30 - 14
    assert sum(minutes for _, _, minutes in lines) == 0


def test_scenario_80_the_rounding_is_posted_with_the_loss_when_the_time_to_undo_is_over() -> None:
    story = a_session(2)
    story.works("10:00", "10:16")
    story.completes("10:20")
    assert story.lines("10:24:59", ROUNDED)[1:] == [("P-1", "used", -16)]
    assert story.lines("10:25", ROUNDED)[1:] == [("P-1", "used", -16), ("P-1", "used", -14), ("P-1", "forfeited", -90)]


def test_scenario_74_a_gap_over_a_reboot_is_marked_as_less_certain() -> None:
    story = a_session()
    segment = story.starts("10:00")
    reboot = pe.GapFound(
        segment=segment, begins_at=story.at("10:20"), ends_at=story.at("10:31"), cause="reboot", confidence="lower"
    )
    gap = story.tell("10:31", reboot)
    assert story.account.gaps[gap].confidence == "lower"
    assert story.measured("10:40").reserved_ms == {"P-1": 11 * MINUTE_MS}
