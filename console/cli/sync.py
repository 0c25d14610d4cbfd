"""`support-console sync`: brings the workspace level with its hub once, or keeps it level and tells of it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from console.desk import Desk
    from console.desk.sync import DeskCall
    from console.desk.sync_views import LinkStatus

NOT_LEVEL: Final = 1
SKEW_TOLD_MS: Final = 5 * 60_000
"""A clock that is wrong by more is told (spec sync.md 3)."""
LOOK_EVERY_S: Final = 0.5
"""How often it looks for what other programs wrote to the workspace."""

T = TypeVar("T")

_LINKS: Final = {
    "connecting": "Connecting to {url}",
    "loading": "Loading from {url}",
    "syncing": "Syncing with {url}",
    "synced": "Level with {url} as {person} ({role})",
    "offline": "Offline",
    "signed_out": "Signed out",
    "revoked": "Signed out by an admin",
    "app_too_old": "This program is too old",
    "other_hub": "Another hub answers",
    "stuck": "The sync stands still",
}


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "sync",
        parents=[shared],
        help="bring the workspace level with its hub",
        description="Sends what waits and takes what is new. An open window does this by itself. Exits with 0 once "
        "both sides are level, with 1 where they cannot be.",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--once", action="store_true", help="until both sides are level (the default)")
    how.add_argument("--watch", action="store_true", help="go on until stopped, and tell of every change")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    return watch(args) if args.watch else bring_level(args, as_json=args.json)


def bring_level(args: argparse.Namespace, *, as_json: bool = False) -> int:
    """Syncs once, and tells how both sides stand; the exit code."""
    from console.cli.opened import opened_desk
    from console.cli.progress import Progress
    from console.sync.once import NotLevel, sync_once

    with opened_desk(args) as desk, _on_a_thread(desk) as call, Progress("Syncing") as progress:
        engine = desk.sync.engine(call, lambda status: progress.tell(line_of(status)))
        try:
            status = asyncio.run(sync_once(engine))
        except NotLevel as told:
            status = told.status
    _print(status, as_json)
    return 0 if status.link == "synced" else NOT_LEVEL


def watch(args: argparse.Namespace) -> int:
    """Until it is interrupted."""
    from console.cli.opened import opened_desk

    with opened_desk(args) as desk, _on_a_thread(desk) as call:
        asyncio.run(_watch(desk, call, args.json))
    return 0


async def _watch(desk: Desk, call: DeskCall, as_json: bool) -> None:
    last: tuple[object, ...] = ()

    def told(status: LinkStatus) -> None:
        nonlocal last
        shown = (status.link, status.waiting, status.refused, status.error, status.done)
        if shown != last:
            last = shown
            _print(status, as_json)

    engine = desk.sync.engine(call, told)
    running = asyncio.create_task(engine.run())
    try:
        version = await call(lambda desk: desk.journal.data_version())
        while not running.done():
            await asyncio.wait({running}, timeout=LOOK_EVERY_S)
            seen = await call(lambda desk: desk.journal.data_version())
            if seen != version:
                version = seen
                engine.written()
        running.result()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@contextmanager
def _on_a_thread(desk: Desk) -> Iterator[DeskCall]:
    """The desk on a thread of its own, where the loop waits for nobody."""
    with ThreadPoolExecutor(1, "desk") as thread:

        def call(fn: Callable[[Desk], T], /) -> Awaitable[T]:
            return asyncio.get_running_loop().run_in_executor(thread, lambda: fn(desk))

        yield call


def _print(status: LinkStatus, as_json: bool) -> None:
    import msgspec

    sys.stdout.write(msgspec.json.encode(status).decode() if as_json else line_of(status))
    sys.stdout.write("\n")
    sys.stdout.flush()


def line_of(status: LinkStatus) -> str:
    """How both sides stand, in one line."""
    parts = [_LINKS[status.link].format(url=status.url, person=status.person, role=status.role)]
    if status.of:
        parts[0] += f": {status.done:,} of {status.of:,}"
    if status.waiting:
        parts.append(f"{status.waiting:,} waiting")
    if status.refused:
        parts.append(f"{status.refused:,} refused")
    sentences = [", ".join(parts) + ".", *([status.error] if status.error else [])]
    if status.skew_ms is not None and abs(status.skew_ms) >= SKEW_TOLD_MS:
        from console.domain.words import exact

        side = "ahead of" if status.skew_ms > 0 else "behind"
        sentences.append(f"This machine's clock is {exact(abs(status.skew_ms))} {side} the hub's.")
    return " ".join(sentences)
