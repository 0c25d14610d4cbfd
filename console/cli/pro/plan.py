"""`support-console pro plan`: where purchased hours fall, and what is lost. Needs no workspace."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from console.cli.pro.written import WALL_TIMES, ProArgumentError, instant_of, renewal_of, seconds_of

if TYPE_CHECKING:
    from console.domain.pro_plan import Plan
    from console.domain.pro_settings import ProSettings
    from console.domain.service_window import Consent

_HEADINGS: Final = ("From", "To", "Worked", "Ended by")
_ENDS: Final = {"exhausted": "Exhausted", "completed": "Completed", "expired": "Expired", "refused": "Refused"}
_OFFSET_OR_NUMBER: Final = re.compile(r"-\d+(:\d\d)?|-\d*\.\d+", re.ASCII)
_LEAST_HOURS_A_YEAR: Final = 2000
"""No year's windows hold fewer, so that holidays need not be known for years that the work does not reach."""


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    plan = commands.add_parser(
        "plan",
        parents=[shared],
        help="where purchased hours fall, and what is lost",
        description="Says on which days work runs that starts then, what ends it, and what is left, forfeited or "
        "expired. Work runs in the service window, Monday to Friday from 9 AM to 6 PM Eastern, and where a consent "
        "allows it; hours expire at the renewal.",
        epilog=WALL_TIMES,
    )
    plan._negative_number_matcher = _OFFSET_OR_NUMBER  # argparse takes the zone -05:00 for an option otherwise
    plan.add_argument("--start", metavar="T", required=True, help="when work starts")
    plan.add_argument("--hours", metavar="H", required=True, help="hours such as 2.5, or a length such as 1h30m")
    plan.add_argument("--renewal", metavar="T", required=True, help="when the billing period ends; a date is midnight")
    plan.add_argument(
        "--consent",
        metavar=("FROM", "TO", "RECORDED"),
        nargs=3,
        action="append",
        default=[],
        help="after-hours work that both sides agreed, and when that was recorded; may be given again",
    )
    plan.add_argument("--holidays", metavar="FILE", help="us-federal (default), none, or a file with a date a line")
    plan.add_argument("--zone", metavar="Z", help="the service window's zone (default: America/New_York), or -05:00")
    plan.add_argument("--complete", metavar="T", help="when the scope is complete, if before the hours are used")
    plan.add_argument("--json", action="store_true", help="an object for programs")
    plan.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """A plan that the terms refuse is an answer too: it is printed, and the exit code is 0."""
    from console.cli.instants import now_ms
    from console.cli.render import print_json, print_lines
    from console.domain.pro_plan import plan
    from console.domain.words import local
    from console.holiday_files import holidays_named

    now, settings = now_ms(), _settings(args.zone)
    zone = settings.window_tz
    start, seconds = instant_of(args.start, now, zone), seconds_of(args.hours)
    renewal = renewal_of(args.renewal, now, settings)
    consents = [_consent(texts, now, zone) for texts in args.consent]
    complete = None if args.complete is None else instant_of(args.complete, now, zone)
    first_year = local(start, zone).year
    last_year = min(local(renewal, zone).year, first_year + 1 + seconds // (3600 * _LEAST_HOURS_A_YEAR))
    found = plan(
        start,
        seconds,
        renewal,
        consents=consents,
        complete_at=complete,
        settings=settings,
        holidays=holidays_named(args.holidays or settings.calendar_holidays, first_year, max(first_year, last_year)),
    )
    if args.json:
        print_json(plan_shape(found))
    else:
        print_lines(_told(found, zone))
    return 0


def plan_shape(found: Plan) -> dict[str, Any]:
    """The JSON that other programs read: instants ISO 8601 in UTC, lengths in seconds, an int when whole."""
    from console.cli.shapes import seconds
    from console.domain.words import iso

    return {
        "segments": [[iso(segment.begins_at), iso(segment.ends_at)] for segment in found.segments],
        "end": found.end,
        "left_seconds": seconds(found.left_ms),
        "forfeited_seconds": seconds(found.forfeited_ms),
        "expired_seconds": seconds(found.expired_ms),
        "binding": list(found.binding),
        "why": found.why,
    }


def _told(found: Plan, zone: str) -> Iterator[str]:
    """The plan for people: a table of the segments, what becomes of the hours, and why."""
    from console.cli.render import table
    from console.domain.words import exact, full

    if found.segments:
        rows = [
            (
                full(segment.begins_at, zone),
                full(segment.ends_at, zone),
                exact(segment.ends_at - segment.begins_at),
                segment.binding,
            )
            for segment in found.segments
        ]
        yield from table(_HEADINGS, rows, right=(2,))
        yield ""
    parts = (
        (found.used_ms, "used"),
        (found.left_ms, "left"),
        (found.forfeited_ms, "forfeited"),
        (found.expired_ms, "expired"),
    )
    yield f"{_ENDS[found.end]}: {', '.join(f'{exact(ms)} {word}' for ms, word in parts if ms)}."
    yield found.why
    yield from found.warnings


def _settings(zone: str | None) -> ProSettings:
    from console.domain.pro_settings import ProSettings, ProSettingsError

    if zone is None:
        return ProSettings()
    try:
        return ProSettings(window_tz=zone)
    except ProSettingsError as error:
        raise ProArgumentError(f"--zone: {error.sentence.removeprefix('window.tz: ')}") from None


def _consent(texts: list[str], now: int, zone: str) -> Consent:
    from console.domain.service_window import Consent

    begins_at, ends_at, recorded_at = (instant_of(text, now, zone) for text in texts)
    if ends_at <= begins_at:
        raise ProArgumentError(f"--consent: {texts[1]} does not come after {texts[0]}.")
    return Consent(begins_at=begins_at, ends_at=ends_at, recorded_at=recorded_at)
