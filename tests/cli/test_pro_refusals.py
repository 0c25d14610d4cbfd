"""What the `pro` commands refuse, and in which words: wrong arguments, things that are not there, acts that the terms
do not allow. Each is one sentence on standard error with exit code 2, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.desk import Desk
from console.settings import Workspace
from tests.cli.conftest import Run, refused
from tests.cli.pro_machine import GATE, RENEWAL, TUESDAY, WEDNESDAY, Machine

BUY = ("buy", "P-2", "--account", "Harbour Logistics", "--renewal", RENEWAL)
LATE = ("--reason", "forgotten", "--approved-by", "Jon Bell")


@pytest.fixture
def machine(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A workstation on Monday morning; P-1042 is ready for Tuesday at ten."""
    machine = Machine(run, tmp_path / "workspace", monkeypatch)
    machine.ready()
    return machine


def test_every_command_of_pro_has_help_and_takes_the_options_of_all(run: Run, own_folder: Path) -> None:
    commands = [line.split()[0] for line in run("pro", "--help").out.splitlines() if line.startswith("    ")]
    commands = [word for word in commands if word[0].isalpha() and word != "COMMAND"]
    assert {"list", "buy", "start", "watch", "close-period", "hand-over", "plan"} <= set(commands)

    for command in commands:
        outcome = run("pro", command, "--help")
        assert (outcome.code, outcome.err) == (0, "")
        assert "--data DIR" in outcome.out
    assert not own_folder.exists()


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("show",), "REF"),
        (("strat", "1"), 'There is no command "strat"; did you mean "start"?'),
        (("close-periods", "1"), 'did you mean "close-period"?'),
        ((*BUY, "--hours", "0"), '--hours: "0" is not an amount of work'),
        ((*BUY, "--hours", "-1"), '"-1" is not an amount of work'),
        (BUY, "--hours"),
        (("buy", "P-2", "--hours", "1", "--renewal", RENEWAL), "--account"),
        (("grant", "1", "--hours", "soon", "--reason", "x", "--renewal", RENEWAL), "--hours"),
        (("gap", "maybe"), "invalid choice: 'maybe'"),
        (("ready", "1", "--scope", "VPN=1h"), "--scope and --agreed-by belong together"),
        (("ready", "1", "--slot", "now", "0"), '--slot: "0" is not an amount of work'),
        (("ready", "1", "--slot", "now"), "--slot"),
        (("ready", "1", "--access", "x", "--no-access"), "not allowed with argument"),
        (("scope", "1", "VPN=1h"), "--agreed-by names who agreed them"),
        (("consent", "1", "now"), "two instants"),
        (("correct", "1", *LATE), "--more --less is required"),
        (("refund", "P-1", "--at-once"), "give --at-once or --paid-period with --cancelled"),
        (("compare", "Harbour", "P-1"), '"P-1" is no figure'),
        (("compare", "Harbour", "P-1=1", "P-1=2"), "write each purchase once"),
        (("export", "slot"), "Say whose"),
        (("export", "report", "--account", "Harbour"), "Say whose"),
        (("export", "report", "1", "--format", "csv"), "a report is made as md or pdf, not as csv"),
        (("export", "report", "1", "--format", "pdf"), "A PDF needs a file"),
        (("export", "invoice", "1"), "invalid choice: 'invoice'"),
        (("slots", "1", "--limit", "0"), "give a whole number from 1 on"),
        (("offer", "1", "--applications", "5", "2", "1"), "--applications"),
        (("offer", "1", "--item", "=1h"), "has no title"),
        (("offer", "1", "--vpn", "mars"), "invalid choice: 'mars'"),
        (("undo", "1", "--approved-by", "Jon Bell"), "expected 2 arguments"),
    ],
)
def test_wrong_arguments_are_one_sentence_and_open_no_workspace(
    run: Run, own_folder: Path, argv: tuple[str, ...], said: str
) -> None:
    assert said in refused(run("pro", *argv))
    assert not own_folder.exists()


