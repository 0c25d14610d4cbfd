"""What a page of an engagement says at an instant after it was read, by arithmetic alone.

The running session draws on; hours, the item that is worked on, the ledger's last line and the loss follow from it
(`domain.pro_running`). Pure. Instants are epoch ms, amounts ms. Called by the cards of the session page each second; a
page that was read anew takes over from what is worked out here without a jump.
"""

from __future__ import annotations

from msgspec.structs import replace

from console.desk.pro.views import EngagementPage, Hours, LedgerRow, ScopeLine
from console.domain.pro_running import elapsed_ms


def worked_since(page: EngagementPage, now: int) -> int:
    """The session's time since the page was read; it stands still in a pause and at the limit."""
    if page.running is None:
        return 0
    return max(0, elapsed_ms(page.running, now) - elapsed_ms(page.running, page.as_of))


def drawn_since(page: EngagementPage, now: int) -> int:
    """What the lots lost since the page was read: twice the time where two engineers are summed (61)."""
    weight = 1 if page.running is None else page.running.weight
    return min(worked_since(page, now) * weight, page.hours.left_ms)


def hours_at(page: EngagementPage, now: int) -> Hours:
    """The hours at an instant: what is worked comes out of what was planned, then out of the rest."""
    drawn, hours = drawn_since(page, now), page.hours
    if not drawn:
        return hours
    planned = min(drawn, hours.planned_ms)
    return replace(
        hours,
        session_ms=hours.session_ms + drawn,
        planned_ms=hours.planned_ms - planned,
        not_planned_ms=hours.not_planned_ms - (drawn - planned),
    )


def loss_at(page: EngagementPage, now: int) -> int:
    """What completing at an instant would forfeit."""
    return max(0, page.completing_loses_ms - drawn_since(page, now))


def used_at(page: EngagementPage, line: ScopeLine, now: int) -> int:
    """What was worked on an item of the scope."""
    return line.used_ms + (worked_since(page, now) if line.is_current else 0)


def still_estimated_at(page: EngagementPage, now: int) -> int:
    """What the items that are not done are still estimated at."""
    worked = worked_since(page, now)
    expected = sum(
        min(worked, max(0, line.estimate_ms - line.used_ms))
        for line in page.scope.lines
        if line.is_current and not line.done
    )
    return max(0, page.scope.still_estimated_ms - expected)


def ledger_at(page: EngagementPage, now: int) -> tuple[LedgerRow, ...]:
    """The ledger at an instant, newest first: the running line grows, the planned ones give way to it."""
    drawn, running = drawn_since(page, now), page.running
    if not drawn or running is None:
        return page.ledger
    planned = [row for row in page.ledger if row.kind == "planned"]
    happened = [row for row in page.ledger if row.kind != "planned"]
    at = next((i for i, row in enumerate(happened) if row.kind == "used" and row.cause == running.segment), None)
    if at is None:
        balance = happened[0].balance_ms if happened else page.hours.left_ms
        text = f"Session {page.session}, running"
        begun = LedgerRow(
            at=running.began_at,
            kind="used",
            text=text,
            change_ms=0,
            balance_ms=balance,
            lot=None,
            cause=running.segment,
        )
        happened.insert(0, begun)
        at = 0
    for i in range(at + 1):
        row = happened[i]
        change = row.change_ms - drawn if i == at else row.change_ms
        happened[i] = replace(row, change_ms=change, balance_ms=row.balance_ms - drawn)
    return (*_given_way(planned, drawn), *happened)


def _given_way(planned: list[LedgerRow], drawn: int) -> list[LedgerRow]:
    """The planned lines, newest first, after `drawn` was worked of them; those that are worked are gone."""
    found: list[LedgerRow] = []
    rest = drawn
    for row in reversed(planned):
        worked = min(rest, -row.change_ms)
        rest -= worked
        if row.change_ms + worked:
            found.insert(0, replace(row, change_ms=row.change_ms + worked, balance_ms=row.balance_ms - rest))
    return found
