"""One log file for what is ours to mend: crashes of Python, threads, asyncio and Qt (errors of the third kind).

`start(path)` installs the handlers; `record` adds one from a place that carried on. A person can read the file before
sending it: it holds the time, the place and the trace, no ticket texts.
"""

from __future__ import annotations

import faulthandler
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

MAX_BYTES = 1_000_000
"""A longer log is started anew; the old one is kept beside it with the suffix `.old`."""

_file: IO[str] | None = None
_catches_qt = False
_lock = threading.Lock()


def start(path: Path) -> None:
    """Log into a file from now on, and catch what nobody else catches. A log that cannot be written is stderr."""
    global _file
    stop()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > MAX_BYTES:
            path.replace(path.with_name(path.name + ".old"))
        _file = path.open("a", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        print(f"The log {path} cannot be written: {error.strerror}.", file=sys.stderr)
        if sys.__stderr__ is not None:
            faulthandler.enable(sys.__stderr__)
    else:
        faulthandler.enable(_file)
    sys.excepthook = _python_hook
    threading.excepthook = _thread_hook


def catch_qt() -> None:
    """Send Qt's own warnings to the log as well."""
    global _catches_qt
    from PySide6.QtCore import qInstallMessageHandler

    qInstallMessageHandler(_qt_hook)
    _catches_qt = True


def catch_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Send what asyncio finds unhandled to the log."""
    loop.set_exception_handler(_loop_hook)


def stop() -> None:
    """Give the handlers back and close the file."""
    global _file, _catches_qt
    faulthandler.disable()
    sys.excepthook = sys.__excepthook__
    threading.excepthook = threading.__excepthook__
    if _catches_qt:
        from PySide6.QtCore import qInstallMessageHandler

        qInstallMessageHandler(None)
        _catches_qt = False
    with _lock:
        if _file is not None:
            _file.close()
            _file = None


def record(where: str, error: BaseException | None = None, text: str = "") -> None:
    """Write one record: the time in UTC, the place, the trace. Never raises."""
    trace = "".join(traceback.format_exception(error)) if error is not None else ""
    body = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {where}\n{text}{trace}".rstrip() + "\n"
    with _lock:
        target = _file if _file is not None else sys.stderr
        if target is None:
            return
        try:
            target.write(body)
            target.flush()
        except (OSError, ValueError):
            return


def _python_hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    record("unhandled", error.with_traceback(trace))


def _thread_hook(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        record(f"unhandled in thread {args.thread.name if args.thread else 'unknown'}", args.exc_value)


def _loop_hook(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    record(f"asyncio: {context.get('message', '')}", context.get("exception"))


def _qt_hook(kind: Any, context: Any, message: str) -> None:
    record(f"Qt: {message}")
