"""How a workspace begins to follow a hub, and how the entries of one that lived without a hub come into it.

Source: spec events.md 1 ("without a hub"), sync.md 2. Called by `store` inside its transactions.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from console.domain.events import Offered
from console.domain.stamp import GENESIS
from console.journal import entry_rows, own_rows, search, view
from console.journal.entry_rows import END_OF_TIME, Meta
from console.journal.errors import JournalError


def follow(connection: Connection, url: str, person: str, role: str, device: str) -> None:
    """Marks a workspace as one that follows a hub, or gives it the identity of another sign-in by the same person: what
    waits then travels under the new device id. Raises JournalError for a workspace with a log of its own (its entries
    are adopted by a fresh one), and for another person's."""
    meta, side = entry_rows.read_meta(connection), entry_rows.read_hub_side(connection)
    if not person:
        raise JournalError("Not connected: the hub did not say whose workspace this is.")
    if not meta.connected:
        if meta.seq:
            raise JournalError("Not connected: the entries of this workspace have to be taken into a fresh one.")
        meta = replace(meta, connected=1, hub_id="", epoch=1, cursor=0, scopever=0, chain=GENESIS)
    elif side.person not in ("", person) and not (meta.seq == 0 and own_rows.is_empty(connection)):
        raise JournalError(f"This workspace belongs to {side.person} at the hub; use another one for {person}.")
    if device != meta.device:
        meta = replace(meta, device=device, dseq=own_rows.number(connection, device, above=0))
    entry_rows.write_meta(connection, replace(meta, changes=meta.changes + 1))
    search.leave_no_trace(connection)
    entry_rows.write_hub_side(connection, replace(side, hub_url=url, person=person, role=role))


def adopt(connection: Connection, offers: Sequence[Offered], now_ms: int, until: int = END_OF_TIME) -> int:
    """Keeps entries of a workspace without a hub as own ones, in the order given, and says how many were new. What
    says that it was made after `until`, the enrolment, will count when the hub has it."""
    meta = entry_rows.read_meta(connection)
    if not meta.connected:
        raise JournalError("Not taken over: this workspace follows no hub.")
    known = view.known_hashes(connection, [offer.id for offer in offers], hub=True)
    new = _numbered(meta, [offer for offer in offers if offer.id not in known], until)
    if new:
        own_rows.insert_new(connection, new, first_place=meta.place + 1, made_at=now_ms)
        grown = replace(
            meta, dseq=new[-1].dseq, place=meta.place + len(new), changes=meta.changes + 1, read_models_behind=1
        )
        entry_rows.write_meta(connection, grown)
    return len(new)


def _numbered(meta: Meta, offers: Sequence[Offered], until: int) -> list[Offered]:
    return [
        replace(offer, device=meta.device, dseq=dseq, adopted=offer.at <= until)
        for dseq, offer in enumerate(offers, meta.dseq + 1)
    ]
