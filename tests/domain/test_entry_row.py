"""The one list of an entry's fields."""

from __future__ import annotations

from console.domain.entry_row import COLUMNS, WRITTEN, entry_of, offered_of, row_of, written_row
from console.domain.events import Entry, Offered, TicketTagged, UnknownEvent, offer
from console.domain.stamp import Head, stamp

OFFERED = offer(TicketTagged(tag="dns"), id="a", stream="ticket:t", at=5, device="d", dseq=3, base="b", act="x")


def stamped() -> Entry:
    return stamp(Head(hub_id="h"), [OFFERED], actor="Ana", now_ms=9)[1][0]


def test_every_field_of_an_entry_has_a_column_and_the_event_has_its_type() -> None:
    assert {*COLUMNS} == {*Entry.__struct_fields__} - {"event"} | {"type"}
    assert {*WRITTEN} == {*Offered.__struct_fields__} - {"event"} | {"type"}


def test_a_row_says_each_field_in_its_column() -> None:
    entry = stamped()
    row = dict(zip(COLUMNS, row_of(entry), strict=True))
    assert row.pop("type") == "ticket.tagged"
    assert row == {name: getattr(entry, name) for name in row}


def test_entries_and_offers_come_back_from_their_rows() -> None:
    assert entry_of(row_of(stamped())) == stamped()
    assert offered_of(written_row(OFFERED)) == OFFERED
    assert offered_of(row_of(stamped())) == OFFERED


def test_a_row_of_a_type_that_is_unknown_here_keeps_its_bytes() -> None:
    row = dict(zip(COLUMNS, row_of(stamped()), strict=True)) | {"type": "ticket.from_tomorrow"}
    assert entry_of([*row.values()]).event == UnknownEvent(name="ticket.from_tomorrow", raw=OFFERED.payload)
