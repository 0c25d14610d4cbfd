"""The JSON that other programs read: `queue --json`, `explain --json`, `search --json`. Pure.

Keys, their order and their words are a promise; instants are ISO 8601 in UTC with milliseconds, lengths are seconds of
open time (an int when whole, else with milliseconds), negative when overdue.
"""

from __future__ import annotations

from typing import Any

from console.domain.clock import Clock
from console.domain.events import Impact
from console.domain.explain import ExplainLine, Explanation
from console.domain.queue import QueueRow, level
from console.domain.search import SearchHit
from console.domain.ticket import Ticket
from console.domain.words import iso


def queue_shape(row: QueueRow, *, impact: Impact | None, due_at: int | None, as_of: int) -> dict[str, Any]:
    """One row of the queue as of an instant. `impact` is the one that it is measured as, also where nobody assessed it;
    `due_at` is epoch ms, of a paused clock as if it went on at `as_of`."""
    name = level(row, as_of)
    return {
        "ticket": row.ticket,
        "number": row.number,
        "external_ref": row.external_ref,
        "subject": row.subject,
        "impact": impact,
        "assessed": row.assessed,
        "status": row.status,
        "assignee": row.assignee,
        "level": name,
        "next_metric": row.next_metric,
        "due_at": _instant(due_at),
        "breached": name == "breached",
    }


def explain_shape(ticket: Ticket, explanation: Explanation, *, guidelines: str) -> dict[str, Any]:
    """A ticket's clocks and their reasoning; `guidelines` names the version that answered."""
    return {
        "ticket": ticket.id,
        "number": ticket.number,
        "external_ref": ticket.external_ref,
        "as_of": iso(explanation.as_of),
        "guidelines": guidelines,
        "clocks": [clock_shape(clock) for clock in explanation.clocks],
        "lines": [line_shape(line) for line in explanation.lines],
    }


def clock_shape(clock: Clock) -> dict[str, Any]:
    return {
        "metric": clock.metric,
        "instance": clock.instance,
        "activated_at": iso(clock.activated_at),
        "target_seconds": clock.target_seconds,
        "cover": clock.cover,
        "due_at": _instant(clock.due_at),
        "pauses": [[iso(since), _instant(until)] for since, until in clock.pauses],
        "fulfilled_at": _instant(clock.ended_at),
        "stopped_by": clock.stopped_by,
        "breached": clock.breached,
        "breach_recorded_at": _instant(clock.breach_recorded_at),
        "elapsed_seconds": seconds(clock.elapsed_ms),
        "remaining_seconds": None if clock.left_ms is None else seconds(clock.left_ms),
        "state": clock.state,
    }


def line_shape(line: ExplainLine) -> dict[str, Any]:
    return {
        "metric": line.metric,
        "instance": line.instance,
        "at": iso(line.at),
        "what": line.what,
        "counted_seconds": seconds(line.counted_ms),
        "left_seconds": None if line.left_ms is None else seconds(line.left_ms),
    }


def search_shape(hit: SearchHit) -> dict[str, Any]:
    return {
        "ticket": hit.ticket,
        "number": hit.number,
        "external_ref": hit.external_ref,
        "subject": hit.subject,
        "snippet": hit.snippet,
        "at": iso(hit.at),
    }


def seconds(ms: int) -> float:
    """An int when whole."""
    return ms // 1000 if ms % 1000 == 0 else ms / 1000


def _instant(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso(at_ms)
