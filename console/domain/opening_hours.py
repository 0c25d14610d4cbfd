"""Opening hours as a person writes them: reading and checking them, and turning days into periods of instants.

The rules are those of spec sla.md 2; the mapping is the one of the guidelines file's covers and of the shared vectors.
Touches nothing but the zone database. `console.domain.calendar` calls it and does the arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from console.domain.errors import ConsoleError

DAY_MS: Final = 86_400_000
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2200
RANGE_START_MS: Final = 0
RANGE_END_MS: Final = (date(LAST_YEAR + 1, 1, 1).toordinal() - EPOCH_DAY) * DAY_MS
"""Calendars answer for instants from the start of 1970 to the end of 2200, UTC."""
FIRST_DAY: Final = EPOCH_DAY - 1
END_DAY: Final = EPOCH_DAY + RANGE_END_MS // DAY_MS + 1
"""Local days (proleptic ordinals) that together hold every instant of the range in every zone; the end is excluded."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Interval = tuple[int, int]
"""Wall time within a day, ms after midnight on the clock, half open, 0 <= from < to <= DAY_MS."""

_KEYS: Final = ("timezone", "weekly_hours", "holidays", "yearly_holidays", "date_overrides", "breaks")
_TIME: Final = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MONTH_DAY: Final = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
_LONGEST_OFFSET_MIN: Final = 14 * 60


class CalendarError(ConsoleError):
    """Hours, dates or a zone that cannot be read, or a question that the calendar cannot answer."""


class OpeningHours(msgspec.Struct, frozen=True, kw_only=True):
    """Checked opening hours in one zone. Days are proleptic ordinals (`date.toordinal`)."""

    timezone: str
    zone: tzinfo
    week: tuple[tuple[Interval, ...], ...]
    holidays: frozenset[int]
    yearly_holidays: frozenset[tuple[int, int]]
    overrides: Mapping[int, tuple[Interval, ...]]
    """The full hours of each date that does not follow the week."""
    breaks: Mapping[int, tuple[Interval, ...]]

    @property
    def has_hours(self) -> bool:
        """Whether any day of the week or any override opens at all."""
        return any(self.week) or any(self.overrides.values())

    @property
    def always_open(self) -> bool:
        """Whether it is 24/7: every day whole, with no exception of any kind."""
        whole = all(day == ((0, DAY_MS),) for day in self.week)
        return whole and not (self.holidays or self.yearly_holidays or self.overrides or self.breaks)

    @property
    def weekly_ms(self) -> int:
        """Wall time open in a week without exceptions."""
        return sum(end - start for day in self.week for start, end in day)

    def local_date(self, at_ms: int) -> date:
        """The date on the wall of this zone at the instant."""
        return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(self.zone).date()

    def in_words(self) -> str:
        """Zone, week and exceptions in one line, such as `America/New_York, mon-fri 08:00-19:00, 3 holidays`."""
        exceptions = (
            (self.holidays, "holiday", "holidays"),
            (self.yearly_holidays, "yearly holiday", "yearly holidays"),
            (self.overrides, "date override", "date overrides"),
            (self.breaks, "day with breaks", "days with breaks"),
        )
        counted = (f"{len(days)} {one if len(days) == 1 else more}" for days, one, more in exceptions if days)
        return ", ".join((self.timezone, self._week_in_words(), *counted))

    def _week_in_words(self) -> str:
        if not any(self.week):
            return "no weekly hours"
        if all(day == ((0, DAY_MS),) for day in self.week):
            return "24/7"
        runs: list[tuple[int, int]] = []
        for day, hours in enumerate(self.week):
            if day and runs and runs[-1][1] == day - 1 and self.week[day - 1] == hours:
                runs[-1] = (runs[-1][0], day)
            elif hours:
                runs.append((day, day))
        return ", ".join(
            (WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]}-{WEEKDAYS[last]}")
            + "".join(f" {_clock(start)}-{_clock(end)}" for start, end in self.week[first])
            for first, last in runs
        )

    def is_holiday(self, day: date) -> bool:
        return day.toordinal() in self.holidays or (day.month, day.day) in self.yearly_holidays

    def instant(self, day: int, wall_ms: int) -> int:
        """The instant (epoch ms) at which the wall shows `wall_ms` after midnight of `day` (DAY_MS: the next).

        A local time that does not exist moves forward by the gap, an ambiguous one is the first (spec sla.md 2): that
        is what `fold=0` answers, since it takes the offset from before the change in both cases.
        """
        if wall_ms == DAY_MS:
            day, wall_ms = day + 1, 0
        wall = datetime.fromordinal(day)
        if wall_ms:
            wall += timedelta(milliseconds=wall_ms)
        offset = self.zone.utcoffset(wall) or timedelta()
        return (day - EPOCH_DAY) * DAY_MS + wall_ms - (offset.days * 86_400 + offset.seconds) * 1000

    def periods(self, first_day: int, end_day: int) -> tuple[list[int], list[int]]:
        """Opens and closes (epoch ms, sorted, no two touching) of the local days from `first_day` up to `end_day`."""
        opens: list[int] = []
        closes: list[int] = []
        closed = self._holidays_in(first_day, end_day)
        midnight = self.instant(first_day, 0)
        for day in range(first_day, end_day):
            following = self.instant(day + 1, 0)
            hours = self.overrides.get(day)
            if hours is None:
                hours = self.week[(day + 6) % 7]
            if hours and day not in closed:
                for start, end in self._spans(day, hours, midnight, following):
                    if closes and start <= closes[-1]:
                        closes[-1] = max(end, closes[-1])
                    else:
                        opens.append(start)
                        closes.append(end)
            midnight = following
        return opens, closes

    def _holidays_in(self, first_day: int, end_day: int) -> frozenset[int]:
        if not self.yearly_holidays:
            return self.holidays
        years = range(date.fromordinal(first_day).year, date.fromordinal(end_day).year + 1)
        return self.holidays | {
            date(year, month, day).toordinal()
            for year in years
            for month, day in self.yearly_holidays
            if (month, day) != (2, 29) or _is_leap(year)
        }

    def _spans(self, day: int, hours: Sequence[Interval], midnight: int, following: int) -> list[Interval]:
        """The open spans of one day as instants, sorted, within the day and within the range."""
        spans = self._instants(day, hours, midnight, following)
        if day in self.breaks:
            for start, end in self._instants(day, self.breaks[day], midnight, following):
                spans = _without(spans, start, end)
        if midnight < RANGE_START_MS or following > RANGE_END_MS:
            spans = _clipped(spans, RANGE_START_MS, RANGE_END_MS)
        return spans

    def _instants(self, day: int, intervals: Sequence[Interval], midnight: int, following: int) -> list[Interval]:
        if following - midnight == DAY_MS:
            return [(midnight + start, midnight + end) for start, end in intervals]
        # A day on which the clock changes: an interval can become empty, pass another, or leave the day.
        found = [(self.instant(day, start), self.instant(day, end)) for start, end in intervals]
        return sorted(_clipped(found, midnight, following))


