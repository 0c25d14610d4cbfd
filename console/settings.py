"""Where a workspace keeps its things, and what its person chose.

Touches the environment, the account's name and `settings.toml`; writes only when asked (`make`, `save_settings`), never
at import. Called by the desk, the command line and the window, before anything is painted: what costs milliseconds to
import is imported where it is used.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final, NamedTuple

from console.domain.errors import ConsoleError

DATA_VARIABLE: Final = "SUPPORT_CONSOLE_DATA"
"""The environment variable that names the folder of the default workspace."""

_PROGRAM: Final = "support-console"
_NOBODY: Final = "Me"


class WorkspaceError(ConsoleError):
    """The folder of a workspace cannot be used."""


class SettingsError(ConsoleError):
    """`settings.toml` does not say what it should."""


class Workspace(NamedTuple):
    """The folder of one journal and all that stands beside it."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "journal.db"

    @property
    def rejects(self) -> Path:
        """The folder of the rejects files of imports."""
        return self.folder / "rejects"

    @property
    def log(self) -> Path:
        """The crash log: failures of ours, for a person to read and send."""
        return self.folder / "crash.log"

    @property
    def ui_state(self) -> Path:
        """What the window remembers of itself: geometry, columns, the selected view."""
        return self.folder / "window.ini"

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    @property
    def pro_settings(self) -> Path:
        """What the terms of Pro services leave open, where it differs from the defaults (spec pro_services.md 4)."""
        return self.folder / "pro.toml"

    def make(self) -> None:
        """Makes the folder where there is none, for its owner only. WorkspaceError when that or writing to it fails."""
        folder = self.folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            blocked = next((path for path in (folder, *folder.parents) if path.exists() and not path.is_dir()), folder)
            raise WorkspaceError(f"{folder} cannot be used as the data folder: {blocked} is a file.") from None
        except (OSError, ValueError) as error:  # ValueError: a name that no folder can have
            reason = getattr(error, "strerror", None) or str(error)
            raise WorkspaceError(f"The data folder {folder} cannot be made: {reason}.") from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise WorkspaceError(f"The data folder {folder} cannot be written; check its permissions.")


class Settings(NamedTuple):
    """What the person chose. `name` is the name under which they act; None takes the account's. `token_file` holds the
    sign-in at the hub where there is no keyring, and somebody said so."""

    name: str | None = None
    token_file: Path | None = None


def default_folder() -> Path:
    """The folder of a person's own workspace: `SUPPORT_CONSOLE_DATA`, else the platform's place for such data."""
    named = os.environ.get(DATA_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_dir

    return Path(user_data_dir(_PROGRAM, appauthor=False))


def demo_folder() -> Path:
    """The folder of the demo's workspace: beside the person's own, never in it."""
    own = default_folder()
    return own.with_name(own.name + "-demo")


def load_settings(workspace: Workspace) -> Settings:
    """What is written in the workspace's settings; the defaults where nothing is. SettingsError with file and line."""
    try:
        text = workspace.settings.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except UnicodeDecodeError:
        raise SettingsError(f"{workspace.settings} is not UTF-8 text; save it as UTF-8.") from None
    except OSError as error:
        raise SettingsError(f"{workspace.settings} cannot be read: {error.strerror}.") from None
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{workspace.settings} is not valid TOML: {error}.") from None
    return Settings(
        name=_name(workspace, document.get("name")),
        token_file=_token_file(workspace, document.get("token_file")),
    )


def save_settings(workspace: Workspace, settings: Settings) -> None:
    """Writes the settings, all or nothing. Errors: WorkspaceError."""
    import json

    workspace.make()
    lines = ["# The settings of this workspace.\n"]
    if settings.name:
        lines.append(f"name = {json.dumps(_plain(settings.name), ensure_ascii=False)}\n")
    if settings.token_file is not None:
        lines.append(f"token_file = {json.dumps(str(settings.token_file), ensure_ascii=False)}\n")
    beside = workspace.settings.with_name(workspace.settings.name + ".new")
    try:
        beside.write_text("".join(lines), encoding="utf-8")
        beside.replace(workspace.settings)
    except OSError as error:
        raise WorkspaceError(f"{workspace.settings} cannot be written: {error.strerror}.") from None


def person_name(workspace: Workspace) -> str:
    """The name under which the person at this machine acts: from the settings, else from the account."""
    return load_settings(workspace).name or _account_name() or _NOBODY


def _name(workspace: Workspace, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _plain(value):
        raise SettingsError(f'{workspace.settings}: "name" is a text, such as name = "Mara Okafor".')
    return _plain(value)


def _token_file(workspace: Workspace, value: Any) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise SettingsError(f'{workspace.settings}: "token_file" is a path, such as token_file = "/etc/console/token".')
    return Path(value)


def _account_name() -> str:
    """The account's full name where the system knows one, else the name with which the person signed in."""
    try:
        import pwd
    except ImportError:  # Windows
        return _plain(os.environ.get("USERNAME", ""))
    try:
        account = pwd.getpwuid(os.getuid())
    except KeyError:  # a container's user need not have an account
        return _plain(os.environ.get("USER", ""))
    return _plain(account.pw_gecos.partition(",")[0]) or _plain(account.pw_name)


def _plain(text: str) -> str:
    """A name on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
