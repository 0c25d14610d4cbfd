"""What a row of the queue says: its chip, its second line, and its sentence for people who listen.

Pure; durations and names come from `console.domain.words`. A row holds nothing that depends on the present, so every
function takes `now` (epoch ms). Called by the delegate and the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.domain import words
from console.domain.names import name_key
from console.domain.queue import Level, QueueRow, View, level

UNASSESSED: Final = "not assessed"
MINUTE_MS: Final = 60_000
SECONDS_UNDER_MS: Final = 600_000
"""Under ten minutes a label counts seconds."""

VIEW_TITLES: Final[dict[View, str]] = {
    View.MINE: "My tickets",
    View.UNASSIGNED: "Unassigned",
    View.BREACHED: "Breached",
    View.DUE_SOON: "Due in 60 minutes",
    View.WAITING: "Waiting on customer",
    View.TO_ASSESS: "To assess",
    View.ALL_OPEN: "All open",
}

CHANNEL_ICONS: Final[dict[str, str]] = {
    "email": "channel-email",
    "mail": "channel-email",
    "chat": "channel-chat",
    "portal": "channel-portal",
    "web": "channel-portal",
    "monitoring": "channel-monitoring",
    "alert": "channel-monitoring",
    "purchase": "channel-purchase",
    "phone": "phone",
    "call": "phone",
    "import": "link",
}


@dataclass(frozen=True, slots=True)
class ChipFace:
    """The chip of a row at an instant; `fraction` is the share of the time to the due instant that is left."""

    level: Level
    text: str
    fraction: float


def chip_face(row: QueueRow, now: int) -> ChipFace:
    """The chip of the most urgent clock: time left rounded down, overdue rounded up, frozen while paused."""
    now_level = level(row, now)
    if now_level == "none":
        return ChipFace("none", "", 0.0)
    if now_level == "met":
        return ChipFace("met", "Met", 1.0)
    if now_level == "paused":
        return ChipFace("paused", words.remaining(row.left_ms or 0), 0.0)
    due_at = row.due_at or 0
    whole = due_at - (row.activated_at if row.activated_at is not None else due_at)
    fraction = min(max((due_at - now) / whole, 0.0), 1.0) if whole > 0 else 0.0
    return ChipFace(now_level, words.remaining(due_at - now), fraction)


def clock_name(row: QueueRow) -> str:
    """What stands below the chip: the clock's name, or the status where no clock runs."""
    if row.next_metric is not None:
        return words.METRIC_NAMES[row.next_metric]
    return words.STATUS_NAMES[row.status]


def is_business_critical(row: QueueRow) -> bool:
    return row.plan is not None and name_key(row.plan) == "business critical"


def reference(row: QueueRow) -> str:
    """`#48177`, or the name that the ticket had where it was imported from, or `new` until the hub gave it a number."""
    if row.number is not None:
        return f"#{row.number}"
    return row.external_ref or "new"


def is_new(row: QueueRow) -> bool:
    """Whether a ticket has not been at the hub yet, so that nobody else can name it."""
    return row.number is None and not row.external_ref


def customer(row: QueueRow) -> str:
    """Account, else contact, else the ticket's own reference: the line is never empty without need."""
    return row.account or row.contact or row.external_ref or ("" if is_new(row) else reference(row))


def channel_icon(row: QueueRow) -> str:
    return CHANNEL_ICONS.get(name_key(row.channel), "channel-portal")


def next_change_ms(row: QueueRow, now: int) -> int | None:
    """In how many ms the row's level becomes another, or its label if that counts seconds; None when never.

    Labels of ten minutes and more change with the shared minute and are not counted here.
    """
    if row.due_at is None:
        return None
    left = row.due_at - now
    if left < 0:
        return None
    crossings = [at - now for at in (row.soon_at, row.risk_at) if at is not None and at > now]
    crossings.append(left + 1)  # at exactly the due instant it is not breached yet
    if left < SECONDS_UNDER_MS:
        crossings.append(left % 1000 + 1)
    else:
        crossings.append(left - SECONDS_UNDER_MS + 1)
    return max(min(crossings), 1)


def spoken(row: QueueRow, now: int, me: str, *, drafted: bool = False) -> str:
    """The row for people who listen: subject, customer, clock, state, time, impact, assignee (design language 8).

    A ticket with a half-written reply or note says so at the end.
    """
    parts = [row.subject.rstrip(". ") or "No subject"]
    if who := customer(row):
        parts.append(who)
    parts.append(spoken_clock(row, now))
    parts.append(words.IMPACT_NAMES[row.impact] if row.impact is not None else "Impact not assessed")
    if row.assignee is None:
        parts.append("Unassigned")
    else:
        parts.append("Assigned to you" if row.assignee == me else f"Assigned to {row.assignee}")
    if is_new(row):
        parts.append("No number yet")
    if drafted:
        parts.append("Has a draft")
    return ". ".join(parts) + "."


def tooltip(row: QueueRow, now: int, zone: str, open_left_ms: int | None = None) -> str:
    """The whole subject, and when exactly the clock is due in the policy's zone.

    `open_left_ms` is the open time until then; where that is less than the time on the wall, it is said too.
    """
    if row.due_at is None or row.next_metric is None:
        return row.subject
    verb = "was due" if now > row.due_at else "due"
    due = f"{words.METRIC_NAMES[row.next_metric]} {verb} {words.full(row.due_at, zone)}"
    if open_left_ms is not None and row.due_at - now - open_left_ms >= MINUTE_MS:
        due += f", {words.exact(open_left_ms // MINUTE_MS * MINUTE_MS)} of open hours"
    return f"{row.subject}\n{due}"


def cells(row: QueueRow, now: int, zone: str) -> tuple[str, ...]:
    """The row for a sheet or a mail: number, subject, customer, product, plan, impact, status, assignee, clock, due,
    time left."""
    return (
        reference(row),
        row.subject,
        row.account or row.contact or "",
        row.product or "",
        row.plan or "",
        words.IMPACT_NAMES[row.impact] if row.impact is not None else "Not assessed",
        words.STATUS_NAMES[row.status],
        row.assignee or "",
        words.METRIC_NAMES[row.next_metric] if row.next_metric is not None else "",
        words.full(row.due_at, zone) if row.due_at is not None else "",
        chip_face(row, now).text,
    )


def spoken_clock(row: QueueRow, now: int) -> str:
    """`Next reply at risk, 18 minutes left`."""
    state = level(row, now)
    if row.next_metric is None:
        return "All clocks met" if state == "met" else f"No clock, {words.STATUS_NAMES[row.status].lower()}"
    left = row.left_ms or 0 if state == "paused" else (row.due_at or now) - now
    name = words.METRIC_NAMES[row.next_metric]
    return f"{name} {words.LEVEL_NAMES[state]}, {words.spoken_duration(left)}"
