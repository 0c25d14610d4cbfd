"""A real window of one of a team, on a workspace that follows a hub, and what the tests of the sync do with it.

The desk, its journal and the window are real; only what the engine tells is spoken by the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.settings import Workspace
from tests.ui.conftest import HandClock
from tests.ui.connected import refuse
from ui.shell.sync import WindowSync
from ui.shell.window import MainWindow
from ui.ticket.unsent_rows import UnsentRow

SUBJECT = "Sign-in loop after certificate change"


class Team:
    """A window of one of a team."""

    def __init__(self, qtbot: QtBot, window: MainWindow, ticket: str, clock: HandClock) -> None:
        self.qtbot, self.window, self.ticket, self.clock = qtbot, window, ticket, clock
        made = window.add_sync()
        assert made is not None
        self.sync: WindowSync = made
        self.until(lambda: self.sync.connected)

    def until(self, what: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(what, timeout=10_000)

    def ask(self, fn: Callable[[Desk], Any]) -> Any:
        got: list[Any] = []
        thread = self.window._thread
        assert thread is not None
        thread.submit(fn, got.append, failed=got.append)
        self.until(lambda: bool(got))
        if isinstance(got[0], Exception):
            raise got[0]
        return got[0]

    def reply(self, text: str, *, public: bool = True) -> Any:
        """Recorded here, and waiting for the hub."""
        receipt = self.ask(lambda desk: desk.tickets.reply(self.ticket, text, public=public))
        entry = receipt.entries[0]
        self.until(lambda: any(waits.id == entry.id for waits in self.sync.issues.waiting))
        return entry

    def refused(self, text: str, reason: str) -> None:
        entry = self.reply(text)
        self.ask(lambda desk: refuse(desk, entry, reason=reason))
        self.until(lambda: bool(self.sync.issues.refused))

    @property
    def unsent(self) -> list[UnsentRow]:
        pane = self.window.section.ticket
        assert pane is not None
        return [row for row in pane.body.timeline.rows if isinstance(row, UnsentRow)]

    @property
    def pane(self) -> Any:
        return self.window.section.ticket

    def draft(self, mode: str = "reply") -> str:
        return str(self.ask(lambda desk: desk.drafts.load(self.ticket)).get(mode, ""))

    def toasts(self) -> list[str]:
        assert self.window.toasts is not None
        return [toast.sentence for toast in self.window.toasts.shown]


@pytest.fixture
def team(qtbot: QtBot, connected: Workspace, open_window: Any, hand_clock: HandClock) -> Team:
    with Desk.open(connected, clock=hand_clock) as desk:
        ticket = next(row.ticket for row in desk.queue.listing() if row.subject == SUBJECT)
    window = open_window(connected, select=ticket, ticket_pane=True)
    qtbot.waitUntil(lambda: window.section.ticket.view is not None, timeout=10_000)
    return Team(qtbot, window, ticket, hand_clock)
