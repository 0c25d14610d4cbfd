"""A half-written reply survives the hardest end of the program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from console.desk import Desk
from console.settings import Workspace

ROOT = Path(__file__).resolve().parents[2]

_WRITER = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from console.desk import Desk
from console.settings import Workspace
from ui.desk_thread import DeskThread
from ui.ticket.pane import TicketPane

app = QApplication([])
thread = DeskThread(lambda: Desk.open(Workspace(Path(sys.argv[1]))))
thread.start()
pane = TicketPane()
pane.set_desk(thread)
pane.show()

def write():
    if pane.view is None:
        QTimer.singleShot(10, write)
        return
    pane.write("reply")
    pane.body.composer.draft.insertPlainText("Hi Dana, half a thought")
    look()

def look():
    thread.submit(lambda desk: desk.drafts.load(sys.argv[2]), said)

def said(drafts):
    if drafts:
        print("saved", flush=True)
    else:
        QTimer.singleShot(10, look)

pane.show_ticket(sys.argv[2])
write()
app.exec()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_draft_is_there_after_a_kill(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    with Desk.open(workspace) as desk:
        opened = desk.tickets.open("Sign-in loop", by="customer", contact="Dana", product="CAS", plan="Standard")
        ticket = opened.entries[0].stream.partition(":")[2]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _WRITER, str(workspace.folder), ticket]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "saved\n"
        finally:
            writer.send_signal(signal.SIGKILL)
    with Desk.open(workspace) as desk:
        assert desk.drafts.load(ticket) == {"reply": "Hi Dana, half a thought"}
