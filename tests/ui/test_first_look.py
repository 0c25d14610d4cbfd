"""The queue before the desk is open: rows are there at once, and what a person does meanwhile waits its turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.desk.first_look import FirstLook, first_look
from console.domain.queue import View
from console.settings import Workspace
from tests.ui.conftest import DEMO_AT, ME
from ui import theme
from ui.desk_thread import DeskThread
from ui.queue.pane import FIRST_ROWS, QueuePane
from ui.shell.state import WindowState
from ui.shell.window import MainWindow


class Opening:
    """A window whose desk opens only when it is told to."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.may_open = threading.Event()
        self.thread = DeskThread(self._open, self._look)
        self.window = MainWindow(WindowState(workspace.ui_state), lambda: DEMO_AT, frozen=True)
        self.window.resize(1440, 900)

    def _look(self) -> FirstLook | None:
        return first_look(self.workspace, View.ALL_OPEN, first=FIRST_ROWS, clock=lambda: DEMO_AT)

    def _open(self) -> Desk:
        assert self.may_open.wait(20)
        return Desk.open(self.workspace, clock=lambda: DEMO_AT)

    @property
    def queue(self) -> QueuePane:
        queue = self.window.section.queue
        assert queue is not None
        return queue

    def start(self, select: str | None = None) -> None:
        self.window.show()
        self.window.fill(self.thread, select=select)
        self.thread.looked.connect(self.queue.show_first)
        self.thread.start()


@pytest.fixture
def opening(qtbot: QtBot, demo: Workspace) -> Iterator[Opening]:
    theme.apply(QApplication.instance(), mode="light", text_scale=1.0)  # type: ignore[arg-type]
    made = Opening(demo)
    qtbot.addWidget(made.window)
    yield made
    made.may_open.set()
    made.window.close()
    assert made.thread.stop(20)


@pytest.fixture
def most_urgent(demo: Workspace) -> list[str]:
    """The ids of the queue in its order."""
    with Desk.open(demo, clock=lambda: DEMO_AT) as desk:
        return [row.ticket for row in desk.queue.listing()]


def test_the_queue_is_there_before_the_desk_is_open(qtbot: QtBot, opening: Opening, most_urgent: list[str]) -> None:
    with qtbot.waitSignal(opening.window.filled, timeout=10_000):
        opening.start()
    shown = [opening.queue.model.known(rowid) for rowid in opening.queue.model.rowids]
    assert [row.ticket for row in shown if row is not None] == most_urgent[:FIRST_ROWS]
    assert opening.queue.model.ticket_count == len(most_urgent)
    assert opening.queue.model.me == ME


def test_what_changed_since_the_look_shows_when_the_desk_is_open(
    qtbot: QtBot, opening: Opening, demo: Workspace, most_urgent: list[str]
) -> None:
    with qtbot.waitSignal(opening.window.filled, timeout=10_000):
        opening.start()
    with Desk.open(demo, clock=lambda: DEMO_AT) as other:
        other.tickets.set_status(most_urgent[0], "solved")
    opening.may_open.set()
    qtbot.waitUntil(lambda: opening.queue.model.ticket_count == len(most_urgent) - 1, timeout=10_000)


def test_the_ticket_of_last_time_is_current_once_the_desk_is_open(
    qtbot: QtBot, opening: Opening, most_urgent: list[str]
) -> None:
    with qtbot.waitSignal(opening.window.filled, timeout=10_000):
        opening.start(select=most_urgent[5])
    opening.may_open.set()
    qtbot.waitUntil(lambda: opening.queue.current_ticket == most_urgent[5], timeout=10_000)


def test_a_view_that_is_chosen_meanwhile_comes_when_the_desk_is_open(qtbot: QtBot, opening: Opening) -> None:
    with qtbot.waitSignal(opening.window.filled, timeout=10_000):
        opening.start()
    opening.window.section.show_view("unassigned")
    opening.may_open.set()
    counts = opening.queue.counts
    assert counts is not None
    qtbot.waitUntil(lambda: opening.queue.model.ticket_count == counts.views[View.UNASSIGNED], timeout=10_000)


def test_an_act_before_the_desk_is_open_waits_for_it(qtbot: QtBot, opening: Opening, most_urgent: list[str]) -> None:
    with qtbot.waitSignal(opening.window.filled, timeout=10_000):
        opening.start()
    done: list[object] = []
    opening.thread.submit(lambda desk: desk.tickets.assign(most_urgent[0], "Aiko Sato"), done.append)
    assert opening.thread.is_serving()
    assert done == []
    opening.may_open.set()
    qtbot.waitUntil(lambda: bool(done), timeout=10_000)


def test_what_is_wrong_is_said_by_the_desk_and_not_by_the_look(qtbot: QtBot, opening: Opening) -> None:
    opening.workspace.settings.write_text("name = 7\n")
    looked: list[object] = []
    opening.thread.looked.connect(looked.append)
    opening.may_open.set()
    with qtbot.waitSignal(opening.thread.unable, timeout=10_000):
        opening.start()
    assert looked == []
    assert not opening.thread.is_serving()


def test_a_look_that_fails_is_logged_and_the_desk_opens(qtbot: QtBot, demo: Workspace) -> None:
    def fail() -> FirstLook | None:
        raise RuntimeError("of ours")

    thread = DeskThread(lambda: Desk.open(demo, clock=lambda: DEMO_AT), fail)
    with qtbot.waitSignal(thread.opened, timeout=10_000):
        thread.start()
    assert thread.stop(20)
