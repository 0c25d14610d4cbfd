"""The hub in memory: spec sync.md 2 around `push.needs` and `push.decide`.

`Disk` is what survives a crash and what a backup copies. A request either commits or it does not; the world may kill
the hub before or after the commit, and then nobody gets an answer. Broken variants override single methods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import msgspec
from msgspec.structs import replace

from console.domain import access, push
from console.domain.access import Role
from console.domain.events import Entry, EntryRedacted, Offered
from console.domain.push import Author, Decision, Known, Verdict
from console.domain.redaction import redacted, redacted_payload
from console.domain.stamp import GENESIS, Head, checksum_of
from console.wire.messages import (
    WIRE_VERSION,
    Conflict,
    Hello,
    Page,
    Pull,
    Push,
    Pushed,
    Welcome,
    WireEntry,
    offered_of,
    wire_entry,
)
from tests.faults.sim.blobs import Blobs, named_by

MALFORMED = "The push is not one that a workstation makes."
TOO_OLD = "This app is too old for the hub."


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.conflict: Conflict | None = more.get("conflict")
        self.revoked: bool = more.get("revoked", False)
        self.retry_after_s: float | None = more.get("retry_after_s")


class Crashed(Exception):
    """The hub died in the middle of a request."""


class Person(msgspec.Struct, frozen=True):
    role: Role
    grants: tuple[str, ...]
    scopever: int = 1

    @property
    def scopes(self) -> tuple[str, ...]:
        return access.scopes_of(self.role, self.grants)


class Device(msgspec.Struct, frozen=True):
    person: str
    enrolled_at: int = 0
    last_dseq: int = 0


class Disk:
    """The hub's database."""

    def __init__(self, hub_id: str) -> None:
        self.head = Head(hub_id=hub_id)
        self.epochs: dict[int, int] = {1: 0}
        self.entries: list[Entry] = []
        self.wires: list[WireEntry] = []
        self.places: dict[str, int] = {}
        self.refused: dict[str, tuple[bytes, str]] = {}
        self.streams: dict[str, list[int]] = {}
        self.scopes: dict[str, str] = {}
        self.opened_at: dict[str, int] = {}
        self.people: dict[str, Person] = {}
        self.devices: dict[str, Device] = {}

    def copy(self) -> Disk:
        twin = Disk(self.head.hub_id)
        twin.head = self.head
        twin.streams = {stream: list(seqs) for stream, seqs in self.streams.items()}
        for name in ("epochs", "entries", "wires", "places", "refused", "scopes", "opened_at", "people", "devices"):
            setattr(twin, name, getattr(self, name).copy())
        return twin


