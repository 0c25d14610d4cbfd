"""`support-console explain TICKET`: why each deadline of a ticket is what it is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.domain.clock import Clock
    from console.domain.explain import ExplainLine, Explanation
    from console.domain.ticket import Ticket

_METRICS = (
    "first_reply",
    "next_reply",
    "periodic_update",
    "pausable_update",
    "requester_wait",
    "agent_work",
    "total_resolution",
)
"""The values of `domain.events.MetricName`, spelled here so that the grammar costs no import; a test compares them."""

_HEADINGS = ("When", "Counted", "Left", "What happened")


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "explain",
        parents=[shared],
        help="say why a ticket's deadlines are what they are",
        description="Says why each deadline of a ticket is what it is: when, what happened, how much open time "
        "counted, how much is left.",
    )
    parser.add_argument(
        "ticket", metavar="TICKET", help="a number, an external reference, or the start of a ticket's id"
    )
    parser.add_argument("--metric", choices=_METRICS, help="this metric alone, even where it has no target")
    parser.add_argument("--as-of", metavar="T", help="only what counted at or before this instant (ISO 8601, or now)")
    parser.add_argument("--json", action="store_true", help="an object for programs")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from console.cli.instants import instant, now_ms
    from console.cli.opened import opened_desk
    from console.cli.render import print_json, print_lines
    from console.cli.shapes import explain_shape
    from console.desk.tickets import TicketNotFound

    as_of = None if args.as_of is None else instant(args.as_of, now_ms())
    with opened_desk(args) as desk:
        ticket_id = desk.tickets.find(args.ticket)
        explanation = desk.tickets.explain(ticket_id, metric=args.metric, as_of=as_of)
        ticket = desk.tickets.state(ticket_id, as_of)
        if ticket is None:
            raise TicketNotFound("That ticket was not open yet.")
        guidelines = desk.tickets.guidelines_label(ticket_id, as_of)
        if args.json:
            print_json(explain_shape(ticket, explanation, guidelines=guidelines))
        else:
            print_lines(_told(ticket, explanation, guidelines, desk.zone))
    return 0


def _told(ticket: Ticket, explanation: Explanation, guidelines: str, zone: str) -> Iterator[str]:
    """The explanation for people, a heading and a table for each clock."""
    from console.cli.render import plain, table
    from console.domain import words

    impact = words.IMPACT_NAMES[ticket.impact] if ticket.impact else "impact to assess"
    facts = (
        ticket.account,
        ticket.product,
        ticket.plan,
        impact,
        words.STATUS_NAMES[ticket.status],
        ticket.external_ref,
    )
    number = ticket.id if ticket.number is None else f"#{ticket.number}"
    yield f"{number} {plain(ticket.subject)}"
    yield plain(", ".join(fact for fact in facts if fact))
    yield f"As of {words.full(explanation.as_of, zone)}. Guidelines: {guidelines}."
    if not explanation.clocks:
        yield ""
        yield "No clock: nothing is promised for this ticket, or nobody waits for us."
    for clock in explanation.clocks:
        lines = [e for e in explanation.lines if (e.metric, e.instance) == (clock.metric, clock.instance)]
        yield ""
        yield _heading(clock, explanation.as_of, zone)
        yield from table(_HEADINGS, [_cells(line, zone) for line in lines], right=(1, 2))


def _heading(clock: Clock, as_of: int, zone: str) -> str:
    from console.domain import words

    name = words.METRIC_NAMES[clock.metric] + (f" {clock.instance}" if clock.instance > 1 else "")
    if clock.ended_at is not None:
        ended = words.due(clock.ended_at, as_of, zone)
        if clock.stopped_by is not None:
            return f"{name}: stopped ({clock.stopped_by}) {ended}"
        outcome = "ended" if clock.target_seconds is None else "breached, ended" if clock.breached else "met"
        return f"{name}: {outcome} {ended}"
    if clock.due_at is None:
        return f"{name}: {clock.state}, without a target"
    due = words.due(clock.due_at, as_of, zone)
    if clock.due_at < as_of:
        return f"{name}: overdue since {due}, {words.remaining(clock.due_at - as_of)}"
    if clock.state == "paused":
        return f"{name}: paused, {words.exact(clock.left_ms or 0)} of open time left"
    return f"{name}: due {due}, in {words.remaining(clock.due_at - as_of)}"


def _cells(line: ExplainLine, zone: str) -> tuple[str, ...]:
    from console.domain import words

    when = words.full(line.at, zone)
    if line.until is not None:
        when += f" to {words.clock_time(line.until, zone)}"
        if words.day(line.until, zone) != words.day(line.at, zone):
            when += f" {words.day(line.until, zone)}"
    return (
        when,
        words.exact(line.counted_ms) if line.counted_ms else "",
        "" if line.left_ms is None else words.exact(line.left_ms),
        line.what,
    )
