"""An account's Professional Services are the list of what happened: the fold of its stream.

Source: spec events.md 5, pro_services.md 1 to 3. Pure and deterministic: same entries, same account, on every machine.
Called by the journal, the desk and, later, the hub. Work that was done is never void: a segment that could not rightly
start is folded all the same, and `metering` says what of it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec.structs import replace

from console.domain import pro_events as pe
from console.domain.calendar import Period
from console.domain.events import Entry, UnknownEvent
from console.domain.fact import Event
from console.domain.pro_account import (
    Access,
    Account,
    Booking,
    Closing,
    Completion,
    Correction,
    Engagement,
    Gap,
    GivenConsent,
    Lot,
    Note,
    Pause,
    Revocation,
    Scope,
    Segment,
)
from console.domain.service_window import Consent
from console.domain.ticket import who


class _Draft:
    """The account while it is being folded; one handler per event type changes it."""

    def __init__(self) -> None:
        self.lots: dict[str, Lot] = {}
        self.revocations: dict[str, Revocation] = {}
        self.engagements: dict[str, Engagement] = {}
        self.bookings: dict[str, Booking] = {}
        self.consents: dict[str, GivenConsent] = {}
        self.segments: dict[str, Segment] = {}
        self.pauses: dict[str, Pause] = {}
        self.gaps: dict[str, Gap] = {}
        self.completions: dict[str, Completion] = {}
        self.corrections: dict[str, Correction] = {}
        self.closings: tuple[Closing, ...] = ()
        self.renewal_at: int | None = None
        self.anchor_day: int | None = None
        self.late: tuple[str, ...] = ()
        self.needs_newer_app = False

    def engagement(self, id: str) -> Engagement:
        """Facts of an engagement may come before its opening: a lead's provisional start does."""
        return self.engagements.get(id) or Engagement(id=id)

    def change(self, id: str, **changes: Any) -> None:
        self.engagements[id] = replace(self.engagement(id), **changes)

    def change_access(self, id: str, item: str, at: int, **changes: Any) -> None:
        listed = self.engagement(id).access or ()
        if item not in (access.item for access in listed):
            listed = (*listed, Access(item, at))
        self.change(id, access=tuple(replace(a, **changes) if a.item == item else a for a in listed))

    def comes_late(self, entry: Entry, segment: Segment, at: int) -> bool:
        """Whether a fact would change the figures of a closed period: it is listed, and changes nothing (86)."""
        settled = any(c.begins_at <= at < c.ends_at for c in self.closings) and not any(
            begins <= at < ends for begins, ends in segment.closed
        )
        if settled:
            self.late = (*self.late, entry.id)
        return settled


def happened_at(entry: Entry) -> int:
    """The instant of a fact of work: the workstation's trusted time, else the entry's own (spec events.md 2)."""
    at: int | None = getattr(entry.event, "at", None)
    return entry.counts_at if at is None else at


def _bought(a: _Draft, entry: Entry, e: pe.LotBought) -> None:
    if e.purchase_id not in a.lots:
        a.lots[e.purchase_id] = Lot(
            id=e.purchase_id,
            entry=entry.id,
            seconds=e.seconds,
            bought_at=e.bought_at,
            expires_at=e.period_end,
            ticket=e.ticket,
            extends=e.extends,
        )


def _granted(a: _Draft, entry: Entry, e: pe.LotGranted) -> None:
    a.lots[entry.id] = Lot(
        id=entry.id,
        entry=entry.id,
        seconds=e.seconds,
        bought_at=entry.counts_at,
        expires_at=e.period_end,
        ticket=e.ticket,
        granted_for=e.reason,
    )


def _refunded(a: _Draft, entry: Entry, e: pe.LotRefunded) -> None:
    """A refund ends a lot of a cancelled subscription all the same; billing's flag may come after its word (39)."""
    known = a.revocations.get(e.lot)
    later = known is not None and known.cause != "refund" and (e.cause == "refund" or (e.at_once and not known.at_once))
    if known is None or later:
        a.revocations[e.lot] = Revocation(entry.id, entry.counts_at, e.cause, e.at_once)


