"""A ticket's history as a person reads it: messages, notes, calls, changes, and what they did to the clocks.

Pure; built from the stream's entries by `desk.tickets`, drawn by the window, printed nowhere else. Instants are epoch
ms, UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from console.domain import events as ev
from console.domain import words
from console.domain.events import Entry
from console.domain.guidelines import GuidelinesHistory
from console.domain.sla import Instance, Trace, build, freeze, shown
from console.domain.ticket import who

ItemKind = Literal["customer", "reply", "note", "call", "change", "clock", "void"]


class TimelineItem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing to show. `text` of a message is its body, in `format`; of anything else a finished sentence.

    `detail` is a word for a glyph or a state: of a message `bot`, `bounced`, `failed`; of a clock `start`, `pause`,
    `resume`, `breach`; of a change what was changed (`_MARKS`), or the status that was set.
    """

    kind: ItemKind
    at: int
    who: str
    text: str
    entry_id: str
    format: Literal["text", "html"] = "text"
    detail: str | None = None


def timeline(entries: Sequence[Entry], history: GuidelinesHistory, as_of: int) -> tuple[TimelineItem, ...]:
    """All items in the order in which they count; items of one instant keep the log's order."""
    undelivered = _undelivered(entries)
    contact = _contact(entries)
    items: list[TimelineItem] = []
    for entry in entries:
        item = _item(entry, undelivered, contact)
        if item is not None:
            items.append(item)
    items.extend(_clock_items(entries, history, as_of))
    items.sort(key=lambda item: item.at)
    return tuple(items)


def _undelivered(entries: Sequence[Entry]) -> dict[str, str]:
    states: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry.event, ev.MessageDelivery) and entry.applied:
            states[entry.event.message] = entry.event.state
    return {message: state for message, state in states.items() if state in ("failed", "bounced", "uncertain")}


def _contact(entries: Sequence[Entry]) -> str:
    for entry in entries:
        if isinstance(entry.event, ev.TicketOpened):
            return entry.event.contact or entry.event.account or "Customer"
    return "Customer"


def _item(entry: Entry, undelivered: dict[str, str], contact: str) -> TimelineItem | None:
    event, person = entry.event, who(entry)

    def item(
        kind: ItemKind,
        text: str,
        *,
        name: str = person,
        format: Literal["text", "html"] = "text",
        detail: str | None = None,
    ) -> TimelineItem:
        return TimelineItem(
            kind=kind, at=entry.counts_at, who=name, text=text, entry_id=entry.id, format=format, detail=detail
        )

    if not entry.applied:
        return item("void", entry.void_reason or "")
    match event:
        case ev.MessageReceived():
            return item("customer", event.body, name=event.sender or contact, format=event.format)
        case ev.MessageSent(public=True):
            detail = undelivered.get(entry.id) or ("bot" if event.author == "bot" else None)
            return item("reply", event.body, format=event.format, detail=detail)
        case ev.MessageSent():
            return item("note", event.body, format=event.format)
        case ev.CallLogged():
            return item("call", event.summary, detail="public" if event.public else None)
    text = change_words(entry)
    return None if text is None else item("change", text, detail=_mark(event))


_MARKS: Final[dict[type[ev.Event], str]] = {
    ev.TicketOpened: "opened",
    ev.TicketAssigned: "assigned",
    ev.TicketSolved: "solved",
    ev.TicketClosed: "closed",
    ev.TicketReopened: "reopened",
    ev.TicketEscalated: "escalated",
    ev.ImpactSet: "impact",
    ev.TicketTagged: "tag",
    ev.TicketUntagged: "tag",
    ev.AlertFired: "alert",
    ev.AlertResolved: "alert_over",
    ev.MessageDelivery: "undelivered",
}


def _mark(event: ev.Event) -> str | None:
    return event.status if isinstance(event, ev.StatusSet) else _MARKS.get(type(event))


_SENTENCES: Final[dict[type[ev.Event], str]] = {
    ev.TicketSolved: "{who} solved the ticket",
    ev.TicketClosed: "The ticket was closed",
    ev.TicketReopened: "{who} reopened the ticket",
    ev.TicketMerged: "{who} merged the ticket into another",
    ev.TicketSplit: "{who} split off a new ticket",
    ev.TicketFollowedUp: "A follow-up ticket was opened",
    ev.TicketWoken: "The ticket woke up",
    ev.MarkedSpam: "{who} marked it as spam",
    ev.UnmarkedSpam: "{who} took the spam mark back",
    ev.EntryRedacted: "{who} redacted an entry",
    ev.UnknownEvent: "An entry of a newer version, kept as it is",
}


