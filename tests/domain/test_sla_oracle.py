"""The clocks against a slow reading of the table in spec sla.md 3, over generated lives of a ticket.

The oracle shares nothing with `console.domain.sla` but the events. It walks a life in quarters of an hour, lists for
each instance the quarters in which it ran, and counts those that are open by the wall clock of New York. Breaches have
one rule: somebody who knows what is known by then sees that the due instant has passed. The lives begin on the Friday
before the clocks change, so that nights, a weekend and a day of 23 hours lie in them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import chain, count
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain import events as ev
from console.domain.clock import METRICS, Clock
from console.domain.events import Entry, Impact, MetricName
from console.domain.sla import clocks
from tests.domain.policies import by_impact_and_metric
from tests.story import Story, ms

QUARTER = 900_000
FRIDAY = ms("2026-03-06 21:30")
NEW_YORK = ZoneInfo("America/New_York")
WORK = ("requester_wait", "agent_work", "total_resolution")

TARGETS: dict[tuple[MetricName, Impact], tuple[int, str]] = {
    ("first_reply", "urgent"): (4, "24/7"),
    ("first_reply", "normal"): (12, "business"),
    ("first_reply", "low"): (44, "business"),
    ("next_reply", "urgent"): (3, "24/7"),
    ("next_reply", "normal"): (10, "business"),
    ("next_reply", "low"): (30, "24/7"),
    ("periodic_update", "urgent"): (8, "24/7"),
    ("periodic_update", "normal"): (20, "business"),
    ("pausable_update", "low"): (16, "business"),
    ("requester_wait", "urgent"): (40, "24/7"),
    ("requester_wait", "normal"): (24, "business"),
    ("agent_work", "urgent"): (16, "24/7"),
    ("agent_work", "low"): (36, "business"),
    ("total_resolution", "urgent"): (80, "24/7"),
    ("total_resolution", "normal"): (30, "business"),
}
"""In quarters. Each impact lacks some metric, and no two of a metric are alike."""

GUIDELINES = by_impact_and_metric({key: (quarters * 900, cover) for key, (quarters, cover) in TARGETS.items()})


@cache
def is_open(quarter: int, cover: str) -> bool:
    wall = datetime.fromtimestamp(quarter * QUARTER // 1000, UTC).astimezone(NEW_YORK)
    return cover == "24/7" or (wall.weekday() < 5 and 8 <= wall.hour < 19)


@dataclass
class Expected:
    """An instance: the fact that began it, the quarters in which it ran, how it ended, as what it is measured."""

    metric: MetricName
    cause: int
    began: int
    impact: Impact
    ran: list[int] = field(default_factory=list)
    ended: int | None = None
    stopped_by: str | None = None

    @property
    def target(self) -> tuple[int, str] | None:
        return TARGETS.get((self.metric, self.impact))

    def due(self, now: int) -> int | None:
        """The quarter by which the target is used up, if it runs on from `now` or from its end."""
        if self.target is None:
            return None
        left, cover = self.target
        for quarter in chain(self.ran, count(now if self.ended is None else self.ended)):
            left -= is_open(quarter, cover)
            if left == 0:
                return quarter + 1
        raise AssertionError("unreachable")

    def elapsed(self) -> int:
        return len(self.ran) if self.target is None else sum(is_open(q, self.target[1]) for q in self.ran)


class World:
    """A ticket as somebody folds it who knows these facts, and which messages were `lost`. The instances stand in the
    order in which they began."""

    def __init__(self, facts: Sequence[Entry], now: int, lost: Collection[str]) -> None:
        self.instances: list[Expected] = []
        self.status = "new"
        self.is_gone = False
        self.has_first = False
        self.impact: Impact | None = None
        self.now = facts[0].counts_at // QUARTER
        for cause, fact in enumerate(facts):
            self.pass_time(fact.counts_at // QUARTER)
            self.happen(cause, fact.event, is_lost=fact.id in lost)
        self.pass_time(now)

    def pass_time(self, until: int) -> None:
        for instance in self.running():
            if not self.pauses(instance.metric):
                instance.ran += range(self.now, until)
        self.now = until

    def running(self, *metrics: str) -> list[Expected]:
        return [i for i in self.instances if i.ended is None and (not metrics or i.metric in metrics)]

    def pauses(self, metric: str) -> bool:
        match self.status:
            case "pending":
                return metric in ("pausable_update", "requester_wait", "agent_work")
            case "on_hold":
                return metric == "agent_work"
        return False

    def begin(self, cause: int, *metrics: MetricName) -> None:
        for metric in metrics:
            self.instances.append(Expected(metric, cause, self.now, self.impact or "normal"))

    def end(self, instances: Sequence[Expected], stopped_by: str | None = None) -> None:
        for instance in instances:
            instance.ended, instance.stopped_by = self.now, stopped_by

    def happen(self, cause: int, event: ev.Event, *, is_lost: bool) -> None:
        match event:
            case ev.TicketOpened():
                self.impact = event.impact
                if event.by == "customer":
                    self.has_first = True
                    self.begin(cause, "first_reply")
                self.begin(cause, *WORK)
            case ev.ImpactSet():
                self.impact = event.impact
                for instance in self.running():
                    instance.impact = event.impact or "normal"
            case ev.MessageReceived() if not self.is_gone and self.status != "closed":
                self.become("open" if self.status in ("pending", "on_hold", "solved") else self.status)
                if not self.has_first:
                    self.has_first = True
                    self.begin(cause, "first_reply")
                elif not self.running("first_reply", "next_reply"):
                    self.begin(cause, "next_reply")
            case ev.MessageSent(public=True, author="person") if not is_lost:
                self.end(self.running("first_reply", "next_reply", "periodic_update", "pausable_update"))
                if not self.is_gone and self.status not in ("solved", "closed"):
                    self.begin(cause, "periodic_update", "pausable_update")
            case ev.StatusSet():
                self.become(event.status)
            case ev.TicketReopened():
                self.become("open")
            case ev.TicketSolved() if self.status != "closed":
                self.become("solved")
            case ev.TicketClosed():
                self.become("closed")
            case ev.TicketMerged() | ev.MarkedSpam() if not self.is_gone:
                self.end(self.running(), "merged" if isinstance(event, ev.TicketMerged) else "spam")
                self.is_gone = True

    def become(self, status: str) -> None:
        was_over, is_over = self.status in ("solved", "closed"), status in ("solved", "closed")
        self.status = status
        if self.is_gone:
            return
        if is_over and not was_over:
            self.end(self.running(*WORK))
            self.end(self.running(), "solved")
        elif was_over and not is_over:
            for instance in self.instances:
                if instance.metric in WORK and instance.ended is not None:
                    if instance.metric == "total_resolution":
                        instance.ran += range(instance.ended, self.now)
                    instance.ended = None


def breaches(facts: Sequence[Entry], as_of: int) -> dict[tuple[str, int], int]:
    """When each instance, by metric and cause, was first seen past due: as the due instant passed, or at the fact that
    showed it. A bounce shows the whole past anew, without the message. What was seen once stays."""
    seen: dict[tuple[str, int], int] = {}
    lost: set[str] = set()
    for known, fact in enumerate(facts, 1):
        looks_back = isinstance(fact.event, ev.MessageDelivery)
        lost |= {fact.event.message} if isinstance(fact.event, ev.MessageDelivery) else set()
        for past in range(1 if looks_back else known, known + 1):
            then = facts[past].counts_at // QUARTER if past < len(facts) else as_of
            for now in (facts[past - 1].counts_at // QUARTER, then):
                for instance in World(facts[:past], now, lost).instances:
                    due = instance.due(now)
                    if due is not None and due < (now if instance.ended is None else instance.ended):
                        seen.setdefault((instance.metric, instance.cause), max(due, fact.counts_at // QUARTER))
    return seen


def expected(facts: Sequence[Entry], as_of: int) -> list[tuple[object, ...]]:
    """Metric, instance, activated, ended, stopped by, due, breach recorded, elapsed, state; instants in quarters."""
    seen = breaches(facts, as_of)
    world = World(facts, as_of, {fact.event.message for fact in facts if isinstance(fact.event, ev.MessageDelivery)})
    told: list[tuple[object, ...]] = []
    for metric in METRICS:
        shown = [
            i for i in world.instances if i.metric == metric and (i.target is not None or (i.metric, i.cause) in seen)
        ]
        for number, i in enumerate(shown, 1):
            state = "stopped" if i.stopped_by else "fulfilled" if i.ended is not None else "running"
            if state == "running" and world.pauses(metric):
                state = "paused"
            breach = seen.get((metric, i.cause))
            told.append((metric, number, i.began, i.ended, i.stopped_by, i.due(as_of), breach, i.elapsed(), state))
    return told


def found(clock: Clock) -> tuple[object, ...]:
    instants = (clock.activated_at, clock.ended_at, clock.due_at, clock.breach_recorded_at, clock.elapsed_ms)
    began, ended, due, breach, elapsed = (None if at is None else at / QUARTER for at in instants)
    return clock.metric, clock.instance, began, ended, clock.stopped_by, due, breach, elapsed, clock.state


ACTS = {
    "customer": ev.MessageReceived(body="Still broken."),
    "reply": ev.MessageSent(body="Try this.", public=True),
    "note": ev.MessageSent(body="Looks like DNS.", public=False),
    "bot": ev.MessageSent(body="We got it.", public=True, author="bot"),
    "open": ev.StatusSet(status="open"),
    "pending": ev.StatusSet(status="pending"),
    "on_hold": ev.StatusSet(status="on_hold"),
    "solved": ev.TicketSolved(),
    "closed": ev.TicketClosed(),
    "reopened": ev.TicketReopened(),
    "urgent": ev.ImpactSet(impact="urgent"),
    "low": ev.ImpactSet(impact="low"),
    "unset": ev.ImpactSet(impact=None),
    "merged": ev.TicketMerged(into="t-2"),
    "spam": ev.MarkedSpam(),
}
LIVELY = ("customer", "reply", "reply", "pending", "open", "solved", "urgent", "low", "bounced")

gaps = st.sampled_from((0, 0, 1, 2, 3, 4, 8, 12, 40, 250))
steps = st.tuples(st.one_of(st.sampled_from(LIVELY), st.sampled_from((*ACTS, "bounced"))), gaps)


@st.composite
def lives(draw: st.DrawFn) -> Story:
    """The life of a ticket, its facts in order of time. `bounced` takes back the reply before, if there is one."""
    at = FRIDAY // QUARTER + draw(st.integers(0, 8))
    story = Story(
        at * QUARTER,
        by=draw(st.sampled_from(("customer", "customer", "engineer"))),
        impact=draw(st.sampled_from((None, "urgent", "low"))),
    )
    sent: list[str] = []
    for act, gap in draw(st.lists(steps, max_size=12)):
        at += gap
        if act != "bounced":
            entry = story.tell(at * QUARTER, ACTS[act])
            sent += [entry.id] if act == "reply" else []
        elif sent:
            story.tell(at * QUARTER, ev.MessageDelivery(message=sent.pop(), state="bounced"))
    return story


@settings(deadline=None, max_examples=500)
@given(lives(), gaps)
def test_clocks_are_what_a_slow_reading_of_the_table_gives(story: Story, later: int) -> None:
    as_of = story.entries[-1].counts_at // QUARTER + later
    assert list(map(found, clocks(story.entries, GUIDELINES, as_of * QUARTER))) == expected(story.entries, as_of)
