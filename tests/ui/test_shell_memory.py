"""What the window remembers from one time to the next, and what it makes of a memory that does not fit any more."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.domain.queue import View
from console.settings import Workspace
from tests.ui.conftest import DEMO_AT, ME
from tests.ui.shell_window import OpenWindow
from tests.ui.shell_window import window as window
from ui.shell.state import WindowState, _is_seen
from ui.shell.window import MainWindow


def test_ctrl_b_hides_the_views_and_the_choice_is_remembered(window: MainWindow, demo: Workspace) -> None:
    window.commands.run("view.views")
    assert window.section.views.isHidden()
    window.save()
    assert not WindowState(demo.ui_state).flag("views", True)


def test_the_window_remembers_view_ticket_theme_and_text(
    qtbot: QtBot, window: MainWindow, open_window: OpenWindow, demo: Workspace
) -> None:
    queue = window.section.queue
    assert queue is not None
    with qtbot.waitSignal(queue.shown, timeout=5_000):
        window.section.show_view("mine")
    queue.list.choose(queue.model.rowids[2])
    queue.list.toggle_group("paused")
    chosen = queue.current_ticket
    window.step_text(1)
    window.save()
    state = WindowState(demo.ui_state)
    assert state.text("view") == "mine"
    assert state.text("ticket") == chosen
    assert state.names("collapsed") == ["paused"]
    assert state.number("text_scale", 1.0, 0.9, 1.5) == 1.1
    again = open_window(demo)
    other = again.section.queue
    assert other is not None
    assert other.bar.title.text() == "My tickets"
    qtbot.waitUntil(lambda: other.current_ticket == chosen, timeout=5_000)
    assert "paused" in other.model.arrangement.collapsed


def test_a_damaged_memory_gives_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    file.write_bytes(b"\x00\xff[[[\nformat=1\ntext_scale=nan\nview=@Invalid()\n")
    state = WindowState(file)
    assert state.number("text_scale", 1.0, 0.9, 1.5) == 1.0
    assert state.flag("views", True)
    file.write_text("[General]\nformat=99\nview=mine\n")
    assert WindowState(file).text("view", "all_open") == "all_open"


def test_numbers_from_the_file_are_kept_within_their_bounds(tmp_path: Path) -> None:
    state = WindowState(tmp_path / "window.ini")
    state.set_text("width", "1e9")
    assert state.number("width", 408, 360, 560) == 560
    state.set_text("width", "nan")
    assert state.number("width", 408, 360, 560) == 408


def test_a_window_from_a_screen_that_is_gone_comes_back_into_sight(qtbot: QtBot, tmp_path: Path) -> None:
    state = WindowState(tmp_path / "window.ini")
    far = QWidget()
    qtbot.addWidget(far)
    far.setGeometry(90_000, 90_000, 1_200, 800)
    state.remember_geometry(far)
    fresh = QWidget()
    qtbot.addWidget(fresh)
    state.restore_geometry(fresh)
    assert _is_seen(fresh.geometry())
    assert not _is_seen(QRect(90_000, 90_000, 1_200, 800))


def test_geometry_that_is_no_geometry_is_ignored(qtbot: QtBot, tmp_path: Path) -> None:
    state = WindowState(tmp_path / "window.ini")
    state._settings.setValue("geometry", QByteArray(b"nonsense"))
    widget = QWidget()
    qtbot.addWidget(widget)
    state.restore_geometry(widget)
    assert widget.width() > 300


def test_the_ticket_of_the_last_time_is_current_again_if_it_is_in_the_view(
    qtbot: QtBot, open_window: OpenWindow, demo: Workspace
) -> None:
    state = WindowState(demo.ui_state)
    with Desk.open(demo, clock=lambda: DEMO_AT) as desk:
        mine = desk.queue.rows(desk.queue.order(View.MINE).rowids)[2]
    state.set_text("ticket", mine.ticket)
    state.set_text("view", "mine")
    state.save()
    queue = open_window(demo).section.queue
    assert queue is not None
    qtbot.waitUntil(lambda: queue.current_ticket == mine.ticket, timeout=5_000)
    qtbot.waitUntil(lambda: queue.list.current_rowid() == queue.model.rowids[2], timeout=5_000)


def test_a_ticket_that_left_the_view_gives_its_place_to_the_first(
    qtbot: QtBot, open_window: OpenWindow, demo: Workspace
) -> None:
    state = WindowState(demo.ui_state)
    with Desk.open(demo, clock=lambda: DEMO_AT) as desk:
        other = next(row for row in desk.queue.listing() if row.assignee is not None and row.assignee != ME)
    state.set_text("ticket", other.ticket)
    state.set_text("view", "unassigned")
    state.save()
    queue = open_window(demo).section.queue
    assert queue is not None
    qtbot.waitUntil(lambda: queue.list.current_rowid() == queue.model.rowids[0], timeout=5_000)
