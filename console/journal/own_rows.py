"""What this workstation recorded for a hub, as rows of `own_entries`: their order, what of them shows, what is next.

Source: spec sync.md 2 ("local", "view"). An own entry shows beside the confirmed ones while the hub does not have it,
and from then on, unless it is void, until the log has been read beyond it. Called by whoever reads or writes own
entries in this folder, on a connection whose transaction they hold. Instants are epoch ms, UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, text

from console.domain.entry_row import WRITTEN, offered_of, written_row
from console.domain.events import Offered
from console.journal.states import OwnEntry

KEPT_MS: Final = 90 * 24 * 3_600_000
"""How long an own entry is kept after the hub took it (spec sync.md 2, EXPIRY)."""
_PAGE: Final = 4_000
_ENVELOPE_BYTES: Final = 512
"""About what an event weighs on the wire beside its payload."""

_OURS: Final = ("place", "made_at", "state", "ack_seq", "effect", "reason", "offered")
_COLUMNS: Final = ", ".join((*WRITTEN, *_OURS))
_INSERT: Final = f"INSERT INTO own_entries ({_COLUMNS}) VALUES ({', '.join('?' * len((*WRITTEN, *_OURS)))})"

SHOWS: Final = """(+state = 'new' OR (+state = 'acked' AND effect = 'applied' AND +ack_seq > {cursor}))
AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.id = own_entries.id AND entries.seq <= {cursor})"""
"""Which own entries show, where the log has been read up to a cursor. The plus signs keep SQLite from reading all that
are new where a stream, or an id, is asked for."""
SHOWS_NOW: Final = SHOWS.format(cursor="(SELECT seq FROM meta)")

_OF_STREAMS: Final = text(
    f"SELECT {_COLUMNS} FROM own_entries WHERE stream IN (SELECT value FROM json_each(:asked)) AND {SHOWS_NOW} "
    "ORDER BY stream, place"
)
_PAGE_BY_STREAM: Final = text(
    f"SELECT {_COLUMNS} FROM own_entries WHERE (stream, place) > (:stream, :after) AND place <= :up_to "
    f"AND {SHOWS.format(cursor=':cursor')} ORDER BY stream, place LIMIT {_PAGE}"
)
_OF_IDS: Final = text(f"SELECT {_COLUMNS} FROM own_entries WHERE id IN (SELECT value FROM json_each(:asked))")
_HASHES: Final = text("SELECT id, hash FROM own_entries WHERE id IN (SELECT value FROM json_each(:asked))")
_SHOWN_OF_ID: Final = text(f"SELECT {_COLUMNS} FROM own_entries WHERE id = :id AND {SHOWS_NOW}")
_IN_STATE: Final = text(f"SELECT {_COLUMNS} FROM own_entries WHERE state = :state ORDER BY dseq, place LIMIT :most")
_VOID: Final = text(
    f"SELECT {_COLUMNS} FROM own_entries WHERE state = 'acked' AND effect <> 'applied' "
    "AND NOT EXISTS (SELECT 1 FROM dismissed WHERE entry = id) ORDER BY place"
)
_BASE: Final = text("SELECT max(dseq) FROM own_entries WHERE state = 'acked' AND dseq < :below AND device = :device")
_NEXT_ACKED: Final = text(
    "SELECT min(dseq) FROM own_entries WHERE state = 'acked' AND dseq > :above AND device = :device"
)
_BESIDE: Final = "state = 'refused' AND act IN (SELECT value FROM json_each(:asked))"
_STREAMS_BESIDE: Final = text(f"SELECT DISTINCT stream FROM own_entries WHERE {_BESIDE}")
_RENEW_BESIDE: Final = text(f"UPDATE own_entries SET state = 'new', reason = NULL WHERE {_BESIDE}")
_OUT_OF_ORDER: Final = text("""
    SELECT 1 FROM (
        SELECT device, dseq, lag(dseq) OVER (ORDER BY place) AS before FROM own_entries WHERE state = 'new')
    WHERE device <> :device OR dseq < before LIMIT 1""")
_EXPIRE: Final = """
    DELETE FROM own_entries WHERE acked_at < ? AND +ack_seq <= ? AND (act IS NULL OR act NOT IN (
        SELECT act FROM own_entries WHERE act IS NOT NULL AND (acked_at IS NULL OR acked_at >= ? OR ack_seq > ?)))"""
_RENEW: Final = "UPDATE own_entries SET state = 'new', ack_seq = NULL, effect = NULL, acked_at = NULL"
_NUMBER: Final = text(
    "UPDATE own_entries SET device = :device, dseq = :above + numbered.n FROM "
    "(SELECT id, row_number() OVER (ORDER BY place) AS n FROM own_entries WHERE state = 'new') AS numbered "
    "WHERE own_entries.id = numbered.id"
)


def asked(names: Iterable[str]) -> dict[str, str]:
    """The parameter of a statement that asks for several by name."""
    return {"asked": msgspec.json.encode(list(names)).decode()}


def insert_new(connection: Connection, offers: Sequence[Offered], *, first_place: int, made_at: int) -> None:
    """Keeps entries that the hub has yet to get, at places that follow one another."""
    rows = [
        (*written_row(offer), place, made_at, "new", None, None, None, 0)
        for place, offer in enumerate(offers, first_place)
    ]
    if rows:
        connection.exec_driver_sql(_INSERT, rows)


def own_of(row: Sequence[Any]) -> OwnEntry:
    place, made_at, state, ack_seq, effect, reason, offered = row[len(WRITTEN) :]
    return OwnEntry(
        offered=offered_of(row),
        place=place,
        made_at=made_at,
        state=state,
        ack_seq=ack_seq,
        effect=effect,
        reason=reason,
        was_offered=bool(offered),
    )


# What shows


def shown_of_streams(connection: Connection, streams: Sequence[str]) -> list[OwnEntry]:
    """By stream, in the order in which they were made."""
    return [own_of(row) for row in connection.execute(_OF_STREAMS, asked(streams))]


def shown(connection: Connection, entry_id: str) -> OwnEntry | None:
    row = connection.execute(_SHOWN_OF_ID, {"id": entry_id}).first()
    return None if row is None else own_of(row)


def page_by_stream(connection: Connection, after: tuple[str, int], *, cursor: int, up_to: int) -> list[OwnEntry]:
    """The next ones in the order (stream, place), up to a place: of the view in which the log was read up to `cursor`,
    also when it has been read further meanwhile."""
    wanted = {"stream": after[0], "after": after[1], "up_to": up_to, "cursor": cursor}
    return [own_of(row) for row in connection.execute(_PAGE_BY_STREAM, wanted)]


# By id and state


def by_id(connection: Connection, ids: Iterable[str]) -> dict[str, OwnEntry]:
    """Whatever their state is."""
    return {row[0]: own_of(row) for row in connection.execute(_OF_IDS, asked(ids))}


def hashes(connection: Connection, ids: Iterable[str]) -> dict[str, bytes]:
    return {row[0]: row[1] for row in connection.execute(_HASHES, asked(ids))}


def in_state(connection: Connection, state: str, most: int = -1) -> list[OwnEntry]:
    """In the order in which they travel."""
    return [own_of(row) for row in connection.execute(_IN_STATE, {"state": state, "most": most})]


def void(connection: Connection) -> list[OwnEntry]:
    """Those that the hub took and did not apply, but for dismissed ones."""
    return [own_of(row) for row in connection.execute(_VOID)]


# What travels next


def next_acts(connection: Connection, *, max_events: int, max_bytes: int) -> list[OwnEntry]:
    """The next new entries, never a part of an act; the first act comes whatever it weighs. They end where the hub is
    known to have one in between: an echo that was faster than the answers for what is below it."""
    taken: list[OwnEntry] = []
    size = 0
    echoed: int | None = None
    rows = connection.execute(_IN_STATE, {"state": "new", "most": -1})
    for act in _acts(map(own_of, rows)):
        more = sum(len(own.offered.payload) + _ENVELOPE_BYTES for own in act)
        if taken and (len(taken) + len(act) > max_events or size + more > max_bytes):
            break
        if echoed is not None and act[0].offered.dseq > echoed:
            break
        if not taken:
            echoed = _next_acked(connection, act[0].offered)
        taken += act
        size += more
        if len(taken) >= max_events:
            break
    rows.close()
    return taken


def _next_acked(connection: Connection, offered: Offered) -> int | None:
    """The number of the first own entry behind another one that the hub has."""
    asked = {"above": offered.dseq, "device": offered.device}
    found: int | None = connection.execute(_NEXT_ACKED, asked).scalar()
    return found


def _acts(entries: Iterator[OwnEntry]) -> Iterator[list[OwnEntry]]:
    act: list[OwnEntry] = []
    for own in entries:
        if act and (own.offered.act is None or own.offered.act != act[-1].offered.act):
            yield act
            act = []
        act.append(own)
    if act:
        yield act


def base_dseq(connection: Connection, device: str, below: int) -> int:
    """The highest `dseq` of a device's own entries that the hub has, below another one."""
    return connection.execute(_BASE, {"device": device, "below": below}).scalar() or 0


