"""`import`: counts in input lines, rejects in a file, exit codes that a script can rely on."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path

import pytest

from console.cli import imports
from console.desk.imports import FORMATS
from tests.cli.conftest import Run, refused

EVENTS = (
    {"ticket": "A-1", "at": "2025-10-14T12:00:00Z", "type": "ticket_created", "subject": "No sound", "priority": "2"},
    {"ticket": "A-1", "at": "2025-10-14T12:10:00Z", "type": "agent_reply", "actor": "Ana", "body": "Which client?"},
    {"ticket": "A-2", "at": "2025-10-14T13:00:00Z", "type": "ticket_created", "subject": "No picture"},
)


def written(path: Path, *lines: object) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" if isinstance(line, dict) else f"{line}\n" for line in lines))
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return written(tmp_path / "events.jsonl", *EVENTS)


@pytest.fixture
def half_bad(tmp_path: Path) -> Path:
    return written(tmp_path / "half_bad.jsonl", EVENTS[0], "{ not json", EVENTS[1])


def counts(text: str) -> dict[str, int]:
    match = re.search(r"([\d,]+) rows? read: ([\d,]+) taken, ([\d,]+) repeated, ([\d,]+) rejected", text)
    assert match is not None
    names = ("read", "taken", "repeated", "rejected")
    return {name: int(number.replace(",", "")) for name, number in zip(names, match.groups(), strict=True)}


def test_every_line_is_accounted_for(run: Run, events: Path) -> None:
    outcome = run("import", events)

    assert (outcome.code, outcome.err) == (0, "")
    assert counts(outcome.out) == {"read": 3, "taken": 3, "repeated": 0, "rejected": 0}
    assert [row["external_ref"] for row in json.loads(run("queue", "--json").out)] == ["A-1", "A-2"]


def test_an_import_repeated_takes_nothing_twice(run: Run, events: Path) -> None:
    run("import", events)

    assert counts(run("import", events).out) == {"read": 3, "taken": 0, "repeated": 3, "rejected": 0}


def test_a_rejected_row_is_kept_with_its_line_and_exits_with_0(run: Run, half_bad: Path, own_folder: Path) -> None:
    outcome = run("import", half_bad)

    assert outcome.code == 0
    assert counts(outcome.out) == {"read": 3, "taken": 2, "repeated": 0, "rejected": 1}
    [rejects] = (own_folder / "rejects").iterdir()
    assert str(rejects) in outcome.out
    assert json.loads(rejects.read_text())["line"] == 2


def test_strict_exits_with_1_after_recording_the_rest(run: Run, half_bad: Path) -> None:
    outcome = run("import", half_bad, "--strict")

    assert (outcome.code, outcome.err) == (1, "")
    assert len(json.loads(run("queue", "--json").out)) == 1


def test_strict_without_rejects_exits_with_0(run: Run, events: Path) -> None:
    assert run("import", events, "--strict").code == 0


def test_quiet_prints_nothing(run: Run, events: Path) -> None:
    assert run("import", events, "--quiet") == (0, "", "")


def test_a_word_for_an_impact_means_what_was_said(run: Run, events: Path) -> None:
    run("import", events, "--impact", "2=urgent")

    rows = {row["external_ref"]: row["impact"] for row in json.loads(run("queue", "--json").out)}
    assert rows == {"A-1": "urgent", "A-2": "normal"}  # A-2 names none and is measured as Normal


def test_the_file_may_stand_behind_the_words_for_impacts(run: Run, events: Path) -> None:
    outcome = run("import", "--impact", "2=urgent", "3=low", events)

    assert counts(outcome.out)["taken"] == 3


def test_a_gzip_that_ends_too_early_is_recorded_as_far_as_it_goes_and_said(run: Run, tmp_path: Path) -> None:
    opened = {"at": "2025-10-14T12:00:00Z", "type": "ticket_created"}
    lines = [{**opened, "ticket": f"T{number}", "subject": os.urandom(99).hex()} for number in range(400)]
    whole = gzip.compress("".join(f"{json.dumps(line)}\n" for line in lines).encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])

    outcome = run("import", tmp_path / "cut.jsonl.gz")

    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    counted = counts(outcome.out)
    assert counted["read"] == counted["taken"] + counted["rejected"] > 0
    assert len(json.loads(run("queue", "--json").out)) == counted["taken"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "FILE is missing"),
        (("--impact", "high=urgent"), "FILE is missing"),
        (("{file}", "--impact", "high"), "--impact takes WORD=IMPACT"),
        (("{file}", "--impact", "=urgent"), "--impact takes WORD=IMPACT"),
        (("{file}", "--impact", "high=enormous"), "enormous"),
        (("{file}", "--mapping", "{none}"), "none"),
        (("{file}", "--format", "xml"), "--format"),
        (("{none}",), "none"),
        (("{folder}",), "directory"),
        (("{binary}",), "binary"),
    ],
)
def test_what_cannot_be_imported_is_one_sentence(run: Run, events: Path, argv: tuple[str, ...], said: str) -> None:
    binary = events.with_name("binary")
    binary.write_bytes(bytes(range(256)) * 10)
    places = {"file": events, "none": events.with_name("none"), "folder": events.parent, "binary": binary}

    sentence = refused(run("import", *(arg.format(**places) for arg in argv)))

    assert said in sentence


def test_formats_are_those_of_the_desk() -> None:
    assert set(imports._FORMATS) == set(FORMATS)


def test_the_real_incidents_are_all_accounted_for(run: Run, shared: Path) -> None:
    file = shared / "data" / "incidents" / "incident_event_log_first_5998rows.csv"
    counted = counts(run("import", file).out)

    assert counted["read"] == 5998
    assert counted["read"] == counted["taken"] + counted["repeated"] + counted["rejected"]
