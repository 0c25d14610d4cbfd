"""Ticket events for tests: rows as a source writes them, and their mapping without a journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from console.channels.imports.facts import FactMaker, Mapped
from console.channels.imports.staging import Staging
from console.channels.imports.ticket_events import TicketEvents
from console.channels.imports.vocabulary import ImpactWords

MAKER = FactMaker(format="ticket-events", source="ticket-events")


def row(type: str, minute: int = 0, ticket: str = "T-1", **more: Any) -> dict[str, Any]:
    """A row of ticket events on 14 October 2025, some minutes after 12:00 UTC."""
    return {"ticket": ticket, "at": f"2025-10-14T{12 + minute // 60:02d}:{minute % 60:02d}:00Z", "type": type, **more}


def mapped(
    rows: Sequence[Mapping[str, Any] | bytes], impacts: Mapping[str, str] | None = None
) -> tuple[list[Mapped], list[tuple[int, str]], TicketEvents]:
    """Every row that reached its ticket, in order, and the lines that were rejected before."""
    mapper = TicketEvents(MAKER, ImpactWords(impacts))
    lines = enumerate((line if isinstance(line, bytes) else msgspec.json.encode(line) for line in rows), 1)
    with Staging() as staging:
        for _ in mapper.stage(lines, staging):
            pass
        facts = [fact for ticket in staging.tickets() for fact in mapper.facts(ticket)]
        return facts, [(rejected.line, rejected.reason) for rejected in staging.rejected()], mapper
