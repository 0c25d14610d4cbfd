"""`support-console calendar add|elapsed`: business time, asked directly. Needs no workspace."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.domain.errors import ConsoleError

if TYPE_CHECKING:
    from console.domain.calendar import BusinessCalendar

_MOST_BYTES = 1_000_000


class CalendarFileError(ConsoleError):
    """A file of opening hours cannot be read; the sentence names the file and the line where there is one."""


def declare(commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    calendar = commands.add_parser(
        "calendar",
        parents=[shared],
        help="add and measure business time",
        description="Adds and measures business time.",
    )
    asked = calendar.add_subparsers(metavar="COMMAND", title="commands", dest="question", required=True)
    hours = argparse.ArgumentParser(add_help=False)
    hours.add_argument("--cover", metavar="NAME", help="business (default), 24/5, 24/7, or one of your guidelines")
    hours.add_argument("--product", metavar="NAME", help="whose guidelines name the cover (default: the first)")
    hours.add_argument(
        "--calendar", metavar="FILE", type=Path, help="opening hours in JSON or TOML, instead of a cover"
    )
    hours.add_argument("--json", action="store_true", help="an object for programs")
    add = asked.add_parser(
        "add",
        parents=[shared, hours],
        help="the instant at which so much open time has passed",
        description="Says at which instant so much open time has passed. An end that falls on closing time is that "
        "closing instant.",
    )
    add.add_argument("start", metavar="START", help="an instant (ISO 8601, or now)")
    add.add_argument("length", metavar="SECONDS", help="seconds, or a length such as 1h30m")
    add.set_defaults(run=run_add)
    elapsed = asked.add_parser(
        "elapsed",
        parents=[shared, hours],
        help="the open time between two instants",
        description="Says how much open time lies between two instants; a reversed range has none.",
    )
    elapsed.add_argument("start", metavar="START", help="an instant (ISO 8601, or now)")
    elapsed.add_argument("end", metavar="END", help="an instant (ISO 8601, or now)")
    elapsed.set_defaults(run=run_elapsed)


def run_add(args: argparse.Namespace) -> int:
    from console.cli.instants import instant, now_ms, seconds
    from console.cli.render import print_json, print_lines
    from console.domain.words import full, iso

    now = now_ms()
    start, length = instant(args.start, now), seconds(args.length)
    hours = _hours(args, now)
    at = hours.add(start, length)
    if args.json:
        print_json({"start": iso(start), "seconds": length, "at": iso(at)})
    else:
        print_lines([f"{iso(at)}  {full(at, hours.timezone)}"])
    return 0


def run_elapsed(args: argparse.Namespace) -> int:
    from console.cli.instants import instant, now_ms
    from console.cli.render import print_json, print_lines
    from console.domain.words import exact, iso

    now = now_ms()
    start, end = instant(args.start, now), instant(args.end, now)
    seconds = _hours(args, now).elapsed(start, end)
    if args.json:
        print_json({"start": iso(start), "end": iso(end), "seconds": seconds})
    else:
        print_lines([f"{seconds}  {exact(round(seconds * 1000))}"])
    return 0


def _hours(args: argparse.Namespace, now: int) -> BusinessCalendar:
    """The calendar that the arguments name: a file's, or a cover of the guidelines in force now."""
    from console.domain.calendar import BusinessCalendar
    from console.guidelines_files import history_of, shipped_history

    if args.calendar is None:
        history = shipped_history() if args.guidelines is None else history_of(args.guidelines)
        return history.at(args.product, now).calendar(args.cover or "business")
    if args.cover is not None:
        raise CalendarFileError("Give --cover or --calendar, not both.")
    mapping = _read_mapping(args.calendar)
    try:
        return BusinessCalendar.from_mapping(mapping)
    except ConsoleError as error:
        raise CalendarFileError(f"{args.calendar}: {error.sentence}") from None


def _read_mapping(path: Path) -> dict[str, Any]:
    """The opening hours of a file, by its suffix TOML, else JSON."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise CalendarFileError(f"{path} cannot be read: {reason}.") from None
    if len(text) > _MOST_BYTES:
        raise CalendarFileError(f"{path} is not a file of opening hours: it has more than {_MOST_BYTES:,} bytes.")
    try:
        mapping = _decoded(text.decode("utf-8-sig"), toml=path.suffix.lower() == ".toml")
    except UnicodeDecodeError:
        raise CalendarFileError(f"{path} is not UTF-8 text.") from None
    except (ValueError, RecursionError) as error:
        raise CalendarFileError(f"{path} cannot be read: {error}.") from None
    if not isinstance(mapping, dict):
        raise CalendarFileError(f'{path} is not a mapping with "timezone" and "weekly_hours".')
    return mapping


def _decoded(text: str, *, toml: bool) -> Any:
    """Both raise a ValueError that names the line."""
    if toml:
        import tomllib

        return tomllib.loads(text)
    import json

    return json.loads(text)
