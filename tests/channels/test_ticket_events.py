"""How each type of row in ticket events becomes a fact (docs/import-format.md)."""

from __future__ import annotations

from typing import Any

import pytest

from console.domain import events as ev
from tests.channels.conftest import Events
from tests.channels.event_lines import MAKER, mapped, row

CREATED = row("ticket_created", seq=1)


def test_a_created_row_opens_a_ticket_by_the_customer(events: Events) -> None:
    (opened,) = events(
        row(
            "ticket_created",
            seq=1,
            actor="maria@riverside.example",
            impact="high",
            priority="low",
            subject="Labs do not start",
            customer="Riverside",
            product="classroom",
            plan="standard",
            channel="email",
            rating=5,
        )
    )
    assert opened == ev.TicketOpened(
        by="customer",
        channel="email",
        subject="Labs do not start",
        account="Riverside",
        contact="maria@riverside.example",
        product="classroom",
        plan="standard",
        impact="high",
        external_ref="T-1",
        extra={"seq": 1, "actor": "maria@riverside.example", "priority": "low", "rating": 5},
    )


@pytest.mark.parametrize(
    ("said", "by", "channel"),
    [
        ({"by": "agent"}, "engineer", "import"),
        ({"by": "engineer", "channel": "phone"}, "engineer", "phone"),
        ({"by": "customer", "channel": "alert"}, "customer", "alert"),
        ({"by": "monitoring"}, "monitoring", "monitoring"),
        ({"channel": "alert"}, "monitoring", "alert"),
        ({"channel": "purchase"}, "purchase", "purchase"),
        ({"by": "somebody"}, "customer", "import"),
        ({}, "customer", "import"),
    ],
)
def test_who_opened_a_ticket_follows_by_and_then_the_channel(
    events: Events, said: dict[str, str], by: str, channel: str
) -> None:
    (opened,) = events(row("ticket_created", **said))
    assert isinstance(opened, ev.TicketOpened)
    assert (opened.by, opened.channel) == (by, channel)


def test_a_body_at_the_creation_is_the_customers_message(events: Events) -> None:
    _, message = events(row("ticket_created", body="Help", actor="Maria"))
    assert message == ev.MessageReceived(body="Help", sender="Maria", extra={"actor": "Maria"})


@pytest.mark.parametrize("public", [True, False])
def test_a_body_of_an_agents_ticket_is_ours(events: Events, public: bool) -> None:
    _, message = events(row("ticket_created", by="agent", body="We noticed", public=public))
    assert message == ev.MessageSent(body="We noticed", public=public)


def test_the_body_of_an_alert_is_no_message_of_a_person(events: Events) -> None:
    _, message = events(row("ticket_created", by="monitoring", body="Disk full"))
    assert message == ev.MessageSent(body="Disk full", public=False, author="bot")


def test_replies_and_notes(events: Events) -> None:
    _, *told = events(
        CREATED,
        row("customer_reply", 1, actor="Maria", body="Hello?"),
        row("customer_reply", 2, **{"from": "maria@riverside.example"}),
        row("agent_reply", 3, actor="Ana", body="Here", inferred=True),
        row("agent_reply", 4, body="Hidden", public=False),
        row("agent_reply", 5, body="Automatic", by="bot"),
        row("internal_note", 6, body="Look"),
    )
    assert told == [
        ev.MessageReceived(body="Hello?", sender="Maria", extra={"actor": "Maria"}),
        ev.MessageReceived(body="", sender="maria@riverside.example"),
        ev.MessageSent(body="Here", public=True, extra={"actor": "Ana", "inferred": True}),
        ev.MessageSent(body="Hidden", public=False),
        ev.MessageSent(body="Automatic", public=True, author="bot", extra={"by": "bot"}),
        ev.MessageSent(body="Look", public=False),
    ]


def test_an_assignment_without_an_actor_was_taken_by_its_person(events: Events) -> None:
    _, *told = events(
        CREATED,
        row("assigned", 1, to="17", actor="user 21", to_group="70", **{"from": "9"}),
        row("assigned", 2, to="Ana"),
        row("assigned", 3, to_group="56"),
    )
    assert told == [
        ev.TicketAssigned(to="17", extra={"actor": "user 21", "to_group": "70", "from": "9"}),
        ev.TicketAssigned(to="Ana", extra={"actor": "Ana"}),
        ev.TicketAssigned(to=None, extra={"to_group": "56"}),
    ]


