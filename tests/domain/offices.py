"""Calendars that tests of calendars ask, and instants in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.domain.calendar import BusinessCalendar

SECOND = 1000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
WORKDAYS = {day: [["08:00", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
ALL_DAY = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def office(**changes: Any) -> BusinessCalendar:
    return BusinessCalendar.from_mapping({"timezone": "America/New_York", "weekly_hours": WORKDAYS, **changes})


def open_all_week(**changes: Any) -> BusinessCalendar:
    return office(weekly_hours=ALL_DAY, **changes)
