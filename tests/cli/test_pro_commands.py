"""What the `pro` commands answer: the JSON that programs rely on, the files of `export`, acts outside of the story."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from console.desk import Desk
from console.settings import Workspace
from tests.cli.conftest import Run
from tests.cli.pro_machine import GATE, RENEWAL, TUESDAY, WEDNESDAY, Machine

LATE = ("--reason", "the laptop stayed at home", "--approved-by", "Jon Bell")
ROW_KEYS = [
    *("ticket", "number", "account", "subject", "contact", "owner", "mine", "state", "detail", "need", "need_text"),
    *("bought_seconds", "left_seconds", "expires_at", "slot", "gate_met", "gate_of"),
]
PAGE_KEYS = [
    *("as_of", "zone", "session", "hours", "scope", "access", "gate", "consents", "slots", "running", "gaps", "log"),
    *("ledger", "undo", "may_start", "why_not", "completing_loses_seconds", "carries_to", "wrap_up_until", "warnings"),
    "needs_newer_app",
]


@pytest.fixture
def machine(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A workstation on Monday morning; P-1042 is ready for Tuesday at ten."""
    machine = Machine(run, tmp_path / "workspace", monkeypatch)
    machine.ready()
    return machine


def worked(machine: Machine, until: str = "11:00") -> None:
    """A session from ten o'clock on, watched and stopped."""
    machine.to("10:00")
    machine.done("start", "10001", "--no-watch")
    machine.watch(until)
    machine.done("stop")


# The JSON


def test_the_rows_of_the_list_have_these_keys_in_this_order(machine: Machine) -> None:
    [row] = machine.json("list")

    assert list(row) == ROW_KEYS
    assert (row["number"], row["account"], row["state"], row["need"]) == (10001, "Harbour Logistics", "ready", "ready")
    assert (row["bought_seconds"], row["left_seconds"], row["gate_met"], row["gate_of"]) == (10800, 10800, 4, 4)
    assert row["slot"] == ["2027-01-12T15:00:00.000Z", "2027-01-12T18:00:00.000Z"]
    assert row["expires_at"] == "2027-02-01T05:00:00.000Z"
    assert machine.json("list", "--all") == [row]


def test_the_page_begins_with_the_row_and_has_everything(machine: Machine) -> None:
    machine.to("10:00")
    machine.done("start", "10001", "--no-watch")
    machine.done("work-on", "1", "--unattended", "file copy")
    machine.watch("10:30")

    page = machine.json("show", "P-1042")

    assert list(page) == [*ROW_KEYS, *PAGE_KEYS]
    running = page["running"]
    assert (running["began_at"], running["session_seconds"], running["left_seconds"]) == (
        "2027-01-12T15:00:00.000Z",
        1800,
        9000,
    )
    assert (running["limit"], running["limit_at"]) == ("allocation", "2027-01-12T18:00:00.000Z")
    assert (running["item"], running["unattended_job"], running["paused"]) == ("item-1", "file copy", None)
    assert page["hours"]["planned_seconds"] + page["hours"]["session_seconds"] == page["hours"]["bought_seconds"]
    assert [line["part"] for line in page["gate"]] == ["access", "scope", "slot", "contact", "after_hours"]
    assert [item["title"] for item in page["scope"]["items"]] == ["Set up the VPN", "Move the file server"]
    assert page["scope"]["items"][0]["used_seconds"] == 1800
    assert (page["may_start"], page["completing_loses_seconds"]) == (False, 9000)


def test_a_purchase_is_reported_as_the_product_sees_it_and_once(machine: Machine) -> None:
    report = ("buy", "P-7", "--account", "Harbour Logistics", "--hours", "1.5", "--renewal", RENEWAL)

    bought = machine.json(*report)
    assert list(bought) == ["purchase", "ticket", "number", "known", "warnings"]
    assert (bought["purchase"], bought["number"], bought["known"]) == ("P-7", 10002, False)
    assert machine.json(*report) == {**bought, "known": True}
    outcome = machine(*report)
    assert outcome == (0, "P-7 is recorded already, as ticket #10002. Nothing was written.\n", "")
    assert len(machine.json("list")) == 2


