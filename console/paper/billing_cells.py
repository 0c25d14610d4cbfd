"""What cells of the exports for billing look like: exact amounts, instants, texts that are no formulas.

Source: `docs/pro-exports.md`. Pure; called by `ledger_csv` and `timesheet_csv`. Instants are epoch ms, amounts ms.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from console.domain.words import iso, local
from console.paper.customer_text import spreadsheet_text

_HOUR_MS: Final = 3_600_000
_DECIMALS: Final = 4


def hours(ms: int) -> float:
    """Hours with four decimals, for people: to be read, not to be added up."""
    return round(ms / _HOUR_MS, _DECIMALS) + 0.0


def wall_time(at_ms: int, zone: str) -> str:
    """`2027-01-12 10:00:00`, which a spreadsheet reads as a date and a time."""
    return f"{local(at_ms, zone):%Y-%m-%d %H:%M:%S}"


def instants(name: str, at_ms: int, zone: str) -> dict[str, str]:
    """An instant in UTC, and as a wall time of a zone."""
    return {f"{name}_utc": iso(at_ms), f"{name}_local": wall_time(at_ms, zone)}


def amounts(name: str, ms: int) -> dict[str, int | float]:
    """An amount exactly, and in hours."""
    return {f"{name}_ms": ms, f"{name}_hours": hours(ms)}


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as RFC 4180 has them: a heading, CRLF line ends, quotes where a cell needs them. None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return spreadsheet_text(value)
        case float():
            return f"{value:.{_DECIMALS}f}"
        case _:
            return str(value)
