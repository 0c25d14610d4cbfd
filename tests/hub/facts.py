"""Small facts for the tests of the hub: a clock that is set by hand, and workstations that push and pull."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from console.domain import events as ev
from console.domain.access import Role
from console.domain.events import Event, Offered, offer, ticket_stream
from console.domain.push import Author
from console.domain.stamp import GENESIS
from console.hub.log import HubLog
from console.hub.people import People
from console.wire.messages import Page, Pull, Push, Pushed, Verdict, WireEntry, wire_event

MONDAY = 1_760_356_800_000
"""Monday 13 October 2025, 12:00 UTC, epoch ms."""
MINUTE = 60_000

_ids = itertools.count(1)


class Clock:
    """A hub's clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> int:
        return self.now


def new_id() -> str:
    """A UUIDv7 that no other call of this process returns."""
    return f"0199dd5e-a000-7000-8000-{next(_ids):012x}"


def opened(subject: str = "Cannot log in", **fields: Any) -> ev.TicketOpened:
    return ev.TicketOpened(**{"by": "customer", "channel": "email", "subject": subject, **fields})


def sent(body: str) -> ev.MessageSent:
    return ev.MessageSent(body=body, public=True)


class Workstation:
    """What a workstation knows of itself: who it is, the `dseq` it gave, and where its log stands.

    `author` is asked of the hub for its token as the HTTP half does.
    """

    def __init__(self, log: HubLog, people: People, person: str, role: Role = "engineer", grants: Sequence[str] = ()):
        self.log = log
        self.people = people
        enrolled = people.redeem(people.enrol(person, role, grants), "laptop")
        self.token = enrolled.token
        self.device = enrolled.device
        self.dseq = 0
        self.answered = 0
        self.epoch = log.head().epoch
        self.cursor = 0
        self.chain = GENESIS
        self.scopever = log.welcome(person).scopever

    @property
    def author(self) -> Author:
        author = self.people.who(self.token)
        assert author is not None
        return author

    def write(self, event: Event, ticket: str | None = None, *, stream: str | None = None, **fields: Any) -> Offered:
        """A new own event, not pushed yet."""
        self.dseq += 1
        named = {"id": new_id(), "at": MONDAY, "device": self.device, "dseq": self.dseq, **fields}
        return offer(event, stream=stream or ticket_stream(ticket or new_id()), **named)

    def asking(self, events: Sequence[Offered], *, base_dseq: int | None = None) -> Push:
        return Push(
            device=self.device,
            epoch=self.epoch,
            base_dseq=self.answered if base_dseq is None else base_dseq,
            events=tuple(wire_event(event) for event in events),
        )

    def push(self, *events: Offered, base_dseq: int | None = None) -> Pushed:
        pushed = self.log.push(self.author, self.asking(events, base_dseq=base_dseq))
        self.answered = max(self.answered, *(event.dseq for event in events))
        return pushed

    def say(self, event: Event, ticket: str, **fields: Any) -> Verdict:
        """Writes and pushes one event."""
        (verdict,) = self.push(self.write(event, ticket, **fields)).verdicts
        return verdict

    def page(self, limit: int = 1000) -> Page:
        """Pulls one page and goes on to its end."""
        asked = Pull(after=self.cursor, chain=self.chain, epoch=self.epoch, scopever=self.scopever, limit=limit)
        page = self.log.pull(self.author, asked)
        self.cursor, self.chain = page.next, page.chain
        return page

    def pull(self, limit: int = 1000) -> list[WireEntry]:
        """Pulls until the head."""
        entries: list[WireEntry] = []
        while True:
            page = self.page(limit)
            entries += page.entries
            if page.next == page.head:
                return entries
