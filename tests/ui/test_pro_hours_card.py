"""The card of the hours: figures that add up, live by arithmetic."""

from __future__ import annotations

from tests.ui import pro_pages as pp
from tests.ui.pro_cards import Build
from tests.ui.pro_cards import asked as asked
from tests.ui.pro_cards import build as build
from tests.ui.pro_pages import HOUR, MINUTE, NOW
from ui.pro import live
from ui.pro.hours_card import HoursCard
from ui.theme import theme


def test_the_heading_is_what_is_left_of_what_was_bought(build: Build) -> None:
    card = build(HoursCard, pp.page())
    assert isinstance(card, HoursCard)
    assert card.headline.text == "4h 32m left of 12h"
    assert card.headline.expires == "expires 31 Oct"
    assert card.legend.rows == (
        ("Used earlier", "5h 30m"),
        ("This session", "1h 13m"),
        ("Planned today", "1h 43m"),
        ("Not planned", "2h 49m"),
        ("Forfeited", "45m"),
    )
    assert card.spoken_now().startswith("4 hours 32 minutes left of 12 hours: used earlier 5 hours 30 minutes")


def test_the_loss_line_names_the_loss_and_what_keeps_it(build: Build) -> None:
    card = build(HoursCard, pp.page())
    assert isinstance(card, HoursCard)
    assert card.loss.text == "Completing now loses 4h 32m. Carry over keeps it."
    card.show_page(pp.page(carries_to=None))
    assert card.loss.text == "Completing now loses 4h 32m."
    card.show_page(pp.page(completing_loses_ms=0))
    assert card.loss.isHidden()
    card.show_page(pp.page(row=pp.row(state="closed", detail="completed")))
    assert card.loss.isHidden()


def test_a_running_session_draws_on_the_planned_hours_by_arithmetic(build: Build) -> None:
    card = build(HoursCard, pp.page())
    assert isinstance(card, HoursCard)
    card.tick(NOW + 30 * MINUTE)
    assert card.headline.text == "4h 02m left of 12h"
    assert dict(card.legend.rows)["Planned today"] == "1h 13m"
    assert dict(card.legend.rows)["Not planned"] == "2h 49m"
    assert card.loss.text == "Completing now loses 4h 02m. Carry over keeps it."
    card.tick(NOW + 2 * HOUR)
    assert "Planned today" not in dict(card.legend.rows), "the slot is over: the rest is drawn on"
    assert dict(card.legend.rows)["Not planned"] == "2h 32m"


def test_nothing_is_drawn_in_a_pause_or_beyond_the_limit() -> None:
    paused = pp.page(running=pp.paused())
    assert live.hours_at(paused, NOW + HOUR) == paused.hours
    running = pp.page()
    at_limit = live.hours_at(running, NOW + pp.LEFT)
    assert at_limit.left_ms == 0
    assert live.hours_at(running, NOW + 20 * HOUR) == at_limit
    assert live.loss_at(running, NOW + 20 * HOUR) == 0


def test_two_engineers_that_are_summed_draw_twice_as_fast_and_the_item_takes_real_time() -> None:
    page = pp.page(running=pp.running(weight=2, limit_at=NOW + pp.LEFT // 2))
    assert live.drawn_since(page, NOW + 10 * MINUTE) == 20 * MINUTE
    current = page.scope.lines[2]
    assert live.used_at(page, current, NOW + 10 * MINUTE) == current.used_ms + 10 * MINUTE


def test_in_a_narrow_card_the_legend_stands_in_one_column_whole(build: Build) -> None:
    wide, narrow = build(HoursCard, pp.page(), 430), build(HoursCard, pp.page(), 300)
    assert isinstance(wide, HoursCard)
    assert isinstance(narrow, HoursCard)
    line = theme().px(23)
    assert wide.legend.height() == 3 * line
    assert narrow.legend.height() == 5 * line
