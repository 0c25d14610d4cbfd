"""The watcher as a process of its own, on the real clock: what it writes, when it ends, that none is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from console.cli.instants import now_ms
from console.cli.pro import watch, watcher
from console.cli.pro.watched_line import teller
from console.desk import Desk
from console.domain.words import iso
from console.guidelines_files import shipped_history
from console.journal.driver import choose_driver
from console.journal.states import Beat
from console.journal.store import Journal
from console.settings import Settings, Workspace, save_settings
from tests.cli.conftest import Run
from tests.cli.pro_machine import GATE, ME, as_process, finished

HOUR_MS = 3_600_000
PATIENCE_S = 30
"""How long a test waits for another process before it says that nothing comes."""

needs_proc = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked up in /proc")


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Iterator[Path]:
    """A workspace with an engagement that may start now, whatever the hour. Its watchers end with the test."""
    folder, now = tmp_path / "workspace", now_ms()
    save_settings(Workspace(folder), Settings(name=ME))
    consent = ("--consent", iso(now - HOUR_MS), iso(now + 8 * HOUR_MS))
    for argv in (
        ("buy", "P-1", "--account", "Harbour", "--hours", "2", "--renewal", iso(now + 400 * HOUR_MS)),
        ("ready", "P-1", *GATE, *consent, "--slot", "now", "2"),
    ):
        assert run("--data", folder, "pro", *argv).code == 0
    yield folder
    for pid in watchers_of(folder):
        os.kill(pid, signal.SIGKILL)


def watchers_of(folder: Path) -> list[int]:
    """The watchers of a workspace, by their process ids."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile
            continue
        if b"watch" in words and os.fsencode(folder) in words:
            found.append(int(process.name))
    return found


def until(comes_true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not comes_true():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def beats(folder: Path) -> list[Beat]:
    with Desk.open(Workspace(folder)) as desk:
        return list(desk.journal.beats().values())


def is_watched(folder: Path) -> bool:
    lock = watcher.watcher_lock(Workspace(folder))
    if watcher.take(lock):
        lock.release()
        return False
    return True


@contextmanager
def watching(folder: Path, *argv: str) -> Iterator[subprocess.Popen[str]]:
    """`pro watch` in the foreground, which has told that it watches."""
    with as_process(folder, "watch", *argv) as process:
        try:
            assert process.stdout is not None
            assert "#10001 Harbour: " in process.stdout.readline()
            yield process
        finally:
            process.kill()


@needs_proc
def test_a_start_begins_a_watcher_that_ends_with_the_session(folder: Path) -> None:
    assert "Started #10001 Harbour." in finished(folder, "start", "10001")
    [first] = beats(folder)
    until(lambda: is_watched(folder), "the watcher watches")
    assert len(watchers_of(folder)) == 1
    until(lambda: beats(folder)[0].at > first.at, "a beat of the watcher")

    assert "Stopped #10001 Harbour at" in finished(folder, "stop")

    until(lambda: not is_watched(folder), "the watcher lets go")
    until(lambda: not watchers_of(folder), "the watcher ends")
    assert beats(folder) == []
    assert not (folder / "crash.log").exists()


@needs_proc
def test_a_second_session_finds_the_watcher_of_the_first_and_begins_none(folder: Path) -> None:
    finished(folder, "start", "10001")
    until(lambda: is_watched(folder), "the watcher watches")
    before = watchers_of(folder)

    finished(folder, "stop")
    finished(folder, "start", "10001")

    until(lambda: is_watched(folder) and len(watchers_of(folder)) == 1, "one watcher watches")
    assert len(before) == 1


@needs_proc
def test_a_start_without_a_watcher_leaves_no_process_behind(folder: Path) -> None:
    said = finished(folder, "start", "10001", "--no-watch")

    assert "Nobody watches it yet" in said
    assert watchers_of(folder) == []
    assert not (folder / watcher.LOCK_NAME).exists()


@needs_proc
def test_a_watcher_ends_by_itself_when_the_workspace_vanishes(folder: Path) -> None:
    finished(folder, "start", "10001")
    until(lambda: is_watched(folder), "the watcher watches")

    shutil.rmtree(folder)

    until(lambda: not watchers_of(folder), "the watcher ends")
    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM asks nobody there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_watch_that_is_asked_to_end_writes_a_last_beat_and_stops_no_session(
    folder: Path, number: signal.Signals
) -> None:
    finished(folder, "start", "10001", "--no-watch")
    with watching(folder) as process:
        [before] = beats(folder)
        time.sleep(1.2)  # the next beat but the last one is due after 15 s
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)

    assert (process.returncode, err) == (0, "")
    assert out == "The session goes on, and nobody watches it: support-console pro watch, or pro stop.\n"
    [after] = beats(folder)
    assert after.at > before.at


def test_a_watch_ends_when_the_session_is_stopped_from_elsewhere(run: Run, folder: Path) -> None:
    finished(folder, "start", "10001", "--no-watch")
    with watching(folder, "10001") as process:
        assert run("--data", folder, "pro", "stop").code == 0
        out, err = process.communicate(timeout=PATIENCE_S)

    assert (process.returncode, err) == (0, "")
    assert "#10001 Harbour: the session has ended." in out


def test_a_watch_of_nothing_says_so_and_ends(run: Run, folder: Path) -> None:
    assert run("--data", folder, "pro", "watch") == (0, "No session runs here.\n", "")
    assert run("--data", folder, "pro", "watch", "--quiet") == (0, "", "")


def test_a_quiet_watcher_of_no_workspace_makes_none(run: Run, tmp_path: Path) -> None:
    assert run("--data", tmp_path / "none", "pro", "watch", "--quiet") == (0, "", "")
    assert not (tmp_path / "none").exists()


def test_a_session_that_begins_while_the_watcher_ends_is_watched(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard, rounds = watch.guard, []

    def ends_as_a_session_begins(desk: Desk, wait: watch.Wait, told: object) -> watch.Outcome:
        rounds.append(guard(desk, lambda _: True, None))
        if len(rounds) == 1:
            assert run("--data", folder, "pro", "start", "10001").code == 0  # the lock is held: it begins no watcher
        return rounds[-1]

    monkeypatch.setattr(watch, "guard", ends_as_a_session_begins)

    assert run("--data", folder, "pro", "watch", "--quiet").code == 0
    assert rounds == ["over", "asked"]


def test_a_second_watcher_leaves_it_to_the_first(run: Run, folder: Path) -> None:
    finished(folder, "start", "10001", "--no-watch")
    with watching(folder):
        assert run("--data", folder, "pro", "watch", "--quiet") == (0, "", "")


def test_a_busy_journal_is_said_once_and_tried_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = shipped_history()
    finished(folder, "start", "10001", "--no-watch")
    [first] = beats(folder)
    workspace = Workspace(folder)
    journal = Journal.open(workspace.database, history=history, now_ms=now_ms(), busy_ms=20)
    waits = 0
    with (
        closing(choose_driver().module.connect(str(workspace.database), isolation_level=None)) as other,
        Desk(journal, workspace, history, me=ME, clock=now_ms, asked_guidelines=False) as desk,
    ):
        other.execute("BEGIN IMMEDIATE")

        def wait(_: float) -> bool:
            nonlocal waits
            waits += 1
            if waits == 2:
                other.execute("ROLLBACK")
            return waits == 3

        assert watch.guard(desk, wait, teller(desk.pro, None)) == "asked"

    said = capsys.readouterr().out
    assert said.count("Trying again.") == 1
    assert beats(folder)[0].at > first.at
