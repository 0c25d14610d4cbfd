"""Written dates and times as instants: epoch milliseconds, UTC. Pure; called by the readers of each format."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final

from console.channels.imports.errors import RowError

EARLIEST_MS: Final = 0
"""1970-01-01, the first instant that business calendars know."""
LATEST_MS: Final = 7_258_118_400_000
"""2200-01-01, from which on they know none."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS: Final = 86_400_000


def iso_instant(text: object) -> int:
    """The instant of an ISO 8601 date and time, to the millisecond; without an offset it is UTC.

    Raises `RowError` for what is no date, or not within 1970 to 2199.
    """
    if type(text) is not str:
        raise RowError('"at" must be a date and time as a text in ISO 8601, such as "2025-10-14T16:05:00Z".')
    try:
        at = datetime.fromisoformat(text)
        since = (at if at.tzinfo is not None else at.replace(tzinfo=UTC)) - _EPOCH
    except (ValueError, OverflowError):
        raise RowError(f"{_said(text)} is not a date and time in ISO 8601, such as 2025-10-14T16:05:00Z.") from None
    return _within(since.days * _DAY_MS + since.seconds * 1000 + since.microseconds // 1000, text)


@lru_cache(maxsize=16_384)
def written_instant(text: str, formats: Sequence[str], zone: tzinfo) -> int:
    """The instant of a date in one of several `strptime` formats; without an offset it is in `zone`.

    A local time that does not exist moves forward by the gap, an ambiguous one is the first (spec sla.md 2). Raises
    `RowError` as `iso_instant` does.
    """
    for pattern in formats:
        try:
            at = datetime.fromisoformat(text) if pattern == "iso" else datetime.strptime(text, pattern)
            since = (at if at.tzinfo is not None else at.replace(tzinfo=zone)) - _EPOCH
        except (ValueError, OverflowError):
            continue
        return _within(since.days * _DAY_MS + since.seconds * 1000 + since.microseconds // 1000, text)
    wanted = " or ".join(formats)
    raise RowError(f"{_said(text)} is not a date written as {wanted}.")


def _within(at: int, text: str) -> int:
    if EARLIEST_MS <= at < LATEST_MS:
        return at
    raise RowError(f"{_said(text)} lies outside the years 1970 to 2199.")


def _said(text: str) -> str:
    return f'"{text[:40]}"'
