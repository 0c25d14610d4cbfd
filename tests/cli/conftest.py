"""What the tests of the command line share: running a command in this process, and a demo to ask about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from console.cli.demo import make_demo
from console.cli.main import main

AT = "2025-10-14T15:47:00.000Z"
"""A Tuesday morning, within business hours."""
AT_MS = 1_760_456_820_000


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that is the person's own workspace during a test; not made yet."""
    folder = tmp_path / "own"
    monkeypatch.setenv("SUPPORT_CONSOLE_DATA", str(folder))
    return folder


@pytest.fixture
def run(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command as the console script does, and gives its exit code and what it printed."""

    def command(*argv: str | Path) -> Outcome:
        code = main([str(arg) for arg in argv])
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return command


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo as of AT. Tests only ask about it."""
    folder = tmp_path_factory.mktemp("demo")
    make_demo(folder, AT_MS)
    return folder


def refused(outcome: Outcome) -> str:
    """The one sentence of a command that was the caller's mistake."""
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("support-console: ")
    assert outcome.err.count("\n") == 1
    assert "Traceback" not in outcome.err
    return outcome.err.removeprefix("support-console: ").rstrip("\n")
