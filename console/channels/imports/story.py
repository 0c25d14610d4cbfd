"""How far a ticket's story has come while its rows are mapped: what the meaning of the next row depends on.

A source knows one ticket where we may have several: a customer's reply to a closed ticket opens a follow-up (spec
sla.md 3), on which the conversation goes on until the source reopens the old one. Called by `ticket_events`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.domain import events as ev
from console.domain.events import Entry, Event, Impact, Status, ticket_stream
from console.domain.ticket import next_status

TELLING: Final = frozenset(
    {
        ev.TicketOpened,
        ev.MessageReceived,
        ev.ImpactSet,
        ev.ProductSet,
        ev.PlanSet,
        ev.AccountSet,
        ev.SubjectSet,
        ev.StatusSet,
        ev.TicketSolved,
        ev.TicketClosed,
        ev.TicketReopened,
        ev.TicketMerged,
        ev.TicketFollowedUp,
    }
)
"""The events that a story goes on by; others need not be noted."""


class Story:
    """The state of one ticket of the source.

    `root` is the stream of the ticket itself, `stream` the one on which its rows are written now (a follow-up's while
    one is open), `status` that stream's. `opened` is the id of the entry that opened the ticket, None before it.
    `known` are the entries that the journal has of it and its follow-ups, by id.
    """

    def __init__(self, root: str, entries: Sequence[Entry] = ()) -> None:
        self.root = root
        self.stream = root
        self.status: Status = "new"
        self.opened: str | None = None
        self.subject = ""
        self.channel = ""
        self.account: str | None = None
        self.contact: str | None = None
        self.product: str | None = None
        self.plan: str | None = None
        self.impact: Impact | None = None
        self.follow_ups = 0
        self.known = {entry.id: entry for entry in entries}
        opening = next((e for e in entries if e.stream == root and type(e.event) is ev.TicketOpened), None)
        if opening is not None:  # known from the start: a source has rows that are dated before the creation
            self.note(opening.event, opening.id, root)
        self._ahead = sorted(
            (entry for entry in entries if entry is not opening),
            key=lambda entry: (entry.counts_at, entry.seq),
            reverse=True,
        )

    @property
    def is_over(self) -> bool:
        """Whether the source would have to reopen it: solved, closed, or gone on in a follow-up."""
        return self.status in ("solved", "closed") or self.stream != self.root

    def advance(self, at: int) -> None:
        """Goes on to the entries that the journal has up to an instant, epoch ms, included."""
        ahead = self._ahead
        while ahead and ahead[-1].counts_at <= at:
            entry = ahead.pop()
            if entry.applied:
                self.note(entry.event, entry.id, entry.stream)

    def note(self, event: Event, id: str, stream: str) -> None:
        """Goes on by one fact."""
        match event:
            case ev.TicketOpened():
                if stream == self.root and self.opened in (None, id):
                    self.opened = id
                    self.subject, self.channel = event.subject, event.channel
                    self.account, self.contact = event.account, event.contact
                    self.product, self.plan, self.impact = event.product, event.plan, event.impact
            case ev.ImpactSet():
                self.impact = event.impact
            case ev.ProductSet():
                self.product = event.product
            case ev.PlanSet():
                self.plan = event.plan
            case ev.AccountSet():
                self.account, self.contact = event.account, event.contact
            case ev.SubjectSet():
                self.subject = event.subject
            case ev.TicketFollowedUp():
                self.follow_ups += 1
                self.stream, self.status = ticket_stream(event.new), "new"
            case _ if stream == self.stream:
                self.status = next_status(self.status, event)
            case ev.TicketReopened() | ev.StatusSet() if stream == self.root:
                self.stream, self.status = stream, next_status("closed", event)
