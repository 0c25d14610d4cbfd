"""How much open time is left until a row's clock is due."""

from __future__ import annotations

from console.desk import Desk
from console.domain.queue import View
from tests.desk.conftest import Now

HOUR = 3_600_000


def opened(desk: Desk, **facts: str) -> str:
    given = {"by": "customer", "product": "CAS", "plan": "Standard", "impact": "normal", **facts}
    receipt = desk.tickets.open("Webcam missing", **given)  # type: ignore[arg-type]
    return receipt.entries[0].stream.partition(":")[2]


def test_overnight_only_the_open_hours_count(desk: Desk, now: Now) -> None:
    now.to("2026-03-02 22:00")  # 5 PM in New York; support closes at 7 PM
    opened(desk)
    row = desk.queue.listing(view=View.ALL_OPEN)[0]
    assert row.due_at is not None
    assert row.target_seconds is not None
    wall = row.due_at - now()
    assert desk.queue.open_left_ms(row) == row.target_seconds * 1000
    assert wall > row.target_seconds * 1000
    now.to("2026-03-02 23:00")
    assert desk.queue.open_left_ms(row) == row.target_seconds * 1000 - HOUR


def test_past_due_or_without_a_clock_nothing_is_left(desk: Desk, now: Now) -> None:
    ticket = opened(desk)
    row = desk.queue.listing(view=View.ALL_OPEN)[0]
    now.to("2026-03-20 15:00")
    assert desk.queue.open_left_ms(row) is None
    desk.tickets.set_status(ticket, "solved")
    assert desk.queue.open_left_ms(desk.tickets.view(ticket).row) is None
