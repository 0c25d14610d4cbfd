"""What work costs: worked time drawn on lots in the order in which it was done, and the ledger that follows from it.

Source: spec pro_services.md 1 to 3 and events.md 5. Pure: nothing is counted or stored on the way, no ledger line is an
event, and the same entries, settings and `as_of` give the same lines on every machine. Called by the desk, the guard of
a running session and `pro_rulings`.

Instants are epoch ms, amounts are ms with a sign: what a lot gains is positive. `as_of` cuts time, not knowledge: work
that is entered late is drawn where it was done (consequence 4).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from operator import attrgetter
from typing import Final, Literal

import msgspec

from console.domain.draws import Draws
from console.domain.events import Entry
from console.domain.pro import fold
from console.domain.pro_account import Account, Lot
from console.domain.pro_settings import ProSettings
from console.domain.worked_time import Hours, Piece, Unmetered, allowed_hours, worked_time

LineKind = Literal["bought", "granted", "used", "corrected", "forfeited", "refunded", "expired"]
LimitName = Literal["allocation", "window", "consent", "renewal"]

_ORDER: Final = {kind: at for at, kind in enumerate(LineKind.__args__)}  # type: ignore[attr-defined]
_DEFAULTS: Final = ProSettings()
_IN_TIME: Final = attrgetter("begins_at", "engagement")


class LedgerLine(msgspec.Struct, frozen=True, gc=False):
    """One line of a lot's ledger. Lot, kind and cause are its identity; the cause is the id of the entry that made it,
    of a segment its start, or `renewal:<instant>`. `at` is when it counts from."""

    lot: str
    kind: LineKind
    cause: str
    at: int
    ms: int
    engagement: str | None = None


class Run(msgspec.Struct, frozen=True, gc=False):
    """An unbroken run of metered time of an engagement."""

    begins_at: int
    ends_at: int
    engagement: str
    segment: str


class Remark(msgspec.Struct, frozen=True):
    """Time that no lot could take or get back, left to billing. `cause` is the entry's id."""

    cause: str
    ms: int
    why: str


