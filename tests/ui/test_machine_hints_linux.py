"""The hints of a Linux desktop, over a real D-Bus of the tests' own, which plays the session bus and the system bus."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusObjectPath
from pytestqt.qtbot import QtBot

from console.timekeeping import HintSpan
from tests.ui.conftest import DEMO_AT, HandClock
from tests.ui.machine_hints import at
from ui.machine_hints.linux import LinuxHints

SCREEN_SAVER = "org.freedesktop.ScreenSaver"
LOGIND = "org.freedesktop.login1"
LOGIND_PATH = "/org/freedesktop/login1"
SESSION = f"{LOGIND_PATH}/session/_37"
MUTTER = "org.gnome.Mutter.IdleMonitor"
MUTTER_PATH = "/org/gnome/Mutter/IdleMonitor/Core"

StartBus = Callable[[], tuple[str, "subprocess.Popen[str]"]]


@pytest.fixture(scope="module")
def start_bus() -> Iterator[StartBus]:
    """Starts D-Bus daemons of these tests' own: (address, process)."""
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        pytest.skip("there is no dbus-daemon on this machine, so no bus of our own to listen on")
    running: list[subprocess.Popen[str]] = []

    def start() -> tuple[str, subprocess.Popen[str]]:
        command = [daemon, "--session", "--nofork", "--nopidfile", "--print-address=1"]
        bus = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        running.append(bus)
        assert bus.stdout is not None
        address = bus.stdout.readline().strip()
        assert address, "the dbus-daemon did not start"
        return address, bus

    yield start
    for bus in running:
        bus.terminate()
        bus.communicate()


@pytest.fixture(scope="module")
def bus_address(start_bus: StartBus) -> str:
    return start_bus()[0]


@pytest.fixture
def connect(qapp: QCoreApplication) -> Iterator[Callable[[str, str], QDBusConnection]]:
    """Connects to the bus at an address, under a name."""
    names: list[str] = []

    def connected(address: str, name: str) -> QDBusConnection:
        names.append(name)
        return QDBusConnection.connectToBus(address, name)

    yield connected
    for name in names:
        QDBusConnection.disconnectFromBus(name)


class Desktop:
    """Plays the services of a desktop on the bus."""

    def __init__(self, bus: QDBusConnection) -> None:
        self._bus = bus
        self._served: list[tuple[str, str, QObject]] = []

    def serve(self, service: str, path: str, thing: QObject) -> None:
        assert self._bus.registerObject(path, thing, QDBusConnection.RegisterOption.ExportAllSlots)
        assert self._bus.registerService(service)
        self._served.append((service, path, thing))

    def leave(self) -> None:
        while self._served:
            service, path, _ = self._served.pop()
            self._bus.unregisterObject(path)
            self._bus.unregisterService(service)

    def say(self, path: str, interface: str, signal: str, *arguments: object) -> None:
        message = QDBusMessage.createSignal(path, interface, signal)
        message.setArguments(list(arguments))
        assert self._bus.send(message)

    def prepare_for_sleep(self, asleep: bool) -> None:
        self.say(LOGIND_PATH, f"{LOGIND}.Manager", "PrepareForSleep", asleep)

    def session_changed(self, session: str, **changed: object) -> None:
        interface = "org.freedesktop.DBus.Properties"
        self.say(session, interface, "PropertiesChanged", f"{LOGIND}.Session", changed, ["IdleSinceHint"])


@ClassInfo({"D-Bus Interface": f"{LOGIND}.Manager"})
class Logind(QObject):
    """Knows one session, by the one name."""

    name = "7"

    @Slot("QString", result=QDBusObjectPath)
    def GetSession(self, session: str) -> QDBusObjectPath:
        return QDBusObjectPath(SESSION if session == self.name else "/nobody")


@ClassInfo({"D-Bus Interface": SCREEN_SAVER})
class ScreenSaver(QObject):
    """Answers as KDE's does: in ms."""

    idle_ms = 0

    @Slot(result="uint")
    def GetSessionIdleTime(self) -> int:
        return self.idle_ms


