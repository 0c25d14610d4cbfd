"""What a desktop says about the screen, the machine and the person. On Linux over a real D-Bus of the tests' own, which
plays the session bus and the system bus; of Windows, the reading of its messages, handed over by Qt.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Iterator
from ctypes import wintypes
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import ClassInfo, QAbstractEventDispatcher, QCoreApplication, QObject, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusObjectPath
from pytestqt.qtbot import QtBot

from console.timekeeping import HintSpan
from tests.ui.conftest import DEMO_AT, HandClock
from ui.machine_hints import hints_for_this_machine
from ui.machine_hints.hints import IDLE_AFTER_S, MachineHints
from ui.machine_hints.linux import LinuxHints
from ui.machine_hints.windows import MessageFilter

MINUTE_MS = 60_000


@pytest.fixture
def hints(qapp: QCoreApplication, hand_clock: HandClock) -> Iterator[MachineHints]:
    """The part that all systems share, listening."""
    hints = MachineHints(hand_clock)
    hints.start()
    yield hints
    hints.stop()


def at(minutes: float) -> int:
    return DEMO_AT + round(minutes * MINUTE_MS)


# From moments to spans.


def test_a_lock_of_six_minutes_is_one_span_taken_once(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_screen(True)
    hand_clock.forward(minutes=6)
    assert hints.take() == ()
    hints.note_screen(False)
    assert hints.take() == (HintSpan("screen locked", at(0), at(6)),)
    assert hints.take() == ()


def test_two_parts_of_a_desktop_that_say_the_same_are_heard_once(hints: MachineHints, hand_clock: HandClock) -> None:
    heard: list[str] = []
    hints.locked.connect(lambda: heard.append("locked"))
    hints.unlocked.connect(lambda: heard.append("unlocked"))
    hints.note_screen(True)
    hand_clock.forward(seconds=1)
    hints.note_screen(True)
    hand_clock.forward(minutes=1)
    hints.note_screen(False)
    hints.note_screen(False)
    assert heard == ["locked", "unlocked"]
    assert hints.take() == (HintSpan("screen locked", at(0), at(1) + 1_000),)


def test_suspend_and_lock_are_told_apart(hints: MachineHints, hand_clock: HandClock) -> None:
    heard: list[str] = []
    hints.slept.connect(lambda: heard.append("slept"))
    hints.woke.connect(lambda: heard.append("woke"))
    hints.note_screen(True)
    hints.note_sleep(True)
    hand_clock.forward(minutes=25)
    hints.note_sleep(False)
    hand_clock.forward(minutes=1)
    hints.note_screen(False)
    assert heard == ["slept", "woke"]
    assert hints.take() == (HintSpan("suspended", at(0), at(25)), HintSpan("screen locked", at(0), at(26)))


def test_an_end_without_a_begin_says_nothing(hints: MachineHints) -> None:
    hints.note_sleep(False)
    hints.note_screen(False)
    assert hints.take() == ()


def test_idleness_is_noted_from_the_last_key_to_the_next(hints: MachineHints, hand_clock: HandClock) -> None:
    for minutes in (5, 6, 7):
        hand_clock.now_ms = at(minutes)
        hints.note_idle(minutes * 60)
    hand_clock.forward(seconds=15)
    hints.note_idle(3)
    assert hints.take() == (HintSpan("idle", at(0), at(7) + 12_000),)


def test_less_than_five_minutes_without_a_key_is_work(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_idle(IDLE_AFTER_S - 1)
    hand_clock.forward(seconds=15)
    hints.note_idle(0)
    hints.stop()
    assert hints.take() == ()


def test_idle_seconds_that_are_not_exact_do_not_cut_a_span(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_idle(600)
    hand_clock.forward(seconds=15)
    hints.note_idle(613)
    assert hints.take() == ()


def test_one_key_between_two_long_absences_parts_them(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_idle(600)
    hand_clock.forward(minutes=20)
    hints.note_idle(600)
    hand_clock.forward(minutes=1)
    hints.note_idle(0)
    assert hints.take() == (HintSpan("idle", at(-10), at(10)), HintSpan("idle", at(10), at(21)))


def test_locked_or_suspended_time_is_not_idle_as_well(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_idle(300)
    hints.note_screen(True)
    hand_clock.forward(minutes=10)
    hints.note_idle(900)
    hints.note_screen(False)
    hints.note_idle(900)
    hand_clock.forward(minutes=1)
    hints.note_idle(0)
    assert hints.take() == (
        HintSpan("idle", at(-5), at(0)),
        HintSpan("screen locked", at(0), at(10)),
        HintSpan("idle", at(10), at(11)),
    )


def test_nobody_at_a_locked_screen_is_a_locked_screen_alone(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_screen(True)
    hand_clock.forward(minutes=10)
    hints.note_idle(600)
    hints.note_screen(False)
    hand_clock.forward(seconds=15)
    hints.note_idle(0)
    assert hints.take() == (HintSpan("screen locked", at(0), at(10)),)


def test_a_span_without_length_is_none(hints: MachineHints) -> None:
    hints.note_screen(True)
    hints.note_screen(False)
    assert hints.take() == ()


def test_a_desktop_that_does_not_say_how_idle_it_is_changes_nothing(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_idle(300)
    hand_clock.forward(minutes=1)
    hints.note_idle(None)
    hand_clock.forward(minutes=1)
    hints.note_idle(0)
    assert hints.take() == (HintSpan("idle", at(-5), at(2)),)


def test_what_goes_on_when_the_hints_stop_ends_there(hints: MachineHints, hand_clock: HandClock) -> None:
    hints.note_screen(True)
    hand_clock.forward(minutes=3)
    hints.stop()
    assert hints.take() == (HintSpan("screen locked", at(0), at(3)),)


def test_this_machine_has_hints_whatever_its_desktop(qtbot: QtBot, hand_clock: HandClock) -> None:
    parent = QObject()
    hints = hints_for_this_machine(hand_clock, parent)
    assert hints.parent() is parent
    hints.start()
    hints.start()
    assert hints.is_listening()
    hints.stop()
    hints.stop()
    assert not hints.is_listening()


# Linux, over a real bus.

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


# Windows: its messages, read from real MSG structures that Qt hands to the filter.

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
