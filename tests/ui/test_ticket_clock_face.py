"""What a clock says, from its reading to its words."""

from __future__ import annotations

import msgspec
import pytest

from console.domain.clock import Clock
from console.domain.sla import clocks
from console.guidelines_files import shipped_history
from tests.story import Story, ms
from ui.ticket.clock_face import Face, clock_level, face, most_urgent, shown_clocks
from ui.ticket.consequence import consequence

EASTERN = "America/New_York"
HISTORY = shipped_history()
ACTIVATED = "2026-03-02 15:00"  # Monday, 10:00 AM in New York


def a_clock(**changes: object) -> Clock:
    """A next reply of 2 h, activated at 10:00 AM ET, due at noon, read at 11:42."""
    clock = Clock(
        metric="next_reply",
        instance=1,
        activated_at=ms(ACTIVATED),
        impact="high",
        target_seconds=7200,
        cover="24/5",
        due_at=ms("2026-03-02 17:00"),
        soon_at=ms("2026-03-02 16:30"),
        risk_at=ms("2026-03-02 16:48"),
        pauses=(),
        paused_since=None,
        ended_at=None,
        stopped_by=None,
        breach_recorded_at=None,
        elapsed_ms=6_120_000,
        left_ms=1_080_000,
        state="running",
        guidelines="CAS 1",
    )
    return msgspec.structs.replace(clock, **changes)


def face_at(instant: str, clock: Clock | None = None) -> Face:
    return face(clock or a_clock(), ms(instant), ms("2026-03-02 16:42"), EASTERN)


def test_a_running_clock_says_when_it_is_due_and_how_much_is_left() -> None:
    shown = face_at("2026-03-02 16:42")
    assert (shown.level, shown.chip, shown.caption) == ("due_soon", "18m", "Due 12:00 PM ET")
    assert shown.used == pytest.approx(0.85)
    assert shown.left == pytest.approx(0.15)
    assert shown.spoken == "Next reply, due soon, due 12:00 PM Eastern, 18 minutes left"


def test_at_risk_is_spoken_as_the_design_says() -> None:
    assert face_at("2026-03-02 16:50").spoken == "Next reply, at risk, due 12:00 PM Eastern, 10 minutes left"


def test_a_clock_past_due_is_breached_and_speaks_of_overdue_time() -> None:
    shown = face_at("2026-03-02 17:41:30")
    assert (shown.level, shown.chip) == ("breached", "\u221242m")
    assert (shown.used, shown.left) == (1.0, 0.0)
    assert shown.spoken == "Next reply, breached, was due 12:00 PM Eastern, 42 minutes overdue"


def test_a_clock_at_its_due_instant_is_not_breached_and_a_millisecond_later_it_is() -> None:
    due = ms("2026-03-02 17:00")
    assert clock_level(a_clock(), due) == "at_risk"
    assert clock_level(a_clock(), due + 1) == "breached"


def test_the_bar_runs_on_between_two_readings() -> None:
    assert face_at("2026-03-02 16:51").used == pytest.approx(0.925)


def test_a_label_is_true_until_the_minute_or_the_second_or_the_level_changes() -> None:
    assert face_at("2026-03-02 16:42").next_change_ms == 1  # 18 minutes exactly: a moment later it is 17
    assert face_at("2026-03-02 16:41:15").next_change_ms == 45_001
    assert face_at("2026-03-02 16:52:00").next_change_ms == 1
    assert face_at("2026-03-02 16:52:00.500").next_change_ms == 501
    assert face_at("2026-03-02 16:29:59.900").next_change_ms == 100


def test_the_tooltip_adds_open_hours_when_the_due_instant_lies_beyond_closing_time() -> None:
    overnight = a_clock(due_at=ms("2026-03-03 14:00"), left_ms=3_600_000 * 2)
    assert "2h of open hours at 11:42 AM" in face_at("2026-03-02 16:42", overnight).tooltip
    assert "open hours" not in face_at("2026-03-02 16:42").tooltip


def test_a_paused_clock_is_frozen_and_says_since_when_and_why() -> None:
    paused = a_clock(state="paused", paused_since=ms("2026-03-02 16:00"), left_ms=4_200_000, soon_at=None, risk_at=None)
    shown = face(paused, ms("2026-03-02 18:00"), ms("2026-03-02 16:42"), EASTERN, waiting_on="waiting on customer")
    assert (shown.level, shown.chip) == ("paused", "1h 10m")
    assert (shown.caption, shown.note) == ("Paused since 11:00 AM", "Waiting on customer")
    assert shown.spoken == "Next reply, paused since 11:00 AM, waiting on customer, 1 hour 10 minutes left"
    assert shown.next_change_ms is None


