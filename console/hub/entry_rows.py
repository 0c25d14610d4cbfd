"""Entries as rows and rows as entries. No rules here: only the order of columns.

Called by `appending`, `reading`, `verify`. Rows are read in the binary format, where bytes come as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Raw

from console.domain.events import Entry, decode_payload, event_type
from console.hub.database import PgConnection
from console.wire.messages import WireEntry

COLUMNS: Final = (
    "seq, id, stream, type, ver, at, device, dseq, base, expect, act, payload, hash, adopted, epoch, actor, scope, "
    "recorded_at, effect, number, chain, counts_at"
)
_TYPES: Final = (
    *("int8", "text", "text", "text", "int4", "int8", "text", "int8", "text", "text", "text", "bytea", "bytea", "bool"),
    *("int8", "text", "text", "int8", "text", "int8", "bytea", "int8"),
)
_COPY: Final = f"COPY entries ({COLUMNS}) FROM STDIN (FORMAT binary)".encode()
PAYLOAD: Final = 11
CHAIN: Final = 20

Row = Sequence[Any]


def insert_entries(connection: PgConnection, entries: Iterable[Entry]) -> None:
    """By COPY: for 50 rows half the time of the next fastest way."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for entry in entries:
            copy.write_row(
                (
                    entry.seq,
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
                    entry.epoch,
                    entry.actor,
                    entry.scope,
                    entry.recorded_at,
                    entry.effect,
                    entry.number,
                    entry.chain,
                    entry.counts_at,
                )
            )


def entry_of(row: Row) -> Entry:
    """A row as an entry; a payload that this program cannot read comes back as `UnknownEvent`."""
    seq, id, stream, type, ver, at, device, dseq, base, expect, act, payload, hash, adopted, *stamped = row
    epoch, actor, scope, recorded_at, effect, number, chain, counts_at = stamped
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
        adopted=adopted,
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


def wire_entry_of(row: Row) -> WireEntry:
    """A row as it travels, without a look into its payload."""
    seq, id, stream, type, ver, at, device, dseq, base, expect, act, payload, hash, adopted, *stamped = row
    epoch, actor, scope, recorded_at, effect, number, chain, counts_at = stamped
    return WireEntry(
        id=id,
        stream=stream,
        type=type,
        ver=ver,
        at=at,
        device=device,
        dseq=dseq,
        base=base,
        expect=expect,
        act=act,
        payload=Raw(payload),
        hash=hash,
        adopted=adopted,
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
