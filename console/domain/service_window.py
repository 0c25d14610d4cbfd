"""When metered work may happen: the service window, its holidays and exceptions, consents, and the renewal.

Source: spec pro_services.md 1 (T7, T12), 2 and 3 (D1 to D3). Instants are epoch ms (UTC), spans are half open. Pure;
the arithmetic of open hours is `calendar`'s. Called by `pro_plan`, and by whoever books, guards or checks an entry.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from heapq import merge
from itertools import takewhile
from typing import Final, Literal

import msgspec

from console.domain.calendar import BusinessCalendar, Period
from console.domain.errors import ConsoleError
from console.domain.opening_hours import WEEKDAYS, read_zone
from console.domain.pro_settings import DateException, ProSettings
from console.domain.words import full

RangeEnd = Literal["window", "consent"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class WallTimeError(ConsoleError):
    """A wall time that the clocks of its zone show twice, or never."""


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """After-hours work that engineer and customer agreed, from `begins_at` up to `ends_at` (T12)."""

    begins_at: int
    ends_at: int
    recorded_at: int
    time_sensitive: bool = True
    by_engineer: bool = True
    by_customer: bool = True
    withdrawn_at: int | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """What it lacks to count, in words: the gate lists them (scenario 24)."""
        parts = (
            (self.time_sensitive, "the mark that the project is time-sensitive"),
            (self.by_engineer, "the engineer's consent"),
            (self.by_customer, "the customer's consent"),
        )
        return tuple(words for given, words in parts if not given)


class ConsentRuling(msgspec.Struct, frozen=True):
    """Whether a consent counts. `span` is the time that it allows; `flaw` says why it allows none: a clause that goes
    on from "the consent ...", or None."""

    consent: Consent
    span: Period
    flaw: str | None


class AllowedRange(msgspec.Struct, frozen=True):
    """An unbroken span in which work may go on, and what closes it. Window and consent that touch are one range."""

    begins_at: int
    ends_at: int
    closed_by: RangeEnd


def service_calendar(settings: ProSettings, holidays: Collection[date], start_at: int) -> BusinessCalendar:
    """The service window as a session knows it that starts (or started) at an instant.

    An exception replaces the hours of its date, a holiday's as well. It counts where it was published before the
    session's start or, on a later date, before that day's ordinary opening (scenario 17).
    """
    counting = tuple(e for e in settings.window_exceptions if e.published_at < _day_begins(e, settings, start_at))
    return _window(
        settings.window_tz,
        (settings.window_open, settings.window_close),
        settings.window_days,
        counting,
        frozenset(holidays),
    )


def consent_rulings(
    consents: Iterable[Consent], start_at: int, calendar: BusinessCalendar, settings: ProSettings
) -> tuple[ConsentRuling, ...]:
    """Which consents count for a project that starts at an instant, in the order of their spans.

    A consent counts if it is complete and was recorded before commencement: the project's first start, or by setting
    each day's (scenario 21), which is the first instant of that date at which work may begin. A span that runs over
    midnight belongs to the date on which it begins.
    """
    rulings: list[ConsentRuling] = []
    for consent in sorted(consents, key=lambda consent: (consent.begins_at, consent.recorded_at)):
        ends_at = consent.ends_at
        if consent.withdrawn_at is not None and settings.consent_withdrawal == "when_recorded":
            ends_at = min(ends_at, consent.withdrawn_at)
        commencement = start_at
        if settings.consent_commencement == "each_day":
            accepted = [ruling.span for ruling in rulings if ruling.flaw is None]
            commencement = _work_begins(max(consent.begins_at, start_at), start_at, calendar, accepted)
        flaw = _flaw(consent, ends_at, commencement, calendar.timezone)
        rulings.append(ConsentRuling(consent, (consent.begins_at, ends_at), flaw))
    return tuple(rulings)


def allowed_ranges(at_ms: int, calendar: BusinessCalendar, consented: Iterable[Period]) -> Iterator[AllowedRange]:
    """The allowed ranges after an instant, oldest first, the first cut at it; worked out as they are taken.

    They go on for as long as the calendar has hours. Where window and consent end together the window is named.
    """
    windows = ((opens, closes, "window") for opens, closes in calendar.periods_after(at_ms))
    agreed = sorted((max(begins, at_ms), ends, "consent") for begins, ends in consented if ends > max(begins, at_ms))
    spans: Iterator[tuple[int, int, RangeEnd]] = merge(windows, agreed)  # type: ignore[arg-type]
    current: AllowedRange | None = None
    for begins, ends, kind in spans:
        if current is None or begins > current.ends_at:
            if current is not None:
                yield current
            current = AllowedRange(begins, ends, kind)
        elif ends > current.ends_at or (ends == current.ends_at and kind == "window"):
            current = AllowedRange(current.begins_at, ends, kind)
    if current is not None:
        yield current


def allowed_ms(ranges: Iterable[AllowedRange], until_ms: int) -> int:
    """How much of the ranges lies before an instant: hours bought are not hours usable (consequence 3)."""
    before = takewhile(lambda allowed: allowed.begins_at < until_ms, ranges)
    return sum(min(allowed.ends_at, until_ms) - allowed.begins_at for allowed in before)


def latest_start_that_day(at_ms: int, ms: int, calendar: BusinessCalendar, consented: Iterable[Period]) -> int | None:
    """The latest instant on the local date of `at_ms` from which so much work ends without going on another day.

    None where the date has too few allowed hours (scenario 8; T8).
    """
    day = calendar.local_date(at_ms)
    ranges = allowed_ranges(calendar.to_instant(day, "00:00"), calendar, consented)
    of_day = list(takewhile(lambda allowed: calendar.local_date(allowed.begins_at) == day, ranges))
    for allowed in reversed(of_day):
        length = allowed.ends_at - allowed.begins_at
        if length >= ms:
            return allowed.ends_at - ms
        ms -= length
    return None


def renewal_on(day: date, settings: ProSettings) -> int:
    """The renewal instant where billing gives a date without a time of day (scenario 29)."""
    return _walls(settings.renewal_tz).to_instant(day, settings.renewal_time)


def renewal_date(anchor_day: int, year: int, month: int) -> date:
    """The renewal's date in a month: the anchor's day, or the month's last where it has no such day (scenario 30).

    Each month is reckoned from the anchor, never from the renewal before it. `anchor_day` is 1 to 31.
    """
    return date(year, month, min(anchor_day, monthrange(year, month)[1]))


def period_of(at_ms: int, anchor_day: int, settings: ProSettings) -> Period:
    """The billing period that an instant lies in: from a renewal up to the next, which belongs to the period after
    (scenarios 33 and 35)."""
    day = _walls(settings.renewal_tz).local_date(at_ms)
    this_month = day.year * 12 + day.month - 1
    before, this, after = (
        renewal_on(renewal_date(anchor_day, month // 12, month % 12 + 1), settings)
        for month in range(this_month - 1, this_month + 2)
    )
    return (this, after) if this <= at_ms else (before, this)


def wall_instant(wall: datetime, zone: str) -> int:
    """The instant at which the clocks of a zone show a wall time (naive; epoch ms).

    WallTimeError where they show it twice or never: a person who enters it is asked for the offset, and nothing is
    guessed (scenario 15).
    """
    place = read_zone(zone)
    first, second = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        if first > second:
            raise WallTimeError(f"The clocks of {zone} never show {wall:%Y-%m-%d %H:%M}: they go forward over it.")
        offsets = " or ".join(_offset(moment.astimezone(place)) for moment in (first, second))
        raise WallTimeError(f"The clocks of {zone} show {wall:%Y-%m-%d %H:%M} twice: write its offset, {offsets}.")
    return (first - _EPOCH) // timedelta(milliseconds=1)


def _flaw(consent: Consent, ends_at: int, commencement: int, zone: str) -> str | None:
    if consent.missing:
        return f"lacks {' and '.join(consent.missing)}"
    if consent.recorded_at >= commencement:
        return f"was recorded at {full(consent.recorded_at, zone)}, not before the work started"
    if ends_at <= consent.begins_at:
        return "was withdrawn before it began" if consent.withdrawn_at is not None else "names no time"
    return None


def _work_begins(at_ms: int, start_at: int, calendar: BusinessCalendar, accepted: Iterable[Period]) -> int:
    """The first instant at which the work of the project may begin on the local date of `at_ms`, at the latest then."""
    day = calendar.local_date(at_ms)
    from_ms = max(calendar.to_instant(day, "00:00"), start_at)
    openings = [max(begins, start_at) for begins, ends in accepted if ends > start_at]
    openings += [opens for opens, _ in takewhile(lambda period: period[0] <= at_ms, calendar.periods_after(from_ms))]
    return min((opens for opens in openings if from_ms <= opens < at_ms), default=at_ms)


def _day_begins(exception: DateException, settings: ProSettings, start_at: int) -> int:
    """The instant before which an exception has to be published: the ordinary opening of its date, or the session's
    start where that is later."""
    return max(start_at, _walls(settings.window_tz).to_instant(exception.day, settings.window_open))


@lru_cache(maxsize=32)
def _window(
    zone: str,
    hours: tuple[str, str],
    days: tuple[str, ...],
    exceptions: tuple[DateException, ...],
    holidays: frozenset[date],
) -> BusinessCalendar:
    """Cached: a calendar works its table of open periods out once, and every engagement asks for the same few."""
    own = {exception.day: exception.hours for exception in exceptions}
    return BusinessCalendar.from_mapping(
        {
            "timezone": zone,
            "weekly_hours": {day: [hours] for day in WEEKDAYS if day in days},
            "holidays": holidays - own.keys(),
            "date_overrides": own,
        }
    )


@lru_cache(maxsize=8)
def _walls(zone: str) -> BusinessCalendar:
    """A calendar without hours, which still knows dates and wall times."""
    return BusinessCalendar.from_mapping({"timezone": zone})


def _offset(moment: datetime) -> str:
    """`-04:00 (EDT)`."""
    return f"{moment.isoformat()[-6:]} ({moment.tzname()})"
