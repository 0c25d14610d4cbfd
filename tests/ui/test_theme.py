"""Tokens and theme: contrast that holds, roles that exist, one signal per change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui import icons
from ui.theme import TEXT_SCALES, apply, resource, theme

UI = Path(__file__).resolve().parents[2] / "ui"
THEMES = ("light", "dark")


def luminance(colour: QColor) -> float:
    """Relative luminance, WCAG 2.2."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(autouse=True)
def _light(qapp: QApplication) -> None:
    apply(qapp, mode="light", text_scale=1.0)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("kind", ["text_min_4.5", "mark_min_3.0"])
def test_every_listed_pair_keeps_its_contrast(name: str, kind: str) -> None:
    tokens, least = theme().tokens, float(kind.rpartition("_")[2])
    colours, pairs = tokens["color"][name], tokens["contrast"][name][kind]
    assert len(pairs) > 30
    for pair, listed in pairs.items():
        ink, ground = pair.split(" on ")
        measured = contrast(QColor(colours[ink]), QColor(colours[ground]))
        assert measured >= least, f"{name}: {pair}"
        assert measured == pytest.approx(listed, abs=0.02), f"{name}: {pair} is listed wrongly"


def test_both_themes_have_the_same_roles() -> None:
    colours = theme().tokens["color"]
    assert set(colours["light"]) == set(colours["dark"])


def test_every_role_that_the_window_names_exists() -> None:
    known = set(theme().tokens["color"]["light"])
    families = {role.partition(".")[0] for role in known}
    named: set[str] = set()
    for file in UI.rglob("*.py"):
        named |= set(re.findall(r"\"([a-z]+\.[a-zA-Z0-9]+(?:\.[a-z]+)?)\"", file.read_text(encoding="utf-8")))
    roles = {name for name in named if name.partition(".")[0] in families - {"state"}}
    assert {"text.primary", "bg.surface"} <= roles
    assert roles <= known


def test_every_icon_that_the_window_names_is_there() -> None:
    stored = {path.stem for path in (UI.parent / "resources" / "icons").glob("*.svg")}
    for name in stored:
        assert not icons.pixmap(name).isNull()
        assert b"#4E5058" in resource(f"icons/{name}.svg"), f"{name} would not take the colour of a role"


def test_an_icon_takes_the_colour_of_its_role() -> None:
    image = icons.pixmap("check", "state.ok.mark", 32, 1.0).toImage()
    inked = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() == 255]
    assert inked
    assert {colour.name().upper() for colour in inked} == {theme().tokens["color"]["light"]["state.ok.mark"].upper()}


def test_dark_is_our_own_palette_whatever_the_system_says(qapp: QApplication, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme().changed, timeout=1000):
        theme().set_mode("dark")
    assert theme().dark
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == "#141518"
    theme().set_mode("light")
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == "#F3F3F0"


def test_the_same_mode_again_is_no_change(qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(theme().changed):
        theme().set_mode("light")


def test_text_scale_grows_fonts_and_measures_within_its_bounds() -> None:
    assert theme().font("body").pixelSize() == 13
    theme().set_text_scale(9.0)
    assert theme().text_scale == TEXT_SCALES[-1] == 1.5
    assert theme().font("body").pixelSize() == 20
    assert theme().px(56) == 84
    theme().step_text_scale(-1)
    assert theme().text_scale == 1.4
    theme().set_text_scale(1.0)


def test_ticking_text_uses_tabular_figures() -> None:
    assert theme().font("meta", tabular=True).isFeatureSet(QFont.Tag("tnum"))
    assert not theme().font("meta").isFeatureSet(QFont.Tag("tnum"))


def test_a_colour_that_is_given_out_can_be_changed_without_harm() -> None:
    mine = theme().color("text.primary")
    mine.setAlpha(10)
    assert theme().color("text.primary").alpha() == 255