@pytest.mark.parametrize(
    ("word", "status"),
    [("open", "open"), ("pending", "pending"), ("hold", "on_hold"), ("on-hold", "on_hold"), ("On hold", "on_hold")],
)
def test_a_status_by_its_word(events: Events, word: str, status: Any) -> None:
    _, told = events(CREATED, row("status_changed", 1, to=word))
    assert told == ev.StatusSet(status=status, extra={"to": word} if word != status else None)


def test_status_words_that_are_acts(events: Events) -> None:
    _, *told = events(
        CREATED,
        row("status_changed", 1, to="solved"),
        row("status_changed", 2, to="open"),
        row("status_changed", 3, to="closed"),
        row("status_changed", 4, to="pending"),
    )
    assert [type(event) for event in told] == [
        ev.TicketSolved,
        ev.TicketReopened,
        ev.TicketClosed,
        ev.TicketReopened,
        ev.StatusSet,
    ]


def test_an_unknown_status_keeps_the_old_one_and_is_reported() -> None:
    facts, _, mapper = mapped([CREATED, row("status_changed", 1, to="unknown"), row("status_changed", 2, to="new")])
    assert [fact.offers[0].event for fact in facts[1:]] == [
        ev.FieldSet(field="status", value="unknown"),
        ev.FieldSet(field="status", value="new"),
    ]
    assert mapper.unknown_statuses == {"unknown": 1, "new": 1}


@pytest.mark.parametrize(
    ("field", "to", "event"),
    [
        ("impact", "high", ev.ImpactSet(impact="high", extra={})),
        ("impact", None, ev.ImpactSet(impact=None)),
        ("product", "cas", ev.ProductSet(product="cas")),
        ("plan", "standard", ev.PlanSet(plan="standard")),
        ("subject", "New words", ev.SubjectSet(subject="New words")),
        ("account", "Riverside", ev.AccountSet(account="Riverside")),
        ("customer", "Riverside", ev.AccountSet(account="Riverside")),
        ("priority", "2", ev.FieldSet(field="priority", value="2")),
        ("Region", "east", ev.FieldSet(field="Region", value="east")),
        ("count", 3, ev.FieldSet(field="count", value="3")),
    ],
)
def test_with_a_field_a_status_row_changes_that_field(events: Events, field: str, to: Any, event: ev.Event) -> None:
    _, told = events(CREATED, row("status_changed", 1, field=field, to=to))
    assert (type(told), ev.encode_payload(told)) == (type(event), ev.encode_payload(event).replace(b'"extra":{},', b""))


def test_impact_wins_over_priority_and_the_new_value(events: Events) -> None:
    _, *told = events(
        CREATED,
        row("priority_changed", 1, impact="low", priority="urgent", to="high"),
        row("priority_changed", 2, priority="1", to="high"),
        row("priority_changed", 3, to="High"),
    )
    assert [event.impact for event in told if isinstance(event, ev.ImpactSet)] == ["low", "urgent", "high"]


def test_only_three_kinds_of_rows_set_the_impact(events: Events) -> None:
    told = events(
        row("ticket_created", impact="low"),
        row("assigned", 1, to="Ana", impact="urgent"),
        row("solved", 2, impact="urgent"),
        row("status_changed", 3, to="open", impact="urgent"),
    )
    assert not any(isinstance(event, ev.ImpactSet) for event in told)
    assert all(event.extra and event.extra["impact"] == "urgent" for event in told[1:])


@pytest.mark.parametrize(
    ("word", "impact"),
    [
        ("urgent", "urgent"),
        ("Critical", "urgent"),
        ("1", "urgent"),
        (1, "urgent"),
        ("1 - Critical", "urgent"),
        ("high", "high"),
        ("2 - High", "high"),
        ("1 - High", "high"),
        ("normal", "normal"),
        ("medium", "normal"),
        ("3 - Moderate", "normal"),
        ("P4", "low"),
        ("low", "low"),
        ("blocker", None),
    ],
)
def test_words_for_impact(events: Events, word: Any, impact: str | None) -> None:
    (opened,) = events(row("ticket_created", impact=word))
    assert isinstance(opened, ev.TicketOpened)
    assert opened.impact == impact


