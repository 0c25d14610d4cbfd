"""`queue`: the shape that programs read, the table that people read, and any instant of the past."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.cli import queue
from console.domain.queue import View
from tests.cli.conftest import AT, Run, refused

KEYS = [
    "ticket",
    "number",
    "external_ref",
    "subject",
    "impact",
    "assessed",
    "status",
    "assignee",
    "level",
    "next_metric",
    "due_at",
    "breached",
]


def listed(run: Run, demo: Path, *argv: str) -> list[dict[str, Any]]:
    outcome = run("queue", "--data", demo, "--json", *argv)
    assert (outcome.code, outcome.err) == (0, "")
    rows: list[dict[str, Any]] = json.loads(outcome.out)
    return rows


def test_json_rows_have_these_keys_in_this_order(run: Run, demo: Path) -> None:
    rows = listed(run, demo, "--as-of", AT)

    assert len(rows) == 50
    assert all(list(row) == KEYS for row in rows)


def test_the_most_urgent_row_is_first_and_complete(run: Run, demo: Path) -> None:
    row = listed(run, demo, "--as-of", AT)[0]

    assert len(row.pop("ticket")) == 36
    assert isinstance(row.pop("number"), int)
    assert row == {
        "external_ref": "NW-2231",
        "subject": "Classroom desktops will not launch in 3 schools",
        "impact": "urgent",
        "assessed": True,
        "status": "open",
        "assignee": "Mara Okafor",
        "level": "breached",
        "next_metric": "next_reply",
        "due_at": "2025-10-14T15:05:30.000Z",
        "breached": True,
    }


def test_levels_stand_in_the_order_of_the_queue(run: Run, demo: Path) -> None:
    rows = listed(run, demo, "--as-of", AT)
    due = [row["due_at"] for row in rows if row["level"] in ("breached", "at_risk", "due_soon", "on_track")]
    rest = [row["level"] for row in rows[len(due) :]]

    assert due == sorted(due)
    assert rest == ["paused"] * 6 + ["met"] * 2 + ["none"] * 2
    assert [row["breached"] for row in rows] == [row["level"] == "breached" for row in rows]


def test_an_unassessed_ticket_says_so_and_names_what_it_is_measured_as(run: Run, demo: Path) -> None:
    rows = [row for row in listed(run, demo, "--as-of", AT) if not row["assessed"]]

    assert len(rows) == 3
    assert {row["impact"] for row in rows} == {"normal"}


def test_a_paused_ticket_is_due_as_of_the_asked_instant(run: Run, demo: Path) -> None:
    [now] = [r for r in listed(run, demo, "--as-of", AT) if r["subject"] == "Second factor asked on every launch"]
    [later] = [
        r
        for r in listed(run, demo, "--as-of", "2025-10-14T16:47:00Z")
        if r["subject"] == "Second factor asked on every launch"
    ]

    assert (now["level"], now["due_at"]) == ("paused", "2025-10-14T16:57:00.000Z")
    assert (later["level"], later["due_at"]) == ("paused", "2025-10-14T17:57:00.000Z")


def test_a_ticket_without_a_running_clock_has_no_due_instant(run: Run, demo: Path) -> None:
    quiet = [row for row in listed(run, demo, "--as-of", AT) if row["level"] in ("met", "none")]

    assert [(row["next_metric"], row["due_at"]) for row in quiet] == [(None, None)] * 4


def test_as_of_an_earlier_instant_later_facts_have_not_happened(run: Run, demo: Path) -> None:
    rows = {row["external_ref"]: row for row in listed(run, demo, "--as-of", "2025-10-14T14:00:00Z")}

    assert rows["NW-2231"]["next_metric"] == "periodic_update"
    assert rows["NW-2231"]["level"] == "on_track"


def test_as_of_an_instant_without_a_zone_is_utc(run: Run, demo: Path) -> None:
    assert listed(run, demo, "--as-of", "2025-10-14T15:47") == listed(run, demo, "--as-of", AT)


def test_before_the_first_ticket_the_queue_is_empty(run: Run, demo: Path) -> None:
    assert run("queue", "--data", demo, "--json", "--as-of", "2000-01-01") == (0, "[]\n", "")
    assert run("queue", "--data", demo, "--as-of", "2000-01-01") == (0, "No open ticket.\n", "")


def test_a_fresh_workspace_has_an_empty_queue(run: Run, own_folder: Path) -> None:
    assert run("queue", "--json") == (0, "[]\n", "")
    assert own_folder.is_dir()


def test_limit_gives_the_first_rows(run: Run, demo: Path) -> None:
    assert listed(run, demo, "--as-of", AT, "--limit", "3") == listed(run, demo, "--as-of", AT)[:3]


def test_views_are_those_of_the_window() -> None:
    assert set(queue._VIEWS) == {view.value for view in View}


def test_the_views_filter(run: Run, demo: Path) -> None:
    everything = listed(run, demo, "--as-of", AT)
    mine = listed(run, demo, "--as-of", AT, "--view", "mine")

    assert mine == [row for row in everything if row["assignee"] == "Mara Okafor"] != []
    assert len(listed(run, demo, "--as-of", AT, "--view", "breached")) == 2
    assert len(listed(run, demo, "--as-of", AT, "--view", "to_assess")) == 3


def test_now_and_as_of_now_are_the_same_rows_in_the_same_order(run: Run, demo: Path) -> None:
    stored = listed(run, demo)
    folded = listed(run, demo, "--as-of", "now")

    assert [row["ticket"] for row in stored] == [row["ticket"] for row in folded]
    assert [row["next_metric"] for row in stored] == [row["next_metric"] for row in folded]


def test_people_read_an_aligned_table(run: Run, demo: Path) -> None:
    outcome = run("queue", "--data", demo, "--as-of", AT)
    heading, first, second, *_ = outcome.out.splitlines()

    assert heading.split() == [
        *("No.", "Level", "Left", "Clock", "Impact"),
        *("Status", "Assignee", "Customer", "Subject"),
    ]
    assert first.split()[1:5] == ["breached", "−42m", "Next", "reply"]
    assert first.index("Next reply") == heading.index("Clock")
    assert first.index("Northwind") == heading.index("Customer") == second.index("Adatum")
    assert "nobody" in second


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yesterday", "is not an instant"),
        ("2025-13-01", "is not an instant"),
        ("0000-01-01T00:00Z", "is not an instant"),
        ("1969-12-31T23:59:59Z", "is out of range"),
        ("9999-12-31T23:59:59Z", "is out of range"),
        ("9999-12-31T23:59:59-14:00", "is out of range"),
        ("0001-01-01T00:00:00+14:00", "is out of range"),
        ("", "is not an instant"),
    ],
)
def test_an_instant_that_is_none_is_said(run: Run, own_folder: Path, text: str, said: str) -> None:
    assert said in refused(run("queue", f"--as-of={text}"))
    assert not own_folder.exists()


def test_other_guidelines_answer_without_being_stored(run: Run, demo: Path, tmp_path: Path) -> None:
    before = listed(run, demo, "--as-of", AT)
    file = tmp_path / "ours.toml"
    file.write_text(
        'version = 1\nproduct_when_unset = "CAS"\nplan_when_unset = "Standard"\n'
        '[[target]]\nproduct = "CAS"\nplan = "Standard"\nimpact = "urgent"\nmetric = "first_reply"\n'
        'seconds = 60\ncover = "24/7"\n',
        encoding="utf-8",
    )

    answered = listed(run, demo, "--as-of", AT, "--guidelines", str(file))

    assert [row["external_ref"] for row in answered] != [row["external_ref"] for row in before]
    assert listed(run, demo, "--as-of", AT) == before
