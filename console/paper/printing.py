"""Prints the session report as PDF through the entry point `session_pdf` of the group `support_console.paper`: the core
runs without Qt.

It is called as `session_pdf(report, path, page)`. Called by the command line; the window may take this way too.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Literal

from console.desk.pro.views import SessionReport
from console.domain.errors import ConsoleError

GROUP: Final = "support_console.paper"
NAME: Final = "session_pdf"


class NoPaperError(ConsoleError):
    """This installation prints no PDF, or cannot load what does."""


def print_session(report: SessionReport, path: Path, page: Literal["letter", "a4"] = "letter") -> None:
    """Writes the report as PDF, all or nothing.

    Errors: NoPaperError with what to do instead, `whole_file.PaperNotWritten`.
    """
    _printer()(report, path, page)


def _printer() -> Callable[..., None]:
    found: Any = next(iter(metadata.entry_points(group=GROUP, name=NAME)), None)
    if found is None:
        raise NoPaperError(
            "PDF is not installed here; install the package support-console to have it, or export Markdown."
        )
    try:
        printer: Callable[..., None] = found.load()
    except (ImportError, AttributeError) as error:
        raise NoPaperError(
            f"PDF cannot be made: {error}. Install support-console with all it requires, or export Markdown."
        ) from None
    return printer
