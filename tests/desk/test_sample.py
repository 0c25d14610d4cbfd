"""The demo's facts: the same mix at any time of the week, and nothing that the rulings would not allow."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cache

import pytest

from console.desk.sample import PERSON, sample_entries
from console.domain import events as ev
from console.domain.events import Entry
from console.domain.queue import QueueRow, level, order_key, queue_row
from console.domain.sla import clocks
from console.domain.stamp import Head, stamp
from console.domain.ticket import Ticket, fold, ruling
from console.guidelines_files import shipped_history

MOMENTS = (
    "2025-10-14T15:47:00+00:00",  # a Tuesday morning in New York
    "2025-10-14T12:00:00+00:00",  # opening
    "2025-10-14T23:00:00+00:00",  # closing
    "2025-10-15T07:30:00+00:00",  # at night
    "2025-10-17T22:59:59.999+00:00",  # the last moment of the week
    "2025-10-18T16:00:00+00:00",  # Saturday
    "2025-10-20T03:59:00+00:00",  # Sunday night
    "2025-10-20T04:00:00+00:00",  # 24/5 opens
    "2025-11-02T05:30:00+00:00",  # the first 1:30 of the night in which clocks go back
    "2025-11-02T06:30:00+00:00",  # the second
    "2025-11-03T13:05:00+00:00",  # the Monday after
    "2026-03-08T06:59:00+00:00",  # before clocks go forward
    "2026-03-08T07:00:00+00:00",  # after
    "2026-03-09T12:10:00+00:00",  # the Monday after
    "2025-12-25T17:00:00+00:00",  # Christmas
    "2026-01-01T00:00:00+00:00",  # New Year
    "2024-02-29T14:00:00+00:00",  # a leap day
    "2026-07-03T20:15:00.123+00:00",  # a Friday afternoon
    "2031-05-12T09:09:09+00:00",  # years ahead
    "1999-12-31T23:59:59+00:00",  # years before the guidelines
)


def ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


@cache
def told(moment: str) -> tuple[dict[str, list[Entry]], list[str]]:
    """The streams of a demo, stamped one entry after the other, and what the rulings objected to."""
    head, opened = Head(hub_id="demo"), {}
    streams: dict[str, list[Entry]] = {}
    objections = []
    for offered, actor in sample_entries(ms(moment)):
        if not offered.stream.startswith("ticket:"):
            continue
        stream = streams.setdefault(offered.stream, [])
        objection = ruling(fold(stream), offered)
        if objection is not None:
            objections.append(objection)
        head, entries = stamp(head, [offered], actor=actor, now_ms=offered.at, opened_at=opened)
        stream += entries
        opened.setdefault(offered.stream, entries[0].counts_at)
    return streams, objections


def tickets(moment: str) -> list[Ticket]:
    folded = [fold(entries) for entries in told(moment)[0].values()]
    return [ticket for ticket in folded if ticket is not None]


def open_rows(moment: str) -> list[QueueRow]:
    history = shipped_history()
    rows = []
    for entries in told(moment)[0].values():
        ticket = fold(entries)
        assert ticket is not None
        rows.append(queue_row(ticket, clocks(entries, history, ms(moment))))
    return sorted((row for row in rows if row.is_open), key=order_key)


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_mix_of_levels_is_the_same_at_any_time(moment: str) -> None:
    levels = Counter(level(row, ms(moment)) for row in open_rows(moment))

    assert levels["breached"] == 2
    assert levels["paused"] == 6
    assert levels["at_risk"] >= 2
    assert levels["due_soon"] >= 4
    assert levels["on_track"] >= 10
    assert levels["met"] == levels["none"] == 2


@pytest.mark.parametrize("moment", MOMENTS)
def test_at_least_four_tickets_are_due_within_the_hour(moment: str) -> None:
    now = ms(moment)
    due = [row for row in open_rows(moment) if row.due_at is not None and now <= row.due_at <= now + 3_600_000]

    assert "Black screen after reconnect" in [row.subject for row in due]
    assert len(due) >= 4


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_status_is_there(moment: str) -> None:
    statuses = Counter(ticket.status for ticket in tickets(moment))

    assert all(statuses[status] >= 3 for status in ev.STATUSES)


@pytest.mark.parametrize("moment", MOMENTS)
def test_no_fact_lies_in_the_future_or_before_an_older_one(moment: str) -> None:
    instants = [offered.at for offered, _ in sample_entries(ms(moment))]

    assert instants == sorted(instants)
    assert instants[-1] <= ms(moment)


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_rulings_allow_every_step(moment: str) -> None:
    assert told(moment)[1] == []


def test_the_top_of_the_queue_is_that_of_a_bad_morning() -> None:
    rows = open_rows(MOMENTS[0])

    assert [row.subject for row in rows[:4]] == [
        "Classroom desktops will not launch in 3 schools",
        "Session host CPU at 100% for 15 min",
        "Black screen after reconnect",
        "Roster sync skips transferred pupils",
    ]
    assert [(row.next_metric, row.assignee) for row in rows[:2]] == [("next_reply", PERSON), ("first_reply", None)]


def test_products_plans_ways_in_and_people_are_all_there() -> None:
    all_tickets = tickets(MOMENTS[0])

    assert 65 <= len(all_tickets) <= 75
    assert {(t.product, t.plan) for t in all_tickets} == {
        ("CAS", "Standard"),
        ("CAS", "Business-Critical"),
        ("Classroom", "Standard"),
    }
    assert {t.channel for t in all_tickets} >= {"email", "chat", "portal", "monitoring", "purchase"}
    assert {t.by for t in all_tickets} == {"customer", "engineer", "monitoring", "purchase"}
    assert {t.assignee for t in all_tickets if t.is_open} == {
        None,
        "Mara Okafor",
        "Aiko Sato",
        "Jon Adeyemi",
        "Lena Fischer",
        "Tomas Ruiz",
    }


def test_merges_spam_snoozes_escalations_follow_ups_and_unassessed_tickets_are_there() -> None:
    by_id = {ticket.id: ticket for ticket in tickets(MOMENTS[0])}
    merged = [t for t in by_id.values() if t.merged_into]
    followed = [t for t in by_id.values() if t.followed_up_by]

    assert [by_id[t.merged_into].external_ref for t in merged if t.merged_into] == ["NW-2231"]
    assert [by_id[t.followed_up_by].links for t in followed if t.followed_up_by] == [(followed[0].id,)]
    assert all(t.status == "closed" for t in followed)
    assert sum(t.spam for t in by_id.values()) == 1
    assert sum(t.escalated_to is not None for t in by_id.values()) == 1
    assert sum(t.impact is None and t.is_open for t in by_id.values()) >= 3
    assert [t.snoozed_until for t in by_id.values() if t.snoozed_until] == [ms(MOMENTS[0]) + 3 * 86_400_000]
    assert all(t.overwrote == () for t in by_id.values())


def test_a_bounced_reply_leaves_its_first_reply_clock_running() -> None:
    bounced = [
        entries
        for entries in told(MOMENTS[0])[0].values()
        if any(isinstance(entry.event, ev.MessageDelivery) for entry in entries)
    ]

    assert len(bounced) == 1
    running = [clock for clock in clocks(bounced[0], shipped_history(), ms(MOMENTS[0])) if clock.state == "running"]
    assert [clock.metric for clock in running] == ["first_reply"]


def test_an_act_stands_together_and_has_one_actor() -> None:
    acts: dict[str, list[tuple[int, str]]] = {}
    for place, (offered, actor) in enumerate(sample_entries(ms(MOMENTS[0]))):
        if offered.act is not None:
            acts.setdefault(offered.act, []).append((place, actor))

    assert len(acts) == 2
    for entries in acts.values():
        places = [place for place, _ in entries]
        assert places == list(range(places[0], places[0] + len(places)))
        assert len({actor for _, actor in entries}) == 1


def test_the_same_instant_gives_the_same_facts() -> None:
    now = ms(MOMENTS[0])

    assert sample_entries(now) == sample_entries(now)


def test_ids_are_version_7_with_their_instant_and_all_different() -> None:
    offers = [offered for offered, _ in sample_entries(ms(MOMENTS[0]))]

    assert len({offered.id for offered in offers}) == len(offers)
    for offered in offers:
        assert offered.id[14] == "7"
        assert int(offered.id.replace("-", "")[:12], 16) == offered.at
        assert not ev.is_imported(offered.id)
