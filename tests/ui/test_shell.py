"""The window around the queue: names for people who listen, room for its parts, toasts, strip, theme."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from console.settings import Workspace
from tests.ui.conftest import DEMO_AT
from tests.ui.shell_window import OpenWindow, activate
from tests.ui.shell_window import window as window
from ui.queue.model import DraftedRole
from ui.shell.state import WindowState
from ui.shell.strip import Hours, hours_sentence
from ui.shell.toasts import MOST
from ui.shell.window import MainWindow
from ui.theme import theme

UI = Path(__file__).resolve().parents[2] / "ui"
MINUTE = 60_000


def test_every_control_has_an_accessible_name(window: MainWindow) -> None:
    controls = [
        widget
        for kind in (QAbstractButton, QLineEdit, QPlainTextEdit)
        for widget in window.findChildren(kind)
        if widget.isVisibleTo(window) and not widget.objectName().startswith("qt_")
    ]
    assert len(controls) >= 10
    nameless = [widget for widget in controls if not (widget.accessibleName() or getattr(widget, "text", str)())]
    assert nameless == []


def test_the_views_hide_in_a_narrow_window_and_the_title_opens_them(window: MainWindow) -> None:
    queue = window.section.queue
    assert queue is not None
    assert not window.section.views.isHidden()
    assert not queue.bar.title.opens_views
    window.resize(1200, 800)
    assert window.section.views.isHidden()
    assert queue.bar.title.opens_views
    window.resize(1440, 900)
    assert not window.section.views.isHidden()


def test_a_sentence_is_said_once_and_errors_stay(window: MainWindow) -> None:
    toasts = window.toasts
    assert toasts is not None
    window.say("#48188 assigned to Aiko Sato.")
    window.say("#48188 assigned to Aiko Sato.")
    window.say("Nothing was recorded.", True)
    assert [toast.sentence for toast in toasts.shown] == ["#48188 assigned to Aiko Sato.", "Nothing was recorded."]
    assert [toast._timer.isActive() for toast in toasts.shown] == [True, False]
    assert toasts.shown[0].geometry().bottom() < toasts.shown[1].geometry().top()
    for count in range(5):
        window.say(f"Said {count}.")
    assert len(toasts.shown) == MOST


def test_a_toast_never_takes_the_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    activate(qtbot, window)
    window.section.focus_list()
    before = QApplication.focusWidget()
    window.say("Said.")
    assert QApplication.focusWidget() is before


@pytest.mark.parametrize("width", [1120, 1440])
def test_a_toast_never_covers_the_composer(qtbot: QtBot, window: MainWindow, width: int) -> None:
    ticket = window.section.ticket
    assert ticket is not None
    window.resize(width, 760)
    qtbot.waitUntil(lambda: ticket.view is not None and window.width() == width, timeout=5_000)
    window.say("Not solved: the customer wrote after the last message that you saw, and the ticket stays open.", True)
    assert window.toasts is not None
    toast, composer = window.toasts.shown[0], ticket.body.composer
    covered = toast.rect().translated(toast.mapTo(window, toast.rect().topLeft()))
    assert not covered.intersects(composer.rect().translated(composer.mapTo(window, composer.rect().topLeft())))


def test_the_strip_tells_the_support_hours_in_the_policys_zone(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: "until" in window.strip.accessibleName(), timeout=5_000)
    said = QAccessible.queryAccessibleInterface(window.strip).text(QAccessible.Text.Name)
    assert said == "No Pro session running. Support hours until 7:00 PM. 11:47 AM ET"
    assert "11:47" not in window.strip.accessibleName(), "a name that ticks would be told at every minute"


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (Hours("America/New_York", True, DEMO_AT + 13 * MINUTE), "Support hours until 12:00 PM"),
        (Hours("America/New_York", False, DEMO_AT + 1213 * MINUTE), "Support opens Wed 8:00 AM"),
        (Hours("UTC", True, None), "Support is always open"),
        (Hours("UTC", False, None), "No support hours"),
    ],
)
def test_support_hours_are_told_with_their_next_change(hours: Hours, told: str) -> None:
    assert hours_sentence(hours, DEMO_AT) == told


def test_the_theme_is_chosen_by_command(window: MainWindow) -> None:
    window.commands.run("theme.dark")
    assert theme().dark
    assert theme().mode == "dark"
    window.commands.run("theme.light")
    assert not theme().dark


def test_a_workspace_that_cannot_be_opened_is_told_in_the_banner(
    qtbot: QtBot, open_window: OpenWindow, demo: Workspace
) -> None:
    from console.domain.errors import ConsoleError
    from ui.desk_thread import DeskThread

    def refuse() -> None:
        raise ConsoleError("This workspace was made by a newer version.")

    window = MainWindow(WindowState(demo.ui_state), lambda: DEMO_AT, frozen=True)
    qtbot.addWidget(window)
    thread = DeskThread(refuse)  # type: ignore[arg-type]
    window.fill(thread)
    with qtbot.waitSignal(thread.unable, timeout=5_000):
        thread.start()
    assert window.banner.sentence == "This workspace was made by a newer version."
    assert not window.banner.isHidden()
    assert thread.stop()


def nested_loops(source: str) -> list[str]:
    """Calls inside `async def` that start a loop within the loop: qasync hangs on them for ever."""
    banned = {"exec", "exec_", "processEvents", "wait", "waitUntil", "waitSignal", "waitExposed", "run_until_complete"}
    found = []
    for coroutine in ast.walk(ast.parse(source)):
        if isinstance(coroutine, ast.AsyncFunctionDef):
            awaited = {id(node.value) for node in ast.walk(coroutine) if isinstance(node, ast.Await)}
            calls = (node for node in ast.walk(coroutine) if isinstance(node, ast.Call) and id(node) not in awaited)
            named = (call.func.attr for call in calls if isinstance(call.func, ast.Attribute))
            found += [f"{name} in {coroutine.name}" for name in named if name in banned]
    return found


def test_no_coroutine_starts_a_nested_loop() -> None:
    assert nested_loops("async def f():\n    dialog.exec()") == ["exec in f"]
    assert nested_loops("async def f():\n    await stop.wait()") == []
    for file in UI.rglob("*.py"):
        assert nested_loops(file.read_text(encoding="utf-8")) == [], file


def test_a_half_written_reply_puts_a_pencil_on_its_row_and_sending_takes_it_away(
    qtbot: QtBot, window: MainWindow
) -> None:
    queue, ticket = window.section.queue, window.section.ticket
    assert queue is not None
    assert ticket is not None
    qtbot.waitUntil(lambda: ticket.view is not None, timeout=5_000)
    row = queue.model.index(queue.list.currentIndex().row())
    assert not row.data(DraftedRole)
    ticket.write("reply")
    ticket.body.composer.draft.insertPlainText("Half a")
    ticket.flush_drafts()
    assert row.data(DraftedRole)
    assert row.data(Qt.ItemDataRole.AccessibleTextRole).endswith("Has a draft.")
    written = ticket.ticket_id
    with qtbot.waitSignal(ticket.ticket_changed, timeout=5_000):
        ticket.body.composer.send()
    assert written not in queue.model.drafted


def test_large_text_in_a_small_window_leaves_list_and_ticket_a_fair_share(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1120, 700)
    theme().set_text_scale(1.5)
    qtbot.waitUntil(lambda: window.section.width() + window.rail.width() == 1120, timeout=5_000)
    in_list, in_ticket = window.section.splitter.sizes()
    assert in_list >= 360
    assert in_ticket >= 420
    assert in_ticket > in_list
    assert window.width() == 1120
