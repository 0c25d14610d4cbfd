"""A service that reports to a hub, for the tests of the intake: what it reports, and what becomes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from console.channels.reports import read_report
from console.domain import events as ev
from console.domain.events import Entry, ticket_stream
from console.domain.push import Author
from console.domain.ticket import Ticket, fold
from console.hub.intake import Intake, Taken
from console.hub.log import HubLog
from console.hub.people import People
from console.wire.messages import entry_of

from .facts import MINUTE, MONDAY, Clock, Workstation
from .running import enrol

DAY = 24 * 60 * MINUTE
MESSAGE = {"kind": "message", "source": "gateway", "body": "The labs do not start.", "from": "maria@riverside.example"}
PURCHASE = {
    "kind": "purchase",
    "source": "shop",
    "purchase_id": "PO-1",
    "account": "Harbour Ltd",
    "seconds": 7200,
    "period_end": MONDAY + 30 * DAY,
}


class Service:
    """A service with a token, and an engineer who sees everything that it does."""

    def __init__(self, engine: Engine, log: HubLog, people: People, clock: Clock, *scopes: str) -> None:
        self.engine = engine
        self.log = log
        self.people = people
        self.clock = clock
        self.intake = Intake(engine, log, people, clock=clock)
        self.token = enrol(people, "Gateway", "service", *scopes, device="gateway").token
        self.ana = Workstation(log, people, "Ana", "lead", ["restricted:breach"])
        self._count = 0

    @property
    def author(self) -> Author:
        author = self.people.who(self.token)
        assert author is not None
        return author

    def report(self, base: dict[str, Any], **fields: Any) -> dict[str, Any]:
        self._count += 1
        return {"external_id": f"ext-{self._count}", **base, **fields}

    def take(self, report: dict[str, Any]) -> Taken:
        return self.intake.take(self.author, read_report(json.dumps(report).encode()))

    def message(self, **fields: Any) -> Taken:
        return self.take(self.report(MESSAGE, **fields))

    def entries(self, stream: str) -> list[Entry]:
        return [entry_of(entry) for entry in self.log.stream(self.ana.author, stream) or ()]

    def ticket(self, id: str) -> Ticket:
        ticket = fold(self.entries(ticket_stream(id)))
        assert ticket is not None
        return ticket

    def bodies(self, id: str) -> list[str]:
        events = (entry.event for entry in self.entries(ticket_stream(id)))
        return [event.body for event in events if isinstance(event, ev.MessageReceived)]

    def close(self, id: str) -> None:
        assert self.ana.say(ev.TicketClosed(), id).effect == "applied"


@pytest.fixture
def service(engine: Engine, log: HubLog, people: People, clock: Clock) -> Service:
    return Service(engine, log, people, clock, "desk", "pro:Harbour Ltd")
