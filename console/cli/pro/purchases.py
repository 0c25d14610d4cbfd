"""`support-console pro buy|grant|refund|renewal|join`: what billing reports of hours.

Source: spec pro_services.md 1 and 3 (D3, D7).
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from console.cli.pro.asking import REF_HELP
from console.cli.pro.written import WALL_TIMES

if TYPE_CHECKING:
    from console.desk.pro.hours import Bought

_HOURS_HELP = "hours such as 2.5, or a length such as 1h30m"


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    _declare_buy(commands, shared)
    grant = commands.add_parser(
        "grant",
        parents=[shared],
        help="give an engagement goodwill hours",
        description="Gives an engagement goodwill hours, as a new lot: what expired stays expired.",
        epilog=WALL_TIMES,
    )
    grant.add_argument("ref", metavar="REF", help=REF_HELP)
    grant.add_argument("--hours", metavar="H", required=True, help=_HOURS_HELP)
    grant.add_argument("--reason", metavar="TEXT", required=True, help="why")
    grant.add_argument("--renewal", metavar="T", required=True, help="when they expire; a date is midnight")
    grant.set_defaults(run=run_grant)
    refund = commands.add_parser(
        "refund",
        parents=[shared],
        help="end the hours of a purchase before their time",
        description="Ends the hours of a purchase: a refund at once, a cancelled subscription at the end of the paid "
        "period or at once, as billing says or else as the setting has it. Slots that no other purchase feeds are "
        "released.",
    )
    refund.add_argument("purchase", metavar="ID", help="the purchase's id")
    refund.add_argument("--cancelled", action="store_true", help="the subscription was cancelled, nothing was refunded")
    when = refund.add_mutually_exclusive_group()
    when.add_argument("--at-once", action="store_true", help="with --cancelled: the hours end now")
    when.add_argument("--paid-period", action="store_true", help="with --cancelled: they live to the renewal")
    refund.set_defaults(run=run_refund)
    renewal = commands.add_parser(
        "renewal",
        parents=[shared],
        help="record the renewal instant that billing gives",
        description="Records the renewal instant of the present period as billing gives it. It moves the end of the "
        "hours that are alive; slots that no hours will be left for are named.",
        epilog=WALL_TIMES,
    )
    renewal.add_argument("account", metavar="ACCOUNT", help="the account's name, or one of its engagements")
    renewal.add_argument("at", metavar="T", help="the renewal; a date is midnight")
    renewal.add_argument("--anchor-day", metavar="N", type=int, help="the day of the month (default: that of T)")
    renewal.set_defaults(run=run_renewal)
    join = commands.add_parser(
        "join",
        parents=[shared],
        help="let a further purchase feed an engagement",
        description="Lets a further purchase of the same account feed an engagement. The purchase's own ticket is "
        "merged into the engagement's.",
    )
    join.add_argument("ref", metavar="REF", help=REF_HELP)
    join.add_argument("purchase", metavar="ID", help="the purchase's id")
    join.set_defaults(run=run_join)


def _declare_buy(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser
) -> None:
    buy = commands.add_parser(
        "buy",
        parents=[shared],
        help="record a purchase as the product reports it",
        description="Records a purchase as the product reports it: one act opens a ticket in the queue and adds the "
        "hours. The same id again changes nothing.",
        epilog=WALL_TIMES,
    )
    buy.add_argument("purchase", metavar="ID", help="the purchase's id")
    buy.add_argument("--account", metavar="NAME", required=True, help="who bought")
    buy.add_argument("--hours", metavar="H", required=True, help=_HOURS_HELP)
    buy.add_argument("--renewal", metavar="T", required=True, help="when the hours expire; a date is midnight")
    buy.add_argument("--at", metavar="T", default="now", help="when it was bought (default: now)")
    buy.add_argument("--contact", metavar="NAME", help="who asked for the work")
    buy.add_argument("--product", metavar="NAME", default="CAS", help="where it was bought (default: CAS)")
    buy.add_argument("--plan", metavar="P", help="the account's plan, which the ticket's clock goes by")
    buy.add_argument("--subject", metavar="TEXT", help="the ticket's subject")
    buy.add_argument("--extends", metavar="REF", help="the engagement that it feeds besides its own ticket's")
    buy.add_argument("--json", action="store_true", help="an object for programs")
    buy.set_defaults(run=run_buy)


def run_buy(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro
    from console.cli.pro.written import instant_of, renewal_of, seconds_of
    from console.cli.render import print_json, print_lines

    seconds = seconds_of(args.hours)
    with opened_pro(args) as pro:
        now = pro.now()
        bought = pro.hours.buy(
            args.purchase,
            args.account,
            seconds,
            bought_at=instant_of(args.at, now, pro.zone),
            renewal=renewal_of(args.renewal, now, pro.settings),
            contact=args.contact,
            plan=args.plan,
            product=args.product,
            subject=args.subject,
            extends=None if args.extends is None else pro.find(args.extends),
        )
        accepted(bought.receipt)
        if args.json:
            print_json(_shape(bought, args.purchase))
        else:
            print_lines(_told(bought, args.purchase))
    return 0


def _shape(bought: Bought, purchase: str) -> dict[str, Any]:
    return {
        "purchase": purchase.strip(),
        "ticket": bought.ticket,
        "number": bought.number,
        "known": bought.known,
        "warnings": list(bought.warnings),
    }


def _told(bought: Bought, purchase: str) -> list[str]:
    from console.cli.render import plain

    ticket = bought.ticket if bought.number is None else f"#{bought.number}"
    if bought.known:
        first = f"{plain(purchase)} is recorded already, as ticket {ticket}. Nothing was written."
    else:
        first = f"Recorded {plain(purchase)}: it opened ticket {ticket}."
    return [first, *map(plain, bought.warnings)]


def run_grant(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro
    from console.cli.pro.page_text import what_next
    from console.cli.pro.written import renewal_of, seconds_of
    from console.cli.render import print_lines

    seconds = seconds_of(args.hours)
    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        ends = renewal_of(args.renewal, pro.now(), pro.settings)
        accepted(pro.hours.grant(ticket, seconds, reason=args.reason, period_end=ends))
        print_lines([what_next(pro.page(ticket))])
    return 0


def run_refund(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro
    from console.cli.pro.page_text import what_next
    from console.cli.pro.written import ProArgumentError
    from console.cli.render import print_lines

    at_once = True if args.at_once else False if args.paid_period else None
    if at_once is not None and not args.cancelled:
        raise ProArgumentError("A refund ends the hours at once: give --at-once or --paid-period with --cancelled.")
    with opened_pro(args) as pro:
        cause = "subscription_cancelled" if args.cancelled else "refund"
        accepted(pro.hours.refund(args.purchase, cause=cause, at_once=at_once))
        print_lines([what_next(pro.page(pro.find(args.purchase)))])
    return 0


def run_renewal(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, named, opened_pro
    from console.cli.pro.written import account_of, renewal_of
    from console.cli.render import plain, print_lines
    from console.domain.words import full, local

    with opened_pro(args) as pro:
        account = account_of(pro, args.account)
        at = renewal_of(args.at, pro.now(), pro.settings)
        day = local(at, pro.settings.renewal_tz).day if args.anchor_day is None else args.anchor_day
        accepted(pro.hours.set_renewal(account, at, anchor_day=day))
        print_lines([f"The hours of {plain(account)} renew at {full(at, pro.zone)}, on day {day} of a month."])
        for row in pro.engagements():
            if row.account == account:
                print_lines(f"{named(row)}: {plain(warning)}" for warning in pro.page(row.ticket).warnings)
    return 0


def run_join(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro
    from console.cli.pro.page_text import what_next
    from console.cli.render import print_lines

    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        accepted(pro.hours.join(ticket, args.purchase))
        print_lines([what_next(pro.page(ticket))])
    return 0
