"""`redact`: lists what can be redacted, asks, and takes the words for ever."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, refused

TICKET = "10001"
WHY = ("--reason", "A password was in it")


class Terminal(io.StringIO):
    """Somebody who types at a prompt."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path, demo: Path) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy)
    return copy


def types(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))


def listed(run: Run, folder: Path) -> dict[str, str]:
    """The ids of what can be redacted, each with the number of its message, or nothing."""
    found: dict[str, str] = {}
    for line in run("redact", TICKET, "--data", folder).out.splitlines()[1:]:
        first, second = line.split()[:2]
        found |= {second: first} if first.isdigit() else {first: ""}
    return found


def test_without_an_entry_it_lists_the_messages_with_their_numbers(run: Run, folder: Path) -> None:
    heading = run("redact", TICKET, "--data", folder).out.splitlines()[0]
    assert heading.split() == ["Message", "Entry", "When", "Who", "What", "Text"]
    assert list(listed(run, folder).values()) == ["", "1", "2"]


def test_a_message_is_redacted_by_its_number(run: Run, folder: Path) -> None:
    before = listed(run, folder)
    outcome = run("redact", TICKET, "--message", "1", *WHY, "--yes", "--data", folder)
    assert outcome == (0, "Redacted: the words are gone from this workspace.\n", "")
    assert listed(run, folder) == {entry: place for entry, place in before.items() if place != "1"}


def test_an_entry_is_redacted_by_its_id(run: Run, folder: Path) -> None:
    first = next(entry for entry, place in listed(run, folder).items() if place == "1")
    assert run("redact", TICKET, first, *WHY, "--yes", "--data", folder).code == 0
    sentence = refused(run("redact", TICKET, first, *WHY, "--yes", "--data", folder))
    assert sentence == "Not redacted: its words were taken away already."


def test_it_says_what_is_lost_and_asks(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = listed(run, folder)
    types(monkeypatch, "no")
    outcome = run("redact", TICKET, "--message", "1", *WHY, "--data", folder)
    assert outcome.code == 1
    assert "lost for ever from this workspace and its search" in outcome.out
    assert outcome.out.endswith("Redact it for ever? (yes/no) Nothing was redacted.\n")
    assert listed(run, folder) == before
    types(monkeypatch, "yes")
    assert run("redact", TICKET, "--message", "1", *WHY, "--data", folder).code == 0
    assert listed(run, folder) != before


def test_the_end_of_the_input_is_a_no(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = listed(run, folder)
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    outcome = run("redact", TICKET, "--message", "1", *WHY, "--data", folder)
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.endswith("\nNothing was redacted.\n")
    assert listed(run, folder) == before


def test_nobody_to_ask_is_a_refusal(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    before = listed(run, folder)
    assert "--yes" in refused(run("redact", TICKET, "--message", "1", *WHY, "--data", folder))
    assert listed(run, folder) == before


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--message", "1"], "--reason"),
        (["--message", "1", "--reason", " ", "--yes"], "give a reason"),
        (["--message", "99", *WHY], "no message 99"),
        (["zzz", *WHY], "no such entry"),
        (["", *WHY], "may mean"),
        (["zzz", "--message", "1", *WHY], "not allowed with"),
    ],
)
def test_what_is_missing_or_wrong_is_said(run: Run, demo: Path, asked: list[str], said: str) -> None:
    assert said in refused(run("redact", TICKET, *asked, "--data", demo))
