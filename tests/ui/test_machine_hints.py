"""What a desktop says about the screen, the machine and the person: from its moments to spans."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from console.timekeeping import HintSpan
from tests.ui.conftest import HandClock
from tests.ui.machine_hints import at
from tests.ui.machine_hints import hints as hints
from ui.machine_hints import hints_for_this_machine
from ui.machine_hints.hints import IDLE_AFTER_S, MachineHints


def test_a_lock_of_six_minutes_is_one_span_taken_once(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_screen(True)
    hand_clock.forward(minutes=6)
    assert hints.take() == ()
    hints.note_screen(False)
    assert hints.take() == (HintSpan("screen locked", at(0), at(6)),)
    assert hints.take() == ()


def test_two_parts_of_a_desktop_that_say_the_same_are_heard_once(hints: MachineHints, hand_clock: HandClock) -> None:
    heard: list[str] = []
    hints.locked.connect(lambda: heard.append("locked"))
    hints.unlocked.connect(lambda: heard.append("unlocked"))
    hints.note_screen(True)
    hand_clock.forward(seconds=1)
    hints.note_screen(True)
    hand_clock.forward(minutes=1)
    hints.note_screen(False)
    hints.note_screen(False)
    assert heard == ["locked", "unlocked"]
    assert hints.take() == (HintSpan("screen locked", at(0), at(1) + 1_000),)


def test_suspend_and_lock_are_told_apart(hints: MachineHints, hand_clock: HandClock) -> None:
    heard: list[str] = []
    hints.slept.connect(lambda: heard.append("slept"))
    hints.woke.connect(lambda: heard.append("woke"))
    hints.note_screen(True)
    hints.note_sleep(True)
    hand_clock.forward(minutes=25)
    hints.note_sleep(False)
    hand_clock.forward(minutes=1)
    hints.note_screen(False)
    assert heard == ["slept", "woke"]
    assert hints.take() == (HintSpan("suspended", at(0), at(25)), HintSpan("screen locked", at(0), at(26)))


def test_an_end_without_a_begin_says_nothing(hints: MachineHints) -> None:
    hints.note_sleep(False)
    hints.note_screen(False)
    assert hints.take() == ()


def test_idleness_is_noted_from_the_last_key_to_the_next(hints: MachineHints, hand_clock: HandClock) -> None:
    for minutes in (5, 6, 7):
        hand_clock.now_ms = at(minutes)
        hints.note_idle(minutes * 60)
    hand_clock.forward(seconds=15)
    hints.note_idle(3)
    assert hints.take() == (HintSpan("idle", at(0), at(7) + 12_000),)


def test_less_than_five_minutes_without_a_key_is_work(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_idle(IDLE_AFTER_S - 1)
    hand_clock.forward(seconds=15)
    hints.note_idle(0)
    hints.stop()
    assert hints.take() == ()


def test_idle_seconds_that_are_not_exact_do_not_cut_a_span(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_idle(600)
    hand_clock.forward(seconds=15)
    hints.note_idle(613)
    assert hints.take() == ()


def test_one_key_between_two_long_absences_parts_them(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_idle(600)
    hand_clock.forward(minutes=20)
    hints.note_idle(600)
    hand_clock.forward(minutes=1)
    hints.note_idle(0)
    assert hints.take() == (HintSpan("idle", at(-10), at(10)), HintSpan("idle", at(10), at(21)))


def test_locked_or_suspended_time_is_not_idle_as_well(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_idle(300)
    hints.note_screen(True)
    hand_clock.forward(minutes=10)
    hints.note_idle(900)
    hints.note_screen(False)
    hints.note_idle(900)
    hand_clock.forward(minutes=1)
    hints.note_idle(0)
    assert hints.take() == (
        HintSpan("idle", at(-5), at(0)),
        HintSpan("screen locked", at(0), at(10)),
        HintSpan("idle", at(10), at(11)),
    )


def test_nobody_at_a_locked_screen_is_a_locked_screen_alone(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_screen(True)
    hand_clock.forward(minutes=10)
    hints.note_idle(600)
    hints.note_screen(False)
    hand_clock.forward(seconds=15)
    hints.note_idle(0)
    assert hints.take() == (HintSpan("screen locked", at(0), at(10)),)


def test_a_span_without_length_is_none(hints: MachineHints) -> None:
    hints.note_screen(True)
    hints.note_screen(False)
    assert hints.take() == ()


def test_a_desktop_that_does_not_say_how_idle_it_is_changes_nothing(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_idle(300)
    hand_clock.forward(minutes=1)
    hints.note_idle(None)
    hand_clock.forward(minutes=1)
    hints.note_idle(0)
    assert hints.take() == (HintSpan("idle", at(-5), at(2)),)


def test_what_goes_on_when_the_hints_stop_ends_there(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_screen(True)
    hand_clock.forward(minutes=3)
    hints.stop()
    assert hints.take() == (HintSpan("screen locked", at(0), at(3)),)


def test_this_machine_has_hints_whatever_its_desktop(qtbot: QtBot, hand_clock: HandClock) -> None:
    parent = QObject()
    hints = hints_for_this_machine(hand_clock, parent)
    assert hints.parent() is parent
    hints.start()
    hints.start()
    assert hints.is_listening()
    hints.stop()
    hints.stop()
    assert not hints.is_listening()
