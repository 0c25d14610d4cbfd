"""What billing is given: periods and their figures, the timesheet, differences from billing's own, and late work.

Source: spec pro_services.md 2 (4, 9) and 3 (D7), events.md 5 (`period.closed`). Pure; called by the desk for closings
and exports. Only `period.closed` writes figures down; everything else here is derived anew. Instants are epoch ms,
amounts ms unless a name says seconds; a period includes its beginning and not its end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from console.domain.calendar import BusinessCalendar, Period
from console.domain.metering import LedgerLine, Metering
from console.domain.pro_account import Account, Closing, Segment
from console.domain.pro_events import LotFigures
from console.domain.pro_settings import ProSettings
from console.domain.service_window import renewal_date
from console.domain.spans import length, shared, united, without
from console.domain.words import exact, local
from console.domain.worked_time import NotDrawn, is_metered, worked_time

_DEFAULTS: Final = ProSettings()
_SECOND_MS: Final = 1000
_WHY: Final[dict[NotDrawn, str]] = {
    "outside_hours": "outside the allowed hours",
    "late": "after its period was closed",
    "after_renewal": "after the renewal",
    "revoked": "after the refund",
    "allocation": "beyond the allocation",
    "balance": "beyond the hours bought",
}


class PeriodRow(msgspec.Struct, frozen=True, kw_only=True):
    """A billing period that the account has had, with the lots that expired or will expire at its end."""

    period: Period
    lots: tuple[str, ...]
    is_over: bool
    closing: Closing | None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Where billing's used time of a lot is not the console's. Billing's counts; nothing is overwritten (87)."""

    lot: str
    ours_ms: int
    billing_ms: int
    sentence: str

    @property
    def difference_ms(self) -> int:
        """What billing has more (positive) or less."""
        return self.billing_ms - self.ours_ms


class LateWork(msgspec.Struct, frozen=True, kw_only=True):
    """Work that came after its period was closed: recorded, drawn nowhere, for billing to decide (86).

    `entry` is the id of the segment's start. Another late fact, such as a stop from a stale machine, has its own id and
    no span: it changed nothing.
    """

    entry: str
    engineer: str | None = None
    ticket: str | None = None
    span: Period | None = None

    @property
    def ms(self) -> int:
        return 0 if self.span is None else self.span[1] - self.span[0]


class TimesheetRow(msgspec.Struct, frozen=True, kw_only=True):
    """A segment on one day, of the window's zone; a charge without work is a row without length.

    `metered_ms` was drawn, `unmetered_ms` was not, and `why` names the reasons with their lengths. `cause` is the id of
    the ledger lines' entry.
    """

    day: date
    engineer: str
    ticket: str
    cause: str
    begins_at: int
    ends_at: int
    metered_ms: int
    unmetered_ms: int = 0
    why: str = ""
    notes: tuple[str, ...] = ()


def counts_in(account: Account, line: LedgerLine, period: Period) -> bool:
    """Whether a ledger line belongs to a period.

    What ends with a period, such as the use up to its last instant and the expiry, belongs to it; so does a correction
    of a lot that expired before it was made: work is drawn by when it was done.
    """
    begins, ends = period
    lot = account.lots[line.lot]
    at = max(lot.bought_at, min(line.at, lot.expires_at))
    if at == ends:
        return lot.bought_at < ends
    if at == begins:
        return lot.bought_at >= begins
    return begins < at < ends


