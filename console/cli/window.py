"""Opens the window, through the entry point `main` of the group `support_console.window`: the core runs without Qt.

The window is called as `main(workspace, guidelines=PATH or None, clock=CALLABLE or None)` and returns an exit code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from console.domain.errors import ConsoleError
from console.settings import Workspace, default_folder

if TYPE_CHECKING:
    import argparse

GROUP: Final = "support_console.window"
NAME: Final = "main"
_OWN_METADATA: Final = ("support_console-", ".dist-info")


class NoWindowError(ConsoleError):
    """This installation has no window, or cannot load it."""


def run(args: argparse.Namespace) -> int:
    """No command, but options: the window on the workspace that they name."""
    return open_window(args.data, guidelines=args.guidelines)


def open_window(
    folder: Path | None = None, *, guidelines: Path | None = None, clock: Callable[[], int] | None = None
) -> int:
    """Opens the window on a workspace, by default the person's own; returns when it is closed, with its exit code.

    `clock` gives epoch ms. Errors: NoWindowError, with what to install.
    """
    workspace = Workspace(folder if folder is not None else default_folder())
    window = _load(_declared_by_us() or _declared_by_anybody())
    workspace.make()
    return int(window(workspace, guidelines=guidelines, clock=clock))


def _load(target: str | None) -> Callable[..., int]:
    if target is None:
        raise NoWindowError("The window is not installed here; install the package support-console to have it.")
    module, _, name = target.partition(":")
    try:
        window: Callable[..., int] = getattr(import_module(module), name)
    except ImportError as error:
        raise NoWindowError(
            f"The window cannot be loaded: {error}. Install support-console with all it requires."
        ) from None
    return window


def _declared_by_us() -> str | None:
    """The entry point as our own distribution's metadata has it.

    `importlib.metadata` would say the same, but its import takes a fifth of the time to the first painted window.
    """
    start, end = _OWN_METADATA
    for entry in sys.path:
        folder = Path(entry or ".")
        try:
            names = [path for path in folder.iterdir() if path.name.startswith(start) and path.name.endswith(end)]
            text = (names[0] / "entry_points.txt").read_text(encoding="utf-8") if names else ""
        except OSError:
            continue
        target = _in_section(text)
        if target is not None:
            return target
    return None


def _in_section(text: str) -> str | None:
    """The value of our name in our group of an `entry_points.txt`."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[]")
        elif section == GROUP:
            name, _, value = line.partition("=")
            if name.strip() == NAME:
                return value.strip()
    return None


def _declared_by_anybody() -> str | None:
    from importlib.metadata import entry_points

    found: Any = next(iter(entry_points(group=GROUP, name=NAME)), None)
    return None if found is None else str(found.value)
