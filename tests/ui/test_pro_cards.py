"""The cards of the session page: figures that add up, live by arithmetic, and acts that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.desk.pro import views
from tests.story import ms
from tests.ui import pro_pages as pp
from tests.ui.pro_pages import HOUR, MINUTE, NOW
from ui.pro import live
from ui.pro.gate_card import GateCard
from ui.pro.hours_card import HoursCard
from ui.pro.ledger_card import LedgerCard
from ui.pro.scope_card import ScopeCard
from ui.theme import theme

Build = Callable[..., QWidget]


@pytest.fixture
def asked() -> pp.Asked:
    return pp.Asked()


@pytest.fixture
def build(qtbot: QtBot, asked: pp.Asked) -> Iterator[Build]:
    """Shows a card with a page: `build(HoursCard, page)`."""

    def build_card(kind: Callable[..., QWidget], page: views.EngagementPage, width: int = 430) -> QWidget:
        card = kind(asked, lambda: NOW)
        qtbot.addWidget(card)
        card.resize(width, 400)
        card.show_page(page)  # type: ignore[attr-defined]
        with qtbot.waitExposed(card):
            card.show()
        card.resize(width, max(card.sizeHint().height(), card.heightForWidth(width)))
        QApplication.processEvents()
        return card

    yield build_card
    theme().set_mode("light")
    theme().set_text_scale(1.0)


# Hours ---------------------------------------------------------------------------------------------------------------


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


# Scope ---------------------------------------------------------------------------------------------------------------


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


# Gate ----------------------------------------------------------------------------------------------------------------


def test_the_gate_counts_and_names_what_is_missing(build: Build) -> None:
    card = build(GateCard, pp.idle_page())
    assert isinstance(card, GateCard)
    assert card.heading.aside.text() == "3 of 4"
    assert card.accessibleName() == "Ready to work, 3 of 4"
    assert [line.spoken for line in card.lines[:3]] == [
        "Access: missing, 1 of 2 in hand",
        "Google project, asked for 12 Oct: missing",
        "Admin console, received 13 Oct: in hand",
    ]
    card.show_page(pp.page())
    assert card.heading.aside.text() == "4 of 4"
    assert [line.key for line in card.lines] == ["access", "scope", "slot", "contact", "after_hours"]


def test_each_line_has_its_act(qtbot: QtBot, build: Build, asked: pp.Asked) -> None:
    page = pp.idle_page()
    card = build(GateCard, page)
    assert isinstance(card, GateCard)
    for key, text in (
        ("access", "Edit…"),
        ("access:Google project", "Receive"),
        ("access:Admin console", "Lost"),
        ("scope", "Edit…"),
        ("slot", "Book…"),
        ("contact", "Change…"),
        ("after_hours", "Ask…"),
    ):
        qtbot.mouseClick(card.act(key, text), Qt.MouseButton.LeftButton)
    assert asked.calls == [
        ("edit_access", (page,)),
        ("receive_access", (pp.TICKET, "Google project")),
        ("lose_access", (pp.TICKET, "Admin console")),
        ("edit_scope", (page,)),
        ("book_slot", (page,)),
        ("set_contact", (page,)),
        ("ask_consent", (page,)),
    ]
    assert len(card.stops()) == len(asked.calls)


def test_an_act_is_done_on_the_page_as_it_is_now(qtbot: QtBot, build: Build, asked: pp.Asked) -> None:
    card = build(GateCard, pp.idle_page())
    assert isinstance(card, GateCard)
    button = card.act("slot", "Book…")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    anew = pp.idle_page(session=2)
    card.show_page(anew)
    assert card.act("slot", "Book…") is button
    assert button.hasFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert asked.calls == [("book_slot", (anew,))]


def test_a_slot_that_cannot_be_kept_says_why_and_offers_another(build: Build) -> None:
    why = "No hours will be left by then (T7). Agree an earlier slot."
    card = build(GateCard, pp.page(slots=(pp.slot(warning=why),)))
    assert isinstance(card, GateCard)
    line = next(line for line in card.lines if line.key == "slot:slot-3")
    assert line.mark == "warn"
    assert line.text == f"Today, 10:30 AM to 1:30 PM ET. {why}"
    assert card.act("slot:slot-3", "Book…")


def test_a_consent_that_does_not_count_says_why(build: Build) -> None:
    evening = (ms("2025-10-14T22:00:00Z"), ms("2025-10-15T01:00:00Z"))
    flawed = views.ConsentLine("consent-1", *evening, False, "lacks the customer")
    card = build(GateCard, pp.page(consents=(flawed,)))
    assert isinstance(card, GateCard)
    assert card.lines[-1].text == "Today, 6:00 PM to 9:00 PM ET: does not count, it lacks the customer"
    assert card.lines[-1].mark == "warn"


@pytest.mark.parametrize(
    "page",
    [pp.page(row=pp.row(state="closed", detail="expired")), pp.page(needs_newer_app=True)],
    ids=["closed", "newer"],
)
def test_what_cannot_be_acted_on_has_no_acts(build: Build, page: views.EngagementPage) -> None:
    card = build(GateCard, page)
    assert isinstance(card, GateCard)
    assert card.stops() == []


# Ledger --------------------------------------------------------------------------------------------------------------


def test_the_ledger_is_newest_first_with_true_minus_signs_and_running_balances(build: Build) -> None:
    card = build(LedgerCard, pp.page())
    assert isinstance(card, LedgerCard)
    assert card.table.ledger.cells == [
        ("14 Oct", "Planned until 1:30 PM", "−1h 43m", "2h 49m"),
        ("14 Oct", "Session 3, Mara Okafor, running", "−1h 13m", "4h 32m"),
        ("9 Oct", "Session 2, Mara Okafor", "−1h 15m", "5h 45m"),
        ("8 Oct", "Session 2, Mara Okafor", "−2h 00m", "7h 00m"),
        ("3 Oct", "Forfeited when completed", "−45m", "9h 00m"),
        ("3 Oct", "Session 1, Mara Okafor", "−2h 15m", "9h 45m"),
        ("1 Oct", "Bought, PO-20931", "+12h 00m", "12h 00m"),
    ]


def test_the_running_line_grows_and_the_planned_one_gives_way(build: Build) -> None:
    card = build(LedgerCard, pp.page())
    assert isinstance(card, LedgerCard)
    card.tick(NOW + 30 * MINUTE)
    assert [cells[2:] for cells in card.table.ledger.cells[:3]] == [
        ("−1h 13m", "2h 49m"),
        ("−1h 43m", "4h 02m"),
        ("−1h 15m", "5h 45m"),
    ]
    card.tick(NOW + 2 * HOUR)
    assert card.table.ledger.cells[0][1] == "Session 3, Mara Okafor, running"


def test_a_session_that_just_began_has_a_line_before_the_ledger_was_read_anew() -> None:
    before = tuple(row for row in pp.ledger() if row.cause != pp.SEGMENT)
    rows = live.ledger_at(pp.page(ledger=before), NOW + MINUTE)
    assert rows[1].text == "Session 3, running"
    assert rows[1].change_ms == -MINUTE
    assert rows[1].balance_ms == before[1].balance_ms - MINUTE


def test_the_rest_of_a_long_ledger_is_asked_for(qtbot: QtBot, build: Build) -> None:
    bought = pp.ledger()[-1]
    many = tuple(replace(bought, text=f"Bought, PO-{at}", balance_ms=(20 - at) * bought.change_ms) for at in range(20))
    card = build(LedgerCard, pp.page(ledger=many, running=None))
    assert isinstance(card, LedgerCard)
    assert card.table.ledger.rowCount() == 10
    assert card.more.text() == "Show 10 earlier lines"
    qtbot.mouseClick(card.more, Qt.MouseButton.LeftButton)
    assert card.table.ledger.rowCount() == 20
    assert card.more.isHidden()


def test_copying_gives_the_amounts_to_the_second(qtbot: QtBot, build: Build, asked: pp.Asked) -> None:
    page = pp.page()
    card = build(LedgerCard, page)
    assert isinstance(card, LedgerCard)
    card.table.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(card.table, Qt.Key.Key_Down)
    qtbot.keyClick(card.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text().splitlines() == [
        "Date\tEntry\tChange\tBalance",
        "Tue 14 Oct 2025, 10:30:14 AM ET\tSession 3, Mara Okafor, running\t−1h 12m 46s\t4h 32m 14s",
    ]
    qtbot.mouseClick(card.export, Qt.MouseButton.LeftButton)
    assert asked.calls == [("export_ledger", (page,))]


def test_the_ledger_speaks_of_what_was_gained_and_lost(build: Build) -> None:
    card = build(LedgerCard, pp.page())
    assert isinstance(card, LedgerCard)
    model = card.table.ledger
    said = Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(1, 2), said) == "Change: minus 1 hour 12 minutes"
    assert model.data(model.index(6, 2), said) == "Change: plus 12 hours"
    assert model.data(model.index(6, 3), said) == "Balance: 12 hours"


def test_the_model_of_the_ledger_keeps_the_promises_of_a_model(qtmodeltester, build: Build) -> None:  # type: ignore[no-untyped-def]
    card = build(LedgerCard, pp.page())
    assert isinstance(card, LedgerCard)
    qtmodeltester.check(card.table.ledger)


def test_a_long_entry_takes_a_second_line_instead_of_being_cut(build: Build) -> None:
    card = build(LedgerCard, pp.page(), 320)
    assert isinstance(card, LedgerCard)
    assert card.table.rowHeight(1) > card.table.rowHeight(6) - 1
    assert card.table.rowHeight(1) > theme().px(29)


# All of them ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [HoursCard, ScopeCard, GateCard, LedgerCard])
@pytest.mark.parametrize("contrast", [False, True], ids=["tokens", "high contrast"])
def test_a_card_is_painted_in_every_look(
    build: Build, kind: type, contrast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.theme._system_wants_contrast", lambda: contrast)
    pictures = []
    for mode in ("light", "dark"):
        theme().set_mode(mode)
        for page in (pp.page(), pp.idle_page(scope=pp.NO_SCOPE, ledger=(), access=())):
            for scale in (1.0, 1.5):
                theme().set_text_scale(scale)
                picture = build(kind, page).grab()
                assert not picture.isNull()
                pictures.append(picture.toImage())
    if not contrast:
        assert pictures[0] != pictures[4], "dark is another picture than light"


@pytest.mark.parametrize("kind", [HoursCard, ScopeCard, GateCard, LedgerCard])
def test_every_act_and_every_figure_has_a_name(build: Build, kind: type) -> None:
    card = build(kind, pp.idle_page())
    assert card.accessibleName()
    for stop in card.stops():  # type: ignore[attr-defined]
        if stop.isVisible():
            assert stop.accessibleName() or stop.text()
