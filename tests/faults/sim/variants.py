"""The program under test, and its deliberately broken variants.

Each must be caught: a survivor means that a fault or an invariant is missing (spec sync.md 4). A variant is the real
thing but for one method; `BROKEN` names them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from console.domain import push
from console.domain.events import Entry, EntryRedacted, Offered, content_hash, event_type
from console.domain.push import Author, Decision, Known, Verdict
from console.journal.replica import (
    Basis,
    Change,
    EnterEpoch,
    Join,
    OfferAgain,
    Offering,
    RefuseNext,
    TakeDevice,
    TakePage,
    TakeVerdicts,
)
from console.sync import core
from console.wire.messages import Page, Pull, Push, Pushed, Welcome
from tests.faults.sim.hub import Device, Disk, Hub
from tests.faults.sim.replica import MemoryReplica, Own

if TYPE_CHECKING:
    from tests.faults.sim.workstation import Workstation


class Variant:
    """The real thing."""

    hub: type[Hub] = Hub
    replica: type[MemoryReplica] = MemoryReplica

    def step(
        self, state: core.State, told: core.Input, now: float, luck: float
    ) -> tuple[core.State, tuple[core.Output, ...]]:
        return core.step(state, told, now, luck)

    def change(self, at: Workstation, change: Change) -> None:
        replica = at.replica
        entries, cursor, own = len(replica.entries), replica.cursor, len(replica.own)
        at.world.watch.changing(at, change)
        replica.change(change)
        at.world.say(at, "stores", type(change).__name__, "cursor", replica.cursor)
        at.world.watch.changed(at, change, entries, cursor, own)


RIGHT = Variant()


class OfHub(Variant):
    def __init__(self, hub: type[Hub]) -> None:
        self.hub = hub


class OfReplica(Variant):
    def __init__(self, replica: type[MemoryReplica]) -> None:
        self.replica = replica


class OfCore(Variant):
    """`broken` stands for `core.step`."""

    def __init__(self, broken: Callable[..., tuple[core.State, tuple[core.Output, ...]]]) -> None:
        self.broken = broken

    def step(
        self, state: core.State, told: core.Input, now: float, luck: float
    ) -> tuple[core.State, tuple[core.Output, ...]]:
        return self.broken(state, told, now, luck)


# The hub

_HASHED = ("id", "stream", "ver", "at", "base", "expect", "act", "payload")


class NoDedupe(Hub):
    def verdicts(self, ids: Iterable[str]) -> dict[str, tuple[bytes, Verdict]]:
        return {}

    def decide(self, batch: Sequence[Offered], author: Author) -> Decision:
        return push.decide(batch, author, self.known(batch, -1), now_ms=self.clock())


class RefusalsForgotten(Hub):
    def verdicts(self, ids: Iterable[str]) -> dict[str, tuple[bytes, Verdict]]:
        known = super().verdicts(ids)
        return {id: stored for id, stored in known.items() if stored[1].outcome == "recorded"}


class NoOrderCheck(Hub):
    def check_order(self, asked: Push, device: Device) -> None:
        pass


class DeviceConflictIgnored(Hub):
    def known(self, batch: Sequence[Offered], last_dseq: int) -> Known:
        return super().known(batch, -1)


class DedupeDoesNotAdvance(Hub):
    """A known id leaves the device's counter where it was."""

    def decide(self, batch: Sequence[Offered], author: Author) -> Decision:
        decision = super().decide(batch, author)
        new = {offered.id for offered, _ in decision.refused} | {entry.id for entry in decision.entries}
        last = self.disk.devices[author.device].last_dseq
        advanced = max((offered.dseq for offered in batch if offered.id in new), default=last)
        return replace(decision, device_last=max(last, advanced))


class NoPermissionCheck(Hub):
    def author(self, name: str, device: str, row: Device) -> Author:
        return replace(super().author(name, device, row), role="admin", scopes=("accounts", "desk", "pro:*"))


class PermissionOfEarlier(Hub):
    """The role that the person had when they first came."""

    def author(self, name: str, device: str, row: Device) -> Author:
        known = self.__dict__.setdefault("first", {})
        return replace(super().author(name, device, row), scopes=known.setdefault(name, self.person(name).scopes))


class OverFetchOnPull(Hub):
    def page(self, scopes: Sequence[str], after: int, limit: int) -> Page:
        return super().page(("accounts", "desk", "pro:*", "restricted:vip"), after, limit)


class OverFetchInChecksum(Hub):
    def checksum(self, name: str, seq: int) -> tuple[int, bytes]:
        seen = self.disk.entries[:seq]
        return len(seen), push.content_hash.__name__.encode()


