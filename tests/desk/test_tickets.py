"""Acts and questions through the desk, on a real journal."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from console.desk import Desk
from console.desk.tickets import AmbiguousTicket, TicketNotFound
from console.domain.errors import ConsoleError
from console.domain.events import MessageSent, TicketOpened
from console.settings import Workspace
from tests.desk.conftest import Now
from tests.story import ms


def opened(desk: Desk, subject: str = "Sign-in loop", **facts: str) -> str:
    facts = {"by": "customer", "contact": "Dana", "product": "CAS", "plan": "Standard", "impact": "high", **facts}
    return desk.tickets.open(subject, **facts).entries[0].stream.partition(":")[2]  # type: ignore[arg-type]


def test_a_reply_meets_first_reply_and_opens_the_ticket(desk: Desk, now: Now) -> None:
    ticket = opened(desk)
    now.to("2026-03-02 16:00")
    receipt = desk.tickets.reply(ticket, "Which pools loop?", public=True)
    assert receipt.refused is None
    view = desk.tickets.view(ticket)
    assert view.ticket.status == "open"
    assert [(c.metric, c.state) for c in view.clocks] == [("first_reply", "fulfilled"), ("periodic_update", "running")]
    assert len({entry.act for entry in receipt.entries}) == 1


def test_a_note_leaves_clocks_and_status_alone(desk: Desk) -> None:
    ticket = opened(desk)
    desk.tickets.reply(ticket, "Looks like DNS.", public=False)
    view = desk.tickets.view(ticket)
    assert (view.ticket.status, view.clocks[0].state) == ("new", "running")
    assert [item.kind for item in view.items if item.kind == "note"] == ["note"]


@pytest.mark.parametrize("public", [True, False])
def test_equal_words_leave_different_hashes(desk: Desk, public: bool) -> None:
    ticket = opened(desk)
    sent = [desk.tickets.reply(ticket, "Try this.", public=public).entries[0].event for _ in range(2)]
    salts = {event.salt for event in sent if isinstance(event, MessageSent)}
    assert len(salts) == 2
    assert all(salt is not None and len(urlsafe_b64decode(f"{salt}==")) == 16 for salt in salts)


def test_equal_subjects_leave_different_hashes(desk: Desk) -> None:
    events = [desk.tickets.open("Password reset", contact="Dana Kim").entries[0].event for _ in range(2)]
    assert len({event.salt for event in events if isinstance(event, TicketOpened)} - {None}) == 2


def test_taking_twice_is_refused_with_who_has_it(desk: Desk) -> None:
    ticket = opened(desk)
    assert desk.tickets.take(ticket).refused is None
    assert desk.tickets.take(ticket).refused == "Not taken: Mara Okafor had it already."


def test_solving_after_an_unseen_message_is_refused(desk: Desk) -> None:
    ticket = opened(desk)
    seen = desk.tickets.view(ticket).ticket.last_customer_message
    assert desk.tickets.set_status(ticket, "solved", seen="an older message").refused is not None
    assert desk.tickets.set_status(ticket, "solved", seen=seen).refused is None
    assert desk.tickets.view(ticket).row.is_open is False


def test_open_on_a_solved_ticket_reopens_it(desk: Desk) -> None:
    ticket = opened(desk)
    desk.tickets.set_status(ticket, "solved")
    assert desk.tickets.set_status(ticket, "open").refused is None
    assert desk.tickets.view(ticket).ticket.status == "open"


def test_an_empty_text_and_an_unknown_ticket_are_said_in_words(desk: Desk) -> None:
    with pytest.raises(ConsoleError, match="empty"):
        desk.tickets.reply(opened(desk), "  \n", public=True)
    assert desk.tickets.reply("no-such-id", "hello", public=True).refused == "There is no such ticket."
    with pytest.raises(TicketNotFound):
        desk.tickets.view("no-such-id")


def test_a_ticket_answers_to_number_and_start_of_id_and_says_when_it_is_ambiguous(desk: Desk) -> None:
    ticket = opened(desk)
    number = desk.tickets.view(ticket).ticket.number
    assert desk.tickets.find(f"#{number}") == desk.tickets.find(str(number)) == desk.tickets.find(ticket[:20]) == ticket
    opened(desk, "Another")
    with pytest.raises(AmbiguousTicket) as error:
        desk.tickets.find("01")
    assert len(error.value.candidates) == 2
    with pytest.raises(TicketNotFound):
        desk.tickets.find("nothing like it")


def test_explaining_the_past_leaves_later_entries_out(desk: Desk, now: Now) -> None:
    ticket = opened(desk)
    first = now()
    now.to("2026-03-02 16:00")
    desk.tickets.reply(ticket, "Answer", public=True)
    assert desk.tickets.explain(ticket, as_of=first + 1).clocks[0].state == "running"
    with pytest.raises(TicketNotFound, match="not open yet"):
        desk.tickets.explain(ticket, as_of=first - 1)


def test_the_queue_of_an_instant_equals_the_queue_that_was_kept(desk: Desk, now: Now) -> None:
    for hour in range(15, 19):
        now.to(f"2026-03-02 {hour}:00")
        ticket = opened(desk, f"Ticket of {hour}", impact=["urgent", "high", "normal", "low"][hour - 15])
        if hour % 2:
            desk.tickets.reply(ticket, "Answer", public=True)
            desk.tickets.set_status(ticket, "pending")
    assert desk.queue.listing(as_of=now()) == desk.queue.listing()
    assert len(desk.queue.listing(as_of=now() - 3_600_000)) == 3


def test_own_guidelines_answer_and_change_nothing_that_is_kept(
    desk: Desk, workspace: Workspace, now: Now, tmp_path: Path
) -> None:
    opened(desk)
    kept = desk.queue.listing()
    desk.close()
    own = tmp_path / "own.toml"
    own.write_text(
        'name = "Own"\nversion = 1\nin_force_from = 2020-01-01\n[[target]]\nproduct = "CAS"\nplan = "Standard"\n'
        'impact = "high"\nmetric = "first_reply"\nseconds = 60\ncover = "24/7"\n'
    )
    with Desk.open(workspace, clock=now, guidelines=own) as asked:
        assert asked.queue.listing()[0].target_seconds == 60
        assert asked.tickets.explain(asked.queue.listing()[0].ticket).clocks[0].target_seconds == 60
    with Desk.open(workspace, clock=now) as again:
        assert again.queue.listing() == kept


def test_a_ticket_whose_deadline_no_calendar_reaches_stays_in_every_queue_without_a_clock(
    desk: Desk, workspace: Workspace, now: Now, tmp_path: Path
) -> None:
    opened(desk, "Today")
    now.to("2199-12-31 15:00")
    opened(desk, "At the end of time")
    desk.close()
    own = tmp_path / "own.toml"
    own.write_text(
        'version = 1\n[[target]]\nproduct = "CAS"\nplan = "Standard"\nimpact = "high"\nmetric = "first_reply"\n'
        'seconds = 157680000\ncover = "24/7"\n'
    )
    for clock in (now, Now("2026-03-02 16:00")):
        with Desk.open(workspace, clock=clock, guidelines=own) as asked:
            rows = {row.subject: row.due_at for row in asked.queue.listing()}
            assert rows == {"Today": ms("2031-03-01 15:00"), "At the end of time": None}
            assert len(asked.queue.listing(as_of=ms("2199-12-31 16:00"))) == 2


def test_drafts_survive_and_an_empty_one_is_gone(desk: Desk, workspace: Workspace) -> None:
    ticket = opened(desk)
    desk.drafts.save(ticket, "reply", "Hi Dana,")
    desk.drafts.save(ticket, "note", "check DNS")
    desk.close()
    with Desk.open(workspace) as again:
        assert again.drafts.load(ticket) == {"reply": "Hi Dana,", "note": "check DNS"}
        again.drafts.save(ticket, "note", " ")
        assert again.drafts.load(ticket) == {"reply": "Hi Dana,"}
        assert again.drafts.all_ids() == {ticket}


def test_the_badge_counts_my_breached_tickets(desk: Desk, now: Now) -> None:
    mine, _ = opened(desk), opened(desk, "Somebody else's")
    desk.tickets.take(mine)
    assert desk.queue.mine_breached() == 0
    now.to("2026-03-03 15:00")
    assert desk.queue.mine_breached() == 1


def test_tomorrow_is_the_policys_midnight(desk: Desk, now: Now) -> None:
    now.to("2026-03-08 06:30")  # 01:30 in New York on the day the clocks go forward
    assert desk.queue.tomorrow(now()) - now() == 21.5 * 3_600_000
