"""Where the log stands, for all who wait for it: one poller of the one-row head for a process (spec sync.md 3).

No NOTIFY: it takes a global lock at commit. What another process appended is seen within `EVERY_S`; what this one
appended at once, by `saw`. Waiting holds neither a thread nor a connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from console.hub.away import AWAY
from console.hub.bell import Bell

EVERY_S: Final = 0.25
"""Between two looks at the head."""
AWAY_EVERY_S: Final = 1.0
"""Between two looks while the database is away."""

_log: Final = logging.getLogger(__name__)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the poller reads: the log's epoch and last `seq`, and a number that rises with each change of people."""

    epoch: int = 0
    seq: int = 0
    people: int = 0


class HeadWatch:
    """`now` is the last that is known; `moved` rings when it changes, and at the end. Lives in one event loop.

    `away` says whether the last look failed; `stopping` that the process ends, so that nobody waits any longer.
    """

    def __init__(self, look: Callable[[], Awaitable[Standing]]) -> None:
        self.now = Standing()
        self.moved = Bell()
        self.away = False
        self.stopping = False
        self._look = look

    def saw(self, seq: int) -> None:
        """This process appended up to `seq`."""
        if seq > self.now.seq:
            self._become(msgspec.structs.replace(self.now, seq=seq))

    async def run(self) -> None:
        """Looks again and again, until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(AWAY_EVERY_S if self.away else EVERY_S)

    async def look(self) -> None:
        before = self.now
        try:
            seen = await self._look()
        except AWAY as error:
            if not self.away:
                _log.warning("the database is away: %s", type(error).__name__)
            self.away = True
            return
        self.away = False
        if seen.epoch == self.now.epoch and seen.seq < self.now.seq:
            seen = msgspec.structs.replace(seen, seq=self.now.seq)  # `saw` was quicker than this look
        if seen != before:
            self._become(seen)

    def stop(self) -> None:
        """Lets everybody who waits go on."""
        self.stopping = True
        self.moved.ring()

    def _become(self, standing: Standing) -> None:
        if standing != self.now:
            self.now = standing
            self.moved.ring()
