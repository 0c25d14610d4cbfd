"""Whether a hub's memory stays flat while eight workstations push and pull without a pause: what it holds at the end of
a long run, against what it held after the first part of it."""

from __future__ import annotations

import asyncio
import base64
import time
from collections import Counter
from typing import Any

import msgspec

from console.domain.stamp import GENESIS
from console.wire.messages import Enrolled, Hello, Page, Welcome
from tests.bench.hub_server import BenchHub, hub, resident_mib
from tests.bench.hub_work import Connection, get, post, pushes

PUSHING = 4
PULLING = 4
BATCH = 20
WARM_S = 12.0
MEASURED_S = 36.0
PREPARED = 200
"""Requests that a pushing client has ready at once."""
GOAL = "<= 1.1"


def run() -> list[dict[str, Any]]:
    with hub() as running:
        return asyncio.run(_measured(running))


async def _measured(running: BenchHub) -> list[dict[str, Any]]:
    done: Counter[str] = Counter()
    enrolled = running.enrol(*(f"Engineer {n}" for n in range(PUSHING + PULLING)))
    clients = [asyncio.create_task(_push(running, one, done)) for one in enrolled[:PUSHING]]
    clients += [asyncio.create_task(_pull(running.urls[0], one, done)) for one in enrolled[PUSHING:]]
    (pid,) = running.pids
    await asyncio.sleep(WARM_S)
    warm, counted = resident_mib(pid), Counter(done)
    await asyncio.sleep(MEASURED_S)
    after = resident_mib(pid)
    for client in clients:
        assert not client.done(), client.exception()
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    pushed, pulled = (done[what] - counted[what] for what in ("pushed", "pulled"))
    return [
        {
            "what": f"the hub's memory after {pushed:,} more entries in and {pulled:,} out",
            "ours_mib": after,
            "peer": f"after {counted['pushed']:,} in and {counted['pulled']:,} out",
            "peer_mib": warm,
            "ratio": after / warm,
            "goal": GOAL,
        }
    ]


async def _push(running: BenchHub, enrolled: Enrolled, done: Counter[str]) -> None:
    connection = await Connection.to(running.urls[0])
    for number in range(1_000):
        device = enrolled if not number else (await asyncio.to_thread(running.enrol, enrolled.person))[0]
        for request in await asyncio.to_thread(pushes, device, size=BATCH, batches=PREPARED):
            await connection.ask(request)
            done["pushed"] += BATCH


async def _pull(url: str, enrolled: Enrolled, done: Counter[str]) -> None:
    """Follows the log, and at its end begins again as a new workstation does."""
    connection = await Connection.to(url)
    hello = Hello(app="bench", device=enrolled.device)
    while True:
        said = await connection.ask(post("/v1/hello", enrolled, msgspec.json.encode(hello)))
        welcome = msgspec.json.decode(said, type=Welcome)
        after, chain, ends = 0, GENESIS, time.monotonic() + 10
        while time.monotonic() < ends:
            proof = base64.urlsafe_b64encode(chain).decode().rstrip("=")
            asked = f"after={after}&chain={proof}&epoch={welcome.epoch}&scopever={welcome.scopever}&wait=5"
            page = msgspec.json.decode(await connection.ask(get(f"/v1/pull?{asked}", enrolled)), type=Page)
            after, chain = page.next, page.chain
            done["pulled"] += len(page.entries)
