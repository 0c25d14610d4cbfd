"""Pages that many workstations ask for at the same moment are read once.

A poke goes to all of them, and those that are level and see the same then ask for the same page. A page is kept by all
that it follows from: the place in the log that it begins behind, with its chain, the head up to which it goes, and what
is seen. A redaction moves the head, so a text that is gone is in no page of a later head. Whoever sees something else
by the time that the page is read meets a conflict (`scopever`), so a page holds what its key says. Called by `log`,
from any thread of its process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

import msgspec

from console.domain.stamp import Head
from console.hub.sight import Sight
from console.wire.messages import Page, Pull

_MOST_KEPT: Final = 32
_MOST_BYTES: Final = 256 * 1024
"""Of the payloads of a page that is kept: larger ones are asked for by one that catches up."""
_PATIENCE_S: Final = 5.0


class Asked(msgspec.Struct, frozen=True):
    """What a page follows from."""

    hub_id: str
    epoch: int
    head: int
    after: int
    chain: bytes
    limit: int
    seen: Sight


def asked(head: Head, pull: Pull, seen: Sight) -> Asked:
    return Asked(head.hub_id, head.epoch, head.seq, pull.after, pull.chain, pull.limit, seen)


class Pages:
    """The pages of one process that were asked for last."""

    def __init__(self) -> None:
        self._kept: dict[Asked, Future[Page | None]] = {}
        self._lock = threading.Lock()

    def page(self, key: Asked, make: Callable[[], Page]) -> Page:
        """The page, made by the first who asks; others wait for it. One that goes up to another head than was asked
        for, because the log moved meanwhile, is its maker's alone. Whatever `make` raises is as well."""
        with self._lock:
            known = self._kept.get(key)
            if known is None:
                making: Future[Page | None] = Future()
                self._kept[key] = making
                while len(self._kept) > _MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
        if known is not None:
            return self._waited_for(known) or make()
        shared: Page | None = None
        try:
            page = make()
            if page.head == key.head and sum(len(bytes(entry.payload)) for entry in page.entries) <= _MOST_BYTES:
                shared = page
            return page
        finally:
            making.set_result(shared)
            if shared is None:
                self._forget(key, making)

    def _waited_for(self, known: Future[Page | None]) -> Page | None:
        try:
            return known.result(_PATIENCE_S)
        except TimeoutError:
            return None

    def _forget(self, key: Asked, making: Future[Page | None]) -> None:
        with self._lock:
            if self._kept.get(key) is making:
                del self._kept[key]
