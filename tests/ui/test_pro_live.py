"""A page worked out for an instant says what the desk says when it is asked then."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.desk import Desk
from console.desk.pro.views import EngagementPage
from console.domain.pro_events import ScopeItem
from console.settings import Settings, Workspace, save_settings
from tests.story import ms
from tests.ui.conftest import ME, HandClock
from ui.pro import live

TEN_SECONDS = 10
BOUGHT_AT, STARTS = ms("2026-03-02T14:00:00Z"), ms("2026-03-02T15:00:00Z")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(BOUGHT_AT)


@pytest.fixture
def desk(tmp_path: Path, clock: HandClock) -> Desk:
    workspace = Workspace(tmp_path / "workspace")
    workspace.make()
    save_settings(workspace, Settings(name=ME))
    return Desk.open(workspace, clock=clock)


def started(desk: Desk, clock: HandClock) -> str:
    """Twelve hours bought, three of them booked, the first item of two worked on since ten."""
    pro = desk.pro
    ticket = pro.hours.buy("PO-1", "Fabrikam", 12 * 3600, renewal=ms("2026-04-01T04:00:00Z"), contact="Priya").ticket
    items = [ScopeItem(id="a", title="SAML", estimate_s=300), ScopeItem(id="b", title="Pilot", estimate_s=9000)]
    assert pro.gate.agree_scope(ticket, items, agreed_by=[ME, "Priya"]).refused is None
    assert pro.gate.list_access(ticket, ["Google project"]).refused is None
    assert pro.gate.receive_access(ticket, "Google project").refused is None
    assert pro.gate.set_contact(ticket, "Priya", partner=True).refused is None
    assert pro.gate.book(ticket, STARTS, STARTS + 3 * 3_600_000).refused is None
    clock.now_ms = STARTS
    assert pro.work.start(ticket).refused is None
    assert pro.work.work_on(ticket, "a").refused is None
    return ticket


def work(desk: Desk, clock: HandClock, minutes: int) -> None:
    """Time passes, and somebody watches it."""
    for _ in range(minutes * 60 // TEN_SECONDS):
        clock.forward(seconds=TEN_SECONDS)
        desk.pro.watch.tick()


def same(before: EngagementPage, page: EngagementPage) -> None:
    """What was worked out from `before` for the instant of `page` is what `page` says."""
    now = page.as_of
    assert live.hours_at(before, now) == page.hours
    assert live.loss_at(before, now) == page.completing_loses_ms
    assert live.still_estimated_at(before, now) == page.scope.still_estimated_ms
    assert [live.used_at(before, line, now) for line in before.scope.lines] == [
        line.used_ms for line in page.scope.lines
    ]
    lines = [(row.kind, row.change_ms, row.balance_ms) for row in live.ledger_at(before, now)]
    assert lines == [(row.kind, row.change_ms, row.balance_ms) for row in page.ledger]


def test_a_running_session_is_worked_out_as_the_desk_works_it_out(desk: Desk, clock: HandClock) -> None:
    with desk:
        ticket = started(desk, clock)
        at_the_start = desk.pro.page(ticket)
        work(desk, clock, 4)
        within = desk.pro.page(ticket)
        same(at_the_start, within)
        work(desk, clock, 3)
        beyond_the_estimate = desk.pro.page(ticket)
        same(at_the_start, beyond_the_estimate)
        same(within, beyond_the_estimate)
        assert beyond_the_estimate.scope.lines[0].used_ms > 300_000


def test_a_pause_that_is_not_metered_stands_still_for_both(desk: Desk, clock: HandClock) -> None:
    with desk:
        ticket = started(desk, clock)
        work(desk, clock, 2)
        assert desk.pro.work.pause(ticket, "lunch").refused is None
        paused = desk.pro.page(ticket)
        work(desk, clock, 2)
        same(paused, desk.pro.page(ticket))