@ClassInfo({"D-Bus Interface": MUTTER})
class Mutter(QObject):
    @Slot(result="qulonglong")
    def GetIdletime(self) -> int:
        return 5_000_000_000_000


@pytest.fixture
def desktop(connect: Callable[[str, str], QDBusConnection], bus_address: str) -> Iterator[Desktop]:
    desktop = Desktop(connect(bus_address, "desktop"))
    yield desktop
    desktop.leave()


@pytest.fixture
def listening(
    connect: Callable[[str, str], QDBusConnection],
    bus_address: str,
    hand_clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[], LinuxHints]]:
    """Starts the hints of session 7, for whom the one bus is both buses; the daemon knows what they listen to."""
    monkeypatch.setenv("XDG_SESSION_ID", "7")
    started: list[LinuxHints] = []

    def start() -> LinuxHints:
        bus = connect(bus_address, "hints")
        hints = LinuxHints(hand_clock, session_bus=bus, system_bus=bus)
        started.append(hints)
        hints.start()
        asked = QDBusMessage.createMethodCall("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId")
        assert bus.call(asked).arguments()
        return hints

    yield start
    for hints in started:
        hints.stop()


@pytest.mark.parametrize(
    ("path", "interface"),
    [("/ScreenSaver", SCREEN_SAVER), ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver")],
    ids=["freedesktop", "gnome"],
)
def test_a_screen_saver_that_comes_and_goes_is_a_locked_screen(
    qtbot: QtBot,
    desktop: Desktop,
    listening: Callable[[], LinuxHints],
    hand_clock: HandClock,
    path: str,
    interface: str,
) -> None:
    hints = listening()
    with qtbot.waitSignal(hints.locked):
        desktop.say(path, interface, "ActiveChanged", True)
    hand_clock.forward(minutes=6)
    with qtbot.waitSignal(hints.unlocked):
        desktop.say(path, interface, "ActiveChanged", False)
    assert hints.take() == (HintSpan("screen locked", at(0), at(6)),)


def test_a_suspend_that_logind_prepares_is_a_span(
    qtbot: QtBot, desktop: Desktop, listening: Callable[[], LinuxHints], hand_clock: HandClock
) -> None:
    desktop.serve(LOGIND, LOGIND_PATH, Logind())
    hints = listening()
    with qtbot.waitSignal(hints.slept):
        desktop.prepare_for_sleep(True)
    hand_clock.forward(minutes=25)
    with qtbot.waitSignal(hints.woke):
        desktop.prepare_for_sleep(False)
    assert hints.take() == (HintSpan("suspended", at(0), at(25)),)


def test_a_logind_that_comes_later_is_heard(
    qtbot: QtBot, desktop: Desktop, listening: Callable[[], LinuxHints]
) -> None:
    hints = listening()
    desktop.serve(LOGIND, LOGIND_PATH, Logind())
    with qtbot.waitSignal(hints.slept):
        desktop.prepare_for_sleep(True)


def test_only_the_persons_own_session_locks_the_screen(
    qtbot: QtBot, desktop: Desktop, listening: Callable[[], LinuxHints], hand_clock: HandClock
) -> None:
    desktop.serve(LOGIND, LOGIND_PATH, Logind())
    hints = listening()
    heard: list[str] = []
    hints.locked.connect(lambda: heard.append("locked"))
    hints.unlocked.connect(lambda: heard.append("unlocked"))
    # The hints find their session in their own time: logind says it until they have.
    qtbot.waitUntil(lambda: bool(heard or desktop.session_changed(SESSION, LockedHint=True)))
    desktop.session_changed(f"{LOGIND_PATH}/session/_38", LockedHint=False)
    desktop.session_changed(SESSION, IdleHint=True)
    with qtbot.waitSignal(hints.slept):
        desktop.prepare_for_sleep(True)
    assert heard == ["locked"]
    hand_clock.forward(minutes=2)
    with qtbot.waitSignal(hints.unlocked):
        desktop.session_changed(SESSION, LockedHint=False)
    assert hints.take() == (HintSpan("screen locked", at(0), at(2)),)


def test_without_a_session_in_the_environment_logind_finds_it(
    qtbot: QtBot, desktop: Desktop, listening: Callable[[], LinuxHints], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_SESSION_ID")
    logind = Logind()
    logind.name = "auto"
    desktop.serve(LOGIND, LOGIND_PATH, logind)
    hints = listening()
    heard: list[str] = []
    hints.locked.connect(lambda: heard.append("locked"))
    qtbot.waitUntil(lambda: bool(heard or desktop.session_changed(SESSION, LockedHint=True)))


def test_the_screen_saver_is_asked_how_long_nobody_was_there(
    qtbot: QtBot, desktop: Desktop, listening: Callable[[], LinuxHints], hand_clock: HandClock
) -> None:
    saver = ScreenSaver()
    saver.idle_ms = 400_900
    desktop.serve(SCREEN_SAVER, f"/{SCREEN_SAVER.replace('.', '/')}", saver)
    hints = listening()
    qtbot.waitUntil(lambda: hints.idle_seconds() == 400)
    hand_clock.forward(seconds=15)
    saver.idle_ms = 5_000
    hints.ask_idle()
    qtbot.waitUntil(lambda: hints.idle_seconds() == 5)
    assert hints.take() == (HintSpan("idle", DEMO_AT - 400_000, DEMO_AT + 10_000),)
    desktop.leave()
    hints.ask_idle()
    qtbot.waitUntil(lambda: hints.idle_seconds() is None)


def test_where_no_screen_saver_answers_mutter_does(
    qtbot: QtBot, desktop: Desktop, listening: Callable[[], LinuxHints]
) -> None:
    desktop.serve(MUTTER, MUTTER_PATH, Mutter())
    hints = listening()

    def answered() -> bool:
        hints.ask_idle()
        return hints.idle_seconds() == 5_000_000_000

    qtbot.waitUntil(answered)


def test_after_the_stop_nothing_is_heard(
    qtbot: QtBot, desktop: Desktop, listening: Callable[[], LinuxHints], hand_clock: HandClock
) -> None:
    hints, witness = listening(), listening()
    hints.stop()
    with qtbot.assertNotEmitted(hints.locked), qtbot.waitSignal(witness.locked):
        desktop.say("/ScreenSaver", SCREEN_SAVER, "ActiveChanged", True)
    hints.start()
    with qtbot.waitSignal(hints.locked):
        desktop.say("/ScreenSaver", SCREEN_SAVER, "ActiveChanged", True)


def test_without_any_bus_the_hints_are_silent(
    qtbot: QtBot,
    qtlog: Any,
    connect: Callable[[str, str], QDBusConnection],
    hand_clock: HandClock,
    tmp_path: Path,
) -> None:
    absent = connect(f"unix:path={tmp_path / 'no-bus'}", "absent")
    assert not absent.isConnected()
    hints = LinuxHints(hand_clock, session_bus=absent, system_bus=absent)
    hints.start()
    hints.ask_idle()
    assert hints.idle_seconds() is None
    hints.stop()
    assert hints.take() == ()
    assert qtlog.records == []


def test_a_bus_that_goes_away_is_no_trouble(
    qtbot: QtBot,
    qtlog: Any,
    start_bus: StartBus,
    connect: Callable[[str, str], QDBusConnection],
    hand_clock: HandClock,
) -> None:
    address, daemon = start_bus()
    bus = connect(address, "short-lived")
    hints = LinuxHints(hand_clock, session_bus=bus, system_bus=bus)
    hints.start()
    daemon.terminate()
    qtbot.waitUntil(lambda: not bus.isConnected())
    hints.ask_idle()
    hints.stop()
    assert qtlog.records == []