def _renewal(a: _Draft, entry: Entry, e: pe.RenewalSet) -> None:
    """The renewal of the period that is running: it moves the end of the lots that are alive, never of others."""
    a.renewal_at, a.anchor_day = e.at, e.anchor_day
    for lot in a.lots.values():
        if lot.bought_at <= entry.counts_at < lot.expires_at and lot.bought_at < e.at:
            a.lots[lot.id] = replace(lot, expires_at=e.at)


def _opened(a: _Draft, entry: Entry, e: pe.EngagementOpened) -> None:
    known = a.engagement(e.ticket)
    if known.opened_at is None:
        owners = known.owners or ((entry.counts_at, who(entry)),)
        a.change(e.ticket, opened_at=entry.counts_at, owners=owners)


def _joined(a: _Draft, entry: Entry, e: pe.EngagementJoined) -> None:
    joined = a.engagement(e.engagement).joined
    if e.lot not in (lot for lot, _ in joined):
        a.change(e.engagement, joined=(*joined, (e.lot, entry.counts_at)))


def _handed_over(a: _Draft, entry: Entry, e: pe.EngagementHandedOver) -> None:
    a.change(e.engagement, owners=(*a.engagement(e.engagement).owners, (happened_at(entry), e.to)))


def _scope(a: _Draft, entry: Entry, e: pe.ScopeAgreed) -> None:
    agreed = Scope(e.version, e.items, e.agreed_by, entry.counts_at)
    scopes = sorted((*a.engagement(e.engagement).scopes, agreed), key=lambda scope: scope.version)
    a.change(e.engagement, scopes=tuple(scopes))


def _item_done(a: _Draft, entry: Entry, e: pe.ScopeItemDone) -> None:
    done = a.engagement(e.engagement).items_done
    a.change(e.engagement, items_done=done | {e.item} if e.done else done - {e.item})


def _requested(a: _Draft, entry: Entry, e: pe.ScopeRequested) -> None:
    a.change(e.engagement, requested=(*a.engagement(e.engagement).requested, (entry.counts_at, e.title)))


def _access_listed(a: _Draft, entry: Entry, e: pe.AccessListed) -> None:
    known = {access.item: access for access in a.engagement(e.engagement).access or ()}
    a.change(e.engagement, access=tuple(known.get(item) or Access(item, entry.counts_at) for item in e.items))


def _access_received(a: _Draft, entry: Entry, e: pe.AccessReceived) -> None:
    a.change_access(e.engagement, e.item, entry.counts_at, received_at=entry.counts_at, lost_at=None)


def _access_lost(a: _Draft, entry: Entry, e: pe.AccessLost) -> None:
    a.change_access(e.engagement, e.item, entry.counts_at, lost_at=entry.counts_at)


def _contact(a: _Draft, entry: Entry, e: pe.ContactSet) -> None:
    a.change(e.engagement, contact=e.person, contact_is_partner=e.partner)


def _booked(a: _Draft, entry: Entry, e: pe.SlotBooked) -> None:
    """What is booked after its slot began holds from the slot's beginning on: the work of a provisional start."""
    a.bookings[entry.id] = Booking(
        id=entry.id,
        engagement=e.engagement,
        begins_at=e.begins_at,
        ends_at=e.ends_at,
        seconds=e.seconds,
        engineer=e.engineer,
        reserves=((min(entry.counts_at, e.begins_at), e.seconds),),
    )


def _moved(a: _Draft, entry: Entry, e: pe.SlotMoved) -> None:
    booking = a.bookings.get(e.slot)
    if booking is not None and booking.released_at is None:
        seconds = booking.seconds if e.seconds is None else e.seconds
        more = seconds - booking.seconds
        a.bookings[e.slot] = replace(
            booking,
            begins_at=e.begins_at,
            ends_at=e.ends_at,
            engineer=e.engineer or booking.engineer,
            seconds=seconds,
            moves=booking.moves + ((e.begins_at, e.ends_at) != (booking.begins_at, booking.ends_at)),
            reserves=(*booking.reserves, (entry.counts_at, more)) if more else booking.reserves,
        )


