"""Three workstations, two hub processes, PostgreSQL and a bad network, all real: killed over and over, and then level.

A minute in CI; twenty minutes with `--long`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from console.wire.messages import SNAPSHOT_LAG
from tests.faults.real.after import Found, check
from tests.faults.real.world import World

SHORT_S = 35.0
LONG_S = 20 * 60.0
LONG_ROUND_S = 120.0
ACTING_S = 4.0
SEED = 20_251_125

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="the embedded PostgreSQL needs Unix sockets"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's: each session of it that begins closes that to other users, and one of them runs the PostgreSQL."""
    with TemporaryDirectory(prefix="real-", ignore_cleanup_errors=True) as made:
        yield Path(made)


def test_after_kills_and_a_bad_network_everybody_shows_the_fold_of_the_hubs_log(folder: Path, long: bool) -> None:
    """Long runs rest now and then: each rest has to come level, and each storm begins with files that lived through
    the one before."""
    found = asyncio.run(_through(folder, LONG_S if long else SHORT_S))
    assert found.entries > 100
    assert found.void > 0, "two people never wanted the same at once"


def test_after_the_hub_was_set_back_to_a_backup_everything_is_in_its_log_again(folder: Path) -> None:
    """Workstations offer again what the hub has forgotten, in the middle of their work."""
    asyncio.run(_set_back(folder))


def test_first_copies_of_a_long_log_come_through_kills_and_a_bad_network(folder: Path, long: bool) -> None:
    """The log is so long that workstations take a snapshot, which is cut off now and then."""
    if not long:
        pytest.skip("takes two minutes; run with --long")
    found = asyncio.run(_long_log(folder))
    assert found.entries > SNAPSHOT_LAG


async def _set_back(folder: Path) -> Found:
    async with World(folder, seed=SEED, hubs=1) as world:
        await asyncio.sleep(ACTING_S)
        await world.rest()
        await world.back_up()
        kept = world.head()
        for seat in world.seats:
            await seat.kill()
            await seat.start()
        await asyncio.sleep(ACTING_S)
        assert world.head() > kept
        await world.set_back()
        await asyncio.sleep(ACTING_S)
        standings = await world.rest()
        await world.end()
        return await asyncio.to_thread(check, world, standings)


async def _long_log(folder: Path) -> Found:
    async with World(folder, seed=SEED, long_log=SNAPSHOT_LAG + 5_000) as world:
        await world.storm(LONG_ROUND_S / 4)
        standings = await world.rest()
        await world.end()
        return await asyncio.to_thread(check, world, standings)


async def _through(folder: Path, seconds: float) -> Found:
    seed = int(os.environ.get("REAL_SEED", SEED))
    loop = asyncio.get_running_loop()
    async with World(folder, seed=seed) as world:
        ends = loop.time() + seconds
        while True:
            await world.storm(min(LONG_ROUND_S, ends - loop.time()))
            standings = await world.rest()
            if loop.time() >= ends:
                break
            for seat in world.seats:
                await seat.kill()
                await seat.start()
        await world.end()
        found = await asyncio.to_thread(check, world, standings)
        print(f"seed {seed}: {found}; killed {dict(world.kills)}; network {dict(world.faults)}")
        assert min(world.kills[what] for what in ("workstation", "hub", "postgres")) > 0
        assert world.faults["cut_answer"] > 0
        assert world.faults.total() > 20
        return found
