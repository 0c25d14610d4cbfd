"""The questions of Pro services on sample pages: what they say, what they take from the keyboard, what they keep."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from console.domain.pro_settings import ProSettings
from console.domain.pro_slots import OfferedSlot, SlotOffer
from tests.story import ms
from tests.ui import pro_pages as sample
from ui.pro.dialogs import wording
from ui.pro.dialogs.access import AccessDialog
from ui.pro.dialogs.complete import CompleteDialog
from ui.pro.dialogs.consent import ConsentDialog
from ui.pro.dialogs.fields import LengthField, MomentFields, SpanFields, TimeField
from ui.pro.dialogs.gap_dialog import LOWER, GapDialog
from ui.pro.dialogs.log_past import LogPastDialog
from ui.pro.dialogs.marks import Choice
from ui.pro.dialogs.naming import ContactDialog, HandOverDialog, NoteDialog, ReleaseDialog, RequestDialog
from ui.pro.dialogs.offer import OfferDialog, ReferenceDialog
from ui.pro.dialogs.pause_menu import kind_text
from ui.pro.dialogs.question import Question
from ui.pro.dialogs.scope import ScopeDialog
from ui.pro.dialogs.slot import SlotDialog, Wanted
from ui.pro.dialogs.stop import CarryOverDialog, StopDialog
from ui.pro.dialogs.wall_text import instants_of, read_day, read_length, read_time
from ui.pro.gate_acts import evening_of, outside_allowed
from ui.theme import theme

ET = "America/New_York"
TUESDAY = date(2025, 10, 14)
MINUTE, HOUR = 60_000, 3_600_000
PEOPLE = (sample.ME, "Aiko Sato", "Ana Lima")


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    window = QWidget()
    window.resize(1200, 800)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    theme().set_text_scale(1.0)
    theme().set_mode("system")


def opened(qtbot: QtBot, dialog: QDialog) -> Any:
    dialog.open()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog, timeout=5_000)
    return dialog


# What is typed


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


# The shape of every question


class Plain(Question):
    def __init__(self, parent: QWidget) -> None:
        super().__init__("Send it?", "Send it now", parent, back="Keep it")
        self.field = QLineEdit()
        self.add(self.field)
        self.field.setFocus()

    def answer(self) -> object | None:
        if not self.field.text():
            self.refuse("Write something first.")
        return self.field.text() or None


def test_a_refused_question_stays_with_what_was_typed_and_says_why(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, Plain(window))
    asked: list[object] = []
    dialog.asked.connect(asked.append)
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert (dialog.refusal, asked) == ("Write something first.", [])
    qtbot.keyClicks(dialog.field, "words")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert (dialog.refusal, asked) == ("", ["words"])
    dialog.refuse("Not sent: the hours expired (T7).")
    assert dialog.isVisible()
    assert (dialog.refusal, dialog.field.text()) == ("Not sent: the hours expired (T7).", "words")


def test_while_an_act_is_on_its_way_it_is_asked_for_once_and_not_left(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, Plain(window))
    asked: list[object] = []
    dialog.asked.connect(asked.append)
    dialog.field.setText("words")
    dialog.act.click()
    dialog.act.click()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert asked == ["words"]
    assert dialog.isVisible()
    dialog.recorded()
    assert not dialog.isVisible()


QUESTIONS: dict[str, Callable[[QWidget], QDialog]] = {}


def question(make: Callable[[QWidget], QDialog]) -> Callable[[QWidget], QDialog]:
    QUESTIONS[make.__name__] = make
    return make


def now() -> int:
    return sample.NOW


@question
def complete(window: QWidget) -> QDialog:
    return CompleteDialog(sample.page(), now, window)


@question
def stop(window: QWidget) -> QDialog:
    return StopDialog(sample.page(), now, window)


@question
def carry_over(window: QWidget) -> QDialog:
    return CarryOverDialog(sample.page(), now, window)


@question
def contact(window: QWidget) -> QDialog:
    return ContactDialog(sample.page(), window)


@question
def request(window: QWidget) -> QDialog:
    return RequestDialog(sample.page(), window)


@question
def note(window: QWidget) -> QDialog:
    return NoteDialog("Fabrikam Robotics", window)


@question
def hand_over(window: QWidget) -> QDialog:
    return HandOverDialog(sample.page(), PEOPLE, window)


@question
def release(window: QWidget) -> QDialog:
    return ReleaseDialog(sample.page(), sample.slot(), window)


@question
def access(window: QWidget) -> QDialog:
    return AccessDialog(sample.page(), window)


@question
def consent(window: QWidget) -> QDialog:
    return ConsentDialog(sample.page(), evening_of(sample.page()), window, too_late=True)


@question
def log_past(window: QWidget) -> QDialog:
    return LogPastDialog(sample.page(), sample.NOW, PEOPLE, sample.ME, window)


@question
def offer(window: QWidget) -> QDialog:
    return OfferDialog("#48188", ProSettings(), window)


@question
def reference(window: QWidget) -> QDialog:
    return ReferenceDialog(window)


@question
def scope(window: QWidget) -> QDialog:
    return ScopeDialog(sample.page(), PEOPLE, sample.ME, lambda: "new", window)


@question
def slot(window: QWidget) -> QDialog:
    return SlotDialog(sample.page(), slots(), PEOPLE, sample.ME, sample.NOW, window)


@question
def gap(window: QWidget) -> QDialog:
    dialog = GapDialog(ET, sample.NOW, window)
    dialog.show_gaps([sample.gap()])
    return dialog


def slots(**changes: Any) -> SlotOffer:
    first = ms("2025-10-15T13:00:00Z")
    made = SlotOffer(
        slots=tuple(OfferedSlot(at, at + 2 * HOUR, ((at, at + 2 * HOUR),), True) for at in (first, first + 2 * HOUR)),
        usable_ms=2 * HOUR,
        unreserved_ms=2 * HOUR,
        expires_at=sample.EXPIRES,
    )
    return msgspec.structs.replace(made, **changes)


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_control_has_a_name_and_room_and_is_reached_by_tab(
    window: QWidget, qtbot: QtBot, name: str, scale: float
) -> None:
    theme().set_text_scale(scale)
    dialog = opened(qtbot, QUESTIONS[name](window))
    theme().set_mode("dark")
    qtbot.wait(1)
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox)
    controls = [w for w in dialog.findChildren(QWidget) if isinstance(w, kinds) and w.isVisible()]
    assert controls
    for control in controls:
        words = control.text() if isinstance(control, QAbstractButton) else ""
        assert words or control.accessibleName(), f"{type(control).__name__} without a name"
        if isinstance(control, QAbstractButton):
            assert control.width() >= control.sizeHint().width(), f'"{words}" is cut'
    assert dialog.windowTitle().endswith("?")
    assert not dialog.grab().isNull()
    reached: set[QWidget] = set()
    for _ in range(len(controls) + 4):
        dialog.focusNextPrevChild(True)
        focus = QApplication.focusWidget()
        if focus is not None:
            reached.add(focus)
    missed = [c for c in controls if c not in reached and c.isEnabled() and not isinstance(c, QRadioButton)]
    assert not missed, [c.accessibleName() or c.text() for c in missed]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_painted_in_high_contrast(
    window: QWidget, qtbot: QtBot, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme(), "high_contrast", True)
    dialog = opened(qtbot, QUESTIONS[name](window))
    assert not dialog.grab().isNull()


def test_no_dialog_runs_a_loop_of_its_own() -> None:
    folder = Path(__file__).resolve().parents[2] / "ui" / "pro"
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in ("exec", "exec_", "processEvents", "getSaveFileName"), (
                    f"{path.name}:{node.lineno}"
                )


# Losing and keeping


def test_the_loss_is_named_in_the_warning_the_box_and_the_button(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, CompleteDialog(sample.page(), now, window))
    lost = wording.kept(sample.LEFT)
    assert dialog.loses_ms == sample.LEFT
    assert dialog.warning == f"Completing now loses {lost} of 12h. Carry over keeps it. The timer is stopped first."
    assert "3 of 5 items are not done" in dialog.undone
    assert (dialog.act.text(), dialog.act.isEnabled()) == (f"Complete and lose {lost}", False)
    assert dialog.back.text() == "Keep the hours"
    qtbot.keyClick(dialog.tick, Qt.Key.Key_Space)
    assert dialog.act.isEnabled()


def test_the_loss_becomes_less_while_the_timer_runs(window: QWidget, qtbot: QtBot) -> None:
    at = [sample.NOW]
    dialog = opened(qtbot, CompleteDialog(sample.page(), lambda: at[0], window))
    at[0] += 10 * MINUTE
    assert dialog.loses_ms == sample.LEFT - 10 * MINUTE


def test_another_figure_has_to_be_ticked_anew(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, CompleteDialog(sample.page(), now, window))
    dialog.tick.setChecked(True)
    dialog.show_page(sample.page(completing_loses_ms=HOUR, running=None), now)
    assert (dialog.act.text(), dialog.act.isEnabled()) == ("Complete and lose 1h", False)


def test_stopping_says_that_the_rest_would_expire_where_nothing_is_open_before(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, StopDialog(sample.page(carries_to=None, slots=()), now, window))
    assert any("would be lost" in said for said in words_of(dialog))
    assert dialog.act.text() == f"Stop and keep {wording.kept(sample.LEFT)}"


def test_a_slot_that_is_agreed_already_is_kept_by_carrying_over(window: QWidget, qtbot: QtBot) -> None:
    thursday = sample.slot(id="later", begins_at=ms("2025-10-16T13:00:00Z"), ends_at=ms("2025-10-16T15:00:00Z"))
    dialog = opened(qtbot, CarryOverDialog(sample.page(slots=(sample.slot(), thursday)), now, window))
    assert any("goes on Thu 16 Oct, 9:00 AM to 11:00 AM ET, as agreed" in said for said in words_of(dialog))
    assert dialog.act.text().startswith("Stop and keep")


def words_of(dialog: QDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QWidget) if hasattr(label, "text") and label.isVisible()]


# Gaps


def test_gaps_are_asked_about_one_after_the_other_oldest_first(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, GapDialog(ET, sample.NOW, window))
    first, second = sample.gap(), sample.gap(id="gap-2", begins_at=sample.gap().ends_at, ends_at=sample.NOW)
    dialog.show_gaps([second, first])
    answers: list[tuple[str, str]] = []
    dialog.answered.connect(lambda gap, answer: answers.append((gap, answer)))
    assert dialog.gap.id == "gap-1"
    dialog.buttons["worked"].click()
    dialog.buttons["ended"].click()
    assert answers == [("gap-1", "worked")], "an answer on its way is not given twice"
    dialog.recorded()
    assert dialog.gap.id == "gap-2"
    assert QApplication.focusWidget() is dialog, "a second Enter must not answer the next gap"
    dialog.buttons["not_worked"].click()
    dialog.recorded()
    assert not dialog.isVisible()


def test_a_refused_answer_keeps_the_question_with_its_reason(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, QUESTIONS["gap"](window))
    dialog.buttons["worked"].click()
    dialog.refuse("Not answered: the gap was answered already; a correction changes it, with a reason.")
    assert dialog.isVisible()
    assert dialog.refusal.startswith("Not answered")


def test_a_gap_has_no_way_out_but_its_three_answers(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, QUESTIONS["gap"](window))
    assert not dialog.windowFlags() & Qt.WindowType.WindowCloseButtonHint
    quits: list[bool] = []
    dialog.quit_asked.connect(lambda: quits.append(True))
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        qtbot.keyClick(dialog, key)
    dialog.reject()
    assert not dialog.close()
    assert dialog.isVisible()
    assert quits == [True]
    qtbot.keyClick(dialog, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert quits == [True, True]
    assert [b for b in dialog.findChildren(QAbstractButton) if b.isVisible()] == list(dialog.buttons.values())


def test_a_gap_over_a_restart_says_that_its_times_are_less_certain(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, GapDialog(ET, sample.NOW, window))
    dialog.show_gaps([sample.gap(cause="The computer was restarted", confidence="lower")])
    assert LOWER in words_of(dialog)
    assert dialog.question.startswith("The computer was restarted, and the work was not seen from 10:40 AM")


def test_a_gap_of_another_day_names_the_day(window: QWidget) -> None:
    gap = sample.gap(begins_at=ms("2025-10-13T21:50:00Z"), ends_at=ms("2025-10-13T22:00:00Z"))
    assert wording.gap_question(gap, ET, sample.NOW) == (
        "The computer slept from Mon 13 Oct, 5:50 PM to 6:00 PM ET (10m). What happened to the work?"
    )


def test_each_kind_of_interruption_says_whether_it_counts() -> None:
    assert kind_text("lunch", False) == "Lunch, not counted"
    assert kind_text("waiting for the partner", True) == "Waiting for the partner, counted"


# Scope, access, slot, consent


def test_enter_goes_on_to_the_next_item_and_a_taken_out_item_gives_its_place(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, ScopeDialog(sample.page(), PEOPLE, sample.ME, lambda: "new", window))
    asked: list[object] = []
    dialog.asked.connect(asked.append)
    last = dialog.rows[-1]
    assert last.title.hasFocus()
    qtbot.keyClicks(last.title, "Firewall")
    qtbot.keyClick(last.title, Qt.Key.Key_Return)
    assert dialog.rows[-1].title.hasFocus()
    assert asked == []
    dialog.rows[0].remove.click()
    assert dialog.rows[0].title.hasFocus()
    assert dialog.rows[0].title.accessibleName() == "Item 1"
    dialog.act.click()
    assert [item.id for item in asked[0].items] == ["item-2", "item-3", "item-4", "item-5", "new"]  # type: ignore[attr-defined]


def test_the_estimates_of_the_scope_are_compared_with_the_hours_that_are_left(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, ScopeDialog(sample.page(), PEOPLE, sample.ME, lambda: "new", window))
    assert dialog.sum.text() == "3h 47m still estimated, 4h 32m of the hours left."
    assert dialog.warning == ""
    qtbot.keyClicks(dialog.rows[-1].title, "Firewall")
    qtbot.keyClicks(dialog.rows[-1].estimate, "1h")
    assert dialog.warning == "That is 15m more than the hours that are left."


def test_items_come_from_the_reference_durations(window: QWidget, qtbot: QtBot) -> None:
    page = sample.page(scope=sample.NO_SCOPE)
    dialog = opened(qtbot, ScopeDialog(page, PEOPLE, sample.ME, lambda: "new", window))
    dialog.reference.click()
    asked = next(d for d in dialog.findChildren(ReferenceDialog))
    asked.form.lines["migration"].tick.setChecked(True)
    asked.form.gigabytes.set_value(750)
    asked.act.click()
    assert [(row.title.text(), row.estimate.text()) for row in dialog.rows] == [("Migrate 750 GB of data", "3h")]
    assert not asked.isVisible()


def test_one_person_cannot_agree_a_scope_for_both_sides(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, ScopeDialog(sample.page(), PEOPLE, sample.ME, lambda: "new", window))
    dialog.partner.setText(sample.ME.upper())
    dialog.act.click()
    assert dialog.refusal.endswith("both agree the scope (T4).")


def test_access_that_was_received_is_not_dropped_in_silence(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, AccessDialog(sample.page(), window))
    dialog.items.setPlainText("  Firewall \n\nFirewall\nGoogle  account")
    assert dialog.listed() == ("Firewall", "Google account")
    assert "Received already and not listed any more: Google project." in words_of(dialog)


def test_what_the_planner_answers_too_late_is_dropped(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, SlotDialog(sample.page(slots=()), slots(), PEOPLE, sample.ME, sample.NOW, window))
    wanted: list[Wanted] = []
    dialog.wanted.connect(wanted.append)
    for length in ("1h", "1h 30m"):
        dialog.length.setText(length)
        dialog.length.changed.emit()
    empty = slots(slots=(), warnings=("No slot of 1h fits before the renewal (T7).",))
    dialog.take(wanted[0], empty, None)
    assert dialog.act.text() == "Book Wed 9:00 AM to 11:00 AM"
    dialog.take(wanted[1], empty, None)
    assert dialog.warning.startswith("No slot of 1h fits before the renewal (T7).")
    assert not dialog.act.isEnabled()


def test_a_consent_says_what_it_lacks_until_it_lacks_nothing(window: QWidget, qtbot: QtBot) -> None:
    page = sample.page(running=None, session=1, log=())
    dialog = opened(qtbot, ConsentDialog(page, evening_of(page), window))
    assert dialog.missing() == (
        "It does not count yet: it lacks the mark that the project is time-sensitive and the engineer's consent "
        "and the customer's consent."
    )
    dialog.time_sensitive.setChecked(True)
    dialog.by_engineer.setChecked(True)
    assert dialog.missing() == "It does not count yet: it lacks the customer's consent."
    dialog.by_customer.setChecked(True)
    assert dialog.missing() == ""


def test_scenario_20_a_consent_after_the_start_says_that_it_comes_too_late(window: QWidget, qtbot: QtBot) -> None:
    dialog = opened(qtbot, QUESTIONS["consent"](window))
    for tick in (dialog.time_sensitive, dialog.by_engineer, dialog.by_customer):
        tick.setChecked(True)
    assert "started already" in dialog.missing()


def test_the_part_of_a_slot_that_lies_outside_of_the_window_is_what_consent_is_asked_for() -> None:
    page = sample.page()
    closes = ms("2025-10-14T22:00:00Z")
    assert outside_allowed(page, (closes - HOUR, closes)) is None
    assert outside_allowed(page, (closes - HOUR, closes + HOUR)) == (closes, closes + HOUR)
    assert evening_of(page) == (closes, closes + 2 * HOUR)
