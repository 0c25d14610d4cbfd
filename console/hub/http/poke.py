"""Pokes, server-sent: the log moved, and who is where. Hints only, which may be lost (spec sync.md 2).

A listening workstation costs a future that waits for the bell of its process; nothing is asked for it but, each
`RECHECK_S`, whether its person still sees what they saw.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from fastapi import APIRouter, Request
from msgspec.structs import replace
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from console.domain.events import ticket_stream
from console.hub.errors import HubUnavailable
from console.hub.http.asking import Appearing, Asker, Syncing, author_of, hub_of
from console.hub.http.bodies import read_json
from console.hub.http.described import SIGNED_IN, Responses, problems_of, takes
from console.hub.http.problems import ProblemError, malformed, not_there
from console.hub.hub import Hub
from console.hub.limits import Pace, Rate
from console.hub.presence import seen_scope
from console.wire.messages import Poke, Presence

OFTEN: Final = Rate(burst=5, per_s=10)
"""Pokes of one workstation: a few right after each other, so that news does not wait, and no more than so many a second
in the long run, for each has it ask for a page."""
HEARTBEAT_S: Final = 15
"""Between two comments that show that the line is alive."""
RECHECK_S: Final = 15.0
"""How long somebody goes on hearing of what they may not see any more."""
STALL_S: Final = 30.0
"""A workstation that takes nothing for so long is not there."""

_PRESENCE: Final = msgspec.json.Decoder(Presence)
_TICKET: Final = re.compile(r"[0-9a-f-]{36}")

routes = APIRouter(prefix="/v1", tags=["pokes"])
_STREAM: Final[Responses] = {
    200: {"description": "Poke, as JSON in `data`", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    **problems_of(),
}
_NOTHING: Final[Responses] = {204: {"description": "Taken"}, **problems_of(404, 413, 415)}


@routes.get("/poke", responses=_STREAM, openapi_extra=SIGNED_IN, response_class=Response)
async def poke(request: Request, asker: Syncing) -> Response:
    """A stream that tells of the log's head and of presences, now and whenever they change."""
    hub = hub_of(request)
    return EventSourceResponse(_pokes(hub, asker), ping=HEARTBEAT_S, sep="\n", send_timeout=STALL_S)


@routes.post("/presence", status_code=204, responses=_NOTHING, openapi_extra=takes(Presence), response_class=Response)
async def presence(request: Request, asker: Appearing) -> Response:
    """The asker looks at a ticket, writes on it, or has left it. Forgotten after 60 s unless it is said again. The hub
    takes the person from the token."""
    hub = hub_of(request)
    said = replace(await read_json(request, _PRESENCE), person=asker.author.person)
    if not _TICKET.fullmatch(said.ticket):
        raise malformed("ticket: not the id of a ticket")
    scope = await hub.ask(seen_scope, hub.engine, asker.author, ticket_stream(said.ticket))
    if scope is None:
        raise not_there()
    if hub.presences.say(asker.author.device, said, scope):
        hub.poked.ring()
    return Response(status_code=204)


async def _pokes(hub: Hub, asker: Asker) -> AsyncIterator[ServerSentEvent]:
    scopes, checked = asker.author.scopes, time.monotonic()
    told: bytes | None = None
    pace = Pace(OFTEN)
    hub.metrics.pokes.inc()
    try:
        while not hub.head.stopping:
            if time.monotonic() - checked >= RECHECK_S:
                scopes, checked = await _scopes_now(hub, asker, scopes), time.monotonic()
            said = msgspec.json.encode(Poke(head=hub.head.seq, presence=hub.presences.seen_by(scopes)))
            if said != told:
                told = said
                yield ServerSentEvent(data=said.decode())
                await asyncio.sleep(pace.spent())
            else:
                await hub.poked.wait(RECHECK_S)
    except ProblemError:
        return  # signed out meanwhile: the next request says why
    finally:
        hub.metrics.pokes.dec()


async def _scopes_now(hub: Hub, asker: Asker, before: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return (await author_of(hub, asker.token)).scopes
    except HubUnavailable:
        return before
