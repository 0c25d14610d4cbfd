"""`support-console rebuild`: makes the read models and the search index anew from the entries."""

from __future__ import annotations

import argparse
import sys


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "rebuild",
        parents=[shared],
        help="make the queue and the search index anew from the entries",
        description="Makes the queue and the search index anew from the entries. Nothing that happened is changed.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from console.cli.opened import opened_desk
    from console.cli.progress import Progress

    entries = 0
    with opened_desk(args) as desk, Progress("Rebuilt") as progress:

        def told(done: int, total: int) -> None:
            nonlocal entries
            entries = total
            progress.of(done, total)

        desk.rebuild(told)
    sys.stdout.write(f"Rebuilt from {entries:,} {'entry' if entries == 1 else 'entries'}.\n")
    return 0
