"""`support-console queue`: the open tickets in order of urgency, now or at an instant of the past."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from console.cli.options import count

if TYPE_CHECKING:
    from console.domain.queue import QueueRow

_VIEWS = ("mine", "unassigned", "breached", "due_60", "waiting", "to_assess", "all_open")
"""The values of `domain.queue.View`, spelled here so that the grammar costs no import; a test compares them."""

_HEADINGS = ("No.", "Level", "Left", "Clock", "Impact", "Status", "Assignee", "Customer", "Subject")


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "queue",
        parents=[shared],
        help="list the open tickets in order of urgency",
        description="Lists the open tickets, New to On hold, in order of urgency: overdue first, then by due instant, "
        "then paused ones, then those without a running clock.",
    )
    parser.add_argument("--as-of", metavar="T", help="only what counted at or before this instant (ISO 8601, or now)")
    parser.add_argument("--limit", metavar="N", type=count, help="the first N rows only")
    parser.add_argument("--view", choices=_VIEWS, default="all_open", help="a built-in view (default: all_open)")
    parser.add_argument("--json", action="store_true", help="an array for programs")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from console.cli.instants import instant, now_ms
    from console.cli.opened import opened_desk
    from console.cli.render import print_json, print_lines, table
    from console.cli.shapes import queue_shape
    from console.domain.queue import View

    as_of = None if args.as_of is None else instant(args.as_of, now_ms())
    with opened_desk(args) as desk:
        now = desk.now() if as_of is None else as_of
        rows = desk.queue.listing(as_of=as_of, view=View(args.view), limit=args.limit)
        if args.json:
            print_json(
                [
                    queue_shape(
                        row, impact=desk.queue.measured_impact(row), due_at=desk.queue.due_as_of(row, now), as_of=now
                    )
                    for row in rows
                ]
            )
        elif rows:
            print_lines(table(_HEADINGS, [_cells(row, now) for row in rows], right=(0, 2)))
        else:
            print_lines(["No open ticket." if args.view == "all_open" else "No ticket in this view."])
    return 0


def _cells(row: QueueRow, now: int) -> tuple[str, ...]:
    """A row for people: the same words and labels as in the window."""
    from console.domain import words
    from console.domain.queue import level

    left = ""
    if row.due_at is not None:
        left = words.remaining(row.due_at - now)
    elif row.left_ms is not None:
        left = words.remaining(row.left_ms)
    return (
        "" if row.number is None else str(row.number),
        words.LEVEL_NAMES[level(row, now)],
        left,
        words.METRIC_NAMES[row.next_metric] if row.next_metric else "",
        words.IMPACT_NAMES[row.impact] if row.impact else "to assess",
        words.STATUS_NAMES[row.status],
        row.assignee or "nobody",
        row.account or row.contact or "",
        row.subject,
    )
