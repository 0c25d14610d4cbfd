"""What a person may read of the log: pages, snapshots, checksums, single streams. Each in one snapshot of the database.

Source: spec sync.md 2 (PULL, SNAPSHOT), 5. Called by `log`. Whoever sees little does not page through what they do not
see: the next entries of each of their scopes come from an index, and the rest is skipped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec

from console.domain.access import sees
from console.domain.stamp import GENESIS, Head
from console.hub.database import PgConnection
from console.hub.entry_rows import CHAIN, COLUMNS, PAYLOAD, wire_entry_of
from console.hub.errors import Conflicted, MalformedRequest
from console.hub.schema import IN_PRO
from console.hub.sight import SEES, sight
from console.hub.standing import Standing, standing, welcome
from console.wire.messages import (
    PULL_LIMIT,
    PULL_PAGE_BYTES,
    Conflict,
    Page,
    Pull,
    SnapshotEnd,
    SnapshotHead,
    WireEntry,
)

_ENVELOPE_BYTES: Final = 512
"""About what an entry weighs beside its payload."""
_FETCH: Final = 5_000

_ONE_SNAPSHOT: Final = b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_CHAIN: Final = b"SELECT chain FROM entries WHERE seq = %s"
_PAGE: Final = f"""
    WITH next AS (
        SELECT n.seq FROM unnest(%(scopes)s::text[]) AS mine (scope) CROSS JOIN LATERAL (
            SELECT e.seq FROM entries e WHERE e.scope = mine.scope AND e.seq > %(after)s ORDER BY e.seq LIMIT %(limit)s
        ) n
        UNION ALL (
            SELECT seq FROM entries WHERE %(all_pro)s AND {IN_PRO} AND seq > %(after)s ORDER BY seq LIMIT %(limit)s
        )
        ORDER BY seq LIMIT %(limit)s
    ), sized AS (
        SELECT e.*, sum(octet_length(e.payload) + {_ENVELOPE_BYTES}) OVER (ORDER BY e.seq) AS bytes,
            row_number() OVER (ORDER BY e.seq) AS place
        FROM entries e JOIN next USING (seq)
    )
    SELECT (SELECT count(*) FROM next), {COLUMNS} FROM sized
    WHERE {SEES} AND (bytes <= {PULL_PAGE_BYTES} OR place = 1) ORDER BY seq""".encode()
_RANGE: Final = f"FROM entries WHERE seq > %(after)s AND seq <= %(upto)s AND {SEES}"
_COUNT: Final = f"SELECT count(*) {_RANGE}".encode()
_ENTRIES: Final = f"SELECT {COLUMNS} {_RANGE} ORDER BY seq".encode()
_PATIENCE: Final = b"SET LOCAL idle_in_transaction_session_timeout = '10min'"
_OF_STREAM: Final = f"SELECT {COLUMNS} FROM entries WHERE stream = %(stream)s AND {SEES} ORDER BY seq".encode()
_ATTACHED: Final = f"SELECT 1 FROM attachments WHERE sha256 = %(sha256)s AND {SEES} LIMIT 1".encode()

_lines: Final = msgspec.json.Encoder().encode_lines


def begin(connection: PgConnection, person: str) -> Standing:
    """Begins a transaction that sees one state of the database, and says where the log and the person stand in it."""
    with connection.pipeline():
        connection.execute(_ONE_SNAPSHOT)
        return standing(connection, person)


def page(connection: PgConnection, person: str, pull: Pull, *, now_ms: int) -> Page:
    at = begin(connection, person)
    kind = _conflict(connection, at, pull)
    if kind is not None:
        raise Conflicted(Conflict(kind=kind, welcome=welcome(connection, at, pull.epoch, now_ms)))
    whole = nothing_new(at.head)
    if pull.after == at.head.seq:
        return whole
    limit = max(1, min(pull.limit, PULL_LIMIT))
    asked = {**sight(at.scopes).asked, "after": pull.after, "limit": limit}
    found = connection.execute(_PAGE, asked, binary=True).fetchall()
    entries = tuple(wire_entry_of(row[1:]) for row in found)
    if not found or (found[0][0] == len(found) < limit):
        return msgspec.structs.replace(whole, entries=entries)
    return msgspec.structs.replace(whole, entries=entries, next=entries[-1].seq, chain=entries[-1].chain)


def nothing_new(head: Head) -> Page:
    """For whoever is level with a head."""
    return Page(entries=(), next=head.seq, chain=head.chain, head=head.seq)


def _conflict(connection: PgConnection, at: Standing, pull: Pull) -> Literal["epoch", "diverged", "rescope"] | None:
    if pull.epoch != at.head.epoch:
        return "epoch"
    if chain_at(connection, at, pull.after) != (pull.chain if pull.after else GENESIS):
        return "diverged"
    return "rescope" if pull.scopever != at.scopever else None


def chain_at(connection: PgConnection, at: Standing, seq: int) -> bytes | None:
    """The chain of an entry; None where the log has no such."""
    if seq == at.head.seq:
        return at.head.chain
    if seq == 0:
        return GENESIS
    if not 0 < seq < at.head.seq:
        return None
    row = connection.execute(_CHAIN, (seq,), binary=True).fetchone()
    return None if row is None else bytes(row[0])


def snapshot(
    connection: PgConnection, person: str, scopes: Sequence[str] | None, after: int, upto: int | None
) -> Iterator[bytes]:
    """Yields one empty chunk when all that can be refused was judged, then the lines. See `HubLog.snapshot`."""
    at = begin(connection, person)
    wanted = at.scopes if scopes is None else tuple(dict.fromkeys(scopes))
    if not all(sees(at.scopes, scope) for scope in wanted):
        raise MalformedRequest("There is no such scope.")
    seq = at.head.seq if upto is None else upto
    chain = chain_at(connection, at, seq)
    if chain is None or not 0 <= after <= seq:
        raise MalformedRequest("The log has no such part.")
    connection.execute(_PATIENCE)
    asked = {**sight(wanted).asked, "after": after, "upto": seq}
    counted = connection.execute(_COUNT, asked).fetchone()
    yield b""
    head = SnapshotHead(
        hub_id=at.head.hub_id,
        epoch=at.head.epoch,
        scopever=at.scopever,
        scopes=wanted,
        after=after,
        seq=seq,
        chain=chain,
        count=counted[0] if counted else 0,
    )
    yield _lines([head])
    digest = hashlib.sha256()
    count = 0
    with connection.cursor("snapshot", binary=True) as cursor:
        cursor.execute(_ENTRIES, asked)
        while rows := cursor.fetchmany(_FETCH):
            count += len(rows)
            for row in rows:
                digest.update(row[CHAIN])
                digest.update(row[PAYLOAD])
            yield _lines([wire_entry_of(row) for row in rows])
    yield _lines([SnapshotEnd(count=count, checksum=digest.digest())])


def stream(connection: PgConnection, person: str, name: str) -> tuple[WireEntry, ...] | None:
    at = begin(connection, person)
    if "\x00" in name:
        return None
    rows = connection.execute(_OF_STREAM, {**sight(at.scopes).asked, "stream": name}, binary=True)
    return tuple(wire_entry_of(row) for row in rows) or None


def sees_attachment(connection: PgConnection, person: str, sha256: str) -> bool:
    at = begin(connection, person)
    if "\x00" in sha256:
        return False
    return connection.execute(_ATTACHED, {**sight(at.scopes).asked, "sha256": sha256}).fetchone() is not None
