"""Where the log stands, for all who wait for it: one poller of the one-row head for a process (spec sync.md 3).

No NOTIFY: it takes a global lock at commit. What another process appended is seen within `EVERY_S`; what this one
appended at once, by `saw`. Waiting holds neither a thread nor a connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from console.domain.stamp import Head
from console.hub.bell import Bell
from console.hub.errors import HubUnavailable

EVERY_S: Final = 0.25
"""Between two looks at the head."""
AWAY_EVERY_S: Final = 1.0
"""Between two looks while the database is away."""

_log: Final = logging.getLogger(__name__)


class HeadWatch:
    """Lives in one event loop.

    `epoch` and `seq` are the last that are known; `moved` and `poked` ring when they change, and at the end. `away`
    says whether the last look failed; `stopping` that the process ends, so that nobody waits any longer.
    """

    def __init__(self, look: Callable[[], Awaitable[Head]], poked: Bell) -> None:
        self.epoch = 0
        self.seq = 0
        self.moved = Bell()
        self.poked = poked
        self.away = False
        self.stopping = False
        self._look = look
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Looks again and again until `stop`; not to be cancelled, for a look is a thread's."""
        while not self.stopping:
            try:
                await self.look()
            except Exception:  # without this watch nobody would hear of anything any more
                _log.exception("the look at the head failed, and is made again")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AWAY_EVERY_S if self.away else EVERY_S):
                    await self._stopped.wait()

    async def look(self) -> None:
        try:
            head = await self._look()
        except HubUnavailable as error:
            if not self.away:
                _log.warning("%s", error)
            self.away = True
            return
        self.away = False
        self.saw(head.epoch, head.seq)

    def saw(self, epoch: int, seq: int) -> None:
        """The log is known to stand there; what is older than what is known already is no news."""
        if (epoch, seq) > (self.epoch, self.seq):
            self.epoch, self.seq = epoch, seq
            self._ring()

    def stop(self) -> None:
        """Lets everybody who waits go on."""
        self.stopping = True
        self._stopped.set()
        self._ring()

    def _ring(self) -> None:
        self.moved.ring()
        self.poked.ring()
