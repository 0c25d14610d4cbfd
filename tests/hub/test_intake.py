"""Reports of services against a real database: each fact once, in the right ticket, within what the service sees."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from console.channels.reports import ReportError, read_report
from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import imported_id, ticket_stream
from console.domain.pro import fold as fold_pro
from console.hub.database import service_engine
from console.hub.delivery import Delivery
from console.hub.intake import Intake, NotYours, ReportConflict, Taken
from console.hub.log import HubLog
from console.hub.people import People
from console.hub.placing import NotPlaced

from .dying import SENDER, CountedDrop, Dying
from .facts import MINUTE, MONDAY, new_id, opened, sent
from .reporting import DAY, MESSAGE, PURCHASE, Service
from .running import HubThread, bearer, client, enrol


def test_a_message_opens_a_ticket_as_one_act(service: Service) -> None:
    taken = service.message(subject="Labs do not start", account="Riverside", product="classroom", impact="high")
    assert (taken.outcome, taken.number) == ("opened", 10_001)
    first, second = service.entries(ticket_stream(taken.ticket))
    assert first.act is not None
    assert first.act == second.act
    assert (first.actor, second.id) == ("Gateway", taken.entry)
    ticket = service.ticket(taken.ticket)
    assert (ticket.subject, ticket.account, ticket.contact) == (
        "Labs do not start",
        "Riverside",
        "maria@riverside.example",
    )
    assert (ticket.by, ticket.channel, ticket.impact, ticket.status) == ("customer", "email", "high", "new")


def test_the_same_report_again_is_the_same_entries_and_gets_the_same_answer(service: Service) -> None:
    report = service.report(MESSAGE, received_at=MONDAY - MINUTE)
    taken = service.take(report)
    head = service.log.head().seq
    service.clock.now += DAY
    assert service.take(report) == taken
    assert service.take({**report, "received_at": MONDAY}) == taken
    assert service.log.head().seq == head


def test_the_same_external_id_with_other_content_is_a_conflict(service: Service) -> None:
    report = service.report(MESSAGE)
    taken = service.take(report)
    with pytest.raises(ReportConflict, match="other content"):
        service.take({**report, "body": "Something else."})
    assert service.bodies(taken.ticket) == ["The labs do not start."]


def test_two_sources_may_use_the_same_external_id(service: Service) -> None:
    one, other = service.message(external_id="1", source="a"), service.message(external_id="1", source="b")
    assert one.ticket != other.ticket


def test_a_message_counts_when_our_side_first_held_it(service: Service) -> None:
    held = service.message(received_at=MONDAY - 5 * MINUTE)
    assert service.entries(ticket_stream(held.ticket))[-1].counts_at == MONDAY - 5 * MINUTE
    unsaid = service.message()
    assert service.entries(ticket_stream(unsaid.ticket))[-1].counts_at == MONDAY
    of_tomorrow = service.message(received_at=MONDAY + DAY)
    assert service.entries(ticket_stream(of_tomorrow.ticket))[-1].counts_at == MONDAY


def test_an_answer_finds_its_ticket_by_our_message_id(service: Service, tmp_path: Path) -> None:
    worker = Delivery(
        service.engine, service.log, service.people, CountedDrop(tmp_path), sender=SENDER, clock=service.clock
    )
    with worker.leading() as leader:
        assert leader is not None
        first = service.message(message_id="<first@riverside.example>")
        reply = service.ana.say(sent("Please try again."), first.ticket).id
        while worker.turn(leader):
            pass
    mail = (tmp_path / "out" / f"{reply}.eml").read_text()
    assert "In-Reply-To: <first@riverside.example>\n" in mail
    assert "References: <first@riverside.example>\n" in mail
    for header in (
        {"in_reply_to": f"<{reply}@hub.example>"},
        {"references": ["<x@y>", f"<{reply}@hub.example> <z@y>"]},
    ):
        again = service.message(body=json.dumps(header), **header)
        assert (again.ticket, again.outcome) == (first.ticket, "added")


def test_a_customer_who_adds_to_their_own_message_stays_in_its_ticket(service: Service) -> None:
    first = service.message(message_id="<first@riverside.example>")
    again = service.message(in_reply_to="<first@riverside.example>")
    assert again.ticket == first.ticket


def test_an_answer_finds_its_ticket_by_the_number_in_the_subject(service: Service) -> None:
    first = service.message()
    assert service.message(subject=f"AW: Labs [#{first.number}]").ticket == first.ticket
    assert service.message(subject="AW: Labs [#99999]").ticket != first.ticket


def test_a_number_counts_from_whoever_takes_part_in_its_ticket_under_any_name(service: Service) -> None:
    first = service.message(**{"from": "Maria Silva <Maria@Riverside.example>"})
    service.message(subject=f"[#{first.number}]", **{"from": "maria@riverside.example"})
    assert len(service.bodies(first.ticket)) == 2
    phoned = new_id()
    number = service.ana.say(opened(contact="Joe <joe@harbour.example>"), phoned).number
    assert service.message(subject=f"[#{number}]", **{"from": "joe@harbour.example"}).ticket == phoned


@pytest.mark.parametrize("sender", ["eve@evil.example", "maria@riverside.example.evil.example", None])
def test_a_number_from_anybody_else_opens_a_ticket_that_is_linked_to_the_one_it_names(
    service: Service, sender: str | None
) -> None:
    first = service.message(subject="Labs do not start")
    other = service.message(subject=f"RE: Labs do not start [#{first.number}]", **{"from": sender})
    assert other.outcome == "opened"
    assert service.bodies(first.ticket) == ["The labs do not start."]
    assert service.ticket(other.ticket).links == (first.ticket,)
    again = service.message(subject=f"RE: [#{first.number}] [#{other.number}]", **{"from": sender})
    assert (again.ticket == other.ticket) == (sender is not None), "who opened it takes part in it"


def test_a_stranger_who_names_a_closed_ticket_opens_no_follow_up_of_it(service: Service) -> None:
    first = service.message()
    service.close(first.ticket)
    other = service.message(subject=f"[#{first.number}]", **{"from": "eve@evil.example"})
    assert other.outcome == "opened"
    assert service.ticket(first.ticket).followed_up_by is None


def test_no_link_tells_those_who_do_not_see_it_of_a_restricted_ticket(service: Service) -> None:
    service.people.grant("Gateway", "restricted:breach")
    first = service.message(restricted="breach")
    other = service.message(subject=f"[#{first.number}]", **{"from": "eve@evil.example"})
    assert service.ticket(other.ticket).links == ()


def test_a_message_finds_its_ticket_by_its_name_elsewhere(service: Service) -> None:
    ticket = new_id()
    service.ana.say(opened(external_ref="4711"), ticket)
    assert service.message(external_ref="4711").ticket == ticket
    new = service.message(external_ref="4712")
    assert new.outcome == "opened"
    assert service.message(external_ref="4712").ticket == new.ticket


def test_a_message_to_a_merged_ticket_goes_to_the_one_that_survived(service: Service) -> None:
    away, stays = service.message(), service.message()
    assert service.ana.say(ev.TicketMerged(into=stays.ticket), away.ticket).effect == "applied"
    assert service.message(subject=f"[#{away.number}]").ticket == stays.ticket


def test_a_message_reopens_a_solved_ticket(service: Service) -> None:
    first = service.message()
    service.ana.say(ev.TicketSolved(), first.ticket)
    assert service.message(subject=f"[#{first.number}]").ticket == first.ticket
    assert service.ticket(first.ticket).status == "open"


def test_a_message_to_a_closed_ticket_opens_a_follow_up_as_one_act(service: Service) -> None:
    first = service.message(subject="Labs do not start", account="Riverside")
    service.close(first.ticket)
    follow = service.message(subject=f"[#{first.number}]", body="It is back.")
    assert (follow.outcome, follow.ticket != first.ticket) == ("followed_up", True)
    assert service.ticket(first.ticket).followed_up_by == follow.ticket
    new = service.ticket(follow.ticket)
    assert (new.subject, new.account, new.links) == ("Follow-up: Labs do not start", "Riverside", (first.ticket,))
    assert service.bodies(follow.ticket) == ["It is back."]
    acts = {
        e.act
        for e in (*service.entries(ticket_stream(follow.ticket)), service.entries(ticket_stream(first.ticket))[-1])
    }
    assert len(acts) == 1
    assert service.message(subject=f"[#{first.number}]").ticket == follow.ticket


def test_the_follow_up_of_a_restricted_ticket_is_as_restricted(service: Service) -> None:
    service.people.grant("Gateway", "restricted:breach")
    first = service.message(restricted="breach")
    service.close(first.ticket)
    follow = service.message(subject=f"[#{first.number}]")
    assert service.entries(ticket_stream(follow.ticket))[0].scope == "restricted:breach"


def test_a_message_that_came_while_its_ticket_was_closed_goes_on_in_a_follow_up(service: Service) -> None:
    first = service.message()
    service.intake._log = _ClosingLog(service, first.ticket)  # type: ignore[assignment]
    service.intake._writer._log = service.intake._log
    late = service.message(subject=f"[#{first.number}]", body="Wait, it is back.")
    assert late.outcome == "followed_up"
    assert service.bodies(late.ticket) == ["Wait, it is back."]


class _ClosingLog:
    """The hub's log, with an engineer who closes the ticket between the look at it and the push."""

    def __init__(self, service: Service, ticket: str) -> None:
        self._service = service
        self._left = [ticket]

    def __getattr__(self, name: str) -> Any:
        if name == "push" and self._left:
            self._service.close(self._left.pop())
        return getattr(self._service.log, name)