def _released(a: _Draft, entry: Entry, e: pe.SlotReleased) -> None:
    booking = a.bookings.get(e.slot)
    if booking is not None and booking.released_at is None:
        a.bookings[e.slot] = replace(
            booking,
            released_at=entry.counts_at,
            released_for=e.reason,
            no_show=entry.id if e.no_show else None,
            reserves=(*booking.reserves, (entry.counts_at, -booking.seconds)),
        )


def _consented(a: _Draft, entry: Entry, e: pe.ConsentGiven) -> None:
    consent = Consent(
        begins_at=e.begins_at,
        ends_at=e.ends_at,
        recorded_at=entry.counts_at,
        time_sensitive=e.time_sensitive,
        by_engineer=e.by_engineer,
        by_customer=e.by_customer,
    )
    a.consents[entry.id] = GivenConsent(e.engagement, consent)


def _withdrawn(a: _Draft, entry: Entry, e: pe.ConsentWithdrawn) -> None:
    given = a.consents.get(e.consent)
    if given is not None and given.consent.withdrawn_at is None:
        withdrawn = replace(given.consent, withdrawn_at=entry.counts_at)
        a.consents[e.consent] = GivenConsent(given.engagement, withdrawn)


def _started(a: _Draft, entry: Entry, e: pe.SegmentStarted) -> None:
    closed: tuple[Period, ...] = tuple((c.begins_at, c.ends_at) for c in a.closings)
    began_at = happened_at(entry)
    if any(begins <= began_at < ends for begins, ends in closed):
        a.late = (*a.late, entry.id)
    if e.engagement not in a.engagements:
        a.change(e.engagement)
    a.segments[entry.id] = Segment(
        id=entry.id,
        engagement=e.engagement,
        engineer=e.engineer or who(entry),
        device=entry.device,
        began_at=began_at,
        purpose=e.purpose,
        verified=e.clocks is None or e.clocks.verified,
        provisional_by=e.provisional_by,
        late=e.late,
        closed=closed,
    )


def _beat(a: _Draft, entry: Entry, e: pe.SegmentBeat) -> None:
    segment = a.segments.get(e.segment)
    if segment is not None:
        a.segments[e.segment] = replace(segment, beat_at=max(segment.beat_at or 0, happened_at(entry)))


def _stopped(a: _Draft, entry: Entry, e: pe.SegmentStopped) -> None:
    """The earliest stop wins; none ends a segment before it began."""
    segment = a.segments.get(e.segment)
    if segment is not None:
        _stop(a, entry, segment, happened_at(entry), e.reason)


def _stop(a: _Draft, entry: Entry, segment: Segment, at: int, reason: str) -> None:
    at = max(at, segment.began_at)
    if segment.ended_at is not None and a.comes_late(entry, segment, at):
        return
    known = (segment.ended_at, segment.stopped_for)
    ended_at, stopped_for = (at, reason) if known[0] is None else min((known[0], known[1] or ""), (at, reason))
    a.segments[segment.id] = replace(segment, ended_at=ended_at, stopped_for=stopped_for, stops=segment.stops + 1)


def _item_set(a: _Draft, entry: Entry, e: pe.SegmentItemSet) -> None:
    segment = a.segments.get(e.segment)
    if segment is not None:
        items = (*segment.items, (entry.counts_at, e.item))
        a.segments[e.segment] = replace(segment, items=items, unattended_job=e.unattended_job)


def _noted(a: _Draft, entry: Entry, e: pe.SegmentNoted) -> None:
    segment = a.segments.get(e.segment)
    if segment is not None:
        a.segments[e.segment] = replace(segment, notes=(*segment.notes, Note(entry.counts_at, who(entry), e.text)))


def _paused(a: _Draft, entry: Entry, e: pe.PauseBegan) -> None:
    segment, at = a.segments.get(e.segment), happened_at(entry)
    if segment is not None and not a.comes_late(entry, segment, at):
        a.pauses[entry.id] = Pause(entry.id, e.segment, e.pause_kind, max(at, segment.began_at))


def _resumed(a: _Draft, entry: Entry, e: pe.PauseEnded) -> None:
    """As with stops, the earliest end wins."""
    pause, at = a.pauses.get(e.pause), happened_at(entry)
    if pause is not None and not a.comes_late(entry, a.segments[pause.segment], at):
        at = max(at, pause.began_at)
        a.pauses[e.pause] = replace(pause, ended_at=at if pause.ended_at is None else min(pause.ended_at, at))


