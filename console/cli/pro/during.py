"""`support-console pro pause|resume|note|work-on|done`: while a session runs.

Where no engagement is named, that of my running session is meant.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from console.cli.pro.session import MY_REF_HELP

if TYPE_CHECKING:
    from console.desk.pro.door import ProDesk
    from console.desk.pro.views import ScopeLine


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    pause = commands.add_parser(
        "pause",
        parents=[shared],
        help="interrupt the session",
        description="Interrupts my session. Once started the work goes on (T10), so an interruption has a kind, which "
        "says whether its time counts.",
    )
    pause.add_argument("ref", metavar="REF", nargs="?", help=MY_REF_HELP)
    pause.add_argument("kind", metavar="KIND", help="its kind or the beginning of it, such as lunch or waiting")
    pause.add_argument("--ticket", metavar="TICKET", help='of the kind "other ticket": the one that is worked on')
    pause.set_defaults(run=run_pause)
    resume = commands.add_parser(
        "resume", parents=[shared], help="go on after an interruption", description="Goes on after an interruption."
    )
    resume.add_argument("ref", metavar="REF", nargs="?", help=MY_REF_HELP)
    resume.set_defaults(run=run_resume)
    note = commands.add_parser(
        "note",
        parents=[shared],
        help="write down what was done",
        description="Writes down what was done: on the running or the last segment, else on the ticket.",
    )
    note.add_argument("ref", metavar="REF", nargs="?", help=MY_REF_HELP)
    note.add_argument("text", metavar="TEXT", help="what was done")
    note.set_defaults(run=run_note)
    work_on = commands.add_parser(
        "work-on",
        parents=[shared],
        help="say which item is worked on",
        description="Says which item of the scope is worked on from now on.",
    )
    work_on.add_argument("ref", metavar="REF", nargs="?", help=MY_REF_HELP)
    work_on.add_argument("item", metavar="ITEM", help="its number in `pro show`, its title or its id")
    work_on.add_argument("--unattended", metavar="JOB", help="what runs by itself meanwhile")
    work_on.set_defaults(run=run_work_on)
    done = commands.add_parser(
        "done",
        parents=[shared],
        help="an item of the scope is done",
        description="Says that an item of the scope is done, or with --not that it is not.",
    )
    done.add_argument("ref", metavar="REF", nargs="?", help=MY_REF_HELP)
    done.add_argument("item", metavar="ITEM", help="its number in `pro show`, its title or its id")
    done.add_argument("--not", dest="undone", action="store_true", help="it is not done after all")
    done.set_defaults(run=run_done)


def run_pause(args: argparse.Namespace) -> int:
    from console.cli.opened import opened_desk
    from console.cli.pro.asking import accepted, looked, my_session
    from console.cli.pro.written import ProArgumentError
    from console.domain.pro_settings import OTHER_TICKET

    with opened_desk(args) as desk:
        ticket, kind = my_session(looked(desk.pro), args.ref), _kind(desk.pro, args.kind)
        if args.ticket is None:
            accepted(desk.pro.work.pause(ticket, kind))
        elif kind == OTHER_TICKET:
            accepted(desk.pro.work.log_interruption(ticket, desk.tickets.find(args.ticket)))
        else:
            raise ProArgumentError(f'--ticket belongs to the kind "{OTHER_TICKET}".')
        _tell(desk.pro, ticket)
    return 0


def run_resume(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, looked, my_session, opened_pro

    with opened_pro(args) as pro:
        ticket = my_session(looked(pro), args.ref)
        accepted(pro.work.resume(ticket))
        _tell(pro, ticket)
    return 0


def run_note(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, looked, my_session, named, opened_pro
    from console.cli.render import print_lines

    with opened_pro(args) as pro:
        ticket = my_session(looked(pro), args.ref)
        accepted(pro.work.note(ticket, args.text))
        print_lines([f"Noted on {named(pro.page(ticket).row)}."])
    return 0


def run_work_on(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, looked, my_session, named, opened_pro
    from console.cli.render import plain, print_lines

    with opened_pro(args) as pro:
        ticket = my_session(looked(pro), args.ref)
        item = _item(pro, ticket, args.item)
        accepted(pro.work.work_on(ticket, item.id, unattended_job=args.unattended))
        meanwhile = f" {plain(args.unattended)} runs by itself." if args.unattended else ""
        print_lines([f"Working on {plain(item.title)} of {named(pro.page(ticket).row)}.{meanwhile}"])
    return 0


def run_done(args: argparse.Namespace) -> int:
    from console.cli.pro.asking import accepted, looked, my_session, opened_pro
    from console.cli.pro.page_text import scope_lines
    from console.cli.render import print_lines

    with opened_pro(args) as pro:
        ticket = my_session(looked(pro), args.ref)
        accepted(pro.gate.set_item_done(ticket, _item(pro, ticket, args.item).id, not args.undone))
        print_lines(scope_lines(pro.page(ticket).scope, pro.zone))
    return 0


def _kind(pro: ProDesk, text: str) -> str:
    """The kind of interruption that a text begins; else the text, which the desk refuses with the kinds there are."""
    name = text.strip().casefold()
    kinds = [kind.name for kind in pro.settings.pause_kinds if name and kind.name.casefold().startswith(name)]
    exact = [kind for kind in kinds if kind.casefold() == name]
    return exact[0] if exact else kinds[0] if len(kinds) == 1 else text.strip()


def _item(pro: ProDesk, ticket: str, text: str) -> ScopeLine:
    from console.cli.pro.written import ProArgumentError, chosen

    lines = pro.page(ticket).scope.lines
    if not lines:
        raise ProArgumentError("The engagement has no written scope yet (T3).")
    titled = [line for line in lines if line.title.casefold() == text.strip().casefold()]
    return (
        titled[0] if titled else chosen([(line.id, line) for line in lines], text, "item of the scope", option="ITEM")
    )


def _tell(pro: ProDesk, ticket: str) -> None:
    from console.cli.pro.asking import named
    from console.cli.pro.page_text import running_line, what_next
    from console.cli.render import print_lines

    page = pro.page(ticket)
    if page.running is None:
        print_lines([what_next(page)])
    else:
        print_lines([f"{named(page.row)}: {running_line(page.running, page.as_of, page.zone)}"])