def test_a_person_may_say_what_a_word_for_impact_means(events: Events) -> None:
    (opened,) = events(row("ticket_created", impact="HIGH"), impacts={"high": "urgent"})
    assert isinstance(opened, ev.TicketOpened)
    assert opened.impact == "urgent"


def test_what_was_guessed_is_told_and_what_was_said_is_not() -> None:
    rows = [row("ticket_created", ticket=f"T-{i}", impact=word) for i, word in enumerate(("medium", "x", "1", "low"))]
    _, _, mapper = mapped([*rows, row("ticket_created", ticket="T-9", impact="medium")], {"1": "high"})
    assert [(guess.word, guess.impact, guess.rows) for guess in mapper.impacts.guesses()] == [
        ("medium", "normal", 2),
        ("x", None, 1),
    ]


def test_an_unknown_word_keeps_the_impact_that_was(events: Events) -> None:
    _, told = events(row("ticket_created", impact="high"), row("priority_changed", 1, impact="blocker"))
    assert told == ev.FieldSet(field="impact", value="blocker", extra={"impact": "blocker"})


def test_a_merged_ticket_names_our_id_of_the_other(events: Events) -> None:
    _, told = events(CREATED, row("merged", 1, into="T-2"))
    assert isinstance(told, ev.TicketMerged)
    assert told.into == MAKER.ticket_id("T-2")


def test_solved_closed_and_reopened(events: Events) -> None:
    _, *told = events(
        CREATED,
        row("solved", 1, actor="Ana", **{"from": "open", "to": "solved"}),
        row("reopened", 2, to="pending"),
        row("closed", 3),
        row("reopened", 4),
    )
    assert [event.type for event in told] == [
        "ticket.solved",
        "ticket.reopened",
        "ticket.status_set",
        "ticket.closed",
        "ticket.reopened",
    ]
    assert told[0].extra == {"actor": "Ana", "from": "open", "to": "solved"}


def test_a_reply_to_a_closed_ticket_opens_a_follow_up_in_one_act() -> None:
    facts, _, _ = mapped(
        [
            row("ticket_created", subject="Labs", customer="Riverside", impact="high", actor="Maria", channel="email"),
            row("closed", 1),
            row("customer_reply", 2, body="Again", actor="Maria", seq=7),
            row("customer_reply", 3, body="Still", actor="Maria"),
            row("agent_reply", 4, body="I look"),
        ]
    )
    followed, opened, message = facts[2].offers
    root = ev.ticket_stream(MAKER.ticket_id("T-1"))
    assert isinstance(followed.event, ev.TicketFollowedUp)
    follow_up = ev.ticket_stream(followed.event.new)
    assert [offer.stream for offer in facts[2].offers] == [root, follow_up, follow_up]
    assert len({offer.act for offer in facts[2].offers}) == 1
    assert followed.act is not None
    assert message.event == ev.MessageReceived(body="Again", sender="Maria", extra={"actor": "Maria", "seq": 7})
    assert opened.event == ev.TicketOpened(
        by="customer",
        channel="email",
        subject="Follow-up: Labs",
        account="Riverside",
        contact="Maria",
        impact="high",
        external_ref="T-1/followup-1",
        extra={"actor": "Maria"},
    )
    assert [fact.offers[0].stream for fact in facts[3:]] == [follow_up, follow_up]


def test_a_closed_ticket_that_its_source_reopens_goes_on_itself() -> None:
    facts, _, _ = mapped(
        [
            CREATED,
            row("closed", 1),
            row("customer_reply", 2),
            row("status_changed", 3, to="open"),
            row("customer_reply", 4),
        ]
    )
    root = ev.ticket_stream(MAKER.ticket_id("T-1"))
    assert isinstance(facts[3].offers[0].event, ev.TicketReopened)
    assert [fact.offers[0].stream for fact in facts[3:]] == [root, root]
    assert len(facts[4].offers) == 1


def test_a_reply_to_a_closed_follow_up_opens_the_next() -> None:
    facts, _, _ = mapped(
        [
            row("ticket_created", subject="Labs"),
            row("closed", 1),
            row("customer_reply", 2),
            row("closed", 3),
            row("customer_reply", 4),
        ]
    )
    followed, opened, _ = facts[4].offers
    assert followed.stream == facts[3].offers[0].stream == facts[2].offers[1].stream
    assert isinstance(opened.event, ev.TicketOpened)
    assert (opened.event.subject, opened.event.external_ref) == ("Follow-up: Labs", "T-1/followup-2")
