"""Reads the whole log and says what is wrong with it: chain, gaps, content, order of devices, and its read models.

Called by `support-console hub verify` with the owner's URL; changes nothing, and may run beside a working hub. Whether
a guard was right is not asked: the stamp stands (spec sync.md 1), and the chain covers it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy.engine import URL

from console.domain import events as ev
from console.domain.events import Entry, Offered, content_hash, event_type
from console.domain.redaction import redacted_payload
from console.domain.stamp import FIRST_NUMBER, GENESIS, chain_is_whole, counts_at, scope_of
from console.hub.appending import read_models_of
from console.hub.database import PgConnection, owner_engine, pg_connection
from console.hub.entry_rows import COLUMNS, entry_of
from console.hub.migrations import refuse_unless_current
from console.hub.search_words import searchable
from console.hub.standing import head

_MOST_TOLD: Final = 100
_FETCH: Final = 5_000
_ONE_SNAPSHOT: Final = b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_PATIENCE: Final = b"SET LOCAL idle_in_transaction_session_timeout = 0"
_ENTRIES: Final = f"SELECT {COLUMNS} FROM entries ORDER BY seq".encode()
_REDACTED: Final = f"SELECT {COLUMNS} FROM entries WHERE type = 'entry.redacted' AND effect = 'applied'".encode()
_STREAMS: Final = b"SELECT stream, scope, opened_at, number, last_seq FROM streams ORDER BY stream"
_DEVICES: Final = b"SELECT device, last_dseq FROM devices"
_EPOCHS: Final = b"SELECT epoch FROM epochs"
_BOTH: Final = b"SELECT id FROM entries JOIN refused USING (id)"
_SEARCH: Final = b"""
    WITH expected AS (
        SELECT seq, stream, setweight(to_tsvector('simple', subject), 'A') || to_tsvector('simple', body) AS words
        FROM json_to_recordset(%(texts)s::json) AS r (seq bigint, stream text, subject text, body text)
    ), found AS (SELECT * FROM search WHERE seq >= %(first)s AND seq <= %(last)s)
    SELECT seq FROM expected e FULL JOIN found f USING (seq)
    WHERE e.words IS DISTINCT FROM f.words OR e.stream IS DISTINCT FROM f.stream ORDER BY seq"""
_ATTACHMENTS: Final = b"SELECT sha256, seq, scope FROM attachments WHERE seq >= %s AND seq <= %s"
_OF_A_SLOT: Final = ("seq", "stream", "engineer", "begins_at", "ends_at")
_SLOTS: Final = f"SELECT {', '.join(_OF_A_SLOT)} FROM slots WHERE seq >= %s AND seq <= %s".encode()
_OUTSIDE: Final = b"""
    SELECT seq FROM search WHERE seq < 1 OR seq > %(last)s UNION SELECT seq FROM attachments WHERE seq > %(last)s
    UNION SELECT seq FROM slots WHERE seq < 1 OR seq > %(last)s"""

_encode: Final = msgspec.json.Encoder().encode


def verify(url: str | URL) -> tuple[str, ...]:
    """A sentence for everything that is wrong, at most 100; none where the log is whole. Errors: HubNotReady,
    HubUnavailable."""
    engine = owner_engine(url)
    try:
        refuse_unless_current(engine)
        with pg_connection(engine) as connection:
            connection.execute(_ONE_SNAPSHOT)
            connection.execute(_PATIENCE)
            return _Verifying(connection).run()
    finally:
        engine.dispose()


class _Stream(msgspec.Struct):
    scope: str
    last_seq: int
    opened_at: int | None = None
    number: int | None = None


class _Verifying:
    """The log while it is read: what must hold for the next entry."""

    def __init__(self, connection: PgConnection) -> None:
        self.connection = connection
        self.problems: list[str] = []
        self.seq = 0
        self.chain = GENESIS
        self.recorded_at = 0
        self.number = FIRST_NUMBER
        self.epoch = 0
        self.streams: dict[str, _Stream] = {}
        self.devices: dict[str, int] = {}
        self.redacted = self._redacted()

    def _redacted(self) -> dict[str, set[str]]:
        """The ids of redacted entries, by stream."""
        found: dict[str, set[str]] = {}
        for row in self.connection.execute(_REDACTED, binary=True):
            entry = entry_of(row)
            if isinstance(entry.event, ev.EntryRedacted):
                found.setdefault(entry.stream, set()).add(entry.event.entry)
        return found

    def run(self) -> tuple[str, ...]:
        epochs = {row[0] for row in self.connection.execute(_EPOCHS)}
        with self.connection.cursor("verify", binary=True) as cursor:
            cursor.execute(_ENTRIES)
            while rows := cursor.fetchmany(_FETCH):
                entries = [entry_of(row) for row in rows]
                for entry in entries:
                    if entry.epoch not in epochs:
                        self._say(f"Entry {entry.seq} is of the epoch {entry.epoch}, which this log never had.")
                    self._entry(entry)
                self._texts(entries)
        self._ends()
        if len(self.problems) > _MOST_TOLD:
            return (*self.problems[:_MOST_TOLD], f"And {len(self.problems) - _MOST_TOLD} more.")
        return tuple(self.problems)

    def _say(self, sentence: str) -> None:
        self.problems.append(sentence)

    def _entry(self, entry: Entry) -> None:
        if entry.seq != self.seq + 1:
            self._say(f"Between the entries {self.seq} and {entry.seq} the log has a hole.")
        elif not chain_is_whole(self.chain, [entry]):
            self._say(f"The chain breaks at the entry {entry.seq}: its stamp or one before it was changed.")
        self.seq, self.chain = entry.seq, entry.chain
        self._content(entry)
        self._stamp(entry)
        if entry.dseq <= self.devices.get(entry.device, 0):
            self._say(f"Entry {entry.seq} comes after a later one of its device {entry.device}.")
        self.devices[entry.device] = max(entry.dseq, self.devices.get(entry.device, 0))

    def _content(self, entry: Entry) -> None:
        if entry.id in self.redacted.get(entry.stream, ()):
            if redacted_payload(entry.event) != entry.payload:
                self._say(f"Entry {entry.seq} was redacted and holds text.")
            return
        names = ("id", "stream", "ver", "at", "base", "expect", "act", "payload")
        content = {name: getattr(entry, name) for name in names}
        if content_hash(type=event_type(entry.event), **content) != entry.hash:
            self._say(f"Entry {entry.seq} does not hold what its author wrote: its hash is another.")

    def _stamp(self, entry: Entry) -> None:
        opening = entry.event if isinstance(entry.event, ev.TicketOpened) else None
        stream = self.streams.setdefault(entry.stream, _Stream(scope_of(entry.stream, opening), entry.seq))
        stream.last_seq = entry.seq
        if entry.scope != stream.scope:
            self._say(f"Entry {entry.seq} is in the scope {entry.scope}, its stream in {stream.scope}.")
        if entry.recorded_at < self.recorded_at or entry.epoch < self.epoch:
            self._say(f"Entry {entry.seq} is recorded before the one in front of it.")
        self.recorded_at, self.epoch = max(entry.recorded_at, self.recorded_at), max(entry.epoch, self.epoch)
        counted = counts_at(_offered(entry), recorded_at=entry.recorded_at, opened_at=stream.opened_at, hubless=False)
        if counted != entry.counts_at:
            self._say(f"Entry {entry.seq} counts at {entry.counts_at} and not at {counted}.")
        number = None
        if opening is not None and entry.applied and stream.opened_at is None:
            stream.opened_at, number = entry.counts_at, self.number
            stream.number, self.number = number, self.number + 1
        if entry.number != number:
            self._say(f"Entry {entry.seq} has the ticket number {entry.number} and not {number}.")

    def _texts(self, entries: Sequence[Entry]) -> None:
        """Search, attachments and slots as they follow from some entries."""
        first, last = entries[0].seq, entries[-1].seq
        words = {
            entry.id: found
            for entry in entries
            if entry.id not in self.redacted.get(entry.stream, ()) and (found := searchable(entry.event)) is not None
        }
        models = read_models_of(entries, words)
        asked = {"texts": _encode(models.texts).decode(), "first": first, "last": last}
        for (seq,) in self.connection.execute(_SEARCH, asked).fetchall():
            self._say(f"The search index does not hold the words of the entry {seq}.")
        stored = set(self.connection.execute(_ATTACHMENTS, (first, last)))
        for _, seq, _ in sorted(stored ^ {(file["sha256"], file["seq"], file["scope"]) for file in models.files}):
            self._say(f"The list of attachments is not that of the entry {seq}.")
        booked = set(self.connection.execute(_SLOTS, (first, last)))
        for seq in sorted(
            {row[0] for row in booked ^ {tuple(map(slot.__getitem__, _OF_A_SLOT)) for slot in models.slots}}
        ):
            self._say(f"The list of slots does not hold the one of the entry {seq}.")

    def _ends(self) -> None:
        """What the whole log says about the rows beside it."""
        at = head(self.connection)
        told = (at.seq, at.chain, at.next_number, at.recorded_at)
        if told != (self.seq, self.chain, self.number, self.recorded_at):
            self._say(f"The head is at {at.seq}, and does not follow from the last entry, {self.seq}.")
        for (seq,) in self.connection.execute(_OUTSIDE, {"last": self.seq}).fetchall():
            self._say(f"There are words, attachments or slots of an entry {seq}, which the log does not have.")
        stored = {row[0]: _Stream(row[1], row[4], row[2], row[3]) for row in self.connection.execute(_STREAMS)}
        for name in sorted(stored.keys() | self.streams.keys()):
            if stored.get(name) != self.streams.get(name):
                self._say(f"The row of the stream {name} does not follow from its entries.")
        for device, last_dseq in self.connection.execute(_DEVICES).fetchall():
            if last_dseq < self.devices.get(device, 0):
                self._say(f"The device {device} has an entry {self.devices[device]}, its row says {last_dseq}.")
        for (id,) in self.connection.execute(_BOTH).fetchall():
            self._say(f"The event {id} was recorded and refused.")


def _offered(entry: Entry) -> Offered:
    """What the author wrote of an entry."""
    return Offered(**{name: getattr(entry, name) for name in Offered.__struct_fields__})
