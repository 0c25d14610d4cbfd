"""The planner: where a session's metered time falls, what ends it, and what is lost.

Source: spec pro_services.md 1 to 3 and the planner's contract there. Pure and total: the same question has the same
answer on every machine. Instants are epoch ms (UTC), spans half open, lengths real elapsed time. Called by `pro plan`,
and by whoever books a slot, shows a limit or warns of a loss.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from console.domain.calendar import BusinessCalendar, Period
from console.domain.errors import ConsoleError
from console.domain.pro_settings import ProSettings
from console.domain.service_window import (
    AllowedRange,
    Consent,
    ConsentRuling,
    allowed_ranges,
    consent_rulings,
    latest_start_that_day,
    service_calendar,
)
from console.domain.words import day, exact, full

Limit = Literal["allocation", "window", "consent", "renewal", "completion"]
"""What ends a segment. Of limits that fall on one instant, the first in this order is named."""
PlanEnd = Literal["exhausted", "completed", "expired", "refused"]

_DEFAULTS: Final = ProSettings()


class PlanError(ConsoleError):
    """A question that contradicts itself; a start that the terms forbid is no error but a refused plan."""


class Segment(msgspec.Struct, frozen=True):
    """One unbroken run of metered time, and the limit that ends it."""

    begins_at: int
    ends_at: int
    binding: Limit


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Where the hours go. Used, left, forfeited and expired time add up to what was bought.

    `left_ms` is other than 0 only in a refused plan. `why` says in sentences what ends the session and names the term;
    `warnings` are sentences for the person who agrees the slot.
    """

    segments: tuple[Segment, ...]
    end: PlanEnd
    left_ms: int = 0
    forfeited_ms: int = 0
    expired_ms: int = 0
    why: str
    warnings: tuple[str, ...] = ()

    @property
    def used_ms(self) -> int:
        return sum(segment.ends_at - segment.begins_at for segment in self.segments)

    @property
    def binding(self) -> tuple[Limit, ...]:
        """What ends each segment."""
        return tuple(segment.binding for segment in self.segments)


class _Terms(msgspec.Struct, frozen=True):
    """The limits of one session, and the hours in which it may run."""

    start_at: int
    bought_ms: int
    renewal_at: int
    complete_at: int | None
    calendar: BusinessCalendar
    rulings: tuple[ConsentRuling, ...]
    ordinary_day_ms: int

    @property
    def zone(self) -> str:
        return self.calendar.timezone

    @property
    def consented(self) -> list[Period]:
        return [ruling.span for ruling in self.rulings if ruling.flaw is None]

    def ranges(self) -> Iterator[AllowedRange]:
        """The allowed ranges from the start on; those after the renewal as well."""
        return allowed_ranges(self.start_at, self.calendar, self.consented)


def plan(
    start_at: int,
    seconds: float,
    renewal_at: int,
    *,
    consents: Iterable[Consent] = (),
    complete_at: int | None = None,
    settings: ProSettings = _DEFAULTS,
    holidays: Collection[date] = (),
    commenced_at: int | None = None,
) -> Plan:
    """Where so many seconds of work fall that start at an instant, and what becomes of the rest.

    `complete_at` is when the scope is complete, if before the hours are used. `commenced_at` is the project's first
    start where this one goes on with it: consents have to precede that. PlanError for an allocation of nothing and for
    a completion that does not come after the start; CalendarError outside the years 1970 to 2200.
    """
    bought_ms = round(seconds * 1000)
    if bought_ms <= 0:
        raise PlanError("An allocation is more than 0 hours.")
    if complete_at is not None and complete_at <= start_at:
        raise PlanError("The completion does not come after the start.")
    commenced_at = start_at if commenced_at is None else commenced_at
    calendar = service_calendar(settings, holidays, commenced_at)
    rulings = consent_rulings(consents, commenced_at, calendar, settings)
    terms = _Terms(start_at, bought_ms, renewal_at, complete_at, calendar, rulings, settings.window_day_ms)
    refusal = _refusal(terms)
    if refusal is not None:
        return Plan(segments=(), end="refused", left_ms=bought_ms, why=refusal)
    segments = _segments(terms)
    left_ms = bought_ms - sum(segment.ends_at - segment.begins_at for segment in segments)
    end: PlanEnd = "exhausted"
    if left_ms:
        end = "completed" if complete_at is not None and complete_at < renewal_at else "expired"
    return Plan(
        segments=segments,
        end=end,
        forfeited_ms=left_ms if end == "completed" else 0,
        expired_ms=left_ms if end == "expired" else 0,
        why=_why(terms, segments, end, left_ms),
        warnings=tuple(_warnings(terms, segments, left_ms if end == "expired" else 0)),
    )


def clash(segments: Sequence[Segment], taken: Iterable[Period]) -> Period | None:
    """The first span in which planned work meets time that is taken: an engineer runs one session at once (scenario
    63). Spans that only touch do not clash."""
    shared = (
        (max(segment.begins_at, begins), min(segment.ends_at, ends)) for segment in segments for begins, ends in taken
    )
    return min(((begins, ends) for begins, ends in shared if begins < ends), default=None)


