"""A week of work on a machine that sleeps, crashes, restarts and has its clock set, against a count by hand.

The story is random and seeded. The count by hand knows what was true: since when the timer ran, when the machine was
away, what the person answered. The console knows only its clocks and its beats. They may differ by one beat a crash.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from console.desk import Desk
from console.desk.pro.watch import BEAT_MS
from console.domain.pro_events import GapAnswer
from console.domain.spans import length, shared, united, without
from tests.desk.pro_desk import HOUR, MINUTE_MS, ProStation, at, done, prepared

DAYS = ("2027-03-10", "2027-03-11", "2027-03-12", "2027-03-15", "2027-03-16")
"""Wednesday to Tuesday; the clocks go forward on the Sunday between."""
RENEWAL = "2027-03-16 11:00"
ANSWERS: tuple[GapAnswer, ...] = ("worked", "not_worked")
TICK_S = 10


class Week:
    """The truth, and the station that has to find it out."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.station = ProStation(folder, wall=f"{DAYS[0]} 08:30")
        self.worked: list[tuple[int, int]] = []
        self.not_worked: list[tuple[int, int]] = []
        self.unanswered: list[tuple[int, int]] = []
        self.crashes = 0
        self._process = ExitStack()
        self.desk = self._open()

    def _open(self) -> Desk:
        return self._process.enter_context(self.station.open())

    @property
    def now(self) -> int:
        return self.station.clocks.true_ms

    def live(self) -> str:
        self.ticket = self.desk.pro.hours.buy("P-1", "Harbour", 30 * HOUR, renewal=at(RENEWAL)).ticket
        prepared(self.desk, self.ticket)
        done(self.desk.pro.gate.book(self.ticket, at(f"{DAYS[0]} 09:00"), seconds=30 * HOUR))
        for day in DAYS:
            self._day(day)
        self._process.close()
        return self.ticket

    def _day(self, day: str) -> None:
        self._sleep_until(at(f"{day} 09:00") + self.dice.randrange(90) * MINUTE_MS)
        for _ in range(self.dice.randrange(1, 4)):
            if self.now >= at(f"{day} 17:30") or not self._start():
                break
            self._session()
        self.station.clocks.run(60)

    def _start(self) -> bool:
        started = self.desk.pro.work.start(self.ticket)
        if started.refused is not None:
            assert self.now >= at(RENEWAL), started.refused
            return False
        self.began = self.now
        return True

    def _session(self) -> None:
        """Some hours with what happens to laptops, up to a stop by the person or by a limit."""
        for _ in range(self.dice.randrange(1, 6)):
            self._watch(self.dice.randrange(60, 2400))
            self.dice.choice((self._nap, self._crash, self._reboot, self._step, self._lunch, self._note))()
        self.desk.pro.work.stop(self.ticket)
        self.worked.append((self.began, self.now))
        self._answer()

    def _watch(self, seconds: float) -> None:
        until = self.now + round(seconds * 1000)
        while self.now < until:
            self.station.clocks.run(min(TICK_S, (until - self.now) / 1000))
            self.desk.pro.watch.tick()

    def _nap(self) -> None:
        begins = self.now
        self.station.clocks.sleep(self.dice.choice((5, 60, 600, 3000)))
        self._away(begins)

    def _crash(self) -> None:
        begins = self.now
        self._process.close()
        self.station.clocks.run(self.dice.choice((3, 70, 900)))
        self.crashes += 1
        self._restart(begins)

    def _reboot(self) -> None:
        begins = self.now
        self._process.close()
        self.station.clocks.reboot(self.dice.choice((45, 400)))
        self.crashes += 1
        self._restart(begins)

    def _restart(self, begins: int) -> None:
        self._process = ExitStack()
        self.desk = self._open()
        self._away(begins)

    def _away(self, begins: int) -> None:
        """Nobody saw the work: under two minutes it counts, longer ones are answered, at once or at the stop."""
        self.desk.pro.watch.tick()
        if self.now - begins >= 2 * MINUTE_MS:
            self.unanswered.append((begins, self.now))
        if self.dice.random() < 0.5:
            self._answer()

    def _answer(self) -> None:
        spans, self.unanswered = self.unanswered, []
        for gap in self.desk.pro.page(self.ticket).gaps:
            answer = self.dice.choice(ANSWERS)
            done(self.desk.pro.work.answer_gap(gap.id, answer))
            if answer == "not_worked":
                self.not_worked += [span for span in spans if span[0] < gap.ends_at and gap.begins_at < span[1]]

    def _step(self) -> None:
        """Somebody sets the clock, and sets it right again later: nothing stays wrong over a restart."""
        by = self.dice.choice((-3600, 7200, 40, -300))
        self.station.clocks.step_wall(by)
        self._watch(120)
        self.station.clocks.step_wall(-by)
        self._watch(20)

    def _lunch(self) -> None:
        if self.desk.pro.work.pause(self.ticket, "lunch").refused is not None:
            return
        begins = self.now
        self._watch(self.dice.randrange(300, 2400))
        self.desk.pro.work.resume(self.ticket)
        self.not_worked.append((begins, self.now))

    def _note(self) -> None:
        done(self.desk.pro.work.note(self.ticket, f"note at {self.now}"))

    def _sleep_until(self, instant: int) -> None:
        self.station.clocks.sleep((instant - self.now) / 1000)
        self.desk.pro.watch.tick()


def windows() -> Iterator[tuple[int, int]]:
    for day in DAYS:
        yield at(f"{day} 09:00"), min(at(f"{day} 18:00"), at(RENEWAL))


def test_a_week_of_sleeps_crashes_and_steps_is_metered_as_by_hand(tmp_path: Path, long: bool) -> None:
    for seed in range(60 if long else 4):
        week = Week(tmp_path / str(seed), seed)
        ticket = week.live()
        allowed = united(windows())
        by_hand = length(shared(without(united(week.worked), united(week.not_worked)), allowed))
        with week.station.open() as desk:
            page, report = desk.pro.page(ticket), desk.pro.report(ticket)
        hours = page.hours
        used = hours.used_ms + hours.session_ms
        assert abs(used - by_hand) <= week.crashes * (BEAT_MS + 2_000), f"seed {seed}"
        assert used + hours.open_gap_ms <= hours.bought_ms
        assert page.gaps == ()
        for entry in report.entries:
            assert entry.ends_at is not None
        spans = [(entry.begins_at, entry.ends_at or 0) for entry in report.entries]
        assert length(spans) == length(united(spans)), "one engineer never runs two segments at once"
        assert hours.expired_ms == hours.bought_ms - used if week.now >= at(RENEWAL) else hours.expired_ms == 0
