"""`support-console demo`: a workspace of sample tickets, in a folder of its own, opened in the window.

A demo is made anew each time, relative to now. It takes an empty folder or one that an earlier demo marked as its own;
anything else is somebody's data and is refused.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Final

from console.domain.errors import ConsoleError
from console.settings import Settings, Workspace, WorkspaceError, default_folder, demo_folder, save_settings

MARKER: Final = "this-is-a-demo.txt"
_MARKER_TEXT: Final = (
    "Sample tickets of the Support Console. Each run of `support-console demo` makes this folder anew.\n"
)


_MADE: Final = ("journal.db", "rejects", "crash.log", "settings.toml", "window.ini", "watch.lock")
"""What a workspace makes, by the start of the name; anything else in the folder is left alone."""


class NotADemoError(ConsoleError):
    """The folder holds something that a demo did not make."""


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "demo",
        parents=[shared],
        help="make a workspace of sample tickets and open it",
        description="Makes a workspace of about 70 sample tickets, relative to now, in a folder of its own, and opens "
        "it. Your own data is never touched.",
    )
    parser.add_argument("--at", metavar="T", help="as if it were this instant, and the clock stood still (ISO 8601)")
    parser.add_argument("--no-window", action="store_true", help="make the workspace and do not open it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from console.cli.instants import instant, now_ms
    from console.cli.window import open_window

    now = now_ms()
    frozen = None if args.at is None else instant(args.at, now)
    folder: Path = args.data if args.data is not None else demo_folder()
    made = make_demo(folder, now if frozen is None else frozen)
    if args.no_window:
        sys.stdout.write(f"{made} sample tickets in {folder}\n")
        return 0
    return open_window(folder, guidelines=args.guidelines, clock=None if frozen is None else lambda: frozen)


def make_demo(folder: Path, now_ms: int) -> int:
    """Fills a folder with the demo as of an instant (epoch ms) and returns how many tickets it has.

    Errors: NotADemoError, WorkspaceError.
    """
    from console.desk import Desk
    from console.desk.sample import PERSON, write_sample

    workspace = Workspace(folder)
    _clear(workspace)
    workspace.make()
    (folder / MARKER).write_text(_MARKER_TEXT, encoding="utf-8")
    save_settings(workspace, Settings(name=PERSON))
    with Desk.open(workspace, clock=lambda: now_ms) as desk:
        return write_sample(desk, now_ms)


def _clear(workspace: Workspace) -> None:
    """Takes away an earlier demo, and nothing else."""
    folder = workspace.folder
    if folder == default_folder().absolute():
        raise NotADemoError(f"{folder} is your own workspace; a demo has a folder of its own.")
    try:
        found = {path.name for path in folder.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise WorkspaceError(f"The folder {folder} cannot be read: {error.strerror}.") from None
    if not found:
        return
    if MARKER not in found:
        raise NotADemoError(f"{folder} is not empty and not a demo; name an empty folder, nothing was changed.")
    try:
        for path in folder.iterdir():
            if not path.name.startswith(_MADE):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError as error:
        raise WorkspaceError(f"The demo in {folder} cannot be made anew: {error.strerror}. Is it open?") from None
