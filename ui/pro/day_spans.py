"""The day of an engagement as the ruler draws it, at any instant: its spans, its scales, and where a slot may lie.

Pure arithmetic over `console.desk.pro.views.Ruler`. Instants are epoch ms, spans half open. Called by the day ruler.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal

from msgspec.structs import replace

from console.domain import words
from console.domain.calendar import Period
from console.domain.spans import length, shared, united, without
from ui.pro import amounts

if TYPE_CHECKING:
    from console.desk.pro.views import EngagementPage, Ruler, SlotLine

Edge = Literal["begins", "ends"]

STEP_MS: Final = 15 * 60_000
"""A slot's edge moves in quarters of an hour; every zone of today differs from UTC by whole ones."""
_HOUR_MS: Final = 3_600_000


def ruler_at(page: EngagementPage, now: int) -> Ruler:
    """The ruler at an instant after its page was read: what runs has grown, what was planned gave way."""
    ruler, running = page.ruler, page.running
    worked, paused = list(ruler.worked), list(ruler.paused)
    if running is not None and now > running.as_of:
        if running.metering and running.limit_at is not None:
            worked.append((running.as_of, min(now, running.limit_at)))
        elif not running.metering:
            paused.append((running.as_of, now))
    planned = [(max(begins, now), ends) for begins, ends in ruler.planned if ends > now]
    return replace(ruler, worked=tuple(united(worked)), paused=tuple(united(paused)), planned=tuple(planned))


def hours(ruler: Ruler, zone: str) -> list[tuple[int, str]]:
    """The full hours of a zone along the ruler, each as an instant and the hour of a twelve hour clock."""
    past = words.local(ruler.begins_at, zone).minute * 60_000
    first = ruler.begins_at + (_HOUR_MS - past if past else 0)
    return [(at, str(words.local(at, zone).hour % 12 or 12)) for at in range(first, ruler.ends_at + 1, _HOUR_MS)]


def strong_hours(ruler: Ruler) -> frozenset[int]:
    """The instants at which the service window opens and closes: their labels are bold."""
    return frozenset(at for span in ruler.open for at in span)


def hour(at: int, zone: str) -> str:
    """`8 PM`, `8:30 PM`."""
    return words.clock_time(at, zone).replace(":00 ", " ")


def closed(ruler: Ruler) -> list[Period]:
    """What lies neither in the service window nor in a consent."""
    return without([(ruler.begins_at, ruler.ends_at)], united((*ruler.open, *ruler.consented)))


def after_hours(ruler: Ruler) -> list[tuple[Period, str]]:
    """What stands in the stretches outside the window: `needs consent`, or until when there is one. Of several closed
    stretches only those after the work can begin are named; where nothing is open, all are."""
    opens = min((begins for begins, _ in ruler.open), default=ruler.begins_at)
    told = [(span, "needs consent") for span in closed(ruler) if span[0] >= opens]
    told += [(span, f"consent until {hour(span[1], ruler.zone)}") for span in ruler.consented]
    return sorted(told)


def is_allowed(ruler: Ruler, slot: Period) -> bool:
    """Whether all of a slot lies in the service window or in a consent."""
    return not without([slot], united((*ruler.open, *ruler.consented)))


def slot_line(page: EngagementPage) -> SlotLine | None:
    """The agreed slot that the ruler outlines; None where it shows none, or only a part of one."""
    return next((line for line in page.slots if (line.begins_at, line.ends_at) == page.ruler.slot), None)


def movable(page: EngagementPage, now: int) -> tuple[Edge, ...]:
    """The edges of the slot that can be moved: the first one only before the slot begins."""
    line = slot_line(page)
    if line is None or page.needs_newer_app or page.row.state == "closed":
        return ()
    begun = now >= line.begins_at or length(shared(list(page.ruler.worked), [(line.begins_at, line.ends_at)])) > 0
    return ("ends",) if begun else ("begins", "ends")


def with_edge(ruler: Ruler, slot: Period, edge: Edge, at: int, now: int) -> Period:
    """A slot with one edge at the quarter hour nearest to `at`: never empty, never beyond the ruler or before now."""
    at = (at + STEP_MS // 2) // STEP_MS * STEP_MS
    begins, ends = slot
    from_now = -(-now // STEP_MS) * STEP_MS
    if edge == "begins":
        return max(min(at, ends - STEP_MS), min(max(ruler.begins_at, from_now), ends - STEP_MS)), ends
    least = max(begins + STEP_MS, min(from_now, ruler.ends_at))
    return begins, min(max(at, least), max(ruler.ends_at, least))


def stepped(ruler: Ruler, slot: Period, edge: Edge, by: int, now: int) -> Period:
    """A slot with one edge at the next quarter hour (`by` 1) or at the one before (-1)."""
    at = slot[0] if edge == "begins" else slot[1]
    on_grid = at // STEP_MS * STEP_MS
    target = on_grid + STEP_MS if by > 0 else on_grid - (STEP_MS if at == on_grid else 0)
    return with_edge(ruler, slot, edge, target, now)


def summary(page: EngagementPage, now: int) -> str:
    """The whole picture in a few sentences, for people who listen."""
    ruler, zone = ruler_at(page, now), page.ruler.zone

    def span(period: Iterable[int]) -> str:
        return " to ".join(words.clock_time(at, zone) for at in period)

    told = [f"Day ruler, {words.day(ruler.begins_at, zone)}"]
    hours_open = " and ".join(span(period) for period in ruler.open)
    told.append(f"Open {hours_open} {words.zone_short(zone, ruler.begins_at)}" if hours_open else "Closed all day")
    told += [f"Consent {span(period)}" for period in ruler.consented]
    told.append("No slot" if ruler.slot is None else f"Slot {span(ruler.slot)}")
    amounts_told = (
        ("worked", ruler.worked),
        ("worked and not counted", ruler.unmetered),
        ("interrupted", ruler.paused),
        ("planned", ruler.planned),
    )
    parts = [f"{amounts.spoken(length(spans))} {name}" for name, spans in amounts_told if spans]
    if parts:
        told.append(", ".join(parts))
    told += [f"{name} {span((begins, ends))}" for begins, ends, name in ruler.others]
    if ruler.begins_at <= now < ruler.ends_at:
        told.append(f"Now {words.clock_time(now, zone)}")
    return ". ".join(told) + "."
