"""Confirmed entries as they are read and written, and the one row of `meta`. No rules here.

Called by whoever reads or writes the log in this folder, on a connection whose transaction they hold. What a person is
shown is read through `view`, which adds own entries that wait for a hub.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, func, select, tuple_
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from console.domain.entry_row import COLUMNS, entry_of, row_of
from console.domain.events import Entry
from console.domain.stamp import GENESIS, Head
from console.journal import schema
from console.journal.states import HubTime

_QMARK: Final = sqlite.dialect(paramstyle="qmark")
_NAMED: Final = sqlite.dialect(paramstyle="named")
_PAGE: Final = 4_000


def compiled(statement: ClauseElement, *, named: bool = False) -> str:
    """The text of a statement, for the paths where thousands of rows pass and SQLAlchemy should not see each. Takes its
    parameters by place, or by name."""
    return str(statement.compile(dialect=_NAMED if named else _QMARK))


_e = schema.entries.c
_ENTRIES: Final = select(*(_e[name] for name in COLUMNS))
_INSERT: Final = f"INSERT INTO entries ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"


def insert_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    rows = [row_of(entry) for entry in entries]
    if rows:
        connection.exec_driver_sql(_INSERT, rows)


_asked = func.json_each(bindparam("asked")).table_valued("value")
_OF_STREAMS: Final = _ENTRIES.where(_e.stream.in_(select(_asked.c.value))).order_by(_e.stream, _e.seq)
_OF_IDS: Final = _ENTRIES.where(_e.id.in_(select(_asked.c.value)))
_HASHES: Final = select(_e.id, _e.hash).where(_e.id.in_(select(_asked.c.value)))
_PAGE_BY_STREAM: Final = (
    _ENTRIES.where(tuple_(_e.stream, _e.seq) > tuple_(bindparam("stream"), bindparam("after")))
    .where(_e.seq <= bindparam("up_to"), _e.counts_at <= bindparam("as_of"))
    .order_by(_e.stream, _e.seq)
    .limit(_PAGE)
)
_PAGE_BY_SEQ: Final = _ENTRIES.where(_e.seq > bindparam("after")).order_by(_e.seq).limit(_PAGE)
END_OF_TIME: Final = 2**62


def _json(names: Sequence[str]) -> str:
    return msgspec.json.encode(names).decode()


def entries_of_streams(connection: Connection, streams: Sequence[str]) -> dict[str, list[Entry]]:
    """The entries of each stream in log order; a stream without any has an empty list."""
    found: dict[str, list[Entry]] = {stream: [] for stream in streams}
    for row in connection.execute(_OF_STREAMS, {"asked": _json(streams)}):
        entry = entry_of(row)
        found[entry.stream].append(entry)
    return found


def entries_by_id(connection: Connection, ids: Sequence[str]) -> dict[str, Entry]:
    found = map(entry_of, connection.execute(_OF_IDS, {"asked": _json(ids)}))
    return {entry.id: entry for entry in found}


def known_hashes(connection: Connection, ids: Sequence[str]) -> dict[str, bytes]:
    return {row[0]: row[1] for row in connection.execute(_HASHES, {"asked": _json(ids)})}


def page_by_stream(
    connection: Connection, after: tuple[str, int], *, up_to: int, as_of: int = END_OF_TIME
) -> list[Entry]:
    """The next entries in the order (stream, seq), from behind a place. The log only grows: with `up_to` fixed, pages
    read at different times belong to one view."""
    asked = {"stream": after[0], "after": after[1], "up_to": up_to, "as_of": as_of}
    return [entry_of(row) for row in connection.execute(_PAGE_BY_STREAM, asked)]


def page_by_seq(connection: Connection, after: int) -> list[Entry]:
    return [entry_of(row) for row in connection.execute(_PAGE_BY_SEQ, {"after": after})]


def by_stream(pages: Iterator[list[Entry]]) -> Iterator[tuple[str, list[Entry]]]:
    """Joins pages in the order (stream, seq) to whole streams; holds one page and one stream in memory."""
    stream, held = "", list[Entry]()
    for page in pages:
        for entry in page:
            if entry.stream != stream:
                if held:
                    yield stream, held
                stream, held = entry.stream, []
            held.append(entry)
    if held:
        yield stream, held


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """The row of `meta` but for what is known of the hub (`HubSide`); see `schema.meta`."""

    hub_id: str
    device: str
    created_at: int
    epoch: int = 1
    seq: int = 0
    cursor: int = 0
    scopever: int = 0
    chain: bytes = GENESIS
    recorded_at: int = 0
    next_number: int = Head(hub_id="").next_number
    dseq: int = 0
    guidelines: str = ""
    changes: int = 0
    opened_by: int | None = None
    connected: int = 0
    read_models_behind: int = 0
    place: int = 0
    generation: int = 0

    @property
    def head(self) -> Head:
        return Head(
            hub_id=self.hub_id,
            epoch=self.epoch,
            seq=self.seq,
            recorded_at=self.recorded_at,
            chain=self.chain,
            next_number=self.next_number,
        )

    def advanced(self, head: Head) -> Meta:
        """With a head that moved; a log without a hub has read all that it wrote."""
        return msgspec.structs.replace(
            self,
            seq=head.seq,
            cursor=head.seq,
            recorded_at=head.recorded_at,
            chain=head.chain,
            next_number=head.next_number,
        )


_META: Final = select(*(schema.meta.c[name] for name in Meta.__struct_fields__))


def new_meta(now_ms: int, guidelines: str) -> Meta:
    """The row of a workspace that begins: its own hub until it connects to one (spec events.md 1)."""
    return Meta(hub_id=str(uuid.uuid4()), device=str(uuid.uuid4()), created_at=now_ms, guidelines=guidelines)


def read_meta(connection: Connection) -> Meta:
    return Meta(**connection.execute(_META).one()._mapping)


def write_meta(connection: Connection, meta: Meta) -> None:
    connection.execute(schema.meta.update(), msgspec.structs.asdict(meta))


def checked_meta(connection: Connection) -> Meta:
    """The row of `meta` for whom a broken one is news. Raises `msgspec.MsgspecError` where it holds what was never
    written there."""
    meta, side = (tuple(connection.execute(asked).one()) for asked in (_META, _HUB_SIDE))
    known = msgspec.convert(dict(zip(HubSide.__struct_fields__, side, strict=True)), HubSide)
    msgspec.json.decode(known.scopes, type=tuple[str, ...])
    hub_time_of(known)
    return msgspec.convert(dict(zip(Meta.__struct_fields__, meta, strict=True)), Meta)


class HubSide(msgspec.Struct, frozen=True, kw_only=True):
    """The rest of the row of `meta`: what is known of the hub and of the person there. `scopes` is a JSON list,
    `hub_time` a `states.HubTime` as JSON, '' before the hub was heard."""

    hub_url: str = ""
    person: str = ""
    role: str = ""
    scopes: str = "[]"
    skew_ms: int | None = None
    hub_time: str = ""


def hub_time_of(side: HubSide) -> HubTime | None:
    return msgspec.json.decode(side.hub_time, type=HubTime) if side.hub_time else None


_HUB_SIDE: Final = select(*(schema.meta.c[name] for name in HubSide.__struct_fields__))


def read_hub_side(connection: Connection) -> HubSide:
    return HubSide(**connection.execute(_HUB_SIDE).one()._mapping)


def write_hub_side(connection: Connection, side: HubSide) -> None:
    connection.execute(schema.meta.update(), msgspec.structs.asdict(side))


def insert_meta(connection: Connection, meta: Meta) -> None:
    connection.execute(schema.meta.insert(), {"id": 1, **msgspec.structs.asdict(meta)})
