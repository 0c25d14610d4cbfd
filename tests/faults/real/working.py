"""One workstation as a process: a real journal, the real desk, the real engine, and somebody who works without a plan.

`python -m tests.faults.real.working JOB`, the job as JSON. Works until it is told to rest, says how it stands when it
is asked, and ends when its input does; or is killed. Every act that the desk took is written to a side journal, synced,
before the next one: what stands there was told as saved. Called by `world`.
"""

from __future__ import annotations

import asyncio
import functools
import os
import random
import sys
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from console.desk import Desk
from console.desk.tickets import Receipt
from console.domain import events as ev
from console.domain.errors import ConsoleError
from console.domain.queue import View
from console.settings import Workspace
from console.sync.status import LinkStatus
from console.timekeeping import Reading, Timekeeper, read_clocks

PAUSE_S: Final = (0.0, 0.2)
HOUR_S: Final = 3600
CHANNELS: Final = ("email", "chat", "portal", "phone")
SIDE_JOURNAL: Final = "told.jsonl"

T = TypeVar("T")


class Job(msgspec.Struct, frozen=True):
    """`folder` is a workspace that follows a hub. `skew_ms` is how wrong the machine's wall clock is."""

    folder: str
    seed: int
    skew_ms: int = 0


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the side journal: an act that is about to be tried, or (with `done`) what became of it. `ids` and
    `hashes` are those of its entries, which the person was told are saved."""

    act: str
    done: bool = False
    ids: tuple[str, ...] = ()
    hashes: tuple[bytes, ...] = ()


class Standing(msgspec.Struct, frozen=True):
    """How a workstation stands: its link, where its log is, what waits, and how many acts it has done."""

    link: str
    cursor: int
    waiting: int
    refused: tuple[str, ...]
    acts: int
    failures: tuple[str, ...]
    error: str | None = None


async def work(job: Job) -> None:
    loop = asyncio.get_running_loop()
    asked: asyncio.Queue[str] = asyncio.Queue()
    thread = ThreadPoolExecutor(1)
    loop.run_in_executor(None, _listen, lambda line: loop.call_soon_threadsafe(asked.put_nowait, line))
    desk = await loop.run_in_executor(thread, _open, job)

    def call(fn: Callable[[Desk], T], /) -> Awaitable[T]:
        return loop.run_in_executor(thread, fn, desk)

    failures: list[str] = []

    def failed(where: str, error: BaseException) -> None:
        failures.append(where + "\n" + "".join(traceback.format_exception(error)))

    engine = await call(lambda desk: desk.sync.engine(call, lambda _: None, on_failure=failed))
    person = Person(desk, Path(job.folder) / SIDE_JOURNAL, random.Random(job.seed))
    syncing = asyncio.create_task(engine.run())
    working = asyncio.create_task(_work(person, call, engine.written))
    print("ready", flush=True)
    while (line := await asked.get()) not in ("", "end"):
        match line:
            case "rest":
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
            case "sync":
                engine.sync_now()
            case "report":
                if working.done() and not working.cancelled() and working.exception() is not None:
                    failed("while working", working.exception() or RuntimeError())
                standing = await call(functools.partial(_standing, engine.status, person.acts, failures))
                print(msgspec.json.encode(standing).decode(), flush=True)
    for task in (working, syncing):
        task.cancel()
    await asyncio.gather(working, syncing, return_exceptions=True)
    await call(Desk.close)


def _listen(hear: Callable[[str], object]) -> None:
    for line in sys.stdin:
        hear(line.strip())
    hear("")


def _open(job: Job) -> Desk:
    def clocks() -> Reading:
        read = read_clocks()
        return msgspec.structs.replace(read, wall_ms=read.wall_ms + job.skew_ms)

    keeper = Timekeeper(clocks)
    return Desk.open(Workspace(Path(job.folder)), clock=lambda: clocks().wall_ms, timekeeper=keeper)


async def _work(
    person: Person, call: Callable[[Callable[[Desk], None]], Awaitable[None]], written: Callable[[], None]
) -> None:
    while True:
        try:
            await call(person.act_once)
        finally:
            written()  # also where the work ends here: the thread goes on with what it does
        await asyncio.sleep(person.dice.uniform(*PAUSE_S))


def _standing(status: LinkStatus, acts: int, failures: list[str], desk: Desk) -> Standing:
    replica = desk.journal.replica
    return Standing(
        link=status.link,
        cursor=replica.position().cursor,
        waiting=replica.outbox().new,
        refused=tuple(own.offered.id for own in desk.journal.own.refused()),
        acts=acts,
        failures=tuple(failures),
        error=status.error,
    )


class Person:
    """Somebody at the desk who does now this, now that. A refusal is an answer; anything else that is raised is a
    mistake of the program and ends the work."""

    def __init__(self, desk: Desk, side: Path, dice: random.Random) -> None:
        self._desk = desk
        self._side = os.open(side, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.dice = dice
        self.acts = 0
        self._deeds: list[tuple[int, Callable[[], Receipt | None]]] = [
            (4, self._open),
            (10, self._reply),
            (5, self._take),
            (3, self._assign),
            (5, self._set_impact),
            (6, self._set_status),
            (3, self._book),
            (2, self._release),
            (4, self._start),
            (4, self._note),
            (3, self._stop),
            (2, self._tick),
        ]

    def act_once(self, desk: Desk) -> None:
        (deed,) = self.dice.choices([deed for _, deed in self._deeds], [weight for weight, _ in self._deeds])
        name = deed.__name__.strip("_")
        self._tell(Told(name))
        try:
            receipt = deed()
        except ConsoleError:
            receipt = None
        entries = receipt.entries if receipt is not None else ()
        ids, hashes = tuple(entry.id for entry in entries), tuple(entry.hash for entry in entries)
        self._tell(Told(name, done=True, ids=ids, hashes=hashes))
        self.acts += 1

    def _tell(self, told: Told) -> None:
        os.write(self._side, msgspec.json.encode(told) + b"\n")
        os.fsync(self._side)

    # Tickets

    def _some_ticket(self) -> str:
        order = self._desk.queue.order(View.ALL_OPEN, limit=40).rowids
        if not order:
            raise ConsoleError("There is no ticket yet.")
        (row,) = self._desk.queue.rows([self.dice.choice(order)])
        return row.ticket

    def _open(self) -> Receipt:
        subject, channel = f"{self._desk.me} opens {self.acts}", self.dice.choice(CHANNELS)
        return self._desk.tickets.open(subject, channel=channel, impact=self.dice.choice((None, *ev.IMPACTS)))

    def _reply(self) -> Receipt:
        body = f"{self._desk.me} says {self.acts}. " * self.dice.randrange(1, 40)
        return self._desk.tickets.reply(self._some_ticket(), body, public=self.dice.random() < 0.6)

    def _take(self) -> Receipt:
        return self._desk.tickets.take(self._some_ticket())

    def _assign(self) -> Receipt:
        to = self.dice.choice((None, self._desk.me, "Somebody else"))
        return self._desk.tickets.assign(self._some_ticket(), to)

    def _set_impact(self) -> Receipt:
        return self._desk.tickets.set_impact(self._some_ticket(), self.dice.choice((None, *ev.IMPACTS)))

    def _set_status(self) -> Receipt:
        status = self.dice.choice(("open", "pending", "on_hold", "pending", "solved", "closed"))
        return self._desk.tickets.set_status(self._some_ticket(), status)  # type: ignore[arg-type]

    # Pro Services

    def _some_engagement(self) -> str:
        rows = self._desk.pro.engagements()
        if not rows:
            raise ConsoleError("There is no engagement yet.")
        return self.dice.choice(rows).ticket

    def _book(self) -> Receipt:
        begins = self._desk.pro.now() + self.dice.randrange(0, 96) * HOUR_S * 500
        return self._desk.pro.gate.book(self._some_engagement(), begins, seconds=HOUR_S)

    def _release(self) -> Receipt:
        slots = self._desk.pro.page(self._some_engagement()).slots
        if not slots:
            raise ConsoleError("There is no slot.")
        return self._desk.pro.gate.release(self.dice.choice(slots).id, "Not needed")

    def _start(self) -> Receipt:
        return self._desk.pro.work.start(self._some_engagement())

    def _note(self) -> Receipt:
        return self._desk.pro.work.note(self._some_engagement(), f"{self._desk.me} notes {self.acts}")

    def _stop(self) -> Receipt:
        return self._desk.pro.work.stop(self._some_engagement())

    def _tick(self) -> None:
        self._desk.pro.watch.tick()


if __name__ == "__main__":
    asyncio.run(work(msgspec.json.decode(sys.argv[1], type=Job)))
