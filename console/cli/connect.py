"""`support-console connect URL` and `disconnect`: a workspace joins a hub, signs in again, or signs out."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from console.domain.errors import ConsoleError

if TYPE_CHECKING:
    from console.cli.progress import Progress
    from console.desk.connecting import Connecting
    from console.desk.new_file import Preview

MOST_LISTED: Final = 20
_OUTCOMES: Final = {
    "void": "void: in the history, but without effect",
    "refused": "refused: on this workstation only",
    "left": "left in the old file",
    "waits": "waiting for a newer hub",
}


class ConnectUsageError(ConsoleError):
    """The arguments, or the terminal, do not say how to get in."""


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "connect",
        parents=[shared],
        help="connect the workspace to a team's hub",
        description="Connects the workspace to a hub, or signs in again. What it holds is offered to the hub once you "
        "say yes; its old file is kept. An attempt that was stopped goes on with the same command.",
    )
    parser.add_argument("url", metavar="URL", help="the hub's address, such as https://hub.example.org")
    parser.add_argument("--code", metavar="CODE", help="the one-time code that an admin gave you")
    parser.add_argument(
        "--token-file", metavar="FILE", type=Path, help="keep the sign-in in this file and not in the system's keyring"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=run)
    parser = commands.add_parser(
        "disconnect",
        parents=[shared],
        help="sign out of the hub",
        description="Takes this workstation's key back. The copy of the hub's tickets stays in the workspace, and so "
        "does what waits for the hub.",
    )
    parser.set_defaults(run=run_disconnect)


def run(args: argparse.Namespace) -> int:
    from console.cli.opened import workspace_of
    from console.cli.sync import bring_level
    from console.desk.connecting import Connecting

    workspace = workspace_of(args)
    token_file = None if args.token_file is None else args.token_file.expanduser().absolute()
    connected = asyncio.run(_connect(Connecting(workspace, args.url, token_file=token_file), args))
    return bring_level(args) if connected else 0


def run_disconnect(args: argparse.Namespace) -> int:
    from console.cli.opened import workspace_of
    from console.desk.connecting import sign_out

    print(asyncio.run(sign_out(workspace_of(args))))
    return 0


async def _connect(connecting: Connecting, args: argparse.Namespace) -> bool:
    """Whether the workspace is connected at the end."""
    from console.cli.progress import Progress

    async with connecting:
        if not await connecting.resume():
            await _get_in(connecting, args.code)
        who = f"{connecting.identity.person} ({connecting.identity.role})"
        if connecting.again:
            print(f"Signed in again as {who}.")
            return True
        with Progress("Loading") as progress:
            preview = await connecting.build(lambda doing, done, of: _show(progress, doing, done, of))
        sys.stdout.writelines(f"{line}\n" for line in preview_lines(preview))
        sys.stdout.flush()
        if preview.asks and not args.yes and not await asyncio.to_thread(_says_yes):
            sentence = await connecting.decline()
            print(f"Not connected; the workspace is as it was.{'' if sentence is None else ' ' + sentence}")
            return False
        kept = await connecting.accept()
        print(f"Connected as {who}.{'' if kept is None else f' The old file is kept as {kept.name}.'}", flush=True)
        return True


async def _get_in(connecting: Connecting, code: str | None) -> None:
    offer = await connecting.offer() if code is None else None
    if offer is not None:
        await connecting.sign_in(offer, tell=lambda address: print(f"Sign in at: {address}", file=sys.stderr))
        return
    if code is None:
        if not sys.stdin.isatty():
            raise ConnectUsageError("Give the one-time code of this workstation with --code; an admin makes one.")
        code = await asyncio.to_thread(input, "One-time code: ")
    await connecting.enrol(code)


def _says_yes() -> bool:
    if not sys.stdin.isatty():
        raise ConnectUsageError("Nothing was changed yet; the same command with --yes goes on.")
    return input("Connect this workspace? [y/N] ").strip().lower() in ("y", "yes")


def _show(progress: Progress, doing: str, done: int, of: int) -> None:
    share = f" of {of:,} ({done * 100 // of} %)" if of else ""
    progress.tell(f"{doing}: {done:,}{share}")


def preview_lines(preview: Preview) -> Iterator[str]:
    """What connecting would do, for a person who is to say yes."""
    yield f"The hub knows {preview.hub_entries:,} entries that {preview.person} may see."
    if not preview.asks:
        return
    yield f"This workspace offers {preview.entries:,} entries; {preview.tickets:,} tickets get the hub's numbers."
    if preview.known:
        yield f"{preview.known:,} of its entries are at the hub already."
    if preview.was != preview.person:
        yield f"What {preview.was} did here will stand under the name {preview.person}."
    for outcome, count in preview.counts.items():
        yield f"{count:,} {'entry' if count == 1 else 'entries'} will be {_OUTCOMES[outcome]}."
    for obstacle in preview.obstacles[:MOST_LISTED]:
        yield f"  {obstacle.title}: {obstacle.reason}"
    more = sum(preview.counts.values()) - min(len(preview.obstacles), MOST_LISTED)
    if more:
        yield f"  and {more:,} more"
    if not preview.counts:
        yield "Nothing of it will be refused."
