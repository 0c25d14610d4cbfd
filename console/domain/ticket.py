"""A ticket is the list of what happened to it: the fold of its stream, and the rulings on what may happen next.

Source: spec events.md 4, sync.md 1. Pure and deterministic: same entries, same ticket, on every machine. Called by the
journal (read models, guards), the desk and, later, the hub. Clocks are derived from the same entries in `sla`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final

import msgspec

from console.domain import events as ev
from console.domain.events import Entry, Event, Impact, Offered, Status, is_imported
from console.domain.words import IMPACT_NAMES

_OPEN_STATUSES: Final = frozenset({"new", "open", "pending", "on_hold"})
_STATUS_EVENTS: Final = frozenset(
    {ev.MessageReceived, ev.StatusSet, ev.TicketSolved, ev.TicketClosed, ev.TicketReopened, ev.TicketMerged}
)
"""What may change the status: the events of `next_status`."""
_REOPENED_BY_CUSTOMER: Final = frozenset({"pending", "on_hold", "solved"})

NO_MESSAGE_SEEN: Final = "none"
"""The `expect` of solving or closing a ticket on which no customer has written."""
SOMEBODY: Final = "Somebody"
"""Who did it where an import's source does not say."""
UNASSIGNED: Final = "unassigned"
"""The `expect` of taking a ticket."""


class Ticket(msgspec.Struct, frozen=True, gc=False):
    """The state of a ticket. Instants are epoch ms.

    `impact` is None while nobody assessed it. `registers` maps a field's name to the id of the entry whose value
    shows; `overwrote` names the fields whose last change overwrote a concurrent one. `needs_newer_app` is true where
    an entry could not be read by this program.
    """

    id: str
    number: int | None
    external_ref: str | None
    subject: str
    by: str
    channel: str
    account: str | None
    contact: str | None
    product: str | None
    plan: str | None
    impact: Impact | None
    status: Status
    assignee: str | None
    opened_at: int
    updated_at: int
    last_customer_message: str | None = None
    merged_into: str | None = None
    followed_up_by: str | None = None
    spam: bool = False
    snoozed_until: int | None = None
    escalated_to: str | None = None
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    fields: dict[str, str | None] = {}
    registers: dict[str, str] = {}
    overwrote: tuple[str, ...] = ()
    needs_newer_app: bool = False

    @property
    def is_open(self) -> bool:
        """New to On hold, and neither merged away nor spam: what the queue shows."""
        return self.status in _OPEN_STATUSES and self.merged_into is None and not self.spam


def who(entry: Entry) -> str:
    """Who did it, for people: an import's source names its own actor, or nobody; everything else has the log's."""
    extra = entry.event.extra
    if extra is not None:
        actor = extra.get("actor")
        if isinstance(actor, str) and actor:
            return actor
    return SOMEBODY if is_imported(entry.id) else entry.actor


def next_status(status: Status, event: Event) -> Status:
    """The status after an event. A customer's message reopens Pending, On hold and Solved; Closed stays closed."""
    kind = type(event)
    if kind is ev.MessageReceived:
        return "open" if status in _REOPENED_BY_CUSTOMER else status
    if kind is ev.StatusSet:
        return event.status  # type: ignore[attr-defined, no-any-return]
    if kind is ev.TicketSolved:
        return status if status == "closed" else "solved"
    if kind is ev.TicketClosed or kind is ev.TicketMerged:
        return "closed"
    if kind is ev.TicketReopened:
        return "open"
    return status


class _Draft:
    """The ticket while it is being folded; one handler per event type changes it."""

    __slots__ = tuple(Ticket.__struct_fields__)

    def __init__(self, entry: Entry, opened: ev.TicketOpened) -> None:
        impact = opened.impact
        if impact is None and opened.by == "monitoring":
            impact = "urgent"
        self.id = entry.stream.partition(":")[2]
        self.number = entry.number
        self.external_ref = opened.external_ref
        self.subject = opened.subject
        self.by = opened.by
        self.channel = opened.channel
        self.account = opened.account
        self.contact = opened.contact
        self.product = opened.product
        self.plan = opened.plan
        self.impact = impact
        self.status: Status = "new"
        self.assignee: str | None = None
        self.opened_at = entry.counts_at
        self.updated_at = entry.counts_at
        self.last_customer_message: str | None = entry.id if opened.by in ("customer", "purchase") else None
        self.merged_into: str | None = None
        self.followed_up_by: str | None = None
        self.spam = False
        self.snoozed_until: int | None = None
        self.escalated_to: str | None = None
        self.tags: tuple[str, ...] = ()
        self.links: tuple[str, ...] = ()
        self.watchers: tuple[str, ...] = ()
        self.fields: dict[str, str | None] = {}
        self.registers: dict[str, str] = {}
        self.overwrote: tuple[str, ...] = ()
        self.needs_newer_app = False

    def register(self, field: str, entry: Entry) -> None:
        """Last in log order shows; a base that is not the value it replaces overwrote a concurrent change."""
        shown = self.registers.get(field)
        if entry.base is not None and entry.base != shown:
            self.overwrote = (*(f for f in self.overwrote if f != field), field)
        elif field in self.overwrote:
            self.overwrote = tuple(f for f in self.overwrote if f != field)
        self.registers[field] = entry.id


