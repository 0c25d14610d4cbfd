"""A process that connects a workspace is killed before each of its steps on the disk: what is left is the old workspace
or the new one, and the same again ends well."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from console.cli.main import main
from console.desk import Desk
from console.settings import Settings, Workspace, save_settings
from tests.hub.running import HubThread

pytestmark = pytest.mark.thorough

STEPS = 29
"""Of connecting the workspace below; the process ends by itself before a later one."""
OFTEN = (5, 9, 11, 13, 16, 19, 21, 22, 23, 24, 25, 26, 28)
"""Around every step after which something else is true: the key, the new file, its entries, its name."""


@pytest.fixture
def lived_in(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "own")
    save_settings(workspace, Settings(name="Mara"))
    with Desk.open(workspace) as desk:
        ticket = desk.tickets.open("Sign-in loop").entries[0].stream.removeprefix("ticket:")
        desk.tickets.take(ticket)
        desk.tickets.reply(ticket, "Try a private window.", public=True)
        desk.drafts.save(ticket, "note", "Half a sentence")
    return workspace


def held(workspace: Workspace) -> tuple[dict[str, list[str]], list[dict[str, str]]]:
    """The ids of all entries by stream, and the drafts, of a workspace that is sound."""
    with Desk.open(workspace) as desk:
        assert desk.notices == []
        assert desk.journal.check() == []
        ids = {stream: [entry.id for entry in entries] for stream, entries in desk.journal.all_streams()}
        return ids, [desk.drafts.load(ticket) for ticket in sorted(desk.drafts.all_ids())]


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_killed_at_any_step_it_is_the_old_workspace_or_the_new_one(
    step: int, lived_in: Workspace, hub: HubThread, long: bool
) -> None:
    if step not in OFTEN and not long:
        pytest.skip("one of the steps that only --long takes")
    before = held(lived_in)
    code = hub.hub.people.enrol("Mara", "engineer")
    asked = [sys.executable, "-m", "tests.sync.killed_connect", str(lived_in.folder), hub.url, code, str(step)]
    killed = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr

    assert held(lived_in) == before

    token = lived_in.folder / "token"
    code = hub.hub.people.enrol("Mara", "engineer")
    again = ["connect", hub.url, "--yes", "--code", code, "--data", str(lived_in.folder), "--token-file", str(token)]
    assert main(again) == 0
    assert held(lived_in) == before
    with Desk.open(lived_in) as desk:
        assert desk.journal.is_connected
        assert desk.journal.own.waiting() == []
        assert desk.me == "Mara"
    assert hub.hub.log.head().seq == sum(map(len, before[0].values()))
    left = {path.name for path in lived_in.folder.iterdir() if path.suffix not in (".lock", ".new")}
    (kept,) = (name for name in left if name.startswith("journal.before-hub-"))
    assert left == {"journal.db", "settings.toml", "token", kept}
