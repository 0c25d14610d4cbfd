"""Lots, corrections and the closing of periods where they meet, through the real desk and journal: what was closed
never changes, and no hours are lost or found on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.desk import Desk
from console.desk.pro.hours import PurchaseError
from console.domain.calendar import Period
from console.domain.pro_figures import figures
from tests.desk.pro_desk import HOUR, MINUTE_MS, ProStation, at, bought, done, prepared, ready, used_minutes

RENEWAL = at("2027-02-01 00:00")
NEXT_DAY = "2027-01-13 00:00"


@pytest.fixture
def station(tmp_path: Path) -> ProStation:
    return ProStation(tmp_path / "mara")


@pytest.fixture
def desk(station: ProStation) -> Iterator[Desk]:
    with station.open() as desk:
        yield desk


def worked(station: ProStation, desk: Desk, ticket: str, begins: str, ends: str) -> str:
    """The id of the segment."""
    station.to(begins)
    segment = done(desk.pro.work.start(ticket)).entries[-1].id
    station.watch(desk, ends, every_s=15)
    done(desk.pro.work.stop(ticket))
    return segment


def first_period(desk: Desk) -> Period:
    return desk.pro.hours.periods("Harbour")[0].period


def as_closed(desk: Desk, ticket: str) -> bool:
    """Whether today's figures of every closed period are the ones with which it was closed."""
    held = desk.pro._streams.of_ticket(ticket)
    assert held is not None
    metering = desk.pro._streams.measured(held, desk.pro.now())
    assert held.account.closings
    return all(
        set(figures(held.account, metering, (c.begins_at, c.ends_at))) == set(c.figures) for c in held.account.closings
    )


def test_scenario_36_a_session_over_two_lots_has_a_line_for_each(station: ProStation, desk: Desk) -> None:
    ticket = bought(desk, 1)
    prepared(desk, ticket)
    desk.pro.hours.buy("P-2", "Harbour", 2 * HOUR, renewal=RENEWAL, extends=ticket)
    station.clocks.run(1)
    done(desk.pro.gate.book(ticket, at("10:00"), seconds=round(2.5 * HOUR)))
    station.to("10:00")
    done(desk.pro.work.start(ticket))
    station.watch(desk, "12:30:05", every_s=5)
    used = [(row.lot, row.change_ms / MINUTE_MS) for row in desk.pro.hours.ledger("Harbour").rows if row.kind == "used"]
    assert used == [("P-1", -60), ("P-2", -90)]
    assert desk.pro.page(ticket).row.detail == "exhausted", "the agreed time is used up, not the purchases"
    assert [row.ticket for row in desk.pro.engagements(closed=True)] == [ticket]


def test_scenario_51_hours_that_were_bought_before_the_slot_was_agreed_are_not_forfeited_with_it(
    station: ProStation, desk: Desk
) -> None:
    ticket = bought(desk, 3)
    prepared(desk, ticket)
    desk.pro.hours.buy("P-2", "Harbour", 2 * HOUR, renewal=RENEWAL, extends=ticket)
    station.clocks.run(1)
    done(desk.pro.gate.book(ticket, at("10:00"), seconds=2 * HOUR))
    worked(station, desk, ticket, "10:00", "11:00")
    loses = desk.pro.page(ticket).completing_loses_ms
    assert loses == 60 * MINUTE_MS
    done(desk.pro.work.complete(ticket, forfeits_ms=loses))
    station.to("11:10")
    hours = desk.pro.page(ticket).hours
    assert (hours.forfeited_ms, hours.left_ms) == (60 * MINUTE_MS, 180 * MINUTE_MS)


def test_scenario_54_an_extension_after_the_scope_was_complete_waits_for_a_slot(
    station: ProStation, desk: Desk
) -> None:
    ticket = ready(desk, 1)
    worked(station, desk, ticket, "10:00", "10:30")
    done(desk.pro.work.complete(ticket, forfeits_ms=HOUR * 1000))
    station.to("10:45")
    desk.pro.hours.buy("P-2", "Harbour", 2 * HOUR, renewal=RENEWAL, extends=ticket)
    assert desk.pro.page(ticket).hours.planned_ms == 0
    done(desk.pro.gate.book(ticket, at("14:00"), seconds=2 * HOUR))


