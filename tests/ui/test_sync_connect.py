"""Connecting from the window, to a real hub on a loopback socket: the questions, the list, the new file, the engine."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.desk.connect_preview import Obstacle
from console.desk.new_file import Preview
from console.settings import Settings, Workspace, save_settings
from tests.hub.conftest import new_database as new_database
from tests.hub.conftest import server as server
from tests.hub.conftest import url as url
from tests.hub.running import HubThread
from tests.hub.running import hub_server as hub_server
from tests.ui.conftest import ME
from tests.ui.joining import connect_dialog, toasts, until, with_loop
from ui.shell.sync import WindowSync
from ui.shell.window import MainWindow
from ui.sync.connect_dialog import ConnectDialog, Credentials, missed_words, obstacle_lines, preview_words

SUBJECT = "Printer is on fire"


@pytest.fixture
def alone(empty_workspace: Workspace, open_window: Any) -> MainWindow:
    """A window on a workspace that lived without a hub, with one ticket in it."""
    save_settings(empty_workspace, Settings(name="Mara at home", token_file=empty_workspace.folder / "token"))
    with Desk.open(empty_workspace) as desk:
        desk.tickets.open(SUBJECT, account="Contoso Ltd")
    window: MainWindow = open_window(empty_workspace, ticket_pane=True)
    return window


def asked(window: MainWindow) -> tuple[WindowSync, ConnectDialog]:
    """The window's sync, and the dialog that it opens."""
    sync = with_loop(window)
    sync.acts.ask_connect()
    return sync, connect_dialog(window)


async def test_a_workspace_joins_a_hub_and_its_ticket_goes_there(alone: MainWindow, hub_server: HubThread) -> None:
    code = hub_server.hub.people.enrol(ME, "lead")
    sync, dialog = asked(alone)
    dialog.url.setText(hub_server.url)
    dialog.code.setText(code)
    dialog.act.click()
    await until(lambda: dialog.act.text() == "Connect and offer 1 entry")
    assert dialog.isVisible()
    dialog.act.click()
    await until(lambda: bool(toasts(alone)))
    assert toasts(alone)[0].startswith(f"Connected as {ME}. What was here before is kept in journal.before-hub-")
    await until(lambda: sync.connected and sync.status is not None and sync.status.link == "synced")
    assert alone.rail.place.text() == "Synced"
    assert alone.rail.person.accessibleName() == f"You, {ME}"
    await until(lambda: not sync.issues.waiting)
    queue = alone.section.queue
    assert queue is not None
    await until(lambda: (row := queue.current_row()) is not None and row.number is not None)
    assert queue.current_row().subject == SUBJECT  # type: ignore[union-attr]
    await sync.rest()


async def test_who_stays_has_everything_as_it_was(alone: MainWindow, hub_server: HubThread) -> None:
    code = hub_server.hub.people.enrol(ME, "lead")
    sync, dialog = asked(alone)
    dialog.url.setText(hub_server.url)
    dialog.code.setText(code)
    dialog.act.click()
    await until(lambda: dialog.back.text() == "Stay on this computer")
    dialog.back.click()
    await until(lambda: bool(toasts(alone)))
    thread = alone._thread
    assert thread is not None
    rows = await thread.call(lambda desk: desk.queue.listing())
    assert [row.subject for row in rows] == [SUBJECT]
    assert not await thread.call(lambda desk: desk.journal.is_connected)
    assert sync.engine is None
    assert alone.rail.place.text() == "On this\ncomputer"


async def test_a_wrong_code_is_told_in_the_dialog_and_can_be_tried_again(
    alone: MainWindow, hub_server: HubThread
) -> None:
    sync, dialog = asked(alone)
    dialog.url.setText(hub_server.url)
    dialog.code.setText("XXXX-XXXX")
    dialog.act.click()
    await until(lambda: bool(dialog.refusal))
    assert dialog.isVisible()
    assert dialog.act.isEnabled()
    assert dialog.code.text() == "XXXX-XXXX"
    dialog.code.setText(hub_server.hub.people.enrol(ME, "lead"))
    dialog.act.click()
    await until(lambda: dialog.act.text().startswith("Connect and offer"))
    dialog.back.click()
    await until(lambda: bool(toasts(alone)))
    assert sync.engine is None


async def test_a_hub_that_is_not_there_is_told_and_the_window_works_on(alone: MainWindow) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _, dialog = asked(alone)
    dialog.url.setText(f"http://127.0.0.1:{port}")
    dialog.code.setText("ABCD-EFGH")
    dialog.act.click()
    await until(lambda: bool(dialog.refusal))
    thread = alone._thread
    assert thread is not None
    receipt = await thread.call(lambda desk: desk.tickets.open("Another one"))
    assert receipt.refused is None
    dialog.reject()


