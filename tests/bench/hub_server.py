"""A real hub for the benches: an embedded PostgreSQL, hub processes on it, and what they use of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import psycopg

from console.domain.access import Role
from console.hub.database import service_engine
from console.hub.embedded import Embedded
from console.hub.migrations import migrate
from console.hub.people import People
from console.wire.messages import Enrolled
from tests.hub.running import HubProcess, enrol

_TICKS = os.sysconf("SC_CLK_TCK")


class BenchHub(msgspec.Struct, frozen=True):
    """`database` is the URL of its owner, `processes` the running hubs, `postgres` the pid of the server."""

    folder: Path
    database: str
    processes: Sequence[HubProcess]
    postgres: int

    @property
    def urls(self) -> list[str]:
        return [process.url for process in self.processes]

    @property
    def pids(self) -> list[int]:
        return [process.process.pid for process in self.processes if process.process is not None]

    def enrol(self, *names: str, role: Role = "engineer") -> list[Enrolled]:
        """A workstation for each name."""
        engine = service_engine(self.database)
        try:
            people = People(engine)
            return [enrol(people, name, role) for name in names]
        finally:
            engine.dispose()


@contextmanager
def hub(processes: int = 1) -> Iterator[BenchHub]:
    """A hub with an empty log, for the block."""
    with TemporaryDirectory() as temporary, ExitStack() as running:
        folder = Path(temporary)
        embedded = running.enter_context(Embedded(folder))
        migrate(embedded.url)
        started = [running.enter_context(HubProcess(folder, embedded.url)) for _ in range(processes)]
        postgres = int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        yield BenchHub(folder, embedded.url, started, postgres)


@contextmanager
def another_database(of: BenchHub) -> Iterator[str]:
    """The URL of a migrated, empty database on the same server, with nobody else in it."""
    admin, url = (of.database.replace("/hub?", f"/{name}?") for name in ("postgres", "bare"))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
        try:
            migrate(url)
            yield url
        finally:
            connection.execute("DROP DATABASE bare WITH (FORCE)")


def cpu_s(*pids: int) -> float:
    """Processor time that processes have used so far."""
    return sum(sum(map(int, _stat(pid)[11:13])) for pid in pids) / _TICKS


def family_cpu_s(pid: int) -> float:
    """Processor time of a process and its children, of those as well that have ended: PostgreSQL has one for each
    connection."""
    own = sum(map(int, _stat(pid)[11:15]))
    of_children = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it ended meanwhile
                fields = _stat(int(entry.name))
                of_children += sum(map(int, fields[11:13])) if int(fields[1]) == pid else 0
    return (own + of_children) / _TICKS


def resident_mib(pid: int) -> float:
    """What a process holds in memory now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def _stat(pid: int) -> list[str]:
    """The fields of `/proc/PID/stat` from the third on: the second, a name, may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
