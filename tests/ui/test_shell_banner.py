"""The banner shows its sentence, with and without a cross."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.shell.banner import Banner


@pytest.mark.parametrize("closable", [True, False])
def test_the_sentence_is_painted(qtbot: QtBot, closable: bool) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(900, 200)
    banner = Banner(parent)
    banner.resize(900, banner.height())
    parent.show()

    def painted(sentence: str) -> QImage:
        banner.announce(sentence, error=True, closable=closable)
        return banner.grab().toImage()

    assert painted("This workspace was made by a newer version.") != painted("Offline since 11:39 AM.")
