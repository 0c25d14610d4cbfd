"""`support-console hub ...`, through the entry point `commands` of the group `support_console.hub`.

The command line runs without the hub: its grammar and its commands are loaded when it is named. The entry point is
called as `commands(parser, shared)` and declares what stands behind `hub`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from console.domain.errors import ConsoleError

if TYPE_CHECKING:
    from console.cli.arguments import Parser

GROUP: Final = "support_console.hub"
NAME: Final = "commands"


class NoHubError(ConsoleError):
    """This installation has no hub."""

    def __init__(self) -> None:
        super().__init__("The hub is not installed here; install support-console[hub] to have it.")


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    hub = commands.add_parser(
        "hub",
        parents=[shared],
        help="serve the team's log to workstations, and look after it",
        description="Serves the team's log to workstations until it is stopped; with a command, looks after it. "
        "--data names the hub's own folder, with its settings, attachments and, without --database, its database.",
    )
    hub.set_defaults(run=_not_installed)

    def declare_commands(parser: Parser) -> None:
        loaded = _load()
        if loaded is None:
            parser.add_argument("anything", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
        else:
            loaded(parser, shared)

    cast("Parser", hub).declare_later(declare_commands)


def _load() -> Callable[..., None] | None:
    from importlib.metadata import entry_points

    found: Any = next(iter(entry_points(group=GROUP, name=NAME)), None)
    if found is None:
        return None
    try:
        return cast("Callable[..., None]", found.load())
    except ImportError:
        return None


def _not_installed(args: argparse.Namespace) -> int:
    raise NoHubError
