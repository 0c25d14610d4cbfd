"""The acts on Pro sessions through a real desk and real dialogs: what is asked, done, told, refused and undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.desk.pro.views import EngagementPage
from console.timekeeping import Timekeeper
from tests.desk.pro_desk import HOUR, MINUTE_MS, ProStation, at, bought, done, prepared, ready
from ui.desk_thread import DeskThread
from ui.pro.acts import ProActs
from ui.pro.dialogs.access import AccessDialog
from ui.pro.dialogs.complete import CompleteDialog
from ui.pro.dialogs.consent import ConsentDialog
from ui.pro.dialogs.gap_dialog import GapDialog
from ui.pro.dialogs.log_past import LogPastDialog
from ui.pro.dialogs.naming import ContactDialog, HandOverDialog, NoteDialog, ReleaseDialog, RequestDialog
from ui.pro.dialogs.scope import ScopeDialog
from ui.pro.dialogs.slot import SlotDialog
from ui.pro.dialogs.stop import CarryOverDialog, StopDialog

ME = "Mara Okafor"


class Window(QWidget):
    """A window with a field that has the focus, and that counts how often it was asked to close."""

    def __init__(self) -> None:
        super().__init__()
        self.field = QLineEdit()
        QVBoxLayout(self).addWidget(self.field)
        self.closed = 0

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed += 1
        event.ignore()


class Room:
    """Acts over a desk whose clocks the test turns. `said` are the toasts: sentence, error, action."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.station = ProStation(folder)
        clocks = self.station.clocks
        self.thread = DeskThread(
            lambda: Desk.open(self.station.workspace, clock=lambda: clocks().wall_ms, timekeeper=Timekeeper(clocks))
        )
        self.thread.start()
        self.window = Window()
        self.window.resize(1200, 800)
        qtbot.addWidget(self.window)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.window.field.setFocus()
        self.said: list[tuple[str, bool, str | None]] = []
        self.offered: Callable[[], object] | None = None
        self.until_s: int | None = None
        self.acts = ProActs(self.thread, self._say, self.window, lambda: clocks.true_ms)

    def _say(
        self,
        sentence: str,
        error: bool = False,
        *,
        action: str | None = None,
        act: Callable[[], object] | None = None,
        until_s: int | None = None,
    ) -> None:
        self.said.append((sentence, error, action))
        self.offered, self.until_s = act, until_s

    def ask(self, fn: Callable[[Desk], Any]) -> Any:
        got: list[Any] = []
        self.thread.submit(fn, got.append, failed=got.append)
        self.until(lambda: bool(got))
        if isinstance(got[0], Exception):
            raise got[0]
        return got[0]

    def page(self, ticket: str) -> EngagementPage:
        page: EngagementPage = self.ask(lambda desk: desk.pro.page(ticket))
        return page

    def until(self, what: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(what()), timeout=10_000)

    def told(self) -> str:
        """The sentence of the next toast."""
        self.until(lambda: self.said)
        return self.said.pop(0)[0]

    def question(self, kind: type[Any]) -> Any:
        """The question that opened, of a kind."""
        self.until(lambda: isinstance(self.acts.question, kind) and QApplication.activeWindow() is self.acts.question)
        return self.acts.question

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(QApplication.focusWidget(), key, modifiers)

    def write(self, text: str) -> None:
        self.qtbot.keyClicks(QApplication.focusWidget(), text)

    def running(self, hours: float = 2, until: str = "11:20") -> str:
        """An engagement whose session has run from ten o'clock on."""
        ticket: str = self.ask(lambda desk: ready(desk, hours))
        self.station.to("10:00")
        self.ask(lambda desk: done(desk.pro.work.start(ticket)))
        self.ask(lambda desk: self.station.watch(desk, until, every_s=10))
        return ticket


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    room = Room(qtbot, tmp_path / "mara")
    yield room
    assert room.thread.stop()


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


def test_a_slot_is_booked_with_the_arrow_keys_and_released_by_undo(room: Room) -> None:
    ticket = room.ask(lambda desk: bought(desk, 2))
    room.acts.book_slot(room.page(ticket))
    dialog = room.question(SlotDialog)
    assert dialog.act.text() == "Book Mon 9:00 AM to 11:00 AM"
    room.key(Qt.Key.Key_Down)
    assert dialog.act.text() == "Book Mon 11:00 AM to 1:00 PM"
    room.key(Qt.Key.Key_Return)
    assert room.told() == "Harbour booked Mon 11 Jan, 11:00 AM to 1:00 PM ET."
    assert len(room.page(ticket).slots) == 1
    assert room.offered is not None
    room.offered()
    assert room.told() == "Slot released."
    assert room.page(ticket).slots == ()


