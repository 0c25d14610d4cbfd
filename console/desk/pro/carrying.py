"""Carrying over: where the rest of a session goes on, and the fact that moves its slot there (T9).

Source: spec pro_services.md 3 (2, 3, 4, 22, 31). Called by `work`, `watch` and `pages`. Instants are epoch ms (UTC).
"""

from __future__ import annotations

from datetime import timedelta

from console.desk.pro.acting import Fact
from console.desk.pro.rows import coming_slot
from console.desk.pro.streams import Held, Streams
from console.domain import pro_events as pe
from console.domain.metering import available_ms
from console.domain.pro_account import Booking
from console.domain.pro_slots import go_on_at, goes_on
from console.domain.service_window import service_calendar


def carries_to(streams: Streams, held: Held, ticket: str, now: int, after_ms: int) -> int | None:
    """Where the rest goes on from an instant on; None where nothing is left or fits before the renewal (31)."""
    if not available_ms(held.account, streams.measured(held, now), ticket):
        return None
    slot = coming_slot(held.account, ticket, now)
    busy = [] if slot is None else streams.busy(slot.engineer, but=slot.id)
    off = streams.days_off(held.account, after_ms)
    return go_on_at(held.account, ticket, after_ms, streams.settings, off, busy)


def next_day(streams: Streams, now: int) -> int:
    """The midnight after which a following business day can begin, on the window's wall."""
    calendar = service_calendar(streams.settings, (), now)
    return calendar.to_instant(calendar.local_date(now) + timedelta(days=1), "00:00")


def moved_on(streams: Streams, held: Held, ticket: str, now: int, after_ms: int) -> Fact | None:
    """Moves the engagement's slot to where the rest goes on, from `after_ms` on. It goes on reserving what it reserved;
    only its place changes. None where there is no slot, nothing is left, or nothing fits before the renewal."""
    slot, left = _begun(held, ticket, now), available_ms(held.account, streams.measured(held, now), ticket)
    if slot is None or not left:
        return None
    off, busy = streams.days_off(held.account, after_ms), streams.busy(slot.engineer, but=slot.id)
    span = goes_on(held.account, ticket, after_ms, left, streams.settings, off, busy)
    return None if span is None else Fact(held.stream, pe.SlotMoved(slot=slot.id, begins_at=span[0], ends_at=span[1]))


def _begun(held: Held, ticket: str, now: int) -> Booking | None:
    """The slot whose work is carried over: the last that has begun; one that is still to come stays as agreed."""
    begun = [booking for booking in held.account.bookings_of(ticket) if booking.begins_at <= now]
    ahead = any(booking.begins_at > now for booking in held.account.bookings_of(ticket))
    return None if ahead else max(begun, key=lambda booking: booking.begins_at, default=None)
