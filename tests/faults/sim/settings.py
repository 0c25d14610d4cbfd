"""The core's settings in a world, and how many worlds have to catch a broken variant."""

from __future__ import annotations

from typing import Final

from console.sync.core import Config

MOST_SEEDS: Final = 2_000
"""So many worlds catch every broken variant (spec sync.md 4)."""
CONFIG: Final = Config(
    snapshot_lag=12,
    wait_s=20.0,
    poll_every_s=25.0,
    first_check_s=15.0,
    check_every_s=45.0,
    upgrade_retry_s=40.0,
    batch=5,
)
"""All small, so that few events meet every limit. Seconds of the virtual clock."""
