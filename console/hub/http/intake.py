"""What services report: a customer's message, a purchase, an alert. For the tokens of services only."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.channels.reports import MOST_REPORT_BYTES, SHAPES, ReportError, read_report
from console.hub.http.asking import Syncing, hub_of
from console.hub.http.bodies import JSON, capped, expect_type
from console.hub.http.described import SIGNED_IN, answers, one_of
from console.hub.http.exchange import json_of
from console.hub.http.problems import ProblemError, not_there
from console.hub.intake import NotYours, ReportConflict, Taken
from console.hub.placing import NotPlaced

routes = APIRouter(prefix="/v1", tags=["intake"])
_BODY: Final = {"requestBody": {"required": True, "content": {JSON: {"schema": one_of(SHAPES, "kind")}}}}


@routes.post(
    "/intake",
    responses=answers(Taken, 404, 409, 413, 415),
    openapi_extra={**_BODY, **SIGNED_IN},
    response_class=Response,
)
async def intake(request: Request, asker: Syncing) -> Response:
    """Records a report once, and says which ticket it went to. The same report again gets the same answer; the same
    external id with other content is a 409. 404 where the service does not see what it reports about."""
    hub = hub_of(request)
    if asker.author.role != "service":
        raise not_there()
    expect_type(request, JSON)
    body = bytearray()
    async for chunk in capped(request, MOST_REPORT_BYTES):
        body += chunk
    try:
        taken = await hub.ask_intake(asker.author, read_report(bytes(body)))
    except ReportConflict as error:
        raise ProblemError(409, "report-conflict", error.sentence) from None
    except NotYours:
        raise not_there() from None
    except (NotPlaced, ReportError) as error:
        raise ProblemError(422, "not-taken", error.sentence) from None
    return json_of(taken)
