"""The planner: when work can be done, where carried work goes on, and which agreed slots cannot be kept.

Source: spec pro_services.md 1 (T4, T7 to T9, T12), 2 (consequence 3) and 3 (7 to 9, 18, 31 to 34). Pure; called by the
desk at intake, when a slot is agreed and when work is carried over. `pro_rulings` judges what is booked from it.
Instants are epoch ms, lengths ms unless a name says seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Final

import msgspec
from msgspec.structs import replace

from console.domain.calendar import Period
from console.domain.metering import Metering, available_ms, unreserved_ms, usable_ms
from console.domain.pro_account import Account, Booking
from console.domain.pro_settings import ProSettings
from console.domain.service_window import latest_start_that_day
from console.domain.spans import length, shared, united, without
from console.domain.words import clock_time, day, exact, full
from console.domain.worked_time import Hours, allowed_hours

GRID_MS: Final = 15 * 60_000
"""Slots begin on the quarters of an hour."""

_DEFAULTS: Final = ProSettings()


class OfferedSlot(msgspec.Struct, frozen=True):
    """A slot that can be agreed. `parts` are its stretches of work: one, or several where the day ends before (T9).

    `warning` says in a sentence that it takes several days although it need not (T8), None where it does not.
    """

    begins_at: int
    ends_at: int
    parts: tuple[Period, ...]
    same_day: bool
    warning: str | None = None


class SlotOffer(msgspec.Struct, frozen=True, kw_only=True):
    """The next slots for an engagement: those within one day first, then those over several, each by time.

    Of its hours `unreserved_ms` are not reserved, and `usable_ms` of those fit into the engineer's free allowed time
    before the last of them expires at `expires_at` (None: there are none). `latest_same_day_start` is the latest start
    on the day of the first slot from which the work ends on it. `warnings` are sentences for whoever agrees the slot.
    """

    slots: tuple[OfferedSlot, ...]
    usable_ms: int
    unreserved_ms: int
    expires_at: int | None
    warnings: tuple[str, ...] = ()
    latest_same_day_start: int | None = None


class SlotClash(msgspec.Struct, frozen=True):
    """An agreed slot that the calendar does not allow any more; the sentence asks to agree it again (T4)."""

    booking: Booking
    sentence: str


class _Room(msgspec.Struct, frozen=True):
    """What a slot may use: the allowed ranges up to the last expiry, the engineer's busy time, and per expiry the hours
    of the lots that die then."""

    hours: Hours
    ranges: tuple[Period, ...]
    busy: tuple[Period, ...]
    expiring: tuple[tuple[int, int], ...]
    ordinary_day_ms: int

    @property
    def unreserved_ms(self) -> int:
        return sum(ms for _, ms in self.expiring)

    @property
    def expires_at(self) -> int | None:
        return self.expiring[-1][0] if self.expiring else None


def next_slots(
    account: Account,
    metering: Metering,
    engagement: str,
    seconds: int,
    engineer: str,
    busy: Iterable[Period] = (),
    settings: ProSettings = _DEFAULTS,
    holidays: Collection[date] = (),
    from_ms: int | None = None,
    count: int = 5,
    *,
    moving: str | None = None,
) -> SlotOffer:
    """The next slots for so much work, from `from_ms` (else `metering.as_of`) on. No two of them overlap.

    `busy` are the engineer's slots in all accounts. `moving` is the booking that the slot would replace: its hours are
    free for it, and `busy` does not hold its time. No slots where the hours do not suffice or nothing fits before they
    expire; the warnings then say so.
    """
    from_ms = metering.as_of if from_ms is None else from_ms
    room = _room(account, metering, engagement, busy, settings, holidays, from_ms, moving)
    asked, zone = seconds * 1000, settings.window_tz
    slots: list[OfferedSlot] = []
    if 0 < asked <= room.unreserved_ms:
        slots += _found(room, asked, from_ms, count, same_day=True, taken=())
        taken = [(slot.begins_at, slot.ends_at) for slot in slots]
        slots += _found(room, asked, from_ms, count - len(slots), same_day=False, taken=taken)
    first = slots[0].begins_at if slots else next((begins for begins, _ in room.ranges), from_ms)
    usable, lost_at = _usable(room.expiring, without(room.ranges, room.busy))
    return SlotOffer(
        slots=tuple(slots),
        usable_ms=usable,
        unreserved_ms=room.unreserved_ms,
        expires_at=room.expires_at,
        warnings=tuple(_warnings(room, asked, usable, lost_at, bool(slots), engineer, zone)),
        latest_same_day_start=_latest_start(room, first, asked, from_ms),
    )


def slot_at(
    account: Account,
    metering: Metering,
    engagement: str,
    seconds: int,
    begins_at: int,
    busy: Iterable[Period] = (),
    settings: ProSettings = _DEFAULTS,
    holidays: Collection[date] = (),
    *,
    moving: str | None = None,
) -> OfferedSlot | None:
    """The slot that begins at an instant, on the grid or not; None where it would not fit, as `next_slots` finds it."""
    now = min(metering.as_of, begins_at)
    room = _room(account, metering, engagement, busy, settings, holidays, now, moving)
    if not 0 < seconds * 1000 <= room.unreserved_ms:
        return None
    return _slot(room, begins_at, seconds * 1000, now)


def go_on_at(
    account: Account,
    engagement: str,
    after_ms: int,
    settings: ProSettings = _DEFAULTS,
    holidays: Collection[date] = (),
    busy: Iterable[Period] = (),
) -> int | None:
    """Where carried work goes on (T9): the first allowed instant from `after_ms` on at which the engineer is free; None
    where there is none before the last of the engagement's hours expire."""
    found = goes_on(account, engagement, after_ms, 0, settings, holidays, busy)
    return None if found is None else found[0]


