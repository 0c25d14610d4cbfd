"""A folder as a channel: mails leave as files in `out/`, reports of services come as files in `in/`.

For a trial, for scripts, and to hand over to a mail gateway. It touches its own folder only and never writes to the
log: `FileDrop.send` is the transport of `hub.delivery`, `FileDrop.bring` gives reports to whoever takes them. Blocking:
called in threads. Any number of hub processes may share the folder.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from console.channels.reports import MOST_REPORT_BYTES, AnyReport, ReportError, read_report
from console.channels.transport import Accepted, Answer, Refused, Unknown
from console.domain.errors import ConsoleError

OUT, IN, DONE, REJECTS, TOKEN = "out", "in", "done", "rejects", "token"
UNFINISHED_S: Final = 5.0
"""For so long a file that cannot be read may still be written by its author."""
_LOCAL_PART: Final = re.compile(r"<([A-Za-z0-9._-]{1,100})@[^<>\s]+>")
_OWNER_ONLY: Final = 0o700


class FileDrop:
    """The folder, with `out`, `in`, `done` and `rejects`; they are made where they are missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (OUT, IN, DONE, REJECTS):
            (folder / name).mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)

    def token(self) -> str | None:
        """The token of the service in whose name reports are taken, from the file `token`; without it none are."""
        try:
            return (self.folder / TOKEN).read_text().strip() or None
        except FileNotFoundError:
            return None

    def send(self, message_id: str, data: bytes) -> Answer:
        """Writes `out/ID.eml`, whole or not at all. The same message again is the same file."""
        named = _LOCAL_PART.fullmatch(message_id)
        if named is None:
            return Refused(reason="Its message id cannot be the name of a file.")
        path = self.folder / OUT / f"{named[1]}.eml"
        try:
            part = _written(path.parent, path.name, data)
        except OSError as error:
            return Refused(reason=f"The file could not be written: {error.strerror or 'the disk failed'}.")
        try:
            part.replace(path)
            _sync(path.parent)
        except OSError as error:
            return Unknown(reason=f"The file may not be there: {error.strerror or 'the disk failed'}.")
        return Accepted()

    def bring(self, take: Callable[[AnyReport], object]) -> int:
        """Gives each report in `in` to `take`, oldest name first, and returns how many files went away.

        What was taken goes to `done`; what cannot be read, or what `take` raises a ConsoleError about that is not for
        later, goes to `rejects` with its reason. `take` raises NotNow to leave a file where it is and to stop.
        """
        gone = 0
        for path in sorted((self.folder / IN).glob("*.json")):
            with contextlib.suppress(FileNotFoundError):  # another process was quicker
                gone += self._bring(path, take)
        return gone

    def _bring(self, path: Path, take: Callable[[AnyReport], object]) -> bool:
        try:
            take(_report_in(path))
        except NotNow:
            raise
        except ConsoleError as error:
            if isinstance(error, ReportError) and time.time() - path.stat().st_mtime < UNFINISHED_S:
                return False
            self._reject(path, error.sentence)
        else:
            path.replace(_free(self.folder / DONE / path.name))
        return True

    def _reject(self, path: Path, why: str) -> None:
        home = _free(self.folder / REJECTS / path.name)
        home.with_suffix(".why.txt").write_text(f"{why}\n", encoding="utf-8")
        path.replace(home)


class NotNow(ConsoleError):
    """The report cannot be taken at the moment; the same one may be later."""


def _report_in(path: Path) -> AnyReport:
    if path.is_symlink() or not path.is_file():
        raise ConsoleError("The report is not a file.")
    with path.open("rb") as file:
        return read_report(file.read(MOST_REPORT_BYTES + 1))


def _written(folder: Path, name: str, data: bytes) -> Path:
    """A file beside its place, on the disk; a half one is never seen under the name of a whole one."""
    part = folder / f".{name}.{os.getpid()}.part"
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    return part


def _free(path: Path) -> Path:
    """The path, or the first like it that nobody has: what was moved there before is kept."""
    found, count = path, 1
    while found.exists():
        count += 1
        found = path.with_stem(f"{path.stem}-{count}")
    return found


def _sync(folder: Path) -> None:
    """Makes a rename durable where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
