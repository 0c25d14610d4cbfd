"""The floor of the window's start-up: an empty PySide6 main window, painted once. Run by `window_bench`."""

from __future__ import annotations

import json
import os
import sys
import time

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class Window(QMainWindow):
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painted = time.monotonic() - float(os.environ["BENCH_SPAWNED"])
        from tests.bench.memory import peak_mib  # not before: its import is no part of an empty window's start

        print(json.dumps({"painted_ms": painted * 1000, "peak_mib": peak_mib()}), flush=True)
        os._exit(0)


app = QApplication(sys.argv)
window = Window()
window.resize(1440, 900)
window.show()
sys.exit(app.exec())
