"""Purchases, the gate and billing through the real desk and journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.desk import Desk
from console.desk.pro.acting import NotAnEngagement
from console.desk.pro.gate import GateError
from console.desk.pro.hours import PurchaseError
from console.domain.events import TicketOpened
from console.domain.pro_events import LotBought
from console.domain.queue import View
from tests.desk.pro_desk import HOUR, MINUTE_MS, VPN, ProStation, at, bought, done, prepared, ready, used_minutes

RENEWAL = at("2027-02-01 00:00")


@pytest.fixture
def station(tmp_path: Path) -> ProStation:
    return ProStation(tmp_path / "mara")


@pytest.fixture
def desk(station: ProStation) -> Iterator[Desk]:
    with station.open() as desk:
        yield desk


def worked(station: ProStation, desk: Desk, ticket: str, begins: str, ends: str) -> None:
    station.to(begins)
    done(desk.pro.work.start(ticket))
    station.watch(desk, ends, every_s=15)
    done(desk.pro.work.stop(ticket))


def test_a_purchase_is_one_act_of_a_ticket_with_a_clock_and_a_lot(desk: Desk) -> None:
    result = desk.pro.hours.buy("PO-1", "Harbour", 2 * HOUR, renewal=RENEWAL, contact="Dana Whitfield")
    opened, lot = result.receipt.entries
    assert isinstance(opened.event, TicketOpened)
    assert isinstance(lot.event, LotBought)
    assert opened.act is not None
    assert opened.act == lot.act
    (row,) = desk.queue.rows(desk.queue.order(View.ALL_OPEN).rowids)
    assert (row.ticket, row.channel, row.next_metric) == (result.ticket, "purchase", "first_reply")
    assert row.due_at is not None
    assert desk.pro.find("PO-1") == desk.pro.find(f"#{result.number}") == desk.pro.find("harbour") == result.ticket


def test_scenario_42_the_same_purchase_twice_is_one_lot(desk: Desk) -> None:
    first = desk.pro.hours.buy("PO-1", "Harbour", 2 * HOUR, renewal=RENEWAL)
    again = desk.pro.hours.buy("PO-1", "Harbour", 2 * HOUR, renewal=RENEWAL)
    assert again.known
    assert (again.ticket, again.number, again.warnings) == (first.ticket, first.number, ())
    other = desk.pro.hours.buy("PO-1", "Lighthouse", 3 * HOUR, renewal=RENEWAL)
    assert other.warnings == (
        "PO-1 is recorded for Harbour, not for Lighthouse; nothing was changed.",
        "PO-1 is recorded with 2h, not 3h; nothing was changed.",
    )
    assert [row.bought_ms for row in desk.pro.engagements()] == [2 * HOUR * 1000]


def test_scenario_34_hours_that_cannot_be_used_are_told_at_once(station: ProStation, desk: Desk) -> None:
    station.to("2027-01-15 17:10")
    result = desk.pro.hours.buy("PO-1", "Harbour", 2 * HOUR, renewal=at("2027-01-18 00:00"))
    (warning,) = result.warnings
    assert warning.startswith("Only 50m of the 2h can be used in the service window before the renewal at")
    assert "1h 10m would be lost (T7)" in warning
    notes = [item.text for item in desk.tickets.view(result.ticket).items if item.kind == "note"]
    assert notes == [f"{warning} Tell billing and the partner."]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"purchase_id": " "}, "Not recorded: a purchase has an id and an account."),
        ({"seconds": 0}, "Not recorded: a purchase has more than 0 hours."),
        ({"renewal": at("2027-01-11 09:00")}, "belongs to the new period (T7)"),
    ],
)
def test_what_cannot_be_a_purchase_is_said(desk: Desk, changes: dict, said: str) -> None:
    asked = {"purchase_id": "PO-1", "account": "Harbour", "seconds": HOUR, "renewal": RENEWAL, **changes}
    with pytest.raises(PurchaseError, match=said.replace("(", r"\(").replace(")", r"\)")):
        desk.pro.hours.buy(**asked)
    assert desk.pro.engagements() == ()


def test_the_first_act_takes_the_engagement_up_and_the_ticket_with_it(desk: Desk) -> None:
    ticket = bought(desk)
    done(desk.pro.gate.set_contact(ticket, "Dana Whitfield", partner=True))
    row = desk.pro.page(ticket).row
    assert (row.owner, row.state, row.gate_met) == ("Mara Okafor", "preparing", 1)
    state = desk.tickets.state(ticket)
    assert state is not None
    assert (state.assignee, state.status) == ("Mara Okafor", "open")
    assert desk.pro.gate.take_up(ticket).refused == "Not taken up: the engagement is in work already."


def test_scenario_48_an_end_customer_is_no_contact(desk: Desk) -> None:
    ticket = bought(desk)
    refused = desk.pro.gate.set_contact(ticket, "Pat Smith", partner=False).refused
    assert refused == "Not set: Pat Smith is no partner. Engineers deal with partners only (T5)."


def test_a_ticket_without_a_purchase_is_no_engagement(desk: Desk) -> None:
    ticket = desk.tickets.open("Printer").entries[0].stream.partition(":")[2]
    with pytest.raises(NotAnEngagement):
        desk.pro.page(ticket)
    with pytest.raises(NotAnEngagement):
        desk.pro.gate.take_up(ticket)


def test_a_scope_without_items_or_names_is_a_mistake(desk: Desk) -> None:
    ticket = bought(desk)
    with pytest.raises(GateError):
        desk.pro.gate.agree_scope(ticket, [], agreed_by=["Mara", "Dana"])
    with pytest.raises(GateError):
        desk.pro.gate.agree_scope(ticket, [VPN], agreed_by=[" "])


def test_the_scope_shows_what_was_used_of_each_estimate_and_whether_the_rest_fits(
    station: ProStation, desk: Desk
) -> None:
    ticket = ready(desk, 2)
    station.to("10:00")
    done(desk.pro.work.start(ticket))
    done(desk.pro.work.work_on(ticket, "vpn"))
    station.watch(desk, "10:30", every_s=15)
    scope = desk.pro.page(ticket).scope
    (line,) = scope.lines
    assert (line.used_ms, line.estimate_ms, line.is_current) == (30 * MINUTE_MS, 60 * MINUTE_MS, True)
    assert scope.fits_text == "30m still estimated, 1h 30m left, 1h spare."
    done(desk.pro.gate.request(ticket, "Printer redirection"))
    assert [title for _, title in desk.pro.page(ticket).scope.requested] == ["Printer redirection"]


def test_scenario_18_a_holiday_that_came_later_asks_to_agree_the_slot_anew(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
    (station.workspace.folder / "holidays.txt").write_text("2027-01-12 Company day\n", encoding="utf-8")
    station.workspace.pro_settings.write_text(
        f'[calendar]\nholidays = "{station.workspace.folder / "holidays.txt"}"\n', encoding="utf-8"
    )
    with station.open() as desk:
        page = desk.pro.page(ticket)
        assert page.slots[0].warning is not None
        assert "Tue 12 Jan is a holiday" in page.slots[0].warning
        assert page.warnings == (page.slots[0].warning,)


def test_scenario_38_an_earlier_renewal_warns_of_each_slot_beyond_it(desk: Desk) -> None:
    ticket = ready(desk, 2)
    done(desk.pro.hours.set_renewal("Harbour", at("2027-01-12 00:00"), anchor_day=12))
    warnings = desk.pro.page(ticket).warnings
    assert any("No hours will be left by then (T7)" in warning for warning in warnings)


def test_scenario_40_goodwill_is_a_new_lot(station: ProStation, desk: Desk) -> None:
    ticket = bought(desk, 1, renewal="2027-01-12 00:00")
    station.to("09:00")
    assert desk.pro.page(ticket).hours.left_ms == 0
    done(desk.pro.hours.grant(ticket, HOUR, reason="outage on 11 Jan", period_end=RENEWAL))
    hours = desk.pro.page(ticket).hours
    assert (hours.left_ms, hours.expired_ms) == (60 * MINUTE_MS, 60 * MINUTE_MS)


def test_a_purchase_that_is_joined_feeds_the_engagement_and_its_ticket_is_merged(desk: Desk) -> None:
    ticket = ready(desk, 1)
    desk.pro.hours.buy("P-2", "Harbour", HOUR, renewal=RENEWAL)
    done(desk.pro.hours.join(ticket, "P-2"))
    assert [row.ticket for row in desk.pro.engagements()] == [ticket]
    page = desk.pro.page(ticket)
    assert page.hours.bought_ms == 2 * HOUR * 1000
    assert page.hours.purchases == ("P-1", "P-2")


def test_scenario_81_and_83_corrections(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 2)
    worked(station, desk, ticket, "10:00", "11:00")
    segment = next(
        row.cause for row in desk.pro.hours.ledger("Harbour").rows if row.kind == "used" and row.cause is not None
    )
    refused = desk.pro.hours.correct(segment, -2 * HOUR, reason="x", approved_by="Lena").refused
    assert refused is not None
    assert "shorter than the correction" in refused
    done(desk.pro.hours.correct(segment, -15 * 60, reason="the copy had ended", approved_by="Lena Fischer"))
    assert used_minutes(desk, ticket) == 45
    rows = desk.pro.hours.ledger("Harbour").rows
    assert [(row.kind, row.change_ms // MINUTE_MS, row.balance_ms // MINUTE_MS) for row in rows] == [
        ("bought", 120, 120),
        ("used", -60, 60),
        ("corrected", 15, 75),
    ]


def test_scenario_86_a_period_is_not_closed_over_a_gap_and_then_for_good(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 2)
    station.to("10:00")
    done(desk.pro.work.start(ticket))
    station.watch(desk, "10:30", every_s=15)
    station.clocks.sleep(minutes=20)
    (gap,) = desk.pro.watch.tick().gaps
    period = desk.pro.hours.periods("Harbour")[0].period
    assert desk.pro.hours.close_period("Harbour", period).refused == (
        "Not closed: the period runs until Mon 1 Feb 2027, 12:00 AM ET."
    )
    station.to("2027-02-01 09:00")
    desk.pro.watch.tick()
    blocks = desk.pro.hours.closing_blocks("Harbour", period)
    assert len(blocks) == 2, "the sleep of 20 minutes, and the one until closing"
    refused = desk.pro.hours.close_period("Harbour", period).refused
    assert refused is not None
    for question in desk.pro.page(ticket).gaps:
        done(desk.pro.work.answer_gap(question.id, "worked" if question.id == gap.id else "not_worked"))
    done(desk.pro.hours.close_period("Harbour", period))
    assert desk.pro.hours.periods("Harbour")[0].closing is not None
    assert desk.pro.hours.close_period("Harbour", period).refused is not None


def test_scenario_87_billings_figure_is_shown_beside_ours_and_nothing_is_overwritten(
    station: ProStation, desk: Desk
) -> None:
    ticket = ready(desk, 2)
    worked(station, desk, ticket, "10:00", "11:00")
    period = desk.pro.hours.periods("Harbour")[0].period
    before = desk.pro.hours.ledger("Harbour")
    (difference,) = desk.pro.hours.compare("Harbour", period, {"P-1": 3000})
    assert (difference.ours_ms, difference.billing_ms) == (60 * MINUTE_MS, 50 * MINUTE_MS)
    assert desk.pro.hours.ledger("Harbour").rows == before.rows


def test_the_timesheet_adds_up_to_the_ledger(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 3, "16:30")
    worked(station, desk, ticket, "16:30", "17:30")
    worked(station, desk, ticket, "2027-01-13 09:00", "2027-01-13 09:45")
    period = desk.pro.hours.periods("Harbour")[0].period
    rows = desk.pro.hours.timesheet("Harbour", period)
    assert [row.metered_ms // MINUTE_MS for row in rows] == [60, 45]
    used = -sum(row.change_ms for row in desk.pro.hours.ledger("Harbour", period=period).rows if row.kind == "used")
    assert sum(row.metered_ms for row in rows) == used


def test_the_next_slots_fit_before_the_renewal_and_around_my_own(station: ProStation, desk: Desk) -> None:
    ready(desk, 2, "10:00")
    other = bought(desk, 3, purchase="P-2", account="Lighthouse")
    prepared(desk, other)
    station.to("09:00")
    offer = desk.pro.next_slots(other, count=3)
    assert offer.slots[0].begins_at == at("12:00")
    assert all(slot.same_day for slot in offer.slots)
    done(desk.pro.gate.book(other, offer.slots[0].begins_at, offer.slots[0].ends_at))
    assert desk.pro.page(other).row.need == "slot_today"


def test_carry_over_stops_and_moves_the_slot_to_the_following_business_day(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 2)
    station.to("10:00")
    done(desk.pro.work.start(ticket))
    station.watch(desk, "11:00", every_s=15)
    carried = desk.pro.work.carry_over(ticket, note="waiting for the router")
    assert carried.receipt.refused is None
    assert carried.slot == (at("2027-01-13 09:00"), at("2027-01-13 10:00"))
    page = desk.pro.page(ticket)
    assert (page.row.state, page.row.need) == ("carried", "carried")
    assert page.completing_loses_ms == 60 * MINUTE_MS
    assert page.log[1].text == "waiting for the router" or page.log[0].text == "waiting for the router"


def test_what_completing_loses_can_be_undone_for_five_minutes(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 2)
    worked(station, desk, ticket, "10:00", "11:00")
    done(desk.pro.work.complete(ticket, forfeits_ms=60 * MINUTE_MS))
    undo = desk.pro.page(ticket).undo
    assert undo is not None
    assert undo.until == at("11:05")
    station.to("11:02")
    done(desk.pro.work.undo_completion(undo.completion))
    assert desk.pro.page(ticket).row.state == "carried"
    station.to("11:03")
    done(desk.pro.work.complete(ticket, forfeits_ms=60 * MINUTE_MS))
    station.to("11:30")
    last = desk.pro.page(ticket)
    assert last.undo is None
    assert last.hours.forfeited_ms == 60 * MINUTE_MS


def test_an_offer_names_the_work_and_the_terms_and_sends_nothing(desk: Desk) -> None:
    ticket = desk.tickets.open("VPN to our office?", by="customer", contact="Dana Whitfield").entries[0]
    text = desk.pro.offer_text(ticket.stream.partition(":")[2], [VPN], HOUR)
    assert "VPN to the office" in text
    assert "1h" in text
    assert len(desk.journal.entries(ticket.stream)) == 1


def test_scenario_36_only_the_hours_of_the_next_renewal_are_said_to_expire(station: ProStation, desk: Desk) -> None:
    ticket = bought(desk, 1, renewal="2027-01-14 00:00")
    desk.pro.hours.buy("P-2", "Harbour", 2 * HOUR, renewal=RENEWAL, extends=ticket)
    (first, *_) = desk.pro.engagements()
    assert (first.ticket, first.need) == (ticket, "expiring")
    assert first.need_text.startswith("1h expire Thu 12:00 AM ET")
    assert first.left_ms == 3 * HOUR * 1000


def test_a_completion_stands_in_the_log_of_its_own_session_only(station: ProStation, desk: Desk) -> None:
    ticket = bought(desk, 3)
    prepared(desk, ticket)
    done(desk.pro.gate.book(ticket, at("10:00"), seconds=HOUR))
    worked(station, desk, ticket, "10:00", "10:30")
    done(desk.pro.work.complete(ticket, forfeits_ms=30 * MINUTE_MS))
    assert "completed" in [line.kind for line in desk.pro.page(ticket).log]
    station.to("11:00")
    done(desk.pro.gate.book(ticket, at("12:00"), seconds=HOUR))
    page = desk.pro.page(ticket)
    assert (page.session, page.log) == (2, ())
