"""`support-console connect`, `sync` and `disconnect` against a real hub, in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.cli.demo import make_demo
from console.cli.sync import line_of
from console.desk import Desk
from console.desk.new_file import Preview
from console.desk.sync_views import LinkStatus
from console.desk.sync_words import plain_reason
from console.domain import events as ev
from console.settings import Settings, Workspace, load_settings, save_settings
from tests.hub.conftest import new_database as new_database
from tests.hub.conftest import server as server
from tests.hub.conftest import url as url
from tests.hub.running import HubThread
from tests.sync.conftest import hub as hub
from tests.sync.keyrings import Keeping, keyring_is

from .conftest import AT_MS, Run, refused


@pytest.fixture(autouse=True)
def keyring() -> Iterator[Keeping]:
    with keyring_is(Keeping()) as backend:
        assert isinstance(backend, Keeping)
        yield backend


@pytest.fixture
def own(own_folder: Path) -> Workspace:
    return Workspace(own_folder)


@pytest.fixture
def lived_in(own: Workspace) -> Workspace:
    """A workspace in which Mara worked without a hub: two tickets, one of them taken and solved, and a draft."""
    save_settings(own, Settings(name="Mara"))
    with Desk.open(own) as desk:
        first = desk.tickets.open("Sign-in loop").entries[0].stream.removeprefix("ticket:")
        desk.tickets.take(first)
        desk.tickets.reply(first, "Try a private window.", public=True)
        desk.tickets.set_status(first, "solved")
        second = desk.tickets.open("Black screen").entries[0].stream.removeprefix("ticket:")
        desk.drafts.save(second, "reply", "Half a sentence")
    return own


def code_for(hub: HubThread, person: str, role: str = "engineer") -> str:
    return hub.hub.people.enrol(person, role)  # type: ignore[arg-type]


def whole_log(desk: Desk) -> list[ev.Entry]:
    return sorted((entry for _, entries in desk.journal.all_streams() for entry in entries), key=lambda e: e.seq)


def folder_of(workspace: Workspace) -> set[str]:
    return {path.name for path in workspace.folder.iterdir()} - {"connecting.lock", "sync.lock"}


def test_an_empty_workspace_connects_without_a_question(run: Run, own: Workspace, hub: HubThread) -> None:
    done = run("connect", hub.url, "--code", code_for(hub, "Ana"))
    assert (done.code, done.err) == (0, "")
    assert "Connected as Ana (engineer)." in done.out
    assert f"Level with {hub.url} as Ana (engineer)." in done.out
    assert load_settings(own).name == "Ana"
    assert folder_of(own) == {"journal.db", "settings.toml"}
    with Desk.open(own) as desk:
        assert desk.me == "Ana"
        assert desk.sync.issues().connected


def test_a_workspace_that_was_lived_in_brings_everything_under_the_same_ids(
    run: Run, lived_in: Workspace, hub: HubThread
) -> None:
    with Desk.open(lived_in) as desk:
        before = {stream: [(e.id, e.event, e.counts_at) for e in es] for stream, es in desk.journal.all_streams()}
    done = run("connect", hub.url, "--code", code_for(hub, "Mara"), "--yes")
    assert done.code == 0, done.err
    assert "This workspace offers 6 entries; 2 tickets get the hub's numbers." in done.out
    assert "Nothing of it will be refused." in done.out
    with Desk.open(lived_in) as desk:
        after = {stream: [(e.id, e.event, e.counts_at) for e in es] for stream, es in desk.journal.all_streams()}
        assert after == before
        assert all(not e.pending and e.actor == "Mara" for _, es in desk.journal.all_streams() for e in es)
        assert [desk.drafts.load(ticket) for ticket in desk.drafts.all_ids()] == [{"reply": "Half a sentence"}]
        assert desk.sync.issues().waiting == ()
    assert hub.hub.log.head().seq == 6


def test_the_old_file_is_kept_as_it_was(run: Run, lived_in: Workspace, hub: HubThread, tmp_path: Path) -> None:
    with Desk.open(lived_in) as desk:
        before = whole_log(desk)
    done = run("connect", hub.url, "--code", code_for(hub, "Mara"), "--yes")
    (kept,) = lived_in.folder.glob("journal.before-hub-*.db")
    assert f"The old file is kept as {kept.name}." in done.out
    again = Workspace(tmp_path / "again")
    again.make()
    kept.rename(again.database)
    with Desk.open(again) as desk:
        assert whole_log(desk) == before
        assert desk.journal.check() == []


def test_what_would_not_get_through_is_listed_before_the_question(
    run: Run, lived_in: Workspace, hub: HubThread
) -> None:
    """Billing may record none of it."""
    done = run("connect", hub.url, "--code", code_for(hub, "Mara", "billing"))
    assert done.code == 2
    assert "6 entries will be refused: on this workstation only." in done.out
    assert "Reply to #10001 was not sent: " in done.out
    assert "Nothing was changed yet; the same command with --yes goes on." in done.err
    with Desk.open(lived_in) as desk:
        assert not desk.journal.is_connected
        assert desk.me == "Mara"


def test_an_attempt_that_stopped_at_the_question_goes_on_without_a_code(
    run: Run, lived_in: Workspace, hub: HubThread
) -> None:
    assert run("connect", hub.url, "--code", code_for(hub, "Mara")).code == 2
    with Desk.open(lived_in) as desk:
        desk.tickets.open("Written in between")
    done = run("connect", hub.url, "--yes")
    assert done.code == 0, done.err
    assert "This workspace offers 7 entries" in done.out
    assert hub.hub.log.head().seq == 7


def test_no_leaves_the_workspace_as_it_was(
    run: Run, lived_in: Workspace, hub: HubThread, monkeypatch: pytest.MonkeyPatch, keyring: Keeping
) -> None:
    monkeypatch.setattr("console.cli.connect._says_yes", lambda: False)
    before = folder_of(lived_in)
    done = run("connect", hub.url, "--code", code_for(hub, "Mara"))
    assert done.code == 0
    assert "Not connected; the workspace is as it was." in done.out
    assert folder_of(lived_in) == before
    assert keyring.kept == {}
    assert hub.hub.log.head().seq == 0
    with Desk.open(lived_in) as desk:
        assert not desk.sync.issues().connected


def test_a_guarded_act_that_somebody_else_was_quicker_with_is_told(
    run: Run, lived_in: Workspace, hub: HubThread, tmp_path: Path
) -> None:
    """A colleague has brought the same ticket, and taken it there."""
    with Desk.open(lived_in) as desk:
        (ticket,) = {e.stream for e in whole_log(desk) if isinstance(e.event, ev.TicketSolved)}
        opening = desk.journal.entries(ticket)[0]
    other = Workspace(tmp_path / "other")
    save_settings(other, Settings(name="Ben"))
    with Desk.open(other) as desk:
        offered = _as_offers([opening])
        desk.journal.record(offered, actor="Ben", now_ms=desk.now(), decide=lambda *_: None)
        desk.tickets.take(ticket.removeprefix("ticket:"))
    assert run("connect", hub.url, "--code", code_for(hub, "Ben"), "--yes", "--data", other.folder).code == 0
    done = run("connect", hub.url, "--code", code_for(hub, "Mara"), "--yes")
    assert done.code == 0, done.err
    assert "1 of its entries are at the hub already." in done.out
    assert "2 entries will be void: in the history, but without effect." in done.out
    assert "#10001 was not taken: Ben had it already." in done.out
    with Desk.open(lived_in) as desk:
        (lost,) = desk.sync.issues().not_taken
        assert (lost.title, lost.reason) == ("#10001 was not taken", "Ben had it already.")


def _as_offers(entries: list[ev.Entry]) -> list[ev.Offered]:
    from console.desk.new_file import _offered

    return [_offered(entry) for entry in entries]


def test_a_wrong_code_is_told_and_changes_nothing(run: Run, lived_in: Workspace, hub: HubThread) -> None:
    before = folder_of(lived_in)
    assert "code" in refused(run("connect", hub.url, "--code", "WRONG"))
    assert folder_of(lived_in) == before


def test_without_a_code_a_script_is_told_to_give_one(run: Run, own: Workspace, hub: HubThread) -> None:
    assert "--code" in refused(run("connect", hub.url))


def test_plain_http_to_another_machine_is_refused(run: Run, own: Workspace) -> None:
    assert "Plain HTTP goes to this machine only" in refused(run("connect", "http://hub.example.org", "--code", "X"))


def test_a_workspace_that_somebody_has_open_is_not_touched(run: Run, lived_in: Workspace, hub: HubThread) -> None:
    with Desk.open(lived_in):
        assert "in use" in refused(run("connect", hub.url, "--code", code_for(hub, "Mara"), "--yes"))


def test_signing_in_again_keeps_what_waits(run: Run, own: Workspace, hub: HubThread, keyring: Keeping) -> None:
    run("connect", hub.url, "--code", code_for(hub, "Ana"))
    keyring.kept.clear()
    with Desk.open(own) as desk:
        desk.tickets.open("Written while signed out")
    told = run("sync")
    assert told.code == 1
    assert told.out.startswith("Signed out, 1 waiting. Sign in again:")
    done = run("connect", hub.url, "--code", code_for(hub, "Ana"))
    assert done.code == 0, done.err
    assert "Signed in again as Ana (engineer)." in done.out
    assert hub.hub.log.head().seq == 1


def test_another_person_cannot_take_a_workspace_over(run: Run, own: Workspace, hub: HubThread) -> None:
    run("connect", hub.url, "--code", code_for(hub, "Ana"))
    run("sync")
    with Desk.open(own) as desk:
        desk.tickets.open("Ana's")
    assert "belongs to Ana" in refused(run("connect", hub.url, "--code", code_for(hub, "Ben")))
    assert run("sync").code == 0


def test_disconnecting_keeps_the_tickets_and_forgets_the_key(
    run: Run, own: Workspace, hub: HubThread, keyring: Keeping
) -> None:
    run("connect", hub.url, "--code", code_for(hub, "Ana"))
    done = run("disconnect")
    assert done.code == 0
    assert done.out.startswith(f"Signed out of {hub.url}.")
    assert keyring.kept == {}
    assert run("sync").code == 1


def test_commands_of_a_workspace_without_a_hub_say_how_to_connect(run: Run, own: Workspace) -> None:
    for command in ("sync", "disconnect"):
        assert "support-console connect URL" in refused(run(command))


def test_sync_tells_its_state_as_json(run: Run, own: Workspace, hub: HubThread) -> None:
    run("connect", hub.url, "--code", code_for(hub, "Ana"))
    told = json.loads(run("sync", "--json").out)
    assert (told["link"], told["person"], told["url"]) == ("synced", "Ana", hub.url)


def test_sync_without_a_network_exits_with_1_and_says_what_waits(run: Run, own: Workspace, hub: HubThread) -> None:
    run("connect", hub.url, "--code", code_for(hub, "Ana"))
    with Desk.open(own) as desk:
        desk.tickets.open("On the train")
    hub.stop()
    try:
        told = run("sync")
    finally:
        hub.start()
    assert told.code == 1
    assert told.out == f"Offline, 1 waiting. The hub at {hub.url} cannot be reached.\n"


def test_a_token_file_is_used_only_where_it_was_named(
    run: Run, own: Workspace, hub: HubThread, keyring: Keeping
) -> None:
    token = own.folder.parent / "token"
    done = run("connect", hub.url, "--code", code_for(hub, "Ana"), "--token-file", token)
    assert done.code == 0, done.err
    assert keyring.kept == {}
    assert token.read_text().startswith("sc_")
    assert load_settings(own).token_file == token
    assert run("sync").code == 0


@pytest.mark.parametrize("role", ["engineer", "admin"])
def test_what_is_forecast_is_what_the_hub_then_says(
    role: str, run: Run, tmp_path: Path, hub: HubThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sample: tickets and Pro sessions in every state, some of it not an engineer's to record."""
    sample = Workspace(tmp_path / "sample")
    make_demo(sample.folder, AT_MS)
    forecast: list[Preview] = []
    monkeypatch.setattr("console.cli.connect.preview_lines", lambda preview: forecast.append(preview) or iter(()))
    done = run("connect", hub.url, "--code", code_for(hub, "Mara Okafor", role), "--yes", "--data", sample.folder)
    assert done.code == 0, done.err
    (preview,) = forecast
    with Desk.open(sample) as desk:
        told = {
            "refused": sorted(each.reason or "" for each in desk.journal.own.refused()),
            "void": sorted((each.effect or "").removeprefix("void: ") for each in desk.journal.own.voided()),
        }
        assert desk.journal.check() == []
    for outcome, reasons in told.items():
        assert preview.counts.get(outcome, 0) == len(reasons)
        foretold = [obstacle.reason for obstacle in preview.obstacles if obstacle.outcome == outcome]
        assert sorted(foretold) == sorted(plain_reason(reason) for reason in reasons)
    assert hub.hub.log.head().seq == preview.entries - len(told["refused"])
    assert bool(told["refused"]) is (role == "engineer")  # purchases are not an engineer's to record


def test_a_clock_that_is_far_off_is_told() -> None:
    status = LinkStatus(link="synced", url="https://hub.example", person="Ana", role="engineer", skew_ms=-6 * 60_000)
    assert line_of(status) == (
        "Level with https://hub.example as Ana (engineer). This machine's clock is 6m behind the hub's."
    )
    assert "clock" not in line_of(LinkStatus(link="offline", skew_ms=4 * 60_000))
