"""The rules of spec sla.md 3, one test a sentence. Times are UTC; most targets run around the clock."""

from __future__ import annotations

import pytest

from console.domain import events as ev
from console.domain.clock import Clock
from console.domain.sla import clocks
from tests.domain.policies import by_impact, policy
from tests.story import Story, ms

HOUR = 3600
REPLIES = policy({"first_reply": HOUR, "next_reply": HOUR, "periodic_update": 2 * HOUR})
SPANS = policy({"requester_wait": 8 * HOUR, "agent_work": 8 * HOUR, "total_resolution": 8 * HOUR})


def only(found: tuple[Clock, ...], metric: str) -> list[Clock]:
    return [clock for clock in found if clock.metric == metric]


def test_reply_at_the_due_instant_meets_the_target() -> None:
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 10:00")
    (first,) = only(clocks(story.entries, REPLIES), "first_reply")
    assert (first.due_at, first.state, first.breached, first.met) == (ms("2026-03-02 10:00"), "fulfilled", False, True)


def test_reply_one_millisecond_late_breaches_at_the_due_instant() -> None:
    story = Story("2026-03-02 09:00")
    story.reply(ms("2026-03-02 10:00") + 1)
    (first,) = only(clocks(story.entries, REPLIES), "first_reply")
    assert first.breach_recorded_at == ms("2026-03-02 10:00")
    assert first.left_ms == -1


def test_a_running_clock_is_not_breached_at_its_due_instant_and_is_one_ms_later() -> None:
    story = Story("2026-03-02 09:00")
    due = ms("2026-03-02 10:00")
    assert not clocks(story.entries, REPLIES, due)[0].breached
    assert clocks(story.entries, REPLIES, due + 1)[0].breach_recorded_at == due


@pytest.mark.parametrize(
    "message",
    [ev.MessageSent(body="note", public=False), ev.MessageSent(body="ack", public=True, author="bot")],
    ids=["internal note", "bot"],
)
def test_only_public_messages_by_people_answer(message: ev.Event) -> None:
    story = Story("2026-03-02 09:00")
    story.tell("2026-03-02 09:10", message)
    assert clocks(story.entries, REPLIES, ms("2026-03-02 09:20"))[0].state == "running"


def test_a_public_call_answers_and_a_private_one_does_not() -> None:
    story = Story("2026-03-02 09:00")
    story.tell("2026-03-02 09:10", ev.CallLogged(public=False, summary="voicemail"))
    assert clocks(story.entries, REPLIES)[0].state == "running"
    story.tell("2026-03-02 09:20", ev.CallLogged(public=True, summary="talked"))
    assert clocks(story.entries, REPLIES)[0].ended_at == ms("2026-03-02 09:20")


def test_next_reply_counts_from_the_oldest_unanswered_message() -> None:
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 09:30")
    story.customer("2026-03-02 10:00")
    story.customer("2026-03-02 10:20")
    (reply,) = only(clocks(story.entries, REPLIES), "next_reply")
    assert (reply.activated_at, reply.due_at) == (ms("2026-03-02 10:00"), ms("2026-03-02 11:00"))


def test_next_reply_may_count_from_the_previous_reply() -> None:
    history = policy({"first_reply": HOUR, "next_reply": HOUR}, head='next_reply_from = "previous_reply"')
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 09:30")
    story.customer("2026-03-02 10:00")
    assert only(clocks(story.entries, history), "next_reply")[0].activated_at == ms("2026-03-02 09:30")


def test_a_next_reply_that_was_due_before_the_message_came_breaches_at_the_message() -> None:
    history = policy({"first_reply": HOUR, "next_reply": HOUR}, head='next_reply_from = "previous_reply"')
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 09:30")
    story.customer("2026-03-02 12:00")
    (reply,) = only(clocks(story.entries, history, ms("2026-03-02 13:00")), "next_reply")
    assert (reply.due_at, reply.breach_recorded_at) == (ms("2026-03-02 10:30"), ms("2026-03-02 12:00"))


def test_a_message_before_the_first_reply_joins_the_first_reply() -> None:
    story = Story("2026-03-02 09:00")
    story.customer("2026-03-02 09:10")
    found = clocks(story.entries, REPLIES)
    assert [(c.metric, c.activated_at) for c in found] == [("first_reply", ms("2026-03-02 09:00"))]


