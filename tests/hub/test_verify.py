"""Whoever tampers with the database is found."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from console.domain import events as ev
from console.hub.log import HubLog
from console.hub.people import People
from console.hub.verify import verify

from .facts import Workstation, new_id, opened, sent

FILE = ev.Attachment(name="a.png", size=1, sha256="ab" * 32)


@pytest.fixture
def story(log: HubLog, people: People) -> Workstation:
    """Seven entries: opening, message with a file, taken, not taken, a second ticket, a secret and its redaction."""
    lea, ben, ticket = Workstation(log, people, "Lea", "lead"), Workstation(log, people, "Ben"), new_id()
    lea.push(lea.write(opened(), ticket), lea.write(ev.MessageReceived(body="hello", attachments=(FILE,)), ticket))
    lea.say(ev.TicketAssigned(to="Lea"), ticket, expect="unassigned")
    ben.say(ev.TicketAssigned(to="Ben"), ticket, expect="unassigned")
    ben.push(ben.write(opened("another"), new_id()))
    secret = lea.say(sent("secret"), ticket)
    lea.say(ev.EntryRedacted(entry=secret.id), ticket)
    lea.push(lea.write(opened(restricted="legal")))  # refused
    return lea


def test_a_whole_log_has_no_problems(story: Workstation, url: str) -> None:
    assert verify(url) == ()


def test_an_empty_log_has_no_problems(url: str) -> None:
    assert verify(url) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("""UPDATE entries SET payload = '{"body":"forged"}' WHERE seq = 2""", "Entry 2 does not hold what its author"),
        ("UPDATE entries SET at = at + 1 WHERE seq = 2", "Entry 2 does not hold what its author"),
        ("DELETE FROM entries WHERE seq = 3", "Between the entries 2 and 4 the log has a hole."),
        ("DELETE FROM entries WHERE seq = 1", "Between the entries 0 and 2 the log has a hole."),
        ("DELETE FROM entries WHERE seq = 7", "The head is at 7, and does not follow from the last entry, 6."),
        ("UPDATE entries SET effect = 'applied' WHERE seq = 4", "The chain breaks at the entry 4"),
        ("UPDATE entries SET actor = 'Ben' WHERE seq = 3", "The chain breaks at the entry 3"),
        ("UPDATE entries SET scope = 'accounts' WHERE seq = 2", "The chain breaks at the entry 2"),
        ("UPDATE entries SET recorded_at = recorded_at - 1 WHERE seq = 5", "Entry 5 is recorded before"),
        ("UPDATE entries SET chain = hash WHERE seq = 5", "The chain breaks at the entry 5"),
        ("UPDATE entries SET hash = chain WHERE seq = 5", "The chain breaks at the entry 5"),
        ("UPDATE entries SET counts_at = 0 WHERE seq = 2", "Entry 2 counts at 0 and not at 1760356800000."),
        ("UPDATE entries SET number = 7 WHERE seq = 5", "Entry 5 has the ticket number 7 and not 10002."),
        ("UPDATE entries SET epoch = 5 WHERE seq = 5", "Entry 5 is of the epoch 5, which this log never had."),
        ("UPDATE entries SET dseq = 1 WHERE seq = 3", "Entry 3 comes after a later one of its device"),
        (
            """UPDATE entries SET payload = '{"body":"secret","public":true}' WHERE seq = 6""",
            "Entry 6 was redacted and holds text.",
        ),
        ("UPDATE head SET next_number = 1", "The head is at 7, and does not follow"),
        ("UPDATE head SET chain = ''", "The head is at 7, and does not follow"),
        ("UPDATE streams SET scope = 'desk ' WHERE number = 10001", "The row of the stream ticket:"),
        ("UPDATE streams SET opened_at = 0 WHERE number = 10001", "The row of the stream ticket:"),
        ("UPDATE streams SET last_seq = 6 WHERE number = 10001", "The row of the stream ticket:"),
        ("DELETE FROM streams WHERE number = 10002", "The row of the stream ticket:"),
        ("INSERT INTO streams VALUES ('ticket:x', 'desk', 1, 1, 1)", "The row of the stream ticket:x"),
        ("UPDATE search SET words = 'other' WHERE seq = 2", "The search index does not hold the words of the entry 2."),
        ("DELETE FROM search WHERE seq = 5", "The search index does not hold the words of the entry 5."),
        ("INSERT INTO search VALUES (6, 'x', 'secret')", "The search index does not hold the words of the entry 6."),
        ("INSERT INTO search VALUES (99, 'x', 'secret')", "There are words, attachments or slots of an entry 99"),
        ("DELETE FROM attachments", "The list of attachments is not that of the entry 2."),
        ("UPDATE attachments SET scope = 'accounts'", "The list of attachments is not that of the entry 2."),
        ("UPDATE devices SET last_dseq = 1 WHERE last_dseq > 1", "The device "),
        ("UPDATE refused SET id = (SELECT id FROM entries WHERE seq = 1)", "was recorded and refused."),
    ],
)
def test_what_was_changed_is_found(story: Workstation, owner: Engine, url: str, change: str, said: str) -> None:
    with owner.begin() as connection:
        assert connection.execute(text(change.replace(":", r"\:"))).rowcount > 0
    problems = verify(url)
    assert any(said in problem for problem in problems), problems


def test_a_thousand_problems_are_told_as_a_hundred(story: Workstation, owner: Engine, url: str) -> None:
    with owner.begin() as connection:
        connection.execute(text("INSERT INTO streams SELECT 'x' || n, 'desk', 1, 1, 1 FROM generate_series(1, 1000) n"))
    problems = verify(url)
    assert len(problems) == 101
    assert problems[-1] == "And 900 more."
