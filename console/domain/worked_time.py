"""Which time of an engagement may be drawn: the union of its segments inside the allowed ranges, without pauses.

Source: spec pro_services.md 2 (4 to 6), 3 (D2, D5, D6) and events.md 5. Pure. Called by `metering`, which draws what
is found here on the lots; balance, allocation and renewal are its business. Instants are epoch ms, spans half open.

A segment counts from its start to its earliest stop. Pauses are a person's: an engineer who is at lunch works on no
machine. Gaps are a machine's: what another one saw of the same time stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise, takewhile
from operator import attrgetter
from typing import Final, Literal

import msgspec

from console.domain.calendar import BusinessCalendar, Period
from console.domain.pro_account import Account, Gap, Segment
from console.domain.pro_settings import ProSettings
from console.domain.service_window import AllowedRange, allowed_ranges, consent_rulings, service_calendar
from console.domain.spans import meeting, shared, united, without

NotDrawn = Literal["outside_hours", "late", "after_renewal", "revoked", "allocation", "balance"]
"""Why worked time is not metered: outside the allowed ranges (T12), after its period was closed (86), after the
renewal (T7) or the refund of every lot, beyond the allocation, or beyond what was bought."""


_BEGINS_AT: Final = attrgetter("begins_at")


class Piece(msgspec.Struct, frozen=True, gc=False):
    """A run of time that may be drawn. `segment` is the earliest of those that cover it; `weight` how many engineers
    are counted in it. `open_gap`: nobody said yet whether it was worked, and it is kept free until then (65)."""

    begins_at: int
    ends_at: int
    engagement: str
    segment: str
    weight: int
    open_gap: bool


class Unmetered(msgspec.Struct, frozen=True, gc=False):
    """Work that was done and is not drawn, flagged with the reason."""

    begins_at: int
    ends_at: int
    engagement: str
    segment: str
    why: NotDrawn


class Hours(msgspec.Struct, frozen=True):
    """The time in which an engagement may be worked on, as its consents stood before commencement."""

    calendar: BusinessCalendar
    consented: tuple[Period, ...]

    def ranges(self, from_ms: int) -> Iterator[AllowedRange]:
        return allowed_ranges(from_ms, self.calendar, self.consented)

    def between(self, from_ms: int, to_ms: int) -> list[Period]:
        found = takewhile(lambda allowed: allowed.begins_at < to_ms, self.ranges(from_ms))
        return [(allowed.begins_at, min(allowed.ends_at, to_ms)) for allowed in found]


def commenced_at(account: Account, engagement: str) -> int | None:
    """The project's first start; None before it (scenario 21)."""
    starts = (s.began_at for s in account.segments.values() if s.engagement == engagement and s.purpose != "wrapup")
    return min(starts, default=None)


def allowed_hours(
    account: Account, engagement: str, now_ms: int, settings: ProSettings, holidays: Collection[date]
) -> Hours:
    """The allowed ranges of an engagement; one that has not begun is taken to begin now."""
    began = commenced_at(account, engagement)
    start_at = now_ms if began is None else began
    calendar = service_calendar(settings, holidays, start_at)
    rulings = consent_rulings(account.consents_of(engagement), start_at, calendar, settings)
    return Hours(calendar, tuple(ruling.span for ruling in rulings if ruling.flaw is None))


def is_metered(segment: Segment, settings: ProSettings) -> bool:
    """Whether a segment's kind of work draws hours at all (scenarios 53 and 57)."""
    return segment.purpose == "work" or (segment.purpose == "rework" and settings.rework_metering == "new_session")


def worked_time(
    account: Account, as_of: int, settings: ProSettings, holidays: Collection[date]
) -> tuple[list[Piece], list[Unmetered]]:
    """The pieces of every engagement up to an instant, and the work outside of them. Open segments run on."""
    of_engagement: dict[str, list[Segment]] = defaultdict(list)
    for segment in account.segments.values():
        if segment.began_at < as_of and is_metered(segment, settings):
            of_engagement[segment.engagement].append(segment)
    gaps: dict[str, list[Gap]] = defaultdict(list)
    for gap in account.gaps.values():
        gaps[gap.segment].append(gap)
    pauses = _unmetered_pauses(account, as_of, settings)
    pieces: list[Piece] = []
    unmetered: list[Unmetered] = []
    for engagement, segments in sorted(of_engagement.items()):
        segments.sort(key=lambda segment: (segment.began_at, segment.id))
        hours = allowed_hours(account, engagement, as_of, settings, holidays)
        allowed = hours.between(segments[0].began_at, max(_end(segment, as_of) for segment in segments))
        claims: list[_Claim] = []
        ahead = 0
        for segment in segments:
            begins, ends = segment.began_at, _end(segment, as_of)
            if begins == ends:
                continue
            counted = [(begins, ends)]
            paused = pauses.get((engagement, segment.engineer))
            if paused is not None:
                counted = without(counted, meeting(paused, begins, ends))
            while ahead < len(allowed) and allowed[ahead][1] <= begins:
                ahead += 1
            # Nearly always one range holds a whole segment.
            is_inside = ahead < len(allowed) and allowed[ahead][0] <= begins and ends <= allowed[ahead][1]
            if not is_inside or segment.closed:
                counted = _flag(segment, counted, meeting(allowed, begins, ends), unmetered)
            claims += _claims(segment, counted, gaps.get(segment.id, ()), settings)
        pieces += _pieces(engagement, claims, settings)
    return pieces, _without_the_metered(unmetered, pieces)


