"""Every fact that can happen to a ticket, and the envelope in which it travels. The registry knows Pro facts as well.

Source: spec events.md 1-4. Pure: no clock, no I/O. Written by the desk and the imports, stamped by `stamp`, read by
the folds (`ticket`, `sla`). A type that is unknown here is kept as `UnknownEvent` with its bytes, never lost.

All instants are epoch milliseconds, UTC.
"""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar, Final, Literal

import msgspec

from console.domain.fact import Event as Event
from console.domain.fact import Kind as Kind
from console.domain.pro_events import PRO_EVENTS

MetricName = Literal[
    "first_reply",
    "next_reply",
    "periodic_update",
    "pausable_update",
    "requester_wait",
    "agent_work",
    "total_resolution",
]
Impact = Literal["urgent", "high", "normal", "low"]
Status = Literal["new", "open", "pending", "on_hold", "solved", "closed"]

IMPACTS: Final[tuple[Impact, ...]] = ("urgent", "high", "normal", "low")
"""From worst to mildest; the index is the rank used in ties of the queue."""

STATUSES: Final[tuple[Status, ...]] = ("new", "open", "pending", "on_hold", "solved", "closed")


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that came or went with a message; `sha256` names the blob, `size` is in bytes."""

    name: str
    size: int
    sha256: str = ""
    media_type: str = ""


# -- opening and conversation ----------------------------------------------------------------------------------------


class TicketOpened(Event, frozen=True, kw_only=True):
    """`restricted` names the circle of people who may see the ticket at all: its scope is `restricted:NAME`."""

    type: ClassVar[str] = "ticket.opened"

    by: Literal["customer", "engineer", "monitoring", "purchase"]
    channel: str
    subject: str
    account: str | None = None
    contact: str | None = None
    product: str | None = None
    plan: str | None = None
    impact: Impact | None = None
    external_ref: str | None = None
    restricted: str | None = None
    salt: str | None = None


class MessageReceived(Event, frozen=True, kw_only=True):
    """A customer's message, counted when our side first held it."""

    type: ClassVar[str] = "message.received"

    body: str
    format: Literal["text", "html"] = "text"
    sender: str | None = msgspec.field(default=None, name="from")
    attachments: tuple[Attachment, ...] = ()
    salt: str | None = None


class MessageSent(Event, frozen=True, kw_only=True):
    """Our message: a public reply, or an internal note when `public` is false."""

    type: ClassVar[str] = "message.sent"

    body: str
    public: bool
    format: Literal["text", "html"] = "text"
    author: Literal["person", "bot"] = "person"
    via: str | None = None
    salt: str | None = None


