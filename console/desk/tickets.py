"""What a person does to a ticket, and what they can ask of it.

Each act is judged (`ticket.desk_ruling`), then written as one transaction of the journal. A refusal comes back as a
sentence in the receipt; nothing is written then, and the caller keeps the text. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
import uuid_utils

from console.desk.timeline import TimelineItem, timeline
from console.domain import events as ev
from console.domain.clock import Clock
from console.domain.errors import ConsoleError
from console.domain.events import Entry, Event, Impact, MetricName, Offered, Status, offer, ticket_stream
from console.domain.explain import Explanation, explain
from console.domain.guidelines import GuidelinesHistory
from console.domain.queue import QueueRow, queue_row
from console.domain.sla import clocks
from console.domain.ticket import NO_MESSAGE_SEEN, UNASSIGNED, Ticket, desk_ruling, fold
from console.domain.words import full

if TYPE_CHECKING:
    from console.journal.states import States
    from console.journal.store import Journal


class TicketNotFound(ConsoleError):
    """No ticket has that number, external reference or start of an id."""


class AmbiguousTicket(ConsoleError):
    """Several tickets answer to the name: `candidates` are the first of them."""

    def __init__(self, ref: str, candidates: Sequence[QueueRow]) -> None:
        self.candidates = tuple(candidates)
        named = "; ".join(
            f"#{row.number} {row.external_ref + ' ' if row.external_ref else ''}{row.ticket}" for row in candidates
        )
        super().__init__(f'"{ref}" may mean several tickets; say which: {named}')


class Receipt(msgspec.Struct, frozen=True):
    """What became of an act: the entries that were written, or the sentence that says why none was."""

    entries: tuple[Entry, ...] = ()
    refused: str | None = None


class TicketView(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as the window shows it. `guidelines` names the version that answers, `assumption` marks assumed targets;
    `people` are those whom it can be assigned to; `impact_when_unset` is what an unassessed ticket is measured as."""

    ticket: Ticket
    row: QueueRow
    items: tuple[TimelineItem, ...]
    clocks: tuple[Clock, ...]
    guidelines: str
    assumption: bool
    impact_when_unset: Impact | None
    people: tuple[str, ...]
    as_of: int


