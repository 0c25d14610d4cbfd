"""The fold and the rulings of a ticket (spec events.md 4, sync.md 1)."""

from __future__ import annotations

import pytest

from console.domain import events as ev
from console.domain.events import Event, Offered, offer
from console.domain.ticket import Ticket, desk_ruling, fold, ruling, who
from tests.story import Story


def folded(story: Story) -> Ticket:
    ticket = fold(story.entries)
    assert ticket is not None
    return ticket


def offered(event: Event, expect: str | None = None) -> Offered:
    return offer(event, id="x", stream="ticket:t-1", at=0, device="d", dseq=1, expect=expect)


def test_a_stream_without_an_opening_is_no_ticket() -> None:
    story = Story()
    story.customer("2026-03-02 09:00")
    assert fold(story.entries) is None


@pytest.mark.parametrize(
    ("statuses", "after_message"),
    [(["pending"], "open"), (["on_hold"], "open"), (["solved"], "open"), (["solved", "closed"], "closed"), ([], "new")],
)
def test_a_customers_message_reopens_pending_on_hold_and_solved(statuses: list[str], after_message: str) -> None:
    story = Story("2026-03-02 09:00")
    for hour, status in enumerate(statuses, start=10):
        story.status(f"2026-03-02 {hour}:00", status)
    story.customer("2026-03-02 15:00")
    assert folded(story).status == after_message


def test_void_entries_change_nothing_but_stay() -> None:
    story = Story("2026-03-02 09:00")
    story.tell("2026-03-02 10:00", ev.TicketAssigned(to="Jon"), effect="void: Ana had it already")
    assert folded(story).assignee is None
    assert story.entries[1].void_reason == "Ana had it already"


def test_registers_show_the_last_and_mark_a_concurrent_overwrite() -> None:
    story = Story("2026-03-02 09:00")
    seen = story.tell("2026-03-02 10:00", ev.SubjectSet(subject="first"))
    story.tell("2026-03-02 10:01", ev.SubjectSet(subject="Ana's"), base=seen.id)
    assert folded(story).overwrote == ()
    story.tell("2026-03-02 10:02", ev.SubjectSet(subject="Jon's"), base=seen.id)
    assert (folded(story).subject, folded(story).overwrote) == ("Jon's", ("subject",))


def test_unknown_events_are_kept_and_mark_the_ticket() -> None:
    story = Story("2026-03-02 09:00")
    story.tell("2026-03-02 10:00", ev.UnknownEvent(name="ticket.teleported", raw=b'{"to":"mars"}'))
    assert folded(story).needs_newer_app
    assert story.entries[1].payload == b'{"to":"mars"}'


def test_merged_and_spam_tickets_leave_the_queue() -> None:
    for event in (ev.TicketMerged(into="t-2"), ev.MarkedSpam()):
        story = Story("2026-03-02 09:00")
        story.tell("2026-03-02 10:00", event)
        assert not folded(story).is_open


def test_an_import_names_its_own_actor() -> None:
    story = Story("2026-03-02 09:00")
    entry = story.tell("2026-03-02 10:00", ev.TicketSolved(extra={"actor": "user 21"}), actor="import")
    assert who(entry) == "user 21"


def test_taking_needs_nobody_to_have_it() -> None:
    story = Story("2026-03-02 09:00")
    take = offered(ev.TicketAssigned(to="Mara"), expect="unassigned")
    assert ruling(folded(story), take) is None
    story.tell("2026-03-02 10:00", ev.TicketAssigned(to="Ana"))
    assert ruling(folded(story), take) == "Not taken: Ana had it already."


def test_solving_needs_the_last_customer_message_to_have_been_seen() -> None:
    story = Story("2026-03-02 09:00")
    seen = story.customer("2026-03-02 10:00")
    assert ruling(folded(story), offered(ev.TicketSolved(), expect=seen.id)) is None
    story.customer("2026-03-02 11:00")
    assert ruling(folded(story), offered(ev.TicketSolved(), expect=seen.id)) is not None


@pytest.mark.parametrize(
    ("statuses", "event", "allowed"),
    [
        ([], ev.TicketReopened(), False),
        (["solved"], ev.TicketReopened(), True),
        (["solved", "closed"], ev.TicketReopened(), False),
        (["solved"], ev.TicketSolved(), False),
        (["solved"], ev.TicketClosed(), True),
        (["solved", "closed"], ev.TicketClosed(), False),
        (["solved"], ev.TicketMerged(into="t-2"), False),
        ([], ev.TicketMerged(into="t-2"), True),
        ([], ev.TicketOpened(by="customer", channel="email", subject="again"), False),
    ],
)
def test_guards(statuses: list[str], event: Event, allowed: bool) -> None:
    story = Story("2026-03-02 09:00")
    for hour, status in enumerate(statuses, start=10):
        story.status(f"2026-03-02 {hour}:00", status)
    assert (ruling(folded(story), offered(event)) is None) is allowed


def test_nothing_happens_to_a_ticket_that_is_not_there() -> None:
    assert ruling(None, offered(ev.TicketSolved())) == "There is no such ticket."


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("closed", ev.MessageSent(body="hello", public=True)),
        ("closed", ev.StatusSet(status="open")),
        ("pending", ev.StatusSet(status="pending")),
    ],
)
def test_the_desk_refuses_what_it_knows_to_be_useless(status: str, event: Event) -> None:
    story = Story("2026-03-02 09:00")
    story.status("2026-03-02 10:00", status)
    assert desk_ruling(folded(story), offered(event)) is not None
    assert ruling(folded(story), offered(event)) is None
