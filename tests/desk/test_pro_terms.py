"""The terms where several engagements, engineers and slots meet, through the real desk, journal and clocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.desk import Desk
from console.domain import events as ev
from console.domain.events import offer
from console.timekeeping import HintSpan
from tests.desk.pro_desk import HOUR, MINUTE_MS, ProStation, at, bought, done, prepared, ready, used_minutes
from tests.desk.pro_world import AIKO, MARA, Machine
from tests.journal.facts import allow

EVENING = ("18:00", "21:00")


@pytest.fixture
def station(tmp_path: Path) -> ProStation:
    return ProStation(tmp_path / "mara")


@pytest.fixture
def desk(station: ProStation) -> Iterator[Desk]:
    with station.open() as desk:
        yield desk


def consent(desk: Desk, ticket: str, begins: str, ends: str) -> str:
    """The id of a complete consent, given now."""
    give = desk.pro.gate.give_consent
    receipt = give(ticket, at(begins), at(ends), time_sensitive=True, by_engineer=True, by_customer=True)
    return done(receipt).entries[-1].id


def begun(station: ProStation, desk: Desk, ticket: str, begins: str, until: str) -> None:
    station.to(begins)
    done(desk.pro.work.start(ticket))
    station.watch(desk, until, every_s=15)


# Slots


def test_scenario_02_the_rest_goes_around_another_slot_of_the_engineer(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 3, "16:30")
    ready(desk, 1, "2027-01-13 09:30", purchase="P-2")
    begun(station, desk, ticket, "16:30", "18:00:05")
    page = desk.pro.page(ticket)
    assert page.row.state == "carried"
    assert used_minutes(desk, ticket) == 90
    assert page.row.slot == (at("2027-01-13 09:00"), at("2027-01-13 11:30"))


def test_a_session_stops_at_its_limit_even_where_its_rest_cannot_be_moved(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 3, "16:30")
    begun(station, desk, ticket, "16:30", "17:00")
    stream = desk.journal.pro_stream(ticket)
    assert stream is not None
    newer = ev.UnknownEvent(name="slot.blessed", raw=b"{}")
    entry = offer(newer, id="01a0", stream=stream, at=at("17:00"), device=desk.journal.device, dseq=0)
    desk.journal.record([entry], actor=MARA, now_ms=at("17:00"), decide=allow)
    station.watch(desk, "18:00:05", every_s=15)
    page = desk.pro.page(ticket)
    assert page.needs_newer_app
    assert page.row.state == "carried"
    assert page.row.slot == (at("16:30"), at("19:30")), "nothing but the stop was written"
    assert used_minutes(desk, ticket) == 90


def test_every_slot_that_is_offered_can_be_agreed(station: ProStation, desk: Desk) -> None:
    ready(desk, 1, "2027-01-13 09:30", purchase="P-2")
    ticket = bought(desk, 12)
    offer = desk.pro.next_slots(ticket, count=6)
    assert any(len(slot.parts) > 2 for slot in offer.slots), "one goes around the agreed slot"
    for slot in offer.slots:
        booked = done(desk.pro.gate.book(ticket, slot.begins_at, slot.ends_at, seconds=12 * HOUR))
        station.clocks.run(1)
        done(desk.pro.gate.release(booked.entries[-1].id, "another one"))


def test_what_is_offered_for_a_colleagues_slot_is_free_for_the_colleague(tmp_path: Path) -> None:
    with machine(tmp_path) as office:
        mara, aiko = office.desks[MARA], office.desks[AIKO]
        ready(mara, 3, "2027-01-11 10:00", purchase="P-2", account="Lighthouse")
        ticket = ready(mara, 2, "2027-01-11 14:00")
        offered = aiko.pro.next_slots(ticket, count=1).slots[0]
        assert offered.begins_at == at("2027-01-11 13:00")
        done(aiko.pro.gate.move(aiko.pro.page(ticket).slots[0].id, offered.begins_at, offered.ends_at))


def test_an_engineer_has_one_slot_at_a_time_over_all_accounts(desk: Desk) -> None:
    ready(desk, 2, "10:00")
    other = bought(desk, 2, purchase="P-2", account="Lighthouse")
    refused = desk.pro.gate.book(other, at("11:00"), seconds=HOUR).refused
    assert refused == "Not booked: Mara Okafor has a slot at Tue 12 Jan 2027, 10:00 AM ET already."
    done(desk.pro.gate.book(other, at("12:00"), seconds=HOUR))


def test_the_time_of_a_slot_is_free_again_when_its_scope_is_complete(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 3, "10:00")
    begun(station, desk, ticket, "10:00", "11:00")
    done(desk.pro.work.complete(ticket, forfeits_ms=desk.pro.page(ticket).completing_loses_ms))
    assert desk.pro.watch.watched().next_slot is None
    ready(desk, 1, "11:30", purchase="P-2")
    again = bought(desk, 1, purchase="P-3")
    done(desk.pro.hours.join(ticket, "P-3"))
    station.clocks.run(1)
    done(desk.pro.gate.book(ticket, at("14:00"), seconds=HOUR))
    station.to("13:00")
    following = desk.pro.watch.watched().next_slot
    assert following is not None
    assert (following.ticket, following.begins_at) == (ticket, at("14:00"))
    assert again not in [row.ticket for row in desk.pro.engagements(closed=True)]


def test_a_slot_that_was_worked_gives_nothing_back_when_it_is_released(station: ProStation, desk: Desk) -> None:
    ticket = bought(desk, 2)
    prepared(desk, ticket)
    first = done(desk.pro.gate.book(ticket, at("10:00"), seconds=HOUR)).entries[-1].id
    second = done(desk.pro.gate.book(ticket, at("14:00"), seconds=HOUR)).entries[-1].id
    begun(station, desk, ticket, "10:00", "11:00:05")
    done(desk.pro.work.stop(ticket))
    planned = desk.pro.page(ticket).hours.planned_ms
    done(desk.pro.gate.release(first, "over"))
    station.clocks.run(1)
    assert desk.pro.page(ticket).hours.planned_ms == planned
    done(desk.pro.gate.release(second, "the partner is away"))
    assert desk.pro.page(ticket).hours.planned_ms == 0


def test_a_slot_outside_the_window_warns_until_a_consent_allows_it(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 2, "19:00")
    (warning,) = desk.pro.page(ticket).warnings
    assert warning.startswith("The slot at Tue 12 Jan 2027, 7:00 PM ET begins outside the service window")
    consent(desk, ticket, *EVENING)
    station.clocks.run(1)
    assert desk.pro.page(ticket).warnings == ()


def test_scenario_45_a_partner_is_waited_for_a_quarter_of_an_hour(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 2)
    slot = desk.pro.page(ticket).slots[0].id
    station.to("10:14")
    refused = desk.pro.gate.release(slot, "", no_show=True).refused
    assert refused == "Not released: the partner may still come, until Tue 12 Jan 2027, 10:15 AM ET."
    station.to("10:15")
    done(desk.pro.gate.release(slot, "", no_show=True))


# Consent


def test_scenario_21_by_setting_a_consent_precedes_the_start_of_its_day(station: ProStation) -> None:
    station.workspace.pro_settings.write_text('[consent]\ncommencement = "each_day"\n', encoding="utf-8")
    with station.open() as desk:
        ticket = ready(desk, 9, "16:00")
        begun(station, desk, ticket, "16:00", "18:00:05")
        station.to("20:00")
        consent(desk, ticket, "2027-01-13 18:00", "2027-01-13 21:00")
        begun(station, desk, ticket, "2027-01-13 15:00", "2027-01-13 21:00:05")
        assert used_minutes(desk, ticket) == (2 + 6) * 60


def test_scenario_22_a_session_stops_between_window_and_consent_and_goes_on_in_the_evening(
    station: ProStation, desk: Desk
) -> None:
    ticket = ready(desk, 3, "17:00")
    consent(desk, ticket, "19:00", "21:00")
    begun(station, desk, ticket, "17:00", "18:00:05")
    assert desk.pro.page(ticket).row.slot == (at("19:00"), at("21:00"))
    begun(station, desk, ticket, "19:00", "21:00:05")
    assert used_minutes(desk, ticket) == 180


def test_scenario_25_a_withdrawn_consent_stops_the_session_at_once(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 4, "16:00")
    given = consent(desk, ticket, *EVENING)
    begun(station, desk, ticket, "16:00", "18:30")
    station.clocks.run(0.5)
    done(desk.pro.gate.withdraw_consent(ticket, given))
    station.clocks.run(0.5)
    assert desk.pro.watch.tick().stopped == ("The session was stopped at 6:30 PM ET: consented time ended.",)
    assert desk.pro.page(ticket).row.slot == (at("2027-01-13 09:00"), at("2027-01-13 10:29:59.500"))
    again = desk.pro.gate.withdraw_consent(ticket, given).refused
    assert again == "Not withdrawn: there is no such consent any more."


def test_scenario_25_by_setting_a_consent_cannot_be_withdrawn(station: ProStation) -> None:
    station.workspace.pro_settings.write_text('[consent]\nwithdrawal = "not possible"\n', encoding="utf-8")
    with station.open() as desk:
        ticket = ready(desk, 4, "16:00")
        refused = desk.pro.gate.withdraw_consent(ticket, consent(desk, ticket, *EVENING)).refused
        assert refused is not None
        assert refused.startswith("Not withdrawn: a consent that was given holds")


# Work


def test_scenario_57_rework_keeps_to_the_window_and_as_a_session_to_its_hours(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 1)
        station.to("19:00")
        assert "outside the service window" in (desk.pro.work.start(ticket, purpose="rework").refused or "")
    station.workspace.pro_settings.write_text('[rework]\nmetering = "new session"\n', encoding="utf-8")
    with station.open() as desk:
        begun(station, desk, ticket, "2027-01-13 10:00", "2027-01-13 11:00:05")
        refused = desk.pro.work.start(ticket, purpose="rework").refused
        assert refused is not None
        assert "used up (T10)" in refused


def test_scenario_59_idleness_is_a_line_or_by_setting_a_question(station: ProStation) -> None:
    idle = HintSpan("idle", at("10:10"), at("10:20"))
    with station.open() as desk:
        ticket = ready(desk, 2)
        begun(station, desk, ticket, "10:00", "10:20")
        assert desk.pro.watch.tick([idle]).gaps == ()
        assert desk.pro.page(ticket).log[0].text == "Nobody was at the computer."
    station.workspace.pro_settings.write_text('[idle]\naction = "prompt"\n', encoding="utf-8")
    with station.open() as desk:
        station.watch(desk, "10:40", every_s=15)
        (asked,) = desk.pro.watch.tick([HintSpan("idle", at("10:30"), at("10:40"))]).gaps
        assert asked.cause == "Nobody was at the computer"
        assert used_minutes(desk, ticket) == 30
        done(desk.pro.work.work_on(ticket, "vpn", unattended_job="copy of 500 GB"))
        station.watch(desk, "11:00", every_s=15)
        assert len(desk.pro.watch.tick([HintSpan("idle", at("10:50"), at("11:00"))]).gaps) == 1


def test_scenario_60_access_that_is_lost_in_mid_session_is_flagged_and_the_clock_runs(
    station: ProStation, desk: Desk
) -> None:
    ticket = ready(desk, 2)
    begun(station, desk, ticket, "10:00", "10:30")
    done(desk.pro.gate.lose_access(ticket, "Google project"))
    station.watch(desk, "10:45", every_s=15)
    (warning,) = desk.pro.page(ticket).warnings
    assert warning.startswith("Access to the Google project was lost 10:30 AM ET; the clock runs on")
    assert used_minutes(desk, ticket) == 45


def machine(folder: Path, pro_settings: str = "") -> Machine:
    return Machine(folder / "office", (MARA, AIKO), "2027-01-11 09:00", pro_settings)


def test_scenario_61_summed_engineers_use_the_hours_up_twice_as_fast_and_the_report_adds_up(tmp_path: Path) -> None:
    with machine(tmp_path, '[engineers]\nmetering = "sum"\n') as office:
        mara, aiko = office.desks[MARA], office.desks[AIKO]
        ticket = ready(mara, 2, "2027-01-11 10:00")
        office.clocks.run(hours=1)
        for desk in (mara, aiko):
            assert desk.pro.page(ticket).may_start is None, "a colleague's timer keeps nobody from starting"
            done(desk.pro.work.start(ticket))
        office.watch(minutes=61)
        assert [entry.metered_ms for entry in mara.pro.report(ticket).entries] == [60 * MINUTE_MS, 60 * MINUTE_MS]
        assert mara.pro.page(ticket).row.detail == "exhausted"


def test_scenario_62_a_handover_takes_the_ticket_and_the_slot_along(tmp_path: Path) -> None:
    with machine(tmp_path) as office:
        mara, aiko = office.desks[MARA], office.desks[AIKO]
        ticket = ready(mara, 2, "2027-01-11 10:00")
        office.clocks.run(hours=1)
        done(mara.pro.work.start(ticket))
        office.watch(minutes=30)
        done(mara.pro.gate.hand_over(ticket, AIKO))
        done(aiko.pro.work.start(ticket))
        done(mara.pro.work.stop(ticket))
        office.watch(minutes=30)
        state = aiko.tickets.state(ticket)
        assert state is not None
        assert state.assignee == AIKO
        (slot,) = aiko.pro.page(ticket).slots
        assert (slot.engineer, slot.moves) == (AIKO, 0)
        assert aiko.pro.report(ticket).engineers == (MARA, AIKO)
        assert used_minutes(aiko, ticket) == 60


def test_scenario_84_late_work_is_refused_where_the_engineer_worked_elsewhere(station: ProStation, desk: Desk) -> None:
    first, second = ready(desk, 2), ready(desk, 2, "13:00", purchase="P-2", account="Lighthouse")
    begun(station, desk, first, "10:00", "11:00")
    done(desk.pro.work.stop(first))
    entered = {"reason": "timer forgotten", "approved_by": "Lena Fischer"}
    refused = desk.pro.work.log_past(second, at("10:30"), at("10:45"), **entered).refused
    assert refused is not None
    assert refused.startswith("Not entered: Mara Okafor worked for Harbour from Tue 12 Jan 2027, 10:00 AM ET")
    done(desk.pro.work.log_past(second, at("09:30"), at("10:00"), **entered))


def test_scenario_84_late_work_follows_an_agreed_slot(station: ProStation, desk: Desk) -> None:
    ticket = bought(desk, 2)
    prepared(desk, ticket)
    station.to("12:00")
    done(desk.pro.gate.book(ticket, at("13:00"), seconds=HOUR))
    refused = desk.pro.work.log_past(ticket, at("10:00"), at("10:30"), reason="forgotten", approved_by="Lena").refused
    assert refused is not None
    assert refused.startswith("Not entered: by then no slot is agreed.")


def test_a_completion_that_is_refused_leaves_the_timer_running(station: ProStation, desk: Desk) -> None:
    ticket = ready(desk, 2)
    refused = desk.pro.work.complete(ticket, forfeits_ms=0).refused
    assert refused == "Not completed: the work has not begun, and its hours live on until the renewal (T7)."
    begun(station, desk, ticket, "10:00", "10:30")
    station.clocks.sleep(minutes=10)
    desk.pro.watch.tick()
    refused = desk.pro.work.complete(ticket, forfeits_ms=2 * HOUR * 1000).refused
    assert refused is not None
    assert refused.startswith("Not completed: say first whether the gap")
    assert desk.pro.page(ticket).row.state == "running"


def test_a_wall_clock_that_is_behind_after_a_restart_keeps_no_page_from_being_shown(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        begun(station, desk, ticket, "10:00", "10:30")
        done(desk.pro.work.stop(ticket))
    station.clocks.step_wall(minutes=-20)
    with station.open() as desk:
        assert [row.need for row in desk.pro.engagements()] == ["running"]
        assert desk.pro.page(ticket).as_of == at("10:10")
