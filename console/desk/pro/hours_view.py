"""The lots of an engagement taken apart, and the metered time of its scope's items. Pure; called by `pages`."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from console.desk.pro.ledger import session_numbers
from console.desk.pro.views import Hours, ScopeLine, ScopeView
from console.domain.metering import LedgerLine, Metering, available_ms
from console.domain.pro_account import Account
from console.domain.pro_settings import ProSettings
from console.domain.words import exact

_END_OF_TIME = 2**62


def hours(account: Account, metering: Metering, ticket: str) -> Hours:
    """What became of the lots that feed an engagement; the parts add up to what was bought."""
    lots = [lot for lot, since in account.feeds(ticket) if since <= metering.as_of]
    ids = {lot.id for lot in lots}
    sessions = session_numbers(account, ticket)
    present = present_session(account, metering, ticket)
    parts: dict[str, int] = defaultdict(int)
    for line in metering.lines:
        if line.lot in ids:
            parts[_part(account, line, ticket, sessions, present)] -= line.ms
    left = sum(metering.free_ms.get(id, 0) for id in ids)
    planned = 0 if metering.left_ms.get(ticket) is None else available_ms(account, metering, ticket)
    alive = [lot.expires_at for lot in lots if lot.id in metering.free_ms]
    bought, held = sum(lot.ms for lot in lots), sum(metering.reserved_ms.get(id, 0) for id in ids)
    # A completion that can still be undone took its hours, and has no line yet.
    parts["forfeited"] += bought - sum(ms for part, ms in parts.items() if part != "bought") - held - left
    return Hours(
        bought_ms=bought,
        used_ms=parts["used"],
        session_ms=parts["session"],
        elsewhere_ms=parts["elsewhere"],
        open_gap_ms=held,
        planned_ms=planned,
        not_planned_ms=left - planned,
        forfeited_ms=parts["forfeited"],
        expired_ms=parts["expired"],
        refunded_ms=parts["refunded"],
        expires_at=min(alive, default=None),
        purchases=tuple(lot.id for lot in lots if lot.granted_for is None),
    )


def present_session(account: Account, metering: Metering, ticket: str) -> int:
    """The number of the session that runs or comes next; of a closed engagement the last one."""
    ends = sum(
        c.engagement == ticket and c.undone_at is None and c.at <= metering.as_of for c in account.completions.values()
    )
    booked_since = any(
        all(c.at < b.reserves[0][0] for c in account.completions.values() if c.engagement == ticket)
        for b in account.bookings_of(ticket)
    )
    return max(1, ends + (1 if booked_since or not ends else 0))


def completing_loses_ms(account: Account, metering: Metering, ticket: str, settings: ProSettings) -> int:
    """What completing now would forfeit: the allocation's rest, or by setting all that the lots hold (51)."""
    if settings.forfeit_scope == "allocation":
        return available_ms(account, metering, ticket)
    return sum(metering.free_ms.get(lot.id, 0) for lot, _ in account.feeds(ticket))


def _part(account: Account, line: LedgerLine, ticket: str, sessions: dict[str, int], present: int) -> str:
    match line.kind:
        case "bought" | "granted":
            return "bought"
        case "forfeited" | "expired" | "refunded":
            return line.kind
    correction, completion = account.corrections.get(line.cause), account.completions.get(line.cause)
    if line.kind == "corrected" and correction is None:
        return "forfeited"  # a completion reversed after its time gives back what it took, its rounding as well
    if completion is not None and completion.undone_at is not None:
        return "forfeited"
    if line.engagement != ticket:
        return "elsewhere"
    segment = line.cause if correction is None else correction.target
    return "session" if sessions.get(segment, present) == present else "used"


def item_ms(account: Account, metering: Metering, ticket: str) -> dict[str, int]:
    """The metered time of each item of the scope: what was set as worked on while it ran."""
    found: dict[str, int] = defaultdict(int)
    for run in metering.runs:
        if run.engagement != ticket:
            continue
        items = account.segments[run.segment].items
        for (since, item), (until, _) in pairwise((*items, (_END_OF_TIME, ""))):
            found[item] += max(0, min(until, run.ends_at) - max(since, run.begins_at))
    return dict(found)


def scope_view(account: Account, metering: Metering, ticket: str, left_ms: int) -> ScopeView:
    """The agreed scope with what was used of each estimate, and whether the rest fits into what is left."""
    engagement = account.engagement(ticket)
    scope, used = engagement.scope, item_ms(account, metering, ticket)
    current = {s.item for s in account.segments_of(ticket) if s.ended_at is None}
    lines = tuple(
        ScopeLine(
            id=item.id,
            title=item.title,
            done=item.id in engagement.items_done,
            estimate_ms=item.estimate_s * 1000,
            used_ms=used.get(item.id, 0),
            is_current=item.id in current,
        )
        for item in (() if scope is None else scope.items)
    )
    still = sum(max(0, line.estimate_ms - line.used_ms) for line in lines if not line.done)
    return ScopeView(
        version=0 if scope is None else scope.version,
        agreed_at=None if scope is None else scope.agreed_at,
        agreed_by=() if scope is None else scope.agreed_by,
        lines=lines,
        requested=engagement.requested,
        still_estimated_ms=still,
        fits=still <= left_ms,
        fits_text=_fits(still, left_ms, bool(lines), all(line.done for line in lines)),
    )


def _fits(still: int, left: int, is_written: bool, is_done: bool) -> str:
    if not is_written:
        return ""
    if is_done:
        return f"Everything is done, {exact(left)} left."
    if still <= left:
        spare = f", {exact(left - still)} spare" if left > still else ""
        return f"{exact(still)} still estimated, {exact(left)} left{spare}."
    return f"{exact(still)} still estimated, {exact(left)} left, {exact(still - left)} short."
