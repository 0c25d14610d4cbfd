"""Estimates by the reference durations of the terms, and the reply that offers them (spec pro_services.md 1, T13)."""

from __future__ import annotations

import pytest

from console.domain.pro_estimates import (
    AVERAGES,
    Applications,
    EstimateError,
    Migration,
    Office365,
    Vpn,
    Work,
    estimate,
    scope_items,
    total,
    total_sentence,
)
from console.domain.pro_events import ScopeItem
from console.domain.pro_offer import offer_text
from console.domain.pro_settings import ProSettings
from tests.domain.new_york import ny

HOUR = 3600
MINUTE = 60
BARE = ProSettings(estimate_rounding="none")


@pytest.mark.parametrize(
    ("work", "hours"),
    [(Applications(5), 1), (Migration(500), 2), (Office365(), 1), (Vpn(google_site=True), 1)],
)
def test_the_reference_durations_are_those_of_the_terms(work: Work, hours: int) -> None:
    found = estimate(work)
    assert found.seconds == hours * HOUR
    assert found.basis.endswith("on average (T13).") or "on average, without their vendors (T13)." in found.basis


def test_scenario_49_seven_applications_on_one_server_take_1_4_hours() -> None:
    assert estimate(Applications(7)).seconds == 1.4 * HOUR


def test_scenario_49_five_applications_on_each_of_two_servers_take_2_hours() -> None:
    found = estimate(Applications(5, servers=2))
    assert (found.seconds, found.title) == (2 * HOUR, "Install 5 applications on each of 2 servers")


def test_scenario_49_750_gigabytes_take_3_hours() -> None:
    assert estimate(Migration(750)).seconds == 3 * HOUR


def test_scenario_49_a_vpn_elsewhere_than_at_a_google_site_has_no_reference() -> None:
    found = estimate(Vpn(google_site=False))
    assert (found.seconds, found.time_s) == (None, None)
    assert found.basis == "There is no reference for a VPN elsewhere than at a Google site: it needs its own estimate."


def test_scenario_49_the_sum_is_rounded_up_to_whole_hours_once_or_by_setting_not_at_all() -> None:
    work = [estimate(Applications(7)), estimate(Applications(1))]
    assert total(work).seconds == 2 * HOUR
    assert total(work, BARE).seconds == total(work).proportion_s == 96 * MINUTE
    assert total([estimate(Migration(750))]).seconds == 3 * HOUR


def test_scenario_49_an_agreed_time_overrides_the_reference_and_is_not_rounded() -> None:
    agreed = estimate(Migration(750)).agreed(90 * MINUTE)
    assert (agreed.seconds, agreed.time_s) == (3 * HOUR, 90 * MINUTE)
    assert total([agreed]).seconds == 90 * MINUTE
    assert total([agreed, estimate(Applications(7))]).seconds == 90 * MINUTE + 2 * HOUR


def test_a_piece_without_a_reference_is_missing_from_the_total_until_somebody_says_how_long_it_takes() -> None:
    vpn = estimate(Vpn(google_site=False))
    found = total([estimate(Applications(7)), vpn])
    assert (found.proportion_s, found.seconds, found.unknown) == (84 * MINUTE, 2 * HOUR, (vpn,))
    assert total_sentence(found) == 'By proportion the work takes 1h 24m: buy 2h; "Set up a VPN" has no estimate yet.'
    known = total([estimate(Applications(7)), vpn.agreed(2 * HOUR)])
    assert (known.seconds, known.unknown) == (4 * HOUR, ())


@pytest.mark.parametrize("work", [Applications(0), Applications(5, servers=0), Migration(0), Office365(-1)])
def test_a_quantity_of_nothing_is_refused(work: Work) -> None:
    with pytest.raises(EstimateError, match="at least 1"):
        estimate(work)


def test_an_agreed_time_of_nothing_is_refused() -> None:
    with pytest.raises(EstimateError):
        estimate(Office365()).agreed(0)


def test_scope_items_are_numbered_and_hold_the_time_that_counts() -> None:
    work = [estimate(Vpn(google_site=False)), estimate(Office365(2)).agreed(HOUR)]
    assert scope_items(work) == (
        ScopeItem("vpn-1", "Set up a VPN", 0),
        ScopeItem("office365-2", "Install Office 365, 2 times", HOUR),
    )


def offered(settings: ProSettings | None = None, renewal: str | None = "2027-02-01 00:00") -> str:
    items = scope_items([estimate(Applications(7)), estimate(Vpn(google_site=False))])
    at = None if renewal is None else ny(renewal)
    return offer_text("Dana", items, 2 * HOUR, settings or ProSettings(), renewal_at=at)


def test_an_offer_names_the_work_its_estimates_and_what_to_buy() -> None:
    text = offered()
    assert text.startswith("Hello Dana,\n\nCAS does not automate what you ask for")
    assert "- Install 7 applications: about 1h 24m\n- Set up a VPN: to be estimated together\n" in text
    assert f"{AVERAGES} To go ahead, buy 2h of Pro hours in CAS for what is estimated so far." in text


def test_an_offer_says_what_is_needed_first_and_what_is_lost() -> None:
    text = offered()
    for said in (
        "- Access to every system",
        "- The scope in writing, agreed by you and by our engineer.",
        "- A contact at the partner",
        "Monday to Friday between 9:00 AM and 6:00 PM Eastern",
        "until the monthly renewal of your subscription, which is next on Mon 1 Feb 2027, 12:00 AM ET.",
        "the same engineer goes on the next business day",
        "the time left of the hours agreed for it is lost",
    ):
        assert said in text


def test_an_offer_says_the_settings_terms() -> None:
    text = offered(ProSettings(window_tz="-05:00", window_close="17:30", window_days=("mon", "wed")), renewal=None)
    assert "Monday, Wednesday between 9:00 AM and 5:30 PM (-05:00)" in text
    assert "which is next" not in text
    assert "of the whole purchase is lost" in offered(ProSettings(forfeit_scope="purchase"))


def test_an_offer_without_estimates_or_a_contact_still_says_how_to_go_on() -> None:
    text = offer_text(None, (), 0, product="Classroom")
    assert text.startswith("Hello,\n\nClassroom does not automate")
    assert "Once the work is estimated, the hours are bought in Classroom" in text
    assert "!" not in text
    assert "(T" not in text
