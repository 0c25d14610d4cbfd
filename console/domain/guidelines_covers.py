"""The `[cover.*]` tables of a guidelines file -> one calendar per cover, or the line of the hours that are wrong.

Source: spec sla.md 1. Pure; a part of `guidelines_document`. The covers `business`, `24/5` and `24/7` are there without
being declared; a file may change them and add its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from console.domain.calendar import BusinessCalendar, CalendarError
from console.domain.guidelines import POLICY_COVER
from console.domain.names import spelled_as
from console.domain.opening_hours import WEEKDAYS
from console.domain.toml_document import TomlTable

_KEYS: Final = ("timezone", "weekly_hours", "holidays", "yearly_holidays", "date_overrides", "breaks")
_ZONE: Final = "America/New_York"
_ROUND_THE_WEEK: Final = "24/5"
_ALWAYS: Final = "24/7"
_WHOLE_DAY: Final = [["00:00", "24:00"]]
_BUILT_IN: Final[dict[str, dict[str, list[list[str]]]]] = {
    POLICY_COVER: {day: [["08:00", "19:00"]] for day in WEEKDAYS[:5]},
    _ROUND_THE_WEEK: dict.fromkeys(WEEKDAYS[:5], _WHOLE_DAY),
    _ALWAYS: dict.fromkeys(WEEKDAYS, _WHOLE_DAY),
}

Hours = dict[str, Any]
"""A cover as `BusinessCalendar.from_mapping` takes it."""


def read_covers(table: TomlTable) -> tuple[dict[str, Hours], Mapping[str, BusinessCalendar]]:
    """The hours and the calendar of each cover by name, the built-in ones first. A cover takes the zone of `business`
    unless it says its own, and `24/5` its holidays too: holidays close both, and never `24/7`."""
    declared: dict[str, TomlTable] = {}
    for key in table.values:
        name = spelled_as(key, [*_BUILT_IN, *declared]) or key
        if name in declared:
            raise table.wrong(f'the cover "{key}" is declared twice', key)
        declared[name] = table.table(key)
        declared[name].only(_KEYS)
    hours: dict[str, Hours] = {}
    calendars: dict[str, BusinessCalendar] = {}
    for name in dict.fromkeys([*_BUILT_IN, *declared]):
        cover = declared.get(name) or table.table(name)
        hours[name] = _hours(name, cover, hours.get(POLICY_COVER, {}))
        calendars[name] = _calendar(name, cover, hours[name])
    return hours, MappingProxyType(calendars)


def _hours(name: str, cover: TomlTable, business: Hours) -> Hours:
    """What a cover says, over what it leaves to the defaults."""
    hours: Hours = {"timezone": business.get("timezone", _ZONE)}
    if name in _BUILT_IN:
        hours["weekly_hours"] = _BUILT_IN[name]
    if name == _ROUND_THE_WEEK:
        hours |= {key: business[key] for key in ("holidays", "yearly_holidays") if key in business}
    return hours | dict(cover.values)


def _calendar(name: str, cover: TomlTable, hours: Hours) -> BusinessCalendar:
    try:
        calendar = BusinessCalendar.from_mapping(hours)
    except CalendarError as error:
        raise cover.wrong(f"[cover.{name}] {error.sentence}", *_culprit(hours)) from None
    if not calendar.has_hours:
        raise cover.wrong(f'the cover "{name}" has no hours: it needs weekly_hours, day by day')
    if name == _ALWAYS and not calendar.always_open:
        raise cover.wrong('the cover "24/7" must always be open: give hours that close another name')
    return calendar


def _culprit(hours: Hours) -> tuple[str | int, ...]:
    """The keys that lead to what a calendar does not take: its parts are tried one at a time."""
    zone = {"timezone": hours["timezone"]}
    if _refused(zone):
        return ("timezone",)
    for key in hours:
        match hours[key]:
            case dict() as days:
                parts: list[tuple[str | int, object]] = [(day, {day: spans}) for day, spans in days.items()]
            case list() as items:
                parts = [(index, [item]) for index, item in enumerate(items)]
            case _:
                parts = []
        for part, alone in parts:
            if _refused(zone | {key: alone}):
                return (key, part)
        if _refused(zone | {key: hours[key]}):
            return (key,)
    return ()


def _refused(hours: Hours) -> bool:
    try:
        BusinessCalendar.from_mapping(hours)
    except CalendarError:
        return True
    return False
