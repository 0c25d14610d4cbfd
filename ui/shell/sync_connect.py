"""Joining a hub, signing in to it again, and leaving it: what is asked, and the attempt.

To join, the attempt (`console.desk.connecting`) wants the workspace to itself, so the desk is lent for as long as it
runs; what the hub would not take is listed before anything is changed, and whatever breaks off leaves the workspace as
it was. To sign in again or to leave, only the engine has to rest: the desk stays open, and a session that runs is timed
on. Called by `ui.shell.sync_acts`.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from console.domain.errors import ConsoleError
from ui.sync.connect_dialog import ConnectDialog, Credentials
from ui.sync.leave_dialog import LeaveDialog

if TYPE_CHECKING:
    from pathlib import Path

    from console.desk import Desk
    from console.desk.connecting import Connecting
    from console.settings import Workspace
    from ui.desk_thread import DeskThread
    from ui.shell.sync import WindowSync
    from ui.shell.window import MainWindow

SESSION_RUNS = "A Pro session is running. Stop it first: nothing can be recorded while the workspace is connected."


def ask_connect(thread: DeskThread, window: MainWindow, sync: WindowSync, url: str = "") -> None:
    """Ask for the address of a hub, which may be known already, and a way in."""
    if window.pro is not None and window.pro.session is not None:
        window.say(SESSION_RUNS)
        return
    _ask(ConnectDialog(window, url=url), thread, window, sync)


def ask_sign_in(thread: DeskThread, window: MainWindow, sync: WindowSync) -> None:
    """Ask for a new way into the hub that the workspace belongs to."""
    _ask(ConnectDialog(window, url=sync.issues.url, again=True), thread, window, sync)


def ask_leave(thread: DeskThread, window: MainWindow, sync: WindowSync) -> None:
    """Ask whether this computer signs out of its hub."""
    dialog = LeaveDialog(window, sync.issues)
    dialog.asked.connect(lambda _: thread.spawn(_leave(dialog, thread, window, sync), name="disconnect"))
    dialog.open()


def _ask(dialog: ConnectDialog, thread: DeskThread, window: MainWindow, sync: WindowSync) -> None:
    def begin(given: Credentials) -> None:
        attempt = thread.spawn(_attempt(dialog, given, thread, window, sync), name="connect")
        dialog.left.connect(attempt.cancel)

    dialog.asked.connect(begin)
    dialog.open()


async def _attempt(
    dialog: ConnectDialog, given: Credentials, thread: DeskThread, window: MainWindow, sync: WindowSync
) -> None:
    """One attempt, from the address to the new file. What goes wrong stands in the dialog, and can be tried again."""
    workspace = await thread.call(_load)
    try:
        await sync.rest()
        async with nullcontext() if dialog.again else thread.lent():
            told = await _connect(dialog, given, workspace, thread)
    except ConsoleError as error:
        dialog.refuse(error.sentence)
    else:
        dialog.recorded()
        if told:
            window.say(told)
    finally:
        sync.go_on()


async def _connect(dialog: ConnectDialog, given: Credentials, workspace: Workspace, thread: DeskThread) -> str | None:
    """What is said at the end, or None where there is nothing to say."""
    from console.desk.connecting import Connecting

    async with Connecting(workspace, given.url) as attempt:
        if not await attempt.resume():
            await _get_in(dialog, given, attempt)
        if attempt.again:
            if dialog.again:
                await _act_as(attempt.identity.person, thread)
            return f"Signed in as {attempt.identity.person}."
        dialog.show_progress("Loading", 0, 0)
        preview = await attempt.build(dialog.show_progress)
        if preview.asks and not await dialog.confirm(preview):
            return await attempt.decline() or "Not connected. Everything is as it was."
        dialog.show_last_step()
        return _connected(attempt.identity.person, await attempt.accept())


async def _get_in(dialog: ConnectDialog, given: Credentials, attempt: Connecting) -> None:
    if given.code:
        dialog.show_progress("Signing in", 0, 0)
        await attempt.enrol(given.code)
        return
    offer = await attempt.offer()
    if offer is None:
        raise ConsoleError("This hub takes one-time codes only. An admin can give you one.")
    dialog.show_progress("Waiting for the browser", 0, 0)
    await attempt.sign_in(offer, tell=dialog.show_address)


async def _act_as(person: str, thread: DeskThread) -> None:
    """A workspace that was emptied may be another person's now: the desk is opened anew to act under their name."""
    if await thread.call(lambda desk: desk.me) != person:
        async with thread.lent():
            pass


async def _leave(dialog: LeaveDialog, thread: DeskThread, window: MainWindow, sync: WindowSync) -> None:
    workspace = await thread.call(_load)
    try:
        from console.desk.connecting import sign_out

        await sync.rest()
        told = await sign_out(workspace)
    except ConsoleError as error:
        dialog.refuse(error.sentence)
    else:
        dialog.recorded()
        window.say(told)
    finally:
        sync.go_on()


def _connected(person: str, kept: Path | None) -> str:
    file = f" What was here before is kept in {kept.name}." if kept is not None else ""
    return f"Connected as {person}.{file}"


def _load(desk: Desk) -> Workspace:
    """Runs on the desk's thread: what connecting imports would hold up the window."""
    import console.desk.connecting  # noqa: F401

    return desk.workspace
