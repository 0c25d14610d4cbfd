"""Snapshots: many entries in one zstd stream, for a new workstation or one that is far behind (spec sync.md 2).

The storage makes lines in a thread, a piece at a time, and only as fast as the workstation takes them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Annotated, Final

import anyio
import zstandard
from fastapi import APIRouter, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from console.hub.errors import HubUnavailable
from console.hub.http.asking import Loading, hub_of
from console.hub.http.described import SIGNED_IN, answers_with
from console.hub.http.exchange import Count, sayable
from console.hub.http.problems import unavailable
from console.hub.hub import Hub

MEDIA_TYPE: Final = "application/zstd"
LEVEL: Final = 3
"""Of compression: more costs the hub more than it saves on the way."""
STALL_S: Final = 60.0
"""A workstation that takes nothing for so long gives its place to another; it asks again from what it has."""
QUEUE_S: Final = 20.0
"""How long one waits for a place before it is told to come back."""

_log: Final = logging.getLogger(__name__)

routes = APIRouter(prefix="/v1", tags=["exchange"])


@routes.get(
    "/snapshot",
    responses=answers_with(MEDIA_TYPE, "SnapshotHead, WireEntry..., SnapshotEnd as JSON lines"),
    openapi_extra=SIGNED_IN,
    response_class=Response,
)
async def snapshot(
    request: Request,
    asker: Loading,
    scopes: Annotated[list[str] | None, Query(max_length=500)] = None,
    after: Count = 0,
    upto: Count | None = None,
) -> Response:
    """All entries of the scopes (repeat `scopes` for each; all of the asker's without it) behind `after`, up to `upto`
    or the head. The stream is whole when its last line is a SnapshotEnd."""
    hub = hub_of(request)
    wanted = [sayable(scope) for scope in scopes] if scopes is not None else None
    place = contextlib.AsyncExitStack()
    try:
        async with asyncio.timeout(QUEUE_S):
            await place.enter_async_context(hub.snapshots)
    except TimeoutError:
        raise unavailable("Many workstations are loading at the moment; try again.") from None
    try:
        lines = await hub.ask_snapshot(hub.log.snapshot, asker.author, wanted, after=after, upto=upto)
    except BaseException:
        await place.aclose()
        raise
    return _Snapshot(hub, lines, place)


class _Snapshot(Response):
    """Sends the lines, and gives back connection and place however it ends."""

    media_type = MEDIA_TYPE

    def __init__(self, hub: Hub, lines: Iterator[bytes], place: contextlib.AsyncExitStack) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers({"Cache-Control": "no-store"})
        self._hub = hub
        self._lines = lines
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with contextlib.aclosing(self._pieces()) as pieces:
                async for piece in pieces:
                    if gone.done():
                        return
                    async with asyncio.timeout(STALL_S):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, HubUnavailable) as error:
            # Without its end the stream is not whole, which the workstation sees.
            _log.warning("a snapshot was cut short: %s", error or "its reader stalled")
        finally:
            gone.cancel()
            with anyio.CancelScope(shield=True):
                await self._hub.ask_snapshot(_close, self._lines)
                await self._place.aclose()

    async def _pieces(self) -> AsyncGenerator[bytes]:
        compressor = zstandard.ZstdCompressor(level=LEVEL).compressobj()

        def more() -> bytes | None:
            for chunk in self._lines:
                piece: bytes = compressor.compress(chunk)
                if piece:
                    return piece
            return None

        while (piece := await self._hub.ask_snapshot(more)) is not None:
            yield piece
        yield await self._hub.ask_snapshot(compressor.flush)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def _close(lines: Iterator[bytes]) -> None:
    close: Callable[[], None] | None = getattr(lines, "close", None)
    if close is not None:
        close()
