"""`support-console completion SHELL`: a script that completes commands, options and file names."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "completion",
        parents=[shared],
        help="print a completion script for a shell",
        description='Prints a completion script. For bash: eval "$(support-console completion bash)".',
    )
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "tcsh"), help="bash, zsh or tcsh")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    import shtab

    from console.cli.arguments import parser

    whole = parser()
    for action in _actions(whole):
        names = {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY}.get(str(action.metavar))
        if names is not None:
            action.complete = names  # type: ignore[attr-defined]
    sys.stdout.write(shtab.complete(whole, args.shell).rstrip("\n") + "\n")
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every argument of a parser and of its commands."""
    from console.cli.arguments import Parser

    if isinstance(parser, Parser):
        parser.complete_grammar()
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
