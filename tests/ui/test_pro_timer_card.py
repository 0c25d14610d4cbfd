"""The timer card: a session that runs, is interrupted, waits or has ended, with its log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from console.desk.pro.views import EngagementPage, LogLine, Undo
from tests.ui import pro_pages
from tests.ui.conftest import HandClock
from tests.ui.pro_pages import HOUR, MINUTE, NOW, SLOT, STARTED, Asked
from ui.pro import session_words
from ui.pro.session_log import FIRST
from ui.pro.timer_card import TimerCard
from ui.theme import theme
from ui.widgets.spoken import answer_when_asked

ShowCard = Callable[..., TimerCard]


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def show_card(qtbot: QtBot, clock: HandClock, asked: Asked) -> Iterator[ShowCard]:
    def show(page: EngagementPage, *, width: int = 870) -> TimerCard:
        made = TimerCard(asked, clock)  # type: ignore[arg-type]
        qtbot.addWidget(made)
        made.resize(width, 480)
        made.show_page(page)
        made.show()
        return made

    yield show
    theme().start("light", 1.0)


def carried(**changes: object) -> EngagementPage:
    """The window closed with time left: nothing runs."""
    return pro_pages.page(running=None, row=pro_pages.row(state="carried", slot=None), **changes)


def noted(text: str) -> LogLine:
    return LogLine(at=NOW + MINUTE, ends_at=None, kind="noted", text=text)


def figures(card: TimerCard) -> dict[str, str]:
    return {figure.name: figure.value for figure in card.running.figures}


# Running


def test_a_running_session_shows_its_time_and_what_ends_it(show_card: ShowCard) -> None:
    card = show_card(pro_pages.page())
    assert card.running.title == "Session 3 is running"
    assert card.running.timer == "1:12:46"
    assert figures(card) == {
        "Started": "10:30 AM",
        "Interrupted": "4m",
        "Slot ends": "1:30 PM",
        "Hours end": "4:19 PM",
        "Window closes": "6:00 PM",
    }
    assert card.running.isVisible()
    assert not card.waiting.isVisible()


def test_the_timer_counts_the_seconds_that_are_metered(show_card: ShowCard) -> None:
    card = show_card(pro_pages.page())
    card.tick(NOW + 74_000)
    assert card.running.timer == "1:14:00"
    card.tick(NOW + 999)
    assert card.running.timer == "1:12:46"


def test_a_pause_names_its_kind_and_whether_it_counts(show_card: ShowCard) -> None:
    card = show_card(pro_pages.page(running=pro_pages.paused()))
    card.tick(NOW + 5 * MINUTE)
    assert card.running.title == "Session 3 is interrupted: lunch, not counted"
    assert card.running.timer == "1:12:46", "the time stands still"
    assert figures(card)["Interrupted"] == "9m"
    waiting = pro_pages.running(paused=("waiting for the partner", NOW))
    card.show_page(pro_pages.page(running=waiting))
    card.tick(NOW + MINUTE)
    assert card.running.title == "Session 3 is interrupted: waiting for the partner, counted"
    assert card.running.timer == "1:13:46"


def test_the_nearest_limit_is_always_among_the_figures_that_fit(show_card: ShowCard) -> None:
    for width in (420, 620, 870, 1100):
        card = show_card(pro_pages.page(), width=width)
        assert "Hours end" in [figure.name for figure in card.running.shown_figures], width
    names = [figure.name for figure in show_card(pro_pages.page(), width=1400).running.shown_figures]
    assert names == ["Started", "Interrupted", "Slot ends", "Hours end", "Window closes"]


def test_a_session_from_yesterday_tells_todays_time_as_well(show_card: ShowCard) -> None:
    running = pro_pages.running(session_metered_ms=pro_pages.SESSION + 2 * HOUR)
    card = show_card(pro_pages.page(running=running))
    assert card.running.timer == "3:12:46"
    assert figures(card)["Today"] == "1h 12m"


def test_two_engineers_and_a_job_that_runs_by_itself_are_told() -> None:
    both = pro_pages.page(running=pro_pages.running(weight=2))
    assert session_words.title(both) == "Session 3 is running. 2 engineers are counted"
    job = pro_pages.page(running=pro_pages.running(unattended_job="copy of 500 GB"))
    assert session_words.title(job) == "Session 3 runs by itself: copy of 500 GB"
    theirs = pro_pages.page(row=pro_pages.row(is_mine=False), running=pro_pages.running(engineer="Aiko Sato"))
    assert session_words.title(theirs) == "Session 3 is running. Aiko Sato is at work"


def test_the_warning_stands_within_half_an_hour_of_the_nearest_limit(show_card: ShowCard) -> None:
    closing = pro_pages.running(range_ends_at=NOW + 45 * MINUTE, limit_at=NOW + 45 * MINUTE, limit="window")
    card = show_card(pro_pages.page(running=closing))
    assert not card.warning.isVisible()
    card.tick(NOW + 15 * MINUTE)
    assert card.warning.isVisible()
    assert card.warning.text.startswith("Window closes in 30m, ")
    assert card.warning.text.endswith(" will be carried to Wed 9:00 AM ET.")


def test_interruption_and_stop_ask_the_acts_and_a_pause_goes_on(
    qtbot: QtBot, show_card: ShowCard, asked: Asked
) -> None:
    page = pro_pages.page()
    card = show_card(page)
    card.running.interrupt.click()
    card.running.stop.click()
    at_lunch = pro_pages.page(running=pro_pages.paused())
    card.show_page(at_lunch)
    assert card.running.interrupt.text() == "Go on"
    card.running.interrupt.click()
    assert asked.calls == [("pause", (page,)), ("stop", (page,)), ("resume", (at_lunch,))]


def test_buttons_stand_below_the_timer_where_there_is_no_room_beside_it(show_card: ShowCard) -> None:
    wide, narrow = show_card(pro_pages.page(), width=870), show_card(pro_pages.page(), width=460)
    assert wide.running.heightForWidth(834) < narrow.running.heightForWidth(424)
    timer_ends = narrow.running._timer_rect().bottom()
    assert narrow.running.stop.geometry().top() > timer_ends
    assert narrow.running.stop.geometry().right() <= narrow.running.width()


# Not running


def test_start_is_enabled_where_nothing_holds_it_back(show_card: ShowCard, asked: Asked, clock: HandClock) -> None:
    clock.now_ms = SLOT[0] - 43 * MINUTE
    page = pro_pages.idle_page(row=pro_pages.row(state="ready"), may_start=None)
    card = show_card(page)
    assert card.waiting.headline.text() == "Ready. Slot today 10:30 AM to 1:30 PM ET"
    assert card.waiting.detail.text() == "Begins in 43m"
    assert card.waiting.start.isEnabled()
    card.waiting.start.click()
    assert asked.calls == [("start", (page,))]


def test_start_is_disabled_with_the_term_that_is_kept_beside_it(show_card: ShowCard) -> None:
    page = pro_pages.idle_page()
    card = show_card(page)
    assert card.waiting.headline.text() == "Not ready yet, 3 of 4 in hand"
    assert not card.waiting.start.isEnabled()
    assert card.waiting.refusal.text() == page.may_start
    assert card.waiting.refusal.isVisible()
    assert str(page.may_start) in card.waiting.start.accessibleName()


def test_a_carried_session_tells_where_it_goes_on(show_card: ShowCard) -> None:
    card = show_card(carried())
    assert card.waiting.headline.text() == "Carried over. Agree a slot to go on"
    assert card.waiting.detail.text() == "1h 12m worked in session 3, 4h 32m left of 12h"
    tomorrow = (NOW + 22 * HOUR, NOW + 23 * HOUR)
    card.show_page(pro_pages.page(running=None, row=pro_pages.row(state="carried", slot=tomorrow)))
    assert card.waiting.headline.text() == "Carried over. Goes on tomorrow 9:47 AM to 10:47 AM ET"


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("completed", "Scope complete, 45m lost"),
        ("exhausted", "Hours used up. A new purchase goes on with the same ticket"),
        ("expired", "Hours expired, 1h lost"),
        ("revoked", "Purchase refunded"),
    ],
)
def test_a_closed_session_says_what_ended_it_and_offers_no_start(show_card: ShowCard, detail: str, told: str) -> None:
    hours = pro_pages.hours(expired_ms=HOUR)
    row = pro_pages.row(state="closed", detail=detail)
    card = show_card(pro_pages.page(running=None, row=row, hours=hours, may_start="Not started: it is over."))
    assert card.waiting.headline.text() == told
    assert not card.waiting.start.isVisible()
    assert not card.waiting.refusal.isVisible()


def test_a_completion_can_be_undone_until_an_instant(show_card: ShowCard) -> None:
    undo = Undo("completion-3", NOW - MINUTE, NOW + 4 * MINUTE, 45 * MINUTE)
    row = pro_pages.row(state="closed", detail="completed")
    card = show_card(pro_pages.page(running=None, row=row, undo=undo, may_start="Not started: it is over."))
    assert card.waiting.headline.text() == "Completed, 45m lost. Undo until 11:51 AM ET"
    card.tick(undo.until)
    assert card.waiting.headline.text() == "Scope complete, 45m lost"


def test_after_exhaustion_the_minutes_for_notes_are_counted_down(show_card: ShowCard) -> None:
    row = pro_pages.row(state="closed", detail="exhausted")
    card = show_card(pro_pages.page(running=None, row=row, wrap_up_until=NOW + 8 * MINUTE))
    assert card.wrap_up.text == (
        "Wrap up your notes until 11:55 AM ET, 8m left. It is not counted, and no work goes on."
    )
    card.tick(NOW + 8 * MINUTE)
    assert not card.wrap_up.isVisible()


def test_a_session_that_runs_elsewhere_is_named_and_opened(qtbot: QtBot, show_card: ShowCard) -> None:
    card = show_card(carried(running_elsewhere="another-ticket", may_start="Not started: one at once."))
    assert card.elsewhere.isVisible()
    assert card.elsewhere.act is not None
    with qtbot.waitSignal(card.open_asked) as opened:
        card.elsewhere.act.click()
    assert opened.args == ["another-ticket"]


def test_the_focus_stays_in_the_head_when_the_timer_starts_and_stops(qtbot: QtBot, show_card: ShowCard) -> None:
    card = show_card(carried())
    with qtbot.waitActive(card):
        card.activateWindow()
    card.waiting.start.setFocus()
    card.show_page(pro_pages.page())
    assert card.running.stop.hasFocus()
    card.show_page(carried())
    assert card.waiting.start.hasFocus()


# The ruler's acts


def test_a_moved_edge_moves_the_slot(show_card: ShowCard, asked: Asked) -> None:
    page = pro_pages.page()
    card = show_card(page)
    card.ruler.move_asked.emit(SLOT[0], SLOT[1] + HOUR)
    assert asked.calls == [("move_slot", (page, "slot-3", SLOT[0], SLOT[1] + HOUR))]


# Note and item


def test_there_is_no_note_before_there_is_work(show_card: ShowCard) -> None:
    assert not show_card(pro_pages.idle_page()).note.isVisible()
    assert show_card(carried()).note.isVisible()


def test_no_item_is_chosen_while_nothing_runs(show_card: ShowCard) -> None:
    assert not show_card(carried()).note.item.isVisible()


# The log


def test_the_log_tells_when_what_and_how_long(show_card: ShowCard) -> None:
    card = show_card(pro_pages.page())
    rows = [(row.when, row.text, row.aside) for row in card.log.rows]
    assert rows[0] == ("11:31 AM", "Attribute mapping tested with two pilot users.", "on SAML sign-in")
    assert rows[2][0] == "11:05 to 11:09 AM"
    assert card.log.rows[0].accessibleName() == (
        "11:31 AM. Attribute mapping tested with two pilot users. on SAML sign-in. Mara Okafor."
    )


def test_a_line_of_another_day_carries_its_date(show_card: ShowCard) -> None:
    card = show_card(pro_pages.page(log=(replace(noted("Before."), at=STARTED - 24 * HOUR),)))
    assert card.log.rows[0].when == "13 Oct, 10:30 AM"


def test_a_gap_without_an_answer_asks_for_it(show_card: ShowCard, asked: Asked) -> None:
    gap = pro_pages.gap()
    card = show_card(pro_pages.page(gaps=(gap,)))
    row = card.log.rows[0]
    assert (row.when, row.text, row.aside) == (
        "10:40 to 11:10 AM",
        f"{gap.cause[:1].upper()}{gap.cause[1:]}.",
        "30m, waits for an answer",
    )
    assert row.answer is not None
    assert row.answer in card.stops()
    row.answer.click()
    assert asked.calls == [("answer_gaps", ((gap,),))]
    card.show_page(pro_pages.page())
    assert card.log.rows[0].answer is None


def test_a_gap_that_the_log_tells_of_is_told_once(show_card: ShowCard) -> None:
    gap = pro_pages.gap()
    line = LogLine(at=gap.begins_at, ends_at=gap.ends_at, kind="gap", text="The computer slept.", aside="30m")
    card = show_card(pro_pages.page(gaps=(gap,), log=(*pro_pages.LOG, line)))
    assert [row.text for row in card.log.rows].count("The computer slept.") == 1
    assert card.log.rows[0].answer is not None, "what needs an answer stands first"


def test_a_long_log_shows_the_earlier_lines_on_demand(show_card: ShowCard) -> None:
    lines = tuple(replace(noted(f"Note {count}"), at=NOW - count * MINUTE) for count in range(FIRST + 3))
    card = show_card(pro_pages.page(log=(*lines, pro_pages.LOG[-1])))
    assert len(card.log.rows) == FIRST
    assert card.log.more.text() == "Show 4 earlier lines"
    card.log.more.click()
    assert len(card.log.rows) == FIRST + 4
    assert not card.log.more.isVisible()


def test_an_interruption_that_lasts_counts_on(show_card: ShowCard) -> None:
    at_lunch = pro_pages.paused()
    assert at_lunch.paused is not None
    line = LogLine(at=at_lunch.paused[1], ends_at=None, kind="paused", text="Interrupted: lunch.", aside="7m")
    card = show_card(pro_pages.page(running=at_lunch, log=(line, *pro_pages.LOG)))
    card.tick(NOW + MINUTE)
    assert card.log.rows[0].aside == "8m, not counted"


# For everyone


def test_it_is_heard_with_its_time_and_a_tick_tells_nothing(show_card: ShowCard, clock: HandClock) -> None:
    answer_when_asked()
    card = show_card(pro_pages.page())
    kept = card.accessibleName()
    clock.forward(minutes=3)
    card.tick(clock())
    assert card.accessibleName() == kept == "Session 3 is running"
    said = QAccessible.queryAccessibleInterface(card).text(QAccessible.Text.Name)
    assert said.startswith("Session 3 is running. Timer 1 hour 15 minutes. Started 10:30 AM. Interrupted 4m.")


def test_every_control_has_a_name_and_the_keys_reach_it(show_card: ShowCard) -> None:
    card = show_card(pro_pages.page(gaps=(pro_pages.gap(),)))
    stops = [stop for stop in card.stops() if stop.isVisible()]
    assert len(stops) >= 6
    assert all(stop.focusPolicy() & Qt.FocusPolicy.TabFocus for stop in stops)
    assert [stop for stop in stops if not (stop.accessibleName() or getattr(stop, "text", str)())] == []


@pytest.mark.parametrize(("scale", "width"), [(1.0, 620), (1.5, 930), (1.5, 700)])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_overlaps_in_a_narrow_card_or_large_text(
    show_card: ShowCard, mode: str, scale: float, width: int
) -> None:
    theme().start(mode, scale)  # type: ignore[arg-type]
    for page in (pro_pages.page(), pro_pages.page(running=pro_pages.paused()), pro_pages.idle_page(), carried()):
        card = show_card(page, width=width)
        card.resize(width, card.heightForWidth(width))
        parts = [card.column.itemAt(index).widget() for index in range(card.column.count())]
        seen = [part.geometry() for part in parts if part is not None and part.isVisible()]
        assert all(above.bottom() < below.top() for above, below in pairwise(seen))
        assert all(rect.right() <= card.width() for rect in seen)
        assert card.running.interrupt.geometry().right() < card.running.stop.geometry().left()
        assert not card.grab().isNull()


def test_high_contrast_is_painted_without_tints(show_card: ShowCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme(), "high_contrast", True)
    for page in (pro_pages.page(gaps=(pro_pages.gap(),)), pro_pages.idle_page(), carried()):
        assert not show_card(page).grab().isNull()


def test_a_colleagues_session_is_not_stopped_and_one_that_may_not_start_says_why(show_card: ShowCard) -> None:
    why = "Not started: the allocated time is used up (T10). A new purchase goes on with the same ticket."
    theirs = pro_pages.page(running_is_mine=False, row=pro_pages.row(is_mine=False), may_start=why)
    card = show_card(theirs)
    assert not card.running.interrupt.isEnabled()
    assert not card.running.stop.isEnabled()
    assert card.running.stop.toolTip() == why


def test_a_second_engineer_starts_beside_a_colleagues_session(show_card: ShowCard, asked: Asked) -> None:
    card = show_card(pro_pages.page(running_is_mine=False, row=pro_pages.row(is_mine=False), may_start=None))
    assert (card.running.stop.text(), card.running.stop.isEnabled()) == ("Start mine", True)
    card.running.stop.click()
    assert [act for act, _ in asked.calls] == ["start"]
    card.show_page(pro_pages.page())
    assert card.running.stop.text() == "Stop and save…"
