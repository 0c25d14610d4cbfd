"""The queue on a real desk: order, held order, selection, search, empty states."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QEnterEvent, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.domain.queue import QueueRow, View, level
from console.settings import Workspace
from tests.ui.conftest import DEMO_AT, ME, HandClock
from ui.queue.arrangement import Header
from ui.queue.model import TicketIdRole
from ui.queue.pane import QueuePane
from ui.queue.wording import VIEW_TITLES
from ui.shell.views_panel import BUILT_IN
from ui.shell.window import MainWindow
from ui.widgets.glyphs import mark_role

OpenWindow = Callable[..., MainWindow]


def pane_of(window: MainWindow) -> QueuePane:
    assert window.section.queue is not None
    return window.section.queue


def tickets(pane: QueuePane) -> list[QueueRow]:
    return [item for row in range(pane.model.rowCount()) if isinstance(item := pane.model.item(row), QueueRow)]


def act(qtbot: QtBot, window: MainWindow, fn: Callable[[Desk], object]) -> None:
    """Do something on the desk, as another process would, and wait until the queue has heard of it."""
    thread = window.section._thread
    assert thread is not None
    with qtbot.waitSignal(pane_of(window).shown, timeout=10_000), qtbot.waitSignal(thread.changed, timeout=10_000):
        thread.submit(fn)


def row_rect_centre(pane: QueuePane, row: int) -> QPoint:
    return pane.list.visualRect(pane.model.index(row)).center()


@pytest.fixture
def pane(qtbot: QtBot, open_window: OpenWindow, demo: Workspace) -> QueuePane:
    """A queue whose rows have all come."""
    found = pane_of(open_window(demo))
    found.list.scrollToBottom()
    qtbot.waitUntil(lambda: len(tickets(found)) == found.model.ticket_count, timeout=5_000)
    found.list.scrollToTop()
    return found


@pytest.fixture
def window(pane: QueuePane) -> MainWindow:
    found = pane.window()
    assert isinstance(found, MainWindow)
    return found


def hover(pane: QueuePane, over: bool) -> None:
    """Put the pointer over the list, or take it away."""
    viewport = pane.list.viewport()
    viewport.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, over)
    event = QEnterEvent(QPointF(9, 90), QPointF(9, 90), QPointF(9, 90)) if over else QEvent(QEvent.Type.Leave)
    QApplication.sendEvent(viewport, event)


@pytest.fixture
def held(pane: QueuePane, monkeypatch: pytest.MonkeyPatch) -> QueuePane:
    """A pane with the pointer over its list."""
    monkeypatch.setattr("ui.queue.hold.QCursor.pos", lambda: pane.list.viewport().mapToGlobal(QPoint(60, 90)))
    monkeypatch.setattr(MainWindow, "isActiveWindow", lambda _: True)
    hover(pane, True)
    assert pane.held
    return pane


def test_the_panel_and_the_queue_name_the_same_views() -> None:
    assert tuple((view.value, VIEW_TITLES[view]) for view in View) == BUILT_IN


def test_the_queue_stands_in_the_order_of_the_next_breach(pane: QueuePane) -> None:
    dues = [row.due_at for row in tickets(pane) if row.due_at is not None]
    assert len(dues) > 10
    assert dues == sorted(dues)
    titles = [pane.model.item(row).section.title for row in pane.model.arrangement.header_rows]  # type: ignore[union-attr]
    assert titles[:2] == ["Breached", "Next 60 minutes"]


def test_every_row_has_its_sentence_for_people_who_listen(pane: QueuePane) -> None:
    for row in range(pane.model.rowCount()):
        said = pane.model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)
        assert len(said) > 8
        assert said != "Loading"
    access = QAccessible.queryAccessibleInterface(pane.list)
    assert access.text(QAccessible.Text.Name) == "Queue"
    assert access.role() in (QAccessible.Role.Table, QAccessible.Role.List)
    spoken = [access.child(child).text(QAccessible.Text.Name) for child in range(access.childCount())]
    assert tickets(pane)[0].subject in "".join(spoken)


def test_what_another_process_writes_appears(
    qtbot: QtBot, window: MainWindow, pane: QueuePane, demo: Workspace
) -> None:
    row = tickets(pane)[0]
    with qtbot.waitSignal(pane.shown, timeout=5_000), Desk.open(demo, clock=lambda: DEMO_AT) as other:
        assert other.tickets.assign(row.ticket, "Aiko Sato").refused is None
    qtbot.waitUntil(lambda: tickets(pane)[0].assignee == "Aiko Sato", timeout=5_000)


def test_selection_and_scroll_survive_a_refresh_that_moves_rows(
    qtbot: QtBot, window: MainWindow, pane: QueuePane
) -> None:
    chosen, solved = tickets(pane)[20], tickets(pane)[0]
    row = pane.model.row_of(pane.model.rowids[20])
    assert row is not None
    pane.list.choose(pane.model.rowids[20], reveal=True)
    at = pane.list.rowViewportPosition(row)
    assert pane.list.verticalScrollBar().value() > 0
    act(qtbot, window, lambda desk: desk.tickets.set_status(solved.ticket, "solved", seen=None))
    qtbot.waitUntil(lambda: solved.ticket not in [row.ticket for row in tickets(pane)], timeout=5_000)
    assert pane.list.currentIndex().data(TicketIdRole) == chosen.ticket
    assert pane.list.rowViewportPosition(pane.list.currentIndex().row()) == at
    assert pane.list.selectionModel().selectedRows()[0].row() == pane.list.currentIndex().row()


def test_a_ticket_is_told_once_however_often_the_queue_refreshes(
    qtbot: QtBot, window: MainWindow, pane: QueuePane
) -> None:
    told: list[object] = []
    pane.ticket_chosen.connect(told.append)
    pane.list.choose(pane.model.rowids[3])
    chosen = tickets(pane)[3].ticket
    act(qtbot, window, lambda desk: desk.tickets.assign(chosen, "Aiko Sato"))
    assert told == [chosen]


def test_while_the_pointer_is_over_the_list_nothing_moves_until_the_pill_is_pressed(
    qtbot: QtBot, window: MainWindow, held: QueuePane
) -> None:
    before = [row.ticket for row in tickets(held)]
    act(qtbot, window, lambda desk: desk.tickets.set_status(before[0], "solved", seen=None))
    assert [row.ticket for row in tickets(held)] == before
    assert held.has_pending
    assert held.pill.text() == "Order changed, 1 left"
    qtbot.mouseClick(held.pill, Qt.MouseButton.LeftButton)
    assert before[0] not in [row.ticket for row in tickets(held)]
    assert not held.has_pending


def test_the_held_order_is_applied_with_its_key(qtbot: QtBot, window: MainWindow, held: QueuePane) -> None:
    first = tickets(held)[0].ticket
    assert not window.commands.enabled("list.apply")
    act(qtbot, window, lambda desk: desk.tickets.set_status(first, "solved", seen=None))
    assert window.commands.run("list.apply")
    assert first not in [row.ticket for row in tickets(held)]


def test_when_the_pointer_leaves_the_list_takes_the_order_that_waited(
    qtbot: QtBot, window: MainWindow, held: QueuePane
) -> None:
    first = tickets(held)[0].ticket
    act(qtbot, window, lambda desk: desk.tickets.set_status(first, "solved", seen=None))
    assert held.has_pending
    hover(held, False)
    assert not held.has_pending
    assert first not in [row.ticket for row in tickets(held)]


def test_a_key_holds_the_order_for_a_while(qtbot: QtBot, window: MainWindow, pane: QueuePane) -> None:
    assert not pane.held
    window.commands.run("list.next")
    assert pane.held
    first = tickets(pane)[0].ticket
    act(qtbot, window, lambda desk: desk.tickets.set_status(first, "solved", seen=None))
    assert pane.has_pending
    qtbot.waitUntil(lambda: not pane.has_pending, timeout=6_000)
    assert first not in [row.ticket for row in tickets(pane)]


def test_a_breach_recolours_in_place_and_moves_only_with_the_order(
    qtbot: QtBot, hand_clock: HandClock, held: QueuePane
) -> None:
    place = next(i for i, row in enumerate(tickets(held)) if level(row, DEMO_AT) == "at_risk")
    row = held.model.row_of(held.model.rowids[place])
    assert row is not None
    due_at = tickets(held)[place].due_at
    assert due_at is not None
    hand_clock.now_ms = due_at + 1
    held._tick()
    assert held.model.row_of(held.model.rowids[place]) == row
    assert level(tickets(held)[place], hand_clock()) == "breached"
    picture = held.list.viewport().grab(held.list.visualRect(held.model.index(row))).toImage()
    breach = held.list.rows._looks().color(mark_role("breached"))
    assert any(picture.pixelColor(x, 18) == breach for x in range(picture.width() // 2, picture.width()))
    assert held.pill.text() == "Order changed, 1 moved up"
    held.apply_held()
    header = held.model.item(0)
    assert isinstance(header, Header)
    assert header.section.count == 3


def test_ticking_repaints_chips_and_sorts_nothing(qtbot: QtBot, hand_clock: HandClock, pane: QueuePane) -> None:
    resets: list[None] = []
    pane.model.modelReset.connect(lambda: resets.append(None))
    before = pane.model.rowids
    with qtbot.assertNotEmitted(pane.shown, wait=50):
        for _ in range(5):
            hand_clock.forward(seconds=1)
            pane._tick()
    assert resets == []
    assert pane.model.rowids is before


def test_a_click_on_a_header_collapses_its_group_and_another_opens_it(qtbot: QtBot, pane: QueuePane) -> None:
    rows = pane.model.rowCount()
    for expected in (rows - 2, rows):
        qtbot.mouseClick(pane.list.viewport(), Qt.MouseButton.LeftButton, pos=row_rect_centre(pane, 0))
        assert pane.model.rowCount() == expected


def test_left_collapses_the_group_and_right_opens_it_again(qtbot: QtBot, pane: QueuePane) -> None:
    pane.list.choose(pane.model.rowids[1])
    rows = pane.model.rowCount()
    qtbot.keyClick(pane.list, Qt.Key.Key_Left)
    assert pane.model.rowCount() == rows - 2
    assert isinstance(pane.model.item(pane.list.currentIndex().row()), Header)
    qtbot.keyClick(pane.list, Qt.Key.Key_Right)
    assert pane.model.rowCount() == rows
    assert pane.list.current_rowid() == pane.model.rowids[0]


def test_the_arrow_keys_pass_over_headers(qtbot: QtBot, pane: QueuePane) -> None:
    for place in range(1, 5):
        qtbot.keyClick(pane.list, Qt.Key.Key_Down)
        assert pane.list.current_rowid() == pane.model.rowids[place]
    qtbot.keyClick(pane.list, Qt.Key.Key_Up)
    assert pane.list.current_rowid() == pane.model.rowids[3]


def test_the_header_of_the_group_in_sight_sticks_to_the_top(pane: QueuePane) -> None:
    assert pane.list.sticky.isHidden()
    pane.list.verticalScrollBar().setValue(60)
    assert not pane.list.sticky.isHidden()
    assert pane.list.sticky.accessibleName().startswith("Breached")
    pane.list.verticalScrollBar().setValue(pane.list.rowViewportPosition(5) + 60)
    assert pane.list.sticky.accessibleName().startswith("Next 60 minutes")


def test_a_search_is_a_view_of_its_own_and_esc_ends_it(qtbot: QtBot, window: MainWindow, pane: QueuePane) -> None:
    field = window.section.views.search
    assert field is not None
    everything = pane.model.ticket_count
    window.section.focus_search()
    with qtbot.waitSignal(pane.shown, timeout=5_000):
        qtbot.keyClicks(field, "roster")
    assert pane.bar.title.text() == "Search: roster"
    assert 0 < pane.model.ticket_count < everything
    assert any("oster" in row.subject for row in tickets(pane))
    with qtbot.waitSignal(pane.shown, timeout=5_000):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert pane.model.ticket_count == everything
    assert field.text() == ""
    assert pane.bar.title.text() == "All open"


def test_a_search_that_finds_nothing_says_so_and_offers_the_way_back(
    qtbot: QtBot, window: MainWindow, pane: QueuePane
) -> None:
    with qtbot.waitSignal(pane.shown, timeout=5_000):
        window.section.search("xylophone")
    assert pane.empty.state is not None
    assert pane.empty.state.title == "No ticket matches \u201cxylophone\u201d"
    assert not pane.empty.isHidden()
    with qtbot.waitSignal(pane.shown, timeout=5_000):
        pane.empty.acted.emit(pane.empty.state.acts[0][0])
    assert pane.model.ticket_count > 0


def test_an_empty_workspace_says_how_tickets_come_in(
    qtbot: QtBot, open_window: OpenWindow, empty_workspace: Workspace
) -> None:
    pane = pane_of(open_window(empty_workspace))
    assert pane.empty.state is not None
    assert pane.empty.state.title == "No tickets yet"
    assert "support-console import FILE" in pane.empty.state.code


def test_an_empty_view_offers_the_views_that_have_tickets(qtbot: QtBot, window: MainWindow, pane: QueuePane) -> None:
    def take_all(desk: Desk) -> None:
        for row in desk.queue.rows(desk.queue.order(View.UNASSIGNED).rowids):
            desk.tickets.take(row.ticket)

    with qtbot.waitSignal(pane.shown, timeout=5_000):
        window.section.show_view("unassigned")
    assert pane.model.ticket_count > 0
    act(qtbot, window, take_all)
    qtbot.waitUntil(lambda: pane.model.ticket_count == 0, timeout=5_000)
    state = pane.empty.state
    assert state is not None
    assert state.title == "Every ticket has an owner"
    assert [words for _, words in state.acts] == ["Open my tickets", "See all 50 open"]


def test_the_counts_of_the_panel_are_those_of_the_desk(qtbot: QtBot, window: MainWindow, demo: Workspace) -> None:
    with Desk.open(demo, clock=lambda: DEMO_AT) as desk:
        counts = desk.queue.counts()
    for view, count in counts.items():
        assert window.section.views.button(view.value).accessibleName() == f"{VIEW_TITLES[view]}, {count}"
    assert window.rail.button("queue").accessibleName() == "Queue, 1 breached"


def test_take_the_next_unassigned_ticket(qtbot: QtBot, window: MainWindow, pane: QueuePane, demo: Workspace) -> None:
    first = next(row for row in tickets(pane) if row.assignee is None)
    window.commands.run("ticket.take_next")
    qtbot.waitUntil(lambda: bool(window.toasts and window.toasts.shown), timeout=5_000)
    assert window.toasts is not None
    assert window.toasts.shown[0].sentence == f"#{first.number} assigned to you."
    qtbot.waitUntil(lambda: pane.current_ticket == first.ticket, timeout=5_000)
    with Desk.open(demo, clock=lambda: DEMO_AT) as desk:
        assert desk.tickets.view(first.ticket).ticket.assignee == ME


def test_a_page_paints_the_same_rows_at_every_text_scale(qtbot: QtBot, pane: QueuePane) -> None:
    from ui.theme import theme

    first = pane.list.rowHeight(1)
    theme().set_text_scale(1.5)
    assert pane.list.rowHeight(1) == 84
    assert pane.list.rowHeight(0) == 45
    assert not pane.list.viewport().grab().isNull()
    theme().set_text_scale(1.0)
    assert pane.list.rowHeight(1) == first == 56


def test_the_current_ticket_is_copied_for_a_sheet_and_for_a_mail(qtbot: QtBot, pane: QueuePane) -> None:
    first = tickets(pane)[0]
    pane.list.copy_current()
    mime = QApplication.clipboard().mimeData()
    cells = mime.text().split("\t")
    assert cells[:2] == [f"#{first.number}", first.subject]
    assert f"<td>#{first.number}</td>" in mime.html()


def test_where_the_current_ticket_left_the_view_the_next_one_is_the_one_that_stood_below(
    qtbot: QtBot, window: MainWindow, pane: QueuePane
) -> None:
    pane.step(1)
    pane.step(1)
    above, gone, below = pane.model.rowids[1:4]
    solved = pane.current_ticket
    assert solved is not None
    pane.hold._key.stop()
    act(qtbot, window, lambda desk: desk.tickets.set_status(solved, "solved"))
    qtbot.waitUntil(lambda: gone not in pane.model.rowids, timeout=5_000)
    pane.step(1)
    assert pane.list.current_rowid() == below
    pane.step(-1)
    assert pane.list.current_rowid() == above


def test_the_tooltip_of_a_row_comes_with_the_open_hours_until_it_is_due(
    qtbot: QtBot, pane: QueuePane, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = next(
        row
        for row in range(pane.model.rowCount())
        if isinstance(item := pane.model.item(row), QueueRow)
        and item.cover == "business"
        and item.due_at is not None
        and item.due_at > DEMO_AT + 24 * 3_600_000
    )
    pane.list.reveal(later)
    spot = row_rect_centre(pane, later)
    at = pane.list.viewport().mapToGlobal(spot)
    monkeypatch.setattr("ui.queue.tip.QCursor.pos", lambda: at)
    QApplication.sendEvent(pane.list.viewport(), QHelpEvent(QEvent.Type.ToolTip, spot, at))
    qtbot.waitUntil(lambda: "of open hours" in QToolTip.text(), timeout=5_000)
    QToolTip.hideText()
