"""The whole window on the demo, for tests of the shell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from console.settings import Workspace
from ui.shell.window import MainWindow

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def window(open_window: OpenWindow, demo: Workspace) -> MainWindow:
    return open_window(demo, ticket_pane=True)


def activate(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
