"""The push transaction: lock the head, load what the decision needs, decide, store, commit, and only then answer.

Source: spec sync.md 2 (steps 1 to 8). Called by `log`. One trip to the database to lock and load, one for the entries,
one for the rest with the COMMIT; no network and no NOTIFY inside. A COMMIT whose outcome is unknown raises, and the
workstation repeats by id. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.access import scopes_of
from console.domain.events import Entry, Offered
from console.domain.push import Author, Decision, Known, Needs, Rules, SlotAsked, Verdict, decide, needs
from console.domain.redaction import redacted_payload
from console.hub.database import PgConnection, pipelined
from console.hub.entry_rows import COLUMNS, entry_of, insert_entries
from console.hub.errors import Conflicted, HubError, MalformedRequest, NotSignedIn
from console.hub.search_words import Searchable, searchable
from console.hub.standing import head_of, standing, welcome
from console.wire import messages as wire

_MOST_INT: Final = 2**53
_FARTHEST: Final = 2**62
"""Instants of slots are anybody's words; beyond this, ms, one is as far away as another."""
_MOST_VER: Final = 2**31 - 1
_ID: Final = re.compile(r"[0-9a-f-]{36}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

_HEAD: Final = b"SELECT hub_id, epoch, seq, recorded_at, chain, next_number FROM head FOR UPDATE"
_DEVICE: Final = b"""
    SELECT d.last_dseq, d.enrolled_at, p.role, ARRAY(SELECT scope FROM grants WHERE person = p.name)
    FROM devices d JOIN persons p ON p.name = d.person
    WHERE d.device = %s AND d.person = %s AND d.revoked_at IS NULL"""
_KNOWN: Final = b"""
    SELECT id, hash, seq, effect, number, NULL FROM entries WHERE id = ANY(%(keys)s)
    UNION ALL SELECT id, hash, NULL, NULL, NULL, reason FROM refused WHERE id = ANY(%(keys)s)"""
_STREAMS: Final = b"SELECT stream, scope, opened_at FROM streams WHERE stream = ANY(%s)"
_WHOLE: Final = f"SELECT {COLUMNS} FROM entries WHERE stream = ANY(%s) ORDER BY seq".encode()
_WHOLE_WITH_SLOTS: Final = f"""
    SELECT {COLUMNS} FROM entries
    WHERE stream = ANY(ARRAY(
        SELECT unnest(%(whole)s::text[]) UNION SELECT s.stream
        FROM json_to_recordset(%(slots)s::json) AS asked (begins_at bigint, ends_at bigint, engineer text)
        JOIN slots s ON s.ends_at > asked.begins_at AND s.begins_at < asked.ends_at
            AND (s.engineer = asked.engineer OR s.engineer IS NULL OR asked.engineer IS NULL)
    )) ORDER BY seq""".encode()
"""The streams that were asked for, and every account in which somebody asked for is, or once was to be, elsewhere."""

_PUT_STREAMS: Final = b"""
    INSERT INTO streams (stream, scope, opened_at, number, last_seq)
    SELECT * FROM json_to_recordset(%s::json)
        AS r (stream text, scope text, opened_at bigint, number bigint, last_seq bigint)
    ON CONFLICT (stream) DO UPDATE SET last_seq = excluded.last_seq,
        opened_at = coalesce(streams.opened_at, excluded.opened_at),
        number = coalesce(streams.number, excluded.number)"""
_PUT_SEARCH: Final = b"""
    INSERT INTO search (seq, stream, words)
    SELECT seq, stream, setweight(to_tsvector('simple', subject), 'A') || to_tsvector('simple', body)
    FROM json_to_recordset(%s::json) AS r (seq bigint, stream text, subject text, body text)"""
_PUT_ATTACHMENTS: Final = b"""
    INSERT INTO attachments (sha256, seq, scope)
    SELECT * FROM json_to_recordset(%s::json) AS r (sha256 text, seq bigint, scope text) ON CONFLICT DO NOTHING"""
_PUT_SLOTS: Final = b"""
    INSERT INTO slots (seq, stream, engineer, begins_at, ends_at)
    SELECT * FROM json_to_recordset(%s::json)
        AS r (seq bigint, stream text, engineer text, begins_at bigint, ends_at bigint)"""
_PUT_REFUSED: Final = b"""
    INSERT INTO refused (id, hash, device, dseq, reason, refused_at) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING"""
_PUT_DEVICE: Final = b"UPDATE devices SET last_dseq = %s WHERE device = %s"
_PUT_HEAD: Final = b"UPDATE head SET seq = %s, recorded_at = %s, chain = %s, next_number = %s"
_REDACT: Final = b"SELECT redact_entry(%s, %s, %s)"

_REFUSAL_BYTES: Final = 512
"""About what a refusal weighs."""
_encode: Final = msgspec.json.Encoder().encode

Words = Mapping[str, Searchable | None]
Fields = dict[str, Any]


class Batch(msgspec.Struct, frozen=True):
    """A push that keeps to the protocol, read before the head is locked. `words` are by event id, those of the first
    event where an id is used twice, for only that one may be recorded."""

    device: str
    epoch: int
    base_dseq: int
    offers: tuple[Offered, ...]
    needed: Needs
    words: Words


def read(asked: wire.Push) -> Batch:
    """What is wrong with one event alone is for `decide`; what no workstation of ours sends is a MalformedRequest."""
    if not 0 < len(asked.events) <= wire.MAX_ACT_EVENTS:
        raise MalformedRequest(f"A push holds at least one event, and at most {wire.MAX_ACT_EVENTS}.")
    last = asked.base_dseq
    if not 0 <= last < _MOST_INT:
        raise MalformedRequest("The base_dseq of a push is a number from 0.")
    for event in asked.events:
        if event.device != asked.device:
            raise MalformedRequest("Every event of a push belongs to its device.")
        if not last < event.dseq < _MOST_INT:
            raise MalformedRequest("The dseq of a push rise from event to event, above base_dseq.")
        if not 1 <= event.ver <= _MOST_VER:
            raise MalformedRequest("The ver of an event is a number from 1.")
        last = event.dseq
    offers = tuple(wire.offered_of(event) for event in asked.events)
    words = {offered.id: searchable(offered.event) for offered in reversed(offers)}
    return Batch(asked.device, asked.epoch, asked.base_dseq, offers, needs(offers), words)


def append(
    connection: PgConnection, author: Author, batch: Batch, *, rules: Rules, clock: Callable[[], int]
) -> wire.Pushed:
    """Takes a batch, commits, and answers."""
    author, known = _load(connection, author, batch, clock)
    now_ms = clock()
    decision = decide(batch.offers, author, known, now_ms=now_ms, rules=rules)
    _store(connection, batch, known, decision, now_ms)
    return wire.Pushed(verdicts=decision.verdicts, head=decision.head.seq)


def _load(connection: PgConnection, author: Author, batch: Batch, clock: Callable[[], int]) -> tuple[Author, Known]:
    """Locks the head and reads what `decide` has to know. Each statement sees what was committed when it began: those
    behind the lock see all that its holder before wrote. The author's rights are read anew, too."""
    needed = batch.needed
    ids = {key_of(id): id for id in needed.ids}
    whole = _storable(needed.whole)
    slots = _encode([_slot_row(slot) for slot in needed.slots]).decode()
    rows: Iterable[Sequence[Any]] = ()
    names = (*ids, *needed.streams, *whole)
    with pipelined(connection, sum(map(len, names)) + len(slots)):
        heads = connection.execute(_HEAD, binary=True)
        devices = connection.execute(_DEVICE, (_storable([batch.device, ""])[0], author.person), binary=True)
        known = connection.execute(_KNOWN, {"keys": list(ids)}, binary=True)
        streams = connection.execute(_STREAMS, (_storable(needed.streams),), binary=True)
        if needed.slots:
            rows = connection.execute(_WHOLE_WITH_SLOTS, {"whole": whole, "slots": slots}, binary=True)
        elif whole:
            rows = connection.execute(_WHOLE, (whole,), binary=True)
    head = head_of(heads.fetchall()[0])
    device = devices.fetchone()
    if device is None:
        raise NotSignedIn("This workstation is not known to the hub, or was revoked; connect it again.")
    device_last, enrolled_at, role, granted = device
    if batch.epoch != head.epoch:
        at = standing(connection, author.person)
        raise Conflicted(wire.Conflict(kind="epoch", welcome=welcome(connection, at, batch.epoch, clock())))
    if batch.base_dseq > device_last:
        raise Conflicted(wire.Conflict(kind="gap", device_last=device_last))
    entries: dict[str, list[Entry]] = {}
    for entry in map(entry_of, rows):
        entries.setdefault(entry.stream, []).append(entry)
    touched = streams.fetchall()
    acting = Author(
        person=author.person,
        role=role,
        scopes=scopes_of(role, granted),
        device=batch.device,
        enrolled_at=enrolled_at,
    )
    return acting, Known(
        head=head,
        device_last=device_last,
        verdicts={ids[row[0]]: (row[1], _verdict(ids[row[0]], *row[2:])) for row in known},
        scopes={stream: scope for stream, scope, _ in touched},
        opened_at={stream: opened_at for stream, _, opened_at in touched if opened_at is not None},
        streams=entries,
    )


def _storable(texts: Iterable[str]) -> list[str]:
    """Without those that PostgreSQL cannot hold: no row has such a name."""
    return [text for text in texts if "\x00" not in text]


def key_of(id: str) -> str:
    """Under which name the verdict on an event is kept: its id, or the digest of what is no id and may be anything."""
    return id if _ID.fullmatch(id) else "none:" + hashlib.sha256(id.encode()).hexdigest()


def _verdict(id: str, seq: int | None, effect: str | None, number: int | None, reason: str | None) -> Verdict:
    if seq is None:
        return Verdict(id=id, outcome="refused", reason=reason)
    return Verdict(id=id, outcome="recorded", seq=seq, effect=effect or "", number=number)


def _store(connection: PgConnection, batch: Batch, known: Known, decision: Decision, now_ms: int) -> None:
    entries = decision.entries
    models = _read_models(entries, batch.words)
    redactions = list(_redactions(known, entries))
    if entries:
        insert_entries(connection, entries)
    sent = sum(len(rows) for _, rows in models) + sum(len(remains) for _, _, remains in redactions)
    with pipelined(connection, sent + _REFUSAL_BYTES * len(decision.refused)):
        for statement, rows in models:
            connection.execute(statement, (rows.decode(),))
        if entries:
            head = decision.head
            connection.execute(_PUT_HEAD, (head.seq, head.recorded_at, head.chain, head.next_number))
        for offered, reason in decision.refused:
            refusal = (key_of(offered.id), offered.hash, offered.device, offered.dseq, reason, now_ms)
            connection.execute(_PUT_REFUSED, refusal)
        if decision.device_last != known.device_last:
            connection.execute(_PUT_DEVICE, (decision.device_last, batch.device))
        done = [connection.execute(_REDACT, asked) for asked in redactions]
        if not all(row == (True,) for cursor in done for row in cursor):
            raise HubError("A redaction did not find its entry; nothing was recorded.")
        connection.commit()


def _read_models(entries: Sequence[Entry], words: Words) -> list[tuple[bytes, bytes]]:
    """The statements that bring the read models up to new entries, each with its rows as JSON."""
    models = read_models_of(entries, words)
    rows_of = (
        (_PUT_STREAMS, models.streams),
        (_PUT_SEARCH, models.texts),
        (_PUT_ATTACHMENTS, models.files),
        (_PUT_SLOTS, models.slots),
    )
    return [(statement, _encode(rows)) for statement, rows in rows_of if rows]


class ReadModels(msgspec.Struct, frozen=True, kw_only=True):
    """New rows of `streams`, `search`, `attachments` and `slots`, by column."""

    streams: list[Fields]
    texts: list[Fields]
    files: list[Fields]
    slots: list[Fields]


def read_models_of(entries: Sequence[Entry], words: Words) -> ReadModels:
    """The rows that follow from new entries. A stream's row holds only what these entries say of it. `words` are by
    event id."""
    streams: dict[str, Fields] = {}
    texts: list[Fields] = []
    files: list[Fields] = []
    slots: list[Fields] = []
    for entry in entries:
        row = streams.get(entry.stream)
        if row is None:
            row = {"stream": entry.stream, "scope": entry.scope, "opened_at": None, "number": None}
            streams[entry.stream] = row
        row["last_seq"] = entry.seq
        if not entry.applied:
            continue
        event = entry.event
        if entry.number is not None:
            row["number"], row["opened_at"] = entry.number, entry.counts_at
        if (found := words.get(entry.id)) is not None:
            texts.append({"seq": entry.seq, "stream": entry.stream, "subject": found[0], "body": found[1]})
        if type(event) is ev.MessageReceived:
            named = {file.sha256 for file in event.attachments if _SHA256.fullmatch(file.sha256)}
            files += [{"sha256": sha256, "seq": entry.seq, "scope": entry.scope} for sha256 in sorted(named)]
        elif isinstance(event, (pe.SlotBooked, pe.SlotMoved)):
            slots.append({"seq": entry.seq, "stream": entry.stream, **_slot_row(event)})
    return ReadModels(streams=list(streams.values()), texts=texts, files=files, slots=slots)


def _slot_row(slot: SlotAsked | pe.SlotBooked | pe.SlotMoved) -> Fields:
    """Its time, within what a row can hold, and its engineer. A name that no row can hold is left out: then it is
    looked for among all."""
    engineer = None if slot.engineer is None or "\x00" in slot.engineer else slot.engineer
    begins_at, ends_at = (max(-_FARTHEST, min(at, _FARTHEST)) for at in (slot.begins_at, slot.ends_at))
    return {"engineer": engineer, "begins_at": begins_at, "ends_at": ends_at}


def _redactions(known: Known, entries: Sequence[Entry]) -> Iterator[tuple[str, str, bytes]]:
    """The redaction, its target and what is left of that, for the texts that a batch takes away."""
    here = {entry.id: entry for entry in entries}
    for entry in entries:
        if not isinstance(entry.event, ev.EntryRedacted) or not entry.applied:
            continue
        wanted = entry.event.entry
        target = here.get(wanted) or next(e for e in known.streams[entry.stream] if e.id == wanted)
        remains = redacted_payload(target.event)
        if remains is not None:
            yield entry.id, wanted, remains