def renew(connection: Connection, condition: str, values: tuple[Any, ...]) -> tuple[int, set[str]]:
    """Acked entries that a condition of ours is true for become new: how many, and in which streams."""
    matching = f"FROM own_entries WHERE state = 'acked' AND ({condition})"
    streams = {row[0] for row in connection.exec_driver_sql(f"SELECT DISTINCT stream {matching}", values)}
    connection.exec_driver_sql(f"DELETE FROM dismissed WHERE entry IN (SELECT id {matching})", values)
    renewing = f"{_RENEW} WHERE state = 'acked' AND ({condition})"
    return connection.exec_driver_sql(renewing, values).rowcount, streams


def renew_beside(connection: Connection, acts: Iterable[str]) -> tuple[int, set[str]]:
    """What was refused of acts that the log turns out to have becomes new: how many, and in which streams. An act is
    recorded whole, so the log has these as well, behind what was read of it."""
    names = asked(acts)
    streams = {row[0] for row in connection.execute(_STREAMS_BESIDE, names)}
    return (connection.execute(_RENEW_BESIDE, names).rowcount, streams) if streams else (0, streams)


def travel_in_order(connection: Connection, device: str) -> bool:
    """Whether all new entries are numbered under a device id in the order in which they were made."""
    return connection.execute(_OUT_OF_ORDER, {"device": device}).first() is None


