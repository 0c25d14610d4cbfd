"""The gate of an engagement and where its session stands: what is missing before work may start, and what it is now.

Source: spec pro_services.md 1 (T1 to T6), 2 and 3 (D4). Pure; called by `pro_rulings`, the list of engagements and the
session page. Instants are epoch ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from console.domain.metering import Metering, available_ms
from console.domain.pro_account import Account, Booking, Engagement
from console.domain.pro_settings import ProSettings
from console.domain.words import day

SessionState = Literal["purchased", "preparing", "ready", "running", "paused", "carried", "closed"]
CloseReason = Literal["completed", "exhausted", "expired", "revoked"]

_BOTH_SIDES: Final = 2


class Missing(msgspec.Struct, frozen=True):
    """One thing that the gate waits for: a clause, what the terms say about it, and since when it has been agreed."""

    what: str
    term: str
    subject: Literal["scope", "access", "contact", "slot", "purchase"]


class Standing(msgspec.Struct, frozen=True):
    """The state of an engagement's session, with the kind of pause or the reason of its end."""

    state: SessionState
    detail: str | None = None


def gate(account: Account, engagement_id: str, settings: ProSettings, at_ms: int | None = None) -> tuple[Missing, ...]:
    """What is missing before the work may start, in the order of the terms; by `at_ms` where work is entered late."""
    return tuple(_missing(account, account.engagement(engagement_id), settings.window_tz, at_ms))


def _missing(account: Account, engagement: Engagement, zone: str, at_ms: int | None) -> Iterator[Missing]:
    scope = engagement.scope if at_ms is None else engagement.scopes[0] if engagement.scopes else None
    if next(account.feeds(engagement.id), None) is None:
        yield Missing("no purchase feeds this ticket", "Work follows only from a purchase's ticket (T2)", "purchase")
    if scope is None or not _by_then(scope.agreed_at, at_ms):
        yield Missing("the scope is not agreed in writing", "The terms ask for it before work starts (T3)", "scope")
    elif len(set(scope.agreed_by)) < _BOTH_SIDES:
        yield Missing("only one side agreed the scope", "Engineer and customer agree it (T4)", "scope")
    if engagement.access is None:
        yield Missing("what access is needed is not listed", "The terms ask for it before work starts (T3)", "access")
    for access in engagement.access or ():
        received = access.received_at is not None and _by_then(access.received_at, at_ms)
        if not received or (access.missing and at_ms is None):
            what = f"access to the {access.item} is missing (agreed {day(access.listed_at, zone)})"
            yield Missing(what, "The terms ask for it before work starts (T3)", "access")
    if engagement.contact is None or not engagement.contact_is_partner:
        who = f"{engagement.contact} is no partner" if engagement.contact else "there is no contact at the partner"
        yield Missing(who, "Engineers deal with partners only (T5)", "contact")
    if not _slot_is_agreed(account, engagement.id, at_ms):
        yield Missing("no slot is agreed", "Engineer and customer agree the time (T4)", "slot")


def _slot_is_agreed(account: Account, engagement_id: str, at_ms: int | None) -> bool:
    """Now, or by `at_ms`: a slot that was released since was agreed all the same."""
    if at_ms is None:
        return bool(account.bookings_of(engagement_id))
    return any(
        booking.engagement == engagement_id
        and booking.reserves[0][0] <= at_ms
        and (booking.released_at is None or at_ms < booking.released_at)
        for booking in account.bookings.values()
    )


def standing(account: Account, metering: Metering, engagement_id: str, settings: ProSettings) -> Standing:
    """Where the session stands at `metering.as_of`."""
    now = metering.as_of
    segments = [s for s in account.segments_of(engagement_id) if s.began_at <= now and s.purpose != "wrapup"]
    running = [s for s in segments if s.ended_at is None or s.ended_at > now]
    left = available_ms(account, metering, engagement_id)
    if running:
        ids = {segment.id for segment in running}
        pauses = [p for p in account.pauses.values() if p.segment in ids and p.began_at <= now]
        paused = next((p for p in pauses if p.ended_at is None or p.ended_at > now), None)
        return Standing("running") if paused is None else Standing("paused", paused.kind)
    completion = account.completion_of(engagement_id)
    booked_since = completion is not None and any(
        booking.reserves[0][0] > completion.at for booking in account.bookings_of(engagement_id)
    )
    if completion is not None and not booked_since:
        return Standing("closed", "completed")
    if not left and segments:
        return Standing("closed", _ended_by(account, metering, engagement_id))
    if segments:
        return Standing("carried")
    if not any(lot.id in metering.free_ms for lot, _ in account.feeds(engagement_id)) and account.lots:
        return Standing("closed", _ended_by(account, metering, engagement_id))
    if account.engagement(engagement_id).opened_at is None:
        return Standing("purchased")
    return Standing("preparing" if gate(account, engagement_id, settings) else "ready")


def slots_without_hours(account: Account, metering: Metering) -> tuple[Booking, ...]:
    """The agreed slots to come for which no living hours will be left: each is an alarm, after a renewal that billing
    moved earlier (38) or a refund (79)."""
    return tuple(
        booking
        for booking in account.bookings.values()
        if booking.released_at is None
        and booking.begins_at >= metering.as_of
        and not any(
            lot.id in metering.free_ms and booking.begins_at < lot.expires_at
            for lot, _ in account.feeds(booking.engagement)
        )
    )


def _ended_by(account: Account, metering: Metering, engagement_id: str) -> CloseReason:
    """What ended the hours: the lots' own last lines say it."""
    lots = {lot.id for lot, _ in account.feeds(engagement_id)}
    kinds = {line.kind for line in metering.lines if line.lot in lots and line.ms}
    if "expired" in kinds:
        return "expired"
    return "revoked" if "refunded" in kinds else "exhausted"


def _by_then(at: int, then: int | None) -> bool:
    return then is None or at <= then