def test_fewer_hours_and_another_time_are_asked_of_the_planner(room: Room) -> None:
    ticket = room.ask(lambda desk: bought(desk, 3))
    room.acts.book_slot(room.page(ticket))
    dialog = room.question(SlotDialog)
    dialog.length.setFocus()
    dialog.length.selectAll()
    room.write("1:30")
    room.until(lambda: dialog.act.text() == "Book Mon 9:00 AM to 10:30 AM")
    dialog.slots.pick("other")
    dialog.other.day.setFocus()
    dialog.other.day.selectAll()
    room.write("tue")
    room.key(Qt.Key.Key_Tab)
    assert dialog.other.day.text() == "Tue 12 Jan 2027"
    dialog.other.time.selectAll()
    room.write("5 pm")
    room.key(Qt.Key.Key_Tab)
    room.until(lambda: dialog.act.text() == "Book Tue 5:00 PM to Wed 9:30 AM")
    assert dialog.act.isEnabled()
    assert "2 days" in dialog.warning
    dialog.other.time.setFocus()
    dialog.other.time.selectAll()
    room.write("7 pm")
    room.until(lambda: dialog.warning.endswith("The work does not fit at that time."))
    assert not dialog.act.isEnabled()


def test_an_agreed_slot_is_moved_or_released_in_the_same_question(room: Room) -> None:
    ticket = room.ask(lambda desk: ready(desk, 2))
    room.acts.book_slot(room.page(ticket))
    dialog = room.question(SlotDialog)
    assert dialog.what is not None
    assert dialog.moving is not None, "all hours are reserved, so it is the slot that moves"
    room.until(lambda: dialog.act.text() == "Move to Mon 9:00 AM to 11:00 AM")
    dialog.act.click()
    assert room.told() == "Slot moved to Mon 11 Jan, 9:00 AM to 11:00 AM ET."
    assert [slot.begins_at for slot in room.page(ticket).slots] == [at("2027-01-11 09:00")]
    assert room.offered is not None
    room.offered()
    assert room.told() == "Slot moved back."
    page = room.page(ticket)
    assert [slot.begins_at for slot in page.slots] == [at("10:00")]
    room.acts.release_slot(page, page.slots[0].id)
    release = room.question(ReleaseDialog)
    release.act.click()
    assert release.refusal == "Say why the slot is released."
    release.no_show.setChecked(True)
    release.act.click()
    room.until(lambda: release.refusal.startswith("Not released: the partner may still come"))
    room.station.to("10:16")
    release.act.click()
    assert room.told() == "No-show logged, slot released."
    assert room.page(ticket).slots == ()


def test_a_slot_that_is_dragged_out_of_the_window_asks_for_consent_and_moves_then(room: Room) -> None:
    ticket = room.ask(lambda desk: ready(desk, 2, begins="16:00"))
    room.station.to("09:00")
    page = room.page(ticket)
    room.acts.move_slot(page, page.slots[0].id, at("17:00"), at("19:00"))
    dialog = room.question(ConsentDialog)
    assert dialog.act.text() == "Record consent for Tue 6:00 PM to 7:00 PM"
    assert "lacks the mark that the project is time-sensitive" in dialog.missing()
    for tick in (dialog.time_sensitive, dialog.by_engineer, dialog.by_customer):
        tick.setChecked(True)
    assert dialog.missing() == ""
    dialog.act.click()
    assert room.told() == "Consent recorded for Tue 12 Jan, 6:00 PM to 7:00 PM."
    assert room.told() == "Slot moved to Tue 12 Jan, 5:00 PM to 7:00 PM ET."
    assert [slot.begins_at for slot in room.page(ticket).slots] == [at("17:00")]
    room.station.to("09:01")
    assert [consent.flaw for consent in room.page(ticket).consents] == [None]


def test_a_slot_within_the_window_moves_without_a_question(room: Room) -> None:
    ticket = room.ask(lambda desk: ready(desk, 2))
    room.station.to("09:00")
    page = room.page(ticket)
    room.acts.move_slot(page, page.slots[0].id, at("10:15"), at("12:15"))
    assert room.told() == "Slot moved to Tue 12 Jan, 10:15 AM to 12:15 PM ET."
    assert room.acts.question is None


