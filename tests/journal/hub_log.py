"""A hub's log for the tests of the local copy: it takes what a workstation offers, and cuts pages for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from console.domain import access
from console.domain.events import Entry, Event, Offered, offer
from console.domain.redaction import redacted, redacted_payload
from console.domain.stamp import GENESIS, Head, stamp
from console.guidelines_files import shipped_history
from console.journal.replica import Basis, EnterEpoch, Join, Offering, Position, Replica, TakePage, TakeVerdicts
from console.journal.store import Journal
from console.wire.messages import Verdict

from .facts import MONDAY, allow, new_id

HUB = "hub-1"
SCOPES = ("accounts", "desk", "pro:*")
MANY = 10**6


class Kept(Protocol):
    """A local copy, with a person before it: `record` is their act, `view` the ids of a stream's entries with whether
    each waits for the hub, `state` what became of an own entry (new, acked, refused)."""

    @property
    def replica(self) -> Replica: ...

    def record(self, *offers: Offered) -> None: ...

    def view(self, stream: str) -> list[tuple[str, bool]]: ...

    def state(self, entry_id: str) -> str | None: ...


class HubLog:
    """`entries` in log order; `epoch` rises with `restored`."""

    def __init__(self) -> None:
        self.head = Head(hub_id=HUB)
        self.entries: list[Entry] = []
        self.opened_at: dict[str, int] = {}
        self.scopes: dict[str, str] = {}
        self.now_ms = MONDAY

    def take(self, *offers: Offered, effect: str = "applied", actor: str = "Ana") -> list[Entry]:
        """Records what is new, an entry at a time, and gives the entries of all."""
        known = {entry.id: entry for entry in self.entries}
        for offered in offers:
            if offered.id in known:
                continue
            self.now_ms += 1_000
            self.head, (entry,) = stamp(
                self.head,
                [offered],
                actor=actor,
                now_ms=self.now_ms,
                effect=effect,
                opened_at=self.opened_at,
                scopes=self.scopes,
                hubless=False,
            )
            self.scopes.setdefault(entry.stream, entry.scope)
            if entry.number is not None:
                self.opened_at.setdefault(entry.stream, entry.counts_at)
            self.entries.append(entry)
            known[entry.id] = entry
        return [known[offered.id] for offered in offers]

    def by_another(self, event: Event, stream: str, *, base: str | None = None, effect: str = "applied") -> Entry:
        """What somebody else's workstation recorded."""
        offered = offer(event, id=new_id(), stream=stream, at=self.now_ms, device="ben", dseq=1, base=base)
        return self.take(offered, effect=effect, actor="Ben")[0]

    def redact(self, target: str, redaction: Entry) -> None:
        """The hub's own copy loses the text: who loads it later gets it without."""
        self.entries = [
            msgspec.structs.replace(e, event=redacted(e.event), payload=redacted_payload(e.event))
            if e.id == target
            else e
            for e in self.entries
        ]

    def chain_at(self, seq: int) -> bytes:
        return self.entries[seq - 1].chain if seq else GENESIS

    def restored(self, seq: int) -> EnterEpoch:
        """The hub is set back to an older state; what a workstation hears of it."""
        del self.entries[seq:]
        kept = {entry.stream for entry in self.entries}
        self.opened_at = {stream: at for stream, at in self.opened_at.items() if stream in kept}
        self.scopes = {stream: scope for stream, scope in self.scopes.items() if stream in kept}
        chain = self.chain_at(seq)
        self.head = msgspec.structs.replace(self.head, epoch=self.head.epoch + 1, seq=seq, chain=chain)
        return EnterEpoch(hub_id=HUB, epoch=self.head.epoch, fork_seq=seq, fork_chain=chain)

    # What a workstation gets

    def join(self, scopes: Sequence[str] = SCOPES) -> Join:
        return Join(hub_id=HUB, epoch=self.head.epoch, scopever=1, scopes=tuple(scopes))

    def page(self, position: Position, most: int = MANY, *, bulk: bool = False) -> TakePage:
        scanned = self.entries[position.cursor : position.cursor + most]
        upto = position.cursor + len(scanned)
        seen = tuple(entry for entry in scanned if access.sees(position.scopes, entry.scope))
        return TakePage(basis=basis(position), entries=seen, next=upto, chain=self.chain_at(upto), bulk=bulk)

    def verdicts(self, entries: Sequence[Entry]) -> TakeVerdicts:
        return TakeVerdicts(
            hub_id=HUB,
            epoch=self.head.epoch,
            verdicts=tuple(
                Verdict(id=e.id, outcome="recorded", seq=e.seq, effect=e.effect, number=e.number) for e in entries
            ),
        )

    def refusals(self, ids: Sequence[str], reason: str) -> TakeVerdicts:
        said = tuple(Verdict(id=entry_id, outcome="refused", reason=reason) for entry_id in ids)
        return TakeVerdicts(hub_id=HUB, epoch=self.head.epoch, verdicts=said)


def basis(position: Position) -> Basis:
    return Basis(hub_id=position.hub_id, epoch=position.epoch, cursor=position.cursor, scopever=position.scopever)


def offered(kept: Kept, most: int = MANY) -> Offering:
    """What is offered next, which must be something."""
    found = kept.replica.offering(max_events=most, max_bytes=MANY)
    assert found is not None
    return found


def pushed(kept: Kept, log: HubLog, *, effect: str = "applied") -> list[Entry]:
    """All that waits is offered, recorded and acked, and not pulled yet."""
    taken: list[Entry] = []
    while (found := kept.replica.offering(max_events=MANY, max_bytes=MANY)) is not None:
        entries = log.take(*found.events, effect=effect)
        kept.replica.change(log.verdicts(entries))
        taken += entries
    return taken


def pulled(kept: Kept, log: HubLog) -> None:
    kept.replica.change(log.page(kept.replica.position()))


class InJournal:
    """A workspace in a folder, and Ana before it."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal.open(folder / "journal.db", history=shipped_history(), now_ms=MONDAY)
        self.journal.follow(url="https://hub.example", person="Ana", role="engineer", device="ana-1")

    @property
    def replica(self) -> Replica:
        return self.journal.replica

    def record(self, *offers: Offered) -> None:
        recorded = self.journal.record(offers, actor="Ana", now_ms=MONDAY, decide=allow)
        assert recorded.refused is None

    def view(self, stream: str) -> list[tuple[str, bool]]:
        return [(entry.id, entry.pending) for entry in self.journal.entries(stream)]

    def state(self, entry_id: str) -> str | None:
        with self.journal._database.read() as connection:
            found = connection.exec_driver_sql("SELECT state FROM own_entries WHERE id = ?", (entry_id,)).scalar()
        return None if found is None else str(found)
