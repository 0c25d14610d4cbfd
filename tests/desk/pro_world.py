"""Workstations on which Pro hours are bought and worked by several people, and the laws that hold whatever they did.

An office machine with two engineers on one workspace, and a laptop with a workspace of its own that hears of the office
only when both are merged. All clocks are turned by hand; time passes on both machines alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from console.desk import Desk
from console.desk.tickets import Receipt
from console.domain import pro_events as pe
from console.domain.errors import ConsoleError
from console.domain.events import Offered
from console.domain.metering import Metering
from console.domain.pro_account import Account
from console.domain.pro_figures import figures
from console.domain.spans import shared
from console.domain.worked_time import allowed_hours
from console.settings import Settings, Workspace, save_settings
from console.timekeeping import Timekeeper
from tests.desk.pro_desk import MINUTE_MS, at
from tests.fake_clocks import FakeClocks
from tests.journal.facts import allow, dump

MARA, AIKO, JON = "Mara Okafor", "Aiko Sato", "Jon Bell"
LEAD = "Lena Fischer"
_REFUSAL: Final = re.compile(r"(Not [a-z]+( [a-z]+)*: .+|No .+)\.", re.DOTALL)
"""A refusal names what was not done or what there is not, says why, and ends as a sentence does."""


class Machine:
    """A computer: its clocks, its workspace, and one process for each person who works at it."""

    def __init__(self, folder: Path, people: tuple[str, ...], begins: str, pro_settings: str) -> None:
        self.workspace = Workspace(folder)
        self.clocks = FakeClocks(at(begins))
        self.people = people
        self.desks: dict[str, Desk] = {}
        self._processes: dict[str, ExitStack] = {}
        save_settings(self.workspace, Settings(name=people[0]))
        self.workspace.pro_settings.write_text(pro_settings, encoding="utf-8")
        for person in people:
            self.open(person)

    def open(self, person: str) -> None:
        save_settings(self.workspace, Settings(name=person))
        process = self._processes[person] = ExitStack()
        desk = Desk.open(self.workspace, clock=lambda: self.clocks().wall_ms, timekeeper=Timekeeper(self.clocks))
        self.desks[person] = process.enter_context(desk)

    def shut(self, person: str) -> None:
        self._processes.pop(person).close()
        del self.desks[person]

    def reopen(self, person: str) -> None:
        self.shut(person)
        self.open(person)

    def shut_all(self) -> None:
        for person in tuple(self.desks):
            self.shut(person)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.shut_all()

    def watch(self, *, minutes: float, step_s: float = 15) -> None:
        """Time passes, and every window looks at the clocks."""
        until = self.clocks.true_ms + round(minutes * MINUTE_MS)
        while self.clocks.true_ms < until:
            self.clocks.run(min(step_s, (until - self.clocks.true_ms) / 1000))
            self.tick()

    def tick(self) -> None:
        for desk in self.desks.values():
            desk.pro.watch.tick()

    @property
    def journal_desk(self) -> Desk:
        return self.desks[self.people[0]]

    def takes(self, other: Machine) -> None:
        """Hears of everything that the other machine holds, in the other's order."""
        mine, theirs = self.journal_desk.journal, other.journal_desk.journal
        known = {entry.id for _, entries in mine.all_streams() for entry in entries}
        entries = sorted((e for _, entries in theirs.all_streams() for e in entries), key=lambda entry: entry.seq)
        for entry in entries:
            if entry.id not in known and entry.applied:
                offered = Offered(**{name: getattr(entry, name) for name in Offered.__struct_fields__})
                mine.record([offered], actor=entry.actor, now_ms=self.journal_desk.pro.now(), decide=allow)


def tried(act: Callable[[], Receipt]) -> Receipt:
    """An act; a refusal, or a mistake of the caller, comes back as a receipt and is said as it should be."""
    try:
        receipt = act()
    except ConsoleError as mistake:
        receipt = Receipt(refused=mistake.sentence)
    if receipt.refused is not None:
        assert _REFUSAL.fullmatch(receipt.refused), receipt.refused
    return receipt


def accounts(desk: Desk) -> Iterator[tuple[Account, Metering]]:
    """Every account as the desk holds and measures it now."""
    streams = desk.pro._streams
    for held in streams.all().values():
        yield held.account, streams.measured(held, desk.pro.now())


