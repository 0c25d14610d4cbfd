"""`support-console pro watch`: looks at the clocks once a second while a session of this workstation runs.

What a window does besides its work: beats every 15 s, a stop at the limit, gaps of sleep, warnings. In the foreground
it tells of them and shows the session; with `--quiet` (the watcher that `pro start` begins) it says nothing and leaves
the warnings to whoever shows them. It ends when no session runs here any more, when it is asked to (after a last beat),
or when the workspace is gone. What the journal refuses meanwhile (busy, full) is tried again with the next look.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Literal

from console.cli.pro.asking import REF_HELP
from console.domain.errors import ConsoleError

if TYPE_CHECKING:
    from pathlib import Path

    from console.cli.pro.watched_line import Teller
    from console.desk import Desk

Wait = Callable[[float], bool]
"""Waits so many seconds; whether somebody asked for the end meanwhile."""
Outcome = Literal["over", "asked", "gone"]

_EVERY_S: Final = 1.0
_OPENING_TRIES: Final = 60
_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    watch = commands.add_parser(
        "watch",
        parents=[shared],
        help="keep watch while a session runs",
        description="Keeps watch while a session runs on this workstation: stops it at its limits, notices sleep and "
        "crashes, tells warnings. Ends with the last session, or with Ctrl+C, which stops no session.",
    )
    watch.add_argument("ref", metavar="REF", nargs="?", help=f"this one alone: {REF_HELP}")
    watch.add_argument("--quiet", action="store_true", help="say nothing, and leave the warnings to the window")
    watch.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    with asked_to_end() as wait:
        return _in_background(args, wait) if args.quiet else _in_foreground(args, wait)


def _in_foreground(args: argparse.Namespace, wait: Wait) -> int:
    from console.cli.opened import opened_desk
    from console.cli.pro.watched_line import teller
    from console.cli.pro.watcher import take, watcher_lock

    with opened_desk(args) as desk:
        ticket = None if args.ref is None else desk.pro.find(args.ref)
        told, lock = teller(desk.pro, ticket), watcher_lock(desk.workspace)
        alone = take(lock)
        try:
            outcome = guard(desk, wait, told)
        finally:
            lock.release()
        told.end(outcome, alone=alone)
    return 0


def _in_background(args: argparse.Namespace, wait: Wait) -> int:
    """Watches unless another does. Whoever starts a session while this one ends sees the lock held and begins no
    watcher: so it looks once more after letting go."""
    from console.cli.pro.watcher import take, watcher_lock

    with _opened(args, wait) as desk:
        if desk is None:
            return 0
        lock = watcher_lock(desk.workspace)
        while take(lock):
            try:
                outcome = guard(desk, wait, None)
            finally:
                lock.release()
            if outcome != "over" or not _runs_by_now(desk):
                break
    return 0


def guard(desk: Desk, wait: Wait, told: Teller | None) -> Outcome:
    """Looks once a second until no session runs here ("over"), the end is asked for, or the workspace is gone. `told`
    hears what each look found; without it the warnings are left alone."""
    place = _identity(desk.workspace.database)
    while True:
        try:
            report = desk.pro.watch.tick(raise_warnings=told is not None)
            runs = desk.pro.watch.runs_here()
            if told is not None:
                runs = told.look(report) and runs
            if not runs:
                return "over"
        except ConsoleError as error:  # the journal is busy or full: the next look finds the same
            if told is not None:
                told.trouble(error.sentence)
        if wait(_EVERY_S):
            _last_beat(desk)
            return "asked"
        if place is None or _identity(desk.workspace.database) != place:
            return "gone"


@contextmanager
def asked_to_end() -> Iterator[Wait]:
    """Turns the system's requests to end into an answer of `wait`, so that no write is torn; those that the starter had
    ignored stay ignored."""
    asked: SimpleQueue[int] = SimpleQueue()  # its put may interrupt its own get, as in a signal handler

    def wait(seconds: float) -> bool:
        try:
            asked.get(timeout=seconds)
        except Empty:
            return False
        return True

    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    heard = [number for number in numbers if before[number] is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, lambda number, _: asked.put(number))
    try:
        yield wait
    finally:
        for number in heard:
            signal.signal(number, before[number] or signal.SIG_DFL)


@contextmanager
def _opened(args: argparse.Namespace, wait: Wait) -> Iterator[Desk | None]:
    """The desk, opened with patience: a session that nobody watches has to be asked about. None where the end was asked
    for before, or there is no workspace any more. Errors: ConsoleError after a minute of trying."""
    from console.cli.opened import workspace_of
    from console.desk import Desk as TheDesk

    workspace, desk = workspace_of(args), None
    for tries_left in reversed(range(_OPENING_TRIES)):
        if not workspace.database.exists():
            break
        try:
            desk = TheDesk.open(workspace)
            break
        except ConsoleError:
            if not tries_left:
                raise
        if wait(_EVERY_S):
            break
    if desk is None:
        yield None
        return
    with desk:
        yield desk


def _runs_by_now(desk: Desk) -> bool:
    try:
        desk.pro.watch.tick(raise_warnings=False)
    except ConsoleError:
        return True  # the next guard looks again
    return desk.pro.watch.runs_here()


def _last_beat(desk: Desk) -> None:
    try:
        desk.pro.watch.beat()
    except ConsoleError:
        return  # the beat before it is at most 15 s old


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one that took its place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
