"""What people, clocks and machines may do with Pro hours: every door of the desk, and time.

Two engineers at an office machine, perhaps one at a laptop. An act looks at what there is at the time and takes its
pick; what it says itself is checked here, what holds after any act in `pro_world`. Called by `test_pro_machine`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from console.desk import Desk
from console.desk.pro.door import ProDesk
from console.desk.tickets import Receipt
from console.domain.metering import unreserved_ms
from console.domain.pro_events import ScopeItem
from tests.desk.pro_desk import HOUR, MINUTE_MS, at
from tests.desk.pro_world import (
    AIKO,
    LEAD,
    MARA,
    Machine,
    accounts,
    check_answers,
    check_closings,
    check_hours,
    check_people,
    check_rebuild,
    engagements,
    tried,
)

ACCOUNTS: Final = ("Harbour", "Lighthouse")
DAY_MS: Final = 24 * HOUR * 1000
WATCH_S: Final = 19
"""How often a window looks at the clocks at least."""


class Life:
    """Two people at the office, perhaps one at a laptop, and what they do. `who` and `pick` choose among who and what
    there is at the time."""

    def __init__(self, folder: Path, begins: str, laptop: str | None, settings: str) -> None:
        self.office = Machine(folder / "office", (MARA, AIKO), begins, settings)
        self.laptop = None if laptop is None else Machine(folder / "laptop", (laptop,), begins, settings)
        self.midnight = at(f"{begins[:10]} 00:00")
        self.one_person_twice = laptop == MARA
        self.merged = False
        self.purchases = 0
        self.closed: dict[str, Any] = {}

    @property
    def machines(self) -> list[Machine]:
        return [self.office] if self.laptop is None else [self.office, self.laptop]

    def desk(self, who: int) -> Desk:
        desks = [desk for machine in self.machines for desk in machine.desks.values()]
        return desks[who % len(desks)]

    def hold(self, desk: Desk) -> None:
        check_answers(desk)
        check_hours(desk)
        if not self.one_person_twice:
            check_people(desk)
        if not self.merged:
            check_closings(desk, self.closed)

    def end(self) -> None:
        """A stop of what runs always succeeds; everything still holds, and follows from the entries."""
        for machine in self.machines:
            for desk in machine.desks.values():
                self.hold(desk)
                for ticket in _mine(desk):
                    assert desk.pro.work.stop(ticket).refused is None
                assert self.one_person_twice or not _mine(desk)
                self.hold(desk)
            check_rebuild(machine)

    def close(self) -> None:
        for machine in self.machines:
            machine.shut_all()

    # Hours

    def buy(self, who: int, account: int, hours: float, days: int) -> None:
        now = self.desk(who).pro.now()
        self._bought(who, ACCOUNTS[account], hours, now + days * DAY_MS - (now - self.midnight) % DAY_MS)

    def extend(self, who: int, pick: int, hours: float, days: int) -> None:
        desk, ticket = self._at(who, pick)
        if ticket is not None:
            name = desk.pro.page(ticket).row.account
            self._bought(who, name, hours, desk.pro.now() + days * DAY_MS, extends=ticket)

    def _bought(self, who: int, name: str, hours: float, renewal: int, extends: str | None = None) -> None:
        self.purchases += 1
        id, seconds, buy = f"P-{self.purchases}", round(hours * HOUR), self.desk(who).pro.hours.buy
        tried(lambda: buy(id, name, seconds, renewal=renewal, extends=extends).receipt)

    def join(self, who: int, pick: int, purchase: int) -> None:
        self._on(who, pick, lambda pro, ticket: pro.hours.join(ticket, f"P-{1 + purchase}"))

    def refund(self, who: int, purchase: int, cause: str, at_once: bool | None) -> None:
        desk = self.desk(who)
        tried(lambda: desk.pro.hours.refund(f"P-{1 + purchase}", cause=cause, at_once=at_once))

    def grant(self, who: int, pick: int, days: int) -> None:
        ends = self.desk(who).pro.now() + days * DAY_MS
        self._on(who, pick, lambda pro, ticket: pro.hours.grant(ticket, HOUR, reason="outage", period_end=ends))

    def move_renewal(self, who: int, account: int, hours: int, day: int) -> None:
        pro = self.desk(who).pro
        renewal = pro.now() + hours * HOUR * 1000
        tried(lambda: pro.hours.set_renewal(ACCOUNTS[account], renewal, anchor_day=day))

    def correct(self, who: int, pick: int, seconds: int) -> None:
        desk = self.desk(who)
        segments = [id for account, _ in accounts(desk) for id in account.segments]
        if segments:
            id = segments[pick % len(segments)]
            tried(lambda: desk.pro.hours.correct(id, seconds, reason="copy", approved_by=LEAD))

    def close_period(self, who: int, account: int, pick: int, unseen_ok: bool) -> None:
        desk, name = self.desk(who), ACCOUNTS[account]
        if name in desk.pro.hours.accounts():
            periods = [row.period for row in desk.pro.hours.periods(name) if row.is_over and row.closing is None]
            if periods:
                tried(lambda: desk.pro.hours.close_period(name, periods[pick % len(periods)], unseen_ok=unseen_ok))

    # The gate

    def prepare(self, who: int, pick: int) -> None:
        desk, ticket = self._at(who, pick)
        if ticket is not None:
            gate = desk.pro.gate
            items = [ScopeItem("vpn", "VPN", HOUR), ScopeItem("apps", "Five apps", HOUR)]
            tried(lambda: gate.agree_scope(ticket, items, agreed_by=[desk.me, "Dana"]))
            tried(lambda: gate.list_access(ticket, ["project"]))
            tried(lambda: gate.receive_access(ticket, "project"))
            tried(lambda: gate.set_contact(ticket, "Dana", partner=True))

    def access(self, who: int, pick: int, lost: bool) -> None:
        change = "lose_access" if lost else "receive_access"
        self._on(who, pick, lambda pro, ticket: getattr(pro.gate, change)(ticket, "project"))

    def book(self, who: int, pick: int, minutes: int, seconds: int, engineer: str | None) -> None:
        begins = self.desk(who).pro.now() + minutes * MINUTE_MS
        self._on(who, pick, lambda pro, ticket: pro.gate.book(ticket, begins, seconds=seconds, engineer=engineer))

    def agree(self, who: int, pick: int, seconds: int | None, choice: int) -> None:
        """A slot that was offered can be agreed; where all hours are reserved it is another time for the agreed one."""
        desk, ticket = self._at(who, pick)
        if ticket is None:
            return
        offer = desk.pro.next_slots(ticket, seconds=seconds, count=3)
        if not offer.slots:
            return
        slot = offer.slots[choice % len(offer.slots)]
        asked = sum(ends - begins for begins, ends in slot.parts) // 1000
        held = desk.pro._acting.engagement(ticket)
        metering = desk.pro._streams.measured(held, desk.pro.now())
        if seconds is None and not unreserved_ms(held.account, metering, ticket, desk.pro.now()) // 1000:
            known = desk.pro.page(ticket).slots[0].id
            receipt = tried(lambda: desk.pro.gate.move(known, slot.begins_at, slot.ends_at))
        else:
            receipt = tried(lambda: desk.pro.gate.book(ticket, slot.begins_at, slot.ends_at, seconds=asked))
        assert receipt.refused is None, receipt.refused

    def move_slot(self, who: int, pick: int, minutes: int, seconds: int | None) -> None:
        desk = self.desk(who)
        slots = [id for account, _ in accounts(desk) for id in account.bookings]
        if slots:
            begins = desk.pro.now() + minutes * MINUTE_MS
            tried(lambda: desk.pro.gate.move(slots[pick % len(slots)], begins, seconds=seconds))

    def release_slot(self, who: int, pick: int, no_show: bool) -> None:
        desk = self.desk(who)
        slots = [id for account, _ in accounts(desk) for id in account.bookings]
        if slots:
            tried(lambda: desk.pro.gate.release(slots[pick % len(slots)], "plans changed", no_show=no_show))

    def consent(self, who: int, pick: int, minutes: int, length: int, whole: bool) -> None:
        begins = self.desk(who).pro.now() + minutes * MINUTE_MS
        ends = begins + length * MINUTE_MS
        said = {"time_sensitive": True, "by_engineer": True, "by_customer": whole}
        self._on(who, pick, lambda pro, ticket: pro.gate.give_consent(ticket, begins, ends, **said))

    def withdraw(self, who: int, pick: int) -> None:
        desk = self.desk(who)
        given = [(g.engagement, id) for account, _ in accounts(desk) for id, g in account.consents.items()]
        if given:
            ticket, consent = given[pick % len(given)]
            tried(lambda: desk.pro.gate.withdraw_consent(ticket, consent))

    def hand_over(self, who: int, pick: int, to: str) -> None:
        self._on(who, pick, lambda pro, ticket: pro.gate.hand_over(ticket, to))

    # Work

    def begin_as_agreed(self, who: int, pick: int, late: int, seconds: int, watchers: int) -> None:
        """An engagement is prepared, its next slot agreed, and worked on from it on."""
        desk, ticket = self._at(who, pick)
        if ticket is None:
            return
        self.prepare(who, pick)
        ahead = [(s.begins_at, s.ends_at) for s in desk.pro.page(ticket).slots if s.ends_at > desk.pro.now()]
        if not ahead:
            self.agree(who, pick, None, 0)
            ahead = [(s.begins_at, s.ends_at) for s in desk.pro.page(ticket).slots if s.ends_at > desk.pro.now()]
        if ahead:
            until = max(0, ahead[0][0] - desk.pro.now()) / 1000 + late * 60
            for machine in self.machines:
                machine.clocks.run(until)
            self.start(who, pick)
            self.run(seconds, watchers)

    def start(self, who: int, pick: int) -> None:
        """The page says whether the start will be refused, and in which words."""
        desk, ticket = self._at(who, pick)
        if ticket is None:
            return
        _settle(desk)
        page = desk.pro.page(ticket)
        receipt = tried(lambda: desk.pro.work.start(ticket))
        if not page.running_is_mine:
            assert receipt.refused == page.may_start, (receipt.refused, page.may_start)

    def start_unmetered(self, who: int, pick: int, purpose: Any) -> None:
        self._on(who, pick, lambda pro, ticket: pro.work.start(ticket, purpose=purpose))

    def start_provisional(self, who: int, account: int) -> None:
        desk = self.desk(who)
        opened = desk.tickets.open("Broken VPN", by="customer", account=ACCOUNTS[account]).entries[0]
        ticket = opened.stream.partition(":")[2]
        tried(lambda: desk.pro.gate.take_up(ticket, provisional_by=LEAD))
        self.prepare(who, engagements(desk).index(ticket))
        tried(lambda: desk.pro.work.start(ticket, provisional_by=LEAD))

    def stop(self, who: int) -> None:
        desk = self.desk(who)
        for ticket in _mine(desk):
            assert desk.pro.work.stop(ticket).refused is None
            assert ticket not in _mine(desk) or self.one_person_twice

    def stop_any(self, who: int, pick: int) -> None:
        self._on(who, pick, lambda pro, ticket: pro.work.stop(ticket, note="done"))

    def pause(self, who: int, pick: int, kind: str) -> None:
        desk = self.desk(who)
        for ticket in self._mine_or(desk, pick):
            tried(partial(desk.pro.work.pause, ticket, kind))

    def resume(self, who: int, pick: int) -> None:
        desk = self.desk(who)
        for ticket in self._mine_or(desk, pick):
            tried(partial(desk.pro.work.resume, ticket))

    def interrupt(self, who: int, pick: int, minutes: int) -> None:
        desk, other = self._at(who, pick)
        since = desk.pro.now() - minutes * MINUTE_MS
        for ticket in _mine(desk):
            tried(partial(desk.pro.work.log_interruption, ticket, other or ticket, since=since))

    def work_on(self, who: int, pick: int, job: str | None) -> None:
        desk = self.desk(who)
        item = ("vpn", "apps")[pick % 2]
        for ticket in self._mine_or(desk, pick):
            tried(partial(desk.pro.work.work_on, ticket, item, unattended_job=job))
            tried(partial(desk.pro.work.note, ticket, "a note"))
            tried(partial(desk.pro.gate.set_item_done, ticket, item))

    def carry_over(self, who: int, pick: int) -> None:
        desk, ticket = self._at(who, pick)
        if ticket is None:
            return
        _settle(desk)
        before = desk.pro.page(ticket)
        carried = desk.pro.work.carry_over(ticket)
        tried(lambda: carried.receipt)
        assert carried.slot is None or carried.slot[0] == before.carries_to

    def complete(self, who: int, pick: int) -> None:
        """What completing forfeits is what the page said that it would."""
        desk, ticket = self._at(who, pick)
        if ticket is None:
            return
        _settle(desk)
        before = desk.pro.page(ticket)
        receipt = tried(lambda: desk.pro.work.complete(ticket, forfeits_ms=before.completing_loses_ms))
        after = desk.pro.page(ticket)
        if receipt.refused is None:
            assert after.hours.forfeited_ms - before.hours.forfeited_ms == before.completing_loses_ms
        else:
            assert "would be lost by now" not in receipt.refused

    def undo(self, who: int, pick: int, approved_by: tuple[str, ...]) -> None:
        desk = self.desk(who)
        done = [id for account, _ in accounts(desk) for id in account.completions]
        if done:
            tried(lambda: desk.pro.work.undo_completion(done[pick % len(done)], approved_by=approved_by))

    def log_past(self, who: int, pick: int, ago: int, minutes: int) -> None:
        begins = self.desk(who).pro.now() - ago * MINUTE_MS
        ends, why = begins + minutes * MINUTE_MS, {"reason": "forgotten", "approved_by": LEAD, "note": "late"}
        self._on(who, pick, lambda pro, ticket: pro.work.log_past(ticket, begins, ends, **why))

    def answer(self, who: int, pick: int, answer: Any) -> None:
        desk = self.desk(who)
        gaps = [id for account, _ in accounts(desk) for id, gap in account.gaps.items() if gap.answer is None]
        if gaps:
            tried(lambda: desk.pro.work.answer_gap(gaps[pick % len(gaps)], answer))

    # Time and machines

    def run(self, seconds: float, watchers: int) -> None:
        """Time passes, for so many windows of each machine that watch, in steps that let no session out of sight."""
        step = WATCH_S if watchers else seconds
        while seconds > 0:
            for machine in self.machines:
                machine.clocks.run(min(step, seconds))
                for desk in list(machine.desks.values())[:watchers]:
                    desk.pro.watch.tick()
            seconds -= step

    def sleep(self, which: int, seconds: int) -> None:
        self._meanwhile(which, seconds, lambda machine: machine.clocks.sleep(seconds))

    def reboot(self, which: int, seconds: int) -> None:
        def off_and_on(machine: Machine) -> None:
            machine.shut_all()
            machine.clocks.reboot(seconds)
            for person in machine.people:
                machine.open(person)

        self._meanwhile(which, seconds, off_and_on)

    def to_the_next(self, clock: str) -> None:
        now, instant = self.office.clocks.true_ms, at(f"2027-01-11 {clock}")
        instant += max(0, -((instant - now) // DAY_MS)) * DAY_MS
        for machine in self.machines:
            machine.clocks.run((instant - now) / 1000)
            machine.tick()

    def step_wall(self, which: int, seconds: int) -> None:
        self.machines[which % len(self.machines)].clocks.step_wall(seconds)

    def set_clocks_right(self) -> None:
        for machine in self.machines:
            machine.clocks.wall_ms = machine.clocks.true_ms

    def tick(self, who: int) -> None:
        self.desk(who).pro.watch.tick()

    def restart(self, who: int) -> None:
        desk = self.desk(who)
        machine = next(m for m in self.machines if desk in m.desks.values())
        machine.reopen(desk.me)

    def merge(self, office_first: bool) -> None:
        if self.laptop is not None:
            one, two = (self.office, self.laptop) if office_first else (self.laptop, self.office)
            one.takes(two)
            two.takes(one)
            self.merged = True

    # Parts

    def _at(self, who: int, pick: int) -> tuple[Desk, str | None]:
        desk = self.desk(who)
        known = engagements(desk)
        return desk, known[pick % len(known)] if known else None

    def _on(self, who: int, pick: int, act: Callable[[ProDesk, str], Receipt]) -> None:
        desk, ticket = self._at(who, pick)
        if ticket is not None:
            tried(lambda: act(desk.pro, ticket))

    def _mine_or(self, desk: Desk, pick: int) -> list[str]:
        known = engagements(desk)
        return _mine(desk) or ([known[pick % len(known)]] if known else [])

    def _meanwhile(self, which: int, seconds: int, happens: Callable[[Machine], None]) -> None:
        """Something happens to one machine, and the other one runs on."""
        for n, machine in enumerate(self.machines):
            if n == which % len(self.machines):
                happens(machine)
            else:
                machine.clocks.run(seconds)


def _settle(desk: Desk) -> None:
    """What is found by a look can be followed by a stop at the next one."""
    while desk.pro.watch.tick().changed:
        pass


def _mine(desk: Desk) -> list[str]:
    return [row.engagement for row in desk.journal.pro_running() if row.engineer == desk.me]
