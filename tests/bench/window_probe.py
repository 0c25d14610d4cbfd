"""Works the real window once it is ready, and measures what it takes. Used by `queue_window`.

Kept apart from it, so that nothing is imported into a start that the program itself would not import.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from tests.bench.memory import peak_mib
from ui.shell.window import MainWindow

EVENTS = 15
PAGES = 80


class Paints(QObject):
    """Calls back after each paint of what it watches."""

    def __init__(self, after: Callable[[], None]) -> None:
        super().__init__()
        self.after = after

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self.after)
        return False


class Probe:
    """Scrolls, then writes events and watches for the paint that shows each; then ends the program."""

    def __init__(self, measured: dict[str, Any]) -> None:
        self.measured = measured
        self.window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        self.queue = self.window.section.queue
        self.list = self.queue.list
        self.events: list[float] = []
        self.committed = 0.0
        self.wanted: str | None = None
        self.paints = Paints(self.painted)
        self.list.viewport().installEventFilter(self.paints)

    def scroll(self) -> None:
        """Each step moves by a page, lets the rows come, and is timed from the move to the end of the paint."""
        bar, viewport = self.list.verticalScrollBar(), self.list.viewport()
        took = []
        for _ in range(PAGES):
            started = time.perf_counter()
            bar.setValue(bar.value() + bar.pageStep())
            viewport.repaint()
            took.append((time.perf_counter() - started) * 1000)
            self.let_work(until=lambda: not self.queue.is_fetching)
            started = time.perf_counter()
            viewport.repaint()
            took.append((time.perf_counter() - started) * 1000)
        bar.setValue(0)
        self.let_work(until=lambda: not self.queue.is_fetching)
        self.measured["scroll_ms"] = statistics.quantiles(took, n=20)[-1]
        self.thread = self.window.section._thread
        self.first = self.queue.model.rowids[0]
        self.write()

    def let_work(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + 5
        while not until() and time.monotonic() < end:
            QCoreApplication.processEvents()

    def write(self) -> None:
        """One act on the first ticket of the queue, which leaves it there; its commit is timed on the desk's thread."""
        if len(self.events) == EVENTS:
            self.finish()
            return

        def act(desk: Any) -> tuple[float, str]:
            (row,) = desk.queue.rows([self.first])
            to = "Aiko Sato" if row.assignee == "Ben Ali" else "Ben Ali"
            receipt = desk.tickets.assign(row.ticket, to)
            assert receipt.refused is None, receipt.refused
            return time.perf_counter(), to

        self.thread.submit(act, self.noted)

    def noted(self, done: tuple[float, str]) -> None:
        self.committed, self.wanted = done

    def painted(self) -> None:
        row = self.queue.model.known(self.first)
        if row is None or self.wanted is None or row.assignee != self.wanted:
            return
        self.wanted = None
        self.events.append((time.perf_counter() - self.committed) * 1000)
        QTimer.singleShot(120, self.write)

    def finish(self) -> None:
        self.measured["event_ms"] = statistics.median(self.events)
        self.measured["peak_mib"] = peak_mib()
        print(json.dumps(self.measured), flush=True)
        self.window.close()
