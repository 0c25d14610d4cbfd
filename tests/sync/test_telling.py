"""What a person is told of the connection, from states of the core."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from console.journal.replica import Outbox, Position
from console.sync.core import Began, Send, State, Trouble, begin
from console.sync.telling import LONG_WAY, Around, Instants, status_of
from console.wire.messages import Presence, Welcome

NOW, WALL_MS = 100.0, 1_760_356_800_000
POSITION = Position(device="d", hub_id="h", epoch=1, cursor=50, chain=bytes(32), scopever=1, scopes=("desk",))
WELCOME = Welcome(
    hub_id="h",
    epoch=1,
    fork_seq=0,
    fork_chain=bytes(32),
    head=50,
    scopes=("desk",),
    scopever=1,
    person="Ana",
    role="lead",
    now_ms=WALL_MS,
)
LEVEL = replace(begin(Began(POSITION, Outbox())), welcome=WELCOME, known_head=50, polled=True, up_to_date_at=NOW - 3)


def told(state: State, instants: Instants | None = None, *, now: float = NOW, **around: Any) -> Any:
    given = Around(url="https://hub.example", person="Old name", role="engineer", **around)
    return status_of(state, given, instants or Instants(), now=now, wall_ms=WALL_MS + round((now - NOW) * 1000))


def test_level_is_synced_and_says_since_when() -> None:
    status = told(LEVEL)
    assert (status.link, status.person, status.role) == ("synced", "Ana", "lead")
    assert status.synced_at == WALL_MS - 3_000
    assert status.error is None


def test_before_the_hub_said_who_this_is_the_last_known_name_is_shown() -> None:
    status = told(replace(LEVEL, welcome=None, polled=False))
    assert (status.link, status.person, status.role) == ("connecting", "Old name", "engineer")


@pytest.mark.parametrize(
    "change",
    [
        {"outbox": Outbox(new=1, oldest_at=5)},
        {"known_head": 51},
        {"storing": 1},
        {"polled": False},
    ],
)
def test_whatever_is_under_way_is_syncing(change: dict[str, Any]) -> None:
    assert told(replace(LEVEL, **change)).link == "syncing"


def test_a_long_way_behind_is_loading_with_a_measure() -> None:
    status = told(replace(LEVEL, known_head=51 + LONG_WAY))
    assert (status.link, status.done, status.of) == ("loading", 50, 51 + LONG_WAY)


def test_gained_scopes_are_measured_by_what_is_here_of_them() -> None:
    loading = replace(LEVEL, flying=(Send(request=1, kind="scopes", position=POSITION),))
    status = told(loading, done=3, of=9)
    assert (status.link, status.done, status.of) == ("loading", 3, 9)


def test_offline_says_since_when_and_when_it_is_tried_again() -> None:
    trouble = Trouble(attempts=1, since=NOW - 60, error="It cannot be reached.", not_before=NOW + 5)
    status = told(replace(LEVEL, hub_trouble=trouble), presence=(Presence(person="Ben", ticket="t"),))
    assert status.link == "offline"
    assert (status.offline_since, status.next_try_at) == (WALL_MS - 60_000, WALL_MS + 5_000)
    assert status.error == "It cannot be reached."
    assert status.presence == ()


def test_an_instant_stands_still_while_it_is_shown() -> None:
    state = replace(LEVEL, hub_trouble=Trouble(attempts=1, since=NOW - 60, error="Away."))
    instants = Instants()
    first = told(state, instants)
    later = status_of(state, Around(url=first.url), instants, now=NOW + 10, wall_ms=WALL_MS + 10_007)
    assert later.offline_since == first.offline_since


def test_a_full_disk_is_not_an_absent_network() -> None:
    trouble = Trouble(attempts=1, since=NOW, error="There is no room left.")
    status = told(replace(LEVEL, store_trouble=trouble))
    assert (status.link, status.error, status.offline_since) == ("stuck", "There is no room left.", None)


@pytest.mark.parametrize(
    ("stop", "link"),
    [
        ("signed_out", "signed_out"),
        ("revoked", "revoked"),
        ("app_too_old", "app_too_old"),
        ("other_hub", "other_hub"),
        ("hub_went_back", "stuck"),
    ],
)
def test_what_a_person_or_an_operator_has_to_mend_is_named(stop: Any, link: str) -> None:
    status = told(replace(LEVEL, stopped=stop, welcome=None))
    assert status.link == link
    if stop in ("other_hub", "hub_went_back"):
        assert status.error is not None
        assert status.error.endswith(".")


def test_an_older_hub_is_told_while_newer_entries_wait_for_it() -> None:
    status = told(replace(LEVEL, upgrade_hub=True, outbox=Outbox(new=2, oldest_at=5)))
    assert (status.link, status.waiting) == ("stuck", 2)
    assert status.error is not None
    assert "older than this program" in status.error
