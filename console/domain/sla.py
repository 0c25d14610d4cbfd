"""The clocks of a ticket: numbered instances of seven metrics, derived from its entries and the guidelines.

Source: spec sla.md 3 and 4. Pure: nothing is counted or stored on the way; the same entries, guidelines and `as_of`
give the same clocks everywhere. Called by the journal (read models), the desk and the benchmarks; `explain` tells the
story of what this module decided, through the `Trace` that it may pass in.

Instants are epoch ms, UTC. Lengths are open time on the cover of the target: seconds for targets, ms for the rest.
A change of impact, plan, product or guidelines touches unfinished instances only; a breach is recorded when the due
instant passes, or at the change that made it pass, never earlier; a recorded breach stays recorded. What waits for the
hub answers nobody yet: the clocks go on, and say that an answer waits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, Protocol

from console.domain import events as ev
from console.domain.clock import METRICS, Clock, Instance, StoppedBy, freeze
from console.domain.events import Entry, Event, Impact, MetricName, Status
from console.domain.guidelines import GuidelinesHistory, Target
from console.domain.ticket import next_status, who

_POSITION: Final = {metric: position for position, metric in enumerate(METRICS)}

_REPLY_METRICS: Final = METRICS[:4]
_SPAN_METRICS: Final = METRICS[4:]
_PAUSED_BY: Final[Mapping[Status, frozenset[MetricName]]] = {
    "pending": frozenset({"pausable_update", "requester_wait", "agent_work"}),
    "on_hold": frozenset({"agent_work"}),
}
_SOLVED_SPAN_PAUSES: Final = frozenset({"requester_wait", "agent_work"})
_NO_PAUSES: Final[frozenset[MetricName]] = frozenset()
_ENDED: Final = frozenset({"solved", "closed"})


class Trace(Protocol):
    """Told of each step of each instance, for explanations. `key` is the instance while it is being built."""

    def __call__(self, key: Instance, at: int, step: str, entry: Entry | None) -> None: ...


class _Engine:
    """Walks the entries of one ticket once, in log order, and keeps what runs in `running`."""

    __slots__ = (
        "answered_blindly",
        "by",
        "done",
        "failures",
        "first_started",
        "frozen_by",
        "history",
        "impact",
        "last_public_at",
        "plan",
        "product",
        "running",
        "status",
        "trace",
        "tracked",
        "unanswered_since",
        "unsent",
    )

    def __init__(
        self, history: GuidelinesHistory, tracked: frozenset[MetricName], unsent: Mapping[str, int], trace: Trace | None
    ) -> None:
        self.history = history
        self.tracked = tracked
        self.trace = trace
        self.unsent = unsent
        self.answered_blindly: list[tuple[Instance, int, int]] = []
        self.failures: dict[str, int] = {}
        self.running: dict[MetricName, Instance] = {}
        self.done: list[Instance] = []
        self.status: Status = "new"
        self.by = ""
        self.product: str | None = None
        self.plan: str | None = None
        self.impact: Impact | None = None
        self.first_started = False
        self.frozen_by: StoppedBy | None = None
        self.last_public_at: int | None = None
        self.unanswered_since: int | None = None

    # What an instance goes through

    def start(self, metric: MetricName, at: int, entry: Entry) -> None:
        instance = Instance(metric, at, len(self.done) + len(self.running))
        self.aim(instance, at)
        if metric in _PAUSED_BY.get(self.status, _NO_PAUSES):
            instance.paused_since = at
        self.running[metric] = instance
        if self.trace is not None:
            self.trace(instance, at, "start", entry)

    def aim(self, instance: Instance, at: int) -> None:
        """Gives an instance the target that holds at an instant."""
        guidelines = self.history.at(self.product, at)
        targets: Mapping[MetricName, Target] = guidelines.targets_for(self.product, self.plan, self.impact)
        instance.guidelines = guidelines
        instance.impact = self.impact if self.impact is not None else guidelines.impact_when_unset
        instance.due_known = None
        target = targets.get(instance.metric)
        if target is None:
            instance.target_seconds = instance.cover = instance.calendar = None
            instance.promised = instance.impact is None and instance.metric in guidelines.promised_metrics(
                self.product, self.plan
            )
        else:
            instance.target_seconds = target.seconds
            instance.cover = target.cover
            instance.calendar = guidelines.calendar(target.cover)

    def record_breach(self, instance: Instance, at: int) -> None:
        """A breach that a lost reply hid, because it was sent by then, is recorded when we learned of the loss."""
        if self.answered_blindly:
            hidden = (
                learned for answered, sent, learned in self.answered_blindly if answered is instance and sent <= at
            )
            at = max(at, max(hidden, default=at))
        instance.breach_recorded_at = at

    def settle(self, instance: Instance, at: int) -> None:
        """Records the breach of a due instant that has passed by `at`."""
        if instance.breach_recorded_at is None and instance.target_seconds is not None:
            due = instance.due(at)
            if due is not None and due < at:
                self.record_breach(instance, due)

    def find_missed(self, instance: Instance, at: int) -> None:
        """Records, at the fact that shows it, the breach of a due instant that lies before the fact."""
        if instance.breach_recorded_at is None:
            due = instance.due(at)
            if due is not None and due < at:
                self.record_breach(instance, at)

    def retarget(self, at: int, entry: Entry) -> None:
        for instance in self.running.values():
            when = at if at > instance.activated_at else instance.activated_at
            self.settle(instance, when)
            before = (instance.target_seconds, instance.cover)
            self.aim(instance, when)
            self.find_missed(instance, when)
            if self.trace is not None and before != (instance.target_seconds, instance.cover):
                self.trace(instance, when, "retarget", entry)

    def finish(self, metric: MetricName, at: int, entry: Entry, stopped_by: StoppedBy | None = None) -> None:
        instance = self.running.pop(metric, None)
        if instance is None:
            return
        if at < instance.activated_at:
            at = instance.activated_at
        self.settle(instance, at)
        self.resume(instance, at)
        instance.ended_at = at
        instance.stopped_by = stopped_by
        self.done.append(instance)
        if self.trace is not None:
            self.trace(instance, at, "stop" if stopped_by else "fulfil", entry)

    def resume(self, instance: Instance, at: int) -> None:
        since = instance.paused_since
        if since is not None:
            instance.paused_since = None
            if at > since:
                instance.pauses.append((since, at))

    def go_on(self, instance: Instance, at: int, entry: Entry, *, paused: bool) -> None:
        """An ended instance runs again; a due instant in the span between breaches now, not then."""
        ended = instance.ended_at
        if ended is None:
            return
        at = max(at, ended)
        instance.ended_at = instance.stopped_by = None
        if paused and at > ended:
            instance.pauses.append((ended, at))
        self.find_missed(instance, at)
        self.done.remove(instance)
        self.running[instance.metric] = instance
        if instance.metric in _PAUSED_BY.get(self.status, _NO_PAUSES):
            instance.paused_since = at
        if self.trace is not None:
            self.trace(instance, at, "go_on", entry)

    def answer_waits(self, at: int, entry: Entry) -> None:
        """A person's act is not at the hub yet: no clock is answered before it counts there."""
        for metric in _REPLY_METRICS:
            instance = self.running.get(metric)
            if instance is not None and instance.answer_waits_since is None:
                instance.answer_waits_since = at
                if self.trace is not None:
                    self.trace(instance, at, "unsent", entry)

    # What happens to a ticket

    def status_becomes(self, status: Status, at: int, entry: Entry) -> None:
        before, self.status = self.status, status
        if status in _ENDED:
            if before not in _ENDED:
                self.end_all("solved", at, entry)
            return
        if before in _ENDED:
            for instance in [i for i in self.done if i.metric in _SPAN_METRICS and i.stopped_by is None]:
                self.go_on(instance, at, entry, paused=instance.metric in _SOLVED_SPAN_PAUSES)
            return
        pausing = _PAUSED_BY.get(status, _NO_PAUSES)
        for metric, instance in self.running.items():
            if metric in pausing:
                if instance.paused_since is None:
                    instance.paused_since = max(at, instance.activated_at)
                    if self.trace is not None:
                        self.trace(instance, instance.paused_since, "pause", entry)
            elif instance.paused_since is not None:
                when = max(at, instance.paused_since)
                self.resume(instance, when)
                if self.trace is not None:
                    self.trace(instance, when, "resume", entry)

    def end_all(self, reason: StoppedBy, at: int, entry: Entry) -> None:
        """Solved stops the reply clocks and fulfils the others; a merge and spam stop all of them."""
        for metric in list(self.running):
            fulfils = reason == "solved" and metric in _SPAN_METRICS
            self.finish(metric, at, entry, None if fulfils else reason)
        self.unanswered_since = None

    def customer_wrote(self, at: int, entry: Entry) -> None:
        if self.status == "closed" or self.frozen_by is not None:
            if self.frozen_by == "spam" and self.unanswered_since is None:
                self.unanswered_since = at
            return
        if self.unanswered_since is None:
            self.unanswered_since = at
        if not self.first_started:
            self.first_started = True
            self.start("first_reply", at, entry)
        elif "first_reply" not in self.running:
            if "next_reply" not in self.running:
                self.start("next_reply", self.next_reply_start(at), entry)
                self.find_missed(self.running["next_reply"], at)
            elif self.trace is not None:
                self.trace(self.running["next_reply"], at, "joined", entry)
        elif self.trace is not None:
            self.trace(self.running["first_reply"], at, "joined", entry)

    def next_reply_start(self, at: int) -> int:
        guidelines = self.history.at(self.product, at)
        if guidelines.next_reply_from == "previous_reply" and self.last_public_at is not None:
            return min(at, self.last_public_at)
        return at

    def engineer_wrote(self, at: int, entry: Entry) -> None:
        """A public message by a person: answers what is open and starts the next interval of updates."""
        if entry.pending:
            self.answer_waits(at, entry)
            return
        self.unanswered_since = None
        for metric in _REPLY_METRICS:
            if metric in self.running:
                self.finish(metric, at, entry)
        self.last_public_at = at
        if self.status not in _ENDED and self.frozen_by is None:
            self.start("periodic_update", at, entry)
            self.start("pausable_update", at, entry)

    def engineer_touched(self, at: int, entry: Entry) -> None:
        """The first act of a person answers an alert: taking it, a note, or a public message."""
        if self.by != "monitoring" or self.last_public_at is not None:
            return
        if entry.pending:
            self.answer_waits(at, entry)
        else:
            self.finish("first_reply", at, entry)


