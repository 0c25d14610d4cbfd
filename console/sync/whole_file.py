"""A small file of ours, as JSON, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import msgspec

from console.domain.errors import ConsoleError

T = TypeVar("T", bound=msgspec.Struct)


class WholeFileError(ConsoleError):
    """The file cannot be read or written."""


def load(path: Path, shape: type[T]) -> T | None:
    """None where there is none, or where it is not what this program writes: a shape of another version says nothing.
    Errors: WholeFileError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None
    except OSError as error:
        raise WholeFileError(f"{path} cannot be read: {error.strerror}.") from error


def save(path: Path, content: msgspec.Struct) -> None:
    """On the disk when this returns; the old content or the new one after a crash. Errors: WholeFileError."""
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(content), indent=2))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise WholeFileError(f"{path} cannot be written: {error.strerror}.") from error


def sync_folder(folder: Path) -> None:
    """Makes the renames in it durable, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