def test_a_consent_is_recorded_before_the_start_and_can_be_withdrawn(room: Room) -> None:
    ticket = room.ask(lambda desk: ready(desk, 2))
    room.station.to("09:00")
    room.acts.ask_consent(room.page(ticket))
    dialog = room.question(ConsentDialog)
    dialog.span.set_span(at("18:00"), at("17:00"))
    dialog.act.click()
    assert dialog.refusal == "The time ends after it begins."
    dialog.span.set_span(at("18:00"), at("21:00"))
    dialog.time_sensitive.setChecked(True)
    dialog.act.click()
    assert room.told() == "Consent recorded for Tue 12 Jan, 6:00 PM to 9:00 PM."
    assert room.page(ticket).consents[0].flaw is not None, "the gate goes on listing what it lacks"
    assert room.offered is not None
    room.offered()
    assert room.told() == "Consent withdrawn."
    assert room.page(ticket).consents[0].withdrawn


def test_the_scope_is_written_and_agreed_with_the_keyboard_alone(room: Room) -> None:
    ticket = room.ask(bought)
    room.acts.edit_scope(room.page(ticket))
    dialog = room.question(ScopeDialog)
    assert not dialog.act.isEnabled()
    room.write("VPN to the office")
    room.key(Qt.Key.Key_Tab)
    room.write("1:30")
    room.key(Qt.Key.Key_Return)
    room.write("Office 365")
    room.key(Qt.Key.Key_Tab)
    room.write("1h")
    assert dialog.sum.text() == "2h 30m still estimated, 2h of the hours left."
    assert dialog.act.text() == "Agree version 1"
    dialog.partner.setText("")
    room.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert dialog.refusal == "Name both sides: engineer and customer agree the scope (T4)."
    dialog.partner.setText("Dana Whitfield")
    room.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert room.told() == "Scope of Harbour agreed, version 1."
    scope = room.page(ticket).scope
    assert [(line.title, line.estimate_ms // MINUTE_MS) for line in scope.lines] == [
        ("VPN to the office", 90),
        ("Office 365", 60),
    ]
    assert scope.agreed_by == (ME, "Dana Whitfield")


def test_a_new_version_of_the_scope_keeps_what_was_worked_on_its_items(room: Room) -> None:
    ticket = room.running()
    room.acts.edit_scope(room.page(ticket))
    dialog = room.question(ScopeDialog)
    assert dialog.rows[0].title.text() == "VPN to the office"
    room.write("Handover")
    dialog.act.click()
    assert room.told() == "Scope of Harbour agreed, version 2."
    assert room.page(ticket).scope.lines[0].id == "vpn"


def test_an_item_is_done_and_open_again_by_undo(room: Room) -> None:
    ticket = room.running()
    room.acts.set_item_done(ticket, "vpn", True)
    assert room.told() == "Item done."
    assert room.page(ticket).scope.lines[0].done
    assert room.offered is not None
    room.offered()
    assert room.told() == "Item open again."
    assert not room.page(ticket).scope.lines[0].done


def test_the_access_list_keeps_what_was_received(room: Room) -> None:
    ticket = room.ask(lambda desk: ready(desk, 2))
    room.acts.edit_access(room.page(ticket))
    dialog = room.question(AccessDialog)
    room.key(Qt.Key.Key_Return)
    room.write("Firewall")
    assert dialog.act.text() == "List 2 items"
    room.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert room.told() == "Access of Harbour listed."
    assert [(line.item, line.received) for line in room.page(ticket).access] == [
        ("Google project", True),
        ("Firewall", False),
    ]
    room.acts.receive_access(ticket, "Firewall")
    assert room.told() == "Access received: Firewall."
    room.acts.lose_access(ticket, "Firewall")
    assert room.told() == "Access lost: Firewall."


def test_an_end_customer_is_refused_as_contact_with_the_term_and_the_name_stays(room: Room) -> None:
    ticket = room.ask(bought)
    room.acts.set_contact(room.page(ticket))
    dialog = room.question(ContactDialog)
    room.write("Edna End")
    dialog.act.click()
    assert "Say which side" in dialog.refusal, "neither side is a default"
    dialog.side.pick("customer")
    dialog.act.click()
    room.until(lambda: dialog.refusal.startswith("Not set: Edna End is no partner."))
    assert dialog.refusal.endswith("Engineers deal with partners only (T5).")
    assert dialog.person.text() == "Edna End"
    dialog.side.pick("partner")
    dialog.act.click()
    assert room.told() == "Edna End is the contact of Harbour."
    assert room.page(ticket).contact == "Edna End"


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
