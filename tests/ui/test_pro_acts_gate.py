"""The acts that prepare a session, through a real desk and real dialogs: slots, consents, scope, access, contact."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.desk.pro_desk import MINUTE_MS, at, bought, ready
from tests.ui.pro_room import ME, Room
from tests.ui.pro_room import room as room
from ui.pro.dialogs.access import AccessDialog
from ui.pro.dialogs.consent import ConsentDialog
from ui.pro.dialogs.naming import ContactDialog, ReleaseDialog
from ui.pro.dialogs.scope import ScopeDialog
from ui.pro.dialogs.slot import SlotDialog


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
