"""What the queue section asks of the desk, as functions that run on the desk's thread. No Qt in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.desk import Desk


def take_next(desk: Desk) -> tuple[str, str] | None:
    """Take the most urgent unassigned ticket; its id and how it is called.

    One that somebody else took in the meantime is refused by the ruling, and the next is tried.
    """
    from console.domain.queue import View

    for row in desk.queue.rows(desk.queue.order(View.UNASSIGNED, limit=5).rowids):
        if desk.tickets.take(row.ticket).refused is None:
            return row.ticket, f"#{row.number}" if row.number is not None else row.subject
    return None


def find_open(desk: Desk, ticket: str) -> tuple[int | None, bool]:
    """The rowid of a ticket, and whether it is among the open ones."""
    from console.domain.queue import View

    rowid = desk.queue.rowid(ticket)
    return rowid, rowid is not None and rowid in desk.queue.order(View.ALL_OPEN).rowids
