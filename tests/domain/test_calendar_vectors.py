"""Business time against the shared vectors: published tests of other libraries, gathered as facts.

Where a vector has two defensible answers (`boundary`), this project answers with the closing instant (spec sla.md 2):
the source's own answer where `boundary` is "close", the other accepted one where it is "open".
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from console.domain.calendar import BusinessCalendar

CALENDAR_KEYS = ("timezone", "weekly_hours", "holidays", "yearly_holidays", "date_overrides", "breaks")
VECTORS_FILE = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "business_time.json"

if VECTORS_FILE.is_file():
    VECTORS = json.loads(VECTORS_FILE.read_text(encoding="utf-8"))["vectors"]
else:
    pytest.skip("the folder of shared vectors is not beside this checkout", allow_module_level=True)


def instant(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def instants(periods: list[list[str]]) -> list[tuple[int, int]]:
    return [(instant(opening), instant(closing)) for opening, closing in periods]


ANSWERS: dict[str, Callable[[BusinessCalendar, dict[str, Any]], object]] = {
    "add_business_time": lambda calendar, given: calendar.add(instant(given["start"]), given["seconds"]),
    "subtract_business_time": lambda calendar, given: calendar.subtract(instant(given["start"]), given["seconds"]),
    "elapsed_business_time": lambda calendar, given: calendar.elapsed(instant(given["start"]), instant(given["end"])),
    "in_business_hours": lambda calendar, given: calendar.is_open(instant(given["at"])),
    "is_holiday": lambda calendar, given: calendar.is_holiday(instant(given["at"])),
    "next_open": lambda calendar, given: calendar.next_open(instant(given["at"])),
    "periods_after": lambda calendar, given: list(
        itertools.islice(calendar.periods_after(instant(given["from"])), given["count"])
    ),
    "periods_before": lambda calendar, given: list(
        itertools.islice(calendar.periods_before(instant(given["from"])), given["count"])
    ),
    "periods_between": lambda calendar, given: calendar.periods_between(
        instant(given["from"]), instant(given["until"])
    ),
    "local_to_instant": lambda calendar, given: calendar.to_instant(given["date"], given["time"]),
}


def expected_answer(vector: dict[str, Any]) -> object:
    answer = vector["also_accept"] if vector.get("boundary") == "open" else vector["expected"]
    match answer:
        case {"at": at}:
            return instant(at)
        case {"seconds": seconds}:
            return seconds
        case {"value": value}:
            return value
        case {"periods": periods}:
            return instants(periods)
    raise AssertionError(f"a vector expects an answer of an unknown kind: {answer}")


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_vector(vector: dict[str, Any]) -> None:
    calendar = BusinessCalendar.from_mapping({key: vector[key] for key in CALENDAR_KEYS if key in vector})
    assert ANSWERS[vector["op"]](calendar, vector["input"]) == expected_answer(vector)


OVERNIGHT = [vector for vector in VECTORS if "overnight_equivalent" in vector]


@pytest.mark.parametrize("vector", OVERNIGHT, ids=[vector["id"] for vector in OVERNIGHT])
def test_hours_written_over_midnight_answer_as_the_split_ones(vector: dict[str, Any]) -> None:
    calendar = BusinessCalendar.from_mapping(
        {"timezone": vector["timezone"], "weekly_hours": vector["overnight_equivalent"]}
    )
    assert ANSWERS[vector["op"]](calendar, vector["input"]) == expected_answer(vector)


def test_the_file_holds_all_its_vectors() -> None:
    assert len(VECTORS) == 116
    assert {vector["op"] for vector in VECTORS} == set(ANSWERS)