def goes_on(
    account: Account,
    engagement: str,
    after_ms: int,
    ms: int,
    settings: ProSettings = _DEFAULTS,
    holidays: Collection[date] = (),
    busy: Iterable[Period] = (),
) -> Period | None:
    """Where carried work goes on (`go_on_at`), and when so much of it is done, or with the last free time."""
    expiries = [
        lot.expires_at
        for lot, since in account.feeds(engagement)
        if since <= after_ms < lot.expires_at and lot.id not in _refunded(account)
    ]
    if not expiries:
        return None
    hours = allowed_hours(account, engagement, after_ms, settings, holidays)
    free = without(hours.between(after_ms, max(expiries)), united(busy))
    for begins, ends in free:
        if ms <= ends - begins:
            return free[0][0], begins + ms
        ms -= ends - begins
    return (free[0][0], free[-1][1]) if free else None


def holiday_clashes(
    account: Account, settings: ProSettings = _DEFAULTS, holidays: Collection[date] = (), *, from_ms: int = 0
) -> tuple[SlotClash, ...]:
    """The agreed slots that a holiday or an exception leaves too little time for, those that end after `from_ms`: they
    were agreed before it was known, and have to be agreed again (scenario 18)."""
    ordinary = replace(settings, window_exceptions=())
    found = []
    for booking in sorted(account.bookings.values(), key=lambda booking: booking.begins_at):
        if booking.released_at is not None or booking.ends_at <= from_ms or account.is_over(booking):
            continue
        span = (booking.begins_at, booking.ends_at)
        hours = allowed_hours(account, booking.engagement, booking.begins_at, settings, holidays)
        allowed = hours.between(*span)
        without_holidays = allowed_hours(account, booking.engagement, booking.begins_at, ordinary, ())
        lost = without(without_holidays.between(*span), allowed)
        starts = bool(allowed) and allowed[0][0] == booking.begins_at
        if lost and not (starts and length(allowed) >= booking.seconds * 1000):
            found.append(SlotClash(booking, _clash_sentence(booking, lost[0][0], hours, settings.window_tz)))
    return tuple(found)


