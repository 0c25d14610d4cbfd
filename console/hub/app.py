"""The application: routes, problems, counting, and what runs beside the requests. Called by `hub.serve` and tests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import console
from console.hub.errors import HubError
from console.hub.http import blobs, enrol, exchange, health, intake, poke, search, snapshot
from console.hub.http.described import describe
from console.hub.http.problems import install
from console.hub.hub import Hub

EXPIRE_EVERY_S: Final = 5.0
"""Between two looks for presences that were not repeated."""
REVIVE_EVERY_S: Final = 2.0
"""Between two looks at whether the embedded database died."""
_ROUTES: Final = (exchange, snapshot, poke, blobs, search, enrol, intake, health)
_UNKNOWN: Final = "unknown"

_log: Final = logging.getLogger(__name__)


def create_app(hub: Hub) -> FastAPI:
    """The ASGI application of one hub process. What it starts ends with its lifespan."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await hub.ask_disk(hub.blobs.sweep)
        watching = asyncio.create_task(hub.head.run())
        beside = [asyncio.create_task(work) for work in (_expire_presences(hub), _revive(hub))]
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


async def _expire_presences(hub: Hub) -> None:
    while True:
        await asyncio.sleep(EXPIRE_EVERY_S)
        if hub.presences.expire():
            hub.poked.ring()


async def _revive(hub: Hub) -> None:
    """Starts an embedded database again that died; another database is somebody else's to start."""
    if hub.revive is None:
        return
    while True:
        await asyncio.sleep(REVIVE_EVERY_S)
        if hub.head.away:
            try:
                await hub.ask_disk(hub.revive)
            except HubError as error:
                _log.warning("the embedded database: %s", error.sentence)
