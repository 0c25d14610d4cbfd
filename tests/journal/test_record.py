"""One act goes in whole or not at all, once, under the place that the log gives it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.domain import events as ev
from console.domain.events import Offered
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import View
from console.domain.stamp import FIRST_NUMBER
from console.domain.ticket import ruling
from console.journal.database import Database
from console.journal.errors import IdReuse, JournalError
from console.journal.states import States
from console.journal.store import Journal

from .facts import HOUR, MONDAY, allow, dump, fact, new_id, opened, received, sent, write


def judged(states: States, offers: Sequence[Offered]) -> str | None:
    return next((reason for o in offers if (reason := ruling(states.tickets[o.stream], o)) is not None), None)


def refuse(states: States, offers: Sequence[Offered]) -> str:
    return "Not today."


@pytest.mark.usefixtures("journal_mode")
def test_what_was_recorded_is_read_back_whole(journal: Journal) -> None:
    offers = [
        opened("a", product="CAS", extra={"odd": [1, None]}),
        received("a", "Hi"),
        sent("a", "Note", public=False),
    ]
    recorded = journal.record(offers, actor="Ana", now_ms=MONDAY + HOUR, decide=allow)
    assert list(recorded.entries) == journal.entries("ticket:a")
    first = recorded.entries[0]
    assert (first.seq, first.number, first.actor, first.scope, first.epoch) == (1, FIRST_NUMBER, "Ana", "desk", 1)
    assert (first.event, first.payload, first.hash) == (offers[0].event, offers[0].payload, offers[0].hash)
    assert first.recorded_at == MONDAY + HOUR
    assert journal.entry(first.id) == first
    assert journal.entry(new_id()) is None


def test_entries_carry_the_device_of_the_workspace_and_its_counter(journal: Journal) -> None:
    write(journal, opened("a"), received("a", "Hi"))
    write(journal, sent("a", "Hello"))
    assert [entry.dseq for entry in journal.entries("ticket:a")] == [1, 2, 3]
    assert {entry.device for entry in journal.entries("ticket:a")} == {journal.device}


def test_the_head_follows_the_last_entry(journal: Journal) -> None:
    write(journal, opened("a"), opened("b"), now_ms=MONDAY)
    last = journal.entries("ticket:b")[-1]
    head = journal.head()
    assert (head.seq, head.chain, head.next_number) == (2, last.chain, FIRST_NUMBER + 2)
    assert journal.check() == []


def test_recording_time_never_falls(journal: Journal) -> None:
    write(journal, opened("a"), now_ms=MONDAY)
    write(journal, sent("a", "Hello"), now_ms=MONDAY - HOUR)
    assert [entry.recorded_at for entry in journal.entries("ticket:a")] == [MONDAY, MONDAY]


def test_the_same_entries_again_are_answered_with_the_stored_ones(journal: Journal) -> None:
    offers = [opened("a"), received("a", "Hi")]
    first = journal.record(offers, actor="Ana", now_ms=MONDAY, decide=allow)
    again = journal.record(offers, actor="Ben", now_ms=MONDAY + HOUR, decide=refuse)
    assert again == first
    assert journal.head().seq == 2


def test_a_repeated_entry_beside_a_new_one_comes_back_in_the_order_offered(journal: Journal) -> None:
    known, new = opened("a"), received("a", "Hi")
    write(journal, known)
    recorded = journal.record([new, known, new], actor="Ana", now_ms=MONDAY, decide=allow)
    assert [entry.seq for entry in recorded.entries] == [2, 1, 2]


def test_a_known_id_with_other_content_is_an_error_and_changes_nothing(journal: Journal) -> None:
    known = opened("a")
    write(journal, known)
    other = msgspec.structs.replace(received("a", "Hi"), id=known.id)
    with pytest.raises(IdReuse, match="known already with other content"):
        journal.record([sent("a", "Hello"), other], actor="Ana", now_ms=MONDAY, decide=allow)
    assert journal.head().seq == 1


def test_a_refused_act_is_not_written_and_gives_its_reason(journal: Journal) -> None:
    write(journal, opened("a"), fact(ev.TicketAssigned(to="Ben"), "a"))
    taking = [sent("a", "Mine"), fact(ev.TicketAssigned(to="Ana"), "a", expect="unassigned")]
    recorded = journal.record(taking, actor="Ana", now_ms=MONDAY, decide=judged)
    assert recorded.entries == ()
    assert recorded.refused == "Not taken: Ben had it already."
    assert journal.head().seq == 2
    assert journal.check() == []


def test_the_decision_sees_every_touched_ticket_as_it_stands(journal: Journal) -> None:
    write(journal, opened("a", "First"))
    seen: dict[str, Any] = {}

    def decide(states: States, offers: Sequence[Offered]) -> None:
        seen.update(states.tickets)

    journal.record([sent("a", "Hello"), opened("b")], actor="Ana", now_ms=MONDAY, decide=decide)
    assert seen["ticket:a"].subject == "First"
    assert seen["ticket:b"] is None


def test_a_decision_that_fails_leaves_the_journal_as_it_was(journal: Journal) -> None:
    def decide(states: States, offers: Sequence[Offered]) -> str:
        raise LookupError("rules are lost")

    with pytest.raises(LookupError):
        journal.record([opened("a")], actor="Ana", now_ms=MONDAY, decide=decide)
    write(journal, opened("a"))
    assert journal.head().seq == 1


def test_streams_that_are_not_tickets_are_kept_and_shown_nowhere(journal: Journal) -> None:
    entry = msgspec.structs.replace(sent("a", "Shift"), stream="rota")
    write(journal, entry)
    assert [e.id for e in journal.entries("rota")] == [entry.id]
    assert journal.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 0


def test_an_event_of_a_newer_program_is_kept_byte_for_byte(journal: Journal, path: Path) -> None:
    raw = b'{"mood":"sunny"}'
    newer = fact(ev.UnknownEvent(name="ticket.mood_set", raw=raw), "a")
    write(journal, opened("a"), newer)
    kept = journal.entries("ticket:a")[1]
    assert kept.event == ev.UnknownEvent(name="ticket.mood_set", raw=raw)
    assert (kept.payload, kept.hash) == (raw, newer.hash)


class CommitRaises:
    """Stands before the real COMMIT of a database once: lets it happen or not, and then the disk fails."""

    def __init__(self, database: Database, *, happens: bool) -> None:
        self._database, self._happens = database, happens
        self._commit = database.commit
        database.commit = self  # type: ignore[method-assign, assignment]

    def __call__(self) -> None:
        self._database.commit = self._commit  # type: ignore[method-assign]
        if self._happens:
            self._commit()
        error = self._database.driver.module.OperationalError("disk I/O error")
        error.sqlite_errorcode = 10
        raise error


@pytest.mark.usefixtures("journal_mode")
def test_a_commit_that_raised_but_happened_is_told_as_recorded(journal: Journal) -> None:
    offer = opened("a")
    CommitRaises(journal._database, happens=True)
    recorded = journal.record([offer], actor="Ana", now_ms=MONDAY, decide=allow)
    assert [entry.id for entry in recorded.entries] == [offer.id]
    assert journal.check() == []


@pytest.mark.usefixtures("journal_mode")
def test_a_commit_that_raised_and_did_not_happen_is_told_as_an_error(journal: Journal) -> None:
    offer = opened("a")
    CommitRaises(journal._database, happens=False)
    with pytest.raises(JournalError, match="could not be read or written"):
        journal.record([offer], actor="Ana", now_ms=MONDAY, decide=allow)
    assert journal.head().seq == 0
    write(journal, offer)
    assert journal.head().seq == 1


def test_an_import_whose_commit_raised_but_happened_is_told_as_taken(journal: Journal) -> None:
    CommitRaises(journal._database, happens=True)
    assert journal.record_imported([[opened("a")], [opened("b")]], now_ms=MONDAY) == [["taken"], ["taken"]]


def test_a_ticket_beyond_the_calendars_stays_in_the_queue_without_a_clock(journal: Journal) -> None:
    beyond = 7_500_000_000_000  # in the year 2207
    write(journal, opened("a", at=beyond), opened("b"))
    row = journal.ticket_row("a")
    assert row is not None
    assert (row.is_open, row.due_at) == (True, None)
    assert journal.ticket_row("b").due_at is not None  # type: ignore[union-attr]


def test_the_version_rises_with_what_a_screen_could_show(
    journal: Journal, path: Path, history: GuidelinesHistory
) -> None:
    versions = [journal.data_version()]
    write(journal, opened("a"))
    versions.append(journal.data_version())
    with Journal.open(path, history=history, now_ms=MONDAY) as other:
        other.record_imported([[opened("b")]], now_ms=MONDAY)
    versions.append(journal.data_version())
    journal.rebuild(history)
    versions.append(journal.data_version())
    assert versions == sorted(set(versions))
    journal.save_draft("a", "reply", "Dear", now_ms=MONDAY)
    journal.record([], actor="Ana", now_ms=MONDAY, decide=allow)
    assert journal.data_version() == versions[-1]


def test_what_another_process_wrote_is_seen_at_once(journal: Journal, path: Path, history: GuidelinesHistory) -> None:
    assert journal.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 0
    with Journal.open(path, history=history, now_ms=MONDAY) as other:
        write(other, opened("a"))
        assert journal.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 1
        write(journal, opened("b"))
        assert other.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 2
    assert [row[1] for row in dump(path)["tickets"]] == ["a", "b"]
