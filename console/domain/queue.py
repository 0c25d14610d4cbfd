"""The queue's order, levels, groups and views, as pure functions over one row per ticket.

Source: spec sla.md 4. A due instant does not move as time passes, so a row holds nothing that depends on the present:
the order changes only when an event arrives, and levels, groups and labels are derived from `now`. The journal keeps
these rows as its read model; the desk and the window read them.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from console.domain.clock import Clock
from console.domain.events import IMPACTS, Impact, MetricName, Status
from console.domain.ticket import Ticket

Level = Literal["on_track", "due_soon", "at_risk", "breached", "paused", "met", "none"]

RANK_DUE: Final = 0
"""A running clock, or one past due that was paused later."""
RANK_PAUSED: Final = 1
RANK_QUIET: Final = 2
"""No running clock: everything answered, or nothing promised."""


class View(enum.StrEnum):
    """The built-in views. `mine` and the rest filter open tickets (New to On hold)."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    BREACHED = "breached"
    DUE_SOON = "due_60"
    WAITING = "waiting"
    TO_ASSESS = "to_assess"
    ALL_OPEN = "all_open"


class Group(enum.StrEnum):
    """The groups of the queue, in their order."""

    BREACHED = "breached"
    NEXT_HOUR = "next_hour"
    LATER_TODAY = "later_today"
    TOMORROW = "tomorrow"
    PAUSED = "paused"
    QUIET = "quiet"


class QueueRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One ticket as the queue shows it. Instants are epoch ms; nothing here depends on the present.

    The clock fields describe the most urgent clock: for rank 0 the earliest due one, for rank 1 the paused one with
    the least left (`left_ms`, open time). `due_at`, `soon_at`, `risk_at` are None unless the rank is 0.
    """

    ticket: str
    number: int | None
    external_ref: str | None
    subject: str
    account: str | None
    contact: str | None
    product: str | None
    plan: str | None
    impact: Impact | None
    assessed: bool
    status: Status
    assignee: str | None
    channel: str
    opened_at: int
    updated_at: int
    is_open: bool
    rank: int
    impact_rank: int
    next_metric: MetricName | None = None
    activated_at: int | None = None
    target_seconds: int | None = None
    cover: str | None = None
    due_at: int | None = None
    soon_at: int | None = None
    risk_at: int | None = None
    left_ms: int | None = None
    met: bool = False


def queue_row(ticket: Ticket, clocks: Sequence[Clock]) -> QueueRow:
    """The row of a ticket, from its fold and its clocks (`sla.clocks`, as of its last entry or later)."""
    due: Clock | None = None
    paused: Clock | None = None
    last_ended: Clock | None = None
    for clock in clocks:
        if clock.ended_at is not None:
            if last_ended is None or clock.ended_at >= (last_ended.ended_at or 0):
                last_ended = clock
        elif clock.due_at is None:
            continue
        elif clock.paused_since is None or clock.due_at <= clock.paused_since:
            if due is None or clock.due_at < (due.due_at or 0):
                due = clock
        elif paused is None or (clock.left_ms or 0) < (paused.left_ms or 0):
            paused = clock
    is_open = ticket.is_open
    chosen = (due or paused) if is_open else None
    rank = RANK_QUIET if chosen is None else RANK_DUE if chosen is due else RANK_PAUSED
    impact = ticket.impact
    measured = chosen.impact if chosen is not None else impact
    return QueueRow(
        ticket=ticket.id,
        number=ticket.number,
        external_ref=ticket.external_ref,
        subject=ticket.subject,
        account=ticket.account,
        contact=ticket.contact,
        product=ticket.product,
        plan=ticket.plan,
        impact=impact,
        assessed=impact is not None,
        status=ticket.status,
        assignee=ticket.assignee,
        channel=ticket.channel,
        opened_at=ticket.opened_at,
        updated_at=ticket.updated_at,
        is_open=is_open,
        rank=rank,
        impact_rank=IMPACTS.index(measured) if measured is not None else len(IMPACTS),
        next_metric=chosen.metric if chosen else None,
        activated_at=chosen.activated_at if chosen else None,
        target_seconds=chosen.target_seconds if chosen else None,
        cover=chosen.cover if chosen else None,
        due_at=chosen.due_at if chosen is not None and rank == RANK_DUE else None,
        soon_at=chosen.soon_at if chosen is not None and rank == RANK_DUE else None,
        risk_at=chosen.risk_at if chosen is not None and rank == RANK_DUE else None,
        left_ms=chosen.left_ms if chosen is not None and rank == RANK_PAUSED else None,
        met=chosen is None and last_ended is not None and last_ended.met,
    )


def order_key(row: QueueRow) -> tuple[int, int, int, int, str]:
    """Sorts rows most urgent first: due instant, then paused, then quiet; ties by impact, then age, then id."""
    return (row.rank, row.due_at or 0, row.impact_rank, row.opened_at, row.ticket)


def level(row: QueueRow, now: int) -> Level:
    """The level of a row at an instant. A clock at exactly its due instant is at risk, one ms later breached."""
    if row.rank == RANK_PAUSED:
        return "paused"
    if row.due_at is None:
        return "met" if row.met else "none"
    return level_at(now, due_at=row.due_at, soon_at=row.soon_at, risk_at=row.risk_at)


def level_at(now: int, *, due_at: int, soon_at: int | None, risk_at: int | None) -> Level:
    if now > due_at:
        return "breached"
    if risk_at is not None and now >= risk_at:
        return "at_risk"
    if soon_at is not None and now >= soon_at:
        return "due_soon"
    return "on_track"


def group(row: QueueRow, now: int, tomorrow: int) -> Group:
    """The group of a row. `tomorrow` is the next midnight in the policy's zone, epoch ms."""
    if row.rank == RANK_PAUSED:
        return Group.PAUSED
    if row.due_at is None:
        return Group.QUIET
    if now > row.due_at:
        return Group.BREACHED
    if row.due_at <= now + 3_600_000:
        return Group.NEXT_HOUR
    return Group.LATER_TODAY if row.due_at < tomorrow else Group.TOMORROW