def read_opening_hours(mapping: Mapping[str, Any]) -> OpeningHours:
    """Check a mapping of `timezone`, `weekly_hours`, `holidays`, `yearly_holidays`, `date_overrides` and `breaks`.

    Dates are `YYYY-MM-DD` (or `date`), yearly ones `MM-DD`, times `HH:MM[:SS]` (or `time`) on the zone's wall, 24:00 is
    the end of the day. Overlapping intervals become one; one over midnight is split there, and its second part is added
    to the following day. Raises CalendarError naming the key.
    """
    if not isinstance(mapping, Mapping):
        raise CalendarError(f"A calendar is a table of {', '.join(_KEYS)}, not {_shown(mapping)}.")
    for key in mapping:
        if key not in _KEYS:
            raise CalendarError(f"A calendar has no key {_shown(key)}; it knows {', '.join(_KEYS)}.")
    if "timezone" not in mapping:
        raise CalendarError('A calendar needs a timezone, such as "America/New_York" or "-05:00".')
    zone = read_zone(mapping["timezone"])
    week = _read_week(mapping.get("weekly_hours", {}))
    return OpeningHours(
        timezone=mapping["timezone"],
        zone=zone,
        week=week,
        holidays=frozenset(read_date(day, "holidays").toordinal() for day in _listed(mapping, "holidays")),
        yearly_holidays=frozenset(_read_month_day(day) for day in _listed(mapping, "yearly_holidays")),
        overrides=_read_overrides(mapping.get("date_overrides", {}), week),
        breaks=_read_dated("breaks", mapping.get("breaks", {})),
    )


def read_zone(name: object) -> tzinfo:
    """The zone of an IANA name or of a fixed offset such as "-05:00"."""
    if isinstance(name, str) and (offset := _OFFSET.fullmatch(name)):
        minutes = int(offset[2]) * 60 + int(offset[3])
        if int(offset[3]) < 60 and minutes <= _LONGEST_OFFSET_MIN:
            return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes), name)
    try:
        if isinstance(name, str) and name:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise CalendarError(
        f'timezone: {_shown(name)} is not a known time zone; write one like "America/New_York" or "-05:00".'
    )


def read_date(value: object, where: str) -> date:
    """A date within the range of calendars, from `YYYY-MM-DD` or a `date`; `where` names the key in the error."""
    found: date | None = None
    if isinstance(value, date) and not isinstance(value, datetime):
        found = value
    elif isinstance(value, str) and _DATE.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            found = None
    if found is None:
        raise CalendarError(f"{where}: {_shown(value)} is not a date; write it like 2026-12-25.")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CalendarError(f"{where}: {found} lies outside the years {FIRST_YEAR} to {LAST_YEAR}.")
    return found


