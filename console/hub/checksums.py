"""Checksums of what a person sees, up to a place in the log, without reading all of it each time.

Source: spec sync.md 2 (CHECK). The digest at the last full stretch is kept for each set of scopes in this process; it
is thrown away when the epoch changes or a text was redacted. Called by `log`, from any thread.
"""

from __future__ import annotations

import hashlib
import threading
from typing import Any, Final

import msgspec

from console.hub.database import PgConnection
from console.hub.errors import MalformedRequest
from console.hub.reading import begin
from console.hub.sight import SEES, Sight, sight
from console.wire.messages import Checksum

STRETCH: Final = 20_000
"""Digests are kept at multiples of this; more entries than these are never read again."""
_MOST_KEPT: Final = 64
_FETCH: Final = 5_000

_PARTS: Final = f"""
    SELECT seq, chain, payload FROM entries
    WHERE seq > %(after)s AND seq <= %(upto)s AND {SEES} ORDER BY seq""".encode()
_REDACTED: Final = b"SELECT coalesce(max(seq), 0) FROM entries WHERE type = 'entry.redacted'"


class _Mark(msgspec.Struct, frozen=True):
    epoch: int
    redacted: int
    seq: int = 0
    count: int = 0
    digest: Any = None

    def fits(self, epoch: int, redacted: int, upto: int) -> bool:
        return self.epoch == epoch and self.redacted == redacted and self.seq <= upto


class Checksums:
    """The marks of one process."""

    def __init__(self) -> None:
        self._marks: dict[Sight, _Mark] = {}
        self._lock = threading.Lock()

    def at(self, connection: PgConnection, person: str, seq: int) -> Checksum:
        """See `HubLog.checksum`."""
        at = begin(connection, person)
        if not 0 <= seq <= at.head.seq:
            raise MalformedRequest("The log has no such entry.")
        row = connection.execute(_REDACTED, binary=True).fetchone()
        redacted: int = row[0] if row is not None else 0
        upto = max(seq, redacted)
        seen = sight(at.scopes)
        with self._lock:
            mark = self._marks.get(seen)
        if mark is None or not mark.fits(at.head.epoch, redacted, upto):
            mark = _Mark(at.head.epoch, redacted, digest=hashlib.sha256())
        last = upto - upto % STRETCH
        if last > mark.seq:
            mark = _further(connection, seen, mark, last)
            self._keep(seen, mark)
        end = _further(connection, seen, mark, upto)
        return Checksum(seq=upto, count=end.count, checksum=end.digest.digest())

    def _keep(self, seen: Sight, mark: _Mark) -> None:
        with self._lock:
            self._marks.pop(seen, None)
            self._marks[seen] = mark
            while len(self._marks) > _MOST_KEPT:
                del self._marks[next(iter(self._marks))]


def _further(connection: PgConnection, seen: Sight, mark: _Mark, upto: int) -> _Mark:
    digest, count = mark.digest.copy(), mark.count
    asked = {**seen.asked, "after": mark.seq, "upto": upto}
    with connection.cursor("checksum", binary=True) as cursor:
        cursor.execute(_PARTS, asked)
        while rows := cursor.fetchmany(_FETCH):
            count += len(rows)
            for _, chain, payload in rows:
                digest.update(chain)
                digest.update(payload)
    return msgspec.structs.replace(mark, seq=upto, count=count, digest=digest)
