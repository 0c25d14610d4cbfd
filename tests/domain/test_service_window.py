"""Allowed time: window, holidays, exceptions, consents, renewals, and wall times that are asked about."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import islice

import pytest

from console.domain.calendar import BusinessCalendar
from console.domain.pro_settings import DateException, PauseKind, ProSettings, ProSettingsError
from console.domain.service_window import (
    AllowedRange,
    Consent,
    WallTimeError,
    allowed_ms,
    allowed_ranges,
    consent_rulings,
    latest_start_that_day,
    period_of,
    renewal_date,
    renewal_on,
    service_calendar,
    wall_instant,
)
from tests.domain.new_york import consent, ny

DEFAULTS = ProSettings()
HOUR = 3_600_000
MLK_DAY = date(2027, 1, 18)


def window(start: str = "2027-01-01 00:00", settings: ProSettings = DEFAULTS, *holidays: date) -> BusinessCalendar:
    return service_calendar(settings, holidays, ny(start))


def flaws(start: str, *consents: Consent, settings: ProSettings = DEFAULTS) -> list[str | None]:
    return [ruling.flaw for ruling in consent_rulings(consents, ny(start), window(start, settings), settings)]


def spans(at: str, count: int, *consented: tuple[str, str]) -> list[AllowedRange]:
    agreed = [(ny(begins), ny(ends)) for begins, ends in consented]
    return list(islice(allowed_ranges(ny(at), window(), agreed), count))


def test_the_window_is_nine_to_six_on_weekdays_in_new_york() -> None:
    assert spans("2027-01-15 12:00", 2) == [
        AllowedRange(ny("2027-01-15 12:00"), ny("2027-01-15 18:00"), "window"),
        AllowedRange(ny("2027-01-18 09:00"), ny("2027-01-18 18:00"), "window"),
    ]


def test_a_holiday_closes_the_window_all_day() -> None:
    calendar = window("2027-01-15 12:00", DEFAULTS, MLK_DAY)
    assert calendar.next_open(ny("2027-01-15 18:00")) == ny("2027-01-19 09:00")


def test_a_consent_that_touches_the_window_makes_one_range_closed_by_the_consent() -> None:
    (only,) = spans("2027-01-12 16:00", 1, ("2027-01-12 18:00", "2027-01-12 21:00"))
    assert only == AllowedRange(ny("2027-01-12 16:00"), ny("2027-01-12 21:00"), "consent")


def test_a_consent_that_ends_with_the_window_names_the_window() -> None:
    (only,) = spans("2027-01-12 16:00", 1, ("2027-01-12 15:00", "2027-01-12 18:00"))
    assert only.closed_by == "window"


def test_a_night_that_runs_into_the_window_is_closed_by_the_window() -> None:
    (only,) = spans("2027-01-12 22:00", 1, ("2027-01-12 21:00", "2027-01-13 10:00"))
    assert only == AllowedRange(ny("2027-01-12 22:00"), ny("2027-01-13 18:00"), "window")


def test_consents_that_overlap_are_one_range() -> None:
    first, _ = spans(
        "2027-01-16 00:00", 2, ("2027-01-16 11:00", "2027-01-16 13:00"), ("2027-01-16 10:00", "2027-01-16 12:00")
    )
    assert first == AllowedRange(ny("2027-01-16 10:00"), ny("2027-01-16 13:00"), "consent")


def test_a_consent_that_has_passed_or_is_reversed_allows_nothing() -> None:
    passed = spans("2027-01-16 12:00", 1, ("2027-01-16 10:00", "2027-01-16 12:00"))
    reversed_ = spans("2027-01-16 12:00", 1, ("2027-01-16 15:00", "2027-01-16 14:00"))
    assert passed == reversed_ == [AllowedRange(ny("2027-01-18 09:00"), ny("2027-01-18 18:00"), "window")]


def test_a_window_that_never_opens_leaves_the_consents() -> None:
    calendar = window(settings=ProSettings(window_days=()))
    span = (ny("2027-01-16 10:00"), ny("2027-01-16 12:00"))
    assert list(allowed_ranges(ny("2027-01-12 10:00"), calendar, [span])) == [AllowedRange(*span, "consent")]


def test_scenario_17_an_exception_counts_when_it_was_published_before_the_start() -> None:
    early = DateException(date(2027, 1, 12), (("09:00", "13:00"),), published_at=ny("2027-01-12 09:30"))
    settings = ProSettings(window_exceptions=(early,))
    assert window("2027-01-12 10:00", settings).next_close(ny("2027-01-12 10:00")) == ny("2027-01-12 13:00")
    assert window("2027-01-12 09:30", settings).next_close(ny("2027-01-12 10:00")) == ny("2027-01-12 18:00")


def test_an_exception_of_a_later_day_counts_when_it_was_published_before_that_day_opens() -> None:
    closure = DateException(date(2027, 1, 13), published_at=ny("2027-01-13 08:59"))
    late = DateException(date(2027, 1, 13), published_at=ny("2027-01-13 09:00"))
    closes = ny("2027-01-12 18:00")
    assert window("2027-01-12 10:00", ProSettings(window_exceptions=(closure,))).next_open(closes) == ny(
        "2027-01-14 09:00"
    )
    assert window("2027-01-12 10:00", ProSettings(window_exceptions=(late,))).next_open(closes) == ny(
        "2027-01-13 09:00"
    )


def test_an_exception_with_hours_opens_a_holiday_and_a_saturday() -> None:
    own = tuple(DateException(day, (("10:00", "12:00"),)) for day in (date(2027, 1, 16), MLK_DAY))
    calendar = window("2027-01-15 10:00", ProSettings(window_exceptions=own), MLK_DAY)
    assert calendar.periods_between(ny("2027-01-15 18:00"), ny("2027-01-19 09:00")) == [
        (ny("2027-01-16 10:00"), ny("2027-01-16 12:00")),
        (ny("2027-01-18 10:00"), ny("2027-01-18 12:00")),
    ]


def test_a_consent_counts_when_it_was_recorded_a_millisecond_before_the_start() -> None:
    given = consent("2027-01-12 18:00", "2027-01-12 21:00", "2027-01-12 16:00")
    late = flaws("2027-01-12 16:00", given)[0]
    assert late == "was recorded at Tue 12 Jan 2027, 4:00 PM ET, not before the work started"
    assert flaws("2027-01-12 16:00:00.001", given) == [None]


def test_scenario_24_an_incomplete_consent_says_what_is_missing() -> None:
    unmarked = consent("2027-01-12 18:00", "2027-01-12 21:00", "2027-01-11 16:00", time_sensitive=False)
    one_sided = consent("2027-01-12 18:00", "2027-01-12 21:00", "2027-01-11 17:00", by_customer=False)
    assert flaws("2027-01-12 16:00", unmarked, one_sided) == [
        "lacks the mark that the project is time-sensitive",
        "lacks the customer's consent",
    ]


def test_scenario_25_a_withdrawal_cuts_the_span_at_its_recorded_instant() -> None:
    given = consent("2027-01-12 18:00", "2027-01-12 21:00", "2027-01-11 16:00", withdrawn="2027-01-12 19:15")
    for setting, ends in (("when_recorded", "2027-01-12 19:15"), ("not_possible", "2027-01-12 21:00")):
        settings = ProSettings(consent_withdrawal=setting)  # type: ignore[arg-type]
        (ruling,) = consent_rulings([given], ny("2027-01-12 16:00"), window(), settings)
        assert (ruling.span, ruling.flaw) == ((ny("2027-01-12 18:00"), ny(ends)), None)


def test_a_consent_withdrawn_before_it_began_does_not_count() -> None:
    given = consent("2027-01-12 18:00", "2027-01-12 21:00", "2027-01-11 16:00", withdrawn="2027-01-12 17:00")
    assert flaws("2027-01-12 16:00", given) == ["was withdrawn before it began"]


EACH_DAY = ProSettings(consent_commencement="each_day")


def test_scenario_21_a_consent_of_a_later_night_counts_only_where_each_day_commences() -> None:
    given = consent("2027-01-13 18:00", "2027-01-13 21:00", "2027-01-12 20:00")
    assert flaws("2027-01-12 16:00", given) == [
        "was recorded at Tue 12 Jan 2027, 8:00 PM ET, not before the work started"
    ]
    assert flaws("2027-01-12 16:00", given, settings=EACH_DAY) == [None]


@pytest.mark.parametrize(
    ("begins", "recorded", "counts"),
    [
        ("2027-01-12 18:00", "2027-01-12 16:00", False),
        ("2027-01-12 18:00", "2027-01-12 15:59", True),
        ("2027-01-13 18:00", "2027-01-13 08:59", True),
        ("2027-01-13 18:00", "2027-01-13 09:00", False),
        ("2027-01-16 10:00", "2027-01-16 09:59", True),
        ("2027-01-16 10:00", "2027-01-16 10:00", False),
    ],
)
def test_each_day_commences_with_its_first_allowed_instant(begins: str, recorded: str, counts: bool) -> None:
    given = consent(begins, begins[:10] + " 21:00", recorded)
    assert (flaws("2027-01-12 16:00", given, settings=EACH_DAY) == [None]) is counts


def test_each_day_commences_with_a_consent_that_comes_before_another() -> None:
    morning = consent("2027-01-16 10:00", "2027-01-16 12:00", "2027-01-15 10:00")
    evening = consent("2027-01-16 18:00", "2027-01-16 20:00", "2027-01-16 11:00")
    assert flaws("2027-01-12 16:00", evening, morning, settings=EACH_DAY)[1] is not None
    assert flaws("2027-01-12 16:00", evening, settings=EACH_DAY) == [None]


def test_a_night_belongs_to_the_day_on_which_it_began_and_the_next_day_commences_anew() -> None:
    night = consent("2027-01-12 22:00", "2027-01-13 02:00", "2027-01-12 10:00")
    evening = consent("2027-01-13 18:00", "2027-01-13 20:00", "2027-01-12 23:00")
    assert flaws("2027-01-12 16:00", night, evening, settings=EACH_DAY) == [None, None]


@pytest.mark.parametrize(("bought", "minutes"), [("2027-01-29 17:10", 50), ("2027-01-31 12:00", 0)])
def test_scenario_34_usable_time_is_the_allowed_time_before_the_renewal(bought: str, minutes: int) -> None:
    assert allowed_ms(allowed_ranges(ny(bought), window(), []), ny("2027-02-01 00:00")) == minutes * 60_000


def test_usable_time_counts_consents_and_stops_at_the_renewal() -> None:
    ranges = allowed_ranges(ny("2027-01-29 17:00"), window(), [(ny("2027-01-31 22:00"), ny("2027-02-01 03:00"))])
    assert allowed_ms(ranges, ny("2027-02-01 00:00")) == 3 * HOUR


def test_scenario_8_four_hours_start_by_two_to_end_the_same_day() -> None:
    assert latest_start_that_day(ny("2027-01-12 14:01"), 4 * HOUR, window(), []) == ny("2027-01-12 14:00")


def test_the_latest_start_counts_around_a_gap_and_knows_when_nothing_fits() -> None:
    evening = (ny("2027-01-12 19:00"), ny("2027-01-12 21:00"))
    assert latest_start_that_day(ny("2027-01-12 10:00"), 3 * HOUR, window(), [evening]) == ny("2027-01-12 17:00")
    assert latest_start_that_day(ny("2027-01-12 10:00"), 9 * HOUR, window(), []) == ny("2027-01-12 09:00")
    assert latest_start_that_day(ny("2027-01-12 10:00"), 9 * HOUR + 1, window(), []) is None
    assert latest_start_that_day(ny("2027-01-16 10:00"), HOUR, window(), []) is None


def test_scenario_29_a_renewal_without_a_time_of_day_is_midnight_in_new_york() -> None:
    assert renewal_on(date(2027, 7, 1), DEFAULTS) == ny("2027-07-01T04:00Z")
    assert renewal_on(date(2027, 2, 1), DEFAULTS) == ny("2027-02-01T05:00Z")
    utc = ProSettings(renewal_tz="Etc/UTC")
    assert renewal_on(date(2027, 7, 1), utc) == ny("2027-06-30 20:00")
    assert renewal_on(date(2027, 7, 1), ProSettings(renewal_time="06:00")) == ny("2027-07-01 06:00")


def test_scenario_30_a_renewal_on_the_31st_keeps_its_anchor() -> None:
    def days(anchor: int, year: int) -> list[int]:
        return [renewal_date(anchor, year, month).day for month in range(1, 5)]

    assert days(31, 2027) == [31, 28, 31, 30]
    assert days(30, 2027) == days(30, 2026) == [30, 28, 30, 30]
    assert days(29, 2028) == [29, 29, 29, 29]
    assert days(31, 2028) == [31, 29, 31, 30]
    assert days(15, 2027) == [15, 15, 15, 15]


def test_scenario_35_a_purchase_at_the_renewal_instant_belongs_to_the_new_period() -> None:
    renewal = ny("2027-02-28 00:00")
    assert period_of(renewal, 31, DEFAULTS) == (renewal, ny("2027-03-31 00:00"))
    assert period_of(renewal - 1, 31, DEFAULTS) == (ny("2027-01-31 00:00"), renewal)


def test_scenario_36_two_purchases_in_one_period_expire_together() -> None:
    first, second = (period_of(ny(bought), 15, DEFAULTS) for bought in ("2027-01-20 10:00", "2027-02-14 23:59:59"))
    assert first == second == (ny("2027-01-15 00:00"), ny("2027-02-15 00:00"))


def test_a_period_spans_the_turn_of_the_year() -> None:
    assert period_of(ny("2027-12-31 23:59"), 1, DEFAULTS) == (ny("2027-12-01 00:00"), ny("2028-01-01 00:00"))
    assert period_of(ny("2028-01-01 00:00"), 31, DEFAULTS) == (ny("2027-12-31 00:00"), ny("2028-01-31 00:00"))


@pytest.mark.parametrize("wall", ["2027-11-07 01:00", "2027-11-07 01:30", "2027-11-07 01:59:59"])
def test_scenario_15_an_ambiguous_wall_time_asks_for_its_offset(wall: str) -> None:
    with pytest.raises(WallTimeError, match=r"twice: write its offset, -04:00 \(EDT\) or -05:00 \(EST\)"):
        wall_instant(datetime.fromisoformat(wall), "America/New_York")


@pytest.mark.parametrize("wall", ["2027-03-14 02:00", "2027-03-14 02:30", "2027-03-14 02:59:59"])
def test_scenario_15_a_wall_time_that_does_not_exist_is_refused(wall: str) -> None:
    with pytest.raises(WallTimeError, match="never show"):
        wall_instant(datetime.fromisoformat(wall), "America/New_York")


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2027-11-07 00:59:59", "2027-11-07T00:59:59-04:00"),
        ("2027-11-07 02:00", "2027-11-07T02:00-05:00"),
        ("2027-03-14 01:59:59.500", "2027-03-14T01:59:59.500-05:00"),
        ("2027-03-14 03:00", "2027-03-14T03:00-04:00"),
    ],
)
def test_a_wall_time_beside_a_change_of_the_clock_is_one_instant(wall: str, instant: str) -> None:
    assert wall_instant(datetime.fromisoformat(wall), "America/New_York") == ny(instant)


def test_a_fixed_offset_has_no_wall_time_to_ask_about() -> None:
    start = datetime(2027, 3, 14, tzinfo=timezone(-timedelta(hours=5)))
    for hour in range(24):
        wall = datetime(2027, 3, 14, hour, 30)
        assert wall_instant(wall, "-05:00") == start.timestamp() * 1000 + hour * HOUR + HOUR // 2


def test_the_defaults_are_those_of_the_terms() -> None:
    assert (DEFAULTS.window_tz, DEFAULTS.window_open, DEFAULTS.window_close) == ("America/New_York", "09:00", "18:00")
    assert DEFAULTS.window_days == ("mon", "tue", "wed", "thu", "fri")
    assert (DEFAULTS.calendar_holidays, DEFAULTS.consent_commencement) == ("us-federal", "first_start")
    assert (DEFAULTS.forfeit_scope, DEFAULTS.forfeit_undo_s) == ("allocation", 300)
    assert (DEFAULTS.alerts_pct, DEFAULTS.alerts_min) == ((50, 80, 95, 100), (30, 15, 5))
    assert all(kind.metered is (kind.side == "partner") for kind in DEFAULTS.pause_kinds)
    assert PauseKind("lunch", "engineer", metered=False) in DEFAULTS.pause_kinds


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"window_tz": "EST"}, 'window.tz: "EST" has no daylight saving time'),
        ({"window_tz": "Mars/Olympus"}, 'window.tz: "Mars/Olympus" is not a known time zone'),
        ({"renewal_tz": "+99:00"}, "renewal.instant: "),
        ({"window_close": "09:00"}, "window.close: 09:00 does not come after 09:00"),
        ({"window_open": "nine"}, 'window.open: "nine" is not a time of day'),
        ({"renewal_time": "25:00"}, 'renewal.instant: "25:00" is not a time of day'),
        ({"forfeit_undo_s": 3601}, "forfeit.undo_s: 3601 is not between 0 and 3600"),
    ],
)
def test_a_setting_that_cannot_be_names_itself(changed: dict[str, str], said: str) -> None:
    with pytest.raises(ProSettingsError) as raised:
        ProSettings(**changed)  # type: ignore[arg-type]
    assert raised.value.sentence.startswith(said)
