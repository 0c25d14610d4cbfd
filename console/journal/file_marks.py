"""What a file says of itself: whose it is, its revision, who writes to it, and whether damage was met in it.

Imports neither SQLAlchemy nor a driver: a statement is asked through a callable. Called by `schema`, `database`,
`opening` and `first_look`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

APPLICATION_ID: Final = int.from_bytes(b"SCjr", "big")
"""In the header of every file of ours, so that a foreign SQLite database is recognised."""
REVISION: Final = "0004"
"""The migration that this program's tables are at."""
KNOWN_REVISIONS: Final = ("0001", "0002", "0003", "0004")
"""Every revision that this program can open, oldest first; any other was made by a newer version."""
_REVISION: Final = re.compile("[0-9]{4}")

Ask = Callable[[str], Sequence[Any] | None]
"""The first row of what a statement finds, on whatever connection."""


def revision_of(ask: Ask) -> str | None:
    """The revision that a file is stamped with, read by hand: four digits in every version of this program. None where
    it never was, or where what stands there is none."""
    if ask("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'") is None:
        return None
    (stamp,) = ask("SELECT version_num FROM alembic_version") or (None,)
    return stamp if isinstance(stamp, str) and _REVISION.fullmatch(stamp) else None


def suspect_mark(path: Path) -> Path:
    """Beside a database when damage was met while it was in use."""
    return path.with_name(f"{path.name}-suspect")


def is_in_use(opened_by: int | None) -> bool:
    """Whether another process wrote, has not closed, and is still at it. `opened_by` is its id as `meta` has it."""
    return opened_by is not None and opened_by != os.getpid() and _is_alive(opened_by)


def _is_alive(pid: int) -> bool:
    """Whether a process that wrote and did not close is still at it. Not told on Windows, where asking would end it."""
    if os.name != "posix":
        return False
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
    return True