def _segments(terms: _Terms) -> tuple[Segment, ...]:
    """Runs through the allowed ranges until the nearest limit is not the end of a range."""
    found: list[Segment] = []
    left_ms = terms.bought_ms
    last_ms = terms.renewal_at if terms.complete_at is None else min(terms.renewal_at, terms.complete_at)
    for allowed in terms.ranges():
        if allowed.begins_at >= last_ms:
            break
        limits: list[tuple[int, Limit]] = [
            (allowed.begins_at + left_ms, "allocation"),
            (allowed.ends_at, allowed.closed_by),
            (terms.renewal_at, "renewal"),
        ]
        if terms.complete_at is not None:
            limits.append((terms.complete_at, "completion"))
        ends_at, binding = min(limits, key=lambda limit: limit[0])
        found.append(Segment(allowed.begins_at, ends_at, binding))
        left_ms -= ends_at - allowed.begins_at
        if binding not in ("window", "consent"):
            break
    return tuple(found)


def _refusal(terms: _Terms) -> str | None:
    """Why the work may not start then, naming the term that says so; None where it may."""
    at, zone = terms.start_at, terms.zone
    if at >= terms.renewal_at:
        return (
            f"Not started: {full(at, zone)} is not before the renewal at {full(terms.renewal_at, zone)}. "
            "Hours are used in the period in which they were bought (T7)."
        )
    following = next(terms.ranges(), None)
    if following is not None and following.begins_at == at:
        return None
    said = [
        f"Not started: {_closed(terms)}.",
        "Work outside the service window has to be agreed as time-sensitive before it starts (T12).",
        *(_flawed(ruling, zone) for ruling in terms.rulings if ruling.consent.begins_at <= at < ruling.consent.ends_at),
    ]
    if following is None or following.begins_at >= terms.renewal_at:
        said.append("There is no allowed hour before the renewal.")
    else:
        said.append(f"The next start is {full(following.begins_at, zone)}.")
    return " ".join(said)


def _closed(terms: _Terms) -> str:
    """Why no work may start then: a clause."""
    at, zone, calendar = terms.start_at, terms.zone, terms.calendar
    today = calendar.local_date(at)
    if calendar.is_holiday(at):
        return f"{day(at, zone)} {today.year} is a holiday"
    midnight = calendar.to_instant(today, "00:00")
    closes = next((closes for _, closes in calendar.periods_before(at) if closes > midnight), None)
    opens = next((opens for opens, _ in calendar.periods_after(at)), None)
    if opens is not None and calendar.local_date(opens) == today:
        return f"the service window opens at {full(opens, zone)}"
    if closes is not None:
        return f"the service window closed at {full(closes, zone)}"
    return f"the service window is closed all day on {day(at, zone)} {today.year}"


def _why(terms: _Terms, segments: Sequence[Segment], end: PlanEnd, left_ms: int) -> str:
    zone, last = terms.zone, segments[-1]
    said = []
    if len(segments) > 1:
        ended, then = segments[0], segments[1]
        closed = "the service window closes" if ended.binding == "window" else "the consented time ends"
        said.append(
            f"At {full(ended.ends_at, zone)} {closed}, and the session goes on at {full(then.begins_at, zone)} (T9)."
        )
    if end == "exhausted":
        said.append(f"The {exact(terms.bought_ms)} are used up at {full(last.ends_at, zone)} (T10).")
    elif end == "expired":
        said.append(
            f"The renewal at {full(terms.renewal_at, zone)} ends the period in which the hours were bought: "
            f"{exact(left_ms)} expire (T7)."
        )
    elif last.binding == "completion":
        said.append(f"The scope is complete at {full(last.ends_at, zone)}: the other {exact(left_ms)} are lost (T11).")
    else:
        said.append(
            f"The scope is complete outside the allowed hours, so the session closes at the end of its last segment, "
            f"{full(last.ends_at, zone)}: the other {exact(left_ms)} are lost (T11)."
        )
    said += (_flawed(ruling, zone) for ruling in terms.rulings if ruling.flaw is not None)
    return " ".join(said)


def _flawed(ruling: ConsentRuling, zone: str) -> str:
    consent = ruling.consent
    span = f"{full(consent.begins_at, zone)} to {full(consent.ends_at, zone)}"
    return f"The consent for {span} does not count: it {ruling.flaw} (T12)."


def _warnings(terms: _Terms, segments: Sequence[Segment], expired_ms: int) -> Iterator[str]:
    """What whoever agrees the slot should know before: hours that do not fit, and a session over several days."""
    if expired_ms:
        yield (
            f"Only {exact(terms.bought_ms - expired_ms)} of {exact(terms.bought_ms)} fit before the renewal: "
            f"{exact(expired_ms)} would be lost (T7)."
        )
    days = {terms.calendar.local_date(segment.begins_at) for segment in segments}
    if len(days) > 1 and terms.bought_ms <= terms.ordinary_day_ms:
        latest = _latest_start(terms)
        by = "" if latest is None else f"; started by {full(latest, terms.zone)} it would end the same day"
        yield f"The work takes {len(days)} days, and the terms prefer one (T8){by}."


def _latest_start(terms: _Terms) -> int | None:
    """The latest start on the same date that ends on it, with only those consents that were recorded before it."""
    rulings = [ruling for ruling in terms.rulings if ruling.flaw is None]
    while True:
        spans = [ruling.span for ruling in rulings]
        latest = latest_start_that_day(terms.start_at, terms.bought_ms, terms.calendar, spans)
        kept = [] if latest is None else [ruling for ruling in rulings if ruling.consent.recorded_at < latest]
        if latest is None or len(kept) == len(rulings):
            return latest
        rulings = kept
