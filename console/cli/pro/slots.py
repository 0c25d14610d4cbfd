"""`support-console pro slots|book|move|release`: when the work can be done, and the agreed slots (T4, T7 to T9)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from console.cli.options import count
from console.cli.pro.asking import REF_HELP
from console.cli.pro.written import WALL_TIMES

if TYPE_CHECKING:
    from console.desk.pro.door import ProDesk
    from console.desk.pro.views import SlotLine
    from console.domain.pro_slots import SlotOffer

_HEADINGS: Final = ("From", "To", "Days", "Work")
_SLOT_HELP: Final = "which slot, by its number in `pro show` or its id (default: the only one)"


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    slots = commands.add_parser(
        "slots",
        parents=[shared],
        help="list the next slots that fit",
        description="Lists the next slots that fit in the service window before the hours expire, around the "
        "engineer's own slots and the holidays: those within one day first.",
        epilog=WALL_TIMES,
    )
    slots.add_argument("ref", metavar="REF", help=REF_HELP)
    slots.add_argument("--hours", metavar="H", help="how much work (default: the hours that are not reserved)")
    slots.add_argument("--from", metavar="T", dest="begins", default="now", help="not before then (default: now)")
    slots.add_argument("--engineer", metavar="NAME", help="who works (default: me)")
    slots.add_argument("--limit", metavar="N", type=count, default=5, help="at most N slots (default: 5)")
    slots.add_argument("--json", action="store_true", help="an object for programs")
    slots.set_defaults(run=run_slots)
    book = commands.add_parser(
        "book",
        parents=[shared],
        help="agree a slot and reserve its hours",
        description="Agrees a slot and reserves hours to it. A slot over several days has an end and the hours of work "
        "in it.",
        epilog=WALL_TIMES,
    )
    book.add_argument("ref", metavar="REF", help=REF_HELP)
    _time_arguments(book)
    book.set_defaults(run=run_book)
    move = commands.add_parser(
        "move",
        parents=[shared],
        help="move an agreed slot",
        description="Moves an agreed slot. It goes on reserving what it reserved, unless --hours says otherwise.",
        epilog=WALL_TIMES,
    )
    move.add_argument("ref", metavar="REF", help=REF_HELP)
    _time_arguments(move)
    move.add_argument("--slot", metavar="N", help=_SLOT_HELP)
    move.set_defaults(run=run_move)
    release = commands.add_parser(
        "release",
        parents=[shared],
        help="give a slot up",
        description="Gives an agreed slot up: what it still reserves is free again.",
    )
    release.add_argument("ref", metavar="REF", help=REF_HELP)
    release.add_argument("--reason", metavar="TEXT", default="", help="why")
    release.add_argument("--no-show", action="store_true", help="the partner did not come")
    release.add_argument("--slot", metavar="N", help=_SLOT_HELP)
    release.set_defaults(run=run_release)


def _time_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("begins", metavar="FROM", help="when the slot begins")
    parser.add_argument("ends", metavar="TO", nargs="?", help="when it ends (default: FROM and its hours)")
    parser.add_argument("--hours", metavar="H", help="how much work it holds (default: from FROM to TO)")
    parser.add_argument("--engineer", metavar="NAME", help="who works (default: me, or who had it)")


def run_slots(args: argparse.Namespace) -> int:
    """No slot that fits is an answer too: the warnings say why."""
    from console.cli.pro.asking import opened_pro
    from console.cli.pro.shapes import offer_shape
    from console.cli.pro.written import instant_of, seconds_of
    from console.cli.render import print_json, print_lines

    seconds = None if args.hours is None else seconds_of(args.hours)
    with opened_pro(args) as pro:
        offer = pro.next_slots(
            pro.find(args.ref),
            seconds=seconds,
            engineer=args.engineer,
            from_ms=instant_of(args.begins, pro.now(), pro.zone),
            count=args.limit,
        )
        if args.json:
            print_json(offer_shape(offer))
        else:
            print_lines(_told(offer, pro.zone))
    return 0


def _told(offer: SlotOffer, zone: str) -> list[str]:
    from console.cli.render import plain, table
    from console.domain.pro_slots import slot_in_words
    from console.domain.words import exact, full

    lines = []
    if offer.slots:
        rows = [
            (
                full(slot.begins_at, zone),
                full(slot.ends_at, zone),
                "one" if slot.same_day else "several",
                exact(sum(ends - begins for begins, ends in slot.parts))
                if slot.same_day
                else f"{slot_in_words(slot, zone)}. {slot.warning or ''}".strip(),
            )
            for slot in offer.slots
        ]
        lines = table(_HEADINGS, rows)
    elif offer.expires_at is None:
        lines = ["No hours are left to agree a slot for."]
    else:
        lines = ["No slot fits."]
    return [*lines, *map(plain, offer.warnings)]


def run_book(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro

    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        begins, ends, seconds = _time(pro, args)
        warning = None
        if ends is None and seconds is not None:
            ends, warning = spread(pro, ticket, begins, seconds, engineer=args.engineer)
        accepted(pro.gate.book(ticket, begins, ends, seconds=seconds, engineer=args.engineer))
        _tell(pro, ticket, warning)
    return 0


def run_move(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro

    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        begins, ends, seconds = _time(pro, args)
        slot, warning = chosen_slot(pro, ticket, args.slot), None
        if ends is None:
            who = args.engineer or slot.engineer
            ends, warning = spread(pro, ticket, begins, seconds or slot.seconds, engineer=who, moving=slot.id)
        accepted(pro.gate.move(slot.id, begins, ends, seconds=seconds, engineer=args.engineer))
        _tell(pro, ticket, warning)
    return 0


def spread(
    pro: ProDesk, ticket: str, begins: int, seconds: int, *, engineer: str | None = None, moving: str | None = None
) -> tuple[int | None, str | None]:
    """The end of so much work that begins then, over the days that it takes, and a warning where that could be less.
    None where it does not fit: the desk then says why."""
    slot = pro.slot_at(ticket, begins, seconds=seconds, engineer=engineer, moving=moving)
    return (None, None) if slot is None else (slot.ends_at, slot.warning)


def run_release(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, opened_pro

    with opened_pro(args) as pro:
        ticket = pro.find(args.ref)
        slot = chosen_slot(pro, ticket, args.slot)
        accepted(pro.gate.release(slot.id, args.reason, no_show=args.no_show))
        _tell(pro, ticket)
    return 0


def chosen_slot(pro: ProDesk, ticket: str, text: str | None) -> SlotLine:
    """The agreed slot that is meant. Without a word it is the only one, or of several the only one ahead."""
    from console.cli.pro.written import chosen

    page = pro.page(ticket)
    slots = list(page.slots)
    ahead = [slot for slot in slots if slot.ends_at > page.as_of]
    if text is None and len(ahead) == 1:
        return ahead[0]
    return chosen([(slot.id, slot) for slot in slots], text, "slot", option="--slot")


def _time(pro: ProDesk, args: argparse.Namespace) -> tuple[int, int | None, int | None]:
    from console.cli.pro.written import instant_of, seconds_of

    now = pro.now()
    begins = instant_of(args.begins, now, pro.zone)
    ends = None if args.ends is None else instant_of(args.ends, now, pro.zone)
    return begins, ends, None if args.hours is None else seconds_of(args.hours)


def _tell(pro: ProDesk, ticket: str, warning: str | None = None) -> None:
    from console.cli.pro.page_text import slot_table, what_next
    from console.cli.render import plain, print_lines

    page = pro.page(ticket)
    warnings = dict.fromkeys(text for text in (warning, *page.warnings) if text)
    print_lines([what_next(page), *slot_table(page.slots, page.zone), *map(plain, warnings)])
