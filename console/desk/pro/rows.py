"""Engagements as the list shows them, sorted by what needs doing, and their gates and gaps in words. Pure.

Called by `pages` and the list. Instants are epoch ms (UTC).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Final

from console.desk.pro.views import AccessLine, ConsentLine, EngagementRow, GapQuestion, GateLine, Need, SlotLine
from console.domain.metering import Metering
from console.domain.pro_account import Account, Booking
from console.domain.pro_gate import Missing, Standing, gate, slots_without_hours, standing
from console.domain.pro_settings import ProSettings
from console.domain.queue import QueueRow
from console.domain.service_window import consent_rulings
from console.domain.words import clock_time, day, due, exact, full, local, span
from console.domain.worked_time import Hours, allowed_hours, commenced_at

NEEDS: Final[tuple[Need, ...]] = ("gap", "running", "slot_today", "carried", "expiring", "gate", "ready", "closed")
"""The order of the list."""
_EXPIRES_SOON_MS: Final = 5 * 86_400_000
_GATE: Final = ("access", "scope", "slot", "contact")
_CLOSED: Final = {
    "completed": "Completed",
    "exhausted": "Hours used up",
    "expired": "Hours expired",
    "revoked": "Purchase refunded",
}
GAP_CAUSES: Final = {
    "sleep": "The computer slept",
    "crash": "The console was not running",
    "reboot": "The computer was restarted",
    "idle": "Nobody was at the computer",
}


def engagements_of(account: Account) -> list[str]:
    """The tickets of an account's engagements, those that were only purchased as well. A purchase that feeds another
    engagement has none of its own unless somebody took it up; one that was joined, unless work was agreed for it."""
    joined = {lot for engagement in account.engagements.values() for lot, _ in engagement.joined}
    merged = {lot.ticket for lot in account.lots.values() if lot.id in joined}
    merged -= {b.engagement for b in account.bookings.values()} | {s.engagement for s in account.segments.values()}
    bought = (lot.ticket for lot in account.lots.values() if lot.id not in joined and lot.extends is None)
    return [ticket for ticket in dict.fromkeys((*account.engagements, *bought)) if ticket not in merged]


def engagement_row(
    account: Account,
    metering: Metering,
    ticket: str,
    shown: QueueRow | None,
    name: str,
    settings: ProSettings,
    me: str,
) -> EngagementRow:
    """One engagement as of `metering.as_of`; `shown` is its ticket's row, `name` the account's."""
    now = metering.as_of
    engagement, where = account.engagement(ticket), standing(account, metering, ticket, settings)
    lots = [lot for lot, since in account.feeds(ticket) if since <= now]
    alive = [lot for lot in lots if lot.id in metering.free_ms]
    slot = coming_slot(account, ticket, now)
    missing = gate(account, ticket, settings)
    owner = engagement.owners[-1][1] if engagement.owners else None
    left = sum(metering.free_ms[lot.id] for lot in alive)
    expires_at = min((lot.expires_at for lot in alive), default=None)
    soonest = sum(metering.free_ms[lot.id] for lot in alive if lot.expires_at == expires_at)
    need = _need(account, ticket, where, slot, now, soonest, expires_at, settings)
    return EngagementRow(
        ticket=ticket,
        number=None if shown is None else shown.number,
        subject="Pro Services" if shown is None else shown.subject,
        account=name,
        contact=engagement.contact or (None if shown is None else shown.contact),
        owner=owner,
        state=where.state,
        detail=where.detail,
        need=need,
        need_text=_need_text(account, ticket, need, where, slot, missing, now, soonest, expires_at, settings),
        bought_ms=sum(lot.ms for lot in lots),
        left_ms=left,
        expires_at=expires_at,
        slot=None if slot is None else (slot.begins_at, slot.ends_at),
        gate_met=len(_GATE) - len({m.subject for m in missing} & set(_GATE)),
        gate_of=len(_GATE),
        is_mine=owner == me or (slot is not None and slot.engineer == me),
    )


def coming_slot(account: Account, ticket: str, now: int) -> Booking | None:
    """The agreed slot that runs or comes next; else the last one."""
    slots = sorted(account.bookings_of(ticket), key=lambda booking: booking.begins_at)
    return next((booking for booking in slots if booking.ends_at > now), slots[-1] if slots else None)


def gap_questions(
    account: Account, ticket: str | None, name: str, shown: QueueRow | None, settings: ProSettings
) -> tuple[GapQuestion, ...]:
    """The gaps that wait for an answer, oldest first; of one engagement, or of all where `ticket` is None."""
    found = []
    for gap in account.unanswered(settings.gap_min_s * 1000):
        segment = account.segments[gap.segment]
        if ticket in (None, segment.engagement):
            found.append(
                GapQuestion(
                    id=gap.id,
                    ticket=segment.engagement,
                    number=None if shown is None else shown.number,
                    subject="Pro Services" if shown is None else shown.subject,
                    account=name,
                    engineer=segment.engineer,
                    begins_at=gap.begins_at,
                    ends_at=gap.ends_at,
                    cause=GAP_CAUSES.get(gap.cause, gap.cause),
                    confidence="lower" if gap.confidence == "lower" else "measured",
                )
            )
    return tuple(sorted(found, key=lambda question: question.begins_at))


def gate_lines(
    account: Account, metering: Metering, ticket: str, settings: ProSettings, holidays: Collection[date]
) -> tuple[GateLine, ...]:
    """The parts of the gate in the order of the page, met ones with what is known of them; then after-hours consent."""
    engagement, zone, now = account.engagement(ticket), settings.window_tz, metering.as_of
    missing: dict[str, list[str]] = {}
    for lack in gate(account, ticket, settings):
        missing.setdefault(lack.subject, []).append(lack.what)
    met = {
        "access": ", ".join(access.item for access in engagement.access or ()) or "None is needed",
        "scope": ""
        if engagement.scope is None
        else f"Agreed {day(engagement.scope.agreed_at, zone)} by {' and '.join(engagement.scope.agreed_by)}",
        "slot": _slot_text(coming_slot(account, ticket, now), now, zone),
        "contact": f"{engagement.contact}, partner",
    }
    lines = [GateLine("purchase", False, _sentence(missing["purchase"]))] if "purchase" in missing else []
    lines += [
        GateLine(part, part not in missing, _sentence(missing[part]) if part in missing else met[part])
        for part in _GATE
    ]
    return (*lines, _after_hours(account, metering, ticket, settings, holidays))


def access_lines(account: Account, ticket: str, zone: str) -> tuple[AccessLine, ...]:
    return tuple(
        AccessLine(
            access.item,
            not access.missing,
            f"lost {day(access.lost_at, zone)}"
            if access.lost_at is not None
            else f"received {day(access.received_at, zone)}"
            if access.received_at is not None
            else f"asked for {day(access.listed_at, zone)}",
        )
        for access in account.engagement(ticket).access or ()
    )


def lost_access(account: Account, ticket: str, now: int, zone: str) -> list[str]:
    """What was taken away, a sentence each."""
    return [
        f"Access to the {access.item} was lost {due(access.lost_at, now, zone)}; the clock runs on, because access is "
        "the partner's part (T3)."
        for access in account.engagement(ticket).access or ()
        if access.lost_at is not None
    ]


def consent_lines(
    account: Account, metering: Metering, ticket: str, settings: ProSettings, holidays: Collection[date]
) -> tuple[ConsentLine, ...]:
    """The consents of an engagement, and why those that do not count do not (20, 24)."""
    began = commenced_at(account, ticket)
    start_at = metering.as_of if began is None else began
    calendar = allowed_hours(account, ticket, metering.as_of, settings, holidays).calendar
    given = {id: consent.consent for id, consent in account.consents.items() if consent.engagement == ticket}
    rulings = {r.consent: r.flaw for r in consent_rulings(given.values(), start_at, calendar, settings)}
    return tuple(
        ConsentLine(id, consent.begins_at, consent.ends_at, consent.withdrawn_at is not None, rulings.get(consent))
        for id, consent in given.items()
    )


def slot_lines(
    account: Account,
    metering: Metering,
    ticket: str,
    clashes: Mapping[str, str],
    settings: ProSettings,
    holidays: Collection[date],
) -> tuple[SlotLine, ...]:
    """The agreed slots, with a warning where one cannot be kept: no hours will live then, or it clashes with a holiday
    that came later. `clashes` are sentences by slot."""
    dry = {booking.id for booking in slots_without_hours(account, metering)}
    hours = allowed_hours(account, ticket, metering.as_of, settings, holidays)
    return tuple(
        SlotLine(
            id=booking.id,
            begins_at=booking.begins_at,
            ends_at=booking.ends_at,
            seconds=booking.seconds,
            engineer=booking.engineer,
            parts=tuple(hours.between(booking.begins_at, booking.ends_at)) or ((booking.begins_at, booking.ends_at),),
            moves=booking.moves,
            warning="No hours will be left by then (T7). Agree an earlier slot."
            if booking.id in dry
            else clashes.get(booking.id) or _closed_then(booking, hours, metering.as_of, settings.window_tz),
        )
        for booking in _shown_slots(account, ticket, metering.as_of)
    )


def _closed_then(booking: Booking, hours: Hours, now: int, zone: str) -> str | None:
    """A slot to come at whose beginning no work may start: consent for it may still be given (T12)."""
    begins = booking.begins_at
    if begins <= now or hours.between(begins, begins + 1):
        return None
    return (
        f"The slot at {full(begins, zone)} begins outside the service window, and no consent that counts allows it "
        "(T12)."
    )


def _shown_slots(account: Account, ticket: str, now: int) -> list[Booking]:
    """The slots that run or come, else the last one."""
    slots = sorted(account.bookings_of(ticket), key=lambda booking: booking.begins_at)
    return [booking for booking in slots if booking.ends_at > now] or slots[-1:]


def _need(
    account: Account,
    ticket: str,
    where: Standing,
    slot: Booking | None,
    now: int,
    soonest_ms: int,
    expires_at: int | None,
    settings: ProSettings,
) -> Need:
    ids = {segment.id for segment in account.segments_of(ticket)}
    today = local(now, settings.window_tz).date()
    if any(gap.segment in ids for gap in account.unanswered(settings.gap_min_s * 1000)):
        return "gap"
    if where.state in ("running", "paused"):
        return "running"
    if where.state == "closed":
        return "closed"
    if slot is not None and slot.ends_at > now and local(slot.begins_at, settings.window_tz).date() <= today:
        return "slot_today"
    if where.state == "carried":
        return "carried"
    if soonest_ms and expires_at is not None and expires_at - now <= _EXPIRES_SOON_MS:
        return "expiring"
    return "ready" if where.state == "ready" else "gate"


def _need_text(
    account: Account,
    ticket: str,
    need: Need,
    where: Standing,
    slot: Booking | None,
    missing: tuple[Missing, ...],
    now: int,
    soonest_ms: int,
    expires_at: int | None,
    settings: ProSettings,
) -> str:
    zone = settings.window_tz
    lacks = f"missing: {', '.join(dict.fromkeys(lack.subject for lack in missing))}" if missing else ""
    match need:
        case "gap":
            return "Say what happened in the gap"
        case "running":
            # A clock that was set back stands before the end of what is over.
            on = [s for s in account.segments_of(ticket) if s.ended_at is None or s.ended_at > now]
            since, by = min(s.began_at for s in on), ", ".join(dict.fromkeys(s.engineer for s in on))
            return (
                f"Interrupted: {where.detail}" if where.state == "paused" else f"{by}, since {clock_time(since, zone)}"
            )
        case "slot_today" if slot is not None:
            return "; ".join(part for part in (span(slot.begins_at, slot.ends_at, now, zone), lacks) if part)
        case "carried":
            return (
                f"Goes on {due(slot.begins_at, now, zone)}"
                if slot is not None and slot.ends_at > now
                else "Agree when it goes on"
            )
        case "expiring" if expires_at is not None:
            return "; ".join(
                part for part in (f"{exact(soonest_ms)} expire {due(expires_at, now, zone)}", lacks) if part
            )
        case "closed":
            return _CLOSED.get(where.detail or "", "Closed")
        case "ready" if slot is not None:
            return span(slot.begins_at, slot.ends_at, now, zone)
    return lacks[:1].upper() + lacks[1:]


def _slot_text(slot: Booking | None, now: int, zone: str) -> str:
    return "" if slot is None else span(slot.begins_at, slot.ends_at, now, zone)


def _after_hours(
    account: Account, metering: Metering, ticket: str, settings: ProSettings, holidays: Collection[date]
) -> GateLine:
    now, zone = metering.as_of, settings.window_tz
    hours = allowed_hours(account, ticket, now, settings, holidays)
    coming = [agreed for agreed in hours.consented if agreed[1] > now]
    if coming:
        return GateLine("after_hours", True, f"Consent for {span(*coming[0], now, zone)}")
    lines = consent_lines(account, metering, ticket, settings, holidays)
    flawed = next((line for line in lines if line.flaw is not None and line.ends_at > now), None)
    if flawed is not None:
        return GateLine("after_hours", False, f"The consent does not count: it {flawed.flaw}")
    closes = next((closes for _, closes in hours.calendar.periods_after(now)), None)
    stop = "" if closes is None else f", stop by {due(closes, now, zone)}"
    return GateLine("after_hours", False, f"No consent{stop}")


def _sentence(clauses: list[str]) -> str:
    text = "; ".join(clauses)
    return text[:1].upper() + text[1:]


def sorted_by_need(rows: Iterator[EngagementRow]) -> tuple[EngagementRow, ...]:
    """The most pressing need first; within one the earliest slot, then the earliest expiry."""
    late = 2**62
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                NEEDS.index(row.need),
                row.slot[0] if row.slot is not None else late,
                row.expires_at or late,
                row.number or 0,
                row.ticket,
            ),
        )
    )