class SeqVisibleOutOfOrder(Hub):
    """Numbers are given before the commit: now and then an entry shows after a later one, as with a sequence."""

    def page(self, scopes: Sequence[str], after: int, limit: int) -> Page:
        page = super().page(scopes, after, limit)
        now = self.clock()
        late = [wire for wire in page.entries if wire.seq % 7 == 3 and now - wire.recorded_at < 1500]
        shown = tuple(wire for wire in page.entries if wire not in late)
        return replace(page, entries=shown)


class NoEpochAfterRestore(Hub):
    def restore(self, backup: Disk, epoch: int) -> None:
        self.disk = backup.copy()


class NoScopeVersion(Hub):
    def check_scopever(self, asked: Pull, welcome: Welcome) -> None:
        pass

    def welcome(self, name: str, epoch: int) -> Welcome:
        return replace(super().welcome(name, epoch), scopever=1)


class NoChain(Hub):
    """A pull is not asked which log it goes on from, and a restore begins no epoch."""

    def restore(self, backup: Disk, epoch: int) -> None:
        self.disk = backup.copy()

    def pull(self, name: str, asked: Pull) -> Page:
        chain = self.chain_at(min(asked.after, self.head_seq())) or b""
        return super().pull(name, replace(asked, after=min(asked.after, self.head_seq()), chain=chain))


class VoidActHalfApplied(Hub):
    """Only the guarded event of a void act is void."""

    def decide(self, batch: Sequence[Offered], author: Author) -> Decision:
        decision = super().decide(batch, author)
        guarded = {offered.id for offered in batch if push.is_guarded(offered)}
        entries = [e if e.id in guarded else replace(e, effect="applied") for e in decision.entries]
        return replace(decision, entries=tuple(entries))


class GuardDecidedOnOldState(Hub):
    """The guard sees the streams as they were before the batch of another device."""

    def known(self, batch: Sequence[Offered], last_dseq: int) -> Known:
        known = super().known(batch, last_dseq)
        return replace(known, streams={stream: entries[:-1] or entries for stream, entries in known.streams.items()})


class VoidOpeningOpens(Hub):
    def known(self, batch: Sequence[Offered], last_dseq: int) -> Known:
        known = super().known(batch, last_dseq)
        return replace(known, opened_at={**dict.fromkeys(known.scopes, 0), **known.opened_at})


class RedactedHashChecked(Hub):
    """An own entry without its words, offered again after a restore, is refused for its hash."""

    def decide(self, batch: Sequence[Offered], author: Author) -> Decision:
        decision = super().decide(batch, author)
        for entry in decision.entries:
            fields = {name: getattr(entry, name) for name in _HASHED}
            if content_hash(type=event_type(entry.event), **fields) != entry.hash:
                refused = (next(offered for offered in batch if offered.id == entry.id), "Its hash is another.")
                return replace(decision, refused=(*decision.refused, refused))
        return decision


class RedactionLeftInTheLog(Hub):
    def redact(self, target: str) -> None:
        pass


class ScannedSkipsOthers(Hub):
    """`next` is the head instead of the highest entry that was scanned."""

    def page(self, scopes: Sequence[str], after: int, limit: int) -> Page:
        page = super().page(scopes, after, limit)
        chain = self.chain_at(self.head_seq())
        assert chain is not None
        return replace(page, next=self.head_seq(), chain=chain)


class OldVerdictsAfterRestore(Hub):
    """A push of another epoch is taken."""

    def push(self, name: str, asked: Push) -> Pushed:
        return super().push(name, replace(asked, epoch=self.disk.head.epoch))


class AnswerBeforeCommit(Hub):
    """The log forgets a commit that it has answered, now and then."""

    def store(self, decision: Decision, author: Author, device: Device) -> None:
        if self.head_seq() % 11 == 5 and self.dies() is not None:
            return
        super().store(decision, author, device)


# The replica


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
            own.state, own.seq, own.effect = "new", 0, "applied"


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


class JoinsAgain(MemoryReplica):
    def join(self, change: Join) -> None:
        self.hub_id = None
        super().join(change)


# The core


def _late_answers_taken(state: core.State, told: Any, now: float, luck: float) -> Any:
    """What answers an earlier request of the same kind is taken for the answer to the present one."""
    if isinstance(told, core.Answered) and state.flying and not any(s.request == told.request for s in state.flying):
        kinds = {Page: "pull", Pushed: "push", Welcome: "hello"}
        kind = kinds.get(type(told.answer))
        present = next((sent for sent in state.flying if sent.kind == kind), None)
        if present is not None:
            told = core.Answered(present.request, told.answer)
    return core.step(state, told, now, luck)


def _failures_hidden(state: core.State, told: Any, now: float, luck: float) -> Any:
    state, outputs = core.step(state, told, now, luck)
    return replace(state, hub_trouble=replace(state.hub_trouble, error=None)), outputs