def test_hours_that_cannot_be_used_are_said_when_they_are_bought(machine: Machine) -> None:
    said = machine.done("buy", "P-8", "--account", "Fabrikam", "--hours", "1", "--renewal", "2027-01-11T09:50")

    assert said.splitlines()[1] == (
        "Only 50m of the 1h can be used in the service window before the renewal at Mon 11 Jan 2027, 9:50 AM ET: "
        "10m would be lost (T7)."
    )


def test_the_offered_slots_have_their_parts(machine: Machine) -> None:
    machine.buy("P-2", "3", account="Fabrikam")

    offer = machine.json("slots", "P-2", "--from", f"{TUESDAY}T16:00", "--limit", "2")

    assert list(offer) == [
        *("slots", "usable_seconds", "unreserved_seconds", "expires_at", "latest_same_day_start", "warnings")
    ]
    first = offer["slots"][0]
    assert list(first) == ["from", "to", "parts", "same_day", "warning"]
    assert (first["from"], first["same_day"], len(first["parts"])) == ("2027-01-13T14:00:00.000Z", True, 1)
    assert "Wed 13 Jan 2027, 9:00 AM ET" in machine.done("slots", "P-2", "--from", f"{TUESDAY}T16:00")
    assert machine.done("slots", "P-2", "--hours", "4").startswith("No slot fits.")


def test_the_ledger_and_the_gaps_have_the_keys_of_their_contract(machine: Machine) -> None:
    machine.to("10:00")
    machine.done("start", "10001", "--no-watch")
    machine.to("10:10")
    [gap] = machine.json("gap")

    assert list(gap) == ["gap", "ticket", "number", "account", "engineer", "from", "to", "cause", "confidence"]
    assert machine.json("ledger", "10001") == json.loads(machine.done("export", "ledger", "10001", "--format", "json"))
    assert machine.json("gap", "not-worked", "--gap", gap["gap"][:30]) == []


# Slots, consent, the gate


def test_work_that_spills_is_booked_over_its_days_and_a_moved_slot_keeps_its_hours(machine: Machine) -> None:
    machine.done("move", "P-1042", f"{TUESDAY}T16:30")
    [slot] = machine.json("show", "P-1042")["slots"]
    assert (slot["from"], slot["to"], slot["seconds"]) == (
        "2027-01-12T21:30:00.000Z",
        "2027-01-13T15:30:00.000Z",
        10800,
    )

    machine.done("move", "P-1042", f"{WEDNESDAY}T09:00", "--hours", "2", "--slot", slot["slot"])
    [slot] = machine.json("show", "P-1042")["slots"]
    assert (slot["from"], slot["seconds"]) == ("2027-01-13T14:00:00.000Z", 7200)


def test_a_partner_who_does_not_come_is_logged_and_the_slot_is_free_again(machine: Machine) -> None:
    machine.to("10:20")
    machine.done("release", "10001", "--no-show", "--reason", "nobody answered")

    page = machine.json("show", "10001")
    assert (page["slots"], page["log"][0]["text"]) == ([], "The partner did not come.")
    assert page["left_seconds"] == 10800


def test_a_consent_counts_only_if_it_is_complete(machine: Machine) -> None:
    evening = ("2027-01-12T18:00", "2027-01-12T21:00")
    machine.done("consent", "10001", *evening, "--only", "customer")
    assert "does not count" in machine.done("consent", "10001")

    machine.done("consent", "10001", *evening)
    machine.to("09:00")
    assert [consent["flaw"] is None for consent in machine.json("show", "10001")["consents"]] == [False, True]
    machine.to("17:00")
    machine.done("start", "10001", "--no-watch")
    machine.watch("20:30")
    assert machine.json("show", "10001")["detail"] == "exhausted"


def test_a_withdrawn_consent_is_told(machine: Machine) -> None:
    machine.done("consent", "10001", "2027-01-16T10:00", "2027-01-16T12:00")

    assert "withdrawn" in machine.done("consent", "10001", "--withdraw", "1")


def test_a_further_scope_keeps_the_items_that_it_had(machine: Machine) -> None:
    machine.done("done", "10001", "Set up the VPN")
    machine.done("scope", "10001", "--asked", "A printer as well")

    said = machine.done("scope", "10001", "set up the vpn=2h", "Printer=30m", "--agreed-by", "Mara Okafor", "Dana")

    assert "Version 2, agreed Mon 11 Jan by Mara Okafor and Dana." in said
    assert "not agreed: A printer as well" in said
    scope = machine.json("show", "10001")["scope"]
    assert [(item["id"], item["done"], item["estimate_seconds"]) for item in scope["items"]] == [
        ("item-1", True, 7200),
        ("item-3", False, 1800),
    ]