def test_a_purchase_is_one_act_of_ticket_and_lot(service: Service) -> None:
    taken = service.take(service.report(PURCHASE))
    (bought,) = service.entries("pro:Harbour Ltd")
    opening = service.entries(ticket_stream(taken.ticket))[0]
    assert isinstance(bought.event, pe.LotBought)
    assert (bought.event.ticket, bought.event.seconds, bought.event.bought_at) == (taken.ticket, 7200, MONDAY)
    assert bought.act == opening.act is not None
    assert (service.ticket(taken.ticket).by, service.ticket(taken.ticket).account) == ("purchase", "Harbour Ltd")


def test_a_purchase_that_is_reported_twice_is_one_lot_and_one_ticket(service: Service) -> None:
    taken = service.take(service.report(PURCHASE))
    again = service.take(service.report(PURCHASE))
    assert (again.ticket, again.entry, again.outcome) == (taken.ticket, taken.entry, "known")
    assert list(fold_pro(service.entries("pro:Harbour Ltd")).lots) == ["PO-1"]
    assert again.ticket == imported_id("purchase", "PO-1"), "as at a workstation"


def test_an_alert_opens_one_urgent_ticket_until_it_is_over(service: Service) -> None:
    alert = {"kind": "alert", "source": "watch", "alert": "disk-full", "summary": "Disk full on db1"}
    first = service.take(service.report(alert))
    assert service.ticket(first.ticket).impact == "urgent"
    assert service.take(service.report(alert)).ticket == first.ticket
    resolved = service.take(service.report({"kind": "alert_resolved", "source": "watch", "alert": "disk-full"}))
    assert resolved.ticket == first.ticket
    events = [type(entry.event) for entry in service.entries(ticket_stream(first.ticket))]
    assert events == [ev.TicketOpened, ev.AlertFired, ev.AlertFired, ev.AlertResolved]
    service.ana.say(ev.TicketSolved(), first.ticket)
    assert service.take(service.report(alert)).ticket != first.ticket


