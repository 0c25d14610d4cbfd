"""Rows of ticket events as lines of a file: their order, their instants, those that repeat, those that are rejected."""

from __future__ import annotations

from typing import Any

import pytest

from console.channels.imports.facts import FactMaker, make
from console.domain import events as ev
from tests.channels.conftest import Events
from tests.channels.event_lines import mapped, row

CREATED = row("ticket_created", seq=1)


def rejections(*rows: dict[str, Any] | bytes) -> list[tuple[int, str]]:
    facts, rejected, _ = mapped(rows)
    return rejected + [(fact.line, fact.rejected) for fact in facts if fact.rejected]


def test_rows_are_told_by_time_then_sequence_with_the_creation_first(events: Events) -> None:
    told = events(
        row("solved", 9, seq=5),
        row("internal_note", 5, seq=10, body="third"),
        row("internal_note", 5, seq="9", body="second"),
        row("assigned", 1, seq=2, to="Ana"),
        row("ticket_created", 3, seq=1),
    )
    assert [getattr(event, "body", event.type) for event in told] == [
        "ticket.opened",
        "ticket.assigned",
        "second",
        "third",
        "ticket.solved",
    ]


def test_interleaved_tickets_come_together_in_the_order_of_the_file() -> None:
    rows = [row("ticket_created", 0, f"T-{i % 3}", seq=0) for i in (2, 0, 1)]
    rows += [row("internal_note", i, f"T-{i % 3}", seq=i) for i in range(1, 30)]
    facts, rejected, _ = mapped(rows)
    assert rejected == []
    opened = [fact.offers[0] for fact in facts if isinstance(fact.offers[0].event, ev.TicketOpened)]
    assert [offer.event.external_ref for offer in opened if isinstance(offer.event, ev.TicketOpened)] == [
        "T-2",
        "T-0",
        "T-1",
    ]
    streams = [fact.offers[0].stream for fact in facts]
    assert streams == sorted(streams, key=[offer.stream for offer in opened].index)


def test_instants_keep_milliseconds_and_are_utc_without_an_offset() -> None:
    rows = [
        {**CREATED, "ticket": str(i), "at": at}
        for i, at in enumerate(("2025-10-14T12:00:00.123", "2025-10-14T14:00:00.123+02:00"))
    ]
    facts, _, _ = mapped(rows)
    assert [fact.offers[0].at for fact in facts] == [1760443200123, 1760443200123]


def test_equal_rows_without_a_seq_are_each_a_fact() -> None:
    facts, _, _ = mapped([CREATED, row("customer_reply", 1, body="Hi"), row("customer_reply", 1, body="Hi")])
    assert len({offer.id for fact in facts for offer in fact.offers}) == 3


