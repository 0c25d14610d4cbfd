"""Runs an engine until both sides are level, or it is clear that they will not be. Called by the command line and the
desk's connecting."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from console.domain.errors import ConsoleError
from console.sync.engine import BUSY_ELSEWHERE, Engine
from console.sync.status import Link, LinkStatus

PATIENCE_S: Final = 30.0
"""How long a hub that answered before may be away."""
_ENDS: Final[frozenset[Link]] = frozenset({"signed_out", "revoked", "app_too_old", "other_hub", "stuck"})


class NotLevel(ConsoleError):
    """What waits is kept, and why it waits is the sentence. `status` is the last that was told."""

    def __init__(self, status: LinkStatus) -> None:
        self.status = status
        super().__init__(status.error or "The workspace could not be brought level with the hub.")


async def sync_once(engine: Engine, *, patience_s: float = PATIENCE_S) -> LinkStatus:
    """Errors: NotLevel."""
    running = asyncio.create_task(engine.run())
    greeted = False
    away_since: float | None = None
    try:
        while True:
            status = engine.status
            if status.link == "synced":
                return status
            if status.link in _ENDS or status.error == BUSY_ELSEWHERE:
                raise NotLevel(status)
            greeted = greeted or status.link in ("syncing", "loading")
            if status.link != "offline":
                away_since = None
            elif away_since is None:
                away_since = time.monotonic()
            if away_since is not None and (not greeted or time.monotonic() - away_since > patience_s):
                raise NotLevel(status)
            changed = asyncio.create_task(engine.changed(status))
            await asyncio.wait({running, changed}, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
            if running.done():
                running.result()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
