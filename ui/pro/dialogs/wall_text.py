"""Days, times and lengths as a person types them, and the instants that wall times stand for.

Nothing is guessed about the clocks: a wall time that comes twice is two instants, one that never comes is none
(spec pro_services.md scenario 15). Instants are epoch ms, lengths ms; zones are IANA names or fixed offsets. Pure;
called by the fields.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from console.domain.opening_hours import read_zone
from console.domain.service_window import WallTimeError, wall_instant
from console.domain.words import local

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED: Final = {"today": 0, "tomorrow": 1, "yesterday": -1}
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?\s*(?:([ap])\.?(?:m\.?)?)?")
_LENGTH: Final = re.compile(r"(?:(\d{1,3}(?:\.\d+)?)\s*h)?\s*(?:(\d{1,4})\s*m?)?", re.IGNORECASE)
_CLOCKED: Final = re.compile(r"(\d{1,3}):(\d{2})")
_BARE: Final = re.compile(r"\d{1,2}(?:\.\d+)?")
_MOST_BARE_HOURS: Final = 24
_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE


def read_day(text: str, today: date, *, ahead: bool) -> date | None:
    """The date of `Wed`, `tomorrow`, `14 Oct`, `Oct 14 2027` or `2027-10-14`; None where it is none.

    The name of a day is the next such day, or where the past is meant (not `ahead`) the last one, today included. A
    date without its year is the one nearest to today. A name before a date is left aside: the field writes it anew.
    """
    words = [word for word in re.split(r"[\s,]+", text.strip().casefold()) if word]
    if len(words) == 1 and words[0] in _NAMED:
        return today + timedelta(days=_NAMED[words[0]])
    if len(words) == 1 and re.fullmatch(r"\d{4}-\d{2}-\d{2}", words[0]):
        return _date(*map(int, words[0].split("-")))
    if len(words) > 1 and words[0][:3] in _DAYS and words[0].isalpha():
        words = words[1:]
    if len(words) == 1 and words[0].isalpha() and words[0][:3] in _DAYS:
        away = _DAYS.index(words[0][:3]) - today.weekday()
        return today + timedelta(days=away % 7 if ahead else -(-away % 7))
    months = [_MONTHS.index(word[:3]) + 1 for word in words if word.isalpha() and word[:3] in _MONTHS]
    numbers = [int(word) for word in words if word.isdecimal()]
    if len(months) != 1 or len(months) + len(numbers) != len(words) or not 1 <= len(numbers) <= 2:
        return None
    if len(numbers) == 2:
        return _date(numbers[1], months[0], numbers[0])
    near = [_date(year, months[0], numbers[0]) for year in range(today.year - 1, today.year + 2)]
    return min((day for day in near if day is not None), key=lambda day: abs(day - today), default=None)


def read_time(text: str) -> time | None:
    """The wall time of `10:30 AM`, `10:30`, `1030`, `5 pm` or `17:00`; None where it is none."""
    found = _TIME.fullmatch(text.strip().casefold())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_length(text: str) -> int | None:
    """The ms of `1h 30m`, `90m`, `1:30`, `1.5h` or, as hours, `2`; None where it is no length."""
    words = text.strip()
    if found := _CLOCKED.fullmatch(words):
        return int(found[1]) * _HOUR + int(found[2]) * _MINUTE if int(found[2]) < 60 else None
    if _BARE.fullmatch(words):
        hours = float(words)
        return round(hours * 60) * _MINUTE if 0 < hours <= _MOST_BARE_HOURS else None
    found = _LENGTH.fullmatch(words) if words else None
    if found is None:
        return None
    return round(float(found[1] or 0) * 60) * _MINUTE + int(found[2] or 0) * _MINUTE or None


def day_text(day: date) -> str:
    """`Tue 14 Oct 2025`."""
    return f"{_DAYS[day.weekday()].capitalize()} {day.day} {_MONTHS[day.month - 1].capitalize()} {day.year}"


def time_text(at: time) -> str:
    """`10:30 AM`."""
    return f"{at.hour % 12 or 12}:{at.minute:02d} {'AM' if at.hour < 12 else 'PM'}"


def instants_of(wall: datetime, zone: str) -> tuple[int, ...]:
    """The instants at which the clocks of a zone show a wall time: one, two (the hour that comes twice), or none."""
    try:
        return (wall_instant(wall, zone),)
    except WallTimeError:
        place = read_zone(zone)
        first, second = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
        if first > second:
            return ()
        return tuple(wall_instant(moment.replace(tzinfo=None), "+00:00") for moment in (first, second))


def offset_name(at_ms: int, zone: str) -> str:
    """What the clocks of a zone are called at an instant: `EDT`, `EST`."""
    return local(at_ms, zone).tzname() or zone


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
