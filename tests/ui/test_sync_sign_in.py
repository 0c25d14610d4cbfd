"""Getting into a real hub from the window, by a real identity provider and by codes: joining, signing in again after
the key was lost, and leaving."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from console.desk import Desk
from console.settings import Settings, Workspace, load_settings, save_settings
from tests.hub.conftest import new_database as new_database
from tests.hub.conftest import server as server
from tests.hub.conftest import url as url
from tests.hub.running import HubThread
from tests.hub.test_oidc import person, settings
from tests.hub.test_oidc import provider as provider
from tests.ui.joining import browser_of, connect_dialog, expire_all, join, toasts, until, with_loop
from ui.shell.sync import WindowSync
from ui.shell.window import MainWindow
from ui.sync.leave_dialog import LeaveDialog

MARA = "mara@example.org"
ANA = "ana@example.org"
SUBJECT = "Printer is on fire"


@pytest.fixture
def hub(provider: str, tmp_path: Path, url: str) -> Iterator[HubThread]:
    for sub in ("mara", "ana"):
        person(provider, sub)
    asked = settings(provider, client_secret="asked for by this one")
    with HubThread(tmp_path / "hub", url, settings=asked) as running:
        yield running


@pytest.fixture
def joined(empty_workspace: Workspace, hub: HubThread, open_window: Any) -> MainWindow:
    """A window of Mara's, whose workspace has joined the hub with a code."""
    join(empty_workspace, hub, MARA)
    window: MainWindow = open_window(empty_workspace, ticket_pane=True)
    return window


async def signed_out(window: MainWindow, hub: HubThread) -> WindowSync:
    """The window was in, and is not any more; a new ticket waits in it."""
    sync = with_loop(window)
    await until(lambda: sync.status is not None and sync.status.link == "synced")
    expire_all(hub)
    sync.sync_now()
    await until(lambda: sync.status is not None and sync.status.link == "signed_out")
    await write(window, SUBJECT)
    await until(lambda: sync.issues.waiting)
    return sync


async def write(window: MainWindow, subject: str) -> None:
    assert window._thread is not None
    await window._thread.call(lambda desk: desk.tickets.open(subject))


async def level(sync: WindowSync) -> None:
    await until(lambda: sync.status is not None and sync.status.link == "synced" and not sync.issues.waiting)


def at_hub(hub: HubThread) -> int:
    """How many entries the hub has."""
    return hub.hub.log.head().seq


async def test_a_workspace_joins_by_the_browser(
    empty_workspace: Workspace, open_window: Any, hub: HubThread, provider: str
) -> None:
    save_settings(empty_workspace, Settings(name="Mara at home", token_file=empty_workspace.folder / "token"))
    with Desk.open(empty_workspace) as desk:
        desk.tickets.open(SUBJECT)
    window: MainWindow = open_window(empty_workspace)
    sync = with_loop(window)
    sync.acts.ask_connect()
    dialog = connect_dialog(window)
    dialog.url.setText(hub.url)
    with browser_of("mara") as opened:
        dialog.browser.click()
        await until(lambda: dialog.act.text() == "Connect and offer 1 entry")
    assert opened[0].startswith(provider)
    assert not dialog.copy.isVisible()
    dialog.act.click()
    await until(lambda: sync.connected)
    await level(sync)
    assert window.rail.person.accessibleName() == f"You, {MARA}"
    assert at_hub(hub) == 1
    await sync.rest()


@pytest.mark.parametrize("way", [pytest.param("code", marks=pytest.mark.thorough), "browser"])
async def test_who_signs_in_again_as_the_same_person_keeps_what_waited_and_it_goes_out(
    joined: MainWindow, hub: HubThread, way: str
) -> None:
    sync = await signed_out(joined, hub)
    assert joined.rail.place.text() == "Signed out"
    assert joined.banner.sentence.endswith(f"1 new ticket will go out when you sign in again as {MARA}.")
    joined.banner.button("sign_in").click()
    dialog = connect_dialog(joined)
    assert dialog.url.text() == hub.url
    if way == "code":
        dialog.code.setText(hub.hub.people.enrol(MARA, "lead"))
        dialog.act.click()
        await until(lambda: toasts(joined))
    else:
        with browser_of("mara"):
            dialog.browser.click()
            await until(lambda: toasts(joined))
    assert toasts(joined) == [f"Signed in as {MARA}."]
    await level(sync)
    assert at_hub(hub) == 1
    await write(joined, "And another one")
    await until(lambda: at_hub(hub) == 2)
    await level(sync)
    assert joined.banner.isHidden()
    await sync.rest()


