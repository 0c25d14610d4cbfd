"""One day of an engagement on the ruler, and the interruptions of a session. Pure; called by `pages` and `watch`.

Instants are epoch ms (UTC).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Final

from console.desk.pro.views import Ruler
from console.domain.calendar import Period
from console.domain.metering import Metering
from console.domain.pro_account import Account, Booking
from console.domain.pro_settings import ProSettings
from console.domain.service_window import service_calendar
from console.domain.spans import shared, united, without
from console.domain.words import local
from console.domain.worked_time import allowed_hours

_FIRST, _LAST = "08:00", "20:00"
"""What a day's ruler shows at least, on the wall of the window's zone."""
_HOUR_MS: Final = 3_600_000
_LONGEST_DAY_MS: Final = 25 * _HOUR_MS


def ruler(
    account: Account,
    metering: Metering,
    ticket: str,
    slot: Booking | None,
    busy: Iterable[tuple[int, int, str]],
    other_zone: tuple[str, str] | None,
    settings: ProSettings,
    holidays: Collection[date],
) -> Ruler:
    """The day of now, or of the coming slot where nothing happens today.

    `busy` are the engineer's other slots with their accounts; `other_zone` is an IANA name and whose it is.
    """
    now, zone = metering.as_of, settings.window_tz
    shown = _shown_instant(account, ticket, slot, now, zone)
    calendar = service_calendar(settings, holidays, shown)
    day = calendar.local_date(shown)
    begins, ends = calendar.to_instant(day, _FIRST), calendar.to_instant(day, _LAST)
    whole: Period = (calendar.to_instant(day, "00:00"), calendar.to_instant(day + timedelta(days=1), "00:00"))
    worked = shared(metering.runs_of(ticket), [whole])
    allowed = allowed_hours(account, ticket, now, settings, holidays)
    consented = shared(list(united(allowed.consented)), [whole])
    mine = [] if slot is None else shared([(slot.begins_at, slot.ends_at)], [whole])
    for span in (*worked, *consented, *mine):
        begins, ends = min(begins, span[0]), max(ends, span[1])
    begins, ends = begins - begins % _HOUR_MS, ends + -ends % _HOUR_MS
    drawn: list[Period] = [(begins, ends)]
    windows = shared(list(allowed.calendar.periods_between(whole[0], whole[1])), drawn)
    planned = without(shared(mine, [(now, ends)]), worked) if mine else []
    return Ruler(
        begins_at=begins,
        ends_at=ends,
        zone=zone,
        other_zone=None if other_zone is None else other_zone[0],
        other_name="" if other_zone is None else other_zone[1],
        open=tuple(windows),
        consented=tuple(without(consented, windows)),
        slot=mine[0] if mine else None,
        worked=tuple(worked),
        unmetered=tuple(
            shared(united((u.begins_at, u.ends_at) for u in metering.unmetered if u.engagement == ticket), drawn)
        ),
        paused=tuple(shared(interruptions(account, metering, ticket), drawn)),
        planned=tuple(shared(planned, [*windows, *consented])),
        others=tuple((b, e, name) for b, e, name in busy if b < ends and begins < e),
    )


def interruptions(account: Account, metering: Metering, ticket: str) -> list[Period]:
    """The spans in which a segment of the engagement ran and was not metered: pauses and gaps."""
    now = metering.as_of
    run = united(
        (s.began_at, now if s.ended_at is None else min(s.ended_at, now))
        for s in account.segments_of(ticket)
        if s.began_at < now and s.purpose == "work"
    )
    return without(run, metering.runs_of(ticket))


def _shown_instant(account: Account, ticket: str, slot: Booking | None, now: int, zone: str) -> int:
    today = local(now, zone).date()
    recent = [s for s in account.segments_of(ticket) if s.ended_at is None or now - s.ended_at <= _LONGEST_DAY_MS]
    busy_today = any(
        s.ended_at is None or today in (local(s.began_at, zone).date(), local(s.ended_at, zone).date()) for s in recent
    )
    if busy_today or slot is None or slot.begins_at <= now:
        return now
    return slot.begins_at
