"""What may happen, and the term that a refusal keeps: scenarios of spec pro_services.md 3, each by its number.

Wall times are New York's on Tue 2027-01-12 unless a date stands there; the renewal is 2027-02-01 00:00.
"""

from __future__ import annotations

import pytest

from console.domain import pro_events as pe
from console.domain.events import Event, UnknownEvent
from console.domain.pro_gate import gate, slots_without_hours
from console.domain.pro_rulings import closing_blocks, desk_ruling, ruling
from console.domain.pro_settings import ProSettings
from tests.domain.new_york import ny
from tests.domain.pro_story import DEFAULTS, FEDERAL, HOUR, HOUR_MS, MINUTE, ProStory, offered_at

JANUARY = (ny("2027-01-01 00:00"), ny("2027-02-01 00:00"))


def refusal(
    story: ProStory, at: str, event: Event, engineer: str = "Mara", settings: ProSettings = DEFAULTS
) -> str | None:
    now = story.at(at)
    return desk_ruling(story.account, offered_at(now, event), now, settings, FEDERAL, engineer=engineer)


def start(ticket: str = "t-1", **facts: object) -> pe.SegmentStarted:
    return pe.SegmentStarted(engagement=ticket, **facts)  # type: ignore[arg-type]


def slot(story: ProStory, begins: str, hours: float, ticket: str = "t-1", engineer: str = "Mara") -> pe.SlotBooked:
    from_, seconds = story.at(begins), round(hours * HOUR)
    return pe.SlotBooked(
        engagement=ticket, begins_at=from_, ends_at=from_ + seconds * 1000, seconds=seconds, engineer=engineer
    )


def a_ready_one(hours: float = 2) -> ProStory:
    story = ProStory()
    story.buys(hours)
    story.ready(hours)
    return story


def test_a_complete_gate_lets_the_work_start_in_the_window() -> None:
    story = a_ready_one()
    assert gate(story.account, "t-1", DEFAULTS) == ()
    assert refusal(story, "10:00", start()) is None


@pytest.mark.parametrize("at", ["08:59:59", "18:00:00"])
def test_scenario_06_a_start_outside_the_window_is_refused(at: str) -> None:
    assert "outside the service window" in (refusal(a_ready_one(), at, start()) or "")


def test_scenario_06_the_first_instant_of_the_window_is_allowed() -> None:
    assert refusal(a_ready_one(), "09:00:00", start()) is None


def test_scenario_37_a_slot_after_the_hours_expire_is_refused() -> None:
    story = ProStory()
    story.buys(2)
    story.prepares()
    said = refusal(story, "09:00", slot(story, "2027-02-01 10:00", 2)) or ""
    assert said.startswith("Not booked: the hours expire at Mon 1 Feb 2027, 12:00 AM ET, before the slot.")
    assert said.endswith("(T7).")


def test_scenario_38_a_renewal_moved_earlier_alarms_for_the_slots_past_it() -> None:
    story = ProStory()
    story.buys(3)
    story.prepares()
    story.books(1, "2027-01-14 10:00")
    past = story.books(1, "2027-01-22 10:00")
    assert slots_without_hours(story.account, story.measured("2027-01-12 09:00")) == ()
    story.tell("2027-01-12 09:00", pe.RenewalSet(at=ny("2027-01-20 00:00"), anchor_day=20), actor="billing")
    found = slots_without_hours(story.account, story.measured("2027-01-12 09:00"))
    assert [booking.id for booking in found] == [past]
    assert story.lines("2027-01-20 00:00")[-1] == ("P-1", "expired", -180)


def test_scenario_79_a_refund_before_the_start_alarms_for_its_slots() -> None:
    story = a_ready_one()
    story.tell("09:00", pe.LotRefunded(lot="P-1"))
    assert len(slots_without_hours(story.account, story.measured("09:01"))) == 1


def test_scenario_41_without_a_purchase_only_a_lead_lets_the_work_start() -> None:
    story = ProStory()
    story.prepares()
    story.books(2)
    assert refusal(story, "10:00", start()) == (
        "Not started: no purchase feeds this ticket. Work follows only from a purchase's ticket (T2)."
    )
    assert refusal(story, "10:00", start(provisional_by="Lea")) is None