def test_scenario_41_a_slot_that_is_agreed_later_does_not_take_back_what_a_provisional_session_drew(
    station: ProStation, desk: Desk
) -> None:
    opened = desk.tickets.open("Broken VPN", by="customer", account="Harbour", product="CAS").entries[0]
    ticket = opened.stream.partition(":")[2]
    done(desk.pro.gate.take_up(ticket, provisional_by="Lena Fischer"))
    prepared(desk, ticket)
    desk.pro.hours.buy("P-1", "Harbour", 3 * HOUR, renewal=RENEWAL, extends=ticket)
    station.to("10:00")
    done(desk.pro.work.start(ticket, provisional_by="Lena Fischer"))
    station.watch(desk, "11:00", every_s=15)
    done(desk.pro.work.stop(ticket))
    assert used_minutes(desk, ticket) == 60
    station.clocks.run(1)
    done(desk.pro.gate.book(ticket, at("14:00"), seconds=HOUR))
    hours = desk.pro.page(ticket).hours
    assert (used_minutes(desk, ticket), hours.planned_ms, hours.not_planned_ms) == (60, HOUR * 1000, HOUR * 1000)


def test_a_purchase_extends_only_an_engagement_of_its_own_account(desk: Desk) -> None:
    ticket = ready(desk, 1)
    with pytest.raises(PurchaseError, match="none of Lighthouse"):
        desk.pro.hours.buy("P-2", "Lighthouse", HOUR, renewal=RENEWAL, extends=ticket)


def test_a_purchase_with_work_of_its_own_is_not_joined(desk: Desk) -> None:
    ticket, other = ready(desk, 1), ready(desk, 1, "13:00", purchase="P-2")
    grant = done(desk.pro.hours.grant(other, HOUR, reason="outage", period_end=RENEWAL)).entries[0].id
    for lot in ("P-2", grant):
        with pytest.raises(PurchaseError, match="has agreed slots or work of its own"):
            desk.pro.hours.join(ticket, lot)
    state = desk.tickets.state(other)
    assert state is not None
    assert state.is_open


def test_scenario_38_a_renewal_is_set_for_hours_that_there_are(desk: Desk) -> None:
    with pytest.raises(PurchaseError, match="No Pro hours were bought"):
        desk.pro.hours.set_renewal("Harbor", RENEWAL, anchor_day=1)
    assert desk.pro.hours.accounts() == ()


def test_scenario_39_billings_flag_may_come_after_the_cancellation(desk: Desk) -> None:
    ticket = ready(desk, 2)
    cancel = desk.pro.hours.refund
    done(cancel("P-1", cause="subscription_cancelled"))
    assert desk.pro.page(ticket).hours.left_ms == 120 * MINUTE_MS
    done(cancel("P-1", cause="subscription_cancelled", at_once=True))
    assert desk.pro.page(ticket).hours.left_ms == 0
    with pytest.raises(PurchaseError, match="the cancellation of P-1 is recorded already"):
        cancel("P-1", cause="subscription_cancelled")


def test_scenario_56_a_late_undo_gives_the_rounding_back_as_well(station: ProStation) -> None:
    station.workspace.pro_settings.write_text("rounding = 15\n", encoding="utf-8")
    with station.open() as desk:
        ticket = ready(desk, 2)
        worked(station, desk, ticket, "10:00", "10:50")
        done(desk.pro.work.complete(ticket, forfeits_ms=70 * MINUTE_MS))
        station.to("11:00")
        done(desk.pro.work.undo_completion(ticket, approved_by=("Lena Fischer", "Bo Lind")))
        hours = desk.pro.page(ticket).hours
        assert (used_minutes(desk, ticket), hours.planned_ms / MINUTE_MS, hours.forfeited_ms) == (50, 70, 0)


def test_scenario_85_a_correction_keeps_its_place_when_the_period_is_closed_after_it(
    station: ProStation, desk: Desk
) -> None:
    ticket = ready(desk, 2, renewal=NEXT_DAY)
    segment = worked(station, desk, ticket, "10:00", "10:30")
    station.to("2027-01-13 09:00")
    done(desk.pro.hours.correct(segment, 600, reason="the call before", approved_by="Lena Fischer"))
    done(desk.pro.hours.close_period("Harbour", first_period(desk)))
    assert as_closed(desk, ticket)
    assert used_minutes(desk, ticket) == 40
    station.clocks.run(60)
    done(desk.pro.hours.correct(segment, 600, reason="one more", approved_by="Lena Fischer"))
    assert as_closed(desk, ticket)
    assert used_minutes(desk, ticket) == 40
    assert any("10m" in remark for remark in desk.pro.hours.ledger("Harbour").remarks)