def test_a_clock_that_was_past_due_when_it_was_paused_stays_breached() -> None:
    late = a_clock(state="paused", paused_since=ms("2026-03-02 17:30"), soon_at=None, risk_at=None)
    assert clock_level(late, ms("2026-03-02 18:00")) == "breached"


def test_a_met_clock_says_how_long_it_took() -> None:
    met = a_clock(state="fulfilled", ended_at=ms("2026-03-02 16:12"), elapsed_ms=4_320_000, left_ms=2_880_000)
    shown = face_at("2026-03-02 17:00", met)
    assert (shown.level, shown.chip, shown.caption) == ("met", "Met in 1h 12m", "11:12 AM, target 2h")
    assert shown.folds


def test_a_clock_that_ended_late_says_so() -> None:
    late = a_clock(
        state="fulfilled",
        ended_at=ms("2026-03-02 18:00"),
        elapsed_ms=10_800_000,
        breach_recorded_at=ms("2026-03-02 17:00"),
    )
    shown = face_at("2026-03-02 19:00", late)
    assert (shown.level, shown.chip) == ("breached", "Late, took 3h 00m")


def test_a_clock_without_a_target_waits_for_the_impact() -> None:
    untargeted = a_clock(target_seconds=None, cover=None, due_at=None, soon_at=None, risk_at=None, left_ms=None)
    shown = face_at("2026-03-02 16:42", untargeted)
    assert (shown.level, shown.chip) == ("none", "No target")
    assert shown_clocks([untargeted]) == (untargeted,)


def test_cards_stand_by_due_time_then_paused_then_ended_one_for_each_metric() -> None:
    first = a_clock(metric="first_reply", state="fulfilled", ended_at=ms("2026-03-02 15:30"))
    older = a_clock(instance=1, state="fulfilled", ended_at=ms("2026-03-02 15:40"))
    update = a_clock(metric="periodic_update", due_at=ms("2026-03-02 16:50"))
    wait = a_clock(metric="requester_wait", state="paused", paused_since=ms("2026-03-02 16:00"))
    running = a_clock(instance=2)
    shown = shown_clocks([first, older, running, wait, update])
    assert [clock.metric for clock in shown] == ["periodic_update", "next_reply", "requester_wait", "first_reply"]
    assert shown[1].instance == 2
    assert most_urgent([first, running]) == running


def the_clocks(story: Story, as_of: str) -> tuple[Clock, ...]:
    return clocks(story.entries, HISTORY, ms(as_of))


def told() -> Story:
    return Story(ACTIVATED, product="CAS", plan="Standard", impact="high")


def test_sending_the_first_reply_stops_it() -> None:
    said = consequence(the_clocks(told(), "2026-03-02 15:30"), ms("2026-03-02 15:30"), public=True)
    assert said.short == "Sending stops First reply"
    assert said.level == "on_track"


def test_sending_after_the_customer_wrote_again_stops_next_reply_and_restarts_the_updates() -> None:
    story = told()
    story.reply("2026-03-02 15:30")
    story.customer("2026-03-02 15:40")
    said = consequence(the_clocks(story, "2026-03-02 15:50"), ms("2026-03-02 15:50"), public=True)
    assert said.short == "Sending stops Next reply"
    assert said.full == "Sending stops Next reply and restarts Periodic update"


def test_with_nothing_to_answer_sending_restarts_the_updates() -> None:
    story = told()
    story.reply("2026-03-02 15:30")
    said = consequence(the_clocks(story, "2026-03-02 15:50"), ms("2026-03-02 15:50"), public=True)
    assert said.short == "Sending restarts Periodic update"


def test_a_note_stops_nothing() -> None:
    now = "2026-03-02 15:30"
    assert consequence(the_clocks(told(), now), ms(now), public=False).short == ""


def test_a_note_on_an_alert_is_the_first_act_of_a_person_and_stops_first_reply() -> None:
    story = Story(ACTIVATED, by="monitoring", channel="monitoring", product="CAS", plan="Standard")
    now = "2026-03-02 15:10"
    said = consequence(the_clocks(story, now), ms(now), public=False, opened_by="monitoring")
    assert said.short == "Saving stops First reply"