def test_the_same_row_twice_is_repeated_and_a_changed_one_is_rejected() -> None:
    facts, _, _ = mapped([CREATED, {"seq": 1, **row("ticket_created")}, row("ticket_created", seq=1, subject="x")])
    by_line = {fact.line: fact for fact in facts}
    assert (len(by_line[1].offers), by_line[2].offers, by_line[2].rejected) == (1, (), None)
    assert by_line[3].rejected == "Line 1 has the same ticket and seq with other content; the first is kept."


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "The line is not JSON: invalid character (byte 0)."),
        (b"[1]", "The line is a list, not a JSON object."),
        (b'"text"', "The line is a text, not a JSON object."),
        (b'{"ticket": "T-1", "x": "\xff"}', "The line is not UTF-8 (byte 25)."),
        (b'{"ticket": "T\x001"}', "The line holds NUL bytes."),
        (b'{"ticket": "T-1", "x": ' + b"[" * 100_000, "The row is nested more than 64 deep."),
        (
            b'{"ticket": "T-1", "type": "solved", "at": "2025-10-14", "x": ' + b"[" * 70 + b"]" * 70 + b"}",
            "The row is nested more than 64 deep.",
        ),
        (b"x" * ((1 << 20) + 1), "The line is longer than 1048576 bytes."),
        (b"{}", 'The row has no "ticket".'),
        (b'{"ticket": ["T-1"]}', '"ticket" must be a text, not a list.'),
        (b'{"ticket": true}', '"ticket" must be a text, not true or false.'),
        (b'{"ticket": " "}', '"ticket" must be a name of 1 to 200 characters.'),
        (b'{"ticket": "a\\u0000"}', '"ticket" must be a name of 1 to 200 characters.'),
        (b'{"ticket": "T-1"}', 'The row has no "type".'),
        (b'{"ticket": "T-1", "type": "solved"}', 'The row has no "at".'),
        (b'{"ticket": "T-1", "type": "exploded", "at": "2025-10-14"}', 'The type "exploded" is unknown.'),
    ],
)
def test_lines_that_are_no_rows_are_rejected_with_the_reason(line: bytes, reason: str) -> None:
    assert rejections(line) == [(1, reason)]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"at": 12}, '"at" must be a date and time as a text in ISO 8601, such as "2025-10-14T16:05:00Z".'),
        ({"at": "soon"}, '"soon" is not a date and time in ISO 8601, such as 2025-10-14T16:05:00Z.'),
        (
            {"at": "0000-01-01T00:00:00Z"},
            '"0000-01-01T00:00:00Z" is not a date and time in ISO 8601, such as 2025-10-14T16:05:00Z.',
        ),
        ({"at": "0001-01-01T00:00:00+14:00"}, '"0001-01-01T00:00:00+14:00" lies outside the years 1970 to 2199.'),
        ({"at": "9999-12-31T23:59:59Z"}, '"9999-12-31T23:59:59Z" lies outside the years 1970 to 2199.'),
        ({"seq": True}, '"seq" must be a number or a text.'),
        ({"seq": ""}, '"seq" must be a number or a text.'),
        ({"body": ["x"]}, '"body" must be a text, not a list.'),
        ({"public": "no"}, '"public" must be true or false, not a text.'),
        ({"type": "merged"}, 'A merged row needs "to", the ticket into which this one went.'),
        ({"type": "merged", "to": "T-1"}, "The ticket is merged into itself."),
        ({"type": "status_changed"}, 'A status_changed row needs "to", the new status.'),
        ({"type": "priority_changed"}, "The row does not say the new impact."),
        ({"type": "priority_changed", "to": ["x"]}, '"to" must be a text or a number.'),
        ({"type": "ticket_created", "seq": 2}, "The ticket was created by another row already."),
        ({"ticket": "T-2"}, "The ticket T-2 is not created, neither in this file nor by an earlier import."),
    ],
)
def test_rows_that_say_nothing_that_can_be_taken_are_rejected(more: dict[str, Any], reason: str) -> None:
    assert rejections(CREATED, {**row("agent_reply", 1), **more}) == [(2, reason)]


def test_a_number_for_a_ticket_is_its_name(events: Events) -> None:
    opened, _ = events(row("ticket_created", ticket=4711), row("solved", 1, ticket="4711"))  # type: ignore[arg-type]
    assert isinstance(opened, ev.TicketOpened)
    assert opened.external_ref == "4711"


def test_facts_have_the_bytes_of_the_general_envelope() -> None:
    event = ev.TicketAssigned(to='Ana "A" Ünal \\', extra={"b": [1, None], "a": {"z": 1.5, "y": "\x00"}})
    maker = FactMaker(format="ticket-events", source='a "source"')
    id = maker.entry_id("T-1", "7")
    assert id == ev.imported_id("ticket-events", 'a "source"', "T-1", "7")
    assert maker.ticket_id("T-1") == ev.imported_id("ticket-events", 'a "source"', "T-1")
    assert maker.part_id("T-1", "7", "body") == ev.imported_id("ticket-events", 'a "source"', "T-1", "7", "body")
    stream = ev.ticket_stream(maker.ticket_id("T-1"))
    for act in (None, maker.part_id("T-1", "7", "act")):
        general = ev.offer(event, id=id, stream=stream, at=1760443200123, device="", dseq=0, act=act)
        assert make(event, id, stream, 1760443200123, act) == general
