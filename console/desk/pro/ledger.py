"""The ledger as people read it: a sentence and a running balance for each line. Pure; called by `hours` and `pages`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable

from console.desk.pro.streams import Held
from console.desk.pro.views import LedgerRow, LedgerView
from console.domain.calendar import Period
from console.domain.metering import LedgerLine, Metering
from console.domain.pro_account import Account
from console.domain.pro_figures import counts_in
from console.domain.pro_settings import ProSettings
from console.domain.words import exact


def ledger_view(held: Held, metering: Metering, settings: ProSettings, period: Period | None) -> LedgerView:
    """An account's ledger, oldest first; of a period the lines that count in it, with the balance carried in."""
    rows = ledger_rows(held.account, metering.lines)
    if period is not None:
        counted = {(li.lot, li.kind, li.cause) for li in metering.lines if counts_in(held.account, li, period)}
        rows = tuple(row for row in rows if (row.lot, row.kind, row.cause) in counted)
    return LedgerView(
        account=held.name,
        zone=settings.window_tz,
        as_of=metering.as_of,
        period=period,
        rows=rows,
        balance_ms=metering.balance_ms(),
        remarks=tuple(f"{exact(remark.ms)}: {remark.why}" for remark in metering.remarks),
        needs_newer_app=held.account.needs_newer_app,
    )


def ledger_rows(account: Account, lines: Iterable[LedgerLine]) -> tuple[LedgerRow, ...]:
    """Each line with its sentence and the balance after it, in the order of the ledger."""
    rows: list[LedgerRow] = []
    balance, sessions = 0, _Sessions(account)
    for line in lines:
        balance += line.ms
        rows.append(
            LedgerRow(
                at=line.at,
                kind=line.kind,
                text=_sentence(account, line, sessions),
                change_ms=line.ms,
                balance_ms=balance,
                lot=line.lot,
                cause=line.cause,
            )
        )
    return tuple(rows)


def session_numbers(account: Account, engagement: str) -> dict[str, int]:
    """The number of the session that each segment belongs to, from 1: a session ends with a completion that stands."""
    ends = _session_ends(account, engagement)
    return {segment.id: 1 + bisect_right(ends, segment.began_at) for segment in account.segments_of(engagement)}


def session_at(account: Account, engagement: str, at: int) -> int:
    """The number of the session that an instant (epoch ms) belongs to; its completion is the last of it."""
    return 1 + bisect_left(_session_ends(account, engagement), at)


def _session_ends(account: Account, engagement: str) -> list[int]:
    return sorted(c.at for c in account.completions.values() if c.engagement == engagement and c.undone_at is None)


class _Sessions:
    """The session of each segment: its number, and who worked in it. Worked out once for all lines of a ledger."""

    def __init__(self, account: Account) -> None:
        self.numbers: dict[str, int] = {}
        for engagement in account.engagements:
            self.numbers |= session_numbers(account, engagement)
        self.engineers: dict[tuple[str, int], set[str]] = defaultdict(set)
        for id, number in self.numbers.items():
            segment = account.segments[id]
            self.engineers[segment.engagement, number].add(segment.engineer)


def _sentence(account: Account, line: LedgerLine, sessions: _Sessions) -> str:
    lot = account.lots.get(line.lot)
    match line.kind:
        case "bought":
            return f"Bought, {line.lot}"
        case "granted":
            return f"Granted: {lot.granted_for}" if lot is not None else "Granted"
        case "used":
            return _used(account, line, sessions)
        case "corrected":
            correction = account.corrections.get(line.cause)
            return f"Corrected: {correction.reason}" if correction is not None else "Completion reversed"
        case "forfeited":
            return "Forfeited when completed"
        case "refunded":
            return f"Refunded, {line.lot}"
        case "expired":
            return f"Expired at the renewal, {line.lot}" if line.cause.startswith("renewal:") else f"Ended, {line.lot}"


def _used(account: Account, line: LedgerLine, sessions: _Sessions) -> str:
    segment = account.segments.get(line.cause)
    if segment is None:
        return "Partner did not come" if line.cause not in account.completions else "Rounded up at the close"
    number = sessions.numbers[segment.id]
    by = f", {segment.engineer}" if len(sessions.engineers[segment.engagement, number]) > 1 else ""
    running = ", running" if segment.ended_at is None else ""
    return f"Session {number}{by}{running}"
