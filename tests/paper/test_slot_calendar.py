"""A slot for a calendar, read back by a calendar's parser."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from icalendar import Calendar, Event

from console.paper.slot_calendar import CalendarSlot, calendar_slot, slot_ics
from tests.paper.reports import HOUR, MARA, NOW, PRIYA
from tests.story import ms
from tests.ui import pro_pages

SLOT = "0199e000-0000-7000-8000-0000000000aa"
BEGINS, ENDS = ms("2025-10-14T14:30:00Z"), ms("2025-10-14T17:30:00Z")
AGREED = CalendarSlot(
    slot=SLOT,
    parts=((BEGINS, ENDS),),
    moves=0,
    account="Fabrikam Robotics",
    ticket="#10041",
    subject="SSO and image rollout",
    engineer=MARA,
    contact=PRIYA,
    scope=("Configure SAML sign-in", "Pilot pool"),
)


def read(content: bytes) -> tuple[Calendar, list[Event]]:
    calendar = Calendar.from_ical(content)
    assert isinstance(calendar, Calendar)
    events = calendar.walk("VEVENT")
    assert all(not part.errors for part in (calendar, *events))
    return calendar, events


def test_an_agreed_slot_is_one_published_event_in_utc() -> None:
    calendar, [event] = read(slot_ics(AGREED, NOW))

    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    assert event["STATUS"] == "CONFIRMED"
    assert event.decoded("DTSTART") == datetime(2025, 10, 14, 14, 30, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2025, 10, 14, 17, 30, tzinfo=UTC)
    assert event.decoded("DTSTAMP") == datetime(2025, 10, 14, 15, 47, tzinfo=UTC)
    assert event["SUMMARY"] == "Pro session: Fabrikam Robotics, SSO and image rollout"
    assert event["LOCATION"] == ""
    assert not calendar.walk("VTIMEZONE")


def test_the_description_has_the_scope_and_what_the_terms_ask_for() -> None:
    _, [event] = read(slot_ics(AGREED, NOW))

    assert str(event["DESCRIPTION"]).splitlines() == [
        "Ticket #10041",
        "Engineer: Mara Okafor",
        "Partner contact: Priya Natarajan",
        "",
        "Agreed scope:",
        "- Configure SAML sign-in",
        "- Pilot pool",
        "",
        "Work starts when all access and the scope are in hand.",
    ]


def test_a_moved_slot_is_the_same_event_with_a_higher_sequence() -> None:
    moved = msgspec.structs.replace(AGREED, parts=((BEGINS + HOUR, ENDS + HOUR),), moves=1)
    _, [before] = read(slot_ics(AGREED, NOW))
    _, [after] = read(slot_ics(moved, NOW + HOUR))

    assert after["UID"] == before["UID"]
    assert after["UID"].startswith(SLOT)
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)


def test_a_released_slot_cancels_its_events() -> None:
    calendar, [event] = read(slot_ics(msgspec.structs.replace(AGREED, cancelled=True, moves=1), NOW))

    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)


def test_a_slot_over_two_days_is_an_event_a_day() -> None:
    days = ((BEGINS, ENDS), (ms("2025-10-15T13:00:00Z"), ms("2025-10-15T14:00:00Z")))
    _, events = read(slot_ics(msgspec.structs.replace(AGREED, parts=days), NOW))

    assert [event["SUMMARY"].partition(":")[0] for event in events] == [
        "Pro session, part 1 of 2",
        "Pro session, part 2 of 2",
    ]
    assert len({event["UID"] for event in events}) == 2
    assert [event.decoded("DTSTART").day for event in events] == [14, 15]


def test_a_day_that_a_moved_slot_no_longer_needs_is_taken_out_of_the_calendar() -> None:
    days = ((BEGINS, ENDS), (ms("2025-10-15T13:00:00Z"), ms("2025-10-15T14:00:00Z")))
    _, before = read(slot_ics(msgspec.structs.replace(AGREED, parts=days), NOW))
    _, after = read(slot_ics(msgspec.structs.replace(AGREED, moves=1, parts_before=2), NOW))

    assert [event["UID"] for event in after] == [event["UID"] for event in before]
    assert [event["STATUS"] for event in after] == ["CONFIRMED", "CANCELLED"]


def test_texts_of_customers_come_back_as_they_were_and_start_nothing() -> None:
    hostile = 'Müller, Söhne; "GmbH" \\n 日本'
    slot = msgspec.structs.replace(
        AGREED,
        account=f"{hostile}\r\nEND:VEVENT\r\nBEGIN:VALARM",
        subject="Übertragung der Postfächer, Ordner; Freigaben " * 5,
        scope=(hostile, "one\ntwo"),
    )
    content = slot_ics(slot, NOW)
    calendar, [event] = read(content)

    assert event["SUMMARY"].startswith(f"Pro session: {hostile} END:VEVENT BEGIN:VALARM, Übertragung der")
    assert f"- {hostile}" in str(event["DESCRIPTION"]).splitlines()
    assert "- one two" in str(event["DESCRIPTION"]).splitlines()
    assert [part.name for part in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode() for line in lines[:-1])


def test_a_slot_of_an_engagements_page_is_taken_as_it_is() -> None:
    page = pro_pages.page()
    [line] = page.slots
    slot = calendar_slot(page, line, moves=2)

    assert (slot.slot, slot.parts, slot.moves) == (line.id, ((line.begins_at, line.ends_at),), 2)
    assert (slot.account, slot.ticket, slot.contact) == ("Fabrikam Robotics", "#10041", PRIYA)
    assert len(slot.scope) == len(page.scope.lines)
