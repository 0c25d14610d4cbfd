"""The clocks in the header of a narrow ticket: whole chips, as many as fit, and word of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.theme import theme
from ui.ticket.clock_face import Face
from ui.ticket.header_chips import HeaderChips, how_many_fit
from ui.widgets.chip import chip_size

FACE = Face(
    name="Next reply",
    level="at_risk",
    chip="18m",
    used=0.9,
    left=0.1,
    caption="Due 12:05 PM ET",
    tooltip="Due Tue 10 Mar 2026, 12:05 PM ET",
    spoken="Next reply, at risk, due 12:05 PM Eastern, 18 minutes left",
    next_change_ms=60_000,
)


CLOCKS = (
    ("next_reply", "Next reply", "18m"),
    ("periodic_update", "Periodic update", "4h 46m"),
    ("first_reply", "First reply", "Met in 1h 00m"),
    ("total_resolution", "Total resolution", "2d 3h"),
)


def faces(count: int) -> list[tuple[str, Face]]:
    return [(metric, replace(FACE, name=name, chip=chip)) for metric, name, chip in CLOCKS[:count]]


@pytest.fixture
def chips(qtbot: QtBot) -> Iterator[HeaderChips]:
    made = HeaderChips()
    qtbot.addWidget(made)
    made.resize(900, 30)
    made.show()
    yield made
    theme().set_text_scale(1.0)


def shown(chips: HeaderChips) -> list[str]:
    return [chip.clock_metric for chip in chips.chips if chip.isVisible()]


@pytest.mark.parametrize(
    ("room", "count"), [(340, 3), (339, 2), (250, 2), (249, 1), (10, 1)], ids=lambda value: str(value)
)
def test_so_many_chips_stand_as_fit_whole(room: int, count: int) -> None:
    assert how_many_fit([100, 110, 110], room, 10, 20) == count


def test_where_some_are_left_out_there_is_room_to_say_so() -> None:
    assert how_many_fit([100, 110, 110], 340, 10, 20, more=True) == 2


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("width", [250, 380, 500, 700, 900])
def test_no_chip_overlaps_its_name_or_its_neighbour_at_any_width(chips: HeaderChips, width: int, scale: float) -> None:
    theme().set_text_scale(scale)
    chips.resize(width, 40)
    chips.show_clocks(faces(3))
    visible = [chip for chip in chips.chips if chip.isVisible()]
    assert visible
    if len(visible) > 1:
        assert all(chip.width() >= chip.sizeHint().width() for chip in visible)
    for one, other in pairwise(visible):
        assert one.geometry().right() < other.geometry().left()
    assert visible[-1].geometry().right() < width
    assert visible[0].width() > chip_size("at_risk", "18m")[0], "the chip itself is never cut"
    assert chips.left_out == 3 - len(visible)


def test_what_does_not_fit_is_counted_and_a_click_asks_for_it(qtbot: QtBot, chips: HeaderChips) -> None:
    chips.show_clocks(faces(3))
    assert shown(chips) == ["next_reply", "periodic_update", "first_reply"]
    assert not chips.stops()[-1].isVisible()
    chips.resize(330, 30)
    assert shown(chips) == ["next_reply"]
    rest = chips.stops()[-1]
    assert rest.isVisible()
    assert rest.accessibleName() == "2 more clocks"
    with qtbot.waitSignal(chips.rest_asked):
        qtbot.mouseClick(rest, Qt.MouseButton.LeftButton)


def test_a_fourth_clock_is_never_forgotten(chips: HeaderChips) -> None:
    chips.show_clocks(faces(4))
    assert len(shown(chips)) == 3
    assert chips.left_out == 1


def test_a_tick_says_nothing_and_a_new_level_does(chips: HeaderChips) -> None:
    chips.show_clocks([("next_reply", FACE)])
    chip = chips.chips[0]
    ticked = replace(FACE, chip="17m", spoken="Next reply, at risk, due 12:05 PM Eastern, 17 minutes left")
    chips.show_clocks([("next_reply", ticked)])
    assert chip.accessibleName() == FACE.spoken
    late = replace(FACE, level="breached", chip="\u22121m", spoken="Next reply, breached, was due 12:05 PM Eastern")
    chips.show_clocks([("next_reply", late)])
    assert chip is chips.chips[0]
    assert chip.accessibleName() == late.spoken
