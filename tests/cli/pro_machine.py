"""A workstation for the `pro` commands, whose clocks the test turns, and processes that run them on the real clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import console.desk
import console.timekeeping
from console.cli.pro import watch
from console.settings import Settings, Workspace, save_settings
from tests.cli.conftest import Outcome, Run
from tests.domain.new_york import ny
from tests.fake_clocks import FakeClocks

ME = "Mara Okafor"
MONDAY, TUESDAY, WEDNESDAY = "2027-01-11", "2027-01-12", "2027-01-13"
RENEWAL = "2027-02-01"
GATE = (
    *("--contact", "Dana Whitfield"),
    *("--scope", "Set up the VPN=1h", "Move the file server=2h"),
    *("--agreed-by", ME, "Dana Whitfield"),
    *("--access", "Google project"),
    *("--received", "google project"),
)
"""Everything that the gate asks for but the slot, as options of `pro ready`."""


class Machine:
    """Runs `support-console pro ...` on a workspace of its own, on clocks that stand still between the commands.

    Times are wall times of New York: `16:30` is on the Tuesday of the story.
    """

    def __init__(self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.clocks = FakeClocks(ny(f"{MONDAY} 09:00"))
        self._run = run
        self._patch = monkeypatch
        save_settings(Workspace(folder), Settings(name=ME))
        monkeypatch.setattr(console.timekeeping, "read_clocks", self.clocks)
        monkeypatch.setattr(console.desk, "wall_ms", lambda: self.clocks().wall_ms)

    def __call__(self, *argv: str | Path) -> Outcome:
        return self._run("--data", self.folder, "pro", *argv)

    def other(self, *argv: str | Path) -> Outcome:
        """A command that is not one of `pro`."""
        return self._run("--data", self.folder, *argv)

    def done(self, *argv: str | Path) -> str:
        """What a command printed that did what it should."""
        outcome = self(*argv)
        assert (outcome.code, outcome.err) == (0, "")
        return outcome.out

    def json(self, *argv: str | Path) -> Any:
        return json.loads(self.done(*argv, "--json"))

    def refused(self, *argv: str | Path) -> str:
        """The sentence of a command that was a mistake, or an act that the terms do not allow."""
        outcome = self(*argv)
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
        return outcome.err.removeprefix("support-console: ").rstrip("\n")

    def to(self, time: str) -> None:
        """Runs the machine on, with nobody at it."""
        self.clocks.run((self.at(time) - self.clocks.true_ms) / 1000)

    def watch(self, until: str, *argv: str, every_s: float = 5) -> str:
        """`pro watch` in the foreground until a time, as if each wait took `every_s`; what it printed."""

        @contextmanager
        def asked_at_that_time() -> Iterator[watch.Wait]:
            def wait(_: float) -> bool:
                self.clocks.run(min(every_s, (self.at(until) - self.clocks.true_ms) / 1000))
                return self.clocks.true_ms >= self.at(until)

            yield wait

        with self._patch.context() as patch:
            patch.setattr(watch, "asked_to_end", asked_at_that_time)
            out = self.done("watch", *argv)
        self.to(until)
        return out

    def at(self, time: str) -> int:
        return ny(time if len(time) > len("16:30:00") else f"{TUESDAY} {time}")

    def buy(self, purchase: str = "P-1042", hours: str = "3", account: str = "Harbour Logistics", **more: str) -> None:
        options = [word for name, value in more.items() for word in (f"--{name.replace('_', '-')}", value)]
        self.done("buy", purchase, "--account", account, "--hours", hours, "--renewal", RENEWAL, *options)

    def ready(self, purchase: str = "P-1042", slot: str = f"{TUESDAY}T10:00", hours: str = "3", **more: str) -> None:
        """A purchase, its gate complete and a slot agreed."""
        self.buy(purchase, hours, **more)
        self.done("ready", purchase, *GATE, "--slot", slot, hours)


def as_process(folder: Path, *argv: str | Path) -> subprocess.Popen[str]:
    """`support-console pro ...` as a process of its own, on the real clock."""
    return subprocess.Popen(
        [sys.executable, "-m", "console.cli", "--data", str(folder), "pro", *map(str, argv)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def finished(folder: Path, *argv: str | Path) -> str:
    """What such a process printed, after it did what it should."""
    with as_process(folder, *argv) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return out
