"""Each question of Pro services on a sample page: what it says, what it takes from the keyboard, what it keeps."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.story import ms
from tests.ui import pro_pages as sample
from tests.ui.pro_questions import ET, HOUR, MINUTE, PEOPLE, QUESTIONS, now, opened, slots, words_of
from tests.ui.pro_questions import window as window
from ui.pro.dialogs import wording
from ui.pro.dialogs.access import AccessDialog
from ui.pro.dialogs.complete import CompleteDialog
from ui.pro.dialogs.consent import ConsentDialog
from ui.pro.dialogs.gap_dialog import LOWER, GapDialog
from ui.pro.dialogs.offer import ReferenceDialog
from ui.pro.dialogs.pause_menu import kind_text
from ui.pro.dialogs.scope import ScopeDialog
from ui.pro.dialogs.slot import SlotDialog, Wanted
from ui.pro.dialogs.stop import CarryOverDialog, StopDialog
from ui.pro.gate_acts import evening_of, outside_allowed


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