def test_scenario_43_missing_access_is_refused_with_the_term_that_asks_for_it() -> None:
    story = ProStory()
    story.buys(2)
    story.ready(2)
    story.tell("2027-01-12 08:00", pe.AccessListed(engagement="t-1", items=("Google project", "VPN")))
    assert refusal(story, "10:00", start()) == (
        "Not started: access to the VPN is missing (agreed Tue 12 Jan). The terms ask for it before work starts (T3)."
    )
    assert story.lines("12:00") == [("P-1", "bought", 120)]
    story.tell("10:30", pe.AccessReceived(engagement="t-1", item="VPN"))
    assert refusal(story, "10:30", start()) is None


def test_scenario_44_a_scope_that_is_not_agreed_in_writing_is_refused() -> None:
    story = ProStory()
    story.buys(2)
    story.books(2)
    assert (refusal(story, "10:00", start()) or "").startswith("Not started: the scope is not agreed in writing.")
    story.tell("09:00", pe.ScopeAgreed(engagement="t-1", version=1, agreed_by=("Mara",)))
    assert "only one side agreed the scope" in (refusal(story, "10:00", start()) or "")


def test_the_gate_lists_everything_that_is_missing_in_the_order_of_the_terms() -> None:
    story = ProStory()
    story.tell("09:00", pe.EngagementOpened(ticket="t-1"))
    subjects = [missing.subject for missing in gate(story.account, "t-1", DEFAULTS)]
    assert subjects == ["purchase", "scope", "access", "contact", "slot"]


def test_scenario_45_a_slot_is_released_once_and_its_hours_are_free_again() -> None:
    story = ProStory()
    story.buys(2)
    story.prepares()
    booked = story.books(2)
    assert "0m of the hours are not reserved" in (refusal(story, "10:20", slot(story, "14:00", 2)) or "")
    story.tell("10:20", pe.SlotReleased(slot=booked, reason="no show", no_show=True))
    assert refusal(story, "10:21", slot(story, "14:00", 2)) is None
    assert "no such slot" in (refusal(story, "10:21", pe.SlotReleased(slot=booked, reason="again")) or "")


def test_scenario_48_an_end_customer_is_no_contact_and_nobody_bypasses_it() -> None:
    story = a_ready_one()
    end_customer = pe.ContactSet(engagement="t-1", person="Eve", partner=False)
    assert refusal(story, "09:00", end_customer) == (
        "Not set: Eve is no partner. Engineers deal with partners only (T5)."
    )
    story.tell("09:00", end_customer)
    assert (refusal(story, "10:00", start()) or "").startswith("Not started: Eve is no partner.")
    story.tell("09:30", pe.ContactSet(engagement="t-1", person="Eve", partner=True))
    assert refusal(story, "10:00", start()) is None


def test_scenario_50_completion_is_refused_while_the_timer_runs_or_a_gap_is_open() -> None:
    story = a_ready_one()
    done = pe.EngagementCompleted(engagement="t-1", forfeits_s=0)
    segment = story.starts("10:00")
    assert "Mara has the timer running" in (refusal(story, "10:30", done) or "")
    gap = story.gap(segment, "10:40", "11:05")
    story.stops(segment, "11:10")
    assert "whether the gap from" in (refusal(story, "11:10", done) or "")
    story.answers(gap, "worked", "11:11")
    assert refusal(story, "11:12", done) is None
    story.completes("11:12")
    assert "already" in (refusal(story, "11:13", done) or "")


def test_scenario_56_undoing_is_free_for_five_minutes_and_then_takes_lead_and_billing() -> None:
    story = a_ready_one()
    story.works("10:00", "11:00")
    done = story.completes("11:00")
    assert refusal(story, "11:04:59", pe.CompletionUndone(completion=done)) is None
    assert "only lead and billing" in (refusal(story, "11:05", pe.CompletionUndone(completion=done)) or "")
    assert "only lead" in (refusal(story, "11:05", pe.CompletionUndone(completion=done, approved_by=("Lea",))) or "")
    both = pe.CompletionUndone(completion=done, approved_by=("Lea", "Bo"))
    assert refusal(story, "2027-01-13 09:00", both) is None


