"""The session report as a partner reads it: titles, tables and sentences, the same on every kind of paper.

Source: spec pro_services.md 1 and 2, design language 6. Pure: `session_markdown` writes the sheet as text, `ui/paper`
draws it as PDF. Every text in a sheet is on one line and not escaped yet. Times are wall times of the window's zone,
amounts hours, minutes and seconds; those that belong together add up as they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from console.desk.pro.views import ScopeView, SessionReport, TimeEntry
from console.domain.words import MINUS, exact, full
from console.paper.customer_text import one_line
from console.paper.wall_times import WallTimes
from console.paper.whole_seconds import whole_seconds

PartKind = Literal["used", "elsewhere", "open_gap", "planned", "not_planned", "forfeited", "expired", "refunded"]

_STATES: Final[dict[str, str]] = {
    "purchased": "Bought, not taken up yet",
    "preparing": "Being prepared",
    "ready": "Ready to start",
    "running": "Running",
    "paused": "Interrupted",
    "carried": "Carried over to another day",
    "closed": "Closed",
}
_CLOSED_FOR: Final[dict[str, str]] = {
    "completed": "the scope is complete",
    "exhausted": "the hours are used up",
    "expired": "the hours expired",
    "revoked": "the purchase was refunded or cancelled",
}
_ASKED_TO_STOP: Final = "stopped"
"""The reason of a stop that needs no remark."""
_PURPOSES: Final[dict[str, str]] = {"work": "", "rework": "rework", "wrapup": "wrap-up"}


class Column(msgspec.Struct, frozen=True):
    """`amount` is set flush right; of the `wide` ones each takes what room the others leave."""

    heading: str
    amount: bool = False
    wide: bool = False


class Table(msgspec.Struct, frozen=True):
    """Rows of texts, a text a column; `total` is the row below the line."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None


class Section(msgspec.Struct, frozen=True):
    title: str
    lead: str = ""
    table: Table | None = None


class HoursPart(msgspec.Struct, frozen=True):
    """A part of the hours bought, whole seconds: the parts add up to them."""

    kind: PartKind
    seconds: int


class SessionSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A session report, ready to be written down.

    `name` is what stands on top of each further page. `left` and `bought` are amounts, `parts` those that are not
    empty; `hours` says the same in a table and comes before the other sections.
    """

    title: str
    subject: str
    name: str
    left: str
    bought: str
    bought_s: int
    parts: tuple[HoursPart, ...]
    hours: Section
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    made: str


def session_sheet(report: SessionReport) -> SessionSheet:
    """The sheet of a report."""
    times = WallTimes(report.zone)
    parts = _parts(report)
    left_s = sum(part.seconds for part in parts if part.kind in ("planned", "not_planned"))
    bought_s = report.hours.bought_ms // 1000
    sections = (
        _scope_section(report.scope, times),
        _asked_section(report.scope, times),
        _work_section(report, parts, times),
        _notes_section(report.entries, times),
        _interruptions_section(report.entries, times),
        _not_counted_section(report.entries, times),
        _corrections_section(report, times),
    )
    ticket = _ticket(report)
    account = one_line(report.account)
    return SessionSheet(
        title="Session report",
        subject=one_line(report.subject),
        name=f"Session report, {account}, {ticket}",
        left=_amount(left_s),
        bought=_amount(bought_s),
        bought_s=bought_s,
        parts=tuple(part for part in parts if part.seconds),
        hours=_hours_section(report, parts, left_s, bought_s),
        facts=tuple((label, text) for label, text in _facts(report) if text),
        sections=tuple(section for section in sections if section is not None),
        made=f"Made {full(report.as_of, report.zone)}. {times.legend}",
    )


def _ticket(report: SessionReport) -> str:
    return f"#{report.number}" if report.number is not None else one_line(report.ticket)


def _facts(report: SessionReport) -> Iterable[tuple[str, str]]:
    expires_at = report.hours.expires_at
    yield "Account", one_line(report.account)
    yield "Ticket", _ticket(report)
    yield "Purchases", ", ".join(map(one_line, report.purchases))
    yield "Partner contact", one_line(report.contact or "")
    yield "Engineers", ", ".join(map(one_line, report.engineers))
    yield "Status", _status(report)
    if expires_at is not None:
        yield "Hours expire" if expires_at > report.as_of else "Hours expired", full(expires_at, report.zone)


def _status(report: SessionReport) -> str:
    state, detail = _STATES[report.state], one_line(report.detail or "")
    if report.state == "closed":
        detail = _CLOSED_FOR.get(detail, detail)
    return f"{state}: {detail}" if detail else state


def _parts(report: SessionReport) -> tuple[HoursPart, ...]:
    hours = report.hours
    kinds: dict[PartKind, int] = {
        "used": hours.used_ms + hours.session_ms,
        "elsewhere": hours.elsewhere_ms,
        "open_gap": hours.open_gap_ms,
        "planned": hours.planned_ms,
        "not_planned": hours.not_planned_ms,
        "forfeited": hours.forfeited_ms,
        "expired": hours.expired_ms,
        "refunded": hours.refunded_ms,
    }
    return tuple(map(HoursPart, kinds, whole_seconds(kinds.values(), hours.bought_ms // 1000)))


def _hours_section(report: SessionReport, parts: Iterable[HoursPart], left_s: int, bought_s: int) -> Section:
    seconds = {part.kind: part.seconds for part in parts}
    rows: list[tuple[str, str]] = [("Used", _amount(seconds["used"]))]
    if seconds["elsewhere"]:
        rows.append(("Used by other work on the same purchases", _amount(seconds["elsewhere"])))
    if seconds["open_gap"]:
        rows.append(("In question", _amount(seconds["open_gap"])))
    rows += [("Forfeited", _amount(seconds["forfeited"])), ("Expired", _amount(seconds["expired"]))]
    if seconds["refunded"]:
        rows.append(("Refunded", _amount(seconds["refunded"])))
    planned = f"Left, {_amount(seconds['planned'])} of it planned" if seconds["planned"] else "Left"
    rows.append((planned, _amount(left_s)))
    columns = (Column("Hours", wide=True), Column("Time", amount=True))
    return Section("Hours", _hours_lead(report, seconds), Table(columns, tuple(rows), ("Bought", _amount(bought_s))))


def _hours_lead(report: SessionReport, seconds: dict[PartKind, int]) -> str:
    """What a reader who adds up will ask: why the hours used are not those of the work below."""
    sentences = []
    if any(entry.ends_at is None for entry in report.entries):
        sentences.append("The session was still running when this report was made.")
    if seconds["open_gap"]:
        sentences.append("The time in question waits for the engineer's answer whether it was worked.")
    counted_ms = sum(entry.metered_ms for entry in report.entries) + sum(ms for _, ms, _ in report.corrections)
    other_s = seconds["used"] - round(counted_ms / 1000)
    if abs(other_s) > 1:
        more = "more" if other_s > 0 else "less"
        sentences.append(f"Used is {_amount(abs(other_s))} {more} than the work and the corrections below.")
    return " ".join(sentences)


def _scope_section(scope: ScopeView, times: WallTimes) -> Section:
    if not scope.version:
        return Section("Agreed scope", "No scope is agreed yet.")
    done = sum(line.done for line in scope.lines)
    agreed = f", agreed {times.day(scope.agreed_at)}" if scope.agreed_at is not None else ""
    by = f" by {_listed(map(one_line, scope.agreed_by))}" if scope.agreed_by else ""
    lead = f"Version {scope.version}{agreed}{by}. {done} of {len(scope.lines)} done."
    columns = (
        Column("Item", wide=True),
        Column("State"),
        Column("Used", amount=True),
        Column("Estimate", amount=True),
    )
    rows = tuple(
        (
            one_line(line.title),
            "Done" if line.done else "Not done",
            exact(line.used_ms) if line.used_ms else "",
            exact(line.estimate_ms) if line.estimate_ms else "",
        )
        for line in scope.lines
    )
    return Section("Agreed scope", lead, Table(columns, rows))


def _asked_section(scope: ScopeView, times: WallTimes) -> Section | None:
    if not scope.requested:
        return None
    rows = tuple((times.day(at), one_line(title)) for at, title in scope.requested)
    columns = (Column("Asked"), Column("What", wide=True))
    lead = "Not part of the agreed scope: nothing of it is promised."
    return Section("Asked for outside of the scope", lead, Table(columns, rows))


def _work_section(report: SessionReport, parts: Iterable[HoursPart], times: WallTimes) -> Section:
    if not report.entries:
        return Section("Work", "No work was done yet.")
    columns = (
        Column("Day"),
        Column(f"From {times.label}"),
        Column(f"To {times.label}"),
        Column("Engineer"),
        Column("Remark", wide=True),
        Column("Counted", amount=True),
    )
    counted = _counted_seconds(report, parts)
    rows = tuple(
        (*_from_to(times, entry), one_line(entry.engineer), _remark(entry), _amount(seconds))
        for entry, seconds in zip(report.entries, counted, strict=True)
    )
    total = ("Counted in all", "", "", "", "", _amount(sum(counted)))
    return Section("Work", table=Table(columns, rows, total))


def _counted_seconds(report: SessionReport, parts: Iterable[HoursPart]) -> list[int]:
    """The entries' time; where it is just what was used, in the seconds that the hours say."""
    metered = [entry.metered_ms for entry in report.entries]
    used_s = next(part.seconds for part in parts if part.kind == "used")
    whole = sum(metered) == report.hours.used_ms + report.hours.session_ms
    return whole_seconds(metered, used_s if whole else None)