def test_a_lead_may_let_work_begin_before_the_purchase_is_known(machine: Machine) -> None:
    with Desk.open(Workspace(machine.folder)) as desk:
        desk.tickets.open("Urgent migration", account="Fabrikam")
    machine.to("10:00")

    machine.done("take-up", "10002", "--provisional-by", "Jon Bell")
    machine.done("ready", "10002", *GATE)

    assert "no purchase feeds this ticket" in machine.refused("start", "10002", "--no-watch")


# What billing reports


def test_a_renewal_that_moves_before_a_slot_is_an_alarm(machine: Machine) -> None:
    said = machine.done("renewal", "10001", "2027-01-12")

    assert said.splitlines()[0] == (
        "The hours of Harbour Logistics renew at Tue 12 Jan 2027, 12:00 AM ET, on day 12 of a month."
    )
    assert "#10001 Harbour Logistics: No hours will be left by then (T7). Agree an earlier slot." in said


def test_a_refund_ends_the_hours_and_releases_the_slot(machine: Machine) -> None:
    said = machine.done("refund", "P-1042")

    assert said == "#10001 Harbour Logistics: closed, 0m left. Purchase refunded.\n"
    assert machine.json("show", "10001")["slots"] == []


def test_goodwill_and_a_joined_purchase_feed_the_engagement(machine: Machine) -> None:
    machine.done("grant", "10001", "--hours", "30m", "--reason", "our delay", "--renewal", RENEWAL)
    machine.buy("P-2", "1")
    machine.done("join", "10001", "P-2")

    [row] = machine.json("list")
    assert row["left_seconds"] == 10800 + 1800 + 3600
    assert machine.json("show", "10001")["hours"]["purchases"] == ["P-1042", "P-2"]


