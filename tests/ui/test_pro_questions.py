"""What all questions of Pro services have in common: names, room, the Tab key, and how they stay until done."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.pro_questions import QUESTIONS, opened
from tests.ui.pro_questions import window as window
from ui.theme import theme
from ui.widgets.question import Question


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
