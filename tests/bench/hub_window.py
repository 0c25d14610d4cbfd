"""The real window on a workspace that follows a hub, offscreen: when does its painted queue show what another did?

`python -m tests.bench.hub_window FOLDER`. Once it is level it names the ticket in its first row, and from then on each
assignee that it painted there, with the instant after the paint in seconds of the machine's monotonic clock. It ends
when its input ends.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

import ui.app
from console.settings import Workspace

_held: list[object] = []
"""Holds the watch: a timer alone does not keep the owner of its slot."""


class Watch:
    def __init__(self) -> None:
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QApplication

        from tests.bench.window_probe import Paints
        from ui.shell.window import MainWindow

        self.window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        self.queue = self.window.section.queue
        self.first: int | None = None
        self.shown: str | None = None
        self.paints = Paints(self.painted)
        self.queue.list.viewport().installEventFilter(self.paints)
        self.waiting = QTimer(self.window)
        self.waiting.timeout.connect(self.until_level)
        self.waiting.start(50)
        self.ended = False
        threading.Thread(target=self.wait_for_end, daemon=True).start()

    def until_level(self) -> None:
        if self.ended:
            self.waiting.stop()
            self.window.close()
            return
        sync, rows = self.window.sync, self.queue.model.rowids
        if (
            self.first is not None
            or sync is None
            or sync.status is None
            or sync.status.link != "synced"
            or not len(rows)
        ):
            return
        row = self.queue.model.known(rows[0])
        if row is not None:
            self.first = rows[0]
            print(row.ticket, flush=True)

    def painted(self) -> None:
        row = None if self.first is None else self.queue.model.known(self.first)
        if row is not None and row.assignee != self.shown:
            self.shown = row.assignee
            print(self.shown, time.monotonic(), flush=True)

    def wait_for_end(self) -> None:
        sys.stdin.read()
        self.ended = True


def mark(name: str) -> None:
    if name == "ready":
        _held.append(Watch())


def main(folder: Path) -> int:
    options: dict[str, Any] = {"mark": mark, "size": (1440, 900), "view": "all_open"}
    return ui.app.run(ui.app.WindowOptions(Workspace(folder), **options))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