def test_corrections_name_their_segment_and_stand_in_the_ledger(machine: Machine) -> None:
    worked(machine)
    machine.done("correct", "10001", "--less", "10m", *LATE)
    machine.to("12:00")
    machine.done("start", "10001", "--no-watch")
    machine.watch("12:30")
    machine.done("stop")

    assert "--at: name an instant of the segment that is meant" in machine.refused(
        "correct", "10001", "--more", "5m", *LATE
    )
    machine.done("correct", "10001", "--more", "5m", "--at", f"{TUESDAY}T12:10", *LATE)

    lines = machine.json("ledger", "10001")["lines"]
    assert [(line["kind"], line["change_ms"] // 60_000) for line in lines if line["kind"] == "corrected"] == [
        ("corrected", 10),
        ("corrected", -5),
    ]


def test_work_without_the_timer_is_entered_with_a_reason_and_a_lead(machine: Machine) -> None:
    machine.to("12:30")

    machine.done("log", "10001", f"{TUESDAY}T10:00", f"{TUESDAY}T11:15", *LATE, "--note", "On site")

    page = machine.json("show", "10001")
    assert page["hours"]["session_seconds"] == 75 * 60
    assert "Entered later: the laptop stayed at home, Jon Bell." in page["log"][-1]["text"]


def test_billing_s_figures_are_shown_beside_ours(machine: Machine) -> None:
    worked(machine)

    [difference] = machine.json("compare", "10001", "P-1042=1h10m", "--period", TUESDAY)
    assert difference == {
        "purchase": "P-1042",
        "ours_seconds": 3600,
        "billing_seconds": 4200,
        "difference_seconds": 600,
    }
    assert machine.done("compare", "10001", "P-1042=1").startswith("Billing and the console agree, Fri 1 Jan 2027")


def test_a_completion_is_taken_back_by_lead_and_billing_after_its_time(machine: Machine) -> None:
    worked(machine)
    machine.done("complete", "10001", "--loses", "2h")
    machine.to("11:10")

    assert "only lead and billing reverse it" in machine.refused("undo", "10001")
    machine.done("undo", "10001", "--approved-by", "Jon Bell", "Ida Berg")

    assert machine.json("show", "10001")["left_seconds"] == 7200


def test_another_engineer_goes_on(machine: Machine) -> None:
    machine.done("hand-over", "10001", "Jon Bell")

    [row] = machine.json("list")
    assert (row["owner"], row["state"]) == ("Jon Bell", "ready")


def test_another_customer_s_ticket_interrupts_the_session(machine: Machine) -> None:
    machine.buy("P-2", "1", account="Fabrikam")
    machine.to("10:00")
    machine.done("start", "10001", "--no-watch")

    said = machine.done("pause", "other", "--ticket", "10002")

    assert "interrupted since 10:00 AM: other ticket, not counted" in said
    assert "Interrupted by ticket #10002, Fabrikam." in machine.done("show", "10001")


# Files


def test_exports_are_written_whole_in_the_format_of_the_file_s_name(machine: Machine, tmp_path: Path) -> None:
    worked(machine)
    out = tmp_path / "out"
    out.mkdir()
    for argv in (
        ("ledger", "10001", "-o", out / "ledger.csv"),
        ("ledger", "--account", "harbour logistics", "--period", TUESDAY, "-o", out / "ledger.json"),
        ("timesheet", "P-1042", "-o", out / "timesheet.csv"),
        ("report", "10001", "-o", out / "report.md"),
        ("slot", "10001", "-o", out / "slot.ics"),
    ):
        assert machine.done("export", *argv) == ""

    assert sorted(path.name for path in out.iterdir()) == [
        *("ledger.csv", "ledger.json", "report.md", "slot.ics", "timesheet.csv")
    ]
    [_, _, used] = csv.reader(io.StringIO((out / "ledger.csv").read_bytes().decode()))
    assert used[2] == "used"
    assert json.loads((out / "ledger.json").read_text("utf-8"))["balance_ms"] == 7_200_000
    assert "10001" in (out / "timesheet.csv").read_text("utf-8")
    assert (out / "slot.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert "Session report" in (out / "report.md").read_text("utf-8")


def test_a_report_is_printed_as_pdf(machine: Machine, tmp_path: Path) -> None:
    pytest.importorskip("PySide6.QtGui")

    machine.done("export", "report", "10001", "-o", tmp_path / "report.pdf", "--page", "a4")

    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


# For people


def test_the_page_is_told_with_its_parts(machine: Machine) -> None:
    machine.to("10:00")
    machine.done("start", "10001", "--no-watch")
    machine.watch("10:40")

    told = machine.done("show", "10001").splitlines()

    assert told[0] == "#10001 Harbour Logistics: 3h of Pro Services bought: arrange the slot"
    assert told[1] == "Running, taken up by Mara Okafor. As of Tue 12 Jan 2027, 10:40 AM ET."
    assert told[2] == "Mara Okafor since 10:00 AM, 40m in this session, 2h 20m left; hours used up in 2h 20m."
    assert "3h bought (P-1042): 40m in this session, 2h 20m planned." in told
    for heading in ("Hours", "Gate", "Scope", "Access", "Slots", "Session 1", "Ledger"):
        assert heading in told


def test_what_a_customer_wrote_cannot_steer_the_terminal(machine: Machine) -> None:
    machine.buy("P-\x1b[2J", "1", account="Evil\x1b[2J Ltd", subject="a\x1b]0;b\x07c")

    for argv in (("list",), ("show", "10002"), ("ledger", "10002"), ("periods", "10002"), ("offer", "10002")):
        assert "\x1b" not in machine.done(*argv)


def test_nothing_to_list_is_said(run: Run) -> None:
    assert run("pro", "list") == (0, "No engagement is open.\n", "")
    assert run("pro", "list", "--json") == (0, "[]\n", "")


# The grammar


def test_completion_knows_the_commands_of_pro(run: Run) -> None:
    script = run("completion", "bash").out

    for word in ("close-period", "hand-over", "work-on", "--agreed-by", "--unseen-ok"):
        assert word in script


def test_other_commands_do_not_pay_for_the_grammar_of_pro() -> None:
    loaded = "import sys; from console.cli.arguments import parse; parse(['queue']); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()

    assert "console.cli.pro" in modules
    assert not [name for name in modules if name.startswith("console.cli.pro.")]


def test_the_grammar_of_pro_costs_no_database_and_no_desk() -> None:
    loaded = "import sys; from console.cli.arguments import parse; parse(['pro', 'list']); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()

    assert "console.cli.pro.lists" in modules
    for heavy in ("sqlalchemy", "msgspec", "filelock", "icalendar", "console.desk", "console.domain.pro_events"):
        assert heavy not in modules
