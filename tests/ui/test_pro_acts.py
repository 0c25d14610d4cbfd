"""The acts on a session through a real desk and real dialogs: what is asked, done, told, refused and undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from tests.desk.pro_desk import HOUR, MINUTE_MS, at, bought, done, prepared, ready
from tests.ui.pro_room import Room
from tests.ui.pro_room import room as room
from ui.pro.dialogs.complete import CompleteDialog
from ui.pro.dialogs.log_past import LogPastDialog
from ui.pro.dialogs.naming import HandOverDialog, NoteDialog, RequestDialog
from ui.pro.dialogs.scope import ScopeDialog
from ui.pro.dialogs.stop import CarryOverDialog, StopDialog


def test_a_start_is_told_and_a_refused_one_names_its_term(room: Room) -> None:
    ticket = room.ask(bought)
    page = room.page(ticket)
    room.acts.start(page)
    assert (
        room.told() == "Not started: the scope is not agreed in writing. The terms ask for it before work starts (T3)."
    )
    room.ask(lambda desk: prepared(desk, ticket))
    room.ask(lambda desk: done(desk.pro.gate.book(ticket, at("10:00"), seconds=2 * HOUR)))
    room.station.to("10:00")
    recorded: list[str] = []
    room.acts.done.connect(recorded.append)
    room.acts.start(page)
    assert room.told() == "Session for Harbour started."
    assert recorded == [ticket]
    assert room.page(ticket).running is not None


def test_stopping_says_what_is_kept_and_takes_a_last_note_with_the_keyboard_alone(room: Room) -> None:
    ticket = room.running()
    room.acts.stop(room.page(ticket))
    dialog = room.question(StopDialog)
    assert dialog.act.text() == "Stop and keep 40m"
    room.until(lambda: dialog.note.hasFocus())
    room.write("Tunnel is up.")
    room.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert room.told() == "Session for Harbour stopped, 40m kept."
    room.until(lambda: room.window.field.hasFocus())
    page = room.page(ticket)
    assert (page.running, page.row.state) == (None, "carried")
    assert "Tunnel is up." in [line.text for line in page.log]


def test_a_note_is_kept_where_the_session_reached_its_limit_before_it_was_stopped(room: Room) -> None:
    ticket = room.running()
    room.acts.stop(room.page(ticket))
    dialog = room.question(StopDialog)
    room.write("Tunnel is up.")
    room.station.clocks.run(minutes=50)
    dialog.act.click()
    assert room.told() == "The session for Harbour had ended at its limit already."
    page = room.page(ticket)
    assert "Tunnel is up." in [line.text for line in page.log]


def test_esc_keeps_the_session_running_and_gives_the_focus_back(room: Room) -> None:
    ticket = room.running()
    room.acts.stop(room.page(ticket))
    room.question(StopDialog)
    room.until(lambda: QApplication.focusWidget() is not room.window.field)
    room.key(Qt.Key.Key_Escape)
    room.until(lambda: room.acts.question is None and room.window.field.hasFocus())
    assert room.page(ticket).running is not None
    assert room.said == []


def test_what_was_typed_into_a_question_that_is_left_stands_there_again(room: Room) -> None:
    ticket = room.running()
    page = room.page(ticket)
    room.acts.stop(page)
    room.question(StopDialog)
    room.write("Tunnel is")
    room.key(Qt.Key.Key_Escape)
    room.until(lambda: room.acts.question is None)
    room.acts.edit_scope(page)
    room.question(ScopeDialog)
    room.write("Handover")
    room.key(Qt.Key.Key_Escape)
    room.until(lambda: room.acts.question is None)
    room.acts.edit_scope(page)
    scope = room.question(ScopeDialog)
    assert [row.title.text() for row in scope.rows] == ["VPN to the office", "Handover"]
    scope.reject()
    room.acts.stop(page)
    stop = room.question(StopDialog)
    assert stop.note.toPlainText() == "Tunnel is"
    stop.act.click()
    room.told()
    assert "Tunnel is" in [line.text for line in room.page(ticket).log]


def test_a_button_that_is_pressed_twice_asks_once(room: Room) -> None:
    ticket = room.running()
    page = room.page(ticket)
    room.acts.stop(page)
    first = room.question(StopDialog)
    room.acts.complete(page)
    room.ask(lambda _: None)
    assert room.acts.question is first


def test_completing_names_the_minutes_twice_and_can_be_undone_for_five(room: Room) -> None:
    ticket = room.running()
    room.acts.complete(room.page(ticket))
    dialog = room.question(CompleteDialog)
    assert (dialog.act.text(), dialog.act.isEnabled()) == ("Complete and lose 40m", False)
    assert dialog.tick.text() == "I know that 40m are lost"
    room.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert room.acts.question is dialog, "nothing is completed before the loss is ticked"
    room.key(Qt.Key.Key_Space)
    room.key(Qt.Key.Key_Return)
    assert room.told() == "Harbour completed, 40m lost."
    assert room.until_s == 300
    assert room.page(ticket).row.detail == "completed"
    assert room.offered is not None
    room.offered()
    assert room.told() == "Completion undone. The hours are back."
    assert room.page(ticket).hours.left_ms == 40 * MINUTE_MS


def test_where_nothing_is_lost_it_is_completed_at_once(room: Room) -> None:
    ticket = room.ask(lambda desk: bought(desk, 2))
    room.ask(lambda desk: prepared(desk, ticket))
    room.ask(lambda desk: done(desk.pro.gate.book(ticket, at("10:00"), seconds=HOUR)))
    room.station.to("10:00")
    room.ask(lambda desk: done(desk.pro.work.start(ticket)))
    room.ask(lambda desk: room.station.watch(desk, "11:00:05", every_s=5))
    room.acts.complete(room.page(ticket))
    assert room.told() == "Harbour completed."
    assert room.acts.question is None
    assert room.offered is not None


def test_a_loss_that_is_larger_by_now_is_named_and_asked_for_anew(room: Room) -> None:
    ticket = room.running()
    room.acts.complete(room.page(ticket))
    dialog = room.question(CompleteDialog)
    dialog.tick.setChecked(True)
    more = {"purchase": "P-2", "account": "Harbour"}
    with room.station.open() as elsewhere:
        done(
            elsewhere.pro.hours.buy(
                more["purchase"], more["account"], HOUR, renewal=at("2027-02-01 00:00"), extends=ticket
            ).receipt
        )
    dialog.act.click()
    room.until(lambda: dialog.refusal)
    assert dialog.refusal.startswith("Not completed: 1h 40m would be lost by now, not 40m")
    room.until(lambda: dialog.act.text() == "Complete and lose 1h 40m")
    assert not dialog.tick.isChecked()
    assert room.page(ticket).row.state != "closed"


def test_carrying_over_stops_and_moves_the_slot_to_the_next_business_day(room: Room) -> None:
    ticket = room.running()
    room.acts.complete(room.page(ticket))
    room.qtbot.mouseClick(room.question(CompleteDialog).carry, Qt.MouseButton.LeftButton)
    dialog = room.question(CarryOverDialog)
    assert dialog.act.text() == "Stop and book Wed 9:00 AM to 9:40 AM"
    dialog.act.click()
    assert room.told() == "Harbour goes on Wed 13 Jan, 9:00 AM to 9:40 AM."
    page = room.page(ticket)
    assert [(slot.begins_at, slot.ends_at) for slot in page.slots] == [(at("2027-01-13 09:00"), at("2027-01-13 09:40"))]


def test_interrupting_asks_for_the_kind_and_says_what_counts(room: Room) -> None:
    ticket = room.running()
    room.acts.pause(room.page(ticket))
    menu = next(menu for menu in room.window.findChildren(QMenu) if menu.isVisible())
    named = [action.text() for action in menu.actions()]
    assert "Lunch, not counted" in named
    assert "Waiting for the partner, counted" in named
    assert menu.activeAction() is menu.actions()[0]
    room.qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert room.told() == "Session interrupted, lunch. The time is not counted."
    running = room.page(ticket).running
    assert running is not None
    assert running.paused is not None
    assert room.offered is not None
    room.offered()
    assert room.told() == "The session goes on."


def test_past_time_needs_a_reason_and_a_lead_and_the_desk_has_the_last_word(room: Room) -> None:
    ticket = room.ask(lambda desk: ready(desk, 2, begins="14:00"))
    room.station.to("13:00")
    room.acts.log_past(room.page(ticket))
    dialog = room.question(LogPastDialog)
    assert dialog.act.text() == "Log 1h"
    dialog.span.set_span(at("07:00"), at("08:30"))
    assert dialog.act.text() == "Log 1h 30m"
    dialog.act.click()
    assert dialog.refusal == "Say why it is entered afterwards."
    dialog.reason.setText("The laptop had no power")
    dialog.act.click()
    assert dialog.refusal == "Name the lead who approves it."
    dialog.lead.setText("Jon Bell")
    dialog.act.click()
    room.until(lambda: "outside the service window" in dialog.refusal)
    assert dialog.reason.text() == "The laptop had no power"
    dialog.span.set_span(at("09:00"), at("10:00"))
    dialog.act.click()
    assert room.told() == "1h logged for Harbour."
    assert room.page(ticket).hours.left_ms == HOUR * 1000


def test_an_ask_outside_of_the_scope_is_listed_and_an_engagement_handed_over(room: Room) -> None:
    ticket = room.ask(bought)
    room.acts.request(room.page(ticket))
    dialog = room.question(RequestDialog)
    room.write("Printer redirection")
    room.key(Qt.Key.Key_Return)
    assert room.told() == "Request listed. It is not agreed."
    assert [title for _, title in room.page(ticket).scope.requested] == ["Printer redirection"]
    room.acts.hand_over(room.page(ticket))
    dialog = room.question(HandOverDialog)
    room.write("Aiko Sato")
    assert dialog.act.text() == "Hand over to Aiko Sato"
    room.key(Qt.Key.Key_Return)
    assert room.told() == "Harbour handed over to Aiko Sato."
    assert room.page(ticket).row.owner == "Aiko Sato"


def test_a_note_is_asked_for_where_no_field_for_it_is_seen(room: Room) -> None:
    ticket = room.running()
    room.acts.ask_note(room.page(ticket))
    dialog = room.question(NoteDialog)
    room.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert dialog.refusal == "Write the note first."
    room.write("Asked Dana for the key.")
    room.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert room.told() == "Note saved."
    assert "Asked Dana for the key." in [line.text for line in room.page(ticket).log]


def test_an_interruption_by_another_ticket_names_it_in_the_log(room: Room) -> None:
    ticket = room.running()
    other = room.ask(lambda desk: desk.tickets.open("Alert", account="Northwind")).entries[0].stream.partition(":")[2]
    room.acts.log_interruption(ticket, other)
    assert room.told() == "Session interrupted by another ticket. The time is not counted."
    running = room.page(ticket).running
    assert running is not None
    assert running.paused is not None
    assert running.paused[0] == "other ticket"


def test_notes_and_the_item_that_is_worked_on(room: Room) -> None:
    ticket = room.running()
    room.acts.note(ticket, "Attribute mapping tested.")
    assert room.told() == "Note saved."
    room.acts.work_on(ticket, "vpn")
    assert room.told() == "Now on another item."
    page = room.page(ticket)
    assert page.scope.lines[0].is_current
    assert "Attribute mapping tested." in [line.text for line in page.log]
    room.acts.work_on(ticket, None)
    assert room.told() == "Now on no item of the scope."
    assert not room.page(ticket).scope.lines[0].is_current


@pytest.mark.parametrize(("name", "begins"), [("report.md", b"#"), ("report.pdf", b"%PDF")])
def test_the_report_is_written_as_its_name_ends(room: Room, tmp_path: Path, name: str, begins: bytes) -> None:
    ticket = room.running()
    room.acts.export_report(room.page(ticket))
    dialog = room.question(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / name))
    dialog.reject()
    assert room.told() == f"Session report saved as {name}."
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_the_ledger_is_written_and_a_folder_that_is_none_is_said(room: Room, tmp_path: Path) -> None:
    ticket = room.running()
    page = room.page(ticket)
    room.acts.export_ledger(page)
    dialog = room.question(QFileDialog)
    assert dialog.selectedFiles()[0].endswith("Harbour ledger 2027-01-12.csv")
    dialog.fileSelected.emit(str(tmp_path / "ledger.csv"))
    dialog.reject()
    assert room.told() == "Ledger saved as ledger.csv."
    assert "P-1" in (tmp_path / "ledger.csv").read_text(encoding="utf-8")
    room.acts.export_ledger(page)
    dialog = room.question(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "nowhere" / "ledger.csv"))
    dialog.reject()
    assert room.told().endswith("ledger.csv cannot be written: No such file or directory.")


def test_acts_on_a_workspace_that_is_not_open_say_so(room: Room, qtbot: QtBot) -> None:
    ticket = room.ask(bought)
    page = room.page(ticket)
    assert room.thread.stop()
    room.acts.start(page)
    assert room.told() == "Nothing was recorded: the workspace is not open."


def test_the_menu_of_interruptions_opens_under_the_button_with_the_focus(room: Room) -> None:
    page = room.page(room.running())
    room.acts.pause(page)
    menu = next(menu for menu in room.window.findChildren(QMenu) if menu.isVisible())
    assert room.window.rect().contains(room.window.mapFromGlobal(menu.pos() + QPoint(4, 4)))
    menu.close()