def _gap(a: _Draft, entry: Entry, e: pe.GapFound) -> None:
    segment = a.segments.get(e.segment)
    if segment is not None and not a.comes_late(entry, segment, e.begins_at):
        a.gaps[entry.id] = Gap(entry.id, e.segment, e.begins_at, e.ends_at, e.cause, e.confidence)


def _classified(a: _Draft, entry: Entry, e: pe.GapClassified) -> None:
    """The first answer holds; a later change is a correction with a reason (consequence 6)."""
    gap = a.gaps.get(e.gap)
    if gap is None or gap.answer is not None or a.comes_late(entry, a.segments[gap.segment], gap.begins_at):
        return
    a.gaps[e.gap] = replace(gap, answer=e.answer)
    if e.answer == "ended":
        _stop(a, entry, a.segments[gap.segment], gap.begins_at, "ended in a gap")


def _completed(a: _Draft, entry: Entry, e: pe.EngagementCompleted) -> None:
    a.completions[entry.id] = Completion(entry.id, e.engagement, entry.counts_at, e.forfeits_s)


def _undone(a: _Draft, entry: Entry, e: pe.CompletionUndone) -> None:
    completion = a.completions.get(e.completion)
    if completion is not None and completion.undone_at is None:
        undone_at = max(entry.counts_at, completion.at)
        a.completions[e.completion] = replace(completion, undone_at=undone_at, undone_by=entry.id)


def _corrected(a: _Draft, entry: Entry, e: pe.CorrectionMade) -> None:
    segment = a.segments.get(e.target)
    closed = segment is not None and any(c.begins_at <= segment.began_at < c.ends_at for c in a.closings)
    a.corrections[entry.id] = Correction(
        entry.id, e.target, entry.counts_at, e.seconds, e.reason, e.approved_by, closed
    )


def _closed(a: _Draft, entry: Entry, e: pe.PeriodClosed) -> None:
    a.closings = (*a.closings, Closing(entry.id, e.begins_at, e.ends_at, e.figures))


def _unknown(a: _Draft, entry: Entry, e: UnknownEvent) -> None:
    a.needs_newer_app = True


_HANDLERS: Final[dict[type[Event], Callable[[_Draft, Entry, Any], None]]] = {
    pe.LotBought: _bought,
    pe.LotGranted: _granted,
    pe.LotRefunded: _refunded,
    pe.RenewalSet: _renewal,
    pe.EngagementOpened: _opened,
    pe.EngagementJoined: _joined,
    pe.EngagementHandedOver: _handed_over,
    pe.ScopeAgreed: _scope,
    pe.ScopeItemDone: _item_done,
    pe.ScopeRequested: _requested,
    pe.AccessListed: _access_listed,
    pe.AccessReceived: _access_received,
    pe.AccessLost: _access_lost,
    pe.ContactSet: _contact,
    pe.SlotBooked: _booked,
    pe.SlotMoved: _moved,
    pe.SlotReleased: _released,
    pe.ConsentGiven: _consented,
    pe.ConsentWithdrawn: _withdrawn,
    pe.SegmentStarted: _started,
    pe.SegmentBeat: _beat,
    pe.SegmentStopped: _stopped,
    pe.SegmentItemSet: _item_set,
    pe.SegmentNoted: _noted,
    pe.PauseBegan: _paused,
    pe.PauseEnded: _resumed,
    pe.GapFound: _gap,
    pe.GapClassified: _classified,
    pe.EngagementCompleted: _completed,
    pe.CompletionUndone: _undone,
    pe.CorrectionMade: _corrected,
    pe.PeriodClosed: _closed,
    UnknownEvent: _unknown,
}


def fold(entries: Iterable[Entry]) -> Account:
    """The account behind a stream's entries, in log order; void entries change nothing."""
    draft = _Draft()
    for entry in entries:
        if entry.effect != "applied":
            continue
        handler = _HANDLERS.get(type(entry.event))
        if handler is not None:
            handler(draft, entry, entry.event)
    return Account(**vars(draft))
