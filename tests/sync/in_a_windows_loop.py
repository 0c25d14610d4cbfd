"""Run as a process: two workstations whose engines run on Qt's event loop, as a window's does. Exits with 0 where what
one wrote came to the other, and nothing was left in the loop.

    python -m tests.sync.in_a_windows_loop FOLDER URL ENROLLED ENROLLED
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_API"] = "pyside6"

import msgspec
import qasync
from PySide6.QtWidgets import QApplication

from console.wire.messages import Enrolled
from tests.sync.stations import Station


async def story(ana: Station, ben: Station) -> None:
    async with ana, ben:
        await ana.until_link("synced")
        await ben.until(lambda: ben.engine._state.listening)
        ticket = ana.open_ticket()
        await ben.until(lambda: ben.entries(ticket))
        await ana.until_link("synced")
    assert asyncio.all_tasks() == {asyncio.current_task()}


if __name__ == "__main__":
    folder, url, *enrolled = sys.argv[1:]
    app = QApplication([])
    stations = [
        Station(url, msgspec.json.decode(each, type=Enrolled), Path(folder) / str(number))
        for number, each in enumerate(enrolled)
    ]
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        runner.run(story(*stations))
    for station in stations:
        station.close()
    sys.exit(0)