@pytest.mark.parametrize(
    "argv",
    [
        ("show", "nobody"),
        ("ready", "nobody"),
        ("start", "nobody"),
        ("stop", "nobody"),
        ("complete", "nobody"),
        ("slots", "nobody"),
        ("book", "nobody", "now", "--hours", "1"),
        ("note", "nobody", "text"),
        ("ledger", "nobody"),
        ("close-period", "nobody"),
        ("export", "ledger", "nobody"),
        ("export", "report", "nobody"),
        ("watch", "nobody"),
        (*BUY, "--hours", "1", "--extends", "nobody"),
    ],
)
def test_a_name_that_nothing_answers_to_is_said(machine: Machine, argv: tuple[str, ...]) -> None:
    assert machine.refused(*argv) == (
        'No engagement answers to "nobody": give a ticket number, a purchase id or an account.'
    )


@pytest.mark.parametrize("argv", [("list",), ("show", "1"), ("start", "1"), ("watch",), ("ledger", "Harbour")])
def test_a_file_in_the_place_of_the_workspace_is_said(run: Run, tmp_path: Path, argv: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("not a folder")

    assert "is a file" in refused(run("--data", tmp_path / "file", "pro", *argv))


def test_wrong_settings_are_said_with_their_key(machine: Machine) -> None:
    (machine.folder / "pro.toml").write_text('[window]\ntz = "EST"\n')

    assert "window.tz" in machine.refused("list")


def test_an_ordinary_ticket_is_no_engagement(machine: Machine) -> None:
    with Desk.open(Workspace(machine.folder)) as desk:
        desk.tickets.open("Cannot log in", account="Northwind")

    assert machine.refused("show", "10002").startswith("No Pro hours were bought for this ticket;")
    assert "Hello," in machine.done("offer", "10002", "--office365")


def test_an_account_with_two_engagements_asks_which(machine: Machine) -> None:
    machine.buy("P-2", "1")

    assert machine.refused("show", "harbour logistics") == (
        "Harbour Logistics has several engagements; say which: #10002, #10001."
    )
    assert "P-2" in machine.done("ledger", "harbour logistics")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("buy", " ", "--account", "A", "--hours", "1", "--renewal", RENEWAL), "a purchase has an id and an account"),
        (("buy", "P-9", "--account", " ", "--hours", "1", "--renewal", RENEWAL), "a purchase has an id and an account"),
        (("buy", "P-9", "--account", "A", "--hours", "1", "--renewal", "2027-01-11"), "does not come after"),
        (("start", "10001", "--no-watch"), "is outside the service window"),
        (("contact", "10001", "Joe", "--end-customer"), "Joe is no partner. Engineers deal with partners only (T5)."),
        (("book", "10001", f"{TUESDAY}T15:00", "--hours", "1"), "0m of the hours are not reserved"),
        (("book", "10001", "2027-03-14T02:30", "--hours", "1"), "never show 2027-03-14 02:30"),
        (("move", "10001", "2027-02-02T10:00"), "before the slot"),
        (("move", "10001", "now", "--slot", "7"), '--slot: "7" names no slot; give its number from 1 to 1, or its id.'),
        (("access", "10001", "--received", "VPN"), "listed are Google project"),
        (("done", "10001", "9"), '"9" names no item of the scope'),
        (("consent", "10001", "--withdraw", "1"), "There is no consent."),
        (("pause", "lunch"), "No session of yours runs: name the engagement."),
        (("pause", "10001", "lunch"), "Not paused: the timer of this engagement is not running."),
        (("resume", "10001"), "Not resumed: the session is not interrupted."),
        (("stop", "10001"), "Not stopped: the timer of this engagement is not running."),
        (("note", "10001", " "), "Nothing to note"),
        (("undo", "10001"), "Not undone"),
        (("correct", "10001", "--more", "1", *LATE), "Nothing was worked on this engagement yet."),
        (("log", "10001", "2027-01-12T10:00", "2027-01-12T11:00", *LATE), "not in the future"),
        (("log", "10001", "2027-01-08T10:00", "2027-01-08T11:00", *LATE), "Not entered: by then"),
        (("refund", "P-9"), 'No purchase has the id "P-9".'),
        (("join", "10001", "P-1042"), "feeds this engagement already"),
        (("renewal", "10001", "2027-02-01", "--anchor-day", "40"), "40 is no day of a month"),
        (("grant", "10001", "--hours", "1", "--reason", " ", "--renewal", RENEWAL), "a grant has hours and a reason"),
        (("hand-over", "10001", " "), "name the engineer who goes on"),
        (("ledger", "10001", "--period", "2027-13-01"), '"2027-13-01" is not an instant'),
        (("slots", "10001", "--from", "yesterday"), '"yesterday" is not an instant'),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(machine: Machine, argv: tuple[str, ...], said: str) -> None:
    if argv[0] == "start":
        machine.to("08:59:59")
    before = machine.json("show", "10001")

    assert said in machine.refused(*argv)

    after = machine.json("show", "10001")
    assert {**after, "as_of": None} == {**before, "as_of": None}


