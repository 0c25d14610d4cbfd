"""The timesheet of an account for billing, as CSV and as JSON: a row for each segment and day.

Source: spec pro_services.md 3 (D7); columns, units and what billing can rely on: `docs/pro-exports.md`. Pure; called by
the window and the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from console.domain.calendar import Period
from console.domain.pro_figures import TimesheetRow
from console.domain.words import iso
from console.paper.billing_cells import amounts, csv_text, hours, instants

COLUMNS: Final = (
    "account",
    "date",
    "engineer",
    "ticket",
    "ticket_number",
    "cause",
    "begins_utc",
    "begins_local",
    "ends_utc",
    "ends_local",
    "zone",
    "metered_ms",
    "metered_hours",
    "unmetered_ms",
    "unmetered_hours",
    "why",
    "notes",
)
_BETWEEN_NOTES: Final = " / "


def timesheet_csv(
    rows: Iterable[TimesheetRow], *, account: str, zone: str, numbers: Mapping[str, int | None] | None = None
) -> str:
    """The rows in their order. `zone` is the service window's; `numbers` are the tickets' numbers by their ids, as far
    as they are known."""
    own = {"account": account, "zone": zone}
    told = (_told(row, zone, numbers or {}) for row in rows)
    return csv_text(COLUMNS, ({**own, **row, "notes": _BETWEEN_NOTES.join(row["notes"])} for row in told))


def timesheet_json(
    rows: Sequence[TimesheetRow],
    *,
    account: str,
    zone: str,
    period: Period,
    numbers: Mapping[str, int | None] | None = None,
) -> dict[str, Any]:
    """The same for programs, texts as they were written, with the sums of the rows."""
    metered_ms, unmetered_ms = sum(row.metered_ms for row in rows), sum(row.unmetered_ms for row in rows)
    return {
        "account": account,
        "zone": zone,
        "period": [iso(at) for at in period],
        "rows": [_told(row, zone, numbers or {}) for row in rows],
        "metered_ms": metered_ms,
        "metered_hours": hours(metered_ms),
        "unmetered_ms": unmetered_ms,
        "unmetered_hours": hours(unmetered_ms),
    }


def _told(row: TimesheetRow, zone: str, numbers: Mapping[str, int | None]) -> dict[str, Any]:
    return {
        "date": row.day.isoformat(),
        "engineer": row.engineer,
        "ticket": row.ticket,
        "ticket_number": numbers.get(row.ticket),
        "cause": row.cause,
        **instants("begins", row.begins_at, zone),
        **instants("ends", row.ends_at, zone),
        **amounts("metered", row.metered_ms),
        **amounts("unmetered", row.unmetered_ms),
        "why": row.why,
        "notes": list(row.notes),
    }
