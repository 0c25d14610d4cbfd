"""Writes to the log in the name of a service: facts whose ids are fixed already, through the same push as everybody's.

Called by `delivery` and `intake`. What is written this way can be written again: the ids are stored before, so an entry
that is in the log already is answered as such. All of it is done under one advisory lock, by one thread of one process
at a time, because a device's `dseq` rise from push to push. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, text

from console.domain.events import Event, offer
from console.domain.push import Author, Verdict
from console.hub.database import transaction
from console.hub.errors import Conflicted, HubUnavailable
from console.hub.log import HubLog
from console.wire.messages import Push, wire_event

_TRIES: Final = 3
_LAST_DSEQ: Final = text("SELECT last_dseq FROM devices WHERE device = :device")
_DEVICE: Final = text("""
    SELECT d.device FROM own_devices o JOIN devices d ON d.device = o.device
    WHERE o.purpose = :purpose AND d.revoked_at IS NULL""")
_KEEP_DEVICE: Final = text(
    "INSERT INTO own_devices (purpose, device) VALUES (:purpose, :device) "
    "ON CONFLICT (purpose) DO UPDATE SET device = excluded.device"
)
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:lock)")


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """An event with its id and the instant at which its writer held it. Facts of one `act` are decided together."""

    id: str
    stream: str
    event: Event
    at: int
    act: str | None = None


class ServiceAuthor:
    """The one writer of its purpose among all hub processes; `lock` is the number of its advisory lock."""

    def __init__(self, engine: Engine, log: HubLog, lock: int) -> None:
        self._engine = engine
        self._log = log
        self._lock = lock
        self._here = threading.Lock()

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A transaction in which nobody else of this purpose writes; committed at the end. Errors: HubUnavailable.

        Threads of this process wait before they take a connection: else those who wait for the lock could hold all
        connections, and its owner would have none to push with.
        """
        with self._here, transaction(self._engine) as connection:
            connection.execute(_LOCK, {"lock": self._lock})
            yield connection

    def device(self, connection: Connection, purpose: str, make: Callable[[], str]) -> str:
        """The device of a purpose; `make` gives a new one where there is none that may still write."""
        known = connection.scalar(_DEVICE, {"purpose": purpose})
        if known is not None:
            return str(known)
        made = make()
        connection.execute(_KEEP_DEVICE, {"purpose": purpose, "device": made})
        return made

    def push(self, connection: Connection, author: Author, device: str, facts: Sequence[Fact]) -> tuple[Verdict, ...]:
        """One verdict for each fact. `connection` is that of `alone`.

        Errors: HubUnavailable, after which nobody knows what became of it: the same facts again give the answer;
        NotSignedIn where the service was revoked.
        """
        for _ in range(_TRIES):
            last = connection.scalar(_LAST_DSEQ, {"device": device}) or 0
            offers = [
                offer(
                    fact.event,
                    id=fact.id,
                    stream=fact.stream,
                    at=fact.at,
                    device=device,
                    dseq=last + 1 + place,
                    act=fact.act,
                )
                for place, fact in enumerate(facts)
            ]
            pushing = Push(
                device=device,
                epoch=self._log.head().epoch,
                base_dseq=last,
                events=tuple(wire_event(each) for each in offers),
            )
            try:
                verdicts = self._log.push(author, pushing).verdicts
            except Conflicted:
                continue  # the hub was restored between the two looks
            if len(verdicts) == len(facts) and all(said.outcome in ("recorded", "refused") for said in verdicts):
                return verdicts
            # A push of a process that died meanwhile came in after the look at `last_dseq`.
        raise HubUnavailable("The hub could not write in the name of the service; try again.")
