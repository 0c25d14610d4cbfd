"""What a row of the engagements says: its group, state, hours and slot, and its sentence for people who listen.

Pure; durations and instants come from `console.domain.words`. Functions that depend on the present take `now` (epoch
ms); `zone` is that of the service window. Called by the model, the delegate and the section.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from console.domain import words
from console.domain.calendar import Period
from ui.pro import amounts
from ui.pro.amounts import amount, floored

if TYPE_CHECKING:
    from console.desk.pro.views import EngagementRow, Need

GROUPS: Final[dict[Need, str]] = {
    "gap": "Needs an answer",
    "running": "Running",
    "slot_today": "Slot today",
    "carried": "Carried",
    "expiring": "Hours expire soon",
    "gate": "Gate open",
    "ready": "Ready",
    "closed": "Closed",
}
"""The groups of the list by what their engagements wait for, in their order."""

_STATES: Final[dict[str, tuple[str, str]]] = {
    "purchased": ("Purchased", "channel-purchase"),
    "preparing": ("Preparing", "scope"),
    "ready": ("Ready", "calendar"),
    "running": ("Running", "play"),
    "paused": ("Paused", "pause"),
    "carried": ("Carried over", "arrow"),
    "closed": ("Closed", "stop"),
}
"""The word and the icon of each state of a session (spec pro_services.md 2)."""

_CLOSED: Final[dict[str | None, tuple[str, str]]] = {
    "completed": ("Completed", "check"),
    "exhausted": ("Hours used up", "stop"),
    "expired": ("Hours expired", "clock"),
    "revoked": ("Hours revoked", "undo"),
}


def state(row: EngagementRow) -> tuple[str, str]:
    """The state of the session as a word, and the icon that stands before it."""
    if row.state == "closed":
        return _CLOSED.get(row.detail, _STATES["closed"])
    return _STATES[row.state]


def state_detail(row: EngagementRow) -> str:
    """What is said below the state: the kind of a pause, or how much of the gate is in hand."""
    if row.state == "paused":
        return row.detail or ""
    if row.state in ("purchased", "preparing"):
        return f"{row.gate_met} of {row.gate_of} in hand"
    return ""


def hours(row: EngagementRow) -> tuple[str, str]:
    """What is left, and of how much: `4h 33m`, `of 12h`."""
    return amount(floored(row.left_ms)), f"of {amount(floored(row.bought_ms))}"


def expiry(row: EngagementRow, now: int, zone: str) -> str:
    """`expires 31 Oct`: until when the hours can be used. Empty where none are left to expire."""
    if row.expires_at is None or row.left_ms <= 0 or row.state == "closed":
        return ""
    return f"expires {amounts.expiry(row.expires_at, now, zone)}"


def slot(period: Period | None, now: int, zone: str) -> str:
    """`Today, 10:30 AM to 1:30 PM ET`, `Fri 17 Oct, 9:00 AM to 12:00 PM ET`."""
    if period is None:
        return ""
    return words.span(*period, now, zone)


def slot_besides(row: EngagementRow, now: int, zone: str) -> str:
    """The slot, unless what the engagement waits for says the same."""
    told = slot(row.slot, now, zone)
    return "" if told == row.need_text else told


def reference(row: EngagementRow) -> str:
    return "" if row.number is None else f"#{row.number}"


def owner(row: EngagementRow) -> str:
    if row.owner is None:
        return "Nobody owns it"
    return "Owned by you" if row.is_mine else f"Owned by {row.owner}"


def spoken(row: EngagementRow, now: int, zone: str) -> str:
    """The row for people who listen: subject, customer, state, what it waits for, hours, slot, whose it is."""
    word, _ = state(row)
    detail = state_detail(row)
    parts = (
        row.subject.rstrip(". ") or "No subject",
        row.account,
        f"{word}, {detail}" if detail else word,
        row.need_text.rstrip(". "),
        f"{amounts.spoken(row.left_ms)} left of {amounts.spoken(row.bought_ms)}",
        slot_besides(row, now, zone),
        expiry(row, now, zone),
        owner(row),
    )
    return ". ".join(part[0].upper() + part[1:] for part in parts if part) + "."


def tooltip(row: EngagementRow, zone: str) -> str:
    """What a row may have to cut, whole; and the exact instant at which its hours expire."""
    parts = [row.subject, row.need_text]
    if row.expires_at is not None and row.state != "closed":
        parts.append(f"Hours expire {words.full(row.expires_at, zone)}")
    return "\n".join(part for part in parts if part)


def cells(row: EngagementRow, now: int, zone: str) -> tuple[str, ...]:
    """The row for a sheet or a mail: number, subject, customer, state, what it waits for, left, bought, slot, expiry,
    owner."""
    return (
        reference(row) or row.ticket,
        row.subject,
        row.account,
        state(row)[0],
        row.need_text,
        amount(floored(row.left_ms)),
        amount(floored(row.bought_ms)),
        slot(row.slot, now, zone),
        words.full(row.expires_at, zone) if row.expires_at is not None else "",
        row.owner or "",
    )
