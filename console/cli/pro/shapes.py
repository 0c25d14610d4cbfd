"""The JSON of the `pro` commands. Pure.

Keys, their order and their words are a promise; instants are ISO 8601 in UTC with milliseconds, lengths are seconds (an
int when whole), signed as in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.cli.shapes import seconds
from console.desk.pro.views import (
    ConsentLine,
    EngagementPage,
    EngagementRow,
    GapQuestion,
    Hours,
    LedgerRow,
    ScopeView,
    SlotLine,
)
from console.domain.calendar import Period
from console.domain.pro_figures import Difference, LateWork, PeriodRow
from console.domain.pro_running import Running, elapsed_ms, left_ms, nearest_limit, today_ms
from console.domain.pro_slots import SlotOffer
from console.domain.words import iso


def row_shape(row: EngagementRow) -> dict[str, Any]:
    """One engagement of `pro list`; `pro show` begins with the same keys."""
    return {
        "ticket": row.ticket,
        "number": row.number,
        "account": row.account,
        "subject": row.subject,
        "contact": row.contact,
        "owner": row.owner,
        "mine": row.is_mine,
        "state": row.state,
        "detail": row.detail,
        "need": row.need,
        "need_text": row.need_text,
        "bought_seconds": seconds(row.bought_ms),
        "left_seconds": seconds(row.left_ms),
        "expires_at": instant(row.expires_at),
        "slot": None if row.slot is None else span(row.slot),
        "gate_met": row.gate_met,
        "gate_of": row.gate_of,
    }


def page_shape(page: EngagementPage) -> dict[str, Any]:
    """Everything about one engagement."""
    return {
        **row_shape(page.row),
        "as_of": iso(page.as_of),
        "zone": page.zone,
        "session": page.session,
        "hours": hours_shape(page.hours),
        "scope": scope_shape(page.scope),
        "access": [{"item": line.item, "received": line.received, "text": line.text} for line in page.access],
        "gate": [{"part": line.subject, "met": line.met, "text": line.text} for line in page.gate],
        "consents": [consent_shape(line) for line in page.consents],
        "slots": [slot_shape(line) for line in page.slots],
        "running": None if page.running is None else running_shape(page.running, page.as_of),
        "gaps": [gap_shape(gap) for gap in page.gaps],
        "log": [
            {
                "at": iso(line.at),
                "ends_at": instant(line.ends_at),
                "kind": line.kind,
                "text": line.text,
                "aside": line.aside,
                "who": line.who,
            }
            for line in page.log
        ],
        "ledger": [ledger_line_shape(row) for row in page.ledger],
        "undo": None
        if page.undo is None
        else {
            "completion": page.undo.completion,
            "until": iso(page.undo.until),
            "forfeits_seconds": seconds(page.undo.forfeits_ms),
        },
        "may_start": page.running is None and page.may_start is None,
        "why_not": page.may_start,
        "completing_loses_seconds": seconds(page.completing_loses_ms),
        "carries_to": instant(page.carries_to),
        "wrap_up_until": instant(page.wrap_up_until),
        "warnings": list(page.warnings),
        "needs_newer_app": page.needs_newer_app,
    }


def hours_shape(hours: Hours) -> dict[str, Any]:
    return {
        "bought_seconds": seconds(hours.bought_ms),
        "used_seconds": seconds(hours.used_ms),
        "session_seconds": seconds(hours.session_ms),
        "elsewhere_seconds": seconds(hours.elsewhere_ms),
        "open_gap_seconds": seconds(hours.open_gap_ms),
        "planned_seconds": seconds(hours.planned_ms),
        "not_planned_seconds": seconds(hours.not_planned_ms),
        "left_seconds": seconds(hours.left_ms),
        "forfeited_seconds": seconds(hours.forfeited_ms),
        "expired_seconds": seconds(hours.expired_ms),
        "refunded_seconds": seconds(hours.refunded_ms),
        "expires_at": instant(hours.expires_at),
        "purchases": list(hours.purchases),
    }


def scope_shape(scope: ScopeView) -> dict[str, Any]:
    return {
        "version": scope.version,
        "agreed_at": instant(scope.agreed_at),
        "agreed_by": list(scope.agreed_by),
        "items": [
            {
                "id": line.id,
                "title": line.title,
                "done": line.done,
                "current": line.is_current,
                "estimate_seconds": seconds(line.estimate_ms),
                "used_seconds": seconds(line.used_ms),
            }
            for line in scope.lines
        ],
        "requested": [{"at": iso(at), "title": title} for at, title in scope.requested],
        "still_estimated_seconds": seconds(scope.still_estimated_ms),
        "fits": scope.fits,
    }


def running_shape(running: Running, now: int) -> dict[str, Any]:
    """A running session as of an instant; `limit` is the nearest limit if the work goes on."""
    nearest = nearest_limit(running, now)
    return {
        "segment": running.segment,
        "engineer": running.engineer,
        "began_at": iso(running.began_at),
        "paused": None if running.paused is None else running.paused[0],
        "paused_at": None if running.paused is None else iso(running.paused[1]),
        "metered": running.metering,
        "session_seconds": seconds(elapsed_ms(running, now)),
        "today_seconds": seconds(today_ms(running, now)),
        "left_seconds": seconds(left_ms(running, now)),
        "limit": None if nearest is None else nearest.name,
        "limit_at": None if nearest is None else iso(nearest.at),
        "item": running.item,
        "unattended_job": running.unattended_job,
    }


def slot_shape(slot: SlotLine) -> dict[str, Any]:
    return {
        "slot": slot.id,
        "from": iso(slot.begins_at),
        "to": iso(slot.ends_at),
        "seconds": slot.seconds,
        "engineer": slot.engineer,
        "warning": slot.warning,
    }


def consent_shape(consent: ConsentLine) -> dict[str, Any]:
    return {
        "consent": consent.id,
        "from": iso(consent.begins_at),
        "to": iso(consent.ends_at),
        "withdrawn": consent.withdrawn,
        "flaw": consent.flaw,
    }


def gap_shape(gap: GapQuestion) -> dict[str, Any]:
    return {
        "gap": gap.id,
        "ticket": gap.ticket,
        "number": gap.number,
        "account": gap.account,
        "engineer": gap.engineer,
        "from": iso(gap.begins_at),
        "to": iso(gap.ends_at),
        "cause": gap.cause,
        "confidence": gap.confidence,
    }


def ledger_line_shape(row: LedgerRow) -> dict[str, Any]:
    return {
        "at": iso(row.at),
        "kind": row.kind,
        "text": row.text,
        "change_seconds": seconds(row.change_ms),
        "balance_seconds": seconds(row.balance_ms),
        "lot": row.lot,
        "cause": row.cause,
    }


def offer_shape(offer: SlotOffer) -> dict[str, Any]:
    """The slots that can be agreed; `parts` are the stretches of work of one."""
    return {
        "slots": [
            {
                "from": iso(slot.begins_at),
                "to": iso(slot.ends_at),
                "parts": [span(part) for part in slot.parts],
                "same_day": slot.same_day,
                "warning": slot.warning,
            }
            for slot in offer.slots
        ],
        "usable_seconds": seconds(offer.usable_ms),
        "unreserved_seconds": seconds(offer.unreserved_ms),
        "expires_at": instant(offer.expires_at),
        "latest_same_day_start": instant(offer.latest_same_day_start),
        "warnings": list(offer.warnings),
    }


def periods_shape(account: str, periods: Sequence[PeriodRow], late: Sequence[LateWork]) -> dict[str, Any]:
    return {
        "account": account,
        "periods": [
            {
                "period": span(row.period),
                "purchases": list(row.lots),
                "over": row.is_over,
                "closed": row.closing is not None,
            }
            for row in periods
        ],
        "late_work": [
            {
                "entry": work.entry,
                "engineer": work.engineer,
                "ticket": work.ticket,
                "span": None if work.span is None else span(work.span),
            }
            for work in late
        ],
    }


def difference_shape(difference: Difference) -> dict[str, Any]:
    return {
        "purchase": difference.lot,
        "ours_seconds": seconds(difference.ours_ms),
        "billing_seconds": seconds(difference.billing_ms),
        "difference_seconds": seconds(difference.difference_ms),
    }


def span(period: Period) -> list[str]:
    return [iso(at) for at in period]


def instant(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso(at_ms)
