"""The hints of macOS: the screen's lock from the distributed notifications, idle time from Core Graphics.

Both are plain C interfaces, so ctypes is enough. Suspend is not heard here: its notifications have to be answered, or
they hold the machine up. The differences of the clocks (`console.timekeeping`) prove it anyway, and find it later.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject

from ui.machine_hints.hints import MachineHints

FRAMEWORKS: Final = "/System/Library/Frameworks/{0}.framework/{0}"
UTF_8: Final = 0x0800_0100
DELIVER_IMMEDIATELY: Final = 4
COMBINED_SESSION_STATE: Final = 0
ANY_INPUT: Final = 0xFFFF_FFFF

_Heard = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5)
"""CFNotificationCallback: center, observer, name, object, user info."""

_LISTENING: dict[int, MachineHints] = {}
"""Whoever is called back must live as long."""


class MacHints(MachineHints):
    """Hints from notifications that macOS sends to every program. They arrive on the main thread's run loop, Qt's."""

    def __init__(self, now: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(now, parent)
        self._observer = ctypes.c_void_p(id(self))
        self._heard = {
            b"com.apple.screenIsLocked": _Heard(lambda *_: self.note_screen(True)),
            b"com.apple.screenIsUnlocked": _Heard(lambda *_: self.note_screen(False)),
        }

    def start(self) -> None:
        if self.is_listening():
            return
        super().start()
        foundation = _core_foundation()
        center = foundation.CFNotificationCenterGetDistributedCenter()
        for name, heard in self._heard.items():
            text = foundation.CFStringCreateWithCString(None, name, UTF_8)
            foundation.CFNotificationCenterAddObserver(center, self._observer, heard, text, None, DELIVER_IMMEDIATELY)
            foundation.CFRelease(text)
        _LISTENING[id(self)] = self

    def stop(self) -> None:
        if self.is_listening():
            foundation = _core_foundation()
            center = foundation.CFNotificationCenterGetDistributedCenter()
            foundation.CFNotificationCenterRemoveEveryObserver(center, self._observer)
            _LISTENING.pop(id(self), None)
        super().stop()

    def idle_seconds(self) -> int | None:
        ask = ctypes.CDLL(FRAMEWORKS.format("CoreGraphics")).CGEventSourceSecondsSinceLastEventType
        ask.argtypes, ask.restype = [ctypes.c_int32, ctypes.c_uint32], ctypes.c_double
        return int(ask(COMBINED_SESSION_STATE, ANY_INPUT))


def _core_foundation() -> Any:
    """Core Foundation, with the types of what is called: pointers are wider than what ctypes takes them for."""
    foundation = ctypes.CDLL(FRAMEWORKS.format("CoreFoundation"))
    pointer = ctypes.c_void_p
    foundation.CFNotificationCenterGetDistributedCenter.restype = pointer
    foundation.CFStringCreateWithCString.restype = pointer
    foundation.CFStringCreateWithCString.argtypes = [pointer, ctypes.c_char_p, ctypes.c_uint32]
    foundation.CFNotificationCenterAddObserver.restype = None
    foundation.CFNotificationCenterAddObserver.argtypes = [pointer, pointer, _Heard, pointer, pointer, ctypes.c_long]
    foundation.CFNotificationCenterRemoveEveryObserver.restype = None
    foundation.CFNotificationCenterRemoveEveryObserver.argtypes = [pointer, pointer]
    foundation.CFRelease.restype = None
    foundation.CFRelease.argtypes = [pointer]
    return foundation
