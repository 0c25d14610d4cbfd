"""The hints of Windows: its messages, read from real MSG structures that Qt hands to the filter."""

from __future__ import annotations

import ctypes
from ctypes import wintypes

import shiboken6
from PySide6.QtCore import QAbstractEventDispatcher, QCoreApplication

from console.timekeeping import HintSpan
from tests.ui.conftest import HandClock
from tests.ui.machine_hints import at
from tests.ui.machine_hints import hints as hints
from ui.machine_hints.hints import MachineHints
from ui.machine_hints.windows import MessageFilter

POWER, SESSION_CHANGE = 0x0218, 0x02B1


def test_windows_messages_of_lock_and_power_become_spans(hints: MachineHints, hand_clock: HandClock) -> None:
    heard = MessageFilter(hints)
    app = QCoreApplication.instance()
    assert app is not None
    app.installNativeEventFilter(heard)
    try:
        for minutes, message, what in (
            (0, SESSION_CHANGE, 7),
            (1, POWER, 4),
            (2, 0x0200, 7),
            (3, POWER, 18),
            (4, POWER, 7),
            (4, SESSION_CHANGE, 5),
            (6, SESSION_CHANGE, 8),
        ):
            hand_clock.now_ms = at(minutes)
            assert not native_event(b"windows_generic_MSG", message, what)
            native_event(b"xcb_generic_event_t", SESSION_CHANGE, 8)
    finally:
        app.removeNativeEventFilter(heard)
    hints.stop()
    assert hints.take() == (HintSpan("suspended", at(1), at(3)), HintSpan("screen locked", at(0), at(6)))


def native_event(kind: bytes, message: int, what: int) -> bool:
    """Hands a message to Qt's filters as its Windows platform does; whether one of them kept it."""
    msg = wintypes.MSG(message=message, wParam=what)
    dispatcher = QAbstractEventDispatcher.instance()
    return dispatcher.filterNativeEvent(kind, shiboken6.VoidPtr(ctypes.addressof(msg)), 0)
