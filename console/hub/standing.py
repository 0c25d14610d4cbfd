"""Where the log and a person stand, read in one statement: the head, the epoch's fork, the role and the scopes.

Called by `log`, `appending` and `reading`, inside their transactions. Instants are epoch ms, UTC.
"""

from __future__ import annotations

from typing import Final

import msgspec

from console.domain.access import Role, scopes_of
from console.domain.stamp import GENESIS, Head
from console.hub.database import PgConnection
from console.hub.errors import NotSignedIn
from console.wire.messages import Welcome

_HEAD: Final = b"SELECT hub_id, epoch, seq, recorded_at, chain, next_number FROM head"
_LOOK: Final = b"SELECT epoch, seq, (SELECT changes FROM membership) FROM head"
_STANDING: Final = b"""
    SELECT h.hub_id, h.epoch, h.seq, h.recorded_at, h.chain, h.next_number, p.role, p.scopever,
        ARRAY(SELECT scope FROM grants WHERE person = p.name)
    FROM head h LEFT JOIN persons p ON p.name = %s"""
_FORK: Final = b"""
    WITH fork AS (
        SELECT CASE WHEN EXISTS (SELECT FROM epochs WHERE epoch = %(epoch)s)
            THEN (SELECT coalesce(min(fork_seq), h.seq) FROM epochs WHERE epoch > %(epoch)s) ELSE 0 END AS seq
        FROM head h
    )
    SELECT fork.seq, e.chain FROM fork LEFT JOIN entries e ON e.seq = fork.seq"""


class Look(msgspec.Struct, frozen=True):
    """What whoever waits polls: the epoch, the last `seq`, and a number that rises with each change of people."""

    epoch: int
    seq: int
    people: int


class Standing(msgspec.Struct, frozen=True):
    """The head, and what a person may see as of now."""

    head: Head
    person: str
    role: Role
    scopes: tuple[str, ...]
    scopever: int


def look(connection: PgConnection) -> Look:
    row = connection.execute(_LOOK, binary=True).fetchone()
    assert row is not None
    return Look(*row)


def head(connection: PgConnection) -> Head:
    row = connection.execute(_HEAD, binary=True).fetchone()
    assert row is not None
    return head_of(row)


def head_of(row: tuple[object, ...]) -> Head:
    """The columns of `_HEAD` as a head."""
    return Head(**dict(zip(Head.__struct_fields__, row, strict=True)))  # type: ignore[arg-type]


def standing(connection: PgConnection, person: str) -> Standing:
    """Errors: NotSignedIn where there is no such person."""
    row = connection.execute(_STANDING, (person,), binary=True).fetchone()
    assert row is not None
    role, scopever, granted = row[6:]
    if role is None:
        raise NotSignedIn("This person is not known to the hub.")
    return Standing(head_of(row[:6]), person, role, scopes_of(role, granted), scopever)


def fork(connection: PgConnection, epoch: int) -> tuple[int, bytes]:
    """The last entry that the log of an epoch has in common with this one, and its chain; the beginning where that
    epoch never was a part of this log, as when it was restored from an older backup."""
    row = connection.execute(_FORK, {"epoch": epoch}, binary=True).fetchone()
    assert row is not None
    return int(row[0]), GENESIS if row[1] is None else bytes(row[1])


def welcome(connection: PgConnection, at: Standing, epoch: int | None, now_ms: int) -> Welcome:
    """What a workstation of some epoch is told; None for one that has no log yet."""
    fork_seq, fork_chain = (0, GENESIS) if epoch is None else fork(connection, epoch)
    return Welcome(
        hub_id=at.head.hub_id,
        epoch=at.head.epoch,
        fork_seq=fork_seq,
        fork_chain=fork_chain,
        head=at.head.seq,
        scopes=at.scopes,
        scopever=at.scopever,
        person=at.person,
        role=at.role,
        now_ms=now_ms,
    )
