"""The section Settings in the real window: what is in force, what can be changed, and the hub in each of its states."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.desk.sync_views import SyncIssues
from console.settings import Workspace, load_settings
from tests.ui.conftest import DEMO_AT, ME
from tests.ui.joining import connect_dialog, until
from tests.ui.sync_scenes import MINUTE, URL, ZONE, issues, offline, synced
from ui.settings.cards import WorkspaceCard
from ui.settings.reading import Chosen
from ui.settings.rows import Fact
from ui.settings.section import SettingsSection
from ui.settings.wording import hub_facts, key_place
from ui.shell.menus import person_menu
from ui.shell.settings import SESSION_RUNS
from ui.shell.window import MainWindow
from ui.sync.leave_dialog import LeaveDialog
from ui.theme import theme


@pytest.fixture(autouse=True)
def _usual_look() -> Iterator[None]:
    yield
    theme().start("light", 1.0)


def visited(qtbot: QtBot, window: MainWindow) -> SettingsSection:
    """The section, shown and filled."""
    window.go("settings")
    settings = window.settings
    assert settings is not None
    qtbot.waitUntil(lambda: settings.section.is_settled, timeout=10_000)
    return settings.section


def facts(section: QWidget) -> dict[str, str]:
    return {fact.label.text(): fact.value.text() for fact in section.findChildren(Fact) if fact.isVisible()}


@pytest.fixture
def alone(demo: Workspace, open_window: Any) -> MainWindow:
    window: MainWindow = open_window(demo)
    return window


@pytest.fixture
def member(qtbot: QtBot, connected: Workspace, open_window: Any) -> MainWindow:
    window: MainWindow = open_window(connected)
    sync = window.add_sync()
    assert sync is not None
    qtbot.waitUntil(lambda: sync.connected, timeout=10_000)
    return window


# The way there


@pytest.mark.parametrize("keys", ["Ctrl+,", "G, S"])
def test_keys_lead_there_and_back(qtbot: QtBot, alone: MainWindow, keys: str) -> None:
    assert keys in alone.commands["go.settings"].keys
    with qtbot.waitActive(alone):
        alone.activateWindow()
    if keys == "Ctrl+,":
        qtbot.keyClick(alone, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    else:
        qtbot.keyClicks(alone.rail, "gs")
    settings = alone.settings
    assert settings is not None
    assert alone.shown is settings.section
    assert alone.rail.current is alone.rail.button("settings")
    alone.commands.run("go.queue")
    assert alone.shown is alone.section


def test_the_rail_and_the_menu_lead_there(qtbot: QtBot, alone: MainWindow) -> None:
    menu = person_menu(alone, alone.commands)
    assert menu.actions()[0].objectName() == "go.settings"
    menu.close()
    qtbot.mouseClick(alone.rail.button("settings"), Qt.MouseButton.LeftButton)
    assert alone.settings is not None
    assert alone.shown is alone.settings.section


def test_the_keys_of_lists_have_nothing_to_move_there(qtbot: QtBot, alone: MainWindow) -> None:
    visited(qtbot, alone)
    for command in ("list.next", "list.apply", "ticket.next", "ticket.take_next"):
        assert not alone.commands.enabled(command)


# You


async def test_another_name_is_kept_and_acted_under(demo: Workspace, alone: MainWindow) -> None:
    alone.go("settings")
    assert alone.settings is not None
    card = alone.settings.section.you
    await until(lambda: card.name.text() == ME)
    assert not card.save.isEnabled()
    card.name.setText("  Mara   Okafor-Lind ")
    card.save.click()
    await until(lambda: alone.rail.person.accessibleName() == "You, Mara Okafor-Lind")
    assert load_settings(demo).name == "Mara Okafor-Lind"
    await until(lambda: card.name.text() == "Mara Okafor-Lind")
    assert not card.save.isEnabled()
    assert alone.toasts is not None
    assert alone.toasts.shown[-1].sentence == "You act as Mara Okafor-Lind now."


async def test_a_name_that_cannot_be_kept_is_told_below_it(demo: Workspace, alone: MainWindow) -> None:
    alone.go("settings")
    assert alone.settings is not None
    section = alone.settings.section
    await until(lambda: section.is_settled)
    demo.settings.write_text("name = 7\n", encoding="utf-8")
    section.you.name.setText("Mara Lind")
    section.you.save.click()
    await until(lambda: "is a text" in section.you._own.told.text())
    assert section.you.name.text() == "Mara Lind"
    assert section.you.save.isEnabled()


def test_while_a_session_runs_the_name_stays(qtbot: QtBot, alone: MainWindow) -> None:
    section = visited(qtbot, alone)
    pro = alone.add_pro()
    assert pro is not None
    qtbot.waitUntil(lambda: pro.session is not None, timeout=10_000)
    section.you.name.setText("Mara Lind")
    section.you.save.click()
    assert section.you._own.told.text() == SESSION_RUNS


def test_the_name_that_a_hub_gave_is_only_shown(qtbot: QtBot, member: MainWindow) -> None:
    section = visited(qtbot, member)
    assert not section.you.name.isVisible()
    assert facts(section.you) == {"Name": ME}


def test_a_mistake_in_the_file_of_settings_is_told_and_the_rest_is_shown(
    qtbot: QtBot, demo: Workspace, alone: MainWindow
) -> None:
    demo.settings.write_text("token_file = 1\n", encoding="utf-8")
    section = visited(qtbot, alone)
    assert '"token_file" is a path' in facts(section)["Settings"]
    assert facts(section)["Folder"] == str(demo.folder)


# Appearance


def test_the_arrows_choose_light_or_dark(qtbot: QtBot, alone: MainWindow) -> None:
    mode = visited(qtbot, alone).look.mode
    mode.segment("light").setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(mode.segment("light"), Qt.Key.Key_Right)
    assert theme().mode == "dark"
    assert QApplication.focusWidget() is mode.segment("dark")


def test_the_look_is_chosen_and_follows_the_keys(qtbot: QtBot, alone: MainWindow) -> None:
    card = visited(qtbot, alone).look
    card.mode.segment("dark").click()
    assert theme().mode == "dark"
    alone.commands.run("theme.light")
    assert card.mode.segment("light").isChecked()
    card.larger.click()
    assert theme().text_scale == 1.1
    assert card.size.text() == "110 %"
    card.normal.click()
    assert card.size.text() == "100 %"
    assert not card.normal.isEnabled()


# The hub


async def test_without_a_hub_an_address_leads_to_the_question_for_a_way_in(alone: MainWindow) -> None:
    alone.has_loop = True
    alone.go("settings")
    assert alone.settings is not None
    section = alone.settings.section
    await until(lambda: section.is_settled)
    assert facts(section.hub) == {}
    section.hub.address.setText("hub.example.com")
    section.hub.connect_button.click()
    dialog = connect_dialog(alone)
    assert dialog.url.text() == "hub.example.com"
    await until(lambda: QApplication.focusWidget() is dialog.code)
    dialog.reject()


def test_a_member_sees_where_as_whom_and_since_when(qtbot: QtBot, member: MainWindow) -> None:
    section = visited(qtbot, member)
    assert member.sync is not None
    member.sync.show_status(synced(role="lead"))
    assert facts(section.hub) == {
        "Address": URL,
        "You are": ME,
        "Role": "Lead",
        "Connection": "Synced",
        "Last synced": "11:46 AM ET",
        "Sign-in kept": "In the system's keyring",
    }
    assert not section.hub.address.isVisible()
    member.sync.show_status(offline())
    assert facts(section.hub)["Connection"] == "Offline"
    assert facts(section.hub)["Last synced"] == "11:39 AM ET"


def test_who_is_signed_out_is_shown_the_way_in_and_has_no_key_to_take_back(qtbot: QtBot, member: MainWindow) -> None:
    hub = visited(qtbot, member).hub
    assert member.sync is not None
    member.sync.show_status(synced())
    hub.leave.setFocus()
    member.sync.show_status(synced(link="signed_out", error="The sign-in of this workstation is too old."))
    assert not hub.leave.isVisible()
    assert hub.sign_in.kind == "primary"
    assert QApplication.focusWidget() is hub.sign_in
    assert "Sign-in kept" not in facts(hub)
    hub.sign_in.click()
    dialog = connect_dialog(member)
    assert dialog.url.text() == URL
    assert dialog.again
    dialog.reject()


def test_disconnecting_asks_first_and_says_what_waits(qtbot: QtBot, member: MainWindow) -> None:
    hub = visited(qtbot, member).hub
    assert member.sync is not None
    member.sync.show_issues(issues(waiting_words="2 replies"))
    hub.leave.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(hub.leave, Qt.Key.Key_Space)
    (dialog,) = member.findChildren(LeaveDialog)
    said = [label.text() for label in dialog.findChildren(QWidget) if hasattr(label, "text")]
    assert "Not sent yet: 2 replies. This waits for your next sign-in." in said
    dialog.reject()
    assert QApplication.focusWidget() is hub.leave


def test_the_desk_says_who_the_person_is_before_the_engine_does(qtbot: QtBot, member: MainWindow) -> None:
    assert facts(visited(qtbot, member).hub)["Role"] == "Lead"


def test_what_is_said_of_the_hub_does_not_count_what_needs_a_person() -> None:
    told = hub_facts(None, SyncIssues(connected=True, url=URL, person=ME, role="lead"), DEMO_AT, ZONE)
    assert (told.state, told.synced, told.signed_in) == ("Connecting", "Not since this window was opened", True)
    yesterday = hub_facts(synced(synced_at=DEMO_AT - 24 * 60 * MINUTE), issues(), DEMO_AT, ZONE)
    assert yesterday.synced == "Mon 13 Oct, 11:47 AM ET"


def test_where_the_sign_in_is_kept_is_said() -> None:
    assert key_place(None) == "In the system's keyring"
    assert key_place(Path("/etc/console/token")) == "In the file /etc/console/token"


# All of it


def test_every_control_is_named_and_reached_by_tab(qtbot: QtBot, alone: MainWindow) -> None:
    section = visited(qtbot, alone)
    ready = [stop for stop in section.stops() if stop.isVisible() and stop.isEnabled()]
    assert all(stop.accessibleName() or stop.text() for stop in ready)  # type: ignore[attr-defined]
    assert QApplication.focusWidget() is ready[0]
    seen = []
    for _ in ready:
        seen.append(QApplication.focusWidget())
        qtbot.keyClick(seen[-1], Qt.Key.Key_Tab)
    assert seen == ready


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_at_the_least_size_no_button_is_cut(qtbot: QtBot, member: MainWindow, scale: float) -> None:
    section = visited(qtbot, member)
    theme().set_text_scale(scale)
    member.resize(1120, 700)
    qtbot.waitUntil(lambda: section.hub.sign_in.width() >= section.hub.sign_in.sizeHint().width())
    for stop in section.stops():
        if stop.isVisible():
            assert stop.width() >= stop.minimumSizeHint().width()
            assert section.rect().contains(stop.mapTo(section, stop.rect().topRight()).x(), 10)


def test_the_path_is_copied(qtbot: QtBot) -> None:
    card = WorkspaceCard()
    qtbot.addWidget(card)
    card.show_chosen(Chosen(ME, by_hub=False, zone=ZONE, folder=Path("/home/mara/console")))
    with qtbot.waitSignal(card.copy_asked) as asked:
        card.copy.click()
    assert asked.args == ["/home/mara/console"]
