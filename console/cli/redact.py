"""`support-console redact TICKET ENTRY`: takes the words of one message for ever, and asks before it does.

Without an entry it lists what can be redacted. Exit codes: 0 done, 1 the person said no, 2 a mistake of the caller or
a refusal.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from console.cli.options import count
from console.domain.errors import ConsoleError

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.redacting import Words

_KEPT: Final = 1
_HEADINGS: Final = ("Message", "Entry", "When", "Who", "What", "Text")
_NOTHING: Final = "The ticket holds no words that could be redacted."
_YES: Final = frozenset({"y", "yes"})


class NotRedacted(ConsoleError):
    """Nothing was redacted; the sentence says why."""


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "redact",
        parents=[shared],
        help="take the words of one message away, for ever",
        description="Takes the words of one message, note or other entry of a ticket away, for ever and everywhere; "
        "that it was there, by whom and when, stays. Without an entry it lists what can be redacted.",
    )
    parser.add_argument(
        "ticket", metavar="TICKET", help="a number, an external reference, or the start of a ticket's id"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("entry", metavar="ENTRY", nargs="?", help="an entry's id, or the start of one")
    which.add_argument("--message", metavar="N", type=count, help="the ticket's message N, the first is 1")
    parser.add_argument("--reason", metavar="R", help="why, for everybody to read")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from console.cli.opened import opened_desk
    from console.cli.render import print_lines, table

    with opened_desk(args) as desk:
        ticket_id = desk.tickets.find(args.ticket)
        known = desk.redacting.words_in(ticket_id)
        if args.entry is None and args.message is None:
            print_lines(table(_HEADINGS, _rows(known, desk.zone), right=(0,)) if known else [_NOTHING])
            return 0
        if args.reason is None:
            raise NotRedacted("Say why with --reason; everybody may read it.")
        refused = desk.redacting.why_not()
        if refused is not None:
            raise NotRedacted(refused)
        words = desk.redacting.words_of(ticket_id, _entry(known, args.entry, args.message))
        if not (args.yes or _agreed(words, desk)):
            print_lines(["Nothing was redacted."])
            return _KEPT
        done = desk.redacting.redact(ticket_id, words.entry, args.reason)
        if done.refused is not None:
            raise NotRedacted(done.refused)
        print_lines([done.told])
    return 0


def _rows(known: Sequence[Words], zone: str) -> Iterator[tuple[str, ...]]:
    from console.domain import words as told

    for words in known:
        place = "" if words.place is None else str(words.place)
        yield place, words.entry, told.full(words.at, zone), words.who, words.what, words.text


def _entry(known: Sequence[Words], entry: str | None, message: int | None) -> str:
    """The id of the entry that is meant. One that has no words (any more) goes on to the desk, which says so."""
    if message is not None:
        found = [words.entry for words in known if words.place == message]
        if not found:
            raise NotRedacted(f"The ticket has no message {message} with words; without one, redact lists them.")
        return found[0]
    assert entry is not None
    found = [words.entry for words in known if words.entry.startswith(entry)]
    if len(found) > 1:
        raise NotRedacted(f'"{entry}" may mean {len(found)} entries; write more of the id.')
    return found[0] if found else entry


def _agreed(words: Words, desk: Desk) -> bool:
    """Says what is lost and asks; whoever cannot answer has not agreed."""
    from console.cli.render import plain, print_lines
    from console.desk.redacting import losses
    from console.domain.words import full

    if not sys.stdin.isatty():
        raise NotRedacted("Not redacted: nobody can be asked here; say --yes to take the words for ever.")
    print_lines(
        [
            f"{words.what[:1].upper()}{words.what[1:]} by {plain(words.who)}, {full(words.at, desk.zone)}:",
            f"  {plain(words.text)}",
            *map(plain, losses(words, has_hub=desk.redacting.has_hub)),
        ]
    )
    try:
        return input("Redact it for ever? (yes/no) ").strip().lower() in _YES
    except EOFError:
        print()
        return False
