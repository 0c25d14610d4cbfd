"""Where a report of a service belongs: which ticket it is about, and the facts that it becomes there.

Called by `intake`, under its lock. A ticket is found by the ids of the messages that are answered, by `[#NUMBER]` in
the subject, then by its name elsewhere; only tickets that the service sees are found, so nothing is told of the others.
Ids are hard to guess, numbers are not: a number counts only from who takes part in its ticket. A merged ticket leads to
the one that survived it, a closed one to its follow-up. An automatic mail is no message: it says what became of ours,
and opens nothing. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, text

from console.channels import reports
from console.channels.imports.ticket_events import FOLLOW_UP_SUBJECT
from console.channels.letter import address_in
from console.channels.reports import said_of, thread_of
from console.domain import events as ev
from console.domain import pro_events as pe
from console.domain.events import Entry, Event, decode_payload, imported_id, ticket_stream
from console.domain.pro import fold as fold_pro
from console.domain.pro_events import pro_stream
from console.domain.push import Author
from console.domain.stamp import scope_of
from console.domain.ticket import Ticket, fold
from console.domain.words import exact
from console.hub import outbox
from console.hub.errors import HubError
from console.hub.log import HubLog
from console.hub.service_author import Fact
from console.wire.messages import entry_of

NO_SUBJECT: Final = "(no subject)"
PRO_PRODUCT: Final = "CAS"
_REFS: Final = "ticket refs"
_LONGEST_WAY: Final = 20
"""Merges and follow-ups that are followed from one ticket to the next."""
_STEP: Final = 20_000
"""Entries that are looked through for openings at once."""
_MOST_REF: Final = 300
_NUMBER: Final = re.compile(r"\[#(\d{1,15})\]")
_RESTRICTED: Final = "restricted:"
NAMED: Final = "named"
"""The relation of a ticket to the one that its first subject names, whoever wrote it."""

_BY_MESSAGE: Final = text("""
    SELECT stream FROM deliveries WHERE message_id = :id
    UNION ALL SELECT stream FROM intake WHERE message_id = :id AND stream IS NOT NULL""")
_BY_NUMBER: Final = text("SELECT stream FROM streams WHERE number = :number")
_BY_REF: Final = text("SELECT stream FROM ticket_refs WHERE external_ref = :ref ORDER BY seq DESC LIMIT 20")
_BY_ALERT: Final = text("""
    SELECT stream FROM intake WHERE source = :source AND alert = :alert AND stream IS NOT NULL
    ORDER BY held_at DESC, external_id LIMIT 20""")
_REFS_AT: Final = text("SELECT seq, epoch FROM log_cursors WHERE name = :name")
_HEAD: Final = text("SELECT seq, epoch, fork_seq FROM head")
_OPENINGS: Final = text("""
    SELECT seq, stream, payload FROM entries
    WHERE seq > :after AND seq <= :upto AND type = 'ticket.opened' AND effect = 'applied'""")
_KEEP_REF: Final = text(
    "INSERT INTO ticket_refs (external_ref, seq, stream) VALUES (:ref, :seq, :stream) ON CONFLICT DO NOTHING"
)
_MOVE: Final = text("""
    INSERT INTO log_cursors (name, seq, epoch) VALUES (:name, :seq, :epoch)
    ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, epoch = excluded.epoch""")


class NotPlaced(HubError):
    """A report that says something about nothing."""


class Ids(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of all that a report may become, fixed before anything of it is pushed. `again` are those of a follow-up
    that is opened because the ticket was closed while the message came in."""

    ticket: str
    act: str
    opened: str
    told: str
    followed: str
    linked: str
    again: Ids | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What a report becomes. `stream` is its ticket's, `told` the id of the entry that carries what it says; without
    `facts` the log knows it already."""

    stream: str
    told: str
    facts: tuple[Fact, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that the service sees."""

    stream: str
    scope: str
    ticket: Ticket


