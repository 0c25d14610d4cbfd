"""`support-console pro take-up|ready|scope|access|contact|consent`: everything before the start (T3 to T6, T12)."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from console.cli.pro.asking import REF_HELP
from console.cli.pro.written import WALL_TIMES

if TYPE_CHECKING:
    from console.desk.pro.door import ProDesk
    from console.desk.pro.views import EngagementPage
    from console.desk.tickets import Receipt

_ITEM_HELP = 'an item and its estimate, such as "Set up the VPN=1h"'
_AGREED_HELP = "who agreed the scope, on both sides"


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    _declare_take_up(commands, shared)
    _declare_ready(commands, shared)
    scope = commands.add_parser(
        "scope",
        parents=[shared],
        help="show or agree the written scope",
        description="Shows the written scope, or records the next version as it was agreed by both sides. --asked "
        "lists something that the partner asked for and nobody agreed.",
    )
    scope.add_argument("ref", metavar="REF", help=REF_HELP)
    scope.add_argument("items", metavar="ITEM", nargs="*", help=f"{_ITEM_HELP}; all of the scope, not the changes")
    scope.add_argument("--agreed-by", metavar="NAME", action="extend", nargs="+", default=[], help=_AGREED_HELP)
    scope.add_argument("--asked", metavar="TITLE", help="an ask that the scope does not hold")
    scope.set_defaults(run=run_scope)
    access = commands.add_parser(
        "access",
        parents=[shared],
        help="show, list, receive or lose access",
        description="Shows the access that the work needs, lists it, or says what was received or lost.",
    )
    access.add_argument("ref", metavar="REF", help=REF_HELP)
    _access_options(access)
    access.add_argument("--lost", metavar="ITEM", action="extend", nargs="+", default=[], help="what was taken away")
    access.set_defaults(run=run_access)
    contact = commands.add_parser(
        "contact",
        parents=[shared],
        help="set the contact at the partner",
        description="Sets whom the engineer talks to: somebody at the partner.",
    )
    contact.add_argument("ref", metavar="REF", help=REF_HELP)
    contact.add_argument("person", metavar="NAME", help="the person's name")
    contact.add_argument("--end-customer", action="store_true", help="the person is no partner, which the terms refuse")
    contact.set_defaults(run=run_contact)
    consent = commands.add_parser(
        "consent",
        parents=[shared],
        help="show, record or withdraw after-hours consent",
        description="Shows the after-hours consents, records one, or withdraws one. A consent counts if the work is "
        "time-sensitive, both sides gave it, and it is recorded before the work starts.",
        epilog=WALL_TIMES,
    )
    consent.add_argument("ref", metavar="REF", help=REF_HELP)
    consent.add_argument("span", metavar="T", nargs="*", help="from when to when work is agreed: two instants")
    consent.add_argument("--not-time-sensitive", action="store_true", help="nobody said that the work is urgent")
    consent.add_argument("--only", choices=("engineer", "customer"), help="only this side gave it")
    consent.add_argument("--withdraw", metavar="N", help="withdraw one, by its number in the list or its id")
    consent.set_defaults(run=run_consent)


def _declare_take_up(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser
) -> None:
    take_up = commands.add_parser(
        "take-up",
        parents=[shared],
        help="make an engagement mine",
        description="Takes an engagement up: it is mine to prepare. The first act on its gate does so by itself.",
    )
    take_up.add_argument("ref", metavar="REF", help=REF_HELP)
    take_up.add_argument(
        "--provisional-by", metavar="LEAD", help="the lead who lets it be prepared before the purchase is known"
    )
    take_up.set_defaults(run=run_take_up)


def _declare_ready(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser
) -> None:
    ready = commands.add_parser(
        "ready",
        parents=[shared],
        help="bring the gate's parts in hand, or see what is missing",
        description="Records any parts of the gate in one go and shows the gate. Without options it only shows what is "
        "missing, and the exit code is 0 when nothing is, else 1.",
        epilog=WALL_TIMES,
    )
    ready.add_argument("ref", metavar="REF", help=REF_HELP)
    ready.add_argument("--contact", metavar="NAME", help="the contact at the partner")
    ready.add_argument("--scope", metavar="ITEM", action="extend", nargs="+", default=[], help=_ITEM_HELP)
    ready.add_argument("--agreed-by", metavar="NAME", action="extend", nargs="+", default=[], help=_AGREED_HELP)
    _access_options(ready)
    ready.add_argument("--consent", metavar=("FROM", "TO"), nargs=2, help="after-hours work that both sides agreed")
    ready.add_argument("--slot", metavar=("FROM", "HOURS"), nargs=2, help="the agreed slot")
    ready.set_defaults(run=run_ready)


def _access_options(parser: argparse.ArgumentParser) -> None:
    needed = parser.add_mutually_exclusive_group()
    needed.add_argument(
        "--access", metavar="ITEM", action="extend", nargs="+", default=[], help="what is needed: the whole list"
    )
    needed.add_argument("--no-access", action="store_true", help="none is needed")
    parser.add_argument(
        "--received", metavar="ITEM", action="extend", nargs="+", default=[], help="what of it is in hand"
    )


def run_take_up(args: argparse.Namespace) -> int:
    from console.cli.opened import opened_desk
    from console.cli.pro.asking import accepted
    from console.cli.pro.page_text import what_next
    from console.cli.render import print_lines

    with opened_desk(args) as desk:
        find = desk.tickets.find if args.provisional_by else desk.pro.find
        ticket = find(args.ref)
        accepted(desk.pro.gate.take_up(ticket, provisional_by=args.provisional_by))
        print_lines([what_next(desk.pro.page(ticket))])
    return 0


def run_ready(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import NOT_YET, accepted, opened_pro
    from console.cli.pro.page_text import gate_table, what_next
    from console.cli.pro.slots import spread
    from console.cli.pro.written import ProArgumentError, instant_of, scope_items, seconds_of
    from console.cli.render import plain, print_lines

    if bool(args.scope) != bool(args.agreed_by):
        raise ProArgumentError("--scope and --agreed-by belong together: a scope is agreed by both sides (T4).")
    slot_s = None if args.slot is None else seconds_of(args.slot[1], "--slot")
    with opened_pro(args) as pro:
        ticket, now = pro.find(args.ref), pro.now()
        items = scope_items(args.scope, "--scope", pro.page(ticket).scope.lines)
        slot_at = None if args.slot is None else instant_of(args.slot[0], now, pro.zone)
        consent = None if args.consent is None else _span(args.consent, now, pro.zone)
        acts = 0
        if args.contact is not None:
            acts += len(accepted(pro.gate.set_contact(ticket, args.contact, partner=True)).entries)
        if items:
            acts += len(accepted(pro.gate.agree_scope(ticket, items, agreed_by=args.agreed_by)).entries)
        acts += _record_access(pro, ticket, args)
        if consent is not None:
            acts += len(accepted(_give(pro, ticket, consent)).entries)
        warning = None
        if slot_at is not None and slot_s is not None:
            ends, warning = spread(pro, ticket, slot_at, slot_s)
            acts += len(accepted(pro.gate.book(ticket, slot_at, ends, seconds=slot_s)).entries)
        page = pro.page(ticket)
        warnings = dict.fromkeys(text for text in (warning, *page.warnings) if text)
        print_lines([what_next(page), *map(plain, warnings), *gate_table(page.gate)])
        if page.running is None and page.may_start is not None:
            print_lines([plain(page.may_start)])
        return 0 if acts or is_ready(page) else NOT_YET


def is_ready(page: EngagementPage) -> bool:
    """Whether the gate holds nothing back; when work may start is another question."""
    return page.row.state != "closed" and all(line.met for line in page.gate if line.subject != "after_hours")


def run_scope(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, named, opened_pro
    from console.cli.pro.page_text import scope_lines
    from console.cli.pro.written import ProArgumentError, scope_items
    from console.cli.render import print_lines

    if bool(args.items) != bool(args.agreed_by):
        raise ProArgumentError("A scope has items, and --agreed-by names who agreed them on both sides (T4).")
    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        items = scope_items(args.items, "ITEM", pro.page(ticket).scope.lines)
        if items:
            accepted(pro.gate.agree_scope(ticket, items, agreed_by=args.agreed_by))
        if args.asked is not None:
            accepted(pro.gate.request(ticket, args.asked))
        page = pro.page(ticket)
        lines = list(scope_lines(page.scope, page.zone))
        print_lines(lines or [f"{named(page.row)} has no written scope yet (T3)."])
    return 0


def run_access(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, named, opened_pro
    from console.cli.render import plain, print_lines

    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        _record_access(pro, ticket, args)
        for item in _listed(pro.page(ticket), args.lost, "--lost"):
            accepted(pro.gate.lose_access(ticket, item))
        page = pro.page(ticket)
        lines = [f"{plain(line.item)}: {line.text}" for line in page.access]
        gate = next(line for line in page.gate if line.subject == "access")
        print_lines(lines or [f"{named(page.row)}: {plain(gate.text[:1].lower() + gate.text[1:])}."])
    return 0


def run_contact(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, named, opened_pro
    from console.cli.render import plain, print_lines

    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        accepted(pro.gate.set_contact(ticket, args.person, partner=not args.end_customer))
        page = pro.page(ticket)
        print_lines([f"{named(page.row)}: the contact at the partner is {plain(page.contact or '')}."])
    return 0


def run_consent(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, named, opened_pro
    from console.cli.pro.page_text import consent_table
    from console.cli.pro.written import ProArgumentError, chosen
    from console.cli.render import print_lines

    if len(args.span) not in (0, 2):
        raise ProArgumentError("A consent has two instants: from when to when work is agreed.")
    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        if args.span:
            span = _span(args.span, pro.now(), pro.zone)
            accepted(_give(pro, ticket, span, time_sensitive=not args.not_time_sensitive, only=args.only))
        if args.withdraw is not None:
            given = [(line.id, line.id) for line in pro.page(ticket).consents]
            accepted(pro.gate.withdraw_consent(ticket, chosen(given, args.withdraw, "consent", option="--withdraw")))
        page = pro.page(ticket)
        print_lines(consent_table(page.consents, page.zone) or [f"{named(page.row)} has no after-hours consent."])
    return 0


def _record_access(pro: ProDesk, ticket: str, args: argparse.Namespace) -> int:
    """Lists what is needed and receives what is in hand; how many entries that made."""
    from console.cli.pro.asking import accepted

    acts = 0
    if args.access or args.no_access:
        acts += len(accepted(pro.gate.list_access(ticket, args.access)).entries)
    for item in _listed(pro.page(ticket), args.received, "--received"):
        acts += len(accepted(pro.gate.receive_access(ticket, item)).entries)
    return acts


def _listed(page: EngagementPage, items: Iterable[str], option: str) -> list[str]:
    """The items as the list of needed access has them, however they were capitalised."""
    from console.cli.pro.written import ProArgumentError

    known = {line.item.casefold(): line.item for line in page.access}
    found = []
    for item in items:
        name = known.get(item.strip().casefold())
        if name is None:
            listed = f"listed are {', '.join(known.values())}" if known else "nothing is listed; list it with --access"
            raise ProArgumentError(f'{option}: "{item}" is not on the list of needed access: {listed}.')
        found.append(name)
    return found


def _give(
    pro: ProDesk, ticket: str, span: tuple[int, int], *, time_sensitive: bool = True, only: str | None = None
) -> Receipt:
    return pro.gate.give_consent(
        ticket,
        *span,
        time_sensitive=time_sensitive,
        by_engineer=only != "customer",
        by_customer=only != "engineer",
    )


def _span(texts: Sequence[str], now: int, zone: str) -> tuple[int, int]:
    from console.cli.pro.written import ProArgumentError, instant_of

    begins_at, ends_at = (instant_of(text, now, zone) for text in texts)
    if ends_at <= begins_at:
        raise ProArgumentError(f"The consent names no time: {texts[1]} does not come after {texts[0]}.")
    return begins_at, ends_at