def _opened(t: _Draft, entry: Entry, e: Any) -> None:
    """A second opening of one stream changes nothing."""


def _received(t: _Draft, entry: Entry, e: ev.MessageReceived) -> None:
    t.last_customer_message = entry.id


def _assigned(t: _Draft, entry: Entry, e: ev.TicketAssigned) -> None:
    t.register("assignee", entry)
    t.assignee = e.to


def _impact(t: _Draft, entry: Entry, e: ev.ImpactSet) -> None:
    t.register("impact", entry)
    t.impact = e.impact


def _product(t: _Draft, entry: Entry, e: ev.ProductSet) -> None:
    t.register("product", entry)
    t.product = e.product


def _plan(t: _Draft, entry: Entry, e: ev.PlanSet) -> None:
    t.register("plan", entry)
    t.plan = e.plan


def _account(t: _Draft, entry: Entry, e: ev.AccountSet) -> None:
    t.register("account", entry)
    t.account, t.contact = e.account, e.contact


def _subject(t: _Draft, entry: Entry, e: ev.SubjectSet) -> None:
    t.register("subject", entry)
    t.subject = e.subject


def _field(t: _Draft, entry: Entry, e: ev.FieldSet) -> None:
    t.register(f"field:{e.field}", entry)
    t.fields[e.field] = e.value


def _status(t: _Draft, entry: Entry, e: ev.StatusSet) -> None:
    t.register("status", entry)


def _merged(t: _Draft, entry: Entry, e: ev.TicketMerged) -> None:
    t.merged_into = e.into


def _split(t: _Draft, entry: Entry, e: ev.TicketSplit) -> None:
    t.links = (*t.links, e.new)


def _followed_up(t: _Draft, entry: Entry, e: ev.TicketFollowedUp) -> None:
    t.followed_up_by = e.new


def _tagged(t: _Draft, entry: Entry, e: ev.TicketTagged) -> None:
    if e.tag not in t.tags:
        t.tags = (*t.tags, e.tag)


def _untagged(t: _Draft, entry: Entry, e: ev.TicketUntagged) -> None:
    t.tags = tuple(tag for tag in t.tags if tag != e.tag)


def _linked(t: _Draft, entry: Entry, e: ev.TicketLinked) -> None:
    if e.to not in t.links:
        t.links = (*t.links, e.to)


def _snoozed(t: _Draft, entry: Entry, e: ev.TicketSnoozed) -> None:
    t.snoozed_until = e.until


def _woken(t: _Draft, entry: Entry, e: ev.TicketWoken) -> None:
    t.snoozed_until = None


def _watched(t: _Draft, entry: Entry, e: ev.TicketWatched) -> None:
    person = who(entry)
    others = tuple(w for w in t.watchers if w != person)
    t.watchers = (*others, person) if e.watching else others


def _escalated(t: _Draft, entry: Entry, e: ev.TicketEscalated) -> None:
    t.escalated_to = e.to


def _spam(t: _Draft, entry: Entry, e: ev.MarkedSpam) -> None:
    t.spam = True


def _not_spam(t: _Draft, entry: Entry, e: ev.UnmarkedSpam) -> None:
    t.spam = False


def _unknown(t: _Draft, entry: Entry, e: ev.UnknownEvent) -> None:
    t.needs_newer_app = True