def carry_warning(
    account: Account,
    metering: Metering,
    engagement: str,
    settings: ProSettings = _DEFAULTS,
    holidays: Collection[date] = (),
) -> str | None:
    """The warning about the rest of an allocation that is carried over at `metering.as_of`; None where all of it can
    still be used."""
    left = available_ms(account, metering, engagement)
    hours = allowed_hours(account, engagement, metering.as_of, settings, holidays)
    usable = usable_ms(account, metering, engagement, hours)
    living = [lot.expires_at for lot, _ in account.feeds(engagement) if metering.free_ms.get(lot.id)]
    if usable >= left or not living:
        return None
    return unusable_warning(left, usable, max(living), settings.window_tz)


def unusable_warning(bought_ms: int, usable_ms: int, expires_at: int, zone: str) -> str:
    """Hours bought are not hours usable (consequence 3), as it is said at intake, scheduling and carry-over."""
    fits = f"Only {exact(usable_ms)}" if usable_ms > 0 else "None"
    return (
        f"{fits} of the {exact(bought_ms)} can be used in the service window before the renewal at "
        f"{full(expires_at, zone)}: {exact(bought_ms - usable_ms)} would be lost (T7)."
    )


def slot_in_words(slot: OfferedSlot, zone: str) -> str:
    """`Tue 12 Jan, 4:30 PM to 6:00 PM, then Wed 13 Jan, 9:00 AM to 10:30 AM`; the zone is said elsewhere."""
    return ", then ".join(
        f"{day(begins, zone)}, {clock_time(begins, zone)} to {clock_time(ends, zone)}" for begins, ends in slot.parts
    )


def _room(
    account: Account,
    metering: Metering,
    engagement: str,
    busy: Iterable[Period],
    settings: ProSettings,
    holidays: Collection[date],
    from_ms: int,
    moving: str | None,
) -> _Room:
    hours = allowed_hours(account, engagement, from_ms, settings, holidays)
    expiring = tuple(_expiring(account, metering, engagement, from_ms, moving))
    ranges = tuple(hours.between(from_ms, expiring[-1][0])) if expiring else ()
    return _Room(hours, ranges, tuple(united(busy)), expiring, settings.window_day_ms)


def _expiring(
    account: Account, metering: Metering, engagement: str, from_ms: int, moving: str | None
) -> Iterator[tuple[int, int]]:
    """The instants at which unreserved hours expire, and how many do. What a moved slot reserves is free again, and is
    taken to be of the last lot."""
    living = [lot for lot, since in account.feeds(engagement) if since <= metering.as_of and lot.id in metering.free_ms]
    expiries = sorted({lot.expires_at for lot in living if lot.expires_at > from_ms})
    moved = account.bookings.get(moving) if moving is not None else None
    alive = unreserved_ms(account, metering, engagement, from_ms) if expiries else 0
    for expires_at in expiries:
        later = unreserved_ms(account, metering, engagement, expires_at)
        again = moved.seconds * 1000 if moved is not None and expires_at == expiries[-1] else 0
        if alive - later + again > 0:
            yield expires_at, alive - later + again
        alive = later


def _usable(expiring: Iterable[tuple[int, int]], free: Sequence[Period]) -> tuple[int, int | None]:
    """How much of the hours fits into free time before they expire, and the first expiry that takes some."""
    used, lost_at = 0, None
    for expires_at, ms in expiring:
        fits = max(0, min(ms, length(shared(free, [(0, expires_at)])) - used))
        used += fits
        if fits < ms and lost_at is None:
            lost_at = expires_at
    return used, lost_at


def _found(
    room: _Room, ms: int, from_ms: int, count: int, *, same_day: bool, taken: Sequence[Period]
) -> Iterator[OfferedSlot]:
    """Up to so many slots of one kind, each from the first quarter of an hour at which the one before is over."""
    free_at = from_ms
    for begins, ends in room.ranges:
        at = _on_grid(max(begins, free_at))
        while at < ends and count > 0:
            slot = _slot(room, at, ms, from_ms)
            if slot is None or slot.same_day is not same_day or shared([(at, slot.ends_at)], taken):
                at += GRID_MS
                continue
            yield slot
            count -= 1
            free_at = slot.ends_at
            at = _on_grid(free_at)


