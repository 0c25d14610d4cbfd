"""The ledger and the metered intervals of a Pro account: scenarios of spec pro_services.md 3, each by its number.

Wall times are New York's on Tue 2027-01-12 unless a date stands there; the renewal is 2027-02-01 00:00.
"""

from __future__ import annotations

import pytest

from console.domain import pro_events as pe
from console.domain.metering import Limit, available_ms, ledger, limit, usable_ms
from console.domain.pro_settings import ProSettings
from console.domain.worked_time import allowed_hours
from tests.domain.new_york import ny
from tests.domain.pro_story import DEFAULTS, FEDERAL, HOUR, HOUR_MS, MINUTE, MINUTE_MS, ProStory


def a_session(hours: float = 2, booked: float | None = None) -> ProStory:
    story = ProStory()
    story.buys(hours)
    story.ready(hours if booked is None else booked)
    return story


def nearest(story: ProStory, at: str, ticket: str = "t-1", settings: ProSettings = DEFAULTS) -> Limit | None:
    return limit(story.account, story.measured(at, settings), ticket, settings, FEDERAL)


def test_one_lot_one_session_used_up() -> None:
    story = a_session()
    segment = story.works("10:00", "12:00")
    assert story.lines("12:00") == [("P-1", "bought", 120), ("P-1", "used", -120)]
    assert story.measured("12:00").lines[1].cause == segment
    assert story.measured("12:00").balance_ms() == 0


