"""A process whose children do one piece of work and die by `kill -9` at a chosen step of it.

Steps are the moments before and after each commit, and before and after a message is handed over. For each line on
stdin, `STEP WORK`, a child does the work and dies at that step; `died` or `done` comes back. It imports once and forks,
so that a sweep over all steps takes seconds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any, Self

import psycopg

from console.channels.file_drop import FileDrop
from console.channels.reports import read_report
from console.channels.transport import Answer
from console.hub.database import service_engine
from console.hub.delivery import Delivery
from console.hub.intake import Intake
from console.hub.log import HubLog
from console.hub.people import People

SENDER = "Support <support@hub.example>"


class Dying:
    """The process, for tests. `url` is the database's, `folder` the file drop's."""

    def __init__(self, url: str, folder: Path) -> None:
        asked = [sys.executable, "-m", "tests.hub.dying", url, str(folder)]
        self._process = subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def dies_at(self, step: int, **work: Any) -> bool:
        """Whether the work was longer than so many steps. `work` is `now`, for the intake with `report` and `token`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{step} {json.dumps(work)}\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline().strip()
        assert said in ("died", "done"), said
        return said == "died"


class CountedDrop(FileDrop):
    """A file drop that notes every message that it is handed, in `handed`."""

    def send(self, message_id: str, data: bytes) -> Answer:
        _step()
        with (self.folder / "handed").open("a") as file:
            file.write(f"{message_id}\n")
            file.flush()
            os.fsync(file.fileno())
        answer = super().send(message_id, data)
        _step()
        return answer


def handed(folder: Path) -> list[str]:
    """The ids of all messages that were handed over, in order."""
    try:
        return (folder / "handed").read_text().split()
    except FileNotFoundError:
        return []


_left: list[int] = []


def _step() -> None:
    if _left:
        _left[0] -= 1
        if _left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _work(url: str, folder: Path, work: dict[str, Any]) -> None:
    engine = service_engine(url)
    clock = partial(int, work["now"])
    log, people = HubLog(engine, clock=clock), People(engine, clock=clock)
    if "report" in work:
        author = people.who(work["token"])
        assert author is not None
        Intake(engine, log, people, clock=clock).take(author, read_report(json.dumps(work["report"]).encode()))
        return
    delivery = Delivery(engine, log, people, CountedDrop(folder), sender=SENDER, clock=clock)
    with delivery.leading() as leader:
        assert leader is not None
        while delivery.turn(leader):
            pass


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    commit = psycopg.Connection.commit

    def dying_commit(connection: psycopg.Connection[Any]) -> None:
        _step()
        commit(connection)
        _step()

    psycopg.Connection.commit = dying_commit  # type: ignore[method-assign]
    for line in sys.stdin:
        step, _, work = line.partition(" ")
        child = os.fork()
        if child == 0:
            _left.append(int(step))
            _work(url, folder, json.loads(work))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("died" if os.WIFSIGNALED(status) else f"{'done' if status == 0 else 'failed'}", flush=True)


if __name__ == "__main__":
    main()
