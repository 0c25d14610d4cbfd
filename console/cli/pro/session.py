"""`support-console pro start|stop|carry|complete|undo|hand-over`: the session from its start to its end (T9 to T11)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from console.cli.pro.asking import REF_HELP

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.pro.door import ProDesk

MY_REF_HELP: Final = "the engagement (default: that of my running session)"


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    _declare_start(commands, shared)
    stop = commands.add_parser(
        "stop",
        parents=[shared],
        help="stop the timer and keep the rest",
        description="Stops my timer. Nothing is forfeited: the rest of the hours is kept. Past a limit the session "
        "ends at the limit. A stop is never refused.",
    )
    stop.add_argument("ref", metavar="REF", nargs="?", help=MY_REF_HELP)
    stop.add_argument("--note", metavar="TEXT", default="", help="what was done")
    stop.set_defaults(run=run_stop)
    carry = commands.add_parser(
        "carry",
        parents=[shared],
        help="stop, and go on the next business day",
        description="Stops my timer and moves the slot to where the work goes on: the next business day (T9).",
    )
    carry.add_argument("ref", metavar="REF", nargs="?", help=MY_REF_HELP)
    carry.add_argument("--note", metavar="TEXT", default="", help="what was done")
    carry.set_defaults(run=run_carry)
    complete = commands.add_parser(
        "complete",
        parents=[shared],
        help="the scope is complete: close, and lose the rest",
        description="Says that the scope is complete; the rest of its hours is lost (T11). Where something would be "
        "lost, --loses has to name it; without it the loss is told, and the exit code is 1.",
    )
    complete.add_argument("ref", metavar="REF", help=REF_HELP)
    complete.add_argument("--loses", metavar="H", help="the loss that was told, such as 45m")
    complete.set_defaults(run=run_complete)
    undo = commands.add_parser(
        "undo",
        parents=[shared],
        help="take a completion back",
        description="Takes the last completion back: by itself for five minutes, later with the names of lead and "
        "billing.",
    )
    undo.add_argument("ref", metavar="REF", help=REF_HELP)
    undo.add_argument(
        "--approved-by", metavar=("LEAD", "BILLING"), nargs=2, default=(), help="who reverses it after its time"
    )
    undo.set_defaults(run=run_undo)
    hand_over = commands.add_parser(
        "hand-over",
        parents=[shared],
        help="another engineer goes on",
        description="Hands an engagement over: one session, both engineers named.",
    )
    hand_over.add_argument("ref", metavar="REF", help=REF_HELP)
    hand_over.add_argument("to", metavar="ENGINEER", help="who goes on")
    hand_over.set_defaults(run=run_hand_over)


def _declare_start(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser
) -> None:
    start = commands.add_parser(
        "start",
        parents=[shared],
        help="start the timer",
        description="Starts my timer, if gate, window and hours allow it. A watcher in the background keeps the "
        "session from running past its limits and notices sleep and crashes.",
    )
    start.add_argument("ref", metavar="REF", help=REF_HELP)
    start.add_argument("--no-watch", action="store_true", help="start no watcher: the window or `pro watch` does it")
    purpose = start.add_mutually_exclusive_group()
    purpose.add_argument(
        "--rework",
        dest="purpose",
        action="store_const",
        const="rework",
        default="work",
        help="our own fault, unmetered",
    )
    purpose.add_argument(
        "--wrap-up", dest="purpose", action="store_const", const="wrapup", help="notes after the hours are used up"
    )
    start.add_argument(
        "--provisional-by", metavar="LEAD", help="the lead who lets work begin before the purchase is known"
    )
    start.set_defaults(run=run_start)


def run_start(args: argparse.Namespace) -> int:
    from console.cli.opened import opened_desk
    from console.cli.pro.asking import accepted, named
    from console.cli.pro.page_text import running_line
    from console.cli.pro.watcher import ensure_watcher
    from console.cli.render import plain, print_lines

    with opened_desk(args) as desk:
        pro, ticket = desk.pro, _startable(desk, args)
        accepted(pro.work.start(ticket, purpose=args.purpose, provisional_by=args.provisional_by))
        page = pro.page(ticket)
        print_lines([f"Started {named(page.row)}.", *map(plain, page.warnings)])
        if page.running is not None:
            print_lines([running_line(page.running, page.as_of, page.zone)])
        if args.no_watch:
            print_lines(["Nobody watches it yet: keep `support-console pro watch` or the window open."])
        else:
            ensure_watcher(desk.workspace)
    return 0


def _startable(desk: Desk, args: argparse.Namespace) -> str:
    """The engagement that is meant; for a lead's provisional start any ticket may be (scenario 41)."""
    if args.provisional_by:
        return desk.tickets.find(args.ref)
    return desk.pro.find(args.ref)