def _from_to(times: WallTimes, entry: TimeEntry) -> tuple[str, str, str]:
    if entry.ends_at is None:
        return times.day(entry.begins_at), times.clock(entry.begins_at), "still running"
    return times.span(entry.begins_at, entry.ends_at)


def _remark(entry: TimeEntry) -> str:
    ended_for = one_line(entry.ended_for or "")
    remarks = [_PURPOSES[entry.purpose], "" if ended_for == _ASKED_TO_STOP else ended_for]
    if entry.unattended_job:
        remarks.append(f"ran by itself: {one_line(entry.unattended_job)}")
    return _sentence("; ".join(filter(None, remarks)))


def _notes_section(entries: Iterable[TimeEntry], times: WallTimes) -> Section | None:
    rows = tuple(
        (times.day(entry.begins_at), times.clock(entry.begins_at), one_line(note))
        for entry in entries
        for note in entry.notes
    )
    columns = (Column("Day"), Column(f"Work from {times.label}"), Column("Note", wide=True))
    return Section("What was done", table=Table(columns, rows)) if rows else None


def _interruptions_section(entries: Iterable[TimeEntry], times: WallTimes) -> Section | None:
    found = [interruption for entry in entries for interruption in entry.interruptions]
    rows = tuple(
        (
            *times.span(begins, ends),
            _sentence(one_line(kind)),
            "Counted" if counted else "Not counted",
            exact(ends - begins),
        )
        for begins, ends, kind, counted in sorted(found)
    )
    columns = (
        Column("Day"),
        Column(f"From {times.label}"),
        Column(f"To {times.label}"),
        Column("What", wide=True),
        Column("Counted"),
        Column("Time", amount=True),
    )
    return Section("Interruptions", table=Table(columns, rows)) if rows else None


def _not_counted_section(entries: Iterable[TimeEntry], times: WallTimes) -> Section | None:
    found = sorted(work for entry in entries for work in entry.unmetered)
    rows = tuple(
        (*times.span(begins, ends), _sentence(one_line(why)), exact(ends - begins)) for begins, ends, why in found
    )
    columns = (
        Column("Day"),
        Column(f"From {times.label}"),
        Column(f"To {times.label}"),
        Column("Why", wide=True),
        Column("Time", amount=True),
    )
    lead = "Recorded, and not taken from the hours bought."
    return Section("Work that was not counted", lead, Table(columns, rows)) if rows else None


def _corrections_section(report: SessionReport, times: WallTimes) -> Section | None:
    rows = tuple(
        (times.day(at), one_line(reason), _signed(whole))
        for (at, _, reason), whole in zip(
            report.corrections, whole_seconds(ms for _, ms, _ in report.corrections), strict=True
        )
    )
    columns = (Column("Made"), Column("Reason", wide=True), Column("Time", amount=True))
    lead = "Time that counts more or less than the clock says."
    return Section("Corrections", lead, Table(columns, rows)) if rows else None


def _amount(seconds: int) -> str:
    return exact(seconds * 1000)


def _signed(seconds: int) -> str:
    return f"+{_amount(seconds)}" if seconds > 0 else f"{MINUS}{_amount(-seconds)}" if seconds else _amount(0)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
