"""How the connection stands, on the rail and for people who listen, as the engine tells it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.settings import Workspace
from tests.ui.conftest import DEMO_AT
from tests.ui.sync_scenes import MINUTE, offline, synced
from tests.ui.team import Team
from tests.ui.team import team as team
from ui.shell.window import MainWindow


def spoken(widget: Any) -> str:
    return str(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name))


def test_the_rail_says_how_the_connection_stands(team: Team) -> None:
    place = team.window.rail.place
    assert place.text() == "Connecting"
    team.sync.show_status(synced())
    assert place.text() == "Synced"
    assert spoken(place) == "Connection: synced 12 seconds ago"
    team.clock.forward(minutes=2)
    assert spoken(place) == "Connection: synced 2 minutes ago"
    team.sync.show_status(offline())
    assert place.text() == "Offline"
    assert spoken(place) == "Connection: offline since 11:39 AM"


def test_without_a_hub_the_rail_says_that_all_is_on_this_computer(
    qtbot: QtBot, demo: Workspace, open_window: Any
) -> None:
    window: MainWindow = open_window(demo)
    window.state.set_flag("connected", True)
    window.tell_alone()
    assert not window.state.flag("connected", True)
    assert window.rail.place.text() == "On this\ncomputer"
    assert spoken(window.rail.place) == "Connection: on this computer only"
    assert window.banner.isHidden()


def test_the_state_opens_the_drawer_from_the_keyboard_and_through_assistive_technology(team: Team) -> None:
    team.sync.show_status(synced())
    place = team.window.rail.place
    place.setFocus(Qt.FocusReason.TabFocusReason)
    team.qtbot.keyClick(place, Qt.Key.Key_Space)
    assert team.sync.drawer is not None
    assert team.sync.drawer.is_open
    team.qtbot.keyClick(team.sync.drawer.sync_now, Qt.Key.Key_Escape)
    assert not team.sync.drawer.is_open
    assert QApplication.focusWidget() is place
    interface = QAccessible.queryAccessibleInterface(place)
    assert interface.role() == QAccessible.Role.Button
    interface.actionInterface().doAction(interface.actionInterface().pressAction())
    assert team.sync.drawer.is_open


def test_the_window_remembers_that_it_has_a_hub(team: Team) -> None:
    assert team.window.state.flag("connected", False)
    again = MainWindow(team.window.state, team.clock, frozen=True)
    team.qtbot.addWidget(again)
    assert again.rail.place.text() == "Connecting"


def test_changes_of_the_connection_are_read_out_once(team: Team) -> None:
    said: list[str] = []
    team.sync.spoke.connect(said.append)
    for status in (synced(), synced(link="syncing"), synced(), offline(), offline(next_try_at=DEMO_AT + 9_000)):
        team.sync.show_status(status)
    team.sync.show_status(synced())
    assert [sentence.partition(". ")[0] for sentence in said] == [
        "Offline since 11:39 AM",
        "Connected again, everything is synced.",
    ]


def test_a_wrong_clock_is_told_once(team: Team) -> None:
    team.sync.show_status(synced(skew_ms=7 * MINUTE))
    banner = team.window.banner
    assert banner.sentence.startswith("This computer's clock is 7m ahead of the hub's.")
    (close,) = banner.stops()
    close.click()
    team.sync.show_status(synced(skew_ms=8 * MINUTE))
    assert banner.isHidden()
