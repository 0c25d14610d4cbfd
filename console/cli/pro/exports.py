"""`support-console pro export`: the papers of Pro services, to standard output or whole into a file.

What is in them, and what billing may rely on, stands in `docs/pro-exports.md`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from console.cli.pro.billing import PERIOD_HELP
from console.cli.pro.written import WALL_TIMES, ProArgumentError

if TYPE_CHECKING:
    from console.desk.pro.door import ProDesk
    from console.domain.calendar import Period

_FORMATS: Final = {
    "ledger": ("csv", "json"),
    "timesheet": ("csv", "json"),
    "report": ("md", "pdf"),
    "slot": ("ics",),
}
"""The papers and their formats, the default first."""


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    export = commands.add_parser(
        "export",
        parents=[shared],
        help="write a ledger, a timesheet, a session report or a slot",
        description="Writes the ledger or the timesheet of an account (CSV, JSON) for billing, the session report of "
        "an engagement (Markdown, PDF) for the partner, or its slot for a calendar (iCalendar). A file is written "
        "whole or not at all.",
        epilog=WALL_TIMES,
    )
    export.add_argument("paper", metavar="WHAT", choices=tuple(_FORMATS), help="ledger, timesheet, report or slot")
    export.add_argument("ref", metavar="REF", nargs="?", help="the engagement, or any name of one of the account's")
    export.add_argument("--account", metavar="NAME", help="of ledger and timesheet: the account")
    export.add_argument("--period", metavar="T", help=f"of ledger and timesheet: {PERIOD_HELP}")
    export.add_argument(
        "--format", choices=("csv", "json", "md", "pdf", "ics"), help="default: as the file's name ends, else text"
    )
    export.add_argument("--slot", metavar="N", help="which slot, by its number in `pro show` (default: the only one)")
    export.add_argument("--page", choices=("letter", "a4"), default="letter", help="of a PDF (default: letter)")
    export.add_argument("-o", "--output", metavar="FILE", type=Path, help="the file, which is replaced")
    export.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import opened_pro
    from console.paper.whole_file import write_whole

    format = _format(args)
    if args.ref is None and (args.account is None or args.paper in ("report", "slot")):
        raise ProArgumentError(f"Say whose: support-console pro export {args.paper} REF.")
    if format == "pdf" and args.output is None:
        raise ProArgumentError("A PDF needs a file: give one with -o.")
    with opened_pro(args) as pro:
        if format == "pdf":
            from console.paper.printing import print_session

            print_session(pro.report(pro.find(args.ref)), args.output, page=args.page)
            return 0
        content = _PAPERS[args.paper](pro, args, format)
    if args.output is not None:
        write_whole(args.output, content)
    else:
        _print(content)
    return 0


def _format(args: argparse.Namespace) -> str:
    """The format that is asked for, by its name or by the file's. Errors: ProArgumentError for one that is not made."""
    known = _FORMATS[args.paper]
    suffix = "" if args.output is None else args.output.suffix.lower().removeprefix(".")
    asked: str = args.format or (suffix if suffix in known else known[0])
    if asked not in known:
        raise ProArgumentError(f"--format: a {args.paper} is made as {' or '.join(known)}, not as {asked}.")
    return asked


def _ledger(pro: ProDesk, args: argparse.Namespace, format: str) -> bytes:
    from console.paper.ledger_csv import ledger_csv, ledger_json

    account, period = _account_and_period(pro, args)
    view = pro.hours.ledger(account, period=period)
    return _json(ledger_json(view)) if format == "json" else ledger_csv(view).encode()


def _timesheet(pro: ProDesk, args: argparse.Namespace, format: str) -> bytes:
    """The timesheet of a period, by default of the present one."""
    from console.paper.timesheet_csv import timesheet_csv, timesheet_json

    account, period = _account_and_period(pro, args)
    if period is None:
        period = pro.hours.period_of(account, pro.now())
    rows = pro.hours.timesheet(account, period)
    numbers = {row.ticket: row.number for row in pro.engagements(closed=True)}
    if format == "json":
        return _json(timesheet_json(rows, account=account, zone=pro.zone, period=period, numbers=numbers))
    return timesheet_csv(rows, account=account, zone=pro.zone, numbers=numbers).encode()


def _report(pro: ProDesk, args: argparse.Namespace, format: str) -> bytes:
    from console.paper.session_markdown import session_markdown

    return session_markdown(pro.report(pro.find(args.ref))).encode()


def _slot(pro: ProDesk, args: argparse.Namespace, format: str) -> bytes:
    from console.cli.pro.slots import chosen_slot
    from console.paper.slot_calendar import calendar_slot, slot_ics

    ticket = pro.find(args.ref)
    slot = chosen_slot(pro, ticket, args.slot)
    return slot_ics(calendar_slot(pro.page(ticket), slot, moves=slot.moves, parts=slot.parts), pro.now())


_PAPERS: Final[dict[str, Callable[[ProDesk, argparse.Namespace, str], bytes]]] = {
    "ledger": _ledger,
    "timesheet": _timesheet,
    "report": _report,
    "slot": _slot,
}


def _account_and_period(pro: ProDesk, args: argparse.Namespace) -> tuple[str, Period | None]:
    from console.cli.pro.billing import period_of
    from console.cli.pro.written import account_of

    account = account_of(pro, args.account or args.ref)
    return account, period_of(pro, account, args.period)


def _json(value: object) -> bytes:
    import json

    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _print(content: bytes) -> None:
    """As it is, line ends too; on a terminal, and where standard output has no bytes, as text."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None or sys.stdout.isatty():
        sys.stdout.write(content.decode().replace("\r\n", "\n"))
        return
    sys.stdout.flush()
    buffer.write(content)
    buffer.flush()
