"""The hints of Windows: session and power messages through a native event filter, and the last input.

A hidden window is registered for the messages of the session (WM_WTSSESSION_CHANGE); power messages
(WM_POWERBROADCAST) come to every top-level window, so it gets these as well.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import wintypes
from typing import Final

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication, QObject
from PySide6.QtGui import QWindow

from ui.machine_hints.hints import MachineHints

WM_POWERBROADCAST: Final = 0x0218
PBT_APMSUSPEND: Final = 0x0004
PBT_APMRESUMESUSPEND: Final = 0x0007
PBT_APMRESUMEAUTOMATIC: Final = 0x0012

WM_WTSSESSION_CHANGE: Final = 0x02B1
WTS_SESSION_LOCK: Final = 0x7
WTS_SESSION_UNLOCK: Final = 0x8
NOTIFY_FOR_THIS_SESSION: Final = 0


class LastInput(ctypes.Structure):
    """LASTINPUTINFO: the tick count at the last input, ms since boot modulo 2**32."""

    _fields_ = [("cbSize", wintypes.UINT), ("dwTime", wintypes.DWORD)]


class MessageFilter(QAbstractNativeEventFilter):
    """Reads the window messages of the program, and keeps none of them from anybody."""

    def __init__(self, hints: MachineHints) -> None:
        super().__init__()
        self._hints = hints

    def nativeEventFilter(self, event_type: QByteArray, message: int) -> tuple[bool, int]:
        if event_type.startsWith(b"windows_"):
            msg = wintypes.MSG.from_address(int(message))
            if msg.message == WM_POWERBROADCAST:
                self._power(msg.wParam)
            elif msg.message == WM_WTSSESSION_CHANGE:
                self._session(msg.wParam)
        return False, 0

    def _power(self, event: int) -> None:
        if event == PBT_APMSUSPEND:
            self._hints.note_sleep(True)
        elif event in (PBT_APMRESUMEAUTOMATIC, PBT_APMRESUMESUSPEND):
            self._hints.note_sleep(False)

    def _session(self, event: int) -> None:
        if event in (WTS_SESSION_LOCK, WTS_SESSION_UNLOCK):
            self._hints.note_screen(event == WTS_SESSION_LOCK)


class WindowsHints(MachineHints):
    """Hints from messages of Windows."""

    def __init__(self, now: Callable[[], int], parent: QObject | None = None) -> None:
        super().__init__(now, parent)
        self._filter = MessageFilter(self)
        self._window: QWindow | None = None

    def start(self) -> None:
        app = QCoreApplication.instance()
        if self.is_listening() or app is None:
            return
        super().start()
        app.installNativeEventFilter(self._filter)
        self._window = QWindow()
        self._window.create()
        handle = wintypes.HWND(int(self._window.winId()))
        ctypes.WinDLL("wtsapi32").WTSRegisterSessionNotification(handle, NOTIFY_FOR_THIS_SESSION)

    def stop(self) -> None:
        app = QCoreApplication.instance()
        if app is not None:
            app.removeNativeEventFilter(self._filter)
        if self._window is not None:
            handle = wintypes.HWND(int(self._window.winId()))
            ctypes.WinDLL("wtsapi32").WTSUnRegisterSessionNotification(handle)
            self._window.destroy()
            self._window = None
        super().stop()

    def idle_seconds(self) -> int | None:
        last = LastInput(cbSize=ctypes.sizeof(LastInput))
        if not ctypes.WinDLL("user32").GetLastInputInfo(ctypes.byref(last)):
            return None
        ticks = ctypes.WinDLL("kernel32").GetTickCount()
        return ((ticks - last.dwTime) & 0xFFFF_FFFF) // 1000