def read_wall_time(value: object, where: str) -> int:
    """Ms after midnight on the clock, from `HH:MM`, `HH:MM:SS`, `24:00` or a `time`; `where` names the key."""
    if isinstance(value, time) and value.tzinfo is None:
        return (value.hour * 3600 + value.minute * 60 + value.second) * 1000 + value.microsecond // 1000
    if isinstance(value, str) and (found := _TIME.fullmatch(value)):
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        at = (hour * 3600 + minute * 60 + second) * 1000
        if minute < 60 and second < 60 and at <= DAY_MS:
            return at
    raise CalendarError(f"{where}: {_shown(value)} is not a time of day; write it like 08:00, at most 24:00.")


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _read_week(value: object) -> tuple[tuple[Interval, ...], ...]:
    week: list[list[Interval]] = [[] for _ in WEEKDAYS]
    for key, intervals in _table("weekly_hours", value).items():
        if key not in WEEKDAYS:
            raise CalendarError(f"weekly_hours: {_shown(key)} is not a day; use {', '.join(WEEKDAYS)}.")
        day = WEEKDAYS.index(key)
        own, spilt = _read_intervals(f"weekly_hours.{key}", intervals)
        week[day] += own
        week[(day + 1) % 7] += spilt
    return tuple(_union(day) for day in week)


def _read_overrides(value: object, week: tuple[tuple[Interval, ...], ...]) -> dict[int, tuple[Interval, ...]]:
    own: dict[int, list[Interval]] = {}
    spilt: dict[int, list[Interval]] = {}
    for day, today, tomorrow in _dated("date_overrides", value):
        own.setdefault(day, []).extend(today)
        if tomorrow:
            spilt.setdefault(day + 1, []).extend(tomorrow)
    for day, intervals in spilt.items():
        # What an override runs over midnight joins the next day's hours, whichever those are; it does not replace them.
        own[day] = [*own.get(day, week[(day + 6) % 7]), *intervals]
    return {day: _union(intervals) for day, intervals in own.items()}


def _read_dated(where: str, value: object) -> dict[int, tuple[Interval, ...]]:
    days: dict[int, list[Interval]] = {}
    for day, today, tomorrow in _dated(where, value):
        days.setdefault(day, []).extend(today)
        if tomorrow:
            days.setdefault(day + 1, []).extend(tomorrow)
    return {day: _union(intervals) for day, intervals in days.items()}


def _dated(where: str, value: object) -> Iterable[tuple[int, list[Interval], list[Interval]]]:
    for key, intervals in _table(where, value).items():
        day = read_date(key, where)
        yield day.toordinal(), *_read_intervals(f"{where}.{day}", intervals)


def _read_intervals(where: str, value: object) -> tuple[list[Interval], list[Interval]]:
    """The intervals of one day, and the parts after midnight, which belong to the day after it."""
    if not isinstance(value, list | tuple):
        raise CalendarError(f'{where}: {_shown(value)} is not a list of intervals such as [["08:00", "19:00"]].')
    today: list[Interval] = []
    tomorrow: list[Interval] = []
    for pair in value:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise CalendarError(f'{where}: {_shown(pair)} is not an interval such as ["08:00", "19:00"].')
        start, end = read_wall_time(pair[0], where), read_wall_time(pair[1], where)
        if start in (end, DAY_MS):
            raise CalendarError(f"{where}: {pair[0]} to {pair[1]} is empty; a whole day is 00:00 to 24:00.")
        if end < start:
            today.append((start, DAY_MS))
            if end:
                tomorrow.append((0, end))
        else:
            today.append((start, end))
    return today, tomorrow


def _read_month_day(value: object) -> tuple[int, int]:
    if isinstance(value, str) and (found := _MONTH_DAY.fullmatch(value)):
        month, day = int(found[1]), int(found[2])
        try:
            date(2000, month, day)
        except ValueError:
            pass
        else:
            return month, day
    raise CalendarError(f"yearly_holidays: {_shown(value)} is not a day of the year; write it like 12-25.")


def _table(where: str, value: object) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise CalendarError(f"{where}: {_shown(value)} is not a table of days with their intervals.")
    return value


def _listed(mapping: Mapping[str, Any], key: str) -> Iterable[object]:
    value = mapping.get(key, ())
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise CalendarError(f"{key}: {_shown(value)} is not a list of days.")
    return value


def _union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _clipped(spans: Iterable[Interval], low: int, high: int) -> list[Interval]:
    cut = ((max(start, low), min(end, high)) for start, end in spans)
    return [(start, end) for start, end in cut if start < end]


def _clock(wall_ms: int) -> str:
    minutes, seconds = divmod(wall_ms // 1000, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def _without(spans: Iterable[Interval], start: int, end: int) -> list[Interval]:
    parts = (part for low, high in spans for part in ((low, min(high, start)), (max(low, end), high)))
    return [(low, high) for low, high in parts if low < high]


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _shown(value: object) -> str:
    """A value as the writer of a file would recognise it, kept short."""
    text = f'"{value}"' if isinstance(value, str | date | time) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
