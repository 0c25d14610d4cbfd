"""A window and a real hub on the loopback: joining it, and a browser in which somebody signs in."""

from __future__ import annotations

import asyncio
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from console.desk.connecting import Connecting
from console.settings import Settings, Workspace, save_settings
from tests.hub.running import HubThread
from tests.sync.test_signin import browser
from ui.shell.sync import WindowSync
from ui.shell.window import MainWindow
from ui.sync.connect_dialog import ConnectDialog


async def until(what: Callable[[], object]) -> None:
    """Waits in the loop; a test that waits for ever is ended by its own limit."""
    while not what():
        await asyncio.sleep(0.01)


def with_loop(window: MainWindow) -> WindowSync:
    """The window's sync, in a test that runs on a loop: time goes on, and an engine is started where there is a hub."""
    window.has_loop, window._frozen = True, False
    sync = window.add_sync()
    assert sync is not None
    return sync


def connect_dialog(window: MainWindow) -> ConnectDialog:
    """The one that is open."""
    return next(dialog for dialog in window.findChildren(ConnectDialog) if dialog.isVisible())


def toasts(window: MainWindow) -> list[str]:
    assert window.toasts is not None
    return [toast.sentence for toast in window.toasts.shown]


def join(workspace: Workspace, hub: HubThread, person: str) -> None:
    """Makes a workspace that has joined a hub, its key in a file."""
    key = workspace.folder / "token"
    save_settings(workspace, Settings(name=person, token_file=key))
    code = hub.hub.people.enrol(person, "lead")

    async def story() -> None:
        async with Connecting(workspace, hub.url) as attempt:
            await attempt.enrol(code)
            await attempt.build()
            await attempt.accept()

    asyncio.run(story())


def expire_all(hub: HubThread) -> None:
    """Every sign-in at the hub is too old from now on."""
    with psycopg.connect(hub.database, autocommit=True) as database:
        database.execute("UPDATE tokens SET expires_at = 1")


@contextmanager
def browser_of(sub: str | None) -> Iterator[list[str]]:
    """The system's browser is one in which somebody signs in at the provider, or nobody; gives the addresses that it
    opened."""
    opened: list[str] = []
    signs_in = browser(sub) if sub is not None else lambda _: True

    class Browser(webbrowser.BaseBrowser):
        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            opened.append(url)
            return signs_in(url)

    name = f"browser of {sub or 'nobody'}"
    webbrowser.register(name, None, Browser(), preferred=True)
    try:
        yield opened
    finally:
        webbrowser._tryorder.remove(name)  # type: ignore[attr-defined]
        del webbrowser._browsers[name]  # type: ignore[attr-defined]
