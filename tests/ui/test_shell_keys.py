"""The keyboard in the window: commands and their keys, contexts, and where the focus goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.shell_window import activate
from tests.ui.shell_window import window as window
from ui.commands import Command, Commands, overlapping, shared_keys
from ui.shell.shortcuts_dialog import ShortcutsDialog
from ui.shell.window import MainWindow


def test_no_two_commands_share_keys_in_one_context(window: MainWindow) -> None:
    commands = list(window.commands)
    assert len(commands) > 30
    for index, one in enumerate(commands):
        for other in commands[index + 1 :]:
            assert shared_keys(one, other) == [], f"{one.id} and {other.id}"


def test_every_key_of_a_command_is_one_that_qt_knows(window: MainWindow) -> None:
    for command in window.commands:
        for keys in command.keys:
            assert not QKeySequence(keys).isEmpty(), command.id


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("window", "list", True),
        ("composer", "ticket", True),
        ("list", "ticket", False),
        ("list", "list", True),
        ("list", "pro", True),
        ("page", "pro", True),
        ("ticket", "queue", True),
        ("queue", "pro", False),
        ("page", "list", False),
    ],
)
def test_contexts_meet_where_one_key_press_reaches_both(one: str, other: str, meet: bool) -> None:
    assert overlapping(one, other) is meet  # type: ignore[arg-type]


def test_a_command_with_taken_keys_is_refused() -> None:
    commands = Commands()
    commands.add(Command("one", "One", print, ("Ctrl+B",)))
    with pytest.raises(ValueError, match="both answer to Ctrl"):
        commands.add(Command("two", "Two", print, ("Ctrl+B",), "list"))
    with pytest.raises(ValueError, match="already"):
        commands.add(Command("one", "One", print))


def test_keys_that_begin_a_longer_sequence_are_taken_and_other_sequences_are_free() -> None:
    commands = Commands()
    commands.add(Command("pro", "Pro", print, ("G, P",)))
    commands.add(Command("queue", "Queue", print, ("G, Q",)))
    with pytest.raises(ValueError, match="both answer to G"):
        commands.add(Command("alone", "Alone", print, ("G",)))
    assert commands.shown_keys("queue") == "G then Q"


def test_a_context_may_be_that_of_several_widgets(qtbot: QtBot) -> None:
    commands, ran = Commands(), []
    commands.add(Command("open", "Open", lambda: ran.append("open"), ("Return",), "list"))
    window = QWidget()
    qtbot.addWidget(window)
    lists = [QWidget(window), QWidget(window)]
    for one in lists:
        one.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        commands.bind(one, "list")
    commands.add(Command("copy", "Copy", lambda: ran.append("copy"), ("Ctrl+C",), "list"))
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    for one in lists:
        one.setFocus()
        qtbot.keyClick(one, Qt.Key.Key_Return)
        qtbot.keyClick(one, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert ran == ["open", "copy", "open", "copy"]


def test_single_keys_go_to_the_text_field_that_has_the_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    queue, field = window.section.queue, window.section.views.search
    assert queue is not None
    assert field is not None
    activate(qtbot, window)
    queue.list.setFocus()
    qtbot.keyClick(queue.list, Qt.Key.Key_J)
    assert queue.list.current_rowid() == queue.model.rowids[1]
    window.section.focus_search()
    qtbot.keyClick(field, Qt.Key.Key_J)
    assert field.text() == "j"
    assert queue.list.current_rowid() == queue.model.rowids[1]


def test_f6_goes_round_the_panes_and_back(qtbot: QtBot, window: MainWindow) -> None:
    activate(qtbot, window)
    window.section.focus_list()
    visited = []
    for _ in range(4):
        window.next_pane(1)
        focus = QApplication.focusWidget()
        assert focus is not None
        visited.append(focus)
    assert len(set(visited)) >= 3
    queue = window.section.queue
    assert queue is not None
    window.section.focus_list()
    window.next_pane(-1)
    assert window.section.views.isAncestorOf(QApplication.focusWidget())


def test_the_list_of_shortcuts_names_every_command_that_has_keys(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.run("help.shortcuts")
    dialog = window.findChild(ShortcutsDialog)
    assert dialog is not None
    titles = {label.text() for label in dialog.findChildren(QWidget) if hasattr(label, "text")}
    assert {command.title for command in window.commands if command.keys} <= titles
    dialog.close()


def test_enter_goes_into_the_ticket_and_esc_back_to_the_list(qtbot: QtBot, window: MainWindow) -> None:
    queue, ticket = window.section.queue, window.section.ticket
    assert queue is not None
    assert ticket is not None
    activate(qtbot, window)
    window.section.focus_list()
    qtbot.keyClick(queue.list, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: ticket.view is not None, timeout=5_000)
    qtbot.keyClick(queue.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ticket.isAncestorOf(QApplication.focusWidget()), timeout=5_000)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is queue.list


def region(window: MainWindow, widget: QWidget | None) -> str:
    """Where a widget stands, in the words of the design's Tab order."""
    section = window.section
    assert section.queue is not None
    assert section.ticket is not None
    body = section.ticket.body
    places = {
        "rail": window.rail,
        "views": section.views,
        "list": section.queue,
        "header": body.header,
        "timeline": body.timeline,
        "composer": body.composer,
        "clocks": body.clocks,
        "properties": body.properties,
    }
    assert widget is not None
    return next((name for name, place in places.items() if place is widget or place.isAncestorOf(widget)), "nowhere")


