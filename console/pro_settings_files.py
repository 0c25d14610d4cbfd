"""Where the settings of Professional Services come from: `pro.toml` in the workspace's folder, else the defaults.

Touches the file system, nothing else. Source: spec pro_services.md 4: the keys are those of its table; what stands
before the dot is a table of the file. Called by the desk.

    rounding = 15                      # minutes, once at the close; "exact" by default
    [window]
    tz = "America/New_York"
    open = "09:00"
    [[window.exceptions]]
    date = 2027-12-24
    hours = [["09:00", "13:00"]]       # left out: closed all day
    published = 2027-12-01             # left out: it was always known
    [[pause.kinds]]
    name = "lunch"
    side = "engineer"
    metered = false
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args, get_type_hints

from msgspec.structs import replace

from console.domain.errors import ConsoleError
from console.domain.names import name_key, spelled_as
from console.domain.opening_hours import FIRST_YEAR, LAST_YEAR, RANGE_END_MS, CalendarError
from console.domain.pro_settings import (
    FEDERAL,
    NO_HOLIDAYS,
    DateException,
    PauseKind,
    ProSettings,
    ProSettingsError,
    Weekday,
)
from console.domain.service_window import WallTimeError, service_calendar, wall_instant
from console.domain.toml_document import TomlTable, read_toml
from console.utf8_text import utf8_text

FILE_NAME: Final = "pro.toml"
"""The name of the file in the workspace's folder."""
MOST_BYTES: Final = 1_000_000

_DEFAULTS: Final = ProSettings()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
_MOST_MINUTES: Final = 24 * 60
_MOST_SECONDS: Final = 24 * 3600
_LONGEST_UNDO_S: Final = 3600
_PAIR: Final = 2
_UTC: Final = "+00:00"
_SIDES: Final = ("engineer", "partner")

_WORDS: Final = (
    "consent.commencement",
    "consent.withdrawal",
    "renewal.anchor",
    "cancel.hours",
    "forfeit.scope",
    "engineers.metering",
    "third_party.wait",
    "rework.metering",
    "estimate.rounding",
    "gap.default",
    "idle.action",
    "parallel.unattended",
)
"""The settings that are one of a few words: those of their field's type."""
_NUMBERS: Final[dict[str, tuple[int, int]]] = {
    "forfeit.undo_s": (0, _LONGEST_UNDO_S),
    "noshow.after_min": (0, _MOST_MINUTES),
    "wrapup.unmetered_min": (0, _MOST_MINUTES),
    "gap.min_s": (0, _MOST_SECONDS),
    "clock.max_skew_s": (0, _MOST_SECONDS),
    "offline.max_h": (0, 24 * 366),
}
"""The settings that are a whole number, with the least and the most."""
_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "window": ("tz", "open", "close", "days", "exceptions"),
    "calendar": ("holidays",),
    "consent": ("commencement", "withdrawal"),
    "renewal": ("instant", "tz", "anchor"),
    "cancel": ("hours",),
    "forfeit": ("scope", "undo_s"),
    "engineers": ("metering",),
    "pause": ("kinds",),
    "third_party": ("wait",),
    "noshow": ("after_min", "charge"),
    "rework": ("metering",),
    "estimate": ("rounding",),
    "wrapup": ("unmetered_min",),
    "gap": ("min_s", "default"),
    "idle": ("action",),
    "clock": ("max_skew_s",),
    "offline": ("max_h",),
    "alerts": ("pct", "min"),
    "parallel": ("unattended",),
}


class ProSettingsFileError(ConsoleError):
    """A file of settings that cannot be read: one sentence with the file, the line where there is one, and the reason.

    Attributes: `source` the file as the caller named it, `line` from 1 or None, `reason` the rest.
    """

    def __init__(self, source: str, line: int | None, reason: str) -> None:
        self.source = source
        self.line = line
        self.reason = reason
        where = source if line is None else f"{source}, line {line}"
        super().__init__(f"{where}: {reason}{'' if reason[-1:] in '.?' else '.'}")


