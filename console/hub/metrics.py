"""What a hub process counts, as Prometheus reads it. A registry of its own for each application.

Labels are routes and outcomes, never a person, a ticket or a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from console.domain.push import Verdict
from console.hub.head_watch import HeadWatch

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """`pokes` are the workstations that listen now; of the deliveries it knows what it was told last (`delivering`)."""

    def __init__(self, engine: Engine, head: HeadWatch) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "hub_requests", "Answered requests.", ("method", "route", "status"), registry=self.registry
        )
        self._events = Counter("hub_push_events", "Pushed events by outcome.", ("outcome",), registry=self.registry)
        self.pokes = Gauge("hub_pokes", "Workstations that listen for pokes.", registry=self.registry)
        self._deliveries = Gauge(
            "hub_deliveries",
            "Messages on their way out by state; what is uncertain waits for a person.",
            ("state",),
            registry=self.registry,
        )
        self._gauge("hub_head", "The last entry of the log that this process knows.", lambda: head.seq)
        self._gauge("hub_pulls_waiting", "Pulls that wait for news.", lambda: head.moved.waiting)
        self._gauge("hub_database_away", "1 while the database cannot be reached.", lambda: head.away)
        pool = engine.pool
        if isinstance(pool, QueuePool):
            self._gauge("hub_pool_in_use", "Connections to the database in use.", pool.checkedout)
            self._gauge("hub_pool_size", "Connections that are kept open.", pool.size)

    def answered(self, method: str, route: str, status: int) -> None:
        self._requests.labels(method, route, status).inc()

    def pushed(self, verdicts: Iterable[Verdict]) -> None:
        for verdict in verdicts:
            void = verdict.outcome == "recorded" and verdict.effect != "applied"
            self._events.labels("void" if void else verdict.outcome).inc()

    def delivering(self, counts: Mapping[str, int]) -> None:
        """How many messages are in each state of `outbox.counts`."""
        for state, count in counts.items():
            self._deliveries.labels(state).set(count)

    def text(self) -> bytes:
        return generate_latest(self.registry)

    def _gauge(self, name: str, says: str, read: Callable[[], float]) -> None:
        Gauge(name, says, registry=self.registry).set_function(read)
