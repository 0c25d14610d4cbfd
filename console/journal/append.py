"""The one way in: offered entries are deduplicated, judged, stamped, stored and shown in the read models.

Source: spec events.md 1-2, sync.md 1-2. Runs inside the write transaction that `store` holds, so all of it happens or
nothing; what the rulings do not allow is not written at all. A workspace without a hub stamps by itself with the hub's
pure function, and obeys redactions at once. One that follows a hub keeps what it records as own entries, and shows them
with the guess of a stamp.
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
from console.domain.ticket import fold
from console.journal import entry_rows, overwriting, own_rows, pro_rows, read_models, search, view
from console.journal.errors import IdReuse
from console.journal.states import OwnEntry, States

IMPORT_ACTOR: Final = "import"
"""Who stamps imported entries; whom the source names is in the event's `extra`."""
MIXED: Final = ""
"""The digest of read models that were written under more than one set of guidelines: stale for everybody."""

Verdict = Literal["taken", "repeated", "conflict"]
Decide = Callable[[States, Sequence[Offered]], str | None]
"""Given the states of the touched streams and the new entries, a reason not to write them, or None."""


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
    meta = entry_rows.read_meta(connection)
    hub = bool(meta.connected)
    stored = view.known(connection, [offer.id for offer in offers], hub=hub)
    new = _not_known(offers, {entry_id: entry.hash for entry_id, entry in stored.items()})
    if new:
        meta, new = _numbered(meta, new)
        streams = list(dict.fromkeys(offer.stream for offer in new))
        before = view.entries_of_streams(connection, streams, hub=hub)
        refused = decide(_states(connection, new, before), new)
        if refused is not None:
            return Recorded((), refused)
        for entry in _append(connection, history, meta, new, before, actor=actor, now_ms=now_ms):
            stored[entry.id] = entry
    return Recorded(tuple(stored[offer.id] for offer in offers))


def _states(connection: Connection, new: Sequence[Offered], before: Mapping[str, Sequence[Entry]]) -> States:
    """What the decision is given; an act on tickets alone pays for nothing else."""
    tickets = {stream: fold(entries) for stream, entries in before.items() if read_models.is_ticket(stream)}
    accounts = pro_rows.accounts(before)
    if not accounts:
        return States(tickets=tickets)
    return States(
        tickets=tickets,
        accounts=accounts,
        running=pro_rows.running(connection),
        known_lots=pro_rows.lots(connection, pro_rows.bought(new)),
    )


def _not_known(offers: Sequence[Offered], known: Mapping[str, bytes]) -> list[Offered]:
    hashes = dict(known)
    new: list[Offered] = []
    for offer in offers:
        if hashes.setdefault(offer.id, offer.hash) != offer.hash:
            raise IdReuse(f"The entry id {offer.id} is known already with other content; nothing was recorded.")
        if offer.id not in known and all(offer.id != other.id for other in new):
            new.append(offer)
    return new


def _numbered(meta: entry_rows.Meta, offers: Sequence[Offered]) -> tuple[entry_rows.Meta, list[Offered]]:
    """Gives the entries that have no `dseq` yet this workspace's device and its next ones. The others keep theirs: they
    come from another machine, or are own ones that came back; but whatever this device offers to a hub it numbers."""
    dseq = max([meta.dseq, *(offer.dseq for offer in offers if offer.device == meta.device and not meta.connected)])
    numbered: list[Offered] = []
    for offer in offers:
        if offer.dseq and not meta.connected:
            numbered.append(offer)
            continue
        dseq += 1
        numbered.append(msgspec.structs.replace(offer, device=meta.device, dseq=dseq))
    return msgspec.structs.replace(meta, dseq=dseq), numbered


def record_imported(
    connection: Connection, history: GuidelinesHistory, batch: Sequence[Sequence[Offered]], *, now_ms: int
) -> list[list[Verdict]]:
    """Takes many tickets' entries without judging them, and says per entry what became of it. An id that is known with
    other content is a conflict and left out; the first of two in one batch wins."""
    meta = entry_rows.read_meta(connection)
    hub = bool(meta.connected)
    known = view.known_hashes(connection, [offer.id for offers in batch for offer in offers], hub=hub)
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
        before = view.entries_of_streams(connection, list(new), hub=hub)
        meta, taken = _numbered(meta, [offer for offers in new.values() for offer in offers])
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
    """Stores new entries, stamped or as own ones, and brings the head and the read models up to them."""
    if meta.connected:
        meta, entries = _kept(connection, meta, offers, before, now_ms=now_ms)
    else:
        meta, entries = _stamped(connection, meta, offers, before, actor=actor, now_ms=now_ms)
    added: dict[str, list[Entry]] = {}
    for entry in entries:
        added.setdefault(entry.stream, []).append(entry)
    whole: dict[str, Sequence[Entry]] = {stream: [*before[stream], *new] for stream, new in added.items()}
    if not meta.connected and (redacted := overwriting.targets(entries)):
        overwriting.overwrite(connection, redacted)
        whole = overwriting.without_words(whole)
    read_models.write(connection, whole.values(), history)
    search.index(connection, added.values())
    _advance(connection, history, meta)
    return entries


def _stamped(
    connection: Connection,
    meta: entry_rows.Meta,
    offers: Sequence[Offered],
    before: Mapping[str, Sequence[Entry]],
    *,
    actor: str,
    now_ms: int,
) -> tuple[entry_rows.Meta, list[Entry]]:
    """Into the log of this workspace."""
    opened = {stream: at for stream, entries in before.items() if (at := _opened_at(entries)) is not None}
    head, entries = stamp(meta.head, offers, actor=actor, now_ms=now_ms, opened_at=opened)
    entry_rows.insert_entries(connection, entries)
    return meta.advanced(head), entries


def _kept(
    connection: Connection,
    meta: entry_rows.Meta,
    offers: Sequence[Offered],
    before: Mapping[str, Sequence[Entry]],
    *,
    now_ms: int,
) -> tuple[entry_rows.Meta, list[Entry]]:
    """For the hub, which will say who recorded them."""
    own_rows.insert_new(connection, offers, first_place=meta.place + 1, made_at=now_ms)
    side = entry_rows.read_hub_side(connection)
    added: dict[str, list[OwnEntry]] = {}
    for place, offer in enumerate(offers, meta.place + 1):
        own = OwnEntry(offered=offer, place=place, made_at=now_ms, state="new")
        added.setdefault(offer.stream, []).append(own)
    made = {
        entry.id: entry
        for stream, waiting in added.items()
        for entry in view.provisional(before[stream], waiting, meta, side)
    }
    meta = msgspec.structs.replace(meta, place=meta.place + len(offers))
    return meta, [made[offer.id] for offer in offers]


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
