"""The watcher in the background: a process that keeps watch while a session runs that the command line started.

One at a time: it holds a lock on a file of the workspace, which the system lets go of with the process, however that
ends. A second one would do no harm (the desk writes each gap and each stop once), it would only cost. Called by `pro
start`; the watching itself is `watch`'s.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from console.settings import Workspace

LOCK_NAME: Final = "watch.lock"


def watcher_lock(workspace: Workspace) -> BaseFileLock:
    from filelock import FileLock

    return FileLock(workspace.folder / LOCK_NAME, timeout=0)


def take(lock: BaseFileLock) -> bool:
    """Whether the lock is ours from now on; not where somebody has it or the file cannot be locked."""
    from filelock import Timeout

    try:
        lock.acquire()
    except (Timeout, OSError):
        return False
    return True


def ensure_watcher(workspace: Workspace) -> None:
    """Begins a watcher of its own, unless one is there. It outlives this process and its terminal.

    The session has to be recorded before: a watcher that is just ending looks once more after it let go of the lock.
    """
    lock = watcher_lock(workspace)
    if not take(lock):
        return
    lock.release()
    command = [sys.executable, "-m", "console.cli", "pro", "watch", "--quiet", "--data", str(workspace.folder)]
    nothing = subprocess.DEVNULL  # what fails unexpectedly writes its trace to the crash log
    try:
        subprocess.Popen(
            command,
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            start_new_session=True,
            creationflags=_apart_on_windows(),
        )
    except OSError as error:
        said = f"Nobody watches the session: {error.strerror or error}. Keep `support-console pro watch` open."
        print(f"support-console: {said}", file=sys.stderr)


def _apart_on_windows() -> int:
    """There a new session is made of flags."""
    return getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
