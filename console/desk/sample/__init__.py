"""The demo's facts: about seventy tickets in every state, and Pro engagements in every state, relative to an instant.

Deterministic: the same instant gives the same entries, ids included. The stories (`tickets`) say how much open
time each clock has left; the shipped guidelines and their calendars turn that into instants, so that the mix of levels
is the same by day, at night, over a weekend and across a change of the clocks. Called by the command `demo`.

Instants are epoch ms, UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

import msgspec

from console.desk.sample.engagements import ProFact, pro_facts
from console.desk.sample.story import MARA, MONITORING, PURCHASES, MergeStep, Step, Story
from console.desk.sample.tickets import STORIES
from console.domain import events as ev
from console.domain.calendar import BusinessCalendar
from console.domain.events import Event, Offered, offer, ticket_stream
from console.domain.guidelines import GuidelinesHistory
from console.domain.ticket import NO_MESSAGE_SEEN, UNASSIGNED
from console.guidelines_files import shipped_history
from console.journal.states import Beat
from console.timekeeping import read_clocks

if TYPE_CHECKING:
    from console.desk import Desk
    from console.journal.states import States

PERSON: Final = MARA
"""Who sits at the demo's desk."""
SNOOZE_MS: Final = 3 * 86_400_000

_REGISTERS: Final[dict[type[Event], str]] = {
    ev.TicketAssigned: "assignee",
    ev.ImpactSet: "impact",
    ev.PlanSet: "plan",
    ev.StatusSet: "status",
}


class _Fact(msgspec.Struct):
    """An entry to be, before the order of all of them is known."""

    at: int
    stream: str
    id: str
    event: Event
    actor: str
    base: str | None = None
    expect: str | None = None
    act: str | None = None


def sample_entries(now_ms: int) -> list[tuple[Offered, str]]:
    """All entries of the demo as of `now_ms`, oldest first, each with the actor that the log gives it.

    Entries of one act stand side by side. The stories count on the targets of the shipped guidelines.
    """
    history = shipped_history()
    timings = {story.key: _Timing(story, now_ms, history) for story in STORIES}
    ids = {key: _uuid7(timing.opened_at, key, "ticket") for key, timing in timings.items()}
    facts = [fact for story in STORIES for fact in _Teller(story, timings[story.key], ids, now_ms).facts()]
    opened = {key: timing.opened_at for key, timing in timings.items()}
    facts += _pro(pro_facts({story.key: story for story in STORIES}, ids, opened, now_ms))
    facts.sort(key=lambda fact: fact.at)
    return [
        (
            offer(
                fact.event,
                id=fact.id,
                stream=fact.stream,
                at=fact.at,
                device="",
                dseq=0,
                base=fact.base,
                expect=fact.expect,
                act=fact.act,
            ),
            fact.actor,
        )
        for fact in facts
    ]


def _pro(told: Iterable[ProFact]) -> list[_Fact]:
    """The facts of Pro streams with their ids, by which they name each other."""
    stories = list(told)
    ids = {fact.name: _uuid7(fact.at, fact.key, "pro", fact.name) for fact in stories}
    return [_Fact(fact.at, fact.stream, ids[fact.name], _with_ids(fact.event, ids), fact.actor) for fact in stories]


def _with_ids(event: Event, ids: Mapping[str, str]) -> Event:
    named = {
        field: ids[value]
        for field in event.__struct_fields__
        if isinstance(value := getattr(event, field), str) and value in ids
    }
    return msgspec.structs.replace(event, **named) if named else event


def write_sample(desk: Desk, now_ms: int) -> int:
    """Records the demo in an empty workspace, each act at its own instant; returns how many tickets it has."""
    acts = groupby(sample_entries(now_ms), key=lambda offered: offered[0].act or offered[0].id)
    for _, act in acts:
        offers, actors = zip(*act, strict=True)
        desk.journal.record(offers, actor=actors[0], now_ms=offers[0].at, decide=_as_told)
    _beat(desk, now_ms)
    return len(STORIES)


def _beat(desk: Desk, now_ms: int) -> None:
    """The running session was seen until now, by this machine's clocks: opening the demo asks about no gap."""
    seen = read_clocks()
    for row in desk.journal.pro_running():
        desk.journal.beat(
            Beat(row.segment, row.stream, now_ms, seen.wall_ms, seen.awake_ms, seen.boot_ms, seen.boot_id)
        )


def _as_told(states: States, offers: Sequence[Offered]) -> str | None:
    """A sample is not judged: a test shows that the rulings allow every step of it."""
    return None


class _Timing:
    """Where a story lies in time: its anchor is so many open seconds before now on the cover of its impact."""

    def __init__(self, story: Story, now_ms: int, history: GuidelinesHistory) -> None:
        customer = story.customer
        plan = story.plan_now or customer.plan
        impact = story.impact_now or story.impact or ("urgent" if story.by == "monitoring" else None)
        guidelines = history.at(customer.product, now_ms)
        targets = guidelines.targets_for(customer.product, plan, impact)
        self.calendar: BusinessCalendar = guidelines.calendar(next(iter(targets.values())).cover)
        self.now_ms = now_ms
        if story.clock is None:
            self.anchor_ms = round(story.ago * 3_600_000)
        else:
            metric, left = story.clock
            self.anchor_ms = targets[metric].seconds * 1000 - round(left * 60_000)
        if story.waits is not None:
            self.anchor_ms += round(story.waits[1] * 60_000)
        self.opened_at = self.at(story.opening)

    def at(self, minutes: float) -> int:
        """The instant so many open minutes after the anchor, never after now."""
        before_now = self.anchor_ms - round(minutes * 60_000)
        return min(self.now_ms, self.calendar.subtract_ms(self.now_ms, max(1, before_now)))


