"""The application: routes, problems, counting, and what runs beside the requests. Called by `hub.serve` and tests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import console
from console.hub.errors import HubError, HubUnavailable
from console.hub.http import blobs, enrol, exchange, health, intake, poke, search, snapshot
from console.hub.http.described import describe
from console.hub.http.problems import install
from console.hub.hub import Hub

EXPIRE_EVERY_S: Final = 5.0
"""Between two looks for presences that were not repeated."""
SWEEP_EVERY_S: Final = 3600.0
"""Between two looks for files that nobody needs."""
REVIVE_EVERY_S: Final = 2.0
"""Between two looks at whether the embedded database died."""
_ROUTES: Final = (exchange, snapshot, poke, blobs, search, enrol, intake, health)
_UNKNOWN: Final = "unknown"

_log: Final = logging.getLogger(__name__)


def create_app(hub: Hub) -> FastAPI:
    """The ASGI application of one hub process. What it starts ends with its lifespan."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(hub.head.run())
        beside = [
            asyncio.create_task(_again_and_again(partial(work, hub), every_s))
            for work, every_s in (
                (_expire_presences, EXPIRE_EVERY_S),
                (_sweep, SWEEP_EVERY_S),
                (_revive, REVIVE_EVERY_S),
            )
        ]
        if hub.channel is not None:
            hub.channel.start()
        try:
            yield
        finally:
            hub.stop()
            if hub.channel is not None:
                await hub.ask_disk(hub.channel.stop)
            await watching
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    app = FastAPI(
        title="Support Console hub",
        version=console.__version__,
        description="One log for a team: entries are pushed, ordered and pulled here.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.hub = hub
    for subject in _ROUTES:
        app.include_router(subject.routes)
    install(app)
    describe(app)
    app.add_middleware(_Counted, hub=hub)
    return app


class _Counted:
    """Counts answers by route, never by address: an address names tickets and accounts."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self._app = app
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", _UNKNOWN)
                method = scope["method"] if route != _UNKNOWN else _UNKNOWN
                self._hub.metrics.answered(method, route, message["status"])
            await send(message)

        await self._app(scope, receive, counted)


async def _again_and_again(work: Callable[[], Awaitable[None]], every_s: float) -> None:
    """What fails in one turn is told, and tried in the next."""
    while True:
        try:
            await work()
        except Exception:
            _log.exception("what runs beside the requests failed, and is tried again")
        await asyncio.sleep(every_s)


async def _expire_presences(hub: Hub) -> None:
    if hub.presences.expire():
        hub.poked.ring()


async def _sweep(hub: Hub) -> None:
    """Removes files that nobody needs."""
    try:
        await hub.ask_disk(hub.uploads.sweep)
    except (HubUnavailable, OSError) as error:
        _log.warning("files that nobody needs are removed later: %s", error)


async def _revive(hub: Hub) -> None:
    """Starts an embedded database again that died; another database is somebody else's to start."""
    if hub.revive is None or not hub.head.away:
        return
    try:
        await hub.ask_disk(hub.revive)
    except HubError as error:
        _log.warning("the embedded database: %s", error.sentence)
