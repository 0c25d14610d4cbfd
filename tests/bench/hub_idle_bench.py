"""What 200 workstations cost a hub while nobody does anything: as they mostly are, listening for pokes, and as they are
where something between them and the hub swallows pokes, with a pull that waits. Against one core."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from console.wire.messages import Enrolled, Hello, Welcome
from tests.bench.hub_server import BenchHub, cpu_s, family_cpu_s, hub
from tests.bench.hub_work import Connection, get, post

CLIENTS = 200
SETTLE_S = 4.0
LISTENING_S = 30.0
WAITING_S = 26.0
"""Longer than such a pull waits, so that each is asked once more."""
GOAL = "<= 0.05"

Idle = Callable[[Connection, Enrolled], Awaitable[None]]


def run() -> list[dict[str, Any]]:
    with hub() as running:
        enrolled = running.enrol(*(f"Engineer {n}" for n in range(CLIENTS)))
        return [
            row
            for what, idle, seconds in (
                ("listening for pokes", listening, LISTENING_S),
                ("with a pull that waits", waiting, WAITING_S),
            )
            for row in asyncio.run(_measured(running, enrolled, what, idle, seconds))
        ]


async def _measured(
    running: BenchHub, enrolled: list[Enrolled], what: str, idle: Idle, seconds: float
) -> list[dict[str, Any]]:
    async def client(one: Enrolled) -> None:
        connection = await Connection.to(running.urls[0])
        try:
            await idle(connection, one)
        finally:
            connection.close()

    clients = [asyncio.create_task(client(one)) for one in enrolled]
    await asyncio.sleep(SETTLE_S)
    before = cpu_s(*running.pids), family_cpu_s(running.postgres)
    await asyncio.sleep(seconds)
    hub_s, database_s = cpu_s(*running.pids) - before[0], family_cpu_s(running.postgres) - before[1]
    for task in clients:
        assert not task.done(), task.exception()
        task.cancel()
    for task in clients:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return [
        {
            "what": f"{CLIENTS} idle clients {what}: the hub's processor time in {seconds:.0f} s",
            "ours_s": hub_s,
            "peer": "a core",
            "peer_s": seconds,
            "ratio": hub_s / seconds,
            "goal": GOAL,
        },
        {"what": "  and PostgreSQL's", "ours_s": database_s, "ratio": database_s / seconds},
    ]


async def listening(connection: Connection, enrolled: Enrolled) -> None:
    await _greeted(connection, enrolled)
    heard = await connection.say(get("/v1/poke", enrolled))
    while await heard.read(65_536):
        pass
    raise RuntimeError("the hub ended a stream of pokes")


async def waiting(connection: Connection, enrolled: Enrolled) -> None:
    welcome = await _greeted(connection, enrolled)
    chain = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
    asked = f"after=0&chain={chain}&epoch={welcome.epoch}&scopever={welcome.scopever}&wait=25"
    while True:
        await connection.ask(get(f"/v1/pull?{asked}", enrolled))


async def _greeted(connection: Connection, enrolled: Enrolled) -> Welcome:
    hello = Hello(app="bench", device=enrolled.device)
    return msgspec.json.decode(
        await connection.ask(post("/v1/hello", enrolled, msgspec.json.encode(hello))), type=Welcome
    )
