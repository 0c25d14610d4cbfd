"""Two machines that worked offline on one engagement agree on it, in whichever order they hear of each other.

A machine takes the other's entries under their ids, from their writers. What is worked on one machine is not asked of
the other: the metered time is the union of both.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as lawful_settings
from hypothesis import strategies as st

from console.domain import pro_events as pe
from console.domain.events import Entry, Offered
from console.domain.metering import Metering, measure
from console.domain.pro import fold
from console.domain.pro_account import Account
from console.domain.spans import united
from console.guidelines_files import shipped_history
from console.journal.store import Journal

from .facts import HOUR, MINUTE, MONDAY, allow, new_id, pro, purchase, started, stopped

HISTORY = shipped_history()
STREAM = pe.pro_stream("harbour")
MORNING = MONDAY + 25 * HOUR
"""Tuesday, 9 AM in New York: the service window opens."""
AS_OF = MORNING + 24 * HOUR


class Work(msgspec.Struct, frozen=True):
    """A segment in minutes of the morning, with a gap in it, and a lunch."""

    begins: int
    length: int
    gap: tuple[int, int, pe.GapAnswer | None] | None = None
    lunch: tuple[int, int] | None = None

    def facts(self) -> Iterator[Offered]:
        start = pro(pe.SegmentStarted(engagement="t-1"), at=at(self.begins))
        yield start
        if self.lunch is not None:
            begins, ends = (self.begins + minute for minute in self.lunch)
            pause = pro(pe.PauseBegan(segment=start.id, pause_kind="lunch"), at=at(begins))
            yield pause
            yield pro(pe.PauseEnded(pause=pause.id), at=at(ends))
        if self.gap is not None:
            begins, ends, answer = self.begins + self.gap[0], self.begins + self.gap[1], self.gap[2]
            gap = pro(pe.GapFound(segment=start.id, begins_at=at(begins), ends_at=at(ends), cause="sleep"), at=at(ends))
            yield gap
            if answer is not None:
                yield pro(pe.GapClassified(gap=gap.id, answer=answer), at=at(ends))
        yield stopped(start, at=at(self.begins + self.length))


def at(minute: int) -> int:
    return MORNING + minute * MINUTE


@st.composite
def works(draw: st.DrawFn, *, lunches: bool) -> list[Offered]:
    """What one machine writes while it is offline."""
    found: list[Offered] = []
    for _ in range(draw(st.integers(0, 3))):
        length = draw(st.integers(1, 180))
        inner = st.tuples(st.integers(0, length), st.integers(0, length)).map(lambda pair: (min(pair), max(pair)))
        gaps = st.tuples(inner, st.sampled_from(["worked", "not_worked", "ended", None])).map(lambda g: (*g[0], g[1]))
        lunch = draw(st.none() | inner) if lunches else None
        found += Work(draw(st.integers(0, 500)), length, draw(st.none() | gaps), lunch).facts()
    return found


def bought(hours: float) -> list[Offered]:
    """What both machines know before they part: a purchase and its engagement."""
    lot = msgspec.structs.replace(purchase("P-1", "t-1").event, seconds=round(hours * 3600))
    return [pro(lot), pro(pe.EngagementOpened(ticket="t-1"))]


class Machine:
    """A workstation with a journal of its own, and who works at it."""

    def __init__(self, folder: Path, person: str) -> None:
        self.person = person
        self.journal = Journal.open(folder / f"{new_id()}.db", history=HISTORY, now_ms=MONDAY)

    def writes(self, offers: Sequence[Offered]) -> list[Entry]:
        recorded = self.journal.record(offers, actor=self.person, now_ms=MORNING, decide=allow)
        return list(recorded.entries)

    def takes(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            fields = {name: getattr(entry, name) for name in Offered.__struct_fields__}
            self.journal.record([Offered(**fields)], actor=entry.actor, now_ms=AS_OF, decide=allow)

    @property
    def account(self) -> Account:
        return fold(self.journal.entries(STREAM))

    def measured(self) -> Metering:
        return measure(self.account, AS_OF)


@contextmanager
def machines(*people: str) -> Iterator[list[Machine]]:
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        found = [Machine(folder, person) for person in people]
        for machine in found:
            opened.enter_context(machine.journal)
        yield found


def in_turns(one: Sequence[Entry], two: Sequence[Entry], turns: Sequence[bool]) -> list[Entry]:
    """The entries of both, each in its own order."""
    first, second, found = list(one), list(two), []
    for turn in turns:
        source = first if turn else second
        if source:
            found.append(source.pop(0))
    return [*found, *first, *second]


TURNS = st.lists(st.booleans(), max_size=30)
PEOPLE = pytest.mark.parametrize("people", [("Mara", "Mara"), ("Mara", "Jon")], ids=["one engineer", "two engineers"])


@PEOPLE
@lawful_settings(deadline=None, max_examples=12)
@given(ours=works(lunches=True), theirs=works(lunches=True), hours=st.sampled_from([1.5, 40]), turns=TURNS)
def test_two_machines_end_with_the_same_account_and_the_same_ledger(
    people: tuple[str, str], ours: list[Offered], theirs: list[Offered], hours: float, turns: list[bool]
) -> None:
    with machines(*people, "the office") as (one, two, office):
        known = one.writes(bought(hours))
        two.takes(known)
        first, second = one.writes(ours), two.writes(theirs)
        one.takes(second)
        two.takes(first)
        office.takes(in_turns([*known, *first], [*known, *second], turns))
        assert two.account == one.account == office.account
        assert two.measured() == one.measured() == office.measured()
        assert one.measured().lines
        for machine in (one, two, office):
            assert machine.journal.check() == []


@PEOPLE
@lawful_settings(deadline=None, max_examples=12)
@given(ours=works(lunches=False), theirs=works(lunches=False), turns=TURNS)
def test_the_metered_time_is_the_union_of_what_each_machine_saw(
    people: tuple[str, str], ours: list[Offered], theirs: list[Offered], turns: list[bool]
) -> None:
    with machines(*people, "the office") as (one, two, office):
        known = one.writes(bought(40))
        two.takes(known)
        first, second = one.writes(ours), two.writes(theirs)
        alone = [*one.measured().runs_of("t-1"), *two.measured().runs_of("t-1")]
        office.takes(in_turns([*known, *first], [*known, *second], turns))
        assert office.measured().runs_of("t-1") == united(alone)


@pytest.mark.parametrize(("ours", "theirs"), [(30, 45), (45, 30), (30, 30)])
def test_a_session_that_both_machines_stopped_ends_at_the_earlier_stop(ours: int, theirs: int) -> None:
    with machines("Mara", "Jon") as (one, two):
        running = started("t-1", at=at(5))
        two.takes(one.writes([*bought(40), running]))
        first = one.writes([stopped(running, at=at(ours))])
        second = two.writes([stopped(running, at=at(theirs))])
        one.takes(second)
        two.takes(first)
        assert one.account == two.account
        for machine in (one, two):
            assert machine.measured().runs_of("t-1") == [(at(5), at(30))]
            assert machine.journal.pro_running() == ()


def test_an_entry_that_comes_again_and_again_is_one_entry() -> None:
    with machines("Mara", "Jon") as (one, two):
        known = one.writes([*bought(2), started("t-1", at=MORNING)])
        for _ in range(3):
            two.takes(known)
            one.takes(two.journal.entries(STREAM))
        assert [entry.id for entry in two.journal.entries(STREAM)] == [entry.id for entry in known]
        assert two.account == one.account
        assert len(one.journal.entries(STREAM)) == len(known)


def test_a_session_says_on_every_machine_where_it_runs_and_who_works() -> None:
    with machines("Mara", "Jon") as (one, two):
        two.takes(one.writes([pro(pe.SegmentStarted(engagement="t-1"), at=MORNING)]))
        (running,) = two.journal.pro_running()
        assert (running.device, running.engineer) == (one.journal.device, "Mara")
        assert two.journal.pro_running() == one.journal.pro_running()