class TicketDesk:
    """Acts on and questions about the tickets of one workspace."""

    def __init__(
        self, journal: Journal, history: GuidelinesHistory, *, me: str, now: Callable[[], int], zone: str
    ) -> None:
        self._journal = journal
        self._history = history
        self._me = me
        self._now = now
        self._zone = zone

    # Acts

    def open(
        self,
        subject: str,
        *,
        channel: str = "email",
        by: Literal["customer", "engineer", "monitoring", "purchase"] = "engineer",
        account: str | None = None,
        contact: str | None = None,
        product: str | None = None,
        plan: str | None = None,
        impact: Impact | None = None,
    ) -> Receipt:
        """Opens a ticket; the receipt's first entry carries its number, unless a hub has yet to give it one."""
        if not subject.strip():
            raise ConsoleError("Not opened: a ticket needs a subject.")
        opened = ev.TicketOpened(
            by=by,
            channel=channel,
            subject=subject.strip(),
            account=account,
            contact=contact,
            product=product,
            plan=plan,
            impact=impact,
            salt=new_salt(),
        )
        return self._act(str(uuid_utils.uuid7()), lambda _: [(opened, None, None)])

    def reply(self, ticket_id: str, body: str, *, public: bool) -> Receipt:
        """Records a public reply or an internal note. A public reply opens a New ticket."""
        if not body.strip():
            raise ConsoleError("Nothing to send: the text is empty.")

        def facts(ticket: Ticket | None) -> list[_Fact]:
            sent = ev.MessageSent(body=body.strip("\n"), public=public, salt=new_salt())
            opens = public and ticket is not None and ticket.status == "new"
            return [(sent, None, None), *([_register(ticket, "status", ev.StatusSet(status="open"))] if opens else [])]

        return self._act(ticket_id, facts)

    def take(self, ticket_id: str) -> Receipt:
        """Assigns the ticket to me if nobody has it; a New ticket opens."""

        def facts(ticket: Ticket | None) -> list[_Fact]:
            taken: _Fact = (ev.TicketAssigned(to=self._me), None, UNASSIGNED)
            opens = ticket is not None and ticket.status == "new"
            return [taken, *([_register(ticket, "status", ev.StatusSet(status="open"))] if opens else [])]

        return self._act(ticket_id, facts)

    def assign(self, ticket_id: str, to: str | None) -> Receipt:
        return self._act(ticket_id, lambda t: [_register(t, "assignee", ev.TicketAssigned(to=to))])

    def set_impact(self, ticket_id: str, impact: Impact | None) -> Receipt:
        return self._act(ticket_id, lambda t: [_register(t, "impact", ev.ImpactSet(impact=impact))])

    def set_status(self, ticket_id: str, status: Status, *, seen: str | None = None) -> Receipt:
        """Sets Open, Pending or On hold, solves or closes. `seen` is the id of the last customer message on the screen:
        a ticket on which the customer wrote since is not solved. Open on a solved ticket reopens it."""

        def facts(ticket: Ticket | None) -> list[_Fact]:
            last = seen or (ticket.last_customer_message if ticket else None) or NO_MESSAGE_SEEN
            match status:
                case "solved":
                    return [(ev.TicketSolved(), None, last)]
                case "closed":
                    return [(ev.TicketClosed(), None, last)]
                case "open" if ticket is not None and ticket.status == "solved":
                    return [(ev.TicketReopened(), None, "solved")]
                case "open" | "pending" | "on_hold":
                    return [_register(ticket, "status", ev.StatusSet(status=status))]
                case _:
                    raise ConsoleError("A ticket is New only until somebody answers or takes it.")

        return self._act(ticket_id, facts)

    def _act(self, ticket_id: str, facts: Callable[[Ticket | None], list[_Fact]]) -> Receipt:
        stream = ticket_stream(ticket_id)
        ticket = fold(self._journal.entries(stream))
        wanted = facts(ticket)
        now = self._now()
        act = str(uuid_utils.uuid7()) if len(wanted) > 1 else None
        offers = [
            offer(
                event,
                id=str(uuid_utils.uuid7()),
                stream=stream,
                at=now,
                device=self._journal.device,
                dseq=0,
                base=base,
                expect=expect,
                act=act,
            )
            for event, base, expect in wanted
        ]
        recorded = self._journal.record(offers, actor=self._me, now_ms=now, decide=_decide)
        return Receipt(entries=tuple(recorded.entries), refused=recorded.refused)

    # Questions

    def view(self, ticket_id: str) -> TicketView:
        """Everything that the window shows of a ticket, as of now."""
        entries = self._journal.entries(ticket_stream(ticket_id))
        ticket = fold(entries)
        if ticket is None:
            raise TicketNotFound("That ticket is not in this workspace any more.")
        now = self._now()
        current = clocks(entries, self._history, max(now, ticket.updated_at))
        guidelines = self._history.at(ticket.product, now)
        return TicketView(
            ticket=ticket,
            row=queue_row(ticket, current),
            items=timeline(entries, self._history, now),
            clocks=current,
            guidelines=guidelines.label,
            assumption=guidelines.assumption,
            impact_when_unset=guidelines.impact_when_unset,
            people=self.people(),
            as_of=now,
        )

    def people(self) -> tuple[str, ...]:
        """Those whom a ticket can be assigned to: me first, then everybody who has or had one."""
        others = sorted(person for person in self._journal.people() if person != self._me)
        return (self._me, *others)

    def state(self, ticket_id: str, as_of: int | None = None) -> Ticket | None:
        """The folded ticket, now or from the entries that count by an instant."""
        return fold(self._entries_as_of(ticket_id, as_of))

    def find(self, ref: str) -> str:
        """The id behind a number (`10001` or `#10001`), an external reference, or the start of an id.

        Errors: TicketNotFound, AmbiguousTicket with the candidates.
        """
        name = ref.strip()
        if not name:
            raise TicketNotFound("Name a ticket by its number, its external reference or the start of its id.")
        found = self._journal.candidates(name)
        if not found:
            raise TicketNotFound(f'No ticket answers to "{name}": give a number, an external reference or an id.')
        if len(found) > 1:
            raise AmbiguousTicket(name, found)
        return found[0].ticket

    def explain(self, ticket_id: str, *, metric: MetricName | None = None, as_of: int | None = None) -> Explanation:
        """Why each deadline is what it is, now or as of an instant."""
        entries = self._entries_as_of(ticket_id, as_of)
        if not entries:
            when = f" at {full(as_of, self._zone)}" if as_of is not None else ""
            raise TicketNotFound(f"That ticket was not open yet{when}.")
        now = self._now() if as_of is None else as_of
        return explain(entries, self._history, now, zone=self._zone, metric=metric)

    def guidelines_label(self, ticket_id: str, as_of: int | None = None) -> str:
        """The guidelines that answer for a ticket, for people: `CAS 1, assumed`."""
        ticket = self.state(ticket_id, as_of)
        return self._history.at(ticket.product if ticket else None, self._now() if as_of is None else as_of).label

    def _entries_as_of(self, ticket_id: str, as_of: int | None) -> list[Entry]:
        entries = self._journal.entries(ticket_stream(ticket_id))
        return entries if as_of is None else [entry for entry in entries if entry.counts_at <= as_of]


def new_salt() -> str:
    """For an event that holds words: without it, words could be tried until they give the hash of a redacted one."""
    return secrets.token_urlsafe(16)


_Fact = tuple[Event, str | None, str | None]
"""An event with its `base` and `expect`."""


def _register(ticket: Ticket | None, field: str, event: Event) -> _Fact:
    return event, ticket.registers.get(field) if ticket is not None else None, None


def _decide(states: States, offers: Sequence[Offered]) -> str | None:
    return refused_by_ticket(states.tickets, offers)


def refused_by_ticket(tickets: Mapping[str, Ticket | None], offers: Sequence[Offered]) -> str | None:
    """Why an act may not happen. Only its first event on each ticket is judged against the state before it."""
    judged: set[str] = set()
    for offered in offers:
        if offered.stream not in judged:
            judged.add(offered.stream)
            refused = desk_ruling(tickets.get(offered.stream), offered)
            if refused is not None:
                return refused
    return None