class Hub:
    """`new_types` are what only the upgraded program knows; `min_wire` is the oldest protocol that it still speaks.
    `dies` says whether a commit kills the hub, and when."""

    blobs_type: type[Blobs] = Blobs

    def __init__(self, disk: Disk, clock: Callable[[], int], dies: Callable[[], str | None]) -> None:
        self.disk = disk
        self.clock = clock
        self.dies = dies
        self.committing: Callable[[], None] = lambda: None
        self.committed: Callable[[Decision, Author, int], None] = lambda *_: None
        self.new_types: frozenset[str] = frozenset()
        self.min_wire = WIRE_VERSION
        self.blobs = self.blobs_type()

    # Who asks

    def person(self, name: str) -> Person:
        return self.disk.people[name]

    def visible(self, scopes: Iterable[str], scope: str) -> bool:
        return access.sees(scopes, scope)

    def check_wire(self, wire: int) -> None:
        if wire < self.min_wire:
            raise Refused(426, TOO_OLD)

    # Requests

    def hello(self, name: str, hello: Hello) -> Welcome:
        return self.welcome(name, hello.epoch)

    def welcome(self, name: str, epoch: int) -> Welcome:
        disk, person = self.disk, self.person(name)
        fork = self.fork_of(epoch)
        return Welcome(
            hub_id=disk.head.hub_id,
            epoch=disk.head.epoch,
            fork_seq=fork,
            fork_chain=self.chain_at(fork) or GENESIS,
            head=self.head_seq(),
            scopes=person.scopes,
            scopever=person.scopever,
            person=name,
            role=person.role,
            now_ms=self.clock(),
        )

    def fork_of(self, epoch: int) -> int:
        """The last entry that the log of an epoch has in common with this one."""
        if epoch not in self.disk.epochs:
            return 0
        return min((fork for later, fork in self.disk.epochs.items() if later > epoch), default=self.head_seq())

    def head_seq(self) -> int:
        return self.disk.head.seq

    def chain_at(self, seq: int) -> bytes | None:
        if seq == 0:
            return GENESIS
        return self.disk.entries[seq - 1].chain if seq <= self.head_seq() else None

    def push(self, name: str, asked: Push) -> Pushed:
        disk = self.disk
        if asked.epoch != disk.head.epoch:
            raise Refused(
                409, "Another epoch.", conflict=Conflict(kind="epoch", welcome=self.welcome(name, asked.epoch))
            )
        device = disk.devices.get(asked.device)
        if device is None or device.person != name:
            unknown = Verdict(id=asked.events[0].id, outcome="device_conflict")
            return Pushed(verdicts=(unknown,), head=self.head_seq())
        self.check_form(asked)
        self.check_order(asked, device)
        batch = [self.read(offered_of(event)) for event in asked.events]
        author = self.author(name, asked.device, device)
        decision = self.decide(batch, author)
        self.store(decision, author, device)
        return Pushed(verdicts=decision.verdicts, head=self.head_seq())

    def check_form(self, asked: Push) -> None:
        numbers = [asked.base_dseq, *(event.dseq for event in asked.events)]
        rising = all(one < next for one, next in pairwise(numbers))
        if not rising or any(event.device != asked.device for event in asked.events):
            raise Refused(422, MALFORMED)

    def check_order(self, asked: Push, device: Device) -> None:
        if asked.base_dseq > device.last_dseq:
            raise Refused(409, "Entries are missing.", conflict=Conflict(kind="gap", device_last=device.last_dseq))

    def read(self, offered: Offered) -> Offered:
        """To an older program, a type that it does not know is one of a newer version."""
        return replace(offered, ver=offered.ver + 1) if offered.event.type in self.new_types else offered

    def author(self, name: str, device: str, row: Device) -> Author:
        person = self.person(name)
        return Author(person=name, role=person.role, scopes=person.scopes, device=device, enrolled_at=row.enrolled_at)

    def known(self, batch: Sequence[Offered], last_dseq: int) -> Known:
        disk, needs = self.disk, push.needs(batch)
        whole = [s for s in disk.streams if s.startswith("pro:")] if needs.all_pro else []
        return Known(
            head=disk.head,
            device_last=last_dseq,
            verdicts=self.verdicts(needs.ids),
            scopes={stream: disk.scopes[stream] for stream in needs.streams if stream in disk.scopes},
            opened_at={stream: disk.opened_at[stream] for stream in needs.streams if stream in disk.opened_at},
            streams={
                stream: [disk.entries[seq - 1] for seq in disk.streams.get(stream, ())]
                for stream in (*needs.whole, *whole)
            },
        )

    def verdicts(self, ids: Iterable[str]) -> dict[str, tuple[bytes, Verdict]]:
        found = {}
        for id in ids:
            if id in self.disk.places:
                entry = self.disk.entries[self.disk.places[id] - 1]
                found[id] = (
                    entry.hash,
                    Verdict(id=id, outcome="recorded", seq=entry.seq, effect=entry.effect, number=entry.number),
                )
            elif id in self.disk.refused:
                hash, reason = self.disk.refused[id]
                found[id] = (hash, Verdict(id=id, outcome="refused", reason=reason))
        return found

    def decide(self, batch: Sequence[Offered], author: Author) -> Decision:
        last = self.disk.devices[author.device].last_dseq
        return push.decide(batch, author, self.known(batch, last), now_ms=self.clock())

    def store(self, decision: Decision, author: Author, device: Device) -> None:
        death = self.dies()
        if death == "before":
            raise Crashed
        self.committing()
        disk, already = self.disk, self.head_seq()
        self.append(decision)
        disk.refused.update({offered.id: (offered.hash, reason) for offered, reason in decision.refused})
        disk.devices[author.device] = replace(device, last_dseq=decision.device_last)
        self.committed(decision, author, already)
        if death == "after":
            raise Crashed

    def append(self, decision: Decision) -> None:
        disk = self.disk
        disk.head = decision.head
        for entry in decision.entries:
            disk.entries.append(entry)
            disk.wires.append(wire_entry(entry))
            disk.places[entry.id] = entry.seq
            disk.streams.setdefault(entry.stream, []).append(entry.seq)
            disk.scopes.setdefault(entry.stream, entry.scope)
            if entry.event.type == "ticket.opened" and entry.applied:
                disk.opened_at.setdefault(entry.stream, entry.counts_at)
        for entry in decision.entries:
            if type(entry.event) is EntryRedacted and entry.applied:
                self.redact(entry.event.entry)

    def redact(self, target: str) -> None:
        at = self.disk.places[target] - 1
        entry = self.disk.entries[at]
        payload = redacted_payload(entry.event)
        if payload is not None:
            without = replace(entry, event=redacted(entry.event), payload=payload)
            self.disk.entries[at], self.disk.wires[at] = without, wire_entry(without)

    def pull(self, name: str, asked: Pull) -> Page:
        disk, person = self.disk, self.person(name)
        welcome = self.welcome(name, asked.epoch)
        if asked.epoch != disk.head.epoch:
            raise Refused(409, "Another epoch.", conflict=Conflict(kind="epoch", welcome=welcome))
        if self.chain_at(asked.after) != asked.chain:
            raise Refused(409, "Another log.", conflict=Conflict(kind="diverged", welcome=welcome))
        self.check_scopever(asked, welcome)
        return self.page(person.scopes, asked.after, asked.limit)

    def check_scopever(self, asked: Pull, welcome: Welcome) -> None:
        if asked.scopever != welcome.scopever:
            raise Refused(409, "Other scopes.", conflict=Conflict(kind="rescope", welcome=welcome))

    def page(self, scopes: Sequence[str], after: int, limit: int) -> Page:
        wires: list[WireEntry] = []
        scanned = after
        for wire in self.disk.wires[after : self.head_seq()]:
            if len(wires) == limit:
                break
            scanned = wire.seq
            if self.visible(scopes, wire.scope):
                wires.append(wire)
        chain = self.chain_at(scanned)
        assert chain is not None
        return Page(entries=tuple(wires), next=scanned, chain=chain, head=self.head_seq())

    def snapshot(
        self, name: str, scopes: Sequence[str], after: int, upto: int
    ) -> tuple[tuple[WireEntry, ...], int, bytes]:
        """All entries of some of the asker's scopes from behind a place up to another one, and the chain there."""
        chain = self.chain_at(upto)
        if chain is None or any(scope not in self.person(name).scopes for scope in scopes):
            raise Refused(422, "There is no such scope.")
        return tuple(wire for wire in self.disk.wires[after:upto] if self.visible(scopes, wire.scope)), upto, chain

    def checksum(self, name: str, seq: int) -> tuple[int, bytes]:
        if seq > self.head_seq():
            raise Refused(422, "The log is not that long.")
        scopes = self.person(name).scopes
        seen = [entry for entry in self.disk.entries[:seq] if self.visible(scopes, entry.scope)]
        return len(seen), checksum_of((entry.chain, entry.payload) for entry in seen)

    def new_device(self, name: str, device: str) -> str:
        """Another device id for a workstation that was cloned."""
        self.disk.devices[device] = Device(name)
        return device

    # Files

    def upload_stands(self, device: str, sha256: str) -> int:
        return self.blobs.offset(device, sha256)

    def upload(self, device: str, sha256: str, piece: bytes, *, start: int, total: int) -> int:
        death = self.dies()
        if death == "before":
            raise Crashed
        offset = self.blobs.append(device, sha256, piece, start=start, total=total)
        if death == "after":
            raise Crashed
        return offset

    def blob(self, name: str, sha256: str) -> bytes:
        """A file, for those who see a message that names it; to others it is not there."""
        content = self.blobs.whole.get(sha256)
        if content is None or not self.sees_file(name, sha256):
            raise Refused(404, "There is no such file.")
        return content

    def sees_file(self, name: str, sha256: str) -> bool:
        scopes = self.person(name).scopes
        seen = (entry for entry in self.disk.entries if entry.applied and self.visible(scopes, entry.scope))
        return any(file.sha256 == sha256 for entry in seen for file in named_by(entry.event))

    # The operator

    def set_person(self, name: str, role: Role, grants: tuple[str, ...]) -> None:
        before = self.disk.people.get(name)
        self.disk.people[name] = Person(role, grants, 1 if before is None else before.scopever + 1)

    def restore(self, backup: Disk, epoch: int) -> None:
        """An older state, under an epoch that never was."""
        self.disk = backup.copy()
        self.disk.head = replace(self.disk.head, epoch=epoch)
        self.disk.epochs[epoch] = self.disk.head.seq
