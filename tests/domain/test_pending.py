"""What waits for the hub: it changes the ticket as its author sees it, and answers nobody (spec events.md 2)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from console.domain import events as ev
from console.domain.clock import Clock
from console.domain.events import PENDING_SEQ, Entry
from console.domain.explain import explain
from console.domain.sla import clocks
from console.domain.ticket import fold
from tests.domain.policies import policy
from tests.story import Story, ms

HOUR = 3600
PROMISES = policy({"first_reply": HOUR, "next_reply": HOUR, "periodic_update": 8 * HOUR})
NOW = ms("2026-03-02 09:50")


def waiting(*entries: Entry) -> list[Entry]:
    """The same entries, not at the hub yet."""
    return [replace(e, seq=PENDING_SEQ + at, chain=b"", number=None) for at, e in enumerate(entries, 1)]


def clock(entries: list[Entry], metric: str, as_of: int = NOW) -> Clock:
    return [c for c in clocks(entries, PROMISES, as_of) if c.metric == metric][-1]


@pytest.mark.parametrize(
    "answer", [ev.MessageSent(body="Try this.", public=True), ev.CallLogged(public=True, summary="Spoke")]
)
def test_an_answer_that_waits_fulfils_no_clock_and_the_clock_says_that_it_waits(answer: ev.Event) -> None:
    story = Story("2026-03-02 09:00")
    (answered,) = waiting(story.tell("2026-03-02 09:30", answer))
    first = clock([story.entries[0], answered], "first_reply")
    assert (first.state, first.answer_waits_since) == ("running", ms("2026-03-02 09:30"))
    assert first.due_at == ms("2026-03-02 10:00")


def test_it_starts_no_update_before_the_hub_has_it() -> None:
    story = Story("2026-03-02 09:00")
    (answered,) = waiting(story.reply("2026-03-02 09:30"))
    assert {c.metric for c in clocks([story.entries[0], answered], PROMISES, NOW)} == {"first_reply"}


def test_the_clock_is_met_or_missed_by_when_the_hub_recorded_it() -> None:
    story = Story("2026-03-02 09:00")
    answered = story.reply("2026-03-02 09:30")
    late = replace(answered, counts_at=ms("2026-03-02 10:30"), recorded_at=ms("2026-03-02 10:30"))
    first = clock([story.entries[0], late], "first_reply")
    assert (first.met, first.breached, first.answer_waits_since) == (False, True, None)


def test_a_clock_that_nobody_answered_does_not_say_that_an_answer_waits() -> None:
    story = Story("2026-03-02 09:00")
    (note,) = waiting(story.note("2026-03-02 09:30"))
    assert clock([story.entries[0], note], "first_reply").answer_waits_since is None


def test_the_first_of_two_answers_that_wait_is_told() -> None:
    story = Story("2026-03-02 09:00")
    answers = waiting(story.reply("2026-03-02 09:30"), story.reply("2026-03-02 09:40"))
    assert clock([story.entries[0], *answers], "first_reply").answer_waits_since == ms("2026-03-02 09:30")


def test_a_customer_who_writes_before_a_waiting_reply_is_at_the_hub_joins_the_running_clock() -> None:
    story = Story("2026-03-02 09:00")
    reply = story.reply("2026-03-02 09:30")
    customer = story.customer("2026-03-02 09:40")
    running = clocks([story.entries[0], customer, *waiting(reply)], PROMISES, NOW)
    assert [c.metric for c in running] == ["first_reply"]


def test_taking_an_alert_answers_it_only_at_the_hub() -> None:
    story = Story("2026-03-02 09:00", by="monitoring")
    taken = story.tell("2026-03-02 09:05", ev.TicketAssigned(to="Mara"))
    assert clock(story.entries, "first_reply").state == "fulfilled"
    (pending,) = waiting(taken)
    first = clock([story.entries[0], pending], "first_reply")
    assert (first.state, first.answer_waits_since) == ("running", ms("2026-03-02 09:05"))


def test_a_waiting_answer_is_explained() -> None:
    story = Story("2026-03-02 09:00")
    (answered,) = waiting(story.reply("2026-03-02 09:30"))
    told = explain([story.entries[0], answered], PROMISES, NOW, zone="UTC")
    assert "Mara replied. It is not sent yet: First reply goes on." in [line.what for line in told.lines]
    assert sum(line.counted_ms for line in told.lines) == 50 * 60_000


def test_a_ticket_that_waits_has_no_number_and_shows_what_was_done_to_it() -> None:
    story = Story("2026-03-02 09:00")
    story.impact("2026-03-02 09:10", "high")
    ticket = fold(waiting(*story.entries))
    assert ticket is not None
    assert (ticket.number, ticket.impact) == (None, "high")


# A reply that was not delivered


def test_a_reply_answers_until_it_is_known_that_it_failed() -> None:
    story = Story("2026-03-02 09:00")
    sent = story.reply("2026-03-02 09:20")
    assert clock(story.entries, "first_reply").met
    story.tell("2026-03-02 09:40", ev.MessageDelivery(message=sent.id, state="failed"))
    first = clock(story.entries, "first_reply")
    assert (first.state, first.activated_at, first.due_at) == (
        "running",
        ms("2026-03-02 09:00"),
        ms("2026-03-02 10:00"),
    )


@pytest.mark.parametrize("state", ["queued", "sending", "accepted", "uncertain", "failed", "bounced"])
def test_only_failed_and_bounced_take_an_answer_back(state: str) -> None:
    story = Story("2026-03-02 09:00")
    sent = story.reply("2026-03-02 09:20")
    story.tell("2026-03-02 09:40", ev.MessageDelivery(message=sent.id, state=state))  # type: ignore[arg-type]
    assert clock(story.entries, "first_reply").met == (state not in ("failed", "bounced"))


def test_a_void_failure_takes_nothing_back() -> None:
    story = Story("2026-03-02 09:00")
    sent = story.reply("2026-03-02 09:20")
    failure = ev.MessageDelivery(message=sent.id, state="failed")
    story.tell("2026-03-02 09:40", failure, effect="void: Not taken.")
    assert clock(story.entries, "first_reply").met


def test_the_reply_after_a_failed_one_answers() -> None:
    story = Story("2026-03-02 09:00")
    sent = story.reply("2026-03-02 09:20")
    story.tell("2026-03-02 09:40", ev.MessageDelivery(message=sent.id, state="bounced"))
    story.reply("2026-03-02 09:45")
    first = clock(story.entries, "first_reply")
    assert (first.met, first.ended_at) == (True, ms("2026-03-02 09:45"))