def load_pro_settings(path: Path) -> ProSettings:
    """The settings in a file; the defaults where there is no such file. ProSettingsFileError as above."""
    source = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return _DEFAULTS
    except IsADirectoryError:
        raise ProSettingsFileError(source, None, "this is a folder, not a file of settings") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise ProSettingsFileError(source, None, f"the file cannot be read: {reason.lower()}") from None
    return parse_pro_settings(_text(content, source), source, path.parent)


def parse_pro_settings(text: str, source: str, folder: Path) -> ProSettings:
    """The settings that a text says, over the defaults. `source` names it in errors; a file of holidays that it names
    lies in `folder` unless its path is absolute. ProSettingsFileError for the first mistake that is found."""
    top = read_toml(text, source, ProSettingsFileError)
    top.only((*_TABLES, "rounding"))
    for name, keys in _TABLES.items():
        top.table(name).only(keys)
    said: dict[str, Any] = dict(_plain(top))
    said |= _minutes_or("exact", top, "rounding", "rounding_min")
    said |= _minutes_or("none", top.table("noshow"), "charge", "noshow_charge_min")
    said |= _renewal(top.table("renewal"))
    said |= _alerts(top.table("alerts"))
    said |= _window(top.table("window"))
    if "holidays" in top.table("calendar").values:
        said["calendar_holidays"] = _holidays(top.table("calendar").text("holidays"), folder)
    if "kinds" in top.table("pause").values:
        said["pause_kinds"] = _pause_kinds(top.table("pause"))
    try:
        settings = ProSettings(**said)
    except ProSettingsError as error:  # its sentence begins with the key
        raise top.wrong(error.sentence, *error.sentence.partition(":")[0].split(".")) from None
    return replace(settings, window_exceptions=tuple(_exceptions(top.table("window"), settings.window_tz)))


def _plain(top: TomlTable) -> Iterator[tuple[str, str | int]]:
    """The settings that are one word of a few, or one number."""
    types = get_type_hints(ProSettings)
    for name in (*_WORDS, *_NUMBERS):
        table, key = name.split(".")
        found, field = top.table(table), f"{table}_{key}"
        if key not in found.values:
            continue
        if name in _NUMBERS:
            least, most = _NUMBERS[name]
            yield field, found.whole(key, least=least, most=most)
        else:
            yield field, found.choice(key, get_args(types[field]))


def _minutes_or(nothing: str, table: TomlTable, key: str, field: str) -> dict[str, int | None]:
    """A setting that is a number of minutes, or one word that stands for none."""
    value = table.values.get(key)
    if value is None:
        return {}
    if isinstance(value, str) and name_key(value) == nothing:
        return {field: None}
    if not isinstance(value, int) or isinstance(value, bool):
        raise table.wrong(f'"{key}" must be "{nothing}" or a whole number of minutes', key)
    return {field: table.whole(key, least=1, most=_MOST_MINUTES)}


def _renewal(table: TomlTable) -> dict[str, str]:
    """`instant` is the wall time of renewals for which billing gives only a date, in `tz`; with a Z at its end, UTC."""
    said = {}
    if "tz" in table.values:
        said["renewal_tz"] = table.text("tz")
    if "instant" in table.values:
        wall = table.text("instant")
        said["renewal_time"] = wall.removesuffix("Z")
        if wall.endswith("Z"):
            if said.get("renewal_tz", _UTC) not in (_UTC, "UTC"):
                raise table.wrong(f'"instant" {wall} is in UTC, and "tz" says {said["renewal_tz"]}', "instant")
            said["renewal_tz"] = _UTC
    return said


def _alerts(table: TomlTable) -> dict[str, tuple[int, ...]]:
    said = {}
    if "pct" in table.values:
        said["alerts_pct"] = tuple(sorted(_wholes(table, "pct", 100)))
    if "min" in table.values:
        said["alerts_min"] = tuple(sorted(_wholes(table, "min", _MOST_MINUTES), reverse=True))
    return said