class Metering(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of an account as of an instant.

    `free_ms` is what each living lot still holds, `reserved_ms` what gaps without an answer keep of a lot, and
    `left_ms` what is left of each engagement's allocation: None where no slot was ever agreed, and the lots alone
    limit it.
    """

    as_of: int
    lines: tuple[LedgerLine, ...]
    runs: tuple[Run, ...]
    unmetered: tuple[Unmetered, ...]
    remarks: tuple[Remark, ...]
    free_ms: Mapping[str, int]
    reserved_ms: Mapping[str, int]
    left_ms: Mapping[str, int | None]

    def balance_ms(self, lot: str | None = None) -> int:
        """The sum of the ledger, of one lot or of all: never a stored counter (consequence 9)."""
        return sum(line.ms for line in self.lines if lot in (None, line.lot))

    def used_ms(self, engagement: str) -> int:
        """What an engagement's work and its corrections have drawn."""
        drawn = ("used", "corrected")
        return -sum(line.ms for line in self.lines if line.engagement == engagement and line.kind in drawn)

    def runs_of(self, engagement: str) -> list[tuple[int, int]]:
        """The metered intervals of an engagement, those that touch as one."""
        found: list[tuple[int, int]] = []
        for run in self.runs:
            if run.engagement != engagement:
                continue
            if found and found[-1][1] == run.begins_at:
                found[-1] = (found[-1][0], run.ends_at)
            else:
                found.append((run.begins_at, run.ends_at))
        return found


class Limit(msgspec.Struct, frozen=True):
    """The nearest instant at which the work has to stop, and what stops it (consequence 1)."""

    at: int
    name: LimitName


def measure(
    account: Account, as_of: int, settings: ProSettings = _DEFAULTS, holidays: Collection[date] = ()
) -> Metering:
    """Draws the account's work on its lots, in the order of time."""
    pieces, flagged = worked_time(account, as_of, settings, holidays)
    draws = Draws(account, as_of, settings)
    runs: list[Run] = []
    for piece in _cut(pieces, draws.instants):
        draws.advance(piece.begins_at)
        metered, why = draws.work(piece)
        ends_at = piece.begins_at + metered
        if metered and not piece.open_gap:
            last = runs[-1] if runs else None
            run = Run(piece.begins_at, ends_at, piece.engagement, piece.segment)
            if last is not None and last.ends_at == run.begins_at and last.segment == run.segment:
                runs[-1] = Run(last.begins_at, ends_at, piece.engagement, piece.segment)
            else:
                runs.append(run)
        if why is not None and ends_at < piece.ends_at and not piece.open_gap:
            last_flag = flagged[-1] if flagged else None
            work = Unmetered(ends_at, piece.ends_at, piece.engagement, piece.segment, why)
            if last_flag is not None and last_flag.ends_at == ends_at and _same(last_flag, work):
                work = Unmetered(flagged.pop().begins_at, work.ends_at, work.engagement, work.segment, why)
            flagged.append(work)
    draws.advance(as_of)
    lines = [LedgerLine(*line) for line in draws.lines()]
    return Metering(
        as_of=as_of,
        lines=tuple(sorted(lines, key=lambda line: (line.at, _ORDER[line.kind], line.lot, line.cause))),
        runs=tuple(runs),
        unmetered=tuple(sorted(flagged, key=lambda work: (work.begins_at, work.engagement, work.segment))),
        remarks=tuple(Remark(*remark) for remark in draws.remarks),
        free_ms={id: purse.free_ms for id, purse in draws.purses.items() if purse.alive},
        reserved_ms={id: purse.held_ms for id, purse in draws.purses.items() if purse.held_ms},
        left_ms=dict(draws.left_ms),
    )


def ledger(
    entries: Iterable[Entry], as_of: int, settings: ProSettings = _DEFAULTS, holidays: Collection[date] = ()
) -> tuple[LedgerLine, ...]:
    """The ledger of an account's stream: derived, append-only in meaning, never stored (spec events.md 5)."""
    return measure(fold(entries), as_of, settings, holidays).lines


def available_ms(account: Account, metering: Metering, engagement: str, alive_at: int | None = None) -> int:
    """What an engagement may draw in all: its allocation, as far as its lots hold it.

    `alive_at` leaves out the lots that expire by then.
    """
    held = sum(metering.free_ms.get(lot.id, 0) for lot in _lots(account, metering, engagement, alive_at))
    left = metering.left_ms.get(engagement)
    return held if left is None else min(held, left)


def unreserved_ms(account: Account, metering: Metering, engagement: str, alive_at: int) -> int:
    """What an engagement may still book: its lots' hours that no allocation holds, its own neither (scenario 64).

    Only lots that live beyond `alive_at`, the slot's beginning, count (scenario 37).
    """
    free = dict(metering.free_ms)
    for other, left in sorted(metering.left_ms.items()):
        rest = left or 0
        for lot in _lots(account, metering, other, None):
            part = min(rest, free.get(lot.id, 0))
            if part:
                free[lot.id] -= part
                rest -= part
    return sum(free.get(lot.id, 0) for lot in _lots(account, metering, engagement, alive_at))


def limit(
    account: Account,
    metering: Metering,
    engagement: str,
    settings: ProSettings = _DEFAULTS,
    holidays: Collection[date] = (),
    engineers: int = 1,
) -> Limit | None:
    """The nearest limit of work that goes on at `metering.as_of`; the guard stops at it, not at now.

    None where nothing may be drawn at all then. `engineers` counts twice under the setting that sums them (61).
    """
    now = metering.as_of
    current = next(allowed_hours(account, engagement, now, settings, holidays).ranges(now), None)
    if current is None or current.begins_at > now or not available_ms(account, metering, engagement):
        return None
    weight = engineers if settings.engineers_metering == "sum" else 1
    at, name = _hours_end(account, metering, engagement, weight)
    if current.ends_at < at:
        return Limit(current.ends_at, current.closed_by)
    return Limit(at, name)


def usable_ms(account: Account, metering: Metering, engagement: str, hours: Hours) -> int:
    """How much of what an engagement may draw fits into the allowed hours before its lots expire: hours bought are
    not hours usable (consequence 3)."""
    available = available_ms(account, metering, engagement)
    used = spent = 0
    for lot in _lots(account, metering, engagement, None):
        spans = hours.between(metering.as_of, lot.expires_at)
        fits = sum(ends - begins for begins, ends in spans) - spent
        part = max(0, min(metering.free_ms.get(lot.id, 0), fits))
        spent += part
        used += part
    return min(used, available)


def _hours_end(account: Account, metering: Metering, engagement: str, weight: int) -> tuple[int, LimitName]:
    """When the hours run out if the work goes on: lot after lot, each until it is empty or expires."""
    at, rest, name = metering.as_of, available_ms(account, metering, engagement), "allocation"
    for lot in _lots(account, metering, engagement, None):
        part = min(rest, metering.free_ms.get(lot.id, 0))
        lasts = min(part, max(0, (lot.expires_at - at) * weight))
        at, rest = at + lasts // weight, rest - lasts
        name = "renewal" if lasts < part else "allocation"
        if not rest:
            break
    return at, "renewal" if name == "renewal" else "allocation"


def _lots(account: Account, metering: Metering, engagement: str, alive_at: int | None) -> Iterator[Lot]:
    for lot, since in account.feeds(engagement):
        if since <= metering.as_of and (alive_at is None or lot.expires_at > alive_at):
            yield lot


def _same(one: Unmetered, other: Unmetered) -> bool:
    return (one.segment, one.why) == (other.segment, other.why)


def _cut(pieces: list[Piece], instants: Collection[int]) -> list[Piece]:
    """The pieces in the order of time, cut wherever something else happens, so that each draws under one state."""
    bounds = sorted({*instants, *(at for piece in pieces for at in (piece.begins_at, piece.ends_at))})
    found: list[Piece] = []
    for piece in pieces:
        at = bisect_right(bounds, piece.begins_at)
        if bounds[at] == piece.ends_at:
            found.append(piece)
            continue
        begins = piece.begins_at
        for ends in bounds[at : bisect_right(bounds, piece.ends_at)]:
            found.append(Piece(begins, ends, piece.engagement, piece.segment, piece.weight, piece.open_gap))
            begins = ends
    found.sort(key=_IN_TIME)
    return found
