"""A running session by arithmetic: its figures at any later instant are those that folding and metering would give.

Wall times are New York's on Tue 2027-01-12 unless a date stands there; the renewal is 2027-02-01 00:00.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import settings as lawful_settings
from hypothesis import strategies as st

from console.domain import pro_events as pe
from console.domain.metering import Limit, available_ms, measure
from console.domain.pro import fold
from console.domain.pro_running import Running, elapsed_ms, left_ms, nearest_limit, running, today_ms, warning_sentence
from console.domain.pro_settings import ProSettings
from console.domain.service_window import service_calendar
from tests.domain.pro_story import DEFAULTS, FEDERAL, HOUR_MS, MINUTE, MINUTE_MS, ProStory
from tests.domain.test_pro_laws import FROM, Fact, Purchase, Work, allocations, facts_of, purchases, told, works

EASTERN = "America/New_York"
SUM = ProSettings(engineers_metering="sum")


@dataclass
class Session:
    """A story with an open segment, and looks at it."""

    story: ProStory
    segment: str

    def look(self, at: str, settings: ProSettings = DEFAULTS) -> Running:
        metering = self.story.measured(at, settings)
        return running(self.story.account, metering, self.segment, settings, FEDERAL, account_name="Harbour")

    def warning(self, at: str, settings: ProSettings = DEFAULTS) -> str | None:
        return warning_sentence(self.look(at, settings), self.story.at(at), EASTERN)


def a_session(
    hours: float = 2, begins: str = "10:00", *, day: str = "2027-01-12", renewal: str | None = None
) -> Session:
    story = ProStory(day)
    story.buys(hours, f"{day} 08:00", renewal=renewal or "2027-02-01 00:00")
    story.prepares(f"{day} 08:10")
    story.books(hours, begins, at=f"{day} 08:20")
    return Session(story, story.starts(begins))


def lunch(session: Session, at: str) -> str:
    return session.story.tell(at, pe.PauseBegan(segment=session.segment, pause_kind="lunch"))


def test_a_look_says_who_works_on_what_since_when_and_until_when() -> None:
    session = a_session()
    session.story.tell("10:05", pe.SegmentItemSet(segment=session.segment, item="vpn", unattended_job="copy of 500 GB"))
    found, at = session.look("10:30"), session.story.at
    assert (found.segment, found.engagement, found.account) == (session.segment, "t-1", "Harbour")
    assert (found.engineer, found.began_at, found.as_of) == ("Mara", at("10:00"), at("10:30"))
    assert (found.item, found.unattended_job) == ("vpn", "copy of 500 GB")
    assert found.slot == (at("10:00"), at("12:00"))
    assert (found.range_ends_at, found.range_end) == (at("18:00"), "window")
    assert found.next_open_at == at("2027-01-13 09:00")
    assert found.expires_at == at("2027-02-01 00:00")
    assert (found.metering, found.paused, found.weight) == (True, None, 1)


def test_the_timer_runs_to_the_limit_and_stands_still_there() -> None:
    session = a_session()
    look, at = session.look("10:30"), session.story.at
    assert (look.limit, look.limit_at) == ("allocation", at("12:00"))
    for now, elapsed in (("10:30", 30), ("11:15", 75), ("12:00", 120), ("13:00", 120)):
        assert elapsed_ms(look, at(now)) == elapsed * MINUTE_MS
        assert left_ms(look, at(now)) == (120 - elapsed) * MINUTE_MS


def test_a_look_from_before_is_right_to_the_millisecond() -> None:
    look = a_session().look("10:30")
    assert elapsed_ms(look, look.as_of + 1234) == 30 * MINUTE_MS + 1234
    assert left_ms(look, look.as_of + 1234) == 90 * MINUTE_MS - 1234


def test_a_clock_behind_the_look_shows_the_look() -> None:
    look = a_session().look("10:30")
    assert elapsed_ms(look, look.as_of - 5000) == 30 * MINUTE_MS


def test_the_session_is_all_its_segments_and_today_is_the_windows_date() -> None:
    story = a_session(4, "17:00").story
    story.stops(next(iter(story.account.segments)), "18:00")
    session = Session(story, story.starts("2027-01-13 09:00"))
    look = session.look("2027-01-13 09:20")
    assert look.session_metered_ms == 80 * MINUTE_MS
    assert look.today_metered_ms == 20 * MINUTE_MS
    assert today_ms(look, story.at("2027-01-13 09:30")) == 30 * MINUTE_MS


def test_a_session_over_midnight_counts_its_new_day_from_midnight_on() -> None:
    story = ProStory("2027-01-13")
    story.buys(8)
    story.ready(8, "21:00")
    story.consents("20:00", "2027-01-14 06:00", "2027-01-12 12:00")
    session = Session(story, story.starts("21:00"))
    look = session.look("22:00")
    assert today_ms(look, story.at("23:59:59")) == 3 * HOUR_MS - 1000
    assert today_ms(look, story.at("2027-01-14 00:30")) == 30 * MINUTE_MS
    assert elapsed_ms(look, story.at("2027-01-14 00:30")) == 210 * MINUTE_MS


def test_a_second_session_of_an_engagement_starts_from_nothing() -> None:
    session = a_session(5)
    story = session.story
    story.stops(session.segment, "10:30")
    done = story.completes("10:31")
    assert session.look("10:25").session == "t-1"
    story.tell("10:40", pe.CompletionUndone(completion=done, approved_by=("Lea", "Bo")))
    undone = story.completes("10:50")
    story.buys(2, "10:55", purchase="P-2")
    story.books(2, "11:00", at="10:56")
    second = Session(story, story.starts("11:00")).look("11:20")
    assert second.session == undone
    assert (second.session_metered_ms, second.drawn_ms) == (20 * MINUTE_MS, 20 * MINUTE_MS)
    assert (second.allocated_ms, second.left_ms) == (2 * HOUR_MS, 100 * MINUTE_MS)


def test_percentages_are_of_what_is_drawn_left_and_kept_for_gaps() -> None:
    session = a_session(2)
    gap = session.story.gap(session.segment, "10:30", "10:50")
    waiting = session.look("11:00")
    assert (waiting.drawn_ms, waiting.left_ms, waiting.allocated_ms) == (
        40 * MINUTE_MS,
        60 * MINUTE_MS,
        2 * HOUR_MS,
    )
    session.story.answers(gap, "worked", "11:00")
    assert session.look("11:00").drawn_ms == HOUR_MS
    assert session.look("11:00").allocated_ms == 2 * HOUR_MS


def test_a_correction_counts_as_drawn() -> None:
    session = a_session(2)
    first = session.story.works("2027-01-12 09:00", "2027-01-12 09:30")
    session.story.corrects(first, 10 * MINUTE, "09:40")
    assert session.look("10:00").drawn_ms == 40 * MINUTE_MS
    assert session.look("10:00").allocated_ms == 2 * HOUR_MS


def test_scenario_58_in_a_pause_the_end_of_the_hours_moves_and_the_window_and_the_renewal_do_not() -> None:
    session = a_session(2)
    lunch(session, "11:00")
    look, at = session.look("11:00"), session.story.at
    assert (look.metering, look.paused) == (False, ("lunch", at("11:00")))
    assert elapsed_ms(look, at("11:40")) == HOUR_MS
    assert nearest_limit(look, at("11:00")) == Limit(at("12:00"), "allocation")
    assert nearest_limit(look, at("11:40")) == Limit(at("12:40"), "allocation")
    assert nearest_limit(look, at("17:30")) == Limit(at("18:00"), "window")
    assert nearest_limit(look, at("18:00")) is None


def test_scenario_58_a_metered_pause_stops_nothing() -> None:
    session = a_session(2)
    session.story.tell("11:00", pe.PauseBegan(segment=session.segment, pause_kind="waiting for the partner"))
    look = session.look("11:00")
    assert (look.metering, look.paused) == (True, ("waiting for the partner", session.story.at("11:00")))
    assert elapsed_ms(look, session.story.at("11:30")) == 90 * MINUTE_MS


def test_scenario_61_the_sum_of_two_engineers_doubles_the_speed_of_the_countdown_and_says_so() -> None:
    session = a_session(2)
    session.story.starts("10:00", actor="Jon")
    look, at = session.look("10:30", SUM), session.story.at
    assert (look.weight, look.limit_at) == (2, at("11:00"))
    assert (left_ms(look, at("10:30")), left_ms(look, at("10:40"))) == (HOUR_MS, 40 * MINUTE_MS)
    assert elapsed_ms(look, at("10:40")) == 40 * MINUTE_MS
    assert session.warning("10:45", SUM) == "hours used up in 15m, 2 engineers are counted"
    assert session.look("10:30").limit_at == at("12:00")


def test_scenario_61_while_one_of_two_is_at_lunch_the_other_is_counted_alone() -> None:
    session = a_session(2)
    session.story.starts("10:00", actor="Jon")
    lunch(session, "10:30")
    look = session.look("10:30", SUM)
    assert (look.metering, look.weight, look.limit_at) == (True, 1, session.story.at("11:30"))


def test_scenario_02_the_window_closes_and_the_rest_is_carried() -> None:
    session = a_session(3, "16:30")
    assert session.warning("17:45") == "window closes in 15m, 1h 30m will be carried to Wed 9:00 AM ET"
    assert session.warning("17:55:47") == "window closes in 4m 13s, 1h 30m will be carried to Wed 9:00 AM ET"


def test_the_rest_is_carried_over_a_holiday_weekend_to_the_next_business_day() -> None:
    session = a_session(3, "16:30", day="2027-01-15")
    assert session.warning("17:30") == "window closes in 30m, 1h 30m will be carried to Tue 9:00 AM ET"


def test_scenario_31_what_cannot_be_worked_before_the_renewal_is_named_as_lost() -> None:
    session = a_session(4, "16:00", day="2027-01-29")
    assert session.warning("17:45") == "window closes in 15m, 2h expire"
    assert session.look("17:45").next_open_at is None


def test_scenario_32_a_part_is_carried_and_a_part_is_lost() -> None:
    session = a_session(4, "16:00", day="2027-01-13", renewal="2027-01-14 10:00")
    assert session.warning("17:45") == "window closes in 15m, 1h will be carried to Thu 9:00 AM ET, 1h expire"


def test_scenario_28_the_renewal_inside_the_window_names_what_expires() -> None:
    session = a_session(2, "09:00", day="2027-02-10", renewal="2027-02-10 09:40")
    assert session.look("09:10").limit == "renewal"
    assert session.warning("09:35") == "renewal in 5m, 1h 20m expire"


def test_the_end_of_the_hours_is_named() -> None:
    assert a_session().warning("11:55") == "hours used up in 5m"
    assert a_session().warning("11:30:30") == "hours used up in 29m"


def test_scenario_22_the_end_of_the_consented_time_is_not_called_the_window() -> None:
    story = ProStory()
    story.buys(6)
    story.ready(6, "16:00")
    story.consents("18:00", "20:00", "2027-01-11 12:00")
    session = Session(story, story.starts("16:00"))
    assert session.warning("19:45") == "consented time ends in 15m, 2h will be carried to Wed 9:00 AM ET"


def test_two_lots_are_drawn_on_across_the_renewal_of_the_first() -> None:
    session = a_session(1, "10:00", day="2027-02-10", renewal="2027-02-10 10:30")
    session.story.buys(2, "2027-02-10 09:00", purchase="P-2", renewal="2027-03-10 10:30", ticket="t-2", extends="t-1")
    look, at = session.look("10:10"), session.story.at
    assert (look.limit, look.limit_at) == ("allocation", at("12:30"))
    assert left_ms(look, at("10:29:59")) == 2 * HOUR_MS + 30 * MINUTE_MS + 1000
    assert left_ms(look, at("10:30")) == 2 * HOUR_MS


def test_past_its_limit_a_session_has_none() -> None:
    session = a_session(9, "16:00")
    look = session.look("18:30")
    assert (look.limit, look.limit_at, look.metering) == (None, None, False)
    assert session.warning("18:30") is None
    assert elapsed_ms(look, session.story.at("19:00")) == 2 * HOUR_MS


@pytest.mark.parametrize(("purpose", "limit"), [("rework", "window"), ("wrapup", None)])
def test_scenario_57_work_that_is_not_metered_counts_no_time_and_rework_keeps_to_the_window(
    purpose: pe.Purpose, limit: str | None
) -> None:
    story = a_session(2).story
    story.stops(next(iter(story.account.segments)), "11:00")
    session = Session(story, story.starts("16:00", purpose=purpose))
    look = session.look("16:10")
    assert (look.limit, look.metering, look.is_counted) == (limit, False, False)
    assert elapsed_ms(look, story.at("17:00")) == HOUR_MS
    assert left_ms(look, story.at("17:00")) == HOUR_MS
    assert session.warning("17:30") == (None if limit is None else "window closes in 30m")


def test_the_slot_of_a_day_is_the_one_that_runs_or_ran_or_will_run_on_it() -> None:
    story = ProStory()
    story.buys(6)
    story.prepares()
    morning, evening = story.books(1, "10:00"), story.books(1, "16:00")
    session = Session(story, story.starts("09:30"))
    spans = {id: (b.begins_at, b.ends_at) for id, b in story.account.bookings.items()}
    assert session.look("09:45").slot == spans[morning]
    assert session.look("11:30").slot == spans[morning]
    assert session.look("16:10").slot == spans[evening]
    assert session.look("2027-01-13 10:00").slot is None


@lawful_settings(deadline=None, max_examples=150)
@given(
    data=st.data(),
    lots=purchases,
    allocation=allocations,
    before=works("a", ("Mara", "Jon")),
    settings=st.sampled_from([DEFAULTS, SUM, ProSettings(gap_default="metered")]),
)
def test_what_arithmetic_says_of_a_later_instant_is_what_metering_says_of_it(
    data: st.DataObject, lots: list[Purchase], allocation: int | None, before: list[Work], settings: ProSettings
) -> None:
    first = max([0, *(work.end for work in before), *(lot.bought for lot in lots)])
    began_at = FROM + (first + data.draw(st.integers(0, 2000))) * MINUTE_MS
    if data.draw(st.integers(0, 9)):
        began_at = service_calendar(settings, FEDERAL, began_at).next_open(began_at)
    engineers = data.draw(st.sampled_from([("Mara",), ("Mara", "Jon")]))
    opened: list[Fact] = [
        (f"open-{name}", began_at, pe.SegmentStarted(engagement="t-1", engineer=name)) for name in engineers
    ]
    account = fold(told(lots, allocation, [*facts_of(before), *opened]))
    look_at = began_at + data.draw(st.integers(0, 300)) * MINUTE_MS
    metering = measure(account, look_at, settings, FEDERAL)
    look = running(account, metering, f"open-{engineers[0]}", settings, FEDERAL)
    assert look.allocated_ms == look.drawn_ms + look.left_ms + sum(metering.reserved_ms.values())
    stop = look.limit_at if look.limit_at is not None else look.next_open_at or look_at
    now = data.draw(st.integers(look_at, max(look_at, stop)))
    later = measure(account, now, settings, FEDERAL)
    assert left_ms(look, now) == available_ms(account, later, "t-1")
    ran = sum(ends - begins for begins, ends in later.runs_of("t-1"))
    assert elapsed_ms(look, now) == ran
    if look.limit_at is not None and now < look.limit_at and later.free_ms:
        again = running(account, later, f"open-{engineers[0]}", settings, FEDERAL)
        assert (again.limit_at, again.limit) == (look.limit_at, look.limit)
