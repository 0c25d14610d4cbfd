"""What may happen next in an account's Pro stream, and the term that a refusal keeps.

Source: spec pro_services.md 1 to 3, events.md 5. Pure. `ruling` judges the guarded events and is stamped by the log;
`desk_ruling` also tells a person before an additive fact is offered. A stop is never refused (consequence 2), and what
is in the log all the same is folded: gates guard the start. Instants are epoch ms.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Final

from console.domain import pro_events as pe
from console.domain.calendar import Period
from console.domain.events import Offered
from console.domain.metering import Metering, available_ms, measure, unreserved_ms
from console.domain.pro_account import Account, Booking, Segment
from console.domain.pro_gate import gate
from console.domain.pro_session import session_of
from console.domain.pro_settings import ProSettings
from console.domain.spans import length, united, without
from console.domain.words import exact, full
from console.domain.worked_time import allowed_hours

_DEFAULTS: Final = ProSettings()
_LEAD_AND_BILLING: Final = 2
_MINUTE_MS: Final = 60_000
_UNPAID: Final = ("purchase", "slot")
"""What a lead may excuse for a provisional start: without a purchase no hours are there to be reserved (41)."""
_ENDS: Final = (pe.SegmentStopped, pe.PauseEnded, pe.GapFound, pe.SegmentNoted)
"""What is taken even in a stream that holds entries of a newer version: a stop is never refused."""


def ruling(
    account: Account,
    offered: Offered,
    now_ms: int,
    settings: ProSettings = _DEFAULTS,
    holidays: Collection[date] = (),
    slots_elsewhere: Iterable[Booking] = (),
) -> str | None:
    """Why a guarded event may not happen in this state, as a sentence; None when it may, and for all others.

    `slots_elsewhere` are the agreed slots of other accounts, where they are known: an engineer is in one place.
    """
    match offered.event:
        case pe.SlotBooked() as event:
            return _booking(account, event, None, now_ms, settings, holidays, slots_elsewhere)
        case pe.SlotMoved() as event:
            known = account.bookings.get(event.slot)
            if known is None or known.released_at is not None:
                return "Not moved: there is no such slot any more."
            return _booking(account, _moved(known, event), known, now_ms, settings, holidays, slots_elsewhere)
        case pe.SlotReleased(slot=slot) if slot not in account.bookings or account.bookings[slot].released_at:
            return "Not released: there is no such slot any more."
        case pe.SlotReleased(slot=slot, no_show=True):
            return _no_show(account.bookings[slot], now_ms, settings)
        case pe.EngagementCompleted() as event:
            return _completion(account, event, settings)
        case pe.CompletionUndone() as event:
            return _undo(account, event, now_ms, settings)
        case pe.PeriodClosed() as event:
            blocks = closing_blocks(account, (event.begins_at, event.ends_at), settings, now_ms)
            return f"Not closed: {'; '.join(blocks)}." if blocks else None
    return None


def desk_ruling(
    account: Account,
    offered: Offered,
    now_ms: int,
    settings: ProSettings = _DEFAULTS,
    holidays: Collection[date] = (),
    *,
    engineer: str,
    elsewhere: Iterable[Segment] = (),
    slots_elsewhere: Iterable[Booking] = (),
    metering: Metering | None = None,
) -> str | None:
    """The rulings, and what a person is told before an additive fact is written.

    `engineer` is whoever acts; `elsewhere` are the open segments of other accounts' streams (scenario 63), and
    `slots_elsewhere` their agreed slots. `metering` are the account's hours as of a start, where the caller has them;
    else they are measured.
    """
    refused = ruling(account, offered, now_ms, settings, holidays, slots_elsewhere)
    if refused is not None:
        return refused
    if account.needs_newer_app and not isinstance(offered.event, _ENDS):
        return "These hours hold entries of a newer version; update the app to change them."
    match offered.event:
        case pe.SegmentStarted(late=None) as event:
            at = now_ms if event.at is None else event.at
            return _start(account, event, event.engineer or engineer, at, settings, holidays, elsewhere, metering)
        case pe.SegmentStarted() as event:
            return _late_start(account, event, settings, holidays)
        case pe.SegmentStopped() as event:
            return _late_stop(account, event, now_ms, settings, holidays)
        case pe.PauseBegan() as event:
            return _pause(account, event, settings)
        case pe.SegmentItemSet(unattended_job=str(job)) if not job.strip():
            return "Not set: work that runs unattended names its job."
        case pe.ContactSet(partner=False, person=person):
            return f"Not set: {person} is no partner. Engineers deal with partners only (T5)."
        case pe.CorrectionMade() as event:
            return _correction(account, event, now_ms)
        case pe.ConsentGiven(begins_at=begins, ends_at=ends) if ends <= begins:
            return "Not recorded: the consent names no time."
        case pe.ConsentWithdrawn(consent=consent):
            return _withdrawal(account, consent, settings)
        case pe.GapClassified(gap=gap) if gap not in account.gaps:
            return "Not answered: there is no such gap."
        case pe.GapClassified(gap=gap) if account.gaps[gap].answer is not None:
            return "Not answered: the gap was answered already; a correction changes it, with a reason."
    return None


def closing_blocks(
    account: Account, period: Period, settings: ProSettings = _DEFAULTS, now_ms: int | None = None
) -> tuple[str, ...]:
    """What keeps a billing period from being closed, a clause each (scenario 86). `now_ms`, by default the period's
    end, decides whether a completion can still be undone: its hours have no line in the ledger until then."""
    begins, ends = period
    zone = settings.window_tz
    found = [
        f"{segment.engineer} has run a session since {full(segment.began_at, zone)}"
        for segment in account.open_segments()
        if segment.began_at < ends
    ]
    found += [
        f"nobody said what the gap from {full(gap.begins_at, zone)} to {full(gap.ends_at, zone)} was"
        for gap in account.unanswered(settings.gap_min_s * 1000)
        if gap.begins_at < ends
    ]
    undo_ms, now_ms = settings.forfeit_undo_s * 1000, ends if now_ms is None else now_ms
    found += [
        f"the completion at {full(done.at, zone)} can be undone until {full(done.at + undo_ms, zone)}"
        for done in account.completions.values()
        if begins <= done.at < ends and done.undone_at is None and now_ms < done.at + undo_ms
    ]
    found += [
        f"{full(max(begins, closing.begins_at), zone)} lies in a period that is closed"
        for closing in account.closings
        if closing.begins_at < ends and begins < closing.ends_at
    ]
    if ends <= begins:
        found.append("the period names no time")
    return tuple(found)


def _start(
    account: Account,
    event: pe.SegmentStarted,
    engineer: str,
    at: int,
    settings: ProSettings,
    holidays: Collection[date],
    elsewhere: Iterable[Segment],
    metering: Metering | None,
) -> str | None:
    running = [s for s in (*account.open_segments(), *elsewhere) if s.engineer == engineer]
    attended = [s for s in running if s.unattended_job is None or settings.parallel_unattended == "off"]
    if attended:
        since = full(attended[0].began_at, settings.window_tz)
        return f"Not started: {engineer} has run a session since {since}. An engineer runs one at once."
    if event.purpose == "wrapup":
        return None
    draws = event.purpose == "work" or settings.rework_metering == "new_session"
    for missing in gate(account, event.engagement, settings) if draws else ():
        if missing.subject not in _UNPAID or not event.provisional_by:
            return f"Not started: {missing.what}. {missing.term}."
    hours = allowed_hours(account, event.engagement, at, settings, holidays)
    following = next(hours.ranges(at), None)
    if following is None or following.begins_at > at:
        when = "" if following is None else f" The next start is {full(following.begins_at, settings.window_tz)}."
        return (
            f"Not started: {full(at, settings.window_tz)} is outside the service window, and no consent recorded "
            f"before the start allows it (T12).{when}"
        )
    if not draws:
        return None
    if metering is None or metering.as_of != at:
        metering = measure(account, at, settings, holidays)
    if not available_ms(account, metering, event.engagement) and not event.provisional_by:
        return _nothing_left(account, event.engagement, at, settings)
    return None


def _nothing_left(account: Account, engagement: str, at: int, settings: ProSettings) -> str:
    lots = [lot for lot, since in account.feeds(engagement) if since <= at]
    if lots and all(lot.expires_at <= at for lot in lots):
        ended = full(max(lot.expires_at for lot in lots), settings.window_tz)
        return f"Not started: the hours expired at the renewal at {ended} (T7)."
    if lots and all(lot.expires_at <= at or lot.id in account.revocations for lot in lots):
        return "Not started: the purchase was refunded. Hours are bought in the product (T1)."
    return "Not started: the allocated time is used up (T10). A new purchase goes on with the same ticket."


def _late_start(
    account: Account, event: pe.SegmentStarted, settings: ProSettings, holidays: Collection[date]
) -> str | None:
    """Work entered afterwards: with a reason and a lead, in allowed hours, after the gate, in an open period (84)."""
    at, late = event.at, event.late
    if at is None or late is None or not late.reason or not late.approved_by:
        return "Not entered: work that is entered afterwards needs its time, a reason and a lead who approves it."
    if any(closing.begins_at <= at < closing.ends_at for closing in account.closings):
        return "Not entered: its billing period is closed."
    for missing in gate(account, event.engagement, settings, at):
        return f"Not entered: by then {missing.what}. {missing.term}."
    following = next(allowed_hours(account, event.engagement, at, settings, holidays).ranges(at), None)
    if following is None or following.begins_at > at:
        when = full(at, settings.window_tz)
        return f"Not entered: {when} is outside the service window and outside every prior consent (T12)."
    return None


def _late_stop(
    account: Account, event: pe.SegmentStopped, now_ms: int, settings: ProSettings, holidays: Collection[date]
) -> str | None:
    """A running session can always be stopped; only work that is entered afterwards has to end in allowed hours."""
    segment = account.segments.get(event.segment)
    if segment is None or segment.late is None:
        return None
    at = now_ms if event.at is None else event.at
    hours = allowed_hours(account, segment.engagement, segment.began_at, settings, holidays)
    current = next(hours.ranges(segment.began_at), None)
    if current is None or at > current.ends_at:
        return f"Not entered: {full(at, settings.window_tz)} is outside the hours in which the work began (T12)."
    return None


def _no_show(booking: Booking, now_ms: int, settings: ProSettings) -> str | None:
    """A partner who is late may still come (45, 46)."""
    waited_at = booking.begins_at + settings.noshow_after_min * _MINUTE_MS
    if now_ms >= waited_at:
        return None
    return f"Not released: the partner may still come, until {full(waited_at, settings.window_tz)}."


def _moved(known: Booking, event: pe.SlotMoved) -> pe.SlotBooked:
    return pe.SlotBooked(
        engagement=known.engagement,
        begins_at=event.begins_at,
        ends_at=event.ends_at,
        seconds=known.seconds if event.seconds is None else event.seconds,
        engineer=event.engineer or known.engineer,
    )


def _booking(
    account: Account,
    event: pe.SlotBooked,
    known: Booking | None,
    now_ms: int,
    settings: ProSettings,
    holidays: Collection[date],
    slots_elsewhere: Iterable[Booking],
) -> str | None:
    """A slot needs hours that nobody reserved and that live when it begins, and an engineer who is free."""
    word, zone = ("booked", settings.window_tz) if known is None else ("moved", settings.window_tz)
    if event.ends_at <= event.begins_at or event.seconds <= 0:
        return f"Not {word}: the slot names no time."
    metering = measure(account, now_ms, settings, holidays)
    asked = event.seconds * 1000 - (0 if known is None else known.seconds * 1000)
    rest = event.seconds * 1000 if known is None else available_ms(account, metering, event.engagement) + asked
    agreed = [booking for booking in account.agreed_slots() if booking is not known]
    clash = _clash(account, event, rest, (*agreed, *slots_elsewhere), settings, holidays)
    if clash is not None:
        return f"Not {word}: {event.engineer} has a slot at {full(clash.begins_at, zone)} already."
    in_all = unreserved_ms(account, metering, event.engagement, alive_at=now_ms)
    in_time = unreserved_ms(account, metering, event.engagement, alive_at=event.begins_at)
    if asked > in_all:
        return (
            f"Not {word}: {exact(max(0, in_all))} of the hours are not reserved, and the slot asks for {exact(asked)}."
        )
    alive = [lot for lot, _ in account.feeds(event.engagement) if lot.expires_at > event.begins_at]
    if not alive or asked > in_time:
        ends = [lot.expires_at for lot, _ in account.feeds(event.engagement) if lot.expires_at <= event.begins_at]
        when = f" at {full(max(ends), zone)}" if ends else ""
        return (
            f"Not {word}: the hours expire{when}, before the slot. They are used in the period of their purchase (T7)."
        )
    return None


def _clash(
    account: Account,
    event: pe.SlotBooked,
    rest_ms: int,
    agreed: Iterable[Booking],
    settings: ProSettings,
    holidays: Collection[date],
) -> Booking | None:
    """The first of the engineer's agreed slots that a slot cannot go around: one that lies over its beginning, or that
    leaves too little time in it for what is still to be worked. On a day after, work goes around what is agreed."""
    begins, ends = event.begins_at, event.ends_at
    others = [b for b in agreed if b.engineer == event.engineer and b.begins_at < ends and begins < b.ends_at]
    first = min(others, key=lambda booking: booking.begins_at, default=None)
    if first is None or first.begins_at <= begins:
        return first
    allowed = allowed_hours(account, event.engagement, begins, settings, holidays).between(begins, ends)
    free = without(allowed, united((other.begins_at, other.ends_at) for other in others))
    return first if length(free) < rest_ms else None


def _completion(account: Account, event: pe.EngagementCompleted, settings: ProSettings) -> str | None:
    segments = account.segments_of(event.engagement)
    running = next((s for s in segments if s.ended_at is None and s.purpose != "wrapup"), None)
    if running is not None:
        return f"Not completed: {running.engineer} has the timer running; stop it first."
    done = account.completion_of(event.engagement)
    if done is not None and not any(b.reserves[0][0] > done.at for b in account.bookings_of(event.engagement)):
        return f"Not completed: the scope was completed at {full(done.at, settings.window_tz)} already."
    ids = {segment.id for segment in segments}
    gap = next((g for g in account.unanswered(settings.gap_min_s * 1000) if g.segment in ids), None)
    if gap is not None and settings.gap_default == "reserved":
        span = f"{full(gap.begins_at, settings.window_tz)} to {full(gap.ends_at, settings.window_tz)}"
        return f"Not completed: say first whether the gap from {span} was worked."
    return None


def _undo(account: Account, event: pe.CompletionUndone, now_ms: int, settings: ProSettings) -> str | None:
    completion = account.completions.get(event.completion)
    if completion is None or completion.undone_at is not None:
        return "Not undone: the scope is not complete."
    in_time = now_ms < completion.at + settings.forfeit_undo_s * 1000
    if not in_time and len(set(event.approved_by)) < _LEAD_AND_BILLING:
        return (
            f"Not undone: {exact(settings.forfeit_undo_s * 1000)} after the completion only lead and billing "
            "reverse it (T11)."
        )
    return None


def _pause(account: Account, event: pe.PauseBegan, settings: ProSettings) -> str | None:
    segment = account.segments.get(event.segment)
    if segment is None or segment.ended_at is not None:
        return "Not paused: the timer is not running."
    names = [kind.name for kind in settings.pause_kinds]
    if event.pause_kind not in names:
        return f"Not paused: say why, as one of {', '.join(names)}. Once started the work goes on (T10)."
    return None


def _withdrawal(account: Account, consent: str, settings: ProSettings) -> str | None:
    given = account.consents.get(consent)
    if given is None or given.consent.withdrawn_at is not None:
        return "Not withdrawn: there is no such consent any more."
    if settings.consent_withdrawal == "not_possible":
        return "Not withdrawn: a consent that was given holds, as the settings have it (T12)."
    return None


def _correction(account: Account, event: pe.CorrectionMade, now_ms: int) -> str | None:
    segment = account.segments.get(event.target)
    if segment is None:
        return "Not corrected: there is no such segment."
    if not event.reason or not event.approved_by:
        return "Not corrected: a correction has a reason and a lead who approves it."
    name, _ = session_of(account, segment)
    session = [s for s in account.segments_of(segment.engagement) if session_of(account, s)[0] == name]
    worked = sum((now_ms if s.ended_at is None else s.ended_at) - s.began_at for s in session)
    if abs(event.seconds) * 1000 > worked:
        return f"Not corrected: the session is {exact(worked)} long, shorter than the correction."
    return None
