"""A half-written text is kept until it is sent or thrown away."""

from __future__ import annotations

from pathlib import Path

from console.domain.guidelines import GuidelinesHistory
from console.journal.store import Journal

from .facts import MONDAY, opened, write


def test_a_draft_is_there_at_the_next_opening(path: Path, history: GuidelinesHistory) -> None:
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        journal.save_draft("a", "reply", "Dear Zoë,\n\n", now_ms=MONDAY)
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert journal.load_drafts("a") == {"reply": "Dear Zoë,\n\n"}


def test_reply_and_note_are_two_drafts_and_the_last_text_counts(journal: Journal) -> None:
    journal.save_draft("a", "reply", "De", now_ms=MONDAY)
    journal.save_draft("a", "note", "Ask Ben", now_ms=MONDAY)
    journal.save_draft("a", "reply", "Dear", now_ms=MONDAY)
    assert journal.load_drafts("a") == {"reply": "Dear", "note": "Ask Ben"}
    assert journal.load_drafts("b") == {}


def test_discarding_takes_one_draft_away(journal: Journal) -> None:
    for mode in ("reply", "note"):
        journal.save_draft("a", mode, "Dear", now_ms=MONDAY)
    journal.save_draft("b", "note", "Later", now_ms=MONDAY)
    journal.discard_draft("a", "reply")
    assert journal.load_drafts("a") == {"note": "Dear"}
    assert journal.draft_tickets() == {"a", "b"}


def test_an_empty_text_is_no_draft(journal: Journal) -> None:
    journal.save_draft("a", "reply", "Dear", now_ms=MONDAY)
    journal.save_draft("a", "reply", "", now_ms=MONDAY)
    assert journal.draft_tickets() == set()


def test_a_rebuild_leaves_drafts_alone(journal: Journal) -> None:
    write(journal, opened("a"))
    journal.save_draft("a", "reply", "Dear", now_ms=MONDAY)
    journal.rebuild(journal.history)
    assert journal.load_drafts("a") == {"reply": "Dear"}
