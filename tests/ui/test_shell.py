"""The window around the queue: commands and keys, names for people who listen, what it remembers, toasts, strip."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QRect, Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.domain.queue import View
from console.settings import Workspace
from tests.ui.conftest import DEMO_AT, ME
from ui.commands import Command, Commands, overlapping, shared_keys
from ui.queue.model import DraftedRole
from ui.shell.shortcuts_dialog import ShortcutsDialog
from ui.shell.state import WindowState, _is_seen
from ui.shell.strip import Hours, hours_sentence
from ui.shell.toasts import MOST
from ui.shell.window import MainWindow
from ui.theme import theme

OpenWindow = Callable[..., MainWindow]
UI = Path(__file__).resolve().parents[2] / "ui"
MINUTE = 60_000


@pytest.fixture
def window(open_window: OpenWindow, demo: Workspace) -> MainWindow:
    return open_window(demo, ticket_pane=True)


def activate(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()


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


def test_the_list_of_shortcuts_names_every_command_that_has_keys(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.run("help.shortcuts")
    dialog = window.findChild(ShortcutsDialog)
    assert dialog is not None
    titles = {label.text() for label in dialog.findChildren(QWidget) if hasattr(label, "text")}
    assert {command.title for command in window.commands if command.keys} <= titles
    dialog.close()


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
