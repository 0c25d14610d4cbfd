"""Pro streams in the journal: who is where, what runs, and what a decision is given of it."""

from __future__ import annotations

import random
import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import event

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import Event, Offered
from console.domain.guidelines import GuidelinesHistory
from console.domain.pro import fold
from console.domain.pro_account import Account
from console.journal import pro_rows
from console.journal.states import RunningSegment, States
from console.journal.store import Journal

from .facts import HOUR, MONDAY, allow, dump, opened, pro, pro_story, purchase, sent, started, stopped, write


@pytest.mark.parametrize("seed", range(8))
def test_a_rebuild_gives_the_rows_that_the_writes_left(seed: int, journal: Journal, path: Path) -> None:
    log = pro_story(seed)
    write(journal, opened("t-1"))
    for start in range(0, len(log), 7):
        write(journal, *log[start : start + 7])
    written = dump(path)
    assert min(len(written[table]) for table in ("pro_engagements", "pro_lots", "pro_running")) > 2
    journal.rebuild(journal.history)
    assert dump(path) == written


@pytest.mark.parametrize("seed", range(8, 11))
def test_the_rows_are_the_fold_of_each_stream(seed: int, journal: Journal, path: Path) -> None:
    write(journal, *pro_story(seed))
    expected: dict[str, set[tuple[Any, ...]]] = {"pro_engagements": set(), "pro_lots": set(), "pro_running": set()}
    for stream in journal.pro_streams():
        for table, rows in pro_rows.stream_rows(stream, fold(journal.entries(stream))).items():
            expected[table.name].update(rows)
    found = dump(path)
    assert {name: set(found[name]) for name in expected} == expected


def test_the_streams_of_all_accounts_come_with_their_last_entry(journal: Journal) -> None:
    assert journal.pro_streams() == {}
    near = [msgspec.structs.replace(sent("a", "Near"), stream=name) for name in ("pro", "pro;x", "prospect:x", "qro:x")]
    write(journal, purchase("P-1", "t-1", "zeta"), opened("t-1"), purchase("P-2", "t-2", "acme"), *near)
    write(journal, pro(pe.EngagementOpened(ticket="t-1"), "zeta"), opened("t-3"), purchase("P-3", "t-3", ""))
    assert journal.pro_streams() == {"pro:acme": 3, "pro:zeta": 8, "pro:": 10}


def test_the_streams_are_found_in_the_index_whatever_else_the_log_holds(journal: Journal) -> None:
    with journal._database.read() as connection:
        asked = {"first": "pro:", "past": "pro;"}
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {pro_rows._STREAMS}", asked).fetchall()
    steps = [str(step[3]) for step in plan if "entries" in str(step[3])]
    assert len(steps) == 3
    for step in steps:
        assert step.startswith("SEARCH entries USING COVERING INDEX entries_stream (stream")


def test_an_engagement_is_found_by_its_ticket(journal: Journal) -> None:
    write(journal, pro(pe.EngagementOpened(ticket="t-1"), "acme"), started("t-2", "zeta"))
    assert journal.pro_stream("t-1") == "pro:acme"
    assert journal.pro_stream("t-2") == "pro:zeta", "a provisional start comes before the engagement is opened"
    assert journal.pro_stream("t-3") is None


def test_the_ticket_of_a_purchase_is_found_before_its_engagement_is_opened(journal: Journal) -> None:
    write(journal, purchase("P-1", "t-1", "acme"))
    assert journal.pro_stream("t-1") == "pro:acme"


def test_a_purchase_is_found_with_its_account_and_its_ticket(journal: Journal) -> None:
    grant = pro(pe.LotGranted(reason="goodwill", seconds=60, period_end=MONDAY + HOUR, ticket="t-2"), "zeta")
    write(journal, purchase("P-1", "t-1", "acme"), purchase("P-1", "t-9", "acme"), grant)
    assert journal.pro_lot("P-1") == ("pro:acme", "t-1")
    assert journal.pro_lot(grant.id) == ("pro:zeta", "t-2")
    assert journal.pro_lot("P-2") is None


