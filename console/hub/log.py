"""The log: the only door to the entries. Every method is one transaction and may be called from any thread.

Source: spec sync.md 2. Called by the HTTP half; the work is in `appending` (push), `reading` and `searching`. All may
raise `HubUnavailable`. Instants are epoch ms, UTC. Everything that is told is filtered by the scopes that the author
has in that transaction (`sight`), not by those in the `Author`, which may be older.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Engine

from console.domain.push import Author, Rules
from console.domain.search import SearchHit
from console.domain.stamp import Head
from console.hub import appending, pages, reading, searching, standing
from console.hub.checksums import Checksums
from console.hub.clock import now_ms
from console.hub.database import pg_connection, pg_question
from console.hub.errors import Conflicted as Conflicted
from console.hub.pages import Pages
from console.hub.sight import sight
from console.hub.standing import Look
from console.wire.messages import Checksum, Page, Pull, Push, Pushed, Welcome, WireEntry


class HubLog:
    """The log in one database. `rules` is asked once for each push, `clock` for the hub's time."""

    def __init__(
        self, engine: Engine, *, rules: Callable[[], Rules] = Rules, clock: Callable[[], int] = now_ms
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._clock = clock
        self._checksums = Checksums()
        self._pages = Pages()

    def head(self) -> Head:
        """Where the log stands: one row. What waiting readers poll, each 250 to 500 ms."""
        with pg_question(self._engine) as connection:
            return standing.head(connection)

    def look(self) -> Look:
        """Where the log stands, and a number that rises with each change of people, so that whoever waits hears of
        changed rights as well."""
        with pg_question(self._engine) as connection:
            return standing.look(connection)

    def welcome(self, person: str, *, epoch: int | None = None) -> Welcome:
        """The answer to a hello. `epoch` is the workstation's: `fork_seq` is then the last entry that its log has in
        common with this one, 0 where its epoch was never a part of it. Errors: NotSignedIn."""
        with pg_connection(self._engine) as connection:
            at = reading.begin(connection, person)
            return standing.welcome(connection, at, epoch, self._clock())

    def push(self, author: Author, push: Push) -> Pushed:
        """Takes events of a device of the author and answers after COMMIT. `push.device` may be any of the author's
        devices that is not revoked. Errors: Conflicted (epoch, gap), MalformedRequest (`dseq` that do not rise above
        `base_dseq`, an event of another device, more than MAX_ACT_EVENTS), NotSignedIn, HubUnavailable (then nobody
        knows what became of it: the same push again gives the answer)."""
        batch = appending.read(push)
        rules = self._rules()
        with pg_connection(self._engine) as connection:
            return appending.append(connection, author, batch, rules=rules, clock=self._clock)

    def pull(self, author: Author, pull: Pull) -> Page:
        """The next entries in the author's scopes, at most `pull.limit` and about PULL_PAGE_BYTES. Does not wait:
        `pull.wait` is the caller's (poll `head`, then ask). Errors: Conflicted (epoch, diverged, rescope)."""
        with pg_question(self._engine) as connection:
            at = standing.standing(connection, author.person)
        if (pull.epoch, pull.scopever) != (at.head.epoch, at.scopever) or pull.after > at.head.seq:
            return self._page(author, pull)
        if (pull.after, pull.chain) == (at.head.seq, at.head.chain):
            return reading.nothing_new(at.head)
        return self._pages.page(pages.asked(at.head, pull, sight(at.scopes)), lambda: self._page(author, pull))

    def _page(self, author: Author, pull: Pull) -> Page:
        with pg_connection(self._engine) as connection:
            return reading.page(connection, author.person, pull, now_ms=self._clock())

    def snapshot(
        self, author: Author, scopes: Sequence[str] | None = None, *, after: int = 0, upto: int | None = None
    ) -> Iterator[bytes]:
        """JSON lines, each with its newline, in chunks of many lines: a SnapshotHead, the entries behind `after` up
        to `upto` (the head when None), a SnapshotEnd. `scopes` are those asked for, all of the author's when None.

        The first chunk is made before this returns, so that errors come at once: MalformedRequest where a scope is
        not the author's (told like one that does not exist) or `upto` is beyond the head. Close the iterator if it is
        not read to its end."""
        lines = self._lines(author.person, scopes, after, upto)
        next(lines)
        return lines

    def _lines(self, person: str, scopes: Sequence[str] | None, after: int, upto: int | None) -> Iterator[bytes]:
        with pg_connection(self._engine) as connection:
            yield from reading.snapshot(connection, person, scopes, after, upto)

    def checksum(self, author: Author, seq: int) -> Checksum:
        """The checksum of the author's entries up to `seq`, or up to a later place: a text that was redacted there is
        redacted in every reading, so before it no workstation can agree. Compare only where `Checksum.seq` is the
        workstation's own place. Errors: MalformedRequest beyond the head."""
        with pg_connection(self._engine) as connection:
            return self._checksums.at(connection, author.person, seq)

    def stream(self, author: Author, stream: str) -> tuple[WireEntry, ...] | None:
        """All entries of one stream; None where there is none or the author does not see it."""
        with pg_connection(self._engine) as connection:
            return reading.stream(connection, author.person, stream)

    def search(self, author: Author, words: str, limit: int = 50) -> list[SearchHit]:
        """The tickets that hold all the words in one subject, message or call, best first; the last word matches as a
        beginning. Snippets are marked as `SearchHit` says."""
        with pg_connection(self._engine) as connection:
            return searching.search(connection, author.person, words, limit)

    def sees_attachment(self, author: Author, sha256: str) -> bool:
        """Whether a message that the author sees names the blob (hex digest)."""
        with pg_connection(self._engine) as connection:
            return reading.sees_attachment(connection, author.person, sha256)
