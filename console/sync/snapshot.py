"""A snapshot while it is read: zstd, then JSON lines, then entries (spec sync.md 2). Decoded in a thread, for it may be
hundreds of megabytes. Made by `http`, read by `requests`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Final

import httpx2
import msgspec
import zstandard

from console.domain.events import Entry
from console.sync.failures import HubFailure, WrongCopy
from console.wire.messages import SnapshotEnd, SnapshotHead, WireEntry, entry_of

CHUNK: Final = 5_000
"""Entries that are handed on at once."""
_FEED: Final = 256 * 1024
"""Bytes that are decoded at once."""


class Snapshot:
    """A snapshot while it is read. `head` is there after the first chunk."""

    def __init__(self, response: httpx2.Response, not_a_hub: str) -> None:
        self._response = response
        self._reader = SnapshotReader()
        self._not_a_hub = not_a_hub

    @property
    def head(self) -> SnapshotHead:
        assert self._reader.head is not None
        return self._reader.head

    async def chunks(self, size: int = CHUNK) -> AsyncIterator[list[Entry]]:
        """The entries in log order, about `size` at a time. Errors: HubFailure where it ends too early, or is not
        what its checksum says."""
        held: list[Entry] = []
        waiting = bytearray()
        try:
            async for piece in self._response.aiter_raw():
                waiting += piece
                if len(waiting) < _FEED and self._reader.head is not None:
                    continue
                held += await asyncio.to_thread(self._reader.feed, bytes(waiting))
                waiting.clear()
                while len(held) >= size:
                    yield held[:size]
                    held = held[size:]
            held += await asyncio.to_thread(self._reader.feed, bytes(waiting))
        except (msgspec.DecodeError, zstandard.ZstdError) as error:
            raise HubFailure(self._not_a_hub) from error
        if self._reader.end is None:
            raise HubFailure("The copy of the hub's tickets broke off; it goes on from where it is.")
        if not self._reader.is_right:
            raise WrongCopy("The copy of the hub's tickets is not what the hub sent; it is made again.")
        yield held


class SnapshotReader:
    """Turns the bytes of a snapshot into entries. Blocking; one thread at a time."""

    def __init__(self) -> None:
        self.head: SnapshotHead | None = None
        self.end: SnapshotEnd | None = None
        self._zstd = zstandard.ZstdDecompressor().decompressobj()
        self._entry = msgspec.json.Decoder(WireEntry)
        self._rest = b""
        self._count = 0
        self._digest = hashlib.sha256()

    @property
    def is_right(self) -> bool:
        """Whether what came is what its end says, by count and checksum (`stamp.checksum_of`)."""
        return self.end is not None and self.end.checksum == self._digest.digest() and self.end.count == self._count

    def feed(self, data: bytes) -> list[Entry]:
        """Errors: msgspec.DecodeError, zstandard.ZstdError."""
        if not data:
            return []
        *lines, self._rest = (self._rest + self._zstd.decompress(data)).split(b"\n")
        found: list[Entry] = []
        for line in lines:
            if self.head is None:
                self.head = msgspec.json.decode(line, type=SnapshotHead)
            elif self._count < self.head.count:
                wire = self._entry.decode(line)
                self._count += 1
                self._digest.update(wire.chain)
                self._digest.update(wire.payload)
                found.append(entry_of(wire))
            elif line:
                self.end = msgspec.json.decode(line, type=SnapshotEnd)
        return found
