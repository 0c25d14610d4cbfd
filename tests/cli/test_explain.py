"""`explain`: the shape that programs read, key by key, the reasoning that people read, and how a ticket is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from console.cli import explain
from console.domain.events import MetricName
from tests.cli.conftest import AT, Run, refused

CLOCK_KEYS = [
    "metric",
    "instance",
    "activated_at",
    "target_seconds",
    "cover",
    "due_at",
    "pauses",
    "fulfilled_at",
    "stopped_by",
    "breached",
    "breach_recorded_at",
    "elapsed_seconds",
    "remaining_seconds",
    "state",
]


def number_of(run: Run, demo: Path, subject: str) -> str:
    rows = json.loads(run("queue", "--data", demo, "--json", "--as-of", AT).out)
    return next(str(row["number"]) for row in rows if row["subject"] == subject)


def explained(run: Run, demo: Path, ticket: str, *argv: str) -> dict[str, Any]:
    outcome = run("explain", ticket, "--data", demo, "--json", "--as-of", AT, *argv)
    assert (outcome.code, outcome.err) == (0, "")
    answer: dict[str, Any] = json.loads(outcome.out)
    return answer


def test_the_answer_has_these_keys_in_this_order(run: Run, demo: Path) -> None:
    answer = explained(run, demo, "NW-2231")

    assert list(answer) == ["ticket", "number", "external_ref", "as_of", "guidelines", "clocks", "lines"]
    assert all(list(clock) == CLOCK_KEYS for clock in answer["clocks"])
    assert all(
        list(line) == ["metric", "instance", "at", "what", "counted_seconds", "left_seconds"]
        for line in answer["lines"]
    )
    assert answer["external_ref"] == "NW-2231"
    assert answer["as_of"] == AT
    assert answer["guidelines"] == "Classroom 1, assumed"


def test_a_running_clock_that_is_overdue(run: Run, demo: Path) -> None:
    clock = explained(run, demo, "NW-2231", "--metric", "next_reply")["clocks"]

    assert clock == [
        {
            "metric": "next_reply",
            "instance": 1,
            "activated_at": "2025-10-14T14:05:30.000Z",
            "target_seconds": 3600,
            "cover": "24/7",
            "due_at": "2025-10-14T15:05:30.000Z",
            "pauses": [],
            "fulfilled_at": None,
            "stopped_by": None,
            "breached": True,
            "breach_recorded_at": "2025-10-14T15:05:30.000Z",
            "elapsed_seconds": 6090,
            "remaining_seconds": -2490,
            "state": "running",
        }
    ]


def test_a_fulfilled_clock_says_when(run: Run, demo: Path) -> None:
    [clock] = explained(run, demo, "NW-2231", "--metric", "first_reply")["clocks"]

    assert clock["state"] == "fulfilled"
    assert clock["fulfilled_at"] == "2025-10-14T13:55:30.000Z"
    assert (clock["breached"], clock["remaining_seconds"]) == (False, 1800)


def test_a_running_pause_has_no_end_and_moves_the_due_instant(run: Run, demo: Path) -> None:
    ticket = number_of(run, demo, "Second factor asked on every launch")
    [clock] = explained(run, demo, ticket, "--metric", "pausable_update")["clocks"]

    assert clock["state"] == "paused"
    assert clock["pauses"] == [["2025-10-14T13:57:00.000Z", None]]
    assert (clock["remaining_seconds"], clock["due_at"]) == (4200, "2025-10-14T16:57:00.000Z")


def test_a_merged_ticket_has_stopped_clocks(run: Run, demo: Path) -> None:
    hits = json.loads(run("search", "Labs is down at Riverside", "--data", demo, "--json").out)
    merged = next(hit["ticket"] for hit in hits if hit["subject"] == "Labs is down at Riverside")
    [clock] = explained(run, demo, merged, "--metric", "first_reply")["clocks"]

    assert (clock["state"], clock["stopped_by"]) == ("stopped", "merged")
    assert clock["fulfilled_at"] is not None


@pytest.mark.parametrize("metric", ["requester_wait", "agent_work", "total_resolution"])
def test_a_metric_without_a_target_is_measured_when_asked_for(run: Run, demo: Path, metric: str) -> None:
    answer = explained(run, demo, "NW-2231", "--metric", metric)

    [clock] = answer["clocks"]
    assert clock["metric"] == metric
    assert [clock[key] for key in ("target_seconds", "cover", "due_at", "remaining_seconds")] == [None] * 4
    assert clock["elapsed_seconds"] == 8490
    assert {line["metric"] for line in answer["lines"]} == {metric}
    assert metric not in {clock["metric"] for clock in explained(run, demo, "NW-2231")["clocks"]}


def test_the_lines_add_up_to_the_clock(run: Run, demo: Path) -> None:
    answer = explained(run, demo, "NW-2231")

    for clock in answer["clocks"]:
        lines = [e for e in answer["lines"] if (e["metric"], e["instance"]) == (clock["metric"], clock["instance"])]
        assert sum(line["counted_seconds"] for line in lines) == clock["elapsed_seconds"]
        assert lines[-1]["left_seconds"] == clock["remaining_seconds"]


def test_seconds_are_whole_numbers_when_whole(run: Run, demo: Path) -> None:
    whole = run("explain", "NW-2231", "--data", demo, "--json", "--as-of", AT).out
    broken = run("explain", "NW-2231", "--data", demo, "--json", "--as-of", "2025-10-14T15:47:00.250Z").out

    assert '"elapsed_seconds": 6090,' in whole
    assert '"elapsed_seconds": 6090.25,' in broken
    assert '"as_of": "2025-10-14T15:47:00.250Z"' in broken


def test_metrics_are_those_of_the_domain() -> None:
    assert get_args(MetricName) == explain._METRICS


def test_people_read_when_what_counted_and_left(run: Run, demo: Path) -> None:
    outcome = run("explain", "NW-2231", "--data", demo, "--as-of", AT)
    lines = outcome.out.splitlines()

    assert lines[0].endswith(" Classroom desktops will not launch in 3 schools")
    assert lines[1] == "Northwind School District, Classroom, Standard, Urgent, Open, NW-2231"
    assert lines[2] == "As of Tue 14 Oct 2025, 11:47 AM ET. Guidelines: Classroom 1, assumed."
    assert "Next reply: overdue since 11:05 AM ET, −42m" in lines
    assert any(line.endswith("Ellen Brandt wrote. Next reply starts, target 1h around the clock.") for line in lines)
    assert any("41m 30s  −41m 30s  Overdue, clock ran" in line for line in lines)


def test_a_ticket_without_clocks_says_so(run: Run, demo: Path) -> None:
    outcome = run("explain", number_of(run, demo, "Check image drift on all hosts"), "--data", demo, "--as-of", AT)

    assert outcome.code == 0
    assert "No clock: nothing is promised for this ticket, or nobody waits for us." in outcome.out


def test_a_ticket_is_found_by_number_reference_or_the_start_of_its_id(run: Run, demo: Path) -> None:
    answer = explained(run, demo, "NW-2231")

    for name in (str(answer["number"]), f"#{answer['number']}", answer["ticket"], answer["ticket"][:23]):
        assert explained(run, demo, name) == answer


def test_an_ambiguous_name_is_refused_with_the_candidates(run: Run, demo: Path) -> None:
    sentence = refused(run("explain", "0199", "--data", demo))

    assert '"0199" may mean' in sentence
    assert sentence.count("#100") >= 2


def test_a_ticket_that_does_not_exist_is_said(run: Run, demo: Path) -> None:
    assert refused(run("explain", "4711", "--data", demo)).startswith('No ticket answers to "4711"')


def test_a_ticket_that_was_not_open_yet_is_said(run: Run, demo: Path) -> None:
    assert "not open yet" in refused(run("explain", "NW-2231", "--data", demo, "--as-of", "2025-10-01"))
