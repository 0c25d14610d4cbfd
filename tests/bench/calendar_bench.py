"""Business time against its peers: `add` and `elapsed` over a day, a month and a year, and how the cost grows.

Peers (the `bench` extra): businesstimedelta, pandas `CustomBusinessHour` and business-duration, imported where they are
measured; one that is missing is named in its row. Every peer must give our answer before it is timed. The goals are for
the business hours of the guidelines, Monday to Friday 08:00-19:00 in New York. Rows in UTC show how much of a peer's
time goes into its zone, rows with a lunch break how much into a second rule; neither makes a difference to us.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable
from datetime import datetime, time, timedelta
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.domain.calendar import BusinessCalendar

Row = dict[str, Any]
Ask = Callable[[], Any]

NEW_YORK: Final = "America/New_York"
UTC: Final = "Etc/UTC"
WHOLE_DAY: Final = [["08:00", "19:00"]]
WITH_LUNCH: Final = [["08:00", "12:00"], ["13:00", "19:00"]]
SPANS: Final = {"a day": (1, 1), "a month": (21, 29), "a year": (260, 364), "a decade": (2600, 3640)}
"""Working days, and the calendar days that they take from a Monday at ten."""
COMPARED: Final = ("a day", "a month", "a year")
GOALS: Final = {"businesstimedelta": ">= 40", "pandas": ">= 15", "business-duration": ">= 15"}
"""At a day; at longer spans, where some peers walk every day, the ratio is only shown."""


def run() -> list[Row]:
    rows = [
        row
        for span in COMPARED
        for kind in (adding, measuring)
        for row in kind(span, NEW_YORK, WHOLE_DAY, GOALS if span == "a day" else {})
    ]
    for zone, hours in ((UTC, WHOLE_DAY), (UTC, WITH_LUNCH)):
        rows += adding("a day", zone, hours, {}) + measuring("a day", zone, hours, {})
    return rows + growth()


def adding(span: str, zone: str, hours: list[list[str]], goals: dict[str, str]) -> list[Row]:
    """`add` over a span against each peer that has such hours."""
    calendar, start = opening(zone, hours), monday(zone)
    start_ms, seconds = milliseconds(start), SPANS[span][0] * day_seconds(hours)
    ours = best_us(lambda: calendar.add(start_ms, seconds))
    due_ms = calendar.add(start_ms, seconds)
    peers = {"businesstimedelta": lambda: add_with_businesstimedelta(start, seconds, hours)}
    if hours == WHOLE_DAY:
        peers["pandas"] = lambda: add_with_pandas(start, seconds // 3600)
    what = f"add {span}, {described(zone, hours)}"
    return [compared(what, ours, peer, prepare, due_ms, goals.get(peer)) for peer, prepare in peers.items()]


def measuring(span: str, zone: str, hours: list[list[str]], goals: dict[str, str]) -> list[Row]:
    """`elapsed` over a span against each peer that has such hours."""
    calendar, start = opening(zone, hours), monday(zone)
    end = start + timedelta(days=SPANS[span][1])
    start_ms, end_ms = milliseconds(start), milliseconds(end)
    ours = best_us(lambda: calendar.elapsed(start_ms, end_ms))
    seconds = calendar.elapsed(start_ms, end_ms)
    peers = {"businesstimedelta": lambda: elapsed_with_businesstimedelta(start, end, hours)}
    if hours == WHOLE_DAY:
        peers["business-duration"] = lambda: elapsed_with_business_duration(start, end)
    what = f"elapsed {span}, {described(zone, hours)}"
    return [compared(what, ours, peer, prepare, seconds, goals.get(peer)) for peer, prepare in peers.items()]


def compared(
    what: str, ours_us: float, peer: str, prepare: Callable[[], Ask], expected: float, goal: str | None
) -> Row:
    """One row; `prepare` imports the peer and returns what to time, whose answer must be `expected`."""
    row: Row = {"what": what, "ours_us": ours_us, "peer": peer, "peer_us": None, "ratio": None, "goal": goal}
    try:
        ask = prepare()
    except ImportError as missing:
        return row | {"note": f"not installed ({missing.name})"}
    answer = comparable(ask())
    if answer != expected:
        raise AssertionError(f"{what}: {peer} answers {answer}, ours is {expected}")
    peer_us = best_us(ask)
    return row | {"peer": f"{peer} {version(peer)}", "peer_us": peer_us, "ratio": peer_us / ours_us}


def add_with_businesstimedelta(start: datetime, seconds: int, hours: list[list[str]]) -> Ask:
    rules = businesstimedelta_rules(str(start.tzinfo), hours)
    amount, moment = import_module("businesstimedelta").BusinessTimeDelta(rules, seconds=seconds), in_pytz(start)
    return lambda: moment + amount


def elapsed_with_businesstimedelta(start: datetime, end: datetime, hours: list[list[str]]) -> Ask:
    rules = businesstimedelta_rules(str(start.tzinfo), hours)
    moment, later = in_pytz(start), in_pytz(end)
    return lambda: rules.difference(moment, later)


def businesstimedelta_rules(zone: str, hours: list[list[str]]) -> Any:
    peer, zone_of_peer = import_module("businesstimedelta"), pytz_zone(zone)
    rules = [peer.WorkDayRule(start_time=time(8), end_time=time(19), working_days=[0, 1, 2, 3, 4], tz=zone_of_peer)]
    if hours == WITH_LUNCH:
        rules.append(peer.LunchTimeRule(start_time=time(12), end_time=time(13), tz=zone_of_peer))
    return peer.Rules(rules)


def in_pytz(moment: datetime) -> datetime:
    """An instant in the kind of zone that businesstimedelta is made for, and fastest with."""
    return moment.astimezone(pytz_zone(str(moment.tzinfo)))


def pytz_zone(name: str) -> Any:
    pytz = import_module("pytz")
    return pytz.utc if name == UTC else pytz.timezone(name)


def add_with_pandas(start: datetime, hours: int) -> Ask:
    pandas = import_module("pandas")
    moment = pandas.Timestamp(start)
    offset = pandas.offsets.CustomBusinessHour(hours, start="08:00", end="19:00")
    return lambda: moment + offset


def elapsed_with_business_duration(start: datetime, end: datetime) -> Ask:
    """It knows no zones: it is given local times."""
    import_module("pandas")
    duration = import_module("business_duration").businessDuration
    wall_start, wall_end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    return lambda: duration(wall_start, wall_end, time(8), time(19), unit="sec")


def growth() -> list[Row]:
    """What our own cost grows with: the span once the table is there, the first question, and the pauses."""
    calendar, start_ms = opening(NEW_YORK, WHOLE_DAY), milliseconds(monday(NEW_YORK))
    rows: list[Row] = [{"what": "read a mapping", "ours_us": best_us(lambda: opening(NEW_YORK, WHOLE_DAY))}]
    for span, (working_days, days) in SPANS.items():
        ms, end_ms = working_days * day_seconds(WHOLE_DAY) * 1000, start_ms + days * 86_400_000
        costs: dict[str, Ask] = {
            f"add_ms {span}": lambda ms=ms: calendar.add_ms(start_ms, ms),
            f"elapsed_ms {span}": lambda end_ms=end_ms: calendar.elapsed_ms(start_ms, end_ms),
            f"add_ms {span}, the first question": lambda ms=ms: opening(NEW_YORK, WHOLE_DAY).add_ms(start_ms, ms),
        }
        rows += [{"what": what, "ours_us": best_us(ask)} for what, ask in costs.items()]
    for count in (1, 4, 16):
        ms = 21 * day_seconds(WHOLE_DAY) * 1000
        pauses = [(begins, begins + 3_600_000) for begins in range(start_ms, start_ms + count * 86_400_000, 86_400_000)]
        took = best_us(lambda ms=ms, pauses=pauses: calendar.add_ms(start_ms, ms, pauses))
        rows.append({"what": f"add_ms a month around pauses: {count}", "ours_us": took})
    return rows


def opening(zone: str, hours: list[list[str]]) -> BusinessCalendar:
    weekly_hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), hours)
    return BusinessCalendar.from_mapping({"timezone": zone, "weekly_hours": weekly_hours})


def monday(zone: str) -> datetime:
    return datetime(2026, 7, 6, 10, tzinfo=ZoneInfo(zone))


def day_seconds(hours: list[list[str]]) -> int:
    return sum(int(end[:2]) - int(start[:2]) for start, end in hours) * 3600


def described(zone: str, hours: list[list[str]]) -> str:
    return zone.partition("/")[2].replace("_", " ") + (", lunch break" if hours == WITH_LUNCH else "")


def comparable(answer: Any) -> float:
    """A peer's answer as ours: epoch ms for an instant, seconds for a duration."""
    if isinstance(answer, datetime):
        return milliseconds(answer)
    if hasattr(answer, "timedelta"):
        return float(answer.timedelta.total_seconds())
    return float(answer)


def milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def best_us(ask: Ask) -> float:
    """The best of many short batches, in microseconds a call: what the machine does when nothing else disturbs it."""
    timer = timeit.Timer(ask)
    number = 1
    while (took := timer.timeit(number)) < 0.005:
        number = max(number * 2, round(number * 0.006 / max(took, 1e-6)))
    return min([took, *timer.repeat(20, number)]) / number * 1e6


if __name__ == "__main__":
    from tests.bench.__main__ import show

    show(run())