def test_a_start_names_the_term_that_it_keeps(machine: Machine) -> None:
    machine.done("access", "10001", "--lost", "Google project")
    machine.to("10:00")

    assert machine.refused("start", "10001", "--no-watch") == (
        "Not started: access to the Google project is missing (agreed Mon 11 Jan). "
        "The terms ask for it before work starts (T3)."
    )


def test_an_engineer_runs_one_session_at_once(machine: Machine) -> None:
    machine.ready("P-2", slot=f"{TUESDAY}T14:00", hours="1")
    machine.to("10:00")
    machine.done("start", "P-1042", "--no-watch")

    assert machine.refused("start", "P-2", "--no-watch") == (
        "Not started: Mara Okafor has run a session since Tue 12 Jan 2027, 10:00 AM ET. An engineer runs one at once."
    )


def test_an_unknown_kind_of_interruption_is_answered_with_those_there_are(machine: Machine) -> None:
    machine.to("10:00")
    machine.done("start", "P-1042", "--no-watch")

    assert "as one of lunch, illness, tool failure" in machine.refused("pause", "tea")
    assert machine.refused("pause", "lunch", "--ticket", "10001") == '--ticket belongs to the kind "other ticket".'
    assert "interrupted since 10:00 AM: waiting for the partner, counted" in machine.done("pause", "wait")
    assert "interrupted already" in machine.refused("pause", "lunch")


def test_a_period_with_a_running_session_or_an_unanswered_gap_stays_open_and_says_why(machine: Machine) -> None:
    machine.to("10:00")
    machine.done("start", "10001", "--no-watch")
    machine.to("10:30")
    machine.done("stop")
    machine.to(f"{RENEWAL} 09:00")

    outcome = machine("close-period", "Harbour Logistics")

    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.splitlines() == [
        "Not closed: Harbour Logistics, Fri 1 Jan 2027, 12:00 AM ET to Mon 1 Feb 2027, 12:00 AM ET.",
        "Nobody said what the gap from Tue 12 Jan 2027, 10:00 AM ET to Tue 12 Jan 2027, 10:30 AM ET was.",
    ]
    machine.done("gap", "not-worked")
    assert machine("close-period", "Harbour Logistics").code == 0


def test_a_file_that_cannot_be_written_leaves_what_was_there(machine: Machine, tmp_path: Path) -> None:
    kept = tmp_path / "ledger.csv"
    kept.write_text("before")

    assert "cannot be written" in machine.refused("export", "ledger", "10001", "-o", tmp_path / "none" / "ledger.csv")
    assert "is a folder" in machine.refused("export", "report", "10001", "-o", tmp_path)
    assert kept.read_text() == "before"


def test_completing_with_nothing_to_lose_needs_no_confirmation(machine: Machine) -> None:
    machine.to("10:00")
    machine.done("start", "10001", "--no-watch")
    machine.watch("13:00:05")
    machine.to(f"{WEDNESDAY} 09:00")

    assert "closed" in machine.done("complete", "10001")


def test_a_gate_in_one_go_stops_at_what_is_refused_and_keeps_what_was_done(machine: Machine) -> None:
    machine.buy("P-2", "1")

    assert "asks for 9h" in machine.refused("ready", "P-2", *GATE, "--slot", f"{TUESDAY}T15:00", "9")
    assert machine.json("show", "P-2")["gate_met"] == 3
