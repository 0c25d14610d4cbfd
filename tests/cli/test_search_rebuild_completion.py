"""`search`, `rebuild` and `completion`."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import AT, Run, refused


def test_search_finds_words_of_messages_and_subjects(run: Run, demo: Path) -> None:
    hits = json.loads(run("search", "certificate", "--data", demo, "--json").out)

    assert [list(hit) for hit in hits] == [["ticket", "number", "external_ref", "subject", "snippet", "at"]] * len(hits)
    assert {hit["subject"] for hit in hits} >= {
        "Sign-in loop after certificate change",
        "Gateway certificate expires in 20 days",
    }
    assert all(hit["at"].endswith("Z") for hit in hits)


def test_search_takes_several_words_and_a_limit(run: Run, demo: Path) -> None:
    hits = json.loads(run("search", "second", "factor", "--limit", "1", "--data", demo, "--json").out)

    assert len(hits) == 1
    assert "second factor" in hits[0]["subject"].lower()


def test_people_read_where_the_word_stands(run: Run, demo: Path) -> None:
    outcome = run("search", "thumbprint", "--data", demo)

    assert outcome.code == 0
    assert "‹thumbprint›" in outcome.out


def test_a_search_without_hits_says_so(run: Run, demo: Path) -> None:
    assert run("search", "xyzzy", "--data", demo) == (0, 'No ticket matches "xyzzy".\n', "")
    assert run("search", "xyzzy", "--data", demo, "--json") == (0, "[]\n", "")


@pytest.mark.parametrize("words", ['"', "*", "a AND", "NEAR(", "-- drop", "col:umn", "(((", "%"])
def test_any_words_are_a_question(run: Run, demo: Path, words: str) -> None:
    assert run("search", "--data", demo, "--", words).code == 0


def test_rebuild_changes_no_answer(run: Run, tmp_path: Path, demo: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(demo, folder)
    before = run("queue", "--data", folder, "--json").out

    outcome = run("rebuild", "--data", folder)

    assert outcome.code == 0
    assert outcome.out.startswith("Rebuilt from ")
    rows, again = json.loads(before), json.loads(run("queue", "--data", folder, "--json").out)
    assert [row["ticket"] for row in again] == [row["ticket"] for row in rows]


def test_rebuild_of_nothing_is_fine(run: Run) -> None:
    assert run("rebuild").code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_every_command(run: Run, shell: str) -> None:
    outcome = run("completion", shell)

    assert (outcome.code, outcome.err) == (0, "")
    for word in ("explain", "rebuild", "calendar", "--as-of", "--guidelines"):
        assert word.lstrip("-") in outcome.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_bash_script_is_one_that_bash_reads(run: Run) -> None:
    script = run("completion", "bash").out

    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_damaged_database_is_set_aside_and_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"this was never a database " * 500)

    outcome = run("queue", "--data", tmp_path, "--as-of", AT, "--json")

    assert (outcome.code, outcome.out) == (0, "[]\n")
    assert outcome.err.startswith("support-console: ")
    assert "kept as" in outcome.err
    assert len([path for path in tmp_path.iterdir() if path.name.startswith("journal.db")]) >= 2


def test_a_folder_in_the_place_of_the_database_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "journal.db").mkdir()

    assert "journal.db" in refused(run("queue", "--data", tmp_path))
