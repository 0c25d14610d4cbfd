"""The hints of a Linux desktop, over D-Bus: logind for suspend and lock, the screen saver for lock and idle time.

A bus, a service or a method that is not there is normal and silent. Nothing waits for an answer, and nothing is started
to give one.

Lock is what a desktop says that it did: the session's `LockedHint`, and `ActiveChanged` of its screen saver (either may
be missing). The session's signals Lock and Unlock are only requests, and Unlock does not come when the person unlocks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import QDBusConnection, QDBusError, QDBusMessage

from ui.machine_hints.hints import MachineHints

LOGIND: Final = "org.freedesktop.login1"
LOGIND_PATH: Final = "/org/freedesktop/login1"
FREEDESKTOP: Final = "org.freedesktop.ScreenSaver"
SCREEN_SAVERS: Final = (FREEDESKTOP, "org.gnome.ScreenSaver")
MUTTER: Final = "org.gnome.Mutter.IdleMonitor"
ANSWER_MS: Final = 2_000


class _Call(NamedTuple):
    service: str
    path: str
    interface: str
    method: str


IDLE_SOURCES: Final = (
    # Its draft says seconds, but KDE, which answers, gives ms: read so, a desktop that gives seconds never looks idle.
    _Call(FREEDESKTOP, "/org/freedesktop/ScreenSaver", FREEDESKTOP, "GetSessionIdleTime"),
    _Call(MUTTER, "/org/gnome/Mutter/IdleMonitor/Core", MUTTER, "GetIdletime"),
)
"""Methods that say for how many ms nobody was there. GNOME knows only its own, KDE under Wayland none."""


class _Match(NamedTuple):
    """Which signals go to which slot. An empty service or path is any."""

    bus: QDBusConnection
    service: str
    path: str
    interface: str
    name: str
    slot: str


class LinuxHints(MachineHints):
    """Hints from the session bus and the system bus; tests give their own."""

    def __init__(
        self,
        now: Callable[[], int],
        parent: QObject | None = None,
        *,
        session_bus: QDBusConnection | None = None,
        system_bus: QDBusConnection | None = None,
    ) -> None:
        super().__init__(now, parent)
        self._session_bus = session_bus
        self._system_bus = system_bus
        self._matches: list[_Match] = []
        self._idle_source = 0
        self._idle_seconds: int | None = None

    def start(self) -> None:
        if self.is_listening():
            return
        super().start()
        if self._session_bus is None:
            self._session_bus = QDBusConnection.sessionBus()
        if self._system_bus is None:
            self._system_bus = QDBusConnection.systemBus()
        session, system = self._session_bus, self._system_bus
        for screen_saver in SCREEN_SAVERS:
            self._listen(_Match(session, "", "", screen_saver, "ActiveChanged", "screen_saver_turned(bool)"))
        manager = f"{LOGIND}.Manager"
        self._listen(_Match(system, LOGIND, LOGIND_PATH, manager, "PrepareForSleep", "sleep_prepared(bool)"))
        which = os.environ.get("XDG_SESSION_ID", "auto")
        self._ask(system, _Call(LOGIND, LOGIND_PATH, manager, "GetSession"), [which], "session_found(QDBusMessage)")
        self.ask_idle()

    def stop(self) -> None:
        for bus, *signal, slot in self._matches:
            bus.disconnect(*signal, self, SLOT(slot))
        self._matches.clear()
        super().stop()

    def idle_seconds(self) -> int | None:
        """What the desktop last answered; it is asked again and again while the hints listen."""
        return self._idle_seconds

    def ask_idle(self) -> None:
        if self._session_bus is not None:
            slots = "idle_answered(QDBusMessage)", "idle_refused(QDBusError,QDBusMessage)"
            self._ask(self._session_bus, IDLE_SOURCES[self._idle_source], [], *slots)

    @Slot(bool)
    def screen_saver_turned(self, active: bool) -> None:
        """A screen saver covers the screen, or no longer does."""
        self.note_screen(active)

    @Slot(bool)
    def sleep_prepared(self, asleep: bool) -> None:
        """logind is about to suspend the machine, or has woken it."""
        self.note_sleep(asleep)

    @Slot("QString", "QVariantMap", "QStringList")
    def session_changed(self, interface: str, changed: dict[str, Any], invalidated: list[str]) -> None:
        """Properties of the person's session at this machine."""
        if "LockedHint" in changed:
            self.note_screen(bool(changed["LockedHint"]))

    @Slot(QDBusMessage)
    def session_found(self, answer: QDBusMessage) -> None:
        """logind knows which object the session is."""
        if self.is_listening() and self._system_bus is not None:
            path, properties = answer.arguments()[0].path(), "org.freedesktop.DBus.Properties"
            slot = "session_changed(QString,QVariantMap,QStringList)"
            self._listen(_Match(self._system_bus, LOGIND, path, properties, "PropertiesChanged", slot))

    @Slot(QDBusMessage)
    def idle_answered(self, answer: QDBusMessage) -> None:
        """The desktop says for how many ms nobody was there."""
        self._idle_seconds = int(answer.arguments()[0]) // 1000
        if self.is_listening():
            self.note_idle(self._idle_seconds)

    @Slot(QDBusError, QDBusMessage)
    def idle_refused(self, error: QDBusError, answer: QDBusMessage) -> None:
        """Nobody answers; the other source is asked next time."""
        self._idle_seconds = None
        self._idle_source = (self._idle_source + 1) % len(IDLE_SOURCES)

    def _listen(self, match: _Match) -> None:
        bus, *signal, slot = match
        if bus.connect(*signal, self, SLOT(slot)):
            self._matches.append(match)

    def _ask(self, bus: QDBusConnection, call: _Call, arguments: list[Any], *slots: str) -> None:
        """Ask for something without waiting. `slots`: of the answer and, where somebody cares, of the error.

        WORKAROUND for PySide 6.11: a QDBusPendingCallWatcher that goes before its answer has come crashes the program.
        """
        if bus.isConnected():
            message = QDBusMessage.createMethodCall(*call)
            message.setArguments(arguments)
            message.setAutoStartService(False)
            bus.callWithCallback(message, self, *(SLOT(slot) for slot in slots), timeout=ANSWER_MS)
