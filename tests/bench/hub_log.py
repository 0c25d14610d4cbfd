"""Fills a hub's log with years of a team's tickets, past the protocol: stamped by the hub's own function and copied in.

Tickets are ten events each, a thousand of them under way at a time, so that a stretch of the log holds parts of many.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import msgspec
from sqlalchemy import Engine

from console.domain import events as ev
from console.domain.events import Event, Offered, offer, ticket_stream
from console.domain.stamp import stamp
from console.hub import standing
from console.hub.database import owner_engine, pg_connection
from console.hub.entry_rows import insert_entries
from tests.bench.hub_work import new_id

PER_TICKET = 10
UNDER_WAY = 1_000
TEAM = tuple(f"Engineer {number}" for number in range(20))
BEGAN_MS = 1_700_000_000_000
APART_MS = 900
_PUT_STREAMS = b"""
    INSERT INTO streams (stream, scope, opened_at, number, last_seq)
    SELECT * FROM json_to_recordset(%s)
        AS r (stream text, scope text, opened_at bigint, number bigint, last_seq bigint)"""
_PUT_HEAD = b"UPDATE head SET seq = %s, recorded_at = %s, chain = %s, next_number = %s"


def fill(database: str, tickets: int) -> None:
    """Adds so many tickets to a hub's log; `database` is its owner's URL."""
    engine = owner_engine(database)
    try:
        dseq = count(1)
        for first in range(0, tickets, UNDER_WAY):
            _add(engine, range(first, min(first + UNDER_WAY, tickets)), dseq)
    finally:
        engine.dispose()


def _add(engine: Engine, numbers: range, dseq: count[int]) -> None:
    streams = {number: ticket_stream(new_id()) for number in numbers}
    offers: list[Offered] = []
    for step in range(PER_TICKET):
        for number, stream in streams.items():
            at = BEGAN_MS + (numbers.start * PER_TICKET + len(offers)) * APART_MS
            event = _event(step, number)
            offers.append(offer(event, id=new_id(), stream=stream, at=at, device="past", dseq=next(dseq)))
    with pg_connection(engine) as connection:
        head, entries = stamp(standing.head(connection), offers, actor="Somebody", now_ms=offers[-1].at, hubless=True)
        insert_entries(connection, entries)
        last = {entry.stream: entry.seq for entry in entries}
        rows = [
            {
                "stream": e.stream,
                "scope": e.scope,
                "opened_at": e.counts_at,
                "number": e.number,
                "last_seq": last[e.stream],
            }
            for e in entries
            if e.number is not None
        ]
        connection.execute(_PUT_STREAMS, (msgspec.json.encode(rows).decode(),))
        connection.execute(_PUT_HEAD, (head.seq, head.recorded_at, head.chain, head.next_number))
        connection.commit()


def _event(step: int, number: int) -> Event:
    """What happens to a ticket: two thirds are solved in the end."""
    engineer = TEAM[number % len(TEAM)]
    events: Sequence[Event] = (
        ev.TicketOpened(
            by="customer",
            channel=("email", "chat", "portal", "phone")[number % 4],
            subject=f"Sign-in loop after certificate change in pool {number}",
            account=f"Contoso {number % 997}",
            contact=f"Contact {number % 4_999}",
            product=("CAS", "Classroom")[number % 2],
            plan=("Standard", "Business-Critical")[number % 4 == 0],
            impact=ev.IMPACTS[number % 4],
        ),
        ev.TicketAssigned(to=engineer),
        ev.MessageSent(body=f"Which pools loop, and since when? We look at {number} meanwhile. " * 3, public=True),
        ev.StatusSet(status="open"),
        ev.MessageReceived(body="All of them, since the change this morning. " * 5),
        ev.MessageSent(body="The chain misses its intermediate, as last week. " * 2, public=False),
        ev.ImpactSet(impact=ev.IMPACTS[(number + 1) % 4]),
        ev.MessageSent(body="The intermediate is back; please try again and tell us. " * 3, public=True),
        ev.MessageReceived(body="It works again, thank you. "),
        ev.TicketSolved() if number % 3 else ev.StatusSet(status="pending"),
    )
    return events[step]
