"""The warnings of a running session: each once, at its instant, whatever restarts, ticks late or changes in between.

Wall times are New York's on Tue 2027-01-12 unless a date stands there; the renewal is 2027-02-01 00:00.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.domain import pro_events as pe
from console.domain.pro_alerts import Alert, alerts, due
from console.domain.pro_settings import ProSettings
from tests.domain.pro_story import DEFAULTS, ProStory
from tests.domain.test_pro_running import SUM, Session, a_session, lunch

Told = tuple[str, int]
"""`50%` or the name of a limit, and the minutes before it."""


def told(alert: Alert) -> Told:
    return ("%", alert.threshold) if alert.kind == "share" else (str(alert.limit), alert.threshold)


def plan(session: Session, at: str, settings: ProSettings = DEFAULTS) -> dict[Told, int]:
    return {told(alert): alert.due_at for alert in alerts(session.look(at, settings), settings)}


def at(story: ProStory, times: dict[Told, str]) -> dict[Told, int]:
    return {name: story.at(time) for name, time in times.items()}


def sentences(session: Session, from_: str, until: str, settings: ProSettings = DEFAULTS) -> list[str]:
    """What a look at one instant says by another, in the order in which it is due."""
    found = due(alerts(session.look(from_, settings), settings), session.story.at(until))
    return [alert.sentence for alert in found]


def raised(session: Session, *looks: str, settings: ProSettings = DEFAULTS) -> Iterator[list[Told]]:
    """What each of some looks raises, if what was raised before is remembered by its key."""
    known: set[str] = set()
    for look in looks:
        found = due(alerts(session.look(look, settings), settings), session.story.at(look))
        yield [told(alert) for alert in found if alert.key not in known]
        known |= {alert.key for alert in found}


OF_TWO_HOURS: dict[Told, str] = {
    ("%", 50): "11:00",
    ("%", 80): "11:36",
    ("%", 95): "11:54",
    ("%", 100): "12:00",
    ("allocation", 30): "11:30",
    ("allocation", 15): "11:45",
    ("allocation", 5): "11:55",
}
"""When what is told, where two hours run from 10:00 on."""


def test_alerts_at_shares_of_the_allocation_and_before_its_end() -> None:
    session = a_session(2)
    assert plan(session, "10:00") == at(session.story, OF_TWO_HOURS)


def test_alerts_say_what_is_left_and_what_becomes_of_it() -> None:
    assert sentences(a_session(2), "10:00", "12:00") == [
        "50% of 2h used, 1h left.",
        "Hours used up in 30m.",
        "80% of 2h used, 24m left.",
        "Hours used up in 15m.",
        "95% of 2h used, 6m left.",
        "Hours used up in 5m.",
        "The 2h are used up (T10).",
    ]
    assert sentences(a_session(4, "16:00"), "16:00", "17:55")[-2:] == [
        "Window closes in 15m, 2h will be carried to Wed 9:00 AM ET.",
        "Window closes in 5m, 2h will be carried to Wed 9:00 AM ET.",
    ]


def test_nothing_is_due_that_lies_beyond_the_stop_at_the_nearest_limit() -> None:
    found = plan(a_session(4, "16:00"), "16:00")
    assert set(found) == {("%", 50), ("window", 30), ("window", 15), ("window", 5)}


def test_a_limit_beyond_the_nearest_warns_while_the_session_is_still_on() -> None:
    session = a_session(4, "16:00", renewal="2027-01-12 18:10")
    found = plan(session, "16:00")
    assert found["renewal", 30] == session.story.at("17:40")
    assert found["renewal", 15] == session.story.at("17:55")
    assert ("renewal", 5) not in found
    assert sentences(session, "16:00", "17:40")[-1] == "Renewal in 30m, 2h expire."


def test_the_renewal_warns_before_it_cuts_the_session() -> None:
    session = a_session(4, "16:00", renewal="2027-01-12 17:00")
    assert sentences(session, "16:00", "17:00") == [
        "Renewal in 30m, 3h expire.",
        "Renewal in 15m, 3h expire.",
        "Renewal in 5m, 3h expire.",
    ]


def test_a_late_tick_still_raises_each_once() -> None:
    session = a_session(2)
    first, second, third = raised(session, "10:30", "11:40", "11:40")
    assert first == []
    assert second == [("%", 50), ("allocation", 30), ("%", 80)]
    assert third == []


def test_a_restart_raises_nothing_again() -> None:
    session = a_session(2)
    before = alerts(session.look("10:00"), DEFAULTS)
    again = alerts(session.look("11:50"), DEFAULTS)
    assert {alert.key: alert.due_at for alert in again} == {alert.key: alert.due_at for alert in before}


def test_a_stop_and_a_start_raise_nothing_again() -> None:
    session = a_session(2)
    (first,) = raised(session, "11:10")
    assert first == [("%", 50)]
    session.story.stops(session.segment, "11:10")
    second = Session(session.story, session.story.starts("14:00"))
    keys = {told(alert): alert.key for alert in alerts(session.look("11:00"), DEFAULTS)}
    later = {told(alert): alert.key for alert in alerts(second.look("14:00"), DEFAULTS)}
    assert all(keys[name] == key for name, key in later.items())
    assert later.keys() == keys.keys()


def test_an_extension_makes_new_ones_for_what_is_still_ahead() -> None:
    session = a_session(1)
    session.story.buys(1, "10:50", purchase="P-2", ticket="t-2", extends="t-1")
    before, after = raised(session, "10:49", "10:55")
    assert before == [("%", 50), ("allocation", 30), ("allocation", 15), ("%", 80)]
    assert after == []
    assert plan(session, "10:55") == at(session.story, OF_TWO_HOURS)


def test_a_share_that_was_passed_before_an_extension_is_not_told_of_the_larger_allocation() -> None:
    session = a_session(4, "10:00")
    session.story.buys(1, "13:30", purchase="P-2", ticket="t-2", extends="t-1")
    (found,) = raised(session, "13:31")
    assert found == []
    assert ("%", 80) in plan(session, "13:31")


def test_a_second_session_of_the_same_size_has_alerts_of_its_own() -> None:
    session = a_session(4)
    first = {alert.key for alert in alerts(session.look("10:30"), DEFAULTS)}
    session.story.stops(session.segment, "11:00")
    session.story.completes("11:01")
    session.story.buys(4, "11:02", purchase="P-2")
    session.story.books(4, "2027-01-13 10:00", at="11:03")
    second = Session(session.story, session.story.starts("2027-01-13 10:00"))
    look = second.look("2027-01-13 10:00")
    assert look.allocated_ms == session.look("10:30").allocated_ms
    assert not first & {alert.key for alert in alerts(look, DEFAULTS)}


def test_scenario_58_in_a_pause_nothing_is_due_that_hangs_on_the_clock() -> None:
    session = a_session(2, "16:00")
    lunch(session, "16:50")
    assert sentences(session, "16:50", "17:45") == [
        "Window closes in 30m, 40m will be carried to Wed 9:00 AM ET.",
        "Window closes in 15m, 55m will be carried to Wed 9:00 AM ET.",
    ]


def test_scenario_58_after_a_pause_the_end_of_the_hours_is_told_once_of_one_allocation() -> None:
    session = a_session(2)
    early, late = alerts(session.look("11:31"), DEFAULTS), session.story.at("11:31")
    pause = lunch(session, "11:40")
    session.story.tell("12:40", pe.PauseEnded(pause=pause))
    keys = {alert.key for alert in due(early, late)}
    after = alerts(session.look("12:45"), DEFAULTS)
    assert {told(alert) for alert in due(after, session.story.at("12:45")) if alert.key not in keys} == {
        ("%", 80),
        ("allocation", 15),
    }


def test_scenario_61_the_sum_of_two_engineers_halves_the_time_to_each_alert() -> None:
    session = a_session(2)
    session.story.starts("10:00", actor="Jon")
    assert plan(session, "10:00", SUM)["%", 50] == session.story.at("10:30")
    assert plan(session, "10:00", SUM)["allocation", 15] == session.story.at("10:45")
    assert sentences(session, "10:00", "10:30", SUM) == [
        "50% of 2h used, 1h left. 2 engineers are counted.",
        "Hours used up in 30m, 2 engineers are counted.",
    ]


def test_a_start_shortly_before_a_limit_is_warned_once_with_the_time_that_there_is() -> None:
    session = a_session(4, "17:50")
    assert sentences(session, "17:50", "17:50") == ["Window closes in 10m, 3h 50m will be carried to Wed 9:00 AM ET."]
    assert set(plan(session, "17:50")) == {("window", 15), ("window", 5)}


def test_a_withdrawn_consent_makes_new_alerts_before_the_new_end() -> None:
    story = ProStory()
    story.buys(6)
    story.ready(6, "16:00")
    consent = story.consents("18:00", "21:00", "2027-01-11 12:00")
    session = Session(story, story.starts("16:00"))
    assert plan(session, "18:30")["consent", 15] == story.at("20:45")
    story.tell("19:30", pe.ConsentWithdrawn(consent=consent))
    assert plan(session, "18:30")["consent", 15] == story.at("19:15")


@pytest.mark.parametrize(("settings", "names"), [(ProSettings(alerts_pct=(25,), alerts_min=()), {("%", 25)})])
def test_what_is_warned_of_is_a_setting(settings: ProSettings, names: set[Told]) -> None:
    assert set(plan(a_session(2), "10:00", settings)) == names


def test_work_that_is_not_metered_is_warned_of_the_window_only() -> None:
    session = a_session(2)
    session.story.stops(session.segment, "10:30")
    rework = Session(session.story, session.story.starts("17:00", purpose="rework"))
    found = {told(a): a.sentence for a in alerts(rework.look("17:00"), DEFAULTS) if a.kind == "limit"}
    assert found == {("window", m): f"Window closes in {m}m." for m in (30, 15, 5)}