def test_scenario_81_what_is_corrected_in_a_completed_session_is_not_lost_with_the_next(
    station: ProStation, desk: Desk
) -> None:
    ticket = bought(desk, 5)
    prepared(desk, ticket)
    done(desk.pro.gate.book(ticket, at("10:00"), seconds=HOUR))
    first = worked(station, desk, ticket, "10:00", "10:45")
    done(desk.pro.work.complete(ticket, forfeits_ms=HOUR * 1000))
    station.to("12:00")
    done(desk.pro.gate.book(ticket, at("13:00"), seconds=HOUR))
    done(desk.pro.hours.correct(first, -600, reason="the copy had ended", approved_by="Lena Fischer"))
    worked(station, desk, ticket, "13:00", "13:30")
    loses = desk.pro.page(ticket).completing_loses_ms
    assert loses == 30 * MINUTE_MS
    done(desk.pro.work.complete(ticket, forfeits_ms=loses))
    hours = desk.pro.page(ticket).hours
    assert (hours.forfeited_ms, hours.left_ms) == (45 * MINUTE_MS, (5 * 60 - 120 + 10) * MINUTE_MS)


def test_scenario_83_a_correction_is_measured_by_its_own_session(station: ProStation, desk: Desk) -> None:
    ticket = bought(desk, 5)
    prepared(desk, ticket)
    done(desk.pro.gate.book(ticket, at("10:00"), seconds=2 * HOUR))
    worked(station, desk, ticket, "10:00", "11:30")
    done(desk.pro.work.complete(ticket, forfeits_ms=HOUR * 1000))
    station.to("12:00")
    done(desk.pro.gate.book(ticket, at("13:00"), seconds=HOUR))
    second = worked(station, desk, ticket, "13:00", "13:20")
    refused = desk.pro.hours.correct(second, -30 * 60, reason="too much", approved_by="Lena Fischer").refused
    assert refused == "Not corrected: the session is 20m long, shorter than the correction."


def test_scenario_86_a_period_is_not_closed_while_a_completion_can_be_undone(station: ProStation, desk: Desk) -> None:
    bought(desk, 1, renewal=NEXT_DAY)
    ticket = ready(desk, 2, "22:00", purchase="P-2")
    give = desk.pro.gate.give_consent
    done(give(ticket, at("22:00"), at(NEXT_DAY), time_sensitive=True, by_engineer=True, by_customer=True))
    worked(station, desk, ticket, "22:00", "23:57")
    station.to("23:58")
    done(desk.pro.work.complete(ticket, forfeits_ms=HOUR * 1000))
    station.to("2027-01-13 00:01")
    refused = desk.pro.hours.close_period("Harbour", first_period(desk)).refused
    assert refused == (
        "Not closed: the completion at Tue 12 Jan 2027, 11:58 PM ET can be undone until Wed 13 Jan 2027, 12:03 AM ET."
    )
    station.to("2027-01-13 00:03")
    done(desk.pro.hours.close_period("Harbour", first_period(desk)))
    station.to("2027-01-13 00:10")
    assert as_closed(desk, ticket)


def test_scenario_86_periods_are_closed_in_their_order_and_stay_where_they_are(station: ProStation, desk: Desk) -> None:
    ticket = bought(desk, 1, renewal=NEXT_DAY)
    bought(desk, 1, purchase="P-2", renewal="2027-01-15 00:00")
    bought(desk, 1, purchase="P-3")
    station.to("2027-01-15 09:00")
    first, second = (row.period for row in desk.pro.hours.periods("Harbour") if row.is_over)
    refused = desk.pro.hours.close_period("Harbour", second).refused
    assert refused == "Not closed: the period until Wed 13 Jan 2027, 12:00 AM ET is not closed yet."
    done(desk.pro.hours.close_period("Harbour", first))
    done(desk.pro.hours.close_period("Harbour", second))
    with pytest.raises(PurchaseError, match="lies in a period that is closed"):
        desk.pro.hours.set_renewal("Harbour", at("2027-01-14 12:00"), anchor_day=14)
    assert as_closed(desk, ticket)
