"""An agreed slot for a calendar: iCalendar (RFC 5545), as something published, not an invitation to answer.

Pure; called by the window and the command line. Times are written in UTC, which every calendar shows in its own zone,
and which needs no description of a zone. Instants are epoch ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from icalendar import STATUS, Calendar, Event

from console.desk.pro.views import EngagementPage, SlotLine
from console.domain.calendar import Period
from console.paper.customer_text import one_line

_PRODUCT: Final = "-//Support Console//Pro services//EN"
_DOMAIN: Final = "support-console.invalid"
"""The right side of our UIDs: a name that nobody else can have."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TERMS: Final = "Work starts when all access and the scope are in hand."


class CalendarSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot as it goes into a calendar.

    `slot` is its id. `parts` are the times of work, one for each day it falls on; `moves` counts how often it was moved
    or released since it was booked, and `parts_before` how many parts an earlier export may have had. `scope` are the
    titles of the agreed items.
    """

    slot: str
    parts: tuple[Period, ...]
    moves: int
    account: str
    ticket: str
    subject: str
    engineer: str
    contact: str | None = None
    scope: tuple[str, ...] = ()
    cancelled: bool = False
    parts_before: int = 0


def calendar_slot(
    page: EngagementPage, slot: SlotLine, *, moves: int, parts: Sequence[Period] = (), cancelled: bool = False
) -> CalendarSlot:
    """A slot of an engagement's page for a calendar; without `parts` it is one time of work, from its beginning to its
    end."""
    return CalendarSlot(
        slot=slot.id,
        parts=tuple(parts) or ((slot.begins_at, slot.ends_at),),
        moves=moves,
        account=page.row.account,
        ticket=f"#{page.row.number}" if page.row.number is not None else page.row.ticket,
        subject=page.row.subject,
        engineer=slot.engineer,
        contact=page.contact,
        scope=tuple(line.title for line in page.scope.lines),
        cancelled=cancelled,
    )


def slot_ics(slot: CalendarSlot, made_at: int) -> bytes:
    """The calendar file: an event for each span. `made_at` is the instant of the export.

    A calendar that has the slot already takes the later `moves` for the present state: an event that the slot no longer
    has is told as cancelled, and a cancelled slot cancels all of them.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    calendar.add("method", "CANCEL" if slot.cancelled else "PUBLISH")
    for place, span in enumerate(slot.parts):
        calendar.add_component(_event(slot, place, span, made_at, cancelled=slot.cancelled))
    for place in range(len(slot.parts), slot.parts_before):
        calendar.add_component(_event(slot, place, slot.parts[-1], made_at, cancelled=True))
    return bytes(calendar.to_ical())


def _event(slot: CalendarSlot, place: int, span: Period, made_at: int, *, cancelled: bool) -> Event:
    part = f", part {place + 1} of {len(slot.parts)}" if place < len(slot.parts) > 1 else ""
    return Event.new(
        uid=f"{slot.slot}@{_DOMAIN}" if place == 0 else f"{slot.slot}-{place + 1}@{_DOMAIN}",
        stamp=_instant(made_at),
        sequence=slot.moves,
        start=_instant(span[0]),
        end=_instant(span[1]),
        summary=f"Pro session{part}: {one_line(slot.account)}, {one_line(slot.subject)}",
        description=_description(slot),
        location="",
        status=STATUS.CANCELLED if cancelled else STATUS.CONFIRMED,
    )


def _description(slot: CalendarSlot) -> str:
    lines = [f"Ticket {one_line(slot.ticket)}", f"Engineer: {one_line(slot.engineer)}"]
    if slot.contact:
        lines.append(f"Partner contact: {one_line(slot.contact)}")
    if slot.scope:
        lines += ["", "Agreed scope:", *(f"- {one_line(title)}" for title in slot.scope)]
    return "\n".join([*lines, "", _TERMS])


def _instant(at_ms: int) -> datetime:
    return _EPOCH + timedelta(seconds=at_ms // 1000)
