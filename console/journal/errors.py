"""What the journal cannot do, each said in a sentence that a person can act on. Imports nothing heavy."""

from __future__ import annotations

from console.domain.errors import ConsoleError


class JournalError(ConsoleError):
    """The journal could not be opened, read or written; nothing is half written."""


class JournalBusy(JournalError):
    """Another process holds the database for longer than we wait."""


class JournalFull(JournalError):
    """No room for the write; the journal goes on reading."""


class JournalNewer(JournalError):
    """The database was made by a newer version and is left as it is."""


class IdReuse(JournalError):
    """An entry id that is known already came back with other content (spec sync.md 2)."""
