"""The messages of the protocol, as JSON (spec sync.md 2). Pure shapes: `sync` and `hub` both speak them.

Instants are epoch ms, UTC. Bytes (hashes, chains) travel as base64. Fields can only be added, with defaults; what a
reader does not know it ignores.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from console.domain.events import Entry, Offered, decode_payload, encode_payload, event_type
from console.domain.push import Verdict as Verdict

WIRE_VERSION: Final = 1
"""Raised when an old workstation could no longer speak with a hub. What is below the hub's minimum, in `Hello.wire` or
in the header of any request, is a 426: a hub may be updated while workstations run."""
WIRE_HEADER: Final = "Support-Console-Wire"
"""Where a workstation says its protocol in every request; who says nothing is none."""

MAX_BATCH_EVENTS: Final = 100
MAX_BATCH_BYTES: Final = 512 * 1024
"""What a workstation puts into one push. An act is never divided: one that is larger travels alone, up to
`MAX_ACT_EVENTS`."""
MAX_ACT_EVENTS: Final = 500
MAX_PUSH_BYTES: Final = 4 * 1024 * 1024
"""What a hub reads of one push before it answers 413."""
PULL_LIMIT: Final = 1000
PULL_PAGE_BYTES: Final = 1024 * 1024
PULL_WAIT_S: Final = 25.0
SNAPSHOT_LAG: Final = 50_000
"""A workstation that is further behind takes a snapshot."""


class WireEvent(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An event as its writer made it (spec events.md 1). `payload` are the very bytes that `hash` covers.

    `adopted` marks what a workspace recorded before it had a hub; only facts from before the enrolment may say so.
    """

    id: str
    stream: str
    type: str
    ver: int = 1
    at: int
    device: str
    dseq: int
    base: str | None = None
    expect: str | None = None
    act: str | None = None
    payload: msgspec.Raw
    hash: bytes
    adopted: bool = False


class WireEntry(WireEvent, frozen=True, omit_defaults=True, kw_only=True):
    """An entry with what the log gave it."""

    seq: int
    epoch: int
    actor: str
    scope: str
    recorded_at: int
    effect: str = "applied"
    number: int | None = None
    chain: bytes
    counts_at: int