def test_an_alert_that_nobody_knows_cannot_be_resolved_and_may_come_again(service: Service) -> None:
    resolved = service.report({"kind": "alert_resolved", "source": "watch", "alert": "disk-full"})
    with pytest.raises(NotPlaced, match="No ticket knows this alert"):
        service.take(resolved)
    service.take(service.report({"kind": "alert", "source": "watch", "alert": "disk-full"}))
    assert service.take(resolved).outcome == "added"


def test_a_service_reports_only_into_what_it_sees(service: Service) -> None:
    other_account = service.report({**PURCHASE, "account": "Riverside"})
    with pytest.raises(NotYours):
        service.take(other_account)
    with pytest.raises(NotYours):
        service.message(restricted="breach")
    assert service.log.head().seq == 0
    service.people.grant("Gateway", "pro:Riverside")
    assert service.take(other_account).outcome == "opened", "what was refused may come again"


def test_a_ticket_that_the_service_does_not_see_is_not_found(service: Service) -> None:
    hidden = new_id()
    service.ana.say(opened(restricted="breach", external_ref="4711"), hidden)
    for fields in ({"subject": "[#10001]"}, {"external_ref": "4711"}):
        taken = service.message(**fields)
        assert (taken.outcome, taken.ticket != hidden) == ("opened", True)


