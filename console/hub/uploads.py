"""What the database knows of attachments: how much somebody may leave unnamed, and which files nobody needs any more.

A file is there to be named by a message. Until then it counts against whoever sends it; what no message names in the
end, and what only redacted messages named, is removed. The files are `blobs.Blobs`'s. Any number of processes may sweep
at once. Blocking: called in threads, by the HTTP half. Instants are epoch ms, UTC. All may raise `HubUnavailable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy import Engine

from console.domain.errors import ConsoleError
from console.domain.push import Author
from console.hub.blobs import MOST_BYTES, Blobs
from console.hub.clock import now_ms
from console.hub.database import PgConnection, pg_connection
from console.hub.sight import SEES, sight

MOST_UNNAMED_BYTES: Final = 4 * MOST_BYTES
"""What one person can leave here unnamed, over all of their devices. A file is named moments after it was sent, so this
is room for a few of the largest under way at once, and no more for somebody who fills the disk."""
UNNAMED_MS: Final = 14 * 24 * 3_600_000
"""After which a file that no message names goes. Whoever sent it still wants to name it for longer than mail servers
try again (5 days, RFC 5321 4.5.4.1) and than a workstation is shut over a holiday."""
_AT_ONCE: Final = 500

_LOCK: Final = b"SELECT name FROM persons WHERE name = %s FOR UPDATE"
_KNOWN: Final = b"SELECT bytes FROM uploads WHERE person = %s AND sha256 = %s"
_UNNAMED: Final = f"""
    SELECT coalesce(sum(bytes), 0)::bigint FROM uploads u WHERE person = %(person)s AND sha256 <> %(sha256)s
        AND NOT EXISTS (SELECT FROM attachments WHERE sha256 = u.sha256 AND {SEES})""".encode()
_KEEP: Final = b"""
    INSERT INTO uploads (person, sha256, bytes, held_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (person, sha256) DO UPDATE SET bytes = greatest(uploads.bytes, excluded.bytes),
        held_at = excluded.held_at"""
_FORGET: Final = b"DELETE FROM uploads WHERE person = %s AND sha256 = %s"
_EXPIRE: Final = b"DELETE FROM uploads WHERE held_at < %s"
_NEEDED: Final = b"""
    SELECT sha256 FROM attachments WHERE sha256 = ANY(%(files)s)
    UNION SELECT sha256 FROM uploads WHERE sha256 = ANY(%(files)s)"""
_NOBODY_BEGINS: Final = b"LOCK TABLE uploads IN SHARE ROW EXCLUSIVE MODE"
_EPOCH_BEGAN: Final = b"SELECT max(began_at) FROM epochs"
_ORPHANS: Final = b"SELECT sha256 FROM orphans ORDER BY sha256"
_NAMED_AGAIN: Final = b"""
    DELETE FROM orphans o WHERE EXISTS (SELECT FROM attachments a WHERE a.sha256 = o.sha256)"""
_REMOVED: Final = b"DELETE FROM orphans WHERE sha256 = ANY(%s)"


class TooMuchUnnamed(ConsoleError):
    """Somebody has left too much that no message names (429)."""


class Uploads:
    """The uploads of one hub."""

    def __init__(self, engine: Engine, blobs: Blobs, *, clock: Callable[[], int] = now_ms) -> None:
        self._engine = engine
        self._blobs = blobs
        self._clock = clock

    def reserve(self, author: Author, sha256: str, total: int) -> None:
        """Before each piece of a file of `total` bytes: it counts as the author's until a message that they see names
        it. What a message of others names counts as well, so that nobody learns of it. Errors: TooMuchUnnamed."""
        with pg_connection(self._engine) as connection:
            connection.execute(_LOCK, (author.person,))
            known = connection.execute(_KNOWN, (author.person, sha256)).fetchone()
            if known is None or known[0] < total:
                asked = {"person": author.person, "sha256": sha256, **sight(author.scopes).asked}
                row = connection.execute(_UNNAMED, asked).fetchone()
                if row is not None and row[0] + total > MOST_UNNAMED_BYTES:
                    raise TooMuchUnnamed(
                        f"More than {MOST_UNNAMED_BYTES // 1024**2:,} MiB of your files are in no message yet; let "
                        "messages name them, or try again when they were removed."
                    )
            connection.execute(_KEEP, (author.person, sha256, total, self._clock()))
            connection.commit()

    def forget(self, author: Author, sha256: str) -> None:
        """The upload came to nothing."""
        with pg_connection(self._engine) as connection:
            connection.execute(_FORGET, (author.person, sha256))
            connection.commit()

    def sweep(self) -> None:
        """Removes what nobody needs: uploads that were abandoned, files that no message named in time, and those whose
        messages were redacted. After a restore nothing counts as unnamed for as long as ever: workstations may still
        offer again the messages that the backup did not have."""
        now = self._clock()
        self._blobs.sweep(now / 1000)
        with pg_connection(self._engine) as connection:
            connection.execute(_EXPIRE, (now - UNNAMED_MS,))
            connection.commit()
            began = connection.execute(_EPOCH_BEGAN).fetchone()
            connection.commit()
            if began is not None and began[0] <= now - UNNAMED_MS:
                for files in _parts(list(self._blobs.older_than((now - UNNAMED_MS) / 1000))):
                    self._remove_unneeded(connection, files)
                    connection.commit()
        self.sweep_redacted()
        self._blobs.forget_senders()

    def sweep_redacted(self) -> None:
        """Removes the files that only redacted messages named. One that somebody sends again meanwhile stays until it
        is known whether a message names it."""
        with pg_connection(self._engine) as connection:
            connection.execute(_NAMED_AGAIN)
            connection.commit()
            orphans = [sha256 for (sha256,) in connection.execute(_ORPHANS).fetchall()]
            connection.commit()
            for files in _parts(orphans):
                connection.execute(_REMOVED, (self._remove_unneeded(connection, files),))
                connection.commit()

    def _remove_unneeded(self, connection: PgConnection, files: list[str]) -> list[str]:
        """Of some files removes those that no message names and nobody sends. Until the caller commits nobody begins to
        send one: whoever does then finds that it has to come again."""
        connection.execute(_NOBODY_BEGINS)
        needed = {sha256 for (sha256,) in connection.execute(_NEEDED, {"files": files}).fetchall()}
        gone = [sha256 for sha256 in files if sha256 not in needed]
        for sha256 in gone:
            self._blobs.remove(sha256)
        return gone


def _parts(files: list[str]) -> Iterator[list[str]]:
    return (files[at : at + _AT_ONCE] for at in range(0, len(files), _AT_ONCE))
