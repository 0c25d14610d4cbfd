"""Clocks under what changes later: the impact, a reply that bounced, merges, spam, guidelines (spec sla.md 3)."""

from __future__ import annotations

import pytest

from console.domain import events as ev
from console.domain.clock import Clock
from console.domain.sla import clocks
from tests.domain.policies import by_impact, document, policy
from tests.story import Story, ms

HOUR = 3600
REPLIES = policy({"first_reply": HOUR, "next_reply": HOUR, "periodic_update": 2 * HOUR})


def only(found: tuple[Clock, ...], metric: str) -> list[Clock]:
    return [clock for clock in found if clock.metric == metric]


IMPACTS = by_impact("first_reply", {"urgent": (HOUR, "24/7"), "high": (2 * HOUR, "24/7"), "normal": (8 * HOUR, "24/7")})


def test_a_change_of_impact_counts_from_the_start() -> None:
    story = Story("2026-03-02 09:00", impact="normal")
    story.impact("2026-03-02 09:30", "high")
    (first,) = clocks(story.entries, IMPACTS)
    assert (first.due_at, first.target_seconds) == (ms("2026-03-02 11:00"), 2 * HOUR)


def test_a_target_missed_already_breaches_at_the_change() -> None:
    story = Story("2026-03-02 09:00", impact="normal")
    story.impact("2026-03-02 12:00", "urgent")
    (first,) = clocks(story.entries, IMPACTS)
    assert (first.due_at, first.breach_recorded_at) == (ms("2026-03-02 10:00"), ms("2026-03-02 12:00"))


def test_a_recorded_breach_stays_recorded_and_the_new_due_shows() -> None:
    story = Story("2026-03-02 09:00", impact="urgent")
    story.impact("2026-03-02 12:00", "normal")
    (first,) = clocks(story.entries, IMPACTS, ms("2026-03-02 12:30"))
    assert (first.due_at, first.breach_recorded_at) == (ms("2026-03-02 17:00"), ms("2026-03-02 10:00"))


def test_a_change_does_not_touch_finished_instances() -> None:
    story = Story("2026-03-02 09:00", impact="normal")
    story.reply("2026-03-02 10:30")
    story.impact("2026-03-02 11:00", "urgent")
    (first,) = only(clocks(story.entries, IMPACTS), "first_reply")
    assert (first.target_seconds, first.breached) == (8 * HOUR, False)


def test_an_unassessed_ticket_is_measured_as_normal() -> None:
    (first,) = clocks(Story("2026-03-02 09:00").entries, IMPACTS)
    assert (first.impact, first.target_seconds) == ("normal", 8 * HOUR)


def test_without_a_default_there_is_no_target_until_the_impact_is_set() -> None:
    history = by_impact("first_reply", {"urgent": (HOUR, "24/7")}, head='impact_when_unset = "none"')
    story = Story("2026-03-02 09:00")
    (first,) = clocks(story.entries, history, ms("2026-03-02 10:30"))
    assert (first.target_seconds, first.cover, first.due_at, first.left_ms) == (None, None, None, None)
    assert first.elapsed_ms == 90 * 60_000
    story.impact("2026-03-02 11:00", "urgent")
    (first,) = clocks(story.entries, history)
    assert (first.due_at, first.breach_recorded_at) == (ms("2026-03-02 10:00"), ms("2026-03-02 11:00"))


def test_low_impact_swaps_the_periodic_for_the_pausable_update_from_the_same_message() -> None:
    rows = [
        '[[target]]\nproduct="CAS"\nplan="Standard"\nimpact="normal"\nmetric="periodic_update"\nseconds=7200\n'
        'cover="24/7"',
        '[[target]]\nproduct="CAS"\nplan="Standard"\nimpact="low"\nmetric="pausable_update"\nseconds=36000\n'
        'cover="24/7"',
    ]
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 10:00")
    story.impact("2026-03-02 10:30", "low")
    (update,) = clocks(story.entries, document(rows))
    assert (update.metric, update.activated_at, update.instance) == ("pausable_update", ms("2026-03-02 10:00"), 1)


