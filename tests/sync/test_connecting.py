"""One attempt to connect a workspace, as the window drives it: in a loop, cancelled, with somebody in the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.desk import Desk
from console.desk.connecting import ConnectError, Connecting
from console.desk.new_file import NewFile
from console.journal.errors import JournalBusy
from console.settings import Settings, Workspace, save_settings
from tests.hub.running import HubThread

from .keyrings import Keeping, keyring_is


@pytest.fixture(autouse=True)
def keyring() -> Iterator[None]:
    with keyring_is(Keeping()):
        yield


@pytest.fixture
def lived_in(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "own")
    save_settings(workspace, Settings(name="Mara"))
    with Desk.open(workspace) as desk:
        desk.tickets.open("Sign-in loop")
    return workspace


def code_for(hub: HubThread) -> str:
    return hub.hub.people.enrol("Mara", "engineer")


def is_connected(workspace: Workspace) -> bool:
    with Desk.open(workspace) as desk:
        return desk.sync.is_connected


def test_progress_is_told_in_the_loops_own_thread(hub: HubThread, lived_in: Workspace) -> None:
    told: list[tuple[str, int, int]] = []

    async def story() -> None:
        async with Connecting(lived_in, hub.url) as attempt:
            await attempt.enrol(code_for(hub))
            await attempt.build(lambda *at: told.append(at) if asyncio.current_task() is None else None)
            await attempt.accept()

    asyncio.run(story())
    assert ("Taking over", 1, 1) in told
    assert is_connected(lived_in)


def test_two_attempts_do_not_meet(hub: HubThread, lived_in: Workspace) -> None:
    async def story() -> None:
        async with Connecting(lived_in, hub.url):
            with pytest.raises(ConnectError, match="being connected by another"):
                async with Connecting(lived_in, hub.url):
                    pass

    asyncio.run(story())


def test_somebody_who_opens_the_workspace_at_the_question_keeps_it(hub: HubThread, lived_in: Workspace) -> None:
    async def story() -> None:
        async with Connecting(lived_in, hub.url) as attempt:
            await attempt.enrol(code_for(hub))
            await attempt.build()
            with Desk.open(lived_in) as desk:
                with pytest.raises(JournalBusy, match="in use"):
                    await attempt.accept()
                desk.tickets.open("Written at the last moment")
            await attempt.accept()

    asyncio.run(story())
    with Desk.open(lived_in) as desk:
        assert sorted(waiting.text for waiting in desk.sync.issues().waiting) == [
            "Sign-in loop",
            "Written at the last moment",
        ]


def test_an_attempt_that_is_cancelled_ends_soon_and_goes_on_later(
    hub: HubThread, lived_in: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = NewFile._adopt

    def slow(self: NewFile, journal, old, new, rehearsal, told):  # type: ignore[no-untyped-def]
        for done in range(200):
            told("Taking over", done, 200)
            time.sleep(0.05)
        return real(self, journal, old, new, rehearsal, told)

    async def story() -> None:
        begun = asyncio.Event()
        with monkeypatch.context() as patched:
            patched.setattr(NewFile, "_adopt", slow)
            async with Connecting(lived_in, hub.url) as attempt:
                await attempt.enrol(code_for(hub))
                building = asyncio.create_task(attempt.build(lambda *_: begun.set()))
                await begun.wait()
                began = time.monotonic()
                building.cancel()
                await asyncio.gather(building, return_exceptions=True)
                assert building.cancelled()
                assert time.monotonic() - began < 2
        assert not is_connected(lived_in)
        async with Connecting(lived_in, hub.url) as attempt:
            assert await attempt.resume()
            await attempt.build()
            await attempt.accept()

    asyncio.run(story())
    assert is_connected(lived_in)


def test_an_attempt_at_another_hub_begins_anew(hub: HubThread, lived_in: Workspace) -> None:
    elsewhere = hub.url.replace("127.0.0.1", "localhost")

    async def story() -> None:
        async with Connecting(lived_in, hub.url) as attempt:
            await attempt.enrol(code_for(hub))
            await attempt.build()
        async with Connecting(lived_in, elsewhere) as attempt:
            assert not await attempt.resume()
            await attempt.enrol(code_for(hub))
            await attempt.build()
            await attempt.accept()

    asyncio.run(story())
    with Desk.open(lived_in) as desk:
        assert desk.sync.issues().url == elsewhere


def test_what_the_clock_says_is_later_than_the_enrolment_is_offered_as_new(hub: HubThread, tmp_path: Path) -> None:
    """A machine whose clock is an hour ahead: the hub would refuse what claims to be older than the workstation."""
    workspace = Workspace(tmp_path / "own")
    ahead = lambda: time.time_ns() // 1_000_000 + 3_600_000  # noqa: E731
    with Desk.open(workspace, clock=ahead) as desk:
        desk.tickets.open("From the future")

    async def story() -> None:
        async with Connecting(workspace, hub.url) as attempt:
            await attempt.enrol(code_for(hub))
            preview = await attempt.build()
            assert preview.counts == {}
            await attempt.accept()

    asyncio.run(story())
    with Desk.open(workspace) as desk:
        (own,) = desk.journal.own.waiting()
        assert not own.offered.adopted
