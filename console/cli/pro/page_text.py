"""An engagement as text: everything of its page, for people in a terminal. Pure; called by `lists` and by the acts that
show what they changed. Times are wall times of the service window's zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from console.cli.pro.asking import gap_lines, named
from console.cli.render import plain, table
from console.desk.pro.views import ConsentLine, EngagementPage, GateLine, Hours, LedgerRow, LogLine, ScopeView, SlotLine
from console.domain.pro_running import Running, elapsed_ms, left_ms, warning_sentence
from console.domain.words import clock_time, day, due, exact, full

_PARTS: Final = {
    "purchase": "Purchase",
    "access": "Access",
    "scope": "Scope",
    "slot": "Slot",
    "contact": "Contact",
    "after_hours": "After hours",
}
_MET, _MISSING, _ASIDE = "met", "missing", "none"


def page_lines(page: EngagementPage) -> Iterator[str]:
    """All of a page, the parts that are empty left out."""
    row = page.row
    yield f"{named(row)}: {plain(row.subject)}"
    yield f"{state_text(page)}. As of {full(page.as_of, page.zone)}."
    for warning in page.warnings:
        yield plain(warning)
    if page.running is not None:
        yield running_line(page.running, page.as_of, page.zone)
    if page.undo is not None:
        yield f"The completion can be undone until {clock_time(page.undo.until, page.zone)}: pro undo {row.number}."
    if page.needs_newer_app:
        yield "A newer Support Console wrote some of this: update to change it."
    yield from _part("Hours", hours_lines(page.hours, page.zone))
    yield from _part("Gate", gate_table(page.gate))
    yield from _part("Scope", scope_lines(page.scope, page.zone))
    yield from _part("Access", [f"{plain(line.item)}: {line.text}" for line in page.access])
    yield from _part("Slots", slot_table(page.slots, page.zone))
    yield from _part("After-hours consents", consent_table(page.consents, page.zone))
    yield from _part(f"Session {page.session}", _log(page.log, page.zone))
    yield from _part("Ledger", ledger_table(page.ledger, page.zone))
    yield from _part("Gaps", gap_lines(page.gaps, page.zone))


def state_text(page: EngagementPage) -> str:
    """`Paused: lunch`, `Ready, Mara Okafor's`."""
    row = page.row
    state = row.state.capitalize() + (f": {plain(row.detail)}" if row.detail else "")
    return f"{state}, taken up by {plain(row.owner)}" if row.owner else state


def running_line(running: Running, now: int, zone: str) -> str:
    """The session as it stands: `Mara Okafor since 10:00 AM, 40m in this session, 1h 20m left; ...`."""
    warning = warning_sentence(running, now, zone)
    elapsed, left = elapsed_ms(running, now), left_ms(running, now)
    parts = [
        f"{plain(running.engineer)} since {clock_time(running.began_at, zone)}",
        f"{exact(elapsed)} in this session",
        f"{exact(left)} left",
    ]
    if running.paused is not None:
        counted = "counted" if running.metering else "not counted"
        parts.append(f"interrupted since {clock_time(running.paused[1], zone)}: {plain(running.paused[0])}, {counted}")
    return ", ".join(parts) + (f"; {warning}." if warning else ".")


def hours_lines(hours: Hours, zone: str) -> Iterator[str]:
    """Where the hours are, the parts that are empty left out."""
    parts = (
        (hours.used_ms, "used before"),
        (hours.session_ms, "in this session"),
        (hours.elsewhere_ms, "used by other engagements"),
        (hours.open_gap_ms, "kept for gaps"),
        (hours.planned_ms, "planned"),
        (hours.not_planned_ms, "not planned"),
        (hours.forfeited_ms, "forfeited"),
        (hours.expired_ms, "expired"),
        (hours.refunded_ms, "refunded"),
    )
    split = ", ".join(f"{exact(ms)} {word}" for ms, word in parts if ms)
    yield f"{exact(hours.bought_ms)} bought ({', '.join(map(plain, hours.purchases))}): {split}."
    if hours.expires_at is not None:
        first = "The first of them expire at" if len(hours.purchases) > 1 else "They expire at"
        yield f"{exact(hours.left_ms)} left. {first} {full(hours.expires_at, zone)}."


def gate_table(gate: Iterable[GateLine]) -> list[str]:
    rows = [(_PARTS[line.subject], _met(line), line.text) for line in gate]
    return table(("Part", "", "What is known"), rows)


def scope_lines(scope: ScopeView, zone: str) -> Iterator[str]:
    if scope.agreed_at is not None:
        names = " and ".join(map(plain, scope.agreed_by))
        yield f"Version {scope.version}, agreed {day(scope.agreed_at, zone)} by {names}. {scope.fits_text}".rstrip()
    if scope.lines:
        rows = [
            (
                str(place),
                "done" if line.done else "now" if line.is_current else "",
                exact(line.estimate_ms) if line.estimate_ms else "",
                exact(line.used_ms) if line.used_ms else "",
                line.title,
            )
            for place, line in enumerate(scope.lines, 1)
        ]
        yield from table(("Item", "", "Estimate", "Used", "Title"), rows, right=(0, 2, 3))
    for at, title in scope.requested:
        yield f"Asked {day(at, zone)}, not agreed: {plain(title)}"


def slot_table(slots: Sequence[SlotLine], zone: str) -> list[str]:
    if not slots:
        return []
    rows = [
        (
            str(place),
            full(slot.begins_at, zone),
            full(slot.ends_at, zone),
            exact(slot.seconds * 1000),
            slot.engineer,
            slot.warning or "",
        )
        for place, slot in enumerate(slots, 1)
    ]
    return table(("Slot", "From", "To", "Hours", "Engineer", ""), rows, right=(0, 3))


def consent_table(consents: Sequence[ConsentLine], zone: str) -> list[str]:
    if not consents:
        return []
    rows = [
        (
            str(place),
            full(consent.begins_at, zone),
            full(consent.ends_at, zone),
            "withdrawn" if consent.withdrawn else f"does not count: it {consent.flaw}" if consent.flaw else "counts",
        )
        for place, consent in enumerate(consents, 1)
    ]
    return table(("Consent", "From", "To", ""), rows, right=(0,))


def ledger_table(rows: Sequence[LedgerRow], zone: str) -> list[str]:
    cells = [(full(row.at, zone), exact(row.change_ms), exact(row.balance_ms), row.text) for row in rows]
    return table(("When", "Change", "Balance", "What"), cells, right=(1, 2)) if rows else []


def _log(log: Iterable[LogLine], zone: str) -> list[str]:
    rows = [(_when(line, zone), line.aside, line.text) for line in log]
    return table(("When", "", "What"), rows) if rows else []


def _when(line: LogLine, zone: str) -> str:
    until = "" if line.ends_at is None else f" to {clock_time(line.ends_at, zone)}"
    return f"{day(line.at, zone)}, {clock_time(line.at, zone)}{until}"


def _met(line: GateLine) -> str:
    if line.subject == "after_hours":
        return _MET if line.met else _ASIDE
    return _MET if line.met else _MISSING


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    told = list(lines)
    if told:
        yield ""
        yield title
        yield from told


def what_next(page: EngagementPage) -> str:
    """Where an engagement stands after an act, in one line."""
    need = f" {page.row.need_text}." if page.row.need_text else ""
    return f"{named(page.row)}: {page.row.state}, {left_text(page)}.{need}"


def left_text(page: EngagementPage) -> str:
    """`1h 40m left until Mon 1 Feb, 12:00 AM ET`; of several purchases the first to expire is told."""
    left = f"{exact(page.row.left_ms)} left"
    if page.row.expires_at is None:
        return left
    some = ", some of it" if len(page.hours.purchases) > 1 else ""
    return f"{left}{some} until {due(page.row.expires_at, page.as_of, page.zone)}"
