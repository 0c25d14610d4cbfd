"""The program as a process: what it says without a display, how it ends, what it leaves in the log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from console.settings import Workspace
from ui import app

ROOT = Path(__file__).resolve().parents[2]

START = """
import sys
from pathlib import Path
from console.settings import Workspace
from ui.app import WindowOptions, run
{before}
def mark(what):
    print(what, flush=True)

workspace = Workspace(Path(sys.argv[1]))
workspace.make()
sys.exit(run(WindowOptions(workspace, mark=mark, {options})))
"""


def environment(**changes: str | None) -> dict[str, str]:
    named = {**os.environ, "PYTHONPATH": str(ROOT), **changes}
    return {name: value for name, value in named.items() if value is not None}


def start(folder: Path, *, options: str = "", before: str = "", **changes: str | None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START.replace("{options}", options).replace("{before}", before), str(folder)],
        env=environment(**changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_until(process: subprocess.Popen[str], word: str) -> list[str]:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line.strip())
        if line.strip() == word:
            return seen
    raise AssertionError(f"the program ended before it was {word}: {seen} {process.stderr and process.stderr.read()}")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only X11 and Wayland can be without a display")
@pytest.mark.parametrize(
    ("display", "wayland", "says"),
    [
        (None, None, "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set."),
        (":987", None, "The display DISPLAY=:987 does not answer."),
        (None, "wayland-none", "The display wayland-none does not answer."),
    ],
)
def test_without_a_display_one_sentence_says_how_to_run_it(
    tmp_path: Path, display: str | None, wayland: str | None, says: str
) -> None:
    process = start(tmp_path, QT_QPA_PLATFORM=None, DISPLAY=display, WAYLAND_DISPLAY=wayland)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert out == ""
    assert err.startswith(says)
    assert "support-console queue" in err
    assert len(err.strip().splitlines()) == 1


def test_without_qts_system_libraries_one_sentence_says_which(tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "PySide6"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("")
    (broken / "QtWidgets.py").write_text(
        "raise ImportError('libEGL.so.1: cannot open shared object file: No such file or directory')"
    )
    path = os.pathsep.join((str(broken.parent), str(ROOT)))
    process = start(tmp_path / "workspace", PYTHONPATH=path)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "libEGL.so.1" in err
    assert len(err.strip().splitlines()) == 1


def test_platforms_without_a_display_are_not_asked_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for platform in ("offscreen", "minimal", "vnc:size=800x600"):
        monkeypatch.setenv("QT_QPA_PLATFORM", platform)
        assert app.missing_display() is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window_and_the_desk(demo: Workspace, how: signal.Signals) -> None:
    process = start(demo.folder)
    assert read_until(process, "ready") == ["painted", "filled", "ready"]
    process.send_signal(how)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert err == ""
    assert demo.log.read_text() == ""
    assert demo.ui_state.exists()


def test_an_empty_workspace_opens_and_closes(tmp_path: Path) -> None:
    process = start(tmp_path / "workspace")
    read_until(process, "ready")
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_a_picture_is_taken_and_the_program_ends(demo: Workspace, tmp_path: Path) -> None:
    picture = tmp_path / "queue.png"
    options = (
        f"picture=Path({str(picture)!r}), size=(1440, 900), theme='dark', frozen=True, clock=lambda: 1760456820000"
    )
    _, err = start(demo.folder, options=options).communicate(timeout=60)
    assert picture.stat().st_size > 20_000, err
    assert not demo.ui_state.exists()


def test_the_first_paint_imports_neither_the_database_nor_asyncio(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from console.settings import Workspace
        from ui.app import WindowOptions, run

        def mark(what):
            heavy = {"sqlalchemy", "alembic", "asyncio", "qasync", "pendulum", "msgspec", "zoneinfo"} & set(sys.modules)
            print(what, *sorted(heavy), flush=True)
            import os
            os._exit(0)

        run(WindowOptions(Workspace(Path(sys.argv[1])), mark=mark))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], env=environment(), capture_output=True, text=True, timeout=30
    )
    assert done.stdout.split() == ["painted"], done.stderr


def test_a_window_that_cannot_open_its_workspace_stays_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "journal.db").mkdir()
    process = start(folder)
    read_until(process, "ready")
    assert process.poll() is None
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0


RUN_ON = "clock=lambda: {at} + time.monotonic_ns() // 1_000_000 - begun"


def test_the_program_follows_a_running_session_and_writes_its_last_beat(demo: Workspace) -> None:
    from console.desk import Desk
    from tests.ui.conftest import DEMO_AT

    def last_beat() -> int:
        with Desk.open(demo, clock=lambda: DEMO_AT) as desk:
            return max((beat.at for beat in desk.journal.beats().values()), default=0)

    before = last_beat()
    moving = "import time\nbegun = time.monotonic_ns() // 1_000_000\n"
    process = start(demo.folder, options=RUN_ON.format(at=DEMO_AT + 60_000), before=moving)
    read_until(process, "ready")
    while (first := last_beat()) == before:
        assert process.poll() is None
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert last_beat() > first > DEMO_AT
    assert demo.log.read_text() == ""


def test_nothing_of_pro_or_of_the_desktops_bus_is_loaded_before_the_first_rows(demo: Workspace) -> None:
    script = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from console.settings import Workspace
        from ui.app import WindowOptions, run

        late = ("ui.pro", "console.desk.pro", "ui.machine_hints", "PySide6.QtDBus")

        def mark(what):
            found = sorted(name for name in sys.modules if name.startswith(late))
            print(what, *found, flush=True)
            if what == "filled":
                os._exit(0)

        run(WindowOptions(Workspace(Path(sys.argv[1])), mark=mark))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(demo.folder)], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == ["painted", "filled"], done.stderr
