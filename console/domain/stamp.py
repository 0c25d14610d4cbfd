"""Gives an offered entry its place in the log: seq, effect, number, chain, and the instant at which it counts.

The core of the hub, and of a workspace that lives without one (spec events.md 1-2, sync.md 1). Pure: the caller locks
the head, judges the guards (`ticket.ruling`), passes `now`, and stores what comes back in one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from console.domain import pro_events as pe
from console.domain.events import Entry, MessageReceived, Offered, TicketOpened, is_imported

FIRST_NUMBER: Final = 10_001
"""The number of a log's first ticket."""
GENESIS: Final = bytes(32)
"""The chain before the first entry."""


OF_WORK: Final = frozenset(
    {
        pe.SegmentStarted,
        pe.SegmentBeat,
        pe.SegmentStopped,
        pe.SegmentItemSet,
        pe.SegmentNoted,
        pe.PauseBegan,
        pe.PauseEnded,
        pe.GapFound,
        pe.GapClassified,
        pe.ConsentGiven,
        pe.ConsentWithdrawn,
    }
)
"""Pro work, which counts by the workstation's trusted time; a consent belongs to it, for it counts only if it was given
before the work began, and both may happen without a network."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Where a log stands: one row, updated in the transaction that appends. `recorded_at` (epoch ms) never falls."""

    hub_id: str
    epoch: int = 1
    seq: int = 0
    recorded_at: int = 0
    chain: bytes = GENESIS
    next_number: int = FIRST_NUMBER


def scope_of(stream: str, opened: TicketOpened | None = None) -> str:
    """The one scope of a stream (spec events.md 3). `opened` is a ticket's opening, which may restrict it."""
    if stream.startswith("pro:"):
        return stream
    if stream.startswith("account:"):
        return "accounts"
    return f"restricted:{opened.restricted}" if opened is not None and opened.restricted else "desk"


def counts_at(offered: Offered, *, recorded_at: int, opened_at: int | None, hubless: bool) -> int:
    """The instant that counts for clocks, epoch ms. The only place where it is decided (spec events.md 2).

    `opened_at` is when the entry's ticket counts as opened, None for the opening itself and outside tickets. What was
    recorded where there was no hub counts as it did there, also after it was taken into one.
    """
    if is_imported(offered.id):
        return offered.at if opened_at is None or offered.at > opened_at else opened_at
    if hubless:
        return offered.at
    if offered.adopted or type(offered.event) is MessageReceived or type(offered.event) in OF_WORK:
        return min(offered.at, recorded_at)
    return recorded_at


def chain_link(previous: bytes, entry_hash: bytes, stamped: bytes) -> bytes:
    return hashlib.sha256(previous + entry_hash + stamped).digest()


def checksum_of(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The checksum of some entries in log order, of each its chain and its payload: equal logs have equal ones."""
    digest = hashlib.sha256()
    for chain, payload in entries:
        digest.update(chain)
        digest.update(payload)
    return digest.digest()


def stamp(
    head: Head,
    offers: Sequence[Offered],
    *,
    actor: str,
    now_ms: int,
    effect: str = "applied",
    opened_at: Mapping[str, int] | None = None,
    scopes: Mapping[str, str] | None = None,
    hubless: bool = True,
) -> tuple[Head, list[Entry]]:
    """Stamps entries in order and returns the new head with them.

    `effect` is `applied` or `void: REASON`, the same for all of an act. `opened_at` maps the streams that exist
    already to the instant at which their ticket counts as opened, `scopes` to their scope.
    """
    seq, chain, number = head.seq, head.chain, head.next_number
    recorded_at = now_ms if now_ms > head.recorded_at else head.recorded_at
    opened = dict(opened_at) if opened_at else {}
    known = dict(scopes) if scopes else {}
    entries: list[Entry] = []
    for offer in offers:
        seq += 1
        stream = offer.stream
        given: int | None = None
        counted = counts_at(offer, recorded_at=recorded_at, opened_at=opened.get(stream), hubless=hubless)
        if type(offer.event) is TicketOpened and effect == "applied" and stream not in opened:
            given, number = number, number + 1
            opened[stream] = counted
        scope = known.get(stream)
        if scope is None:
            event = offer.event
            scope = known[stream] = scope_of(stream, event if type(event) is TicketOpened else None)
        stamped = _stamped(seq, head.epoch, actor, scope, recorded_at, effect, given, offer.adopted)
        chain = chain_link(chain, offer.hash, stamped)
        entries.append(
            Entry(
                id=offer.id,
                stream=stream,
                at=offer.at,
                device=offer.device,
                dseq=offer.dseq,
                event=offer.event,
                base=offer.base,
                expect=offer.expect,
                act=offer.act,
                ver=offer.ver,
                payload=offer.payload,
                hash=offer.hash,
                adopted=offer.adopted,
                seq=seq,
                epoch=head.epoch,
                actor=actor,
                scope=scope,
                recorded_at=recorded_at,
                effect=effect,
                number=given,
                chain=chain,
                counts_at=counted,
            )
        )
    advanced = msgspec.structs.replace(head, seq=seq, recorded_at=recorded_at, chain=chain, next_number=number)
    return advanced, entries


def _stamped(
    seq: int, epoch: int, actor: str, scope: str, recorded_at: int, effect: str, number: int | None, adopted: bool
) -> bytes:
    """What the chain covers beside the writer's content."""
    mark = "|adopted" if adopted else ""
    return f"{seq}|{epoch}|{actor}|{scope}|{recorded_at}|{effect}|{number or ''}{mark}".encode()


def chain_is_whole(previous: bytes, entries: Sequence[Entry]) -> bool:
    """Whether each entry's chain follows from the one before and its own content; `previous` is the chain before."""
    for e in entries:
        stamped = _stamped(e.seq, e.epoch, e.actor, e.scope, e.recorded_at, e.effect, e.number, e.adopted)
        if chain_link(previous, e.hash, stamped) != e.chain:
            return False
        previous = e.chain
    return True
