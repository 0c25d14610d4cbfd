"""`support-console search WORDS`: tickets whose subject or messages hold the words."""

from __future__ import annotations

import argparse

from console.cli.options import count

_HEADINGS = ("No.", "When", "Subject", "Where")
_MOST = 50


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "search",
        parents=[shared],
        help="find tickets by words in subjects and messages",
        description="Finds tickets, open or closed, with all the words in one subject or message, best first.",
    )
    parser.add_argument("words", metavar="WORDS", nargs="+")
    parser.add_argument("--limit", metavar="N", type=count, default=_MOST, help=f"at most N tickets (default: {_MOST})")
    parser.add_argument("--json", action="store_true", help="an array for programs")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from console.cli.opened import opened_desk
    from console.cli.render import print_json, print_lines, table
    from console.cli.shapes import search_shape
    from console.domain import words

    asked = " ".join(args.words)
    with opened_desk(args) as desk:
        hits = desk.search(asked, limit=args.limit)
        if args.json:
            print_json([search_shape(hit) for hit in hits])
        elif hits:
            rows = [
                (
                    str(hit.number or hit.external_ref or hit.ticket),
                    words.day(hit.at, desk.zone),
                    hit.subject,
                    hit.snippet,
                )
                for hit in hits
            ]
            print_lines(table(_HEADINGS, rows, right=(0,)))
        else:
            print_lines([f'No ticket matches "{asked}".'])
    return 0
