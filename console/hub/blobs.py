"""Attachments as files: one by its SHA-256, uploaded in pieces that can be resumed (spec sync.md 2, BLOB).

Touches its own folder only; who may have a blob is `log.HubLog`'s to say, and which are needed `uploads.Uploads`'s.
What a device has begun is its own: nobody learns by an upload whether somebody else holds the same file, and nobody can
spoil what another device has begun.
Several processes of one hub need the folder in common. Blocking: called in threads.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from console.domain.errors import ConsoleError

CHUNK_BYTES: Final = 4 * 1024 * 1024
"""The largest piece of an upload."""
MOST_BYTES: Final = 256 * 1024 * 1024
"""The largest file."""
MOST_BEGUN: Final = 50
"""Uploads that one device can have begun."""
ABANDONED_S: Final = 7 * 24 * 3600
"""After which an upload that nobody goes on with is swept away."""

_OWNER_ONLY: Final = 0o700


class BlobError(ConsoleError):
    """A piece that does not fit."""


class WrongOffset(BlobError):
    """The piece does not begin where the upload stands. `offset` is where that is, in bytes."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(f"The upload stands at byte {offset}; go on from there.")


class Blobs:
    """The files below `folder`: `whole/` by hash, `begun/` by device and hash, `uploaded/` marks of who sent what."""

    def __init__(self, folder: Path) -> None:
        self._whole = folder / "whole"
        self._begun = folder / "begun"
        self._uploaded = folder / "uploaded"
        self._appending = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
        for each in (self._whole, self._begun, self._uploaded):
            each.mkdir(exist_ok=True, mode=_OWNER_ONLY)

    def path(self, sha256: str) -> Path | None:
        """The file of a blob; None where the hub does not hold all of it."""
        path = self._whole / sha256[:2] / sha256
        return path if path.is_file() else None

    def was_sent_by(self, device: str, sha256: str) -> bool:
        """Whether the device sent all of it, or the last upload of it by that device came to its end."""
        return (self._uploaded / _name(device, sha256)).exists() and self.path(sha256) is not None

    def offset(self, device: str, sha256: str) -> int:
        """How many bytes of it the device has sent so far."""
        try:
            return (self._begun / _name(device, sha256)).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, device: str, sha256: str, piece: bytes, *, start: int, total: int) -> bool:
        """Adds a piece and says whether that was the last.

        Errors: WrongOffset; BlobError for a file that is not what its hash says, which has to be sent again.
        """
        begun = self._begun / _name(device, sha256)
        with self._appending:
            stands = self.offset(device, sha256)
            if start != stands:
                raise WrongOffset(stands)
            if start == 0 and self._begun_by(device) >= MOST_BEGUN:
                raise BlobError("Too many uploads were begun and not finished; finish one first.")
            with begun.open("ab") as file:
                file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if start + len(piece) < total:
                return False
            last = self._begun / f"{uuid.uuid4().hex}.whole"
            begun.rename(last)
        self._take(last, device, sha256)
        return True

    def sweep(self, now_s: float | None = None) -> int:
        """Removes uploads that were abandoned, and returns how many. `now_s` is epoch seconds."""
        before = (time.time() if now_s is None else now_s) - ABANDONED_S
        swept = 0
        for path in _files(self._begun):
            with contextlib.suppress(FileNotFoundError):  # another process was quicker
                if path.stat().st_mtime < before:
                    path.unlink()
                    swept += 1
        return swept

    def older_than(self, before_s: float) -> Iterator[str]:
        """The whole files that came before an instant, epoch seconds."""
        for home in _folders(self._whole):
            for path in _files(home):
                with contextlib.suppress(FileNotFoundError):  # another process was quicker
                    if path.stat().st_mtime < before_s:
                        yield path.name

    def remove(self, sha256: str) -> None:
        """A whole file that nobody needs any more. One that is not there is gone already."""
        (self._whole / sha256[:2] / sha256).unlink(missing_ok=True)

    def forget_senders(self) -> None:
        """Drops the marks of who sent a file, where the file is gone."""
        for mark in _files(self._uploaded):
            if self.path(mark.name.partition(".")[2]) is None:
                mark.unlink(missing_ok=True)

    def _take(self, last: Path, device: str, sha256: str) -> None:
        with last.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            last.unlink()
            raise BlobError("The file is not what its SHA-256 says; send it again from the start.")
        home = self._whole / sha256[:2]
        home.mkdir(exist_ok=True, mode=_OWNER_ONLY)
        last.replace(home / sha256)
        _sync_folder(home)
        (self._uploaded / _name(device, sha256)).touch()

    def _begun_by(self, device: str) -> int:
        start = f"{_safe(device)}."
        return sum(1 for path in _files(self._begun) if path.name.startswith(start))


def _name(device: str, sha256: str) -> str:
    return f"{_safe(device)}.{sha256}"


def _safe(device: str) -> str:
    """A device id as a part of a file's name."""
    return hashlib.sha256(device.encode()).hexdigest()[:32]


def _files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as found:
        yield from (Path(entry.path) for entry in found if entry.is_file())


def _folders(folder: Path) -> list[Path]:
    with os.scandir(folder) as found:
        return [Path(entry.path) for entry in found if entry.is_dir()]


def _sync_folder(folder: Path) -> None:
    """Makes a rename durable where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