@pytest.mark.parametrize("order", [("acme", "zeta"), ("zeta", "acme")])
def test_what_two_accounts_claim_is_found_under_the_first_by_name(
    order: tuple[str, str], journal: Journal, path: Path
) -> None:
    for account in order:
        write(journal, purchase("P-1", f"t-{account}", account), pro(pe.EngagementOpened(ticket="t-1"), account))
    for _ in range(2):
        assert journal.pro_stream("t-1") == "pro:acme"
        assert journal.pro_lot("P-1") == ("pro:acme", "t-acme")
        journal.rebuild(journal.history)


def test_a_segment_runs_until_it_is_stopped(journal: Journal) -> None:
    later = started("t-1", "acme", at=MONDAY + HOUR, engineer="Jon")
    earlier = started("t-2", "zeta", at=MONDAY)
    write(journal, later, earlier)
    write(journal, pro(pe.SegmentItemSet(segment=earlier.id, item="copy", unattended_job="full copy"), "zeta"))
    first = RunningSegment(earlier.id, "pro:zeta", "t-2", "Mara", journal.device, MONDAY, "full copy")
    assert journal.pro_running() == (
        first,
        RunningSegment(later.id, "pro:acme", "t-1", "Jon", journal.device, MONDAY + HOUR),
    )
    write(journal, stopped(later, at=MONDAY + 2 * HOUR))
    assert journal.pro_running() == (first,)
    journal.rebuild(journal.history)
    assert journal.pro_running() == (first,)


def test_what_happens_to_an_account_is_a_change_that_a_screen_could_show(journal: Journal) -> None:
    before = journal.data_version()
    write(journal, started("t-1"))
    assert journal.data_version() > before


# What a decision is given


def given(journal: Journal, *offers: Offered) -> States:
    """The states that a decision on these entries sees; nothing is written."""
    seen: list[States] = []

    def decide(states: States, offers: Sequence[Offered]) -> str:
        seen.append(states)
        return "Only looking."

    assert journal.record(offers, actor="Ana", now_ms=MONDAY, decide=decide).entries == ()
    return seen[0]


def test_the_decision_sees_the_account_as_it_stands_and_an_empty_one_for_a_new_stream(journal: Journal) -> None:
    write(journal, purchase("P-1", "t-1", "acme"))
    states = given(journal, started("t-1", "acme"), started("t-9", "zeta"), opened("t-9"))
    assert states.accounts == {"pro:acme": fold(journal.entries("pro:acme")), "pro:zeta": Account()}
    assert states.tickets == {"ticket:t-9": None}


def test_the_decision_sees_what_runs_in_every_account(journal: Journal) -> None:
    running = started("t-1", "acme")
    write(journal, running, opened("t-1"))
    assert [s.segment for s in given(journal, started("t-9", "zeta")).running] == [running.id]


def test_the_decision_sees_where_an_offered_purchase_is_known_already(journal: Journal) -> None:
    write(journal, purchase("P-1", "t-1", "acme"), purchase("P-2", "t-2", "acme"))
    states = given(journal, purchase("P-1", "t-9", "zeta"), purchase("P-3", "t-9", "zeta"), opened("t-9"))
    assert states.known_lots == {"P-1": ("pro:acme", "t-1")}


def test_a_decision_in_another_process_sees_what_was_written_a_moment_ago(
    journal: Journal, path: Path, history: GuidelinesHistory
) -> None:
    def one_session(states: States, offers: Sequence[Offered]) -> str | None:
        return "Mara works already." if states.running else None

    with Journal.open(path, history=history, now_ms=MONDAY) as other:
        first = journal.record([started("t-1", "acme")], actor="Mara", now_ms=MONDAY, decide=one_session)
        second = other.record([started("t-2", "zeta")], actor="Mara", now_ms=MONDAY, decide=one_session)
    assert first.refused is None
    assert second.refused == "Mara works already."


def test_an_act_on_tickets_alone_asks_nothing_of_pro(journal: Journal) -> None:
    write(journal, started("t-1"))
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    event.listen(journal._database.writer.engine, "before_cursor_execute", note)
    states = given(journal, opened("a"))
    write(journal, opened("a"))
    assert (states.accounts, states.running, states.known_lots) == ({}, (), {})
    assert asked
    assert not any(table.name in statement for statement in asked for table in pro_rows._TABLES)


# What this program does not understand


