"""The real window on a workspace, started as `support-console --data DIR` starts it, and measured from within.

Run by `window_bench`; prints one line of JSON: when Python and the command line were done, when Qt was there, when the
window was painted and filled, how long an event takes from its commit to the painted row, how long a page takes to
paint while scrolling, and the peak of memory. Imports nothing at the top that the program does not.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import console.cli.main
import ui.app

SPAWNED = float(os.environ["BENCH_SPAWNED"])

measured: dict[str, Any] = {}
probes: list[object] = []
"""Holds the probe: a timer alone does not keep the owner of its slot."""


def mark(name: str) -> None:
    measured[f"{name}_ms"] = (time.monotonic() - SPAWNED) * 1000
    if name == "ready":
        from PySide6.QtCore import QTimer

        from tests.bench.window_probe import Probe

        probe = Probe(measured)
        probes.append(probe)
        QTimer.singleShot(50, probe.scroll)


def load_qt(load: Callable[[], str | None] = ui.app._load_qt) -> str | None:
    missing = load()
    mark("qt")
    return missing


def main(workspace: Any, *, guidelines: Path | None = None, clock: Callable[[], int] | None = None) -> int:
    mark("asked")
    return ui.app.run(dataclasses.replace(ui.app.WindowOptions(workspace), mark=mark, size=(1440, 900)))


ui.app._load_qt = load_qt
ui.app.main = main
sys.exit(console.cli.main.main(["--data", sys.argv[1]]))
