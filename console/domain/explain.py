"""Why a deadline is what it is: the story of each clock as lines of when, what happened, counted, left.

Source: spec sla.md 3, design language 4.7. Pure. Called by the desk for `explain` and for the window's table. The sum
of `counted_ms` over a clock's lines is its elapsed time, and `left_ms` of its last line is what is left.

Instants are epoch ms, UTC; counted and left are open time in ms on the cover of the target.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final, Literal

import msgspec

from console.domain import events as ev
from console.domain import words
from console.domain.clock import Clock, Instance, freeze
from console.domain.deeds import deed
from console.domain.events import Entry, MetricName
from console.domain.guidelines import GuidelinesHistory
from console.domain.sla import Trace, build, shown

LineKind = Literal["start", "ran", "closed", "paused", "change", "joined", "due", "end", "now"]

MOST_BLOCKS: Final = 12
"""A stretch with more open and closed blocks than this is told in one line."""

_COVER_WORDS: Final = {"business": "in business hours", "24/5": "in 24/5 hours", "24/7": "around the clock"}


class ExplainLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of reasoning about one clock. `until` is None for a moment; `left_ms` is None without a target."""

    metric: MetricName
    instance: int
    at: int
    until: int | None
    what: str
    counted_ms: int
    left_ms: int | None
    kind: LineKind


