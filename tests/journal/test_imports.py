"""Imported entries are taken in bulk, once, unjudged, and count at their source's instant."""

from __future__ import annotations

from pathlib import Path

from console.domain import events as ev
from console.domain.events import Offered, imported_id, offer
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import View
from console.journal.store import Journal

from .facts import HOUR, MONDAY, dump, fact, opened, received, story, write


def imported(written: Offered, *source: str) -> Offered:
    """The same fact under the id that an import derives from its source."""
    return offer(
        written.event, id=imported_id("test", *source), stream=written.stream, at=written.at, device="", dseq=0
    )


def tickets(count: int) -> list[list[Offered]]:
    return [
        [imported(opened(f"t{n}"), f"t{n}", "1"), imported(received(f"t{n}", "Hi", at=MONDAY + HOUR), f"t{n}", "2")]
        for n in range(count)
    ]


def test_every_entry_of_a_fresh_import_is_taken(journal: Journal) -> None:
    assert journal.record_imported(tickets(3), now_ms=MONDAY) == [["taken", "taken"]] * 3
    assert journal.counts(me="Ana", now=MONDAY)[View.ALL_OPEN] == 3
    assert {entry.actor for entry in journal.entries("ticket:t0")} == {"import"}
    assert journal.check() == []


def test_an_import_repeated_changes_nothing(journal: Journal, path: Path) -> None:
    journal.record_imported(tickets(3), now_ms=MONDAY)
    before = dump(path), journal.head()
    assert journal.record_imported(tickets(3), now_ms=MONDAY + HOUR) == [["repeated", "repeated"]] * 3
    assert (dump(path), journal.head()) == before


def test_a_known_id_with_other_content_is_a_conflict_and_left_out(journal: Journal) -> None:
    journal.record_imported(tickets(1), now_ms=MONDAY)
    changed = imported(received("t0", "Something else", at=MONDAY + HOUR), "t0", "2")
    added = imported(received("t0", "More", at=MONDAY + 2 * HOUR), "t0", "3")
    assert journal.record_imported([[changed, added]], now_ms=MONDAY) == [["conflict", "taken"]]
    bodies = [e.event.body for e in journal.entries("ticket:t0")[1:]]  # type: ignore[attr-defined]
    assert bodies == ["Hi", "More"]


def test_the_first_of_two_in_one_batch_wins(journal: Journal) -> None:
    first, other = tickets(1)[0], imported(received("t0", "Other"), "t0", "2")
    assert journal.record_imported([first, [first[0], other]], now_ms=MONDAY) == [
        ["taken", "taken"],
        ["repeated", "conflict"],
    ]


def test_a_ticket_that_comes_in_two_batches_is_one_ticket(journal: Journal) -> None:
    first, second = tickets(1)[0]
    journal.record_imported([[first]], now_ms=MONDAY)
    journal.record_imported([[second]], now_ms=MONDAY)
    row = journal.ticket_row("t0")
    assert row is not None
    assert row.updated_at == MONDAY + HOUR
    assert journal.rowid("t0") == 1


def test_imported_entries_count_at_the_sources_instant_but_not_before_the_creation(journal: Journal) -> None:
    early = imported(received("a", "Early", at=MONDAY - HOUR), "a", "2")
    late = imported(received("a", "Later", at=MONDAY - HOUR), "a", "3")
    journal.record_imported([[imported(opened("a"), "a", "1"), early]], now_ms=MONDAY + 9 * HOUR)
    journal.record_imported([[late]], now_ms=MONDAY + 9 * HOUR)
    assert [entry.counts_at for entry in journal.entries("ticket:a")] == [MONDAY, MONDAY, MONDAY]


def test_imported_entries_are_not_judged(journal: Journal) -> None:
    solved_twice = [opened("a"), fact(ev.TicketSolved(), "a"), fact(ev.TicketSolved(), "a")]
    batch = [[imported(each, "a", str(place)) for place, each in enumerate(solved_twice)]]
    assert journal.record_imported(batch, now_ms=MONDAY) == [["taken"] * 3]


def test_importing_and_recording_give_the_same_read_models(tmp_path: Path, history: GuidelinesHistory) -> None:
    log = story(seed=5)
    one_by_one, in_bulk = tmp_path / "one.db", tmp_path / "bulk.db"
    with Journal.open(one_by_one, history=history, now_ms=MONDAY) as journal:
        for each in log:
            write(journal, each, now_ms=each.at)
    with Journal.open(in_bulk, history=history, now_ms=MONDAY) as journal:
        journal.record_imported([[each] for each in log[:40]], now_ms=log[40].at)
        journal.record_imported([[each] for each in log[40:]], now_ms=log[-1].at)
    rows, bulk = dump(one_by_one), dump(in_bulk)
    assert {row[1:] for row in rows["tickets"]} == {row[1:] for row in bulk["tickets"]}
    assert sorted(row[1:] for row in rows["search"]) == sorted(row[1:] for row in bulk["search"])