class CallLogged(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "call.logged"

    public: bool
    summary: str
    salt: str | None = None


class MessageDelivery(Event, frozen=True, kw_only=True):
    """What became of a sent message; `message` is the id of its entry."""

    type: ClassVar[str] = "message.delivery"

    message: str
    state: Literal["queued", "sending", "accepted", "uncertain", "failed", "bounced"]


# -- registers -------------------------------------------------------------------------------------------------------


class TicketAssigned(Event, frozen=True, kw_only=True):
    """`to` nobody when None. Taking is assigning yourself with `expect="unassigned"`, and then guarded."""

    type: ClassVar[str] = "ticket.assigned"
    kind: ClassVar[Kind] = Kind.REGISTER

    to: str | None = None


class ImpactSet(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.impact_set"
    kind: ClassVar[Kind] = Kind.REGISTER

    impact: Impact | None


class ProductSet(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.product_set"
    kind: ClassVar[Kind] = Kind.REGISTER

    product: str | None


class PlanSet(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.plan_set"
    kind: ClassVar[Kind] = Kind.REGISTER

    plan: str | None


class AccountSet(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.account_set"
    kind: ClassVar[Kind] = Kind.REGISTER

    account: str | None
    contact: str | None = None


class SubjectSet(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.subject_set"
    kind: ClassVar[Kind] = Kind.REGISTER

    subject: str


class FieldSet(Event, frozen=True, kw_only=True):
    """Any other field of a ticket, by name."""

    type: ClassVar[str] = "ticket.field_set"
    kind: ClassVar[Kind] = Kind.REGISTER

    field: str
    value: str | None = None


class StatusSet(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.status_set"
    kind: ClassVar[Kind] = Kind.REGISTER

    status: Literal["open", "pending", "on_hold"]


# -- guarded acts ----------------------------------------------------------------------------------------------------


class TicketSolved(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.solved"
    kind: ClassVar[Kind] = Kind.GUARDED


class TicketClosed(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.closed"
    kind: ClassVar[Kind] = Kind.GUARDED


class TicketReopened(Event, frozen=True, kw_only=True):
    """Reopened by a person; a customer's message reopens by itself."""

    type: ClassVar[str] = "ticket.reopened"
    kind: ClassVar[Kind] = Kind.GUARDED


class TicketMerged(Event, frozen=True, kw_only=True):
    """On the ticket that goes away; `into` is the surviving ticket's id."""

    type: ClassVar[str] = "ticket.merged"
    kind: ClassVar[Kind] = Kind.GUARDED

    into: str


class TicketSplit(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.split"
    kind: ClassVar[Kind] = Kind.GUARDED

    new: str


class TicketFollowedUp(Event, frozen=True, kw_only=True):
    """On the closed ticket; `new` is the id of the ticket that follows it up."""

    type: ClassVar[str] = "ticket.followed_up"
    kind: ClassVar[Kind] = Kind.GUARDED

    new: str


# -- other additive facts --------------------------------------------------------------------------------------------


class TicketTagged(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.tagged"

    tag: str


class TicketUntagged(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.untagged"

    tag: str


class TicketLinked(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.linked"

    to: str
    relation: str = "related"


class TicketSnoozed(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.snoozed"

    until: int


class TicketWoken(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.woken"


class TicketWatched(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.watched"

    watching: bool = True


class TicketEscalated(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.escalated"

    to: str
    reason: str


class MarkedSpam(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.marked_spam"


class UnmarkedSpam(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "ticket.unmarked_spam"


class AlertFired(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "alert.fired"

    alert: str
    summary: str = ""


class AlertResolved(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "alert.resolved"

    alert: str


class EntryRedacted(Event, frozen=True, kw_only=True):
    """Takes the words of `entry`, an entry's id in the same stream, away; `reason` is for everybody to read."""

    type: ClassVar[str] = "entry.redacted"

    entry: str
    reason: str | None = None


class UnknownEvent(Event, frozen=True, kw_only=True):
    """A fact of a newer program, or one that cannot be read; `raw` is its payload as it came. Kept and passed on."""

    name: str
    raw: bytes


_TICKET_EVENTS: Final[tuple[type[Event], ...]] = (
    TicketOpened,
    MessageReceived,
    MessageSent,
    CallLogged,
    MessageDelivery,
    TicketAssigned,
    ImpactSet,
    ProductSet,
    PlanSet,
    AccountSet,
    SubjectSet,
    FieldSet,
    StatusSet,
    TicketSolved,
    TicketClosed,
    TicketReopened,
    TicketMerged,
    TicketSplit,
    TicketFollowedUp,
    TicketTagged,
    TicketUntagged,
    TicketLinked,
    TicketSnoozed,
    TicketWoken,
    TicketWatched,
    TicketEscalated,
    MarkedSpam,
    UnmarkedSpam,
    AlertFired,
    AlertResolved,
    EntryRedacted,
)

EVENT_TYPES: Final[dict[str, type[Event]]] = {cls.type: cls for cls in (*_TICKET_EVENTS, *PRO_EVENTS)}

CURRENT_VER: Final = 1
"""The version of every payload above. A higher one is kept raw (spec sync.md 3)."""

_DECODERS: Final = {name: msgspec.json.Decoder(cls) for name, cls in EVENT_TYPES.items()}
_CANONICAL: Final = msgspec.json.Encoder(order="sorted")


def event_type(event: Event) -> str:
    return event.name if isinstance(event, UnknownEvent) else event.type


def encode_payload(event: Event) -> bytes:
    """The canonical JSON of the payload: keys sorted, defaults left out. These bytes are stored, sent and hashed."""
    return event.raw if isinstance(event, UnknownEvent) else _CANONICAL.encode(event)


def decode_payload(name: str, payload: bytes, ver: int = CURRENT_VER) -> Event:
    """The event behind a type name and its payload; what this program cannot read comes back as `UnknownEvent`."""
    decoder = _DECODERS.get(name)
    if decoder is None or ver > CURRENT_VER:
        return UnknownEvent(name=name, raw=payload)
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):  # an isolated entry must not poison its stream
        return UnknownEvent(name=name, raw=payload)


class Offered(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry as its writer made it, before the log gave it a place (spec events.md 1).

    `at` is the writer's wall clock; for an import the source's instant. `base` is the id of the entry whose value the
    author saw (registers), `expect` what the author saw (guarded), `act` joins entries that are decided together.
    `adopted` marks what a workspace recorded before it had a hub: not the writer's content, so no part of the hash.
    """

    id: str
    stream: str
    at: int
    device: str
    dseq: int
    event: Event
    base: str | None = None
    expect: str | None = None
    act: str | None = None
    ver: int = CURRENT_VER
    payload: bytes
    hash: bytes
    adopted: bool = False


PENDING_SEQ: Final = 2**53
"""From here on a `seq` is no place in the log: the entry is this workstation's own and waits for the hub. Its `seq` is
`PENDING_SEQ` and a place, so own entries sort behind all others, in the order in which they were made."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry with its stamp. `effect` is `applied` or `void: REASON`; `counts_at` is derived (`stamp.counts_at`).

    One that waits for the hub (`pending`) has a guess for a stamp: no chain, no number, and the instant of its making.
    """

    id: str
    stream: str
    at: int
    device: str
    dseq: int
    event: Event
    base: str | None = None
    expect: str | None = None
    act: str | None = None
    ver: int = CURRENT_VER
    payload: bytes
    hash: bytes
    adopted: bool = False
    seq: int
    epoch: int
    actor: str
    scope: str
    recorded_at: int
    effect: str = "applied"
    number: int | None = None
    chain: bytes
    counts_at: int

    @property
    def applied(self) -> bool:
        return self.effect == "applied"

    @property
    def pending(self) -> bool:
        """Whether the hub has not confirmed it yet; never where there is no hub."""
        return self.seq >= PENDING_SEQ

    @property
    def void_reason(self) -> str | None:
        return None if self.effect == "applied" else self.effect.removeprefix("void: ")


def content_hash(
    *,
    id: str,
    stream: str,
    type: str,
    ver: int,
    at: int,
    base: str | None,
    expect: str | None,
    act: str | None,
    payload: bytes,
) -> bytes:
    """SHA-256 over canonical JSON of the writer's fields, without `device` and `dseq`; absent fields are left out."""
    fields: dict[str, Any] = {
        "id": id,
        "stream": stream,
        "type": type,
        "ver": ver,
        "at": at,
        "payload": msgspec.Raw(payload),
    }
    if base is not None:
        fields["base"] = base
    if expect is not None:
        fields["expect"] = expect
    if act is not None:
        fields["act"] = act
    return hashlib.sha256(_CANONICAL.encode(fields)).digest()


def offer(
    event: Event,
    *,
    id: str,
    stream: str,
    at: int,
    device: str,
    dseq: int,
    base: str | None = None,
    expect: str | None = None,
    act: str | None = None,
) -> Offered:
    """Wraps an event in its writer's envelope, with payload and hash."""
    payload = encode_payload(event)
    digest = content_hash(
        id=id,
        stream=stream,
        type=event_type(event),
        ver=CURRENT_VER,
        at=at,
        base=base,
        expect=expect,
        act=act,
        payload=payload,
    )
    return Offered(
        id=id,
        stream=stream,
        at=at,
        device=device,
        dseq=dseq,
        event=event,
        base=base,
        expect=expect,
        act=act,
        payload=payload,
        hash=digest,
    )


def ticket_stream(ticket_id: str) -> str:
    return f"ticket:{ticket_id}"


def imported_id(*parts: str) -> str:
    """A UUIDv8 from SHA-256 of the parts (format, source name, ticket, source sequence): the same row on any machine
    is the same entry (spec events.md 1)."""
    digest = bytearray(hashlib.sha256("\x1f".join(parts).encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    h = digest.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def is_imported(entry_id: str) -> bool:
    """Whether an id was derived by an import: version 8 in the UUID's version digit."""
    return entry_id[14:15] == "8"
