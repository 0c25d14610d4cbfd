"""Several writers on one file, and writers that are killed: no entry is lost, no place in the log given twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from console.domain.events import Offered
from console.domain.guidelines import GuidelinesHistory
from console.journal.states import States
from console.journal.store import Journal

from .facts import MONDAY, allow, opened, received, sent, started, write

WRITER = """
import sys
from pathlib import Path
from console.guidelines_files import shipped_history
from console.journal.store import Journal
from tests.journal import facts

path, name, first = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
journal = Journal.open(path, history=shipped_history(), now_ms=facts.MONDAY)
assert journal.notices == [], journal.notices
for count in range(first, first + int(sys.argv[4])):
    id = f"0199dd5e-a000-7000-{int(name):04x}-{count:012x}"
    offer = facts.fact(facts.ev.MessageReceived(body=f"Message {count} " + "word " * (count % 500)), "a", id=id)
    recorded = journal.record([offer], actor=name, now_ms=facts.MONDAY, decide=facts.allow)
    print(recorded.entries[0].id, flush=True)
journal.close()
"""
ROOT = Path(__file__).resolve().parents[2]


def writer(path: Path, name: str, *, first: int, count: int) -> subprocess.Popen[str]:
    arguments = [str(path), name, str(first), str(count)]
    return subprocess.Popen([sys.executable, "-c", WRITER, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def make(path: Path, history: GuidelinesHistory) -> None:
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        write(journal, opened("a"))


@pytest.mark.usefixtures("journal_mode")
def test_two_journals_in_two_threads_share_one_gapless_log(path: Path, history: GuidelinesHistory) -> None:
    make(path, history)
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            with Journal.open(path, history=history, now_ms=MONDAY) as journal:
                for count in range(40):
                    write(journal, sent("a", f"{name} {count}"), opened(f"{name}-{count}"))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("Ana", "Ben", "Zoe")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert journal.head().seq == 1 + 3 * 40 * 2
        assert journal.check() == []
        numbers = [entry.number for _, entries in journal.all_streams() for entry in entries if entry.number]
        assert len(numbers) == len(set(numbers)) == 121


@pytest.mark.usefixtures("journal_mode")
def test_of_several_that_start_a_session_of_one_engineer_at_once_one_does(
    path: Path, history: GuidelinesHistory
) -> None:
    make(path, history)
    start = threading.Barrier(4)
    said: list[str | BaseException | None] = []

    def idle(states: States, offers: Sequence[Offered]) -> str | None:
        return "Mara runs a session." if states.running else None

    def work(account: str) -> None:
        try:
            with Journal.open(path, history=history, now_ms=MONDAY) as journal:
                start.wait()
                offer = started("t-1", account)
                said.append(journal.record([offer], actor="Mara", now_ms=MONDAY, decide=idle).refused)
        except BaseException as error:
            said.append(error)

    threads = [threading.Thread(target=work, args=(account,)) for account in ("acme", "harbour", "zeta", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said, key=str) == ["Mara runs a session."] * 3 + [None]
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert len(journal.pro_running()) == 1


@pytest.mark.usefixtures("journal_mode")
def test_several_that_open_a_fresh_file_at_once_get_one_journal(path: Path, history: GuidelinesHistory) -> None:
    start = threading.Barrier(6)
    found: list[str | BaseException] = []

    def work() -> None:
        start.wait()
        try:
            with Journal.open(path, history=history, now_ms=MONDAY) as journal:
                found.append(journal.head().hub_id + "".join(journal.notices))
        except BaseException as error:
            found.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert found == [journal.head().hub_id] * 6
    assert list(path.parent.glob("*set-aside*")) == []


def test_two_processes_share_one_gapless_log(path: Path, history: GuidelinesHistory) -> None:
    make(path, history)
    processes = [writer(path, name, first=0, count=60) for name in ("1", "2")]
    printed = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        entries = journal.entries("ticket:a")
        assert [entry.seq for entry in entries] == list(range(1, 122))
        for name, ids in zip(("1", "2"), printed, strict=True):
            assert [entry.id for entry in entries if entry.actor == name] == ids
        assert sorted(entry.dseq for entry in entries) == list(range(1, 122))
        assert journal.check() == []


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX matter")
def test_what_was_said_to_be_recorded_survives_kill_9(path: Path, history: GuidelinesHistory) -> None:
    make(path, history)
    chance = random.Random(20251013)
    said: list[str] = []
    for round in range(5):
        process = writer(path, str(round), first=0, count=100_000)
        assert process.stdout is not None
        for _ in range(chance.randrange(5, 60)):
            said.append(process.stdout.readline().strip())
        time.sleep(chance.random() / 50)
        process.send_signal(signal.SIGKILL)
        said += process.communicate()[0].split()
        assert process.returncode == -signal.SIGKILL
        with Journal.open(path, history=history, now_ms=MONDAY) as journal:
            assert journal.notices == []
            assert journal.check() == []
            entries = journal.entries("ticket:a")
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
            assert set(said) <= {entry.id for entry in entries}
            assert len(entries) <= 1 + len(said) + round + 1, "at most one entry a round was in flight"
    assert len(said) > 25


def test_what_was_in_flight_at_a_kill_can_be_offered_again(path: Path, history: GuidelinesHistory) -> None:
    make(path, history)
    offer = received("a", "Did it go in?")
    for _ in range(2):
        with Journal.open(path, history=history, now_ms=MONDAY) as journal:
            journal.record([offer], actor="Ana", now_ms=MONDAY, decide=allow)
    with Journal.open(path, history=history, now_ms=MONDAY) as journal:
        assert [entry.id for entry in journal.entries("ticket:a")][1:] == [offer.id]
