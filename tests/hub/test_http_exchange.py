"""Hello, push, pull and single streams over a real socket (spec sync.md 2)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from console.domain import events as ev
from console.domain.events import ticket_stream
from console.wire.answers import NewDevice, StreamEntries
from console.wire.messages import MAX_PUSH_BYTES, WIRE_HEADER, Page, Problem, Pushed
from tests.hub.running import HubThread, until
from tests.hub.workstation import JSON, Workstation, new_id, problem, said


@pytest.fixture
def mara(hub_server: HubThread) -> Iterator[Workstation]:
    with Workstation(hub_server.url, hub_server.enrol("Mara Okafor")) as workstation:
        yield workstation


@pytest.fixture
def ana(hub_server: HubThread) -> Iterator[Workstation]:
    with Workstation(hub_server.url, hub_server.enrol("Ana Reyes")) as workstation:
        yield workstation


def test_a_hello_tells_who_the_asker_is_and_where_the_log_stands(mara: Workstation) -> None:
    before = mara.hello()
    mara.open_ticket()
    after = mara.hello()
    assert (before.head, after.head) == (0, 1)
    assert after.person == "Mara Okafor"
    assert after.role == "engineer"
    assert set(after.scopes) == {"accounts", "desk", "pro:*"}
    assert after.hub_id == mara.enrolled.hub_id


def test_a_workstation_with_too_old_a_protocol_is_told_to_update(mara: Workstation) -> None:
    answer = mara.http.post("/v1/hello", content=b'{"app": "0.1", "wire": 0, "device": "d"}', headers=JSON)
    assert problem(answer, 426).type == "/problems/wire-too-old"
    assert answer.headers["upgrade"].startswith("support-console/")


@pytest.mark.parametrize("path", ["/v1/pull?after=0&epoch=1", "/v1/snapshot?scopes=desk", "/v1/poke", "/v1/search?q=a"])
def test_a_protocol_that_became_too_old_while_the_workstation_runs_is_told_at_any_request(
    mara: Workstation, path: str
) -> None:
    assert problem(mara.http.get(path, headers={WIRE_HEADER: "0"}), 426).type == "/problems/wire-too-old"


@pytest.mark.parametrize("said", ["", "one", "-1", "9" * 50])
def test_a_header_that_says_no_protocol_is_none(mara: Workstation, said: str) -> None:
    assert mara.http.get("/v1/search?q=a", headers={WIRE_HEADER: said}).status_code == 200


def test_what_one_pushes_the_other_pulls(mara: Workstation, ana: Workstation) -> None:
    ticket = mara.open_ticket("Printer on fire")
    page = ana.pull()
    (entry,) = page.entries
    assert entry.stream == ticket_stream(ticket)
    assert entry.actor == "Mara Okafor"
    assert entry.number is not None
    assert (page.next, page.head) == (1, 1)
    assert ana.pull(page.next, chain=page.chain).entries == ()


def test_the_same_push_again_gets_the_same_verdicts_and_nothing_twice(mara: Workstation) -> None:
    opening = mara.opening()
    first = mara.offers(opening, base=0)
    again = mara.offers(opening, base=0)
    assert said(first, Pushed).verdicts == said(again, Pushed).verdicts
    assert mara.hello().head == 1


def test_a_page_is_held_until_somebody_pushes_and_comes_at_once_then(mara: Workstation, ana: Workstation) -> None:
    scopever = ana.hello().scopever
    with ThreadPoolExecutor() as pool:
        held = pool.submit(ana.asks, scopever=scopever, wait=20)
        time.sleep(0.3)
        assert not held.done()
        mara.open_ticket()
        pushed = time.monotonic()
        page = said(held.result(5), Page)
        took = time.monotonic() - pushed
    assert len(page.entries) == 1
    assert took < 0.2


def test_a_held_page_that_stays_empty_is_answered_when_its_time_is_over(ana: Workstation) -> None:
    began = time.monotonic()
    page = ana.pull(wait=0.4)
    assert page.entries == ()
    assert 0.4 <= time.monotonic() - began < 3


def test_a_held_page_does_not_end_for_what_the_asker_may_not_see(hub_server: HubThread, mara: Workstation) -> None:
    with Workstation(hub_server.url, hub_server.enrol("Bo Lindqvist", "billing")) as bo:
        scopever = bo.hello().scopever
        with ThreadPoolExecutor() as pool:
            held = pool.submit(bo.asks, scopever=scopever, wait=1)
            time.sleep(0.2)
            mara.open_ticket()
            page = said(held.result(5), Page)
    assert page.entries == ()
    assert page.next == 1, "it was scanned nevertheless"


def test_waiting_holds_neither_a_thread_nor_a_connection(hub_server: HubThread, mara: Workstation) -> None:
    waiting = 40
    scopever = mara.hello().scopever
    with ThreadPoolExecutor(waiting) as pool:
        held = [pool.submit(mara.asks, scopever=scopever, wait=15) for _ in range(waiting)]
        until(lambda: hub_server.hub.head.moved.waiting == waiting)
        seen = max(_connections_in_use(hub_server) for _ in range(20))
        assert seen <= 1, "the poller's own at most"
        with Workstation(hub_server.url, hub_server.enrol("Ana Reyes")) as ana:
            ana.open_ticket()
        assert all(len(said(answer.result(5), Page).entries) == 1 for answer in held)


def _connections_in_use(server: HubThread) -> int:
    time.sleep(0.02)
    return server.engine.pool.checkedout()  # type: ignore[attr-defined]


def test_a_second_process_on_the_database_hears_of_a_push_within_a_second(
    hub_server: HubThread, mara: Workstation, tmp_path: Path
) -> None:
    with (
        HubThread(tmp_path / "second", hub_server.database) as second,
        Workstation(second.url, hub_server.enrol("Ana Reyes")) as ana,
        ThreadPoolExecutor() as pool,
    ):
        held = pool.submit(ana.asks, scopever=ana.hello().scopever, wait=20)
        time.sleep(0.3)
        mara.open_ticket()
        pushed = time.monotonic()
        assert len(said(held.result(5), Page).entries) == 1
        assert time.monotonic() - pushed < 1


def test_a_hub_that_stops_lets_those_who_wait_go(hub_server: HubThread, mara: Workstation) -> None:
    scopever = mara.hello().scopever
    with ThreadPoolExecutor() as pool:
        held = pool.submit(mara.asks, scopever=scopever, wait=25)
        time.sleep(0.2)
        began = time.monotonic()
        hub_server.stop()
        assert said(held.result(5), Page).entries == ()
        assert time.monotonic() - began < 4
    hub_server.start()


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({"epoch": 7}, "epoch"),
        ({"after": 1, "chain": bytes(32)}, "diverged"),
        ({"scopever": 999}, "rescope"),
    ],
)
def test_a_log_that_does_not_meet_the_hubs_is_told_how(mara: Workstation, asked: dict[str, object], kind: str) -> None:
    mara.open_ticket()
    conflict = problem(mara.asks(**asked), 409).conflict  # type: ignore[arg-type]
    assert conflict is not None
    assert conflict.kind == kind
    assert conflict.welcome is not None
    assert conflict.welcome.head == 1


def test_a_push_above_a_gap_is_told_what_the_hub_knows(mara: Workstation) -> None:
    mara.open_ticket()
    lost, kept = mara.opening(), mara.opening()
    conflict = problem(mara.offers(kept, base=lost.dseq), 409).conflict
    assert conflict is not None
    assert (conflict.kind, conflict.device_last) == ("gap", 1)


def test_a_wait_ends_when_what_the_asker_sees_changes(
    hub_server: HubThread, mara: Workstation, ana: Workstation
) -> None:
    scopever = ana.hello().scopever
    with ThreadPoolExecutor() as pool:
        held = pool.submit(ana.asks, scopever=scopever, wait=20)
        time.sleep(0.2)
        hub_server.hub.people.grant("Ana Reyes", "restricted:legal")
        mara.open_ticket()
        conflict = problem(held.result(5), 409).conflict
    assert conflict is not None
    assert conflict.kind == "rescope"


def test_a_workstation_cannot_push_as_another_persons_and_does_not_learn_of_its_device(
    mara: Workstation, ana: Workstation
) -> None:
    opened = ev.TicketOpened(by="engineer", channel="phone", subject="Not mine")

    def pushed_as(device: str) -> Problem:
        return problem(mara.offers(mara.event(opened, ticket_stream(new_id()), device=device), device=device), 404)

    assert pushed_as(ana.enrolled.device) == pushed_as(new_id())
    assert ana.hello().head == 0


def test_a_cloned_workstation_gets_a_device_of_its_own_under_the_same_token(mara: Workstation) -> None:
    device = said(mara.http.post("/v1/devices"), NewDevice).device
    assert device != mara.enrolled.device
    opening = mara.event(
        ev.TicketOpened(by="engineer", channel="phone", subject="From the copy"), ticket_stream(new_id()), device=device
    )
    (verdict,) = said(mara.offers(opening, device=device), Pushed).verdicts
    assert verdict.outcome == "recorded"


def test_a_stream_is_told_whole_to_those_who_see_it_and_is_not_there_for_others(
    hub_server: HubThread, mara: Workstation
) -> None:
    hub_server.hub.people.grant("Mara Okafor", "restricted:legal")
    open_to_all, restricted = mara.open_ticket(), mara.open_ticket(restricted="legal")
    address = f"/v1/streams/{ticket_stream(restricted)}"
    assert len(said(mara.http.get(address), StreamEntries).entries) == 1
    with Workstation(hub_server.url, hub_server.enrol("Ana Reyes")) as ana:
        assert len(said(ana.http.get(f"/v1/streams/{ticket_stream(open_to_all)}"), StreamEntries).entries) == 1
        hidden = ana.http.get(address)
        absent = ana.http.get(f"/v1/streams/{ticket_stream(new_id())}")
        assert problem(hidden, 404) == problem(absent, 404)
        assert [entry.stream for entry in ana.pull().entries] == [ticket_stream(open_to_all)]


def test_a_checksum_covers_what_the_asker_sees(hub_server: HubThread, mara: Workstation) -> None:
    mara.open_ticket()
    with Workstation(hub_server.url, hub_server.enrol("Bo Lindqvist", "billing")) as bo:
        assert mara.http.get("/v1/checksum?seq=1").json()["count"] == 1
        assert bo.http.get("/v1/checksum?seq=1").json()["count"] == 0


def test_a_push_as_large_as_a_hub_reads_is_taken_and_a_larger_one_is_not(mara: Workstation) -> None:
    ticket = mara.open_ticket()
    body = "x" * 60_000
    notes = [mara.event(ev.MessageSent(body=body, public=False), ticket_stream(ticket)) for _ in range(60)]
    assert {verdict.outcome for verdict in mara.push(*notes).verdicts} == {"recorded"}
    answer = mara.http.post("/v1/push", content=b" " * (MAX_PUSH_BYTES + 1), headers=JSON)
    assert problem(answer, 413).type == "/problems/too-large"


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "\u202e", "\U0001f600" * 500, "%s %(x)s {} '\";--"])
def test_hostile_texts_are_recorded_word_for_word_or_refused_in_sight(mara: Workstation, text: str) -> None:
    ticket = mara.open_ticket()
    events = [
        mara.event(ev.MessageSent(body=text, public=True), ticket_stream(ticket)),
        mara.event(ev.TicketTagged(tag=text), ticket_stream(ticket), base=text, expect=text, act=text),
        mara.opening(text, restricted=text),
        mara.event(ev.TicketTagged(tag="x"), f"pro:{text}"),
        mara.event(ev.TicketTagged(tag="x"), text),
        mara.event(ev.TicketTagged(tag="x"), ticket_stream(ticket), id=text),
    ]
    pushed = mara.push(*events)
    assert {verdict.outcome for verdict in pushed.verdicts} <= {"recorded", "refused"}
    assert all(verdict.reason for verdict in pushed.verdicts if verdict.outcome == "refused")
    recorded = mara.pull(1, chain=mara.pull().entries[0].chain).entries
    assert msgspec.json.decode(recorded[0].payload)["body"] == text
    assert mara.push(*(mara.opening("Still alive"),)).verdicts[0].outcome == "recorded"


@pytest.mark.parametrize("at", [-1, 2**53 - 1, 7_258_118_400_000])
def test_an_impossible_instant_is_refused_and_the_rest_of_the_batch_is_not(mara: Workstation, at: int) -> None:
    ticket = mara.open_ticket()
    verdicts = mara.push(
        mara.event(ev.TicketWoken(), ticket_stream(ticket), at=at), mara.event(ev.TicketWoken(), ticket_stream(ticket))
    ).verdicts
    assert [verdict.outcome for verdict in verdicts] == ["refused", "recorded"]


def test_many_workstations_push_at_once_and_every_entry_has_its_place(hub_server: HubThread) -> None:
    stations = [Workstation(hub_server.url, hub_server.enrol(f"Engineer {n}")) for n in range(8)]
    failures: list[BaseException] = []

    def work(station: Workstation) -> None:
        try:
            for _ in range(10):
                station.push(*(station.opening() for _ in range(5)))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(station,)) for station in stations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    page = stations[0].pull()
    assert [entry.seq for entry in page.entries] == list(range(1, 401))
    for station in stations:
        station.http.close()
