"""A full disk: a sentence, nothing half written, and the journal goes on reading and, with room again, writing."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import View
from console.journal.errors import JournalFull
from console.journal.store import Journal

from .facts import MONDAY, allow, dump, opened, received, story, write

PAGES = 60


def fill(journal: Journal) -> int:
    """Writes until there is no room, and returns how many entries went in."""
    write(journal, opened("a"))
    for count in range(1, 10_000):
        message = received("a", f"Message {count} " + "and more " * 60)
        try:
            journal.record([message], actor="Ana", now_ms=MONDAY, decide=allow)
        except JournalFull:
            break
    with pytest.raises(
        JournalFull,
        match=r"^There is no room left to write to .*; free some space and try again\. Nothing is half done\.$",
    ):
        journal.record([message], actor="Ana", now_ms=MONDAY, decide=allow)
    return count


@pytest.mark.usefixtures("journal_mode")
def test_a_full_disk_is_said_and_nothing_is_half_written(path: Path, history: GuidelinesHistory) -> None:
    with Journal.open(path, history=history, now_ms=MONDAY, max_pages=PAGES) as journal:
        taken = fill(journal)
        assert journal.head().seq == taken
        assert len(journal.entries("ticket:a")) == taken
        assert journal.order(View.ALL_OPEN, me="Ana", now=MONDAY)[0].tolist() == [1]
        assert [hit.ticket for hit in journal.search(f"message {taken - 1}")] == ["a"]
        assert journal.search(f"message {taken} ") == []
        assert journal.check() == []
        with pytest.raises(JournalFull):
            journal.save_draft("a", "reply", "x" * 100_000, now_ms=MONDAY)


@pytest.mark.usefixtures("journal_mode")
def test_with_room_again_the_same_act_goes_in(path: Path, history: GuidelinesHistory) -> None:
    with Journal.open(path, history=history, now_ms=MONDAY, max_pages=PAGES) as journal:
        taken = fill(journal)
    late = received("a", "and more " * 60)
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert journal.notices == []
        assert journal.record([late], actor="Ana", now_ms=MONDAY, decide=allow).entries[0].seq == taken + 1
        assert journal.check() == []


def test_an_import_that_does_not_fit_is_not_begun(path: Path, history: GuidelinesHistory) -> None:
    with Journal.open(path, history=history, now_ms=MONDAY, max_pages=PAGES) as journal:
        write(journal, *story(1, tickets=3, length=3))
        before = dump(path), journal.head()
        with pytest.raises(JournalFull):
            journal.record_imported([story(2, tickets=200, length=2)], now_ms=MONDAY)
        assert (dump(path), journal.head()) == before


@pytest.mark.usefixtures("journal_mode")
def test_a_disk_without_room_for_a_fresh_journal_is_said(path: Path, history: GuidelinesHistory) -> None:
    with pytest.raises(JournalFull):
        Journal.open(path, history=history, now_ms=MONDAY, max_pages=4)
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert journal.notices == []
