"""The banner says one thing at a time, in the order of what it means for the person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui import theme
from ui.shell.banner import Banner, BannerFace

OFFLINE = BannerFace(
    "Offline since 11:39 AM.",
    "You can keep working. 2 replies will go out when the connection is back.",
    "warn",
    "offline",
    (("now", "Try now"), ("outbox", "See outbox")),
)


@pytest.fixture
def banner(qtbot: QtBot) -> Iterator[Banner]:
    theme.apply(QApplication.instance(), mode="light", text_scale=1.0)  # type: ignore[arg-type]
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(1300, 200)
    made = Banner(parent)
    made.resize(1300, made.height())
    parent.show()
    yield made
    theme.theme().start("light", 1.0)


@pytest.mark.parametrize("closable", [True, False])
def test_the_sentence_is_painted(banner: Banner, closable: bool) -> None:
    def painted(sentence: str) -> QImage:
        banner.announce(sentence, error=True, closable=closable)
        return banner.grab().toImage()

    assert painted("This workspace was made by a newer version.") != painted("The calendar is out of date.")


def test_a_state_stands_until_it_is_over(banner: Banner) -> None:
    banner.stand(OFFLINE)
    assert not banner.isHidden()
    assert banner.sentence == OFFLINE.sentence
    assert banner.accessibleName() == OFFLINE.sentence
    banner.stand(None)
    assert banner.isHidden()
    assert banner.sentence == ""


def test_what_was_said_comes_back_when_a_state_is_over(banner: Banner) -> None:
    banner.announce("The database was set aside.")
    banner.stand(OFFLINE)
    assert banner.sentence == OFFLINE.sentence
    banner.stand(None)
    assert banner.sentence == "The database was set aside."


def test_what_keeps_the_program_from_working_stands_before_a_state(banner: Banner) -> None:
    banner.stand(OFFLINE)
    banner.announce("The workspace could not be opened.", error=True, closable=False)
    assert banner.sentence == "The workspace could not be opened."


def test_the_cross_puts_away_what_was_said_and_a_state_has_none(qtbot: QtBot, banner: Banner) -> None:
    banner.announce("The database was set aside.")
    (close,) = banner.stops()
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert banner.isHidden()
    banner.stand(OFFLINE)
    assert [stop.objectName() for stop in banner.stops()] == ["now", "outbox"]


def test_its_buttons_are_pressed_from_the_keyboard(qtbot: QtBot, banner: Banner) -> None:
    banner.stand(OFFLINE)
    asked: list[str] = []
    banner.acted.connect(asked.append)
    for name in ("now", "outbox"):
        banner.button(name).setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(banner.button(name), Qt.Key.Key_Space)
    assert asked == ["now", "outbox"]


def test_a_ticking_aside_keeps_the_buttons_and_their_focus(qtbot: QtBot, banner: Banner) -> None:
    banner.stand(OFFLINE)
    button = banner.button("now")
    banner.set_aside("Next try in 20s")
    first = banner.grab().toImage()
    banner.set_aside("Next try in 19s")
    banner.stand(BannerFace(OFFLINE.lead, "You can keep working.", "warn", "offline", OFFLINE.acts))
    assert banner.button("now") is button
    assert banner.grab().toImage() != first
    assert banner.aside == "Next try in 19s"


def test_progress_is_painted(banner: Banner) -> None:
    def painted(done: float) -> QImage:
        banner.stand(BannerFace("Copying the team's log", tone="info", progress=done))
        return banner.grab().toImage()

    assert painted(0.2) != painted(0.8)


def test_with_larger_text_the_rest_takes_a_line_of_its_own(qtbot: QtBot, banner: Banner) -> None:
    """The second line is painted below the first: the left end of the lower half holds ink."""
    theme.theme().set_text_scale(1.5)
    banner.stand(OFFLINE)
    banner.resize(1000, banner.height())
    ground = theme.theme().color("state.warn.bg").rgb()

    def has_ink(top: int, bottom: int) -> bool:
        image = banner.grab().toImage()
        columns = range(theme.theme().px(46), theme.theme().px(120))
        return any(image.pixel(x, y) != ground for x in columns for y in range(top, bottom))

    middle = banner.height() // 2
    assert has_ink(0, middle - 4)
    assert has_ink(middle + 6, banner.height() - 3)
