"""'Offer Pro hours' on any ticket: the estimates as they are picked, and the text in the reply that is never sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.domain.pro_settings import ProSettings
from console.settings import Settings, Workspace, save_settings
from tests.story import ms
from ui.commands import Commands
from ui.desk_thread import DeskThread
from ui.pro.acts import ProActs
from ui.pro.dialogs.offer import OfferDialog
from ui.ticket.keys import add_commands
from ui.ticket.pane import TicketPane


class Room:
    """A ticket pane over a desk of its own."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        workspace = Workspace(folder)
        save_settings(workspace, Settings(name="Mara Okafor"))
        self.thread = DeskThread(lambda: Desk.open(workspace, clock=lambda: ms("2026-03-02 15:00")))
        self.thread.start()
        self.pane = TicketPane()
        self.pane.set_desk(self.thread)
        self.said: list[tuple[str, bool]] = []
        self.pane.message.connect(lambda sentence, error: self.said.append((sentence, error)))
        qtbot.addWidget(self.pane)
        self.pane.resize(1000, 830)
        self.pane.show()
        self.commands = Commands()
        self.commands.bind(self.pane, "window")
        add_commands(self.commands, self.pane)

    def ask(self, fn: Callable[[Desk], Any]) -> Any:
        got: list[Any] = []
        self.thread.submit(fn, got.append, failed=got.append)
        self.until(lambda: bool(got))
        return got[0]

    def until(self, what: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(what, timeout=10_000)

    def ticket(self, subject: str = "Move our files") -> str:
        receipt = self.ask(
            lambda desk: desk.tickets.open(
                subject, by="customer", account="Contoso Ltd", contact="Dana Whitfield", product="CAS", plan="Standard"
            )
        )
        return str(receipt.entries[0].stream.partition(":")[2])

    def show(self, ticket: str) -> None:
        self.pane.show_ticket(ticket)
        self.until(lambda: self.pane.view is not None and self.pane.view.ticket.id == ticket)

    def offer(self) -> OfferDialog:
        assert self.commands.run("ticket.offer_hours")
        self.until(lambda: QApplication.activeWindow() in self.pane.findChildren(OfferDialog))
        dialog = QApplication.activeWindow()
        assert isinstance(dialog, OfferDialog)
        return dialog

    @property
    def reply(self) -> str:
        return self.pane.body.composer.draft.toPlainText()


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    room = Room(qtbot, tmp_path / "workspace")
    yield room
    room.pane.flush_drafts()
    assert room.thread.stop()


def test_the_command_works_on_an_open_ticket_alone(room: Room) -> None:
    assert room.commands["ticket.offer_hours"].title == "Offer Pro hours\u2026"
    assert not room.commands.run("ticket.offer_hours")
    room.show(room.ticket())
    assert room.commands.enabled("ticket.offer_hours")


def test_scenario_49_the_estimate_follows_what_is_picked(room: Room, qtbot: QtBot) -> None:
    room.show(room.ticket())
    dialog = room.offer()
    assert dialog.windowTitle() == "Offer Pro hours for #10001?"
    assert dialog.total.text() == "Nothing is ticked yet."
    qtbot.keyClick(dialog.form.lines["applications"].tick, Qt.Key.Key_Space)
    assert dialog.total.text() == "By proportion the work takes 1h."
    dialog.form.applications.selectAll()
    qtbot.keyClicks(dialog.form.applications, "7")
    assert dialog.form.lines["applications"].time.placeholderText() == "1h 24m"
    assert dialog.total.text() == "By proportion the work takes 1h 24m: buy 2h."
    dialog.form.servers.set_value(2)
    assert dialog.total.text() == "By proportion the work takes 2h 48m: buy 3h."


def test_a_time_that_is_typed_is_the_agreed_one(room: Room, qtbot: QtBot) -> None:
    room.show(room.ticket())
    dialog = room.offer()
    qtbot.keyClicks(dialog.form.lines["migration"].time, "4h 30m")
    assert dialog.form.lines["migration"].tick.isChecked()
    assert dialog.total.text() == "By proportion the work takes 4h 30m."


def test_a_vpn_elsewhere_has_no_reference_and_says_so(room: Room, qtbot: QtBot) -> None:
    room.show(room.ticket())
    dialog = room.offer()
    qtbot.keyClick(dialog.form.lines["vpn_elsewhere"].tick, Qt.Key.Key_Space)
    assert dialog.total.text() == 'By proportion the work takes 0m; "Set up a VPN" has no estimate yet.'
    qtbot.keyClicks(dialog.form.lines["vpn_elsewhere"].time, "2h")
    assert dialog.total.text() == "By proportion the work takes 2h."


def test_what_cannot_be_read_is_said_and_kept(room: Room, qtbot: QtBot) -> None:
    room.show(room.ticket())
    dialog = room.offer()
    dialog.act.click()
    assert dialog.refusal == "Tick the work that is to be done."
    dialog.form.gigabytes.selectAll()
    qtbot.keyClicks(dialog.form.gigabytes, "lots")
    dialog.act.click()
    assert dialog.refusal == "Data migration: write how much of it there is."
    assert dialog.form.gigabytes.text() == "lots"
    dialog.form.gigabytes.setText("500")
    qtbot.keyClicks(dialog.form.lines["migration"].time, "soon")
    dialog.act.click()
    assert dialog.refusal == "Data migration: write a time such as 1h 30m."


def test_the_text_goes_behind_the_draft_and_is_not_sent(room: Room, qtbot: QtBot) -> None:
    ticket = room.ticket()
    room.show(ticket)
    composer = room.pane.body.composer
    composer.draft.insertPlainText("Hi Dana, \U0001f600 thank you.\n\n")
    dialog = room.offer()
    qtbot.keyClick(dialog.form.lines["migration"].tick, Qt.Key.Key_Space)
    qtbot.keyClicks(dialog.form.own, "Walk through")
    assert dialog.form.lines["own"].tick.isChecked()
    qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    room.until(lambda: "Migrate 500 GB of data" in room.reply)
    assert room.reply.startswith("Hi Dana, \U0001f600 thank you.\n\nHello Dana Whitfield,")
    assert "Migrate 500 GB of data: about 2h" in room.reply
    assert "Walk through: to be estimated together" in room.reply
    assert "buy 2h of Pro hours" in room.reply
    assert composer.mode == "reply"
    room.until(lambda: composer.draft.hasFocus())
    assert [item.kind for item in room.ask(lambda desk: desk.tickets.view(ticket)).items if item.kind == "reply"] == []
    qtbot.keyClick(composer.draft, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert room.reply.startswith("Hi Dana, \U0001f600 thank you.")
    assert "Migrate" not in room.reply


def test_a_note_that_is_being_written_stays_and_the_reply_is_shown(room: Room, qtbot: QtBot) -> None:
    room.show(room.ticket())
    composer = room.pane.body.composer
    composer.write("note")
    composer.draft.insertPlainText("Ask the lead.")
    dialog = room.offer()
    qtbot.keyClick(dialog.form.lines["office365"].tick, Qt.Key.Key_Space)
    dialog.act.click()
    room.until(lambda: composer.mode == "reply" and "Office 365" in room.reply)
    composer.write("note")
    assert room.reply == "Ask the lead."


def test_where_another_ticket_is_open_by_then_the_text_waits_as_a_draft(room: Room) -> None:
    one, two = room.ticket(), room.ticket("Another")
    room.ask(lambda desk: desk.drafts.save(one, "reply", "Hi Dana,"))
    room.show(two)
    room.pane.add_to_reply(one, "Hello.")
    room.until(lambda: bool(room.said))
    assert room.said == [("The text is in the reply of its ticket, as a draft.", False)]
    assert room.reply == ""
    room.show(one)
    assert room.reply == "Hi Dana,\n\nHello."


def test_the_acts_prepare_the_reply_of_a_ticket_for_whoever_shows_it(room: Room, qtbot: QtBot) -> None:
    ticket = room.ticket()
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    acts = ProActs(room.thread, lambda *_, **__: None, window)
    prepared: list[tuple[str, str]] = []
    acts.reply_prepared.connect(lambda ticket, text: prepared.append((ticket, text)))
    acts.offer_hours(ticket)
    room.until(lambda: bool(window.findChildren(OfferDialog)))
    dialog = window.findChildren(OfferDialog)[0]
    dialog.form.lines["vpn"].tick.setChecked(True)
    dialog.act.click()
    room.until(lambda: bool(prepared))
    assert prepared[0][0] == ticket
    assert "Set up a VPN to a Google site: about 1h" in prepared[0][1]


def test_estimates_are_not_rounded_where_the_setting_says_so(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialog = OfferDialog("#10001", ProSettings(estimate_rounding="none"), window)
    dialog.form.lines["applications"].tick.setChecked(True)
    dialog.form.applications.set_value(7)
    assert dialog.total.text() == "By proportion the work takes 1h 24m."
