"""What is chosen for a workspace, read and written on the desk's thread. Called by the section; nothing of Qt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from console.domain.errors import ConsoleError
from console.settings import load_settings, person_name, save_settings

if TYPE_CHECKING:
    from console.desk import Desk


class Chosen(NamedTuple):
    """`person` acts here, under a name that the hub gave where `by_hub`; `zone` is that of the guidelines (IANA name),
    `folder` the workspace's; `token_file` holds the sign-in where it is not in the system's keyring. `mistake` says
    what is wrong with the file of the settings."""

    person: str
    by_hub: bool
    zone: str
    folder: Path
    token_file: Path | None = None
    mistake: str = ""


def read_chosen(desk: Desk) -> Chosen:
    """What is in force. A file of settings with a mistake in it is told, not raised: the page then shows the rest."""
    token_file, mistake = None, ""
    try:
        token_file = load_settings(desk.workspace).token_file
    except ConsoleError as error:
        mistake = error.sentence
    return Chosen(
        person=desk.me,
        by_hub=desk.sync.is_connected,
        zone=desk.zone,
        folder=desk.workspace.folder,
        token_file=token_file,
        mistake=mistake,
    )


def save_name(desk: Desk, name: str) -> str:
    """Keeps the name under which the person acts, an empty one for the account's, and gives the name that holds now.
    The desk acts under it once it is opened anew. Errors: SettingsError, WorkspaceError."""
    if desk.sync.is_connected:
        raise ConsoleError("The hub says who you are; an admin there can change the name.")
    settings = load_settings(desk.workspace)
    save_settings(desk.workspace, settings._replace(name=name.strip() or None))
    return person_name(desk.workspace)
