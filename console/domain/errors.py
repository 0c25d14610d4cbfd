"""The one root of mistakes that a person can mend; each carries a sentence that says what to do.

Raised by every room, shown by the command line (one line on stderr, exit code 2) and by the window (a toast or banner).
Failures of the world are caught where they are retried; failures of ours go to the crash log.
"""

from __future__ import annotations


class ConsoleError(Exception):
    """A mistake of the caller or of a given file, said in one sentence."""

    @property
    def sentence(self) -> str:
        return " ".join(str(self).split())
