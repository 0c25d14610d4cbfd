"""A real database in a folder of its own, in both journal modes that a workstation may run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.domain.guidelines import GuidelinesHistory
from console.guidelines_files import shipped_history
from console.journal import opening
from console.journal.driver import choose_driver
from console.journal.store import Journal

from .facts import MONDAY


@pytest.fixture(scope="session")
def history() -> GuidelinesHistory:
    return shipped_history()


@pytest.fixture(params=["wal", "truncate"])
def journal_mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """WAL where the library is safe; TRUNCATE as on a machine where no safe library is found."""
    if request.param == "truncate":
        unsafe = choose_driver()._replace(wal_is_safe=False)
        monkeypatch.setattr(opening, "choose_driver", lambda: unsafe)
    elif not choose_driver().wal_is_safe:
        pytest.skip("no SQLite here is safe for WAL")
    return str(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "workspace" / "journal.db"


@pytest.fixture
def journal(path: Path, history: GuidelinesHistory) -> Iterator[Journal]:
    with Journal.open(path, history=history, now_ms=MONDAY) as opened:
        yield opened