def figures(account: Account, metering: Metering, period: Period) -> tuple[LotFigures, ...]:
    """The sums of a period's ledger lines, by lot and kind: what `period.closed` writes down."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for line in metering.lines:
        if counts_in(account, line, period):
            sums[line.lot, line.kind] += line.ms
    return tuple(LotFigures(lot, kind, ms) for (lot, kind), ms in sums.items() if ms)


def compare(ours: Closing | Iterable[LotFigures], billing: Mapping[str, int]) -> tuple[Difference, ...]:
    """The lots whose used time, corrections included, is another one at billing (seconds by lot). Less than a second
    is no difference."""
    used: dict[str, int] = defaultdict(int)
    for figure in ours.figures if isinstance(ours, Closing) else ours:
        if figure.kind in ("used", "corrected"):
            used[figure.lot] -= figure.ms
    found = []
    for lot in sorted(used.keys() | billing.keys()):
        theirs = billing.get(lot, 0) * _SECOND_MS
        if abs(theirs - used[lot]) >= _SECOND_MS:
            sentence = _difference(lot, used[lot], theirs)
            found.append(Difference(lot=lot, ours_ms=used[lot], billing_ms=theirs, sentence=sentence))
    return tuple(found)


def late_work(account: Account, metering: Metering) -> tuple[LateWork, ...]:
    """What came after its period was closed, the work first, in the order of time."""
    found = [
        LateWork(
            entry=work.segment,
            engineer=account.segments[work.segment].engineer,
            ticket=work.engagement,
            span=(work.begins_at, work.ends_at),
        )
        for work in metering.unmetered
        if work.why == "late"
    ]
    return (*found, *(LateWork(entry=entry) for entry in account.late if entry not in account.segments))


def periods(account: Account, settings: ProSettings, now: int) -> tuple[PeriodRow, ...]:
    """The billing periods that have begun, oldest first. Months without hours have none.

    Each ends where lots expire, at the renewal that billing set, or as it was closed. It begins a month before that, or
    with the first of its lots, and never before the one before it ended.
    """
    closings = {closing.ends_at: closing for closing in account.closings}
    ends = {lot.expires_at for lot in account.lots.values()} | closings.keys()
    if account.renewal_at is not None:
        ends.add(account.renewal_at)
    found: list[PeriodRow] = []
    for end in sorted(ends):
        lots = [lot for lot in account.lots.values() if lot.expires_at == end]
        closing = closings.get(end)
        begins = _month_before(end, account.anchor_day, settings) if closing is None else closing.begins_at
        if closing is None:
            begins = min([begins, *(lot.bought_at for lot in lots)])
        if found:
            begins = max(begins, found[-1].period[1])
        if begins <= now and begins < end:
            ids = tuple(sorted(lot.id for lot in lots))
            found.append(PeriodRow(period=(begins, end), lots=ids, is_over=end <= now, closing=closing))
    return tuple(found)


def timesheet(
    account: Account, metering: Metering, period: Period, settings: ProSettings = _DEFAULTS
) -> tuple[TimesheetRow, ...]:
    """The work of a period, a row for each segment and day, by time.

    What two machines saw of one engagement stands on the first one's row only; where two engineers are summed each has
    the own time. The rows of all time add up to the ledger's used lines, to the millisecond.
    """
    walls = BusinessCalendar.from_mapping({"timezone": settings.window_tz})
    own, extra = own_time(account, metering, settings)
    rows = list(_charges(account, metering, period, walls))
    for segment in account.segments.values():
        ended_at = metering.as_of if segment.ended_at is None else min(segment.ended_at, metering.as_of)
        parts = list(_days((max(segment.began_at, period[0]), min(ended_at, period[1])), walls))
        for n, part in enumerate(parts):
            metered = shared(own[segment.id], [part])
            rest = without([part], metered)
            at, ms = extra.get(segment.id, (0, 0))
            row = TimesheetRow(
                day=walls.local_date(part[0]),
                engineer=segment.engineer,
                ticket=segment.engagement,
                cause=segment.id,
                begins_at=part[0],
                ends_at=part[1],
                metered_ms=length(metered) + (ms if part[0] < at <= part[1] else 0),
                unmetered_ms=length(rest),
                why=_why(account, metering, segment, rest, settings),
                notes=_notes(segment, part, n == 0, n == len(parts) - 1),
            )
            rows.append(row)
    return tuple(sorted(rows, key=lambda row: (row.begins_at, row.engineer, row.cause)))


def _difference(lot: str, ours: int, theirs: int) -> str:
    apart = f"{exact(abs(theirs - ours))} {'more' if theirs > ours else 'less'}"
    return f"{lot}: billing has {exact(theirs)} used, {apart} than the {exact(ours)} here. Billing's figure counts."


def _month_before(end: int, anchor_day: int | None, settings: ProSettings) -> int:
    """The renewal before one, at the same wall time (scenario 30)."""
    wall = local(end, settings.renewal_tz)
    month = wall.year * 12 + wall.month - 2
    day = renewal_date(anchor_day or wall.day, month // 12, month % 12 + 1)
    return BusinessCalendar.from_mapping({"timezone": settings.renewal_tz}).to_instant(day, wall.time())


def own_time(
    account: Account, metering: Metering, settings: ProSettings
) -> tuple[dict[str, list[Period]], dict[str, tuple[int, int]]]:
    """The metered time of each segment, and what sums of engineers drew beyond whole milliseconds: to which segment it
    is put down, when, and how much."""
    own: dict[str, list[Period]] = defaultdict(list)
    if settings.engineers_metering != "sum":
        for run in metering.runs:
            own[run.segment].append((run.begins_at, run.ends_at))
        return own, {}
    runs = {id: metering.runs_of(id) for id in account.engagements}
    for engineer in sorted({segment.engineer for segment in account.segments.values()}):
        alone = _alone(account, engineer)
        pieces, _ = worked_time(alone, metering.as_of, settings, ())
        for piece in pieces:
            if not piece.open_gap:
                own[piece.segment] += shared(runs[piece.engagement], [(piece.begins_at, piece.ends_at)])
    extra: dict[str, tuple[int, int]] = {}
    for id in account.engagements:
        segments = [segment.id for segment in account.segments_of(id) if own[segment.id]]
        drawn = -sum(line.ms for line in metering.lines if line.kind == "used" and line.cause in segments)
        rest = drawn - sum(length(own[segment]) for segment in segments)
        if rest > 0:
            last = max(segments, key=lambda segment: own[segment][-1][1])
            extra[last] = (own[last][-1][1], rest)
    return own, extra


def _alone(account: Account, engineer: str) -> Account:
    """The account as it would be if only one engineer had worked."""
    segments = {id: segment for id, segment in account.segments.items() if segment.engineer == engineer}
    return replace(
        account,
        segments=segments,
        pauses={id: pause for id, pause in account.pauses.items() if pause.segment in segments},
        gaps={id: gap for id, gap in account.gaps.items() if gap.segment in segments},
    )


def _charges(account: Account, metering: Metering, period: Period, walls: BusinessCalendar) -> Iterator[TimesheetRow]:
    """Used lines that no segment made: a no-show that is charged (45), the rounding at a close (80)."""
    no_shows = {booking.no_show: booking for booking in account.bookings.values() if booking.no_show}
    for line in metering.lines:
        if line.kind != "used" or line.cause in account.segments or not counts_in(account, line, period):
            continue
        booking = no_shows.get(line.cause)
        ticket = line.engagement or ""
        owners = account.engagement(ticket).owners
        engineer = booking.engineer if booking is not None else owners[-1][1] if owners else ""
        yield TimesheetRow(
            day=walls.local_date(line.at),
            engineer=engineer,
            ticket=ticket,
            cause=line.cause,
            begins_at=line.at,
            ends_at=line.at,
            metered_ms=-line.ms,
            why="rounded at the close" if booking is None else "the partner did not come",
        )


def _days(span: Period, walls: BusinessCalendar) -> Iterator[Period]:
    """A span cut at every midnight of the zone."""
    begins, ends = span
    while begins < ends:
        midnight = walls.to_instant(walls.local_date(begins) + timedelta(days=1), "00:00")
        yield begins, min(midnight, ends)
        begins = midnight


def _why(account: Account, metering: Metering, segment: Segment, rest: list[Period], settings: ProSettings) -> str:
    """Why time of a segment was not drawn: `lunch 30m, outside the allowed hours 10m`."""
    said = []
    for reason, spans in _reasons(account, metering, segment, settings):
        ms = length(shared(rest, spans))
        if ms:
            said.append(f"{reason} {exact(ms)}")
            rest = without(rest, spans)
    if rest:
        said.append(f"counted on another row {exact(length(rest))}")
    return ", ".join(said)


def _reasons(
    account: Account, metering: Metering, segment: Segment, settings: ProSettings
) -> Iterator[tuple[str, list[Period]]]:
    """The reasons that there can be and their spans; of several for one instant the first is told."""
    if not is_metered(segment, settings):
        ended_at = metering.as_of if segment.ended_at is None else segment.ended_at
        yield "rework" if segment.purpose == "rework" else "wrap-up", [(segment.began_at, ended_at)]
    metered = {kind.name for kind in settings.pause_kinds if kind.metered}
    for kind, spans in _pauses(account, segment, metering.as_of).items():
        if kind not in metered:
            yield kind, united(spans)
    gaps = [gap for gap in account.gaps.values() if gap.segment == segment.id]
    yield "not worked", united((g.begins_at, g.ends_at) for g in gaps if g.answer in ("not_worked", "ended"))
    yield "no answer yet", united((g.begins_at, g.ends_at) for g in gaps if g.answer is None)
    for why, words in _WHY.items():
        flagged = ((w.begins_at, w.ends_at) for w in metering.unmetered if (w.segment, w.why) == (segment.id, why))
        yield words, united(flagged)


def _pauses(account: Account, segment: Segment, as_of: int) -> dict[str, list[Period]]:
    """The pauses of the segment's engineer in the engagement, by kind: a person's, whichever machine told of them."""
    found: dict[str, list[Period]] = defaultdict(list)
    for pause in account.pauses.values():
        paused = account.segments[pause.segment]
        if (paused.engagement, paused.engineer) == (segment.engagement, segment.engineer):
            ended_at = as_of if paused.ended_at is None else paused.ended_at
            found[pause.kind].append((pause.began_at, min(ended_at, pause.ended_at or ended_at)))
    return found


def _notes(segment: Segment, part: Period, is_first: bool, is_last: bool) -> tuple[str, ...]:
    """The notes of a day; those of before and after the segment stand on its first and its last row."""
    return tuple(
        note.text for note in segment.notes if (is_first or note.at >= part[0]) and (is_last or note.at < part[1])
    )
