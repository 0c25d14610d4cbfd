"""The session page: how the cards stand in every width and text size, what stands above them, and the way around."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from console.desk.pro import views
from tests.ui import pro_pages as pp
from tests.ui.conftest import HandClock
from tests.ui.pro_pages import HOUR, MINUTE, NOW
from ui.pro.page import EngagementPageView
from ui.theme import theme

Show = Callable[..., EngagementPageView]
WINDOW, SMALLEST = (1368, 856), (1048, 656)
"""What a window of 1440 x 900, and of 1120 x 700, leaves to the page."""


@pytest.fixture
def asked() -> pp.Asked:
    return pp.Asked()


@pytest.fixture
def show(qtbot: QtBot, asked: pp.Asked) -> Iterator[Show]:
    """Shows a page in a size, at a text scale: `show(page, size, scale)`."""

    def show_page(page: views.EngagementPage, size: tuple[int, int] = WINDOW, scale: float = 1.0) -> EngagementPageView:
        theme().set_text_scale(scale)
        view = EngagementPageView(asked, HandClock(NOW))  # type: ignore[arg-type]
        qtbot.addWidget(view)
        view.resize(*size)
        view.show_page(page)
        with qtbot.waitExposed(view):
            view.show()
        QApplication.processEvents()
        return view

    yield show_page
    theme().set_text_scale(1.0)


def left_of(view: EngagementPageView, card: object) -> int:
    return card.mapTo(view, QPoint(0, 0)).x()  # type: ignore[attr-defined,no-any-return]


def top_of(view: EngagementPageView, card: object) -> int:
    return card.mapTo(view, QPoint(0, 0)).y()  # type: ignore[attr-defined,no-any-return]


# Where the cards stand


def test_in_the_reference_window_two_columns_show_everything_without_scrolling(show: Show) -> None:
    view = show(pp.page())
    assert view.shape == "columns"
    assert left_of(view, view.timer) == left_of(view, view.scope) < left_of(view, view.hours)
    assert left_of(view, view.hours) == left_of(view, view.gate) == left_of(view, view.ledger)
    assert top_of(view, view.hours) < top_of(view, view.gate) < top_of(view, view.ledger)
    assert 400 <= view.hours.width() <= 440


def test_in_the_smallest_window_hours_and_gate_share_a_line_below_the_timer(show: Show) -> None:
    view = show(pp.page(), SMALLEST)
    assert view.shape == "paired"
    assert top_of(view, view.timer) < top_of(view, view.hours) == top_of(view, view.gate) < top_of(view, view.scope)
    assert view.timer.width() == SMALLEST[0] - 40


def test_the_largest_text_in_the_smallest_window_stands_in_one_column(show: Show) -> None:
    view = show(pp.page(), SMALLEST, 1.5)
    assert view.shape == "single"
    tops = [top_of(view, card) for card in (view.timer, view.hours, view.gate, view.scope, view.ledger)]
    assert tops == sorted(tops)


@pytest.mark.parametrize("scale", [0.9, 1.0, 1.25, 1.5])
@pytest.mark.parametrize("width", [1048, 1120, 1208, 1368, 1900])
@pytest.mark.parametrize("page", [pp.page(), pp.idle_page()], ids=["running", "idle"])
def test_nothing_reaches_beyond_the_right_edge(
    show: Show, page: views.EngagementPage, width: int, scale: float
) -> None:
    view = show(page, (width, 700), scale)
    for card in (view.timer, view.scope, view.hours, view.gate, view.ledger):
        assert left_of(view, card) + card.width() <= width - theme().px(20)
        assert card.width() >= card.minimumSizeHint().width()
    assert view.header.minimumSizeHint().width() <= width


def test_the_cards_end_where_they_ended_when_the_page_gets_a_scroll_bar(show: Show) -> None:
    view = show(pp.page(), (1368, 1200))
    before = left_of(view, view.ledger) + view.ledger.width()
    view.resize(1368, 500)
    QApplication.processEvents()
    assert left_of(view, view.ledger) + view.ledger.width() == before


def test_a_narrower_window_keeps_the_focus_where_it_was(show: Show) -> None:
    view = show(pp.page())
    view.activateWindow()
    row = view.scope.rows[1]
    row.setFocus(Qt.FocusReason.TabFocusReason)
    view.resize(*SMALLEST)
    QApplication.processEvents()
    assert view.shape == "paired"
    assert row.hasFocus()


# The way around


def test_the_tab_key_goes_through_the_cards_as_they_stand(show: Show) -> None:
    view = show(pp.page())
    stops = view.stops()
    assert stops[0] is view.header.back
    assert stops.index(view.scope.rows[0]) < stops.index(view.gate.stops()[0]) < stops.index(view.ledger.table)
    narrow = show(pp.page(), SMALLEST)
    stops = narrow.stops()
    assert stops.index(narrow.gate.stops()[0]) < stops.index(narrow.scope.rows[0]) < stops.index(narrow.ledger.table)
    assert len(set(stops)) == len(stops)


def test_escape_and_the_arrow_lead_back_to_the_list(qtbot: QtBot, show: Show) -> None:
    view = show(pp.page())
    with qtbot.waitSignal(view.back_asked):
        qtbot.mouseClick(view.header.back, Qt.MouseButton.LeftButton)
    view.scope.rows[0].setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(view.back_asked):
        qtbot.keyClick(view.scope.rows[0], Qt.Key.Key_Escape)
    with qtbot.waitSignal(view.back_asked):
        qtbot.keyClick(view.ledger.table, Qt.Key.Key_Escape)


def test_a_page_that_is_read_anew_keeps_the_focus_and_the_place(show: Show) -> None:
    view = show(pp.page(), (1368, 500))
    view.activateWindow()
    row = view.scope.rows[1]
    row.setFocus(Qt.FocusReason.TabFocusReason)
    bar = next(area for area in view.findChildren(QScrollArea) if area.parent() is view).verticalScrollBar()
    bar.setValue(120)
    view.show_page(pp.page(as_of=NOW, warnings=()))
    assert row.hasFocus()
    assert bar.value() == 120


# The header


def test_the_header_says_whose_hours_these_are_and_until_when(show: Show) -> None:
    view = show(pp.page())
    assert view.header.title.text() == "SSO and image rollout"
    assert view.header.tag.text == "Pro PO-20931"
    assert view.header.subtitle.text() == (
        "Fabrikam Robotics, #10041, Priya Natarajan, hours until 31 Oct, renewal in 17 days"
    )
    view.show_page(pp.page(hours=pp.hours(purchases=("PO-20931", "PO-21002"))))
    assert view.header.tag.text == "Pro PO-20931 and 1 more"
    assert view.header.tag.toolTip() == "PO-20931\nPO-21002"


def test_the_acts_of_the_header_are_asked_with_the_page(qtbot: QtBot, show: Show, asked: pp.Asked) -> None:
    page = pp.page()
    view = show(page)
    for button in (view.header.log_past, view.header.carry_over, view.header.complete):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked.calls == [("log_past", (page,)), ("carry_over", (page,)), ("complete", (page,))]
    assert view.header.carry_over.toolTip() == "Stops now and goes on Wed 9:00 AM ET."


def test_what_cannot_be_done_is_disabled_and_says_why(show: Show) -> None:
    view = show(pp.idle_page())
    header = view.header
    assert not header.carry_over.isEnabled()
    assert header.carry_over.toolTip() == "No session is running."
    assert not header.complete.isEnabled()
    assert header.complete.toolTip() == "No work was done yet."
    view.show_page(pp.page(row=pp.row(state="closed", detail="exhausted"), running=None))
    assert header.complete.toolTip() == "The engagement is closed."


def test_where_the_title_has_no_room_seldom_acts_move_into_the_menu(show: Show, asked: pp.Asked) -> None:
    view = show(pp.page(), SMALLEST, 1.5)
    header = view.header
    assert header.log_past.isHidden()
    assert header.complete.isVisible()
    menu = header.more_menu()
    texts = [action.text() for action in menu.actions()]
    assert texts[0] == "Log past time…"
    assert "Hand over…" in texts
    menu.actions()[0].trigger()
    assert [act for act, _ in asked.calls] == ["log_past"]
    wide = show(pp.page())
    assert "Log past time…" not in [action.text() for action in wide.header.more_menu().actions()]


# Above the cards


def test_where_there_is_nothing_to_say_nothing_is_said(show: Show) -> None:
    view = show(pp.page())
    assert view.notices.texts == ()
    assert view.notices.isHidden()


def test_warnings_gaps_and_a_newer_program_are_told(qtbot: QtBot, show: Show, asked: pp.Asked) -> None:
    usable = "Only 2h of 4h 32m fit before the renewal: 2h 32m would be lost (T7)."
    gaps = (pp.gap(),)
    view = show(pp.page(warnings=(usable,), gaps=gaps, needs_newer_app=True))
    assert view.notices.texts == (
        "A newer version of this program wrote to this engagement. The figures may be incomplete. Update to act on it.",
        "The computer slept: Today, 10:40 AM to 11:10 AM ET. Say whether that was work. Its hours are kept until then.",
        usable,
    )
    (answer,) = view.notices.stops()
    qtbot.mouseClick(answer, Qt.MouseButton.LeftButton)
    assert asked.calls == [("answer_gaps", (gaps,))]


def test_several_gaps_are_told_together(show: Show) -> None:
    view = show(pp.page(gaps=(pp.gap(), pp.gap(id="gap-2"))))
    assert view.notices.texts == ("2 gaps, 1h together, wait for an answer. Their hours are kept until then.",)


def test_a_completion_can_be_undone_until_its_time_is_over(qtbot: QtBot, show: Show, asked: pp.Asked) -> None:
    undo = views.Undo("completion-2", NOW - MINUTE, NOW + 4 * MINUTE, pp.LEFT)
    page = pp.page(undo=undo, running=None, row=pp.row(state="closed", detail="completed"))
    view = show(page)
    assert view.notices.texts == ("Completed at 11:46 AM, 4h 32m forfeited. Undo within 4m 00s.",)
    view.tick(NOW + 90_000)
    assert view.notices.texts == ("Completed at 11:46 AM, 4h 32m forfeited. Undo within 2m 30s.",)
    qtbot.mouseClick(view.notices.stops()[0], Qt.MouseButton.LeftButton)
    assert asked.calls == [("undo", (page,))]
    view.tick(NOW + 4 * MINUTE)
    assert view.notices.texts == ()
    assert view.stops()[0] is view.header.back


# Ticking


def test_every_card_tells_the_same_a_while_later_without_a_new_reading(show: Show) -> None:
    view = show(pp.page())
    view.tick(NOW + HOUR)
    assert view.hours.headline.text == "3h 32m left of 12h"
    assert view.scope.footer.text == "The rest fits. 2h 48m still estimated, 3h 32m left, 44m spare."
    assert view.ledger.table.ledger.cells[1][3] == "3h 32m"


def test_a_tick_moves_nothing_and_renames_nothing(show: Show) -> None:
    view = show(pp.page())
    row = view.scope.rows[2]
    before = (row.accessibleName(), view.hours.accessibleName(), view.hours.size())
    for second in range(1, 120):
        view.tick(NOW + second * 1000)
    assert (row.accessibleName(), view.hours.accessibleName(), view.hours.size()) == before
    assert row.used_text == "1h 14m"