def number(connection: Connection, device: str, *, above: int) -> int:
    """Gives all new entries a device id and the next numbers, in the order in which they were made; the last number."""
    return above + connection.execute(_NUMBER, {"device": device, "above": above}).rowcount


# What becomes of them


def is_empty(connection: Connection) -> bool:
    return connection.exec_driver_sql("SELECT 1 FROM own_entries LIMIT 1").first() is None


def matching(connection: Connection, condition: str, values: tuple[Any, ...]) -> list[OwnEntry]:
    """Those that a condition of ours is true for, its values given by place; in the order in which they were made."""
    rows = connection.exec_driver_sql(f"SELECT {_COLUMNS} FROM own_entries WHERE {condition} ORDER BY place", values)
    return [own_of(row) for row in rows]


def streams_acked_between(connection: Connection, after: int, up_to: int) -> set[str]:
    """The streams whose own entries stop showing when the log is read from one seq up to another."""
    between = "SELECT DISTINCT stream FROM own_entries WHERE ack_seq > ? AND ack_seq <= ?"
    return {row[0] for row in connection.exec_driver_sql(between, (after, up_to))}


def expire(connection: Connection, *, cursor: int, acked_before: int) -> None:
    """Drops what the hub has had for long and the log holds, whole acts: a hub that loses one later is offered all of
    it."""
    connection.exec_driver_sql(_EXPIRE, (acked_before, cursor, acked_before, cursor))
