"""The drawer: what needs the person first, one card each, buttons that name the result, all of it from the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from console.desk.sync_views import SyncIssues
from tests.ui.conftest import DEMO_AT
from tests.ui.sync_scenes import (
    MINUTE,
    ZONE,
    issues,
    not_taken,
    offline,
    overwrote,
    refused,
    synced,
    three_issues,
    waiting,
)
from ui import theme
from ui.sync.cards import IssueCard, SettledRow, WaitingCard
from ui.sync.drawer import MOST_WAITING, SyncDrawer
from ui.widgets.controls import Words


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    theme.apply(QApplication.instance(), mode="light", text_scale=1.0)  # type: ignore[arg-type]
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1440, 900)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    yield made
    theme.theme().start("light", 1.0)


@pytest.fixture
def drawer(window: QWidget) -> SyncDrawer:
    return SyncDrawer(window, lambda: QRect(72, 0, window.width() - 72, window.height() - 44), ZONE)


def opened(drawer: SyncDrawer, shown: SyncIssues) -> SyncDrawer:
    drawer.show_status(synced())
    drawer.show_issues(shown)
    drawer.open_drawer()
    return drawer


def titles(drawer: SyncDrawer) -> list[str]:
    return [card.title.text() for card in drawer.cards]


def words_of(card: IssueCard) -> list[str]:
    return [button.text() for button in card.buttons]


def said(drawer: SyncDrawer) -> list[str]:
    return [words.text() for words in drawer.findChildren(Words) if words.isVisibleTo(drawer)]


def test_what_was_refused_comes_first_then_two_versions_then_what_was_not_taken(drawer: SyncDrawer) -> None:
    opened(drawer, three_issues())
    assert titles(drawer) == ["Reply to #48152 was not sent", "#48165 has two assignees", "#48170 was not taken"]
    assert "3 need you" in said(drawer)


def test_a_refused_text_can_be_mended_tried_again_copied_and_discarded(drawer: SyncDrawer) -> None:
    opened(drawer, issues(refused=(refused(),)))
    card = drawer.cards[0]
    assert words_of(card) == ["Edit and resend", "Try again", "Copy text", "Discard"]
    assert card.body.text() == "The text is 70 KB, the limit is 64 KB. Your text is safe."
    assert "1 needs you" in said(drawer)


def test_a_refused_change_has_no_text_to_keep_safe(drawer: SyncDrawer) -> None:
    opened(drawer, issues(refused=(refused(title="Impact of #48152 was not changed", text=""),)))
    card = drawer.cards[0]
    assert words_of(card) == ["Try again", "Discard"]
    assert "safe" not in card.body.text()


def test_both_versions_stand_side_by_side_and_the_buttons_name_them(drawer: SyncDrawer) -> None:
    opened(drawer, issues(overwrote=(overwrote(),)))
    card = drawer.cards[0]
    assert {"Yours, 11:43 AM", "Mara Okafor", "Lena, 11:43 AM", "Lena Fischer"} <= set(said(drawer))
    assert words_of(card) == ["Keep mine", "Keep Lena's"]
    assert [button.accessibleName() for button in card.buttons] == [
        "Keep mine, Mara Okafor",
        "Keep Lena Fischer's, Lena Fischer",
    ]
    both = [child.accessibleName() for child in card.findChildren(QWidget) if "shown now" in child.accessibleName()]
    assert both == ["Lena, 11:43 AM: Lena Fischer, shown now"]


def test_a_press_says_what_is_asked_for_and_about_what(qtbot: QtBot, drawer: SyncDrawer) -> None:
    opened(drawer, three_issues())
    asked: list[tuple[str, object]] = []
    drawer.asked.connect(lambda act, subject: asked.append((act, subject)))
    for card in drawer.cards:
        for button in card.buttons:
            button.setFocus(Qt.FocusReason.TabFocusReason)
            qtbot.keyClick(button, Qt.Key.Key_Space)
    assert [act for act, _ in asked] == [
        "edit",
        "retry",
        "copy",
        "discard",
        "keep_mine",
        "keep_theirs",
        "open",
        "dismiss",
    ]
    assert {subject for _, subject in asked} == {refused(), overwrote(), not_taken()}


def test_what_was_settled_is_told_below(drawer: SyncDrawer) -> None:
    opened(drawer, three_issues())
    assert "Settled without you today" in said(drawer)
    rows = [row.accessibleName() for row in drawer.findChildren(SettledRow) if row.isVisibleTo(drawer)]
    assert rows == [
        "Tag order on #48143 merged, 10:58 AM",
        "Status of #48077 taken from the hub, 10:22 AM",
        "41 entries offered again, 9:03 AM",
    ]


def test_the_outbox_shows_what_waits_and_offers_to_take_back_what_never_left(drawer: SyncDrawer) -> None:
    sent = waiting(id="e-9", title="Reply to #48180", can_withdraw=False)
    opened(drawer, issues(waiting=(waiting(), sent)))
    first, second = drawer.cards
    assert isinstance(first, WaitingCard)
    assert words_of(first) == ["Edit", "Don't send"]
    assert words_of(second) == []
    assert "Waiting to be sent  2" in said(drawer)
    assert "Nothing needs you." in said(drawer)


def test_a_long_outbox_is_counted_beyond_what_is_shown(drawer: SyncDrawer) -> None:
    many = tuple(waiting(id=f"w-{i}", at=DEMO_AT - i * MINUTE) for i in range(MOST_WAITING + 3))
    opened(drawer, issues(waiting=many))
    assert len(drawer.cards) == MOST_WAITING
    assert "And 3 more." in said(drawer)


def test_see_outbox_leads_to_the_first_thing_that_waits(drawer: SyncDrawer) -> None:
    drawer.show_status(offline())
    drawer.show_issues(issues(refused=(refused(),), waiting=(waiting(),)))
    drawer.open_drawer(at_outbox=True)
    assert QApplication.focusWidget() is drawer.cards[1].buttons[0]


def test_the_foot_says_when_both_sides_were_last_level(drawer: SyncDrawer) -> None:
    opened(drawer, issues())
    assert "Last full sync 11:46 AM. 0 in outbox." in said(drawer)


def test_opening_takes_the_keyboard_and_closing_gives_it_back(
    qtbot: QtBot, window: QWidget, drawer: SyncDrawer
) -> None:
    field = QLineEdit(window)
    field.show()
    field.setFocus()
    opened(drawer, three_issues())
    assert QApplication.focusWidget() is drawer.cards[0].buttons[0]
    with qtbot.waitSignal(drawer.closed):
        qtbot.keyClick(drawer.close_button, Qt.Key.Key_Space)
    assert drawer.isHidden()
    assert QApplication.focusWidget() is field


def test_a_focus_that_has_left_the_drawer_stays_where_it_is(window: QWidget, drawer: SyncDrawer) -> None:
    first, second = QLineEdit(window), QLineEdit(window)
    for field in (first, second):
        field.show()
    first.setFocus()
    opened(drawer, three_issues())
    second.setFocus()
    drawer.close_drawer()
    assert QApplication.focusWidget() is second


def test_when_a_card_is_done_the_next_has_the_focus(drawer: SyncDrawer) -> None:
    opened(drawer, three_issues())
    drawer.cards[0].buttons[1].setFocus()
    drawer.show_issues(issues(overwrote=(overwrote(),), not_taken=(not_taken(),)))
    assert QApplication.focusWidget() is drawer.cards[0].buttons[0]
    assert titles(drawer)[0] == "#48165 has two assignees"


def test_when_the_last_card_is_done_the_focus_stays_in_the_drawer(drawer: SyncDrawer) -> None:
    opened(drawer, issues(not_taken=(not_taken(),)))
    drawer.cards[0].buttons[1].setFocus()
    drawer.show_issues(issues())
    assert QApplication.focusWidget() is drawer.sync_now


def test_the_focus_stays_in_the_drawer_when_its_content_comes_late(drawer: SyncDrawer) -> None:
    opened(drawer, SyncIssues(connected=False))
    drawer.show_issues(three_issues())
    assert QApplication.focusWidget() is drawer.cards[0].buttons[0]


def test_a_refresh_keeps_the_cards_that_are_the_same_and_the_focus_in_them(drawer: SyncDrawer) -> None:
    opened(drawer, three_issues())
    second = drawer.cards[1]
    second.buttons[1].setFocus()
    drawer.show_issues(issues(overwrote=(overwrote(),), waiting=(waiting(),)))
    assert drawer.cards[0] is second
    assert QApplication.focusWidget() is second.buttons[1]


def test_the_tab_key_goes_down_the_drawer(drawer: SyncDrawer) -> None:
    opened(drawer, issues(refused=(refused(),), waiting=(waiting(),)))
    named = [stop.text() or stop.accessibleName() for stop in drawer.stops()]
    assert named == [
        "Sync now",
        "Close",
        "Edit and resend",
        "Try again",
        "Copy text",
        "Discard",
        "Edit",
        "Don't send",
        "Copy report for IT",
    ]


def test_every_control_has_a_name(drawer: SyncDrawer) -> None:
    opened(drawer, issues(refused=(refused(),), overwrote=(overwrote(),), waiting=(waiting(),)))
    assert drawer.accessibleName() == "Sync issues"
    assert all(stop.accessibleName() or stop.text() for stop in drawer.stops())
    assert drawer.cards[0].accessibleName() == (
        "Reply to #48152 was not sent, 11:41 AM. The text is 70 KB, the limit is 64 KB. Your text is safe."
    )


def test_without_a_hub_it_says_so_and_offers_to_connect(qtbot: QtBot, drawer: SyncDrawer) -> None:
    opened(drawer, SyncIssues(connected=False))
    assert any(text.startswith("Everything is kept on this computer.") for text in said(drawer))
    assert QApplication.focusWidget() is drawer.connect_button
    assert not drawer.sync_now.isVisible()
    with qtbot.waitSignal(drawer.connect_asked):
        qtbot.keyClick(drawer.connect_button, Qt.Key.Key_Space)


def test_its_own_buttons_ask(qtbot: QtBot, drawer: SyncDrawer) -> None:
    opened(drawer, issues())
    for button, signal in ((drawer.sync_now, drawer.sync_asked), (drawer.report, drawer.report_asked)):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_no_button_is_cut_and_no_word_leaves_its_card(qtbot: QtBot, drawer: SyncDrawer, scale: float) -> None:
    theme.theme().set_text_scale(scale)
    opened(drawer, issues(refused=(refused(),), overwrote=(overwrote(),), waiting=(waiting(),)))
    qtbot.waitUntil(lambda: drawer.cards[0].height() > 40)
    assert drawer.width() == round(440 * scale)
    for card in drawer.cards:
        inside = card.rect()
        for button in card.buttons:
            assert button.width() >= button.sizeHint().width()
            spot = button.mapTo(card, button.rect().topLeft())
            assert inside.contains(QRect(spot, button.size())), f"{button.text()} leaves its card"
        assert card.body.height() >= card.body.heightForWidth(card.body.width())


def test_customer_text_is_shown_as_text(drawer: SyncDrawer) -> None:
    opened(drawer, issues(waiting=(waiting(text='<img src="file:///secret"> <b>bold</b>'),)))
    assert drawer.cards[0].body.text() == '<img src="file:///secret"> <b>bold</b>'
    assert drawer.cards[0].body.textFormat() == Qt.TextFormat.PlainText
