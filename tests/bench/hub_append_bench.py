"""Hub appends over HTTP in batches of 50, with every check on, at 1, 4 and 20 clients. Against the bare insert: a
counter row that is raised, and `executemany` of the same rows into a log with the same indexes, by as many connections
on the same PostgreSQL."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from console.hub.entry_rows import COLUMNS
from console.wire.messages import Enrolled, Pushed
from tests.bench.hub_server import BenchHub, another_database, cpu_s, hub
from tests.bench.hub_work import Connection, pushes

BATCH = 50
ROUNDS = {1: 60, 4: 30, 20: 10}
"""Batches of each client, by how many clients there are."""
REPEATS = 3
GOAL = ">= 0.1667"
_RAISE = "UPDATE head SET seq = seq + %s RETURNING seq"
_INSERT = f"INSERT INTO entries ({COLUMNS}) VALUES ({', '.join(['%s'] * 22)})"

Rows = list[tuple[Any, ...]]


def run() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    with hub() as running, another_database(running) as bare:
        for clients, batches in ROUNDS.items():
            ours, floor, used = [], [], []
            for repeat in range(-1, REPEATS):  # the first is not counted
                enrolled = running.enrol(*(f"Engineer {clients}-{repeat}-{n}" for n in range(clients)))
                took, cpu = appended(running, enrolled, batches)
                stored = log_of(running, enrolled)
                if repeat >= 0:
                    ours.append(clients * batches * BATCH / took)
                    used.append(cpu)
                    floor.append(clients * batches * BATCH / inserted(bare, stored))
            rate, against = statistics.median(ours), statistics.median(floor)
            rows.append(
                {
                    "what": f"appends over HTTP, {clients} client{'s' if clients > 1 else ''}, events a second",
                    "ours_per_s": rate,
                    "peer": f"counter row and executemany, {clients} connection{'s' if clients > 1 else ''}",
                    "peer_per_s": against,
                    "ratio": rate / against,
                    "goal": GOAL,
                }
            )
            share = statistics.median(used)
            rows.append({"what": "  of it in the hub's process: processor time an event", "ours_us": share * 1e6})
    return rows


def appended(running: BenchHub, enrolled: Sequence[Enrolled], batches: int) -> tuple[float, float]:
    """Seconds until all is answered, and the hub's processor seconds an event."""
    requests = [pushes(one, size=BATCH, batches=batches) for one in enrolled]
    before = cpu_s(*running.pids)
    took, answers = asyncio.run(_all_sent(running.urls[0], requests))
    used = cpu_s(*running.pids) - before
    for answer in answers:
        verdicts = msgspec.json.decode(answer, type=Pushed).verdicts
        assert [(v.outcome, v.effect) for v in verdicts] == [("recorded", "applied")] * BATCH, verdicts
    return took, used / (len(answers) * BATCH)


async def _all_sent(url: str, requests: Sequence[Sequence[bytes]]) -> tuple[float, list[bytes]]:
    connections = [await Connection.to(url) for _ in requests]

    async def client(connection: Connection, asked: Sequence[bytes]) -> list[bytes]:
        return [await connection.ask(request) for request in asked]

    started = time.perf_counter()
    answers = await asyncio.gather(*map(client, connections, requests))
    took = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return took, [answer for answered in answers for answer in answered]


def log_of(running: BenchHub, enrolled: Sequence[Enrolled]) -> list[list[Rows]]:
    """What the hub stored of each client, as rows in batches."""
    with psycopg.connect(running.database) as connection:
        found = []
        for one in enrolled:
            asked = f"SELECT {COLUMNS} FROM entries WHERE device = %s ORDER BY seq"
            rows = connection.execute(asked, (one.device,), binary=True).fetchall()
            found.append([rows[start : start + BATCH] for start in range(0, len(rows), BATCH)])
        return found


def inserted(database: str, stored: Sequence[Sequence[Rows]]) -> float:
    """Seconds to put the same rows into an empty log, each batch in a transaction that raises the counter first."""
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("TRUNCATE entries")
        owner.execute("UPDATE head SET seq = 0")
    ready = threading.Barrier(len(stored) + 1)

    def client(batches: Sequence[Rows]) -> None:
        with psycopg.connect(database) as connection:
            ready.wait()
            for rows in batches:
                (last,) = connection.execute(_RAISE, (len(rows),)).fetchone() or (0,)
                first = last - len(rows) + 1
                with connection.cursor() as cursor:
                    cursor.executemany(_INSERT, [(first + n, *row[1:]) for n, row in enumerate(rows)])
                connection.commit()

    threads = [threading.Thread(target=client, args=(batches,)) for batches in stored]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started
