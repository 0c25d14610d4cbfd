"""What the timer of a session says: whether it runs, its figures, what it waits for, and how it ended.

Pure; works everything out of a page by arithmetic (`domain.pro_running`), so that it can be asked each second. Instants
are epoch ms. Called by the timer card, its head and the day ruler.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from console.domain import words
from console.domain.calendar import Period
from console.domain.pro_running import elapsed_ms, nearest_limit, today_ms, warning_sentence
from ui.pro.amounts import amount, floored

if TYPE_CHECKING:
    from console.desk.pro.views import EngagementPage
    from console.domain.metering import LimitName
    from console.domain.pro_running import Running

WARN_MS: Final = 30 * 60_000
"""From so long before the nearest limit on it is warned of (spec pro_services.md 2)."""

LIMITS: Final[dict[LimitName, str]] = {
    "allocation": "Hours end",
    "window": "Window closes",
    "consent": "Consent ends",
    "renewal": "Renewal",
}
_TEN_MINUTES_MS: Final = 600_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure beside the timer. Where there is no room for all, those of the highest `rank` give way."""

    name: str
    value: str
    rank: int


def timer(ms: int) -> str:
    """`1:12:46`: what a running timer shows, whole seconds that have passed."""
    seconds = max(ms, 0) // 1000
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


def countdown(ms: int) -> str:
    """Time ahead, never more than there is: `1h 43m`, and under ten minutes `8m 14s`."""
    ms = max(ms, 0)
    return amount(floored(ms) if ms >= _TEN_MINUTES_MS else floored(ms, 1000))


def counted(is_metered: bool) -> str:
    return "counted" if is_metered else "not counted"