def _opened(g: _Engine, entry: Entry, e: ev.TicketOpened, at: int) -> None:
    if g.by:
        return
    g.by = e.by
    g.product, g.plan, g.impact = e.product, e.plan, e.impact
    if e.by == "monitoring" and e.impact is None:
        g.impact = "urgent"
    if e.by != "engineer":
        g.first_started = True
        g.unanswered_since = at
        g.start("first_reply", at, entry)
    for metric in _SPAN_METRICS:
        if metric in g.tracked:
            g.start(metric, at, entry)


def _received(g: _Engine, entry: Entry, e: ev.MessageReceived, at: int) -> None:
    if g.frozen_by is None:
        status = next_status(g.status, e)
        if status != g.status:
            g.status_becomes(status, at, entry)
    g.customer_wrote(at, entry)


def _sent(g: _Engine, entry: Entry, e: ev.MessageSent, at: int) -> None:
    if e.author == "bot":
        return
    learned = g.unsent.get(entry.id)
    if learned is not None:
        g.answered_blindly += [(g.running[metric], at, learned) for metric in _REPLY_METRICS if metric in g.running]
    if e.public and learned is None:
        g.engineer_wrote(at, entry)
    else:
        g.engineer_touched(at, entry)


def _called(g: _Engine, entry: Entry, e: ev.CallLogged, at: int) -> None:
    if e.public:
        g.engineer_wrote(at, entry)
    else:
        g.engineer_touched(at, entry)


