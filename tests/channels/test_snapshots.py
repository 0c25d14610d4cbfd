"""How a CSV of incident snapshots becomes facts, through a column mapping (docs/import-format.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.channels.imports.column_mapping import ColumnMapping, load_mapping, read_mapping, shipped_mapping
from console.channels.imports.errors import ImportFileError
from console.channels.imports.facts import FactMaker, Mapped
from console.channels.imports.snapshots import Snapshots
from console.channels.imports.staging import Staging
from console.channels.imports.vocabulary import ImpactWords
from console.domain import events as ev

MAPPING = b"""
name = "desk"
null = ["?"]
zone = "America/New_York"
dates = ["%d-%m-%Y %H:%M"]
subject = ["title"]
fields = ["group"]

[columns]
ticket = "id"
updated_at = "changed"
sequence = "version"
opened_at = "opened"
status = "state"
impact = "impact"
assignee = "owner"
product = "product"
contact = "caller"
actor = "by"

[status]
"Waiting" = "pending"
"Done" = "solved"
"-100" = "unknown"

[impact]
"1 - High" = "high"
"""
HEADING = "id,changed,version,opened,state,impact,owner,product,caller,by,title,group,note"


def line(minute: str, version: int, state: str = "New", **more: str) -> str:
    values = {"id": "I-1", "opened": "14-10-2025 08:00", "impact": "1 - High", "caller": "Maria", "title": "Labs"}
    values |= {"changed": f"14-10-2025 {minute}", "version": str(version), "state": state} | more
    return ",".join(values.get(column, "?") for column in HEADING.split(","))


def mapped(
    *lines: str | bytes, heading: str = HEADING, mapping: ColumnMapping | None = None
) -> tuple[list[Mapped], list[tuple[int, str]], Snapshots]:
    mapping = mapping or read_mapping(MAPPING, "desk.toml")
    snapshots = Snapshots(FactMaker(format="csv", source=mapping.name), ImpactWords(mapping.impacts), mapping)
    rows = [heading, *lines]
    numbered = enumerate((text.encode(mapping.encoding) if isinstance(text, str) else text for text in rows), 1)
    with Staging() as staging:
        for _ in snapshots.stage(numbered, staging):
            pass
        facts = [fact for ticket in staging.tickets() for fact in snapshots.facts(ticket)]
        return facts, [(rejected.line, rejected.reason) for rejected in staging.rejected()], snapshots


def events(*lines: str | bytes) -> list[ev.Event]:
    facts, rejected, _ = mapped(*lines)
    assert rejected == []
    return [offer.event for fact in facts for offer in fact.offers]


def test_the_first_row_opens_the_ticket_at_its_opening() -> None:
    ((fact,), _, _) = mapped(line("08:05", 0, product="cas"))
    (offer,) = fact.offers
    assert offer.at == 1760443200000  # 08:00 in New York is 12:00 UTC
    opened = offer.event
    assert isinstance(opened, ev.TicketOpened)
    assert (opened.by, opened.subject, opened.contact, opened.product, opened.impact, opened.external_ref) == (
        "customer",
        "Labs",
        "Maria",
        "cas",
        "high",
        "I-1",
    )
    assert opened.extra is not None
    assert opened.extra["columns"]["state"] == "New"


def test_a_row_becomes_its_differences_from_the_row_before() -> None:
    _, *told = events(
        line("08:05", 0),
        line("08:10", 1, "Open", owner="Ana", by="Ben"),
        line("08:20", 2, "Waiting", owner="Ana", group="East"),
        line("08:30", 3, "Waiting", group="East", impact="?", title="Labs again"),
        line("08:40", 4, "Done", group="East", impact="?", title="Labs again", caller="Eva", product="cas"),
    )
    assert [(event.type, getattr(event, "to", None) or getattr(event, "status", None)) for event in told] == [
        ("ticket.assigned", "Ana"),
        ("ticket.status_set", "open"),
        ("ticket.field_set", None),
        ("ticket.status_set", "pending"),
        ("ticket.subject_set", None),
        ("ticket.impact_set", None),
        ("ticket.assigned", None),
        ("ticket.account_set", None),
        ("ticket.product_set", None),
        ("ticket.solved", None),
    ]
    assert told[0].extra is not None
    assert told[0].extra["actor"] == "Ben"


def test_rows_out_of_order_are_told_by_time_and_then_version() -> None:
    told = events(line("08:20", 2, "Done"), line("08:05", 0), line("08:20", 1, "Open"))
    assert [event.type for event in told] == ["ticket.opened", "ticket.status_set", "ticket.solved"]


def test_an_update_before_the_opening_is_told_at_its_own_instant() -> None:
    facts, _, _ = mapped(line("07:50", 0, "Open"))
    assert [(offer.event.type, offer.at - facts[0].offers[0].at) for offer in facts[0].offers] == [
        ("ticket.opened", 0),
        ("ticket.status_set", -600_000),
    ]


def test_leaving_solved_or_closed_is_a_reopening() -> None:
    _, *told = events(
        line("08:05", 0),
        line("08:10", 1, "Closed"),
        line("08:20", 2, "Waiting"),
        line("08:30", 3, "Done"),
        line("08:40", 4, "New"),
    )
    assert [event.type for event in told] == [
        "ticket.closed",
        "ticket.reopened",
        "ticket.status_set",
        "ticket.solved",
        "ticket.reopened",
    ]


def test_an_unknown_state_keeps_the_status_and_is_reported() -> None:
    facts, _, snapshots = mapped(line("08:05", 0), line("08:10", 1, "-100"), line("08:20", 2, "Strange"))
    assert [offer.event.type for fact in facts[1:] for offer in fact.offers] == ["ticket.field_set"] * 2
    assert snapshots.unknown_statuses == {"-100": 1, "Strange": 1}


def test_a_row_that_changes_only_other_columns_is_kept() -> None:
    _, told = events(line("08:05", 0), line("08:10", 1, note="Called"))
    assert told == ev.FieldSet(field="changed", value="14-10-2025 08:10", extra=told.extra)
    assert told.extra is not None
    assert told.extra["columns"] == {"changed": "14-10-2025 08:10", "version": "1", "note": "Called"}


def test_the_same_update_twice_is_repeated_and_with_other_values_rejected() -> None:
    facts, _, _ = mapped(line("08:05", 0), line("08:05", 0), line("08:05", 0, note="x"))
    assert [(fact.line, bool(fact.offers), fact.rejected) for fact in facts] == [
        (2, True, None),
        (3, False, None),
        (4, False, "Line 2 shows the same update with other values; the first is kept."),
    ]


def test_values_may_hold_delimiters_quotes_and_line_breaks() -> None:
    first = line("08:05", 0, title='"Labs, ""new""\nsecond line"').split("\n")
    facts, rejected, _ = mapped(*first, line("08:10", 1))
    assert rejected == []
    opened = facts[0].offers[0].event
    assert isinstance(opened, ev.TicketOpened)
    assert (opened.subject, [fact.line for fact in facts]) == ('Labs, "new"\nsecond line', [2, 4])


def test_a_quote_that_never_closes_costs_its_own_line_only() -> None:
    facts, rejected, _ = mapped(line("08:05", 0), line("08:10", 1, title='"Labs'), line("08:20", 2))
    assert [fact.line for fact in facts] == [2, 4]
    assert rejected == [(3, "The line is not CSV: unexpected end of data.")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I-1,x", "The row has 2 values, the heading has 13."),
        (line("08:05", 0, id="?"), 'The row has no "ticket".'),
        (line("08:05", 0, changed="?"), 'The row has no "changed".'),
        (line("08:05", 0, changed="2025-10-14"), '"2025-10-14" is not a date written as %d-%m-%Y %H:%M.'),
        (line("08:05", 0, opened="31-02-2025 08:00"), '"31-02-2025 08:00" is not a date written as %d-%m-%Y %H:%M.'),
        (line("08:05", 0, opened="01-01-9999 08:00"), '"01-01-9999 08:00" lies outside the years 1970 to 2199.'),
        (line("08:05", 0).encode() + b"\xff", "The line is not text in the encoding utf-8."),
        (b"x" * ((1 << 20) + 1), "The line is longer than 1048576 bytes."),
    ],
)
def test_rows_that_cannot_be_read_are_rejected_with_the_reason(text: str | bytes, reason: str) -> None:
    facts, rejected, _ = mapped(line("08:05", 0), text)
    assert len(facts) == 1
    assert rejected == [(3, reason)]


def test_a_local_time_that_does_not_exist_moves_forward_and_an_ambiguous_one_is_the_first() -> None:
    facts, _, _ = mapped(
        line("", 0, id="A", opened="?", changed="09-03-2025 02:30"),
        line("", 0, id="B", opened="?", changed="02-11-2025 01:30"),
    )
    assert [fact.offers[0].at for fact in facts] == [1741505400000, 1762061400000]


def test_a_mapping_may_name_another_encoding_and_delimiter() -> None:
    mapping = read_mapping(
        b'name = "x"\nencoding = "latin-1"\ndelimiter = ";"\n[columns]\nticket = "a"\nupdated_at = "b"\naccount = "c"',
        "x.toml",
    )
    facts, rejected, _ = mapped("1;2025-10-14T12:00:00Z;M\u00fcller", heading="a;b;c", mapping=mapping)
    assert rejected == []
    opened = facts[0].offers[0].event
    assert isinstance(opened, ev.TicketOpened)
    assert opened.account == "M\u00fcller"


def test_a_heading_without_a_mapped_column_is_refused() -> None:
    with pytest.raises(ImportFileError, match=r'^The CSV, line 1: the heading has no column "changed", which the'):
        mapped("1", heading="id,state")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns]\n", '"name" is missing'),
        ('name = "x"\n[columns]\nticket = "a"', 'line 2: "updated_at" is missing in .columns.'),
        ('name = "x"\ncolour = "red"\n', 'line 2: unknown key "colour"'),
        ('name = "x"\nzone = "Mars/Base"\n', 'line 2: there is no zone "Mars/Base"'),
        ('name = "x"\nencoding = "utf-16"\n', "line 2: lines cannot be told apart"),
        ('name = "x"\nencoding = "klingon"\n', 'line 2: unknown encoding "klingon"'),
        ('name = "x"\ndelimiter = ";;"\n', 'line 2: "delimiter" must be one character'),
        ('name = "x"\ndates = ["%d-%m"]\n', 'line 2: "%d-%m" is not a format of date and time'),
        ('name = "x"\n[status]\nOpen = "ajar"\n', 'line 3: unknown Open "ajar"'),
        ('name = "x"\n[status]\nOpen = "opem"\n', r'line 3: unknown Open "opem"; did you mean "open"\?$'),
        ('name = "x"\n[impact]\nBig = "huge"\n', 'line 3: unknown Big "huge"'),
        ("name = \n", "line 1: not TOML"),
        ("\xff", "line 1: this is not UTF-8 text"),
    ],
)
def test_a_mistake_in_a_mapping_is_told_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    columns = "" if "[columns]" in text else '[columns]\nticket = "a"\nupdated_at = "b"\n'
    path.write_bytes((text + columns).encode("latin-1"))
    with pytest.raises(ImportFileError, match=said) as caught:
        load_mapping(path)
    assert str(path) in caught.value.sentence


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"none\.toml cannot be read: No such file"):
        load_mapping(tmp_path / "none.toml")


def test_the_shipped_mapping_reads_the_log_of_servicenow() -> None:
    mapping = shipped_mapping()
    assert mapping.statuses["-100"] is None
    assert mapping.statuses["awaiting vendor"] == "on_hold"
    assert mapping.columns["ticket"] == "number"
