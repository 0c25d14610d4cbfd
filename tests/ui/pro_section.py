"""The section Pro of a real window on the demo, visited, and the demo's engagements."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.desk.pro.views import EngagementRow
from console.settings import Workspace
from tests.ui.conftest import DEMO_AT
from ui.pro.section import ProSection
from ui.shell.pro import WindowPro
from ui.shell.window import MainWindow

OpenWindow = Callable[..., MainWindow]
WAIT_MS = 10_000


@pytest.fixture
def rows(demo: Workspace) -> tuple[EngagementRow, ...]:
    """The demo's engagements, the closed ones too."""
    with Desk.open(demo, clock=lambda: DEMO_AT) as desk:
        return desk.pro.engagements(closed=True)


@pytest.fixture
def window(qtbot: QtBot, open_window: OpenWindow, demo: Workspace, rows: tuple[EngagementRow, ...]) -> MainWindow:
    opened = open_window(demo, ticket_pane=True)
    opened.add_pro()
    with qtbot.waitActive(opened):
        opened.activateWindow()
    return opened


@pytest.fixture
def pro(window: MainWindow) -> WindowPro:
    assert window.pro is not None
    return window.pro


@pytest.fixture
def section(qtbot: QtBot, window: MainWindow, pro: WindowPro) -> ProSection:
    """The section, visited, with its list read."""
    window.go("pro")
    section = pro.visit()
    qtbot.waitUntil(lambda: section.is_settled and section.engagements.model.count > 0, timeout=WAIT_MS)
    return section


def of_need(rows: tuple[EngagementRow, ...], *needs: str) -> EngagementRow:
    return next(row for row in rows if row.need in needs)


def in_list(section: ProSection) -> QWidget:
    return section.engagements.list


def page_of(qtbot: QtBot, section: ProSection, ticket: str) -> None:
    qtbot.waitUntil(lambda: section.page is not None and section.page.row.ticket == ticket, timeout=WAIT_MS)