def test_the_tab_key_goes_through_the_regions_in_their_order(qtbot: QtBot, window: MainWindow) -> None:
    ticket = window.section.ticket
    assert ticket is not None
    activate(qtbot, window)
    qtbot.waitUntil(lambda: ticket.view is not None, timeout=5_000)
    window.rail.button("queue").setFocus()
    visited: list[str] = []
    for _ in range(60):
        focus = QApplication.focusWidget()
        here = region(window, focus)
        if here == "rail" and len(visited) > 1:
            break
        if not visited or visited[-1] != here:
            visited.append(here)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert visited == ["rail", "views", "list", "header", "timeline", "composer", "clocks", "properties"]


def test_at_the_start_the_keyboard_is_in_the_list_and_the_first_ticket_is_open(
    qtbot: QtBot, window: MainWindow
) -> None:
    queue, ticket = window.section.queue, window.section.ticket
    assert queue is not None
    assert ticket is not None
    activate(qtbot, window)
    qtbot.waitUntil(lambda: ticket.view is not None, timeout=5_000)
    assert QApplication.focusWidget() is queue.list
    assert queue.list.current_rowid() == queue.model.rowids[0]
    assert ticket.ticket_id == queue.current_ticket


def test_after_a_reply_one_escape_and_j_go_to_the_ticket_that_stood_below(qtbot: QtBot, window: MainWindow) -> None:
    queue, ticket = window.section.queue, window.section.ticket
    assert queue is not None
    assert ticket is not None
    activate(qtbot, window)
    window.section.focus_list()
    for _ in range(2):
        qtbot.keyClick(queue.list, Qt.Key.Key_J)
    above, answered, below = queue.model.rowids[1:4]
    qtbot.waitUntil(lambda: ticket.view is not None and ticket.view.ticket.id == queue.current_ticket, timeout=5_000)
    queue.hold._key.stop()
    qtbot.keyClick(queue.list, Qt.Key.Key_R)
    draft = ticket.body.composer.draft
    qtbot.keyClicks(draft, "We are looking at it.")
    with qtbot.waitSignal(ticket.ticket_changed, timeout=5_000):
        qtbot.keyClick(draft, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: queue.model.rowids[2] != answered, timeout=5_000)
    assert queue.list.current_rowid() == answered
    qtbot.keyClick(draft, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is queue.list
    qtbot.keyClick(queue.list, Qt.Key.Key_J)
    assert queue.list.current_rowid() == below
    qtbot.keyClick(queue.list, Qt.Key.Key_K)
    assert queue.list.current_rowid() == above


def test_brackets_step_from_within_the_ticket(qtbot: QtBot, window: MainWindow) -> None:
    queue, ticket = window.section.queue, window.section.ticket
    assert queue is not None
    assert ticket is not None
    activate(qtbot, window)
    qtbot.waitUntil(lambda: ticket.view is not None, timeout=5_000)
    ticket.focus_conversation()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_BracketRight)
    assert queue.list.current_rowid() == queue.model.rowids[1]
    qtbot.waitUntil(lambda: ticket.view is not None and ticket.view.ticket.id == queue.current_ticket, timeout=5_000)
    assert ticket.isAncestorOf(QApplication.focusWidget())
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_BracketLeft)
    assert queue.list.current_rowid() == queue.model.rowids[0]
