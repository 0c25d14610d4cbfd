"""What a person asks and does about what they recorded for the hub: what waits, was refused, is void or met another's.

Source: spec sync.md 1-2, DESIGN.md 4.12 (the drawer). Nothing here is decided by itself: every act is a person's, and
brings the texts back. Reached as `Journal.own`, on the thread of the journal. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

import msgspec
import uuid_utils
from msgspec.structs import replace
from sqlalchemy import Connection

from console.domain.events import (
    PENDING_SEQ,
    Offered,
    TicketOpened,
    decode_payload,
    event_type,
    imported_id,
    is_imported,
)
from console.domain.guidelines import GuidelinesHistory
from console.journal import entry_rows, own_rows, settled
from console.journal.checking import content_of
from console.journal.database import Database
from console.journal.errors import JournalError
from console.journal.overwritten import Overwritten, overwritten
from console.journal.refold import refold
from console.journal.states import OwnEntry

MOST_WAITING: Final = 1_000
_SENT: Final = "It may be at the hub already and cannot be withdrawn any more."


class OwnEntries:
    """Reads and acts about own entries; without a hub there are none."""

    def __init__(self, database: Database, history: Callable[[], GuidelinesHistory]) -> None:
        self._database = database
        self._history = history

    # Questions

    def waiting(self, most: int = MOST_WAITING) -> list[OwnEntry]:
        """What the hub does not have yet, in the order in which it travels."""
        with self._database.read() as connection:
            return own_rows.in_state(connection, "new", most)

    def refused(self) -> list[OwnEntry]:
        """What the hub did not take, with its reasons."""
        with self._database.read() as connection:
            return own_rows.in_state(connection, "refused")

    def voided(self) -> list[OwnEntry]:
        """What the hub took and did not apply, but for what was dismissed."""
        with self._database.read() as connection:
            return own_rows.void(connection)

    def overwritten(self) -> list[Overwritten]:
        """Where a value of mine and another's were set without having seen each other, but for what was dismissed."""
        with self._database.read() as connection:
            return overwritten(connection)

    def settled(self, since: int) -> list[tuple[int, str]]:
        """What the sync settled by itself from an instant on: instants and sentences, the latest first."""
        with self._database.read() as connection:
            return settled.since(connection, since)

    # Acts

    def retry(self, ids: Collection[str], *, now_ms: int) -> list[OwnEntry]:
        """Offers refused entries again, whole acts, as new ones with the same content in their order; the refused ones
        go. What names one of them by its id names the new one."""

        def again(connection: Connection) -> list[OwnEntry]:
            acts = _whole_acts(connection, ids, "refused")
            if not acts:
                return []
            meta = entry_rows.read_meta(connection)
            anew = _anew([own.offered for own in acts])
            offers = [replace(offer, device=meta.device, dseq=dseq) for dseq, offer in enumerate(anew, meta.dseq + 1)]
            _delete(connection, acts)
            own_rows.insert_new(connection, offers, first_place=meta.place + 1, made_at=now_ms)
            meta = replace(meta, dseq=meta.dseq + len(offers), place=meta.place + len(offers))
            self._shown_anew(connection, meta, {offer.stream for offer in offers})
            return list(own_rows.by_id(connection, [offer.id for offer in offers]).values())

        return sorted(self._database.repeatable(again), key=lambda own: own.place)

    def discard(self, ids: Collection[str]) -> list[OwnEntry]:
        """Lets refused entries go, whole acts, and gives them back a last time."""

        def let_go(connection: Connection) -> list[OwnEntry]:
            acts = _whole_acts(connection, ids, "refused")
            if acts:
                _delete(connection, acts)
                self._shown_anew(connection, entry_rows.read_meta(connection), set())
            return acts

        return self._database.repeatable(let_go)

    def withdraw(self, ids: Collection[str]) -> list[OwnEntry]:
        """Takes back what was never offered to the hub, whole acts, and gives it back so that the texts can become
        drafts. With the opening of a ticket goes all that waits on it. Raises JournalError, and takes nothing back,
        where a part of it may be at the hub."""

        def take_back(connection: Connection) -> list[OwnEntry]:
            acts = _with_what_waits_on_them(connection, _whole_acts(connection, ids, "new"))
            if any(own.was_offered for own in acts):
                raise JournalError(_SENT)
            if acts:
                _delete(connection, acts)
                streams = {own.offered.stream for own in acts}
                self._shown_anew(connection, entry_rows.read_meta(connection), streams)
            return acts

        return self._database.repeatable(take_back)

    def dismiss(self, entry_id: str) -> None:
        """Puts the card of a void entry, or of one that overwrote another, away."""

        def put_away(connection: Connection) -> None:
            connection.exec_driver_sql("INSERT OR IGNORE INTO dismissed (entry) VALUES (?)", (entry_id,))
            self._shown_anew(connection, entry_rows.read_meta(connection), set())

        self._database.repeatable(put_away)

    def _shown_anew(self, connection: Connection, meta: entry_rows.Meta, streams: set[str]) -> None:
        entry_rows.write_meta(connection, replace(meta, changes=meta.changes + 1, opened_by=os.getpid()))
        refold(connection, self._history(), streams)


