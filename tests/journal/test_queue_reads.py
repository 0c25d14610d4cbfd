"""What the queue asks: orders, rows and counts equal to the pure functions of the domain, read from one index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from console.domain import events as ev
from console.domain.queue import QueueRow, View, order_key
from console.journal import queue_sql
from console.journal.store import Journal

from .facts import HOUR, MINUTE, MONDAY, fact, opened, sent, story, write

NOW = MONDAY + 60 * HOUR
ME = "Ana"

MEANINGS: dict[View, Callable[[QueueRow], bool]] = {
    View.MINE: lambda row: row.assignee == ME,
    View.UNASSIGNED: lambda row: row.assignee is None,
    View.BREACHED: lambda row: row.due_at is not None and row.due_at < NOW,
    View.DUE_SOON: lambda row: row.due_at is not None and NOW <= row.due_at <= NOW + HOUR,
    View.WAITING: lambda row: row.status == "pending",
    View.TO_ASSESS: lambda row: not row.assessed,
    View.ALL_OPEN: lambda row: row.is_open,
}


@pytest.fixture
def full(journal: Journal) -> Journal:
    """Tickets in every state, some of them due within the hour, and ties in each place of the order."""
    for seed in range(5):
        write(journal, *story(seed, tickets=30, length=5))
    write(journal, *(opened(f"tie-{n % 7}-{n}", impact=ev.IMPACTS[n % 3], at=MONDAY + n % 2) for n in range(20)))
    for n in range(12):
        pending = fact(ev.StatusSet(status="pending"), f"paused-{n}", at=MONDAY + 2 * HOUR)
        reply = sent(f"paused-{n}", "Please try this", at=MONDAY + HOUR)
        write(journal, opened(f"paused-{n}", impact="low", at=MONDAY + n % 3), reply, pending)
    write(journal, *(opened(f"soon-{n}", impact="urgent", at=NOW - n * 7 * MINUTE) for n in range(-5, 40)))
    return journal


def all_rows(journal: Journal) -> list[QueueRow]:
    streams = [stream.removeprefix("ticket:") for stream, _ in journal.all_streams()]
    rows = [journal.ticket_row(ticket) for ticket in streams]
    return [row for row in rows if row is not None]


def test_the_rows_of_several_tickets_are_those_of_each(full: Journal) -> None:
    rows = all_rows(full)
    assert full.ticket_rows([*(row.ticket for row in rows), "nothing"]) == {row.ticket: row for row in rows}
    assert full.ticket_rows([]) == {}


@pytest.mark.parametrize("view", View)
def test_a_view_holds_the_open_tickets_that_it_means_in_the_order_of_the_domain(view: View, full: Journal) -> None:
    expected = sorted((r for r in all_rows(full) if r.is_open and MEANINGS[view](r)), key=order_key)
    assert len(expected) > 1
    rowids, due, ranks = full.order(view, me=ME, now=NOW)
    assert [row.ticket for row in full.rows(rowids)] == [row.ticket for row in expected]
    assert list(due) == [row.due_at or 0 for row in expected]
    assert list(ranks) == [row.rank for row in expected]


def test_the_story_has_every_rank(full: Journal) -> None:
    assert set(full.order(View.ALL_OPEN, me=ME, now=NOW)[2]) == {0, 1, 2}


def test_counts_are_the_lengths_of_the_views(full: Journal) -> None:
    counted = full.counts(me=ME, now=NOW)
    assert counted == {view: len(full.order(view, me=ME, now=NOW)[0]) for view in View}


def test_a_limit_takes_the_most_urgent_ones(full: Journal) -> None:
    every = full.order(View.ALL_OPEN, me=ME, now=NOW)
    assert full.order(View.ALL_OPEN, me=ME, now=NOW, limit=7) == tuple(column[:7] for column in every)


def test_an_empty_queue_has_no_rows_and_counts_nothing(journal: Journal) -> None:
    rowids, due, ranks = journal.order(View.ALL_OPEN, me=ME, now=NOW)
    assert (list(rowids), list(due), list(ranks)) == ([], [], [])
    assert set(journal.counts(me=ME, now=NOW).values()) == {0}


def test_rows_come_in_the_order_asked_and_missing_ones_are_left_out(full: Journal) -> None:
    rowids = list(full.order(View.ALL_OPEN, me=ME, now=NOW, limit=5)[0])
    asked = [rowids[3], 10**9, rowids[0]]
    assert [full.rowid(row.ticket) for row in full.rows(asked)] == [rowids[3], rowids[0]]
    assert full.rows([]) == []


@pytest.mark.parametrize("view", [view for view in View if view is not View.MINE])
def test_a_view_is_read_from_the_index_in_order_without_sorting(view: View, full: Journal) -> None:
    asked = {"me": ME, "now": NOW, "soon": NOW, "most": -1}
    with full._database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {queue_sql.order_statement(view)}", asked).fetchall()
    steps = " ".join(str(step[3]) for step in plan)
    assert "COVERING INDEX tickets_queue" in steps
    assert "TEMP B-TREE" not in steps


def test_a_ticket_is_found_by_number_reference_and_start_of_its_id(journal: Journal) -> None:
    write(journal, opened("ab12-x", external_ref="INC-7"), opened("ab34-y"), opened("cd56-z", external_ref="10001"))
    numbers = {row.ticket: row.number for row in all_rows(journal)}

    def found(ref: str) -> list[str]:
        return [row.ticket for row in journal.candidates(ref)]

    assert found(str(numbers["ab34-y"])) == ["ab34-y"]
    assert found(f"#{numbers['ab34-y']}") == ["ab34-y"]
    assert found(" INC-7 ") == ["ab12-x"]
    assert found("ab") == ["ab12-x", "ab34-y"]
    assert found("cd5") == ["cd56-z"]
    assert found(str(numbers["ab12-x"])) == ["ab12-x", "cd56-z"], "a number and a reference may be meant"
    assert len(journal.candidates("ab", limit=1)) == 1


@pytest.mark.parametrize("ref", ["", "  ", "#", "INC", "9" * 40, "%", "_", "'", "\ud800", "\x00", "²"])
def test_what_names_no_ticket_finds_none(ref: str, journal: Journal) -> None:
    write(journal, opened("ab12-x", external_ref="INC-7"))
    assert journal.candidates(ref) == []


def test_people_are_those_with_a_ticket(journal: Journal, path: Path) -> None:
    write(journal, opened("a"), opened("b"), opened("c"))
    write(
        journal, *(fact(ev.TicketAssigned(to=to), ticket) for ticket, to in (("a", "Zoe"), ("b", "Ben"), ("c", "Ben")))
    )
    write(journal, fact(ev.TicketAssigned(to=None), "a"))
    assert journal.people() == ["Ben"]
