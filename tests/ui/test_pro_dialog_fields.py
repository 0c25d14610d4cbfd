"""What is typed into the questions of Pro services: days, times and lengths, as people write them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.story import ms
from tests.ui import pro_pages as sample
from tests.ui.pro_questions import ET, MINUTE, TUESDAY
from tests.ui.pro_questions import window as window
from ui.pro.dialogs.fields import LengthField, MomentFields, SpanFields, TimeField
from ui.pro.dialogs.wall_text import instants_of, read_day, read_length, read_time
from ui.widgets.marks import Choice


@pytest.mark.parametrize(
    ("typed", "ahead", "meant"),
    [
        ("wed", True, date(2025, 10, 15)),
        ("Wednesday", False, date(2025, 10, 8)),
        ("tue", True, TUESDAY),
        ("tomorrow", True, date(2025, 10, 15)),
        ("yesterday", False, date(2025, 10, 13)),
        ("16 oct", True, date(2025, 10, 16)),
        ("Oct 16, 2027", True, date(2027, 10, 16)),
        ("Mon 16 Oct 2025", True, date(2025, 10, 16)),
        ("2 jan", True, date(2026, 1, 2)),
        ("2025-12-01", True, date(2025, 12, 1)),
        ("30 feb", True, None),
        ("soon", True, None),
        ("10/14", True, None),
        ("", True, None),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, ahead: bool, meant: date | None) -> None:
    assert read_day(typed, TUESDAY, ahead=ahead) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("10:30 AM", time(10, 30)),
        ("1030", time(10, 30)),
        ("5 pm", time(17)),
        ("17:00", time(17)),
        ("12am", time(0)),
        ("13 pm", None),
        ("24:00", None),
        ("9:61", None),
        ("noonish", None),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: str, meant: time | None) -> None:
    assert read_time(typed) == meant


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("1h 30m", 90), ("90m", 90), ("1:30", 90), ("1.5h", 90), ("2", 120), ("45", None), ("0", None), ("1:75", None)],
)
def test_a_length_is_read_as_people_write_it(typed: str, minutes: int | None) -> None:
    assert read_length(typed) == (None if minutes is None else minutes * MINUTE)


def test_scenario_15_a_time_that_comes_twice_is_asked_about_and_one_that_never_comes_is_refused(
    window: QWidget, qtbot: QtBot
) -> None:
    fields = MomentFields("From", ET, ms("2027-11-05T15:00:00Z"), ahead=True, parent=window)
    fields.day.set_value(date(2027, 11, 7))
    fields.time.set_value(time(1, 30))
    assert fields.instant() is None
    assert fields.problem() == "From: 1:30 AM comes twice on Sun 7 Nov 2027. Say EDT or EST."
    choice = fields.choice
    assert isinstance(choice, Choice)
    assert choice.picked is None, "neither is a default"
    choice.pick("1")
    assert fields.instant() == ms("2027-11-07T06:30:00Z")
    choice.pick("0")
    assert fields.instant() == ms("2027-11-07T05:30:00Z")
    fields.time.set_value(time(3, 30))
    assert fields.choice is None
    assert fields.instant() == ms("2027-11-07T08:30:00Z")
    fields.day.set_value(date(2027, 3, 14))
    fields.time.set_value(time(2, 30))
    assert fields.instant() is None
    assert fields.problem() == ("From: 2:30 AM does not exist on Sun 14 Mar 2027, the clocks go forward over it.")


def test_a_time_that_comes_twice_keeps_which_one_an_instant_meant(window: QWidget) -> None:
    fields = MomentFields("From", ET, ms("2027-11-05T15:00:00Z"), ahead=True, parent=window)
    for instant in ("2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z"):
        fields.set_instant(ms(instant))
        assert fields.instant() == ms(instant)
    assert instants_of(datetime(2027, 11, 7, 1, 30), ET) == (ms("2027-11-07T05:30:00Z"), ms("2027-11-07T06:30:00Z"))


def test_what_was_typed_is_written_anew_when_the_focus_leaves_and_steps_with_the_arrows(
    window: QWidget, qtbot: QtBot
) -> None:
    field = TimeField(window)
    field.show()
    qtbot.keyClicks(field, "1030")
    field.focusOutEvent(QFocusEvent(QFocusEvent.Type.FocusOut))
    assert field.text() == "10:30 AM"
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "10:45 AM"
    field.set_value(time(10, 50))
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert field.text() == "10:45 AM"
    length = LengthField(window)
    qtbot.keyClick(length, Qt.Key.Key_Up)
    assert length.text() == "15m"


def test_the_later_day_follows_the_earlier_one(window: QWidget) -> None:
    span = SpanFields(ET, sample.NOW, ahead=True, parent=window)
    span.set_span(ms("2025-10-14T22:00:00Z"), ms("2025-10-15T00:00:00Z"))
    span.begins.day.set_value(date(2025, 10, 20))
    assert span.span() == (ms("2025-10-20T22:00:00Z"), ms("2025-10-21T00:00:00Z"))
    span.ends.day.set_value(date(2025, 10, 19))
    assert span.problem() == "The time ends after it begins."
