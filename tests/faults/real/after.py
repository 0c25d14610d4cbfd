"""What must hold once the harm is over and everything is level: the invariants of spec sync.md 4, on real files.

Called when the workstations are closed. The reference is the hub's log as it is in PostgreSQL: its fold in a workspace
that was never in any trouble is what every workstation has to show, byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import Entry
from console.guidelines_files import shipped_history
from console.hub.verify import verify
from console.journal.replica import Basis, Join, TakePage
from console.journal.store import Journal
from tests.faults.real.working import SIDE_JOURNAL, Standing, Told
from tests.faults.real.world import Seat, World, hub_log
from tests.faults.replica_world import standing

VIEW: Final = ("entries", "tickets", "search", "pro_engagements", "pro_lots", "pro_running")
"""The tables of a workspace from which everything that is shown is read."""
OF_THEMSELVES: Final = (pe.GapFound, pe.SegmentStopped, pe.SegmentBeat)
"""What the program records without being asked."""


class Found(msgspec.Struct, frozen=True):
    """What was counted on the way."""

    entries: int
    told: int
    void: int
    refused: int
    of_cut_off_acts: int


def check(world: World, standings: Sequence[Standing]) -> Found:
    """Fails with what is wrong."""
    for seat, said in zip(world.seats, standings, strict=True):
        assert not said.failures, f"{seat.person}'s workstation failed:\n{said.failures[0]}"
    log = hub_log(world.embedded.url)
    assert verify(world.embedded.url) == ()
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1)), "the log has gaps"
    assert max(Counter(entry.id for entry in log).values()) == 1, "an entry is in the log twice"
    _assert_order_of_devices(log)
    told = {seat.person: told_by(seat) for seat in world.seats}
    for seat, said in zip(world.seats, standings, strict=True):
        _assert_nothing_lost(seat, told[seat.person], log, said)
    cut_off = _assert_nothing_invented(told, log, world.set_up)
    folded = fold_of(log, world.folder / "reference")
    for seat in world.seats:
        _assert_sound(seat)
        _assert_same_view(seat, standing(seat.workspace.database), folded)
    return Found(
        entries=len(log),
        told=sum(len(one.ids) for lines in told.values() for one in lines),
        void=sum(not entry.applied for entry in log),
        refused=sum(len(said.refused) for said in standings),
        of_cut_off_acts=cut_off,
    )


def told_by(seat: Seat) -> list[Told]:
    """The side journal of a workstation."""
    lines = (seat.folder / SIDE_JOURNAL).read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Told) for line in lines]


def _assert_order_of_devices(log: Sequence[Entry]) -> None:
    last: dict[str, int] = {}
    for entry in log:
        assert entry.dseq > last.get(entry.device, 0), f"the order of device {entry.device} is broken at {entry.seq}"
        last[entry.device] = entry.dseq


def _assert_nothing_lost(seat: Seat, told: Sequence[Told], log: Sequence[Entry], said: Standing) -> None:
    """What was told as saved is in the log as it was written, or refused in sight."""
    known = {entry.id: entry.hash for entry in log}
    for one in told:
        for entry_id, written in zip(one.ids, one.hashes, strict=True):
            if entry_id not in said.refused:
                assert entry_id in known, f"{seat.person} was told that {one.act} {entry_id} is saved, and it is lost"
                assert known[entry_id] == written, f"{seat.person}'s {one.act} {entry_id} is in the log as another one"


def _assert_nothing_invented(told: dict[str, list[Told]], log: Sequence[Entry], set_up: Collection[str]) -> int:
    """What nobody was told of belongs to an act that a kill cut off before its answer, at most one for each such act,
    or was recorded by the program itself. Gives how many acts there were of the first kind."""
    known = {*set_up, *(entry_id for lines in told.values() for one in lines for entry_id in one.ids)}
    left = {entry.act or entry.id for entry in log if entry.id not in known and not _by_itself(entry)}
    cut_off = sum(len(lines) - 2 * sum(one.done for one in lines) for lines in told.values())
    assert len(left) <= cut_off, f"{len(left)} acts are in the log of which nobody knows; {cut_off} were cut off"
    return len(left)


def _by_itself(entry: Entry) -> bool:
    """Whether the program records such a thing without being asked."""
    event = entry.event
    return isinstance(event, OF_THEMSELVES) or (isinstance(event, ev.MessageSent) and event.body.startswith("Blocked:"))


def fold_of(log: Sequence[Entry], folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What a workspace shows that took the whole log in one page."""
    file = folder / "journal.db"
    with Journal.open(file, history=shipped_history(), now_ms=0) as journal:
        journal.follow(url="https://hub.test", person="Nobody", role="admin", device="reference")
        scopes = tuple(sorted({entry.scope for entry in log}))
        journal.replica.change(Join(hub_id="reference", epoch=1, scopever=1, scopes=scopes))
        basis = Basis(hub_id="reference", epoch=1, cursor=0, scopever=1)
        journal.replica.change(TakePage(basis=basis, entries=tuple(log), next=len(log), chain=log[-1].chain))
    return standing(file)


def _assert_sound(seat: Seat) -> None:
    with Journal.open(seat.workspace.database, history=shipped_history(), now_ms=0) as journal:
        assert journal.notices == []
        assert journal.check() == []


def _assert_same_view(
    seat: Seat, mine: dict[str, list[tuple[Any, ...]]], folded: dict[str, list[tuple[Any, ...]]]
) -> None:
    for table in VIEW:
        differing = set(map(repr, mine[table])) ^ set(map(repr, folded[table]))
        assert mine[table] == folded[table], f"{seat.person}'s {table} are not the fold: {sorted(differing)[:4]}"
