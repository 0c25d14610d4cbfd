"""Processes that work on Pro sessions until somebody kills them.

`python -m tests.faults.pro_kill` imports once, forks a child for each job that a line of its input names, and tells
when the child has ended; a kill so costs no new interpreter. A child writes one line before and after whatever it does:
what it said is done has to be there for ever. `Nursery` is the other end of the pipes. POSIX only.

Jobs: `Acts` starts, notes and stops without end, by the real desk or the real command line; `FastWatch` ticks like a
watcher on a machine whose time runs sixty times as fast; `Doomed` dies at a chosen commit of a session or a recovery.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TextIO

import msgspec

from console.cli.main import CALLERS_MISTAKE, DONE, main
from console.desk import Desk
from console.desk.tickets import Receipt
from console.journal.database import Database
from console.settings import Workspace
from console.timekeeping import Reading
from tests.faults.pro_workspace import SPEED, Clocks, fast, opened, workspace

ROOT = Path(__file__).resolve().parents[2]
VERBS = ("start", "note", "note", "stop")
SURVIVED = "survived"
ENDED = "ended with "

Act = Callable[[str, str], bool]
"""Does what a verb says, with a note's text, and gives whether it was accepted."""


class Acts(msgspec.Struct, tag=True, frozen=True):
    """Acts on one engagement; `purchase` names it."""

    by: Literal["desk", "command line"]
    folder: str
    purchase: str
    seed: int


class FastWatch(msgspec.Struct, tag=True, frozen=True):
    """Looks once in each fast second, counted from `origin`, at what runs."""

    folder: str
    origin: Reading


class Doomed(msgspec.Struct, tag=True, frozen=True):
    """Dies when it comes to its `at`th commit, so that the disk is as after the one before. It starts, notes and stops
    by the command line; with a `reading` of the clocks it opens the workspace under it and looks at what runs."""

    folder: str
    purchase: str
    at: int
    reading: Reading | None = None


Job = Acts | FastWatch | Doomed


# The child ------------------------------------------------------------------------------------------------------------


def nurse(jobs: TextIO, said: TextIO) -> None:
    """Forks a child for each job. What the program itself prints goes nowhere. A whole session is lived through before,
    so that the children find everything imported."""
    _silence()
    with TemporaryDirectory() as folder:
        (engagement,) = workspace(Path(folder), "Harbour")
        _live(Doomed(folder, engagement.purchase, at=0), lambda _: None)
    for line in jobs:
        child = os.fork()
        if not child:
            print(os.getpid(), file=said, flush=True)
            try:
                _work(msgspec.json.decode(line, type=Job), lambda text: print(text, file=said, flush=True))
            except Exception:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(f"{ENDED}{os.waitstatus_to_exitcode(status)}", file=said, flush=True)


def _work(job: Job, say: Callable[[str], None]) -> None:
    match job:
        case Acts():
            with _acting(job.by, job.folder, job.purchase) as act:
                _act_for_ever(act, random.Random(job.seed), f"{job.purchase} {job.seed}", say)
        case FastWatch():
            _watch_for_ever(Path(job.folder), fast(job.origin), say)
        case Doomed():
            _die_at_commit(job)
            _live(job, say)


def _live(job: Doomed, say: Callable[[str], None]) -> None:
    if job.reading is not None:
        reading = job.reading
        with opened(Path(job.folder), lambda: reading) as desk:
            desk.pro.watch.tick()
    else:
        with _acting("command line", job.folder, job.purchase) as act:
            for verb in ("start", "note", "stop"):
                _tell(act, verb, "half a thought", say)
    say(SURVIVED)


def _act_for_ever(act: Act, dice: random.Random, name: str, say: Callable[[str], None]) -> None:
    for number in count():
        _tell(act, dice.choice(VERBS), f"{name} {number}", say)


def _tell(act: Act, verb: str, text: str, say: Callable[[str], None]) -> None:
    what = f"{verb} {text}" if verb == "note" else verb
    say(f"trying {what}")
    say(f"done {what}" if act(verb, text) else f"refused {what}")


@contextmanager
def _acting(by: str, folder: str, purchase: str) -> Iterator[Act]:
    if by == "command line":
        yield lambda verb, text: _commanded(folder, verb, purchase, text)
        return
    with Desk.open(Workspace(Path(folder))) as desk:
        ticket, work = desk.pro.find(purchase), desk.pro.work
        acts: dict[str, Callable[[str], Receipt]] = {
            "start": lambda _: work.start(ticket),
            "note": lambda text: work.note(ticket, text),
            "stop": lambda _: work.stop(ticket),
        }
        yield lambda verb, text: acts[verb](text).refused is None


def _commanded(folder: str, verb: str, purchase: str, text: str) -> bool:
    rest = {"start": ["--no-watch"], "note": [text], "stop": []}[verb]
    code = main(["--data", folder, "pro", verb, purchase, *rest])
    if code not in (DONE, CALLERS_MISTAKE):
        raise SystemExit(f"pro {verb} exited with {code}")
    return code == DONE


def _watch_for_ever(folder: Path, clocks: Clocks, say: Callable[[str], None]) -> None:
    with opened(folder, clocks) as desk:
        while True:
            say(f"looked {desk.pro.watch.tick().now}")
            time.sleep(1 / SPEED)


def _die_at_commit(job: Doomed) -> None:
    made, commit = count(1), Database.commit

    def dying(database: Database) -> None:
        if next(made) == job.at:
            os.kill(os.getpid(), signal.SIGKILL)
        commit(database)

    Database.commit = dying  # type: ignore[method-assign]


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)


# The other end --------------------------------------------------------------------------------------------------------


class Nursery:
    """A process that forks children, one at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.pro_kill"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._child: int | None = None

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self.kill()
        self._process.communicate()

    def begin(self, job: Job) -> None:
        """Sets a child to work; it has not done anything yet when this returns."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(job).decode() + "\n")
        self._process.stdin.flush()
        self._child = int(self.line())

    def line(self) -> str:
        """What the child says next; waits for it."""
        assert self._process.stdout is not None
        said = self._process.stdout.readline().rstrip("\n")
        assert said, "the nursery has ended"
        return said

    def rest(self) -> list[str]:
        """What the child still said before it ended, by itself or not."""
        said = [self.line()]
        while not said[-1].startswith(ENDED):
            said.append(self.line())
        self._child = None
        assert said.pop() in (f"{ENDED}0", f"{ENDED}{-signal.SIGKILL}"), "the child failed"
        return said

    def kill(self) -> list[str]:
        """Kills the child, and gives what it still said before."""
        assert self._child is not None
        os.kill(self._child, signal.SIGKILL)
        return self.rest()


if __name__ == "__main__":
    # The protocol has a pipe of its own; descriptor 1 is the program's.
    nurse(sys.stdin, os.fdopen(os.dup(1), "w"))
