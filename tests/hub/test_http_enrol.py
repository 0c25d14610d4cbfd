"""Enrolment by code over a real socket, search, health and metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import msgspec
import pytest
from sqlalchemy import Engine, text

from console.domain import events as ev
from console.domain.events import ticket_stream
from console.hub.people import TOKEN_PREFIX
from console.wire.answers import Found
from console.wire.messages import Enrol, Enrolled
from tests.hub.running import HubThread, bearer, client
from tests.hub.workstation import JSON, Workstation, problem, said


@pytest.fixture
def stranger(hub_server: HubThread) -> Iterator[httpx2.Client]:
    with client(hub_server.url) as nobody:
        yield nobody


@pytest.fixture
def mara(hub_server: HubThread) -> Iterator[Workstation]:
    with Workstation(hub_server.url, hub_server.enrol("Mara Okafor", "engineer", "restricted:legal")) as workstation:
        yield workstation


def redeem(stranger: httpx2.Client, code: str, device_name: str = "Mara's laptop") -> httpx2.Response:
    body = msgspec.json.encode(Enrol(code=code, device_name=device_name))
    return stranger.post("/v1/enrol", content=body, headers=JSON)


def test_a_code_gives_a_device_and_a_token_of_256_bits_once(hub_server: HubThread, stranger: httpx2.Client) -> None:
    code = hub_server.hub.people.enrol("Mara Okafor", "lead")
    answer = redeem(stranger, code)
    enrolled = said(answer, Enrolled)
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(TOKEN_PREFIX + r"[A-Za-z0-9_-]{43}", enrolled.token), "43 characters of base64url are 256 bits"
    assert (enrolled.person, enrolled.role) == ("Mara Okafor", "lead")
    assert stranger.get("/v1/search?q=x", headers=bearer(enrolled.token)).status_code == 200
    again = redeem(stranger, code)
    assert problem(again, 401).type == "/problems/code-refused"
    assert again.content == redeem(stranger, "XXXX-XXXX").content, "it does not tell why"


def test_a_workstation_that_leaves_signs_itself_out_and_no_other(
    hub_server: HubThread, stranger: httpx2.Client, mara: Workstation
) -> None:
    leaving = msgspec.json.decode(
        redeem(stranger, hub_server.hub.people.enrol("Mara Okafor", "engineer")).content, type=Enrolled
    )
    left = stranger.delete("/v1/devices/self", headers=bearer(leaving.token))
    assert (left.status_code, left.content) == (204, b"")
    again = stranger.delete("/v1/devices/self", headers=bearer(leaving.token))
    assert problem(again, 401).type == "/problems/revoked"
    assert mara.hello().person == "Mara Okafor"


def test_what_a_workstation_calls_itself_has_to_be_a_name(hub_server: HubThread, stranger: httpx2.Client) -> None:
    code = hub_server.hub.people.enrol("Mara Okafor", "lead")
    for name in ("", "   ", "x" * 201, "a\x00b", "\x1b[2J"):
        problem(redeem(stranger, code, name), 422)
    said(redeem(stranger, code, "  Küche   2 "), Enrolled)
    (person,) = hub_server.hub.people.list()
    assert [device.name for device in person.devices] == ["Küche 2"]


def test_a_hub_without_an_identity_provider_offers_none(stranger: httpx2.Client) -> None:
    problem(stranger.get("/v1/oidc"), 404)
    body = b'{"code": "x", "verifier": "x", "redirect_uri": "x", "nonce": "x", "device_name": "x"}'
    problem(stranger.post("/v1/oidc/enrol", content=body, headers=JSON), 404)


def test_a_search_finds_what_the_asker_sees(hub_server: HubThread, mara: Workstation) -> None:
    seen, hidden = mara.open_ticket("Zeppelin one"), mara.open_ticket("Zeppelin two", restricted="legal")
    mara.push(mara.event(ev.MessageSent(body="Landed safely", public=True), ticket_stream(hidden)))
    with Workstation(hub_server.url, hub_server.enrol("Ana Reyes")) as ana:

        def found(station: Workstation, words: str) -> set[str]:
            return {hit.ticket for hit in said(station.http.get("/v1/search", params={"q": words}), Found).hits}

        assert found(mara, "zepp") == {seen, hidden}
        assert found(ana, "zepp") == {seen}
        assert found(ana, "landed") == set()
        assert found(ana, "' | ! & :* <-> \\ %") == set()
        problem(ana.http.get("/v1/search"), 422)
        problem(ana.http.get("/v1/search", params={"q": "x" * 201}), 422)
        problem(ana.http.get("/v1/search", params={"q": "a\x00b"}), 422)
        problem(ana.http.get("/v1/search", params={"q": "x", "limit": 101}), 422)


def test_health_is_for_anybody_and_tells_nothing_but_that(stranger: httpx2.Client, mara: Workstation) -> None:
    mara.open_ticket()
    assert stranger.get("/v1/health").json() == {"status": "ok", "database": "ok"}


def test_metrics_count_by_route_and_outcome_and_name_nobody(stranger: httpx2.Client, mara: Workstation) -> None:
    ticket = mara.open_ticket("Zeppelin", restricted="legal")
    mara.offers(mara.event(ev.TicketTagged(tag="x"), "nonsense"))
    mara.push(mara.event(ev.TicketAssigned(to="Mara Okafor"), ticket_stream(ticket), expect="Ana Reyes"))
    mara.http.get(f"/v1/streams/{ticket_stream(ticket)}")
    mara.http.get("/v1/nothing")
    told = stranger.get("/metrics").text
    assert 'hub_push_events_total{outcome="recorded"} 1.0' in told
    assert 'hub_push_events_total{outcome="refused"} 1.0' in told
    assert 'hub_push_events_total{outcome="void"} 1.0' in told
    assert 'hub_requests_total{method="POST",route="/v1/push",status="200"} 3.0' in told
    assert 'hub_requests_total{method="GET",route="/v1/streams/{stream:path}",status="200"} 1.0' in told
    assert 'route="unknown",status="404"' in told
    assert "hub_head 2.0" in told
    assert "hub_pool_in_use" in told
    for secret in (ticket, "Mara", "Zeppelin", "legal", mara.enrolled.token, mara.enrolled.device):
        assert secret not in told


def test_metrics_tell_how_many_messages_are_on_their_way_or_uncertain(stranger: httpx2.Client, owner: Engine) -> None:
    assert 'hub_deliveries{state="uncertain"} 0.0' in stranger.get("/metrics").text
    with owner.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO deliveries SELECT 'e' || n, n, 't', 'm' || n, '', state, 1, 1, 0, 0, 0
                FROM (VALUES (1, 'uncertain'), (2, 'uncertain'), (3, 'queued'), (4, 'accepted')) AS d (n, state)""")
        )
    counted = stranger.get("/metrics").text
    assert 'hub_deliveries{state="uncertain"} 2.0' in counted
    assert 'hub_deliveries{state="queued"} 1.0' in counted


def test_metrics_behind_a_proxy_need_the_token_of_an_admin_or_a_service(tmp_path: Path, url: str) -> None:
    with HubThread(tmp_path, url, trusts_loopback=False) as server, client(server.url) as anybody:
        problem(anybody.get("/metrics"), 404)
        for role, status in (("engineer", 404), ("lead", 404), ("billing", 404), ("admin", 200), ("service", 200)):
            enrolled = server.enrol(f"A {role}", role)  # type: ignore[arg-type]
            assert anybody.get("/metrics", headers=bearer(enrolled.token)).status_code == status
        problem(anybody.get("/metrics", headers=bearer("scd_unknown")), 404)


def test_the_openapi_document_describes_the_messages(stranger: httpx2.Client) -> None:
    document = stranger.get("/v1/openapi.json").json()
    push = document["paths"]["/v1/push"]["post"]
    assert push["requestBody"]["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Push"
    assert set(push["responses"]) >= {"200", "401", "409", "413", "415", "422", "429", "503"}
    known = set(document["components"]["schemas"])
    assert set(re.findall(r"#/components/schemas/(\w+)", msgspec.json.encode(document).decode())) <= known
    assert "HTTPValidationError" not in known
