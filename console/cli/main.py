"""The entry of `support-console`: runs one command and turns whatever goes wrong into one line and an exit code.

Exit codes: 0 done, 1 an import under `--strict` with rejects, 2 a mistake of the caller, 70 a failure of ours (the
trace goes to the workspace's crash log), 130 interrupted, 141 nobody reads. Without arguments the window opens, and
argparse is not imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO

from console.domain.errors import ConsoleError

DONE: Final = 0
CALLERS_MISTAKE: Final = 2
OUR_FAILURE: Final = 70
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command that the arguments name and returns its exit code; nothing is raised."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    data: Path | None = None
    _write_what_the_terminal_can(sys.stdout, sys.stderr)
    try:
        if not arguments:
            from console.cli.window import open_window

            return open_window()
        from console.cli.arguments import parse

        args = parse(arguments)
        data = args.data
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except ConsoleError as error:
        return _say(error.sentence, CALLERS_MISTAKE)
    except BrokenPipeError:
        _forget_stdout()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as stop:  # argparse, after --help and --version
        return stop.code if isinstance(stop.code, int) else DONE
    except Exception as error:
        return _say(_our_failure(error, data), OUR_FAILURE)


def _say(sentence: str, code: int) -> int:
    with suppress(OSError, ValueError):  # nobody reads standard error: the exit code says it
        print(f"support-console: {sentence}", file=sys.stderr)
    return code


def _our_failure(error: Exception, data: Path | None) -> str:
    """Writes the trace of an unexpected error to the crash log; the sentence says where it is."""
    import traceback
    from datetime import UTC, datetime

    from console.settings import Workspace, default_folder

    log = Workspace(data if data is not None else default_folder()).log
    what = " ".join(f"{type(error).__name__}: {error}".split())
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} command line\n")
            traceback.print_exception(error, file=file)
    except OSError as unwritable:
        return f"The program failed ({what}), and the crash log {log} cannot be written: {unwritable.strerror}."
    return f"The program failed ({what}). This is not your mistake; the details are in {log}."


def _write_what_the_terminal_can(*streams: TextIO | None) -> None:
    """A character that the terminal does not have becomes a question mark, not an error."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _forget_stdout() -> None:
    """The reader went away: what is still buffered must not raise again when the interpreter ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
