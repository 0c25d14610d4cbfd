"""From the first paint to the last write: the order in which the window comes and goes.

Coming: shell, first paint, a first look at the queue, first rows, the desk, asyncio, the ticket pane, the Pro sessions,
the sync.
What is heavy to import comes after the paint that it would delay: SQLAlchemy on the desk's thread, behind a first look
that does without it; asyncio and qasync there as well. Going: the close event only asks; the main coroutine lets tasks
end, then the desk, then the loop.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from ui import theme as look
from ui.shell.state import WindowState
from ui.shell.window import TITLE, MainWindow

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.first_look import FirstLook
    from console.timekeeping import Timekeeper
    from ui.app import WindowOptions
    from ui.desk_thread import DeskThread

FIRST_PAINT_MS: Final = 2_000
"""A window that is minimised or covered may never paint; the rest starts after so long anyway."""


def live(options: WindowOptions) -> int:
    """Open the window, run until it is closed, and return the exit code. One QApplication a process."""
    app = QApplication([sys.argv[0], "-style", "Fusion"])
    app.setApplicationName(TITLE)
    app.setDesktopFileName("support-console")
    app.setQuitOnLastWindowClosed(False)
    mark = options.mark or (lambda _: None)
    window = _first_paint(app, options)
    mark("painted")
    from ui import crashlog
    from ui.desk_thread import DeskThread

    crashlog.start(options.workspace.log)
    crashlog.catch_qt()
    view, time_of_work = window.section.view_key, _TimeOfWork(options.clock)
    thread = DeskThread(lambda: _open_desk(options, time_of_work), lambda: _first_look(options, view))
    try:
        thread.start()
        window.fill(thread, select=options.select, trusted_now=time_of_work.now_ms)
        if window.section.queue is not None:
            thread.looked.connect(window.section.queue.show_first)
        _wait_for_rows(window, thread)
        mark("filled")
        return _run_loop(app, window, thread, options, mark)
    finally:
        thread.stop()
        crashlog.stop()


def _first_paint(app: QApplication, options: WindowOptions) -> MainWindow:
    state = WindowState(options.workspace.ui_state)
    look.apply(
        app,
        styled=True,
        mode=options.theme or _mode(state.text("theme", "system")),
        text_scale=options.text_scale or state.number("text_scale", 1.0, look.TEXT_SCALES[0], look.TEXT_SCALES[-1]),
    )
    window = MainWindow(state, options.clock or wall_ms, frozen=options.frozen)
    if options.size is not None:
        window.resize(*options.size)
    else:
        state.restore_geometry(window)
    if options.view is not None:
        window.section.show_view(options.view)
    window.show()
    _wait(window.painted.connect, FIRST_PAINT_MS)
    return window


def wall_ms() -> int:
    """The machine's wall clock, epoch ms."""
    return time.time_ns() // 1_000_000


def _mode(text: str) -> look.Mode:
    return "light" if text == "light" else "dark" if text == "dark" else "system"


class _TimeOfWork:
    """The trusted time that desk and window share: that of the machine's clocks, or of a given clock of epoch ms.

    Its timekeeper is made on the desk's thread, after the first rows; until then the wall clock answers.
    """

    def __init__(self, clock: Callable[[], int] | None) -> None:
        self._clock = clock
        self._keeper: Timekeeper | None = None

    def keeper(self) -> Timekeeper:
        if self._keeper is None:
            from console.timekeeping import Timekeeper

            self._keeper = Timekeeper() if self._clock is None else Timekeeper.following(self._clock)
        return self._keeper

    def now_ms(self) -> int:
        """Epoch ms."""
        return (self._clock or wall_ms)() if self._keeper is None else self._keeper.now_ms()


def _open_desk(options: WindowOptions, time_of_work: _TimeOfWork) -> Desk:
    from console.desk import Desk

    return Desk.open(
        options.workspace,
        guidelines=options.guidelines,
        clock=options.clock,
        keep_read_models=options.guidelines is None,
        timekeeper=time_of_work.keeper(),
    )


