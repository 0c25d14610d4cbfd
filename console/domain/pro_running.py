"""What a running session needs each second, worked out by arithmetic alone from one look at its account.

Source: spec pro_services.md 2 (consequences 1 to 3, the guard) and 3 (D1, D3, D5). Pure. `running` takes the figures
out of a metering, once for every change of the account; everything else answers for an instant after it without folding
or metering again. Called by the desk's tick, the strip, the session page and `pro_alerts`. Instants are epoch ms,
lengths ms.

Session time is real time, counted once; hours are what the lots lose: twice as fast where two engineers are summed
(scenario 61).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from console.domain.calendar import Period
from console.domain.metering import Limit, LimitName, Metering, available_ms, limit
from console.domain.pro_account import Account, Segment
from console.domain.pro_session import (
    counted_engineers,
    drawn_ms,
    held_ms,
    pause_of,
    resized_at,
    segments_since,
    session_of,
    slot_of_day,
)
from console.domain.pro_settings import ProSettings
from console.domain.service_window import AllowedRange, RangeEnd
from console.domain.spans import length
from console.domain.words import due as due_words
from console.domain.words import exact
from console.domain.worked_time import Hours, allowed_hours, is_metered

_DEFAULTS: Final = ProSettings()
_MINUTE_MS: Final = 60_000


class LotLeft(msgspec.Struct, frozen=True):
    """What a lot still holds for the session. `room_ms` is the allowed time between the end of the range that runs now
    and the lot's expiry: what could still be worked on a later day."""

    expires_at: int
    free_ms: int
    room_ms: int


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A running session as of an instant.

    `session` names it (`pro_session.session_of`); `began_at` is the start of the segment. `session_metered_ms` and
    `today_metered_ms` are the session's time so far, today's up to `day_ends_at`. `allocated_ms` is what the session
    had and has in all, the base of percentages: `drawn_ms` of it is drawn, `drawn_before_ms` was drawn before the
    allocation got its present size, `left_ms` is left.

    `limit_at` and `limit` are the nearest limit if the work goes on; None where nothing may be drawn now. `metering` is
    False during a pause that stops the clock and outside of the allowed hours; `paused` is the pause's kind and
    beginning. `range_ends_at` and `range_end` say what closes the hours that are open now, `next_open_at` when the work
    would go on after them, None if not before `expires_at`, the last expiry of the hours. `lots` come in the order in
    which they are drawn. `weight` is how many engineers are counted in each second. `is_counted` is False for work that
    draws nothing (53, 57): its time and its hours stand still.
    """

    segment: str
    engagement: str
    account: str
    session: str
    engineer: str
    began_at: int
    as_of: int
    session_metered_ms: int
    today_metered_ms: int
    day_ends_at: int
    allocated_ms: int
    drawn_ms: int
    drawn_before_ms: int
    left_ms: int
    limit_at: int | None
    limit: LimitName | None
    metering: bool
    paused: tuple[str, int] | None
    range_ends_at: int | None
    range_end: RangeEnd | None
    slot: Period | None
    next_open_at: int | None
    expires_at: int | None
    lots: tuple[LotLeft, ...]
    weight: int
    item: str | None
    unattended_job: str | None
    is_counted: bool = True


def running(
    account: Account,
    metering: Metering,
    segment_id: str,
    settings: ProSettings = _DEFAULTS,
    holidays: Collection[date] = (),
    *,
    account_name: str = "",
) -> Running:
    """The session of an open segment at `metering.as_of`. KeyError for a segment that the account does not know.

    Past its limit a session has none any more: who guards it keeps the look from before, and stops it at its limit.
    """
    segment, now = account.segments[segment_id], metering.as_of
    id = segment.engagement
    session, since = session_of(account, segment)
    segments = segments_since(account, id, since)
    hours = allowed_hours(account, id, now, settings, holidays)
    current, following = _ranges(hours, now)
    lots = _lots_left(account, metering, id, hours, now if current is None else current.ends_at)
    expires_at = max((lot.expires_at for lot in lots), default=None)
    counted = counted_engineers(account, id, now, settings)
    weight = max(1, len(counted)) if settings.engineers_metering == "sum" else 1
    is_counted = is_metered(segment, settings)
    nearest = _range_limit(segment, current)
    if is_counted:
        nearest = limit(account, metering, id, settings, holidays, weight)
    runs = [(run.begins_at, run.ends_at) for run in metering.runs if run.segment in segments]
    midnight, day_ends_at = _day(hours, now)
    drawn, left = drawn_ms(account, metering, id, segments, since), available_ms(account, metering, id)
    return Running(
        segment=segment.id,
        engagement=id,
        account=account_name,
        session=session,
        engineer=segment.engineer,
        began_at=segment.began_at,
        as_of=now,
        session_metered_ms=length(runs),
        today_metered_ms=_within(runs, midnight, now),
        day_ends_at=day_ends_at,
        allocated_ms=drawn + left + held_ms(account, metering, id, settings),
        drawn_ms=drawn,
        drawn_before_ms=_within(runs, 0, resized_at(account, metering, id)),
        left_ms=left,
        limit_at=None if nearest is None else nearest.at,
        limit=None if nearest is None else nearest.name,
        metering=is_counted and nearest is not None and bool(counted),
        paused=pause_of(account, segment, now),
        range_ends_at=None if current is None else current.ends_at,
        range_end=None if current is None else current.closed_by,
        slot=slot_of_day(account, id, now, hours),
        next_open_at=_before(following, expires_at),
        expires_at=expires_at,
        lots=lots,
        weight=weight,
        item=segment.item,
        unattended_job=segment.unattended_job,
        is_counted=is_counted,
    )


def elapsed_ms(running: Running, now: int) -> int:
    """The session's time at an instant, as its timer shows it: it stands still in a pause and at the limit."""
    return running.session_metered_ms + _worked_since(running, now)