def _wholes(table: TomlTable, key: str, most: int) -> set[int]:
    """A list of whole numbers from 1 on; an empty one warns of nothing."""
    values = table.values[key]
    if not isinstance(values, list):
        raise table.wrong(f'"{key}" must be a list of whole numbers, such as {key} = [50, 80]', key)
    for index, value in enumerate(values):
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise table.wrong(
                f'"{key}" must be a list of whole numbers from 1 to {most}, but holds {value}', key, index
            )
    return set(values)


def _window(table: TomlTable) -> dict[str, Any]:
    said: dict[str, Any] = {f"window_{key}": table.text(key) for key in ("tz", "open", "close") if key in table.values}
    if "days" in table.values:
        said["window_days"] = table.choices("days", _DAYS)
        if not said["window_days"]:
            raise table.wrong('"days" is empty: name at least one of mon, tue, wed, thu, fri, sat, sun', "days")
    return said


def _exceptions(window: TomlTable, zone: str) -> Iterator[DateException]:
    days: set[date] = set()
    for table in window.tables("exceptions"):
        exception = _exception(table, zone)
        if exception.day in days:
            raise table.wrong(f"a second exception for {exception.day}", "date")
        days.add(exception.day)
        yield exception


def _exception(table: TomlTable, zone: str) -> DateException:
    table.only(("date", "hours", "published"))
    day = table.values.get("date")
    if not isinstance(day, date) or isinstance(day, datetime):
        raise table.wrong('"date" must be a date without quotes, such as 2027-12-24', "date")
    _check_year(table, "date", day)
    hours = table.values.get("hours", [])
    if not isinstance(hours, list) or not all(isinstance(pair, list) and len(pair) == _PAIR for pair in hours):
        raise table.wrong(
            '"hours" must be a list of times such as [["09:00", "13:00"]]; left out, it is closed', "hours"
        )
    found = DateException(day, tuple((str(opens), str(closes)) for opens, closes in hours), _published(table, zone))
    try:
        service_calendar(ProSettings(window_exceptions=(found,)), (), RANGE_END_MS - 1)
    except CalendarError as error:
        raise table.wrong(error.sentence.replace("date_overrides.", "the hours of "), "hours") from None
    return found


def _published(table: TomlTable, zone: str) -> int:
    """Epoch ms. A date is its midnight in the window's zone, and a time without an offset is read there."""
    value = table.values.get("published", _EPOCH)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        example = "2027-12-01 or 2027-12-01T09:00:00Z"
        raise table.wrong(f'"published" must be a date or an instant without quotes, such as {example}', "published")
    _check_year(table, "published", value)
    if value.tzinfo is not None:
        return (value - _EPOCH) // timedelta(milliseconds=1)
    try:
        return wall_instant(value, zone)
    except WallTimeError as error:
        raise table.wrong(error.sentence, "published") from None


def _check_year(table: TomlTable, key: str, day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise table.wrong(f'"{key}" lies outside the years {FIRST_YEAR} to {LAST_YEAR}', key)


def _pause_kinds(table: TomlTable) -> tuple[PauseKind, ...]:
    """The whole table of interruptions: it replaces the default one."""
    found: list[PauseKind] = []
    for kind in table.tables("kinds"):
        kind.only(("name", "side", "metered"))
        name = kind.text("name")
        if any(name_key(known.name) == name_key(name) for known in found):
            raise kind.wrong(f'the kind "{name}" is listed twice', "name")
        side = cast(Literal["engineer", "partner"], kind.choice("side", _SIDES))
        found.append(PauseKind(name, side, kind.flag("metered")))
    return tuple(found)


def _holidays(name: str, folder: Path) -> str:
    """The name of a list, or the path of the file."""
    return spelled_as(name, (FEDERAL, NO_HOLIDAYS)) or str(folder / name)


def _text(content: bytes, source: str) -> str:
    """The text of a file, with or without the mark that some editors put before UTF-8."""
    if len(content) > MOST_BYTES:
        raise ProSettingsFileError(source, None, f"this is no file of settings: it has more than {MOST_BYTES:,} bytes")
    return utf8_text(content, partial(ProSettingsFileError, source))
