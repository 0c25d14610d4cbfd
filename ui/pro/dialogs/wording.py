"""How the questions of Pro services speak of spans, losses and gaps. Pure; called by the dialogs and the acts.

Instants are epoch ms, lengths ms; zones are IANA names or fixed offsets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.domain import words

if TYPE_CHECKING:
    from console.desk.pro.views import EngagementPage, GapQuestion


def kept(ms: int) -> str:
    """Hours as a button names them: whole minutes, rounded down so that nothing is promised that is not there."""
    return words.exact(ms // 60_000 * 60_000) if ms >= 60_000 else words.exact(max(ms, 0) // 1000 * 1000)


def span(begins_at: int, ends_at: int, zone: str, *, now: int | None = None) -> str:
    """`Thu 16 Oct, 9:00 AM to 11:00 AM`; without its day where it lies today. A span over several days names both."""
    first, last = words.day(begins_at, zone), words.day(ends_at, zone)
    begins, ends = words.clock_time(begins_at, zone), words.clock_time(ends_at, zone)
    if first != last:
        return f"{first}, {begins} to {last}, {ends}"
    if now is not None and first == words.day(now, zone) and abs(now - begins_at) < 7 * 86_400_000:
        return f"{begins} to {ends}"
    return f"{first}, {begins} to {ends}"


def slot(begins_at: int, ends_at: int, zone: str) -> str:
    """`Thu 9:00 AM to 11:00 AM`, as a button has it."""
    first, last = words.day(begins_at, zone), words.day(ends_at, zone)
    ends = words.clock_time(ends_at, zone)
    until = ends if first == last else f"{last.partition(' ')[0]} {ends}"
    return f"{first.partition(' ')[0]} {words.clock_time(begins_at, zone)} to {until}"


def name(page: EngagementPage) -> str:
    """How an engagement is called in a sentence: by whom it is for."""
    return page.row.account or page.row.subject


def name_of_gap(gap: GapQuestion) -> str:
    """`Fabrikam Robotics, SSO and image rollout`."""
    return ", ".join(part for part in (gap.account, gap.subject) if part)


def gap_question(gap: GapQuestion, zone: str, now: int) -> str:
    """`The laptop slept from 10:40 AM to 11:05 AM ET (25m). What happened to the work?`"""
    between = f"{span(gap.begins_at, gap.ends_at, zone, now=now)} {words.zone_short(zone, gap.ends_at)}"
    when = f"from {between} ({words.exact((gap.ends_at - gap.begins_at) // 1000 * 1000)})"
    cause = gap.cause[:1].upper() + gap.cause[1:]
    lasts = "restart" not in cause
    return f"{cause}{'' if lasts else ', and the work was not seen'} {when}. What happened to the work?"
