"""Pokes and presence over a real socket: at once, not too often, and of nothing that the asker may not see."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import httpx2
import msgspec
import psutil
import pytest
from sqlalchemy import Engine

from console.hub.http import poke as serving
from console.hub.people import People
from console.hub.presence import MOST_OF_A_DEVICE, Presences
from console.wire.messages import Poke, Presence
from tests.hub.running import HubProcess, HubThread, enrol, until
from tests.hub.workstation import JSON, Workstation, new_id, problem

IDLE_S: Final = 6.0


@pytest.fixture
def mara(hub_server: HubThread) -> Iterator[Workstation]:
    with Workstation(hub_server.url, hub_server.enrol("Mara Okafor", "engineer", "restricted:legal")) as workstation:
        yield workstation


@pytest.fixture
def ana(hub_server: HubThread) -> Iterator[Workstation]:
    with Workstation(hub_server.url, hub_server.enrol("Ana Reyes")) as workstation:
        yield workstation


class Listening:
    """What a workstation hears, with the instant of each poke. Used as a context, which ends the listening."""

    def __init__(self, station: Workstation) -> None:
        self.pokes: list[tuple[float, Poke]] = []
        self.comments: list[str] = []
        self._socket = socket.create_connection((station.http.base_url.host, station.http.base_url.port or 80))
        self._token = station.enrolled.token
        self._thread = threading.Thread(target=self._listen)

    @property
    def last(self) -> Poke:
        return self.pokes[-1][1]

    def __enter__(self) -> Listening:
        asked = (
            f"GET /v1/poke HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nAuthorization: Bearer {self._token}\r\n\r\n"
        )
        self._socket.sendall(asked.encode())
        self._thread.start()
        until(lambda: self.pokes)
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._socket.close()

    def ended(self) -> bool:
        return not self._thread.is_alive()

    def _listen(self) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                if line.startswith(b"data: "):
                    self.pokes.append((time.monotonic(), msgspec.json.decode(line[6:], type=Poke)))
                elif line.startswith(b": "):
                    self.comments.append(line.decode())


def says(station: Workstation, ticket: str, doing: str = "viewing", person: str = "") -> httpx2.Response:
    said = {"person": person, "ticket": ticket, "doing": doing}
    return station.http.post("/v1/presence", content=msgspec.json.encode(said), headers=JSON)


def test_a_listener_is_told_the_head_at_once_and_whenever_it_moves(mara: Workstation, ana: Workstation) -> None:
    with Listening(ana) as heard:
        assert heard.last.head == 0
        time.sleep(0.15)
        began = time.monotonic()
        mara.open_ticket()
        until(lambda: heard.last.head == 1)
        assert heard.pokes[-1][0] - began < 0.2


def test_a_burst_is_told_less_often_than_it_happens_and_ends_with_the_last(mara: Workstation, ana: Workstation) -> None:
    with Listening(ana) as heard:
        for _ in range(30):
            mara.open_ticket()
        until(lambda: heard.last.head == 30)
    assert len(heard.pokes) < 30


def test_presence_is_told_to_those_who_see_the_ticket_under_the_name_of_the_token(
    mara: Workstation, ana: Workstation
) -> None:
    ticket = mara.open_ticket()
    with Listening(ana) as heard:
        assert says(mara, ticket, "writing", person="Somebody Else").status_code == 204
        until(lambda: heard.last.presence)
        assert heard.last.presence == (Presence(person="Mara Okafor", ticket=ticket, doing="writing"),)
        says(mara, ticket, "gone")
        until(lambda: not heard.last.presence)


def test_presence_on_a_ticket_that_the_listener_does_not_see_never_leaks(mara: Workstation, ana: Workstation) -> None:
    restricted, other = mara.open_ticket(restricted="legal"), mara.open_ticket()
    with Listening(ana) as heard, Listening(mara) as own:
        says(mara, restricted, "writing")
        until(lambda: own.last.presence)
        says(mara, other)
        until(lambda: heard.last.presence)
        until(lambda: len(own.last.presence) == 2)
    tickets = {presence.ticket for _, poke in heard.pokes for presence in poke.presence}
    assert tickets == {other}


def test_nobody_is_present_on_a_ticket_that_they_do_not_see_nor_learns_whether_there_is_one(
    mara: Workstation, ana: Workstation
) -> None:
    restricted = mara.open_ticket(restricted="legal")
    assert problem(says(ana, restricted), 404) == problem(says(ana, new_id()), 404)
    problem(says(ana, "../../x"), 422)
    problem(says(ana, restricted, "hiding"), 422)


def test_a_listener_whose_rights_change_hears_no_more_of_what_they_may_not_see(
    hub_server: HubThread, mara: Workstation, ana: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "RECHECK_S", 0.2)
    restricted = mara.open_ticket(restricted="legal")
    hub_server.hub.people.grant("Ana Reyes", "restricted:legal")
    with Listening(ana) as heard:
        says(mara, restricted)
        until(lambda: heard.last.presence)
        hub_server.hub.people.ungrant("Ana Reyes", "restricted:legal")
        until(lambda: not heard.last.presence)
        hub_server.hub.people.revoke("Ana Reyes")
        until(heard.ended)


def test_a_hub_that_stops_ends_the_stream(hub_server: HubThread, ana: Workstation) -> None:
    with Listening(ana) as heard:
        hub_server.stop()
        until(heard.ended)
    hub_server.start()


def test_a_silent_line_is_kept_alive_by_comments(ana: Workstation, monkeypatch: pytest.MonkeyPatch) -> None:
    assert serving.HEARTBEAT_S == 15
    monkeypatch.setattr(serving, "HEARTBEAT_S", 0.2)
    with Listening(ana) as heard:
        until(lambda: len(heard.comments) >= 2)
        assert len(heard.pokes) == 1


def test_the_metrics_count_listeners(hub_server: HubThread, ana: Workstation) -> None:
    def listening() -> bool:
        return b"hub_pokes 1.0" in hub_server.hub.metrics.text()

    with Listening(ana):
        assert listening()
    until(lambda: not listening())


def test_a_mark_that_is_not_repeated_expires_after_a_minute() -> None:
    now = [0.0]
    presences = Presences(clock=lambda: now[0])
    presences.say("d1", Presence(person="Mara", ticket="t"), "desk")
    now[0] = 59.9
    assert not presences.expire()
    assert presences.seen_by(("desk",))
    now[0] = 60.0
    assert presences.expire()
    assert not presences.seen_by(("desk",))


def test_a_mark_that_is_repeated_stays_and_is_no_news() -> None:
    now = [0.0]
    presences = Presences(clock=lambda: now[0])
    viewing = Presence(person="Mara", ticket="t")
    assert presences.say("d1", viewing, "desk")
    now[0] = 50
    assert not presences.say("d1", viewing, "desk")
    now[0] = 100
    assert not presences.expire()


def test_who_writes_on_one_of_two_workstations_writes() -> None:
    presences = Presences()
    presences.say("d1", Presence(person="Mara", ticket="t", doing="writing"), "desk")
    presences.say("d2", Presence(person="Mara", ticket="t", doing="viewing"), "desk")
    assert presences.seen_by(("desk",)) == (Presence(person="Mara", ticket="t", doing="writing"),)


def test_a_device_is_on_so_many_tickets_at_most_and_the_oldest_gives_way() -> None:
    presences = Presences()
    for n in range(MOST_OF_A_DEVICE + 5):
        presences.say("d1", Presence(person="Mara", ticket=f"{n:03}"), "desk")
    tickets = [presence.ticket for presence in presences.seen_by(("desk",))]
    assert tickets == [f"{n:03}" for n in range(5, MOST_OF_A_DEVICE + 5)]


@pytest.mark.thorough
def test_two_hundred_idle_workstations_cost_less_than_a_twentieth_of_a_core(
    tmp_path: Path, engine: Engine, url: str
) -> None:
    people = People(engine)
    enrolled = [enrol(people, f"Engineer {n}") for n in range(200)]
    with HubProcess(tmp_path, url) as server, ExitStack() as open_lines:
        for one in enrolled:
            line = open_lines.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            asked = f"GET /v1/poke HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {one.token}\r\n\r\n"
            line.sendall(asked.encode())
            assert line.recv(100).startswith(b"HTTP/1.1 200")
        assert server.process is not None
        hub = psutil.Process(server.process.pid)
        time.sleep(1)
        before, began = sum(hub.cpu_times()[:2]), time.monotonic()
        time.sleep(IDLE_S)
        cost = (sum(hub.cpu_times()[:2]) - before) / (time.monotonic() - began)
    assert cost < 0.05, f"{cost:.1%} of a core"
