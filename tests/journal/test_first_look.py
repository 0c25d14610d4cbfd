"""The look before the opening: the same answers as the open journal's, or none at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import View
from console.journal.driver import choose_driver
from console.journal.file_marks import suspect_mark
from console.journal.first_look import Looked, look
from console.journal.store import Journal

from .facts import HOUR, MONDAY, story, write

NOW = MONDAY + 438 * HOUR
"""A moment at which every view holds some of the stories."""
ME = "Ana"
FIRST = 7


def look_at(path: Path, history: GuidelinesHistory, view: View = View.ALL_OPEN) -> Looked | None:
    return look(path, view, guidelines=history.digest, me=ME, now=NOW, first=FIRST)


@pytest.fixture
def filled(path: Path, history: GuidelinesHistory, journal_mode: str) -> Path:
    """A closed journal with thirty stories and two drafts."""
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        write(journal, *story(3, tickets=30), now_ms=NOW)
        for ticket in ("3-1", "3-4"):
            journal.save_draft(ticket, "reply", "Half a sentence", now_ms=NOW)
    return path


@pytest.mark.parametrize("view", View)
def test_a_look_answers_as_the_open_journal_does(view: View, filled: Path, history: GuidelinesHistory) -> None:
    looked = look_at(filled, history, view)
    with Journal.open(filled, history=history, now_ms=NOW) as journal:
        order = journal.order(view, me=ME, now=NOW)
        assert looked == Looked(
            order=order,
            rows=journal.rows(order[0][:FIRST]),
            counts=journal.counts(me=ME, now=NOW),
            mine=journal.order(View.MINE, me=ME, now=NOW),
            drafted=frozenset(journal.draft_tickets()),
            version=journal.data_version(),
            pristine=False,
        )
    assert len(order[0]) > 0
    assert looked.drafted == {"3-1", "3-4"}


def test_a_journal_that_another_process_writes_to_is_looked_at(filled: Path, history: GuidelinesHistory) -> None:
    with Journal.open(filled, history=history, now_ms=NOW) as journal:
        write(journal, *story(4, tickets=2), now_ms=NOW)
        _say(filled, f"UPDATE meta SET opened_by = {os.getppid()}")
        looked = look_at(filled, history)
        assert looked is not None
        assert looked.order == journal.order(View.ALL_OPEN, me=ME, now=NOW)


def test_a_journal_without_a_ticket_is_pristine(path: Path, history: GuidelinesHistory) -> None:
    Journal.open(path, history=history, now_ms=MONDAY).close()
    looked = look_at(path, history)
    assert looked is not None
    assert looked.pristine
    assert looked.rows == []


def test_a_look_changes_no_byte(filled: Path, history: GuidelinesHistory) -> None:
    before = filled.read_bytes()
    assert look_at(filled, history) is not None
    assert filled.read_bytes() == before


def _say(path: Path, statement: str) -> None:
    with closing(choose_driver().module.connect(str(path), isolation_level=None)) as database:
        database.execute(statement)


def _cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


DOUBTS: dict[str, Callable[[Path], object]] = {
    "there is no file": Path.unlink,
    "the file is empty": lambda path: path.write_bytes(b""),
    "it is no database": lambda path: path.write_bytes(b"Dear all, " * 500),
    "half of it is gone": _cut,
    "it is another program's": lambda path: _say(path, "PRAGMA application_id = 7"),
    "it was made by a newer version": lambda path: _say(path, "UPDATE alembic_version SET version_num = '9999'"),
    "it has no revision": lambda path: _say(path, "DROP TABLE alembic_version"),
    "it has no head": lambda path: _say(path, "DELETE FROM meta"),
    "a table is missing": lambda path: _say(path, "DROP TABLE drafts"),
    "its queue was made with other guidelines": lambda path: _say(path, "UPDATE meta SET guidelines = 'others'"),
    "its last writer died": lambda path: _say(path, "UPDATE meta SET opened_by = 999999999"),
    "damage was met in it": lambda path: suspect_mark(path).touch(),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_in_doubt_there_is_no_look(doubt: str, filled: Path, history: GuidelinesHistory) -> None:
    assert look_at(filled, history) is not None
    DOUBTS[doubt](filled)
    assert look_at(filled, history) is None


def test_a_locked_file_is_not_waited_for(filled: Path, history: GuidelinesHistory) -> None:
    with closing(choose_driver().module.connect(str(filled), isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        assert look_at(filled, history) is None


def test_a_look_loads_no_sqlalchemy() -> None:
    asked = "import console.desk.first_look, console.journal.first_look, sys; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
