"""Shells that are broken: what lies between the core, the disk, the person and the network of a workstation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from console.journal.replica import Change, Position, TakePage, TakeVerdicts
from console.sync import core
from tests.faults.sim.files import Files, Upload
from tests.faults.sim.replica import MemoryReplica
from tests.faults.sim.variants.variant import OfShell, Stepped, Variant
from tests.faults.sim.workstation import Workstation


class CursorStoredBeforeEntries(Variant):
    """Two transactions, and a crash may come in between."""

    def change(self, at: Workstation, change: Change) -> None:
        if isinstance(change, TakePage) and at.replica.is_current(change.basis):
            at.replica.cursor, at.replica.chain = change.next, change.chain
            if at.world.death(at.world.faults.crash) is not None:
                at.crash()
                return
            change = replace(change, basis=replace(change.basis, cursor=change.next))
        super().change(at, change)


class VerdictsOneByOne(Variant):
    """Own entries go before their verdicts are stored, and a crash may come in between."""

    def change(self, at: Workstation, change: Change) -> None:
        if isinstance(change, TakeVerdicts) and at.world.death(at.world.faults.crash) is not None:
            at.replica.take_verdicts(replace(change, verdicts=change.verdicts[:1]))
            for verdict in change.verdicts[1:]:
                at.replica.own.pop(verdict.id, None)
            at.crash()
            return
        super().change(at, change)


class Hasty(Files):
    def send(self, upload: Upload) -> None:
        super().send(upload)
        self.at.record([self.message(upload)])


class MessageBeforeItsFile(Workstation):
    def __init__(self, *made: Any) -> None:
        super().__init__(*made)
        self.files = Hasty(self)


class AnyCopy(Workstation):
    def refuses_copy(self, epoch: int, upto: int, asked: Position) -> bool:
        return False


class GoesBack(MemoryReplica):
    def take_page(self, page: TakePage) -> None:
        self.cursor = min(self.cursor, page.next)
        super().take_page(replace(page, basis=replace(page.basis, cursor=self.cursor)))


class SnapshotOfAnotherEpoch(Variant):
    """A snapshot is stored, whatever log it is of and wherever it ends."""

    workstation = AnyCopy
    replica = GoesBack


class NeverAsksWhy(Workstation):
    def asks_why(self, pull: Callable[[], object]) -> None:
        pass


class ScopesAskedForAgain(Variant):
    """Scopes that the hub does not give are asked for again, and nobody asks whether they are still the person's."""

    workstation = NeverAsksWhy

    def step(self, state: core.State, told: core.Input, now: float, luck: float) -> Stepped:
        if isinstance(told, core.Failed) and any(sent.request == told.request for sent in state.flying):
            flying = (replace(sent, kind="check") if sent.kind == "scopes" else sent for sent in state.flying)
            state = replace(state, flying=tuple(flying))
        return super().step(state, told, now, luck)


VARIANTS: Final = {
    "cursor stored before entries": CursorStoredBeforeEntries(),
    "verdicts stored one by one": VerdictsOneByOne(),
    "snapshot of another epoch": SnapshotOfAnotherEpoch(),
    "scopes asked for again and again": ScopesAskedForAgain(),
    "message before its file": OfShell(MessageBeforeItsFile),
}
