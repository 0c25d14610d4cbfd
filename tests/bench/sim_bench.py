"""How many worlds the simulator of the sync runs in a second of one core, with every invariant on (spec sync.md 4)."""

from __future__ import annotations

import time
from typing import Any, Final

from tests.faults.sim.world import run as run_world

WORLDS: Final = 1_000
FLOOR: Final = 50.0
"""Worlds a second: slower, and the hundreds of thousands that a rare fault needs are not run any more."""


def run() -> list[dict[str, Any]]:
    began = time.process_time()
    for seed in range(WORLDS):
        run_world(seed)
    a_second = WORLDS / (time.process_time() - began)
    return [
        {
            "what": "simulated worlds of the sync, each invariant on, a second of one core",
            "ours_per_s": a_second,
            "peer": "the floor",
            "peer_per_s": FLOOR,
            "ratio": a_second / FLOOR,
            "goal": ">= 1",
        }
    ]
