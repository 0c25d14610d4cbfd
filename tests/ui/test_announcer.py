"""What is said to people who listen when their own tickets come nearer to a breach."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.domain.queue import Level
from console.settings import Workspace
from tests.ui.conftest import ME, HandClock
from tests.ui.test_queue_wording import NOW, PAUSED, QUIET, ROW
from ui.desk_thread import DeskThread
from ui.shell.announcer import Announcer, is_worse, next_crossing_ms, sentences
from ui.shell.strip import Hours, SessionStrip
from ui.widgets.spoken import answer_when_asked

MINUTE = 60_000


@pytest.fixture
def thread(demo: Workspace, hand_clock: HandClock) -> Iterator[DeskThread]:
    made = DeskThread(lambda: Desk.open(demo, clock=hand_clock))
    made.start()
    yield made
    assert made.stop(20)


@pytest.fixture
def told(qtbot: QtBot, thread: DeskThread, hand_clock: HandClock) -> tuple[Announcer, list[tuple[str, bool]]]:
    said: list[tuple[str, bool]] = []
    keep = QObject()
    announcer = Announcer(thread, hand_clock, lambda words, assertive: said.append((words, assertive)), frozen=True)
    announcer.setParent(keep)
    announcer.keep = keep  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bool(announcer._rows), timeout=10_000)
    return announcer, said


def test_at_the_start_nothing_is_said(told: tuple[Announcer, list[tuple[str, bool]]]) -> None:
    assert told[1] == []


def test_a_breach_of_an_own_ticket_is_said_at_once_and_only_once(
    told: tuple[Announcer, list[tuple[str, bool]]], hand_clock: HandClock
) -> None:
    announcer, said = told
    due = min(row.due_at for row in announcer._rows if row.due_at is not None and row.due_at > hand_clock())
    hand_clock.now_ms = due + 1
    announcer.look()
    breaches = [words for words, assertive in said if assertive]
    assert len(breaches) == 1
    assert "breached" in breaches[0]
    said.clear()
    hand_clock.forward(seconds=5)
    announcer.look()
    assert said == []


def test_tickets_of_others_are_not_watched(told: tuple[Announcer, list[tuple[str, bool]]]) -> None:
    assert {row.assignee for row in told[0]._rows} == {ME}


def test_a_level_is_worse_only_when_it_is_nearer_to_a_breach() -> None:
    steps: list[tuple[Level, Level | None, bool]] = [
        ("at_risk", "due_soon", True),
        ("breached", "paused", True),
        ("due_soon", "met", True),
        ("due_soon", "at_risk", False),
        ("on_track", "breached", False),
        ("paused", "at_risk", False),
        ("breached", None, False),
    ]
    assert [is_worse(now, before) for now, before, _ in steps] == [worse for *_, worse in steps]


def test_it_wakes_when_the_first_level_changes() -> None:
    assert next_crossing_ms([ROW], NOW) == 18 * MINUTE + 1
    soon = msgspec.structs.replace(ROW, risk_at=NOW + MINUTE)
    assert next_crossing_ms([ROW, soon, PAUSED, QUIET], NOW) == MINUTE
    assert next_crossing_ms([PAUSED, QUIET], NOW) is None


def test_a_breach_may_interrupt_and_the_rest_waits_its_turn() -> None:
    late = msgspec.structs.replace(ROW, ticket="t2", due_at=NOW - 2 * MINUTE)
    assert sentences([ROW, late], NOW) == [
        ("Contoso Ltd. Next reply breached, 2 minutes overdue. Sign-in loop after certificate change.", True),
        ("Contoso Ltd. Next reply at risk, 18 minutes left. Sign-in loop after certificate change.", False),
    ]


def test_many_at_once_are_counted() -> None:
    rows = [msgspec.structs.replace(ROW, ticket=f"t{n}") for n in range(4)]
    assert sentences(rows, NOW) == [("4 of your tickets are closer to a breach.", False)]


def test_a_name_that_counts_time_is_told_when_it_is_asked_for_and_not_before(
    qtbot: QtBot, hand_clock: HandClock
) -> None:
    answer_when_asked()
    strip = SessionStrip(hand_clock, lambda: None, None)  # type: ignore[arg-type]
    qtbot.addWidget(strip)
    strip.show_hours(Hours("America/New_York", True, hand_clock() + 60 * MINUTE))
    kept = strip.accessibleName()
    hand_clock.forward(minutes=1)
    strip._tick()
    strip._minute.stop()
    assert strip.accessibleName() == kept
    said = QAccessible.queryAccessibleInterface(strip).text(QAccessible.Text.Name)
    assert said.endswith("11:48 AM ET")
