"""Who follows a running session: a real desk on its own thread, on a machine whose clocks the test turns."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.desk.pro.views import GapQuestion, Watched
from console.timekeeping import Timekeeper
from tests.desk.pro_desk import MINUTE_MS, ProStation, at, done, ready
from ui.desk_thread import DeskThread
from ui.machine_hints.hints import MachineHints
from ui.pro.follower import SECOND_MS, SessionFollower

WAIT_MS = 10_000


class Watching:
    """A window's thread and follower, with everything that the follower told."""

    def __init__(self, qtbot: QtBot, station: ProStation, *, frozen: bool = False) -> None:
        self.qtbot = qtbot
        keeper = Timekeeper(station.clocks)
        self.thread = DeskThread(
            lambda: Desk.open(station.workspace, clock=lambda: station.clocks().wall_ms, timekeeper=keeper)
        )
        self.hints: list[MachineHints] = []
        self.told: list[tuple[str, Any]] = []
        self.follower = SessionFollower(
            self.thread, keeper.now_ms, frozen=frozen, make_hints=lambda parent: self._hear(keeper, parent)
        )
        for name in ("watched", "ticked", "warned", "stopped", "gaps", "failed"):
            getattr(self.follower, name).connect(lambda told, name=name: self.told.append((name, told)))
        self.thread.start()
        self.follower.refresh()
        self.until(lambda: self.follower.now_watched is not None)
        self.settle()

    def _hear(self, keeper: Timekeeper, parent: Any) -> MachineHints:
        self.hints.append(MachineHints(keeper.now_ms, parent))
        return self.hints[-1]

    def of(self, name: str) -> list[Any]:
        return [told for kind, told in self.told if kind == name]

    def until(self, seen: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(seen, timeout=WAIT_MS)

    def ask(self, fn: Callable[[Desk], Any]) -> Any:
        """Runs something on the desk's thread and waits for what it gives."""
        came: list[Any] = []
        self.thread.submit(fn, came.append)
        self.until(lambda: bool(came))
        return came[0]

    def settle(self) -> None:
        """Waits until a look that is under way has come back, and what followed from it."""
        self.until(lambda: not self.follower._ticking)
        self.ask(lambda desk: desk.queue.version())
        self.until(lambda: not self.follower._ticking)

    def tick(self) -> None:
        self.follower.tick()
        self.settle()

    def end(self) -> None:
        self.follower.rest()
        assert self.thread.stop(20)
        self.follower.deleteLater()


@pytest.fixture
def station(tmp_path: Path) -> ProStation:
    return ProStation(tmp_path / "mara", wall="2027-01-12 09:00")


@pytest.fixture
def engagement(station: ProStation) -> str:
    """A purchase of two hours whose gate is complete, agreed for ten o'clock, which it is."""
    with station.open() as desk:
        ticket = ready(desk, 2)
    station.to("10:00")
    return ticket


@pytest.fixture
def watch(qtbot: QtBot, station: ProStation) -> Iterator[Callable[..., Watching]]:
    opened: list[Watching] = []

    def start(**options: bool) -> Watching:
        opened.append(Watching(qtbot, station, **options))
        return opened[-1]

    yield start
    for watching in opened:
        if not watching.thread.ended():
            watching.end()


def start_session(desk: Desk, ticket: str) -> None:
    done(desk.pro.work.start(ticket))


def work(station: ProStation, until: str) -> Callable[[Desk], None]:
    """Looks at the clocks as often as a window does, raising no warnings, until a time."""

    def go(desk: Desk) -> None:
        while station.clocks.true_ms < at(until):
            station.clocks.run(min(15.0, (at(until) - station.clocks.true_ms) / 1000))
            desk.pro.watch.tick(raise_warnings=False)

    return go


def test_nothing_ticks_and_nobody_listens_to_the_machine_while_no_session_runs(
    watch: Callable[..., Watching], engagement: str
) -> None:
    watching = watch()
    assert [watched.running for watched in watching.of("watched")] == [()]
    assert not watching.follower.is_ticking
    assert watching.hints == []


def test_a_session_that_another_process_starts_and_stops_is_followed_meanwhile(
    watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    watching = watch()
    with station.open() as other:
        start_session(other, engagement)
        watching.until(lambda: watching.follower.is_ticking)
        session = watching.of("watched")[-1].running[0]
        assert (session.ticket, session.running.began_at) == (engagement, at("10:00"))
        assert watching.hints[0].is_listening()
        station.clocks.run(10)
        done(other.pro.work.stop(engagement))
        watching.until(lambda: not watching.follower.is_ticking)
    assert watching.of("watched")[-1].running == ()
    assert not watching.hints[0].is_listening()


def test_each_second_the_time_goes_out_and_the_clocks_are_looked_at(
    qtbot: QtBot, watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    watching = watch()
    watching.ask(lambda desk: start_session(desk, engagement))
    watching.until(lambda: watching.follower.is_ticking)
    station.clocks.run(16)
    with qtbot.waitSignal(watching.follower.ticked, timeout=WAIT_MS) as ticked:
        pass
    assert ticked.args == [at("10:00") + 16 * SECOND_MS]
    watching.settle()
    beats = watching.ask(lambda desk: desk.journal.beats())
    assert [beat.at for beat in beats.values()] == [at("10:00") + 16 * SECOND_MS]


def test_the_second_is_that_of_the_session_not_that_of_the_machine(
    watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    watching = watch()
    station.clocks.run(0.4)
    watching.ask(lambda desk: start_session(desk, engagement))
    watching.until(lambda: watching.follower.is_ticking)
    station.clocks.run(0.7)
    watching.follower._second_from_now()
    assert 300 < watching.follower._timer.interval() < 330


def test_looks_are_never_queued_behind_each_other(watch: Callable[..., Watching], engagement: str) -> None:
    watching = watch()
    watching.ask(lambda desk: start_session(desk, engagement))
    watching.settle()
    free, held = threading.Event(), threading.Event()

    def hold(_: Desk) -> None:
        held.set()
        free.wait(20)

    watching.thread.submit(hold)
    assert held.wait(20)
    for _ in range(5):
        watching.follower.tick()
    assert watching.thread._jobs.qsize() == 1
    free.set()
    watching.settle()


def test_each_warning_is_told_once_even_after_a_restart(
    watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    watching = watch()
    watching.ask(lambda desk: start_session(desk, engagement))
    watching.ask(work(station, "11:01"))
    for _ in range(3):
        watching.tick()
    assert [warned.ticket for warned in watching.of("warned")] == [engagement]
    watching.end()
    again = watch()
    again.tick()
    assert again.of("warned") == []


def test_a_session_that_is_stopped_at_its_limit_is_told_of_and_followed_no_more(
    watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    watching = watch()
    watching.ask(lambda desk: start_session(desk, engagement))
    watching.ask(work(station, "11:59:55"))
    station.clocks.run(9)
    watching.tick()
    assert watching.of("stopped") == ["The session was stopped at 12:00 PM ET: hours used up."]
    watching.until(lambda: not watching.follower.is_ticking)


def test_a_gap_is_asked_about_when_it_is_found_and_again_after_a_restart(
    watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    watching = watch()
    watching.ask(lambda desk: start_session(desk, engagement))
    watching.ask(work(station, "10:10"))
    station.clocks.sleep(minutes=30)
    watching.tick()
    watching.until(lambda: bool(watching.of("gaps")))
    watching.tick()
    asked: list[tuple[GapQuestion, ...]] = watching.of("gaps")
    assert len(asked) == 1, "a question that waits is not asked again each second"
    assert [(gap.begins_at, gap.ends_at) for gap in asked[0]] == [(at("10:10"), at("10:40"))]
    watching.end()
    again = watch()
    assert [[gap.id for gap in gaps] for gaps in again.of("gaps")] == [[asked[0][0].id]]


def test_a_session_that_was_open_when_the_program_died_is_looked_at_at_once(
    watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    with station.open() as desk:
        start_session(desk, engagement)
        work(station, "10:10")(desk)
    station.clocks.run(minutes=20)
    watching = watch()
    watching.until(lambda: bool(watching.of("gaps")))
    (gap,) = watching.of("gaps")[-1]
    assert (gap.begins_at, gap.ends_at) == (at("10:10"), at("10:30"))


def test_waking_up_and_unlocking_bring_a_look_at_once(
    watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    watching = watch()
    watching.ask(lambda desk: start_session(desk, engagement))
    watching.until(lambda: bool(watching.hints))
    watching.ask(work(station, "10:10"))
    machine = watching.hints[0]
    machine.note_sleep(True)
    station.clocks.sleep(minutes=30)
    watching.follower._timer.stop()
    machine.note_sleep(False)
    watching.until(lambda: bool(watching.of("gaps")))


def test_what_the_desktop_says_goes_to_the_desk_with_the_next_look(
    watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    watching = watch()
    watching.ask(lambda desk: start_session(desk, engagement))
    watching.until(lambda: bool(watching.hints))
    watching.ask(work(station, "10:10"))
    watching.hints[0].note_screen(True)
    watching.ask(work(station, "10:15"))
    watching.hints[0].note_screen(False)
    watching.settle()
    lines = watching.ask(lambda desk: desk.pro.page(engagement).log)
    assert [(line.at, line.ends_at) for line in lines if line.kind == "gap"] == [(at("10:10"), at("10:15"))]
    assert watching.of("gaps") == []


def test_on_a_frozen_clock_a_running_session_is_shown_and_never_ticks(
    watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    with station.open() as desk:
        start_session(desk, engagement)
    watching = watch(frozen=True)
    shown: Watched = watching.of("watched")[-1]
    assert len(shown.running) == 1
    assert not watching.follower.is_ticking
    assert watching.hints == []


def test_when_the_window_closes_the_last_beat_is_written_and_the_session_goes_on(
    watch: Callable[..., Watching], station: ProStation, engagement: str
) -> None:
    watching = watch()
    watching.ask(lambda desk: start_session(desk, engagement))
    watching.until(lambda: watching.follower.is_ticking)
    watching.settle()
    station.clocks.run(7)
    watching.end()
    with station.open() as desk:
        assert [beat.at for beat in desk.journal.beats().values()] == [at("10:00") + 7 * SECOND_MS]
        assert len(desk.pro.watch.watched().running) == 1


def test_a_look_that_fails_is_told_once_and_tried_again_with_its_hints(
    watch: Callable[..., Watching], station: ProStation, engagement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = watch()
    watching.ask(lambda desk: start_session(desk, engagement))
    watching.until(lambda: bool(watching.hints))
    watching.ask(work(station, "10:10"))
    desk = watching.ask(lambda desk: desk)

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(desk.pro.watch, "tick", fail)
        watching.hints[0].note_screen(True)
        station.clocks.run(90)
        watching.hints[0].note_screen(False)
        for _ in range(2):
            watching.tick()
    assert len(watching.of("failed")) == 1
    watching.tick()
    assert [gap.begins_at for gap in watching.ask(lambda desk: desk.pro.page(engagement).gaps)] == []
    assert watching.ask(lambda desk: desk.pro.page(engagement).hours.session_ms) == 11.5 * MINUTE_MS
