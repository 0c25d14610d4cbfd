"""The session of a segment: since when it goes on, whose time counts in it, what it drew, and its slot today.

Source: spec pro_services.md 1 ("Session: all work on one allocation until it is closed") and 3 (D5, D6). Pure; called
by `pro_running` and by whoever tells one session of an engagement from another. Instants are epoch ms, amounts ms.
"""

from __future__ import annotations

from collections.abc import Collection

from console.domain.calendar import Period
from console.domain.metering import Metering
from console.domain.pro_account import Account, Booking, Pause, Segment
from console.domain.pro_settings import ProSettings
from console.domain.worked_time import Hours, is_metered


def session_of(account: Account, segment: Segment) -> tuple[str, int]:
    """The name of a segment's session, and the instant after the one before was completed.

    The name is the id of that completion, and of the first session the engagement's own. A completion that was undone
    parts nothing.
    """
    before = [
        completion
        for completion in account.completions.values()
        if completion.engagement == segment.engagement
        and completion.undone_at is None
        and completion.at <= segment.began_at
    ]
    last = max(before, key=lambda completion: completion.at, default=None)
    return (segment.engagement, 0) if last is None else (last.id, last.at)


def segments_since(account: Account, engagement: str, since: int) -> set[str]:
    """The ids of the segments of a session."""
    return {segment.id for segment in account.segments_of(engagement) if segment.began_at >= since}


def counted_engineers(account: Account, engagement: str, now: int, settings: ProSettings) -> set[str]:
    """Whose time counts at an instant: at work on the engagement, and in no pause that stops the clock (58, 61)."""
    at_work = {s.engineer for s in account.segments_of(engagement) if _goes_on(s, now) and is_metered(s, settings)}
    metered = {kind.name for kind in settings.pause_kinds if kind.metered}
    for pause in account.pauses.values():
        segment = account.segments[pause.segment]
        if segment.engagement == engagement and pause.kind not in metered and _lasts(pause, segment, now):
            at_work.discard(segment.engineer)
    return at_work


def pause_of(account: Account, segment: Segment, now: int) -> tuple[str, int] | None:
    """The kind and the beginning of the pause that a segment is in; the latest of several."""
    lasting = [
        (pause.began_at, pause.kind)
        for pause in account.pauses.values()
        if pause.segment == segment.id and _lasts(pause, segment, now)
    ]
    if not lasting:
        return None
    began_at, kind = max(lasting)
    return kind, began_at


def drawn_ms(account: Account, metering: Metering, engagement: str, segments: Collection[str], since: int) -> int:
    """What a session took from the lots: its work, the corrections of it, and a no-show that was charged."""
    causes = {*segments, *(c.id for c in account.corrections.values() if c.target in segments)}
    causes |= {b.no_show for b in account.bookings.values() if b.engagement == engagement and b.no_show}
    return -sum(
        line.ms
        for line in metering.lines
        if line.kind in ("used", "corrected") and line.cause in causes and line.at >= since
    )


def held_ms(account: Account, metering: Metering, engagement: str, settings: ProSettings) -> int:
    """What gaps without an answer keep of an engagement's hours."""
    held = sum(metering.reserved_ms.get(lot.id, 0) for lot, _ in account.feeds(engagement))
    if not held:
        return 0
    asked = (
        gap.ends_at - gap.begins_at
        for gap in account.unanswered(settings.gap_min_s * 1000)
        if account.segments[gap.segment].engagement == engagement
    )
    return min(held, sum(asked))


def resized_at(account: Account, metering: Metering, engagement: str) -> int:
    """When the allocation got its present size: at its last booking or extension, and without any at its last lot."""
    changes = [at for b in account.bookings.values() if b.engagement == engagement for at, _ in b.reserves]
    changes += [at for _, at in account.extensions(engagement)]
    if metering.left_ms.get(engagement) is None:
        changes += [at for _, at in account.feeds(engagement)]
    return max((at for at in changes if at <= metering.as_of), default=0)


def slot_of_day(account: Account, engagement: str, now: int, hours: Hours) -> Period | None:
    """The agreed slot that holds an instant, else the last one that began on its date, else the next one on it."""
    today = hours.calendar.local_date(now)

    def is_of_today(booking: Booking) -> bool:
        return booking.begins_at <= now < booking.ends_at or hours.calendar.local_date(booking.begins_at) == today

    bookings = sorted(filter(is_of_today, account.bookings_of(engagement)), key=lambda booking: booking.begins_at)
    begun = [booking for booking in bookings if booking.begins_at <= now]
    found = begun[-1] if begun else bookings[0] if bookings else None
    return None if found is None else (found.begins_at, found.ends_at)


def _goes_on(segment: Segment, now: int) -> bool:
    return segment.began_at <= now and (segment.ended_at is None or now < segment.ended_at)


def _lasts(pause: Pause, segment: Segment, now: int) -> bool:
    return pause.began_at <= now and (pause.ended_at is None or now < pause.ended_at) and _goes_on(segment, now)
