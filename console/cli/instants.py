"""Instants and lengths of time as a person writes them on the command line. Instants are epoch ms, UTC."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Final

from console.domain.errors import ConsoleError

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2201, 1, 1, tzinfo=UTC)
_BEGINS_WITH_YEAR: Final = re.compile(r"\d{4}")
_PARTS: Final = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?", re.ASCII)
_ISO_PARTS: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?", re.ASCII)
_SECONDS: Final = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_MOST_SECONDS: Final = 231 * 366 * 86_400


class InstantError(ConsoleError):
    """Not an instant, or not one between 1970 and 2200."""


class LengthError(ConsoleError):
    """Not a length of time."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def instant(text: str, now: int) -> int:
    """The instant that a text names: ISO 8601, in UTC where it has no zone, or `now`. InstantError otherwise."""
    name = text.strip()
    if name.lower() == "now":
        return now
    moment = _iso(name)
    if moment is None:
        raise InstantError(f'"{text}" is not an instant: write ISO 8601 such as 2026-03-02T09:30Z, or now.')
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH
    if not timedelta(0) <= since < _LAST - _EPOCH:
        raise InstantError(f'"{text}" is out of range: instants lie in the years 1970 to 2200.')
    return since // timedelta(milliseconds=1)


def seconds(text: str) -> float:
    """A length of time in seconds, an int when whole: `3600`, `1h30m`, `90m`, `PT8H30M`. LengthError otherwise."""
    name = "".join(text.split())
    if _SECONDS.fullmatch(name):
        return _whole(float(name), text)
    match = _PARTS.fullmatch(name.lower()) or _ISO_PARTS.fullmatch(name.upper())
    if match is None or not any(match.groups()):
        if name.startswith("-"):
            raise LengthError(f'"{text}" is not a length of time: it cannot be negative.')
        raise LengthError(f'"{text}" is not a length of time: write seconds, or hours and minutes such as 1h30m.')
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return _whole(hours * 3600 + minutes * 60 + rest, text)


def _iso(name: str) -> datetime | None:
    if not _BEGINS_WITH_YEAR.match(name):
        return None
    try:
        return datetime.fromisoformat(name)
    except ValueError:
        pass  # the shapes that only pendulum reads, such as 2026-061T09:30
    import pendulum

    try:
        parsed = pendulum.parse(name)
    except (ValueError, OverflowError):
        return None
    return datetime.fromisoformat(parsed.isoformat()) if isinstance(parsed, datetime) else None


def _whole(value: float, text: str) -> float:
    if value > _MOST_SECONDS:
        raise LengthError(f'"{text}" is too long: no length goes beyond the years 1970 to 2200.')
    return int(value) if value.is_integer() else round(value, 3)
