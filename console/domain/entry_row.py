"""An entry as a row of columns, and a row as an entry: the one list of its fields that both databases go by.

Pure. Called by the journal's `entry_rows` and `own_rows` and the hub's `entry_rows`, which name the columns in their
statements in this order. How an entry travels is spelled apart (`wire.messages`), for old programs have to read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from console.domain.events import Entry, Offered, decode_payload, event_type

WRITTEN: Final = (
    *("id", "stream", "type", "ver", "at", "device", "dseq"),
    *("base", "expect", "act", "payload", "hash", "adopted"),
)
"""What the writer said (`Offered`), the event as its type and its payload."""
STAMPED: Final = ("seq", "epoch", "actor", "scope", "recorded_at", "effect", "number", "chain", "counts_at")
"""What the log gave it."""
COLUMNS: Final = (*WRITTEN, *STAMPED)


def written_row(entry: Entry | Offered) -> tuple[Any, ...]:
    """The values of `WRITTEN`."""
    return (
        entry.id,
        entry.stream,
        event_type(entry.event),
        entry.ver,
        entry.at,
        entry.device,
        entry.dseq,
        entry.base,
        entry.expect,
        entry.act,
        entry.payload,
        entry.hash,
        entry.adopted,
    )


def row_of(entry: Entry) -> tuple[Any, ...]:
    """The values of `COLUMNS`."""
    return (
        *written_row(entry),
        entry.seq,
        entry.epoch,
        entry.actor,
        entry.scope,
        entry.recorded_at,
        entry.effect,
        entry.number,
        entry.chain,
        entry.counts_at,
    )


def offered_of(row: Sequence[Any]) -> Offered:
    """From a row that begins with `WRITTEN`; a payload that this program cannot read comes back as `UnknownEvent`."""
    id, stream, type, ver, at, device, dseq, base, expect, act, payload, hash, adopted, *_ = row
    return Offered(
        id=id,
        stream=stream,
        at=at,
        device=device,
        dseq=dseq,
        event=decode_payload(type, payload, ver),
        base=base,
        expect=expect,
        act=act,
        ver=ver,
        payload=payload,
        hash=hash,
        adopted=bool(adopted),
    )


def entry_of(row: Sequence[Any]) -> Entry:
    """From a row of `COLUMNS`; a payload that this program cannot read comes back as `UnknownEvent`."""
    id, stream, type, ver, at, device, dseq, base, expect, act, payload, hash, adopted, *stamped = row
    seq, epoch, actor, scope, recorded_at, effect, number, chain, counts_at = stamped
    return Entry(
        id=id,
        stream=stream,
        at=at,
        device=device,
        dseq=dseq,
        event=decode_payload(type, payload, ver),
        base=base,
        expect=expect,
        act=act,
        ver=ver,
        payload=payload,
        hash=hash,
        adopted=bool(adopted),
        seq=seq,
        epoch=epoch,
        actor=actor,
        scope=scope,
        recorded_at=recorded_at,
        effect=effect,
        number=number,
        chain=chain,
        counts_at=counts_at,
    )
