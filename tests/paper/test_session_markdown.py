"""The session report as Markdown, read back by a Markdown parser: what a partner sees of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from console.paper.session_markdown import session_markdown
from tests.paper.reports import (
    HOUR,
    JON,
    MARA,
    MINUTE,
    NOW,
    SECOND,
    TRAP,
    entries,
    entry,
    hours,
    report,
    scope,
)
from tests.story import ms

Rows = list[list[str]]


def parsed(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def words(token: Token) -> str:
    """The text of an inline token as it is shown."""
    return "".join(child.content for child in token.children or ())


def markup(text: str) -> set[str]:
    """The kinds of inline markup that a text makes."""
    inline = [token for token in parsed(text) if token.type == "inline"]
    return {child.type for token in inline for child in token.children or ()} - {"text", "text_special"}


def tables(text: str) -> dict[str, Rows]:
    """Each table by the heading above it, its own headings first."""
    found: dict[str, Rows] = {}
    heading, within = "", ""
    for token in parsed(text):
        match token.type:
            case "heading_open" | "tr_open":
                within = token.type
                if within == "tr_open":
                    found.setdefault(heading, []).append([])
            case "inline" if within == "heading_open":
                heading, within = words(token), ""
            case "inline" if within == "tr_open":
                found[heading][-1].append(words(token))
            case "table_close":
                within = ""
    return found


def sentences(text: str) -> Iterator[str]:
    yield from (words(token) for token in parsed(text) if token.type == "inline")


def test_the_report_names_account_ticket_status_and_when_it_was_made() -> None:
    said = list(sentences(session_markdown(report())))

    assert said[0] == "Session report: SSO and image rollout"
    assert said[1] == "4h 32m 14s left of 12h"
    assert {"Account: Fabrikam Robotics", "Ticket: #10041", "Purchases: PO-20931", "Status: Running"} <= set(said)
    assert "Engineers: Mara Okafor, Jon Bell" in said
    assert "Hours expire: Sat 1 Nov 2025, 12:00 AM ET" in said
    assert said[-1] == "Made Tue 14 Oct 2025, 11:47 AM ET. Times are Eastern (ET)."


def test_the_scope_says_what_is_done_and_by_whom_it_was_agreed() -> None:
    text = session_markdown(report())

    rows = tables(text)["Agreed scope"]
    assert rows[1] == ["Check prerequisites with the identity team", "Done", "2h 15m", "2h"]
    assert rows[3] == ["Configure SAML sign-in for 240 people", "Not done", "1h 12m 46s", "2h 30m"]
    assert "Version 2, agreed Tue 30 Sep 2025 by Mara Okafor and Priya Natarajan. 2 of 5 done." in sentences(text)


def test_an_ask_outside_of_the_scope_stands_apart_from_it() -> None:
    found = tables(session_markdown(report()))

    assert found["Asked for outside of the scope"][1:] == [["Wed 8 Oct 2025", "Printer redirection"]]
    assert "Printer redirection" not in {row[0] for row in found["Agreed scope"]}
    assert "Asked for outside of the scope" not in tables(session_markdown(report(scope=scope(requested=()))))


def test_each_segment_has_its_day_times_engineer_and_counted_time() -> None:
    rows = tables(session_markdown(report()))["Work"]

    assert rows[0] == ["Day", "From (ET)", "To (ET)", "Engineer", "Remark", "Counted"]
    assert rows[1] == ["Fri 3 Oct 2025", "10:00 AM", "12:15 PM", MARA, "Scope complete", "2h 15m"]
    assert rows[2][4:] == ["The window closed; ran by itself: image build", "2h"]
    assert rows[3] == ["Thu 9 Oct 2025", "9:00 AM", "10:15 AM", JON, "", "1h 15m"]
    assert rows[4] == ["Tue 14 Oct 2025", "10:30:14 AM", "still running", MARA, "", "1h 12m 46s"]
    assert rows[5] == ["Counted in all", "", "", "", "", "6h 42m 46s"]


def test_interruptions_say_whether_they_counted() -> None:
    waited = (ms("2025-10-14T15:20:00Z"), ms("2025-10-14T15:26:30Z"), "waiting for the partner", True)
    *others, last = entries()
    pauses = (*last.interruptions, waited)
    text = session_markdown(report(entries=(*others, entry(interruptions=pauses))))

    assert tables(text)["Interruptions"][1:] == [
        ["Tue 14 Oct 2025", "11:05 AM", "11:09 AM", "Other ticket", "Not counted", "4m"],
        ["Tue 14 Oct 2025", "11:20 AM", "11:26:30 AM", "Waiting for the partner", "Counted", "6m 30s"],
    ]


def test_work_that_was_not_counted_says_why() -> None:
    assert tables(session_markdown(report()))["Work that was not counted"][1:] == [
        ["Wed 8 Oct 2025", "6:00 PM", "6:10 PM", "Outside the agreed hours (T12)", "10m"]
    ]


def test_rework_is_named_where_it_stands() -> None:
    rows = tables(session_markdown(report(entries=(entry(purpose="rework", metered_ms=0, ended_for="stopped"),))))

    assert rows["Work"][1][4:] == ["Rework", "0m"]


def test_corrections_have_their_sign_and_reason() -> None:
    text = session_markdown(
        report(corrections=((NOW, 15 * MINUTE, "the copy ran on"), (NOW, -10 * MINUTE, "lunch was forgotten")))
    )

    assert tables(text)["Corrections"][1:] == [
        ["Tue 14 Oct 2025", "the copy ran on", "+15m"],
        ["Tue 14 Oct 2025", "lunch was forgotten", "−10m"],
    ]


def test_the_hours_say_what_was_bought_used_forfeited_expired_and_left() -> None:
    assert tables(session_markdown(report()))["Hours"][1:] == [
        ["Used", "6h 42m 46s"],
        ["Forfeited", "45m"],
        ["Expired", "0m"],
        ["Left, 1h 43m of it planned", "4h 32m 14s"],
        ["Bought", "12h"],
    ]


def test_hours_that_went_elsewhere_are_told_too() -> None:
    spent = hours(
        bought_ms=20 * HOUR, elsewhere_ms=3 * HOUR, open_gap_ms=HOUR, refunded_ms=4 * HOUR, planned_ms=0, expired_ms=0
    )
    rows = dict(tables(session_markdown(report(hours=spent)))["Hours"][1:])

    assert rows["Used by other work on the same purchases"] == "3h"
    assert rows["In question"] == "1h"
    assert rows["Refunded"] == "4h"


def test_figures_add_up_as_they_are_shown() -> None:
    """Three segments of 20 min and a third of a second, and the rest of an hour that they leave."""
    third = 20 * MINUTE + 333
    worked = tuple(
        entry(begins_at=NOW + at * HOUR, ends_at=NOW + at * HOUR + third, metered_ms=third) for at in range(3)
    )
    left = 2 * HOUR - 3 * third
    spent = hours(
        bought_ms=2 * HOUR, used_ms=3 * third, session_ms=0, planned_ms=0, not_planned_ms=left, forfeited_ms=0
    )
    found = tables(session_markdown(report(entries=worked, hours=spent)))

    assert [row[1] for row in found["Hours"][1:]] == ["1h 1s", "0m", "0m", "59m 59s", "2h"]
    assert [row[-1] for row in found["Work"][1:]] == ["20m 1s", "20m", "20m", "1h 1s"]


def test_used_hours_that_no_work_explains_are_pointed_at() -> None:
    rounded = hours(used_ms=hours().used_ms + 4 * MINUTE, not_planned_ms=hours().not_planned_ms - 4 * MINUTE)

    assert "more than the work" not in session_markdown(report())
    said = " ".join(sentences(session_markdown(report(hours=rounded))))
    assert "Used is 4m more than the work and the corrections below." in said


def test_corrected_hours_are_explained_by_their_corrections() -> None:
    corrected = hours(used_ms=hours().used_ms + 15 * MINUTE, not_planned_ms=hours().not_planned_ms - 15 * MINUTE)

    text = session_markdown(report(hours=corrected, corrections=((NOW, 15 * MINUTE, "the copy ran on"),)))
    assert "than the work" not in text


@pytest.mark.parametrize(
    ("state", "detail", "said"),
    [
        ("closed", "completed", "Status: Closed: the scope is complete"),
        ("closed", "exhausted", "Status: Closed: the hours are used up"),
        ("paused", "lunch", "Status: Interrupted: lunch"),
        ("carried", None, "Status: Carried over to another day"),
    ],
)
def test_the_status_is_said_in_words(state: str, detail: str | None, said: str) -> None:
    assert said in sentences(session_markdown(report(state=state, detail=detail)))


def test_an_engagement_that_was_only_bought_has_a_report_too() -> None:
    bought = report(
        number=None,
        contact=None,
        engineers=(),
        state="purchased",
        entries=(),
        scope=scope(version=0, agreed_at=None, agreed_by=(), lines=(), requested=()),
        hours=hours(
            used_ms=0, session_ms=0, planned_ms=0, not_planned_ms=12 * HOUR, forfeited_ms=0, expires_at=NOW - SECOND
        ),
    )
    said = set(sentences(session_markdown(bought)))

    assert {"No scope is agreed yet.", "No work was done yet.", "12h left of 12h"} <= said
    assert "Ticket: 0199d000-0000-7000-8000-000000000001" in said
    assert "Hours expired: Tue 14 Oct 2025, 11:46:59 AM ET" in said
    assert not any(text.startswith(("Engineers", "Partner contact")) for text in said)


def test_texts_of_customers_are_shown_as_they_were_written() -> None:
    trapped = report(
        account=TRAP,
        subject=TRAP,
        contact=TRAP,
        engineers=(TRAP,),
        scope=scope(agreed_by=(TRAP, MARA), requested=((NOW, TRAP),)),
        entries=(entry(engineer=TRAP, notes=(TRAP,), ended_for=TRAP),),
        corrections=((NOW, MINUTE, TRAP),),
    )
    text = session_markdown(trapped)
    found = tables(text)

    assert markup(text) == markup(session_markdown(report())) == {"strong_open", "strong_close"}
    assert found["Asked for outside of the scope"][1][1] == TRAP
    assert found["What was done"][1][2] == TRAP
    assert found["Corrections"][1][1] == TRAP
    assert found["Work"][1][3] == TRAP
    assert f"Account: {TRAP}" in sentences(text)


def test_a_text_over_several_lines_stays_in_its_cell() -> None:
    note = "Copied:\n\n# one\r\n| two |\u2028- three\u202e\x00"
    text = session_markdown(report(entries=(entry(notes=(note,)),)))

    assert tables(text)["What was done"][1][2] == "Copied: # one | two | - three"


def test_work_over_midnight_and_a_change_of_clocks_says_which_day_and_offset() -> None:
    """Scenario 14: four hours in three of the wall clock."""
    night = entry(begins_at=ms("2026-11-01T03:00:00Z"), ends_at=ms("2026-11-01T07:00:00Z"), metered_ms=4 * HOUR)
    rows = tables(session_markdown(report(entries=(night,))))["Work"]

    assert rows[1][:3] == ["Sat 31 Oct 2026", "11:00 PM EDT", "2:00 AM EST, Sun 1 Nov"]


def test_another_zone_is_named() -> None:
    text = session_markdown(report(zone="-05:00"))

    assert tables(text)["Work"][0][1] == "From (UTC-05:00)"
    assert "Times are those of UTC-05:00." in text
