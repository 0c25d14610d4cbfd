"""Who looks at or writes on a ticket, as far as the workstations of this process say. Memory only: a hint.

Never stored and not shared between processes: a workstation hears of those who are connected to the same process.
Each mark carries the scope of its ticket, so that nobody hears of a ticket that they do not see.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

import msgspec
from sqlalchemy import Engine, select

from console.domain.access import sees
from console.domain.push import Author
from console.hub.database import transaction
from console.hub.schema import streams
from console.wire.messages import Presence

EXPIRES_S: Final = 60.0
"""A workstation repeats what it said within this time."""
MOST_OF_A_DEVICE: Final = 20
"""Tickets that one device can be on; the oldest gives way."""


class _Mark(msgspec.Struct, frozen=True, kw_only=True):
    presence: Presence
    scope: str
    until: float


class Presences:
    """All marks by device and ticket. `version` rises with each change. `clock` gives seconds that never fall."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.version = 0
        self._clock = clock
        self._marks: dict[tuple[str, str], _Mark] = {}
        self._told: dict[tuple[str, ...], tuple[Presence, ...]] = {}

    def say(self, device: str, presence: Presence, scope: str) -> bool:
        """Takes what a device says, and returns whether that changes anything for others."""
        key = (device, presence.ticket)
        before = self._marks.pop(key, None)
        if presence.doing == "gone":
            return self._changed(before is not None)
        own = [at for at in self._marks if at[0] == device]
        for at in own[: max(0, len(own) + 1 - MOST_OF_A_DEVICE)]:
            del self._marks[at]
        self._marks[key] = _Mark(presence=presence, scope=scope, until=self._clock() + EXPIRES_S)
        return self._changed(before is None or before.presence != presence)

    def forget(self, device: str) -> bool:
        """All that a device said; for one that went away or was revoked."""
        own = [at for at in self._marks if at[0] == device]
        for at in own:
            del self._marks[at]
        return self._changed(bool(own))

    def expire(self) -> bool:
        """Drops what was not repeated; returns whether there was any."""
        now = self._clock()
        old = [at for at, mark in self._marks.items() if mark.until <= now]
        for at in old:
            del self._marks[at]
        return self._changed(bool(old))

    def seen_by(self, scopes: Iterable[str]) -> tuple[Presence, ...]:
        """What somebody with these scopes may hear, one for each person and ticket: who writes, writes."""
        key = tuple(scopes)
        if key not in self._told:
            self._told[key] = self._seen_by(key)
        return self._told[key]

    def _seen_by(self, scopes: tuple[str, ...]) -> tuple[Presence, ...]:
        found: dict[tuple[str, str], Presence] = {}
        for mark in self._marks.values():
            if sees(scopes, mark.scope):
                presence = mark.presence
                at = (presence.ticket, presence.person)
                if at not in found or presence.doing == "writing":
                    found[at] = presence
        return tuple(found[at] for at in sorted(found))

    def _changed(self, changed: bool) -> bool:
        if changed:
            self.version += 1
            self._told.clear()
        return changed


def seen_scope(engine: Engine, author: Author, stream: str) -> str | None:
    """The scope of a stream; None where there is none or the author does not see it. Blocking."""
    with transaction(engine) as connection:
        scope: str | None = connection.scalar(select(streams.c.scope).where(streams.c.stream == stream))
    return scope if scope is not None and sees(author.scopes, scope) else None
