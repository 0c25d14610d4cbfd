"""Whether the hub serves, and what it counts."""

from __future__ import annotations

import contextlib
import ipaddress
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.hub import outbox
from console.hub.errors import HubUnavailable
from console.hub.http.asking import author_of, host_of, hub_of, token_of
from console.hub.http.described import answers, answers_with
from console.hub.http.exchange import json_of
from console.hub.http.problems import ProblemError, not_there
from console.hub.metrics import CONTENT_TYPE
from console.wire.answers import Health

_MAY_COUNT: Final = frozenset({"admin", "service"})

routes = APIRouter(tags=["operation"])


@routes.get("/v1/health", responses=answers(Health, signed_in=False), response_class=Response)
async def health(request: Request) -> Response:
    """200 while the hub reaches its database, 503 while it does not. For anybody; tells nothing else."""
    hub = hub_of(request)
    await hub.look()
    return json_of(Health())


@routes.get(
    "/metrics",
    responses=answers_with("text/plain", "Prometheus text", 404),
    openapi_extra={"security": [{"token": []}, {}]},
    response_class=Response,
)
async def metrics(request: Request) -> Response:
    """What the process counts: for this machine itself, and for an admin's or a service's token."""
    hub = hub_of(request)
    if not await _may_count(request):
        raise not_there()
    with contextlib.suppress(HubUnavailable):  # the counts stay as they were, and hub_database_away says why
        hub.metrics.delivering(await hub.ask(outbox.counts, hub.engine))
    return Response(hub.metrics.text(), media_type=CONTENT_TYPE)


async def _may_count(request: Request) -> bool:
    hub = hub_of(request)
    if "authorization" not in request.headers:
        return hub.trusts_loopback and _is_loopback(host_of(request))
    try:
        return (await author_of(hub, token_of(request))).role in _MAY_COUNT
    except ProblemError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