def test_an_account_with_facts_of_a_newer_program_is_kept_and_the_rest_of_it_shown(journal: Journal) -> None:
    newer = pro(ev.UnknownEvent(name="lot.moved", raw=b'{"to":"mars"}'), "acme")
    write(journal, newer, purchase("P-1", "t-1", "acme"))
    assert journal.pro_lot("P-1") == ("pro:acme", "t-1")
    assert given(journal, purchase("P-1", "t-1", "acme")).accounts["pro:acme"].needs_newer_app
    assert journal.entries("pro:acme")[0].payload == newer.payload


def any_fact(chance: random.Random, kind: type[msgspec.Struct]) -> Any:
    """A fact with any content that its type allows, senseless or not."""

    def value(of: Any) -> Any:
        inner = typing.get_args(of)
        match typing.get_origin(of) or of:
            case typing.Literal:
                return chance.choice(inner)
            case typing.Union | types.UnionType:
                return value(chance.choice(inner))
            case builtin if builtin is tuple:
                return tuple(value(inner[0]) for _ in range(chance.randrange(3)))
            case builtin if builtin is str:
                return chance.choice(("i-1", "i-2", "i-3", "", "\x00", "Zoë"))
            case builtin if builtin is bool:
                return chance.random() < 0.5
            case builtin if builtin is int:
                return chance.choice((0, 1, -1, MONDAY, 2**63, -(2**63) - 1, 2**200))
            case struct if isinstance(struct, type) and issubclass(struct, msgspec.Struct):
                return any_fact(chance, struct)
        return None

    hints = typing.get_type_hints(kind)
    return kind(**{name: value(hints[name]) for name in kind.__struct_fields__ if name != "extra"})


@pytest.mark.parametrize("seed", range(10))
def test_no_content_of_one_account_stops_the_others(seed: int, journal: Journal, path: Path) -> None:
    chance = random.Random(seed)
    kinds: tuple[type[Event], ...] = (*pe.PRO_EVENTS, pe.LotBought, pe.SegmentStarted, pe.SegmentStarted)
    odd = [pro(any_fact(chance, chance.choice(kinds)), "odd", id=f"i-{n}") for n in range(40)]
    sane = started("t-1", "acme")
    write(journal, *odd[:20], sane)
    write(journal, *odd[20:])
    before = dump(path)
    assert sane.id in {running.segment for running in journal.pro_running()}
    journal.rebuild(journal.history)
    assert dump(path) == before


def test_an_instant_that_no_table_can_hold_is_left_out_and_can_be_stopped(journal: Journal) -> None:
    beyond = pro(pe.SegmentStarted(engagement="t-1", at=2**70), "odd")
    write(journal, beyond, started("t-2", "acme"))
    assert [running.engagement for running in journal.pro_running()] == ["t-2"]
    assert given(journal, stopped(beyond, at=MONDAY)).accounts["pro:odd"].segments[beyond.id].ended_at is None
    write(journal, stopped(beyond, at=MONDAY))


def test_who_wrote_an_entry_on_another_machine_stays_its_writer(journal: Journal) -> None:
    elsewhere = msgspec.structs.replace(started("t-1"), device="their-machine", dseq=77)
    write(journal, elsewhere, started("t-2"))
    theirs, ours = journal.entries("pro:harbour")
    assert (theirs.device, theirs.dseq) == ("their-machine", 77)
    assert (ours.device, ours.dseq) == (journal.device, 1)
    assert [running.device for running in journal.pro_running()] == ["their-machine", journal.device]


def test_the_counter_goes_on_behind_own_entries_that_came_back(journal: Journal) -> None:
    write(journal, msgspec.structs.replace(started("t-1"), device=journal.device, dseq=40), started("t-2"))
    write(journal, started("t-3"))
    assert [entry.dseq for entry in journal.entries("pro:harbour")] == [40, 41, 42]


def test_an_id_is_known_whoever_offers_it(journal: Journal) -> None:
    known = started("t-1", "acme")
    write(journal, known)
    again = msgspec.structs.replace(known, device="their-machine", dseq=5)
    (entry,) = journal.record([again], actor="Jon", now_ms=MONDAY, decide=allow).entries
    assert (entry.device, entry.actor) == (journal.device, "Ana")
