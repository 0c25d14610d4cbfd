"""A workstation's local copy in memory: the `Replica` of the simulation, with the rule of the view written out.

What is in here is on the disk: a crash takes the process, never this. Each change is all or nothing; the shell dies
before or after it. Broken variants override single methods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from console.domain import access
from console.domain.events import Entry, EntryRedacted, Offered, TicketOpened
from console.domain.redaction import redacted, redacted_payload
from console.domain.stamp import GENESIS, checksum_of
from console.journal.own_rows import KEPT_MS
from console.journal.replica import (
    Basis,
    Change,
    ChangeScopes,
    EnterEpoch,
    Forget,
    Join,
    OfferAgain,
    Offering,
    Outbox,
    Position,
    RefuseNext,
    Reload,
    TakeDevice,
    TakePage,
    TakeVerdicts,
)
from console.wire.messages import Verdict
from tests.faults.sim.own import Own, pending

if TYPE_CHECKING:
    from tests.faults.sim.files import Upload

ROT = b"rot"


class MemoryReplica:
    """`own` is in the order of making; `entries` are the confirmed ones by seq, `streams` the same by stream, `held`
    their ids; `uploads` are files that wait, by hash. `now` is the workstation's wall clock, epoch ms."""

    def __init__(self, device: str) -> None:
        self.now: Callable[[], int] = lambda: 0
        self.device = device
        self.hub_id: str | None = None
        self.epoch = 1
        self.cursor = 0
        self.chain = GENESIS
        self.scopever = 0
        self.scopes: tuple[str, ...] = ()
        self.dseq = 0
        self.own: dict[str, Own] = {}
        self.entries: dict[int, Entry] = {}
        self.streams: dict[str, list[Entry]] = {}
        self.held: set[str] = set()
        self.uploads: dict[str, Upload] = {}

    def clone(self) -> MemoryReplica:
        """What a copy of the whole disk holds."""
        twin = type(self)(self.device)
        for name in ("hub_id", "epoch", "cursor", "chain", "scopever", "scopes", "dseq"):
            setattr(twin, name, getattr(self, name))
        twin.own = {id: own.copy() for id, own in self.own.items()}
        twin.entries = dict(self.entries)
        twin.streams = {stream: list(entries) for stream, entries in self.streams.items()}
        twin.held = set(self.held)
        twin.uploads = dict(self.uploads)
        return twin

    # What the core sees

    def position(self) -> Position:
        return Position(
            device=self.device,
            hub_id=self.hub_id,
            epoch=self.epoch,
            cursor=self.cursor,
            chain=self.chain,
            scopever=self.scopever,
            scopes=self.scopes,
        )

    def outbox(self) -> Outbox:
        new = [own.offered.at for own in self.own.values() if own.state == "new"]
        refused = sum(own.state == "refused" for own in self.own.values())
        return Outbox(new=len(new), oldest_at=min(new, default=None), refused=refused)

    def offering(self, *, max_events: int, max_bytes: int) -> Offering | None:
        """Marks what it gives: from then on it cannot be withdrawn."""
        taken: list[Offered] = []
        size = 0
        for act in self.new_acts():
            more = sum(len(offered.payload) for offered in act)
            if taken and (len(taken) + len(act) > max_events or size + more > max_bytes):
                break
            if taken and self.base_dseq(act[0].dseq) > taken[0].dseq:
                break
            taken += act
            size += more
        if not taken:
            return None
        self.mark(taken)
        return Offering(base_dseq=self.base_dseq(taken[0].dseq), events=tuple(taken))

    def mark(self, taken: Iterable[Offered]) -> None:
        for offered in taken:
            self.own[offered.id].was_offered = True

    def new_acts(self) -> Iterator[list[Offered]]:
        """New entries in the order of `dseq`, those of one act together."""
        act: list[Offered] = []
        for own in self.own.values():
            if own.state != "new":
                continue
            if act and (own.offered.act is None or own.offered.act != act[-1].act):
                yield act
                act = []
            act.append(own.offered)
        if act:
            yield act

    def base_dseq(self, below: int) -> int:
        return max(
            (
                own.offered.dseq
                for own in self.own.values()
                if own.state == "acked" and own.offered.device == self.device and own.offered.dseq < below
            ),
            default=0,
        )

    def checksum(self) -> tuple[int, bytes]:
        held = [self.entries[seq] for seq in sorted(self.entries) if seq <= self.cursor]
        return len(held), checksum_of((entry.chain, entry.payload) for entry in held)

    def is_rotten(self) -> bool:
        return any(entry.payload == ROT for entry in self.entries.values())

    # What a person sees

    def overlay(self) -> list[Own]:
        """Own entries that show beside the confirmed ones."""
        return [own for own in self.own.values() if self.shows(own)]

    def shows(self, own: Own) -> bool:
        if own.offered.id in self.held:
            return False
        return own.state == "new" or (own.state == "acked" and own.effect == "applied" and own.seq > self.cursor)

    def view(self, stream: str, actor: str) -> list[Entry]:
        """The entries of a stream as everybody at this workstation reads them, own pending ones last."""
        own = [pending(each.offered, actor) for each in self.overlay() if each.offered.stream == stream]
        return [*self.streams.get(stream, ()), *own]

    # Changes

    def record(self, offers: Sequence[Offered]) -> None:
        """A person's act."""
        for offered in offers:
            self.own[offered.id] = Own(offered)
            self.dseq = offered.dseq

    def discard(self, id: str) -> list[str]:
        """A person took note of a refused entry and let it go, with what was refused of its act; what went."""
        act = self.own[id].offered.act
        gone = [
            other
            for other, own in self.own.items()
            if other == id or (act is not None and own.state == "refused" and own.offered.act == act)
        ]
        for other in gone:
            del self.own[other]
        return gone

    def withdraw(self, id: str) -> list[Own]:
        """A person takes back what waits: whole acts, and with the opening of a ticket all that waits on it. What was
        taken back; nothing where a part of it may be at the hub."""
        gone = self.waiting_with({id})
        if any(own.was_offered for own in gone):
            return []
        for own in gone:
            del self.own[own.offered.id]
        return gone

    def waiting_with(self, ids: set[str]) -> list[Own]:
        """New entries among some, and those that cannot wait without them."""
        new = [own for own in self.own.values() if own.state == "new"]
        gone: list[Own] = []
        while True:
            acts = {own.offered.act for own in gone if own.offered.act is not None}
            opened = {own.offered.stream for own in gone if type(own.offered.event) is TicketOpened}
            more = [o for o in new if o.offered.id in ids or o.offered.act in acts or o.offered.stream in opened]
            if len(more) == len(gone):
                return gone
            gone = more

    def change(self, change: Change) -> None:
        match change:
            case TakePage():
                self.take_page(change)
            case TakeVerdicts():
                self.take_verdicts(change)
            case OfferAgain():
                self.offer_again(change)
            case TakeDevice():
                self.take_device(change)
            case EnterEpoch():
                self.enter_epoch(change)
            case ChangeScopes():
                self.change_scopes(change)
            case Join():
                self.join(change)
            case Reload():
                self.reload(change)
            case Forget():
                self.forget()
            case RefuseNext():
                self.refuse_next(change)

    def is_current(self, basis: Basis) -> bool:
        return basis == Basis(hub_id=self.hub_id, epoch=self.epoch, cursor=self.cursor, scopever=self.scopever)

    def take_page(self, page: TakePage) -> None:
        if self.is_current(page.basis) and page.next >= self.cursor:
            self.insert(page.entries)
            self.cursor, self.chain = page.next, page.chain
            if not page.bulk:
                self.expire(self.now() - KEPT_MS)

    def expire(self, before: int) -> None:
        """Own entries that the hub has had for long, and the log holds, are not kept beside it; acts go whole."""
        kept = self.younger(before)
        acts = {own.offered.act for own in kept.values() if own.offered.act is not None}
        self.own = {id: own for id, own in self.own.items() if id in kept or own.offered.act in acts}

    def younger(self, before: int) -> dict[str, Own]:
        return {
            id: own
            for id, own in self.own.items()
            if own.acked_at is None or own.acked_at >= before or own.seq > self.cursor
        }

    def insert(self, entries: Iterable[Entry]) -> None:
        heard: set[str] = set()
        for entry in entries:
            if not access.sees(self.scopes, entry.scope):
                continue
            self.entries[entry.seq] = entry
            self.held.add(entry.id)
            self.streams.setdefault(entry.stream, []).append(entry)
            self.hear_echo(entry)
            if entry.act is not None:
                heard.add(entry.act)
            if type(entry.event) is EntryRedacted and entry.applied:
                self.redact(entry.event.entry)
        self.renew_beside(heard)

    def renew_beside(self, acts: set[str]) -> None:
        """What was refused of an act that the log turns out to have is offered again: the rest of it comes as well."""
        beside = [own for own in self.own.values() if own.state == "refused" and own.offered.act in acts]
        for own in beside:
            own.state, own.reason = "new", ""
        if beside:
            self.renew(())

    def hear_echo(self, entry: Entry) -> None:
        """An own entry that comes back is recorded, whether the answer to its push came or not."""
        own = self.own.get(entry.id)
        if own is None or own.offered.hash != entry.hash:
            return
        own.ack(entry.seq, entry.effect, self.now())
        if own.offered.payload != entry.payload:
            own.offered = replace(own.offered, event=entry.event, payload=entry.payload)

    def redact(self, target: str) -> None:
        """The entry's text goes, in the log and in the own copy."""
        for seq, entry in self.entries.items():
            if entry.id == target:
                payload = redacted_payload(entry.event)
                if payload is not None and payload != entry.payload:
                    without = replace(entry, event=redacted(entry.event), payload=payload)
                    self.entries[seq] = without
                    stream = self.streams[entry.stream]
                    stream[stream.index(entry)] = without
                break
        self.redact_own(target)

    def redact_own(self, target: str) -> None:
        own = self.own.get(target)
        if own is not None:
            payload = redacted_payload(own.offered.event)
            if payload is not None:
                own.offered = replace(own.offered, event=redacted(own.offered.event), payload=payload)

    def take_verdicts(self, change: TakeVerdicts) -> None:
        if (change.hub_id, change.epoch) == (self.hub_id, self.epoch):
            for verdict in change.verdicts:
                own = self.own.get(verdict.id)
                if own is not None and own.state == "new":
                    self.take_verdict(own, verdict)

    def take_verdict(self, own: Own, verdict: Verdict) -> None:
        if verdict.outcome == "recorded":
            own.ack(verdict.seq or 0, verdict.effect, self.now())
        elif verdict.outcome == "refused":
            own.refuse(verdict.reason or "")

    def offer_again(self, change: OfferAgain) -> None:
        if change.device == self.device:
            self.renew(
                own
                for own in self.own.values()
                if own.state == "acked" and own.offered.device == change.device and own.offered.dseq > change.above_dseq
            )

    def renew(self, lost: Iterable[Own]) -> None:
        """Acked entries become new. What was numbered under an older device id travels under the present one, and in
        the order of making: where that is not so, all new ones are numbered anew, above every number that was used."""
        for own in lost:
            own.renew()
        new = [own for own in self.own.values() if own.state == "new"]
        numbers = [own.offered.dseq for own in new]
        if any(own.offered.device != self.device for own in new) or numbers != sorted(numbers):
            self.number(new, above=self.dseq)

    def number(self, new: Iterable[Own], *, above: int) -> None:
        for own in new:
            above += 1
            own.offered = replace(own.offered, device=self.device, dseq=above)
        self.dseq = above

    def take_device(self, change: TakeDevice) -> None:
        if change.old == self.device:
            self.device = change.device
            self.number((own for own in self.own.values() if own.state == "new"), above=0)

    def enter_epoch(self, change: EnterEpoch) -> None:
        if change.hub_id != self.hub_id or change.epoch <= self.epoch:
            return
        self.epoch = change.epoch
        if self.cursor > change.fork_seq:
            self.keep(entry for entry in self.entries.values() if entry.seq <= change.fork_seq)
            self.cursor, self.chain = change.fork_seq, change.fork_chain
        self.renew(own for own in self.own.values() if own.state == "acked" and own.seq > change.fork_seq)

    def keep(self, entries: Iterable[Entry]) -> None:
        """What of the confirmed entries stays."""
        self.entries = {entry.seq: entry for entry in sorted(entries, key=lambda entry: entry.seq)}
        self.held = {entry.id for entry in self.entries.values()}
        self.streams = {}
        for entry in self.entries.values():
            self.streams.setdefault(entry.stream, []).append(entry)

    def change_scopes(self, change: ChangeScopes) -> None:
        if not self.is_current(change.basis):
            return
        self.scopes, self.scopever = change.scopes, change.scopever
        self.keep(entry for entry in self.entries.values() if access.sees(self.scopes, entry.scope))
        known = [entry for entry in change.gained if entry.seq not in self.entries]
        self.insert(known)
        self.keep(self.entries.values())

    def join(self, change: Join) -> None:
        if self.hub_id is None:
            self.hub_id, self.epoch = change.hub_id, change.epoch
            self.scopes, self.scopever = change.scopes, change.scopever

    def reload(self, change: Reload) -> None:
        if self.is_current(change.basis):
            self.cursor, self.chain = 0, GENESIS
            self.keep(())
            self.renew(own for own in self.own.values() if own.state == "acked")

    def forget(self) -> None:
        self.cursor, self.chain, self.scopes, self.scopever = 0, GENESIS, (), 0
        self.keep(())
        self.uploads.clear()
        self.own = {id: own for id, own in self.own.items() if own.state != "acked"}

    def read_anew(self, read: Callable[[Entry], Entry]) -> None:
        """Another version of the program reads the entries as they are on the disk."""
        self.keep([read(entry) for entry in self.entries.values()])

    def rot(self, seq: int) -> None:
        """Other bytes than those that were written."""
        self.keep(replace(entry, payload=ROT) if entry.seq == seq else entry for entry in self.entries.values())

    def refuse_next(self, change: RefuseNext) -> None:
        act = next(self.new_acts(), [])
        if act and act[0].id == change.id:
            for offered in act:
                self.own[offered.id].refuse(change.reason)
