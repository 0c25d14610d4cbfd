"""Every deadline derives itself: the lines add up to what the clock says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain import events as ev
from console.domain.explain import Explanation, explain
from tests.domain.policies import by_impact, policy
from tests.story import Story, ms

HOUR = 3600
EASTERN = "America/New_York"
BUSINESS = policy(
    {
        "first_reply": (8 * HOUR, "business"),
        "next_reply": (8 * HOUR, "business"),
        "pausable_update": (55 * HOUR, "business"),
    }
)


def told(explanation: Explanation, metric: str, instance: int = 1) -> list[str]:
    return [line.what for line in explanation.lines if (line.metric, line.instance) == (metric, instance)]


def test_a_weekend_is_named_and_not_counted() -> None:
    story = Story("2026-03-06 20:00", contact="Dana")
    explanation = explain(story.entries, BUSINESS, ms("2026-03-09 14:00"), zone=EASTERN)
    assert told(explanation, "first_reply") == [
        "Dana opened the ticket by email. First reply starts, target 8h in business hours.",
        "Clock ran in open hours.",
        "Closed: night and weekend.",
        "Clock ran in open hours.",
        "As of now: the target is used up at Mon 9 Mar 2026, 12:00 PM ET.",
    ]
    assert [line.left_ms // 3_600_000 for line in explanation.lines if line.left_ms is not None] == [8, 4, 4, 2, 2]


def test_a_pause_is_told_with_who_made_it() -> None:
    story = Story("2026-03-02 14:00")
    story.reply("2026-03-02 15:00")
    story.status("2026-03-02 16:00", "pending")
    story.customer("2026-03-02 17:00")
    explanation = explain(story.entries, BUSINESS, ms("2026-03-02 18:00"), zone=EASTERN, metric="pausable_update")
    assert told(explanation, "pausable_update")[1:5] == [
        "Clock ran in open hours.",
        "Mara set the status to Pending. Pausable update pauses.",
        "Paused.",
        "Dana wrote. Pausable update goes on.",
    ]


def test_the_instant_at_which_the_target_is_used_up_has_its_line() -> None:
    history = policy({"first_reply": HOUR})
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 11:00")
    explanation = explain(story.entries, history, ms("2026-03-02 12:00"), zone=EASTERN)
    lines = [line for line in explanation.lines if line.metric == "first_reply"]
    assert [(line.kind, line.at) for line in lines if line.kind in ("due", "end")] == [
        ("due", ms("2026-03-02 10:00")),
        ("end", ms("2026-03-02 11:00")),
    ]
    assert lines[-1].what == "Mara replied. First reply ends 1h late."


def test_a_breach_at_a_change_says_so() -> None:
    history = by_impact("first_reply", {"urgent": (HOUR, "24/7"), "normal": (8 * HOUR, "business")})
    story = Story("2026-03-02 14:00", impact="normal")
    story.impact("2026-03-02 16:00", "urgent")
    explanation = explain(story.entries, history, ms("2026-03-02 16:30"), zone=EASTERN)
    assert "The new target is missed already: the breach is recorded at this change." in told(
        explanation, "first_reply"
    )


TWO = by_impact("first_reply", {"urgent": (HOUR, "24/7"), "normal": (8 * HOUR, "24/7")})


def test_a_breach_that_a_milder_target_outlived_is_not_told_as_met() -> None:
    story = Story("2026-03-02 14:00", impact="urgent")
    story.impact("2026-03-02 16:00", "normal")
    story.reply("2026-03-02 17:00")
    assert told(explain(story.entries, TWO, ms("2026-03-02 18:00"), zone=EASTERN), "first_reply")[-1] == (
        "Mara replied. First reply ends within its present target; "
        "the breach of Mon 2 Mar 2026, 10:00 AM ET stays recorded."
    )


def test_a_clock_that_a_change_makes_overdue_again_runs_overdue() -> None:
    story = Story("2026-03-02 14:00", impact="urgent")
    story.impact("2026-03-02 16:00", "normal")
    story.impact("2026-03-02 17:00", "urgent")
    lines = told(explain(story.entries, TWO, ms("2026-03-02 18:00"), zone=EASTERN), "first_reply")
    assert lines[-2] == "Overdue, clock ran around the clock."


def test_a_missed_target_that_a_lost_reply_hid_says_when_that_became_known() -> None:
    story = Story("2026-03-02 14:00", impact="normal")
    sent = story.reply("2026-03-02 14:30")
    story.impact("2026-03-02 16:00", "urgent")
    story.tell("2026-03-02 17:00", ev.MessageDelivery(message=sent.id, state="bounced"))
    assert (
        "The new target is missed already: "
        "the breach is recorded at Mon 2 Mar 2026, 12:00 PM ET, when that became known."
    ) in told(explain(story.entries, TWO, ms("2026-03-02 18:00"), zone=EASTERN), "first_reply")


def test_a_pause_that_begins_at_the_due_instant_follows_the_line_of_the_breach() -> None:
    story = Story("2026-03-02 14:00")
    story.status("2026-03-02 15:00", "pending")
    lines = told(
        explain(story.entries, policy({"requester_wait": HOUR}), ms("2026-03-02 18:00"), zone=EASTERN), "requester_wait"
    )
    assert lines[2:4] == [
        "Mara set the status to Pending. Requester wait pauses.",
        "The target of 1h is used up: from here it is overdue.",
    ]


def test_a_target_that_goes_away_is_told() -> None:
    story = Story("2026-03-02 14:00", impact="urgent")
    story.impact("2026-03-02 14:30", "low")
    explanation = explain(story.entries, TWO, ms("2026-03-02 15:00"), zone=EASTERN, metric="first_reply")
    assert "Mara set the impact to Low. First reply now has no target." in told(explanation, "first_reply")


def test_a_long_stretch_is_told_in_one_line() -> None:
    story = Story("2026-03-02 14:00")
    explanation = explain(story.entries, BUSINESS, ms("2026-06-02 14:00"), zone=EASTERN)
    overdue = [what for what in told(explanation, "first_reply") if what.startswith("Overdue")]
    assert len(overdue) == 1
    assert "stretches of open hours" in overdue[0]


def test_a_bounced_reply_is_told_once_as_what_it_is() -> None:
    story = Story("2026-03-02 14:00")
    sent = story.reply("2026-03-02 15:00")
    story.tell("2026-03-02 16:00", ev.MessageDelivery(message=sent.id, state="bounced"))
    explanation = explain(story.entries, BUSINESS, ms("2026-03-02 17:00"), zone=EASTERN)
    assert len([w for w in told(explanation, "first_reply") if "starts" in w]) == 1


ACTS = st.sampled_from(
    ["reply", "customer", "pending", "on_hold", "open", "solved", "urgent", "high", "low", "spam", "not_spam", "bounce"]
)
ALL = by_impact("first_reply", {"urgent": (HOUR, "24/7")})


@settings(max_examples=150, deadline=None)
@given(acts=st.lists(st.tuples(ACTS, st.integers(-600, 4_000)), max_size=12), tail=st.integers(0, 20_000))
def test_the_lines_of_every_clock_add_up(acts: list[tuple[str, int]], tail: int) -> None:
    """Some acts are dated before those that stand ahead of them in the log, as when a later import brings them."""
    from console.guidelines_files import shipped_history

    history = shipped_history()
    at = ms("2026-03-05 15:00")
    story = Story(at, impact="normal", product="CAS", plan="Standard")
    sent = ""
    for act, minutes in acts:
        at += minutes * 60_000
        match act:
            case "reply":
                sent = story.reply(at).id
            case "customer":
                story.customer(at)
            case "pending" | "on_hold" | "open" | "solved":
                story.status(at, act)
            case "urgent" | "high" | "low":
                story.impact(at, act)
            case "spam":
                story.tell(at, ev.MarkedSpam())
            case "not_spam":
                story.tell(at, ev.UnmarkedSpam())
            case _ if sent:
                story.tell(at, ev.MessageDelivery(message=sent, state="bounced"))
    as_of = max(entry.counts_at for entry in story.entries) + tail * 60_000
    metrics = (None, "requester_wait", "agent_work", "total_resolution")
    for metric in metrics:
        explanation = explain(story.entries, history, as_of, zone=EASTERN, metric=metric)
        for clock in explanation.clocks:
            lines = [x for x in explanation.lines if (x.metric, x.instance) == (clock.metric, clock.instance)]
            assert sum(line.counted_ms for line in lines) == clock.elapsed_ms
            assert lines[-1].left_ms == clock.left_ms
            assert [line.at for line in lines] == sorted(line.at for line in lines)