class Explanation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The clocks of a ticket as of an instant, with the lines that derive them."""

    as_of: int
    clocks: tuple[Clock, ...]
    lines: tuple[ExplainLine, ...]


class _Step(msgspec.Struct, frozen=True):
    """What the engine did to an instance, with the target that held afterwards."""

    at: int
    step: str
    entry: Entry | None
    target_seconds: int | None
    cover: str | None
    calendar: Any


def explain(
    entries: Collection[Entry],
    history: GuidelinesHistory,
    as_of: int,
    *,
    zone: str,
    metric: MetricName | None = None,
) -> Explanation:
    """The clocks of a ticket and their reasoning as of an instant; `metric` asks for that one alone.

    `zone` is the policy's zone, in which hours are named (IANA name).
    """
    steps: dict[Instance, list[_Step]] = {}

    def trace_for() -> Trace:
        steps.clear()
        return _recorder(steps)

    asked = None if metric is None else (metric,)
    instances = build(entries, history, as_of, metrics=asked, trace_for=trace_for)
    clocks: list[Clock] = []
    lines: list[ExplainLine] = []
    for number, instance in shown(instances, asked):
        clock = freeze(instance, number, as_of)
        clocks.append(clock)
        lines.extend(_Story(clock, instance, steps.get(instance, []), as_of, zone).lines())
    return Explanation(as_of=as_of, clocks=tuple(clocks), lines=tuple(lines))


def _recorder(steps: dict[Instance, list[_Step]]) -> Trace:
    def record(key: Instance, at: int, step: str, entry: Entry | None) -> None:
        steps.setdefault(key, []).append(_Step(at, step, entry, key.target_seconds, key.cover, key.calendar))

    return record


class _Story:
    """Tells one clock: walks its steps in order, and fills the time between them."""

    def __init__(self, clock: Clock, instance: Instance, steps: list[_Step], as_of: int, zone: str) -> None:
        self.clock = clock
        self.instance = instance
        self.steps = steps
        self.end = clock.ended_at if clock.ended_at is not None else max(as_of, clock.activated_at)
        self.zone = zone
        self.counted_ms = 0
        self.told: list[ExplainLine] = []
        self.target: int | None = None
        self.calendar: Any = None
        self.cover: str | None = None
        self.paused = False
        self.due_told = False

    def lines(self) -> list[ExplainLine]:
        reached = self.clock.activated_at
        for step in self.steps:
            self.fill(reached, max(reached, step.at))
            reached = max(reached, step.at)
            if self.clock.ended_at is not None and step is self.steps[-1]:
                self.set_right(reached)
            self.tell_step(step, reached)
        if self.clock.ended_at is None:
            self.fill(reached, self.end)
            self.set_right(max(reached, self.end))
            self.tell_now()
        return self.told

    def set_right(self, at: int) -> None:
        """The steps are told in log order; entries dated earlier than those before them make the time another."""
        difference = self.clock.elapsed_ms - self.counted_ms
        if difference:
            what = "Entries that came late into the log count at their own instants: the time is set right."
            self.add(at, what, "change", counted_ms=difference)

    def add(self, at: int, what: str, kind: LineKind, *, until: int | None = None, counted_ms: int = 0) -> None:
        self.counted_ms += counted_ms
        left = None if self.target is None else self.target * 1000 - self.counted_ms
        self.told.append(
            ExplainLine(
                metric=self.clock.metric,
                instance=self.clock.instance,
                at=at,
                until=until,
                what=what,
                counted_ms=counted_ms,
                left_ms=left,
                kind=kind,
            )
        )

    # What happened

    def tell_step(self, step: _Step, at: int) -> None:
        name = words.METRIC_NAMES[self.clock.metric]
        did = _deed(step.entry)
        match step.step:
            case "start":
                self.take_target(step)
                self.paused = self.pause_begins(at)
                self.add(at, f"{did} {name} starts, {self.target_words()}.", "start")
            case "retarget":
                self.retell(step, at, did, name)
            case "pause":
                self.paused = True
                self.add(at, f"{did} {name} pauses.", "change")
            case "resume":
                self.paused = False
                self.add(at, f"{did} {name} goes on.", "change")
            case "joined" if at > self.clock.activated_at:
                self.add(at, f"{did} It joins the clock that runs already.", "joined")
            case "unsent":
                self.add(at, f"{did} It is not sent yet: {name} goes on.", "change")
            case "go_on":
                self.go_on(at, did, name)
            case "fulfil" | "stop":
                self.tell_end(step, at, did, name)

    def pause_begins(self, at: int) -> bool:
        return any(since == at for since, _ in self.clock.pauses)

    def take_target(self, step: _Step) -> None:
        self.target, self.cover, self.calendar = step.target_seconds, step.cover, step.calendar

    def target_words(self, without: str = "without a target") -> str:
        if self.target is None or self.cover is None:
            return without
        return f"target {words.exact(self.target * 1000)} {_COVER_WORDS.get(self.cover, f'in {self.cover}')}"

    def retell(self, step: _Step, at: int, did: str, name: str) -> None:
        """A new target counts from the activation, on the new cover: the difference stands in this line."""
        self.take_target(step)
        anew = self.counted_until(at) - self.counted_ms
        tail = " The time since its start is counted anew." if anew else ""
        self.add(at, f"{did} {name} now has {self.target_words('no target')}.{tail}", "change", counted_ms=anew)
        self.due_told = self.left_ms_is_negative()
        recorded = self.clock.breach_recorded_at
        if self.due_told and recorded is not None and recorded >= at:
            when = "at this change." if recorded == at else self.later_words(recorded)
            self.add(at, f"The new target is missed already: the breach is recorded {when}", "due")

    def left_ms_is_negative(self) -> bool:
        return self.target is not None and self.target * 1000 < self.counted_ms

    def counted_until(self, at: int) -> int:
        start = self.clock.activated_at
        pauses = [(since, to if to is not None else at) for since, to in self.clock.pauses if since < at]
        if self.calendar is None:
            return max(0, at - start) - sum(min(to, at) - since for since, to in pauses)
        return self.calendar.elapsed_ms(start, at, pauses)  # type: ignore[no-any-return]

    def go_on(self, at: int, did: str, name: str) -> None:
        breached_now = self.clock.breach_recorded_at == at and not self.due_told
        self.paused = self.pause_begins(at)
        self.add(at, f"{did} {name} goes on where it stopped.", "change")
        if breached_now:
            self.due_told = True
            self.add(at, "Its due instant passed while it stood: the breach is recorded now.", "due")

    def tell_end(self, step: _Step, at: int, did: str, name: str) -> None:
        if step.step == "stop":
            reason = {"ticket.merged": "merged", "ticket.marked_spam": "spam"}.get(_type(step.entry), "solved")
            self.add(at, f"{did} {name} is stopped ({reason}).", "end")
        elif self.target is None:
            self.add(at, f"{did} {name} ends.", "end")
        elif self.target * 1000 < self.counted_ms:
            late = words.exact(self.counted_ms - self.target * 1000)
            self.add(at, f"{did} {name} ends {late} late.", "end")
        elif self.clock.breach_recorded_at is not None:
            breach = words.full(self.clock.breach_recorded_at, self.zone)
            self.add(at, f"{did} {name} ends within its present target; the breach of {breach} stays recorded.", "end")
        else:
            self.add(at, f"{did} {name} is met.", "end")
        # What follows an end, if anything: a solved span pauses the clocks of work, all other time counts on.
        self.paused = step.step == "fulfil" and self.clock.metric != "total_resolution"

    def tell_now(self) -> None:
        due = self.clock.due_at
        if due is None:
            self.add(self.end, "As of now: no target.", "now")
        elif due < self.end:
            self.add(self.end, f"As of now: overdue since {words.full(due, self.zone)}.", "now")
        elif self.clock.state == "paused":
            self.add(self.end, f"As of now: paused; would be due {words.full(due, self.zone)}.", "now")
        else:
            self.add(self.end, f"As of now: the target is used up at {words.full(due, self.zone)}.", "now")

    # The time between

    def fill(self, start: int, end: int) -> None:
        """Tells [start, end), cut where the target is used up."""
        if end <= start:
            return
        if self.paused:
            if self.target is not None and self.target * 1000 == self.counted_ms and not self.due_told:
                self.tell_due(start)
            self.add(start, "Paused.", "paused", until=end)
            return
        due = self.due_within(start, end)
        if due is None:
            self.run(start, end, overdue=self.due_told)
            return
        self.run(start, due, overdue=False)
        self.tell_due(due)
        self.run(due, end, overdue=True)

    def tell_due(self, due: int) -> None:
        self.due_told = True
        recorded = self.clock.breach_recorded_at
        later = (
            f" The breach is recorded {self.later_words(recorded)}" if recorded is not None and recorded > due else ""
        )
        target = words.exact((self.target or 0) * 1000)
        self.add(due, f"The target of {target} is used up: from here it is overdue.{later}", "due")

    def later_words(self, recorded: int) -> str:
        return f"at {words.full(recorded, self.zone)}, when that became known."

    def due_within(self, start: int, end: int) -> int | None:
        """The instant in [start, end) at which the target is used up."""
        if self.target is None or self.calendar is None or self.due_told:
            return None
        left = self.target * 1000 - self.counted_ms
        if left < 0:
            return None
        due: int = start if left == 0 else self.calendar.add_ms(start, left)
        return due if due < end else None

    def run(self, start: int, end: int, *, overdue: bool) -> None:
        if end <= start:
            return
        ran = "Overdue, clock ran" if overdue else "Clock ran"
        if self.calendar is None:
            self.add(start, "No target; calendar time.", "ran", until=end, counted_ms=end - start)
            return
        if self.calendar.always_open:
            self.add(start, f"{ran} around the clock.", "ran", until=end, counted_ms=end - start)
            return
        blocks = list(_blocks(self.calendar, start, end))
        if len(blocks) > MOST_BLOCKS:
            counted = self.calendar.elapsed_ms(start, end)
            days = sum(is_open for _, _, is_open in blocks)
            what = f"{ran} in {days} stretches of open hours; nights and closed days are not counted."
            self.add(start, what, "ran", until=end, counted_ms=counted)
            return
        for begin, finish, is_open in blocks:
            if is_open:
                self.add(begin, f"{ran} in open hours.", "ran", until=finish, counted_ms=finish - begin)
            else:
                what = f"Closed: {_closed_words(self.calendar, begin, finish, self.zone)}."
                self.add(begin, what, "closed", until=finish)


def _blocks(calendar: Any, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Open and closed stretches of [start, end) in order; open ones that touch are one."""
    merged: list[list[int]] = []
    for opens, closes in calendar.periods_between(start, end):
        if merged and merged[-1][1] == opens:
            merged[-1][1] = closes
        else:
            merged.append([opens, closes])
    edges = [start, *(edge for period in merged for edge in period), end]
    is_open = False
    for begin, finish in pairwise(edges):
        if finish > begin:
            yield begin, finish, is_open
        is_open = not is_open


def _closed_words(calendar: Any, start: int, end: int, zone: str) -> str:
    """What a closed stretch is: a break, a night, a weekend, a holiday, or several of them."""
    first, last = words.local(start, zone), words.local(end - 1, zone)
    days = [first.date() + timedelta(days=n) for n in range((last.date() - first.date()).days + 1)]
    parts = []
    if len(days) > 1 or first.hour == 0 or last.hour == 23:
        parts.append("night")
    if any(day.weekday() >= 5 for day in days):
        parts.append("weekend")
    if any(calendar.is_holiday(calendar.to_instant(day, "12:00")) for day in days):
        parts.append("holiday")
    return " and ".join(parts) if parts else "outside open hours"


def _type(entry: Entry | None) -> str:
    return ev.event_type(entry.event) if entry is not None else ""


def _deed(entry: Entry | None) -> str:
    """What began this step, as a sentence."""
    done = deed(entry) if entry is not None else None
    return f"{done}." if done else ""
