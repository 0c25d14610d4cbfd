"""A hub of real processes, workstations of real processes, and a bad network between them, with somebody who kills.

The hub processes share one data folder with an embedded PostgreSQL, as people would start them; each workstation speaks
through a proxy of its own. One event loop runs it all. What must hold afterwards is in `after`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self, TypeVar

import msgspec
import psycopg

from console.desk import Desk
from console.domain.access import Role
from console.domain.events import Entry
from console.guidelines_files import shipped_history
from console.hub.backup import backup, restore
from console.hub.database import service_engine
from console.hub.embedded import Embedded
from console.hub.entry_rows import COLUMNS, entry_of
from console.hub.errors import HubUnavailable
from console.hub.people import People
from console.journal.store import Journal
from console.settings import Settings, Workspace, save_settings
from console.sync.keys import Keys
from console.wire.messages import MAX_BATCH_EVENTS
from tests.bench.hub_work import Connection, pushes
from tests.faults.pro_workspace import ready
from tests.faults.proxy import CABLE_OUT, CLEAR, STORM, Fault, Proxy, Weather
from tests.faults.real.working import Job, Standing
from tests.hub.running import HubProcess, enrol

T = TypeVar("T")

ROOT: Final = Path(__file__).resolve().parents[3]
PEOPLE: Final[tuple[tuple[str, Role], ...]] = (
    ("Mara Okafor", "admin"),
    ("Dana Whitfield", "engineer"),
    ("Ben Ali", "lead"),
)
ACCOUNTS: Final = ("Harbour Ltd", "Quay GmbH")
MOVED_GRANT: Final = "restricted:night"
SKEWS_MS: Final = (0, 5 * 60_000, -5 * 60_000, 86_400_000, -86_400_000, 1_500, -40_000)
LEVEL_S: Final = 45.0
_START_S: Final = 30.0
_ANSWER_S: Final = 30.0
_STORMS: Final[tuple[Weather, ...]] = (
    STORM,
    STORM,
    msgspec.structs.replace(STORM, faults={"clean": 1, "cut_answer": 3}),
    msgspec.structs.replace(STORM, faults={"clean": 2, "latency": 3, "trickle": 2}),
    msgspec.structs.replace(STORM, faults={"clean": 2, "deaf": 1, "mute": 2}),
    CABLE_OUT,
    CLEAR,
)


class Seat:
    """A person's workstation: its folder, its proxy, and the process while it lives."""

    def __init__(self, folder: Path, person: str, proxy: Proxy, dice: random.Random) -> None:
        self.folder = folder
        self.person = person
        self.proxy = proxy
        self._dice = dice
        self._process: asyncio.subprocess.Process | None = None

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder)

    async def start(self) -> None:
        job = Job(str(self.folder), self._dice.getrandbits(32), self._dice.choice(SKEWS_MS))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.real.working",
            msgspec.json.encode(job).decode(),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert await self._hear(_START_S) == "ready", f"{self.person}'s workstation does not start"

    def tell(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    async def report(self) -> Standing:
        self.tell("report")
        return msgspec.json.decode(await self._hear(_ANSWER_S), type=Standing)

    async def _hear(self, within_s: float) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), within_s)
        assert line, f"{self.person}'s workstation ended by itself"
        return line.decode().strip()

    async def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def end(self) -> None:
        """As a person closes the program."""
        process = self._process
        assert process is not None
        self.tell("end")
        assert process.stdin is not None
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), _ANSWER_S) == 0
        self._process = None


