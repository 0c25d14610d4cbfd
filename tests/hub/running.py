"""Real hubs on a loopback socket, for every test that speaks to one: in a thread, or as a process that can be killed.

`HubThread` is quick to start and lets a test look inside (`hub`); `HubProcess` is what people run. Both serve a
migrated database and can be started again on the same data; `port` stays the same then.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest

from console.domain.access import Role
from console.hub.app import create_app
from console.hub.database import service_engine
from console.hub.hub import Hub
from console.hub.people import People
from console.hub.serve import HubServer, Serving, listen, serve
from console.wire.messages import Enrolled

START_S = 30.0
STOP_S = 20.0


class HubThread:
    """One hub process's insides in a thread. Further arguments are the `Hub`'s."""

    def __init__(self, folder: Path, database: str, *, port: int = 0, **of_the_hub: Any) -> None:
        self.folder = folder
        self.database = database
        self.port = port
        self._of_the_hub = of_the_hub

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        asked = Serving(folder=self.folder, database=self.database, port=self.port)
        listening = listen(asked)
        self.port = listening.getsockname()[1]
        self.engine = service_engine(self.database)
        self.hub = Hub(self.engine, self.folder, **self._of_the_hub)
        started = threading.Event()
        self._server = HubServer(self.hub, create_app(self.hub), asked, started.set)
        self._thread = threading.Thread(target=self._server.run, args=([listening],), name="hub")
        self._thread.start()
        if not started.wait(START_S):
            self.stop()
            raise TimeoutError("the hub did not start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(STOP_S)
        assert not self._thread.is_alive(), "the hub did not stop"
        self.engine.dispose()

    def restart(self) -> None:
        self.stop()
        self.start()

    def enrol(self, person: str, role: Role = "engineer", *grants: str, device: str = "Laptop") -> Enrolled:
        return enrol(self.hub.people, person, role, *grants, device=device)


class HubProcess:
    """A hub as people run it. `database` None has it keep an embedded one in its folder."""

    def __init__(self, folder: Path, database: str | None, *, port: int = 0) -> None:
        self.folder = folder
        self.database = database
        self.port = port
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        asked = [sys.executable, "-m", "tests.hub.running", str(self.folder), str(self.port), self.database or ""]
        self.process = subprocess.Popen(asked, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        address = self.process.stdout.readline().strip()
        if not address:
            code = self.process.wait(STOP_S)
            self.process.stdout.close()
            raise RuntimeError(f"the hub did not start: exit code {code}")
        self.port = int(address.rpartition(":")[2])

    def stop(self) -> int:
        """Asks it to end, as a service manager does, and returns its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it without a farewell."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(how)
        code = process.wait(STOP_S)
        assert process.stdout is not None
        process.stdout.close()
        return code


@pytest.fixture
def hub_server(tmp_path: Path, url: str) -> Iterator[HubThread]:
    """A hub on an empty database of its own."""
    with HubThread(tmp_path / "hub", url) as server:
        yield server


def enrol(people: People, person: str, role: Role = "engineer", *grants: str, device: str = "Laptop") -> Enrolled:
    """A workstation of a person, who is enrolled if they are new."""
    return people.redeem(people.enrol(person, role, grants), device)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def client(url: str, enrolled: Enrolled | None = None, *, timeout: float = 30.0) -> httpx2.Client:
    """A client of a hub, signed in as a workstation; the caller closes it."""
    headers = bearer(enrolled.token) if enrolled is not None else {}
    return httpx2.Client(base_url=url, headers=headers, timeout=timeout, trust_env=False)


def until(true: Any, within_s: float = 10.0) -> None:
    """Waits until something is true, and fails the test if it never is."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def main() -> None:
    folder, port, database = sys.argv[1:]
    asked = Serving(folder=Path(folder), port=int(port), database=database or None)
    serve(asked, lambda address: print(address, flush=True))


if __name__ == "__main__":
    main()
