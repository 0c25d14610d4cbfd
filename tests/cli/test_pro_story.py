"""The whole story by the command line: bought, prepared, worked, interrupted, stopped at six, gone on with at nine,
completed, billed, to the second. Watching is `pro watch`, on clocks that the test turns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.pro_machine import ME, RENEWAL, TUESDAY, WEDNESDAY, Machine

MINUTE_MS = 60_000


@pytest.fixture
def machine(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(run, tmp_path / "workspace", monkeypatch)


def test_an_engagement_from_its_purchase_to_the_closed_period(machine: Machine) -> None:
    # Bought on Monday: one act opens a ticket in the queue, with a clock, and adds the hours.
    bought = machine.json(
        *("buy", "P-1042", "--account", "Harbour Logistics", "--hours", "3", "--renewal", RENEWAL),
        *("--contact", "Dana Whitfield", "--plan", "professional", "--subject", "VPN and file server"),
    )
    assert (bought["known"], bought["number"], bought["warnings"]) == (False, 10001, [])
    [queued] = json.loads(machine.other("queue", "--json").out)
    assert (queued["ticket"], queued["subject"]) == (bought["ticket"], "VPN and file server")

    # The gate: what is missing is said, and nothing starts before it is in hand.
    outcome = machine("ready", "10001")
    assert outcome.code == 1
    assert "Not started: the scope is not agreed in writing." in outcome.out
    machine.done("contact", "10001", "Dana Whitfield")
    machine.done("scope", "10001", "Set up the VPN=1h", "Move the file server=2h", "--agreed-by", ME, "Dana Whitfield")
    machine.done("access", "10001", "--access", "Google project")
    assert "Wed" not in machine.done("slots", "10001")  # three hours fit on Monday and Tuesday
    said = machine.done("book", "10001", f"{TUESDAY}T16:30", "--hours", "3")
    assert "Wed 13 Jan 2027, 10:30 AM ET" in said
    assert "the terms prefer one (T8)" in said

    machine.to("16:30")
    assert machine.refused("start", "10001", "--no-watch") == (
        "Not started: access to the Google project is missing (agreed Mon 11 Jan). "
        "The terms ask for it before work starts (T3)."
    )
    machine.done("access", "10001", "--received", "Google project")
    assert machine("ready", "10001").code == 0

    # The session, interrupted for ten minutes, runs to the window's end and not a second on.
    assert "Started #10001 Harbour Logistics." in machine.done("start", "10001", "--no-watch")
    machine.done("work-on", "1")
    assert "#10001 Harbour Logistics: 0m, 3h left" in machine.watch("17:00")
    machine.done("note", "The tunnel stands; the routes are missing.")
    machine.done("pause", "lunch")
    machine.watch("17:10")
    machine.done("resume")
    said = machine.watch("18:20")
    assert "The session was stopped at 6:00 PM ET: service window closed." in said
    for minutes in (30, 15, 5):
        assert said.count(f"Window closes in {minutes}m, ") == 1
    [listed] = machine.json("list")
    assert (listed["state"], listed["need"], listed["left_seconds"]) == ("carried", "carried", 100 * 60)
    assert listed["slot"][0] == "2027-01-13T14:00:00.000Z"

    # Wednesday at nine: it goes on, and is complete before the hours are used up.
    machine.to(f"{WEDNESDAY} 09:00")
    machine.done("done", "P-1042", "set up the vpn")
    machine.done("start", "Harbour Logistics", "--no-watch")
    machine.done("work-on", "Move the file server")
    machine.watch(f"{WEDNESDAY} 09:45")
    machine.done("done", "2")
    outcome = machine("complete", "10001")
    assert (outcome.code, outcome.out) == (
        1,
        "Completing loses 55m (T11). Say it: support-console pro complete 10001 --loses 55m\n",
    )
    assert machine.refused("complete", "10001", "--loses", "5m") == ("Not completed: 55m would be lost by now, not 5m.")
    assert "closed" in machine.done("complete", "10001", "--loses", "55m")
    machine.to(f"{WEDNESDAY} 09:46")
    machine.done("undo", "10001")
    assert machine.json("show", "10001")["completing_loses_seconds"] == 55 * 60
    machine.to(f"{WEDNESDAY} 09:47")
    machine.done("complete", "10001", "--loses", "55m")
    assert machine("list").out == "No engagement is open.\n"

    # Right to the second: 1h 20m and 45m used, 55m lost, nothing left.
    machine.to(f"{WEDNESDAY} 12:00")
    ledger = machine.json("ledger", "Harbour Logistics")
    assert [(line["kind"], line["change_ms"] / MINUTE_MS) for line in ledger["lines"]] == [
        ("bought", 180),
        ("used", -80),
        ("used", -45),
        ("forfeited", -55),
    ]
    assert (ledger["balance_ms"], ledger["complete"]) == (0, True)
    timesheet = json.loads(machine.done("export", "timesheet", "10001", "--format", "json"))
    assert [row["metered_ms"] / MINUTE_MS for row in timesheet["rows"]] == [80, 45]
    assert timesheet["rows"][0]["why"] == "lunch 10m"
    report = machine.done("export", "report", "10001")
    for told in (
        "**0m left of 3h**",
        "The tunnel stands; the routes are missing.",
        "Dana Whitfield",
        "Lunch | Not counted | 10m",
    ):
        assert told in report

    # The period is closed once it is over, and only once.
    outcome = machine("close-period", "10001", "--period", WEDNESDAY)
    assert outcome.code == 1
    assert "The period runs until Mon 1 Feb 2027, 12:00 AM ET." in outcome.out.splitlines()
    machine.to(f"{RENEWAL} 09:00")
    assert machine.done("close-period", "Harbour Logistics").splitlines() == [
        "Closed: Harbour Logistics, Fri 1 Jan 2027, 12:00 AM ET to Mon 1 Feb 2027, 12:00 AM ET.",
        "P-1042: 3h bought",
        "P-1042: −2h 5m used",
        "P-1042: −55m forfeited",
    ]
    outcome = machine("close-period", "Harbour Logistics")
    assert (outcome.code, outcome.out) == (1, "No period of Harbour Logistics is over and not closed.\n")
    [period] = machine.json("periods", "Harbour Logistics")["periods"]
    assert (period["closed"], period["purchases"]) == (True, ["P-1042"])


def test_a_session_that_nobody_watched_is_asked_about_and_kept_until_then(machine: Machine) -> None:
    machine.ready()
    machine.to("10:00")
    machine.done("start", "10001", "--no-watch")
    machine.to("10:30")

    said = machine.done("stop", "--note", "The long copy ran.")
    assert "0m were counted." in said
    assert "The console was not running from Tue 12 Jan 2027, 10:00 AM ET to Tue 12 Jan 2027, 10:30 AM ET (30m)" in said
    [gap] = machine.json("gap")
    assert (gap["from"], gap["to"]) == ("2027-01-12T15:00:00.000Z", "2027-01-12T15:30:00.000Z")
    assert "say first whether the gap" in machine.refused("complete", "10001", "--loses", "3h")

    machine.done("gap", "worked")
    hours = machine.json("show", "10001")["hours"]
    assert (hours["session_seconds"], hours["open_gap_seconds"]) == (30 * 60, 0)
    assert machine.done("gap") == "No gap waits for an answer.\n"
    assert machine.refused("gap", "ended") == "There is no gap without an answer."


def test_carrying_over_before_the_window_closes_moves_the_slot_to_the_next_day(machine: Machine) -> None:
    machine.ready(slot=f"{TUESDAY}T15:00")
    machine.to("15:00")
    machine.done("start", "10001", "--no-watch")
    machine.watch("16:00")

    said = machine.done("carry", "--note", "The partner has to leave.")

    assert "Stopped #10001 Harbour Logistics at Tue 12 Jan 2027, 4:00 PM ET, carried over. 1h were counted." in said
    assert "The work goes on from Wed 13 Jan 2027, 9:00 AM ET to Wed 13 Jan 2027, 11:00 AM ET." in said


def test_a_quiet_watcher_keeps_the_limit_and_leaves_the_warnings_to_whoever_shows_them(machine: Machine) -> None:
    machine.ready(hours="1")
    machine.to("10:00")
    machine.done("start", "10001", "--no-watch")

    assert machine.watch("10:35", "--quiet") == ""
    assert "50% of 1h used, 25m left." in machine.watch("10:36")
    assert "50%" not in machine.watch("10:37")
    assert machine.watch("11:05", "--quiet") == ""

    page = machine.json("show", "10001")
    assert (page["state"], page["detail"]) == ("closed", "exhausted")
    assert page["hours"]["session_seconds"] == 3600
    assert page["log"][0]["text"] == "Mara Okafor stopped, hours used up."


def test_the_watch_sees_sleep_and_asks(machine: Machine) -> None:
    machine.ready()
    machine.to("10:00")
    machine.done("start", "10001", "--no-watch")
    machine.watch("10:40")
    machine.clocks.sleep(minutes=25)

    said = machine.watch("11:06")

    assert "The computer slept from Tue 12 Jan 2027, 10:40 AM ET to Tue 12 Jan 2027, 11:05 AM ET (25m)" in said
    assert "Say it: support-console pro gap worked, not-worked or ended." in said
    machine.done("gap", "ended")
    assert machine.json("show", "10001")["hours"]["session_seconds"] == 40 * 60


def test_a_stop_long_after_the_limit_succeeds_and_ends_the_session_at_the_limit(machine: Machine) -> None:
    machine.ready(slot=f"{TUESDAY}T17:00")
    machine.to("17:00")
    machine.done("start", "10001", "--no-watch")
    machine.watch("17:50")
    machine.to("19:30")

    said = machine.done("stop")

    assert "Stopped #10001 Harbour Logistics at Tue 12 Jan 2027, 6:00 PM ET, service window closed." in said
    [gap] = machine.json("gap")
    assert (gap["from"], gap["to"]) == ("2027-01-12T22:50:00.000Z", "2027-01-12T23:00:00.000Z")
