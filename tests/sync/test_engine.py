"""Engines against a real hub on a real PostgreSQL, over real sockets."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.domain import events as ev
from console.domain.access import Role
from console.domain.errors import ConsoleError
from console.domain.queue import View
from console.hub.http import asking
from console.journal.replica import Basis, TakePage
from console.sync import engine as of_engine
from console.sync.core import Config
from console.sync.keys import Keys
from console.sync.snapshot import Snapshot
from console.timekeeping import Reading, Timekeeper
from console.wire.messages import WIRE_VERSION, Enrolled
from tests.hub.running import HubThread

from .stations import Station, now_ms

MakeStation = Callable[..., Station]


@pytest.fixture
def station(hub: HubThread, tmp_path: Path) -> Iterator[MakeStation]:
    """Makes a workstation of a person, in a folder of its own."""
    made: list[Station] = []

    def make(
        person: str, role: Role = "engineer", *grants: str, enrolled: Enrolled | None = None, **more: Any
    ) -> Station:
        enrolled = enrolled or hub.enrol(person, role, *grants)
        made.append(Station(hub.url, enrolled, tmp_path / person.lower(), **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def ana(station: MakeStation) -> Station:
    return station("Ana")


@pytest.fixture
def ben(station: MakeStation) -> Station:
    return station("Ben")


def test_what_one_writes_the_other_has_within_a_second(ana: Station, ben: Station) -> None:
    async def story() -> None:
        async with ana, ben:
            await ana.until_link("synced")
            await ben.until_link("synced")
            await ben.until(lambda: ben.engine._state.listening)
            took_s = []
            for _ in range(3):  # the best of them: the machine of a test has other things to do
                began = time.monotonic()
                ticket = ana.open_ticket()
                await ben.until(partial(ben.entries, ticket))
                took_s.append(time.monotonic() - began)
            assert min(took_s) < 1
            (mine,), (theirs,) = ana.entries(ticket) or ben.entries(ticket), ben.entries(ticket)
            assert mine == theirs
            assert theirs.actor == "Ana"
            assert theirs.number == 10_003
            await ana.until_link("synced")

    asyncio.run(story())


def test_the_status_says_who_this_is_and_that_all_is_level(ana: Station) -> None:
    async def story() -> None:
        async with ana:
            await ana.until_link("synced")
            status = ana.status
            assert (status.person, status.role, status.waiting, status.error) == ("Ana", "engineer", 0, None)
            assert status.skew_ms is not None
            assert abs(status.skew_ms) < 1_000
            assert status.synced_at is not None
            assert abs(status.synced_at - time.time() * 1000) < 2_000

    asyncio.run(story())


def test_what_is_written_without_a_hub_goes_out_when_it_is_back(hub: HubThread, ana: Station, ben: Station) -> None:
    async def story() -> None:
        async with ana, ben:
            await ana.until_link("synced")
            await ben.until_link("synced")
            await asyncio.to_thread(hub.stop)
            await ana.until_link("offline")
            ticket = ana.open_ticket()
            ana.write(ticket, ev.MessageSent(body="Written on the train.", public=False))
            await ana.until(lambda: ana.status.waiting == 2)
            assert ana.status.offline_since is not None
            assert ana.status.oldest_at is not None
            assert ana.status.error is not None
            await asyncio.to_thread(hub.start)
            ana.engine.sync_now()
            ben.engine.sync_now()
            await ana.until_link("synced")
            await ben.until(lambda: len(ben.entries(ticket)) == 2)
            assert [entry.seq for entry in ben.entries(ticket)] == [1, 2]

    asyncio.run(story())


def test_a_hub_that_comes_back_is_found_without_being_asked_to(hub: HubThread, ana: Station) -> None:
    async def story() -> None:
        async with ana:
            await ana.until_link("synced")
            await asyncio.to_thread(hub.restart)
            await ana.until(lambda: any(told.link == "offline" for told in ana.told))
            await ana.until_link("synced", within_s=20)

    asyncio.run(story())


def test_a_workstation_that_is_too_old_for_an_updated_hub_is_told_and_keeps_its_queue(
    ana: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with ana:
            await ana.until_link("synced")
            monkeypatch.setattr(asking, "MIN_WIRE", WIRE_VERSION + 1)
            ana.open_ticket()
            await ana.until_link("app_too_old")
            assert ana.status.waiting == 1
            assert "needs a newer version" in (ana.status.error or "")
            monkeypatch.undo()
            ana.engine.sync_now()
            await ana.until_link("synced")
            assert ana.status.waiting == 0

    asyncio.run(story())


def test_a_workstation_that_starts_without_a_network_works_and_says_so(ana: Station, hub: HubThread) -> None:
    async def story() -> None:
        hub.stop()
        try:
            async with ana:
                await ana.until_link("offline")
                ana.open_ticket()
                await ana.until(lambda: ana.status.waiting == 1)
        finally:
            hub.start()

    asyncio.run(story())


def test_a_refused_entry_stays_with_its_reason_and_the_next_ones_go_out(ana: Station) -> None:
    async def story() -> None:
        async with ana:
            await ana.until_link("synced")
            ticket = ana.open_ticket()
            ana.write(ticket, ev.EntryRedacted(entry="nothing"))
            ana.write(ticket, ev.MessageSent(body="And on.", public=False))
            await ana.until(lambda: len(ana.entries(ticket)) == 2)
            await ana.until(lambda: ana.status.refused == 1)
            assert ana.status.waiting == 0
            (refused,) = ana.ask(ana.journal.own.refused)
            assert refused.reason is not None
            assert "lead" in refused.reason

    asyncio.run(story())


def test_an_act_that_came_too_late_is_void_everywhere(hub: HubThread, ana: Station, ben: Station) -> None:
    async def story() -> None:
        async with ana, ben:
            await ana.until_link("synced")
            ticket = ana.open_ticket()
            await ben.until(lambda: ben.entries(ticket))
            await asyncio.to_thread(hub.stop)
            ana.write(ticket, ev.TicketAssigned(to="Ana"), expect="unassigned")
            ben.write(ticket, ev.TicketAssigned(to="Ben"), expect="unassigned")
            await asyncio.to_thread(hub.start)
            await ana.until(lambda: len(ana.entries(ticket)) == 3, within_s=20)
            await ben.until(lambda: len(ben.entries(ticket)) == 3, within_s=20)
            assert ana.entries(ticket) == ben.entries(ticket)
            assert sorted(entry.applied for entry in ana.entries(ticket)[1:]) == [False, True]

    asyncio.run(story())


def test_a_revoked_workstation_keeps_only_what_it_never_sent(hub: HubThread, ana: Station) -> None:
    async def story() -> None:
        async with ana:
            await ana.until_link("synced")
            ticket = ana.open_ticket()
            await ana.until(lambda: ana.entries(ticket))
            hub.hub.people.revoke("Ana")
            ana.write(ticket, ev.MessageSent(body="Never sent.", public=False))
            await ana.until_link("revoked")
            await ana.until(lambda: not ana.entries(ticket))
            assert [own.offered.event for own in ana.ask(ana.journal.own.waiting)] == [
                ev.MessageSent(body="Never sent.", public=False)
            ]

    asyncio.run(story())


def test_a_missing_token_is_told_and_signing_in_again_goes_on(station: MakeStation, tmp_path: Path) -> None:
    keys = Keys("http://127.0.0.1", tmp_path, tmp_path / "token")
    ana = station("Ana", token=keys.read)

    async def story() -> None:
        async with ana:
            await ana.until_link("signed_out")
            assert ana.status.error is not None
            assert "Sign in again" in ana.status.error
            ana.open_ticket()
            await ana.until(lambda: ana.status.waiting == 1)
            keys.keep(ana.enrolled.token)
            ana.engine.sync_now()
            await ana.until_link("synced")
            assert ana.status.waiting == 0

    asyncio.run(story())


def test_a_token_that_the_hub_does_not_know_is_told(station: MakeStation) -> None:
    ana = station("Ana", token=lambda: "sc_" + "x" * 43)

    async def story() -> None:
        async with ana:
            await ana.until_link("signed_out")

    asyncio.run(story())


def test_a_workstation_that_is_far_behind_takes_a_snapshot_in_chunks(
    station: MakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Snapshot.chunks, "__defaults__", (100,))
    lea, ben = station("Lea", "lead"), station("Ben", config=Config(snapshot_lag=5))

    async def story() -> None:
        lea.import_tickets(1_250)
        async with lea:
            await lea.until_link("synced", within_s=60)
        async with ben:
            await ben.until_link("synced", within_s=60)
        assert ben.everything() == lea.everything()
        loaded = [(told.done, told.of) for told in ben.told if told.link == "loading" and told.of]
        assert loaded == [(1000, 1250), (1100, 1250), (1200, 1250), (1250, 1250)]
        assert len(ben.ask(lambda: ben.journal.rows(list(range(1, 1_251))))) == 1_250
        assert not ben.ask(lambda: ben.journal.stale(ben.journal.history))

    asyncio.run(story())


def test_what_a_load_that_broke_off_left_is_folded_before_the_hub_is_asked_again(
    ana: Station, station: MakeStation
) -> None:
    ben = station("Ben")

    def breaks_off() -> None:
        """As if it had been stopped behind its last page."""
        replica = ben.journal.replica
        at = replica.position()
        basis = Basis(hub_id=at.hub_id, epoch=at.epoch, cursor=at.cursor, scopever=at.scopever)
        replica.change(TakePage(basis=basis, entries=(), next=at.cursor, chain=at.chain, bulk=True))

    async def story() -> None:
        async with ana, ben:
            await ana.until_link("synced")
            ana.open_ticket()
            await ben.until(lambda: ben.status.link == "synced" and ben.everything())
        ben.ask(breaks_off)
        assert ben.ask(lambda: ben.journal.stale(ben.journal.history))
        async with ben:
            await ben.until(lambda: not ben.ask(lambda: ben.journal.stale(ben.journal.history)))
        assert ben.ask(lambda: ben.journal.counts(me="Ben", now=now_ms()))[View.ALL_OPEN] == 1

    asyncio.run(story())


def test_a_gained_scope_is_loaded_and_a_lost_one_goes(hub: HubThread, ana: Station, station: MakeStation) -> None:
    lead = station("Lea", "lead", "restricted:board")

    async def story() -> None:
        async with ana, lead:
            await ana.until_link("synced")
            secret = lead.open_ticket("A leak", restricted="board")
            await lead.until(lambda: lead.entries(secret))
            open_one = ana.open_ticket()
            await ana.until(lambda: ana.entries(open_one))
            assert not ana.entries(secret)
            hub.hub.people.grant("Ana", "restricted:board")
            ana.engine.sync_now()
            await ana.until(lambda: ana.entries(secret))
            await ana.until_link("synced")
            hub.hub.people.ungrant("Ana", "restricted:board")
            ana.engine.sync_now()
            await ana.until(lambda: not ana.entries(secret))
            assert ana.entries(open_one)

    asyncio.run(story())


def test_others_see_who_looks_at_a_ticket_and_when_they_leave(ana: Station, ben: Station) -> None:
    async def story() -> None:
        async with ana, ben:
            await ana.until_link("synced")
            ticket = ana.open_ticket()
            await ben.until(lambda: ben.entries(ticket))
            ana.engine.set_presence(ticket, "writing")
            await ben.until(lambda: ben.status.presence)
            (seen,) = ben.status.presence
            assert (seen.person, seen.ticket, seen.doing) == ("Ana", ticket, "writing")
            assert ana.status.presence == ()
            ana.engine.set_presence(None)
            await ben.until(lambda: not ben.status.presence)

    asyncio.run(story())


def test_only_one_engine_works_on_a_workspace(station: MakeStation) -> None:
    first = station("Ana")
    second = station("Ana", enrolled=first.enrolled)

    async def story() -> None:
        async with first:
            await first.until_link("synced")
            async with second:
                await second.until(lambda: second.status.error)
                assert "keeps this workspace in sync" in (second.status.error or "")
                assert second.status.link == "connecting"
                assert [told.link for told in second.told] == ["connecting"]

    asyncio.run(story())


def test_a_second_engine_takes_over_when_the_first_ends(station: MakeStation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_engine, "LOCK_AGAIN_S", 0.05)
    first = station("Ana")
    second = station("Ana", enrolled=first.enrolled)

    async def story() -> None:
        async with first:
            await first.until_link("synced")
            async with second:
                await second.until(lambda: second.status.error)
                await first.__aexit__()
                await second.until_link("synced")

    asyncio.run(story())


def test_a_store_that_cannot_write_is_told_and_tried_again(ana: Station) -> None:
    class Full(ConsoleError):
        pass

    async def story() -> None:
        real, full = ana.journal.replica.change, True

        def change(wanted: object) -> None:
            if full:
                raise Full("There is no room left.")
            real(wanted)  # type: ignore[arg-type]

        ana.journal.replica.change = change  # type: ignore[method-assign]
        async with ana:
            await ana.until_link("stuck")
            assert ana.status.error == "There is no room left."
            full = False
            await ana.until_link("synced", within_s=20)

    asyncio.run(story())


def test_a_failure_of_ours_is_told_and_the_engine_begins_anew(ana: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_engine, "RESTART_S", 0.2)

    async def story() -> None:
        real = ana.journal.replica.offering

        def broken(**asked: int) -> None:
            ana.journal.replica.offering = real  # type: ignore[method-assign]
            raise ZeroDivisionError

        async with ana:
            await ana.until_link("synced")
            ana.journal.replica.offering = broken  # type: ignore[method-assign]
            ticket = ana.open_ticket()
            while not ana.failures:
                await asyncio.sleep(0.01)
            assert ana.status.link == "stuck"
            assert "the log has the details" in (ana.status.error or "")
            (failure,) = ana.failures
            ana.failures.clear()
            assert isinstance(failure, ExceptionGroup)
            await ana.until(lambda: ana.entries(ticket))
            await ana.until_link("synced")

    asyncio.run(story())


def test_where_pokes_do_not_come_through_pulls_wait_at_the_hub(
    ana: Station, station: MakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_engine, "LISTEN_FLOOR_S", 0.01)
    monkeypatch.setattr(of_engine, "LISTEN_CEILING_S", 0.02)
    ben = station("Ben", config=Config(wait_s=5))

    async def story() -> None:
        closes = 0

        async def closed() -> None:
            nonlocal closes
            closes += 1

        ben.engine._listen = closed  # type: ignore[method-assign]
        async with ana, ben:
            await ben.until(lambda: closes == of_engine.QUICK_CLOSES)
            await asyncio.sleep(0.1)
            assert closes == of_engine.QUICK_CLOSES
            began = time.monotonic()
            ticket = ana.open_ticket()
            await ben.until(lambda: ben.entries(ticket))
            assert time.monotonic() - began < 1.5

    asyncio.run(story())


def test_the_hubs_time_becomes_the_trusted_time(station: MakeStation) -> None:
    ahead_ms = 10 * 60_000

    def read() -> Reading:
        now_ms = time.time_ns() // 1_000_000
        return Reading(wall_ms=now_ms + ahead_ms, awake_ms=now_ms, boot_ms=now_ms, boot_id="given")

    keeper = Timekeeper(read, believe_wall=False)
    assert not keeper.look().verified
    ana = station("Ana", timekeeper=keeper)

    async def story() -> None:
        async with ana:
            await ana.until_link("synced")

    asyncio.run(story())
    assert keeper.is_confirmed
    assert abs(keeper.now_ms() - time.time_ns() // 1_000_000) < 1_000
    assert abs(keeper.skew_ms() - ahead_ms) < 1_000


def test_cancelling_leaves_no_task_and_no_connection(ana: Station) -> None:
    async def story() -> None:
        async with ana:
            await ana.until_link("synced")
            await ana.until(lambda: ana.engine._state.listening)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert ana.failures == []

    asyncio.run(story())


def test_it_runs_in_a_windows_loop_as_well(hub: HubThread, tmp_path: Path) -> None:
    """In a process of its own: what a Qt loop leaves behind must be collected in its own thread."""
    enrolled = [msgspec.json.encode(hub.enrol(person)).decode() for person in ("Ana", "Ben")]
    asked = [sys.executable, "-m", "tests.sync.in_a_windows_loop", str(tmp_path), hub.url, *enrolled]
    ran = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
