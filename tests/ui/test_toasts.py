"""Toasts that offer an act: Undo by its button or Ctrl+Z, with the time that is left for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from ui.shell.toasts import Toast, Toasts


@pytest.fixture
def toasts(qtbot: QtBot) -> Iterator[Toasts]:
    ground = QWidget()
    ground.resize(900, 600)
    qtbot.addWidget(ground)
    ground.show()
    yield Toasts(ground, lambda: (16, 580, 600))
    ground.hide()


def button(toast: Toast, words: str) -> QAbstractButton:
    return next(b for b in toast.findChildren(QAbstractButton) if b.text() == words)


def test_undo_acts_once_and_the_toast_goes(toasts: Toasts) -> None:
    undone: list[str] = []
    toasts.show("Item done.", action="Undo", act=lambda: undone.append("item"))
    button(toasts.shown[0], "Undo").click()
    assert undone == ["item"]
    assert toasts.shown == []


def test_ctrl_z_takes_the_latest_toast_that_offers_an_act(toasts: Toasts) -> None:
    undone: list[str] = []
    toasts.show("Slot released.", action="Undo", act=lambda: undone.append("first"))
    toasts.show("Item done.", action="Undo", act=lambda: undone.append("second"))
    toasts.show("Note saved.")
    assert toasts.offers()
    toasts.act_on_latest()
    assert undone == ["second"]
    assert [toast.sentence for toast in toasts.shown] == ["Slot released.", "Note saved."]
    toasts.act_on_latest()
    toasts.act_on_latest()
    assert undone == ["second", "first"]
    assert not toasts.offers()


def test_the_same_sentence_about_another_thing_offers_the_newer_act(toasts: Toasts) -> None:
    undone: list[int] = []
    for item in (1, 2):
        toasts.show("Item done.", action="Undo", act=lambda item=item: undone.append(item))
    assert len(toasts.shown) == 1
    toasts.act_on_latest()
    assert undone == [2]


def test_an_act_with_an_end_shows_the_time_that_is_left_and_stays_so_long(toasts: Toasts) -> None:
    toasts.show("Harbour completed, 40m lost.", action="Undo", act=lambda: None, until_s=300)
    toast = toasts.shown[0]
    assert toast.left in ("5m 00s", "4m 59s")
    toasts.show("Note saved.")
    assert toasts.shown[1].left == ""


def test_a_toast_does_not_go_while_its_button_has_the_focus(toasts: Toasts, qtbot: QtBot) -> None:
    other = QLabel("other", toasts.parent())  # type: ignore[call-overload]
    other.setFocusPolicy(other.focusPolicy().StrongFocus)
    other.show()
    toasts.show("Item done.", action="Undo", act=lambda: None)
    toast = toasts.shown[0]
    window = toast.window()
    with qtbot.waitActive(window):
        window.activateWindow()
    assert toast.is_counting
    button(toast, "Undo").setFocus()
    assert not toast.is_counting
    other.setFocus()
    assert toast.is_counting
