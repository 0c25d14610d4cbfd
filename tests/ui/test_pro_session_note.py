"""The note of a session: it is saved with the time, comes back where it was refused, and survives whatever happens
while it is half written; and the item of the scope that is worked on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.desk.pro.views import EngagementPage, LogLine
from console.settings import Workspace
from tests.ui import pro_pages
from tests.ui.pro_pages import MINUTE, NOW, Asked
from ui.desk_thread import DeskThread
from ui.pro import session_note
from ui.pro.session_note import SessionNote

ShowNote = Callable[[EngagementPage], SessionNote]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def show_note(qtbot: QtBot, asked: Asked) -> ShowNote:
    def show(page: EngagementPage) -> SessionNote:
        made = SessionNote(asked)  # type: ignore[arg-type]
        qtbot.addWidget(made)
        made.resize(800, 40)
        made.show_page(page)
        made.show()
        return made

    return show


def noted(text: str) -> LogLine:
    return LogLine(at=NOW + MINUTE, ends_at=None, kind="noted", text=text)


def test_enter_saves_the_note_and_the_field_is_empty_for_the_next(
    qtbot: QtBot, show_note: ShowNote, asked: Asked
) -> None:
    note = show_note(pro_pages.page())
    qtbot.keyClicks(note.field, "  Both brokers trust the new certificate. ")
    qtbot.keyClick(note.field, Qt.Key.Key_Return)
    assert asked.calls == [("note", (pro_pages.TICKET, "Both brokers trust the new certificate."))]
    assert note.field.text() == ""
    qtbot.keyClick(note.field, Qt.Key.Key_Return)
    assert len(asked.calls) == 1, "there is nothing to save"


def test_a_note_that_was_refused_comes_back(qtbot: QtBot, show_note: ShowNote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_note, "PUT_BACK_MS", 0)
    note = show_note(pro_pages.page())
    qtbot.keyClicks(note.field, "Refused")
    qtbot.keyClick(note.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: note.field.text() == "Refused", timeout=5_000)


def test_a_note_that_stands_in_the_log_does_not_come_back(
    qtbot: QtBot, show_note: ShowNote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_note, "PUT_BACK_MS", 0)
    note = show_note(pro_pages.page())
    note.field.setText("Recorded")
    note.save()
    note.show_page(pro_pages.page(log=(noted("Recorded"), *pro_pages.LOG)))
    QApplication.processEvents()
    assert note.field.text() == ""


def test_a_half_written_note_survives_switching_pages(qtbot: QtBot, show_note: ShowNote) -> None:
    note = show_note(pro_pages.page())
    other = pro_pages.page(row=pro_pages.row(ticket="another-ticket"))
    qtbot.keyClicks(note.field, "half a")
    note.show_page(other)
    assert note.field.text() == ""
    qtbot.keyClicks(note.field, "another")
    note.show_page(pro_pages.page())
    assert note.field.text() == "half a"
    note.show_page(other)
    assert note.field.text() == "another"


def test_a_page_read_anew_leaves_the_caret_in_what_is_written(qtbot: QtBot, show_note: ShowNote) -> None:
    note = show_note(pro_pages.page())
    qtbot.keyClicks(note.field, "half a")
    note.field.setCursorPosition(2)
    note.show_page(pro_pages.page(log=(noted("by someone else"), *pro_pages.LOG)))
    assert (note.field.text(), note.field.cursorPosition()) == ("half a", 2)


@pytest.fixture
def open_thread(tmp_path: Path) -> Iterator[Callable[[], DeskThread]]:
    workspace = Workspace(tmp_path / "workspace")
    started: list[DeskThread] = []

    def start() -> DeskThread:
        thread = DeskThread(lambda: Desk.open(workspace))
        thread.start()
        started.append(thread)
        return thread

    yield start
    for thread in started:
        thread.stop(20)


def test_a_half_written_note_is_there_after_a_restart_and_gone_once_it_is_recorded(
    qtbot: QtBot, show_note: ShowNote, open_thread: Callable[[], DeskThread]
) -> None:
    thread = open_thread()
    note = show_note(pro_pages.page())
    note.keep_drafts(thread)
    qtbot.keyClicks(note.field, "half a note")
    note.hide()
    assert thread.stop(20)
    again = show_note(pro_pages.page())
    again.keep_drafts(open_thread())
    qtbot.waitUntil(lambda: again.field.text() == "half a note", timeout=10_000)
    qtbot.keyClick(again.field, Qt.Key.Key_Return)
    again.show_page(pro_pages.page(log=(noted("half a note"), *pro_pages.LOG)))
    third = open_thread()
    left: list[dict[str, str]] = []

    def look() -> bool:
        third.submit(lambda desk: desk.drafts.load(pro_pages.TICKET), left.append)
        return left[-1:] == [{}]

    qtbot.waitUntil(look, timeout=10_000)


_WRITER = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from console.desk import Desk
from console.settings import Workspace
from tests.ui import pro_pages
from ui.desk_thread import DeskThread
from ui.pro.session_note import SessionNote

app = QApplication([])
thread = DeskThread(lambda: Desk.open(Workspace(Path(sys.argv[1]))))
thread.start()
note = SessionNote(pro_pages.Asked())
note.keep_drafts(thread)
note.show_page(pro_pages.page())
note.show()
note.field.insert("half a thought")

def look():
    thread.submit(lambda desk: desk.drafts.load(pro_pages.TICKET), said)

def said(drafts):
    if drafts:
        print("saved", flush=True)
    else:
        QTimer.singleShot(10, look)

look()
app.exec()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_half_written_note_is_there_after_a_kill(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _WRITER, str(workspace.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "saved\n"
        finally:
            writer.send_signal(signal.SIGKILL)
    with Desk.open(workspace) as desk:
        assert desk.drafts.load(pro_pages.TICKET) == {"session": "half a thought"}


def test_the_item_that_is_worked_on_is_named_and_chosen(show_note: ShowNote, asked: Asked) -> None:
    note = show_note(pro_pages.page())
    assert note.item.text() == "Configure SAML sign-in for 240 people"
    menu = note.items_menu()
    told = [action.text() for action in menu.actions()]
    assert told[0] == "Configure SAML sign-in for 240 people"
    assert told[-1] == "No item of the scope"
    assert "Build the golden image, Windows 11, done" in told
    assert [action.text() for action in menu.actions() if action.isChecked()] == told[:1]
    menu.actions()[0].trigger()
    assert asked.calls == [], "it is worked on already"
    menu.actions()[1].trigger()
    menu.actions()[-1].trigger()
    assert asked.calls == [("work_on", (pro_pages.TICKET, "item-4")), ("work_on", (pro_pages.TICKET, None))]
