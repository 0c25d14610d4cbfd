"""Half-written replies and notes, per ticket and mode; they survive a refresh and a kill -9. Called by the composer and
the note of a running session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from console.journal.store import Journal

Mode = Literal["reply", "note", "session"]


class Drafts:
    """Drafts of one workspace; saving an empty text discards the draft."""

    def __init__(self, journal: Journal, *, now: Callable[[], int]) -> None:
        self._journal = journal
        self._now = now

    def save(self, ticket_id: str, mode: Mode, text: str) -> None:
        self._journal.save_draft(ticket_id, mode, text if text.strip() else "", now_ms=self._now())

    def load(self, ticket_id: str) -> dict[str, str]:
        return self._journal.load_drafts(ticket_id)

    def discard(self, ticket_id: str, mode: Mode) -> None:
        self._journal.discard_draft(ticket_id, mode)

    def all_ids(self) -> set[str]:
        """The tickets that have a draft."""
        return self._journal.draft_tickets()
