"""What the people of a world do: random acts on what their own workstation shows them.

They see old states, act at once on two machines, and now and then try what they may not. Bodies of restricted tickets
hold the word `SECRET`, which nobody else may ever hear.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import msgspec

from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain import ticket
from console.domain.access import Role
from console.domain.events import Entry, Event

if TYPE_CHECKING:
    from tests.faults.sim.workstation import Workstation
    from tests.faults.sim.world import World

PEOPLE: dict[str, tuple[Role, tuple[str, ...]]] = {
    "Ana": ("engineer", ("restricted:vip",)),
    "Ben": ("lead", ()),
    "Cem": ("engineer", ()),
    "Dia": ("admin", ("restricted:vip",)),
    "Eve": ("billing", ("desk",)),
}
CIRCLE = "vip"
SECRET = "SECRET"
NEW_TYPES = frozenset({"ticket.snoozed"})
"""What an old hub does not know."""
ACCOUNTS = ("pro:acme", "pro:bolt")


class Wish(msgspec.Struct, frozen=True):
    """One event that a person wants to record."""

    stream: str
    event: Event
    base: str | None = None
    expect: str | None = None


class Act:
    """Chooses the next act of a person. `sees` is what their workstation shows, `fresh` gives ids and numbers, `now_ms`
    is the time that they go by."""

    def __init__(self, rng: Random, person: str, sees: Workstation, fresh: World, now_ms: int) -> None:
        self.rng = rng
        self.person = person
        self.sees = sees
        self.fresh = fresh
        self.now_ms = now_ms

    def choose(self) -> list[Wish]:
        """The events of one act; more than one share an act id."""
        tickets = self.sees.tickets()
        if not tickets or (len(tickets) < 6 and self.rng.random() < 0.2):
            return [self.opening()]
        pick = self.rng.random()
        if pick < 0.13:
            return self.of_hours()
        stream = tickets[-1] if self.rng.random() < 0.4 else self.rng.choice(tickets)
        entries = self.sees.view(stream)
        known = ticket.fold(entries)
        if known is None:
            return [Wish(stream, ev.MessageSent(body=self.sees.words(stream), public=False))]
        if known.needs_newer_app:
            return [self.opening()]  # such a ticket can only be read here
        return self.on_ticket(stream, entries, known, tickets)

    def opening(self) -> Wish:
        restricted = CIRCLE if f"restricted:{CIRCLE}" in self.sees.scopes and self.rng.random() < 0.4 else None
        subject = f"{SECRET if restricted else 'Subject'} {self.fresh.number()}"
        event = ev.TicketOpened(by="customer", channel="web", subject=subject, restricted=restricted)
        return Wish(ev.ticket_stream(self.fresh.id()), event)

    def on_ticket(self, stream: str, entries: list[Entry], known: ticket.Ticket, tickets: list[str]) -> list[Wish]:
        rng = self.rng
        seen = known.last_customer_message or ticket.NO_MESSAGE_SEEN
        reply = Wish(stream, ev.MessageSent(body=self.sees.words(stream), public=True))
        match rng.choices(_KINDS, cum_weights=_WEIGHTS)[0]:
            case "reply":
                return [reply]
            case "received":
                return [Wish(stream, ev.MessageReceived(body=self.sees.words(stream)))]
            case "tag":
                return [Wish(stream, ev.TicketTagged(tag=f"tag{rng.randrange(3)}"))]
            case "take":
                return [Wish(stream, ev.TicketAssigned(to=self.person), expect=ticket.UNASSIGNED)]
            case "give":
                to = rng.choice((None, "Ana", "Ben"))
                return [Wish(stream, ev.TicketAssigned(to=to), base=known.registers.get("assignee"))]
            case "impact":
                impact = rng.choice(ev.IMPACTS)
                return [Wish(stream, ev.ImpactSet(impact=impact), base=known.registers.get("impact"))]
            case "solve":
                return [Wish(stream, ev.TicketSolved(), expect=seen)]
            case "reply and solve":
                return [reply, Wish(stream, ev.TicketSolved(), expect=seen)]
            case "reopen":
                return [Wish(stream, ev.TicketReopened())]
            case "snooze" if self.sees.is_old:
                return [reply]
            case "merge":
                into = rng.choice(tickets)
                if into == stream:
                    return [reply]
                gone, stays = stream.partition(":")[2], into.partition(":")[2]
                return [Wish(stream, ev.TicketMerged(into=stays)), Wish(into, ev.TicketLinked(to=gone))]
            case "split":
                new = self.opening()
                id = new.stream.partition(":")[2]
                return [Wish(stream, ev.TicketSplit(new=id)), new, Wish(new.stream, ev.TicketTagged(tag="split"))]
            case "snooze":
                return [Wish(stream, ev.TicketSnoozed(until=self.now_ms + 60_000))]
            case "too large":
                return [Wish(stream, ev.MessageSent(body=self.sees.words(stream) + " " + "x" * 66_000, public=False))]
            case kind:
                confirmed = [entry for entry in entries if not entry.pending]
                if not confirmed:
                    return [reply]
                redaction = Wish(stream, ev.EntryRedacted(entry=rng.choice(confirmed).id))
                closing = Wish(stream, ev.TicketClosed(), expect=seen)
                return [redaction] if kind == "redact" else [redaction, closing]

    def of_hours(self) -> list[Wish]:
        rng = self.rng
        stream = rng.choice(ACCOUNTS)
        engagement = "engagement"
        begins = self.now_ms + rng.randrange(1, 4) * 3_600_000
        match rng.randrange(6):
            case 0:
                event: Event = pe.LotBought(
                    purchase_id=f"PO-{rng.randrange(4)}",
                    seconds=7200,
                    bought_at=self.now_ms,
                    period_end=self.now_ms + 30 * 86_400_000,
                    ticket=engagement,
                )
                return [Wish(stream, event)]
            case 1:
                return [Wish(stream, pe.EngagementOpened(ticket=engagement))]
            case 2:
                slot = pe.SlotBooked(
                    engagement=engagement,
                    begins_at=begins,
                    ends_at=begins + 3_600_000,
                    seconds=3600,
                    engineer=self.person,
                )
                return [Wish(stream, slot)]
            case 3:
                return [Wish(stream, pe.SegmentStarted(engagement=engagement))]
            case _:
                starts = [e for e in self.sees.view(stream) if isinstance(e.event, pe.SegmentStarted)]
                if not starts:
                    return [Wish(stream, pe.SegmentStarted(engagement=engagement))]
                stop = pe.SegmentStopped(segment=rng.choice(starts).id, reason="done")
                done = pe.EngagementCompleted(engagement=engagement, forfeits_s=0)
                return [Wish(stream, stop), Wish(stream, done)]


_ODDS = {
    "reply": 20,
    "received": 12,
    "tag": 5,
    "take": 14,
    "give": 5,
    "impact": 10,
    "solve": 8,
    "reply and solve": 6,
    "reopen": 4,
    "merge": 6,
    "split": 5,
    "snooze": 8,
    "redact": 6,
    "redact and close": 2,
    "too large": 0.3,
}
_KINDS = tuple(_ODDS)
_WEIGHTS = [sum(tuple(_ODDS.values())[: n + 1]) for n in range(len(_ODDS))]