def test_a_bounced_reply_folds_as_if_it_had_never_been_public() -> None:
    story = Story("2026-03-02 09:00")
    sent = story.reply("2026-03-02 09:30")
    story.tell("2026-03-02 09:40", ev.MessageDelivery(message=sent.id, state="bounced"))
    found = clocks(story.entries, REPLIES, ms("2026-03-02 09:50"))
    assert [(c.metric, c.state) for c in found] == [("first_reply", "running")]


def test_the_breach_of_a_bounced_reply_is_recorded_at_the_later_of_due_and_bounce() -> None:
    story = Story("2026-03-02 09:00")
    sent = story.reply("2026-03-02 09:30")
    story.tell("2026-03-02 13:00", ev.MessageDelivery(message=sent.id, state="bounced"))
    assert clocks(story.entries, REPLIES)[0].breach_recorded_at == ms("2026-03-02 13:00")
    early = Story("2026-03-02 09:00")
    sent = early.reply("2026-03-02 09:30")
    early.tell("2026-03-02 09:35", ev.MessageDelivery(message=sent.id, state="failed"))
    assert clocks(early.entries, REPLIES, ms("2026-03-02 13:00"))[0].breach_recorded_at == ms("2026-03-02 10:00")


def test_a_target_missed_at_a_change_that_a_lost_reply_hid_breaches_at_the_bounce() -> None:
    story = Story("2026-03-02 09:00", impact="normal")
    sent = story.reply("2026-03-02 09:30")
    story.impact("2026-03-02 12:00", "urgent")
    story.tell("2026-03-02 13:00", ev.MessageDelivery(message=sent.id, state="bounced"))
    assert clocks(story.entries, IMPACTS)[0].breach_recorded_at == ms("2026-03-02 13:00")


def test_a_lost_reply_hides_no_breach_of_a_message_that_came_after_it() -> None:
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 09:30")
    lost = story.reply("2026-03-02 10:00")
    story.customer("2026-03-02 10:00")
    story.tell("2026-03-02 13:00", ev.MessageDelivery(message=lost.id, state="bounced"))
    (reply,) = only(clocks(story.entries, REPLIES), "next_reply")
    assert (reply.activated_at, reply.breach_recorded_at) == (ms("2026-03-02 10:00"), ms("2026-03-02 11:00"))


def test_a_reply_that_was_late_already_hides_nothing_when_it_is_lost_too() -> None:
    story = Story("2026-03-02 09:00")
    one = story.reply("2026-03-02 09:30")
    other = story.reply("2026-03-02 10:30")
    story.tell("2026-03-02 11:00", ev.MessageDelivery(message=one.id, state="bounced"))
    assert clocks(story.entries, REPLIES)[0].breach_recorded_at == ms("2026-03-02 11:00")
    story.tell("2026-03-02 14:00", ev.MessageDelivery(message=other.id, state="bounced"))
    assert clocks(story.entries, REPLIES)[0].breach_recorded_at == ms("2026-03-02 11:00")


def test_a_reply_accepted_after_a_failure_counts_when_it_was_sent() -> None:
    story = Story("2026-03-02 09:00")
    sent = story.reply("2026-03-02 09:30")
    story.tell("2026-03-02 09:35", ev.MessageDelivery(message=sent.id, state="failed"))
    story.tell("2026-03-02 09:36", ev.MessageDelivery(message=sent.id, state="accepted"))
    assert clocks(story.entries, REPLIES)[0].ended_at == ms("2026-03-02 09:30")


