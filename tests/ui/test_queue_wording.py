"""What a row says, at any instant."""

from __future__ import annotations

import msgspec
import pytest

from console.domain.queue import RANK_PAUSED, RANK_QUIET, QueueRow
from ui.queue import wording

NOW = 1_760_456_820_000
MINUTE = 60_000
ROW = QueueRow(
    ticket="t1",
    number=48177,
    external_ref=None,
    subject="Sign-in loop after certificate change",
    account="Contoso Ltd",
    contact="Dana Whitfield",
    product="CAS",
    plan="Standard",
    impact="high",
    assessed=True,
    status="open",
    assignee="Mara Okafor",
    channel="email",
    opened_at=NOW - 100 * MINUTE,
    updated_at=NOW,
    is_open=True,
    rank=0,
    impact_rank=1,
    next_metric="next_reply",
    activated_at=NOW - 102 * MINUTE,
    target_seconds=7200,
    cover="24/5",
    due_at=NOW + 18 * MINUTE,
    soon_at=NOW - 12 * MINUTE,
    risk_at=NOW - MINUTE,
)
PAUSED = msgspec.structs.replace(ROW, rank=RANK_PAUSED, due_at=None, soon_at=None, risk_at=None, left_ms=70 * MINUTE)
QUIET = msgspec.structs.replace(PAUSED, rank=RANK_QUIET, left_ms=None, next_metric=None, status="pending")


def test_a_row_is_spoken_in_the_pattern_of_the_design() -> None:
    said = wording.spoken(ROW, NOW, "Mara Okafor")
    assert said == (
        "Sign-in loop after certificate change. Contoso Ltd. Next reply at risk, 18 minutes left. High. "
        "Assigned to you."
    )


def test_overdue_is_spoken_as_overdue_and_never_as_minus() -> None:
    said = wording.spoken(ROW, NOW + 60 * MINUTE, "Aiko Sato")
    assert "Next reply breached, 42 minutes overdue" in said
    assert said.endswith("Assigned to Mara Okafor.")
    assert "\u2212" not in said


def test_nobody_and_nothing_assessed_are_said_too() -> None:
    row = msgspec.structs.replace(ROW, assignee=None, impact=None)
    assert wording.spoken(row, NOW, "x").endswith("Impact not assessed. Unassigned.")


def test_a_paused_chip_is_frozen() -> None:
    assert wording.chip_face(PAUSED, NOW) == wording.chip_face(PAUSED, NOW + 10 * MINUTE)
    assert wording.chip_face(PAUSED, NOW).text == "1h 10m"
    assert wording.next_change_ms(PAUSED, NOW) is None


def test_a_row_without_a_clock_shows_its_status() -> None:
    assert wording.chip_face(QUIET, NOW).text == ""
    assert wording.clock_name(QUIET) == "Pending"
    assert wording.chip_face(msgspec.structs.replace(QUIET, met=True), NOW).text == "Met"


@pytest.mark.parametrize(
    ("passed", "text", "level"),
    [
        (0, "18m", "at_risk"),
        (18 * MINUTE - 494_000, "8m 14s", "at_risk"),
        (18 * MINUTE, "0s", "at_risk"),
        (18 * MINUTE + 1, "\u22121m", "breached"),
        (60 * MINUTE, "\u221242m", "breached"),
    ],
)
def test_time_left_is_rounded_down_and_overdue_up(passed: int, text: str, level: str) -> None:
    face = wording.chip_face(ROW, NOW + passed)
    assert (face.text, face.level) == (text, level)


@pytest.mark.parametrize("passed", [0, 7 * MINUTE, 8 * MINUTE, 9 * MINUTE + 123, 18 * MINUTE - 1, 18 * MINUTE])
def test_nothing_but_the_minutes_of_the_label_changes_before_the_next_change(passed: int) -> None:
    now = NOW + passed
    wait = wording.next_change_ms(ROW, now)
    assert wait is not None
    before, last = wording.chip_face(ROW, now), wording.chip_face(ROW, now + wait - 1)
    assert before.level == last.level
    if "s" in before.text:
        assert before.text == last.text
    after = wording.chip_face(ROW, now + wait)
    assert (after.level, after.text) != (last.level, last.text)


def test_the_pie_empties_with_the_time_to_the_due_instant() -> None:
    assert wording.chip_face(ROW, NOW).fraction == pytest.approx(18 / 120)
    assert wording.chip_face(ROW, NOW + 60 * MINUTE).fraction == 0


def test_a_ticket_without_customer_is_known_by_its_reference() -> None:
    row = msgspec.structs.replace(ROW, account=None, contact=None, external_ref="INC0000045")
    assert wording.customer(row) == "INC0000045"
    assert wording.customer(msgspec.structs.replace(row, external_ref=None)) == "#48177"


def test_a_ticket_with_a_draft_says_so() -> None:
    assert wording.spoken(ROW, NOW, "Mara Okafor", drafted=True).endswith("Assigned to you. Has a draft.")


def test_the_tooltip_names_the_due_instant_in_full() -> None:
    said = wording.tooltip(ROW, NOW, "America/New_York", 18 * MINUTE)
    assert said == "Sign-in loop after certificate change\nNext reply due Tue 14 Oct 2025, 12:05 PM ET"


def test_the_tooltip_adds_the_open_hours_where_the_due_instant_lies_beyond_closing_time() -> None:
    later = msgspec.structs.replace(ROW, due_at=NOW + 15 * 60 * MINUTE)
    said = wording.tooltip(later, NOW, "America/New_York", 130 * MINUTE)
    assert said.endswith("due Wed 15 Oct 2025, 2:47 AM ET, 2h 10m of open hours")


def test_a_row_is_copied_with_its_number_first() -> None:
    cells = wording.cells(ROW, NOW, "America/New_York")
    assert cells[:3] == ("#48177", "Sign-in loop after certificate change", "Contoso Ltd")
    assert cells[-3:] == ("Next reply", "Tue 14 Oct 2025, 12:05 PM ET", "18m")
    assert all(isinstance(cell, str) for cell in wording.cells(QUIET, NOW, "UTC"))