def test_a_line_is_known_by_lot_kind_and_cause() -> None:
    story = a_session(3, booked=2)
    bought = story.entries[0].id
    first, second = story.works("10:00", "10:30"), story.works("11:00", "11:30")
    done = story.completes("11:40")
    lines = ledger(story.entries, ny("2027-02-02 00:00"), DEFAULTS, FEDERAL)
    assert [(line.lot, line.kind, line.cause) for line in lines] == [
        ("P-1", "bought", bought),
        ("P-1", "used", first),
        ("P-1", "used", second),
        ("P-1", "forfeited", done),
        ("P-1", "expired", f"renewal:{ny('2027-02-01 00:00')}"),
    ]
    assert [line.ms // MINUTE_MS for line in lines] == [180, -30, -30, -60, -60]


def test_an_open_segment_is_metered_up_to_the_instant_asked_about_and_not_past_its_limit() -> None:
    story = a_session(1)
    story.starts("10:00")
    assert story.runs("10:20") == story.spans(("10:00", "10:20"))
    assert story.runs("11:05") == story.spans(("10:00", "11:00"))
    assert story.flagged("11:05") == [(story.at("11:00"), story.at("11:05"), "allocation")]


def test_a_stop_is_clamped_to_the_end_of_the_window() -> None:
    story = a_session(9, booked=9)
    story.works("17:00", "18:40")
    assert story.runs("19:00") == story.spans(("17:00", "18:00"))
    assert story.flagged("19:00") == [(story.at("18:00"), story.at("18:40"), "outside_hours")]


def test_scenario_27_the_renewal_ends_a_consented_session_and_the_rest_expires() -> None:
    story = ProStory("2027-01-31")
    story.buys(3)
    story.ready(3, "22:00")
    story.consents("21:00", "2027-02-01 06:00", "2027-01-30 12:00")
    story.works("22:00", "2027-02-01 01:00")
    assert story.lines("2027-02-01 01:00") == [("P-1", "bought", 180), ("P-1", "used", -120), ("P-1", "expired", -60)]
    assert story.flagged("2027-02-01 01:00") == [(ny("2027-02-01 00:00"), ny("2027-02-01 01:00"), "after_renewal")]


def test_scenario_34_a_purchase_in_the_last_hours_is_not_all_usable() -> None:
    story = ProStory("2027-01-29")
    story.buys(3, "2027-01-29 17:10")
    story.ready(3, "17:10")
    hours = allowed_hours(story.account, "t-1", story.at("17:10"), DEFAULTS, FEDERAL)
    assert usable_ms(story.account, story.measured("17:10"), "t-1", hours) == 50 * MINUTE_MS


def test_scenario_35_a_purchase_at_the_renewal_instant_is_not_of_the_period_that_ends() -> None:
    story = ProStory("2027-02-01")
    story.buys(1, "2027-01-20 09:00", purchase="old")
    story.buys(1, "2027-02-01 00:00", purchase="new", renewal="2027-03-01 00:00")
    assert story.lines("09:00") == [("old", "bought", 60), ("new", "bought", 60), ("old", "expired", -60)]
    assert story.measured("09:00").free_ms == {"new": HOUR_MS}


def test_scenario_36_two_purchases_are_drawn_the_first_bought_first_a_line_for_each_lot() -> None:
    story = ProStory()
    story.buys(1, "2027-01-11 09:00", purchase="first")
    story.buys(2, "2027-01-11 10:00", purchase="second")
    story.ready(3)
    segment = story.works("10:00", "12:30")
    assert story.lines("13:00")[2:] == [("first", "used", -60), ("second", "used", -90)]
    assert {line.cause for line in story.measured("13:00").lines[2:]} == {segment}


def test_scenario_36_an_earlier_expiry_is_drawn_before_an_earlier_purchase() -> None:
    story = ProStory()
    story.buys(1, "2027-01-11 09:00", purchase="first", renewal="2027-02-10 00:00")
    story.buys(2, "2027-01-11 10:00", purchase="second")
    story.ready(3)
    story.works("10:00", "11:00")
    assert story.lines("13:00")[2:] == [("second", "used", -60)]


def test_scenario_39_a_cancelled_subscription_keeps_its_hours_to_the_paid_periods_end() -> None:
    story = a_session(2)
    story.tell("09:30", pe.LotRefunded(lot="P-1", cause="subscription_cancelled"))
    assert story.measured("10:00").balance_ms() == 2 * HOUR_MS
    at_once = ProSettings(cancel_hours="at_once")
    assert story.lines("10:00", at_once) == [("P-1", "bought", 120), ("P-1", "expired", -120)]


@pytest.mark.parametrize(("flag", "left_h"), [(True, 0), (False, 2)])
def test_scenario_39_billings_flag_goes_before_the_setting(flag: bool, left_h: int) -> None:
    story = a_session(2)
    story.tell("09:30", pe.LotRefunded(lot="P-1", cause="subscription_cancelled", at_once=flag))
    for setting in ("paid_period_end", "at_once"):
        settings = ProSettings(cancel_hours=setting)  # type: ignore[arg-type]
        assert story.measured("10:00", settings).balance_ms() == left_h * HOUR_MS


def test_scenario_40_goodwill_is_a_new_lot_and_the_expired_one_stays_expired() -> None:
    story = ProStory("2027-02-02")
    story.buys(2, "2027-01-20 09:00")
    granted = story.tell(
        "10:00",
        pe.LotGranted(reason="our outage", seconds=HOUR, period_end=ny("2027-03-01 00:00"), ticket="t-1"),
        actor="billing",
    )
    assert story.lines("11:00") == [("P-1", "bought", 120), ("P-1", "expired", -120), (granted, "granted", 60)]


def test_scenario_41_a_provisional_session_is_reconciled_when_the_purchase_is_reported() -> None:
    story = ProStory()
    story.starts("10:00", provisional_by="Lea")
    assert story.flagged("10:30") == [(story.at("10:00"), story.at("10:30"), "balance")]
    story.tell(
        "10:40",
        pe.LotBought(
            purchase_id="P-1",
            seconds=2 * HOUR,
            bought_at=story.at("09:50"),
            period_end=ny("2027-02-01 00:00"),
            ticket="t-1",
        ),
    )
    assert story.runs("11:00") == story.spans(("10:00", "11:00"))
    assert story.flagged("11:00") == []


def test_scenario_42_a_purchase_reported_twice_is_one_lot() -> None:
    story = ProStory()
    first = story.buys(2)
    story.buys(2, "2027-01-11 09:05")
    assert story.lines("10:00") == [("P-1", "bought", 120)]
    assert story.measured("10:00").lines[0].cause == first


def test_scenario_45_a_no_show_is_charged_only_by_setting() -> None:
    story = ProStory()
    story.buys(2)
    story.prepares()
    slot = story.books(2)
    story.tell("10:15", pe.SlotReleased(slot=slot, reason="the partner did not come", no_show=True))
    assert story.lines("10:15") == [("P-1", "bought", 120)]
    assert story.lines("10:15", ProSettings(noshow_charge_min=20))[1:] == [("P-1", "used", -20)]


def test_scenario_50_completing_early_loses_the_rest() -> None:
    story = a_session(2)
    story.works("10:00", "11:20")
    story.completes("11:20", forfeits_s=40 * MINUTE)
    assert story.lines("11:30") == [("P-1", "bought", 120), ("P-1", "used", -80), ("P-1", "forfeited", -40)]


def test_scenario_50_the_loss_is_posted_when_the_time_to_undo_is_over() -> None:
    story = a_session(2)
    story.works("10:00", "11:20")
    story.completes("11:20")
    assert ("P-1", "forfeited", -40) not in story.lines("11:24:59")
    assert ("P-1", "forfeited", -40) in story.lines("11:25")


def test_scenario_51_only_the_time_of_that_scope_is_lost_by_default() -> None:
    story = a_session(5, booked=2)
    story.works("10:00", "11:00")
    story.completes("11:00")
    assert story.measured("12:00").balance_ms() == 3 * HOUR_MS
    assert story.measured("12:00", ProSettings(forfeit_scope="purchase")).balance_ms() == 0


def test_scenario_51_what_was_kept_can_be_booked_and_worked_as_another_session() -> None:
    story = a_session(5, booked=2)
    story.works("10:00", "11:00")
    story.completes("11:00")
    story.books(2, "14:00", at="11:30")
    story.works("14:00", "17:00")
    assert story.runs("18:00") == story.spans(("10:00", "11:00"), ("14:00", "16:00"))
    assert story.measured("18:00").balance_ms() == HOUR_MS


def test_scenario_52_completing_one_purchase_never_touches_another() -> None:
    story = a_session(2)
    story.buys(3, purchase="P-2", ticket="t-2")
    story.ready(3, "14:00", ticket="t-2")
    story.works("10:00", "10:30")
    story.completes("10:30")
    assert story.measured("12:00").balance_ms("P-1") == 0
    assert story.measured("12:00").balance_ms("P-2") == 3 * HOUR_MS


def test_scenario_53_the_hours_end_at_the_second_and_the_wrap_up_is_not_metered() -> None:
    story = a_session(1)
    segment = story.starts("10:00")
    assert nearest(story, "10:20") == Limit(story.at("11:00"), "allocation")
    story.stops(segment, "11:00", "exhausted")
    story.works("11:00", "11:10", purpose="wrapup")
    assert story.lines("12:00") == [("P-1", "bought", 60), ("P-1", "used", -60)]
    assert story.flagged("12:00") == []


def test_scenario_54_an_extension_in_time_moves_the_end_without_a_stop() -> None:
    story = a_session(1)
    story.starts("10:00")
    story.buys(1, "10:50", purchase="P-2", ticket="t-2", extends="t-1")
    assert nearest(story, "10:55") == Limit(story.at("12:00"), "allocation")
    assert story.runs("12:30") == story.spans(("10:00", "12:00"))


def test_scenario_54_the_minutes_before_a_late_extension_are_not_metered() -> None:
    story = a_session(1)
    story.starts("10:00")
    story.buys(1, "11:05", purchase="P-2", ticket="t-2", extends="t-1")
    assert story.runs("12:30") == story.spans(("10:00", "11:00"), ("11:05", "12:05"))


def test_scenario_54_nothing_extends_by_itself_but_a_purchase_that_is_joined_does() -> None:
    story = a_session(1)
    story.starts("10:00")
    story.buys(1, "10:30", purchase="P-2", ticket="t-2")
    assert nearest(story, "10:40") == Limit(story.at("11:00"), "allocation")
    story.tell("10:45", pe.EngagementJoined(engagement="t-1", lot="P-2"))
    assert nearest(story, "10:50") == Limit(story.at("12:00"), "allocation")


def test_scenario_55_a_new_version_of_the_scope_goes_on_with_the_same_allocation() -> None:
    story = a_session(2)
    story.starts("10:00")
    more = (pe.ScopeItem("vpn", "VPN", HOUR), pe.ScopeItem("rules", "Firewall rules", HOUR))
    story.tell("10:30", pe.ScopeAgreed(engagement="t-1", version=2, items=more, agreed_by=("Mara", "Dana")))
    assert story.account.engagement("t-1").scope.version == 2  # type: ignore[union-attr]
    assert nearest(story, "10:40") == Limit(story.at("12:00"), "allocation")


def test_scenario_56_a_completion_undone_in_time_leaves_no_line() -> None:
    story = a_session(2)
    story.works("10:00", "11:20")
    done = story.completes("11:20")
    story.tell("11:24", pe.CompletionUndone(completion=done))
    assert story.lines("12:00") == [("P-1", "bought", 120), ("P-1", "used", -80)]
    story.works("12:00", "13:00")
    assert story.lines("13:00")[-1] == ("P-1", "used", -40)


def test_scenario_56_later_lead_and_billing_reverse_it_with_a_line() -> None:
    story = a_session(2)
    story.works("10:00", "11:20")
    done = story.completes("11:20")
    story.tell("13:00", pe.CompletionUndone(completion=done, approved_by=("Lea", "Bo")))
    assert story.lines("13:00")[2:] == [("P-1", "forfeited", -40), ("P-1", "corrected", 40)]
    assert available_ms(story.account, story.measured("13:00"), "t-1") == 40 * MINUTE_MS


def test_scenario_57_rework_of_our_fault_is_not_metered() -> None:
    story = a_session(2)
    story.works("10:00", "11:00")
    story.works("2027-01-13 10:00", "2027-01-13 10:30", purpose="rework")
    assert story.measured("2027-01-13 11:00").used_ms("t-1") == HOUR_MS
    again = ProSettings(rework_metering="new_session")
    assert story.measured("2027-01-13 11:00", again).used_ms("t-1") == 90 * MINUTE_MS


def test_scenario_79_a_refund_before_the_start_voids_the_lot() -> None:
    story = a_session(2)
    story.tell("09:00", pe.LotRefunded(lot="P-1"), actor="billing")
    assert story.lines("10:00") == [("P-1", "bought", 120), ("P-1", "refunded", -120)]
    assert nearest(story, "10:00") is None


def test_scenario_79_a_refund_during_a_session_keeps_the_time_used_and_stops_there() -> None:
    story = a_session(2)
    story.starts("10:00")
    story.tell("10:45", pe.LotRefunded(lot="P-1"), actor="billing")
    assert story.lines("11:00") == [("P-1", "bought", 120), ("P-1", "used", -45), ("P-1", "refunded", -75)]
    assert story.flagged("11:00") == [(story.at("10:45"), story.at("11:00"), "revoked")]


@pytest.mark.parametrize(("rounding_min", "used_min"), [(None, 48), (15, 60)])
def test_scenario_80_rounding_is_exact_or_once_at_the_close(rounding_min: int | None, used_min: int) -> None:
    story = a_session(2)
    story.works("2027-01-12 10:00", "2027-01-12 10:16")
    story.works("2027-01-13 10:00", "2027-01-13 10:16")
    story.works("2027-01-14 10:00", "2027-01-14 10:16")
    story.completes("2027-01-14 10:20")
    settings = ProSettings(rounding_min=rounding_min)
    measured = story.measured("2027-01-14 12:00", settings)
    assert measured.used_ms("t-1") == used_min * MINUTE_MS
    assert measured.balance_ms() == 0
