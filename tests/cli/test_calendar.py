"""`calendar add` and `calendar elapsed`: business time without a workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, refused

HOURS = {"timezone": "Europe/Berlin", "weekly_hours": {"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}}


def asked(run: Run, *argv: str | Path) -> dict[str, Any]:
    outcome = run("calendar", *argv, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    answer: dict[str, Any] = json.loads(outcome.out)
    return answer


def test_eight_hours_from_friday_noon_end_on_monday(run: Run, own_folder: Path) -> None:
    answer = asked(run, "add", "2025-10-17T16:00:00Z", "8h")

    assert answer == {"start": "2025-10-17T16:00:00.000Z", "seconds": 28800, "at": "2025-10-20T13:00:00.000Z"}
    assert list(answer) == ["start", "seconds", "at"]
    assert not own_folder.exists()


def test_an_end_at_closing_time_is_that_closing_instant(run: Run) -> None:
    assert asked(run, "add", "2025-10-17T16:00:00Z", "7h")["at"] == "2025-10-17T23:00:00.000Z"


@pytest.mark.parametrize(
    ("length", "seconds"),
    [("90", 90), ("1.5", 1.5), ("1h30m", 5400), ("1h 30m", 5400), ("90m", 5400), ("45s", 45), ("PT8H30M", 30600)],
)
def test_a_length_is_seconds_or_hours_and_minutes(run: Run, length: str, seconds: float) -> None:
    assert asked(run, "add", "2025-10-14T15:00:00Z", length)["seconds"] == seconds


def test_the_covers_differ_over_a_weekend(run: Run) -> None:
    week = ("elapsed", "2025-10-13T04:00:00Z", "2025-10-20T04:00:00Z")

    assert asked(run, *week) == {
        "start": "2025-10-13T04:00:00.000Z",
        "end": "2025-10-20T04:00:00.000Z",
        "seconds": 5 * 11 * 3600,
    }
    assert asked(run, *week, "--cover", "24/5")["seconds"] == 5 * 24 * 3600
    assert asked(run, *week, "--cover", "24/7")["seconds"] == 7 * 24 * 3600


def test_a_reversed_range_has_no_open_time(run: Run) -> None:
    assert asked(run, "elapsed", "2025-10-15", "2025-10-14")["seconds"] == 0


def test_people_read_the_instant_in_the_calendars_zone(run: Run) -> None:
    assert run("calendar", "add", "2025-10-14T15:00Z", "1h").out == (
        "2025-10-14T16:00:00.000Z  Tue 14 Oct 2025, 12:00 PM ET\n"
    )
    assert run("calendar", "elapsed", "2025-10-14T15:00Z", "2025-10-14T16:30Z").out == "5400  1h 30m\n"


def test_opening_hours_come_from_a_json_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "hours.json"
    file.write_text(json.dumps(HOURS), encoding="utf-8")

    assert asked(run, "add", "2025-10-13T09:00:00Z", "2h", "--calendar", file)["at"] == "2025-10-13T12:00:00.000Z"


def test_opening_hours_come_from_a_toml_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "hours.toml"
    file.write_text(
        'timezone = "Europe/Berlin"\n[weekly_hours]\nmon = [["09:00", "12:00"], ["13:00", "17:00"]]\n', encoding="utf-8"
    )

    assert asked(run, "add", "2025-10-13T09:00:00Z", "2h", "--calendar", file)["at"] == "2025-10-13T12:00:00.000Z"


def test_the_covers_of_other_guidelines_answer(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(
        'version = 1\nproduct_when_unset = "CAS"\nplan_when_unset = "Standard"\n'
        '[cover.business]\ntimezone = "Europe/Berlin"\nweekly_hours = { mon = [["10:00", "11:00"]] }\n'
        '[[target]]\nproduct = "CAS"\nplan = "Standard"\nimpact = "low"\nmetric = "first_reply"\n'
        'seconds = 60\ncover = "business"\n',
        encoding="utf-8",
    )

    answer = asked(run, "elapsed", "2025-10-13T00:00Z", "2025-10-14T00:00Z", "--guidelines", file)

    assert answer["seconds"] == 3600


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("add", "2025-10-14", "-5"), "cannot be negative"),
        (("add", "2025-10-14", "-1h"), "SECONDS"),
        (("add", "2025-10-14", "soon"), "is not a length of time"),
        (("add", "2025-10-14", "2d"), "is not a length of time"),
        (("add", "2025-10-14", "nan"), "is not a length of time"),
        (("add", "2025-10-14", "9" * 400), "is too long"),
        (("add", "noon", "1h"), "is not an instant"),
        (("add", "2199-12-31", "9000h"), "2200"),
        (("elapsed", "2025-10-14", "later"), "is not an instant"),
        (("add", "2025-10-14", "1h", "--cover", "nights"), 'there is no cover "nights"'),
        (("add", "2025-10-14", "1h", "--cover", "24/7", "--calendar", "x"), "not both"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, argv: tuple[str, ...], said: str) -> None:
    assert said in refused(run("calendar", *argv))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("hours.json", b"{\n  oops\n}", "line 2"),
        ("hours.toml", b'timezone = "UTC"\noops\n', "line 2"),
        ("hours.json", b"[]", "is not a mapping"),
        ("hours.json", b"\xff\x00", "is not UTF-8 text"),
        ("hours.json", b'{"timezone": "Mars/Olympus", "weekly_hours": {}}', "Mars/Olympus"),
        ("hours.json", b'{"timezone": "UTC", "weekly_hours": {}}', "no opening hours"),
        ("hours.json", b"[" * 100_000, "cannot be read"),
        ("hours.json", b" " * 1_000_001, "more than 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_calendar_is_said(run: Run, tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)

    assert said in refused(run("calendar", "add", "2025-10-14", "1h", "--calendar", tmp_path / name))


def test_a_calendar_that_is_no_file_is_said(run: Run, tmp_path: Path) -> None:
    assert "cannot be read" in refused(run("calendar", "add", "now", "1h", "--calendar", tmp_path))
    assert "cannot be read" in refused(run("calendar", "add", "now", "1h", "--calendar", tmp_path / "none"))
