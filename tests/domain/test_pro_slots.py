"""The planner's slots, where carried work goes on, and slots that a holiday takes away.

Wall times are New York's on Tue 2027-01-12 unless a date stands there; the renewal is 2027-02-01 00:00.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as lawful_settings
from hypothesis import strategies as st

from console.domain import pro_events as pe
from console.domain.calendar import Period
from console.domain.pro_rulings import ruling
from console.domain.pro_settings import DateException, ProSettings
from console.domain.pro_slots import (
    GRID_MS,
    OfferedSlot,
    SlotOffer,
    carry_warning,
    go_on_at,
    holiday_clashes,
    next_slots,
    slot_at,
    slot_in_words,
)
from console.domain.spans import length, shared
from console.domain.worked_time import allowed_hours
from tests.domain.new_york import ny
from tests.domain.pro_story import DEFAULTS, FEDERAL, HOUR, HOUR_MS, MINUTE, MINUTE_MS, ProStory, offered_at

EASTERN = "America/New_York"


def bought(
    hours: float, at: str = "2027-01-11 09:00", *, day: str = "2027-01-12", renewal: str | None = None
) -> ProStory:
    story = ProStory(day)
    story.buys(hours, at, renewal=renewal or "2027-02-01 00:00")
    story.prepares(at)
    return story


def offered(
    story: ProStory,
    hours: float,
    from_: str,
    *busy: tuple[str, str],
    settings: ProSettings = DEFAULTS,
    holidays: Collection[date] = FEDERAL,
    count: int = 3,
    moving: str | None = None,
) -> SlotOffer:
    now = story.at(from_)
    taken = story.spans(*busy)
    metering = story.measured(from_, settings, holidays)
    return next_slots(
        story.account,
        metering,
        "t-1",
        round(hours * HOUR),
        "Mara",
        taken,
        settings,
        holidays,
        now,
        count,
        moving=moving,
    )


def words(offer: SlotOffer) -> list[str]:
    return [slot_in_words(slot, EASTERN) for slot in offer.slots]


def test_the_next_slots_follow_each_other_and_do_not_overlap() -> None:
    assert words(offered(bought(8), 4, "09:10")) == [
        "Tue 12 Jan, 9:15 AM to 1:15 PM",
        "Tue 12 Jan, 1:15 PM to 5:15 PM",
        "Wed 13 Jan, 9:00 AM to 1:00 PM",
    ]


def test_slots_go_around_what_the_engineer_has_agreed_elsewhere() -> None:
    found = offered(bought(8), 2, "09:00", ("09:30", "10:30"), ("12:00", "16:10"))
    assert words(found) == [
        "Wed 13 Jan, 9:00 AM to 11:00 AM",
        "Wed 13 Jan, 11:00 AM to 1:00 PM",
        "Wed 13 Jan, 1:00 PM to 3:00 PM",
    ]
    short = offered(bought(8), 1.5, "09:00", ("09:30", "10:30"), ("12:00", "16:10"))
    assert words(short)[:2] == ["Tue 12 Jan, 10:30 AM to 12:00 PM", "Tue 12 Jan, 4:15 PM to 5:45 PM"]


def test_scenario_04_a_holiday_and_the_weekend_have_no_slots() -> None:
    story = bought(8, day="2027-01-15")
    assert words(offered(story, 4, "15:00"))[0] == "Tue 19 Jan, 9:00 AM to 1:00 PM"
    assert words(offered(story, 4, "15:00", holidays=()))[0] == "Mon 18 Jan, 9:00 AM to 1:00 PM"


def test_scenario_08_one_day_is_preferred_and_the_latest_start_that_ends_on_it_is_named() -> None:
    story = bought(4)
    on_time = offered(story, 4, "14:00")
    assert words(on_time)[0] == "Tue 12 Jan, 2:00 PM to 6:00 PM"
    assert on_time.latest_same_day_start == story.at("14:00")
    late = offered(story, 4, "14:01")
    assert words(late)[0] == "Wed 13 Jan, 9:00 AM to 1:00 PM"
    assert late.latest_same_day_start == story.at("2027-01-13 14:00")
    assert on_time.slots[0].warning is None


def test_scenario_08_the_latest_start_lies_before_what_is_agreed_for_the_afternoon() -> None:
    found = offered(bought(4), 2, "09:00", ("15:00", "16:30"))
    assert found.latest_same_day_start == ny("2027-01-12 13:00")


def chosen(
    story: ProStory, hours: float, begins: str, *busy: tuple[str, str], at: str | None = None
) -> OfferedSlot | None:
    metering = story.measured(at or begins)
    spans = story.spans(*busy)
    return slot_at(story.account, metering, "t-1", round(hours * HOUR), story.at(begins), spans, DEFAULTS, FEDERAL)


def test_scenario_08_a_chosen_start_that_spills_over_is_warned_of_and_possible() -> None:
    story = bought(4)
    spills = chosen(story, 4, "14:01")
    assert spills is not None
    assert spills.parts == tuple(story.spans(("14:01", "18:00"), ("2027-01-13 09:00", "2027-01-13 09:01")))
    assert spills.warning == "The work takes 2 days, and the terms prefer one (T8)."


def test_scenario_08_the_warning_names_the_latest_start_where_it_is_still_ahead() -> None:
    slot = chosen(bought(4), 4, "15:00", at="09:00")
    assert slot is not None
    assert slot.warning == (
        "The work takes 2 days, and the terms prefer one (T8); "
        "started by Tue 12 Jan 2027, 2:00 PM ET it would end the same day."
    )


def test_a_chosen_start_outside_the_window_or_in_a_busy_hour_is_no_slot() -> None:
    story = bought(4)
    assert chosen(story, 1, "08:00") is None
    assert chosen(story, 1, "10:30", ("11:00", "12:00"), at="09:00") is None
    assert chosen(story, 1, "10:00", ("11:00", "12:00"), at="09:00") is not None


def test_scenario_09_more_than_a_day_takes_several_and_is_not_warned_of() -> None:
    (slot,) = offered(bought(10), 10, "2027-01-25 09:00", count=1).slots
    assert slot_in_words(slot, EASTERN) == "Mon 25 Jan, 9:00 AM to 6:00 PM, then Tue 26 Jan, 9:00 AM to 10:00 AM"
    assert (slot.same_day, slot.warning) == (False, None)


def test_what_fits_no_single_day_before_the_renewal_is_offered_over_several_with_a_warning() -> None:
    story = bought(4, renewal="2027-01-13 12:00")
    found = offered(story, 4, "15:00")
    assert words(found) == ["Tue 12 Jan, 3:00 PM to 6:00 PM, then Wed 13 Jan, 9:00 AM to 10:00 AM"]
    assert found.slots[0].warning == "The work takes 2 days, and the terms prefer one (T8)."
    assert found.latest_same_day_start is None


def test_scenario_31_hours_that_do_not_fit_before_the_renewal_are_warned_of() -> None:
    story = bought(4, day="2027-01-29")
    found = offered(story, 4, "16:00")
    assert (found.slots, found.usable_ms, found.unreserved_ms) == ((), 2 * HOUR_MS, 4 * HOUR_MS)
    assert found.expires_at == ny("2027-02-01 00:00")
    assert found.warnings == (
        "Only 2h of the 4h can be used in the service window before the renewal at Mon 1 Feb 2027, 12:00 AM ET: "
        "2h would be lost (T7).",
        "No slot of 4h fits before the renewal at Mon 1 Feb 2027, 12:00 AM ET (T7).",
    )
    assert words(offered(story, 2, "16:00")) == ["Fri 29 Jan, 4:00 PM to 6:00 PM"]


def test_scenario_34_on_the_last_weekend_nothing_can_be_used() -> None:
    found = offered(bought(5, "2027-01-31 12:00", day="2027-01-31"), 5, "12:00")
    assert found.usable_ms == 0
    assert found.warnings[0].startswith("None of the 5h can be used in the service window before the renewal at ")


def test_the_engineers_own_slots_make_hours_unusable_too() -> None:
    story = bought(4, day="2027-01-29")
    found = offered(story, 1, "14:00", ("15:00", "17:30"))
    assert found.usable_ms == 90 * MINUTE_MS
    assert found.warnings == ("Mara is free for 1h 30m of them before Mon 1 Feb 2027, 12:00 AM ET.",)


def test_scenario_64_only_hours_that_are_not_reserved_can_be_asked_for() -> None:
    story = bought(3)
    booked = story.books(2, "10:00")
    found = offered(story, 2, "08:00")
    assert found.slots == ()
    assert found.warnings == ("1h of the hours are not reserved, and the slot asks for 2h.",)
    moved = offered(story, 2, "08:00", moving=booked)
    assert words(moved)[0] == "Tue 12 Jan, 9:00 AM to 11:00 AM"


def test_scenario_37_no_slot_lies_beyond_the_expiry_of_its_hours() -> None:
    story = bought(2, renewal="2027-01-13 10:00")
    story.buys(1, "2027-01-11 09:30", purchase="P-2", renewal="2027-03-01 00:00")
    assert words(offered(story, 3, "17:00")) == ["Tue 12 Jan, 5:00 PM to 6:00 PM, then Wed 13 Jan, 9:00 AM to 11:00 AM"]
    assert offered(story, 3, "17:15").slots == ()


def test_scenario_19_a_consent_gives_slots_after_hours() -> None:
    story = bought(4)
    story.consents("18:00", "21:00", "2027-01-11 12:00")
    assert words(offered(story, 4, "16:30"))[0] == "Tue 12 Jan, 4:30 PM to 8:30 PM"


def test_scenario_10_a_consented_weekend_goes_on_after_the_holiday() -> None:
    story = bought(3, day="2027-01-16")
    story.consents("10:00", "12:00", "2027-01-15 12:00")
    slot = chosen(story, 3, "10:00")
    assert slot is not None
    assert slot_in_words(slot, EASTERN) == "Sat 16 Jan, 10:00 AM to 12:00 PM, then Tue 19 Jan, 9:00 AM to 10:00 AM"


def test_without_a_purchase_there_are_no_hours_to_plan() -> None:
    story = ProStory()
    story.prepares()
    found = offered(story, 1, "09:00")
    assert (found.slots, found.unreserved_ms, found.expires_at) == ((), 0, None)


def go_on(story: ProStory, after: str, *busy: tuple[str, str]) -> int | None:
    return go_on_at(story.account, "t-1", story.at(after), DEFAULTS, FEDERAL, story.spans(*busy))


def test_carried_work_goes_on_at_the_next_opening() -> None:
    assert go_on(bought(4), "18:00") == ny("2027-01-13 09:00")
    assert go_on(bought(4, day="2027-01-15"), "18:00") == ny("2027-01-19 09:00")


def test_scenario_12_carried_work_goes_on_in_summer_time() -> None:
    story = bought(4, "2027-03-11 09:00", day="2027-03-12", renewal="2027-04-01 00:00")
    assert go_on(story, "18:00") == ny("2027-03-15T13:00Z")


def test_carried_work_goes_around_the_engineers_other_slots() -> None:
    story = bought(4)
    assert go_on(story, "18:00", ("2027-01-13 09:00", "2027-01-13 10:30")) == ny("2027-01-13 10:30")


def test_work_that_was_stopped_early_may_go_on_the_same_day() -> None:
    assert go_on(bought(4), "15:00") == ny("2027-01-12 15:00")


def test_scenario_32_work_is_not_carried_beyond_the_renewal() -> None:
    story = bought(3, day="2027-01-15", renewal="2027-01-19 00:00")
    assert go_on(story, "18:00") is None
    story.tell(
        "08:00", pe.LotGranted(reason="our outage", seconds=HOUR, period_end=ny("2027-02-19 00:00"), ticket="t-1")
    )
    assert go_on(story, "18:00") == ny("2027-01-19 09:00")


def test_work_is_not_carried_on_refunded_hours() -> None:
    story = bought(3)
    story.tell("10:00", pe.LotRefunded(lot="P-1"))
    assert go_on(story, "18:00") is None


def test_scenario_32_the_loss_at_a_carry_over_is_named() -> None:
    story = bought(2.75, day="2027-01-15", renewal="2027-01-19 00:00")
    story.books(2.75, "16:30")
    story.works("16:30", "18:00")

    def warned(at: str) -> str | None:
        return carry_warning(story.account, story.measured(at), "t-1", DEFAULTS, FEDERAL)

    assert warned("18:00") == (
        "None of the 1h 15m can be used in the service window before the renewal at Tue 19 Jan 2027, 12:00 AM ET: "
        "1h 15m would be lost (T7)."
    )
    story.tell("18:01", pe.RenewalSet(at=ny("2027-01-25 00:00"), anchor_day=25))
    assert warned("18:02") is None


def clashes(story: ProStory, holidays: Collection[date], settings: ProSettings = DEFAULTS) -> list[str]:
    return [clash.sentence for clash in holiday_clashes(story.account, settings, holidays)]


def test_scenario_18_a_holiday_that_is_added_takes_an_agreed_slot_away() -> None:
    story = bought(4)
    story.books(2, "2027-01-20 10:00")
    story.books(1, "2027-01-21 10:00")
    assert clashes(story, FEDERAL) == []
    assert clashes(story, {*FEDERAL, date(2027, 1, 20)}) == [
        "The slot at Wed 20 Jan 2027, 10:00 AM ET cannot be kept: Wed 20 Jan is a holiday. "
        "Engineer and customer agree another time (T4)."
    ]


def test_scenario_18_an_early_closing_takes_only_those_slots_away_that_it_cuts() -> None:
    story = bought(6)
    story.books(2, "2027-01-20 10:00")
    afternoon = story.books(2, "2027-01-20 14:00")
    early = DateException(date(2027, 1, 20), (("09:00", "13:00"),), published_at=story.at("09:00"))
    settings = ProSettings(window_exceptions=(early,))
    found = holiday_clashes(story.account, settings, FEDERAL)
    assert [clash.booking.id for clash in found] == [afternoon]
    assert "Wed 20 Jan has other hours now." in found[0].sentence
    assert holiday_clashes(story.account, settings, FEDERAL, from_ms=story.at("2027-01-20 16:00")) == ()


def test_a_slot_that_was_planned_around_a_holiday_does_not_clash_with_it() -> None:
    story = bought(4, day="2027-01-15")
    begins, ends = story.at("16:30"), ny("2027-01-19 10:30")
    event = pe.SlotBooked(engagement="t-1", begins_at=begins, ends_at=ends, seconds=3 * HOUR, engineer="Mara")
    story.tell("2027-01-12 09:00", event)
    assert clashes(story, FEDERAL) == []
    assert len(clashes(story, {*FEDERAL, date(2027, 1, 19)})) == 1


def test_released_slots_and_those_of_a_completed_scope_do_not_clash() -> None:
    story = bought(4)
    slot = story.books(2, "2027-01-20 10:00")
    story.books(2, "2027-01-20 14:00")
    story.tell("09:00", pe.SlotReleased(slot=slot, reason="moved"))
    story.completes("10:00")
    assert clashes(story, {*FEDERAL, date(2027, 1, 20)}) == []


busy_times = st.lists(
    st.tuples(st.integers(0, 20 * 24 * 4), st.integers(1, 30)).map(
        lambda b: (b[0] * 15 + 7, b[0] * 15 + 7 + b[1] * 10)
    ),
    max_size=12,
)


@lawful_settings(deadline=None, max_examples=80)
@given(
    asked=st.integers(1, 20 * 60),
    busy=busy_times,
    from_minute=st.integers(0, 20 * 24 * 60),
    renewal_minute=st.integers(1, 20 * 24 * 60),
)
def test_every_offered_slot_can_be_booked_worked_and_finished(
    asked: int, busy: list[tuple[int, int]], from_minute: int, renewal_minute: int
) -> None:
    origin = ny("2027-01-12 09:00")
    story = ProStory()
    story.tell(
        "2027-01-11 09:00",
        pe.LotBought(
            purchase_id="P-1",
            seconds=20 * HOUR,
            bought_at=ny("2027-01-11 09:00"),
            period_end=origin + renewal_minute * MINUTE_MS,
            ticket="t-1",
        ),
    )
    story.buys(4, purchase="P-2", renewal="2027-02-20 00:00")
    story.prepares()
    taken: list[Period] = [(origin + b * MINUTE_MS, origin + e * MINUTE_MS) for b, e in busy]
    from_ms = origin + from_minute * MINUTE_MS
    metering = story.measured("2027-01-12 09:00")
    offer = next_slots(story.account, metering, "t-1", asked * MINUTE, "Mara", taken, DEFAULTS, FEDERAL, from_ms, 4)
    allowed = allowed_hours(story.account, "t-1", from_ms, DEFAULTS, FEDERAL).between(from_ms, ny("2027-02-20 00:00"))
    assert not offer.slots or offer.slots[0].begins_at >= from_ms
    for slot in offer.slots:
        assert slot.begins_at % GRID_MS == 0
        assert length(slot.parts) == asked * MINUTE_MS
        assert shared(slot.parts, allowed) == list(slot.parts)
        assert not any(shared([part], sorted(taken)) for part in slot.parts)
        assert (slot.begins_at, slot.ends_at) == (slot.parts[0][0], slot.parts[-1][1])
        after_renewal = shared(slot.parts, [(origin + renewal_minute * MINUTE_MS, ny("2027-02-20 00:00"))])
        assert length(after_renewal) <= 4 * HOUR_MS
        booking = pe.SlotBooked(
            engagement="t-1",
            begins_at=slot.begins_at,
            ends_at=slot.ends_at,
            seconds=asked * MINUTE,
            engineer="Mara",
        )
        now = metering.as_of
        assert ruling(story.account, offered_at(now, booking), now, DEFAULTS, FEDERAL) is None
    spans = sorted((slot.begins_at, slot.ends_at) for slot in offer.slots)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    assert [slot.same_day for slot in offer.slots] == sorted((s.same_day for s in offer.slots), reverse=True)
    assert offer.usable_ms <= offer.unreserved_ms


@pytest.mark.parametrize("hours", [0, -1])
def test_nothing_is_planned_for_no_work(hours: int) -> None:
    assert offered(bought(2), hours, "09:00").slots == ()