def _whole_acts(connection: Connection, ids: Iterable[str], state: str) -> list[OwnEntry]:
    """The entries of a state among some, with those that belong to the same acts, in the order of making."""
    found = [own for own in own_rows.by_id(connection, ids).values() if own.state == state]
    names = msgspec.json.encode([own.offered.act for own in found if own.offered.act is not None]).decode()
    alone = msgspec.json.encode([own.offered.id for own in found if own.offered.act is None]).decode()
    condition = "state = ? AND (id IN (SELECT value FROM json_each(?)) OR act IN (SELECT value FROM json_each(?)))"
    return own_rows.matching(connection, condition, (state, alone, names))


def _with_what_waits_on_them(connection: Connection, acts: list[OwnEntry]) -> list[OwnEntry]:
    """Waiting acts, and those on tickets that they open: these may open others in their turn."""
    while opened := {own.offered.stream for own in acts if type(own.offered.event) is TicketOpened}:
        waiting = own_rows.in_state(connection, "new")
        beside = {own.offered.id for own in waiting if own.offered.stream in opened}
        more = _whole_acts(connection, beside | {own.offered.id for own in acts}, "new")
        if len(more) == len(acts):
            break
        acts = more
    return acts


def _delete(connection: Connection, entries: Sequence[OwnEntry]) -> None:
    connection.exec_driver_sql("DELETE FROM search WHERE rowid = ?", [(PENDING_SEQ + own.place,) for own in entries])
    connection.exec_driver_sql("DELETE FROM own_entries WHERE id = ?", [(own.offered.id,) for own in entries])


def _anew(offers: Sequence[Offered]) -> list[Offered]:
    """The same facts under new ids and acts; what one says of another by its id follows."""
    ids = {offer.id: _new_id(offer.id) for offer in offers}
    acts = {offer.act: str(uuid_utils.uuid7()) for offer in offers if offer.act is not None}
    made: list[Offered] = []
    for offer in offers:
        payload = offer.payload
        for old, new in ids.items():
            payload = payload.replace(old.encode(), new.encode())
        moved = replace(
            offer,
            id=ids[offer.id],
            base=ids.get(offer.base, offer.base) if offer.base else offer.base,
            expect=ids.get(offer.expect, offer.expect) if offer.expect else offer.expect,
            act=acts[offer.act] if offer.act is not None else None,
            payload=payload,
            event=decode_payload(event_type(offer.event), payload, offer.ver),
        )
        made.append(replace(moved, hash=content_of(moved)))
    return made


def _new_id(old: str) -> str:
    """An imported fact stays one: its id says so, and is the same wherever it is tried again."""
    return imported_id("again", old) if is_imported(old) else str(uuid_utils.uuid7())
