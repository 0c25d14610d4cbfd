"""The session through the real desk, journal and clocks: start, stop, gaps, limits, crashes and their answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.desk import Desk
from console.desk.pro.acting import NotAnEngagement
from console.domain.pro_events import SegmentNoted
from console.timekeeping import HintSpan, Timekeeper
from tests.desk.pro_desk import HOUR, MINUTE_MS, ProStation, at, bought, done, prepared, ready, used_minutes


@pytest.fixture
def station(tmp_path: Path) -> ProStation:
    return ProStation(tmp_path / "mara")


def test_a_session_from_the_purchase_to_the_completion(station: ProStation) -> None:
    with station.open() as desk:
        ticket = bought(desk, 2)
        assert desk.pro.page(ticket).row.state == "purchased"
        prepared(desk, ticket)
        assert desk.pro.page(ticket).row.state == "preparing"
        done(desk.pro.gate.book(ticket, at("10:00"), seconds=2 * HOUR))
        assert desk.pro.page(ticket).row.state == "ready"
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "11:20", every_s=10)
        done(desk.pro.work.stop(ticket))
        page = desk.pro.page(ticket)
        assert page.row.state == "carried"
        assert page.completing_loses_ms == 40 * MINUTE_MS
        done(desk.pro.work.complete(ticket, forfeits_ms=page.completing_loses_ms))
        page = desk.pro.page(ticket)
        assert (page.row.state, page.row.detail) == ("closed", "completed")
        assert page.undo is not None
        station.to("11:30")
        page = desk.pro.page(ticket)
        assert (page.hours.session_ms + page.hours.used_ms, page.hours.forfeited_ms) == (80 * MINUTE_MS, 40 * MINUTE_MS)
        assert page.hours.left_ms == 0
        assert page.undo is None


def test_the_parts_of_the_hours_add_up_to_what_was_bought_at_any_time(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        for until in ("10:01", "10:40", "11:59:59", "12:00", "12:30"):
            station.watch(desk, until, every_s=20)
            h = desk.pro.page(ticket).hours
            parts = h.used_ms + h.session_ms + h.elsewhere_ms + h.open_gap_ms + h.planned_ms + h.not_planned_ms
            assert parts + h.forfeited_ms + h.expired_ms + h.refunded_ms == h.bought_ms == 2 * HOUR * 1000


def test_a_start_is_refused_with_the_term_that_it_keeps(station: ProStation) -> None:
    with station.open() as desk:
        ticket = bought(desk, 2)
        done(desk.pro.gate.list_access(ticket, ["Google project"]))
        station.to("10:00")
        refused = desk.pro.work.start(ticket).refused
        assert refused is not None
        assert "The terms ask for it before work starts (T3)" in refused
        assert desk.pro.page(ticket).may_start == refused


def test_scenario_43_a_start_without_access_is_noted_on_the_ticket_once(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        done(desk.pro.gate.lose_access(ticket, "Google project"))
        station.to("10:00")
        for _ in range(2):
            refused = desk.pro.work.start(ticket).refused
            assert refused is not None
            assert refused.startswith("Not started: access to the Google project is missing (agreed Mon 11 Jan).")
        notes = [item.text for item in desk.tickets.view(ticket).items if item.kind == "note"]
        assert notes == [f"Blocked: access. {refused}"]
        assert used_minutes(desk, ticket) == 0


def test_scenario_02_the_window_ends_the_session_and_the_slot_goes_on_the_next_day(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 3, "16:30")
        station.to("16:30")
        done(desk.pro.work.start(ticket))
        said = station.watch(desk, "18:00:05", every_s=5)
        page = desk.pro.page(ticket)
        assert page.row.state == "carried"
        assert used_minutes(desk, ticket) == 90
        assert page.row.slot == (at("2027-01-13 09:00"), at("2027-01-13 10:30"))
        assert any("carried to" in sentence and "9:00 AM" in sentence for sentence in said)
        station.to("2027-01-13 09:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "2027-01-13 10:31", every_s=10)
        page = desk.pro.page(ticket)
        assert (page.row.state, page.row.detail) == ("closed", "exhausted")
        assert used_minutes(desk, ticket) == 180


def test_scenario_53_the_hours_end_at_the_second_however_late_the_tick(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 1)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:59:50", every_s=10)
        station.clocks.run(13)
        report = desk.pro.watch.tick()
        assert report.stopped == ("The session was stopped at 11:00 AM ET: hours used up.",)
        page = desk.pro.page(ticket)
        assert used_minutes(desk, ticket) == 60
        assert page.wrap_up_until == at("11:10")


def test_scenario_54_an_extension_confirmed_in_time_moves_the_end(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 1)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:50", every_s=10)
        desk.pro.hours.buy("P-2", "Harbour", HOUR, renewal=at("2027-02-01 00:00"), extends=ticket)
        assert station.watch(desk, "11:30", every_s=10)
        assert desk.pro.page(ticket).row.state == "running"
        station.watch(desk, "12:01", every_s=10)
        assert used_minutes(desk, ticket) == 120


def test_scenario_58_an_interruption_of_the_engineers_side_is_not_counted(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:30", every_s=10)
        done(desk.pro.work.pause(ticket, "lunch"))
        assert desk.pro.page(ticket).row.state == "paused"
        assert desk.pro.work.pause(ticket, "lunch").refused == "Not paused: the session is interrupted already."
        station.watch(desk, "11:00", every_s=10)
        done(desk.pro.work.resume(ticket))
        station.watch(desk, "11:15", every_s=10)
        assert used_minutes(desk, ticket) == 45


def test_an_interruption_for_another_ticket_names_it_and_may_begin_earlier(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        other = desk.tickets.open("Alert", account="Northwind").entries[0]
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:30", every_s=10)
        done(desk.pro.work.log_interruption(ticket, other.stream.partition(":")[2], since=at("10:28")))
        assert used_minutes(desk, ticket) == 28
        assert any(f"#{other.number}, Northwind" in line.text for line in desk.pro.page(ticket).log)


def test_scenario_63_one_engineer_runs_one_session_over_all_accounts(station: ProStation) -> None:
    with station.open() as desk:
        first = ready(desk, 2)
        second = ready(desk, 2, begins="13:00", purchase="P-2", account="Lighthouse")
        station.to("10:00")
        done(desk.pro.work.start(first))
        refused = desk.pro.work.start(second).refused
        assert refused is not None
        assert "An engineer runs one at once" in refused


def test_scenario_64_two_tickets_cannot_draw_the_same_hour(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        refused = desk.pro.gate.book(ticket, at("14:00"), seconds=HOUR).refused
        assert refused is not None
        assert "not reserved" in refused


def test_scenario_65_a_sleep_is_asked_about_and_its_answer_decides(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:40")
        station.clocks.sleep(minutes=25)
        (gap,) = desk.pro.watch.tick().gaps
        assert (gap.begins_at, gap.ends_at, gap.cause) == (at("10:40"), at("11:05"), "The computer slept")
        station.watch(desk, "11:15", every_s=10)
        assert used_minutes(desk, ticket) == 50
        assert desk.pro.page(ticket).row.need == "gap"
        done(desk.pro.work.stop(ticket))
        refused = desk.pro.work.complete(ticket, forfeits_ms=2 * HOUR * 1000).refused
        assert refused is not None
        assert "say first whether the gap" in refused
        done(desk.pro.work.answer_gap(gap.id, "worked"))
        assert used_minutes(desk, ticket) == 75


@pytest.mark.parametrize("answer", ["worked", "not_worked"])
def test_scenario_66_a_sleep_across_closing_is_clamped_and_asked_about_up_to_it(
    station: ProStation, answer: str
) -> None:
    with station.open() as desk:
        ticket = ready(desk, 3, "16:00")
        station.to("16:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "17:50", every_s=10)
        station.clocks.sleep(minutes=100)
        report = desk.pro.watch.tick()
        (gap,) = report.gaps
        assert (gap.begins_at, gap.ends_at) == (at("17:50"), at("18:00"))
        assert report.stopped
        done(desk.pro.work.answer_gap(gap.id, answer))  # type: ignore[arg-type]
        assert used_minutes(desk, ticket) == (120 if answer == "worked" else 110)


def test_scenario_67_a_sleep_across_the_renewal_expires_the_rest(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 3, renewal=f"{'2027-01-12'} 11:00")
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:50", every_s=10)
        station.clocks.sleep(minutes=60)
        report = desk.pro.watch.tick()
        assert report.stopped == ("The session was stopped at 11:00 AM ET: renewal.",)
        done(desk.pro.work.answer_gap(report.gaps[0].id, "worked"))
        hours = desk.pro.page(ticket).hours
        assert (hours.used_ms + hours.session_ms, hours.expired_ms) == (60 * MINUTE_MS, 120 * MINUTE_MS)


def test_scenario_68_a_locked_screen_is_a_line_and_nothing_more(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:30", every_s=10)
        report = desk.pro.watch.tick([HintSpan("screen locked", at("10:20"), at("10:26"))])
        assert report.gaps == ()
        assert used_minutes(desk, ticket) == 30
        assert any(line.kind == "gap" and line.text == "Screen locked." for line in desk.pro.page(ticket).log)


def test_scenario_69_a_crash_is_asked_about_from_the_last_beat_on(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:14:50")
    station.to("10:40")
    with station.open() as desk:
        (gap,) = desk.pro.watch.tick().gaps
        assert at("10:14:35") <= gap.begins_at <= at("10:14:50")
        assert gap.ends_at == at("10:40")
        assert desk.pro.page(ticket).row.state == "running"
        done(desk.pro.work.answer_gap(gap.id, "ended"))
        page = desk.pro.page(ticket)
        assert page.row.state == "carried"
        assert 14.5 < used_minutes(desk, ticket) < 15


def test_scenario_70_the_next_morning_the_session_has_ended_and_its_tail_is_not_drawn(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 4, "16:00")
        station.to("16:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "16:30", every_s=10)
    station.to("2027-01-13 09:30")
    with station.open() as desk:
        (gap,) = desk.pro.watch.tick().gaps
        assert gap.ends_at == at("18:00")
        assert desk.pro.page(ticket).row.state == "carried"
        assert 29 < used_minutes(desk, ticket) <= 30


def test_scenario_71_a_wall_clock_set_back_changes_nothing_but_a_line(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:30", every_s=10)
        station.clocks.step_wall(hours=-1)
        station.watch(desk, "10:45", every_s=10)
        done(desk.pro.work.stop(ticket))
        assert used_minutes(desk, ticket) == 45
        lines = [line.text for line in desk.pro.page(ticket).log if line.kind == "gap"]
        assert lines == ["Clock stepped -3600 s."]


def test_scenario_72_a_wall_clock_set_past_closing_does_not_stop_the_session(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:30", every_s=10)
        station.clocks.step_wall(hours=9)
        assert desk.pro.watch.tick().stopped == ()
        station.watch(desk, "11:00", every_s=10)
        assert desk.pro.page(ticket).row.state == "running"
        assert used_minutes(desk, ticket) == 60


def test_scenario_73_a_start_is_refused_where_a_server_says_that_the_clock_is_wrong(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
    station.to("10:00")
    keeper = Timekeeper(station.clocks)
    with Desk.open(station.workspace, clock=lambda: station.clocks().wall_ms, timekeeper=keeper) as desk:
        keeper.anchor_to(at("10:02"))
        refused = desk.pro.work.start(ticket).refused
        assert refused == "Not started: this computer's clock is wrong by 2m. Set it first."
        keeper.anchor_to(at("10:00:30"))
        done(desk.pro.work.start(ticket))


def test_scenario_74_a_reboot_is_a_gap_of_lower_confidence(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:20", every_s=10)
    station.clocks.reboot(minutes=6)
    with station.open() as desk:
        (gap,) = desk.pro.watch.tick().gaps
        assert gap.confidence == "lower"
        assert gap.cause == "The computer was restarted"
        assert gap.ends_at == at("10:26")


def test_scenario_79_a_refund_stops_the_running_session_and_keeps_what_was_used(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:30", every_s=10)
        done(desk.pro.hours.refund("P-1"))
        station.clocks.run(1)
        report = desk.pro.watch.tick()
        assert len(report.stopped) == 1
        assert "entitlement revoked" in report.stopped[0]
        hours = desk.pro.page(ticket).hours
        assert (hours.used_ms + hours.session_ms, hours.refunded_ms) == (30 * MINUTE_MS, 90 * MINUTE_MS)


def test_scenario_79_a_refund_before_the_start_releases_the_slot(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        done(desk.pro.hours.refund("P-1"))
        page = desk.pro.page(ticket)
        assert page.slots == ()
        assert (page.row.state, page.row.detail) == ("closed", "revoked")


def test_scenario_84_work_entered_afterwards_needs_a_reason_and_a_lead_and_allowed_hours(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("15:00")
        work = desk.pro.work
        assert "a reason and a lead" in (
            work.log_past(ticket, at("10:00"), at("11:00"), reason="", approved_by="").refused or ""
        )
        late = work.log_past(ticket, at("08:00"), at("08:30"), reason="timer forgotten", approved_by="Lena")
        assert "outside the service window" in (late.refused or "")
        over = work.log_past(
            ticket, at("2027-01-11 17:30"), at("2027-01-11 18:30"), reason="forgotten", approved_by="Lena"
        )
        assert "outside the hours" in (over.refused or "")
        done(work.log_past(ticket, at("10:00"), at("11:00"), reason="timer forgotten", approved_by="Lena Fischer"))
        assert used_minutes(desk, ticket) == 60


def test_completing_with_more_to_lose_than_the_person_saw_is_refused(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 1)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:30", every_s=10)
        desk.pro.hours.buy("P-2", "Harbour", HOUR, renewal=at("2027-02-01 00:00"), extends=ticket)
        refused = desk.pro.work.complete(ticket, forfeits_ms=30 * MINUTE_MS).refused
        assert refused == "Not completed: 1h 30m would be lost by now, not 30m."


def test_each_warning_is_raised_once_over_restarts(station: ProStation) -> None:
    said: list[str] = []
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        said += station.watch(desk, "11:10", every_s=5)
    with station.open() as desk:
        said += station.watch(desk, "12:00:01", every_s=5)
        assert desk.pro.page(ticket).row.state == "closed"
    assert len(said) == len(set(said))
    assert len([sentence for sentence in said if "2h" in sentence]) == 4, said


def test_two_processes_that_watch_one_session_write_one_gap_and_one_stop(station: ProStation) -> None:
    with station.open() as window, station.open() as other:
        ticket = ready(window, 2)
        station.to("10:00")
        done(window.pro.work.start(ticket))
        for _ in range(30):
            station.clocks.run(1)
            window.pro.watch.tick()
            other.pro.watch.tick()
        station.clocks.sleep(minutes=10)
        window.pro.watch.tick()
        station.clocks.run(0.5)
        other.pro.watch.tick()
        assert len(window.pro.page(ticket).gaps) == 1
        station.clocks.sleep(hours=3)
        window.pro.watch.tick()
        other.pro.watch.tick()
        page = other.pro.page(ticket)
        assert sum(line.kind == "stopped" for line in page.log) == 1


def test_scenario_41_a_lead_lets_work_begin_and_the_purchase_pays_for_it(station: ProStation) -> None:
    with station.open() as desk:
        opened = desk.tickets.open("Broken VPN", by="customer", account="Harbour", product="CAS").entries[0]
        ticket = opened.stream.partition(":")[2]
        station.to("10:00")
        with pytest.raises(NotAnEngagement):
            desk.pro.work.start(ticket)
        refused = desk.pro.work.start(ticket, provisional_by="Lena Fischer").refused
        assert refused is not None
        assert "the scope is not agreed" in refused, "the rest of the gate still holds"


def test_scenario_41_a_provisional_session_runs_to_the_windows_end_and_is_reconciled(station: ProStation) -> None:
    with station.open() as desk:
        opened = desk.tickets.open("Broken VPN", by="customer", account="Harbour", product="CAS").entries[0]
        ticket = opened.stream.partition(":")[2]
        done(desk.pro.gate.take_up(ticket, provisional_by="Lena Fischer"))
        prepared(desk, ticket)
        station.to("10:00")
        done(desk.pro.work.start(ticket, provisional_by="Lena Fischer"))
        station.watch(desk, "11:00", every_s=15)
        assert desk.pro.page(ticket).row.state == "running"
        assert used_minutes(desk, ticket) == 0
        renewal = at("2027-02-01 00:00")
        desk.pro.hours.buy("P-1", "Harbour", 2 * HOUR, renewal=renewal, bought_at=at("09:55"), extends=ticket)
        station.watch(desk, "11:30", every_s=15)
        done(desk.pro.work.stop(ticket))
        assert used_minutes(desk, ticket) == 90


def test_scenario_45_a_partner_who_did_not_come_leaves_a_line_and_a_free_slot(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:16")
        slot = desk.pro.page(ticket).slots[0]
        done(desk.pro.gate.release(slot.id, "the partner did not come", no_show=True))
        page = desk.pro.page(ticket)
        assert page.slots == ()
        assert page.hours.left_ms == 2 * HOUR * 1000
        assert [line.kind for line in page.log] == ["no_show"]


def test_scenario_53_the_wrap_up_ends_after_ten_minutes_and_is_not_metered(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 1)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "11:00:05", every_s=5)
        done(desk.pro.work.start(ticket, purpose="wrapup"))
        station.watch(desk, "11:20", every_s=10)
        report = desk.pro.report(ticket)
        assert [(e.purpose, e.metered_ms) for e in report.entries] == [("work", 60 * MINUTE_MS), ("wrapup", 0)]
        assert report.entries[1].ended_for == "wrap-up over"
        assert used_minutes(desk, ticket) == 60


def test_scenario_57_rework_of_our_fault_runs_and_costs_nothing(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 1)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "11:00:05", every_s=5)
        station.to("2027-01-13 10:00")
        done(desk.pro.work.start(ticket, purpose="rework"))
        station.watch(desk, "2027-01-13 10:30", every_s=15)
        done(desk.pro.work.stop(ticket))
        assert used_minutes(desk, ticket) == 60


def test_scenario_59_an_unattended_job_is_named_and_goes_on_being_metered(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        done(desk.pro.work.work_on(ticket, "vpn", unattended_job="copy of 500 GB"))
        station.watch(desk, "11:00", every_s=15)
        run = desk.pro.page(ticket).running
        assert run is not None
        assert run.unattended_job == "copy of 500 GB"
        assert used_minutes(desk, ticket) == 60


def test_scenario_62_a_handover_names_both_and_leaves_no_gap(tmp_path: Path) -> None:
    station = ProStation(tmp_path / "shared")
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        station.watch(desk, "10:30", every_s=15)
        done(desk.pro.gate.hand_over(ticket, "Aiko Sato"))
        page = desk.pro.page(ticket)
        assert page.row.owner == "Aiko Sato"
        assert any(line.text == "Handed over to Aiko Sato." for line in page.log)


def test_a_note_without_any_session_is_an_internal_note_of_the_ticket(station: ProStation) -> None:
    with station.open() as desk:
        ticket = bought(desk, 2)
        done(desk.pro.work.note(ticket, "Called the partner about access."))
        assert [i.text for i in desk.tickets.view(ticket).items if i.kind == "note"] == [
            "Called the partner about access."
        ]
        assert used_minutes(desk, ticket) == 0


def test_equal_notes_leave_different_hashes(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk, 2)
        station.to("10:00")
        done(desk.pro.work.start(ticket))
        noted = [desk.pro.work.note(ticket, "VPN is up.").entries[0].event for _ in range(2)]
        salts = {event.salt for event in noted if isinstance(event, SegmentNoted)}
        assert len(salts) == 2
        assert None not in salts
