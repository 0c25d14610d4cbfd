"""Everything that SQLite writes to some files, in order, and the disks that a crash could have left in between.

`recorded` puts itself between the program's own SQLite and its operating system layer (the VFS), by the C functions
that the library exports; nothing of the program is changed. `images` then replays what was written up to each step: as
a killed process leaves it (all that was written is there), and as a power cut may (of what was not synced yet, any part
is). Syncs of folders are taken as done: the file systems that this runs on order them.
"""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from console.journal.driver import Driver

SECTOR: Final = 512
Disk = dict[str, bytes]
"""File names and contents."""
How = Literal["kill", "power cut", "everything unsynced lost"]


class Op(msgspec.Struct, frozen=True):
    """One step: `data` at `at`, a new size `at`, a sync, or the end of a file."""

    kind: Literal["write", "truncate", "sync", "delete"]
    file: str
    at: int = 0
    data: bytes = b""


class Image(msgspec.Struct, frozen=True):
    """A disk after the first `step` steps; `how` it came to that."""

    step: int
    how: How
    disk: Disk


# What a crash leaves --------------------------------------------------------------------------------------------------


def images(before: Disk, ops: list[Op], dice: random.Random) -> Iterator[Image]:
    """A kill after each step, from none to all, and power cuts: seeded ones, and those that lose all they can. A disk
    that is as the one before of its kind is left out, but for the last."""
    last: dict[str, Disk] = {}
    ways: tuple[tuple[How, Callable[[Op], list[Op]]], ...] = (
        ("kill", lambda op: [op]),
        ("power cut", lambda op: _some_of(op, dice)),
        ("everything unsynced lost", lambda _: []),
    )
    for step in range(len(ops) + 1):
        for how, unsynced in ways:
            disk = _replayed(before, ops[:step], unsynced)
            if disk != last.get(how) or step == len(ops):
                yield Image(step, how, disk)
            last[how] = disk


def _replayed(before: Disk, done: list[Op], unsynced: Callable[[Op], list[Op]]) -> Disk:
    synced = {op.file: number for number, op in enumerate(done) if op.kind == "sync"}
    disk = {name: bytearray(content) for name, content in before.items()}
    for number, op in enumerate(done):
        kept = [op] if number < synced.get(op.file, -1) or op.kind in ("sync", "delete") else unsynced(op)
        for part in kept:
            _apply(disk, part)
    return {name: bytes(content) for name, content in disk.items()}


def _some_of(op: Op, dice: random.Random) -> list[Op]:
    """All, nothing, or some sectors of a step."""
    fate = dice.random()
    if fate < 0.3 or op.kind != "write":
        return [op]
    if fate < 0.6:
        return []
    kept = (start for start in range(0, len(op.data), SECTOR) if dice.random() < 0.5)
    return [Op("write", op.file, op.at + start, op.data[start : start + SECTOR]) for start in kept]


def _apply(disk: dict[str, bytearray], op: Op) -> None:
    match op.kind:
        case "write":
            content = disk.setdefault(op.file, bytearray())
            content.extend(bytes(max(0, op.at + len(op.data) - len(content))))
            content[op.at : op.at + len(op.data)] = op.data
        case "truncate":
            content = disk.setdefault(op.file, bytearray())
            del content[op.at :]
            content.extend(bytes(op.at - len(content)))
        case "delete":
            disk.pop(op.file, None)
        case "sync":
            pass


def disk_of(database: Path) -> Disk:
    """A database file and the log beside it. Its shared memory is left out: whoever opens it next makes it anew."""
    files = (database, *(database.with_name(database.name + suffix) for suffix in ("-wal", "-journal")))
    return {file.name: file.read_bytes() for file in files if file.exists()}


def put(disk: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir()
    for name, content in disk.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)


# SQLite's layer to the operating system -------------------------------------------------------------------------------

# Names are addresses here: SQLite keeps the one that it passes, so it must not become a copy.
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(Structure):
    """The beginning of `sqlite3_vfs`."""

    _fields_ = [
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("delete", c_void_p),
    ]


class _Methods(Structure):
    """`sqlite3_io_methods` of version 3."""

    _fields_ = [
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("others", c_void_p * 13),
    ]


class _File(Structure):
    """The beginning of `sqlite3_file`."""

    _fields_ = [("methods", POINTER(_Methods))]


@contextmanager
def recorded(driver: Driver, folder: Path) -> Iterator[list[Op]]:
    """The steps that this process takes on files of a folder which it opens inside the block. The list grows; it may be
    cleared. One at a time."""
    library = ctypes.CDLL(_library_of(driver))
    library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    vfs = library.sqlite3_vfs_find(None).contents
    recorder = _Recorder(vfs, folder)
    vfs.open, vfs.delete = recorder.pointers
    try:
        yield recorder.ops
    finally:
        vfs.open, vfs.delete = recorder.originals
        _KEPT.append(recorder)


_KEPT: Final[list[object]] = []
"""Files that are still open go on calling their recorder."""


def _library_of(driver: Driver) -> str:
    native: Any = __import__("_sqlite3") if driver.module.__name__ == "sqlite3" else None
    if native is None:
        from pysqlite3 import _sqlite3 as native
    return str(native.__file__)


class _Recorder:
    def __init__(self, vfs: _Vfs, folder: Path) -> None:
        self.ops: list[Op] = []
        self._folder = str(folder)
        self._names: dict[int, str] = {}
        self._methods: dict[int, _Methods] = {}
        self._held: list[object] = []
        self.originals = (vfs.open, vfs.delete)
        self._open, self._delete = _OPEN(vfs.open), _DELETE(vfs.delete)
        wrapped = _OPEN(self._opened), _DELETE(self._deleted)
        self._held += wrapped
        self.pointers = tuple(ctypes.cast(function, c_void_p).value for function in wrapped)

    def _opened(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        done: int = self._open(vfs, name, file, flags, out)
        path = ctypes.string_at(name).decode() if name else ""
        if not done and path.startswith(self._folder):
            self._names[file] = Path(path).name
            opened = _File.from_address(file)
            opened.methods = ctypes.pointer(self._watched(opened.methods))
        return done

    def _deleted(self, vfs: int, name: int, sync: int) -> int:
        path = ctypes.string_at(name).decode()
        done: int = self._delete(vfs, name, sync)
        if not done and path.startswith(self._folder):
            self.ops.append(Op("delete", Path(path).name))
        return done

    def _watched(self, methods: Any) -> _Methods:
        """A copy of a file's methods that tells what it does."""
        at = ctypes.addressof(methods.contents)
        if at in self._methods:
            return self._methods[at]
        copy = _Methods.from_buffer_copy(methods.contents)
        write, truncate, sync = _WRITE(copy.write), _TRUNCATE(copy.truncate), _SYNC(copy.sync)

        def written(file: int, data: int, size: int, offset: int) -> int:
            self.ops.append(Op("write", self._names[file], offset, ctypes.string_at(data, size)))
            return int(write(file, data, size, offset))

        def truncated(file: int, size: int) -> int:
            self.ops.append(Op("truncate", self._names[file], size))
            return int(truncate(file, size))

        def synced(file: int, flags: int) -> int:
            self.ops.append(Op("sync", self._names[file]))
            return int(sync(file, flags))

        functions = _WRITE(written), _TRUNCATE(truncated), _SYNC(synced)
        self._held += functions
        copy.write, copy.truncate, copy.sync = (ctypes.cast(function, c_void_p).value for function in functions)
        self._methods[at] = copy
        return copy
