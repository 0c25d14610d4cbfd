"""The card of the gate: what is missing before work may start, each line with its act."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.desk.pro import views
from tests.story import ms
from tests.ui import pro_pages as pp
from tests.ui.pro_cards import Build
from tests.ui.pro_cards import asked as asked
from tests.ui.pro_cards import build as build
from ui.pro.gate_card import GateCard


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
