"""`support-console pro list` and `pro show`: every engagement by what it waits for, and all about one of them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from console.cli.pro.asking import REF_HELP

if TYPE_CHECKING:
    from console.desk.pro.views import EngagementRow

_HEADINGS: Final = ("No.", "State", "What next", "Left", "Expire", "Gate", "Account", "Subject")


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    everything = commands.add_parser(
        "list",
        parents=[shared],
        help="list the engagements by what they wait for",
        description="Lists the engagements that are not closed, the most pressing need first: an answer about a gap, a "
        "running session, today's slot, carried work, hours that expire soon, the gate, a slot on another day.",
    )
    everything.add_argument("--all", action="store_true", help="those that are closed as well")
    everything.add_argument("--json", action="store_true", help="an array for programs")
    everything.set_defaults(run=run_list)
    one = commands.add_parser(
        "show",
        parents=[shared],
        help="show everything about an engagement",
        description="Shows everything about an engagement: hours, gate, scope, slots, session, log, ledger.",
    )
    one.add_argument("ref", metavar="REF", help=REF_HELP)
    one.add_argument("--json", action="store_true", help="an object for programs")
    one.set_defaults(run=run_show)


def run_list(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import opened_pro
    from console.cli.pro.shapes import row_shape
    from console.cli.render import print_json, print_lines, table

    with opened_pro(args) as pro:
        rows, now = pro.engagements(closed=args.all), pro.now()
        if args.json:
            print_json([row_shape(row) for row in rows])
        elif rows:
            print_lines(table(_HEADINGS, [_cells(row, now, pro.zone) for row in rows], right=(0, 3)))
        else:
            print_lines(["No engagement." if args.all else "No engagement is open."])
    return 0


def run_show(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import opened_pro
    from console.cli.pro.page_text import page_lines
    from console.cli.pro.shapes import page_shape
    from console.cli.render import print_json, print_lines

    with opened_pro(args) as pro:
        page = pro.page(pro.find(args.ref))
        if args.json:
            print_json(page_shape(page))
        else:
            print_lines(page_lines(page))
    return 0


def _cells(row: EngagementRow, now: int, zone: str) -> tuple[str, ...]:
    from console.domain.words import due, exact

    return (
        "" if row.number is None else str(row.number),
        row.state,
        row.need_text,
        exact(row.left_ms),
        "" if row.expires_at is None else due(row.expires_at, now, zone),
        f"{row.gate_met} of {row.gate_of}",
        row.account,
        row.subject,
    )
