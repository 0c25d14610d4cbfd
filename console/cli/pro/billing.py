"""`support-console pro ledger|periods|close-period|compare`: an account's hours for billing.

Source: spec pro_services.md 3 (D7).
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from console.cli.pro.written import WALL_TIMES

if TYPE_CHECKING:
    from console.desk.pro.door import ProDesk
    from console.domain.calendar import Period
    from console.domain.pro_figures import LateWork

ACCOUNT_HELP: Final = "the account's name, or any name of one of its engagements"
PERIOD_HELP: Final = "the billing period in which this day lies, or the instant T"
_PERIODS: Final = ("From", "To", "State", "Purchases")


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    ledger = commands.add_parser(
        "ledger",
        parents=[shared],
        help="show an account's ledger",
        description="Shows what became of an account's hours, line by line with the balance, of all time or a period.",
        epilog=WALL_TIMES,
    )
    ledger.add_argument("account", metavar="ACCOUNT", help=ACCOUNT_HELP)
    ledger.add_argument("--period", metavar="T", help=PERIOD_HELP)
    ledger.add_argument("--json", action="store_true", help="an object for programs, that of `pro export ledger`")
    ledger.set_defaults(run=run_ledger)
    periods = commands.add_parser(
        "periods",
        parents=[shared],
        help="list an account's billing periods",
        description="Lists an account's billing periods, and the work that came after its period was closed.",
    )
    periods.add_argument("account", metavar="ACCOUNT", help=ACCOUNT_HELP)
    periods.add_argument("--json", action="store_true", help="an object for programs")
    periods.set_defaults(run=run_periods)
    close = commands.add_parser(
        "close-period",
        parents=[shared],
        help="write a period's figures down for good",
        description="Writes the figures of a billing period down for good. What blocks it is listed, a line each, and "
        "the exit code is 1: a session that runs, a gap without an answer, a workstation that was not heard of since.",
        epilog=WALL_TIMES,
    )
    close.add_argument("account", metavar="ACCOUNT", help=ACCOUNT_HELP)
    close.add_argument("--period", metavar="T", help=f"{PERIOD_HELP} (default: the first that is over and not closed)")
    close.add_argument("--unseen-ok", action="store_true", help="the workstations that are listed hold nothing more")
    close.set_defaults(run=run_close)
    compare = commands.add_parser(
        "compare",
        parents=[shared],
        help="compare with billing's figures",
        description="Shows where billing's used hours of a purchase are not the console's. Billing's count; nothing is "
        "overwritten.",
        epilog=WALL_TIMES,
    )
    compare.add_argument("account", metavar="ACCOUNT", help=ACCOUNT_HELP)
    compare.add_argument("figures", metavar="ID=H", nargs="+", help="a purchase and the hours that billing has as used")
    compare.add_argument("--period", metavar="T", default="now", help=f"{PERIOD_HELP} (default: now)")
    compare.add_argument("--json", action="store_true", help="an array for programs")
    compare.set_defaults(run=run_compare)


def run_ledger(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import opened_pro
    from console.cli.pro.page_text import ledger_table
    from console.cli.pro.written import account_of
    from console.cli.render import plain, print_json, print_lines
    from console.domain.words import exact
    from console.paper.ledger_csv import ledger_json

    with opened_pro(args) as pro:
        account = account_of(pro, args.account)
        view = pro.hours.ledger(account, period=period_of(pro, account, args.period))
        if args.json:
            print_json(ledger_json(view))
            return 0
        if view.period is not None:
            print_lines([f"{plain(account)}, {span_text(view.period, pro.zone)}"])
        print_lines(ledger_table(view.rows, pro.zone) or ["No line."])
        print_lines([f"Balance: {exact(view.balance_ms)}.", *map(plain, view.remarks)])
        if view.needs_newer_app:
            print_lines(["A newer Support Console wrote some of this: its sums cannot be relied on here."])
    return 0


def run_periods(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import opened_pro
    from console.cli.pro.shapes import periods_shape
    from console.cli.pro.written import account_of
    from console.cli.render import print_json, print_lines, table
    from console.domain.words import full

    with opened_pro(args) as pro:
        account = account_of(pro, args.account)
        periods, late = pro.hours.periods(account), pro.hours.late_work(account)
        if args.json:
            print_json(periods_shape(account, periods, late))
            return 0
        rows = [
            (
                full(row.period[0], pro.zone),
                full(row.period[1], pro.zone),
                "closed" if row.closing is not None else "over" if row.is_over else "runs",
                ", ".join(row.lots),
            )
            for row in periods
        ]
        print_lines(table(_PERIODS, rows))
        print_lines(_late_line(work, pro.zone) for work in late)
    return 0


def _late_line(work: LateWork, zone: str) -> str:
    from console.cli.render import plain
    from console.domain.words import exact

    if work.span is None:
        return f"A fact came after its period was closed and changed nothing: {work.entry}."
    return (
        f"Late work of {plain(work.engineer or 'somebody')}, {span_text(work.span, zone)} ({exact(work.ms)}): "
        "its period was closed, and it is drawn nowhere. Billing decides."
    )


def run_close(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import NOT_YET, accepted, opened_pro
    from console.cli.pro.written import account_of
    from console.cli.render import plain, print_lines
    from console.domain.words import exact, full

    with opened_pro(args) as pro:
        account, now = account_of(pro, args.account), pro.now()
        period = period_of(pro, account, args.period) or _due_to_close(pro, account)
        if period is None:
            print_lines([f"No period of {plain(account)} is over and not closed."])
            return NOT_YET
        blocks = list(pro.hours.closing_blocks(account, period, unseen_ok=args.unseen_ok))
        if period[1] > now:
            blocks.insert(0, f"the period runs until {full(period[1], pro.zone)}")
        if blocks:
            print_lines([f"Not closed: {plain(account)}, {span_text(period, pro.zone)}."])
            print_lines(f"{plain(block[:1].upper() + block[1:])}." for block in blocks)
            return NOT_YET
        accepted(pro.hours.close_period(account, period, unseen_ok=args.unseen_ok))
        print_lines([f"Closed: {plain(account)}, {span_text(period, pro.zone)}."])
        closing = next(row.closing for row in pro.hours.periods(account) if row.period == period)
        if closing is not None:
            print_lines(f"{plain(f.lot)}: {exact(f.ms)} {f.kind}" for f in closing.figures)
    return 0


def _due_to_close(pro: ProDesk, account: str) -> Period | None:
    return next((row.period for row in pro.hours.periods(account) if row.is_over and row.closing is None), None)


def run_compare(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import opened_pro
    from console.cli.pro.shapes import difference_shape
    from console.cli.pro.written import ProArgumentError, account_of, seconds_of
    from console.cli.render import plain, print_json, print_lines

    billing: dict[str, int] = {}
    for text in args.figures:
        purchase, equals, hours = (part.strip() for part in text.rpartition("="))
        if not (purchase and equals) or purchase in billing:
            raise ProArgumentError(f'"{text}" is no figure: write each purchase once, like P-1042=1h30m.')
        billing[purchase] = 0 if hours.strip("0.") == "" and hours else seconds_of(hours, purchase)
    with opened_pro(args) as pro:
        account = account_of(pro, args.account)
        period = period_of(pro, account, args.period)
        assert period is not None
        found = pro.hours.compare(account, period, billing)
        if args.json:
            print_json([difference_shape(difference) for difference in found])
        else:
            none = f"Billing and the console agree, {span_text(period, pro.zone)}."
            print_lines([plain(difference.sentence) for difference in found] or [none])
    return 0


def period_of(pro: ProDesk, account: str, text: str | None) -> Period | None:
    """The billing period in which an instant lies, of a date its noon in the window's zone; None without a text."""
    from contextlib import suppress
    from datetime import date

    from console.cli.pro.written import instant_of

    if text is None:
        return None
    with suppress(ValueError):  # an instant, not a date
        text = f"{date.fromisoformat(text.strip()).isoformat()}T12:00"
    return pro.hours.period_of(account, instant_of(text, pro.now(), pro.zone))


def span_text(span: Period, zone: str) -> str:
    from console.domain.words import full

    return f"{full(span[0], zone)} to {full(span[1], zone)}"