def _delivered(g: _Engine, entry: Entry, e: ev.MessageDelivery, at: int) -> None:
    if e.state in ("failed", "bounced"):
        g.failures.setdefault(e.message, at)
    elif e.state == "accepted":
        g.failures.pop(e.message, None)


def _assigned(g: _Engine, entry: Entry, e: ev.TicketAssigned, at: int) -> None:
    if g.by == "monitoring" and e.to is not None and e.to == who(entry):
        g.engineer_touched(at, entry)


def _impact(g: _Engine, entry: Entry, e: ev.ImpactSet, at: int) -> None:
    g.impact = e.impact
    g.retarget(at, entry)


def _product(g: _Engine, entry: Entry, e: ev.ProductSet, at: int) -> None:
    g.product = e.product
    g.retarget(at, entry)


def _plan(g: _Engine, entry: Entry, e: ev.PlanSet, at: int) -> None:
    g.plan = e.plan
    g.retarget(at, entry)


def _status(g: _Engine, entry: Entry, e: Event, at: int) -> None:
    status = next_status(g.status, e)
    if g.frozen_by is not None:
        g.status = status
    elif status != g.status:
        g.status_becomes(status, at, entry)


def _merged(g: _Engine, entry: Entry, e: ev.TicketMerged, at: int) -> None:
    if g.frozen_by is None:
        g.end_all("merged", at, entry)
    g.frozen_by = "merged"
    g.status = "closed"


def _spam(g: _Engine, entry: Entry, e: ev.MarkedSpam, at: int) -> None:
    if g.frozen_by is None:
        g.end_all("spam", at, entry)
        g.frozen_by = "spam"


