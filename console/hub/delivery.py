"""Sends recorded public messages, each once unless a person says otherwise, and tells the log what became of them.

A worker in every hub process; the one that holds an advisory lock works, the others wait for it to end. It follows the
log (`outgoing`), outside of every push; the rows are `outbox`'s. A message is `sending` in a committed row before it is
handed to the transport, so one whose sender died is *uncertain*: it is never tried again blindly but told in its
ticket, and a person decides (`support-console hub deliveries`). What was refused for certain is tried again, less and
less often, and has failed in the end. Outcomes are entries of the service "Mail delivery", under ids stored before.

Touches the database and the transport. Runs in a thread of its own; called by `hub.app` and tests. Instants are epoch
ms, UTC.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from console.channels.transport import Accepted, Answer, Refused, Transport, Unknown
from console.domain.events import MessageDelivery
from console.domain.push import Author
from console.hub import outbox, outgoing
from console.hub.clock import now_ms
from console.hub.database import AWAY, transaction, unavailable
from console.hub.errors import HubError
from console.hub.log import HubLog
from console.hub.people import People
from console.hub.service_author import Fact, ServiceAuthor

SERVICE: Final = "Mail delivery"
"""The person who says what became of messages: a service that the hub enrols itself."""
RETRY_WAITS_S: Final = (30, 120, 600, 1800, 3600, 3600, 7200, 7200)
"""After each refusal; then the message has failed, after about 7 hours."""
LOOK_EVERY_S: Final = 0.25
AWAY_EVERY_S: Final = 1.0
_LEAD: Final = 0x5C_0D_01
"""The advisory lock of the process that sends."""
_WRITE: Final = 0x5C_0D_02
"""That of the writer of outcomes."""
_TOLD_AT_ONCE: Final = 50
_UNSEEN: Final = text("""
    SELECT scope FROM streams WHERE stream = :stream
        AND scope NOT IN (SELECT scope FROM grants WHERE person = :person)""")

_log: Final = logging.getLogger(__name__)


class Delivery:
    """The worker of one process. `sender` is our address, perhaps behind a name; `waits_s` the waits after refusals."""

    def __init__(
        self,
        engine: Engine,
        log: HubLog,
        people: People,
        transport: Transport,
        *,
        sender: str,
        clock: Callable[[], int] = now_ms,
        waits_s: Sequence[float] = RETRY_WAITS_S,
    ) -> None:
        self._engine = engine
        self._people = people
        self._transport = transport
        self._sender = sender
        self._clock = clock
        self._waits_s = waits_s
        self._author = ServiceAuthor(engine, log, _WRITE)

    def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set, whatever happens: each failure is told once and tried again."""
        told = ""
        while not stop.is_set():
            try:
                with self.leading() as leader:
                    if leader is not None:
                        told = ""
                        self._work(leader, stop)
            except HubError as error:
                if error.sentence != told:
                    _log.error("nothing is sent at the moment: %s", error)
                told = error.sentence
            except Exception:  # a fault of ours with one message must not end the sending of all others
                _log.exception("delivery failed, and begins again")
            stop.wait(AWAY_EVERY_S)

    @contextlib.contextmanager
    def leading(self) -> Iterator[Connection | None]:
        """The connection that holds the lock of the one that sends, None where another process has it.

        The lock is the connection's: one that is cut off holds it no longer and cannot claim anything either. Whatever
        is `sending` when it is taken has lost its sender.
        """
        try:
            connection = self._engine.connect()
        except AWAY as error:
            raise unavailable() from error
        try:
            leads = connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LEAD})
            connection.commit()
            if leads:
                with connection.begin():
                    outgoing.begin(connection)
                    given_up = outbox.give_up_unanswered(connection, self._clock())
                for entry in given_up:
                    _log.warning("it is uncertain whether the message %s was sent: %s", entry, outbox.STOPPED)
            yield connection if leads else None
        except AWAY as error:
            raise unavailable() from error
        finally:
            with contextlib.suppress(SQLAlchemyError):  # cut off: then the server has let go of it already
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock_all()"))
            connection.invalidate()
            connection.close()

    def turn(self, leader: Connection) -> bool:
        """One round: tell what became of messages, queue what is new, send what is due. Whether there may be more.

        What the log cannot be told stops the sending as well. Nothing is claimed before the log was followed to its end
        in the same transaction, so a redaction that is recorded by then is obeyed.
        """
        told = self._tell()
        with leader.begin():
            more = outgoing.follow(leader, sender=self._sender, now_ms=self._clock())
            claimed = None if more else outbox.claim(leader, self._clock())
        if claimed is not None:
            answer = self._hand_over(claimed)
            with transaction(self._engine) as connection:
                self._settle(connection, claimed, answer)
        return told or more or claimed is not None

    def _work(self, leader: Connection, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self.turn(leader):
                stop.wait(LOOK_EVERY_S)

    def _hand_over(self, claimed: outbox.Delivery) -> Answer:
        try:
            return self._transport.send(claimed.message_id, claimed.letter)
        except Exception as error:  # whatever it was, the message may be out
            _log.exception("the transport failed with the message %s", claimed.entry)
            return Unknown(reason=f"The transport failed: {type(error).__name__}.")

    def _settle(self, connection: Connection, sent: outbox.Delivery, answer: Answer) -> None:
        now = self._clock()
        match answer:
            case Accepted():
                outbox.settle(connection, sent, "accepted", now_ms=now, reason=None)
            case Refused(reason) if sent.refusals < len(self._waits_s):
                due_at = now + round(self._waits_s[sent.refusals] * 1000)
                outbox.settle(connection, sent, "queued", now_ms=now, reason=reason, due_at=due_at)
            case Refused(reason):
                _log.warning("the message %s was not sent: %s", sent.entry, reason)
                outbox.settle(connection, sent, "failed", now_ms=now, reason=reason)
            case Unknown(reason):
                _log.warning("it is uncertain whether the message %s was sent: %s", sent.entry, reason)
                outbox.settle(connection, sent, "uncertain", now_ms=now, reason=reason)

    def _tell(self) -> bool:
        """Writes outcomes to the log; those that are there already are only marked as told."""
        with transaction(self._engine) as connection:
            if not outbox.untold(connection, 1):
                return False
        with self._author.alone() as connection:
            outcomes = outbox.untold(connection, _TOLD_AT_ONCE)
            if outcomes:
                device = self._author.device(connection, SERVICE, self._enrolled)
                for stream in dict.fromkeys(outcome.stream for outcome in outcomes):
                    self._let_see(connection, stream)
                author = Author(person=SERVICE, role="service", scopes=(), device=device, enrolled_at=0)
                facts = [_fact(outcome) for outcome in outcomes]
                for said in self._author.push(connection, author, device, facts):
                    if said.outcome == "refused":
                        _log.error("the log did not take what became of a message: %s", said.reason)
                outbox.mark_told(connection, [outcome.id for outcome in outcomes])
        return True

    def _enrolled(self) -> str:
        """A new device of the service. Its token is thrown away: nobody but the hub itself writes with it."""
        known = next((person for person in self._people.list() if person.name == SERVICE), None)
        if known is not None and known.role != "service":
            raise HubError(f"{SERVICE} is enrolled as {known.role}; the hub needs that name for its own service.")
        return self._people.redeem(self._people.enrol(SERVICE, "service", ["desk"]), "the hub").device

    def _let_see(self, connection: Connection, stream: str) -> None:
        """The service tells about every ticket, restricted ones as well."""
        scope = connection.scalar(_UNSEEN, {"stream": stream, "person": SERVICE})
        if scope is not None:
            self._people.grant(SERVICE, scope)


def _fact(outcome: outbox.Outcome) -> Fact:
    extra = None if outcome.decided_by is None else {"decided_by": outcome.decided_by}
    event = MessageDelivery(message=outcome.entry, state=outcome.state, extra=extra)
    return Fact(id=outcome.id, stream=outcome.stream, event=event, at=outcome.at)
