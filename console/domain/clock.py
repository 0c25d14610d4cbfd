"""One clock: the instance while it is being built, and the frozen value that everybody reads.

Source: spec sla.md 3 and 4. Pure. `sla` builds instances from a ticket's entries; the queue, the desk, the command line
and the window read `Clock`. Instants are epoch ms, UTC; lengths are open time on the cover of the target.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from console.domain.calendar import BusinessCalendar
from console.domain.events import Impact, MetricName
from console.domain.guidelines import Guidelines

METRICS: Final[tuple[MetricName, ...]] = (
    "first_reply",
    "next_reply",
    "periodic_update",
    "pausable_update",
    "requester_wait",
    "agent_work",
    "total_resolution",
)
"""In the order in which clocks are listed. The first four are promises of words, the last three of work."""

State = Literal["running", "paused", "fulfilled", "stopped"]
StoppedBy = Literal["solved", "merged", "spam"]


class Clock(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One instance of one metric, as of an instant.

    Without a target `target_seconds`, `cover`, `due_at`, `soon_at`, `risk_at` and `left_ms` are None and `elapsed_ms`
    is calendar time. `due_at` of a paused clock is as of the asked instant. `ended_at` is when it was fulfilled or
    stopped. `left_ms` is open time, negative when overdue. `soon_at` and `risk_at` are given for clocks that run.
    `answer_waits_since` is when a reply was written that the hub does not have yet: the clock runs until it does.
    """

    metric: MetricName
    instance: int
    activated_at: int
    impact: Impact | None
    target_seconds: int | None
    cover: str | None
    due_at: int | None
    soon_at: int | None
    risk_at: int | None
    pauses: tuple[tuple[int, int | None], ...]
    paused_since: int | None
    ended_at: int | None
    stopped_by: StoppedBy | None
    breach_recorded_at: int | None
    elapsed_ms: int
    left_ms: int | None
    state: State
    guidelines: str
    answer_waits_since: int | None = None

    @property
    def breached(self) -> bool:
        return self.breach_recorded_at is not None

    @property
    def met(self) -> bool:
        """Ended by what was promised, in time."""
        return self.state == "fulfilled" and self.breach_recorded_at is None and self.target_seconds is not None


class Instance:
    """A clock while it is being built. `pauses` are closed spans, `paused_since` the one that runs."""

    __slots__ = (
        "activated_at",
        "answer_waits_since",
        "breach_recorded_at",
        "calendar",
        "cover",
        "due_known",
        "ended_at",
        "guidelines",
        "impact",
        "metric",
        "order",
        "paused_since",
        "pauses",
        "promised",
        "stopped_by",
        "target_seconds",
    )

    def __init__(self, metric: MetricName, activated_at: int, order: int) -> None:
        self.metric = metric
        self.activated_at = activated_at
        self.order = order
        self.target_seconds: int | None = None
        self.cover: str | None = None
        self.calendar: BusinessCalendar | None = None
        self.impact: Impact | None = None
        self.guidelines: Guidelines | None = None
        self.promised = False
        self.due_known: int | None = None
        self.pauses: list[tuple[int, int]] = []
        self.paused_since: int | None = None
        self.ended_at: int | None = None
        self.stopped_by: StoppedBy | None = None
        self.breach_recorded_at: int | None = None
        self.answer_waits_since: int | None = None

    def pauses_until(self, at: int) -> list[tuple[int, int]]:
        """All pauses, the running one cut at an instant."""
        since = self.paused_since
        return self.pauses if since is None or at <= since else [*self.pauses, (since, at)]

    def due(self, as_of: int) -> int | None:
        """When the target is used up, given the pauses until `as_of`; None without a target.

        Without pauses it does not move, so it is worked out once for each target (`due_known`).
        """
        if self.target_seconds is None or self.calendar is None:
            return None
        if self.pauses or self.paused_since is not None:
            return self.calendar.add_ms(self.activated_at, self.target_seconds * 1000, self.pauses_until(as_of))
        if self.due_known is None:
            self.due_known = self.calendar.add_ms(self.activated_at, self.target_seconds * 1000)
        return self.due_known

    def elapsed_ms(self, until: int) -> int:
        """Open time counted by `until`; calendar time where there is no target and so no cover."""
        if until <= self.activated_at:
            return 0
        pauses = self.pauses_until(until)
        if self.calendar is not None:
            return self.calendar.elapsed_ms(self.activated_at, until, pauses)
        return until - self.activated_at - _covered_ms(pauses, self.activated_at, until)


def _covered_ms(spans: Iterable[tuple[int, int]], start: int, end: int) -> int:
    """How much of [start, end) the spans cover; they may overlap."""
    total, reached = 0, start
    for begin, finish in sorted(spans):
        begin, finish = max(begin, reached), min(finish, end)
        if finish > begin:
            total += finish - begin
            reached = finish
    return total


def freeze(instance: Instance, number: int, as_of: int) -> Clock:
    """The clock behind an instance, as of an instant."""
    ended = instance.ended_at
    until = ended if ended is not None else as_of
    due = instance.due(until)
    elapsed = instance.elapsed_ms(until)
    target = instance.target_seconds
    since = instance.paused_since
    soon_at = risk_at = None
    guidelines, calendar = instance.guidelines, instance.calendar
    if ended is None and target is not None and since is None and guidelines is not None and calendar is not None:
        levels, pauses, add = guidelines.levels, instance.pauses, calendar.add_ms
        soon_at = add(instance.activated_at, (target - levels.soon_left_s(target)) * 1000, pauses)
        risk_at = add(instance.activated_at, (target - levels.risk_left_s(target)) * 1000, pauses)
    state: State = (
        ("stopped" if instance.stopped_by else "fulfilled")
        if ended is not None
        else "running"
        if since is None
        else "paused"
    )
    return Clock(
        metric=instance.metric,
        instance=number,
        activated_at=instance.activated_at,
        impact=instance.impact,
        target_seconds=target,
        cover=instance.cover,
        due_at=due,
        soon_at=soon_at,
        risk_at=risk_at,
        pauses=(*instance.pauses, (since, None)) if since is not None else tuple(instance.pauses),
        paused_since=since,
        ended_at=ended,
        stopped_by=instance.stopped_by,
        breach_recorded_at=instance.breach_recorded_at,
        elapsed_ms=elapsed,
        left_ms=None if target is None else target * 1000 - elapsed,
        state=state,
        guidelines=guidelines.label if guidelines is not None else "",
        answer_waits_since=instance.answer_waits_since if ended is None else None,
    )
