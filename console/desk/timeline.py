"""A ticket's history as a person reads it: messages, notes, calls, changes, and what they did to the clocks.

Pure; built from the stream's entries by `desk.tickets`, drawn by the window, printed nowhere else. Instants are epoch
ms, UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from console.domain import events as ev
from console.domain import words
from console.domain.clock import Instance, freeze
from console.domain.deeds import change
from console.domain.events import Entry
from console.domain.guidelines import GuidelinesHistory
from console.domain.sla import Trace, build, shown
from console.domain.ticket import who

ItemKind = Literal["customer", "reply", "note", "call", "change", "clock", "void"]
_MESSAGES: Final = frozenset({"customer", "reply", "note", "call"})


class Taken(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """That somebody redacted an entry: who, when and why. `pending` while the hub has yet to record it: the words are
    still in this file and on other workstations then."""

    who: str
    at: int
    reason: str | None
    pending: bool


class TimelineItem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing to show. `text` of a message is its body, in `format`; of anything else a finished sentence.

    `detail` is a word for a glyph or a state: of a message `bot`, `bounced`, `failed`; of a clock `start`, `pause`,
    `resume`, `breach`; of a change what was changed (`_MARKS`), or the status that was set. `pending` is an own entry
    that the hub has not confirmed. `taken` is set on a message that was redacted: then it has no text.
    """

    kind: ItemKind
    at: int
    who: str
    text: str
    entry_id: str
    format: Literal["text", "html"] = "text"
    detail: str | None = None
    pending: bool = False
    taken: Taken | None = None


def timeline(entries: Sequence[Entry], history: GuidelinesHistory, as_of: int) -> tuple[TimelineItem, ...]:
    """All items in the order in which they count; items of one instant keep the log's order."""
    undelivered = _undelivered(entries)
    contact = _contact(entries)
    taken = _taken(entries)
    items: list[TimelineItem] = []
    for entry in entries:
        item = _item(entry, undelivered, contact)
        if item is not None and item.kind in _MESSAGES and entry.id in taken:
            item = replace(item, text="", format="text", taken=taken[entry.id])
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


def _taken(entries: Sequence[Entry]) -> dict[str, Taken]:
    """The first redaction of each entry, by that entry's id."""
    taken: dict[str, Taken] = {}
    for entry in entries:
        if isinstance(entry.event, ev.EntryRedacted) and entry.applied:
            said = Taken(who=who(entry), at=entry.counts_at, reason=entry.event.reason, pending=entry.pending)
            taken.setdefault(entry.event.entry, said)
    return taken


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
            kind=kind,
            at=entry.counts_at,
            who=name,
            text=text,
            entry_id=entry.id,
            format=format,
            detail=detail,
            pending=entry.pending,
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
    text = change(entry)
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
