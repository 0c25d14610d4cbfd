"""How the window is reached: through an entry point, so that the core runs without Qt."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from console.cli import window
from tests.cli.conftest import Run, refused


@pytest.fixture
def sample_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed distribution of ours, in a folder of its own that comes first."""
    site = tmp_path / "site"
    info = site / "support_console-9.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: support-console\nVersion: 9\n")
    (info / "entry_points.txt").write_text(
        "[console_scripts]\nmain = nothing:at_all\n\n[support_console.window]\nmain = sample_window_app:open_it\n"
    )
    (site / "sample_window_app.py").write_text(
        "def open_it(workspace, *, guidelines, clock):\n    print(workspace.folder, guidelines, clock)\n    return 3\n"
    )
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "sample_window_app", raising=False)
    return site


@pytest.mark.usefixtures("sample_window")
def test_without_a_command_the_window_opens_on_the_persons_own_workspace(run: Run, own_folder: Path) -> None:
    assert run() == (3, f"{own_folder} None None\n", "")
    assert own_folder.is_dir()


@pytest.mark.usefixtures("sample_window")
def test_with_options_alone_the_window_opens_on_what_they_name(run: Run, tmp_path: Path) -> None:
    outcome = run("--data", tmp_path / "here", "--guidelines", tmp_path / "ours.toml")

    assert outcome == (3, f"{tmp_path / 'here'} {tmp_path / 'ours.toml'} None\n", "")


def test_the_quick_look_at_our_metadata_agrees_with_the_library(sample_window: Path) -> None:
    [declared] = metadata.Distribution.at(sample_window / "support_console-9.dist-info").entry_points.select(
        group="support_console.window", name="main"
    )

    assert window._declared_by_us() == declared.value


def test_a_window_that_is_not_installed_is_said(run: Run, monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> None:
    monkeypatch.setattr(window, "GROUP", "support_console.no_such_window")

    assert refused(run()) == "The window is not installed here; install the package support-console to have it."
    assert not own_folder.exists()


def test_a_window_whose_requirements_are_missing_is_said(run: Run, sample_window: Path) -> None:
    (sample_window / "sample_window_app.py").write_text("import a_toolkit_that_nobody_has\n")

    assert "No module named 'a_toolkit_that_nobody_has'" in refused(run())


@pytest.mark.usefixtures("sample_window")
def test_a_data_folder_that_cannot_be_used_is_said_before_the_window_opens(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    assert "is a file" in refused(run("--data", tmp_path / "file"))
