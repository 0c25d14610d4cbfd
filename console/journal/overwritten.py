"""Where two people set one field of a ticket without having seen each other, and one of them is me.

Source: spec sync.md 1 (registers): the later one in the log shows, and the fold marks that it overwrote a concurrent
change. Only tickets on which this workstation set a field lately are looked at. Called by `own_store`. Instants are
epoch ms, UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from console.domain.events import EVENT_TYPES, Entry
from console.domain.fact import Kind
from console.domain.ticket import fold
from console.journal import entry_rows, view


class Overwritten(msgspec.Struct, frozen=True, kw_only=True):
    """Two entries that set a field of a ticket, by the field's name in `Ticket.registers`; the later one shows."""

    ticket: str
    field: str
    mine: Entry
    theirs: Entry

    @property
    def shows_mine(self) -> bool:
        return self.mine.seq > self.theirs.seq

    @property
    def id(self) -> str:
        """By which it is dismissed: that of the entry that shows."""
        return self.mine.id if self.shows_mine else self.theirs.id


_REGISTERS: Final = sorted(name for name, event in EVENT_TYPES.items() if event.kind is Kind.REGISTER)
_SUSPECTS: Final = f"""
SELECT DISTINCT own.stream FROM own_entries AS own
WHERE own.stream >= 'ticket:' AND own.stream < 'ticket;' AND own.type IN ({", ".join(f"'{n}'" for n in _REGISTERS)})
AND own.adopted = 0 AND own.state <> 'refused' AND EXISTS (
    SELECT 1 FROM entries WHERE entries.stream = own.stream AND entries.type = own.type AND entries.id <> own.id
    AND entries.seq > coalesce((SELECT seq FROM entries WHERE id = own.base), 0)
)
"""
"""The tickets on which somebody set a field of the same kind after what this workstation saw."""
_DISMISSED: Final = "SELECT entry FROM dismissed"


def overwritten(connection: Connection) -> list[Overwritten]:
    """By ticket; without what was dismissed."""
    streams = [row[0] for row in connection.exec_driver_sql(_SUSPECTS)]
    if not streams:
        return []
    me = entry_rows.read_hub_side(connection).person
    dismissed = {row[0] for row in connection.exec_driver_sql(_DISMISSED)}
    whole = view.entries_of_streams(connection, streams, hub=True)
    return [met for entries in whole.values() for met in _met(entries, me) if met.id not in dismissed]


def _met(entries: Sequence[Entry], me: str) -> Iterator[Overwritten]:
    ticket = fold(entries)
    if ticket is None:
        return
    by_id = {entry.id: at for at, entry in enumerate(entries)}
    for field in ticket.overwrote:
        at = by_id[ticket.registers[field]]
        before = fold(entries[:at])
        replaced = None if before is None else before.registers.get(field)
        if replaced is None:
            continue
        shown, hidden = entries[at], entries[by_id[replaced]]
        if (shown.actor == me) != (hidden.actor == me):
            mine, theirs = (shown, hidden) if shown.actor == me else (hidden, shown)
            yield Overwritten(ticket=ticket.id, field=field, mine=mine, theirs=theirs)