def run_stop(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, my_session, opened_pro

    with opened_pro(args) as pro:
        ticket = my_session(pro, args.ref)
        accepted(pro.work.stop(ticket, note=args.note))
        _tell_the_end(pro, ticket)
    return 0


def run_carry(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, my_session, opened_pro
    from console.cli.render import plain, print_lines
    from console.domain.words import full

    with opened_pro(args) as pro:
        ticket = my_session(pro, args.ref)
        carried = pro.work.carry_over(ticket, note=args.note)
        accepted(carried.receipt)
        _tell_the_end(pro, ticket)
        if carried.slot is not None:
            begins, ends = carried.slot
            print_lines([f"The work goes on from {full(begins, pro.zone)} to {full(ends, pro.zone)}."])
        else:
            print_lines(["No slot was moved.", *map(plain, pro.page(ticket).warnings)])
    return 0


def run_complete(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import NOT_YET, accepted, opened_pro, ref_of
    from console.cli.pro.page_text import what_next
    from console.cli.pro.written import seconds_of
    from console.cli.render import print_lines
    from console.domain.words import clock_time, exact

    loses_ms = None if args.loses is None else 1000 * seconds_of(args.loses, "--loses")
    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        page = pro.page(ticket)
        if loses_ms is None and page.completing_loses_ms >= 1000:
            loss = exact(page.completing_loses_ms)
            say = f"support-console pro complete {ref_of(page.row)} --loses {loss.replace(' ', '')}"
            print_lines([f"Completing loses {loss} (T11). Say it: {say}"])
            return NOT_YET
        accepted(pro.work.complete(ticket, forfeits_ms=loses_ms or 0))
        page = pro.page(ticket)
        print_lines([what_next(page)])
        if page.undo is not None:
            until = clock_time(page.undo.until, page.zone)
            print_lines([f"Until {until} it can be undone: support-console pro undo {ref_of(page.row)}"])
    return 0


def run_undo(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro
    from console.cli.pro.page_text import what_next
    from console.cli.render import print_lines

    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        undo = pro.page(ticket).undo
        completion = ticket if undo is None else undo.completion
        accepted(pro.work.undo_completion(completion, approved_by=tuple(args.approved_by)))
        print_lines([what_next(pro.page(ticket))])
    return 0


def run_hand_over(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro
    from console.cli.pro.page_text import what_next
    from console.cli.render import print_lines

    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        accepted(pro.gate.hand_over(ticket, args.to))
        print_lines([what_next(pro.page(ticket))])
    return 0


def _tell_the_end(pro: ProDesk, ticket: str) -> None:
    """When my session ended and why, what is left, and the gaps that wait for an answer."""
    from console.cli.pro.asking import gap_lines, named
    from console.cli.pro.page_text import left_text
    from console.cli.render import plain, print_lines
    from console.domain.words import exact, full

    page, report = pro.page(ticket), pro.report(ticket)
    ended = [entry for entry in report.entries if entry.ends_at is not None and entry.engineer == pro.me]
    if ended:
        last = max(ended, key=lambda entry: entry.ends_at or 0)
        why = "" if last.ended_for in (None, "stopped") else f", {plain(last.ended_for or '')}"
        print_lines(
            [
                f"Stopped {named(page.row)} at {full(last.ends_at or 0, page.zone)}{why}. "
                f"{exact(last.metered_ms)} were counted."
            ]
        )
    print_lines([f"{left_text(page)}.", *gap_lines(page.gaps, page.zone)])