def test_a_stored_answer_is_not_told_to_whoever_may_not_see_the_ticket(service: Service) -> None:
    report = service.report(MESSAGE)
    service.take(report)
    other = enrol(service.people, "Shop", "service", "pro:*").token
    author = service.people.who(other)
    assert author is not None
    with pytest.raises(NotYours):
        service.intake.take(author, read_report(json.dumps(report).encode()))


def test_a_person_reports_nothing(service: Service) -> None:
    with pytest.raises(NotYours):
        service.intake.take(service.ana.author, read_report(json.dumps(service.report(MESSAGE)).encode()))


def test_a_message_that_is_too_large_is_refused_with_its_size_and_nothing_is_kept(service: Service) -> None:
    report = service.report(MESSAGE, body="x" * 70_000)
    with pytest.raises(NotPlaced, match="Not taken: it is 68 KiB, the limit is 64 KiB"):
        service.take(report)
    assert service.take({**report, "body": "Shorter."}).outcome == "opened"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"body": None}, "`$.body`"),
        ({"external_id": ""}, "`$.external_id`"),
        ({"external_id": "a\0b"}, "`$.external_id`"),
        ({"received_at": "2026-10-13"}, "`$.received_at`"),
        ({"boddy": "x"}, "unknown field `boddy`"),
        ({"kind": "gossip"}, "'gossip'"),
    ],
)
def test_what_is_wrong_with_a_report_is_said_in_one_sentence(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(ReportError) as told:
        read_report(json.dumps({"external_id": "1", **MESSAGE, **fields}).encode())
    assert why in told.value.sentence
    assert told.value.sentence.startswith("The report is malformed: ")


def test_hostile_text_is_data(service: Service) -> None:
    taken = service.message(
        subject="\0\r\nBcc: x [#99999999999999999999]", body="\0", message_id="<\0@x>", references=["<a b>", "<" * 5000]
    )
    assert service.bodies(taken.ticket) == ["\0"]


Everywhere = Callable[[list[dict[str, Any]]], list[Taken]]


@pytest.fixture
def everywhere(service: Service, url: str) -> Iterator[Everywhere]:
    """Takes reports in two processes' worth of connections and four threads at once."""
    engines = [service_engine(url) for _ in range(2)]
    processes = [
        Intake(each, HubLog(each, clock=service.clock), People(each, clock=service.clock), clock=service.clock)
        for each in engines
    ]

    def take(reports: list[dict[str, Any]]) -> list[Taken]:
        answers: list[Taken] = []

        def work(intake: Intake, mine: list[dict[str, Any]]) -> None:
            answers.extend(intake.take(service.author, read_report(json.dumps(report).encode())) for report in mine)

        threads = [threading.Thread(target=work, args=(processes[at % 2], reports[at::4])) for at in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(answers) == len(reports)
        return answers

    yield take
    for each in engines:
        each.dispose()


def test_reports_to_two_processes_at_once_become_one_ticket_each(service: Service, everywhere: Everywhere) -> None:
    reports = [service.report(MESSAGE, subject=f"Number {count}") for count in range(8)]
    assert len({answer.ticket for answer in everywhere(reports * 3)}) == 8
    assert service.log.head().seq == 16


def test_one_alert_that_is_reported_by_many_at_once_opens_one_ticket(service: Service, everywhere: Everywhere) -> None:
    alert = {"kind": "alert", "source": "watch", "alert": "disk-full", "summary": "Disk full on db1"}
    answers = everywhere([service.report(alert) for _ in range(16)])
    assert len({answer.ticket for answer in answers}) == 1
    assert sorted(answer.outcome for answer in answers) == ["added"] * 15 + ["opened"]


@pytest.fixture
def dying(url: str, service: Service, tmp_path: Path) -> Iterator[Dying]:
    with Dying(url, tmp_path) as process:
        yield process


@pytest.mark.parametrize("kind", ["message", "follow-up", "purchase"])
def test_killed_between_any_two_steps_a_repeat_records_it_once(service: Service, dying: Dying, kind: str) -> None:
    step, repeats = 0, 0
    while True:
        step += 1
        report = service.report(MESSAGE, subject=f"Step {step}")
        if kind == "follow-up":
            old = service.message()
            service.close(old.ticket)
            report["subject"] = f"[#{old.number}]"
        elif kind == "purchase":
            report = service.report(PURCHASE, purchase_id=f"PO-{step}")
        died = dying.dies_at(step, now=MONDAY, report=report, token=service.token)
        before = service.log.head().seq
        taken = service.take(report)
        assert service.take(report) == taken
        repeats += service.log.head().seq == before
        entries = service.entries(ticket_stream(taken.ticket))
        assert taken.outcome == ("followed_up" if kind == "follow-up" else "opened")
        assert [entry.effect for entry in entries] == ["applied"] * {"message": 2, "follow-up": 3, "purchase": 1}[kind]
        assert kind == "purchase" or len(service.bodies(taken.ticket)) == 1
        if not died:
            break
    if kind == "purchase":
        assert len(service.entries("pro:Harbour Ltd")) == step
    assert step > 5
    assert repeats > 1
    with service.engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM intake WHERE answer IS NULL")) == 0


def test_a_service_reports_over_http(hub_server: HubThread) -> None:
    gateway, ana = hub_server.enrol("Gateway", "service", "desk"), hub_server.enrol("Ana")
    report = {"external_id": "1", **MESSAGE}
    with client(hub_server.url, gateway) as http:
        answer = http.post("/v1/intake", json=report)
        assert answer.status_code == 200
        assert answer.json()["number"] == 10_001
        assert http.post("/v1/intake", json=report).json() == answer.json()
        conflict = http.post("/v1/intake", json={**report, "body": "Other."})
        assert (conflict.status_code, conflict.json()["type"]) == (409, "/problems/report-conflict")
        wrong = http.post("/v1/intake", json={**report, "external_id": 5})
        assert wrong.status_code == 422
        assert wrong.json()["detail"] == "The report is malformed: expected `str`, got `int` - at `$.external_id`."
        purchase = {"external_id": "2", **PURCHASE, "bought_at": MONDAY}
        assert http.post("/v1/intake", json=purchase).status_code == 404
        assert (
            http.post("/v1/intake", content=b"{" * 300_000, headers={"Content-Type": "application/json"}).status_code
            == 413
        )
        assert http.post("/v1/intake", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
        assert http.post("/v1/intake", json=report, headers=bearer(ana.token)).status_code == 404
        assert http.post("/v1/intake", json=report, headers=bearer("sc_unknown")).status_code == 401
        paths = http.get("/v1/openapi.json").json()["paths"]
        assert len(paths["/v1/intake"]["post"]["requestBody"]["content"]["application/json"]["schema"]["oneOf"]) == 4
