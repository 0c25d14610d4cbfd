"""Every question of Pro services on a sample page, and a window to ask it in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from console.domain.pro_settings import ProSettings
from console.domain.pro_slots import OfferedSlot, SlotOffer
from tests.story import ms
from tests.ui import pro_pages as sample
from ui.pro.dialogs.access import AccessDialog
from ui.pro.dialogs.complete import CompleteDialog
from ui.pro.dialogs.consent import ConsentDialog
from ui.pro.dialogs.gap_dialog import GapDialog
from ui.pro.dialogs.log_past import LogPastDialog
from ui.pro.dialogs.naming import ContactDialog, HandOverDialog, NoteDialog, ReleaseDialog, RequestDialog
from ui.pro.dialogs.offer import OfferDialog, ReferenceDialog
from ui.pro.dialogs.scope import ScopeDialog
from ui.pro.dialogs.slot import SlotDialog
from ui.pro.dialogs.stop import CarryOverDialog, StopDialog
from ui.pro.gate_acts import evening_of
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


def words_of(dialog: QDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QWidget) if hasattr(label, "text") and label.isVisible()]
