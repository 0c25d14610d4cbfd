"""Hello, push, pull, checksum and single streams: the exchange of entries (spec sync.md 2)."""

from __future__ import annotations

import base64
import binascii
import logging
import time
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from console.hub.errors import HubUnavailable, NotSignedIn
from console.hub.http.asking import Asker, Syncing, author_of, hub_of, refuse_too_old
from console.hub.http.bodies import JSON, read_json
from console.hub.http.described import SIGNED_IN, answers, takes
from console.hub.http.problems import ProblemError, malformed, not_there
from console.hub.hub import Hub
from console.wire.answers import StreamEntries
from console.wire.messages import (
    MAX_PUSH_BYTES,
    PULL_LIMIT,
    PULL_WAIT_S,
    Checksum,
    Hello,
    Page,
    Pull,
    Push,
    Pushed,
    Welcome,
)

MOST: Final = 2**53
"""No counter of a log comes here; also what every reader of JSON can hold."""
MOST_STREAM: Final = 300

_log: Final = logging.getLogger(__name__)
_HELLO: Final = msgspec.json.Decoder(Hello)
_PUSH: Final = msgspec.json.Decoder(Push)

routes = APIRouter(prefix="/v1", tags=["exchange"])
Count = Annotated[int, Query(ge=0, lt=MOST)]


def json_of(shape: msgspec.Struct, status: int = 200) -> Response:
    return Response(msgspec.json.encode(shape), status_code=status, media_type=JSON)


@routes.post("/hello", responses=answers(Welcome, 413, 415), openapi_extra=takes(Hello), response_class=Response)
async def hello(request: Request, asker: Syncing) -> Response:
    """Who comes, and where both logs stand."""
    hub = hub_of(request)
    said = await read_json(request, _HELLO)
    _in_range(said.wire, said.epoch, said.cursor, said.scopever)
    refuse_too_old(said.wire)
    welcome = await hub.ask(hub.log.welcome, asker.author.person, epoch=said.epoch)
    hub.head.saw(welcome.epoch, welcome.head)
    return json_of(welcome)


@routes.post("/push", responses=answers(Pushed, 404, 409, 413, 415), openapi_extra=takes(Push), response_class=Response)
async def push(request: Request, asker: Syncing) -> Response:
    """Takes new entries and answers after the commit, one verdict each. The same push again gets the same verdicts."""
    hub = hub_of(request)
    offered = await read_json(request, _PUSH, most=MAX_PUSH_BYTES)
    _in_range(offered.epoch, offered.base_dseq)
    for event in offered.events:
        _in_range(abs(event.at), event.dseq, event.ver)  # an instant before 1970 is refused, not malformed
    try:
        pushed = await hub.ask(hub.log.push, asker.author, offered)
    except NotSignedIn:
        await author_of(hub, asker.token)  # 401 where it is the token
        raise ProblemError(404, "device", "There is no such device of yours; connect this workstation again.") from None
    hub.metrics.pushed(pushed.verdicts)
    hub.head.saw(offered.epoch, pushed.head)
    if any(event.type == "entry.redacted" for event in offered.events):
        await _remove_redacted(hub)
    return json_of(pushed)


async def _remove_redacted(hub: Hub) -> None:
    """The files of redacted messages go before the answer is given; where that fails, with the next sweep."""
    try:
        await hub.ask_disk(hub.uploads.sweep_redacted)
    except (HubUnavailable, OSError) as error:
        _log.warning("the files of a redacted message are removed later: %s", error)


@routes.get("/pull", responses=answers(Page, 409), openapi_extra=SIGNED_IN, response_class=Response)
async def pull(
    request: Request,
    asker: Syncing,
    after: Count,
    epoch: Count,
    scopever: Count,
    chain: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=PULL_LIMIT)] = PULL_LIMIT,
    wait: Annotated[float, Query(ge=0, le=PULL_WAIT_S, allow_inf_nan=False)] = 0.0,
) -> Response:
    """The asker's entries behind `after`. With `wait` the answer is held until there are some, or so many seconds."""
    asked = Pull(after=after, chain=_unquoted(chain), epoch=epoch, scopever=scopever, limit=limit, wait=wait)
    return json_of(await _page(hub_of(request), asker, asked))


async def _page(hub: Hub, asker: Asker, asked: Pull) -> Page:
    """Waiting holds neither a thread nor a connection; each look is made with what the asker may see by then."""
    until = time.monotonic() + asked.wait
    page = await hub.ask(hub.log.pull, asker.author, asked)
    hub.head.saw(asked.epoch, page.head)
    while not page.entries and not hub.head.stopping and (left := until - time.monotonic()) > 0:
        if hub.head.epoch == asked.epoch and hub.head.seq <= page.next:
            await hub.head.moved.wait(left)
        asked = msgspec.structs.replace(asked, after=page.next, chain=page.chain)
        page = await hub.ask(hub.log.pull, await author_of(hub, asker.token), asked)
        hub.head.saw(asked.epoch, page.head)
    return page


@routes.get("/checksum", responses=answers(Checksum), openapi_extra=SIGNED_IN, response_class=Response)
async def checksum(request: Request, asker: Syncing, seq: Count) -> Response:
    """The checksum of the asker's entries up to `seq`."""
    hub = hub_of(request)
    return json_of(await hub.ask(hub.log.checksum, asker.author, seq))


@routes.get(
    "/streams/{stream:path}", responses=answers(StreamEntries, 404), openapi_extra=SIGNED_IN, response_class=Response
)
async def stream(request: Request, asker: Syncing, stream: Annotated[str, Path(max_length=MOST_STREAM)]) -> Response:
    """All entries of one ticket or account: an old one that the workstation does not hold."""
    hub = hub_of(request)
    entries = await hub.ask(hub.log.stream, asker.author, sayable(stream))
    if entries is None:
        raise not_there()
    return json_of(StreamEntries(entries=entries))


def sayable(text: str) -> str:
    """A text that a database can be asked for. ProblemError 422."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise malformed("it contains characters that no name has")
    return text


def _in_range(*numbers: int) -> None:
    if not all(0 <= number < MOST for number in numbers):
        raise malformed(f"a number is not between 0 and {MOST}")


def _unquoted(chain: str) -> bytes:
    try:
        return base64.b64decode(chain + "=" * (-len(chain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise malformed("chain: not base64url") from None
