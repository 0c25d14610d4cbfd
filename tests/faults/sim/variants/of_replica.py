"""Local copies that are broken in one method each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from msgspec.structs import replace

from console.domain.events import Entry, EntryRedacted, Offered, UnknownEvent
from console.domain.push import Verdict
from console.journal.replica import (
    Basis,
    EnterEpoch,
    OfferAgain,
    Offering,
    RefuseNext,
    TakeDevice,
    TakeVerdicts,
)
from tests.faults.sim.own import Own
from tests.faults.sim.replica import MemoryReplica
from tests.faults.sim.variants.variant import OfReplica


class OverlayDroppedAtAck(MemoryReplica):
    def shows(self, own: Own) -> bool:
        return own.state == "new"


class OverlayWaitsForTheEcho(MemoryReplica):
    def shows(self, own: Own) -> bool:
        return own.state == "new" or (own.state == "acked" and own.effect == "applied" and own.seq not in self.entries)


class VoidShows(MemoryReplica):
    """Own entries that are void show until their echo comes, and applied ones as well."""

    def shows(self, own: Own) -> bool:
        return own.state == "new" or (own.state == "acked" and own.seq >= self.cursor)


class RefusedDropped(MemoryReplica):
    def take_verdict(self, own: Own, verdict: Verdict) -> None:
        if verdict.outcome == "refused":
            del self.own[own.offered.id]
        else:
            super().take_verdict(own, verdict)


class EffectIgnored(MemoryReplica):
    """The client keeps its own guess."""

    def take_verdict(self, own: Own, verdict: Verdict) -> None:
        super().take_verdict(own, replace(verdict, effect="applied"))


class OwnNotOfferedAgain(MemoryReplica):
    def renew(self, lost: Iterable[Own]) -> None:
        pass


class NotOfferedAgainAfterGap(MemoryReplica):
    def offer_again(self, change: OfferAgain) -> None:
        pass


class RenewedUnderOldDevice(MemoryReplica):
    """What becomes new again keeps the number of a device id that is not this one's any more."""

    def renew(self, lost: Iterable[Own]) -> None:
        for own in lost:
            own.renew()


class StalePageApplied(MemoryReplica):
    def is_current(self, basis: Basis) -> bool:
        return True


class StalePageOfOldEpochApplied(MemoryReplica):
    def is_current(self, basis: Basis) -> bool:
        return super().is_current(replace(basis, epoch=self.epoch))


class OldVerdictsTaken(MemoryReplica):
    def take_verdicts(self, change: TakeVerdicts) -> None:
        super().take_verdicts(replace(change, epoch=self.epoch))


class EpochDoesNotCut(MemoryReplica):
    def enter_epoch(self, change: EnterEpoch) -> None:
        super().enter_epoch(replace(change, fork_seq=max(change.fork_seq, self.cursor), fork_chain=self.chain))


class LostScopesKept(MemoryReplica):
    def change_scopes(self, change: Any) -> None:
        held = dict(self.entries)
        super().change_scopes(change)
        self.keep({**held, **self.entries}.values())


class GainedScopesNotLoaded(MemoryReplica):
    def change_scopes(self, change: Any) -> None:
        super().change_scopes(replace(change, gained=()))


class BatchAcrossAcked(MemoryReplica):
    def offering(self, *, max_events: int, max_bytes: int) -> Offering | None:
        taken = [offered for act in self.new_acts() for offered in act][:max_events]
        while taken and len(taken) == max_events and taken[-1].act is not None:
            taken.pop()
        if not taken:
            return super().offering(max_events=max_events, max_bytes=max_bytes)
        self.mark(taken)
        return Offering(base_dseq=self.base_dseq(taken[0].dseq), events=tuple(taken))


class ActSplitOverBatches(MemoryReplica):
    def new_acts(self) -> Iterator[list[Offered]]:
        for act in super().new_acts():
            for offered in act:
                yield [offered]


class BaseCountsRefused(MemoryReplica):
    def base_dseq(self, below: int) -> int:
        return max((own.offered.dseq for own in self.own.values() if own.offered.dseq < below), default=0)


