"""The view: what everybody at this workstation reads. Confirmed entries, then own ones that wait for the hub.

Source: spec sync.md 2 ("view"). Without a hub there are no own entries, and none are looked for. An own entry is shown
with a guess for a stamp: applied, at the end of the log, counting at the instant of its making. Called by `store`,
`append`, `refold` and `read_models`, on connections whose transactions they hold. Instants are epoch ms, UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby

from sqlalchemy import Connection

from console.domain.events import PENDING_SEQ, Entry, Offered, TicketOpened
from console.domain.stamp import counts_at, scope_of
from console.journal import entry_rows, own_rows
from console.journal.entry_rows import END_OF_TIME, HubSide, Meta
from console.journal.states import OwnEntry

Read = Callable[[], AbstractContextManager[Connection]]
"""One consistent look into the file."""


def entries_of_streams(connection: Connection, streams: Sequence[str], *, hub: bool) -> dict[str, list[Entry]]:
    """The entries of each stream, own ones that wait last; a stream without any has an empty list."""
    found = entry_rows.entries_of_streams(connection, streams)
    if hub:
        own = own_rows.shown_of_streams(connection, streams)
        if own:
            meta, side = entry_rows.read_meta(connection), entry_rows.read_hub_side(connection)
            for stream, waiting in groupby(own, key=lambda each: each.offered.stream):
                found[stream] += provisional(found[stream], waiting, meta, side)
    return found


def entry(connection: Connection, entry_id: str, *, hub: bool) -> Entry | None:
    """What shows under an id."""
    found = entry_rows.entries_by_id(connection, [entry_id]).get(entry_id)
    if found is not None or not hub:
        return found
    own = own_rows.shown(connection, entry_id)
    if own is None:
        return None
    stream = own.offered.stream
    return next(each for each in entries_of_streams(connection, [stream], hub=True)[stream] if each.id == entry_id)


def known(connection: Connection, ids: Sequence[str], *, hub: bool) -> dict[str, Entry]:
    """What was recorded under some ids, also where it was refused or is void and does not show."""
    found = entry_rows.entries_by_id(connection, ids)
    if hub and (missing := [entry_id for entry_id in ids if entry_id not in found]):
        own = own_rows.by_id(connection, missing)
        if own:
            meta, side = entry_rows.read_meta(connection), entry_rows.read_hub_side(connection)
            streams = list(dict.fromkeys(each.offered.stream for each in own.values()))
            before = entry_rows.entries_of_streams(connection, streams)
            for each in own.values():
                found[each.offered.id] = provisional(before[each.offered.stream], [each], meta, side)[0]
    return found


def known_hashes(connection: Connection, ids: Sequence[str], *, hub: bool) -> dict[str, bytes]:
    found = entry_rows.known_hashes(connection, ids)
    return {**own_rows.hashes(connection, ids), **found} if hub else found


def provisional(before: Sequence[Entry], waiting: Iterable[OwnEntry], meta: Meta, side: HubSide) -> list[Entry]:
    """Own entries of one stream with the guess of a stamp; `before` are the stream's entries ahead of them."""
    scope = before[0].scope if before else None
    opened_at = next((e.counts_at for e in before if type(e.event) is TicketOpened and e.applied), None)
    made: list[Entry] = []
    for own in waiting:
        offered = own.offered
        event = offered.event
        if scope is None:
            scope = scope_of(offered.stream, event if type(event) is TicketOpened else None)
        counted = counts_at(offered, recorded_at=own.made_at, opened_at=opened_at, hubless=True)
        if opened_at is None and type(event) is TicketOpened:
            opened_at = counted
        made.append(_pending(offered, own, meta.epoch, side.person, scope, counted))
    return made


def _pending(offered: Offered, own: OwnEntry, epoch: int, person: str, scope: str, counted: int) -> Entry:
    return Entry(
        id=offered.id,
        stream=offered.stream,
        at=offered.at,
        device=offered.device,
        dseq=offered.dseq,
        event=offered.event,
        base=offered.base,
        expect=offered.expect,
        act=offered.act,
        ver=offered.ver,
        payload=offered.payload,
        hash=offered.hash,
        adopted=offered.adopted,
        seq=PENDING_SEQ + own.place,
        epoch=epoch,
        actor=person,
        scope=scope,
        recorded_at=own.made_at,
        chain=b"",
        counts_at=counted,
    )


# All of it


def all_streams(read: Read, as_of: int = END_OF_TIME) -> Iterator[tuple[str, list[Entry]]]:
    """Every stream with its entries, as the view stands at the first step; of those that count at or before `as_of`.
    Holds two pages and one stream in memory; each page is read with a look of its own."""
    with read() as connection:
        meta = entry_rows.read_meta(connection)
        side = entry_rows.read_hub_side(connection) if meta.connected else HubSide()
    confirmed = entry_rows.by_stream(_confirmed_pages(read, meta.seq, as_of))
    if not meta.connected:
        yield from confirmed
        return
    waiting = groupby(_own(read, meta), key=lambda own: own.offered.stream)
    next_own = next(waiting, None)
    for stream, entries in confirmed:
        while next_own is not None and next_own[0] < stream:
            yield from _told(next_own[0], provisional((), next_own[1], meta, side), as_of)
            next_own = next(waiting, None)
        if next_own is not None and next_own[0] == stream:
            own = provisional(entries, next_own[1], meta, side)
            next_own = next(waiting, None)
            yield stream, [*entries, *(entry for entry in own if entry.counts_at <= as_of)]
        else:
            yield stream, entries
    while next_own is not None:
        yield from _told(next_own[0], provisional((), next_own[1], meta, side), as_of)
        next_own = next(waiting, None)


def within(connection: Connection) -> Read:
    """Looks inside a transaction that is open already."""
    return lambda: nullcontext(connection)


def _told(stream: str, entries: Sequence[Entry], as_of: int) -> Iterator[tuple[str, list[Entry]]]:
    counting = [entry for entry in entries if entry.counts_at <= as_of]
    if counting:
        yield stream, counting


def _confirmed_pages(read: Read, up_to: int, as_of: int) -> Iterator[list[Entry]]:
    after = ("", 0)
    while True:
        with read() as connection:
            page = entry_rows.page_by_stream(connection, after, up_to=up_to, as_of=as_of)
        if not page:
            return
        yield page
        after = (page[-1].stream, page[-1].seq)


def _own(read: Read, meta: Meta) -> Iterator[OwnEntry]:
    after = ("", 0)
    while True:
        with read() as connection:
            page = own_rows.page_by_stream(connection, after, cursor=meta.seq, up_to=meta.place)
        if not page:
            return
        yield from page
        after = (page[-1].offered.stream, page[-1].place)
