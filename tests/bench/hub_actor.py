"""A workstation that acts: the real journal, desk and engine, without a window.

`python -m tests.bench.hub_actor FOLDER`. For each line `ACT TICKET NAME` of its input it assigns a ticket to a name and
says when the act began and when it was saved, in seconds of the machine's monotonic clock.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from console.desk import Desk
from console.settings import Workspace

T = TypeVar("T")


async def act(folder: Path) -> None:
    loop, thread = asyncio.get_running_loop(), ThreadPoolExecutor(1)
    desk = await loop.run_in_executor(thread, Desk.open, Workspace(folder))

    def call(fn: Callable[[Desk], T], /) -> Awaitable[T]:
        return loop.run_in_executor(thread, fn, desk)

    engine = await call(lambda desk: desk.sync.engine(call, lambda _: None))
    running = asyncio.create_task(engine.run())
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        ticket, name = line.split()
        began = time.monotonic()
        receipt = await call(lambda desk, ticket=ticket, name=name: desk.tickets.assign(ticket, name))
        saved = time.monotonic()
        engine.written()
        assert receipt.refused is None, receipt.refused
        print(began, saved, flush=True)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await call(Desk.close)


if __name__ == "__main__":
    asyncio.run(act(Path(sys.argv[1])))