class Placing:
    """Looks into the log as one service, in the transaction of `connection`."""

    def __init__(self, connection: Connection, log: HubLog, author: Author) -> None:
        self._connection = connection
        self._log = log
        self._author = author

    def place(self, report: reports.AnyReport, ids: Ids, held_at: int) -> Place:
        """Errors: NotPlaced."""
        match report:
            case reports.MessageReport():
                return self._message(report, ids, held_at)
            case reports.PurchaseReport():
                return self._purchase(report, ids, held_at)
            case reports.AlertReport():
                return self._alert(report, ids, held_at)
            case reports.AlertResolvedReport():
                return self._resolved(report, ids, held_at)

    def entries(self, stream: str) -> list[Entry]:
        """A stream as the service sees it; none where it does not."""
        return [entry_of(entry) for entry in self._log.stream(self._author, stream) or ()]

    def follow_up_missed(self, report: reports.AnyReport, stream: str, ids: Ids, held_at: int) -> Place | None:
        """The follow-up of a ticket that was closed between the look at it and the message; None where it was open."""
        if not isinstance(report, reports.MessageReport) or said_of(report) is not None or ids.again is None:
            return None
        entries = self.entries(stream)
        before = fold(entries[: next((at for at, e in enumerate(entries) if e.id == ids.told), 0)])
        if before is None or before.status != "closed":
            return None
        return self._follow_up(report, Found(stream=stream, scope=entries[0].scope, ticket=before), ids.again, held_at)

    def _message(self, report: reports.MessageReport, ids: Ids, held_at: int) -> Place:
        if said_of(report) is not None:
            return self._outcome(report, ids, held_at)
        found, named = self._first_of(self._answered(report)), None
        if found is None:
            found, named = self._numbered(report)
        if found is None:
            found = self._first_of(iter(self._by_ref(report.external_ref)))
        if found is None:
            opened = ev.TicketOpened(
                by="customer",
                channel=report.channel,
                subject=_line(report.subject) or NO_SUBJECT,
                account=report.account,
                contact=report.sender,
                product=report.product,
                plan=report.plan,
                impact=report.impact,
                external_ref=report.external_ref,
                restricted=report.restricted,
            )
            place = _opening(opened, ticket_stream(ids.ticket), _received(report), ids, held_at)
            return place if named is None else _linked(place, named, opened, ids, held_at)
        if found.ticket.status == "closed":
            return self._follow_up(report, found, ids, held_at)
        return _on(found.stream, _received(report), ids, held_at)

    def _outcome(self, report: reports.MessageReport, ids: Ids, held_at: int) -> Place:
        """What an automatic mail says of the message of ours that it answers."""
        said, sent = said_of(report), outbox.first_of(self._connection, thread_of(report))
        if said is not None and sent is not None and self.entries(sent.stream):
            return _on(sent.stream, ev.MessageDelivery(message=sent.entry, state=said), ids, held_at)
        raise NotPlaced(
            "An automatic mail that answers no message of the hub opens no ticket; report what a machine notices as an "
            "alert."
        )

    def _follow_up(self, report: reports.MessageReport, old: Found, ids: Ids, held_at: int) -> Place:
        """A message on a closed ticket goes on in a new one, in the same circle of people (spec sla.md 3)."""
        ticket, new = old.ticket, ticket_stream(ids.ticket)
        subject = ticket.subject
        opened = ev.TicketOpened(
            by="customer",
            channel=report.channel,
            subject=subject if subject.startswith(FOLLOW_UP_SUBJECT) else FOLLOW_UP_SUBJECT + subject,
            account=ticket.account,
            contact=report.sender or ticket.contact,
            product=ticket.product,
            plan=ticket.plan,
            impact=ticket.impact,
            external_ref=report.external_ref if report.external_ref != ticket.external_ref else None,
            restricted=old.scope.removeprefix(_RESTRICTED) if old.scope.startswith(_RESTRICTED) else None,
        )
        links = (
            (ids.followed, old.stream, ev.TicketFollowedUp(new=ids.ticket)),
            (ids.linked, new, ev.TicketLinked(to=ticket.id, relation="follow_up")),
        )
        place = _opening(opened, new, _received(report), ids, held_at)
        more = tuple(Fact(id=id, stream=to, event=event, at=held_at, act=ids.act) for id, to, event in links)
        return msgspec.structs.replace(place, facts=(*place.facts, *more))

    def _purchase(self, report: reports.PurchaseReport, ids: Ids, held_at: int) -> Place:
        """One act of ticket and lot. The ticket's id follows from the purchase's, as at a workstation, so that one that
        was reported in both ways is one."""
        pro = pro_stream(report.account)
        bought_at = held_at if report.bought_at is None else report.bought_at
        if report.period_end <= bought_at:
            raise NotPlaced("The purchase's period ends before it was bought.")
        lot = fold_pro(self.entries(pro)).lots.get(report.purchase_id)
        if lot is not None:
            return Place(stream=ticket_stream(lot.ticket), told=lot.entry, facts=())
        ticket = imported_id("purchase", report.purchase_id)
        opened = ev.TicketOpened(
            by="purchase",
            channel="purchase",
            subject=_line(report.subject or "")
            or f"{exact(report.seconds * 1000)} of Pro Services bought: arrange the slot",
            account=report.account,
            contact=report.contact,
            product=report.product or PRO_PRODUCT,
            plan=report.plan,
            external_ref=report.purchase_id,
        )
        bought = pe.LotBought(
            purchase_id=report.purchase_id,
            seconds=report.seconds,
            bought_at=bought_at,
            period_end=report.period_end,
            ticket=ticket,
            extends=report.extends,
        )
        facts = (
            Fact(id=ids.opened, stream=ticket_stream(ticket), event=opened, at=held_at, act=ids.act),
            Fact(id=ids.told, stream=pro, event=bought, at=held_at, act=ids.act),
        )
        return Place(stream=ticket_stream(ticket), told=ids.told, facts=facts)

    def _alert(self, report: reports.AlertReport, ids: Ids, held_at: int) -> Place:
        fired = ev.AlertFired(alert=report.alert, summary=report.summary)
        found = self._first_of(self._of_alert(report.source, report.alert, report.external_ref), only_open=True)
        if found is not None:
            return _on(found.stream, fired, ids, held_at)
        opened = ev.TicketOpened(
            by="monitoring",
            channel="monitoring",
            subject=_line(report.subject or report.summary) or report.alert,
            account=report.account,
            product=report.product,
            plan=report.plan,
            impact=report.impact,
            external_ref=report.external_ref,
            restricted=report.restricted,
        )
        return _opening(opened, ticket_stream(ids.ticket), fired, ids, held_at)

    def _resolved(self, report: reports.AlertResolvedReport, ids: Ids, held_at: int) -> Place:
        found = self._first_of(self._of_alert(report.source, report.alert, report.external_ref))
        if found is None:
            raise NotPlaced("No ticket knows this alert; report it before it is resolved.")
        return _on(found.stream, ev.AlertResolved(alert=report.alert), ids, held_at)

    def _answered(self, report: reports.MessageReport) -> Iterator[str]:
        """The streams of the messages that it answers, the nearest first."""
        for id in thread_of(report):
            yield from self._connection.scalars(_BY_MESSAGE, {"id": id}).all()

    def _numbered(self, report: reports.MessageReport) -> tuple[Found | None, Found | None]:
        """The ticket that the subject names and in which the sender takes part; else none, and the first that it
        names."""
        named: Found | None = None
        for number in _NUMBER.findall(report.subject):
            for stream in self._connection.scalars(_BY_NUMBER, {"number": int(number)}).all():
                found = self._at_the_end_of(stream)
                if found is None:
                    continue
                if any(_takes_part(report.sender, self.entries(each)) for each in (stream, found.stream)):
                    return found, None
                named = named or found
        return None, named

    def _of_alert(self, source: str, alert: str, external_ref: str | None) -> Iterator[str]:
        yield from self._connection.scalars(_BY_ALERT, {"source": source, "alert": alert}).all()
        yield from self._by_ref(external_ref)

    def _by_ref(self, external_ref: str | None) -> Sequence[str]:
        if external_ref is None:
            return ()
        self._learn_refs()
        return self._connection.scalars(_BY_REF, {"ref": external_ref}).all()

    def _learn_refs(self) -> None:
        """Reads the names of tickets that were opened since the last time."""
        head, epoch, fork = self._connection.execute(_HEAD).one()
        after, known_epoch = self._connection.execute(_REFS_AT, {"name": _REFS}).one_or_none() or (0, epoch)
        if known_epoch != epoch:
            after = min(after, fork)
        if (after, known_epoch) == (head, epoch):
            return
        for step in range(after, head, _STEP):
            rows = self._connection.execute(_OPENINGS, {"after": step, "upto": min(head, step + _STEP)})
            found = [{"ref": _ref_in(payload), "seq": seq, "stream": stream} for seq, stream, payload in rows]
            named = [each for each in found if each["ref"]]
            if named:
                self._connection.execute(_KEEP_REF, named)
        self._connection.execute(_MOVE, {"name": _REFS, "seq": head, "epoch": epoch})

    def _first_of(self, streams: Iterator[str], *, only_open: bool = False) -> Found | None:
        for stream in streams:
            found = self._at_the_end_of(stream)
            if found is not None and (found.ticket.is_open or not only_open):
                return found
        return None

    def _at_the_end_of(self, stream: str) -> Found | None:
        """The ticket that goes on for this one: itself, the survivor of its merge, or the follow-up of a closed one."""
        last: Found | None = None
        for _ in range(_LONGEST_WAY):
            entries = self.entries(stream)
            ticket = fold(entries)
            if ticket is None:
                return last
            last = Found(stream=stream, scope=entries[0].scope, ticket=ticket)
            onward = ticket.merged_into or (ticket.followed_up_by if ticket.status == "closed" else None)
            if onward is None:
                return last
            stream = ticket_stream(onward)
        return last


