"""How far a long command is: one line on standard error that is written over, and only where a person watches."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Final, Self

_EVERY_S: Final = 0.1


class Progress:
    """The line of one command. `of` and `tell` are cheap to call for every row; leaving the context clears the line."""

    def __init__(self, doing: str, *, quiet: bool = False) -> None:
        self._doing = doing
        self._shown = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._next = 0.0
        self._width = 0

    def of(self, done: int, total: int) -> None:
        """So many of so many; a total of 0 is not known."""
        share = f" of {total:,} ({done * 100 // total} %)" if total else ""
        self.tell(f"{self._doing} {done:,}{share}")

    def tell(self, text: str) -> None:
        """Writes over the line, at most ten times a second."""
        if not self._shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_S
        self._write(text)

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)

    def clear(self) -> None:
        """Takes the line away."""
        if self._width:
            self._write("")
            sys.stderr.write("\r")
            sys.stderr.flush()
            self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