class BaseCountsOtherDevices(MemoryReplica):
    def base_dseq(self, below: int) -> int:
        acked = [own.offered.dseq for own in self.own.values() if own.state == "acked"]
        return max((dseq for dseq in acked if dseq < below), default=0)


class NotRenumbered(MemoryReplica):
    """A new device id goes on counting where the old one was, and does not touch what waits."""

    def take_device(self, change: TakeDevice) -> None:
        if change.old == self.device:
            self.device = change.device


class EchoDoesNotAck(MemoryReplica):
    def hear_echo(self, entry: Entry) -> None:
        pass


class EchoOfRefusedIgnored(MemoryReplica):
    def hear_echo(self, entry: Entry) -> None:
        own = self.own.get(entry.id)
        if own is not None and own.state == "new":
            super().hear_echo(entry)


class RedactionNotAppliedToOwn(MemoryReplica):
    def redact_own(self, target: str) -> None:
        pass

    def hear_echo(self, entry: Entry) -> None:
        own = self.own.get(entry.id)
        if own is not None:
            offered = own.offered
            super().hear_echo(entry)
            own.offered = offered


class RedactionNotAppliedToLog(MemoryReplica):
    def redact(self, target: str) -> None:
        self.redact_own(target)


class VoidRedactionApplied(MemoryReplica):
    def insert(self, entries: Iterable[Entry]) -> None:
        entries = tuple(entries)
        super().insert(entries)
        for entry in entries:
            if isinstance(entry.event, EntryRedacted):
                self.redact(entry.event.entry)


class RefusesAnother(MemoryReplica):
    """What the hub could not take is whatever comes first now."""

    def refuse_next(self, change: RefuseNext) -> None:
        act = next(self.new_acts(), [])
        if act:
            super().refuse_next(replace(change, id=act[0].id))


class RefusedUnseen(MemoryReplica):
    def refuse_next(self, change: RefuseNext) -> None:
        self.own.pop(change.id, None)


class ForgetsPending(MemoryReplica):
    def forget(self) -> None:
        super().forget()
        self.own.clear()


class RevokedKeepsAll(MemoryReplica):
    def forget(self) -> None:
        self.cursor, self.scopes = 0, ()


class OfferedAgainShowsTwice(MemoryReplica):
    """What the hub has to be offered again shows beside the log, also where that has it."""

    def shows(self, own: Own) -> bool:
        return own.state == "new" or super().shows(own)


class NothingExpires(MemoryReplica):
    def expire(self, before: int) -> None:
        pass


class ExpiresAtOnce(MemoryReplica):
    def expire(self, before: int) -> None:
        super().expire(self.now())


class WaitingExpires(MemoryReplica):
    """What was made long ago goes, whether the hub has it or not."""

    def expire(self, before: int) -> None:
        self.own = {id: own for id, own in self.own.items() if own.offered.at >= before}


class ExpiresAheadOfTheLog(MemoryReplica):
    """What the hub took long ago goes before the log has been read that far."""

    def expire(self, before: int) -> None:
        self.own = {id: own for id, own in self.own.items() if own.acked_at is None or own.acked_at >= before}


class RenewedOutOfOrder(MemoryReplica):
    """What was numbered anew since it was made is offered again before what is older."""

    def renew(self, lost: Iterable[Own]) -> None:
        for own in lost:
            own.renew()
        new = [own for own in self.own.values() if own.state == "new"]
        if any(own.offered.device != self.device for own in new):
            self.number(new, above=self.dseq)


class RefusedBesideItsAct(MemoryReplica):
    """What was refused of an act stays refused, though the log turns out to have the act."""

    def renew_beside(self, acts: set[str]) -> None:
        pass


class ExpiresHalfAnAct(MemoryReplica):
    """Each entry goes at its own time."""

    def expire(self, before: int) -> None:
        self.own = self.younger(before)


class WithdrawnUnderWay(MemoryReplica):
    def mark(self, taken: Iterable[Offered]) -> None:
        pass


class HalfWithdrawn(MemoryReplica):
    """Only the entry goes, and not what belongs to the same act."""

    def waiting_with(self, ids: set[str]) -> list[Own]:
        return [own for id, own in self.own.items() if id in ids]


