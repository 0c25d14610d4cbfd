"""Brings the read models and the search of some streams up to the view, after entries came, went or moved in it.

Source: spec sync.md 2, ARCHITECTURE.md ("a stream with a new confirmed entry is folded anew: that is the whole of
conflict handling"). Called inside the transactions of `replica_changes` and `own_store`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection

from console.domain.guidelines import GuidelinesHistory
from console.journal import read_models, search, view

_BATCH: Final = 500


def refold(connection: Connection, history: GuidelinesHistory, streams: Collection[str]) -> None:
    """Folds whole streams anew; one that has no entries any more leaves no row behind."""
    ordered = sorted(streams)
    for first in range(0, len(ordered), _BATCH):
        whole = view.entries_of_streams(connection, ordered[first : first + _BATCH], hub=True)
        read_models.rewrite(connection, whole, history)
        search.refresh(connection, whole)
