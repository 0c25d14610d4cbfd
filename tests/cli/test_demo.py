"""`demo`: sample tickets in a folder of their own, and never in anybody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.cli import demo as command
from console.settings import Workspace, demo_folder, person_name
from tests.cli.conftest import AT, Run, refused


def test_a_demo_lives_beside_the_persons_own_data(run: Run, own_folder: Path) -> None:
    outcome = run("demo", "--no-window")

    assert outcome == (0, f"69 sample tickets in {demo_folder()}\n", "")
    assert not own_folder.exists()
    assert demo_folder().parent == own_folder.parent


def test_the_person_at_the_demo_is_a_sample_too(demo: Path) -> None:
    assert person_name(Workspace(demo)) == "Mara Okafor"


def test_a_demo_is_relative_to_the_asked_instant(run: Run, tmp_path: Path) -> None:
    run("demo", "--no-window", "--data", tmp_path / "demo", "--at", AT)
    rows = json.loads(run("queue", "--data", tmp_path / "demo", "--json", "--as-of", AT).out)

    assert rows[0]["due_at"] == "2025-10-14T15:05:30.000Z"


def test_a_demo_is_made_anew_over_an_earlier_one(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    run("demo", "--no-window", "--data", folder, "--at", "2025-01-07T12:00Z")
    (folder / "notes.txt").write_text("mine")

    assert run("demo", "--no-window", "--data", folder, "--at", AT).code == 0

    rows = json.loads(run("queue", "--data", folder, "--json", "--as-of", AT).out)
    assert len(rows) == 50
    assert (folder / "notes.txt").read_text() == "mine"


def test_an_empty_folder_may_become_a_demo(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert run("demo", "--no-window", "--data", tmp_path / "empty").code == 0


def test_a_folder_with_anything_else_in_it_is_refused_and_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years")

    sentence = refused(run("demo", "--no-window", "--data", tmp_path))

    assert sentence == f"{tmp_path} is not empty and not a demo; name an empty folder, nothing was changed."
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_workspace_that_is_no_demo_is_refused(run: Run, tmp_path: Path) -> None:
    run("queue", "--data", tmp_path / "work")

    assert "not a demo" in refused(run("demo", "--no-window", "--data", tmp_path / "work"))


def test_the_persons_own_folder_is_refused_even_when_empty(run: Run, own_folder: Path) -> None:
    own_folder.mkdir()

    assert "is your own workspace" in refused(run("demo", "--no-window", "--data", own_folder))
    assert list(own_folder.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    assert "is a file" in refused(run("demo", "--no-window", "--data", tmp_path / "file"))


def test_a_bad_instant_is_said_before_anything_is_made(run: Run, tmp_path: Path) -> None:
    assert "is not an instant" in refused(run("demo", "--at", "noon", "--data", tmp_path / "demo"))
    assert not (tmp_path / "demo").exists()


def test_the_window_opens_on_the_demo_with_a_clock_that_stands_still(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sample_window.py").write_text(
        "def main(workspace, *, guidelines, clock):\n"
        "    print(workspace.folder.name, guidelines, clock())\n"
        "    return 7\n"
    )
    metadata = tmp_path / "support_console-0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text("[support_console.window]\nmain = sample_window:main\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    outcome = run("demo", "--data", tmp_path / "demo", "--at", AT)

    assert outcome == (7, "demo None 1760456820000\n", "")


def test_what_a_demo_takes_away_is_what_a_workspace_makes(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    made = (workspace.database, workspace.rejects, workspace.log, workspace.ui_state, workspace.settings)

    assert all(path.name.startswith(command._MADE) for path in made)
