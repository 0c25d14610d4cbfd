"""How time and names are spoken: durations, due instants, days. One place, so that the window, the command line and
every explanation say the same thing.

Source: design language 4.1 and 6. Remaining time is rounded down and overdue time up, so that no label flatters.
Pure; zones come as IANA names or as fixed offsets ("-05:00").
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from console.domain.opening_hours import read_zone

MINUS: Final = "\u2212"

METRIC_NAMES: Final[dict[str, str]] = {
    "first_reply": "First reply",
    "next_reply": "Next reply",
    "periodic_update": "Periodic update",
    "pausable_update": "Pausable update",
    "requester_wait": "Requester wait",
    "agent_work": "Agent work",
    "total_resolution": "Total resolution",
}
IMPACT_NAMES: Final[dict[str, str]] = {"urgent": "Urgent", "high": "High", "normal": "Normal", "low": "Low"}
STATUS_NAMES: Final[dict[str, str]] = {
    "new": "New",
    "open": "Open",
    "pending": "Pending",
    "on_hold": "On hold",
    "solved": "Solved",
    "closed": "Closed",
}
LEVEL_NAMES: Final[dict[str, str]] = {
    "on_track": "on track",
    "due_soon": "due soon",
    "at_risk": "at risk",
    "breached": "breached",
    "paused": "paused",
    "met": "met",
    "none": "no clock",
}

_EASTERN: Final = "America/New_York"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH: Final = datetime(1970, 1, 1)
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400


def duration(seconds: int) -> str:
    """A length of time: `1d 4h`, `3h 20m`, `42m`, and under ten minutes `8m 14s`."""
    if seconds >= _DAY:
        return f"{seconds // _DAY}d {seconds % _DAY // _HOUR}h"
    if seconds >= _HOUR:
        return f"{seconds // _HOUR}h {seconds % _HOUR // _MINUTE:02d}m"
    if seconds >= 10 * _MINUTE:
        return f"{seconds // _MINUTE}m"
    if seconds >= _MINUTE:
        return f"{seconds // _MINUTE}m {seconds % _MINUTE:02d}s"
    return f"{seconds}s"


def exact(ms: int) -> str:
    """A length of time in hours and minutes, seconds only where there are some: `33h`, `1h 40m`, `50m`, `14s`."""
    sign = MINUS if ms < 0 else ""
    seconds = abs(ms) // 1000
    parts = [
        f"{count}{unit}"
        for count, unit in ((seconds // _HOUR, "h"), (seconds % _HOUR // _MINUTE, "m"), (seconds % _MINUTE, "s"))
        if count
    ]
    return sign + " ".join(parts) if parts else "0m"


def remaining(ms: int) -> str:
    """The label of a clock: time to its due instant rounded down, or after a minus the overdue time rounded up."""
    if ms >= 0:
        return duration(ms // 1000)
    seconds = -(ms // 1000)
    if seconds >= _DAY:
        seconds = -(-seconds // _HOUR) * _HOUR
    else:
        seconds = -(-seconds // _MINUTE) * _MINUTE
    if seconds < _HOUR:
        return f"{MINUS}{seconds // _MINUTE}m"
    return MINUS + duration(seconds)


def spoken_duration(ms: int) -> str:
    """For people who listen: `18 minutes left`, `42 minutes overdue`."""
    overdue = ms < 0
    minutes = -(ms // 60_000) if overdue else ms // 60_000
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [
        f"{count} {unit}{'' if count == 1 else 's'}"
        for count, unit in ((days, "day"), (hours, "hour"), (minutes, "minute"))
        if count
    ]
    length = " ".join(parts[:2]) if parts else "less than a minute"
    return f"{length} {'overdue' if overdue else 'left'}"


_zone = lru_cache(maxsize=64)(read_zone)


def local(at_ms: int, zone: str) -> datetime:
    """The wall time of an instant in a zone (aware, whole seconds)."""
    return (_EPOCH + timedelta(seconds=at_ms // 1000)).replace(tzinfo=UTC).astimezone(_zone(zone))


def zone_short(zone: str, at_ms: int) -> str:
    """`ET` for the policy's zone, else the zone's own abbreviation at that instant."""
    return "ET" if zone == _EASTERN else local(at_ms, zone).tzname() or zone


def clock_time(at_ms: int, zone: str) -> str:
    """`12:05 PM`."""
    t = local(at_ms, zone)
    return f"{t.hour % 12 or 12}:{t.minute:02d} {'AM' if t.hour < 12 else 'PM'}"


def day(at_ms: int, zone: str) -> str:
    """`Fri 10 Oct`."""
    t = local(at_ms, zone)
    return f"{_DAYS[t.weekday()]} {t.day} {_MONTHS[t.month - 1]}"


def due(at_ms: int, now_ms: int, zone: str) -> str:
    """`12:05 PM ET` today, `Mon 9:00 AM ET` within a week, else `Fri 10 Oct, 4:20 PM ET`."""
    when, today = local(at_ms, zone).date(), local(now_ms, zone).date()
    suffix = f"{clock_time(at_ms, zone)} {zone_short(zone, at_ms)}"
    if when == today:
        return suffix
    if timedelta(0) < when - today < timedelta(days=7):
        return f"{_DAYS[when.weekday()]} {suffix}"
    year = f" {when.year}" if when.year != today.year else ""
    return f"{day(at_ms, zone)}{year}, {suffix}"


def span(begins_ms: int, ends_ms: int, now_ms: int, zone: str) -> str:
    """`Today, 10:30 AM to 1:30 PM ET`, `Fri 10 Oct, 4:30 PM to Mon 13 Oct, 10:30 AM ET`."""
    first, last = local(begins_ms, zone).date(), local(ends_ms, zone).date()
    when = "Today" if first == local(now_ms, zone).date() else day(begins_ms, zone)
    over = "" if last == first else f"{day(ends_ms, zone)}, "
    until = f"{over}{clock_time(ends_ms, zone)} {zone_short(zone, ends_ms)}"
    return f"{when}, {clock_time(begins_ms, zone)} to {until}"


def full(at_ms: int, zone: str) -> str:
    """`Fri 10 Oct 2025, 4:20:05 PM ET`, for tooltips and explanations."""
    t = local(at_ms, zone)
    second = f":{t.second:02d}" if t.second else ""
    return (
        f"{day(at_ms, zone)} {t.year}, {t.hour % 12 or 12}:{t.minute:02d}{second} "
        f"{'AM' if t.hour < 12 else 'PM'} {zone_short(zone, at_ms)}"
    )


def iso(at_ms: int) -> str:
    """ISO 8601, UTC, milliseconds: `2025-10-14T16:05:00.000Z`."""
    t = _EPOCH + timedelta(milliseconds=at_ms)
    return f"{t:%Y-%m-%dT%H:%M:%S}.{t.microsecond // 1000:03d}Z"
