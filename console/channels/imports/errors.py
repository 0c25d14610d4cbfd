"""What can be wrong with an import as a whole, and with one row of it. Raised by this room and by `desk.imports`."""

from __future__ import annotations

from console.domain.errors import ConsoleError


class ImportFileError(ConsoleError):
    """A file, or a column mapping, that cannot be imported at all. Raised before anything is written."""


class RowError(Exception):
    """A row that cannot be taken; the text is the reason, a sentence for the rejects file."""
