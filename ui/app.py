"""The entry point of the window (`support_console.window`): looks before it leaps into Qt, then runs.

Without a display, or without the system libraries that Qt needs, it says so in one sentence on stderr and returns 2;
Qt itself would abort. Imports nothing of Qt at the top, so that this can be said at all.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from console.settings import Workspace
    from ui.shell.window import MainWindow

MISTAKE: Final = 2
"""The exit code for what the caller can mend."""

_HOW: Final = (
    "Run it in a desktop session, or with xvfb-run support-console, or use the command line: support-console queue."
)
_INSTEAD: Final = "Install it, or use the command line: support-console queue."
_X11_SOCKETS: Final = Path("/", "tmp", ".X11-unix")
"""Where local X servers listen, by X's own convention."""
_NEEDS_NO_DISPLAY: Final = ("offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay")


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What to open.

    `clock` gives epoch ms; with `frozen` it stands still, nothing ticks, and no hub is asked.
    `theme` and `text_scale` override what the person chose; `size` is the window's in px; `select` is the id of a
    ticket to open; `section` is the one to show first (`queue`, `pro`, `settings`), and `engagement` the ticket whose
    session page to open; `picture` is a file to paint the filled window into, and then end. `mark` is called with
    `painted`, `filled` and `ready` as these happen, for measurements; `prepare` with the window once all is there.
    """

    workspace: Workspace
    guidelines: Path | None = None
    clock: Callable[[], int] | None = None
    frozen: bool = False
    theme: Literal["system", "light", "dark"] | None = None
    text_scale: float | None = None
    size: tuple[int, int] | None = None
    view: str | None = None
    select: str | None = None
    section: str | None = None
    engagement: str | None = None
    picture: Path | None = None
    prepare: Callable[[MainWindow], object] | None = None
    mark: Callable[[str], None] | None = None


def main(workspace: Workspace, *, guidelines: Path | None = None, clock: Callable[[], int] | None = None) -> int:
    """Open the window on a workspace and return its exit code once it is closed. A given `clock` is a frozen one."""
    return run(WindowOptions(workspace, guidelines=guidelines, clock=clock, frozen=clock is not None))


def run(options: WindowOptions) -> int:
    """As `main`, with everything that can be chosen.

    The garbage collector rests until the window is ready: what start-up makes is there to stay, and to walk it again
    and again would cost a tenth of the time to the first rows.
    """
    missing = missing_display()
    gc.disable()
    try:
        if missing is None:
            missing = _load_qt()
        if missing is not None:
            print(missing, file=sys.stderr)
            return MISTAKE
        from ui.shell.lifecycle import live

        return live(options)
    finally:
        gc.enable()


def missing_display() -> str | None:
    """One sentence about the display that is missing, or None where a window can be opened.

    Only asks where Qt would abort: on X11 and Wayland. A server that is named but does not answer is missing too.
    """
    if sys.platform in ("win32", "darwin", "cygwin"):
        return None
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    if platform in _NEEDS_NO_DISPLAY:
        return None
    display, wayland = os.environ.get("DISPLAY", ""), os.environ.get("WAYLAND_DISPLAY", "")
    if not display and not wayland:
        return f"There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. {_HOW}"
    if wayland and not platform.startswith("xcb") and _wayland_answers(wayland):
        return None
    if display and not platform.startswith("wayland") and _x_answers(display):
        return None
    named = " and ".join(name for name in (f"DISPLAY={display}" * bool(display), wayland) if name)
    return f"The display {named} does not answer. {_HOW}"


def _load_qt() -> str | None:
    os.environ["QT_API"] = "pyside6"
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        return f"The window needs a system library that is missing: {error}. {_INSTEAD}"
    if sys.platform.startswith("linux"):
        return _unloadable_platform()
    return None


def _unloadable_platform() -> str | None:
    """What keeps Qt's X11 plugin from loading; Qt would abort over it. Loading it twice costs nothing."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform.startswith((*_NEEDS_NO_DISPLAY, "wayland")) or not os.environ.get("DISPLAY"):
        return None
    from PySide6.QtCore import QLibrary, QLibraryInfo

    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
    plugin = QLibrary(f"{folder}/platforms/libqxcb.so")
    if plugin.load():
        return None
    reason = plugin.errorString().rpartition("libqxcb.so: ")[2].rstrip(")")
    return f"The window cannot be shown: {reason}. {_INSTEAD}"


def _wayland_answers(display: str) -> bool:
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return _connects(str(Path(folder, display)))


def _x_answers(display: str) -> bool:
    """Whether an X server listens at `[HOST]:NUMBER[.SCREEN]`. A remote one is left to Qt."""
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if host not in ("", "unix", "localhost") and not host.startswith("/"):
        return True
    if host.startswith("/"):
        return _connects(display.rpartition(".")[0] or display) or _connects(display)
    if host == "localhost":
        return True
    socket_file = str(_X11_SOCKETS / f"X{number}")
    return number.isdigit() and (_connects(socket_file) or _connects("\0" + socket_file))


def _connects(address: str) -> bool:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(address)
        except (OSError, ValueError):
            return False
    return True
