"""The queue's order and levels (spec sla.md 4)."""

from __future__ import annotations

import pytest

from console.domain.queue import RANK_DUE, RANK_PAUSED, RANK_QUIET, Group, QueueRow, group, level, order_key, queue_row
from console.domain.sla import clocks
from console.domain.ticket import fold
from tests.domain.policies import policy
from tests.story import Story, ms

HOUR = 3600
HISTORY = policy({"first_reply": 8 * HOUR, "next_reply": 8 * HOUR, "pausable_update": 40 * HOUR})


def row(story: Story, as_of: str | None = None) -> QueueRow:
    ticket = fold(story.entries)
    assert ticket is not None
    return queue_row(ticket, clocks(story.entries, HISTORY, ms(as_of) if as_of else None))


def running(due_hint: str, **facts: object) -> QueueRow:
    return row(Story(due_hint, **facts))


def paused() -> QueueRow:
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 10:00")
    story.status("2026-03-02 11:00", "pending")
    return row(story)


def quiet() -> QueueRow:
    return row(Story("2026-03-02 09:00", by="engineer"))


def test_the_longest_overdue_leads_then_the_earliest_due_then_paused_then_quiet() -> None:
    overdue, later, waiting, nothing = running("2026-03-01 09:00"), running("2026-03-02 09:00"), paused(), quiet()
    assert sorted([nothing, waiting, later, overdue], key=order_key) == [overdue, later, waiting, nothing]
    assert [r.rank for r in (overdue, later, waiting, nothing)] == [RANK_DUE, RANK_DUE, RANK_PAUSED, RANK_QUIET]


def test_ties_go_by_impact_then_age() -> None:
    urgent = running("2026-03-02 09:00", ticket="b", impact="urgent")
    normal = running("2026-03-02 09:00", ticket="a", impact="normal")
    assert sorted([normal, urgent], key=order_key) == [urgent, normal]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02 14:59", "on_track"),
        ("2026-03-02 15:00", "due_soon"),  # 25 % of 8 h left
        ("2026-03-02 16:12", "at_risk"),  # 10 % left
        ("2026-03-02 17:00", "at_risk"),  # exactly due
        ("2026-03-02T17:00:00.001Z", "breached"),
    ],
)
def test_levels(now: str, expected: str) -> None:
    assert level(running("2026-03-02 09:00"), ms(now)) == expected


def test_a_row_does_not_depend_on_when_it_is_made() -> None:
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 10:00")
    story.status("2026-03-02 11:00", "pending")
    assert row(story) == row(story, "2026-03-04 09:00")


def test_paused_levels_and_what_is_left() -> None:
    waiting = paused()
    assert (level(waiting, ms("2026-04-02 09:00")), waiting.left_ms, waiting.due_at) == (
        "paused",
        39 * HOUR * 1000,
        None,
    )


def test_a_clock_past_due_stays_breached_when_paused() -> None:
    story = Story("2026-03-02 09:00")
    story.reply("2026-03-02 10:00")
    story.status("2026-03-04 11:00", "pending")
    assert level(row(story), ms("2026-03-04 12:00")) == "breached"


def test_an_answered_ticket_without_a_running_clock_is_met_if_it_was_in_time() -> None:
    history = policy({"first_reply": HOUR})
    for minutes, expected in ((30, "met"), (90, "none")):
        story = Story("2026-03-02 09:00")
        story.reply(ms("2026-03-02 09:00") + minutes * 60_000)
        ticket = fold(story.entries)
        assert ticket is not None
        assert level(queue_row(ticket, clocks(story.entries, history)), ms("2026-03-03 09:00")) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02 17:01", Group.BREACHED),
        ("2026-03-02 16:00", Group.NEXT_HOUR),
        ("2026-03-02 15:59", Group.LATER_TODAY),
        ("2026-03-01 12:00", Group.TOMORROW),
    ],
)
def test_groups(now: str, expected: Group) -> None:
    tomorrow = ms("2026-03-03 05:00") if now.startswith("2026-03-02") else ms("2026-03-02 05:00")
    assert group(running("2026-03-02 09:00"), ms(now), tomorrow) is expected


def test_solved_tickets_are_not_open_and_have_no_clock() -> None:
    story = Story("2026-03-02 09:00")
    story.status("2026-03-02 10:00", "solved")
    solved = row(story)
    assert (solved.is_open, solved.rank, solved.next_metric) == (False, RANK_QUIET, None)
