"""`support-console pro gap|log|correct`: what is said of work afterwards (spec pro_services.md 3: 65, 81 to 84)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, cast

from console.cli.pro.asking import REF_HELP
from console.cli.pro.written import WALL_TIMES

if TYPE_CHECKING:
    from console.desk.pro.door import ProDesk
    from console.domain.pro_events import GapAnswer

_ANSWERS: Final = ("worked", "not-worked", "ended")
_HEADINGS: Final = ("Gap", "From", "To", "Length", "Why", "Engagement")


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    gap = commands.add_parser(
        "gap",
        parents=[shared],
        help="list or answer the questions about gaps",
        description="Lists the gaps in my sessions that wait for an answer, or answers one: worked (it went on by "
        "itself), not-worked, or ended (the session ended at its beginning). Until then their time is kept, not drawn.",
    )
    gap.add_argument("answer", metavar="ANSWER", nargs="?", choices=_ANSWERS, help="worked, not-worked or ended")
    gap.add_argument("--gap", metavar="N", help="which, by its number in the list or its id (default: the only one)")
    gap.add_argument("--json", action="store_true", help="the open questions, an array for programs")
    gap.set_defaults(run=run_gap)
    log = commands.add_parser(
        "log",
        parents=[shared],
        help="enter work that was done without the timer",
        description="Enters work afterwards, with a reason and the lead who approves it. It is drawn by when it was "
        "done: inside the window or a prior consent, after the gate was met, in an open period.",
        epilog=WALL_TIMES,
    )
    log.add_argument("ref", metavar="REF", help=REF_HELP)
    log.add_argument("begins", metavar="FROM", help="when the work began")
    log.add_argument("ends", metavar="TO", help="when it ended")
    log.add_argument("--reason", metavar="TEXT", required=True, help="why it is entered afterwards")
    log.add_argument("--approved-by", metavar="LEAD", required=True, help="the lead who approves it")
    log.add_argument("--engineer", metavar="NAME", help="who worked (default: me)")
    log.add_argument("--note", metavar="TEXT", default="", help="what was done")
    log.set_defaults(run=run_log)
    correct = commands.add_parser(
        "correct",
        parents=[shared],
        help="correct the time of a segment",
        description="Corrects the time of a segment with a line of its own in the ledger; what was written stays.",
        epilog=WALL_TIMES,
    )
    correct.add_argument("ref", metavar="REF", help=REF_HELP)
    amount = correct.add_mutually_exclusive_group(required=True)
    amount.add_argument("--more", metavar="H", help="so much more time than the clocks say")
    amount.add_argument("--less", metavar="H", help="so much less")
    correct.add_argument("--reason", metavar="TEXT", required=True, help="why")
    correct.add_argument("--approved-by", metavar="LEAD", required=True, help="the lead who approves it")
    correct.add_argument("--at", metavar="T", help="an instant of the segment (default: the only segment)")
    correct.set_defaults(run=run_correct)


def run_gap(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro
    from console.cli.pro.page_text import what_next
    from console.cli.pro.shapes import gap_shape
    from console.cli.pro.written import chosen
    from console.cli.render import print_json, print_lines

    with opened_pro(args) as pro:
        stopped = pro.watch.tick(raise_warnings=False).stopped
        print_lines(() if args.json else stopped)
        gaps = pro.watch.watched().gaps
        if args.answer is not None:
            gap = chosen([(gap.id, gap) for gap in gaps], args.gap, "gap without an answer", option="--gap")
            accepted(pro.work.answer_gap(gap.id, cast("GapAnswer", args.answer.replace("-", "_"))))
            if not args.json:
                print_lines([what_next(pro.page(gap.ticket))])
            gaps = pro.watch.watched().gaps
        if args.json:
            print_json([gap_shape(gap) for gap in gaps])
        elif args.answer is None:
            print_lines(_listed(pro))
    return 0


def _listed(pro: ProDesk) -> list[str]:
    from console.cli.pro.asking import name_of
    from console.cli.render import table
    from console.domain.words import exact, full

    rows = [
        (
            str(place),
            full(gap.begins_at, pro.zone),
            full(gap.ends_at, pro.zone),
            exact(gap.ends_at - gap.begins_at),
            gap.cause,
            name_of(gap.number, gap.account),
        )
        for place, gap in enumerate(pro.watch.watched().gaps, 1)
    ]
    return table(_HEADINGS, rows, right=(0, 3)) if rows else ["No gap waits for an answer."]


def run_log(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro
    from console.cli.pro.page_text import what_next
    from console.cli.pro.written import instant_of
    from console.cli.render import print_lines

    with opened_pro(args) as pro:
        ticket, now = pro.find(args.ref), pro.now()
        begins, ends = instant_of(args.begins, now, pro.zone), instant_of(args.ends, now, pro.zone)
        accepted(
            pro.work.log_past(
                ticket,
                begins,
                ends,
                reason=args.reason,
                approved_by=args.approved_by,
                engineer=args.engineer,
                note=args.note,
            )
        )
        print_lines([what_next(pro.page(ticket))])
    return 0


def run_correct(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro
    from console.cli.pro.page_text import what_next
    from console.cli.pro.written import instant_of, seconds_of
    from console.cli.render import print_lines

    seconds = seconds_of(args.more, "--more") if args.more is not None else -seconds_of(args.less, "--less")
    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        at = None if args.at is None else instant_of(args.at, pro.now(), pro.zone)
        accepted(
            pro.hours.correct(_segment(pro, ticket, at), seconds, reason=args.reason, approved_by=args.approved_by)
        )
        print_lines([what_next(pro.page(ticket))])
    return 0


def _segment(pro: ProDesk, ticket: str, at: int | None) -> str:
    """The segment that ran at an instant; without one the only segment."""
    from console.cli.pro.written import ProArgumentError
    from console.domain.words import full

    entries = pro.report(ticket).entries
    found = [e for e in entries if at is None or e.begins_at <= at < (e.ends_at or at + 1)]
    if len(found) == 1:
        return found[0].segment
    began = ", ".join(full(entry.begins_at, pro.zone) for entry in entries)
    if not entries:
        raise ProArgumentError("Nothing was worked on this engagement yet.")
    raise ProArgumentError(f"--at: name an instant of the segment that is meant; they began at {began}.")