def today_ms(running: Running, now: int) -> int:
    """The session's time on the window's date of an instant, which may be the day after the look."""
    worked = _worked_since(running, now)
    if now < running.day_ends_at:
        return running.today_metered_ms + worked
    return worked - _worked_since(running, running.day_ends_at)


def left_ms(running: Running, now: int) -> int:
    """The hours that the session may still draw at an instant, without those that have expired by then."""
    return _rest(running, now)[1]


def nearest_limit(running: Running, now: int) -> Limit | None:
    """The nearest limit of work that goes on at an instant. While a pause stops the clock the end of the hours moves,
    but neither the window's end nor the renewal (58)."""
    running = as_if_resumed(running, now)
    if running.limit_at is None or running.limit is None:
        return None
    return Limit(running.limit_at, running.limit)


def as_if_resumed(running: Running, now: int) -> Running:
    """The session as it is if the pause that it is in ended at an instant; unchanged while it is metered."""
    if running.metering or not running.is_counted or running.limit is None:
        return running
    now = max(now, running.as_of)
    lots, left = _rest(running, now)
    if running.range_ends_at is None or now >= running.range_ends_at or not left:
        return replace(running, as_of=now, lots=lots, left_ms=left, limit_at=None, limit=None)
    at, name = _hours_end(lots, left, now, running.weight)
    if running.range_ends_at < at:
        at, name = running.range_ends_at, running.range_end or "window"
    return replace(running, as_of=now, lots=lots, left_ms=left, limit_at=at, limit=name, metering=True, paused=None)


def limits(running: Running) -> list[Limit]:
    """All limits ahead of work that goes on at `as_of`, the nearest first: the end of the hours, the end of the range,
    and every renewal that takes hours from the session. What lies beyond the nearest is not reached by this segment."""
    if running.limit is None or running.range_ends_at is None:
        return []
    found = [Limit(running.range_ends_at, running.range_end or "window")]
    if running.is_counted:
        at, name = _hours_end(running.lots, running.left_ms, running.as_of, running.weight)
        found += [Limit(at, name)] if name == "allocation" else []
        found += (Limit(at, "renewal") for at in {lot.expires_at for lot in running.lots} if _lost_ms(running, at))
    return sorted(found, key=lambda limit: limit.at)


def warning_sentence(running: Running, now: int, zone: str) -> str | None:
    """What the nearest limit means, in words: `window closes in 15m, 1h 10m will be carried to Thu 9:00 AM ET`.

    A clause without capital and full stop; None where no limit is ahead. Only what fits before the hours expire is
    carried, and the rest is named as lost (consequence 3).
    """
    nearest = nearest_limit(running, now)
    return None if nearest is None else limit_sentence(as_if_resumed(running, now), nearest, now, zone)


def limit_sentence(running: Running, limit: Limit, now: int, zone: str) -> str:
    """What one of a session's `limits` means, as `warning_sentence` says it of the nearest."""
    match limit.name:
        case "allocation":
            counted = "" if running.weight == 1 else f", {running.weight} engineers are counted"
            return f"hours used up {_in(limit.at - now)}{counted}"
        case "renewal":
            return f"renewal {_in(limit.at - now)}, {_gone(_lost_ms(running, limit.at))} expire"
        case name:
            what = "window closes" if name == "window" else "consented time ends"
            return ", ".join((f"{what} {_in(limit.at - now)}", *_what_becomes(running, limit.at, now, zone)))


