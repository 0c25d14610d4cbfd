"""Run as a process: connects a workspace, and ends itself without a farewell just before its n-th step that changes
anything on the disk. Prints the names of the steps that it made.

    python -m tests.sync.killed_connect FOLDER URL CODE N
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from console.cli.main import main
from console.journal import log_file, replica_store, store
from console.sync import keys, whole_file


def count_steps(die_at: int) -> None:
    """Every change of a file by name, and every transaction of a journal, is a step."""
    step = 0

    def counted(what: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def acts(*args: Any, **more: Any) -> Any:
            nonlocal step
            step += 1
            print(step, what, flush=True)
            if step == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*args, **more)

        return acts

    for name in ("follow", "adopt", "save_draft"):
        setattr(store.Journal, name, counted(name, getattr(store.Journal, name)))
    for name in ("change", "finish_bulk"):
        setattr(replica_store.JournalReplica, name, counted(name, getattr(replica_store.JournalReplica, name)))
    for name in ("replace", "unlink"):
        setattr(Path, name, counted(name, getattr(Path, name)))
    for module in (keys, log_file, whole_file):
        assert module.os is os
    for name in ("link", "fsync"):
        setattr(os, name, counted(name, getattr(os, name)))


if __name__ == "__main__":
    folder, url, code, at = sys.argv[1:]
    count_steps(int(at))
    asked = ["connect", url, "--yes", "--data", folder, "--token-file", f"{folder}/token"]
    sys.exit(main([*asked, "--code", code] if code else asked))
