"""Business time: due instants and elapsed open time on a calendar of opening hours (spec sla.md 2).

Instants are epoch milliseconds (UTC), durations real elapsed time: a day on which the clock changes has 23 or 25 hours.
Pure, and safe to share between threads; imports nothing of the project but the opening hours beside it. Guidelines
hold one calendar per cover, the clocks (`console.domain.sla`) add and measure on it, the desk asks it for the rest.

How it answers: one contiguous table of open periods with the open time before each, so that adding and measuring are
two binary searches. The table starts empty and grows, at either end, around the instants that are asked for.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from itertools import accumulate
from threading import Lock
from typing import Any, Final

from console.domain.opening_hours import (
    DAY_MS,
    END_DAY,
    EPOCH_DAY,
    FIRST_DAY,
    FIRST_YEAR,
    LAST_YEAR,
    RANGE_END_MS,
    RANGE_START_MS,
    CalendarError,
    OpeningHours,
    read_date,
    read_opening_hours,
    read_wall_time,
)

__all__ = ["BusinessCalendar", "CalendarError", "Period"]

Period = tuple[int, int]
"""A span of instants (epoch ms), its start included, its end not."""

_DAYS_BACK: Final = 31
_DAYS_AHEAD: Final = 366
"""What the table covers around the first instant asked for; later it grows by at least half of its length."""


class _Table:
    """The open periods of a contiguous run of local days. Never changed once made: a longer one replaces it.

    Entry 0 is an empty period at the start of the run, so that every covered instant has an entry at or before it.
    `before[i]` is the open time from the start of the run to entry i, `before[-1]` that of the whole run. No two
    periods touch, but the first and the last may go on beyond the run.
    """

    __slots__ = ("before", "closes", "columns", "end_day", "first_day", "first_ms", "last_ms", "opens")

    def __init__(self, opens: list[int], closes: list[int], days: tuple[int, int], span: Period) -> None:
        self.first_day, self.end_day = days
        self.first_ms, self.last_ms = span
        self.opens = [self.first_ms, *opens]
        self.closes = [self.first_ms, *closes]
        lengths = (closing - opening for opening, closing in zip(self.opens, self.closes, strict=True))
        self.before = list(accumulate(lengths, initial=0))
        self.columns = (self.opens, self.closes, self.before)

    @property
    def reaches_start(self) -> bool:
        return self.first_ms == RANGE_START_MS

    @property
    def reaches_end(self) -> bool:
        return self.last_ms == RANGE_END_MS


_NOTHING_YET: Final = _Table([], [], days=(0, 0), span=(1, 0))
"""Covers no instant at all."""


class BusinessCalendar:
    """Opening hours in one zone, and arithmetic in their open time. Immutable; equal questions have equal answers.

    A period includes its opening instant and excludes its closing instant; periods that touch (24:00 and the next
    00:00) are one period. Every method raises CalendarError for an instant outside the years 1970 to 2200 (UTC).

    `pauses` are spans (from_ms, to_ms) that do not count. They may overlap, come in any order or lie in closed time; an
    empty or reversed one is none.
    """

    __slots__ = ("_always_open", "_growing", "_has_hours", "_hours", "_table")

    def __init__(self, hours: OpeningHours) -> None:
        self._hours = hours
        self._growing = Lock()
        self._table = _NOTHING_YET
        self._always_open = hours.always_open
        self._has_hours = hours.has_hours
        if self._always_open:
            whole = (RANGE_START_MS, RANGE_END_MS)
            self._table = _Table([RANGE_START_MS], [RANGE_END_MS], days=(FIRST_DAY, END_DAY), span=whole)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> BusinessCalendar:
        """Build from `timezone`, `weekly_hours`, `holidays`, `yearly_holidays`, `date_overrides`, `breaks`.

        All but the zone may be left out: a calendar without hours is never open. Raises CalendarError with a sentence
        that names the key and the value at fault. `read_opening_hours` describes the forms.
        """
        return cls(read_opening_hours(mapping))

    def __repr__(self) -> str:
        return f"<BusinessCalendar {self._hours.in_words()}>"

    @property
    def timezone(self) -> str:
        """The zone as it was given: an IANA name or a fixed offset."""
        return self._hours.timezone

    @property
    def always_open(self) -> bool:
        """Whether it is 24/7, without an exception of any kind."""
        return self._always_open

    @property
    def has_hours(self) -> bool:
        """Whether it opens at all; if not, `add`, `subtract`, `next_open` and `next_close` have no answer."""
        return self._has_hours

    @property
    def table_size(self) -> int:
        """How many open periods have been worked out so far; a measure of memory, of no meaning to the answers."""
        return len(self._table.opens) - 1

    def add(self, start_ms: int, seconds: float, pauses: Iterable[Period] = ()) -> int:
        """The instant at which `seconds` of open, unpaused time have passed since `start_ms`.

        One that falls on closing time is that closing instant, and a pause that begins at the result does not move it
        (spec sla.md 2 and 3). Adding 0 gives the first open instant at or after the start. Raises CalendarError for
        negative seconds, for a calendar without hours and where the hours up to the year 2200 do not suffice.
        """
        ms = seconds * 1000 if type(seconds) is int else _milliseconds(seconds)
        return self.add_ms(start_ms, ms, pauses)

    def add_ms(self, start_ms: int, ms: int, pauses: Iterable[Period] = ()) -> int:
        """As `add`, in milliseconds."""
        if pauses:
            return self._add_around(start_ms, ms, pauses)
        if ms <= 0:
            _check_duration(ms)
            return self.next_open(start_ms)
        table = self._table
        if not table.first_ms <= start_ms <= table.last_ms:
            table = self._covering(start_ms)
        opens, closes, before = table.columns
        following = bisect_right(opens, start_ms)
        left = closes[following - 1] - start_ms
        if left > 0:
            if ms <= left:
                return start_ms + ms
            ms -= left
        try:
            due = opens[following] + ms
            if due <= closes[following]:
                return due
            beyond = bisect_left(before, before[following] + ms, following)
            return closes[beyond - 1] - before[beyond] + before[following] + ms
        except IndexError:
            ms -= before[-1] - before[following]
            self._reach_ahead(table, ms)
            return self.add_ms(table.last_ms, ms)

    def subtract(self, start_ms: int, seconds: float) -> int:
        """The latest instant from which `seconds` of open time pass until `start_ms`: the mirror of `add`.

        One that falls on opening time is that opening instant. Subtracting 0 gives the latest instant at or before the
        start with open time just before it. Raises CalendarError as `add` does.
        """
        return self.subtract_ms(start_ms, _milliseconds(seconds))

    def subtract_ms(self, start_ms: int, ms: int) -> int:
        """As `subtract`, in milliseconds."""
        _check_duration(ms)
        while True:
            table = self._covering(start_ms)
            entry = bisect_left(table.opens, start_ms) - 1
            if entry > 0:
                left = max(table.closes[entry] - start_ms, 0)
                if ms == 0:
                    return start_ms if left else table.closes[entry]
                target = table.before[entry + 1] - left - ms
                if target >= 0:
                    entry = bisect_right(table.before, target) - 1
                    return table.opens[entry] + target - table.before[entry]
                self._reach_back(table, -target)
            else:
                self._reach_back(table, ms)

    def elapsed(self, start_ms: int, end_ms: int, pauses: Iterable[Period] = ()) -> float:
        """Seconds of open, unpaused time in [start, end): an int when whole. A reversed range counts 0."""
        ms = self.elapsed_ms(start_ms, end_ms, pauses)
        return ms / 1000 if ms % 1000 else ms // 1000

    def elapsed_ms(self, start_ms: int, end_ms: int, pauses: Iterable[Period] = ()) -> int:
        """As `elapsed`, in milliseconds."""
        if end_ms <= start_ms:
            return 0
        table = self._table
        if start_ms < table.first_ms or end_ms > table.last_ms:
            self._covering(start_ms)
            table = self._covering(end_ms)
        opens, closes, before = table.columns
        first = bisect_right(opens, start_ms)
        last = bisect_right(opens, end_ms, first)
        total = before[last] - before[first]
        left = closes[first - 1] - start_ms
        if left > 0:
            total += left
        left = closes[last - 1] - end_ms
        if left > 0:
            total -= left
        if pauses:
            total -= sum(self.elapsed_ms(*pause) for pause in _merged(pauses, start_ms, end_ms))
        return total

    def _add_around(self, start_ms: int, ms: int, pauses: Iterable[Period]) -> int:
        """Add while skipping pauses: each one that begins before the result moves it by the open time it takes."""
        spans = _merged(pauses, RANGE_START_MS, RANGE_END_MS)
        if ms == 0:
            due = self.next_open(start_ms)
            for begins, ends in spans:
                if begins < due < ends:
                    due = self.next_open(ends)
            return due
        due = self.add_ms(start_ms, ms)
        for begins, ends in spans:
            if due <= begins:
                break
            paused = self.elapsed_ms(max(begins, start_ms), ends)
            if paused:
                ms += paused
                due = self.add_ms(start_ms, ms)
        return due

    def is_open(self, at_ms: int) -> bool:
        """Whether business time passes just from this instant on."""
        table = self._covering(at_ms)
        return at_ms < table.closes[bisect_right(table.opens, at_ms) - 1]

    def is_holiday(self, at_ms: int) -> bool:
        """Whether the local date of the instant is a holiday, one-off or yearly."""
        return self._hours.is_holiday(self.local_date(at_ms))

    def local_date(self, at_ms: int) -> date:
        """The date on the wall of the calendar's zone."""
        return self._hours.local_date(_in_range(at_ms))

    def next_open(self, at_ms: int) -> int:
        """The first open instant at or after `at_ms`. Raises CalendarError where none follows up to the year 2200."""
        while True:
            table = self._covering(at_ms)
            entry = bisect_right(table.opens, at_ms)
            if at_ms < table.closes[entry - 1]:
                return at_ms
            if entry < len(table.opens):
                return table.opens[entry]
            self._reach_ahead(table, 1)

    def next_close(self, at_ms: int) -> int:
        """The end of the period that contains or follows `at_ms`: an instant after it at which the calendar is closed.

        Raises CalendarError for a calendar that never closes, or never opens again, up to the year 2200.
        """
        for _, closing in self.periods_after(at_ms):
            if closing < RANGE_END_MS:
                return closing
        raise self._exhausted("never closes" if self._always_open else f"closes no more before the end of {LAST_YEAR}")

    def periods_after(self, at_ms: int) -> Iterator[Period]:
        """The open periods after the instant, oldest first, the first one cut at it; worked out as they are taken."""
        return self._periods_after(_in_range(at_ms))

    def periods_before(self, at_ms: int) -> Iterator[Period]:
        """The open periods before the instant, newest first, the first one cut at it; worked out as they are taken."""
        return self._periods_before(_in_range(at_ms))

    def periods_between(self, start_ms: int, end_ms: int) -> list[Period]:
        """The open periods within [start, end), oldest first, cut at both ends; none for a reversed range."""
        self._covering(start_ms)
        table = self._covering(end_ms)
        if end_ms <= start_ms:
            return []
        first = bisect_right(table.closes, start_ms)
        last = bisect_left(table.opens, end_ms)
        found = zip(table.opens[first:last], table.closes[first:last], strict=True)
        return [(max(opening, start_ms), min(closing, end_ms)) for opening, closing in found]

    def to_instant(self, day: date | str, wall_time: time | str) -> int:
        """The instant of a local date (`YYYY-MM-DD`) and time (`HH:MM[:SS]`, at most 24:00).

        A time that does not exist moves forward by the gap, an ambiguous one is the first (spec sla.md 2).
        """
        ordinal = read_date(day, "date").toordinal()
        return self._hours.instant(ordinal, read_wall_time(wall_time, "time"))

    def _periods_after(self, at_ms: int) -> Iterator[Period]:
        while self._has_hours:
            table = self._covering(at_ms)
            for entry in range(bisect_right(table.closes, at_ms), len(table.closes)):
                closing = table.closes[entry]
                if closing == table.last_ms and not table.reaches_end:
                    break
                yield max(table.opens[entry], at_ms), closing
                at_ms = closing
            if table.reaches_end:
                return
            self._reach_ahead(table, 1)

    def _periods_before(self, at_ms: int) -> Iterator[Period]:
        while self._has_hours:
            table = self._covering(at_ms)
            for entry in range(bisect_left(table.opens, at_ms) - 1, 0, -1):
                opening = table.opens[entry]
                if opening == table.first_ms and not table.reaches_start:
                    break
                yield opening, min(table.closes[entry], at_ms)
                at_ms = opening
            if table.reaches_start:
                return
            self._reach_back(table, 1)

    def _covering(self, at_ms: int) -> _Table:
        """The table, grown if need be to hold the instant. It never shrinks: what was covered once stays covered."""
        table = self._table
        if not table.first_ms <= at_ms <= table.last_ms:
            day = EPOCH_DAY + _in_range(at_ms) // DAY_MS
            table = self._grow(day - _DAYS_BACK, day + _DAYS_AHEAD)
        return table

    def _reach_ahead(self, table: _Table, missing_ms: int) -> None:
        """Grow the table at its end, by about as many days as hold the missing open time."""
        if not self._has_hours or table.reaches_end:
            raise self._exhausted(f"has not enough opening hours before the end of {LAST_YEAR}")
        self._grow(table.first_day, table.end_day + self._days_for(missing_ms))

    def _reach_back(self, table: _Table, missing_ms: int) -> None:
        if not self._has_hours or table.reaches_start:
            raise self._exhausted(f"has not enough opening hours after the start of {FIRST_YEAR}")
        self._grow(table.first_day - self._days_for(missing_ms), table.end_day)

    def _days_for(self, open_ms: int) -> int:
        """A guess at how many days hold so much open time, with some to spare for holidays."""
        weeks = open_ms // (self._hours.weekly_ms or DAY_MS)
        return weeks * 8 + _DAYS_BACK

    def _exhausted(self, why: str) -> CalendarError:
        reason = why if self._has_hours else "has no opening hours"
        return CalendarError(f"The calendar ({self._hours.in_words()}) {reason}.")

    def _grow(self, first_day: int, end_day: int) -> _Table:
        """Replace the table by one that holds the given days and all that it held; built aside, then swapped in."""
        with self._growing:
            old = self._table
            if old is _NOTHING_YET:
                old_first = old_end = first_day = max(first_day, FIRST_DAY)
            else:
                old_first, old_end = old.first_day, old.end_day
                step = (old_end - old_first) // 2
                first_day = max(min(first_day, old_first - step), FIRST_DAY) if first_day < old_first else old_first
                end_day = max(end_day, old_end + step) if end_day > old_end else old_end
            end_day = min(end_day, END_DAY)
            opens, closes = self._hours.periods(first_day, old_first)
            _append(opens, closes, old.opens[1:], old.closes[1:])
            _append(opens, closes, *self._hours.periods(old_end, end_day))
            first_ms = RANGE_START_MS if first_day == FIRST_DAY else self._hours.instant(first_day, 0)
            last_ms = RANGE_END_MS if end_day == END_DAY else self._hours.instant(end_day, 0)
            self._table = _Table(opens, closes, days=(first_day, end_day), span=(first_ms, last_ms))
            return self._table