def _not_spam(g: _Engine, entry: Entry, e: ev.UnmarkedSpam, at: int) -> None:
    """Taking spam back lets the stopped clocks go on; what became due in between breaches now."""
    if g.frozen_by != "spam":
        return
    g.frozen_by = None
    if g.status in _ENDED:
        return
    waiting, g.unanswered_since = g.unanswered_since, None
    for instance in [i for i in g.done if i.stopped_by == "spam"]:
        g.go_on(instance, at, entry, paused=False)
    if waiting is not None and "next_reply" not in g.running:
        g.customer_wrote(waiting, entry)
        for instance in g.running.values():
            g.find_missed(instance, at)


_HANDLERS: Final[dict[type[Event], Callable[[_Engine, Entry, Any, int], None]]] = {
    ev.TicketOpened: _opened,
    ev.MessageReceived: _received,
    ev.MessageSent: _sent,
    ev.CallLogged: _called,
    ev.MessageDelivery: _delivered,
    ev.TicketAssigned: _assigned,
    ev.ImpactSet: _impact,
    ev.ProductSet: _product,
    ev.PlanSet: _plan,
    ev.StatusSet: _status,
    ev.TicketSolved: _status,
    ev.TicketClosed: _status,
    ev.TicketReopened: _status,
    ev.TicketMerged: _merged,
    ev.MarkedSpam: _spam,
    ev.UnmarkedSpam: _not_spam,
}


def _walk(
    entries: Iterable[Entry],
    history: GuidelinesHistory,
    tracked: frozenset[MetricName],
    trace: Trace | None,
    unsent: Mapping[str, int],
) -> _Engine:
    engine = _Engine(history, tracked, unsent, trace)
    handlers = _HANDLERS
    for entry in entries:
        event = entry.event
        handler = handlers.get(type(event))
        if handler is None or entry.effect != "applied":
            continue
        if engine.by or type(event) is ev.TicketOpened:
            handler(engine, entry, event, entry.counts_at)
    return engine


def build(
    entries: Collection[Entry],
    history: GuidelinesHistory,
    as_of: int,
    *,
    metrics: Collection[MetricName] | None = None,
    trace_for: Callable[[], Trace] | None = None,
) -> list[Instance]:
    """The instances of a ticket in the order in which they began, breaches recorded up to `as_of`.

    A reply that bounced or failed folds as if it had never been public, so the walk is done again without it. Each
    walk gets a trace of its own from `trace_for`.
    """
    tracked = history.metrics if metrics is None else history.metrics.union(metrics)
    engine = _walk(entries, history, tracked, trace_for() if trace_for else None, {})
    if engine.failures:
        engine = _walk(entries, history, tracked, trace_for() if trace_for else None, engine.failures)
    for instance in engine.running.values():
        engine.settle(instance, as_of)
    return [*engine.done, *engine.running.values()]


def _shown(instance: Instance, asked: Collection[MetricName] | None) -> bool:
    """Whether an instance is a promise to somebody: it has a target, had one that it missed, or waits for one."""
    if asked is not None:
        return instance.metric in asked
    return instance.target_seconds is not None or instance.breach_recorded_at is not None or instance.promised


def shown(instances: Iterable[Instance], metrics: Collection[MetricName] | None = None) -> list[tuple[int, Instance]]:
    """The instances to list, each with its number: by metric, then as they began. `metrics` asks for just these."""
    visible = [i for i in instances if _shown(i, metrics)]
    if len(visible) > 1:
        visible.sort(key=lambda i: (_POSITION[i.metric], i.order))
    numbers: dict[MetricName, int] = {}
    numbered = []
    for instance in visible:
        number = numbers[instance.metric] = numbers.get(instance.metric, 0) + 1
        numbered.append((number, instance))
    return numbered


def clocks(
    entries: Collection[Entry],
    history: GuidelinesHistory,
    as_of: int | None = None,
    *,
    metrics: Collection[MetricName] | None = None,
) -> tuple[Clock, ...]:
    """All clocks of a ticket as of an instant, epoch ms; by default as of its last entry.

    The entries are those that count by `as_of`, in log order; the caller leaves later ones out. Only metrics with a
    target in the guidelines are computed, unless `metrics` asks for others by name.
    """
    if as_of is None:
        as_of = max((entry.counts_at for entry in entries), default=0)
    instances = build(entries, history, as_of, metrics=metrics)
    return tuple(freeze(instance, number, as_of) for number, instance in shown(instances, metrics))