def test_solved_without_a_reply_stops_first_reply_and_the_next_message_runs_next_reply() -> None:
    story = Story("2026-03-02 09:00")
    story.status("2026-03-02 09:30", "solved")
    story.customer("2026-03-02 12:00")
    first, reply = clocks(story.entries, REPLIES)
    assert (first.state, first.stopped_by, first.ended_at) == ("stopped", "solved", ms("2026-03-02 09:30"))
    assert (reply.metric, reply.activated_at, reply.state) == ("next_reply", ms("2026-03-02 12:00"), "running")


def test_a_close_without_a_solve_stops_the_clocks_as_solved() -> None:
    story = Story("2026-03-02 09:00")
    story.status("2026-03-02 09:30", "closed")
    (first,) = clocks(story.entries, REPLIES)
    assert (first.stopped_by, first.ended_at) == ("solved", ms("2026-03-02 09:30"))


def test_automatic_closing_of_a_solved_ticket_touches_no_clock() -> None:
    story = Story("2026-03-02 09:00")
    story.status("2026-03-02 09:30", "solved")
    before = clocks(story.entries, SPANS)
    story.status("2026-03-07 12:00", "closed")
    assert clocks(story.entries, SPANS, ms("2026-03-08 00:00")) == before


def test_each_public_reply_fulfils_the_interval_and_starts_the_next_at_once() -> None:
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 09:30")
    story.reply("2026-03-02 11:00")
    first, second = only(clocks(story.entries, REPLIES), "periodic_update")
    assert (first.instance, first.ended_at, first.met) == (1, ms("2026-03-02 11:00"), True)
    assert (second.instance, second.activated_at, second.due_at) == (2, ms("2026-03-02 11:00"), ms("2026-03-02 13:00"))


def test_only_solved_ends_the_chain_of_updates() -> None:
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 09:30")
    story.customer("2026-03-02 09:40")
    story.status("2026-03-02 09:50", "pending")
    assert only(clocks(story.entries, REPLIES), "periodic_update")[0].state == "running"
    story.status("2026-03-02 10:00", "solved")
    assert only(clocks(story.entries, REPLIES), "periodic_update")[0].stopped_by == "solved"


def test_a_reply_to_a_solved_ticket_starts_no_interval() -> None:
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 09:30")
    story.status("2026-03-02 10:00", "solved")
    story.reply("2026-03-02 10:05")
    assert [c.state for c in only(clocks(story.entries, REPLIES), "periodic_update")] == ["stopped"]


def test_a_ticket_that_an_engineer_opened_has_no_first_reply_until_the_customer_writes() -> None:
    story = Story("2026-03-02 09:00", by="engineer")
    story.reply("2026-03-02 09:05")
    assert only(clocks(story.entries, REPLIES), "first_reply") == []
    story.customer("2026-03-02 10:00")
    (first,) = only(clocks(story.entries, REPLIES), "first_reply")
    assert (first.activated_at, first.state) == (ms("2026-03-02 10:00"), "running")
    assert only(clocks(story.entries, REPLIES), "next_reply") == []


def test_a_purchase_counts_as_the_customers_first_message() -> None:
    story = Story("2026-03-02 09:00", by="purchase", channel="purchase")
    assert clocks(story.entries, REPLIES)[0].activated_at == ms("2026-03-02 09:00")


def alert() -> Story:
    return Story("2026-03-02 09:00", by="monitoring", channel="monitoring")


def test_an_alert_is_urgent_unless_it_says_otherwise() -> None:
    history = by_impact("first_reply", {"urgent": (HOUR, "24/7"), "normal": (8 * HOUR, "24/7")})
    assert clocks(alert().entries, history)[0].target_seconds == HOUR
    told = Story("2026-03-02 09:00", by="monitoring", channel="monitoring", impact="normal")
    assert clocks(told.entries, history)[0].target_seconds == 8 * HOUR


@pytest.mark.parametrize(
    ("event", "answers"),
    [
        (ev.TicketAssigned(to="Mara"), True),
        (ev.TicketAssigned(to="Jon"), False),
        (ev.MessageSent(body="looking", public=False), True),
        (ev.MessageSent(body="auto", public=False, author="bot"), False),
        (ev.MessageSent(body="hello", public=True), True),
    ],
    ids=["taken", "assigned to another", "note", "bot's note", "public message"],
)
def test_the_first_act_of_a_person_answers_an_alert(event: ev.Event, answers: bool) -> None:
    story = alert()
    story.tell("2026-03-02 09:10", event, actor="Mara")
    (first,) = only(clocks(story.entries, REPLIES), "first_reply")
    assert (first.ended_at == ms("2026-03-02 09:10")) is answers


