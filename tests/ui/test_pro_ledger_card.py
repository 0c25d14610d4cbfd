"""The card of the ledger: newest first, with running balances, and copied to the second."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui import pro_pages as pp
from tests.ui.pro_cards import Build
from tests.ui.pro_cards import asked as asked
from tests.ui.pro_cards import build as build
from tests.ui.pro_pages import HOUR, MINUTE, NOW
from ui.pro import live
from ui.pro.ledger_card import LedgerCard
from ui.theme import theme


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
