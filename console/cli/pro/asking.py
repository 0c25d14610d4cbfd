"""How a `pro` command asks the desk: which engagement is meant, and what becomes of a refusal.

Exit codes: 0 done; 1 an answer that says "not yet" (not ready, a closing that is blocked, a loss that nobody
confirmed); 2 a mistake of the caller, or an act that the desk refused, with the term that it keeps.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from console.domain.errors import ConsoleError

if TYPE_CHECKING:
    from console.desk.pro.door import ProDesk
    from console.desk.pro.views import EngagementRow, GapQuestion
    from console.desk.tickets import Receipt

NOT_YET: Final = 1
REF_HELP: Final = "a ticket's number, a purchase's id, the start of an id, or an account with one open engagement"


class Refused(ConsoleError):
    """The desk refused an act; the sentence names the term that it keeps."""


class NoSession(ConsoleError):
    """No session of mine runs, or several do and nobody said which is meant."""


@contextmanager
def opened_pro(args: argparse.Namespace) -> Iterator[ProDesk]:
    """The desk of Pro services of the workspace that the arguments name."""
    from console.cli.opened import opened_desk

    with opened_desk(args) as desk:
        yield desk.pro


def accepted(receipt: Receipt) -> Receipt:
    """The receipt of an act that was written. Errors: Refused."""
    if receipt.refused is not None:
        raise Refused(receipt.refused)
    return receipt


def my_session(pro: ProDesk, ref: str | None) -> str:
    """The ticket of the engagement that is meant: the one that is named, else that of my running session."""
    if ref is not None:
        return pro.find(ref)
    running = pro.watch.watched().running
    if len(running) > 1:
        named = ", ".join(name_of(session.number, session.account) for session in running)
        raise NoSession(f"Several sessions of yours run; say which: {named}.")
    if not running:
        raise NoSession("No session of yours runs: name the engagement.")
    return running[0].ticket


def looked(pro: ProDesk) -> ProDesk:
    """The desk after a look at the clocks: where nobody watched a session, what they prove of it (a gap, its end at the
    limit) is written down before an act on it. A stop looks by itself."""
    from console.cli.render import print_lines

    print_lines(pro.watch.tick(raise_warnings=False).stopped)
    return pro


def name_of(number: int | None, account: str) -> str:
    """How an engagement is called in a sentence: `#10061 Harbour Logistics`."""
    from console.cli.render import plain

    return plain(account) if number is None else f"#{number} {plain(account)}"


def named(row: EngagementRow) -> str:
    return name_of(row.number, row.account)


def ref_of(row: EngagementRow) -> str:
    """What a person writes to mean the engagement."""
    return row.ticket if row.number is None else str(row.number)


def gap_lines(gaps: Iterable[GapQuestion], zone: str) -> Iterator[str]:
    """The questions about gaps, and how they are answered."""
    from console.domain.words import exact, full

    asked = list(gaps)
    for gap in asked:
        yield (
            f"{gap.cause} from {full(gap.begins_at, zone)} to {full(gap.ends_at, zone)} "
            f"({exact(gap.ends_at - gap.begins_at)}): was it worked? The time is kept until somebody says."
        )
    if asked:
        yield "Say it: support-console pro gap worked, not-worked or ended."