def test_taking_answers_nothing_on_a_customers_ticket() -> None:
    story = Story("2026-03-02 09:00")
    story.tell("2026-03-02 09:10", ev.TicketAssigned(to="Mara"), actor="Mara")
    assert clocks(story.entries, REPLIES)[0].state == "running"


def test_pausable_update_pauses_on_pending_and_not_on_hold() -> None:
    history = policy({"pausable_update": 4 * HOUR})
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 10:00")
    story.status("2026-03-02 11:00", "pending")
    story.status("2026-03-02 13:00", "on_hold")
    (clock,) = clocks(story.entries, history, ms("2026-03-02 14:00"))
    assert clock.pauses == ((ms("2026-03-02 11:00"), ms("2026-03-02 13:00")),)
    assert (clock.due_at, clock.state) == (ms("2026-03-02 16:00"), "running")


def test_a_running_pause_moves_the_due_instant_with_the_question() -> None:
    history = policy({"pausable_update": 4 * HOUR})
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 10:00")
    story.status("2026-03-02 11:00", "pending")
    (clock,) = clocks(story.entries, history, ms("2026-03-02 15:00"))
    assert (clock.state, clock.pauses, clock.due_at) == (
        "paused",
        ((ms("2026-03-02 11:00"), None),),
        ms("2026-03-02 18:00"),
    )
    assert (clock.elapsed_ms, clock.left_ms) == (HOUR * 1000, 3 * HOUR * 1000)


def test_a_clock_past_due_stays_breached_when_paused() -> None:
    history = policy({"pausable_update": HOUR})
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 10:00")
    story.status("2026-03-02 12:00", "pending")
    (clock,) = clocks(story.entries, history, ms("2026-03-02 15:00"))
    assert (clock.state, clock.due_at, clock.breach_recorded_at) == (
        "paused",
        ms("2026-03-02 11:00"),
        ms("2026-03-02 11:00"),
    )


def test_a_pause_that_begins_at_the_due_instant_does_not_move_it() -> None:
    history = policy({"pausable_update": HOUR})
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 10:00")
    story.status("2026-03-02 11:00", "pending")
    (clock,) = clocks(story.entries, history, ms("2026-03-02 15:00"))
    assert clock.due_at == ms("2026-03-02 11:00")


def test_what_pauses_the_three_clocks_of_work() -> None:
    story = Story("2026-03-02 09:00")
    story.status("2026-03-02 10:00", "pending")
    story.status("2026-03-02 11:00", "on_hold")
    story.status("2026-03-02 12:00", "open")
    story.status("2026-03-02 13:00", "solved")
    wait, work, total = clocks(story.entries, SPANS)
    assert [c.elapsed_ms // 3_600_000 for c in (wait, work, total)] == [3, 2, 4]
    assert {c.state for c in (wait, work, total)} == {"fulfilled"}
    assert {c.stopped_by for c in (wait, work, total)} == {None}


def test_reopened_clocks_of_work_go_on_and_only_total_resolution_counts_the_solved_span() -> None:
    story = Story("2026-03-02 09:00")
    story.status("2026-03-02 10:00", "solved")
    story.customer("2026-03-02 12:00")
    wait, work, total = clocks(story.entries, SPANS, ms("2026-03-02 13:00"))
    assert [c.elapsed_ms // 3_600_000 for c in (wait, work, total)] == [2, 2, 4]
    assert {c.instance for c in (wait, work, total)} == {1}
    assert wait.pauses == ((ms("2026-03-02 10:00"), ms("2026-03-02 12:00")),)


def test_total_resolution_due_inside_the_solved_span_breaches_at_the_reopening() -> None:
    story = Story("2026-03-02 09:00")
    story.status("2026-03-02 10:00", "solved")
    assert not clocks(story.entries, SPANS, ms("2026-03-03 09:00"))[2].breached
    story.tell("2026-03-03 09:00", ev.TicketReopened())
    assert clocks(story.entries, SPANS)[2].breach_recorded_at == ms("2026-03-03 09:00")
