"""What own entries are called while they wait, and when they did not get through. Pure; called by `desk.sync` and
`desk.connecting`.

A thing has a name ("Reply to #48152"), what did not become of it ("was not sent"), and a kind that is counted ("2
replies and 1 property change").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain import words
from console.domain.events import Event, Offered
from console.domain.plain_text import words_of
from console.domain.ticket import UNASSIGNED


class Called(NamedTuple):
    """`name` holds `{of}` for the ticket or account; `missed` says what did not happen to it."""

    name: str
    missed: str
    kind: str


_PROPERTY: Final = "property change"
_WORK: Final = "session entry"
_PRO: Final = "Pro entry"
_OTHER: Final = "other change"
_MANY: Final = {
    "reply": "replies",
    _PROPERTY: "property changes",
    _WORK: "session entries",
    _PRO: "Pro entries",
    _OTHER: "other changes",
}
_ORDER: Final = ("reply", "note", "new ticket", _PROPERTY, _WORK, _PRO, _OTHER)

_TICKET: Final[dict[type[Event], Called]] = {
    ev.MessageReceived: Called("Message on {of}", "was not recorded", _OTHER),
    ev.CallLogged: Called("Call on {of}", "was not recorded", "note"),
    ev.TicketAssigned: Called("Assignment of {of}", "was not changed", _PROPERTY),
    ev.ImpactSet: Called("Impact of {of}", "was not changed", _PROPERTY),
    ev.ProductSet: Called("Product of {of}", "was not changed", _PROPERTY),
    ev.PlanSet: Called("Plan of {of}", "was not changed", _PROPERTY),
    ev.AccountSet: Called("Customer of {of}", "was not changed", _PROPERTY),
    ev.SubjectSet: Called("Subject of {of}", "was not changed", _PROPERTY),
    ev.StatusSet: Called("Status of {of}", "was not changed", _PROPERTY),
    ev.TicketSolved: Called("{of}", "was not solved", _PROPERTY),
    ev.TicketClosed: Called("{of}", "was not closed", _PROPERTY),
    ev.TicketReopened: Called("{of}", "was not reopened", _PROPERTY),
    ev.TicketMerged: Called("{of}", "was not merged", _PROPERTY),
    ev.TicketSplit: Called("{of}", "was not split", _PROPERTY),
    ev.TicketFollowedUp: Called("Follow-up to {of}", "was not opened", _PROPERTY),
    ev.TicketTagged: Called("Tag of {of}", "was not added", _PROPERTY),
    ev.TicketUntagged: Called("Tag of {of}", "was not removed", _PROPERTY),
    ev.TicketEscalated: Called("{of}", "was not escalated", _PROPERTY),
    ev.TicketSnoozed: Called("{of}", "was not snoozed", _PROPERTY),
    ev.EntryRedacted: Called("Redaction in {of}", "was not recorded", _OTHER),
    pe.SlotBooked: Called("Slot at {of}", "was not booked", _PRO),
    pe.SlotMoved: Called("Slot at {of}", "was not moved", _PRO),
    pe.SlotReleased: Called("Slot at {of}", "was not released", _PRO),
    pe.EngagementOpened: Called("Engagement at {of}", "was not opened", _PRO),
    pe.EngagementCompleted: Called("Engagement at {of}", "was not completed", _PRO),
    pe.PeriodClosed: Called("Period of {of}", "was not closed", _PRO),
    pe.LotBought: Called("Purchase of {of}", "was not recorded", _PRO),
    pe.CorrectionMade: Called("Correction at {of}", "was not made", _PRO),
    pe.SegmentStarted: Called("Session at {of}", "was not recorded", _WORK),
    pe.SegmentStopped: Called("Stop of a session at {of}", "was not recorded", _WORK),
    pe.SegmentNoted: Called("Session note at {of}", "was not recorded", _WORK),
}
_TAKING: Final = Called("{of}", "was not taken", _PROPERTY)
_NEW_TICKET: Final = Called("New ticket", "was not opened", "new ticket")
_REPLY: Final = Called("Reply to {of}", "was not sent", "reply")
_NOTE: Final = Called("Note on {of}", "was not saved", "note")
_SEGMENTS: Final = ("segment.", "pause.", "gap.")


def called(event: Event, expect: str | None = None) -> Called:
    """`expect` is what its author saw, where the hub decides about it."""
    match event:
        case ev.MessageSent(public=True):
            return _REPLY
        case ev.MessageSent():
            return _NOTE
        case ev.TicketOpened():
            return _NEW_TICKET
        case ev.TicketAssigned() if expect == UNASSIGNED:
            return _TAKING
        case ev.FieldSet():
            return Called(f"{event.field[:1].upper()}{event.field[1:]} of {{of}}", "was not changed", _PROPERTY)
    known = _TICKET.get(type(event))
    if known is not None:
        return known
    if type(event) in pe.PRO_EVENTS:
        kind = _WORK if ev.event_type(event).startswith(_SEGMENTS) else _PRO
        return Called("Pro entry of {of}", "was not recorded", kind)
    return Called("Change of {of}", "was not recorded", _OTHER)


def of_stream(stream: str, number: int | None) -> str:
    """A ticket by its number, or an account by its name."""
    if stream.startswith("pro:"):
        return stream.removeprefix("pro:")
    return "a new ticket" if number is None else f"#{number}"


def title(offered: Offered, number: int | None) -> str:
    """What it is: "Reply to #48152", "#48152 solved"."""
    named = called(offered.event, offered.expect)
    name = named.name.format(of=of_stream(offered.stream, number))
    if named.name == "{of}":
        name = f"{name} {named.missed.removeprefix('was not ')}"
    return _capital(name)


def title_of_missed(offered: Offered, number: int | None) -> str:
    """What did not happen: "Reply to #48152 was not sent"."""
    named = called(offered.event, offered.expect)
    return _capital(f"{named.name.format(of=of_stream(offered.stream, number))} {named.missed}")


def counted(events: Iterable[Event]) -> str:
    """How many of what: "2 replies and 1 property change"; empty for nothing."""
    counts = Counter(called(event).kind for event in events)
    parts = [f"{counts[kind]:,} {_plural(kind, counts[kind])}" for kind in _ORDER if counts[kind]]
    return " and ".join(parts) if len(parts) < 3 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def text_of(event: Event) -> str:
    """The words that somebody wrote, without markup."""
    found = words_of(event)
    return "" if found is None else "\n".join(part for part in found if part)


def value_of(event: Event) -> str:
    """What a register was set to, as it is shown."""
    match event:
        case ev.TicketAssigned():
            return event.to or "Nobody"
        case ev.ImpactSet():
            return words.IMPACT_NAMES.get(event.impact or "", "Not assessed")
        case ev.StatusSet():
            return words.STATUS_NAMES[event.status]
        case ev.ProductSet(product=value) | ev.PlanSet(plan=value) | ev.AccountSet(account=value):
            return value or "None"
        case ev.SubjectSet():
            return event.subject
        case ev.FieldSet():
            return event.value or "None"
    return ""


_TWO: Final = {
    "assignee": "two assignees",
    "impact": "two impacts",
    "status": "two statuses",
    "subject": "two subjects",
    "product": "two products",
    "plan": "two plans",
    "account": "two customers",
}


def title_of_two(field: str, number: int | None) -> str:
    """That two people set one field: "#48165 has two assignees". `field` is the register's name."""
    two = _TWO.get(field) or f"two values of {field.removeprefix('field:')}"
    return _capital(f"{of_stream('ticket:', number)} has {two}")


def plain_reason(reason: str) -> str:
    """A ruling without what the title says already: "Ana had it already." of "Not taken: Ana had it already."."""
    head, colon, rest = reason.partition(": ")
    return _capital(rest) if colon and head.startswith("Not ") else reason


def _plural(kind: str, count: int) -> str:
    return kind if count == 1 else _MANY.get(kind, f"{kind}s")


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
