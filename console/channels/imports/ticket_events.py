"""Ticket events (the open format of docs/import-format.md) as facts. Called by `desk.imports`, one ticket at a time.

Each row becomes the fact that says the same, and what the fact does not carry word for word stays in its `extra`. The
meaning of a few rows depends on what came before them (`story`): a change to open after a solve is a reopening, and a
customer's reply to a closed ticket opens a follow-up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Literal

import msgspec

from console.channels.imports import event_rows
from console.channels.imports.errors import RowError
from console.channels.imports.event_rows import EventRow, flag_of, text_of
from console.channels.imports.facts import FactMaker, Mapped, make, not_known
from console.channels.imports.staging import Staging, TicketRows
from console.channels.imports.story import TELLING, Story
from console.channels.imports.vocabulary import ImpactWords, status_word
from console.domain import events as ev
from console.domain.events import Entry, Event, Impact, Offered, Status, ticket_stream

FOLLOW_UP_SUBJECT: Final = "Follow-up: "

_BOTS: Final = frozenset({"bot", "automation", "automatic", "system"})
Opener = Literal["customer", "engineer", "monitoring", "purchase"]
_OPENERS: Final[dict[str, Opener]] = {
    "customer": "customer",
    "agent": "engineer",
    "engineer": "engineer",
    "monitoring": "monitoring",
    "alert": "monitoring",
    "purchase": "purchase",
}
_OPENING_CHANNELS: Final[dict[str, Opener]] = {
    "monitoring": "monitoring",
    "alert": "monitoring",
    "alerts": "monitoring",
    "purchase": "purchase",
}

Part = tuple[str, Event]
"""A fact of a row: the name of the part (empty for the one that carries the row's own id) and the event."""
_Handler = Callable[["TicketEvents", Story, EventRow], Sequence[Part]]


class TicketEvents:
    """Maps the rows of one import. `impacts` are its words for impact, `unknown_statuses` counts the words for a status
    that changed nothing."""

    def __init__(self, maker: FactMaker, impacts: ImpactWords) -> None:
        self._maker = maker
        self.impacts = impacts
        self._ticket = ""
        self.unknown_statuses: Counter[str] = Counter()

    def stage(self, lines: Iterable[tuple[int, bytes]], staging: Staging) -> Iterator[int]:
        """See `event_rows.stage`."""
        return event_rows.stage(lines, staging)

    def facts(self, ticket: TicketRows, entries: Sequence[Entry] = ()) -> Iterator[Mapped]:
        """Every row of a ticket as facts, in the order in which they happened.

        `entries` are those that the journal has of this ticket and its follow-ups.
        """
        rows, aside = event_rows.in_order(ticket)
        yield from aside
        self._ticket = ticket.ticket
        story = Story(ticket_stream(self._maker.ticket_id(ticket.ticket)), entries)
        known = story.known
        for row in rows:
            try:
                offers = self._offers(story, row)
            except RowError as rejected:
                yield Mapped(row.line, row.raw, (), str(rejected))
                continue
            yield not_known(row.line, row.raw, offers, known) if known else Mapped(row.line, row.raw, offers)

    def _offers(self, story: Story, row: EventRow) -> Sequence[Offered]:
        """The facts of a row. One that was imported before is mapped as it was then, wherever the story is now."""
        maker, ticket = self._maker, self._ticket
        id = maker.entry_id(ticket, row.sequence)
        before = story.known.get(id)
        if row.type == "ticket_created":
            if story.opened not in (None, id):
                raise RowError("The ticket was created by another row already.")
        elif story.opened is None:
            raise RowError(f"The ticket {ticket} is not created, neither in this file nor by an earlier import.")
        if before is not None:
            parts = _HANDLERS[row.type](self, _as_of(story, before), row)
            stream, act = before.stream, before.act
        else:
            if story.known:
                story.advance(row.at)
            if row.type == "customer_reply" and story.status == "closed":
                return self._follow_up(story, row, id)
            parts = _HANDLERS[row.type](self, story, row)
            stream, act = story.stream, None
        offers = []
        for part, event in parts:
            entry_id = id if not part else maker.part_id(ticket, row.sequence, part)
            offers.append(make(event, entry_id, stream, row.at, act))
            if before is None and type(event) in TELLING:
                story.note(event, entry_id, stream)
        return offers

    def _follow_up(self, story: Story, row: EventRow, id: str) -> Sequence[Offered]:
        """A reply to a closed ticket opens a new one that is linked to it, in one act (spec sla.md 3)."""
        maker, ticket, sequence = self._maker, self._ticket, row.sequence
        (_, message), *_ = _customer_reply(self, story, row)
        new = maker.part_id(ticket, sequence, "ticket")
        subject = story.subject or ticket
        opened = ev.TicketOpened(
            by="customer",
            channel=story.channel,
            subject=subject if subject.startswith(FOLLOW_UP_SUBJECT) else FOLLOW_UP_SUBJECT + subject,
            account=story.account,
            contact=story.contact,
            product=story.product,
            plan=story.plan,
            impact=story.impact,
            external_ref=f"{ticket}/followup-{story.follow_ups + 1}",
            extra=_kept({"actor": row.data.get("actor")}),
        )
        act = maker.part_id(ticket, sequence, "act")
        told: tuple[tuple[Event, str, str], ...] = (
            (ev.TicketFollowedUp(new=new), maker.part_id(ticket, sequence, "followed up"), story.stream),
            (opened, maker.part_id(ticket, sequence, "opened"), ticket_stream(new)),
            (message, id, ticket_stream(new)),
        )
        offers = []
        for event, entry_id, stream in told:
            offers.append(make(event, entry_id, stream, row.at, act))
            story.note(event, entry_id, stream)
        return offers

    def _impact(self, data: dict[str, Any], *keys: str) -> tuple[str | None, Impact | None]:
        """The first word for an impact under these keys, and what it means. A word that the fact does not carry as it
        is stays in the row."""
        for key in keys:
            word = data.get(key)
            if type(word) is int or (type(word) is float and word.is_integer()):
                word = str(int(word))
            if word is None or word == "":
                continue
            if type(word) is not str:
                raise RowError(f'"{key}" must be a text or a number.')
            impact = self.impacts.impact(word)
            if impact == word:
                del data[key]
            return word, impact
        return None, None


def _as_of(story: Story, before: Entry) -> Story:
    """The story as it was when a row that is known was mapped, so far as it shows in what became of it."""
    then = Story(before.stream)
    then.opened = story.opened
    then.status = "solved" if type(before.event) is ev.TicketReopened else "open"
    return then


def _kept(data: dict[str, Any]) -> dict[str, Any] | None:
    """What the fact does not carry, for its `extra`."""
    if None in data.values():
        data = {key: value for key, value in data.items() if value is not None}
    return data or None


def _ticket_created(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    data = row.data
    _, impact = self._impact(data, "impact", "priority")
    by, channel = text_of(data, "by"), text_of(data, "channel")
    if by:
        opener = _OPENERS.get(by.strip().casefold(), "customer")
    else:
        opener = _OPENING_CHANNELS.get((channel or "").strip().casefold(), "customer")
    if by is not None and by != opener:
        data["by"] = by
    actor = data.get("actor")
    body = text_of(data, "body")
    public = flag_of(data, "public", True) if body is not None and opener == "engineer" else True
    contact = actor if isinstance(actor, str) and opener in ("customer", "purchase") else None
    opened = ev.TicketOpened(
        by=opener,
        channel=channel or (opener if opener in ("monitoring", "purchase") else "import"),
        subject=text_of(data, "subject") or "",
        account=text_of(data, "customer"),
        contact=contact,
        product=text_of(data, "product"),
        plan=text_of(data, "plan"),
        impact=impact,
        external_ref=self._ticket,
        extra=_kept(data),
    )
    if body is None:
        return (("", opened),)
    kept = _kept({"actor": actor})
    message: Event
    if opener == "engineer":
        message = ev.MessageSent(body=body, public=public, extra=kept)
    elif opener == "monitoring":
        message = ev.MessageSent(body=body, public=False, author="bot", extra=kept)
    else:
        message = ev.MessageReceived(body=body, sender=contact, extra=kept)
    return (("", opened), ("body", message))


def _customer_reply(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    data = row.data
    body = text_of(data, "body") or ""
    actor = data.get("actor")
    sender = actor if isinstance(actor, str) else text_of(data, "from")
    return (("", ev.MessageReceived(body=body, sender=sender, extra=_kept(data))),)


def _agent_reply(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    return (("", _sent(row.data, flag_of(row.data, "public", True))),)


def _internal_note(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    return (("", _sent(row.data, False)),)


def _sent(data: dict[str, Any], public: bool) -> ev.MessageSent:
    by = data.get("by")
    author: Literal["person", "bot"] = "bot" if isinstance(by, str) and by.strip().casefold() in _BOTS else "person"
    return ev.MessageSent(body=text_of(data, "body") or "", public=public, author=author, extra=_kept(data))


def _assigned(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    data = row.data
    to = text_of(data, "to") or None
    if to is not None and data.get("actor") is None:
        data["actor"] = to
    return (("", ev.TicketAssigned(to=to, extra=_kept(data))),)


def _status_changed(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    data = row.data
    field = text_of(data, "field")
    if field and field.strip().casefold() != "status":
        return (("", _field_changed(self, field.strip(), data)),)
    word = text_of(data, "to")
    if word is None:
        raise RowError('A status_changed row needs "to", the new status.')
    return _status(self, story, word, data)


def _status(self: TicketEvents, story: Story, word: str, data: dict[str, Any]) -> Sequence[Part]:
    """The facts of a new status. Leaving Solved or Closed is a reopening, whatever the source calls it."""
    status = status_word(word)
    if status is not None and status != word:
        data["to"] = word
    match status:
        case "solved":
            return (("", ev.TicketSolved(extra=_kept(data))),)
        case "closed":
            return (("", ev.TicketClosed(extra=_kept(data))),)
        case "new" | "open" | "pending" | "on_hold" if story.is_over:
            return _reopened_to(story, status, data)
        case "open" | "pending" | "on_hold":
            return (("", ev.StatusSet(status=status, extra=_kept(data))),)
        case _:
            self.unknown_statuses[word] += 1
            return (("", ev.FieldSet(field="status", value=word, extra=_kept(data))),)


def _reopened_to(story: Story, status: Status, data: dict[str, Any]) -> Sequence[Part]:
    story.stream = story.root
    reopened = ev.TicketReopened(extra=_kept(data))
    if status == "pending" or status == "on_hold":
        then = ev.StatusSet(status=status, extra=_kept({"actor": data.get("actor")}))
        return (("", reopened), ("status", then))
    return (("", reopened),)


def _field_changed(self: TicketEvents, field: str, data: dict[str, Any]) -> Event:
    """The fact of a change of another field than the status, from `to`."""
    match field.casefold():
        case "impact":
            return _impact_changed(self, data, "to")
        case "product":
            return ev.ProductSet(product=text_of(data, "to"), extra=_kept(data))
        case "plan":
            return ev.PlanSet(plan=text_of(data, "to"), extra=_kept(data))
        case "subject":
            return ev.SubjectSet(subject=text_of(data, "to") or "", extra=_kept(data))
        case "account" | "customer":
            return ev.AccountSet(account=text_of(data, "to"), extra=_kept(data))
    value = data.pop("to", None)
    if value is not None and type(value) is not str:
        value = msgspec.json.encode(value).decode()
    return ev.FieldSet(field=field, value=value, extra=_kept(data))


def _priority_changed(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    return (("", _impact_changed(self, row.data, "impact", "priority", "to")),)


def _impact_changed(self: TicketEvents, data: dict[str, Any], *keys: str) -> Event:
    """A new impact. An unknown word keeps the old one, as an unknown status does; null takes the assessment back."""
    if not any(key in data for key in keys):
        raise RowError("The row does not say the new impact.")
    word, impact = self._impact(data, *keys)
    if word is not None and impact is None:
        return ev.FieldSet(field="impact", value=word, extra=_kept(data))
    return ev.ImpactSet(impact=impact, extra=_kept(data))


def _solved(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    return (("", ev.TicketSolved(extra=_kept(row.data))),)


def _closed(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    return (("", ev.TicketClosed(extra=_kept(row.data))),)


def _reopened(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    to = row.data.get("to")
    return _reopened_to(story, status_word(to) or "open" if isinstance(to, str) else "open", row.data)


def _merged(self: TicketEvents, story: Story, row: EventRow) -> Sequence[Part]:
    data = row.data
    into = text_of(data, "to") or text_of(data, "into")
    if not into:
        raise RowError('A merged row needs "to", the ticket into which this one went.')
    if into == self._ticket:
        raise RowError("The ticket is merged into itself.")
    data["to"] = into
    return (("", ev.TicketMerged(into=self._maker.ticket_id(into), extra=_kept(data))),)


_HANDLERS: Final[dict[str, _Handler]] = {
    "ticket_created": _ticket_created,
    "customer_reply": _customer_reply,
    "agent_reply": _agent_reply,
    "internal_note": _internal_note,
    "assigned": _assigned,
    "status_changed": _status_changed,
    "priority_changed": _priority_changed,
    "solved": _solved,
    "closed": _closed,
    "reopened": _reopened,
    "merged": _merged,
}
