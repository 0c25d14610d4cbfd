"""How amounts of hours are written on the session page, and rounded so that what stands together adds up.

Pure. What is left is rounded down, so that no label flatters (design language 4.1); what is gone takes the rest.
Amounts are ms. Called by the cards of the session page and the list of engagements.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from console.domain import words

MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 60 * MINUTE_MS
_MS: Final = 1000


def unit_of(bought_ms: int) -> int:
    """The ms to which amounts of a purchase are rounded: minutes, and seconds where the purchase itself has some."""
    return _MS if bought_ms % MINUTE_MS else MINUTE_MS


def floored(ms: int, unit: int = MINUTE_MS) -> int:
    """Rounded down to whole units."""
    return ms // unit * unit


def adding_up_to(total_ms: int, parts_ms: Sequence[int], unit: int = MINUTE_MS) -> list[int]:
    """The parts in whole units, each within one unit of its true value, whose sum is `total_ms`.

    `total_ms` is in whole units and within one unit per part of the sum of the parts; those that lose most by being
    rounded down are rounded up first.
    """
    shown = [floored(part, unit) for part in parts_ms]
    missing = (total_ms - sum(shown)) // unit
    by_loss = sorted(range(len(shown)), key=lambda at: (shown[at] - parts_ms[at], at))
    for at in by_loss[: max(missing, 0)]:
        shown[at] += unit
    return shown


def amount(ms: int) -> str:
    """In running text: `4h 05m`, `12h`, `45m`; a minus before what is negative."""
    return column(ms).removesuffix(" 00m") if ms % _HOUR_MS < _MS else column(ms)


def column(ms: int) -> str:
    """Under each other: `2h 00m`, `45m`, `0m`; seconds only where there are some. A minus before what is negative."""
    sign, rest = (words.MINUS if ms < 0 else ""), abs(ms)
    hours, minutes, seconds = rest // _HOUR_MS, rest % _HOUR_MS // MINUTE_MS, rest % MINUTE_MS // _MS
    text = f"{hours}h {minutes:02d}m" if hours else f"{minutes}m"
    return f"{sign}{text} {seconds:02d}s" if seconds else sign + text


def change(ms: int) -> str:
    """A change of a balance, with its sign: `+12h 00m`, `−45m`."""
    return f"+{column(ms)}" if ms > 0 else column(ms)


def spoken(ms: int) -> str:
    """For people who listen: `4 hours 33 minutes`, `minus 45 minutes`, `0 minutes`. Rounded down to whole minutes."""
    minutes = abs(ms) // MINUTE_MS
    counts = ((minutes // 60, "hour"), (minutes % 60, "minute"))
    parts = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counts if count]
    return ("minus " if ms < 0 and parts else "") + (" ".join(parts) or "0 minutes")


def short_day(at_ms: int, zone: str) -> str:
    """`31 Oct`."""
    return words.day(at_ms, zone).partition(" ")[2]


def expiry(expires_at: int, now_ms: int, zone: str) -> str:
    """When hours end that live up to an instant: `31 Oct` where it is that day's end, else `10 Feb, 2:37 PM`."""
    last = expires_at - 1
    at_midnight = words.local(expires_at, zone).time() == words.local(0, "UTC").time()
    days = (words.local(last, zone).date() - words.local(now_ms, zone).date()) // timedelta(days=1)
    if at_midnight:
        return "today at midnight" if days == 0 else short_day(last, zone)
    clock = words.clock_time(expires_at, zone)
    return f"today, {clock}" if days == 0 else f"{short_day(last, zone)}, {clock}"


def days_until(at_ms: int, now_ms: int, zone: str) -> str:
    """`today`, `tomorrow`, `in 17 days`, by the dates of a zone; an instant at midnight ends the day before it."""
    days = (words.local(at_ms - 1, zone).date() - words.local(now_ms, zone).date()) // timedelta(days=1)
    return "today" if days <= 0 else "tomorrow" if days == 1 else f"in {days} days"
