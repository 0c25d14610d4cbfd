"""Wakes those who wait in one event loop: a future for all of them, and no polling of their own."""

from __future__ import annotations

import asyncio


class Bell:
    """`ring` wakes all who wait at this moment; `waiting` counts them. Look at the state, then wait, with no `await`
    between the two."""

    def __init__(self) -> None:
        self.waiting = 0
        self._rung = asyncio.Event()

    def ring(self) -> None:
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    async def wait(self, seconds: float) -> None:
        """Returns when it rings, or after so many seconds."""
        rung = self._rung
        self.waiting += 1
        try:
            async with asyncio.timeout(seconds):
                await rung.wait()
        except TimeoutError:
            return
        finally:
            self.waiting -= 1