@pytest.mark.parametrize("way", ["code", pytest.param("browser", marks=pytest.mark.thorough)])
async def test_another_person_is_refused_with_a_sentence_and_what_waited_stays(
    joined: MainWindow, hub: HubThread, way: str
) -> None:
    sync = await signed_out(joined, hub)
    joined.banner.button("sign_in").click()
    dialog = connect_dialog(joined)
    if way == "code":
        dialog.code.setText(hub.hub.people.enrol(ANA, "lead"))
        dialog.act.click()
        await until(lambda: dialog.refusal)
    else:
        with browser_of("ana"):
            dialog.browser.click()
            await until(lambda: dialog.refusal)
    assert dialog.refusal == f"This workspace belongs to {MARA} at the hub; use another one for {ANA}."
    assert [waits.title for waits in sync.issues.waiting] == ["New ticket"]
    (ana,) = (known for known in hub.hub.people.list() if known.name == ANA)
    assert all(device.revoked for device in ana.devices)
    dialog.code.setText(hub.hub.people.enrol(MARA, "lead"))
    dialog.act.click()
    await level(sync)
    assert at_hub(hub) == 1
    await sync.rest()


async def test_while_the_page_to_sign_in_is_open_the_desk_answers_and_it_can_be_given_up(
    joined: MainWindow, hub: HubThread
) -> None:
    sync = await signed_out(joined, hub)
    sync.acts.ask_sign_in()
    dialog = connect_dialog(joined)
    with browser_of(None) as opened:
        dialog.browser.click()
        await until(lambda: opened)
        dialog.copy.click()
        assert QApplication.clipboard().text() == opened[0]
        await write(joined, "Written while the page is open")
        await until(lambda: len(sync.issues.waiting) == 2)
        dialog.reject()
        await until(lambda: sync.status is not None and sync.status.link == "signed_out")
    await sync.rest()


async def test_who_was_revoked_signs_in_again_and_what_was_not_sent_goes_out(
    joined: MainWindow, hub: HubThread
) -> None:
    sync = with_loop(joined)
    await until(lambda: sync.status is not None and sync.status.link == "synced")
    await write(joined, "Known to the hub")
    await until(lambda: at_hub(hub) == 1)
    await level(sync)
    await sync.rest()
    await write(joined, SUBJECT)
    hub.hub.people.revoke(MARA)
    sync.go_on()
    await until(lambda: sync.status is not None and sync.status.link == "revoked")
    assert joined.rail.place.text() == "No access"
    joined.banner.button("sign_in").click()
    dialog = connect_dialog(joined)
    dialog.code.setText(hub.hub.people.enrol(MARA, "lead"))
    dialog.act.click()
    await level(sync)
    assert at_hub(hub) == 2
    thread = joined._thread
    assert thread is not None
    rows = await thread.call(lambda desk: desk.queue.listing())
    assert {row.subject for row in rows} == {"Known to the hub", SUBJECT}
    await sync.rest()


@pytest.mark.thorough
async def test_who_signs_in_again_while_signed_in_leaves_no_second_key(joined: MainWindow, hub: HubThread) -> None:
    sync = with_loop(joined)
    await level(sync)
    sync.acts.ask_sign_in()
    dialog = connect_dialog(joined)
    dialog.code.setText(hub.hub.people.enrol(MARA, "lead"))
    dialog.act.click()
    await until(lambda: toasts(joined))
    await level(sync)
    (mara,) = hub.hub.people.list()
    assert sorted(device.revoked for device in mara.devices) == [False, True]
    await sync.rest()


@pytest.mark.thorough
async def test_an_emptied_workspace_may_become_another_persons(joined: MainWindow, hub: HubThread) -> None:
    sync = with_loop(joined)
    await until(lambda: sync.status is not None and sync.status.link == "synced")
    hub.hub.people.revoke(MARA)
    sync.sync_now()
    await until(lambda: sync.status is not None and sync.status.link == "revoked")
    sync.acts.ask_sign_in()
    dialog = connect_dialog(joined)
    dialog.code.setText(hub.hub.people.enrol(ANA, "lead"))
    dialog.act.click()
    await until(lambda: joined.rail.person.accessibleName() == f"You, {ANA}")
    await level(sync)
    await sync.rest()


async def test_leaving_takes_the_key_back_and_keeps_what_waits(joined: MainWindow, hub: HubThread) -> None:
    sync = with_loop(joined)
    await until(lambda: sync.status is not None and sync.status.link == "synced")
    await sync.rest()
    await write(joined, SUBJECT)
    await until(lambda: sync.issues.waiting)
    sync.acts.ask_leave()
    (dialog,) = joined.findChildren(LeaveDialog)
    dialog.act.click()
    await until(lambda: toasts(joined))
    assert toasts(joined)[0].startswith(f"Signed out of {hub.url}. 1 entry waits for the next sign-in.")
    await until(lambda: joined.rail.place.text() == "Signed out")
    (mara,) = hub.hub.people.list()
    assert all(device.revoked for device in mara.devices)
    thread = joined._thread
    assert thread is not None
    workspace = await thread.call(lambda desk: desk.workspace)
    assert load_settings(workspace).token_file == workspace.folder / "token"
    assert not (workspace.folder / "token").exists()
    assert [waits.title for waits in sync.issues.waiting] == ["New ticket"]
    await sync.rest()