class _Teller:
    """Turns one story into facts, with what each author saw."""

    def __init__(self, story: Story, timing: _Timing, ids: dict[str, str], now_ms: int) -> None:
        self.story = story
        self.timing = timing
        self.ids = ids
        self.now_ms = now_ms
        self.ticket = ids[story.key]
        self.count = 0
        self.registers: dict[str, str] = {}
        self.assigned = False
        self.is_new = True
        self.last_received = NO_MESSAGE_SEEN
        self.last_sent = ""

    def facts(self) -> Iterator[_Fact]:
        story, timing = self.story, self.timing
        yield from self.opening()
        for step in story.steps:
            at = timing.at(step.minutes)
            if isinstance(step, MergeStep):
                yield from self.merging(step, at)
            else:
                yield from self.stepping(step, at)
        if story.waits is not None:
            who, minutes = story.waits
            at = timing.at(timing.anchor_ms / 60_000 - minutes)
            yield self.fact(at, ev.StatusSet(status="pending"), who)

    def opening(self) -> Iterator[_Fact]:
        story, customer, at = self.story, self.story.customer, self.timing.opened_at
        actor = {"monitoring": MONITORING, "purchase": PURCHASES, "engineer": story.opened_by or MARA}.get(
            story.by, customer.contact
        )
        follows = story.follows
        act = _uuid7(at, story.key, "follow-up") if follows is not None else None
        opened = ev.TicketOpened(
            by=story.by,
            channel=story.channel,
            subject=story.subject,
            account=customer.account or None,
            contact=customer.contact,
            product=customer.product,
            plan=customer.plan,
            impact=story.impact,
            external_ref=story.external_ref,
        )
        first = self.fact(at, opened, actor, act=act)
        if story.by in ("customer", "purchase"):
            self.last_received = first.id
        yield first
        if follows is not None:
            old = self.ids[follows]
            yield self.fact(at, ev.TicketLinked(to=old, relation="follow_up"), actor, act=act)
            yield self.fact(at, ev.TicketFollowedUp(new=self.ticket), actor, act=act, ticket=old)

    def stepping(self, step: Step, at: int) -> Iterator[_Fact]:
        """The step, and the ticket's opening for work where this is the first thing that a person of ours does."""
        event, who = step.event, step.who or self.story.customer.contact
        match event:
            case ev.MessageReceived():
                event = msgspec.structs.replace(event, sender=self.story.customer.contact)
            case ev.MessageDelivery():
                event = msgspec.structs.replace(event, message=self.last_sent)
            case ev.TicketSnoozed():
                event = msgspec.structs.replace(event, until=self.now_ms + SNOOZE_MS)
        fact = self.fact(at, event, who)
        yield fact
        match event:
            case ev.MessageReceived():
                self.last_received = fact.id
            case ev.MessageSent(public=True):
                self.last_sent = fact.id
            case ev.StatusSet():
                self.is_new = False
        if self.is_new and self.starts_work(event, who):
            yield self.fact(at, ev.StatusSet(status="open"), who)
            self.is_new = False

    def starts_work(self, event: Event, who: str) -> bool:
        match event:
            case ev.MessageSent(public=True) | ev.CallLogged(public=True):
                return True
            case ev.TicketAssigned(to=to):
                return to == who
        return False

    def merging(self, step: MergeStep, at: int) -> Iterator[_Fact]:
        act = _uuid7(at, self.story.key, "merge")
        into = self.ids[step.into]
        yield self.fact(at, ev.TicketMerged(into=into), step.who, act=act)
        yield self.fact(at, ev.MessageSent(body=step.note, public=False), step.who, act=act, ticket=into)

    def fact(self, at: int, event: Event, actor: str, *, act: str | None = None, ticket: str | None = None) -> _Fact:
        """An entry with what its author saw: the value before it, an unassigned ticket, the customer's last message."""
        self.count += 1
        entry_id = _uuid7(at, self.story.key, str(self.count))
        base = expect = None
        register = _REGISTERS.get(type(event))
        if register is not None:
            base, self.registers[register] = self.registers.get(register), entry_id
        match event:
            case ev.TicketAssigned(to=to):
                if to == actor and not self.assigned:
                    expect = UNASSIGNED
                self.assigned = to is not None
            case ev.TicketSolved() | ev.TicketClosed():
                expect = self.last_received
        stream = ticket_stream(ticket or self.ticket)
        return _Fact(at, stream, entry_id, event, actor, base=base, expect=expect, act=act)


def _uuid7(at_ms: int, *names: str) -> str:
    """A UUIDv7 of an instant (epoch ms) whose other bits follow from the names: the same demo, the same ids."""
    digest = bytearray(at_ms.to_bytes(6, "big") + hashlib.sha256("\x1f".join(names).encode()).digest()[:10])
    digest[6] = digest[6] & 0x0F | 0x70
    digest[8] = digest[8] & 0x3F | 0x80
    h = digest.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
