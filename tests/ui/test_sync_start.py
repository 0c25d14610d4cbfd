"""The program as a process on a workspace with a hub: nothing of the sync before the rows, and a clean end."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from console.desk import Desk
from console.settings import Settings, Workspace, save_settings
from console.sync.keys import Keys
from tests.ui.conftest import ME
from tests.ui.test_app import environment, start

HEAVY = (
    "httpx2",
    "keyring",
    "zstandard",
    "ui.sync",
    "ui.shell.sync",
    "console.sync",
    "console.desk.sync",
)

LOADED = """
import os, sys
from pathlib import Path
from console.settings import Workspace
from ui.app import WindowOptions, run

late = {late!r}

def mark(what):
    found = sorted(name for name in sys.modules if name.startswith(late))
    print(what, *found, flush=True)
    if what == "filled":
        os._exit(0)

run(WindowOptions(Workspace(Path(sys.argv[1])), mark=mark))
"""


@pytest.fixture
def away(tmp_path: Path) -> Workspace:
    """A workspace that follows a hub which nobody runs, with a reply that waits."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    workspace = Workspace(tmp_path / "away")
    workspace.make()
    key = workspace.folder / "token"
    save_settings(workspace, Settings(name=ME, token_file=key))
    Keys(url, workspace.folder, key).keep("sct_nothing")
    with Desk.open(workspace) as desk:
        desk.journal.follow(url=url, person=ME, role="lead", device="0199e0aa-0000-7000-8000-000000000001")
        desk.tickets.open("Printer is on fire")
    return workspace


def loaded_before_the_rows(folder: Path) -> list[str]:
    script = LOADED.format(late=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_nothing_of_the_sync_is_loaded_before_the_first_rows(away: Workspace) -> None:
    assert loaded_before_the_rows(away.folder) == ["painted", "filled"]


def test_without_a_hub_nothing_that_speaks_to_one_is_ever_loaded(demo: Workspace) -> None:
    look = textwrap.dedent(
        """
        import sys
        def loaded(window):
            print("loaded:", *sorted(name for name in sys.modules if name.startswith({late!r})))
        """
    ).format(late=HEAVY)
    picture = demo.folder / "picture.png"
    options = f"picture=Path({str(picture)!r}), prepare=loaded"
    out, err = start(demo.folder, before=look, options=options).communicate(timeout=60)
    assert out.splitlines()[-1].strip() == "loaded:", err


def test_a_hub_that_is_away_is_said_and_the_program_ends_cleanly(away: Workspace) -> None:
    tell = textwrap.dedent(
        """
        def tell(window):
            import asyncio
            async def wait():
                while window.sync.status is None or window.sync.status.link != "offline":
                    await asyncio.sleep(0.02)
                while window.rail.place.text() != "Offline":
                    await asyncio.sleep(0.02)
                print("offline", window.banner.sentence, flush=True)
            window._thread.spawn(wait())
        """
    )
    process = start(away.folder, before=tell, options="prepare=tell")
    seen = read_until_prefix(process, "offline ")
    assert "1 new ticket will go out when the connection is back." in seen
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert away.log.read_text() == ""


def read_until_prefix(process: subprocess.Popen[str], prefix: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(prefix):
            return line
    raise AssertionError(f"the program ended without saying {prefix!r}: {process.stderr and process.stderr.read()}")
