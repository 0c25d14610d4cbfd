"""The published timelines of other help desks pass through a small mapping onto our events and guidelines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.domain import events as ev
from console.domain.clock import Clock
from console.domain.queue import queue_row
from console.domain.sla import clocks
from console.domain.ticket import fold
from console.domain.words import duration, remaining
from tests.domain.policies import policy
from tests.story import Story, ms

FILE = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "ticket_timelines.json"
TIMELINES: list[dict[str, Any]] = json.loads(FILE.read_text())["timelines"] if FILE.is_file() else []


def test_the_timelines_are_there(shared: Path) -> None:
    assert len(TIMELINES) == 8


@pytest.mark.parametrize("timeline", TIMELINES, ids=[t["id"] for t in TIMELINES])
def test_timeline(timeline: dict[str, Any]) -> None:
    targets = {
        metric.removesuffix("_time"): (t["seconds"], "24/7" if t["hours"] == "calendar" else "business")
        for metric, t in timeline["targets"].items()
    }
    unset = any(event["type"] == "sla_applied" for event in timeline["events"])
    history = policy(
        targets,
        head='impact_when_unset = "none"' if unset else "",
        extra=_business(timeline) if timeline["schedule"]["weekly_hours"] else "",
    )
    story = _told(timeline["events"])
    as_of = ms(timeline["as_of"]) if "as_of" in timeline else story.entries[-1].counts_at
    found = clocks(story.entries, history, as_of)
    for metric, expected in timeline["expected"].items():
        if metric == "badge":
            continue
        ours = [clock for clock in found if clock.metric == metric.removesuffix("_time")]
        assert len(ours) == len(expected)
        for clock, wanted in zip(ours, expected, strict=True):
            _agrees(clock, wanted)
    if "badge" in timeline["expected"]:
        ticket = fold(story.entries)
        assert ticket is not None
        row = queue_row(ticket, found)
        assert row.due_at == ms(timeline["expected"]["badge"]["next_due_at"])
        # The source floors to whole days ("2d"); the design language says hours too, and wins.
        assert remaining(row.due_at - as_of) == duration(66 * 3600) == "2d 18h"


def _business(timeline: dict[str, Any]) -> str:
    hours = ", ".join(f"{day} = {json.dumps(spans)}" for day, spans in timeline["schedule"]["weekly_hours"].items())
    return f'[cover.business]\ntimezone = "{timeline["timezone"]}"\nweekly_hours = {{ {hours} }}\n'


def _told(events: list[dict[str, Any]]) -> Story:
    """`end_user` is the customer, `hold` is On hold, and applying a policy is assessing a ticket that had no impact."""
    story = Story(events[0]["at"])
    for event in events[1:]:
        match event["type"]:
            case "comment" if event["by"] == "end_user":
                story.customer(event["at"])
            case "comment":
                story.tell(event["at"], ev.MessageSent(body="…", public=event["public"]))
            case "status":
                if event["to"] != "open" or story.entries[-1].event.type != "message.received":
                    story.status(event["at"], "on_hold" if event["to"] == "hold" else event["to"])
            case "sla_applied":
                story.impact(event["at"], "normal")
            case other:
                raise AssertionError(other)
    return story


def _agrees(clock: Clock, wanted: dict[str, Any]) -> None:
    for key, value in wanted.items():
        match key:
            case "activated_at" | "due_at" | "breach_recorded_at":
                assert getattr(clock, key) == ms(value), key
            case "fulfilled_at":
                assert clock.ended_at == (None if value is None else ms(value))
            case "breached":
                assert clock.breached is value
            case "paused":
                assert [list(pause) for pause in clock.pauses] == [[ms(a), ms(b)] for a, b in value]
            case "elapsed_seconds":
                assert clock.elapsed_ms == value * 1000
            case other:
                raise AssertionError(other)
