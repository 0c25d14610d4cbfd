"""The explanation of a deadline: its words, its table, its popover."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from console.domain.explain import explain
from console.guidelines_files import shipped_history
from tests import story as told
from tests.story import ms
from ui.ticket import explain as popover_module
from ui.ticket.clock_face import shown_clocks
from ui.ticket.explain import ExplainPopover
from ui.ticket.explain_table import StoryModel
from ui.ticket.story import Story, as_text, when
from ui.widgets.table_text import as_tsv

EASTERN = "America/New_York"
HISTORY = shipped_history()


def a_story(as_of: str, *, tell: told.Story | None = None, metric: str = "first_reply") -> Story:
    ticket = tell or told.Story("2026-03-02 15:00", product="CAS", plan="Standard", impact="normal")
    explained = explain(ticket.entries, HISTORY, ms(as_of), zone=EASTERN)
    clock = next(clock for clock in shown_clocks(explained.clocks) if clock.metric == metric)
    lines = [line for line in explained.lines if (line.metric, line.instance) == (clock.metric, clock.instance)]
    return Story(
        about="#48177 Contoso Ltd",
        promise="Standard, Normal",
        guidelines="Guidelines CAS 1, assumed",
        clock=clock,
        lines=tuple(lines),
        zone=EASTERN,
        as_of=explained.as_of,
    )


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1440, 860)
    window.show()
    return window


@pytest.fixture
def popover(window: QWidget, monkeypatch: pytest.MonkeyPatch) -> ExplainPopover:
    monkeypatch.setattr(popover_module, "own_zone", lambda: "Europe/London")
    return ExplainPopover(window)


def test_the_title_asks_why_it_is_due_when_it_is_due() -> None:
    assert a_story("2026-03-02 16:00").title(EASTERN) == "Why First reply is due at 6:00 PM"


def test_on_another_day_the_title_names_the_day() -> None:
    friday = told.Story("2026-03-06 20:00", product="CAS", plan="Standard", impact="normal")
    assert a_story("2026-03-06 21:00", tell=friday).title(EASTERN) == "Why First reply is due Mon 12:00 PM"


def test_past_due_the_title_says_was() -> None:
    assert a_story("2026-03-03 15:00").title(EASTERN) == "Why First reply was due on Mon 2 Mar, 6:00 PM"


def test_the_title_of_a_met_clock_asks_how() -> None:
    ticket = told.Story("2026-03-02 15:00", product="CAS", plan="Standard", impact="normal")
    ticket.reply("2026-03-02 16:00")
    assert a_story("2026-03-02 16:30", tell=ticket).title(EASTERN) == "How First reply was met"


def test_the_subtitle_names_the_promise_and_its_cover() -> None:
    assert a_story("2026-03-02 16:00").subtitle() == (
        "#48177 Contoso Ltd \u00b7 8h target for Standard, Normal \u00b7 open hours only"
    )


def test_the_rows_say_when_what_counted_and_left() -> None:
    friday = told.Story("2026-03-06 20:00", product="CAS", plan="Standard", impact="normal")
    rows = a_story("2026-03-09 14:00", tell=friday).rows(EASTERN)
    assert [row[0] for row in rows] == [
        "Fri 6 Mar, 3:00 PM",
        "Fri, 3:00 to 7:00 PM",
        "Fri 7:00 PM to Mon 8:00 AM",
        "Mon, 8:00 to 10:00 AM",
        "Mon, 10:00 AM",
    ]
    assert [row[2] for row in rows] == ["", "4h", "not counted", "2h", ""]
    assert [row[3] for row in rows] == ["8h", "4h", "4h", "2h", "2h"]


def test_a_stretch_over_noon_says_both_halves_of_the_day() -> None:
    line = next(line for line in a_story("2026-03-02 18:00").lines if line.kind == "ran")
    assert when(line, EASTERN, brief=False) == "Mon 2 Mar, 10:00 AM to 1:00 PM"


def test_another_zone_moves_every_time_of_the_table() -> None:
    story = a_story("2026-03-02 16:00")
    assert story.columns("Europe/London")[0] == "When (GMT)"
    assert story.rows("Europe/London")[0][0] == "Mon 2 Mar, 3:00 PM"


def test_the_copied_text_is_a_table_that_a_sheet_takes() -> None:
    lines = as_text(a_story("2026-03-02 16:00"), EASTERN).splitlines()
    assert lines[0] == "Why First reply is due at 6:00 PM"
    assert "Guidelines CAS 1, assumed" in lines
    assert lines[4] == "When (ET)\tWhat happened\tCounted\tLeft"
    assert all(line.count("\t") == 3 for line in lines[4:])


def test_a_name_with_tabs_and_lines_cannot_break_the_table() -> None:
    assert as_tsv([("a\tb", "c\nd")]) == "a b\tc d"


def test_the_model_keeps_qts_rules(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    model = StoryModel(parent)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_story(a_story("2026-03-02 16:00"), EASTERN)
    model.show_story(a_story("2026-03-03 16:00"), EASTERN)
    model.show_story(a_story("2026-03-03 16:00"), "Europe/London")
    assert model.rowCount() == len(a_story("2026-03-03 16:00").lines)


def test_the_arrow_keys_walk_the_rows(popover: ExplainPopover, qtbot: QtBot) -> None:
    popover.show_story(a_story("2026-03-02 16:00"), None)
    table = popover.table
    last = table.model().rowCount() - 1
    assert table.currentIndex().row() == last
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert table.currentIndex().row() == last - 1
    assert {index.row() for index in table.selectionModel().selectedRows()} == {last - 1}


def test_chosen_rows_are_copied_as_text_and_as_a_table(popover: ExplainPopover) -> None:
    story = a_story("2026-03-02 16:00")
    popover.show_story(story, None)
    popover.table.selectRow(0)
    popover.table.copy()
    mime = QApplication.clipboard().mimeData()
    assert mime.text() == as_tsv([story.rows(EASTERN)[0]])
    assert "<table>" in mime.html()


def test_escape_closes_it_and_the_focus_goes_back(popover: ExplainPopover, window: QWidget, qtbot: QtBot) -> None:
    field = QLineEdit(window)
    field.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    field.setFocus()
    popover.show_story(a_story("2026-03-02 16:00"), field)
    assert QApplication.focusWidget() is popover.table
    qtbot.keyClick(popover.table, Qt.Key.Key_Escape)
    assert not popover.isVisible()
    assert QApplication.focusWidget() is field


def test_it_stays_inside_the_window_wherever_its_clock_is(popover: ExplainPopover, window: QWidget) -> None:
    anchor = QWidget(window)
    anchor.show()
    for x, y in ((1150, 100), (1150, 820), (20, 20), (700, 400)):
        anchor.setGeometry(x, y, 250, 70)
        popover.show_story(a_story("2026-03-02 16:00"), anchor)
        assert window.rect().adjusted(-16, -16, 16, 16).contains(popover.geometry())


def test_beside_its_clock_it_does_not_cover_it(popover: ExplainPopover, window: QWidget) -> None:
    anchor = QWidget(window)
    anchor.setGeometry(1150, 100, 250, 70)
    anchor.show()
    popover.show_story(a_story("2026-03-02 16:00"), anchor)
    assert popover.geometry().right() - 16 <= anchor.x()


def test_the_zone_switch_says_the_same_in_ones_own_time(popover: ExplainPopover) -> None:
    popover.show_story(a_story("2026-03-02 16:00"), None)
    popover._zones.segment("mine").click()
    assert popover.title() == "Why First reply is due at 11:00 PM"
    assert popover.table.model().headerData(0, Qt.Orientation.Horizontal) == "When (GMT)"


@pytest.mark.parametrize(("zone", "named"), [(EASTERN, "Eastern"), ("Europe/Berlin", "CET")])
def test_the_zone_switch_names_the_zone_of_the_guidelines(popover: ExplainPopover, zone: str, named: str) -> None:
    popover.show_story(replace(a_story("2026-03-02 16:00"), zone=zone), None)
    assert popover._zones.segment("policy").text() == named


def test_the_switch_is_not_offered_where_both_zones_are_one(window: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(popover_module, "own_zone", lambda: EASTERN)
    popover = ExplainPopover(window)
    popover.show_story(a_story("2026-03-02 16:00"), None)
    assert not popover._zones.isVisible()


def test_a_person_who_listens_hears_each_cell_with_its_column(popover: ExplainPopover) -> None:
    popover.show_story(a_story("2026-03-03 15:00"), None)
    model = popover.table.model()
    spoken = model.data(model.index(model.rowCount() - 1, 3), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Left: minus ")
    interface = QAccessible.queryAccessibleInterface(popover.table)
    assert interface.text(QAccessible.Text.Name).startswith("Why First reply was due")
