"""From the queue to a session and back: its ticket, the strip, and the commands that ask for the running one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.desk.pro.views import EngagementRow
from console.settings import Workspace
from tests.ui.conftest import HandClock
from tests.ui.pro_section import WAIT_MS, OpenWindow, of_need, page_of
from tests.ui.pro_section import pro as pro
from tests.ui.pro_section import rows as rows
from tests.ui.pro_section import section as section
from tests.ui.pro_section import window as window
from ui.pro.section import ProSection
from ui.shell.pro import NOTHING_TO_TIME, WindowPro
from ui.shell.window import MainWindow


def test_from_the_ticket_of_an_engagement_to_its_session_and_back(
    qtbot: QtBot, window: MainWindow, pro: WindowPro, rows: tuple[EngagementRow, ...]
) -> None:
    engagement = of_need(rows, "gate")
    window.section.open_ticket(engagement.ticket)
    qtbot.waitUntil(lambda: window.commands.enabled("pro.open"), timeout=WAIT_MS)
    control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window.section.queue.list, Qt.Key.Key_O, control_shift)  # type: ignore[union-attr]
    section = pro.visit()
    page_of(qtbot, section, engagement.ticket)
    assert window.shown is section
    window.section.show_ticket(None)
    qtbot.waitUntil(lambda: section.page_view is not None and section.page_view.isVisible(), timeout=WAIT_MS)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_O, control_shift)
    assert window.shown is window.section
    ticket = window.section.ticket
    assert ticket is not None
    qtbot.waitUntil(lambda: ticket.view is not None and ticket.view.ticket.id == engagement.ticket, timeout=WAIT_MS)


def test_a_ticket_that_is_no_engagement_offers_no_session(
    qtbot: QtBot, window: MainWindow, pro: WindowPro, rows: tuple[EngagementRow, ...]
) -> None:
    queue, engagements = window.section.queue, {row.ticket for row in rows}
    assert queue is not None
    for _ in range(12):
        window.section.step(1)
        row = queue.current_row()
        assert row is not None
        answered: list[bool] = []
        assert window._thread is not None
        window._thread.submit(lambda _: True, answered.append)
        qtbot.waitUntil(lambda answered=answered: bool(answered), timeout=WAIT_MS)  # type: ignore[misc]
        assert window.commands.enabled("pro.open") is (row.ticket in engagements)
    queue.hold._key.stop()


def test_the_ticket_of_a_closed_engagement_opens_although_no_view_lists_it(
    qtbot: QtBot, window: MainWindow, section: ProSection, rows: tuple[EngagementRow, ...]
) -> None:
    closed = of_need(rows, "closed")
    section.show_engagement(closed.ticket)
    page_of(qtbot, section, closed.ticket)
    assert window.commands.run("pro.ticket")
    ticket = window.section.ticket
    assert ticket is not None
    qtbot.waitUntil(lambda: ticket.view is not None and ticket.view.ticket.id == closed.ticket, timeout=WAIT_MS)


def test_the_ticket_opens_from_a_view_that_does_not_list_it_and_from_a_folded_group(
    qtbot: QtBot, window: MainWindow, section: ProSection, rows: tuple[EngagementRow, ...]
) -> None:
    queue, ticket = window.section.queue, window.section.ticket
    assert queue is not None
    assert ticket is not None
    with qtbot.waitSignal(queue.shown, timeout=WAIT_MS):
        window.section.show_view("breached")
    queue.model.set_collapsed(part for part in ("breached", "next_hour", "later_today", "tomorrow", "paused", "quiet"))
    wanted = of_need(rows, "gate").ticket
    for _ in range(2):  # once in another view, once in a folded group of this one
        window.section.show_ticket(None)
        window.section.open_ticket(wanted)
        qtbot.waitUntil(lambda: ticket.ticket_id == wanted, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: queue.current_ticket == wanted, timeout=WAIT_MS)
        queue.model.set_collapsed(("breached", "next_hour", "later_today", "tomorrow", "paused", "quiet"))


def test_the_strip_opens_the_running_session(
    qtbot: QtBot, window: MainWindow, pro: WindowPro, rows: tuple[EngagementRow, ...]
) -> None:
    running = of_need(rows, "running")
    qtbot.waitUntil(lambda: pro.session is not None, timeout=WAIT_MS)
    window.strip.open_asked.emit(running.ticket)
    page_of(qtbot, pro.visit(), running.ticket)


def test_ctrl_shift_p_asks_to_stop_the_running_session_from_the_queue(
    qtbot: QtBot, window: MainWindow, pro: WindowPro
) -> None:
    qtbot.waitUntil(lambda: pro.session is not None, timeout=WAIT_MS)
    window.section.focus_list()
    control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_P, control_shift)
    qtbot.waitUntil(lambda: pro.acts.question is not None, timeout=WAIT_MS)
    question = pro.acts.question
    assert question is not None
    question.close()


def test_without_a_session_ctrl_shift_p_says_what_to_do(
    qtbot: QtBot, open_window: OpenWindow, empty_workspace: Workspace
) -> None:
    window = open_window(empty_workspace)
    window.add_pro()
    assert window.pro is not None
    qtbot.waitUntil(lambda: window.pro.follower.now_watched is not None, timeout=WAIT_MS)  # type: ignore[union-attr]
    assert window.commands.run("pro.start_or_stop")
    assert window.toasts is not None
    assert [toast.sentence for toast in window.toasts.shown] == [NOTHING_TO_TIME]
    assert not window.commands.enabled("pro.interruption")


def test_i_logs_the_ticket_of_another_customer_as_an_interruption(
    qtbot: QtBot, window: MainWindow, pro: WindowPro, demo: Workspace, hand_clock: HandClock
) -> None:
    qtbot.waitUntil(lambda: pro.session is not None, timeout=WAIT_MS)
    session = pro.session
    queue = window.section.queue
    assert session is not None
    assert queue is not None
    while (row := queue.current_row()) is None or row.account in (None, session.account):
        window.section.step(1)
    queue.hold._key.stop()
    window.section.focus_list()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_I)

    def paused() -> bool:
        now = pro.session
        return now is not None and now.running.paused is not None and now.running.paused[0] == "other ticket"

    qtbot.waitUntil(paused, timeout=WAIT_MS)
