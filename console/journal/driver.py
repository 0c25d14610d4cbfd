"""Which SQLite serves: the first driver whose library is safe to share a WAL file.

Source: spec sync.md 3. Loads a driver and nothing else, so that a first look costs no SQLAlchemy. Called by `opening`
and `first_look`.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import NamedTuple

from console.journal.errors import JournalError


class Driver(NamedTuple):
    """A DBAPI module for SQLite. `wal_is_safe` is false for libraries with the WAL-reset bug."""

    module: ModuleType
    version: tuple[int, ...]
    wal_is_safe: bool


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether two connections may share a WAL file: fixed in 3.51.3, and in 3.50.7 and 3.44.6 of older lines."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def choose_driver(names: tuple[str, ...] = ("sqlite3", "pysqlite3.dbapi2")) -> Driver:
    """The first driver whose SQLite is safe, else the first there is: its journal then runs without WAL."""
    found: list[Driver] = []
    for name in names:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        version = tuple(module.sqlite_version_info)
        driver = Driver(module, version, wal_is_safe(version))
        if driver.wal_is_safe:
            return driver
        found.append(driver)
    if not found:
        raise JournalError("This Python has no SQLite; install the package pysqlite3 or another Python.")
    return found[0]
