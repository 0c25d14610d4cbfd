"""The program under test as a world runs it, and how a broken variant takes the place of one part of it."""

from __future__ import annotations

from collections.abc import Callable

from console.journal.replica import Change
from console.sync import core
from tests.faults.sim.hub import Hub
from tests.faults.sim.replica import MemoryReplica
from tests.faults.sim.workstation import Workstation

Stepped = tuple[core.State, tuple[core.Output, ...]]


class Variant:
    """The real thing."""

    hub: type[Hub] = Hub
    replica: type[MemoryReplica] = MemoryReplica
    workstation: type[Workstation] = Workstation

    def step(self, state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
        return core.step(state, told, now, luck)

    def change(self, at: Workstation, change: Change) -> None:
        replica = at.replica
        entries, cursor, own = len(replica.entries), replica.cursor, dict(replica.own)
        at.world.watch.changing(at, change)
        replica.change(change)
        at.world.say(at, "stores", type(change).__name__, "cursor", replica.cursor)
        at.world.watch.changed(at, change, entries, cursor, own)


class OfHub(Variant):
    def __init__(self, hub: type[Hub]) -> None:
        self.hub = hub


class OfReplica(Variant):
    def __init__(self, replica: type[MemoryReplica]) -> None:
        self.replica = replica


class OfShell(Variant):
    """The workstation between its core, its disk, its person and the network."""

    def __init__(self, workstation: type[Workstation]) -> None:
        self.workstation = workstation


class OfCore(Variant):
    """`broken` stands for `core.step`."""

    def __init__(self, broken: Callable[[core.State, core.Input, float, float], Stepped]) -> None:
        self.broken = broken

    def step(self, state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
        return self.broken(state, told, now, luck)
