"""The hub's clock: the wall clock of its machine. Apart so that tests can give another."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Epoch ms, UTC."""
    return time.time_ns() // 1_000_000
