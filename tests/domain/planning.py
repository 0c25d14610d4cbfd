"""Asking the planner in wall times of New York."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from console.domain.pro_plan import Plan, plan
from console.domain.pro_settings import ProSettings
from console.domain.service_window import Consent
from console.holiday_files import federal_holidays
from tests.domain.new_york import ny

HOUR = 3600
MINUTE = 60
HOUR_MS = HOUR * 1000
FEDERAL = federal_holidays(2026, 2028)
FAR = "2028-03-01 00:00"
DEFAULTS = ProSettings()


def planned(
    start: str,
    seconds: float,
    *consents: Consent,
    renewal: str = FAR,
    complete: str | None = None,
    settings: ProSettings = DEFAULTS,
    holidays: Collection[date] = FEDERAL,
    commenced: str | None = None,
) -> Plan:
    return plan(
        ny(start),
        seconds,
        ny(renewal),
        consents=consents,
        complete_at=None if complete is None else ny(complete),
        settings=settings,
        holidays=holidays,
        commenced_at=None if commenced is None else ny(commenced),
    )


def spans(found: Plan) -> list[tuple[int, int]]:
    return [(segment.begins_at, segment.ends_at) for segment in found.segments]


def runs(*pairs: tuple[str, str]) -> list[tuple[int, int]]:
    return [(ny(begins), ny(ends)) for begins, ends in pairs]