def engagements(desk: Desk) -> list[str]:
    """Every ticket that asks for Pro work, in the order in which it became known."""
    return [ticket for account, _ in accounts(desk) for ticket in _tickets(account)]


def _tickets(account: Account) -> list[str]:
    return list(dict.fromkeys((*account.engagements, *(lot.ticket for lot in account.lots.values()))))


def check_answers(desk: Desk) -> None:
    """Every question has an answer, and the answers agree with each other."""
    desk.pro.watch.watched()
    listed = {row.ticket: row for row in desk.pro.engagements(closed=True)}
    for ticket in engagements(desk):
        page = desk.pro.page(ticket)
        desk.pro.report(ticket)
        desk.pro.next_slots(ticket, count=2)
        assert listed.get(ticket, page.row) == page.row
        h = page.hours
        parts = (h.used_ms, h.session_ms, h.elsewhere_ms, h.open_gap_ms, h.planned_ms, h.not_planned_ms)
        parts += (h.forfeited_ms, h.expired_ms, h.refunded_ms)
        assert sum(parts) == h.bought_ms, h
        assert min(parts) >= 0, h
        assert page.completing_loses_ms >= 0
        assert page.scope.still_estimated_ms >= 0
        assert h.left_ms == page.row.left_ms
        for row in page.ledger:
            assert row.text
    for name in desk.pro.hours.accounts():
        ledger = desk.pro.hours.ledger(name)
        assert ledger.balance_ms == sum(row.change_ms for row in ledger.rows)
        assert ledger.balance_ms >= 0
        for period in desk.pro.hours.periods(name):
            desk.pro.hours.closing_blocks(name, period.period)
            desk.pro.hours.timesheet(name, period.period)
            desk.pro.hours.ledger(name, period=period.period)
        desk.pro.hours.late_work(name)


def check_hours(desk: Desk) -> None:
    """What is metered stays within what was bought, allocated and allowed; the ledger adds up."""
    settings = desk.pro.settings
    for account, metering in accounts(desk):
        for lot in account.lots.values():
            lines = [line for line in metering.lines if line.lot == lot.id]
            live = metering.free_ms.get(lot.id, 0) + metering.reserved_ms.get(lot.id, 0)
            undoable = settings.forfeit_undo_s * 1000
            pending = any(done.at + undoable > metering.as_of for done in account.completions.values())
            total = sum(line.ms for line in lines)
            assert total == live or (pending and total > live), lot
            assert live >= 0
            for line in lines:
                if line.kind == "used" and line.cause in account.segments:
                    assert line.at <= lot.expires_at
        off = desk.pro._streams.days_off(account, metering.as_of)
        for ticket in _tickets(account):
            runs = metering.runs_of(ticket)
            if runs:
                hours = allowed_hours(account, ticket, metering.as_of, settings, off)
                assert shared(runs, hours.between(runs[0][0], runs[-1][1])) == runs
                assert runs[-1][1] <= max(lot.expires_at for lot, _ in account.feeds(ticket))
            allocated = [b for b in account.bookings.values() if b.engagement == ticket]
            first = min((at for b in allocated for at, _ in b.reserves), default=None)
            begun = [s.began_at for s in account.segments_of(ticket)]
            if first is not None and first <= min(begun, default=first):
                most = sum(max(0, seconds) for b in allocated for _, seconds in b.reserves) * 1000
                most += sum(lot.ms for lot, _ in account.extensions(ticket))
                assert metering.used_ms(ticket) <= most


def check_people(desk: Desk) -> None:
    """One engineer runs one session at once."""
    running = [row.engineer for row in desk.journal.pro_running()]
    assert len(running) == len(set(running)), running


def check_closings(desk: Desk, known: dict[str, pe.PeriodClosed]) -> None:
    """The figures of a closed period never change, nor would they come out otherwise today."""
    for account, metering in accounts(desk):
        for closing in account.closings:
            event = known.setdefault(
                closing.id,
                pe.PeriodClosed(begins_at=closing.begins_at, ends_at=closing.ends_at, figures=closing.figures),
            )
            assert event.figures == closing.figures
            period = (closing.begins_at, closing.ends_at)
            assert set(figures(account, metering, period)) == set(closing.figures)


def check_rebuild(machine: Machine) -> None:
    """The read models are what the entries say."""
    desk = machine.journal_desk
    before = dump(desk.workspace.database)
    desk.rebuild()
    assert dump(desk.workspace.database) == before
