"""A real desk on a temporary workspace, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.desk import Desk
from console.settings import Settings, Workspace, save_settings
from tests.story import ms


class Now:
    """A clock that stands still until the test moves it (epoch ms)."""

    def __init__(self, at: str) -> None:
        self.at_ms = ms(at)

    def __call__(self) -> int:
        return self.at_ms

    def to(self, at: str) -> None:
        self.at_ms = ms(at)


@pytest.fixture
def now() -> Now:
    return Now("2026-03-02 15:00")  # Monday, 10:00 in New York


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "workspace")
    save_settings(workspace, Settings(name="Mara Okafor"))
    return workspace


@pytest.fixture
def desk(workspace: Workspace, now: Now) -> Iterator[Desk]:
    with Desk.open(workspace, clock=now) as desk:
        yield desk