def test_scenario_58_a_pause_has_a_kind() -> None:
    story = a_ready_one()
    segment = story.starts("10:00")
    assert refusal(story, "10:30", pe.PauseBegan(segment=segment, pause_kind="lunch")) is None
    assert "say why, as one of lunch" in (
        refusal(story, "10:30", pe.PauseBegan(segment=segment, pause_kind="tired")) or ""
    )


def test_scenario_63_an_engineer_runs_one_session_at_once() -> None:
    story = a_ready_one()
    story.buys(1, purchase="P-2", ticket="t-2")
    story.ready(1, "14:00", ticket="t-2")
    segment = story.starts("10:00")
    assert "An engineer runs one at once" in (refusal(story, "10:10", start("t-2")) or "")
    assert refusal(story, "10:10", start("t-2"), engineer="Jon") is None
    story.tell("10:20", pe.SegmentItemSet(segment=segment, item="vpn", unattended_job="copy of 500 GB"))
    with_lead = ProSettings(parallel_unattended="with_lead")
    assert "An engineer runs one" in (refusal(story, "10:30", start("t-2")) or "")
    assert refusal(story, "10:30", start("t-2"), settings=with_lead) is None


def test_scenario_64_two_tickets_never_book_the_same_hour() -> None:
    story = ProStory()
    story.buys(3)
    story.prepares()
    story.prepares(ticket="t-2")
    story.tell("2027-01-11 10:00", pe.EngagementJoined(engagement="t-2", lot="P-1"))
    story.books(2, "10:00")
    second = slot(story, "14:00", 2, "t-2", "Jon")
    assert refusal(story, "2027-01-11 11:00", second) == (
        "Not booked: 1h of the hours are not reserved, and the slot asks for 2h."
    )
    assert refusal(story, "2027-01-11 11:00", slot(story, "14:00", 1, "t-2", "Jon")) is None


def test_a_void_booking_reserves_nothing() -> None:
    story = ProStory()
    story.buys(2)
    story.prepares()
    story.books(2, effect="void: taken")
    assert refusal(story, "09:00", slot(story, "14:00", 2)) is None


def test_a_slot_meets_no_other_slot_of_its_engineer_and_may_touch_it() -> None:
    story = ProStory()
    story.buys(3)
    story.prepares()
    booked = story.books(2, "10:00")
    assert "Mara has a slot at" in (refusal(story, "09:00", slot(story, "11:59", 1)) or "")
    assert refusal(story, "09:00", slot(story, "12:00", 1)) is None
    later = pe.SlotMoved(slot=booked, begins_at=story.at("11:00"), ends_at=story.at("13:00"))
    assert refusal(story, "09:00", later) is None


def test_scenario_78_a_stop_is_never_refused() -> None:
    story = a_ready_one()
    segment = story.starts("10:00")
    for at in ("10:30", "19:00", "2027-02-03 09:00"):
        assert refusal(story, at, pe.SegmentStopped(segment=segment, reason="stopped")) is None


def test_scenario_83_a_correction_larger_than_the_session_is_refused() -> None:
    story = a_ready_one()
    segment = story.works("10:00", "11:00")

    def correction(seconds: int, **facts: str) -> pe.CorrectionMade:
        said = {"target": segment, "reason": "the copy ran on", "approved_by": "Lea", **facts}
        return pe.CorrectionMade(seconds=seconds, **said)

    assert refusal(story, "12:00", correction(-60 * MINUTE)) is None
    for seconds in (-60 * MINUTE - 1, 60 * MINUTE + 1):
        assert "the session is 1h long" in (refusal(story, "12:00", correction(seconds)) or "")
    assert "a reason and a lead" in (refusal(story, "12:00", correction(60, approved_by="")) or "")
    assert "no such segment" in (refusal(story, "12:00", correction(60, target="t-1")) or "")


def entered(story: ProStory, at: str) -> str | None:
    late = pe.LateEntry("the laptop was broken", "Lea")
    return refusal(story, "2027-01-20 10:00", start(at=story.at(at), late=late))