def _append(opens: list[int], closes: list[int], more_opens: list[int], more_closes: list[int]) -> None:
    """Add later periods to earlier ones; two that touch become one."""
    if closes and more_opens and closes[-1] == more_opens[0]:
        closes.pop()
        more_opens = more_opens[1:]
    opens += more_opens
    closes += more_closes


def _merged(spans: Iterable[Period], low: int, high: int) -> list[Period]:
    """The spans within [low, high), sorted, those that overlap or touch as one, without empty and reversed ones."""
    merged: list[Period] = []
    for begins, ends in sorted(spans):
        begins, ends = max(begins, low), min(ends, high)
        if begins >= ends:
            continue
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return merged


def _milliseconds(seconds: float) -> int:
    if isinstance(seconds, int):
        return seconds * 1000
    if not math.isfinite(seconds) or seconds < 0:
        raise CalendarError(f"A duration is a number of seconds, 0 or more, not {seconds}.")
    return round(seconds * 1000)


def _check_duration(ms: int) -> None:
    if ms < 0:
        raise CalendarError(f"A duration is 0 or more, not {ms} ms.")


def _in_range(at_ms: int) -> int:
    if not RANGE_START_MS <= at_ms <= RANGE_END_MS:
        raise CalendarError(
            f"{at_ms} ms since 1970 lies outside the years {FIRST_YEAR} to {LAST_YEAR}, for which calendars answer."
        )
    return at_ms
