"""Every fact of an account's Professional Services: one stream per account, `pro:<account>`.

Source: spec events.md 5. Pure; `events` registers the types, `pro` folds them, `pro_rulings` says what may happen.

Who is who in the stream: a lot is known by its purchase id (a grant by its entry's id), so that a purchase reported
twice is one lot; an engagement by its ticket's id, so that two machines which open it open one; everything else
(segment, pause, gap, booking, consent, completion) by the id of the entry that began it.

Instants are epoch ms; lengths are seconds. `at` in a fact of work is the workstation's trusted time, and None where
the entry's own instant counts.
"""

from __future__ import annotations

from typing import ClassVar, Final, Literal

import msgspec

from console.domain.fact import Event, Kind

GapAnswer = Literal["worked", "not_worked", "ended"]
Purpose = Literal["work", "rework", "wrapup"]
"""What a segment is for. Rework of our fault and the wrap-up after the hours are used are not metered (53, 57)."""


class Clocks(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the machine's clocks said at once: evidence, from which the workstation works its trusted time out.

    `awake_ms` stands still while the machine sleeps, `boot_ms` does not; both count from the boot that `boot_id` names.
    `verified` is false where no server confirmed the time (scenario 73).
    """

    wall_ms: int
    awake_ms: int
    boot_ms: int
    boot_id: str
    verified: bool = True


class ScopeItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One piece of the agreed work, with its estimate."""

    id: str
    title: str
    estimate_s: int = 0


class LotFigures(msgspec.Struct, frozen=True):
    """The sums of one lot's ledger lines in a closed period, as written down: ms, signed as in the ledger."""

    lot: str
    kind: str
    ms: int


class LateEntry(msgspec.Struct, frozen=True):
    """Why work was entered afterwards, and the lead who approved it (scenario 84)."""

    reason: str
    approved_by: str


# -- hours -----------------------------------------------------------------------------------------------------------


class LotBought(Event, frozen=True, kw_only=True):
    """A purchase as billing reports it. `extends` is the engagement that it feeds besides its own ticket's."""

    type: ClassVar[str] = "lot.bought"

    purchase_id: str
    seconds: int
    bought_at: int
    period_end: int
    ticket: str
    extends: str | None = None


class LotRefunded(Event, frozen=True, kw_only=True):
    """The end of a lot's hours before their time (scenarios 39 and 79).

    With a cancelled subscription they live to the period's end or die `at_once`, as billing's flag or, where it has
    none, the setting says; a refund always ends them.
    """

    type: ClassVar[str] = "lot.refunded"

    lot: str
    cause: Literal["refund", "subscription_cancelled"] = "refund"
    at_once: bool | None = None


class LotGranted(Event, frozen=True, kw_only=True):
    """Goodwill: a new lot from billing, never the old one again (scenario 40)."""

    type: ClassVar[str] = "lot.granted"

    reason: str
    seconds: int
    period_end: int
    ticket: str


class RenewalSet(Event, frozen=True, kw_only=True):
    """Billing's renewal instant of the current period, and the day of the month that it is anchored on."""

    type: ClassVar[str] = "period.renewal_set"
    kind: ClassVar[Kind] = Kind.REGISTER

    at: int
    anchor_day: int


# -- engagement, scope and gate --------------------------------------------------------------------------------------


class EngagementOpened(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "engagement.opened"

    ticket: str


class EngagementJoined(Event, frozen=True, kw_only=True):
    """A further purchase feeds the engagement from now on."""

    type: ClassVar[str] = "engagement.joined"

    engagement: str
    lot: str


class EngagementHandedOver(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "engagement.handed_over"

    engagement: str
    to: str
    at: int | None = None


class ScopeAgreed(Event, frozen=True, kw_only=True):
    """The written scope (T3, T4). `agreed_by` names who agreed, on both sides."""

    type: ClassVar[str] = "scope.agreed"

    engagement: str
    version: int
    items: tuple[ScopeItem, ...] = ()
    agreed_by: tuple[str, ...] = ()


class ScopeItemDone(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "scope.item_done"

    engagement: str
    item: str
    done: bool = True


class ScopeRequested(Event, frozen=True, kw_only=True):
    """The partner asked for something that the scope does not hold; listed, not agreed (scenario 55)."""

    type: ClassVar[str] = "scope.requested"

    engagement: str
    title: str


class AccessListed(Event, frozen=True, kw_only=True):
    """What the engineer needs before the work starts (T3); each list replaces the one before."""

    type: ClassVar[str] = "access.listed"

    engagement: str
    items: tuple[str, ...] = ()


class AccessReceived(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "access.received"

    engagement: str
    item: str


class AccessLost(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "access.lost"

    engagement: str
    item: str


class ContactSet(Event, frozen=True, kw_only=True):
    """Whom the engineer talks to: a partner only (T5)."""

    type: ClassVar[str] = "contact.set"

    engagement: str
    person: str
    partner: bool


# -- slots and consent -----------------------------------------------------------------------------------------------


class SlotBooked(Event, frozen=True, kw_only=True):
    """The agreed time, and the hours that are reserved to it."""

    type: ClassVar[str] = "slot.booked"
    kind: ClassVar[Kind] = Kind.GUARDED

    engagement: str
    begins_at: int = msgspec.field(name="from")
    ends_at: int = msgspec.field(name="to")
    seconds: int
    engineer: str


class SlotMoved(Event, frozen=True, kw_only=True):
    """Another time for a slot. It goes on reserving what it reserved, unless `seconds` says otherwise."""

    type: ClassVar[str] = "slot.moved"
    kind: ClassVar[Kind] = Kind.GUARDED

    slot: str
    begins_at: int = msgspec.field(name="from")
    ends_at: int = msgspec.field(name="to")
    seconds: int | None = None
    engineer: str | None = None


class SlotReleased(Event, frozen=True, kw_only=True):
    """A slot given up; what it still reserves is free again. `no_show`: the partner did not come (scenario 45)."""

    type: ClassVar[str] = "slot.released"
    kind: ClassVar[Kind] = Kind.GUARDED

    slot: str
    reason: str
    no_show: bool = False


class ConsentGiven(Event, frozen=True, kw_only=True):
    """After-hours work, agreed; it counts only if it was recorded before commencement (T12)."""

    type: ClassVar[str] = "consent.given"

    engagement: str
    begins_at: int = msgspec.field(name="from")
    ends_at: int = msgspec.field(name="to")
    time_sensitive: bool
    by_engineer: bool
    by_customer: bool


class ConsentWithdrawn(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "consent.withdrawn"

    consent: str


# -- work ------------------------------------------------------------------------------------------------------------


class SegmentStarted(Event, frozen=True, kw_only=True):
    """Work began. `engineer` is whoever recorded it where nobody is named; `provisional_by` the lead who let it start
    before its purchase was known (scenario 41); `late` stands on work that was entered afterwards."""

    type: ClassVar[str] = "segment.started"

    engagement: str
    clocks: Clocks | None = None
    at: int | None = None
    engineer: str | None = None
    purpose: Purpose = "work"
    provisional_by: str | None = None
    late: LateEntry | None = None


class SegmentBeat(Event, frozen=True, kw_only=True):
    """The segment is still running; a row of the workstation, sent on only as the stop that it proves."""

    type: ClassVar[str] = "segment.beat"

    segment: str
    clocks: Clocks | None = None
    at: int | None = None


class SegmentStopped(Event, frozen=True, kw_only=True):
    """The earliest stop of a segment is its end (scenario 78)."""

    type: ClassVar[str] = "segment.stopped"

    segment: str
    reason: str
    clocks: Clocks | None = None
    at: int | None = None


class SegmentItemSet(Event, frozen=True, kw_only=True):
    """What is being worked on; `unattended_job` names what runs by itself (scenario 59)."""

    type: ClassVar[str] = "segment.item_set"

    segment: str
    item: str
    unattended_job: str | None = None


class SegmentNoted(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "segment.noted"

    segment: str
    text: str
    salt: str | None = None


class PauseBegan(Event, frozen=True, kw_only=True):
    """`pause_kind` is the name of one of the setting `pause.kinds` (58)."""

    type: ClassVar[str] = "pause.began"

    segment: str
    pause_kind: str = msgspec.field(name="kind")
    at: int | None = None


class PauseEnded(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "pause.ended"

    pause: str
    at: int | None = None


class GapFound(Event, frozen=True, kw_only=True):
    """A span of a segment in which the machine slept, crashed or was not seen."""

    type: ClassVar[str] = "gap.found"

    segment: str
    begins_at: int = msgspec.field(name="from")
    ends_at: int = msgspec.field(name="to")
    cause: str
    confidence: Literal["measured", "lower"] = "measured"


class GapClassified(Event, frozen=True, kw_only=True):
    """The person's answer. `ended`: the segment ended where the gap begins (scenario 65)."""

    type: ClassVar[str] = "gap.classified"

    gap: str
    answer: GapAnswer = msgspec.field(name="as")


# -- closing ---------------------------------------------------------------------------------------------------------


class EngagementCompleted(Event, frozen=True, kw_only=True):
    """The scope is complete (T11); `forfeits_s` is the loss that the person saw and confirmed."""

    type: ClassVar[str] = "engagement.completed"
    kind: ClassVar[Kind] = Kind.GUARDED

    engagement: str
    forfeits_s: int


class CompletionUndone(Event, frozen=True, kw_only=True):
    """`approved_by` names lead and billing where the time to undo was over (scenario 56)."""

    type: ClassVar[str] = "engagement.completion_undone"
    kind: ClassVar[Kind] = Kind.GUARDED

    completion: str
    approved_by: tuple[str, ...] = ()


class CorrectionMade(Event, frozen=True, kw_only=True):
    """More (positive) or less (negative) time for a segment than its clocks say."""

    type: ClassVar[str] = "correction.made"

    target: str
    seconds: int
    reason: str
    approved_by: str


class PeriodClosed(Event, frozen=True, kw_only=True):
    """Billing's figures of a period, written down for good."""

    type: ClassVar[str] = "period.closed"
    kind: ClassVar[Kind] = Kind.GUARDED

    begins_at: int = msgspec.field(name="from")
    ends_at: int = msgspec.field(name="to")
    figures: tuple[LotFigures, ...] = ()


PRO_EVENTS: Final[tuple[type[Event], ...]] = (
    LotBought,
    LotRefunded,
    LotGranted,
    RenewalSet,
    EngagementOpened,
    EngagementJoined,
    EngagementHandedOver,
    ScopeAgreed,
    ScopeItemDone,
    ScopeRequested,
    AccessListed,
    AccessReceived,
    AccessLost,
    ContactSet,
    SlotBooked,
    SlotMoved,
    SlotReleased,
    ConsentGiven,
    ConsentWithdrawn,
    SegmentStarted,
    SegmentBeat,
    SegmentStopped,
    SegmentItemSet,
    SegmentNoted,
    PauseBegan,
    PauseEnded,
    GapFound,
    GapClassified,
    EngagementCompleted,
    CompletionUndone,
    CorrectionMade,
    PeriodClosed,
)


def pro_stream(account: str) -> str:
    return f"pro:{account}"
