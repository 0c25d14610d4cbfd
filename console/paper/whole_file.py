"""Writing a paper to a file, all or nothing: what stood there before stays until the new one is whole.

Called by whoever exports: the window, the command line and the PDF.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from console.domain.errors import ConsoleError


class PaperNotWritten(ConsoleError):
    """A file that cannot be written; the sentence says why."""


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file beside and puts it in its place; a link is followed. Errors: PaperNotWritten."""
    target = path.resolve()
    beside = target.with_name(f".{os.getpid()}.support-console.new")
    try:
        if target.is_dir():
            raise PaperNotWritten(f"{path} cannot be written: it is a folder.")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise PaperNotWritten(f"{path} cannot be written: {error.strerror or error}.") from None
