"""A redaction in a workspace without a hub: the words leave the log and the file, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.domain import events as ev
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import View
from console.journal.store import Journal

from .facts import MONDAY, dump, fact, opened, received, write

SECRET = "correcthorsebatterystaple"
pytestmark = pytest.mark.usefixtures("journal_mode")


def holds(path: Path) -> bool:
    """Whether the words are in the database or in a file that SQLite keeps beside it."""
    return any(SECRET.encode() in each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def redacted(entry: ev.Offered, ticket: str = "a") -> ev.Offered:
    return fact(ev.EntryRedacted(entry=entry.id, reason="A password"), ticket)


def test_the_words_go_and_the_envelope_stays(journal: Journal, path: Path) -> None:
    secret = received("a", SECRET, sender="Dana", salt="x")
    write(journal, opened("a"), secret)
    before = journal.entry(secret.id)
    assert before is not None

    write(journal, redacted(secret))
    assert journal.sweep()

    after = journal.entry(secret.id)
    assert after is not None
    assert after.event == ev.MessageReceived(body="Redacted")
    assert (after.seq, after.hash, after.chain, after.at) == (before.seq, before.hash, before.chain, before.at)
    assert not holds(path)
    assert journal.check() == []


def test_read_models_are_those_of_the_words_that_are_left(
    journal: Journal, path: Path, history: GuidelinesHistory
) -> None:
    subject = opened("a", SECRET)
    write(journal, subject, received("a", "Hello"))
    write(journal, redacted(subject))
    assert (
        journal.rows([rowid for rowid, *_ in journal.order(View.ALL_OPEN, me="", now=MONDAY)])[0].subject == "Redacted"
    )
    written = dump(path)
    journal.rebuild(history)
    assert dump(path) == written


def test_a_redaction_takes_nothing_from_another_ticket(journal: Journal) -> None:
    message = received("a", SECRET)
    write(journal, opened("a"), opened("b"), message)
    write(journal, redacted(message, "b"))
    kept = journal.entry(message.id)
    assert kept is not None
    assert kept.event == message.event


def test_words_that_come_with_their_redaction_are_not_kept(journal: Journal, path: Path) -> None:
    subject, secret = opened("a", f"{SECRET} one"), received("a", f"{SECRET} two")
    journal.record_imported([[subject, secret, redacted(subject), redacted(secret)]], now_ms=MONDAY)
    row = journal.ticket_row("a")
    assert row is not None
    assert row.subject == "Redacted"
    assert journal.search(SECRET) == []
    assert journal.sweep()
    assert not holds(path)


def test_a_sweep_that_did_not_happen_is_made_at_the_next_start(path: Path, history: GuidelinesHistory) -> None:
    secret = received("a", SECRET)
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        write(journal, opened("a"), secret)
        write(journal, *(received("a", f"{number} " + "and on. " * 300) for number in range(50)))
        write(journal, redacted(secret))
        assert journal._database.is_sweep_due
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert not journal._database.is_sweep_due
        assert not holds(path)