def _slot(room: _Room, begins_at: int, ms: int, from_ms: int) -> OfferedSlot | None:
    parts = _parts(room, begins_at, ms)
    if parts is None or not _lasts(room, parts):
        return None
    days = {room.hours.calendar.local_date(begins) for begins, _ in parts}
    warning = None
    if len(days) > 1 and ms <= room.ordinary_day_ms:
        latest = _latest_start(room, begins_at, ms, from_ms)
        by = (
            ""
            if latest is None
            else f"; started by {full(latest, room.hours.calendar.timezone)} it would end the same day"
        )
        warning = f"The work takes {len(days)} days, and the terms prefer one (T8){by}."
    return OfferedSlot(begins_at, parts[-1][1], parts, len(days) == 1, warning)


def _parts(room: _Room, begins_at: int, ms: int) -> tuple[Period, ...] | None:
    """The stretches of work that begins at an instant. Once started it goes on to the end of the range (T10), so
    nothing may come between; on the days after, it goes around what the engineer has agreed already."""
    found: list[Period] = []
    for begins, ends in room.ranges:
        if ends <= begins_at:
            continue
        if not found:
            if begins > begins_at:
                return None
            stretches = [(begins_at, min(ends, begins_at + ms))]
            if shared(stretches, room.busy):
                return None
        else:
            stretches = without([(begins, ends)], room.busy)
        for begun, over in stretches:
            part = min(ms, over - begun)
            found.append((begun, begun + part))
            ms -= part
            if not ms:
                return tuple(found)
    return None


def _lasts(room: _Room, parts: Sequence[Period]) -> bool:
    """Whether what is worked after each expiry is left to the lots that live on."""
    left = room.unreserved_ms
    for expires_at, ms in room.expiring:
        left -= ms
        if sum(max(0, ends - max(begins, expires_at)) for begins, ends in parts) > left:
            return False
    return True


def _latest_start(room: _Room, day_of: int, ms: int, from_ms: int) -> int | None:
    """The latest start on the date of an instant from which the work ends on it: to the minute where the engineer is
    free then, else on the grid. None where there is none, or it has passed by `from_ms`."""
    calendar = room.hours.calendar
    latest = latest_start_that_day(day_of, ms, calendar, room.hours.consented)
    if latest is None or latest < from_ms:
        return None
    today, at = calendar.local_date(day_of), latest
    while at >= from_ms and calendar.local_date(at) == today:
        parts = _parts(room, at, ms)
        if parts is not None and calendar.local_date(parts[-1][0]) == today:
            return at
        at = (at - 1) // GRID_MS * GRID_MS
    return None


def _warnings(
    room: _Room, asked: int, usable: int, lost_at: int | None, is_possible: bool, engineer: str, zone: str
) -> Iterator[str]:
    unreserved = room.unreserved_ms
    if asked > unreserved:
        yield f"{exact(unreserved)} of the hours are not reserved, and the slot asks for {exact(asked)}."
    if lost_at is not None:
        in_window, _ = _usable(room.expiring, room.ranges)
        if in_window < unreserved:
            yield unusable_warning(unreserved, in_window, lost_at, zone)
        if usable < in_window:
            yield f"{engineer} is free for {exact(usable)} of them before {full(lost_at, zone)}."
    if not is_possible and 0 < asked <= unreserved and room.expires_at is not None:
        yield f"No slot of {exact(asked)} fits before the renewal at {full(room.expires_at, zone)} (T7)."


def _clash_sentence(booking: Booking, lost_at: int, hours: Hours, zone: str) -> str:
    why = "is a holiday" if hours.calendar.is_holiday(lost_at) else "has other hours now"
    return (
        f"The slot at {full(booking.begins_at, zone)} cannot be kept: {day(lost_at, zone)} {why}. "
        "Engineer and customer agree another time (T4)."
    )


def _refunded(account: Account) -> set[str]:
    return {lot for lot, revoked in account.revocations.items() if revoked.cause == "refund"}


def _on_grid(at: int) -> int:
    return -(-at // GRID_MS) * GRID_MS