async def test_a_hub_without_a_provider_takes_codes_only(alone: MainWindow, hub_server: HubThread) -> None:
    _, dialog = asked(alone)
    dialog.url.setText(hub_server.url)
    dialog.browser.click()
    await until(lambda: bool(dialog.refusal))
    assert dialog.refusal == "This hub takes one-time codes only. An admin can give you one."
    dialog.reject()


# The questions alone


@pytest.fixture
def dialog(qtbot: QtBot, alone: MainWindow) -> ConnectDialog:
    made = ConnectDialog(alone)
    made.open()
    return made


def test_an_address_and_a_way_in_are_asked_for(qtbot: QtBot, dialog: ConnectDialog) -> None:
    given: list[Credentials] = []
    dialog.asked.connect(given.append)
    assert QApplication.focusWidget() is dialog.url
    dialog.act.click()
    assert dialog.refusal.startswith("Give the address of the hub")
    qtbot.keyClicks(dialog.url, "hub.example.com")
    dialog.act.click()
    assert dialog.refusal == "Give a one-time code, or sign in with the browser."
    qtbot.keyClicks(dialog.code, "ABCD EFGH")
    qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert given == [Credentials("https://hub.example.com", "ABCDEFGH")]


def test_while_it_is_on_its_way_it_can_be_given_up_until_the_last_step(qtbot: QtBot, dialog: ConnectDialog) -> None:
    dialog.set_busy(True)
    assert not dialog.act.isEnabled()
    dialog.show_last_step()
    dialog.reject()
    assert dialog.isVisible()
    dialog.set_busy(True)
    with qtbot.waitSignal(dialog.left):
        dialog.reject()


def test_progress_counts_where_there_is_something_to_count(dialog: ConnectDialog) -> None:
    dialog.show_progress("Loading", 41_000, 162_321)
    assert dialog._progress.text() == "Loading, 41,000 of 162,321 entries"
    dialog.show_progress("Signing in", 0, 0)
    assert dialog._progress.text() == "Signing in…"


def test_signing_in_again_keeps_the_address(qtbot: QtBot, alone: MainWindow) -> None:
    again = ConnectDialog(alone, url="https://hub.example.com", again=True)
    again.open()
    assert again.url.isReadOnly()
    assert again.act.text() == "Sign in"
    qtbot.waitUntil(lambda: QApplication.focusWidget() is again.code)


PREVIEW = Preview(
    person=ME,
    role="lead",
    was="Mara at home",
    hub_entries=1,
    entries=162_321,
    known=0,
    tickets=24_918,
    obstacles=(
        Obstacle(outcome="void", title="#10007 was not taken", reason="Ana Torres had it already", at=0),
        Obstacle(outcome="refused", title="Note on #10009 was not saved", reason="It is 70 KB, not 64 KB.", at=0),
    ),
    counts={"void": 2, "refused": 1},
)


def test_what_would_happen_is_said_in_numbers() -> None:
    assert preview_words(PREVIEW) == (
        "You are Mara Okafor at the hub, with the role lead. Here you acted as Mara at home so far. 162,321 entries of "
        "24,918 tickets are offered to it. It has 1 entry for you. The file that is here now is kept."
    )


def test_what_would_not_get_through_is_counted_and_listed() -> None:
    assert missed_words(PREVIEW.counts) == (
        "Not all would get through: 2 stay in the history and change nothing; 1 stay on this computer, with the reason."
    )
    assert obstacle_lines(PREVIEW.obstacles, 3) == [
        "#10007 was not taken. Ana Torres had it already.",
        "Note on #10009 was not saved. It is 70 KB, not 64 KB.",
        "And 1 more.",
    ]


async def test_the_list_is_shown_before_anything_happens_and_the_safe_answer_has_the_focus(alone: MainWindow) -> None:
    dialog = ConnectDialog(alone)
    dialog.open()
    decision = asyncio.ensure_future(dialog.confirm(PREVIEW))
    await until(lambda: dialog.obstacles.isVisible())
    assert dialog.obstacles.toPlainText().startswith("#10007 was not taken.")
    assert dialog.act.text() == "Connect and offer 162,321 entries"
    assert QApplication.focusWidget() is dialog.back
    dialog.reject()
    assert await decision is False
    dialog.recorded()
