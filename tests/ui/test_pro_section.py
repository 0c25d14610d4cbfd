"""The section Pro in a real window on the demo: its list, its page, its keys, and what happens meanwhile."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.desk import Desk
from console.desk.pro.views import EngagementRow
from console.settings import Workspace
from tests.desk.pro_desk import ProStation, done, ready
from tests.ui.conftest import DEMO_AT, HandClock
from tests.ui.pro_section import WAIT_MS, OpenWindow, in_list, of_need, page_of
from tests.ui.pro_section import pro as pro
from tests.ui.pro_section import rows as rows
from tests.ui.pro_section import section as section
from tests.ui.pro_section import window as window
from ui.pro.dialogs.gap_dialog import GapDialog
from ui.pro.section import ProSection
from ui.queue.arrangement import Header
from ui.shell.pro import WindowPro
from ui.shell.window import MainWindow

DAY_S = 86_400


def test_g_then_p_goes_to_pro_and_g_then_q_back(qtbot: QtBot, window: MainWindow, pro: WindowPro) -> None:
    window.section.focus_list()
    assert pro.section is None, "nothing of it is built before the first visit"
    for keys, shown in (("gp", "pro"), ("gq", "queue")):
        qtbot.keyClicks(QApplication.focusWidget(), keys)
        assert window.rail.current is window.rail.button(shown)
        assert (window.shown is window.section) is (shown == "queue")
    assert QApplication.focusWidget() is window.section.queue.list  # type: ignore[union-attr]


def test_the_rail_goes_there_too_and_says_how_many_gaps_wait(qtbot: QtBot, window: MainWindow, pro: WindowPro) -> None:
    button = window.rail.button("pro")
    button.click()
    assert window.shown is pro.section
    qtbot.waitUntil(lambda: pro.follower.now_watched is not None, timeout=WAIT_MS)
    seen = pro.follower.now_watched
    assert seen is not None
    assert button.accessibleName() == ("Pro" if not seen.gaps else f"Pro, {len(seen.gaps)} gap without an answer")


def test_the_list_shows_every_open_engagement_under_what_it_waits_for(
    section: ProSection, rows: tuple[EngagementRow, ...]
) -> None:
    model = section.engagements.model
    items = [model.item(at) for at in range(model.rowCount())]
    listed = [item.ticket for item in items if isinstance(item, EngagementRow)]
    assert set(listed) == {row.ticket for row in rows if row.need != "closed"}
    headers = [item.section.key for item in items if isinstance(item, Header)]
    assert headers[0] in ("gap", "running")
    assert headers[-1] == "closed"
    assert section.accessibleName() == "Pro"


def test_opening_the_closed_group_fetches_the_closed_engagements(
    qtbot: QtBot, section: ProSection, rows: tuple[EngagementRow, ...]
) -> None:
    section.engagements.toggle("closed")
    closed = {row.ticket for row in rows if row.need == "closed"}
    assert closed
    qtbot.waitUntil(lambda: closed <= {ticket for _, ticket in section.engagements.model.order}, timeout=WAIT_MS)


def test_j_and_k_step_through_the_list_that_is_seen(qtbot: QtBot, window: MainWindow, section: ProSection) -> None:
    queue = window.section.queue
    assert queue is not None
    before = queue.current_ticket
    view = section.engagements.list
    first = view.current_ticket()
    qtbot.keyClick(view, Qt.Key.Key_J)
    second = view.current_ticket()
    assert second not in (None, first)
    qtbot.keyClick(view, Qt.Key.Key_K)
    assert view.current_ticket() == first
    assert queue.current_ticket == before


def test_keys_of_the_queue_do_nothing_in_the_list_of_engagements(
    qtbot: QtBot, window: MainWindow, section: ProSection
) -> None:
    for key in (Qt.Key.Key_Slash, Qt.Key.Key_Escape, Qt.Key.Key_R):
        qtbot.keyClick(in_list(section), key)
        assert QApplication.focusWidget() is in_list(section)
        assert window.shown is section


def test_enter_opens_the_page_and_esc_goes_back_to_the_same_row(
    qtbot: QtBot, window: MainWindow, section: ProSection
) -> None:
    view = section.engagements.list
    qtbot.keyClick(view, Qt.Key.Key_J)
    ticket = view.current_ticket()
    assert ticket is not None
    qtbot.keyClick(view, Qt.Key.Key_Return)
    page_of(qtbot, section, ticket)
    assert section.page_view is not None
    assert section.page_view.isVisible()
    focus = QApplication.focusWidget()
    assert section.page_view.isAncestorOf(focus)
    qtbot.keyClick(focus, Qt.Key.Key_Escape)
    assert view.isVisible()
    assert QApplication.focusWidget() is view
    assert view.current_ticket() == ticket


def test_of_two_pages_that_were_asked_for_the_later_one_is_shown(
    qtbot: QtBot, section: ProSection, rows: tuple[EngagementRow, ...]
) -> None:
    section.show_engagement(rows[0].ticket)
    section.show_engagement(rows[1].ticket)
    page_of(qtbot, section, rows[1].ticket)
    shown: list[str] = []
    section.settled.connect(lambda: shown.append(section.page.row.ticket if section.page else ""))
    section.show_engagement(rows[0].ticket)
    section.show_list()
    qtbot.waitUntil(lambda: bool(shown), timeout=WAIT_MS)
    assert section.page is None, "a page that comes after the person went back is not shown"
    assert in_list(section).isVisible()


def test_a_ticket_that_is_no_engagement_is_told_and_the_list_stays(
    qtbot: QtBot, window: MainWindow, demo: Workspace, section: ProSection, rows: tuple[EngagementRow, ...]
) -> None:
    known = {row.ticket for row in rows}
    with Desk.open(demo, clock=lambda: DEMO_AT) as desk:
        other = next(row.ticket for row in desk.queue.listing() if row.ticket not in known)
    section.show_engagement(other)
    toasts = window.toasts
    assert toasts is not None
    qtbot.waitUntil(lambda: bool(toasts.shown), timeout=WAIT_MS)
    assert toasts.shown[-1].sentence.startswith("No Pro hours were bought for this ticket")
    assert in_list(section).isVisible()
    assert section.ticket is None


def test_a_purchase_of_another_process_appears_and_the_chosen_row_stays(
    qtbot: QtBot, window: MainWindow, demo: Workspace, section: ProSection
) -> None:
    view = section.engagements.list
    view.step(1)
    chosen = view.current_ticket()
    section.engagements.hold._key.stop()
    bought = buy(demo)
    qtbot.waitUntil(lambda: section.engagements.model.known(bought) is not None, timeout=WAIT_MS)
    assert view.current_ticket() == chosen


def test_what_happens_while_the_queue_is_shown_is_there_at_the_next_visit(
    qtbot: QtBot, window: MainWindow, demo: Workspace, section: ProSection
) -> None:
    window.go("queue")
    bought = buy(demo)
    queue = window.section.queue
    assert queue is not None
    with qtbot.waitSignal(queue.shown, timeout=WAIT_MS):
        pass
    assert section.engagements.model.known(bought) is None, "what is hidden is not read"
    window.go("pro")
    qtbot.waitUntil(lambda: section.engagements.model.known(bought) is not None, timeout=WAIT_MS)


def buy(workspace: Workspace) -> str:
    """A purchase that the product reports; the id of its ticket."""
    with Desk.open(workspace, clock=lambda: DEMO_AT) as desk:
        result = desk.pro.hours.buy("P-77", "Bellows College", 3 * 3600, renewal=DEMO_AT + 20 * DAY_S * 1000)
        return result.ticket


def test_f6_goes_from_the_rail_to_the_list_to_the_strip_and_round(
    qtbot: QtBot, window: MainWindow, pro: WindowPro, section: ProSection
) -> None:
    qtbot.waitUntil(lambda: bool(window.strip.stops()), timeout=WAIT_MS)
    section.focus_first()
    places = []
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6)
        focus = QApplication.focusWidget()
        found = (
            name
            for name, place in (("strip", window.strip), ("rail", window.rail), ("list", in_list(section)))
            if place is focus or place.isAncestorOf(focus)
        )
        places.append(next(found))
    assert places == ["strip", "rail", "list"]


def test_the_tab_key_goes_from_the_rail_through_the_list_to_the_strip(
    qtbot: QtBot, window: MainWindow, section: ProSection
) -> None:
    qtbot.waitUntil(lambda: bool(window.strip.stops()), timeout=WAIT_MS)
    window.rail.current.setFocus()
    visited: list[str] = []
    for _ in range(30):
        focus = QApplication.focusWidget()
        places = {"rail": window.rail, "list": section, "strip": window.strip}
        here = next(name for name, place in places.items() if place.isAncestorOf(focus))
        if here == "rail" and len(visited) > 1:
            break
        if not visited or visited[-1] != here:
            visited.append(here)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert visited == ["rail", "list", "strip"]


def test_every_act_on_a_page_is_a_command_that_works_only_there(
    qtbot: QtBot, window: MainWindow, pro: WindowPro, section: ProSection, rows: tuple[EngagementRow, ...]
) -> None:
    from ui.shell.window_commands import PAGE_ACTS

    for name, _ in PAGE_ACTS:
        assert callable(getattr(pro.acts, name))
        assert not window.commands.enabled(f"pro.{name}")
    section.show_engagement(of_need(rows, "gate").ticket)
    page_of(qtbot, section, of_need(rows, "gate").ticket)
    assert all(window.commands.enabled(f"pro.{name}") for name, _ in PAGE_ACTS)
    window.go("queue")
    assert not window.commands.enabled("pro.complete")


def test_a_view_that_is_chosen_in_the_pro_section_leads_to_the_queue(window: MainWindow, section: ProSection) -> None:
    assert window.commands.run("view.mine")
    assert window.shown is window.section
    assert window.section.view_key == "mine"
    assert not window.commands.enabled("pro.back")


def test_a_gap_without_an_answer_is_asked_about_after_the_start_and_counted_on_the_rail(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path, hand_clock: HandClock
) -> None:
    station = ProStation(tmp_path / "mara", wall="2027-01-12 09:00")
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.clocks.sleep(minutes=30)
        desk.pro.watch.tick()
        done(desk.pro.work.stop(ticket))
    hand_clock.now_ms = station.clocks.true_ms
    window = open_window(station.workspace)
    pro = window.add_pro()
    assert pro is not None
    qtbot.waitUntil(lambda: window.findChild(GapDialog) is not None, timeout=WAIT_MS)
    dialog, badge = window.findChild(GapDialog), window.rail.button("pro")
    assert dialog is not None
    qtbot.waitUntil(lambda: badge.accessibleName() == "Pro, 1 gap without an answer", timeout=WAIT_MS)
    dialog.answered.emit(dialog.gaps[0].id, "not_worked")
    qtbot.waitUntil(lambda: badge.accessibleName() == "Pro", timeout=WAIT_MS)


def test_where_nothing_was_bought_the_keyboard_is_on_the_way_out(
    qtbot: QtBot, open_window: OpenWindow, empty_workspace: Workspace
) -> None:
    window = open_window(empty_workspace)
    with qtbot.waitActive(window):
        window.activateWindow()
    window.go("pro")
    assert window.pro is not None
    section = window.pro.visit()
    qtbot.waitUntil(lambda: section.engagements.is_empty, timeout=WAIT_MS)
    focus = QApplication.focusWidget()
    assert section.engagements.stops() == [focus]
    qtbot.keyClick(focus, Qt.Key.Key_Space)
    assert window.shown is window.section
