"""The sync drawer in the real window: its place, its keys, and what is done on its cards."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.events import TicketAssigned
from console.settings import Workspace
from tests.ui.conftest import DEMO_AT
from tests.ui.connected import confirm, happens
from tests.ui.sync_scenes import offline
from tests.ui.team import Team
from tests.ui.team import team as team
from ui import theme
from ui.shell.window import MainWindow


def two_assignees(team: Team) -> None:
    """I gave it to Jon, Lena took it, and neither saw the other's change."""
    seen = team.pane.view.ticket.registers["assignee"]
    mine = team.ask(lambda desk: desk.tickets.assign(team.ticket, "Jon Alvarez")).entries
    team.ask(lambda desk: confirm(desk, *mine))
    taken = TicketAssigned(to="Lena Fischer")
    team.ask(lambda desk: happens(desk, team.ticket, taken, "Lena Fischer", at=DEMO_AT, base=seen))
    team.until(lambda: bool(team.sync.issues.overwrote))


@pytest.mark.parametrize(("button", "kept"), [(0, "Jon Alvarez"), (1, "Lena Fischer")])
def test_of_two_versions_the_person_keeps_one(team: Team, button: int, kept: str) -> None:
    two_assignees(team)
    team.window.commands.run("sync.show")
    drawer = team.sync.drawer
    assert drawer is not None
    (card,) = drawer.cards
    assert [press.accessibleName() for press in card.buttons] == [
        "Keep mine, Jon Alvarez",
        "Keep Lena Fischer's, Lena Fischer",
    ]
    card.buttons[button].click()
    team.until(lambda: not team.sync.issues.overwrote)
    assert team.ask(lambda desk: desk.tickets.state(team.ticket)).assignee == kept
    assert f"{kept} kept." in team.toasts()
    team.until(lambda: all(other is not card for other in drawer.cards))


def test_what_somebody_else_had_first_is_told_and_put_away(team: Team) -> None:
    with_nobody = team.ask(lambda desk: next(row.ticket for row in desk.queue.listing() if row.assignee is None))
    entries = team.ask(lambda desk: desk.tickets.take(with_nobody)).entries
    team.ask(lambda desk: confirm(desk, *entries, effect="void: Ana Torres had it already"))
    team.until(lambda: bool(team.sync.issues.not_taken))
    assert any("Ana Torres had it already." in said for said in team.toasts())
    team.window.commands.run("sync.show")
    drawer = team.sync.drawer
    assert drawer is not None
    (card,) = drawer.cards
    opens, away = card.buttons
    opens.click()
    team.until(lambda: team.pane.ticket_id == with_nobody)
    away.click()
    team.until(lambda: not team.sync.issues.not_taken)
    team.until(lambda: not drawer.cards)


def test_the_commands_are_in_the_table_of_keys_and_in_the_menu(team: Team) -> None:
    from ui.shell.menus import person_menu

    commands = team.window.commands
    assert commands.shown_keys("sync.show") == "G then Y"
    assert commands.shown_keys("sync.now") == "F5"
    assert commands.enabled("sync.now")
    assert not commands.enabled("sync.connect")
    menu = person_menu(team.window, commands)
    assert {"sync.show", "sync.now", "sync.connect"} <= {action.objectName() for action in menu.actions()}
    menu.close()


def test_without_a_hub_only_connecting_is_offered(qtbot: QtBot, demo: Workspace, open_window: Any) -> None:
    window: MainWindow = open_window(demo)
    assert window.commands.enabled("sync.connect")
    assert not window.commands.enabled("sync.now")
    qtbot.mouseClick(window.rail.place, Qt.MouseButton.LeftButton)
    sync = window.sync
    assert sync is not None
    assert sync.drawer is not None
    assert QApplication.focusWidget() is sync.drawer.connect_button
    qtbot.waitUntil(lambda: sync._known, timeout=10_000)
    assert QApplication.focusWidget() is sync.drawer.connect_button


def test_f6_goes_through_the_open_drawer(team: Team) -> None:
    team.refused("Hi Dana, here is the trace.", "Not allowed.")
    team.window.commands.run("sync.show")
    drawer = team.sync.drawer
    assert drawer is not None
    visited = []
    for _ in range(6):
        team.window.next_pane(1)
        focus = QApplication.focusWidget()
        visited.append(focus is not None and drawer.isAncestorOf(focus))
    assert any(visited)
    assert not all(visited)


def test_the_drawer_lies_right_of_the_rail_above_the_strip(team: Team) -> None:
    team.window.commands.run("sync.show")
    drawer = team.sync.drawer
    assert drawer is not None
    ground = team.window.ground
    team.until(lambda: drawer.x() + drawer.width() == ground.width())
    assert (drawer.width(), drawer.y()) == (440, 0)
    assert drawer.height() == ground.height() - team.window.strip.height()
    team.window.resize(1200, 760)
    team.until(lambda: drawer.x() + drawer.width() == ground.width())
    theme.theme().set_text_scale(1.5)
    team.until(lambda: drawer.width() == 660)


def test_the_report_goes_to_the_clipboard_without_any_words_of_the_ticket(team: Team) -> None:
    team.refused("Hi Dana, a secret.", "Not allowed.")
    team.window.commands.run("sync.report")
    team.until(lambda: "Hub: https://hub.example" in QApplication.clipboard().text())
    assert "secret" not in QApplication.clipboard().text()
    assert "Report copied." in team.toasts()


def test_a_new_ticket_that_is_taken_back_offers_its_words(team: Team) -> None:
    team.sync.show_status(offline())
    entries = team.ask(lambda desk: desk.tickets.open("Made while offline", account="Contoso Ltd")).entries
    ticket = entries[0].stream.partition(":")[2]
    team.ask(lambda desk: desk.tickets.reply(ticket, "Is anybody hurt?", public=True))
    team.window.section.open_ticket(ticket)
    team.until(lambda: team.pane.ticket_id == ticket and len(team.sync.issues.waiting) >= 2)
    team.window.commands.run("sync.outbox")
    drawer = team.sync.drawer
    assert drawer is not None
    card = next(card for card in drawer.cards if card.title.text() == "New ticket")
    assert [press.text() for press in card.buttons] == ["Don't send"]
    card.buttons[0].click()
    team.until(lambda: not team.sync.issues.waiting)
    team.until(lambda: "Taken back: New ticket." in team.toasts())
    team.window.undo()
    assert QApplication.clipboard().text() == "Made while offline\n\nIs anybody hurt?"
    team.until(lambda: team.pane.ticket_id != ticket)
