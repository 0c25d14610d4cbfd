"""Redacting a message in the window: choosing it, the question, and what stands in its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.settings import Workspace
from tests.story import ms
from tests.ui.connected import confirm, follow, refuse
from tests.ui.test_ticket_pane import ME, Room
from tests.ui.test_ticket_pane import room as room
from ui.commands import Commands
from ui.ticket.keys import add_commands
from ui.ticket.message_row import MessageRow
from ui.ticket.redact_question import RedactQuestion

NOW = ms("2026-03-02 15:00")
WHY = "A password was in it"
REDACTED = f"Redacted by you, Mon 2 Mar 2026, 10:00 AM ET: {WHY}"


def rows(room: Room) -> list[MessageRow]:
    return [row for row in room.pane.body.timeline.rows if isinstance(row, MessageRow)]


def chosen(room: Room) -> str | None:
    row = room.pane.body.timeline.chosen
    return None if row is None else row.text.toPlainText()


def question(room: Room) -> RedactQuestion:
    def asked() -> list[RedactQuestion]:
        return [each for each in room.pane.findChildren(RedactQuestion) if each.isVisible()]

    room.until(lambda: bool(asked()))
    return asked()[0]


def says(dialog: RedactQuestion) -> str:
    return " ".join(label.text() for label in dialog.findChildren(type(dialog.loss)))


@pytest.fixture
def commands(room: Room) -> Commands:
    commands = Commands()
    commands.bind(room.pane, "window")
    add_commands(commands, room.pane)
    return commands


@pytest.fixture
def ticket(room: Room) -> str:
    """A ticket with three messages, the second of which holds a password."""
    ticket = room.ticket()
    room.customer(ticket, "I cannot sign in.")
    room.ask(lambda desk: desk.tickets.reply(ticket, "The password is swordfish.", public=True))
    room.customer(ticket, "Thank you.")
    room.show(ticket)
    return ticket


def test_a_message_is_redacted_with_the_keyboard_alone(
    room: Room, ticket: str, commands: Commands, qtbot: QtBot
) -> None:
    with qtbot.waitActive(room.pane):
        room.pane.activateWindow()
    timeline, alt = room.pane.body.timeline, Qt.KeyboardModifier.AltModifier
    timeline.setFocus()
    qtbot.keyClick(timeline, Qt.Key.Key_Up, alt)
    assert chosen(room) == "Thank you."
    qtbot.keyClick(timeline, Qt.Key.Key_Up, alt)
    assert chosen(room) == "The password is swordfish."
    qtbot.keyClick(timeline, Qt.Key.Key_Delete, alt)

    dialog = question(room)
    assert QApplication.focusWidget() is dialog.reason
    assert not dialog.act.isEnabled()
    assert dialog.windowTitle() == "Redact this public reply?"
    assert "swordfish" in says(dialog)
    assert "lost for ever from this workspace and its search" in says(dialog)
    assert "the customer's own copy" in says(dialog)
    qtbot.keyClicks(dialog.reason, WHY)
    qtbot.keyClick(dialog.reason, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    room.until(lambda: room.messages() == ["I cannot sign in.", REDACTED, "Thank you."])
    assert room.said == [("Redacted: the words are gone from this workspace.", False)]
    assert room.changed == [ticket]
    assert room.ask(lambda desk: desk.search("swordfish")) == []
    assert chosen(room) == REDACTED
    assert rows(room)[1].accessibleName() == "You, public reply, redacted, Mon 2 Mar 2026, 10:00 AM ET"
    assert QApplication.focusWidget() is timeline


def test_leaving_the_question_takes_nothing(room: Room, ticket: str, commands: Commands, qtbot: QtBot) -> None:
    room.pane.body.timeline.choose_next(-1)
    assert commands.run("ticket.redact")
    dialog = question(room)
    qtbot.keyClicks(dialog.reason, WHY)
    qtbot.keyClick(dialog.reason, Qt.Key.Key_Escape)
    room.settle()
    assert room.messages()[-1] == "Thank you."


def test_the_choice_stays_within_the_thread_and_through_a_refresh(room: Room, ticket: str) -> None:
    timeline = room.pane.body.timeline
    for _ in range(5):
        timeline.choose_next(-1)
    assert chosen(room) == "I cannot sign in."
    room.customer(ticket, "Hello?")
    room.settle()
    room.until(lambda: len(rows(room)) == 4)
    assert chosen(room) == "I cannot sign in."
    assert [row.is_chosen for row in rows(room)] == [True, False, False, False]
    timeline.choose_next(1)
    assert chosen(room) == "The password is swordfish."


def test_a_click_into_a_message_chooses_it(room: Room, ticket: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(rows(room)[0], Qt.MouseButton.LeftButton, pos=QPoint(60, 10))
    assert chosen(room) == "I cannot sign in."
    with qtbot.waitActive(room.pane):
        room.pane.activateWindow()
    qtbot.mouseClick(rows(room)[1].text.viewport(), Qt.MouseButton.LeftButton)
    assert chosen(room) == "The password is swordfish."


def test_the_menu_key_opens_the_acts_of_the_chosen_message(room: Room, ticket: str) -> None:
    timeline = room.pane.body.timeline
    timeline.choose_next(-1)
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(timeline, QContextMenuEvent(reason, QPoint(0, 0), QPoint(0, 0)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    (redact,) = [action for action in menu.actions() if action.objectName() == "redact"]
    redact.trigger()
    menu.close()
    assert question(room).windowTitle() == "Redact this customer message?"
    question(room).reject()


def test_without_a_choice_it_says_what_to_do(room: Room, ticket: str, commands: Commands) -> None:
    assert commands.run("ticket.redact")
    assert room.said == [("Choose a message first, with Alt+Up or a click.", False)]


def test_a_redacted_message_offers_no_second_redaction(room: Room, ticket: str, commands: Commands) -> None:
    entry = rows(room)[2].item.entry_id
    room.ask(lambda desk: desk.redacting.redact(ticket, entry, WHY))
    room.settle()
    room.until(lambda: room.messages()[-1] == REDACTED)
    room.pane.body.timeline.choose_next(-1)
    assert not rows(room)[2].can_redact
    assert commands.run("ticket.redact")
    assert room.said == [("Its words were taken away already.", False)]


class FollowingRoom(Room):
    """A pane on a workspace that follows a hub, in which I have the role that is given."""

    def __init__(self, qtbot: QtBot, folder: Path, role: str) -> None:
        hub = Workspace(folder / "hub")
        with Desk.open(hub, clock=lambda: NOW) as desk:
            opened = desk.tickets.open("Sign-in loop", by="customer", contact="Dana Whitfield")
            self.only = opened.entries[0].stream.partition(":")[2]
            desk.tickets.reply(self.only, "The password is swordfish.", public=False)
        follow(Workspace(folder / "mine"), hub, me=ME, now_ms=NOW)
        with Desk.open(Workspace(folder / "mine"), clock=lambda: NOW) as desk:
            desk.journal.replica.heard(role=role, skew_ms=None)
        super().__init__(qtbot, folder / "mine")


def following(qtbot: QtBot, folder: Path, role: str) -> FollowingRoom:
    room = FollowingRoom(qtbot, folder, role)
    room.show(room.only)
    return room


@pytest.fixture
def lead(qtbot: QtBot, tmp_path: Path) -> Iterator[FollowingRoom]:
    room = following(qtbot, tmp_path, "lead")
    yield room
    assert room.thread.stop()


@pytest.fixture
def engineer(qtbot: QtBot, tmp_path: Path) -> Iterator[FollowingRoom]:
    room = following(qtbot, tmp_path, "engineer")
    yield room
    assert room.thread.stop()


def redact(room: FollowingRoom) -> None:
    row = rows(room)[-1]
    room.pane.questions.redact(row.item)
    dialog = question(room)
    assert "the hub, every workstation" in says(dialog)
    dialog.reason.setText(WHY)
    dialog.act.click()


def pending(room: FollowingRoom) -> bool:
    return "The hub has yet to record it" in room.messages()[-1]


def test_with_a_hub_the_words_are_hidden_at_once_and_go_when_it_is_recorded(lead: FollowingRoom) -> None:
    redact(lead)
    lead.until(lambda: pending(lead))
    assert "swordfish" not in lead.messages()[-1]
    assert lead.said == [("Redacted here; the words are gone everywhere once the hub has recorded it.", False)]
    assert b"swordfish" in lead.workspace.database.read_bytes() + _log(lead)

    lead.ask(lambda desk: confirm(desk, desk.journal.entries(f"ticket:{lead.only}")[-1]))
    lead.settle()

    lead.until(lambda: lead.messages()[-1] == REDACTED)
    assert b"swordfish" not in lead.workspace.database.read_bytes() + _log(lead)


def test_a_redaction_that_the_hub_refuses_shows_the_words_again(lead: FollowingRoom) -> None:
    redact(lead)
    lead.until(lambda: pending(lead))

    def no(desk: Desk) -> None:
        refuse(desk, desk.journal.entries(f"ticket:{lead.only}")[-1], reason="Not redacted: the entry holds no text.")

    lead.ask(no)
    lead.settle()

    lead.until(lambda: lead.messages()[-1] == "The password is swordfish.")
    (refused,) = lead.ask(lambda desk: desk.sync.issues().refused)
    assert refused.title == "Redaction in #10001 was not recorded"
    assert [hit.ticket for hit in lead.ask(lambda desk: desk.search("swordfish"))] == [lead.only]


def test_who_may_not_redact_is_told_why(engineer: FollowingRoom) -> None:
    row = rows(engineer)[-1]
    engineer.pane.questions.redact(row.item)
    said = "Only a lead or an admin may redact; your role at the hub is engineer."
    assert engineer.said == [(said, True)]
    row.open_menu(QPoint(0, 0))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    (redact,) = [action for action in menu.actions() if action.objectName() == "redact"]
    assert (redact.isEnabled(), redact.toolTip()) == (False, said)
    menu.close()


def _log(room: Room) -> bytes:
    log = room.workspace.database.with_name(f"{room.workspace.database.name}-wal")
    return log.read_bytes() if log.exists() else b""