_HANDLERS: Final[dict[type[Event], Callable[[_Draft, Entry, Any], None]]] = {
    ev.TicketOpened: _opened,
    ev.MessageReceived: _received,
    ev.TicketAssigned: _assigned,
    ev.ImpactSet: _impact,
    ev.ProductSet: _product,
    ev.PlanSet: _plan,
    ev.AccountSet: _account,
    ev.SubjectSet: _subject,
    ev.FieldSet: _field,
    ev.StatusSet: _status,
    ev.TicketMerged: _merged,
    ev.TicketSplit: _split,
    ev.TicketFollowedUp: _followed_up,
    ev.TicketTagged: _tagged,
    ev.TicketUntagged: _untagged,
    ev.TicketLinked: _linked,
    ev.TicketSnoozed: _snoozed,
    ev.TicketWoken: _woken,
    ev.TicketWatched: _watched,
    ev.TicketEscalated: _escalated,
    ev.MarkedSpam: _spam,
    ev.UnmarkedSpam: _not_spam,
    ev.UnknownEvent: _unknown,
}


_values: Final = attrgetter(*Ticket.__struct_fields__)


def fold(entries: Iterable[Entry]) -> Ticket | None:
    """The ticket behind a stream's entries, in log order. None before its opening; void entries change nothing."""
    draft: _Draft | None = None
    handlers = _HANDLERS
    for entry in entries:
        if entry.effect != "applied":
            continue
        event = entry.event
        kind = type(event)
        if draft is None:
            if type(event) is ev.TicketOpened:
                draft = _Draft(entry, event)
            continue
        handler = handlers.get(kind)
        if handler is not None:
            handler(draft, entry, event)
        if kind in _STATUS_EVENTS:
            draft.status = next_status(draft.status, event)
        if entry.counts_at > draft.updated_at:
            draft.updated_at = entry.counts_at
    return None if draft is None else Ticket(*_values(draft))


def ruling(ticket: Ticket | None, offered: Offered) -> str | None:
    """Why an event may not happen in this state, as a sentence a person can act on; None when it may.

    Additive facts and registers are always taken in an existing ticket; what the desk knows to be useless (a public
    reply to a closed ticket) it refuses before it offers it, with `desk_ruling`.
    """
    event = offered.event
    if ticket is None:
        return None if isinstance(event, ev.TicketOpened) else "There is no such ticket."
    expect = offered.expect
    match event:
        case ev.TicketOpened():
            return "The ticket was opened already."
        case ev.TicketAssigned() if expect == UNASSIGNED and ticket.assignee is not None:
            return f"Not taken: {ticket.assignee} had it already."
        case ev.TicketAssigned() if expect not in (None, UNASSIGNED) and expect != ticket.assignee:
            return f"Not assigned: {ticket.assignee or 'nobody'} had it by then, not {expect}."
        case ev.TicketSolved() | ev.TicketClosed():
            word = "solved" if isinstance(event, ev.TicketSolved) else "closed"
            if ticket.status == "closed" or ticket.status == word:
                return f"Not {word}: the ticket is {ticket.status} already."
            if expect is not None and expect != (ticket.last_customer_message or NO_MESSAGE_SEEN):
                return f"Not {word}: the customer wrote after the last message that you saw."
        case ev.TicketReopened() if ticket.status == "closed":
            return "Not reopened: the ticket is closed, a follow-up ticket goes on from it."
        case ev.TicketReopened() if ticket.status != "solved":
            return "Not reopened: the ticket is not solved."
        case ev.TicketMerged() | ev.TicketSplit() if not ticket.is_open:
            return "Not done: the ticket is not open."
    return None


def desk_ruling(ticket: Ticket | None, offered: Offered) -> str | None:
    """The rulings, and what a person should be told before an additive fact or a register is written."""
    refused = ruling(ticket, offered)
    if refused is not None or ticket is None:
        return refused
    if ticket.needs_newer_app:
        return "This ticket holds entries of a newer version; update the app to change it."
    match offered.event:
        case ev.MessageSent(public=True) | ev.CallLogged(public=True) if ticket.merged_into is not None:
            return "Not sent: this ticket was merged into another; reply there."
        case ev.MessageSent(public=True) | ev.CallLogged(public=True) if ticket.status == "closed":
            return "Not sent: the ticket is closed; a follow-up ticket goes on from it."
        case ev.StatusSet() if ticket.status == "closed":
            return "Not changed: the ticket is closed, a follow-up ticket goes on from it."
        case ev.ImpactSet(impact=impact) if impact == ticket.impact:
            name = IMPACT_NAMES[impact] if impact else "not assessed"
            return f"Not changed: the impact is {name} already."
        case ev.StatusSet(status=status) if status == ticket.status:
            return "Not changed: the ticket has that status already."
    return None