def test_scenario_84_work_entered_afterwards_lies_in_the_window_after_the_gate_in_an_open_period() -> None:
    story = a_ready_one()
    assert entered(story, "10:00") is None
    assert "outside every prior consent" in (entered(story, "19:00") or "")
    assert "by then the scope is not agreed" in (entered(story, "2027-01-11 09:15") or "")
    unapproved = start(at=story.at("10:00"), late=pe.LateEntry("broken", ""))
    assert "a lead who approves it" in (refusal(story, "2027-01-20 10:00", unapproved) or "")
    story.tell("2027-02-03 09:00", pe.PeriodClosed(begins_at=JANUARY[0], ends_at=JANUARY[1]))
    assert "period is closed" in (entered(story, "10:00") or "")


def test_scenario_84_a_prior_consent_allows_it_after_hours_and_its_end_lies_there_too() -> None:
    story = a_ready_one()
    story.consents("18:00", "21:00", "2027-01-11 12:00")
    assert entered(story, "19:00") is None
    late = pe.LateEntry("the laptop was broken", "Lea")
    segment = story.tell("2027-01-20 10:00", start(at=story.at("19:00"), late=late))
    stop = pe.SegmentStopped(segment=segment, reason="entered", at=story.at("20:00"))
    assert refusal(story, "2027-01-20 10:00", stop) is None
    too_late = pe.SegmentStopped(segment=segment, reason="entered", at=story.at("21:30"))
    assert "outside the hours" in (refusal(story, "2027-01-20 10:00", too_late) or "")


def test_scenario_84_it_is_drawn_by_when_the_work_was_done() -> None:
    story = a_ready_one()
    story.works("2027-01-13 10:00", "2027-01-13 11:30")
    late = pe.LateEntry("the laptop was broken", "Lea")
    segment = story.tell("2027-01-20 10:00", start(at=story.at("10:00"), late=late))
    story.tell("2027-01-20 10:01", pe.SegmentStopped(segment=segment, reason="entered", at=story.at("11:00")))
    assert story.runs("2027-01-20 12:00") == story.spans(("10:00", "11:00"), ("2027-01-13 10:00", "2027-01-13 11:00"))


def test_scenario_86_a_period_is_not_closed_with_a_running_session_or_an_open_gap() -> None:
    story = a_ready_one()
    closing = pe.PeriodClosed(begins_at=JANUARY[0], ends_at=JANUARY[1])
    segment = story.starts("10:00")
    story.gap(segment, "10:40", "11:05")
    assert len(closing_blocks(story.account, JANUARY)) == 2
    story.stops(segment, "11:10")
    said = refusal(story, "2027-02-03 09:00", closing, "billing") or ""
    assert said.startswith("Not closed: nobody said what the gap from Tue 12 Jan 2027, 10:40 AM ET")
    story.answers(story.entries[-2].id, "worked", "2027-02-03 09:10")
    assert refusal(story, "2027-02-03 09:20", closing, "billing") is None
    story.tell("2027-02-03 09:20", closing)
    assert "is closed" in (refusal(story, "2027-02-03 09:21", closing, "billing") or "")


def test_a_start_after_the_renewal_after_a_refund_and_after_the_hours_names_its_term() -> None:
    story = a_ready_one()
    assert "expired at the renewal at Mon 1 Feb 2027, 12:00 AM ET (T7)" in (
        refusal(story, "2027-02-01 10:00", start()) or ""
    )
    story.tell("09:00", pe.LotRefunded(lot="P-1"))
    assert "refunded" in (refusal(story, "10:00", start()) or "")
    used = a_ready_one()
    used.works("10:00", "12:00")
    assert "used up (T10)" in (refusal(used, "13:00", start()) or "")


def test_the_log_judges_guarded_events_only() -> None:
    story = ProStory()
    now = story.at("03:00")
    assert ruling(story.account, offered_at(now, start()), now) is None
    assert ruling(story.account, offered_at(now, slot(story, "10:00", 1)), now) is not None


def test_a_stream_of_a_newer_version_is_read_only_at_the_desk() -> None:
    story = a_ready_one()
    story.tell("09:00", UnknownEvent(name="lot.teleported", raw=b"{}"))
    assert "update the app" in (refusal(story, "10:00", start()) or "")
    assert story.measured("10:00").balance_ms() == 2 * HOUR_MS
