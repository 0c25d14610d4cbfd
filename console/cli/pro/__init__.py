"""`support-console pro ...`: Professional Services by the command line, from the purchase to the closed period.

One file per subject, each with its grammar (`declare`) and its commands; `asking` is how they ask the desk, `written`
how they read what a person writes, `shapes` and `page_text` how they answer programs and people. The grammar is
declared when `pro` is named: no other command pays for it, and nothing of the desk is imported before a command runs.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from console.cli.arguments import Parser


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    pro = commands.add_parser(
        "pro",
        parents=[shared],
        help="sell, plan, work and bill Professional Services hours",
        description="Professional Services: purchases, the gate, slots, the session's timer, billing.",
    )

    def declare_commands(parser: Parser) -> None:
        from console.cli.pro import (
            afterwards,
            billing,
            during,
            exports,
            gate,
            lists,
            offers,
            plan,
            purchases,
            session,
            slots,
            watch,
        )

        asked = parser.add_subparsers(metavar="COMMAND", title="commands", dest="question", required=True)
        subjects = (lists, purchases, gate, slots, session, during, watch, afterwards, billing, exports, offers, plan)
        for subject in subjects:
            subject.declare(asked, shared)

    cast("Parser", pro).declare_later(declare_commands)
