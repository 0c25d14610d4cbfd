"""What happened in the sessions of an engagement, newest first, and the report's account of each segment. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from console.desk.pro.ledger import session_at, session_numbers
from console.desk.pro.rows import GAP_CAUSES
from console.desk.pro.views import LogLine, TimeEntry
from console.domain.metering import Metering
from console.domain.pro_account import Account, Gap, Pause, Segment
from console.domain.pro_figures import own_time
from console.domain.pro_settings import ProSettings
from console.domain.spans import length
from console.domain.words import exact

_OfSegment = TypeVar("_OfSegment", Pause, Gap)

_WHY = {
    "outside_hours": "outside the agreed hours (T12)",
    "late": "came after its period was closed",
    "after_renewal": "after the renewal (T7)",
    "revoked": "after the purchase was refunded",
    "allocation": "beyond the allocated time (T10)",
    "balance": "beyond the hours that were left",
}
_ANSWERS = {"worked": "work went on by itself", "not_worked": "nobody worked", "ended": "the session ended there"}


def session_log(
    account: Account, metering: Metering, ticket: str, session: int, settings: ProSettings
) -> tuple[LogLine, ...]:
    """The lines of one session, newest first."""
    numbers = session_numbers(account, ticket)
    titles, pauses, gaps = item_titles(account, ticket), _by_segment(account.pauses), _by_segment(account.gaps)
    lines: list[LogLine] = []
    for segment in account.segments_of(ticket):
        if numbers[segment.id] == session:
            between = [_paused(pause, segment, metering.as_of, settings) for pause in pauses.get(segment.id, ())]
            between += (_gap(gap, settings) for gap in gaps.get(segment.id, ()))
            lines += _of_segment(segment, titles, between)
    lines += (line for line in _besides(account, ticket) if session_at(account, ticket, line.at) == session)
    return tuple(sorted(lines, key=lambda line: line.at)[::-1])


def _besides(account: Account, ticket: str) -> Iterator[LogLine]:
    """What happened to the engagement outside of its segments."""
    for since, to in account.engagement(ticket).owners[1:]:
        yield LogLine(at=since, ends_at=None, kind="handed_over", text=f"Handed over to {to}.")
    for done in account.completions.values():
        if done.engagement == ticket and done.undone_at is None:
            lost = f"{exact(done.forfeits_s * 1000)} lost"
            yield LogLine(at=done.at, ends_at=None, kind="completed", text="Scope complete.", aside=lost)
        elif done.engagement == ticket and done.undone_at is not None:
            yield LogLine(at=done.undone_at, ends_at=None, kind="undone", text="The completion was taken back.")
    for slot in account.bookings.values():
        if slot.engagement == ticket and slot.no_show and slot.released_at is not None:
            text, aside = "The partner did not come.", "slot released"
            yield LogLine(at=slot.released_at, ends_at=None, kind="no_show", text=text, aside=aside)


def time_entries(account: Account, metering: Metering, ticket: str, settings: ProSettings) -> tuple[TimeEntry, ...]:
    """Every segment of an engagement with what of it was metered, oldest first."""
    pauses = _by_segment(account.pauses)
    own, besides = own_time(account, metering, settings)
    unmetered: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for work in metering.unmetered:
        unmetered[work.segment].append((work.begins_at, work.ends_at, _WHY[work.why]))
    metered = {kind.name for kind in settings.pause_kinds if kind.metered}
    found = []
    for segment in sorted(account.segments_of(ticket), key=lambda segment: segment.began_at):
        ends = metering.as_of if segment.ended_at is None else segment.ended_at
        found.append(
            TimeEntry(
                engineer=segment.engineer,
                begins_at=segment.began_at,
                ends_at=segment.ended_at,
                metered_ms=length(own.get(segment.id, ())) + besides.get(segment.id, (0, 0))[1],
                purpose=segment.purpose,
                ended_for=segment.stopped_for,
                unmetered=tuple(unmetered[segment.id]),
                interruptions=tuple(
                    (p.began_at, ends if p.ended_at is None else min(p.ended_at, ends), p.kind, p.kind in metered)
                    for p in sorted(pauses.get(segment.id, ()), key=lambda pause: pause.began_at)
                ),
                notes=tuple(note.text for note in segment.notes),
                unattended_job=segment.unattended_job,
                segment=segment.id,
            )
        )
    return tuple(found)


def item_titles(account: Account, ticket: str) -> dict[str, str]:
    return {item.id: item.title for scope in account.engagement(ticket).scopes for item in scope.items}


def _by_segment(things: Mapping[str, _OfSegment]) -> dict[str, list[_OfSegment]]:
    found: dict[str, list[_OfSegment]] = defaultdict(list)
    for thing in things.values():
        found[thing.segment].append(thing)
    return found


def _of_segment(segment: Segment, titles: dict[str, str], between: Iterable[LogLine]) -> Iterator[LogLine]:
    who = segment.engineer
    entered = f" Entered later: {segment.late.reason}, {segment.late.approved_by}." if segment.late is not None else ""
    unsure = "" if segment.verified else " Unverified clock."
    yield LogLine(
        at=segment.began_at,
        ends_at=None,
        kind="started",
        text=f"{who} started.{entered}{unsure}",
        aside="" if segment.purpose == "work" else f"{segment.purpose}, not charged",
        who=who,
    )
    for note in segment.notes:
        on = [item for since, item in segment.items if since <= note.at]
        aside = f"on {titles.get(on[-1], on[-1])}" if on else ""
        yield LogLine(at=note.at, ends_at=None, kind="noted", text=note.text, aside=aside, who=note.who)
    yield from between
    if segment.ended_at is not None:
        text = f"{who} stopped, {segment.stopped_for}." if segment.stopped_for != "stopped" else f"{who} stopped."
        yield LogLine(at=segment.ended_at, ends_at=None, kind="stopped", text=text, who=who)


def _paused(pause: Pause, segment: Segment, now: int, settings: ProSettings) -> LogLine:
    ends = pause.ended_at if pause.ended_at is not None else segment.ended_at
    counted = any(kind.name == pause.kind and kind.metered for kind in settings.pause_kinds)
    ms = max(0, (now if ends is None else ends) - pause.began_at)
    return LogLine(
        at=pause.began_at,
        ends_at=ends,
        kind="paused",
        text=f"Interrupted: {pause.kind}.",
        aside=f"{exact(ms - ms % 1000)}, {'counted' if counted else 'not counted'}",
        who=segment.engineer,
    )


def _gap(gap: Gap, settings: ProSettings) -> LogLine:
    ms = gap.ends_at - gap.begins_at
    cause = GAP_CAUSES.get(gap.cause, gap.cause[:1].upper() + gap.cause[1:])
    if gap.answer is not None:
        said = _ANSWERS[gap.answer]
    else:
        said = "counted" if ms < settings.gap_min_s * 1000 else "waits for an answer"
    aside = said if not ms else f"{exact(ms - ms % 1000)}, {said}"
    return LogLine(at=gap.begins_at, ends_at=gap.ends_at if ms else None, kind="gap", text=f"{cause}.", aside=aside)