def change_words(entry: Entry) -> str | None:
    """What a change did, as a sentence without a full stop; None for messages and what nobody needs to see."""
    event, person = entry.event, who(entry)
    simple = _SENTENCES.get(type(event))
    if simple is not None:
        return simple.format(who=person)
    match event:
        case ev.TicketOpened(by="monitoring"):
            return f"Monitoring opened the ticket by {event.channel}"
        case ev.TicketOpened(by="purchase"):
            return "A purchase opened the ticket"
        case ev.TicketOpened(by="engineer"):
            return f"{person} opened the ticket"
        case ev.TicketOpened():
            return f"{event.contact or event.account or 'The customer'} opened the ticket by {event.channel}"
        case ev.TicketAssigned(to=None):
            return f"{person} unassigned the ticket"
        case ev.TicketAssigned():
            return f"{person} took the ticket" if event.to == person else f"{person} assigned it to {event.to}"
        case ev.StatusSet():
            return f"{person} set the status to {words.STATUS_NAMES[event.status]}"
        case ev.ImpactSet():
            return f"{person} set the impact to {words.IMPACT_NAMES.get(event.impact or '', 'not assessed')}"
        case ev.ProductSet():
            return f"{person} set the product to {event.product or 'none'}"
        case ev.PlanSet():
            return f"{person} set the plan to {event.plan or 'none'}"
        case ev.AccountSet():
            return f"{person} set the customer to {event.account or 'none'}"
        case ev.SubjectSet():
            return f"{person} set the subject to {event.subject}"
        case ev.FieldSet():
            return f"{person} set {event.field} to {event.value or 'none'}"
        case ev.TicketTagged():
            return f"{person} added the tag {event.tag}"
        case ev.TicketUntagged():
            return f"{person} removed the tag {event.tag}"
        case ev.TicketEscalated():
            return f"{person} escalated to {event.to}: {event.reason}"
        case ev.TicketSnoozed():
            return f"{person} snoozed the ticket"
        case ev.AlertFired():
            return f"Alert {event.alert} fired{': ' + event.summary if event.summary else ''}"
        case ev.AlertResolved():
            return f"Alert {event.alert} resolved"
        case ev.MessageDelivery(state="failed") | ev.MessageDelivery(state="bounced"):
            return f"A reply was not delivered: {event.state}"
        case ev.MessageDelivery(state="uncertain"):
            return "Whether a reply was delivered is uncertain"
    return None


def _clock_items(entries: Sequence[Entry], history: GuidelinesHistory, as_of: int) -> list[TimelineItem]:
    """Starts, pauses and breaches of the clocks that are promised."""
    steps: list[tuple[Instance, int, str, int]] = []

    def trace_for() -> Trace:
        steps.clear()

        def record(key: Instance, at: int, step: str, entry: Entry | None) -> None:
            if step in ("start", "pause", "resume"):
                left = 0 if key.target_seconds is None else key.target_seconds * 1000 - key.elapsed_ms(at)
                steps.append((key, at, step, left))

        return record

    visible = {i: number for number, i in shown(build(entries, history, as_of, trace_for=trace_for))}
    items = []
    for instance, at, step, left in steps:
        if instance not in visible:
            continue
        name = words.METRIC_NAMES[instance.metric]
        match step:
            case "start" if instance.metric not in ("periodic_update", "pausable_update"):
                target = "no target" if instance.target_seconds is None else f"{words.exact(left)} target"
                items.append(_clock_item(at, f"{name} clock started, {target}", "start"))
            case "pause":
                items.append(_clock_item(at, f"{name} paused", "pause"))
            case "resume":
                items.append(_clock_item(at, f"{name} resumed, {words.exact(left)} left", "resume"))
    for instance, number in visible.items():
        clock = freeze(instance, number, as_of)
        if clock.breach_recorded_at is not None:
            name = words.METRIC_NAMES[clock.metric]
            items.append(_clock_item(clock.breach_recorded_at, f"{name} breached", "breach"))
    return items


def _clock_item(at: int, text: str, detail: str) -> TimelineItem:
    return TimelineItem(kind="clock", at=at, who="", text=text, entry_id="", detail=detail)
