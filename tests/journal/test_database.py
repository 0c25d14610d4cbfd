"""The file is opened so that it survives: driver, journal mode, pragmas, modes, transactions."""

from __future__ import annotations

import importlib
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from console.domain.guidelines import GuidelinesHistory
from console.journal.driver import choose_driver, wal_is_safe
from console.journal.errors import JournalError
from console.journal.store import Journal

from .facts import MONDAY, opened, write


@pytest.mark.parametrize("version", [(3, 44, 6), (3, 44, 9), (3, 50, 7), (3, 51, 3), (3, 52, 0), (4, 0, 0)])
def test_fixed_sqlite_versions_are_safe_for_wal(version: tuple[int, ...]) -> None:
    assert wal_is_safe(version)


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 0), (3, 51, 2)])
def test_versions_with_the_reset_bug_are_not_safe_for_wal(version: tuple[int, ...]) -> None:
    assert not wal_is_safe(version)


def module_of(name: str, version: tuple[int, ...]) -> ModuleType:
    module = ModuleType(name)
    module.sqlite_version_info = version  # type: ignore[attr-defined]
    return module


def test_pythons_own_sqlite_is_kept_where_it_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, version in (("own", (3, 51, 3)), ("other", (3, 53, 0))):
        monkeypatch.setitem(sys.modules, name, module_of(name, version))
    assert choose_driver(("own", "other")).module.__name__ == "own"


def test_another_driver_is_taken_where_pythons_own_has_the_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, version in (("own", (3, 40, 1)), ("other", (3, 53, 0))):
        monkeypatch.setitem(sys.modules, name, module_of(name, version))
    assert choose_driver(("own", "other")).module.__name__ == "other"


def test_without_a_safe_library_the_first_runs_without_wal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "own", module_of("own", (3, 40, 1)))
    driver = choose_driver(("own", "not_installed_anywhere"))
    assert driver.module.__name__ == "own"
    assert not driver.wal_is_safe


def test_a_python_without_sqlite_is_said_in_a_sentence() -> None:
    with pytest.raises(JournalError, match="install the package pysqlite3"):
        choose_driver(("not_installed_anywhere",))


def test_the_safe_library_is_really_used(journal: Journal) -> None:
    driver = choose_driver()
    with journal._database.read() as connection:
        version = str(connection.exec_driver_sql("SELECT sqlite_version()").scalar())
    assert version == ".".join(map(str, driver.version))
    assert driver.module is importlib.import_module(driver.module.__name__)


def test_every_connection_is_durable_and_checks_foreign_keys(
    path: Path, history: GuidelinesHistory, journal_mode: str
) -> None:
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        for connection in (journal._database.writer, journal._database.reader):
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
            connection.rollback()
            assert found == {"journal_mode": journal_mode, "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_the_reading_connection_cannot_write(journal: Journal) -> None:
    with pytest.raises(JournalError, match="cannot be written"), journal._database.read() as connection:
        connection.exec_driver_sql("DELETE FROM entries")


def test_a_writer_holds_the_lock_from_its_first_moment(
    path: Path, history: GuidelinesHistory, journal: Journal
) -> None:
    with (
        Journal.open(path, history=history, now_ms=MONDAY, busy_ms=20) as other,
        journal._database.write(),
        pytest.raises(JournalError, match="in use by another process"),
    ):
        write(other, opened("a"))


def test_a_mistake_of_the_program_is_not_dressed_up_as_a_sentence(journal: Journal) -> None:
    with pytest.raises(Exception, match="no such table") as caught, journal._database.read() as connection:
        connection.exec_driver_sql("SELECT * FROM no_such")
    assert not isinstance(caught.value, JournalError)


@pytest.mark.skipif(os.name != "posix", reason="modes are a POSIX matter")
def test_only_the_owner_can_read_the_file_and_what_lies_beside_it(path: Path, journal: Journal) -> None:
    write(journal, opened("a"))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    beside = sorted(path.parent.iterdir())
    assert len(beside) > 1
    assert {stat.S_IMODE(file.stat().st_mode) for file in beside} == {0o600}


@pytest.mark.skipif(os.name != "posix", reason="modes are a POSIX matter")
def test_a_file_that_others_could_read_is_closed_to_them(path: Path, history: GuidelinesHistory) -> None:
    Journal.open(path, history=history, now_ms=MONDAY).close()
    path.chmod(0o644)
    Journal.open(path, history=history, now_ms=MONDAY).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_importing_the_errors_costs_no_database_library() -> None:
    code = "import sys, console.journal.errors; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
