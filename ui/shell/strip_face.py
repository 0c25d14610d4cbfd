"""What the session strip says of a running session at an instant: whose it is, its timer, the slot, and what ends it.

Pure arithmetic from a `StripSession` (`domain.pro_running`), so that it can be asked each second. Instants are epoch
ms. Called by the strip, and imported only once there is something to say of Pro.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from console.domain import words
from console.domain.calendar import Period
from console.domain.pro_running import elapsed_ms, left_ms, nearest_limit
from console.domain.spans import united, without
from ui.pro.amounts import amount, floored, spoken
from ui.pro.session_words import countdown, counted, timer, warning

if TYPE_CHECKING:
    from console.desk.pro.views import NextSlot, StripSession, Watched
    from console.domain.metering import LimitName
    from console.domain.pro_running import Running

SlotLevel = Literal["calm", "soon", "past"]
"""How near the end of the slot is: more than 15 minutes away, nearer, behind."""

SOON_MS: Final = 15 * 60_000
LIMITS: Final[dict[LimitName, str]] = {
    "allocation": "hours end",
    "window": "window closes",
    "consent": "consent ends",
    "renewal": "renewal",
}


@dataclass(frozen=True, slots=True)
class StripFace:
    """A running session at an instant.

    `ends` says what ends next, `ends_short` the same in fewer words; with `is_warning` it is the warning of the nearest
    limit. `state` is the kind of a pause and whether it counts, empty without one. `worked` are shares of the slot,
    0 to 1 each; empty and None where no slot is agreed.
    """

    account: str
    subject: str
    timer: str
    state: str
    is_metered: bool
    is_paused: bool
    ends: str
    ends_short: str
    is_warning: bool
    hours: str
    worked: tuple[tuple[float, float], ...] | None
    level: SlotLevel
    named: str
    spoken: str


def face(session: StripSession, now: int, zone: str) -> StripFace:
    """What is said of a session; `zone` is that of the service window."""
    running = session.running
    warned = warning(running, now, zone)
    ends, short = ends_next(running, now, zone)
    elapsed = elapsed_ms(running, now)
    state = f"{running.paused[0]}, {counted(running.metering)}" if running.paused is not None else ""
    does = "interrupted" if state else "running"
    left = session.left_ms - (left_ms(running, running.as_of) - left_ms(running, now))
    return StripFace(
        account=session.account,
        subject=session.subject,
        timer=timer(elapsed),
        state=state,
        is_metered=running.metering,
        is_paused=running.paused is not None,
        ends=warned or ends,
        ends_short=warned or short,
        is_warning=warned is not None,
        hours=f"{amount(floored(max(left, 0)))} of {amount(floored(session.bought_ms))} left",
        worked=None if running.slot is None else shares(running, session.interruptions, now),
        level=slot_level(running, now),
        named=f"Pro session, {session.account}, {does}" + (f", {state}" if state else ""),
        spoken=f"Pro session, {session.account}, {does} {spoken(elapsed)}" + (f", {state}" if state else ""),
    )


def ends_next(running: Running, now: int, zone: str) -> tuple[str, str]:
    """What ends next and when: the slot, or a limit that comes before it. In full, and in fewer words."""
    nearest, slot = nearest_limit(running, now), running.slot

    def told(name: str, at: int) -> tuple[str, str]:
        when = words.due(at, now, zone).rpartition(" ")[0]
        return f"{name} {when}, in {countdown(at - now)}", f"{name} {when}"

    if slot is not None and now < slot[1] and (nearest is None or slot[1] <= nearest.at):
        return told("slot ends", slot[1])
    ended = "" if slot is None or now < slot[1] else f"slot ended {words.clock_time(slot[1], zone)}"
    if nearest is None:
        return ended, ended
    full, short = told(LIMITS[nearest.name], nearest.at)
    return (f"{ended}, {short}", short) if ended else (full, short)


def shares(running: Running, interruptions: tuple[Period, ...], now: int) -> tuple[tuple[float, float], ...]:
    """The worked parts of the slot, with a gap for each interruption, as shares of its length."""
    if running.slot is None:
        return ()
    begins, ends = running.slot
    pauses = list(interruptions)
    if not running.metering:
        pauses.append((running.as_of, now))
    worked = without([(max(running.began_at, begins), min(now, ends))], united(pauses))
    return tuple(((from_ - begins) / (ends - begins), (to - begins) / (ends - begins)) for from_, to in worked)


def slot_level(running: Running, now: int) -> SlotLevel:
    if running.slot is None or running.slot[1] - now > SOON_MS:
        return "calm"
    return "soon" if now < running.slot[1] else "past"


def idle(watched: Watched | None, now: int, zone: str) -> str | None:
    """What is said while no session of mine runs: a gap, the next slot, or how many run in the team."""
    if watched is None:
        return None
    if watched.gaps:
        gap = watched.gaps[0]
        return f"{gap.account}: what happened {_span(gap.begins_at, gap.ends_at, now, zone)} waits for an answer"
    if watched.next_slot is not None:
        return next_slot(watched.next_slot, now, zone)
    if watched.running_in_team:
        count = watched.running_in_team
        return f"{count} Pro session{'' if count == 1 else 's'} running in the team"
    return None


def next_slot(slot: NextSlot, now: int, zone: str) -> str:
    """`Next slot 2:00 PM to 4:00 PM ET, Northwind`; once it has begun, since when."""
    if slot.begins_at <= now:
        return f"Slot began {words.due(slot.begins_at, now, zone)}, {slot.account}"
    return f"Next slot {_span(slot.begins_at, slot.ends_at, now, zone)}, {slot.account}"


def _span(begins: int, ends: int, now: int, zone: str) -> str:
    """`2:00 PM to 4:00 PM ET` today, else with the day in front."""
    first = words.due(begins, now, zone).rpartition(" ")[0]
    return f"{first} to {words.clock_time(ends, zone)} {words.zone_short(zone, ends)}"
