"""A card of the session page on its own, and what it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.desk.pro import views
from tests.ui import pro_pages as pp
from tests.ui.pro_pages import NOW
from ui.theme import theme

Build = Callable[..., QWidget]


@pytest.fixture
def asked() -> pp.Asked:
    return pp.Asked()


@pytest.fixture
def build(qtbot: QtBot, asked: pp.Asked) -> Iterator[Build]:
    """Shows a card with a page: `build(HoursCard, page)`."""

    def build_card(kind: Callable[..., QWidget], page: views.EngagementPage, width: int = 430) -> QWidget:
        card = kind(asked, lambda: NOW)
        qtbot.addWidget(card)
        card.resize(width, 400)
        card.show_page(page)  # type: ignore[attr-defined]
        with qtbot.waitExposed(card):
            card.show()
        card.resize(width, max(card.sizeHint().height(), card.heightForWidth(width)))
        QApplication.processEvents()
        return card

    yield build_card
    theme().set_mode("light")
    theme().set_text_scale(1.0)
