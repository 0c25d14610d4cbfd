"""What the tests of the hints share: the part that all systems have, listening, and instants of its clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication

from tests.ui.conftest import DEMO_AT, HandClock
from ui.machine_hints.hints import MachineHints

MINUTE_MS = 60_000


@pytest.fixture
def hints(qapp: QCoreApplication, hand_clock: HandClock) -> Iterator[MachineHints]:
    """The part that all systems share, listening."""
    hints = MachineHints(hand_clock)
    hints.start()
    yield hints
    hints.stop()


def at(minutes: float) -> int:
    return DEMO_AT + round(minutes * MINUTE_MS)
