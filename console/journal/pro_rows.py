"""Keeps the Pro read models equal to the fold of each account's stream, and answers who is where from them.

Source: spec events.md 5, ARCHITECTURE.md "read models equal the fold". The rows of a stream are derived from that
stream alone and replaced whole. A ticket or a purchase that two accounts claim is found under the first by name, on
every machine. Called by `append` and `read_models` inside their transactions, and by `store` to read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, bindparam, func, insert, select

from console.domain.events import Entry, Offered
from console.domain.pro import fold
from console.domain.pro_account import Account
from console.domain.pro_events import LotBought, pro_stream
from console.journal import entry_rows, own_rows, schema
from console.journal.states import RunningSegment

PRO: Final = pro_stream("")
_PAST_PRO: Final = "pro;"
"""The first text behind every name of a Pro stream: a semicolon follows the colon."""

_INTEGERS: Final = range(-(2**63), 2**63)
_TABLES: Final = (schema.pro_engagements, schema.pro_lots, schema.pro_running)
_INSERTS: Final = {table.name: entry_rows.compiled(insert(table)) for table in _TABLES}

_STREAMS: Final = """
WITH RECURSIVE found (stream) AS (
    SELECT min(stream) FROM entries WHERE stream >= :first AND stream < :past
    UNION ALL
    SELECT (SELECT min(stream) FROM entries WHERE stream > found.stream AND stream < :past)
    FROM found WHERE stream IS NOT NULL
)
SELECT stream, (SELECT max(seq) FROM entries WHERE stream = found.stream) FROM found WHERE stream IS NOT NULL
"""
"""From stream to stream in the index, without a look at what lies between."""
_OWN_STREAMS: Final = (
    "SELECT stream, group_concat(place) FROM (SELECT stream, place FROM own_entries "
    f"WHERE stream >= :first AND stream < :past AND {own_rows.SHOWS_NOW} ORDER BY stream, place) GROUP BY stream"
)
_RUNNING: Final = select(*(schema.pro_running.c[name] for name in RunningSegment.__struct_fields__)).order_by(
    schema.pro_running.c.began_at, schema.pro_running.c.segment
)
_STREAM_OF: Final = select(func.min(schema.pro_engagements.c.stream)).where(
    schema.pro_engagements.c.ticket == bindparam("ticket")
)
_asked = func.json_each(bindparam("asked")).table_valued("value")
_l = schema.pro_lots.c
_LOTS: Final = (
    select(_l.purchase, _l.stream, _l.ticket)
    .where(_l.purchase.in_(select(_asked.c.value)))
    .order_by(_l.purchase, _l.stream.desc())
)

Row = tuple[Any, ...]


def is_pro(stream: str) -> bool:
    return stream.startswith(PRO)


# Rows


def stream_rows(stream: str, account: Account) -> dict[Table, list[Row]]:
    """The rows of one account's stream, by table: every engagement that the stream or one of its lots speaks of, every
    lot, every segment that was not stopped."""
    tickets = dict.fromkeys([*account.engagements, *(lot.ticket for lot in account.lots.values())])
    return {
        schema.pro_engagements: [(stream, ticket) for ticket in tickets],
        schema.pro_lots: [(stream, lot.id, lot.ticket) for lot in account.lots.values()],
        schema.pro_running: [
            (s.id, stream, s.engagement, s.engineer, s.device, s.began_at, s.unattended_job)
            for s in account.open_segments()
        ],
    }


def write_account(connection: Connection, stream: str, entries: Sequence[Entry]) -> None:
    """Replaces the rows of a whole Pro stream."""
    for table, rows in stream_rows(stream, fold(entries)).items():
        connection.execute(table.delete().where(table.c.stream == stream))
        if storable := [row for row in rows if _is_storable(row)]:
            connection.exec_driver_sql(_INSERTS[table.name], storable)


def _is_storable(row: Row) -> bool:
    """Whether SQLite can hold it: an instant beyond 64 bits in one stream must not stop the others (spec sync.md 3)."""
    return all(value in _INTEGERS for value in row if isinstance(value, int))


def empty(connection: Connection) -> None:
    for table in _TABLES:
        connection.execute(table.delete())


# Reads


def streams(connection: Connection, *, hub: bool = False) -> dict[str, int]:
    """Every Pro stream with its version: the seq of its last entry; with a hub, where entries can also go and come
    ahead of others, a number made from all that the view of the stream depends on."""
    between = {"first": PRO, "past": _PAST_PRO}
    found = {row[0]: row[1] for row in connection.exec_driver_sql(_STREAMS, between)}
    if not hub:
        return found
    meta = entry_rows.read_meta(connection)
    waiting = {row[0]: row[1] for row in connection.exec_driver_sql(_OWN_STREAMS, between)}
    return {
        stream: _version(meta.generation, found.get(stream, 0), waiting.get(stream, ""))
        for stream in sorted({*found, *waiting})
    }


def _version(*parts: object) -> int:
    """A positive number of 63 bits that differs where a part does."""
    digest = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1 | 1


def stream_of(connection: Connection, ticket: str) -> str | None:
    found: str | None = connection.execute(_STREAM_OF, {"ticket": ticket}).scalar()
    return found


def lots(connection: Connection, purchases: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Stream and ticket of the purchases that are known."""
    asked = msgspec.json.encode(list(purchases)).decode()
    return {row[0]: (row[1], row[2]) for row in connection.execute(_LOTS, {"asked": asked})}


def running(connection: Connection) -> tuple[RunningSegment, ...]:
    """The longest running first."""
    return tuple(RunningSegment(*row) for row in connection.execute(_RUNNING))


def bought(offers: Iterable[Offered]) -> Iterator[str]:
    """The purchases among new facts."""
    return (offer.event.purchase_id for offer in offers if type(offer.event) is LotBought)


def accounts(streams: Mapping[str, Sequence[Entry]]) -> dict[str, Account]:
    """The account behind each Pro stream among some streams."""
    return {stream: fold(entries) for stream, entries in streams.items() if is_pro(stream)}
