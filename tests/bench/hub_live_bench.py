"""From an act at one workstation to the painted queue of another, while a team of 20 works: on one hub process, on two.

Two are real: one records with the real journal and engine, the other is the real window, offscreen. The other 18 speak
the protocol from one process and act every four seconds each, which is a busy team. With two hub processes the two real
ones are at different ones, so that the news goes through the database.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import msgspec

from console.guidelines_files import shipped_history
from console.journal.store import Journal
from console.settings import Settings, Workspace, save_settings
from console.sync.keys import Keys
from console.wire.messages import Enrolled
from tests.bench.hub_crowd import Crowd
from tests.bench.hub_server import BenchHub, hub
from tests.bench.hub_work import Connection, pushes

CLIENTS = 20
EVERY_S = 4.0
ACTS = 50
APART_S = 0.45
SHOWN_WITHIN_S = 10.0
LOADED = 10
"""Batches of a hundred events that the log begins with."""
GOALS_MS = {1: 300, 2: 1_000}


def run() -> list[dict[str, Any]]:
    return [row for processes in GOALS_MS for row in measured(processes)]


def measured(processes: int) -> list[dict[str, Any]]:
    with hub(processes) as running, TemporaryDirectory() as temporary, ExitStack() as started:
        _load(running)
        folder = Path(temporary)
        people = running.enrol(*(f"Engineer {n}" for n in range(CLIENTS)))
        connect(folder / "acts", running.urls[0], people[0])
        connect(folder / "sees", running.urls[-1], people[1])
        window = started.enter_context(process("tests.bench.hub_window", str(folder / "sees")))
        ticket = window.line()
        others = Crowd(tuple(running.urls), tuple(people[2:]), EVERY_S)
        crowd = started.enter_context(process("tests.bench.hub_crowd", msgspec.json.encode(others).decode()))
        actor = started.enter_context(process("tests.bench.hub_actor", str(folder / "acts")))
        assert (crowd.line(), actor.line()) == ("ready", "ready")
        time.sleep(3 + EVERY_S)
        began = time.monotonic()
        took, saving = _acts(actor, window, ticket)
        lasted = time.monotonic() - began
        crowd.end()
        acts = int(crowd.line())
    p95 = statistics.quantiles(took, n=20)[-1]
    name = f"{processes} hub process{'es' if processes > 1 else ''}"
    return [
        {
            "what": f"{name}, {CLIENTS} clients: from an act to another's painted queue, p95",
            "ours_ms": p95,
            "peer": "",
            "peer_ms": GOALS_MS[processes],
            "ratio": p95 / GOALS_MS[processes],
            "goal": "<= 1",
        },
        {"what": "  median", "ours_ms": statistics.median(took)},
        {"what": "  of it until the act was saved, median", "ours_ms": statistics.median(saving)},
        {
            "what": f"  acts of the others a second ({acts} while it ran, over {lasted:.0f} s)",
            "ours_per_s": acts / lasted,
        },
    ]


def _acts(actor: Process, window: Process, ticket: str) -> tuple[list[float], list[float]]:
    """Of each act the ms until it was painted elsewhere, and until it was saved."""
    took, saving = [], []
    for number in range(ACTS):
        name = f"Act-{number}"
        actor.say(f"{ticket} {name}")
        began, saved = map(float, actor.line().split())
        ends = time.monotonic() + SHOWN_WITHIN_S
        while True:
            shown, _, at = window.line().rpartition(" ")
            if shown == name:
                break
            assert time.monotonic() < ends, f"{name} was not painted within {SHOWN_WITHIN_S} s"
        took.append((float(at) - began) * 1000)
        saving.append((saved - began) * 1000)
        time.sleep(APART_S * (0.5 + number % 7 / 7))
    return took, saving


def _load(running: BenchHub) -> None:
    """A log to begin with."""
    import asyncio

    (enrolled,) = running.enrol("Somebody before")

    async def send() -> None:
        connection = await Connection.to(running.urls[0])
        for request in pushes(enrolled, size=100, batches=LOADED):
            await connection.ask(request)
        connection.close()

    asyncio.run(send())


def connect(folder: Path, url: str, enrolled: Enrolled) -> None:
    """Makes a workspace that follows a hub."""
    workspace, token_file = Workspace(folder), folder / "token"
    save_settings(workspace, Settings(name=enrolled.person, token_file=token_file))
    Keys(url, folder, token_file).keep(enrolled.token)
    with Journal.open(workspace.database, history=shipped_history(), now_ms=time.time_ns() // 1_000_000) as journal:
        journal.follow(url=url, person=enrolled.person, role=enrolled.role, device=enrolled.device)


class Process:
    """One of our modules in a process of its own, spoken to by lines."""

    def __init__(self, module: str, popen: subprocess.Popen[str]) -> None:
        self.module = module
        self._popen = popen
        assert popen.stdin is not None
        assert popen.stdout is not None
        self._in: TextIO = popen.stdin
        self._out: TextIO = popen.stdout

    def say(self, line: str) -> None:
        self._in.write(line + "\n")
        self._in.flush()

    def line(self) -> str:
        line = self._out.readline()
        if not line:
            raise SystemExit(f"{self.module} ended with {self._popen.wait()}")
        return line.rstrip("\n")

    def end(self) -> None:
        """Closes its input, which lets it end by itself."""
        self._in.close()


@contextmanager
def process(module: str, *arguments: str) -> Iterator[Process]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as popen:
        running = Process(module, popen)
        try:
            yield running
            running.end()
            popen.wait(20)
        finally:
            popen.kill()