def _received(report: reports.MessageReport) -> ev.MessageReceived:
    return ev.MessageReceived(
        body=report.body, format=report.format, sender=report.sender, attachments=report.attachments
    )


def _opening(opened: ev.TicketOpened, stream: str, told: Event, ids: Ids, held_at: int) -> Place:
    facts = (
        Fact(id=ids.opened, stream=stream, event=opened, at=held_at, act=ids.act),
        Fact(id=ids.told, stream=stream, event=told, at=held_at, act=ids.act),
    )
    return Place(stream=stream, told=ids.told, facts=facts)


def _linked(place: Place, named: Found, opened: ev.TicketOpened, ids: Ids, held_at: int) -> Place:
    """With a link to the ticket that the subject names, where those who see the one see the other."""
    if named.scope != scope_of(place.stream, opened):
        return place
    link = ev.TicketLinked(to=named.ticket.id, relation=NAMED)
    fact = Fact(id=ids.linked, stream=place.stream, event=link, at=held_at, act=ids.act)
    return msgspec.structs.replace(place, facts=(*place.facts, fact))


def _takes_part(sender: str | None, entries: Sequence[Entry]) -> bool:
    """Whether somebody is the contact of a ticket, or wrote in it before."""
    if sender is None:
        return False
    events = [entry.event for entry in entries]
    known = [event.contact for event in events if isinstance(event, ev.TicketOpened)]
    known += [event.sender for event in events if isinstance(event, ev.MessageReceived)]
    return _address(sender) in {_address(who) for who in known if who is not None}


def _address(who: str) -> str:
    """How somebody is known again, whatever name stands before their address."""
    return address_in(who, otherwise=_line(who)).casefold()


def _on(stream: str, told: Event, ids: Ids, held_at: int) -> Place:
    return Place(stream=stream, told=ids.told, facts=(Fact(id=ids.told, stream=stream, event=told, at=held_at),))


def _ref_in(payload: bytes) -> str | None:
    """The name that an opening gives its ticket, where it is one that a report can ask for."""
    event = decode_payload("ticket.opened", bytes(payload))
    ref = event.external_ref if isinstance(event, ev.TicketOpened) else None
    return ref if ref is not None and "\0" not in ref and len(ref) <= _MOST_REF else None


def _line(text: str) -> str:
    return " ".join(text.split())