def _full_disk_ignored(state: core.State, told: Any, now: float, luck: float) -> Any:
    """A change that could not be made is taken for made."""
    if isinstance(told, core.NotStored):
        told = core.Stored(state.position, state.outbox)
    return core.step(state, told, now, luck)


def _refusals_not_refused(state: core.State, told: Any, now: float, luck: float) -> Any:
    """A status of 401 empties the outbox."""
    if isinstance(told, core.Failed) and told.status == 401:
        told = replace(told, status=413)
    return core.step(state, told, now, luck)


def _no_check(state: core.State, told: Any, now: float, luck: float) -> Any:
    state, outputs = core.step(replace(state, check_at=None), told, now, luck)
    return replace(state, check_at=None), outputs


def _gap_ignored(state: core.State, told: Any, now: float, luck: float) -> Any:
    if isinstance(told, core.Failed) and told.conflict is not None and told.conflict.kind == "gap":
        told = replace(told, conflict=None)
    return core.step(state, told, now, luck)


def _snapshot_without_chain(state: core.State, told: Any, now: float, luck: float) -> Any:
    """A snapshot is asked for as soon as the hub is far ahead, whatever log that is."""
    far_behind = state.known_head - state.position.cursor > state.config.snapshot_lag
    return core.step(replace(state, far_behind=far_behind), told, now, luck)


def _pokes_trusted(state: core.State, told: Any, now: float, luck: float) -> Any:
    return core.step(replace(state, poll_at=float("inf")) if state.polled else state, told, now, luck)


_OF_SPEC: dict[str, Variant] = {
    "no dedupe": OfHub(NoDedupe),
    "cursor stored before entries": CursorStoredBeforeEntries(),
    "overlay dropped at ack": OfReplica(OverlayDroppedAtAck),
    "overlay waits for the echo": OfReplica(OverlayWaitsForTheEcho),
    "refused dropped": OfReplica(RefusedDropped),
    "no order check": OfHub(NoOrderCheck),
    "device conflict ignored": OfHub(DeviceConflictIgnored),
    "no permission check on push": OfHub(NoPermissionCheck),
    "over-fetch on pull": OfHub(OverFetchOnPull),
    "seq visible out of order": OfHub(SeqVisibleOutOfOrder),
    "no epoch after restore": OfHub(NoEpochAfterRestore),
    "own entries not offered again": OfReplica(OwnNotOfferedAgain),
    "stale page applied": OfReplica(StalePageApplied),
    "no scope version": OfHub(NoScopeVersion),
}
_MORE: dict[str, Variant] = {
    "refusals forgotten": OfHub(RefusalsForgotten),
    "dedupe does not advance the counter": OfHub(DedupeDoesNotAdvance),
    "permission of an earlier day": OfHub(PermissionOfEarlier),
    "over-fetch in the checksum": OfHub(OverFetchInChecksum),
    "no chain and no epoch": OfHub(NoChain),
    "void act half applied": OfHub(VoidActHalfApplied),
    "guard decided on an old state": OfHub(GuardDecidedOnOldState),
    "redaction left in the log": OfHub(RedactionLeftInTheLog),
    "next is the head": OfHub(ScannedSkipsOthers),
    "push of another epoch taken": OfHub(OldVerdictsAfterRestore),
    "answer before the commit": OfHub(AnswerBeforeCommit),
    "verdicts stored one by one": VerdictsOneByOne(),
    "void shows": OfReplica(VoidShows),
    "effect ignored": OfReplica(EffectIgnored),
    "not offered again after a gap": OfReplica(NotOfferedAgainAfterGap),
    "renewed under an old device": OfReplica(RenewedUnderOldDevice),
    "stale page of an old epoch applied": OfReplica(StalePageOfOldEpochApplied),
    "verdicts of an old epoch taken": OfReplica(OldVerdictsTaken),
    "epoch does not cut": OfReplica(EpochDoesNotCut),
    "lost scopes kept": OfReplica(LostScopesKept),
    "gained scopes not loaded": OfReplica(GainedScopesNotLoaded),
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
    "late answers taken": OfCore(_late_answers_taken),
    "failures hidden": OfCore(_failures_hidden),
    "full disk ignored": OfCore(_full_disk_ignored),
    "signing out empties the outbox": OfCore(_refusals_not_refused),
    "no check": OfCore(_no_check),
    "gap ignored": OfCore(_gap_ignored),
    "snapshot without a chain": OfCore(_snapshot_without_chain),
    "pokes trusted": OfCore(_pokes_trusted),
    "void opening opens": OfHub(VoidOpeningOpens),
    "batch across an acked entry": OfReplica(BatchAcrossAcked),
    "redacted words not taken again": OfHub(RedactedHashChecked),
}
BROKEN: dict[str, Variant] = {**_OF_SPEC, **_MORE}
