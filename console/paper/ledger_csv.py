"""The ledger of an account for billing, as CSV and as JSON.

Source: spec pro_services.md 2 (consequence 9); columns, units and what billing can rely on: `docs/pro-exports.md`.
Pure; called by the window and the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from console.desk.pro.views import LedgerRow, LedgerView
from console.domain.errors import ConsoleError
from console.domain.words import iso
from console.paper.billing_cells import amounts, csv_text, hours, instants

COLUMNS: Final = (
    "account",
    "lot",
    "kind",
    "cause",
    "at_utc",
    "at_local",
    "zone",
    "text",
    "change_ms",
    "change_hours",
    "balance_ms",
    "balance_hours",
)
REMARK: Final = "remark"
"""The kind of the rows behind the ledger: time that no lot could take or give back, for billing to decide."""


class IncompleteLedger(ConsoleError):
    """The account has facts that a newer version wrote: its sums here are not those of billing."""


def ledger_csv(view: LedgerView) -> str:
    """The lines that happened, oldest first, then the remarks; planned lines are left out.

    Errors: IncompleteLedger, because a CSV has no place to say so.
    """
    if view.needs_newer_app:
        raise IncompleteLedger(
            f"The ledger of {view.account} was not exported: a newer Support Console wrote some of it. Update first."
        )
    empty = dict.fromkeys(COLUMNS)
    own = {"account": view.account, "zone": view.zone}
    rows = [{**own, **line} for line in _lines(view)]
    rows += [{**empty, "account": view.account, "kind": REMARK, "text": remark} for remark in view.remarks]
    return csv_text(COLUMNS, rows)


def ledger_json(view: LedgerView) -> dict[str, Any]:
    """The same for programs, texts as they were written. `complete` is false where the sums cannot be relied on."""
    period = None if view.period is None else [iso(at) for at in view.period]
    return {
        "account": view.account,
        "zone": view.zone,
        "as_of": iso(view.as_of),
        "period": period,
        "complete": not view.needs_newer_app,
        "lines": list(_lines(view)),
        "balance_ms": view.balance_ms,
        "balance_hours": hours(view.balance_ms),
        "remarks": list(view.remarks),
    }


def _lines(view: LedgerView) -> Iterator[dict[str, Any]]:
    return (_line(row, view.zone) for row in view.rows if row.kind != "planned")


def _line(row: LedgerRow, zone: str) -> dict[str, Any]:
    return {
        "lot": row.lot,
        "kind": row.kind,
        "cause": row.cause,
        **instants("at", row.at, zone),
        "text": row.text,
        **amounts("change", row.change_ms),
        **amounts("balance", row.balance_ms),
    }
