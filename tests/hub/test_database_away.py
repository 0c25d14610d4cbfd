"""A database that goes down at any moment loses nothing that was answered, and the hub goes on when it is back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from console.hub.database import service_engine
from console.hub.embedded import Embedded
from console.hub.errors import HubUnavailable
from console.hub.log import HubLog
from console.hub.migrations import migrate
from console.hub.people import People
from console.hub.verify import verify

from .facts import Workstation, new_id, opened, sent

STOPS = 4
WRITERS = 3


@pytest.fixture
def own_server() -> Iterator[Embedded]:
    with TemporaryDirectory(prefix="hub-") as folder, Embedded(Path(folder)) as embedded:
        migrate(embedded.url)
        yield embedded


def test_an_immediate_stop_loses_nothing_that_was_answered(own_server: Embedded) -> None:
    engine = service_engine(own_server.url)
    log, people = HubLog(engine), People(engine)
    workstations = [Workstation(log, people, f"person {n}") for n in range(WRITERS)]
    authors = [workstation.author for workstation in workstations]
    answered: dict[str, int] = {}
    unavailable = [0] * WRITERS
    stop = threading.Event()

    def write(n: int) -> None:
        workstation, ticket = workstations[n], new_id()
        waiting = [workstation.write(opened(), ticket)]
        while not stop.is_set() or waiting:
            waiting = waiting or [workstation.write(sent("words"), ticket) for _ in range(3)]
            try:
                pushed = log.push(authors[n], workstation.asking(waiting))
            except HubUnavailable:
                unavailable[n] += 1
                time.sleep(0.01)
                continue
            for verdict in pushed.verdicts:
                assert verdict.outcome == "recorded"
                assert verdict.seq is not None
                assert answered.setdefault(verdict.id, verdict.seq) == verdict.seq
            workstation.answered = waiting[-1].dseq
            waiting = []

    writers = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(STOPS):
            time.sleep(0.2)
            own_server.stop_immediately()
            own_server.start()
    finally:
        stop.set()
        for writer in writers:
            writer.join(30)
    assert not any(writer.is_alive() for writer in writers)
    assert all(unavailable)
    entries = {entry.id: entry.seq for entry in workstations[0].pull()}
    assert entries == answered
    assert sorted(entries.values()) == list(range(1, len(entries) + 1))
    assert verify(own_server.url) == ()
    engine.dispose()


def test_every_question_says_that_the_database_is_away(own_server: Embedded) -> None:
    engine = service_engine(own_server.url)
    log, people = HubLog(engine), People(engine)
    ana = Workstation(log, people, "Ana")
    author = ana.author
    ana.say(opened(), new_id())
    lines = log.snapshot(author)
    own_server.stop_immediately()
    for ask in (
        log.head,
        lambda: log.welcome("Ana"),
        lambda: log.push(author, ana.asking([ana.write(opened())])),
        ana.page,
        lambda: log.snapshot(author),
        lambda: list(lines),
        lambda: log.checksum(author, 1),
        lambda: log.search(author, "login"),
        lambda: people.who(ana.token),
        lambda: people.enrol("Ben", "engineer"),
    ):
        with pytest.raises(HubUnavailable):
            ask()
    own_server.start()
    assert [entry.seq for entry in ana.pull()] == [1]
    engine.dispose()


def test_connections_that_the_server_closed_are_replaced_without_a_word(own_server: Embedded) -> None:
    engine = service_engine(own_server.url)
    log, people = HubLog(engine), People(engine)
    ana = Workstation(log, people, "Ana")
    own_server.stop_immediately()
    own_server.start()
    assert ana.say(opened(), new_id()).seq == 1
    engine.dispose()
