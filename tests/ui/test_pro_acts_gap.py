"""A gap in a session is asked about until it is answered, through a real desk and the real question."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.desk.pro_desk import done
from tests.ui.pro_room import Room
from tests.ui.pro_room import room as room
from ui.pro.dialogs.gap_dialog import GapDialog


def test_a_gap_is_asked_about_until_there_is_an_answer(room: Room) -> None:
    ticket = room.running(until="10:40")
    room.station.clocks.sleep(minutes=25)
    report = room.ask(lambda desk: desk.pro.watch.tick())
    room.acts.answer_gaps(report.gaps)
    dialog = gap_dialog(room)
    assert dialog.question == "The computer slept from 10:40 AM to 11:05 AM ET (25m). What happened to the work?"
    assert dialog.buttons["ended"].text() == "The session ended at 10:40 AM"
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Space):
        room.qtbot.keyClick(dialog, key)
    assert dialog.isVisible()
    assert room.page(ticket).gaps != ()
    room.qtbot.keyClick(dialog, Qt.Key.Key_Tab)
    room.key(Qt.Key.Key_Down)
    assert dialog.buttons["not_worked"].hasFocus()
    room.key(Qt.Key.Key_Return)
    assert room.told() == "25m not counted: nobody worked."
    room.until(lambda: not dialog_is_open(room))
    assert room.page(ticket).gaps == ()
    room.until(lambda: room.window.field.hasFocus())


def test_the_program_can_be_ended_with_a_gap_open_and_nothing_is_answered(room: Room) -> None:
    ticket = room.running(until="10:40")
    room.station.clocks.sleep(minutes=25)
    room.acts.answer_gaps(room.ask(lambda desk: desk.pro.watch.tick()).gaps)
    dialog = gap_dialog(room)
    dialog.close()
    assert room.window.closed == 1
    assert [gap.id for gap in room.page(ticket).gaps] != []


def test_an_answer_from_the_command_line_closes_the_question(room: Room) -> None:
    room.running(until="10:40")
    room.station.clocks.sleep(minutes=25)
    gaps = room.ask(lambda desk: desk.pro.watch.tick()).gaps
    room.acts.answer_gaps(gaps)
    gap_dialog(room)
    with room.station.open() as elsewhere:
        done(elsewhere.pro.work.answer_gap(gaps[0].id, "worked"))
    room.until(lambda: not dialog_is_open(room))
    assert room.said == []


def gap_dialog(room: Room) -> GapDialog:
    room.until(lambda: dialog_is_open(room))
    return next(d for d in room.window.findChildren(GapDialog) if d.isVisible())


def dialog_is_open(room: Room) -> bool:
    return any(dialog.isVisible() for dialog in room.window.findChildren(GapDialog))