def _in(ms: int) -> str:
    """`in 15m`, under ten minutes `in 4m 13s`; never more than there is."""
    if ms <= 0:
        return "now"
    return f"in {exact(ms - ms % _MINUTE_MS if ms >= 10 * _MINUTE_MS else ms)}"


def _what_becomes(running: Running, at: int, now: int, zone: str) -> Iterator[str]:
    """Of the hours that are left when the range closes: what is carried, and what expires before it can be worked."""
    if not running.is_counted:
        return
    lots, left = _rest(running, at)
    fits = 0
    for lot in lots:
        fits += max(0, min(lot.free_ms, lot.room_ms - fits))
    carried = 0
    if running.next_open_at is not None:
        carried = min(fits, left)
        if carried:
            yield f"{_kept(carried)} will be carried to {due_words(running.next_open_at, now, zone)}"
    if left > carried:
        yield f"{_gone(left - carried)} expire"


def _kept(ms: int) -> str:
    """What is kept, in whole minutes downwards: a warning does not flatter."""
    return exact(ms - ms % _MINUTE_MS if ms >= _MINUTE_MS else ms)


def _gone(ms: int) -> str:
    """What is lost, in whole minutes upwards."""
    return exact(-(-ms // _MINUTE_MS) * _MINUTE_MS)


def _worked_since(running: Running, now: int) -> int:
    """Real time that is metered between the look and an instant, at most up to the limit."""
    if not running.metering or running.limit_at is None:
        return 0
    return max(0, min(now, running.limit_at) - running.as_of)


def _rest(running: Running, now: int, alive_at: int | None = None) -> tuple[tuple[LotLeft, ...], int]:
    """What the lots hold that live at an instant, and what of it the session may draw."""
    alive_at = now if alive_at is None else alive_at
    wanted, at = _worked_since(running, now) * running.weight, running.as_of
    left = running.left_ms - wanted
    lots = []
    for lot in running.lots:
        taken = min(lot.free_ms, wanted, max(0, lot.expires_at - at) * running.weight)
        wanted, at = wanted - taken, at + taken // running.weight
        if lot.expires_at > alive_at:
            lots.append(LotLeft(lot.expires_at, lot.free_ms - taken, lot.room_ms))
    return tuple(lots), min(left, sum(lot.free_ms for lot in lots))


def _lost_ms(running: Running, at: int) -> int:
    """The hours that the session loses to an expiry at an instant, if it goes on until then or until its limit."""
    return _rest(running, at, at - 1)[1] - _rest(running, at)[1]


def _hours_end(lots: Iterable[LotLeft], left: int, at: int, weight: int) -> tuple[int, LimitName]:
    """When the hours run out if the work goes on: lot after lot, each until it is empty or expires."""
    name: LimitName = "allocation"
    for lot in lots:
        part = min(left, lot.free_ms)
        lasts = min(part, max(0, (lot.expires_at - at) * weight))
        at, left = at + lasts // weight, left - lasts
        name = "renewal" if lasts < part else "allocation"
        if not left:
            break
    return at, name


def _ranges(hours: Hours, now: int) -> tuple[AllowedRange | None, AllowedRange | None]:
    """The range that is open at an instant, and the next one after it."""
    ranges = hours.ranges(now)
    first = next(ranges, None)
    if first is None or first.begins_at > now:
        return None, first
    return first, next(ranges, None)


def _range_limit(segment: Segment, current: AllowedRange | None) -> Limit | None:
    """Rework that draws nothing still keeps to the allowed hours; the wrap-up is no work at all (53, 57)."""
    if current is None or segment.purpose == "wrapup":
        return None
    return Limit(current.ends_at, current.closed_by)


def _before(following: AllowedRange | None, expires_at: int | None) -> int | None:
    if following is None or expires_at is None or following.begins_at >= expires_at:
        return None
    return following.begins_at


def _lots_left(
    account: Account, metering: Metering, engagement: str, hours: Hours, closes_at: int
) -> tuple[LotLeft, ...]:
    return tuple(
        LotLeft(lot.expires_at, metering.free_ms[lot.id], length(hours.between(closes_at, lot.expires_at)))
        for lot, since in account.feeds(engagement)
        if since <= metering.as_of and metering.free_ms.get(lot.id)
    )


def _day(hours: Hours, now: int) -> Period:
    """The window's date of an instant, from midnight to midnight."""
    today = hours.calendar.local_date(now)
    return hours.calendar.to_instant(today, "00:00"), hours.calendar.to_instant(today + timedelta(days=1), "00:00")


def _within(runs: Iterable[Period], from_ms: int, to_ms: int) -> int:
    return sum(max(0, min(ends, to_ms) - max(begins, from_ms)) for begins, ends in runs)