class Hello(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Who comes, and where their log stands. `hub_id` is None before the first contact."""

    app: str
    wire: int = WIRE_VERSION
    device: str
    hub_id: str | None = None
    epoch: int = 1
    cursor: int = 0
    chain: bytes = b""
    scopever: int = 0


class Welcome(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where the hub's log stands and what the person may see.

    `fork_seq` is the last entry that epochs before this one share with it, `fork_chain` its chain; `scopes` are exact
    names or `pro:*`; `now_ms` is the hub's clock, for the skew only.
    """

    hub_id: str
    epoch: int
    fork_seq: int
    fork_chain: bytes
    head: int
    scopes: tuple[str, ...]
    scopever: int
    person: str
    role: str
    now_ms: int
    min_wire: int = 1
    max_wire: int = WIRE_VERSION


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """New entries of one device in the order of their `dseq`; `base_dseq` is the highest of its own that was answered
    below them."""

    device: str
    epoch: int
    base_dseq: int
    events: tuple[WireEvent, ...]


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a push, one verdict per event in order; events behind a `retry_after_upgrade` have none."""

    verdicts: tuple[Verdict, ...]
    head: int


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """Where a workstation stands and how much it takes; `wait` s the hub may hold the answer until there is more."""

    after: int
    chain: bytes
    epoch: int
    scopever: int
    limit: int = PULL_LIMIT
    wait: float = 0.0


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The entries in the asker's scopes behind `after`, up to `next`, the highest that was scanned, whose chain is
    `chain`; `head` is where the log stands."""

    entries: tuple[WireEntry, ...]
    next: int
    chain: bytes
    head: int


class SnapshotHead(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of a snapshot: all entries of `scopes` from behind `after` up to `seq`, `count` of them. They
    follow as one JSON `WireEntry` a line in the order of `seq`, then a `SnapshotEnd`; the whole is one zstd stream."""

    hub_id: str
    epoch: int
    scopever: int
    scopes: tuple[str, ...]
    after: int
    seq: int
    chain: bytes
    count: int


class SnapshotEnd(msgspec.Struct, frozen=True, kw_only=True):
    """`checksum` as `checksum_of` makes it from the entries of this snapshot."""

    count: int
    checksum: bytes


class Conflict(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Why the hub did not do it (409): its epoch is another one, it does not know the device's last entries
    (`device_last`), the workstation's log is not a part of it, or the person's scopes changed. The fields in `welcome`
    tell the present state where it changed."""

    kind: Literal["epoch", "gap", "diverged", "rescope"]
    welcome: Welcome | None = None
    device_last: int | None = None


class Checksum(msgspec.Struct, frozen=True, kw_only=True):
    """The checksum of the asker's entries up to `seq`."""

    seq: int
    count: int
    checksum: bytes


class Enrol(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time code, and what the new workstation is called."""

    code: str
    device_name: str


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """The identity of a workstation: `token` goes to the keyring and is told only here."""

    token: str
    device: str
    person: str
    role: str
    hub_id: str


class Presence(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Who looks at or writes on a ticket. A hint: never stored."""

    person: str
    ticket: str
    doing: Literal["viewing", "writing", "gone"] = "viewing"


class Poke(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A server-sent event: the log's head, and who is where."""

    head: int
    presence: tuple[Presence, ...] = ()


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """RFC 9457: what went wrong. `detail` is a sentence for a person; `conflict` comes with a 409."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    conflict: Conflict | None = None


def wire_event(offered: Offered, *, adopted: bool = False) -> WireEvent:
    return WireEvent(
        id=offered.id,
        stream=offered.stream,
        type=event_type(offered.event),
        ver=offered.ver,
        at=offered.at,
        device=offered.device,
        dseq=offered.dseq,
        base=offered.base,
        expect=offered.expect,
        act=offered.act,
        payload=msgspec.Raw(offered.payload),
        hash=offered.hash,
        adopted=adopted,
    )


def offered_of(event: WireEvent) -> Offered:
    """The event as the domain reads it; a payload that this program cannot read becomes an `UnknownEvent`. The hash is
    not checked here (`push.decide` does)."""
    payload = bytes(event.payload)
    return Offered(
        id=event.id,
        stream=event.stream,
        at=event.at,
        device=event.device,
        dseq=event.dseq,
        event=decode_payload(event.type, payload, event.ver),
        base=event.base,
        expect=event.expect,
        act=event.act,
        ver=event.ver,
        payload=payload,
        hash=event.hash,
        adopted=event.adopted,
    )


def wire_entry(entry: Entry) -> WireEntry:
    return WireEntry(
        id=entry.id,
        stream=entry.stream,
        type=event_type(entry.event),
        ver=entry.ver,
        at=entry.at,
        device=entry.device,
        dseq=entry.dseq,
        base=entry.base,
        expect=entry.expect,
        act=entry.act,
        payload=msgspec.Raw(entry.payload or encode_payload(entry.event)),
        hash=entry.hash,
        adopted=entry.adopted,
        seq=entry.seq,
        epoch=entry.epoch,
        actor=entry.actor,
        scope=entry.scope,
        recorded_at=entry.recorded_at,
        effect=entry.effect,
        number=entry.number,
        chain=entry.chain,
        counts_at=entry.counts_at,
    )


def entry_of(wire: WireEntry) -> Entry:
    payload = bytes(wire.payload)
    return Entry(
        id=wire.id,
        stream=wire.stream,
        at=wire.at,
        device=wire.device,
        dseq=wire.dseq,
        event=decode_payload(wire.type, payload, wire.ver),
        base=wire.base,
        expect=wire.expect,
        act=wire.act,
        ver=wire.ver,
        payload=payload,
        hash=wire.hash,
        adopted=wire.adopted,
        seq=wire.seq,
        epoch=wire.epoch,
        actor=wire.actor,
        scope=wire.scope,
        recorded_at=wire.recorded_at,
        effect=wire.effect,
        number=wire.number,
        chain=wire.chain,
        counts_at=wire.counts_at,
    )
