"""Everything that goes wrong over HTTP is a problem document with a sentence (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import psycopg
import pytest

from console.hub.clock import now_ms
from tests.hub.running import HubThread, bearer, client, until
from tests.hub.workstation import JSON, Workstation, problem


@pytest.fixture
def mara(hub_server: HubThread) -> Iterator[Workstation]:
    with Workstation(hub_server.url, hub_server.enrol("Mara Okafor")) as workstation:
        yield workstation


@pytest.fixture
def stranger(hub_server: HubThread) -> Iterator[httpx2.Client]:
    with client(hub_server.url) as nobody:
        yield nobody


SIGNED_IN = [
    ("POST", "/v1/hello"),
    ("POST", "/v1/push"),
    ("GET", "/v1/pull?after=0&epoch=1&scopever=1"),
    ("GET", "/v1/checksum?seq=0"),
    ("GET", "/v1/snapshot"),
    ("GET", "/v1/streams/ticket:x"),
    ("GET", "/v1/poke"),
    ("POST", "/v1/presence"),
    ("PUT", f"/v1/blobs/{'0' * 64}"),
    ("GET", f"/v1/blobs/{'0' * 64}"),
    ("GET", "/v1/search?q=x"),
    ("POST", "/v1/devices"),
]


@pytest.mark.parametrize("token", [None, "scd_unknown", "scd_" + "x" * 5000, "' OR 1=1 --"])
def test_nobody_gets_in_without_a_token_that_the_hub_knows(stranger: httpx2.Client, token: str | None) -> None:
    headers = {} if token is None else bearer(token)
    for method, address in SIGNED_IN:
        answer = stranger.request(method, address, headers=headers)
        assert problem(answer, 401).type == "/problems/not-signed-in"
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_workstation_that_the_hub_does_not_know_is_told_why_that_may_be_and_what_to_do(
    stranger: httpx2.Client,
) -> None:
    unknown = problem(stranger.get("/v1/search?q=x", headers=bearer("scd_minted since the backup")), 401)
    assert "perhaps because it was restored from an older backup; sign in again under the same name" in unknown.detail
    assert problem(stranger.get("/v1/search?q=x"), 401).detail == "Sign in first."


def test_only_a_bearer_token_signs_in(stranger: httpx2.Client, mara: Workstation) -> None:
    token = mara.enrolled.token
    for header in (token, f"Basic {token}", "Bearer", f"Token {token}", f"Bearer {token}x"):
        problem(stranger.get("/v1/search?q=x", headers={"Authorization": header}), 401)
    assert stranger.get("/v1/search?q=x", headers={"Authorization": f"bearer {token}"}).status_code == 200


def test_a_token_in_the_address_does_not_sign_in(stranger: httpx2.Client, mara: Workstation) -> None:
    problem(stranger.get("/v1/search", params={"q": "x", "token": mara.enrolled.token}), 401)


def test_a_revoked_workstation_is_told_so_that_it_deletes_what_it_holds(
    hub_server: HubThread, mara: Workstation
) -> None:
    hub_server.hub.people.revoke("Mara Okafor")
    for method, address in SIGNED_IN:
        answer = mara.http.request(method, address)
        assert problem(answer, 401).type == "/problems/revoked"
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_that_is_too_old_is_told_apart_from_a_revoked_one(tmp_path: Path, url: str) -> None:
    now = [now_ms()]
    with HubThread(tmp_path, url, clock=lambda: now[0]) as server:
        enrolled = server.enrol("Mara Okafor")
        now[0] += 10 * 366 * 24 * 3_600_000
        with client(server.url, enrolled) as late:
            assert problem(late.get("/v1/search?q=x"), 401).type == "/problems/expired"


def test_an_address_that_is_not_there_is_a_404(mara: Workstation) -> None:
    for address in ("/", "/v1", "/v1/", "/v2/push", "/v1/push/", "/docs", "/v1/streams", "//", "/%00"):
        problem(mara.http.get(address), 404)


def test_a_method_that_an_address_does_not_take_is_a_405_which_names_those_it_does(mara: Workstation) -> None:
    for method, address, taken in (
        ("GET", "/v1/push", "POST"),
        ("DELETE", "/v1/push", "POST"),
        ("POST", "/v1/pull", "GET"),
        ("POST", "/metrics", "GET"),
        ("PATCH", "/v1/health", "GET"),
    ):
        answer = mara.http.request(method, address)
        problem(answer, 405)
        assert taken in answer.headers["allow"]


BODIES = ("/v1/hello", "/v1/push", "/v1/presence")


@pytest.mark.parametrize("address", BODIES)
def test_anything_but_plain_json_is_a_415(mara: Workstation, address: str) -> None:
    for headers in (
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ):
        problem(mara.http.post(address, content=b"{}", headers=headers), 415)


@pytest.mark.parametrize("address", BODIES)
def test_a_body_that_is_not_such_a_message_is_a_422_that_repeats_nothing_of_it(mara: Workstation, address: str) -> None:
    for body in (
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"{}",
        b'{"device": 1}',
        b"\xff\xfe",
        b'{"device": "\xff"}',
        b'{"device": "\\ud800", "epoch": 1}',
        b"[" * 5_000,
        b'{"a":' * 3_000,
        b'{"app": "x", "device": "d", "wire": 99999999999999999999999999}',
        b'{"device": "d", "epoch": 1e400, "base_dseq": 0, "events": []}',
        b'{"secretword": "secretword", "device": ["secretword"]}',
    ):
        detail = problem(mara.http.post(address, content=body, headers=JSON), 422).detail
        assert "secretword" not in detail


def test_a_query_that_is_malformed_is_a_422(mara: Workstation) -> None:
    for query in (
        "",
        "after=0",
        "after=-1&epoch=1&scopever=1",
        "after=x&epoch=1&scopever=1",
        "after=1.5&epoch=1&scopever=1",
        "after=99999999999999999999&epoch=1&scopever=1",
        "after=0&epoch=1&scopever=1&limit=0",
        "after=0&epoch=1&scopever=1&limit=1001",
        "after=0&epoch=1&scopever=1&wait=26",
        "after=0&epoch=1&scopever=1&wait=nan",
        "after=0&epoch=1&scopever=1&wait=-inf",
        "after=0&epoch=1&scopever=1&chain=*",
        "after=0&epoch=1&scopever=1&chain=" + "A" * 101,
        "after=0&epoch=1&scopever=1&chain=é",
    ):
        problem(mara.http.get(f"/v1/pull?{query}"), 422)


def test_a_body_is_capped_before_it_is_parsed_also_where_its_length_is_not_announced(mara: Workstation) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 1024

    problem(mara.http.post("/v1/hello", content=b" " * 20_000, headers=JSON), 413)
    problem(mara.http.post("/v1/hello", content=pieces(), headers=JSON), 413)


class Database:
    """The database of a test, as its administrator: `away` has it refuse everybody, `back` ends that."""

    def __init__(self, admin: psycopg.Connection[tuple[object, ...]], name: str) -> None:
        self._admin = admin
        self._name = name

    def away(self) -> None:
        self._allow(False)
        self._admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (self._name,))

    def back(self) -> None:
        self._allow(True)

    def _allow(self, allowed: bool) -> None:
        self._admin.execute(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS {allowed}".encode())


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    name = url.rpartition("?")[0].rpartition("/")[2]
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as admin:
        database = Database(admin, name)
        yield database
        database.back()


def test_while_the_database_is_away_the_hub_says_503_and_when_to_come_back_and_nothing_is_lost(
    hub_server: HubThread, mara: Workstation, stranger: httpx2.Client, database: Database
) -> None:
    first = mara.opening("Before")
    mara.push(first)
    database.away()
    second = mara.opening("Meanwhile")
    asked: list[Callable[[], httpx2.Response]] = [
        lambda: mara.offers(second),
        lambda: mara.http.get("/v1/pull?after=0&epoch=1&scopever=1"),
        lambda: mara.http.get("/v1/snapshot"),
        lambda: mara.http.get("/v1/search?q=x"),
        lambda: stranger.get("/v1/health"),
        lambda: stranger.post("/v1/enrol", content=b'{"code": "X", "device_name": "L"}', headers=JSON),
    ]
    for ask in asked:
        answer = ask()
        assert problem(answer, 503).type == "/problems/unavailable"
        assert int(answer.headers["retry-after"]) > 0
    until(lambda: hub_server.hub.head.away)
    database.back()
    until(lambda: not hub_server.hub.head.away)
    assert stranger.get("/v1/health").status_code == 200
    assert [verdict.outcome for verdict in mara.push(second).verdicts] == ["recorded"]
    assert [entry.id for entry in mara.pull().entries] == [first.id, second.id]


def test_a_pull_that_waits_while_the_database_goes_away_and_comes_back_hears_of_what_came_then(
    hub_server: HubThread, mara: Workstation, database: Database
) -> None:
    scopever = mara.hello().scopever
    with ThreadPoolExecutor() as pool:
        held = pool.submit(mara.asks, scopever=scopever, wait=20)
        until(lambda: hub_server.hub.head.moved.waiting == 1)
        database.away()
        until(lambda: hub_server.hub.head.away)
        database.back()
        until(lambda: not hub_server.hub.head.away)
        with Workstation(hub_server.url, hub_server.enrol("Ana Reyes")) as ana:
            ana.open_ticket()
        assert held.result(5).json()["head"] == 1


def test_a_failure_of_ours_is_a_500_that_tells_nothing_of_it(
    hub_server: HubThread, mara: Workstation, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("ALTER TABLE search RENAME TO gone")
    answer = mara.http.get("/v1/search?q=secretword")
    assert "secretword" not in problem(answer, 500).detail
    assert "gone" not in answer.text
    until(lambda: 'relation "search" does not exist' in caplog.text)
