"""The local copy of a hub's log: where it stands, what it offers to the hub, and the changes that sync makes to it.

Source: spec sync.md 2 ("local"). Pure shapes and one protocol: `store` keeps it in SQLite, the simulator in memory.
Each change is one transaction: all of it or nothing. Instants are epoch ms, UTC.

The view that everybody reads is the fold of the entries up to the cursor, then of own entries that are new, or acked,
not void and with an `ack_seq` beyond the cursor.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from console.domain.events import Entry, Offered
from console.wire.messages import Verdict


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where the local log stands. `hub_id` is None before the first contact; `scopes` are those whose entries are here
    up to `cursor`; `chain` is the hub's chain at the cursor."""

    device: str
    hub_id: str | None
    epoch: int
    cursor: int
    chain: bytes
    scopever: int
    scopes: tuple[str, ...]


class Outbox(msgspec.Struct, frozen=True, kw_only=True):
    """How many own entries wait for the hub, the instant of the oldest, and how many it refused."""

    new: int = 0
    oldest_at: int | None = None
    refused: int = 0


class Offering(msgspec.Struct, frozen=True, kw_only=True):
    """The next own entries to offer, in the order of `dseq`; `base_dseq` is this device's highest acked one below."""

    base_dseq: int
    events: tuple[Offered, ...]


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What a page, a scope change or a reload was asked for. A change whose basis is not the present position is
    dropped: it belongs to a log that is no longer this one."""

    hub_id: str | None
    epoch: int
    cursor: int
    scopever: int


class TakePage(msgspec.Struct, frozen=True, kw_only=True):
    """Entries behind the cursor, and the cursor with its chain, in one transaction. Those outside the present scopes
    are left out. A redaction that applies overwrites its target, in the own copy as well. An own entry among them (same
    id and hash) that is new or refused becomes acked with its seq, effect and payload: the answer to its push may never
    come. Dropped where `next` lies before the cursor. `bulk`: the read models wait for
    `Replica.fold_behind`, or for the next page that is not."""

    basis: Basis
    entries: tuple[Entry, ...]
    next: int
    chain: bytes
    bulk: bool = False


class TakeVerdicts(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub said of own entries: recorded ones become acked with their seq and effect, refused ones are kept in
    sight with the reason. Dropped where hub or epoch are not the present ones. Entries that are not new stay."""

    hub_id: str
    epoch: int
    verdicts: tuple[Verdict, ...]


class OfferAgain(msgspec.Struct, frozen=True, kw_only=True):
    """The hub does not know this device's entries above a `dseq`: acked ones become new. Dropped where `device` is not
    the present device."""

    device: str
    above_dseq: int


class TakeDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A new device id: own entries that are new are numbered from 1 under it, in their order. Dropped where `old` is
    not the present device."""

    old: str
    device: str


class EnterEpoch(msgspec.Struct, frozen=True, kw_only=True):
    """The hub was restored. Only if newer: entries beyond `fork_seq` go, the cursor with them (its chain is then
    `fork_chain`); own ones acked beyond it become new. What becomes new under an older device id is numbered anew
    (with all that is new, in the order of making, above every number that the present device used)."""

    hub_id: str
    epoch: int
    fork_seq: int
    fork_chain: bytes


class ChangeScopes(msgspec.Struct, frozen=True, kw_only=True):
    """The person sees something else: entries outside `scopes` go, `gained` come (all entries of the gained scopes up
    to the cursor). A stream that went is gone from the read models and the search as well. While gained scopes are
    still to be loaded, lost ones go first, under the old `scopever`."""

    basis: Basis
    scopever: int
    scopes: tuple[str, ...]
    gained: tuple[Entry, ...] = ()


class Join(msgspec.Struct, frozen=True, kw_only=True):
    """The first contact: which hub this is, its epoch, and the scopes. Dropped where the position has a hub."""

    hub_id: str
    epoch: int
    scopever: int
    scopes: tuple[str, ...]


class Reload(msgspec.Struct, frozen=True, kw_only=True):
    """The local copy is not what the hub has: all entries go, the cursor to 0; own acked ones become new (the hub knows
    their ids), numbered as after `EnterEpoch`."""

    basis: Basis


class Forget(msgspec.Struct, frozen=True):
    """This device was revoked: all entries, read models, drafts and acked own entries go; un-acked own ones stay. The
    cursor is 0 then, and there are no scopes (`scopever` 0)."""


class RefuseNext(msgspec.Struct, frozen=True, kw_only=True):
    """The hub cannot take the first entry, or act, of the next offering: it is kept in sight with the reason. Dropped
    where the offering does not begin with `id` any more."""

    id: str
    reason: str


Change = (
    TakePage | TakeVerdicts | OfferAgain | TakeDevice | EnterEpoch | ChangeScopes | Join | Reload | Forget | RefuseNext
)


class Replica(Protocol):
    """The local copy. Every method may raise `JournalError`; a change has then not happened."""

    def position(self) -> Position: ...

    def outbox(self) -> Outbox: ...

    def offering(self, *, max_events: int, max_bytes: int) -> Offering | None:
        """The next own entries, never a part of an act: an act that is larger than the limits comes alone. It ends
        before the first new entry that has an acked one between itself and the offering's beginning (an echo may come
        before the answer for what is below), for `base_dseq` speaks only of what is below all of it. None when there
        is nothing to offer."""
        ...

    def change(self, change: Change) -> None:
        """Makes a change, in one transaction; it is on the disk when this returns."""
        ...

    def fold_behind(self, after: str) -> str | None:
        """Brings the read models of the next streams behind one, by name, up to what bulk pages brought; gives the last
        one's name, and None when all are whole, or none was behind. Where there are no read models there is nothing to
        do."""
        ...

    def checksum(self) -> tuple[int, bytes]:
        """How many entries there are up to the cursor, and their checksum (`stamp.checksum_of`)."""
        ...
