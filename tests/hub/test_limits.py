"""Rate limits: per person and per device, generous for the sync, tight for what is dear (spec sync.md 5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.hub.limits import Buckets, Kind, Limits, Pace, Rate, TooMany, network_of
from tests.hub.running import HubThread, client
from tests.hub.workstation import JSON, Workstation, problem

SLOW = Rate(burst=3, per_s=0.5)


class Clocked:
    """Buckets whose clock is set by hand, in seconds."""

    def __init__(self, **rates: Rate) -> None:
        self.now = 0.0
        self.buckets = Buckets(Limits(**rates), clock=lambda: self.now)

    def takes(self, kind: Kind = "sync", *, person: str = "Mara", device: str = "d1") -> bool:
        try:
            self.buckets.take(kind, person=person, device=device)
        except TooMany:
            return False
        return True


def test_a_burst_is_served_and_then_a_steady_rate() -> None:
    clocked = Clocked(sync=SLOW)
    assert [clocked.takes() for _ in range(4)] == [True, True, True, False]
    clocked.now = 2.0
    assert [clocked.takes() for _ in range(2)] == [True, False]
    clocked.now = 3600.0
    assert [clocked.takes() for _ in range(4)] == [True, True, True, False]


def test_what_can_wait_is_let_go_a_few_times_at_once_and_then_at_its_rate() -> None:
    now = [0.0]
    pace = Pace(Rate(burst=3, per_s=10), clock=lambda: now[0])
    assert [pace.spent() for _ in range(3)] == [0.0, 0.0, pytest.approx(0.1)]
    now[0] = 0.1
    assert pace.spent() == pytest.approx(0.1)
    now[0] = 60.0
    assert [pace.spent() for _ in range(3)] == [0.0, 0.0, pytest.approx(0.1)]


def test_the_refusal_says_when_to_come_back() -> None:
    clocked = Clocked(sync=SLOW)
    for _ in range(3):
        clocked.takes()
    with pytest.raises(TooMany) as refused:
        clocked.buckets.take("sync", person="Mara", device="d1")
    assert refused.value.wait_s == 2
    assert refused.value.sentence == "Too many requests; try again in 2 seconds."
    clocked.now = 2.0
    assert clocked.takes()


def test_one_device_does_not_starve_another_of_the_same_person_but_all_together_have_a_limit() -> None:
    clocked = Clocked(sync=SLOW)
    assert [clocked.takes(device="d1") for _ in range(4)] == [True, True, True, False]
    assert [clocked.takes(device="d2") for _ in range(3)] == [True, True, True]
    assert not clocked.takes(device="d3"), "a person has twice as much as a device"
    assert clocked.takes(person="Ana", device="d4")


def test_each_kind_is_counted_by_itself() -> None:
    clocked = Clocked(sync=SLOW, search=SLOW)
    for _ in range(4):
        clocked.takes("search")
    assert not clocked.takes("search")
    assert clocked.takes("sync")


def test_the_buckets_of_a_crowd_do_not_fill_the_memory() -> None:
    clocked = Clocked()
    for n in range(50_000):
        clocked.now += 0.001
        clocked.takes(person=f"p{n}", device=f"d{n}")
    assert len(clocked.buckets) <= 20_000


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_counted_by_its_network(host: str, network: str) -> None:
    assert network_of(host) == network


def test_over_http_too_many_requests_are_a_429_and_the_sync_goes_on(tmp_path: Path, url: str) -> None:
    limits = Limits(search=SLOW, enrol=SLOW)
    with HubThread(tmp_path, url, limits=limits) as server, client(server.url) as stranger:
        with Workstation(server.url, server.enrol("Mara Okafor")) as mara:
            answers = [mara.http.get("/v1/search?q=x") for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
            assert problem(answers[-1], 429).type == "/problems/too-many-requests"
            assert 1 <= int(answers[-1].headers["retry-after"]) <= 2
            mara.open_ticket()
        codes = [
            stranger.post("/v1/enrol", content=b'{"code": "ABCD", "device_name": "L"}', headers=JSON) for _ in range(4)
        ]
        assert [answer.status_code for answer in codes] == [401, 401, 401, 429]
