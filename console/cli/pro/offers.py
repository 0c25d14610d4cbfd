"""`support-console pro offer`: the reply that offers Pro hours on any ticket, with scope and estimate.

It is printed, never sent by itself. Source: spec pro_services.md 1 (T13) and 3 (49).
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from console.cli.options import count

if TYPE_CHECKING:
    from console.domain.pro_estimates import Estimate


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    offer = commands.add_parser(
        "offer",
        parents=[shared],
        help="prepare the reply that offers Pro hours on a ticket",
        description="Prints the reply that offers Pro hours on a ticket: the work, its estimate by the reference "
        "durations, what to buy, and the terms. Nothing is sent or recorded.",
    )
    offer.add_argument("ticket", metavar="TICKET", help="a number, an external reference, or the start of an id")
    offer.add_argument(
        "--applications",
        metavar="N",
        type=count,
        nargs="+",
        help="common applications to install, and on how many servers",
    )
    offer.add_argument("--migration", metavar="GB", type=count, help="gigabytes of data to migrate")
    offer.add_argument("--office365", metavar="N", type=count, nargs="?", const=1, help="Office 365 installations")
    offer.add_argument("--vpn", choices=("google", "elsewhere"), help="a VPN, to a Google site or elsewhere")
    offer.add_argument(
        "--item", metavar="ITEM", action="append", default=[], help='other work, such as "Set up the firewall=2h"'
    )
    offer.add_argument("--json", action="store_true", help="an object for programs")
    offer.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from console.cli.opened import opened_desk
    from console.cli.render import print_json
    from console.domain.pro_estimates import scope_items, total, total_sentence

    found = _estimates(args)
    with opened_desk(args) as desk:
        ticket = desk.tickets.find(args.ticket)
        to_buy = total(found, desk.pro.settings)
        items = scope_items(found)
        text = desk.pro.offer_text(ticket, items, to_buy.seconds)
        if args.json:
            print_json(
                {
                    "ticket": ticket,
                    "text": text,
                    "items": [{"title": item.title, "estimate_seconds": item.estimate_s} for item in items],
                    "proportion_seconds": to_buy.proportion_s,
                    "buy_seconds": to_buy.seconds,
                    "summary": total_sentence(to_buy),
                }
            )
        else:
            _print(text)
    return 0


def _print(text: str) -> None:
    from console.cli.render import plain, print_lines

    print_lines(plain(line) if line.strip() else "" for line in text.splitlines())


def _estimates(args: argparse.Namespace) -> list[Estimate]:
    """The pieces of work in the order of the options."""
    from console.cli.pro.written import ProArgumentError, scope_items
    from console.domain.pro_estimates import Applications, Estimate, Migration, Office365, Vpn, estimate

    found = []
    if args.applications is not None:
        if len(args.applications) > 2:
            raise ProArgumentError("--applications: give how many, and on how many servers.")
        found.append(estimate(Applications(*args.applications)))
    if args.migration is not None:
        found.append(estimate(Migration(args.migration)))
    if args.office365 is not None:
        found.append(estimate(Office365(args.office365)))
    if args.vpn is not None:
        found.append(estimate(Vpn(google_site=args.vpn == "google")))
    for item in scope_items(args.item, "--item"):
        own = Estimate(kind="other", title=item.title, seconds=None, basis="An estimate of our own.")
        found.append(own.agreed(item.estimate_s) if item.estimate_s else own)
    return found
