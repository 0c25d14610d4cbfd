"""Scenario 73 in a workspace that follows a hub: whose clock is believed when Pro work begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.desk import Desk
from console.domain.pro_events import SegmentStarted
from tests.desk.pro_desk import ProStation, at, done, ready

UNVERIFIED = "Unverified clock."


@pytest.fixture
def station(tmp_path: Path) -> ProStation:
    """Its workspace follows a hub that was not heard yet."""
    station = ProStation(tmp_path / "mara")
    with station.open() as desk:
        desk.journal.follow(url="https://hub.example", person="Mara Okafor", role="engineer", device="mara-1")
    return station


def hears_hub(desk: Desk, time: int) -> None:
    """What the engine does with a welcome."""
    desk.timekeeper.anchor_to(time)
    desk.sync.heard("engineer", 0)


def started_verified(desk: Desk, ticket: str) -> bool:
    """Starts the timer; whether its clock counts as verified."""
    started = done(desk.pro.work.start(ticket)).entries[0].event
    assert isinstance(started, SegmentStarted)
    assert started.clocks is not None
    assert started.clocks.verified is not any(UNVERIFIED in line.text for line in desk.pro.page(ticket).log)
    return started.clocks.verified


def test_scenario_73_a_start_before_the_hub_was_heard_is_unverified(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk)
        station.to("10:00")
        assert not started_verified(desk, ticket)


def test_scenario_73_the_hubs_time_verifies_a_start(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk)
        station.to("10:00")
        hears_hub(desk, at("10:00"))
        assert started_verified(desk, ticket)


def test_scenario_73_what_another_process_heard_since_the_machine_was_started_counts(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk)
        hears_hub(desk, station.clocks.true_ms)
    station.to("10:00")
    with station.open() as desk:
        assert started_verified(desk, ticket)


def test_scenario_73_what_was_heard_before_the_machine_was_started_does_not(station: ProStation) -> None:
    with station.open() as desk:
        ticket = ready(desk)
        hears_hub(desk, station.clocks.true_ms)
    station.to("09:50")
    station.clocks.reboot(minutes=10)
    with station.open() as desk:
        assert not started_verified(desk, ticket)


def test_scenario_73_a_start_is_refused_where_another_process_heard_that_the_clock_is_wrong(
    station: ProStation,
) -> None:
    with station.open() as desk:
        ticket = ready(desk)
    station.to("10:00")
    with station.open() as desk:
        hears_hub(desk, at("10:02"))
    with station.open() as desk:
        told = desk.pro.page(ticket).may_start
        assert told == "Not started: this computer's clock is wrong by 2m. Set it first."
        assert desk.pro.work.start(ticket).refused == told
        assert desk.timekeeper.now_ms() == at("10:02")


def test_the_settings_say_how_far_a_clock_may_be_off(station: ProStation) -> None:
    station.workspace.pro_settings.write_text("[clock]\nmax_skew_s = 600\n", encoding="utf-8")
    with station.open() as desk:
        ticket = ready(desk)
        station.to("10:00")
        hears_hub(desk, at("10:00"))
        station.clocks.step_wall(minutes=5)
        assert started_verified(desk, ticket)
