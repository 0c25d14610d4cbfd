"""The feed has no holes, whoever writes at once, and whoever reads meanwhile (spec sync.md 3)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from console.hub.log import HubLog
from console.hub.people import People
from console.hub.verify import verify

from .facts import Workstation, new_id, opened, sent

WRITERS = 8
PUSHES = 12


def test_a_reader_behind_eight_writers_misses_nothing(log: HubLog, people: People, url: str) -> None:
    workstations = [Workstation(log, people, f"person {n}") for n in range(WRITERS)]
    reader = Workstation(log, people, "reader")
    written: set[str] = set()
    read: list[tuple[int, str]] = []
    done = threading.Event()

    def write(workstation: Workstation) -> list[str]:
        ticket = new_id()
        events = [workstation.write(opened(), ticket)]
        workstation.push(*events)
        for n in range(PUSHES):
            batch = [workstation.write(sent(f"{n}.{m}"), ticket) for m in range(5)]
            workstation.push(*batch)
            events += batch
        return [event.id for event in events]

    def tail() -> None:
        last = False
        while not last:
            last = done.is_set()
            read.extend((entry.seq, entry.id) for entry in reader.pull(limit=37))

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        tailing = pool.submit(tail)
        try:
            for ids in pool.map(write, workstations):
                written.update(ids)
        finally:
            done.set()
        tailing.result()
    assert [seq for seq, _ in read] == list(range(1, WRITERS * (1 + 5 * PUSHES) + 1))
    assert {id for _, id in read} == written
    assert verify(url) == ()
