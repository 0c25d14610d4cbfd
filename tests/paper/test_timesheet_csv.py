"""The timesheet for billing, made of what was worked and read back by a CSV reader."""

from __future__ import annotations

import csv
import io
import json

from console.domain import pro_events as pe
from console.domain.calendar import Period
from console.domain.pro_figures import TimesheetRow, timesheet
from console.paper.timesheet_csv import COLUMNS, timesheet_csv, timesheet_json
from tests.domain.new_york import ny
from tests.domain.pro_story import HOUR_MS, MINUTE_MS, ProStory
from tests.paper.reports import FORMULA

ZONE = "America/New_York"
JANUARY: Period = (ny("2027-01-01 00:00"), ny("2027-02-01 00:00"))


def worked() -> tuple[TimesheetRow, ...]:
    """Two hours of Mara's with a note, and a quarter of Jon's of which ten minutes lie after 18:00."""
    story = ProStory()
    story.buys(4)
    story.ready(4)
    segment = story.works("10:00", "12:00")
    story.tell("11:00", pe.SegmentNoted(segment=segment, text="VPN up"))
    story.tell("11:30", pe.SegmentNoted(segment=segment, text=FORMULA))
    story.works("17:55", "18:10", actor="Jon")
    return timesheet(story.account, story.measured("19:00"), JANUARY)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_says_who_worked_when_for_which_ticket_and_what_counted() -> None:
    rows = worked()
    first, second = read(timesheet_csv(rows, account="Harbour", zone=ZONE, numbers={"t-1": 10041}))

    assert list(first) == list(COLUMNS)
    assert first == {
        "account": "Harbour",
        "date": "2027-01-12",
        "engineer": "Mara",
        "ticket": "t-1",
        "ticket_number": "10041",
        "cause": rows[0].cause,
        "begins_utc": "2027-01-12T15:00:00.000Z",
        "begins_local": "2027-01-12 10:00:00",
        "ends_utc": "2027-01-12T17:00:00.000Z",
        "ends_local": "2027-01-12 12:00:00",
        "zone": ZONE,
        "metered_ms": str(2 * HOUR_MS),
        "metered_hours": "2.0000",
        "unmetered_ms": "0",
        "unmetered_hours": "0.0000",
        "why": "",
        "notes": f"VPN up / {FORMULA}",
    }
    assert (second["engineer"], second["metered_ms"], second["unmetered_ms"]) == (
        "Jon",
        str(5 * MINUTE_MS),
        str(10 * MINUTE_MS),
    )
    assert "outside the allowed hours" in second["why"]


def test_names_and_notes_are_no_formulas() -> None:
    [row, _] = worked()
    hostile = timesheet_csv(
        [
            TimesheetRow(
                day=row.day,
                engineer="+1",
                ticket="t-1",
                cause="c",
                begins_at=0,
                ends_at=0,
                metered_ms=0,
                notes=(FORMULA,),
            )
        ],
        account="@home",
        zone=ZONE,
    )
    [read_back] = read(hostile)

    assert (read_back["account"], read_back["engineer"], read_back["notes"]) == ("'@home", "'+1", f"'{FORMULA}")
    assert read_back["ticket_number"] == ""


def test_the_json_has_the_same_figures_and_their_sums() -> None:
    rows = worked()
    told = json.loads(json.dumps(timesheet_json(rows, account="Harbour", zone=ZONE, period=JANUARY)))

    assert told["period"] == ["2027-01-01T05:00:00.000Z", "2027-02-01T05:00:00.000Z"]
    assert told["metered_ms"] == sum(row["metered_ms"] for row in told["rows"]) == 2 * HOUR_MS + 5 * MINUTE_MS
    assert told["unmetered_hours"] == 0.1667
    assert told["rows"][0]["notes"] == ["VPN up", FORMULA]
    assert set(told["rows"][0]) == set(COLUMNS) - {"account", "zone"}


def test_a_timesheet_without_work_has_its_headings() -> None:
    assert timesheet_csv((), account="Harbour", zone=ZONE) == ",".join(COLUMNS) + "\r\n"
