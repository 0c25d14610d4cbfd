"""Real windows over a real desk: fixtures of the UI tests, and the guard against what a test leaves behind."""

from __future__ import annotations

import asyncio
import gc
import inspect
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from weakref import WeakSet

import pytest
import qasync
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.settings import Settings, Workspace, save_settings

DEMO_AT = int(datetime.fromisoformat("2025-10-14T15:47:00+00:00").timestamp() * 1000)
"""A Tuesday, 11:47 in New York: support is open, and the demo has tickets at every level."""
ME = "Mara Okafor"


class HandClock:
    """A clock that moves when it is told to. Gives epoch ms."""

    def __init__(self, now_ms: int = DEMO_AT) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def forward(self, *, minutes: float = 0, seconds: float = 0) -> None:
        self.now_ms += int((minutes * 60 + seconds) * 1000)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an `async def` test on a fresh qasync loop; what nobody handled in the loop fails the test."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    app = pyfuncitem.funcargs.get("qapp") or pyfuncitem._request.getfixturevalue("qapp")
    given = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    unhandled: list[dict[str, object]] = []

    async def body() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
        async with asyncio.timeout(20):
            await pyfuncitem.obj(**given)

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        runner.run(body())
    if unhandled:
        pytest.fail(f"unhandled in the loop: {unhandled[0].get('message')}: {unhandled[0].get('exception')!r}")
    return True


_timers: WeakSet[QTimer] = WeakSet()


def _running_timers() -> set[int]:
    """The running timers that have no owner or whose owner is still alive, by identity."""
    _timers.update(thing for thing in gc.get_objects() if isinstance(thing, QTimer))
    return {id(timer) for timer in _timers if shiboken6.isValid(timer) and timer.isActive()}


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(qapp: QApplication) -> Iterator[None]:
    """A test that leaves a thread or a running timer behind fails.

    What outlives a test outlives them all (modules, caches, the theme), so the next collection need not look at it.
    """
    threads, timers = set(threading.enumerate()), _running_timers()
    yield
    # WORKAROUND: the offscreen clipboard of Qt 6.11 keeps a QMimeData made in Python past the interpreter's end.
    QApplication.clipboard().clear()
    for widget in QApplication.topLevelWidgets():
        widget.hide()
        widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
    gc.collect()
    left = [thread.name for thread in threading.enumerate() if thread not in threads]
    assert not left, f"threads left running: {left}"
    assert _running_timers() <= timers, "timers left running"
    gc.freeze()


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, made once; tests work on copies."""
    from console.desk import Desk
    from console.desk.sample import write_sample

    workspace = Workspace(tmp_path_factory.mktemp("demo"))
    save_settings(workspace, Settings(name=ME))
    with Desk.open(workspace, clock=lambda: DEMO_AT) as desk:
        write_sample(desk, DEMO_AT)
    return workspace.folder


@pytest.fixture
def demo(demo_folder: Path, tmp_path: Path) -> Workspace:
    """A workspace with the demo's tickets, as of `DEMO_AT`."""
    folder = tmp_path / "workspace"
    shutil.copytree(demo_folder, folder)
    return Workspace(folder)


@pytest.fixture
def empty_workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def hand_clock() -> HandClock:
    return HandClock()


@pytest.fixture
def open_window(qtbot: QtBot, hand_clock: HandClock) -> Iterator[Callable[..., object]]:
    """Opens a real window on a workspace and waits for its first rows: `open_window(workspace)`."""
    from console.desk import Desk
    from ui import theme
    from ui.desk_thread import DeskThread
    from ui.shell.state import WindowState
    from ui.shell.window import MainWindow

    opened: list[tuple[MainWindow, DeskThread]] = []
    look = theme.theme()

    def open_on(workspace: Workspace, *, select: str | None = None, ticket_pane: bool = False) -> MainWindow:
        theme.apply(QApplication.instance(), mode="light", text_scale=1.0)  # type: ignore[arg-type]
        workspace.make()
        window = MainWindow(WindowState(workspace.ui_state), hand_clock, frozen=True)
        window.resize(1440, 900)
        thread = DeskThread(lambda: Desk.open(workspace, clock=hand_clock))
        opened.append((window, thread))
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        with qtbot.waitSignal(window.filled, timeout=20_000):
            window.fill(thread, select=select)
            thread.start()
        if ticket_pane:
            window.section.add_ticket_pane()
        return window

    yield open_on
    for window, thread in opened:
        window.close()
        assert thread.stop(20), "the desk's thread did not end"
        QCoreApplication.processEvents()  # its last answers find the widgets alive
    look.start("light", 1.0)


@pytest.fixture(scope="session")
def connected_folder(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that follows a hub with the demo's log and is level with it, made once; tests work on copies."""
    from tests.ui.connected import follow

    workspace = Workspace(tmp_path_factory.mktemp("connected") / "workspace")
    follow(workspace, Workspace(demo_folder), me=ME, now_ms=DEMO_AT)
    return workspace.folder


@pytest.fixture
def connected(connected_folder: Path, tmp_path: Path) -> Workspace:
    """A workspace of a team, as of `DEMO_AT`; its hub is never reached."""
    folder = tmp_path / "connected"
    shutil.copytree(connected_folder, folder)
    return Workspace(folder)
