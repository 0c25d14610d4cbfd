"""What a ticket's history shows of the sync: what waits, what was refused, who else is there. Pure."""

from __future__ import annotations

import pytest

from console.desk.timeline import TimelineItem
from console.wire.messages import Presence
from tests.story import ms
from tests.ui.conftest import DEMO_AT, ME
from tests.ui.sync_scenes import MINUTE, refused, waiting
from tests.ui.test_ticket_clock_face import a_clock
from ui.ticket.consequence import QUIET, Consequence
from ui.ticket.outbox import ALONE, GRACE_MS, Outbox, UnsentItem, here_too, still_running, unsent, waits_for


def item(**changes: object) -> TimelineItem:
    told = {"kind": "reply", "at": DEMO_AT - 3 * MINUTE, "who": ME, "text": "Hi Dana.", "entry_id": "e-4"}
    return TimelineItem(**{**told, **changes})  # type: ignore[arg-type]


def shown(items: list[TimelineItem], outbox: Outbox, now: int = DEMO_AT) -> tuple[object, ...]:
    return unsent(items, outbox, "t-1", ME, now)


def test_a_confirmed_history_stays_as_it_is() -> None:
    items = [item(), item(entry_id="e-5", kind="note")]
    assert shown(items, ALONE) == tuple(items)


def test_what_waits_can_be_withdrawn_until_it_was_offered() -> None:
    pending = item(pending=True)
    (row,) = shown([pending], Outbox(offline=True, waiting={"e-4": waiting()}))
    assert isinstance(row, UnsentItem)
    assert (row.state, row.can_withdraw) == ("waiting", True)
    (row,) = shown([pending], Outbox(offline=True, waiting={"e-4": waiting(can_withdraw=False)}))
    assert isinstance(row, UnsentItem)
    assert not row.can_withdraw


def test_what_was_written_a_moment_ago_is_drawn_as_sent_while_there_is_a_connection() -> None:
    pending = item(pending=True, at=DEMO_AT - GRACE_MS + 1)
    (row,) = shown([pending], Outbox())
    assert row == item(at=DEMO_AT - GRACE_MS + 1)
    (row,) = shown([pending], Outbox(offline=True))
    assert isinstance(row, UnsentItem)
    (row,) = shown([pending], Outbox(), now=DEMO_AT + 1)
    assert isinstance(row, UnsentItem)


def test_a_change_that_waits_keeps_its_line_and_its_mark() -> None:
    (row,) = shown([item(kind="change", pending=True)], Outbox(offline=True))
    assert isinstance(row, TimelineItem)
    assert row.pending


def test_what_was_refused_stands_where_it_was_written_with_its_reason() -> None:
    older, newer = item(at=DEMO_AT - 10 * MINUTE, entry_id="e-1"), item(at=DEMO_AT - MINUTE, entry_id="e-2")
    rows = shown([older, newer], Outbox(refused=(refused(), refused(ticket="t-2", ids=("e-7",)))))
    assert [row.at for row in rows] == [older.at, DEMO_AT - 6 * MINUTE, newer.at]  # type: ignore[attr-defined]
    middle = rows[1]
    assert isinstance(middle, UnsentItem)
    assert (middle.state, middle.who, middle.source) == ("refused", ME, refused())
    assert middle.reason == "The text is 70 KB, the limit is 64 KB. Your text is safe."


def test_the_clock_that_a_reply_will_stop_is_named_while_the_reply_waits() -> None:
    rows = shown([item(pending=True)], Outbox(offline=True))
    running = a_clock()
    said = still_running(rows, (running, a_clock(metric="periodic_update")), ms("2026-03-02 16:42"))
    assert said is not None
    assert said.full == "Next reply still runs until the reply has left this computer."
    assert said.level == "due_soon"


def test_who_writes_is_told_before_who_looks() -> None:
    presence = (
        Presence(person="Jon Alvarez", ticket="t-1"),
        Presence(person="Ana Torres", ticket="t-1", doing="writing"),
        Presence(person="Lena Fischer", ticket="t-2"),
        Presence(person=ME, ticket="t-1", doing="writing"),
    )
    assert here_too(Outbox(presence=presence), "t-1", ME) == ("Ana is writing", "Ana Torres", True)
    assert here_too(Outbox(presence=presence), "t-2", ME) == ("Lena is viewing", "Lena Fischer", False)
    assert here_too(Outbox(presence=presence), "t-3", ME) == ("", "", False)


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (("Jon Alvarez", "Ana Torres"), "Ana and Jon are viewing"),
        (("Jon Alvarez", "Ana Torres", "Lena Fischer"), "Ana and 2 more are viewing"),
    ],
)
def test_several_people_are_named_or_counted(people: tuple[str, ...], words: str) -> None:
    presence = tuple(Presence(person=person, ticket="t-1") for person in people)
    assert here_too(Outbox(presence=presence), "t-1", ME)[0] == words


def test_who_left_is_not_there() -> None:
    outbox = Outbox(presence=(Presence(person="Jon Alvarez", ticket="t-1", doing="gone"),))
    assert here_too(outbox, "t-1", ME) == ("", "", False)


def test_putting_a_reply_into_the_outbox_stops_no_clock() -> None:
    stops = Consequence("Sending stops Next reply", "Sending stops Next reply", "due_soon")
    assert waits_for(stops).full == "The clocks run on until the reply has been sent"
    assert waits_for(stops).level == "due_soon"
    assert waits_for(QUIET) == QUIET


def test_nothing_is_said_of_clocks_while_no_reply_waits() -> None:
    note = shown([item(kind="note", pending=True)], Outbox(offline=True))
    assert still_running(note, (), DEMO_AT) is None
    assert still_running(shown([item()], ALONE), (), DEMO_AT) is None


def test_a_reply_that_waits_is_told_even_where_no_clock_runs() -> None:
    said = still_running(shown([item(pending=True)], Outbox(offline=True)), (), DEMO_AT)
    assert said is not None
    assert said.full == "The reply has not left this computer yet."