class RepliesOutliveTheirTicket(MemoryReplica):
    """The opening of a ticket is taken back, and what waits on it stays."""

    def waiting_with(self, ids: set[str]) -> list[Own]:
        acts = {self.own[id].offered.act for id in ids} - {None}
        new = (own for own in self.own.values() if own.state == "new")
        return [own for own in new if own.offered.id in ids or own.offered.act in acts]


class NewerDropped(MemoryReplica):
    """An old program leaves out what it does not know."""

    def insert(self, entries: Iterable[Entry]) -> None:
        super().insert(entry for entry in entries if not isinstance(entry.event, UnknownEvent))


class NewerRewritten(MemoryReplica):
    """An old program keeps what it understands of an event, not its bytes."""

    def insert(self, entries: Iterable[Entry]) -> None:
        super().insert(
            replace(entry, payload=b"{}") if isinstance(entry.event, UnknownEvent) else entry for entry in entries
        )


class UpdateEmptiesTheOutbox(MemoryReplica):
    def read_anew(self, read: Callable[[Entry], Entry]) -> None:
        super().read_anew(read)
        self.own = {id: own for id, own in self.own.items() if own.state != "new"}


VARIANTS: Final = {
    "overlay dropped at ack": OfReplica(OverlayDroppedAtAck),
    "overlay waits for the echo": OfReplica(OverlayWaitsForTheEcho),
    "refused dropped": OfReplica(RefusedDropped),
    "own entries not offered again": OfReplica(OwnNotOfferedAgain),
    "stale page applied": OfReplica(StalePageApplied),
    "void shows": OfReplica(VoidShows),
    "effect ignored": OfReplica(EffectIgnored),
    "not offered again after a gap": OfReplica(NotOfferedAgainAfterGap),
    "renewed under an old device": OfReplica(RenewedUnderOldDevice),
    "stale page of an old epoch applied": OfReplica(StalePageOfOldEpochApplied),
    "verdicts of an old epoch taken": OfReplica(OldVerdictsTaken),
    "epoch does not cut": OfReplica(EpochDoesNotCut),
    "lost scopes kept": OfReplica(LostScopesKept),
    "gained scopes not loaded": OfReplica(GainedScopesNotLoaded),
    "batch across an acked entry": OfReplica(BatchAcrossAcked),
    "act split over batches": OfReplica(ActSplitOverBatches),
    "base counts refused": OfReplica(BaseCountsRefused),
    "base counts other devices": OfReplica(BaseCountsOtherDevices),
    "not renumbered under a new device": OfReplica(NotRenumbered),
    "echo does not ack": OfReplica(EchoDoesNotAck),
    "echo of a refused entry ignored": OfReplica(EchoOfRefusedIgnored),
    "redaction not applied to own copies": OfReplica(RedactionNotAppliedToOwn),
    "redaction not applied to the log": OfReplica(RedactionNotAppliedToLog),
    "void redaction applied": OfReplica(VoidRedactionApplied),
    "refuses another": OfReplica(RefusesAnother),
    "refused unseen": OfReplica(RefusedUnseen),
    "forgets what waits": OfReplica(ForgetsPending),
    "revoked keeps all": OfReplica(RevokedKeepsAll),
    "offered again shows twice": OfReplica(OfferedAgainShowsTwice),
    "nothing expires": OfReplica(NothingExpires),
    "expires at once": OfReplica(ExpiresAtOnce),
    "what waits expires": OfReplica(WaitingExpires),
    "expires ahead of the log": OfReplica(ExpiresAheadOfTheLog),
    "expires half an act": OfReplica(ExpiresHalfAnAct),
    "refused beside its act": OfReplica(RefusedBesideItsAct),
    "renewed out of order": OfReplica(RenewedOutOfOrder),
    "withdrawn under way": OfReplica(WithdrawnUnderWay),
    "half of an act withdrawn": OfReplica(HalfWithdrawn),
    "replies outlive a withdrawn ticket": OfReplica(RepliesOutliveTheirTicket),
    "newer entries dropped": OfReplica(NewerDropped),
    "newer entries rewritten": OfReplica(NewerRewritten),
    "update empties the outbox": OfReplica(UpdateEmptiesTheOutbox),
}