def _first_look(options: WindowOptions, view: str) -> FirstLook | None:
    from console.desk.first_look import first_look
    from console.domain.queue import View
    from ui.queue.pane import FIRST_ROWS

    return first_look(
        options.workspace, View(view), first=FIRST_ROWS, guidelines=options.guidelines, clock=options.clock or wall_ms
    )


def _wait(connect: Callable[[Callable[[], object]], object], most_ms: int) -> None:
    """Let Qt work until a signal comes, or for so long. Only before the asyncio loop runs."""
    loop = QEventLoop()
    connect(lambda: loop.quit())
    QTimer.singleShot(most_ms, loop.quit)
    loop.exec()


def _wait_for_rows(window: MainWindow, thread: DeskThread) -> None:
    """Let Qt work until the first rows are painted, or there will be none.

    Opening the desk may take long (a rebuild after new guidelines); the window answers all the while.
    """
    loop = QEventLoop()
    window.filled.connect(lambda: QTimer.singleShot(0, loop.quit))
    thread.unable.connect(loop.quit)
    window.closing.connect(loop.quit)
    loop.exec()


def _run_loop(
    app: QApplication, window: MainWindow, thread: DeskThread, options: WindowOptions, mark: Callable[[str], None]
) -> int:
    _import_asyncio(thread)
    import asyncio

    import qasync

    from ui import crashlog

    async def stay() -> int:
        loop = asyncio.get_running_loop()
        crashlog.catch_loop(loop)
        stop = asyncio.Event()
        window.closing.connect(stop.set)
        _heed_signals(loop, window)
        window.section.add_ticket_pane()
        gc.freeze()
        gc.enable()
        mark("ready")
        if thread.is_serving():
            await thread.call(lambda _: _preload_pro())
            window.add_pro()
            window.has_loop = True
            if await thread.call(_has_hub):
                window.add_sync()
            else:
                window.tell_alone()
            _show_section(window, options)
            if options.prepare is not None:
                options.prepare(window)
        if not window.isVisible():
            stop.set()
        if options.picture is not None:
            await _take_picture(window, options)
            stop.set()
        await stop.wait()
        await _end(window, thread)
        return 0

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        return runner.run(stay())


def _show_section(window: MainWindow, options: WindowOptions) -> None:
    """The section that was asked for; the queue is there already."""
    if options.engagement is not None and window.pro is not None:
        window.pro.open_session(options.engagement)
    elif options.section not in (None, "queue"):
        window.go(options.section)


def _import_asyncio(thread: DeskThread) -> None:
    """Import asyncio and qasync on the desk's thread, once the desk is open, while the window answers."""
    loop = QEventLoop()
    thread.submit(lambda _: _preload(), lambda _: loop.quit(), failed=lambda _: loop.quit())
    thread.unable.connect(loop.quit)
    if thread.is_serving():
        loop.exec()


def _preload() -> None:
    import qasync  # noqa: F401


def _preload_pro() -> None:
    import ui.shell.pro  # noqa: F401


def _has_hub(desk: Desk) -> bool:
    """Whether the workspace follows a hub; what the window needs for it is imported on the desk's thread then."""
    if not desk.journal.is_connected:
        return False
    import ui.shell.sync  # noqa: F401

    return True


def _heed_signals(loop: object, window: MainWindow) -> None:
    """SIGTERM and Ctrl+C in a terminal close the window as the person would."""
    import asyncio
    import signal

    assert isinstance(loop, asyncio.AbstractEventLoop)
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, window.close)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: window.close())


async def _end(window: MainWindow, thread: DeskThread) -> None:
    import asyncio

    window.hide()
    tasks = thread.tasks()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    thread.ask_stop()
    while not thread.ended():
        await asyncio.sleep(0.005)


async def _take_picture(window: MainWindow, options: WindowOptions) -> None:
    """Paint the window into a file once what was asked for is there."""
    import asyncio

    window.activateWindow()
    for _ in range(200):
        await asyncio.sleep(0.02)
        if window.shown.is_settled and (window.pro is None or window.pro.follower.now_watched is not None):
            break
    await asyncio.sleep(0.2)
    if options.picture is not None:
        window.grab().save(str(options.picture))
