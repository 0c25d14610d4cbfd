"""Automatic mails in the intake: bounces and automatic replies say what became of our message, and open nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from console.channels.reports import read_report
from console.domain import events as ev
from console.domain.events import ticket_stream
from console.hub import outbox
from console.hub.delivery import Delivery
from console.hub.intake import Taken
from console.hub.people import People
from console.hub.placing import NotPlaced

from .dying import SENDER, CountedDrop
from .facts import sent
from .reporting import MESSAGE, Service
from .running import enrol


class Mailed:
    """A reply that went out, and the service that hears of it."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service = service
        self.worker = Delivery(
            service.engine, service.log, service.people, CountedDrop(folder), sender=SENDER, clock=service.clock
        )
        self.work()
        self.ticket = service.message().ticket
        self.reply = service.ana.say(sent("Please try again."), self.ticket).id
        service.ana.say(ev.TicketSolved(), self.ticket)
        self.work()

    def work(self) -> None:
        with self.worker.leading() as leader:
            assert leader is not None
            while self.worker.turn(leader):
                pass

    def automatic(self, **fields: Any) -> Taken:
        """An automatic mail that answers the reply."""
        return self.service.message(in_reply_to=f"<{self.reply}@hub.example>", **fields)

    def told(self) -> list[str]:
        """What the log says of the reply."""
        events = [entry.event for entry in self.service.entries(ticket_stream(self.ticket))]
        return [e.state for e in events if isinstance(e, ev.MessageDelivery) and e.message == self.reply]

    def state(self) -> tuple[str, str | None]:
        (found,) = outbox.listed(self.service.engine, ("accepted", "failed", "uncertain"))
        return found.state, found.reason


@pytest.fixture
def mailed(service: Service, tmp_path: Path) -> Mailed:
    return Mailed(service, tmp_path)


def test_a_bounce_is_told_of_the_message_that_came_back_and_opens_nothing(mailed: Mailed) -> None:
    head = mailed.service.log.head().seq
    report = {
        "from": "MAILER-DAEMON@riverside.example",
        "body": "550 5.1.1 No such\nmailbox.",
        "delivery_status": "failed",
    }
    taken = mailed.automatic(**report)
    assert (taken.ticket, taken.outcome) == (mailed.ticket, "added")
    assert mailed.told() == ["accepted", "bounced"]
    assert mailed.state() == ("failed", "It came back: 550 5.1.1 No such mailbox.")
    ticket = mailed.service.ticket(mailed.ticket)
    assert (ticket.status, mailed.service.log.head().seq) == ("solved", head + 1)
    outbox.resend(mailed.service.engine, mailed.reply, by="Lea", now_ms=mailed.service.clock.now)
    mailed.work()
    assert mailed.told() == ["accepted", "bounced", "queued", "accepted"]


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"auto_submitted": "auto-replied", "body": "I am away until Monday."}, "accepted"),
        ({"auto_submitted": "auto-replied; owner-email=x@y", "subject": "Away"}, "accepted"),
        ({"auto_submitted": "auto-replied", "from": "MAILER-DAEMON@mx.example"}, "uncertain"),
        ({"auto_submitted": "auto-generated", "from": None}, "uncertain"),
        ({"delivery_status": "delayed"}, "sending"),
        ({"delivery_status": "delivered"}, "accepted"),
    ],
)
def test_an_automatic_answer_says_what_became_of_the_message_and_reopens_nothing(
    mailed: Mailed, fields: dict[str, Any], state: str
) -> None:
    mailed.automatic(**fields)
    assert mailed.told() == ["accepted", state]
    assert mailed.service.ticket(mailed.ticket).status == "solved"
    assert len(mailed.service.bodies(mailed.ticket)) == 1
    assert mailed.state() == (("uncertain", outbox.DOUBTED) if state == "uncertain" else ("accepted", None))


def test_an_automatic_answer_to_what_was_uncertain_settles_it(mailed: Mailed, owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("UPDATE deliveries SET state = 'uncertain', reason = 'Nobody knows.'"))
    mailed.automatic(auto_submitted="auto-replied")
    assert mailed.state() == ("accepted", None)


def test_a_bounce_of_a_message_on_a_closed_ticket_opens_no_follow_up(mailed: Mailed) -> None:
    mailed.service.close(mailed.ticket)
    assert mailed.automatic(delivery_status="failed").ticket == mailed.ticket
    assert mailed.service.ticket(mailed.ticket).followed_up_by is None
    assert mailed.told() == ["accepted", "bounced"]


def test_the_same_bounce_again_is_the_same_entry(mailed: Mailed) -> None:
    report = mailed.service.report(MESSAGE, in_reply_to=f"<{mailed.reply}@hub.example>", delivery_status="failed")
    taken = mailed.service.take(report)
    assert mailed.service.take(report) == taken
    assert mailed.told() == ["accepted", "bounced"]


def test_an_automatic_mail_that_answers_nothing_of_ours_opens_no_ticket(service: Service) -> None:
    first = service.message(message_id="<first@riverside.example>")
    head = service.log.head().seq
    for fields in (
        {"auto_submitted": "auto-replied", "in_reply_to": "<first@riverside.example>"},
        {"auto_submitted": "auto-generated", "subject": f"[#{first.number}]"},
        {"delivery_status": "failed", "in_reply_to": "<unknown@hub.example>"},
    ):
        with pytest.raises(NotPlaced, match="opens no ticket"):
            service.message(**fields)
    assert service.log.head().seq == head
    assert service.message(auto_submitted="no").outcome == "opened"


def test_a_bounce_of_a_message_that_the_service_does_not_see_says_nothing(mailed: Mailed, people: People) -> None:
    other = enrol(people, "Shop", "service", "restricted:other", device="shop").token
    author = people.who(other)
    assert author is not None
    report = mailed.service.report(MESSAGE, in_reply_to=f"<{mailed.reply}@hub.example>", delivery_status="failed")
    with pytest.raises(NotPlaced):
        mailed.service.intake.take(author, read_report(json.dumps(report).encode()))
    assert mailed.told() == ["accepted"]
