"""A workstation's file that rotted: it starts, brings its own entries over, loads the rest from the hub, and shows what
everybody shows. Damage is by sectors, as disks do it, and seeded."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from console.guidelines_files import shipped_history
from console.journal.replica import Basis, Reload
from tests.faults.disk_log import SECTOR
from tests.faults.real.after import VIEW
from tests.faults.replica_world import Station, memory_hub, standing

pytestmark = pytest.mark.thorough

SEEDS = 40
LONG_SEEDS = 2_000
PAGE = 4096


@pytest.fixture(scope="module")
def rotting(tmp_path_factory: pytest.TempPathFactory) -> tuple[Station, dict[str, bytes]]:
    """A workspace that was closed with entries of its own that the hub does not have; their ids and hashes."""
    hub = memory_hub()
    folder = tmp_path_factory.mktemp("rotting")
    with (
        Station(folder / "theirs", hub, "Dana Whitfield") as theirs,
        Station(folder / "mine", hub, "Mara Okafor") as mine,
    ):
        tickets = [theirs.open_ticket(f"Printer on floor {number} prints in blue") for number in range(60)]
        for number, ticket in enumerate(tickets):
            theirs.reply(ticket, f"Which one is it, left or right? {number} " * 12)
        theirs.level()
        mine.level()
        for ticket in tickets[:20]:
            mine.reply(ticket, "The left one, I looked. " * 8)
        mine.level()
        for ticket in tickets[20:26]:
            mine.reply(ticket, "It waits for the network. " * 6)
        mine.reply(mine.open_ticket("Recorded without a network"), "And answered.")
        waiting = {own.offered.id: own.offered.hash for own in mine.journal.own.waiting()}
        assert len(waiting) > 12
    return mine, waiting


def test_it_starts_and_comes_level_whatever_rots(
    rotting: tuple[Station, dict[str, bytes]], tmp_path: Path, long: bool
) -> None:
    set_aside = 0
    for seed in range(LONG_SEEDS if long else SEEDS):
        dice = random.Random(seed)
        image = rotting[0].file.read_bytes()
        healed = Healed(rotting, rot(image, dice), tmp_path / str(seed))
        healed.assert_level(f"seed {seed}")
        set_aside += healed.was_set_aside
    assert set_aside > 10, "the damage was hardly ever seen"


def test_what_rots_in_the_copy_of_the_log_costs_no_own_entry(
    rotting: tuple[Station, dict[str, bytes]], tmp_path: Path
) -> None:
    """Pages that hold no own entry are wiped, each alone; that of the schema is another matter."""
    station, waiting = rotting
    image = station.file.read_bytes()
    pages = [number for number in range(1, len(image) // PAGE) if _is_of_the_log(image, number, waiting)]
    assert len(pages) > 10
    for number in pages[::3]:
        wiped = image[: number * PAGE] + bytes(PAGE) + image[(number + 1) * PAGE :]
        healed = Healed(rotting, wiped, tmp_path / str(number))
        healed.assert_level(f"page {number}")
        assert healed.arrived == waiting.keys(), f"page {number} took own entries with it"


def _is_of_the_log(image: bytes, number: int, waiting: dict[str, bytes]) -> bool:
    page = image[number * PAGE : (number + 1) * PAGE]
    return b"Which one is it" in page and not any(entry_id.encode() in page for entry_id in waiting)


class Healed:
    """A rotten copy of the workspace, opened and brought level with a hub that is a copy as well."""

    def __init__(self, rotting: tuple[Station, dict[str, bytes]], image: bytes, folder: Path) -> None:
        station, self.waiting = rotting
        hub = memory_hub()
        hub.disk = station.hub.disk.copy()
        folder.mkdir()
        twin = Station(folder / "mine", hub, station.person)
        twin.folder.mkdir()
        twin.file.write_bytes(image)
        twin.file.chmod(0o600)
        with twin:
            self.was_set_aside = bool(twin.journal.notices)
            known = twin.journal.replica.hub()
            assert known is not None
            if not known.person:  # nobody knows any more whose it was: the person connects again
                device = twin.device
                twin.journal.follow(url="https://hub.test", person=twin.person, role=twin.role, device=device)
            twin.level()
            at = twin.journal.replica.position()
            if twin.journal.replica.checksum() != hub.checksum(twin.person, at.cursor):
                basis = Basis(hub_id=at.hub_id, epoch=at.epoch, cursor=at.cursor, scopever=at.scopever)
                twin.journal.replica.change(Reload(basis=basis))
                twin.level()
            if twin.journal.stale(shipped_history()):
                twin.journal.rebuild(shipped_history())
            self.problems = twin.journal.check()
            self.refused = twin.journal.own.refused()
        self.view = standing(twin.file)
        new = hub.disk.entries[station.hub.head_seq() :]
        self.arrived = {entry.id for entry in new}
        self.garbled = [entry.id for entry in new if self.waiting.get(entry.id) != entry.hash]
        with Station(folder / "fresh", hub, station.person) as fresh:
            fresh.level()
        self.expected = standing(fresh.file)

    def assert_level(self, what: str) -> None:
        assert self.problems == [], what
        assert self.garbled == [], f"{what}: what is at the hub is not what was recorded"
        for table in VIEW:
            assert self.view[table] == self.expected[table], f"{what}: {table}"


def rot(image: bytes, dice: random.Random) -> bytes:
    """Some sectors are lost: wiped, full of something else, or beyond the end."""
    rotten = bytearray(image)
    for _ in range(dice.choice((1, 1, 2, 5))):
        start = dice.randrange(len(image) // SECTOR) * SECTOR
        size = SECTOR * dice.choice((1, 1, 8, 16))
        match dice.choice(("wiped", "other", "other", "cut")):
            case "wiped":
                rotten[start : start + size] = bytes(len(rotten[start : start + size]))
            case "other":
                rotten[start : start + size] = dice.randbytes(len(rotten[start : start + size]))
            case "cut":
                del rotten[max(start, PAGE) :]
    return bytes(rotten)
