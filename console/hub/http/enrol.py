"""How a workstation gets its identity: by a one-time code, by the identity provider, or one more when it was cloned.

What needs no token is limited by network address: codes can be guessed at, and a provider is dear to ask.
"""

from __future__ import annotations

from typing import Final

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from console.hub.admission import admitted
from console.hub.http.asking import Syncing, host_of, hub_of
from console.hub.http.bodies import read_json
from console.hub.http.described import SIGNED_IN, Responses, answers, problems_of, takes
from console.hub.http.exchange import json_of, sayable
from console.hub.http.problems import CHALLENGE, ProblemError, malformed, not_there, unavailable
from console.hub.oidc import ProviderUnavailable, SignInRefused
from console.wire.answers import NewDevice
from console.wire.messages import Enrol, Enrolled
from console.wire.signin import SignIn, SignInOffer

MOST_NAME: Final = 200
"""Characters of a workstation's name."""
_ENROL: Final = msgspec.json.Decoder(Enrol)
_SIGN_IN: Final = msgspec.json.Decoder(SignIn)

_LEFT: Final[Responses] = {204: {"description": "Signed out"}, **problems_of()}

routes = APIRouter(prefix="/v1", tags=["identity"])


@routes.post(
    "/enrol",
    responses=answers(Enrolled, 401, 413, 415, signed_in=False),
    openapi_extra=takes(Enrol, signed_in=False),
    response_class=Response,
)
async def enrol(request: Request) -> Response:
    """A device and its token for a one-time code. The token is told here and never again."""
    hub = hub_of(request)
    hub.buckets.take_address("enrol", host_of(request))
    said = await read_json(request, _ENROL)
    return _secret(await hub.ask(hub.people.redeem, sayable(said.code), _name(said.device_name)))


@routes.post("/devices", responses=answers(NewDevice), openapi_extra=SIGNED_IN, response_class=Response)
async def devices(request: Request, asker: Syncing) -> Response:
    """Another device id under the same token, for a workstation whose own is used by a copy of it."""
    hub = hub_of(request)
    return json_of(NewDevice(device=await hub.ask(hub.people.new_device, asker.author)))


@routes.delete("/devices/self", status_code=204, responses=_LEFT, openapi_extra=SIGNED_IN, response_class=Response)
async def leave(request: Request, asker: Syncing) -> Response:
    """Signs this workstation out: its token and its devices are good for nothing any more."""
    hub = hub_of(request)
    await hub.ask(hub.people.revoke, asker.author.person, asker.author.device)
    return Response(status_code=204)


@routes.get("/oidc", responses=answers(SignInOffer, 404, signed_in=False), response_class=Response)
async def oidc(request: Request) -> Response:
    """Where the organisation's people sign in; 404 where they get in by codes only."""
    hub = hub_of(request)
    hub.buckets.take_address("enrol", host_of(request))
    if hub.provider is None:
        raise not_there()
    try:
        return json_of(await hub.provider.offer())
    except ProviderUnavailable as error:
        raise unavailable(error.sentence) from None


@routes.post(
    "/oidc/enrol",
    responses=answers(Enrolled, 401, 404, 413, 415, signed_in=False),
    openapi_extra=takes(SignIn, signed_in=False),
    response_class=Response,
)
async def oidc_enrol(request: Request) -> Response:
    """A device and its token for somebody whom the identity provider vouches for."""
    hub = hub_of(request)
    hub.buckets.take_address("enrol", host_of(request))
    said = await read_json(request, _SIGN_IN)
    if hub.provider is None:
        raise not_there()
    device_name = _name(said.device_name)
    try:
        identity = await hub.provider.identity(said)
        return _secret(await hub.ask(admitted, hub.engine, hub.people, identity, device_name))
    except ProviderUnavailable as error:
        raise unavailable(error.sentence) from None
    except SignInRefused as error:
        raise ProblemError(401, "sign-in-refused", error.sentence, headers=CHALLENGE) from None


def _name(text: str) -> str:
    name = " ".join(sayable(text).split())
    if not 0 < len(name) <= MOST_NAME or not name.isprintable():
        raise malformed(f"device_name: give it 1 to {MOST_NAME} characters that can be printed")
    return name


def _secret(enrolled: Enrolled) -> Response:
    answer = json_of(enrolled)
    answer.headers["Cache-Control"] = "no-store"
    return answer
