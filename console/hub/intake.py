"""Facts from services into the log, each once under the service's own name for it (`source`, `external_id`).

The ids of all entries that a report may become are committed before anything is pushed, and the log takes an id once;
so a report that is repeated after whatever went wrong is the same entries, and gets the same answer. What is refused
leaves no trace and may come again. Where a report belongs is `placing`'s to say; the push is the one that everybody
uses, in the name of the service, so its scopes decide. Called by the route `POST /v1/intake` and for the file drop.
Instants are epoch ms, UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, Literal

import msgspec
import uuid_utils
from sqlalchemy import Connection, Engine, text

from console.channels.reports import AlertReport, AnyReport, MessageReport, content_of, message_ids, said_of, thread_of
from console.domain.access import NOT_THERE, sees
from console.domain.events import TicketOpened, offer, ticket_stream
from console.domain.push import Author, malformed
from console.domain.stamp import scope_of
from console.hub import outbox
from console.hub.clock import now_ms
from console.hub.database import transaction
from console.hub.errors import HubError, HubUnavailable
from console.hub.log import HubLog
from console.hub.people import People
from console.hub.placing import Ids, NotPlaced, Place, Placing
from console.hub.service_author import Fact, ServiceAuthor

_WRITE: Final = 0x5C_0D_03
"""The advisory lock of the one who places reports: two of the same thread or purchase are one after the other."""
_TRIES: Final = 3
_MOST_REASON: Final = 200
"""Characters of what a mail system says of a message that it returns."""
Outcome = Literal["opened", "added", "followed_up", "known"]

_RESERVE: Final = text("""
    INSERT INTO intake (source, external_id, digest, ids, held_at)
    VALUES (:source, :external_id, :digest, :ids, :held_at) ON CONFLICT DO NOTHING""")
_RESERVED: Final = text("""
    SELECT digest, ids, held_at, answer FROM intake
    WHERE source = :source AND external_id = :external_id FOR UPDATE""")
_ANSWERED: Final = text("""
    UPDATE intake SET stream = :stream, entry = :entry, message_id = :message_id, alert = :alert, answer = :answer
    WHERE source = :source AND external_id = :external_id""")
_FORGET: Final = text("DELETE FROM intake WHERE source = :source AND external_id = :external_id AND answer IS NULL")
_NUMBER: Final = text("SELECT number FROM streams WHERE stream = :stream")
_SCOPE: Final = text("SELECT scope FROM streams WHERE stream = :stream")
_KNOWN: Final = text("SELECT id, stream FROM entries WHERE id = ANY(:ids)")


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a report: its ticket, and the entry that carries what it says. `known` is a purchase whose lot
    the log had already."""

    ticket: str
    number: int | None
    entry: str
    outcome: Outcome


class ReportConflict(HubError):
    """The external id is taken by other content (409)."""


class NotYours(HubError):
    """The report concerns what the service does not see, or who reports is no service (404)."""


class Intake:
    """The door for reports. Blocking; called in threads."""

    def __init__(self, engine: Engine, log: HubLog, people: People, *, clock: Callable[[], int] = now_ms) -> None:
        self._engine = engine
        self._log = log
        self._people = people
        self._clock = clock
        self._writer = ServiceAuthor(engine, log, _WRITE)

    def take(self, author: Author, report: AnyReport) -> Taken:
        """Records a report once. Errors: ReportConflict, NotYours, NotPlaced and HubError for what cannot be a fact,
        each before anything is recorded; HubUnavailable, after which the same report gives the answer."""
        if author.role != "service":
            raise NotYours("Only a service reports facts.")
        digest = hashlib.sha256(content_of(report)).digest()
        for _ in range(_TRIES):
            self._reserve(report, digest)
            taken = self._take(author, report, digest)
            if isinstance(taken, HubError):
                raise taken
            if taken is not None:
                return taken
        raise HubUnavailable("The report is being refused and repeated at once; try again.")

    def _take(self, author: Author, report: AnyReport, digest: bytes) -> Taken | HubError | None:
        """The answer to a reserved report, or its refusal, with which the reservation ends; None where it ended before
        because the same report was refused to somebody else."""
        named = _name(report)
        with self._writer.alone() as connection:
            row = connection.execute(_RESERVED, named).one_or_none()
            if row is None:
                return None
            if bytes(row.digest) != digest:
                return ReportConflict("The external id is known already with other content.")
            if row.answer is not None:
                taken = msgspec.json.decode(row.answer, type=Taken)
                return taken if _is_seen(connection, author, taken) else NotYours(NOT_THERE)
            ids = msgspec.json.decode(row.ids, type=Ids)
            try:
                place = self._record(connection, author, report, ids, row.held_at)
            except (NotPlaced, NotYours) as refusal:
                if _found(connection, ids) is None:
                    connection.execute(_FORGET, named)
                return refusal
            _settle_delivery(connection, report, self._clock())
            taken = _taken(connection, place, ids)
            connection.execute(
                _ANSWERED, {**named, **_found_again_by(report, place), "answer": msgspec.json.encode(taken)}
            )
            return taken

    def _reserve(self, report: AnyReport, digest: bytes) -> None:
        """Fixes the ids and the instant at which our side first held it, never one in the future."""
        now = self._clock()
        held_at = now if report.received_at is None else min(report.received_at, now)
        ids = msgspec.json.encode(_new_ids(again=_new_ids())).decode()
        with transaction(self._engine) as connection:
            connection.execute(_RESERVE, {**_name(report), "digest": digest, "ids": ids, "held_at": held_at})

    def _record(self, connection: Connection, author: Author, report: AnyReport, ids: Ids, held_at: int) -> Place:
        """Pushes what the report becomes, or finds it where an earlier attempt did and could not say so."""
        placing = Placing(connection, self._log, author)
        place = _found(connection, ids)
        if place is None:
            place = placing.place(report, ids, held_at)
            self._push(connection, author, place.facts)
        again = _found(connection, ids.again) if ids.again is not None else None
        if again is None:
            again = placing.follow_up_missed(report, place.stream, ids, held_at)
            if again is not None:
                self._push(connection, author, again.facts)
        return again or place

    def _push(self, connection: Connection, author: Author, facts: Sequence[Fact]) -> None:
        if not facts:
            return
        _refuse(connection, author, facts)
        device = self._writer.device(connection, f"intake {author.device}", lambda: self._people.new_device(author))
        for said in self._writer.push(connection, author, device, facts):
            if said.outcome == "refused":
                raise NotYours(NOT_THERE) if said.reason == NOT_THERE else NotPlaced(f"Not taken: {said.reason}")


