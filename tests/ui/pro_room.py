"""A window without anything in it but the acts on Pro sessions, over a real desk whose clocks the test turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.desk.pro.views import EngagementPage
from console.timekeeping import Timekeeper
from tests.desk.pro_desk import ProStation, done, ready
from ui.desk_thread import DeskThread
from ui.pro.acts import ProActs

ME = "Mara Okafor"


class Window(QWidget):
    """A window with a field that has the focus, and that counts how often it was asked to close."""

    def __init__(self) -> None:
        super().__init__()
        self.field = QLineEdit()
        QVBoxLayout(self).addWidget(self.field)
        self.closed = 0

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed += 1
        event.ignore()


class Room:
    """Acts over a desk whose clocks the test turns. `said` are the toasts: sentence, error, action."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.station = ProStation(folder)
        clocks = self.station.clocks
        self.thread = DeskThread(
            lambda: Desk.open(self.station.workspace, clock=lambda: clocks().wall_ms, timekeeper=Timekeeper(clocks))
        )
        self.thread.start()
        self.window = Window()
        self.window.resize(1200, 800)
        qtbot.addWidget(self.window)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.window.field.setFocus()
        self.said: list[tuple[str, bool, str | None]] = []
        self.offered: Callable[[], object] | None = None
        self.until_s: int | None = None
        self.acts = ProActs(self.thread, self._say, self.window, lambda: clocks.true_ms)

    def _say(
        self,
        sentence: str,
        error: bool = False,
        *,
        action: str | None = None,
        act: Callable[[], object] | None = None,
        until_s: int | None = None,
    ) -> None:
        self.said.append((sentence, error, action))
        self.offered, self.until_s = act, until_s

    def ask(self, fn: Callable[[Desk], Any]) -> Any:
        got: list[Any] = []
        self.thread.submit(fn, got.append, failed=got.append)
        self.until(lambda: bool(got))
        if isinstance(got[0], Exception):
            raise got[0]
        return got[0]

    def page(self, ticket: str) -> EngagementPage:
        page: EngagementPage = self.ask(lambda desk: desk.pro.page(ticket))
        return page

    def until(self, what: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(what()), timeout=10_000)

    def told(self) -> str:
        """The sentence of the next toast."""
        self.until(lambda: self.said)
        return self.said.pop(0)[0]

    def question(self, kind: type[Any]) -> Any:
        """The question that opened, of a kind."""
        self.until(lambda: isinstance(self.acts.question, kind) and QApplication.activeWindow() is self.acts.question)
        return self.acts.question

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(QApplication.focusWidget(), key, modifiers)

    def write(self, text: str) -> None:
        self.qtbot.keyClicks(QApplication.focusWidget(), text)

    def running(self, hours: float = 2, until: str = "11:20") -> str:
        """An engagement whose session has run from ten o'clock on."""
        ticket: str = self.ask(lambda desk: ready(desk, hours))
        self.station.to("10:00")
        self.ask(lambda desk: done(desk.pro.work.start(ticket)))
        self.ask(lambda desk: self.station.watch(desk, until, every_s=10))
        return ticket


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    room = Room(qtbot, tmp_path / "mara")
    yield room
    assert room.thread.stop()
