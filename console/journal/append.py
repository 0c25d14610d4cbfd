"""The one way in: offered entries are deduplicated, judged, stamped, stored and shown in the read models.

Source: spec events.md 1-2, sync.md 1-2. Runs inside the write transaction that `store` holds, so all of it happens or
nothing. The workspace has no hub yet: it stamps by itself with the hub's pure function, and what the rulings do not
allow is not written at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

import msgspec
from sqlalchemy import Connection

from console.domain.events import Entry, Offered, TicketOpened
from console.domain.guidelines import GuidelinesHistory
from console.domain.stamp import stamp
from console.domain.ticket import Ticket, fold
from console.journal import entry_rows, read_models, search
from console.journal.errors import IdReuse

IMPORT_ACTOR: Final = "import"
"""Who stamps imported entries; whom the source names is in the event's `extra`."""
MIXED: Final = ""
"""The digest of read models that were written under more than one set of guidelines: stale for everybody."""

Verdict = Literal["taken", "repeated", "conflict"]
Decide = Callable[[Mapping[str, Ticket | None], Sequence[Offered]], str | None]
"""Given the state of each touched ticket stream and the new entries, a reason not to write them, or None."""


class Recorded(msgspec.Struct, frozen=True):
    """The stored entries, in the order offered; or none, and the reason."""

    entries: tuple[Entry, ...]
    refused: str | None = None


def record(
    connection: Connection,
    history: GuidelinesHistory,
    offers: Sequence[Offered],
    *,
    actor: str,
    now_ms: int,
    decide: Decide,
) -> Recorded:
    """Takes the entries of one act, all or none. What is known already with the same content is answered with the
    stored entry and not judged again; raises `IdReuse` for other content."""
    stored = entry_rows.entries_by_id(connection, [offer.id for offer in offers])
    new = _not_known(offers, {entry_id: entry.hash for entry_id, entry in stored.items()})
    if new:
        meta = entry_rows.read_meta(connection)
        new = [
            msgspec.structs.replace(offer, device=meta.device, dseq=meta.dseq + place)
            for place, offer in enumerate(new, 1)
        ]
        before = entry_rows.entries_of_streams(connection, list(dict.fromkeys(offer.stream for offer in new)))
        states = {stream: fold(entries) for stream, entries in before.items() if read_models.is_ticket(stream)}
        refused = decide(states, new)
        if refused is not None:
            return Recorded((), refused)
        for entry in _append(connection, history, meta, new, before, actor=actor, now_ms=now_ms):
            stored[entry.id] = entry
    return Recorded(tuple(stored[offer.id] for offer in offers))


def _not_known(offers: Sequence[Offered], known: Mapping[str, bytes]) -> list[Offered]:
    hashes = dict(known)
    new: list[Offered] = []
    for offer in offers:
        if hashes.setdefault(offer.id, offer.hash) != offer.hash:
            raise IdReuse(f"The entry id {offer.id} is known already with other content; nothing was recorded.")
        if offer.id not in known and all(offer.id != other.id for other in new):
            new.append(offer)
    return new


def record_imported(
    connection: Connection, history: GuidelinesHistory, batch: Sequence[Sequence[Offered]], *, now_ms: int
) -> list[list[Verdict]]:
    """Takes many tickets' entries without judging them, and says per entry what became of it. An id that is known with
    other content is a conflict and left out; the first of two in one batch wins."""
    known = entry_rows.known_hashes(connection, [offer.id for offers in batch for offer in offers])
    new: dict[str, list[Offered]] = {}
    verdicts: list[list[Verdict]] = []
    for offers in batch:
        said: list[Verdict] = []
        for offer in offers:
            stored = known.get(offer.id)
            if stored is None:
                known[offer.id] = offer.hash
                new.setdefault(offer.stream, []).append(offer)
            said.append("taken" if stored is None else "repeated" if stored == offer.hash else "conflict")
        verdicts.append(said)
    if new:
        meta = entry_rows.read_meta(connection)
        before = entry_rows.entries_of_streams(connection, list(new))
        taken = [offer for offers in new.values() for offer in offers]
        _append(connection, history, meta, taken, before, actor=IMPORT_ACTOR, now_ms=now_ms)
    return verdicts


def _append(
    connection: Connection,
    history: GuidelinesHistory,
    meta: entry_rows.Meta,
    offers: Sequence[Offered],
    before: Mapping[str, Sequence[Entry]],
    *,
    actor: str,
    now_ms: int,
) -> list[Entry]:
    """Stamps and stores new entries, and brings the head and the read models up to them."""
    opened = {stream: at for stream, entries in before.items() if (at := _opened_at(entries)) is not None}
    head, entries = stamp(meta.head, offers, actor=actor, now_ms=now_ms, opened_at=opened)
    first = meta.dseq + 1
    entry_rows.insert_entries(
        connection, [entry_rows.row_of(entry, meta.device, dseq) for dseq, entry in enumerate(entries, first)]
    )
    added: dict[str, list[Entry]] = {}
    for entry in entries:
        added.setdefault(entry.stream, []).append(entry)
    whole = ([*before[stream], *new] for stream, new in added.items() if read_models.is_ticket(stream))
    read_models.write_tickets(connection, whole, history)
    search.index(connection, added.values())
    _advance(connection, history, meta.advanced(head, entries=len(entries)))
    return entries


def _opened_at(entries: Sequence[Entry]) -> int | None:
    for entry in entries:
        if type(entry.event) is TicketOpened and entry.applied:
            return entry.counts_at
    return None


def _advance(connection: Connection, history: GuidelinesHistory, meta: entry_rows.Meta) -> None:
    entry_rows.write_meta(
        connection,
        msgspec.structs.replace(
            meta,
            changes=meta.changes + 1,
            guidelines=meta.guidelines if meta.guidelines == history.digest else MIXED,
            opened_by=os.getpid(),
        ),
    )