def _settle_delivery(connection: Connection, report: AnyReport, now_ms: int) -> None:
    """What an automatic mail says of the message of ours that it answers, for the queue as well."""
    said = said_of(report) if isinstance(report, MessageReport) else None
    if not isinstance(report, MessageReport) or said is None:
        return
    sent = outbox.first_of(connection, thread_of(report))
    if sent is None:
        return
    match said:
        case "bounced":
            reason = " ".join(report.body.split())[:_MOST_REASON]
            outbox.came_back(connection, sent.entry, now_ms, reason or "the mail system gave no reason.")
        case "uncertain":
            outbox.doubted(connection, sent.entry, now_ms)
        case "accepted":
            outbox.arrived(connection, sent.entry, now_ms)
        case "sending":
            pass  # it is on its way, as it was


def _name(report: AnyReport) -> dict[str, str]:
    return {"source": report.source, "external_id": report.external_id}


def _new_ids(*, again: Ids | None = None) -> Ids:
    ticket, act, opened, told, followed, linked = (str(uuid_utils.uuid7()) for _ in range(6))
    return Ids(ticket=ticket, act=act, opened=opened, told=told, followed=followed, linked=linked, again=again)


def _found(connection: Connection, ids: Ids) -> Place | None:
    """Where an earlier attempt put it."""
    rows = connection.execute(_KNOWN, {"ids": [ids.opened, ids.told]})
    known: dict[str, str] = {row.id: row.stream for row in rows}
    if ids.told not in known:
        return None
    stream = known.get(ids.opened) or known[ids.told]  # a purchase is told in the account's stream
    return Place(stream=stream, told=ids.told, facts=())


def _taken(connection: Connection, place: Place, ids: Ids) -> Taken:
    used = ids if place.told == ids.told else ids.again or ids
    made = {row.id for row in connection.execute(_KNOWN, {"ids": [used.opened, used.followed]})}
    outcome: Outcome = "added"
    if place.told != used.told:
        outcome = "known"
    elif used.followed in made:
        outcome = "followed_up"
    elif used.opened in made:
        outcome = "opened"
    number = connection.scalar(_NUMBER, {"stream": place.stream})
    return Taken(ticket=place.stream.partition(":")[2], number=number, entry=place.told, outcome=outcome)


def _is_seen(connection: Connection, author: Author, taken: Taken) -> bool:
    scope = connection.scalar(_SCOPE, {"stream": ticket_stream(taken.ticket)})
    return scope is not None and sees(author.scopes, scope)


def _refuse(connection: Connection, author: Author, facts: Sequence[Fact]) -> None:
    """What the push would refuse, before it is remembered there as refused under these ids."""
    opened: dict[str, str] = {}
    for place, fact in enumerate(facts, start=1):
        scope = connection.scalar(_SCOPE, {"stream": fact.stream}) or opened.get(fact.stream)
        if scope is None:
            scope = scope_of(fact.stream, fact.event if isinstance(fact.event, TicketOpened) else None)
            opened[fact.stream] = scope
        if not sees(author.scopes, scope):
            raise NotYours(NOT_THERE)
        offered = offer(
            fact.event, id=fact.id, stream=fact.stream, at=fact.at, device=author.device, dseq=place, act=fact.act
        )
        reason = malformed(offered, author)
        if reason is not None:
            raise NotPlaced(f"Not taken: {reason[:1].lower()}{reason[1:]}")


def _found_again_by(report: AnyReport, place: Place) -> dict[str, str | None]:
    own_ids = message_ids(report.message_id) if isinstance(report, MessageReport) else ()
    return {
        "stream": place.stream,
        "entry": place.told,
        "message_id": own_ids[0] if own_ids else None,
        "alert": report.alert if isinstance(report, AlertReport) else None,
    }
