"""Snapshots over a real socket: whole, compressed, filtered, and at the workstation's pace (spec sync.md 2)."""

from __future__ import annotations

import contextlib
import io
import random
import socket
import string
from collections.abc import Iterator

import httpx2
import msgspec
import pytest
import zstandard

from console.domain import events as ev
from console.domain.events import ticket_stream
from console.domain.stamp import checksum_of
from console.hub.http import snapshot as serving
from console.hub.hub import SNAPSHOTS
from console.wire.messages import SnapshotEnd, SnapshotHead, WireEntry
from tests.hub.running import HubThread, until
from tests.hub.workstation import Workstation, problem


@pytest.fixture
def mara(hub_server: HubThread) -> Iterator[Workstation]:
    with Workstation(hub_server.url, hub_server.enrol("Mara Okafor", "engineer", "restricted:legal")) as workstation:
        yield workstation


def loaded(answer: httpx2.Response) -> tuple[SnapshotHead, list[WireEntry], SnapshotEnd]:
    """A snapshot, read as a workstation reads it."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zstd"
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(answer.content)) as stream:
        first, *lines, last = stream.read().splitlines()
    entries = [msgspec.json.decode(line, type=WireEntry) for line in lines]
    return msgspec.json.decode(first, type=SnapshotHead), entries, msgspec.json.decode(last, type=SnapshotEnd)


def fill(station: Workstation, count: int, length: int = 20) -> None:
    """A ticket with so many links of so many characters, which compress little: they fill the buffers on the way."""
    stream = ticket_stream(station.open_ticket())
    letters = random.Random(7)
    for start in range(0, count, 100):
        texts = ("".join(letters.choices(string.ascii_letters, k=length)) for _ in range(min(100, count - start)))
        station.push(*(station.event(ev.TicketLinked(to=text), stream) for text in texts))


def test_a_snapshot_is_the_entries_of_the_log_with_their_checksum(mara: Workstation) -> None:
    fill(mara, 250)
    head, entries, end = loaded(mara.http.get("/v1/snapshot"))
    assert (head.after, head.seq, head.count) == (0, 251, 251)
    assert [entry.seq for entry in entries] == list(range(1, 252))
    assert head.chain == entries[-1].chain
    assert end.count == 251
    assert end.checksum == checksum_of((entry.chain, bytes(entry.payload)) for entry in entries)
    assert msgspec.json.decode(mara.http.get("/v1/checksum?seq=251").content)["count"] == 251


def test_a_snapshot_can_be_of_a_part_and_of_some_scopes(mara: Workstation) -> None:
    mara.open_ticket()
    mara.open_ticket(restricted="legal")
    mara.open_ticket()
    head, entries, _ = loaded(mara.http.get("/v1/snapshot", params={"scopes": ["restricted:legal"]}))
    assert head.scopes == ("restricted:legal",)
    assert [entry.seq for entry in entries] == [2]
    _, entries, _ = loaded(mara.http.get("/v1/snapshot", params={"after": 1, "upto": 2}))
    assert [entry.seq for entry in entries] == [2]


def test_nobody_loads_a_scope_that_they_do_not_see_nor_learns_whether_there_is_one(
    hub_server: HubThread, mara: Workstation
) -> None:
    mara.open_ticket(restricted="legal")
    with Workstation(hub_server.url, hub_server.enrol("Ana Reyes")) as ana:
        hidden = ana.http.get("/v1/snapshot", params={"scopes": ["desk", "restricted:legal"]})
        absent = ana.http.get("/v1/snapshot", params={"scopes": ["desk", "restricted:none"]})
        assert problem(hidden, 422) == problem(absent, 422)
        _, entries, _ = loaded(ana.http.get("/v1/snapshot"))
    assert entries == []


def test_a_snapshot_beyond_the_head_is_malformed(mara: Workstation) -> None:
    problem(mara.http.get("/v1/snapshot?upto=5"), 422)


def test_a_workstation_that_goes_away_in_the_middle_gives_everything_back(
    hub_server: HubThread, mara: Workstation
) -> None:
    fill(mara, 400, length=20_000)
    for _ in range(SNAPSHOTS + 2):
        with mara.http.stream("GET", "/v1/snapshot") as answer:
            next(answer.iter_raw())
    until(lambda: hub_server.hub.snapshots.value == SNAPSHOTS)
    until(lambda: hub_server.engine.pool.checkedout() <= 1)  # type: ignore[attr-defined]
    head, _, _ = loaded(mara.http.get("/v1/snapshot"))
    assert head.count == 401


def test_a_workstation_that_takes_nothing_gives_its_place_to_another(
    hub_server: HubThread, mara: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "STALL_S", 0.5)
    fill(mara, 600, length=20_000)
    with socket.create_connection(("127.0.0.1", hub_server.port)) as stalled:
        token = mara.enrolled.token
        stalled.sendall(f"GET /v1/snapshot HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        until(lambda: hub_server.hub.snapshots.value < SNAPSHOTS)
        until(lambda: hub_server.hub.snapshots.value == SNAPSHOTS)


def test_more_than_a_few_at_once_wait_and_are_then_told_to_come_back(
    hub_server: HubThread, mara: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "QUEUE_S", 0.2)
    fill(mara, 600, length=20_000)
    with contextlib.ExitStack() as loading:
        for _ in range(SNAPSHOTS):
            loading.enter_context(mara.http.stream("GET", "/v1/snapshot"))
        answer = mara.http.get("/v1/snapshot")
        assert problem(answer, 503).type == "/problems/unavailable"
        assert answer.headers["retry-after"]