@pytest.mark.parametrize("end", [ev.TicketMerged(into="t-2"), ev.MarkedSpam()], ids=["merged", "spam"])
def test_a_merge_and_spam_stop_all_clocks_for_good(end: ev.Event) -> None:
    history = policy({"first_reply": HOUR, "requester_wait": 8 * HOUR, "total_resolution": 8 * HOUR})
    story = Story("2026-03-02 09:00")
    story.tell("2026-03-02 09:30", end)
    story.customer("2026-03-02 10:00")
    found = clocks(story.entries, history, ms("2026-04-02 09:00"))
    assert [(c.state, c.breached) for c in found] == [("stopped", False)] * 3
    assert {c.stopped_by for c in found} == {"merged" if isinstance(end, ev.TicketMerged) else "spam"}


def test_spam_taken_back_goes_on_and_breaches_now() -> None:
    story = Story("2026-03-02 09:00")
    story.tell("2026-03-02 09:30", ev.MarkedSpam())
    story.tell("2026-03-02 12:00", ev.UnmarkedSpam())
    (first,) = clocks(story.entries, REPLIES)
    assert (first.state, first.due_at, first.breach_recorded_at) == (
        "running",
        ms("2026-03-02 10:00"),
        ms("2026-03-02 12:00"),
    )


def test_no_clock_ends_before_it_began() -> None:
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 08:00")
    (first,) = only(clocks(story.entries, REPLIES), "first_reply")
    assert (first.activated_at, first.ended_at, first.elapsed_ms) == (ms("2026-03-02 09:00"),) * 2 + (0,)


def test_a_void_entry_touches_no_clock() -> None:
    story = Story("2026-03-02 09:00")
    story.tell("2026-03-02 09:10", ev.TicketSolved(), effect="void: the customer wrote")
    assert clocks(story.entries, REPLIES)[0].state == "running"


def test_a_figure_that_asks_is_computed_without_a_target() -> None:
    story = Story("2026-03-02 09:00")
    story.status("2026-03-02 11:00", "solved")
    assert only(clocks(story.entries, REPLIES), "total_resolution") == []
    (total,) = clocks(story.entries, REPLIES, metrics=("total_resolution",))
    assert (total.target_seconds, total.elapsed_ms, total.state) == (None, 2 * HOUR * 1000, "fulfilled")


def test_an_instance_keeps_the_guidelines_of_its_activation_until_its_ticket_changes() -> None:
    from console.domain.guidelines import GuidelinesHistory
    from console.domain.guidelines_document import parse_guidelines

    def version(number: int, since: str, seconds: int) -> str:
        rows = "".join(
            f'[[target]]\nproduct="CAS"\nplan="Standard"\nimpact="{impact}"\nmetric="first_reply"\n'
            f'seconds={seconds}\ncover="24/7"\n'
            for impact in ("high", "normal")
        )
        return f'name="Test"\nversion={number}\nin_force_from={since}\n{rows}'

    history = GuidelinesHistory(
        [
            parse_guidelines(version(1, "2026-01-01", 8 * HOUR), "v1.toml"),
            parse_guidelines(version(2, "2026-03-02T10:00:00Z", HOUR), "v2.toml"),
        ]
    )
    story = Story("2026-03-02 09:00")
    assert clocks(story.entries, history, ms("2026-03-02 12:00"))[0].target_seconds == 8 * HOUR
    story.impact("2026-03-02 12:00", "high")
    (first,) = clocks(story.entries, history)
    assert (first.target_seconds, first.breach_recorded_at) == (HOUR, ms("2026-03-02 12:00"))


def test_business_hours_and_levels_are_open_time() -> None:
    history = policy({"first_reply": (8 * HOUR, "business")})
    story = Story("2026-03-06 20:00")  # Friday 15:00 in New York, four hours before closing
    (first,) = clocks(story.entries, history, ms("2026-03-08 12:00"))
    assert first.due_at == ms("2026-03-09 16:00")  # Monday noon, daylight saving time since Sunday
    assert (first.elapsed_ms, first.left_ms) == (4 * HOUR * 1000, 4 * HOUR * 1000)
    assert first.soon_at == ms("2026-03-09 14:00")  # 25 % of eight hours
    assert first.risk_at == ms("2026-03-09 15:12")  # 10 %: 48 minutes
