"""The list of engagements: groups by what each waits for, keys, a selection kept by ticket, and rows for listeners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.desk.pro.views import EngagementRow, Need
from tests.story import ms
from tests.ui import pro_pages as pages
from tests.ui.conftest import HandClock
from ui import theme
from ui.pro import engagement_words as wording
from ui.pro.engagement_list import NOTHING_BOUGHT, EngagementList, Listing
from ui.pro.engagement_model import EngagementModel, ItemRole
from ui.queue.arrangement import Header

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester

ZONE = pages.ZONE
HOUR = pages.HOUR


def row(ticket: str, need: Need, **changes: object) -> EngagementRow:
    state = {"gap": "carried", "running": "running", "slot_today": "ready", "gate": "preparing", "closed": "closed"}
    made = {"subject": f"Work on {ticket}", "state": state.get(need, need if need in ("carried", "ready") else "ready")}
    return pages.row(ticket=ticket, need=need, **{**made, **changes})


RUNNING = row("t-run", "running", subject="SSO and image rollout")
TODAY = row("t-today", "slot_today", account="Northwind", number=10042)
CARRIED = row("t-carried", "carried")
GATE_ONE, GATE_TWO = row("t-gate-1", "gate", gate_met=2), row("t-gate-2", "gate", gate_met=3, owner=None, is_mine=False)
CLOSED = row("t-closed", "closed", detail="completed", left_ms=0)
OPEN = (RUNNING, TODAY, CARRIED, GATE_ONE, GATE_TWO)


def listing(*rows: EngagementRow, with_closed: bool = False) -> Listing:
    return Listing(rows, with_closed, ZONE)


@pytest.fixture
def shown(qtbot: QtBot, hand_clock: HandClock) -> Iterator[EngagementList]:
    theme.apply(QApplication.instance(), mode="light", text_scale=1.0)  # type: ignore[arg-type]
    hand_clock.now_ms = pages.NOW
    QCursor.setPos(3_000, 3_000)  # a pointer over the list would hold its order
    widget = EngagementList(hand_clock)
    qtbot.addWidget(widget)
    widget.resize(1300, 700)
    with qtbot.waitActive(widget):
        widget.show()
        widget.activateWindow()
    widget.list.setFocus()
    yield widget
    widget.hold._key.stop()


def titles(model: EngagementModel) -> list[str]:
    """What stands in the list from top to bottom: headers by their names, engagements by their tickets."""
    items = (model.index(at).data(ItemRole) for at in range(model.rowCount()))
    return [item.section.title if isinstance(item, Header) else item.ticket for item in items]


def test_the_model_keeps_qts_rules_through_every_change(qtmodeltester: ModelTester, hand_clock: HandClock) -> None:
    model = EngagementModel(hand_clock)
    qtmodeltester.check(model)
    model.set_rows(OPEN, closed_known=False)
    model.put_rows((pages.row(ticket="t-today", need="slot_today", need_text="Starts in 10m"),))
    model.toggle("closed")
    model.set_rows((*OPEN, CLOSED), closed_known=True)
    model.toggle("gate")
    model.set_rows((), closed_known=True)
    qtmodeltester.check(model)


def test_groups_come_by_what_presses_most_and_the_closed_ones_are_folded_away(shown: EngagementList) -> None:
    shown.take(listing(GATE_ONE, CARRIED, RUNNING, GATE_TWO, TODAY))
    assert titles(shown.model) == [
        "Running",
        "t-run",
        "Slot today",
        "t-today",
        "Carried",
        "t-carried",
        "Gate open",
        "t-gate-1",
        "t-gate-2",
        "Closed",
    ]
    header = shown.model.item(shown.model.rowCount() - 1)
    assert isinstance(header, Header)
    assert header.collapsed


def test_the_closed_ones_are_asked_for_when_their_group_is_opened(qtbot: QtBot, shown: EngagementList) -> None:
    shown.take(listing(*OPEN))
    assert not shown.wants_closed
    with qtbot.waitSignal(shown.listing_asked):
        shown.toggle("closed")
    assert shown.wants_closed
    shown.take(listing(*OPEN, CLOSED, with_closed=True))
    assert titles(shown.model)[-2:] == ["Closed", "t-closed"]
    assert shown.list.current_ticket() == "t-closed"


def test_a_group_that_is_known_to_be_empty_is_not_shown(shown: EngagementList) -> None:
    shown.toggle("closed")
    shown.take(listing(RUNNING, with_closed=True))
    assert titles(shown.model) == ["Running", "t-run"]


def test_without_any_purchase_the_list_says_why_it_is_empty_and_what_comes(shown: EngagementList) -> None:
    shown.take(listing(with_closed=True))
    assert shown.empty.isVisible()
    assert shown.empty.state == NOTHING_BOUGHT
    assert shown.empty.accessibleName() == (
        "No Pro hours were bought yet. A purchase in CAS opens a ticket and appears here."
    )
    shown.take(listing(TODAY))
    assert not shown.empty.isVisible()


def test_where_only_closed_engagements_are_left_their_folded_group_says_so(shown: EngagementList) -> None:
    shown.take(listing(CLOSED, with_closed=True))
    assert shown.list.isVisible()
    assert titles(shown.model) == ["Closed"]
    assert shown.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Closed, 1 engagement, collapsed"


def test_arrows_and_enter_go_through_the_list_and_open_a_page(qtbot: QtBot, shown: EngagementList) -> None:
    shown.take(listing(*OPEN))
    assert shown.list.current_ticket() == "t-run"
    visited = []
    for _ in range(5):
        qtbot.keyClick(shown.list, Qt.Key.Key_Down)
        visited.append(shown.list.current_ticket())
    assert visited == ["t-today", "t-carried", "t-gate-1", "t-gate-2", None], "the last is the folded group"
    qtbot.keyClick(shown.list, Qt.Key.Key_Up)
    with qtbot.waitSignal(shown.opened) as opened:
        shown.open_current()
    assert opened.args == ["t-gate-2"]


def test_left_folds_the_group_and_right_opens_it_again(qtbot: QtBot, shown: EngagementList) -> None:
    shown.take(listing(*OPEN))
    shown.select("t-gate-2")
    qtbot.keyClick(shown.list, Qt.Key.Key_Left)
    assert titles(shown.model)[-2:] == ["Gate open", "Closed"]
    assert shown.list.current_ticket() is None
    qtbot.keyClick(shown.list, Qt.Key.Key_Right)
    assert shown.list.current_ticket() == "t-gate-1"


def test_a_double_click_opens_the_page_and_a_click_on_a_header_folds(qtbot: QtBot, shown: EngagementList) -> None:
    shown.take(listing(*OPEN))
    model, view = shown.model, shown.list

    def middle(at: int) -> QPoint:
        return view.visualRect(model.index(at)).center()

    with qtbot.waitSignal(shown.opened) as opened:
        qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle(3))
    assert opened.args == ["t-today"]
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle(2))
    assert "t-today" not in titles(model)


def test_the_chosen_engagement_stays_chosen_when_it_comes_to_stand_elsewhere(shown: EngagementList) -> None:
    shown.take(listing(*OPEN))
    shown.select("t-gate-1")
    shown.take(listing(RUNNING, TODAY, row("t-gate-1", "slot_today"), CARRIED, GATE_TWO))
    assert shown.list.current_ticket() == "t-gate-1"
    assert titles(shown.model)[:5] == ["Running", "t-run", "Slot today", "t-today", "t-gate-1"]


def test_when_the_chosen_engagement_is_closed_the_next_one_is_chosen(shown: EngagementList) -> None:
    shown.take(listing(*OPEN))
    shown.select("t-carried")
    shown.take(listing(RUNNING, TODAY, GATE_ONE, GATE_TWO))
    assert shown.list.current_ticket() == "t-gate-1"


def test_an_engagement_that_is_asked_for_before_it_is_listed_is_chosen_then(shown: EngagementList) -> None:
    shown.select("t-carried")
    shown.take(listing(*OPEN))
    assert shown.list.current_ticket() == "t-carried"


def test_while_the_keyboard_is_in_the_list_rows_change_in_place_and_the_order_waits(
    qtbot: QtBot, shown: EngagementList
) -> None:
    shown.take(listing(*OPEN))
    qtbot.keyClick(shown.list, Qt.Key.Key_Down)
    before = titles(shown.model)
    started = row("t-today", "running", need_text="Running since 11:47 AM")
    shown.take(listing(RUNNING, started, CARRIED, GATE_ONE, GATE_TWO))
    assert titles(shown.model) == before
    assert shown.model.known("t-today") == started
    assert shown.has_pending
    assert shown.pill.isVisible()
    shown.apply_held()
    assert titles(shown.model)[:3] == ["Running", "t-run", "t-today"]
    assert not shown.pill.isVisible()
    assert shown.list.current_ticket() == "t-today"


def test_a_refresh_without_news_moves_and_repaints_nothing(qtbot: QtBot, shown: EngagementList) -> None:
    shown.take(listing(*OPEN))
    with qtbot.assertNotEmitted(shown.model.modelReset), qtbot.assertNotEmitted(shown.model.dataChanged):
        shown.take(listing(*OPEN))


def test_the_list_keeps_its_place_when_rows_come_above_it(shown: EngagementList) -> None:
    many = tuple(row(f"t-{at:02}", "gate") for at in range(40))
    shown.take(listing(*many))
    shown.select("t-30")
    bar = shown.list.verticalScrollBar()
    assert bar.value() > 0
    assert shown.list.sticky.isVisible()
    at = bar.value()
    shown.take(listing(*many, CARRIED))
    assert bar.value() == at
    assert shown.list.current_ticket() == "t-30"


@pytest.mark.parametrize(
    ("engagement", "said"),
    [
        (
            RUNNING,
            "SSO and image rollout. Fabrikam Robotics. Running. Running since 10:30 AM. 4 hours 32 minutes left of "
            "12 hours. Today, 10:30 AM to 1:30 PM ET. Expires 31 Oct. Owned by you.",
        ),
        (
            row("t", "gate", gate_met=2, need_text="Access is missing", slot=None, owner=None),
            "Work on t. Fabrikam Robotics. Preparing, 2 of 4 in hand. Access is missing. 4 hours 32 minutes left of "
            "12 hours. Expires 31 Oct. Nobody owns it.",
        ),
        (
            row("t", "running", state="paused", detail="lunch", need_text="Paused", is_mine=False, owner="Aiko Sato"),
            "Work on t. Fabrikam Robotics. Paused, lunch. Paused. 4 hours 32 minutes left of 12 hours. Today, "
            "10:30 AM to 1:30 PM ET. Expires 31 Oct. Owned by Aiko Sato.",
        ),
        (
            row("t", "slot_today", need_text="Today, 10:30 AM to 1:30 PM ET"),
            "Work on t. Fabrikam Robotics. Ready. Today, 10:30 AM to 1:30 PM ET. 4 hours 32 minutes left of 12 hours. "
            "Expires 31 Oct. Owned by you.",
        ),
        (
            row("t", "closed", detail="expired", left_ms=0, slot=None, need_text=""),
            "Work on t. Fabrikam Robotics. Hours expired. 0 minutes left of 12 hours. Owned by you.",
        ),
    ],
)
def test_a_row_tells_listeners_what_it_shows(engagement: EngagementRow, said: str) -> None:
    assert wording.spoken(engagement, pages.NOW, ZONE) == said


@pytest.mark.parametrize(
    ("begins", "ends", "told"),
    [
        ("2025-10-14T14:30:00Z", "2025-10-14T17:30:00Z", "Today, 10:30 AM to 1:30 PM ET"),
        ("2025-10-17T13:00:00Z", "2025-10-17T16:00:00Z", "Fri 17 Oct, 9:00 AM to 12:00 PM ET"),
        ("2025-10-17T22:00:00Z", "2025-10-18T05:00:00Z", "Fri 17 Oct, 6:00 PM to Sat 18 Oct, 1:00 AM ET"),
    ],
)
def test_a_slot_is_told_by_its_day(begins: str, ends: str, told: str) -> None:
    assert wording.slot((ms(begins), ms(ends)), pages.NOW, ZONE) == told


def test_hours_are_told_in_hours_and_never_more_than_there_are() -> None:
    many = row("t", "ready", left_ms=32 * HOUR + 59_999, bought_ms=33 * HOUR)
    assert wording.hours(many) == ("32h", "of 33h")


def test_copying_gives_the_row_for_a_sheet(shown: EngagementList) -> None:
    shown.take(listing(*OPEN))
    shown.select("t-today")
    shown.list.copy_current()
    cells = QApplication.clipboard().text().split("\t")
    assert cells[:4] == ["#10042", "Work on t-today", "Northwind", "Ready"]


@pytest.mark.parametrize("width", [560, 1300])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_rows_paint_wide_and_narrow_light_and_dark(
    shown: EngagementList, width: int, mode: theme.Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.theme().set_mode(mode)
    shown.resize(width, 700)
    shown.take(listing(*OPEN))
    plain = shown.grab().toImage()
    shown.take(listing(RUNNING, row("t-today", "slot_today", subject="Another"), CARRIED, GATE_ONE, GATE_TWO))
    assert shown.grab().toImage() != plain
    monkeypatch.setattr(theme.theme(), "high_contrast", True)
    assert not shown.grab().isNull()
    theme.theme().set_mode("light")
