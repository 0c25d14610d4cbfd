"""What must hold at the end of every world, when it is calm and everybody is level: spec sync.md 4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from console.domain import access, pro, ticket
from console.domain.events import Entry
from tests.faults.sim.broken import Broken
from tests.faults.sim.hub import Disk
from tests.faults.sim.invariants import Watch
from tests.faults.sim.settings import CONFIG

if TYPE_CHECKING:
    from tests.faults.sim.workstation import Workstation
    from tests.faults.sim.world import World

MOST_ROUNDS: Final = 10


def in_few_pushes(world: World) -> None:
    """Every outbox was emptied since it became calm."""
    for at in world.workstations:
        if at.pushes > MOST_ROUNDS + len(at.replica.own) // CONFIG.batch:
            raise Broken(f"{at.name} needed {at.pushes} pushes to empty its outbox")


def at_the_end(world: World) -> None:
    disk, watch = world.hub.disk, world.watch
    places = {entry.id: entry for entry in disk.entries}
    if len(places) != len(disk.entries):
        raise Broken("An entry is in the log twice")
    _is_in_order(disk, watch)
    for at in world.workstations:
        if at.state.stopped == "revoked":
            _has_forgotten(at)
        else:
            _holds_what_the_hub_has(at, disk)
            _believes_what_is_so(at, disk, places, watch.refusals)
    _nothing_is_lost(world, places)


def _is_in_order(disk: Disk, watch: Watch) -> None:
    made: dict[str, int] = {}
    counted: dict[str, int] = {}
    for seq, entry in enumerate(disk.entries, 1):
        if entry.seq != seq:
            raise Broken(f"The log has a gap at {seq}")
        if entry.dseq <= counted.get(entry.device, 0):
            raise Broken(f"Device {entry.device[:8]} is out of order at {seq}")
        counted[entry.device] = entry.dseq
        saved = watch.saves[entry.id]
        if not saved.shared:
            if saved.place < made.get(saved.by, -1):
                raise Broken(f"{saved.by}: seq {seq} was made before an earlier one")
            made[saved.by] = saved.place


def _has_forgotten(at: Workstation) -> None:
    if at.replica.entries or any(own.state == "acked" for own in at.replica.own.values()):
        raise Broken(f"{at.name} was revoked and keeps entries")


def _holds_what_the_hub_has(at: Workstation, disk: Disk) -> None:
    replica, scopes = at.replica, disk.people[at.person].scopes
    theirs = [entry for entry in disk.entries if access.sees(scopes, entry.scope)]
    if list(replica.entries.values()) != theirs:
        raise Broken(f"{at.name} holds other entries than the hub: {_difference(replica.entries, theirs)}")
    if replica.overlay():
        raise Broken(f"{at.name} shows {len(replica.overlay())} entries beside the log")
    for stream in replica.streams:
        whole = [disk.entries[seq - 1] for seq in disk.streams[stream]]
        fold = pro.fold if stream.startswith("pro:") else ticket.fold
        if fold(at.view(stream)) != fold(whole):
            raise Broken(f"{at.name} shows another {stream} than the hub")


def _believes_what_is_so(at: Workstation, disk: Disk, places: dict[str, Entry], refusals: set[str]) -> None:
    """Of each own entry: where it is, or that somebody refused it."""
    scopes = disk.people[at.person].scopes
    for id, own in at.replica.own.items():
        entry = places.get(id)
        if own.state == "acked":
            if entry is None or (own.seq, own.effect) != (entry.seq, entry.effect):
                raise Broken(f"{at.name} believes {id[:8]} recorded at {own.seq}, {own.effect}")
            if own.offered.payload != entry.payload and access.sees(scopes, entry.scope):
                raise Broken(f"{at.name} keeps the words of {id[:8]}")
        elif own.state == "refused" and id not in refusals:
            raise Broken(f"{at.name} believes {id[:8]} refused, and nobody refused it")
        elif own.state == "refused" and entry is not None and access.sees(scopes, entry.scope):
            raise Broken(f"{at.name} believes {id[:8]} refused, and it is recorded")


def _nothing_is_lost(world: World, places: dict[str, Entry]) -> None:
    kept = {id for at in world.workstations for id, own in at.replica.own.items() if own.state != "acked"}
    for id, saved in world.watch.saves.items():
        if not saved.let_go and id not in places and id not in kept:
            raise Broken(f"Lost: {id[:8]} of {saved.by}")


def _difference(held: dict[int, Entry], theirs: list[Entry]) -> str:
    known = {entry.seq: entry for entry in theirs}
    missing = sorted(known.keys() - held.keys())
    more = sorted(held.keys() - known.keys())
    other = sorted(seq for seq in known.keys() & held.keys() if known[seq] != held[seq])
    return f"missing {missing}, beside {more}, other {other}"
