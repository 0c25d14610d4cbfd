"""The card of the scope: what was used of each estimate, and items that are worked on and done."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from tests.ui import pro_pages as pp
from tests.ui.pro_cards import Build
from tests.ui.pro_cards import asked as asked
from tests.ui.pro_cards import build as build
from tests.ui.pro_pages import HOUR, NOW
from ui.pro.scope_card import ScopeCard


def test_an_item_says_what_was_used_of_its_estimate_and_what_is_over(build: Build) -> None:
    card = build(ScopeCard, pp.page(), 860)
    assert isinstance(card, ScopeCard)
    assert [(row.used_text, row.is_over) for row in card.rows] == [
        ("2h 15m", True),
        ("3h 15m", True),
        ("1h 12m", False),
        ("–", False),
        ("–", False),
    ]
    assert card.rows[0].accessibleName() == (
        "Check prerequisites with the identity team, done, "
        "2 hours 15 minutes used of 2 hours estimated, 15 minutes over"
    )
    assert [row.checkState() for row in card.rows[1:4]] == [
        Qt.CheckState.Checked,
        Qt.CheckState.PartiallyChecked,
        Qt.CheckState.Unchecked,
    ]
    assert card.heading.aside.text() == "agreed 30 Sep, 2 of 5 done"


def test_space_and_a_click_on_the_box_ask_and_the_box_follows_what_is_recorded(
    qtbot: QtBot, build: Build, asked: pp.Asked
) -> None:
    card = build(ScopeCard, pp.page(), 860)
    assert isinstance(card, ScopeCard)
    row = card.rows[3]
    row.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(row, Qt.Key.Key_Space)
    qtbot.mouseClick(card.rows[0], Qt.MouseButton.LeftButton, pos=QPoint(25, row.height() // 2))
    assert asked.calls == [
        ("set_item_done", (pp.TICKET, "item-4", True)),
        ("set_item_done", (pp.TICKET, "item-1", False)),
    ]
    assert row.checkState() == Qt.CheckState.Unchecked
    lines = pp.scope().lines
    recorded = pp.page(scope=pp.scope(lines=(*lines[:3], replace(lines[3], done=True), lines[4])))
    card.show_page(recorded)
    assert card.rows[3] is row
    assert row.checkState() == Qt.CheckState.Checked
    assert row.hasFocus()


def test_a_click_on_the_title_ticks_nothing(qtbot: QtBot, build: Build, asked: pp.Asked) -> None:
    card = build(ScopeCard, pp.page(), 860)
    assert isinstance(card, ScopeCard)
    qtbot.mouseClick(card.rows[3], Qt.MouseButton.LeftButton, pos=QPoint(200, 10))
    assert asked.calls == []


def test_enter_works_on_an_item_while_a_session_runs(qtbot: QtBot, build: Build, asked: pp.Asked) -> None:
    card = build(ScopeCard, pp.page(), 860)
    assert isinstance(card, ScopeCard)
    qtbot.keyClick(card.rows[3], Qt.Key.Key_Return)
    qtbot.keyClick(card.rows[0], Qt.Key.Key_Return)
    qtbot.keyClick(card.rows[2], Qt.Key.Key_Return)
    assert asked.calls == [("work_on", (pp.TICKET, "item-4"))], "neither what is done nor what is worked on already"
    card.show_page(pp.idle_page())
    qtbot.keyClick(card.rows[3], Qt.Key.Key_Return)
    assert len(asked.calls) == 1


def test_the_item_that_is_worked_on_ticks_and_the_footer_with_it(build: Build) -> None:
    card = build(ScopeCard, pp.page(), 860)
    assert isinstance(card, ScopeCard)
    assert card.footer.text == "The rest fits. 3h 48m still estimated, 4h 32m left, 44m spare."
    card.tick(NOW + HOUR)
    assert card.rows[2].used_text == "2h 12m"
    assert card.footer.text == "The rest fits. 2h 48m still estimated, 3h 32m left, 44m spare."
    card.tick(NOW + 3 * HOUR)
    assert card.rows[2].is_over
    assert card.footer.text == "The rest does not fit. 2h 30m still estimated, 1h 32m left, 58m short."


def test_everything_done_says_so(build: Build) -> None:
    lines = tuple(replace(line, done=True, is_current=False) for line in pp.scope().lines)
    card = build(ScopeCard, pp.page(scope=pp.scope(lines=lines, still_estimated_ms=0)), 860)
    assert isinstance(card, ScopeCard)
    assert card.footer.text == "Everything is done. 4h 32m left."


def test_an_ask_out_of_scope_stays_listed_with_its_flag(qtbot: QtBot, build: Build, asked: pp.Asked) -> None:
    card = build(ScopeCard, pp.page(), 860)
    assert isinstance(card, ScopeCard)
    assert [ask.accessibleName() for ask in card.asks] == [
        "Printer redirection, asked for on 8 Oct, out of scope, not agreed"
    ]
    qtbot.mouseClick(card.ask, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(card.edit, Qt.MouseButton.LeftButton)
    assert [act for act, _ in asked.calls] == ["request", "edit_scope"]


def test_without_a_scope_the_card_says_why_one_is_needed_and_offers_it(
    qtbot: QtBot, build: Build, asked: pp.Asked
) -> None:
    page = pp.idle_page(scope=pp.NO_SCOPE)
    card = build(ScopeCard, page, 860)
    assert isinstance(card, ScopeCard)
    assert card.empty.isVisible()
    assert not card.footer.isVisible()
    assert not card.edit.isVisible()
    qtbot.mouseClick(card.write, Qt.MouseButton.LeftButton)
    assert asked.calls == [("edit_scope", (page,))]
    card.show_page(pp.page())
    assert card.empty.isHidden()


def test_a_closed_engagement_offers_no_changes_to_its_scope(qtbot: QtBot, build: Build, asked: pp.Asked) -> None:
    card = build(ScopeCard, pp.page(row=pp.row(state="closed", detail="completed"), running=None), 860)
    assert isinstance(card, ScopeCard)
    assert card.edit.isHidden()
    assert card.ask.isHidden()
    qtbot.mouseClick(card.rows[3], Qt.MouseButton.LeftButton, pos=QPoint(25, 20))
    assert asked.calls == []


def test_a_narrow_scope_does_without_the_bars_and_keeps_the_figures(build: Build) -> None:
    from ui.pro.scope_rows import columns

    assert columns(860).bar_width > 0
    assert columns(400).bar_width == 0
    assert columns(400).title_width > 100