class World:
    """All of it. `kills` counts what was killed, `faults` what the network did; `set_up` are the ids of entries that
    were there before anybody worked."""

    def __init__(self, folder: Path, *, seed: int, hubs: int = 2, long_log: int = 0) -> None:
        """`long_log` is how many entries there are before the workstations come."""
        self.folder = folder
        self._long_log = long_log
        self.kills: Counter[str] = Counter()
        self.dice = random.Random(seed)
        self.embedded = Embedded(folder / "hub")
        self._hubs = [HubProcess(folder / "hub", None) for _ in range(hubs)]
        self._seed = seed
        self._running = contextlib.AsyncExitStack()
        self.seats: list[Seat] = []
        self.set_up: set[str] = set()

    @property
    def faults(self) -> Counter[Fault]:
        return sum((seat.proxy.done for seat in self.seats), Counter())

    async def __aenter__(self) -> Self:
        try:
            (self.folder / "hub").mkdir(parents=True)
            for hub in self._hubs:
                await asyncio.to_thread(hub.start)
                self._running.push_async_callback(asyncio.to_thread, hub.stop)
            await asyncio.to_thread(self._running.enter_context, self.embedded)
            await self._bring_log()
            for number, (person, role) in enumerate(PEOPLE):
                await self._seat(number, person, role)
            await asyncio.to_thread(self._bring_engagements, self.seats[0])
            for seat in self.seats:
                await seat.start()
        except BaseException:
            await self._running.aclose()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._running.aclose()

    async def _seat(self, number: int, person: str, role: Role) -> None:
        targets = [("127.0.0.1", hub.port) for hub in self._hubs]
        proxy = Proxy(targets, seed=self._seed * 100 + number)
        await self._running.enter_async_context(proxy)
        folder = self.folder / person.split()[0].lower()
        seat = Seat(folder, person, proxy, random.Random(f"{self._seed} {person}"))
        self._running.push_async_callback(seat.kill)
        self.seats.append(seat)
        await asyncio.to_thread(self._connect, seat, role)

    def _connect(self, seat: Seat, role: Role) -> None:
        """Makes the workspace, and signs it in."""
        token_file = seat.folder / "token"
        save_settings(seat.workspace, Settings(name=seat.person, token_file=token_file))
        enrolled = self.people(lambda people: enrol(people, seat.person, role))
        Keys(seat.proxy.url, seat.folder, token_file).keep(enrolled.token)
        with Journal.open(seat.workspace.database, history=shipped_history(), now_ms=0) as journal:
            journal.follow(url=seat.proxy.url, person=seat.person, role=role, device=enrolled.device)

    async def _bring_log(self) -> None:
        """A colleague who was there before, and is not any more."""
        enrolled = await asyncio.to_thread(self.people, lambda people: enrol(people, "Aiko Sato"))
        connection = await Connection.to(self._hubs[0].url)
        for request in pushes(enrolled, size=MAX_BATCH_EVENTS, batches=self._long_log // MAX_BATCH_EVENTS):
            await connection.ask(request)
        connection.close()
        self.set_up |= {entry.id for entry in hub_log(self.embedded.url)}

    def _bring_engagements(self, seat: Seat) -> None:
        with Desk.open(seat.workspace) as desk:
            for number, account in enumerate(ACCOUNTS):
                ready(desk, number, account)
            self.set_up |= {own.offered.id for own in desk.journal.own.waiting()}

    def people(self, ask: Callable[[People], T]) -> T:
        engine = service_engine(self.embedded.url, pool_size=1)
        try:
            return ask(People(engine))
        finally:
            engine.dispose()

    # Harm

    async def storm(self, seconds: float) -> None:
        """Harm after harm for so long; afterwards everything runs again and the sky is clear."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        harms = {
            self._change_weather: 8,
            self._kill_workstation: 3,
            self._kill_hub: 2,
            self._stop_postgres: 1.5,
            self._change_scopes: 1,
        }
        first = list(harms)
        for seat in self.seats:
            seat.proxy.weather = STORM
        while loop.time() < ends:
            await asyncio.sleep(self.dice.uniform(0.3, 1.5))
            harm = first.pop() if first else self.dice.choices(list(harms), list(harms.values()))[0]
            await harm()
        for seat in self.seats:
            seat.proxy.weather = CLEAR
            seat.proxy.hang_up()

    async def _change_weather(self) -> None:
        seat = self.dice.choice(self.seats)
        seat.proxy.weather = self.dice.choice(_STORMS)
        if self.dice.random() < 0.3:
            seat.proxy.hang_up()

    async def _kill_workstation(self) -> None:
        seat = self.dice.choice(self.seats)
        self.kills["workstation"] += 1
        await seat.kill()
        await asyncio.sleep(self.dice.uniform(0, 0.5))
        await seat.start()

    async def _kill_hub(self) -> None:
        hub = self.dice.choice(self._hubs)
        self.kills["hub"] += 1
        await asyncio.to_thread(hub.kill)
        await asyncio.sleep(self.dice.uniform(0, 1.5))
        await asyncio.to_thread(hub.start)

    async def _stop_postgres(self) -> None:
        """The hub processes start it again."""
        self.kills["postgres"] += 1
        await asyncio.to_thread(self.embedded.stop_immediately)

    async def _change_scopes(self) -> None:
        """A grant that is lost and given again moves `scopever`."""
        person = self.dice.choice(PEOPLE)[0]
        change = People.grant if self.dice.random() < 0.5 else People.ungrant
        with contextlib.suppress(HubUnavailable):  # its database may be stopped at this moment
            await asyncio.to_thread(self.people, lambda people: change(people, person, MOVED_GRANT))

    async def back_up(self) -> None:
        await asyncio.to_thread(backup, self.embedded.url, self.folder / "hub.backup")

    async def set_back(self) -> None:
        """The hub's database is lost; what the backup does not have is on the workstations only."""
        for hub in self._hubs:
            await asyncio.to_thread(hub.kill)
        await asyncio.to_thread(restore, self.embedded.url, self.folder / "hub.backup", replace=True)
        for hub in self._hubs:
            await asyncio.to_thread(hub.start)

    # Quiet

    async def rest(self) -> list[Standing]:
        """Nobody acts any more, everything is level; what the workstations said last. Fails where it does not come."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + LEVEL_S
        for seat in self.seats:
            seat.tell("rest")
            seat.tell("sync")
        while True:
            standings = [await seat.report() for seat in self.seats]
            heads = {standing.cursor for standing in standings}
            level = all(standing.link == "synced" and not standing.waiting for standing in standings)
            if level and heads == {await asyncio.to_thread(self.head)}:
                return standings
            assert loop.time() < ends, f"they do not come level: {standings}"
            await asyncio.sleep(0.5)

    def head(self) -> int:
        with psycopg.connect(self.embedded.url) as connection:
            (seq,) = connection.execute("SELECT seq FROM head").fetchone() or (0,)
            return int(seq)

    async def end(self) -> None:
        """All workstations are closed; the hub goes on."""
        for seat in self.seats:
            await seat.end()


def hub_log(url: str) -> list[Entry]:
    """All entries of a hub, from its database."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(f"SELECT {COLUMNS} FROM entries ORDER BY seq".encode(), binary=True)
        return [entry_of(row) for row in rows]
