"""Search of tickets that the workstation does not hold."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from console.hub.http.asking import Searching, hub_of
from console.hub.http.described import SIGNED_IN, answers
from console.hub.http.exchange import json_of, sayable
from console.wire.answers import Found

MOST_WORDS: Final = 200
"""Characters of a search."""
MOST_HITS: Final = 100

routes = APIRouter(prefix="/v1", tags=["search"])


@routes.get("/search", responses=answers(Found), openapi_extra=SIGNED_IN, response_class=Response)
async def search(
    request: Request,
    asker: Searching,
    q: Annotated[str, Query(min_length=1, max_length=MOST_WORDS)],
    limit: Annotated[int, Query(ge=1, le=MOST_HITS)] = 50,
) -> Response:
    """The asker's tickets that hold all the words in one text, best first; the last word matches as a beginning."""
    hub = hub_of(request)
    hits = await hub.ask(hub.log.search, asker.author, sayable(q), limit)
    return json_of(Found(hits=tuple(hits)))