def slot(period: Period, now: int, zone: str) -> str:
    """`today 10:30 AM to 1:30 PM ET`, `tomorrow ...`, `Fri 17 Oct, 9:00 AM to 12:00 PM ET`."""
    begins, ends = period
    away = words.local(begins, zone).date() - words.local(now, zone).date()
    day = {0: "today ", 1: "tomorrow "}.get(away // timedelta(days=1), f"{words.day(begins, zone)}, ")
    hours = f"{words.clock_time(begins, zone)} to {words.clock_time(ends, zone)}"
    return f"{day}{hours} {words.zone_short(zone, ends)}"


def warning(running: Running, now: int, zone: str) -> str | None:
    """What the nearest limit means, once it is within half an hour; a clause, as the domain says it."""
    nearest = nearest_limit(running, now)
    if nearest is None or nearest.at - now > WARN_MS:
        return None
    return warning_sentence(running, now, zone)


def sentence(clause: str) -> str:
    """A clause as a sentence of its own."""
    return f"{clause[:1].upper()}{clause[1:]}."


def title(page: EngagementPage) -> str:
    """What the running timer is called: that it runs, or what interrupts it and whether that is counted."""
    running = page.running
    if running is None:
        return f"Session {page.session}"
    told = f"Session {page.session}"
    if running.paused is not None:
        told += f" is interrupted: {running.paused[0]}, {counted(running.metering)}"
    elif running.unattended_job:
        told += f" runs by itself: {running.unattended_job}"
    else:
        told += " is running" if running.metering else " is running, not counted"
    if running.weight > 1:
        told += f". {running.weight} engineers are counted"
    return told if page.row.is_mine else f"{told}. {running.engineer} is at work"


def interrupted_ms(page: EngagementPage, now: int) -> int:
    """How long the work of the day was interrupted without being counted."""
    running = page.running
    open_since = 0 if running is None or running.metering else max(0, now - running.as_of)
    return sum(ends - begins for begins, ends in page.ruler.paused) + open_since


def figures(page: EngagementPage, now: int) -> tuple[Figure, ...]:
    """When the running segment began, what interrupted it, when the slot ends, and the nearest limit by its name."""
    running, zone = page.running, page.zone
    if running is None:
        return ()

    def at(instant: int) -> str:
        return _short_due(instant, now, zone)

    found = [Figure("Started", at(running.began_at), 3)]
    today = today_ms(running, now)
    if today != elapsed_ms(running, now):
        found.append(Figure("Today", amount(floored(today)), 4))
    found.append(Figure("Interrupted", amount(floored(interrupted_ms(page, now))), 2))
    if running.slot is not None:
        ends = running.slot[1]
        found.append(Figure("Slot ends" if now < ends else "Slot ended", at(ends), 1))
    nearest = nearest_limit(running, now)
    if nearest is not None:
        found.append(Figure(LIMITS[nearest.name], at(nearest.at), 0))
    named = None if nearest is None else nearest.name
    if running.range_ends_at is not None and running.range_end not in (None, named):
        found.append(Figure(LIMITS[running.range_end], at(running.range_ends_at), 5))
    return tuple(found)


def waiting(page: EngagementPage, now: int) -> tuple[str, str]:
    """What a session that does not run waits for, or how it ended; and what is said below it."""
    row = page.row
    agreed = None if row.slot is None else slot(row.slot, now, page.zone)
    is_over = row.slot is not None and row.slot[1] <= now
    when = f"Slot was {agreed}" if is_over else f"Slot {agreed}"
    match row.state:
        case "closed":
            return _closed(page), _used(page)
        case "carried":
            goes_on = "Agree a slot to go on" if agreed is None or is_over else f"Goes on {agreed}"
            return f"Carried over. {goes_on}", _used(page)
        case "ready":
            return f"Ready. {when}" if agreed else "Ready", _until(page, now)
        case "purchased" | "preparing":
            return f"Not ready yet, {row.gate_met} of {row.gate_of} in hand", when if agreed else ""
        case _:
            return f"Session {page.session} runs elsewhere", ""


def undo(page: EngagementPage, now: int) -> str | None:
    """The completion that can still be taken back: `Completed, 45m lost. Undo until 11:25 AM ET.`"""
    if page.undo is None or now >= page.undo.until:
        return None
    lost = floored(page.undo.forfeits_ms, 1000)
    return f"{f'Completed, {amount(lost)} lost' if lost else 'Completed, nothing lost'}. Undo until " + (
        f"{words.due(page.undo.until, now, page.zone)}."
    )


def wrap_up(page: EngagementPage, now: int) -> str | None:
    """The minutes for notes after the hours are used up (53)."""
    until = page.wrap_up_until
    if until is None or now >= until:
        return None
    return (
        f"Wrap up your notes until {words.due(until, now, page.zone)}, {countdown(until - now)} left. It is not "
        "counted, and no work goes on."
    )


def summary(page: EngagementPage, now: int) -> str:
    """The card for people who listen."""
    running = page.running
    if running is None:
        return ". ".join(part for part in waiting(page, now) if part)
    told = [title(page), f"Timer {words.spoken_duration(elapsed_ms(running, now)).removesuffix(' left')}"]
    told += [f"{figure.name} {figure.value}" for figure in figures(page, now)]
    if (warned := warning(running, now, page.zone)) is not None:
        told.append(sentence(warned).removesuffix("."))
    return ". ".join(told)


def _closed(page: EngagementPage) -> str:
    match page.row.detail:
        case "completed":
            lost = floored(page.hours.forfeited_ms)
            return f"Scope complete, {amount(lost)} lost" if lost else "Scope complete"
        case "exhausted":
            return "Hours used up. A new purchase goes on with the same ticket"
        case "expired":
            lost = floored(page.hours.expired_ms)
            return f"Hours expired, {amount(lost)} lost" if lost else "Hours expired"
        case "revoked":
            return "Purchase refunded"
        case _:
            return "Closed"


def _used(page: EngagementPage) -> str:
    """What this session took, and what is left."""
    worked, left = floored(page.hours.session_ms), floored(page.hours.left_ms)
    parts = [f"{amount(worked)} worked in session {page.session}"] if worked else []
    if left and page.row.state != "closed":
        parts.append(f"{amount(left)} left of {amount(page.hours.bought_ms)}")
    return ", ".join(parts)


def _until(page: EngagementPage, now: int) -> str:
    """How long until the slot begins, or ends."""
    if page.row.slot is None:
        return ""
    begins, ends = page.row.slot
    if now < begins:
        return f"Begins in {countdown(begins - now)}" if begins - now < 24 * 3_600_000 else ""
    return f"Began {countdown(now - begins)} ago" if now < ends else ""


def _short_due(at: int, now: int, zone: str) -> str:
    """`1:30 PM` today, `Mon 9:00 AM` within a week, without the zone, which the figures share."""
    return words.due(at, now, zone).rpartition(" ")[0]