class _Claim(msgspec.Struct, frozen=True, gc=False):
    """Time that one segment lays claim to."""

    begins_at: int
    ends_at: int
    segment: Segment
    open_gap: bool


def _end(segment: Segment, as_of: int) -> int:
    return as_of if segment.ended_at is None else min(segment.ended_at, as_of)


def _unmetered_pauses(account: Account, as_of: int, settings: ProSettings) -> dict[tuple[str, str], list[Period]]:
    """The pauses that stop the clock, by engagement and engineer. A kind that no setting names is not metered."""
    metered = {kind.name for kind in settings.pause_kinds if kind.metered}
    found: dict[tuple[str, str], list[Period]] = defaultdict(list)
    for pause in account.pauses.values():
        if pause.kind not in metered:
            segment = account.segments[pause.segment]
            ends_at = _end(segment, as_of) if pause.ended_at is None else min(pause.ended_at, _end(segment, as_of))
            found[segment.engagement, segment.engineer].append((pause.began_at, ends_at))
    return {key: united(spans) for key, spans in found.items()}


def _flag(
    segment: Segment, worked: Sequence[Period], allowed: Sequence[Period], unmetered: list[Unmetered]
) -> list[Period]:
    """What of a segment's time lies in the allowed ranges and in no closed period; the rest is flagged."""
    closed = united(segment.closed)
    timely = without(worked, closed)
    flagged: tuple[tuple[NotDrawn, list[Period]], ...] = (
        ("late", shared(worked, closed)),
        ("outside_hours", without(timely, allowed)),
    )
    for why, spans in flagged:
        unmetered += (Unmetered(begins, ends, segment.engagement, segment.id, why) for begins, ends in spans)
    return shared(timely, allowed)


def _claims(segment: Segment, counted: list[Period], gaps: Iterable[Gap], settings: ProSettings) -> list[_Claim]:
    """A segment's time, and the gaps in it that wait for an answer. Short gaps and those that were worked count."""
    excluded: list[Period] = []
    waiting: list[Period] = []
    for gap in gaps:
        span = (gap.begins_at, gap.ends_at)
        if gap.answer in ("not_worked", "ended"):
            excluded.append(span)
        elif gap.answer is None and gap.ends_at - gap.begins_at >= settings.gap_min_s * 1000:
            match settings.gap_default:
                case "excluded":
                    excluded.append(span)
                case "reserved":
                    waiting.append(span)
    if excluded:
        counted = without(counted, united(excluded))
    if not waiting:
        return [_Claim(begins, ends, segment, False) for begins, ends in counted]
    waiting = united(waiting)
    sure = [_Claim(begins, ends, segment, False) for begins, ends in without(counted, waiting)]
    return sure + [_Claim(begins, ends, segment, True) for begins, ends in shared(counted, waiting)]


def _pieces(engagement: str, claims: list[_Claim], settings: ProSettings) -> list[Piece]:
    """The union of the claims, each instant once: never the sum of two machines (scenarios 61, 75 and 76)."""
    claims.sort(key=_BEGINS_AT)
    found: list[Piece] = []
    first, count = 0, len(claims)
    while first < count:
        ends_at, past = claims[first].ends_at, first + 1
        while past < count and claims[past].begins_at < ends_at:
            ends_at = max(ends_at, claims[past].ends_at)
            past += 1
        if past == first + 1:
            claim = claims[first]
            _add(found, Piece(claim.begins_at, ends_at, engagement, claim.segment.id, 1, claim.open_gap))
        else:
            _cover(engagement, claims[first:past], settings, found)
        first = past
    return found


def _cover(engagement: str, claims: Sequence[_Claim], settings: ProSettings, found: list[Piece]) -> None:
    """Adds the pieces of claims that overlap, which are in the order of their beginnings."""
    bounds = sorted({at for claim in claims for at in (claim.begins_at, claim.ends_at)})
    waiting = list(reversed(claims))
    active: list[_Claim] = []
    for begins, ends in pairwise(bounds):
        active = [claim for claim in active if claim.ends_at > begins]
        while waiting and waiting[-1].begins_at == begins:
            active.append(waiting.pop())
        sure = [claim for claim in active if not claim.open_gap]
        first = min(sure or active, key=lambda claim: (claim.segment.began_at, claim.segment.id)).segment.id
        weight = 1
        if settings.engineers_metering == "sum":
            weight = len({claim.segment.engineer for claim in sure or active})
        _add(found, Piece(begins, ends, engagement, first, weight, not sure))


def _add(found: list[Piece], piece: Piece) -> None:
    """Adds a piece, or lengthens the last one that it goes on from."""
    last = found[-1] if found else None
    if last is not None and last.ends_at == piece.begins_at and _alike(last, piece):
        piece = Piece(last.begins_at, piece.ends_at, piece.engagement, piece.segment, piece.weight, piece.open_gap)
        found.pop()
    found.append(piece)


def _alike(one: Piece, other: Piece) -> bool:
    return (one.segment, one.weight, one.open_gap) == (other.segment, other.weight, other.open_gap)


def _without_the_metered(unmetered: Iterable[Unmetered], pieces: Iterable[Piece]) -> list[Unmetered]:
    """A late copy of time that another machine reported in time is not flagged."""
    covered: dict[str, list[Period]] = defaultdict(list)
    for piece in pieces:
        covered[piece.engagement].append((piece.begins_at, piece.ends_at))
    found: list[Unmetered] = []
    for work in unmetered:
        left = [(work.begins_at, work.ends_at)]
        if work.why == "late":
            left = without(left, covered[work.engagement])
        found += (Unmetered(begins, ends, work.engagement, work.segment, work.why) for begins, ends in left)
    return found
