"""The grammar of the command line: every command with its options, and errors in one sentence.

`parse` gives a namespace whose `run` is the command's function. `--data` and `--guidelines` are accepted before and
after the command. Imports argparse and the commands' light modules only.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Never

import console
from console.cli import window
from console.domain.errors import ConsoleError

PROGRAM: Final = "support-console"
_EVERYWHERE: Final = ("--data", "--guidelines")
_WRONG_COMMAND: Final = re.compile(r"argument COMMAND: invalid choice: (['\"])(.*)\1 \(choose from (.*)\)", re.DOTALL)


class UsageError(ConsoleError):
    """The arguments do not make a command."""


class Parser(argparse.ArgumentParser):
    """argparse with whole option names only, and errors as `UsageError`: one sentence that names the help to read.

    A command with many commands of its own may leave their grammar until it is named: the others do not pay for it.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "allow_abbrev": False})
        self._later: Callable[[Parser], None] | None = None

    def declare_later(self, declare: Callable[[Parser], None]) -> None:
        self._later = declare

    def complete_grammar(self) -> None:
        """Declares what was left for later."""
        declare, self._later = self._later, None
        if declare is not None:
            declare(self)

    def parse_known_args(self, *args: Any, **kwargs: Any) -> Any:
        self.complete_grammar()
        return super().parse_known_args(*args, **kwargs)

    def error(self, message: str) -> Never:
        unknown = _WRONG_COMMAND.fullmatch(message)
        if unknown is not None:
            known = re.findall(r"[a-z]+(?:-[a-z]+)*", unknown[3])
            raise UsageError(f'{_no_such_command(unknown[2], known)} See "{self.prog} --help".')
        message = message.removeprefix("argument ").rstrip(".")
        raise UsageError(f'{message[:1].upper()}{message[1:]}; see "{self.prog} --help".')


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments of one command. Raises UsageError; SystemExit after `--help` and `--version`."""
    names, values = arguments[::2], arguments[1::2]
    opens_window = len(names) == len(values) and all(name in _EVERYWHERE for name in names)
    return (_before_commands() if opens_window else parser()).parse_args(arguments)


def parser() -> Parser:
    """The whole grammar; completion reads it as well."""
    from console.cli import (
        calendar,
        completion,
        connect,
        demo,
        explain,
        hub,
        imports,
        pro,
        queue,
        rebuild,
        redact,
        search,
        sync,
    )

    whole = _before_commands()
    commands = whole.add_subparsers(metavar="COMMAND", title="commands", dest="command")
    shared = argparse.ArgumentParser(add_help=False)
    _everywhere(shared, absent=argparse.SUPPRESS)
    for command in (
        demo,
        imports,
        queue,
        explain,
        search,
        redact,
        rebuild,
        calendar,
        pro,
        connect,
        sync,
        hub,
        completion,
    ):
        command.declare(commands, shared)
    return whole


def _before_commands() -> Parser:
    """The grammar without its commands: enough for the window, whose first paint the others would delay by 10 ms."""
    whole = Parser(
        prog=PROGRAM,
        description="The desktop console of a support engineer. Without a command, the window opens.",
        epilog="T is an instant in ISO 8601 (2026-03-02T09:30Z, without a zone UTC) or now.",
    )
    whole.add_argument("--version", action="version", version=f"{PROGRAM} {console.__version__}")
    _everywhere(whole, absent=None)
    whole.set_defaults(run=window.run)
    return whole


def _everywhere(parser: argparse.ArgumentParser, *, absent: Any) -> None:
    parser.add_argument(
        "--data", metavar="DIR", type=_folder, default=absent, help="the folder of the workspace, instead of your own"
    )
    parser.add_argument(
        "--guidelines", metavar="FILE", type=Path, default=absent, help="answer by the promises in this file"
    )


def _folder(text: str) -> Path:
    if not text:
        raise UsageError("--data names no folder.")
    try:
        return Path(text).expanduser().absolute()
    except (RuntimeError, OSError) as error:  # ~nobody, or a working folder that is gone
        raise UsageError(f"--data {text} cannot be found: {error}.") from None


def _no_such_command(name: str, known: Sequence[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f'There is no command "{name}"; did you mean "{close[0]}"?'
    return f'There is no command "{name}", but there are {", ".join(known)}.'
