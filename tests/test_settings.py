"""Where a workspace is kept, and what its person chose."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.settings import (
    Settings,
    SettingsError,
    Workspace,
    WorkspaceError,
    default_folder,
    demo_folder,
    load_settings,
    person_name,
    save_settings,
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SUPPORT_CONSOLE_DATA", str(tmp_path / "here"))

    assert default_folder() == tmp_path / "here"


def test_without_it_the_folder_is_the_platforms_and_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPPORT_CONSOLE_DATA", raising=False)

    assert default_folder().is_absolute()
    assert default_folder().name == "support-console"


def test_the_demo_lives_beside_the_persons_own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SUPPORT_CONSOLE_DATA", str(tmp_path / "here"))

    assert demo_folder().parent == default_folder().parent
    assert demo_folder() != default_folder()


def test_everything_of_a_workspace_is_in_its_folder(workspace: Workspace) -> None:
    parts = (workspace.database, workspace.rejects, workspace.log, workspace.ui_state, workspace.settings)

    assert workspace.database.name == "journal.db"
    assert len(set(parts)) == len(parts)
    assert all(part.parent == workspace.folder for part in parts)


def test_asking_makes_nothing(workspace: Workspace) -> None:
    load_settings(workspace)
    person_name(workspace)

    assert not workspace.folder.exists()


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(WorkspaceError, match=r"cannot be used as the data folder: .*file is a file"):
            Workspace(folder).make()


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="everything is writable for this account")
def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(WorkspaceError, match="cannot be"):
        Workspace(tmp_path).make()


def test_a_name_that_no_folder_can_have_is_said(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="cannot be made"):
        Workspace(tmp_path / "a\0b").make()


@pytest.mark.parametrize("name", ["Mara Okafor", 'Dee "Quote" \\ Back', "Zoë 東 🙂"])
def test_a_name_is_kept(workspace: Workspace, name: str) -> None:
    save_settings(workspace, Settings(name=name))

    assert load_settings(workspace) == Settings(name=name)
    assert person_name(workspace) == name
    assert sorted(path.name for path in workspace.folder.iterdir()) == ["settings.toml"]


def test_a_name_is_kept_on_one_line(workspace: Workspace) -> None:
    save_settings(workspace, Settings(name=" Mara\n\x7f Okafor\x1b "))

    assert person_name(workspace) == "Mara Okafor"


def test_without_a_name_the_account_gives_one(workspace: Workspace) -> None:
    save_settings(workspace, Settings())

    name = person_name(workspace)
    assert name.strip() == name != ""


@pytest.mark.skipif(os.name == "nt", reason="accounts without an entry exist on POSIX systems")
def test_an_account_that_the_system_does_not_know_still_has_a_name(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    monkeypatch.setenv("USER", "")

    assert person_name(workspace) == "Me"


def test_settings_that_are_not_toml_are_said_with_the_line(workspace: Workspace) -> None:
    workspace.make()
    workspace.settings.write_text('# fine\nname = "open\n', encoding="utf-8")

    with pytest.raises(SettingsError, match=r"settings\.toml is not valid TOML: .*line 2"):
        load_settings(workspace)


@pytest.mark.parametrize("text", ["name = 3", 'name = " "', "name = []"])
def test_a_name_that_is_no_text_is_said(workspace: Workspace, text: str) -> None:
    workspace.make()
    workspace.settings.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match='"name" is a text'):
        load_settings(workspace)


def test_settings_in_another_encoding_are_said(workspace: Workspace) -> None:
    workspace.make()
    workspace.settings.write_bytes(b'name = "\xff\xfe"')

    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(workspace)


def test_a_folder_in_the_place_of_the_settings_is_said(workspace: Workspace) -> None:
    workspace.settings.mkdir(parents=True)

    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(workspace)
    with pytest.raises(WorkspaceError, match="cannot be written"):
        save_settings(workspace, Settings(name="Mara"))


@pytest.mark.skipif(os.name == "nt", reason="modes of folders are a POSIX matter")
def test_a_new_folder_is_its_owners_only(workspace: Workspace) -> None:
    workspace.make()

    assert workspace.folder.stat().st_mode & 0o077 == 0


def test_a_token_file_is_kept_beside_the_name(workspace: Workspace) -> None:
    chosen = Settings(name="Mara Okafor", token_file=workspace.folder / "token")
    save_settings(workspace, chosen)
    assert load_settings(workspace) == chosen


def test_a_token_file_that_is_no_path_is_told_with_the_file(workspace: Workspace) -> None:
    workspace.make()
    workspace.settings.write_text("token_file = 7\n", encoding="utf-8")
    with pytest.raises(SettingsError, match='"token_file" is a path'):
        load_settings(workspace)
