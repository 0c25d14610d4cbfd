"""Laws of the planner over generated questions.

Questions are whole minutes of two weeks around each change of the clock and around the turn of the year, so that a
slow reading of the terms, minute by minute, can be asked for the same answer.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import settings as lawful_settings
from hypothesis import strategies as st

from console.domain.pro_plan import Segment, plan
from console.domain.service_window import Consent
from tests.domain.new_york import NEW_YORK
from tests.domain.planning import FEDERAL, MINUTE, spans

lawful = lawful_settings(deadline=None, max_examples=80)
MINUTE_MS = MINUTE * 1000
DAY_MINUTES = 24 * 60
FIRST_DAYS = (datetime(2027, 3, 8, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC), datetime(2027, 12, 20, tzinfo=UTC))


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """The arguments of a plan. Most starts lie where work is allowed: in a window, or in the first of the consents."""
    first = round(draw(st.sampled_from(FIRST_DAYS)).timestamp()) * 1000

    def minute(low: int, high: int) -> int:
        return first + draw(st.integers(low, high)) * MINUTE_MS

    consents: list[Consent] = []
    for _ in range(draw(st.integers(0, 3))):
        begins_at = minute(0, 9 * DAY_MINUTES)
        ends_at = begins_at + draw(st.integers(1, 700)) * MINUTE_MS
        consents.append(
            Consent(
                begins_at=begins_at,
                ends_at=ends_at,
                recorded_at=minute(-DAY_MINUTES, 5 * DAY_MINUTES),
                time_sensitive=draw(st.integers(0, 9)) > 0,
                withdrawn_at=draw(st.none() | st.just(begins_at + 90 * MINUTE_MS)),
            )
        )
    start_at = minute(0, 6 * DAY_MINUTES)
    where = draw(st.sampled_from(("window", "window", "consent", "anywhere")))
    if where == "window":
        start_at = first + (draw(st.integers(0, 4)) * DAY_MINUTES + draw(st.integers(14 * 60, 22 * 60))) * MINUTE_MS
    elif consents and where == "consent":
        start_at = consents[0].begins_at
    complete = draw(st.none() | st.integers(1, 3 * DAY_MINUTES))
    return {
        "start_at": start_at,
        "seconds": draw(st.integers(1, 30 * 60)) * MINUTE,
        "renewal_at": start_at + draw(st.integers(-60, 8 * DAY_MINUTES)) * MINUTE_MS,
        "consents": tuple(consents),
        "complete_at": None if complete is None else start_at + complete * MINUTE_MS,
        "holidays": FEDERAL,
    }


def allowed(at: int, asked: dict[str, Any]) -> bool:
    """Whether work may go on in the minute that begins then: spec pro_services.md T12, read off the wall."""
    for agreed in asked["consents"]:
        ends_at = agreed.ends_at if agreed.withdrawn_at is None else min(agreed.ends_at, agreed.withdrawn_at)
        before = agreed.recorded_at < asked["start_at"]
        if before and agreed.time_sensitive and agreed.begins_at <= at < ends_at:
            return True
    wall = datetime.fromtimestamp(at / 1000, NEW_YORK)
    return wall.weekday() < 5 and wall.date() not in FEDERAL and 9 <= wall.hour < 18


def minute_by_minute(asked: dict[str, Any]) -> tuple[list[tuple[int, int]], str]:
    """The spans and the end, by walking through every minute."""
    start: int = asked["start_at"]
    renewal: int = asked["renewal_at"]
    complete = asked["complete_at"]
    if start >= renewal or not allowed(start, asked):
        return [], "refused"
    found: list[tuple[int, int]] = []
    left = asked["seconds"] // MINUTE
    at = start
    while True:
        if left == 0:
            return found, "exhausted"
        if at == renewal:
            return found, "expired"
        if at == complete:
            return found, "completed"
        if allowed(at, asked):
            if found and found[-1][1] == at:
                found[-1] = (found[-1][0], at + MINUTE_MS)
            else:
                found.append((at, at + MINUTE_MS))
            left -= 1
        at += MINUTE_MS


@lawful
@given(questions())
def test_a_plan_is_what_a_walk_through_every_minute_finds(asked: dict[str, Any]) -> None:
    found = plan(**asked)
    assert (spans(found), found.end) == minute_by_minute(asked)


@lawful
@given(questions())
def test_what_is_used_left_forfeited_and_expired_adds_up_to_what_was_bought(asked: dict[str, Any]) -> None:
    found = plan(**asked)
    rest = {"exhausted": 0, "completed": found.forfeited_ms, "expired": found.expired_ms, "refused": found.left_ms}
    assert found.used_ms + found.left_ms + found.forfeited_ms + found.expired_ms == asked["seconds"] * 1000
    assert found.left_ms + found.forfeited_ms + found.expired_ms == rest[found.end]


@lawful
@given(questions())
def test_metered_time_is_never_above_the_allocation_outside_allowed_ranges_or_past_the_renewal(
    asked: dict[str, Any],
) -> None:
    found = plan(**asked)
    assert found.used_ms <= asked["seconds"] * 1000
    for begins, ends in spans(found):
        assert asked["start_at"] <= begins < ends <= asked["renewal_at"]
        assert allowed(begins, asked)
        assert allowed(ends - MINUTE_MS, asked)


@lawful
@given(questions())
def test_segments_are_ordered_and_disjoint_and_each_but_the_last_ends_where_allowed_time_does(
    asked: dict[str, Any],
) -> None:
    found = plan(**asked)
    for earlier, later in zip(found.segments, found.segments[1:], strict=False):
        assert earlier.ends_at < later.begins_at
        assert earlier.binding in ("window", "consent")
        assert not allowed(earlier.ends_at, asked)


@lawful
@given(questions(), st.integers(1, 24 * 60))
def test_more_hours_never_shorten_what_was_planned(asked: dict[str, Any], more: int) -> None:
    less = plan(**asked)
    longer = plan(**{**asked, "seconds": asked["seconds"] + more * MINUTE})
    assert longer.used_ms >= less.used_ms
    assert spans(longer)[: max(len(less.segments) - 1, 0)] == spans(less)[:-1]


@lawful
@given(questions(), st.integers(1, 4 * DAY_MINUTES))
def test_a_plan_stopped_at_any_instant_and_gone_on_with_is_the_same_plan(asked: dict[str, Any], after: int) -> None:
    whole = plan(**asked)
    at = asked["start_at"] + after * MINUTE_MS
    inside = next((segment for segment in whole.segments if segment.begins_at < at < segment.ends_at), None)
    if inside is None:
        return
    done = [(begins, min(ends, at)) for begins, ends in spans(whole) if begins < at]
    used = sum(ends - begins for begins, ends in done)
    rest = plan(
        **{**asked, "start_at": at, "seconds": asked["seconds"] - used / 1000, "commenced_at": asked["start_at"]}
    )
    assert (rest.end, rest.used_ms + used) == (whole.end, whole.used_ms)
    assert Segment(inside.begins_at, rest.segments[0].ends_at, rest.segments[0].binding) == inside
