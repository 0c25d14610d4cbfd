"""The OpenAPI document: bodies and answers are msgspec's, so their schemas are written from the messages themselves.

Routes say what they take and answer (`takes`, `answers`), `describe` puts the schemas into the application's document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from fastapi import FastAPI

from console.channels import reports
from console.hub.http.bodies import JSON
from console.hub.http.problems import MEDIA_TYPE
from console.hub.intake import Taken
from console.wire import answers as told
from console.wire import messages as wire
from console.wire import signin

SHAPES: Final = (
    wire.Hello,
    wire.Welcome,
    wire.Push,
    wire.Pushed,
    wire.Page,
    wire.Checksum,
    wire.Enrol,
    wire.Enrolled,
    wire.Presence,
    wire.Poke,
    wire.Problem,
    told.StreamEntries,
    told.Found,
    told.NewDevice,
    told.Health,
    signin.SignInOffer,
    signin.SignIn,
    Taken,
    *reports.SHAPES,
)
SIGNED_IN: Final[dict[str, Any]] = {"security": [{"token": []}]}
_AT: Final = "#/components/schemas/"
_SAID: Final[Mapping[int, str]] = {
    401: "Not signed in, revoked or expired.",
    404: "Not there, or not for the asker.",
    409: "The two logs do not meet; `conflict` says how.",
    413: "Too large.",
    415: "Of another type than the one that is taken.",
    416: "The upload stands elsewhere; `Upload-Offset` says where.",
    422: "Malformed.",
    426: "The workstation's protocol is too old.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "The database is away; `Retry-After` says when to come back.",
}

Responses = dict[int | str, dict[str, Any]]


def answers(shape: type[msgspec.Struct], *problems: int, status: int = 200, signed_in: bool = True) -> Responses:
    """A JSON answer, and the problems that a route may answer instead."""
    content = {JSON: {"schema": {"$ref": f"{_AT}{shape.__name__}"}}}
    return {status: {"description": shape.__name__, "content": content}, **problems_of(*problems, signed_in=signed_in)}


def answers_with(media_type: str, says: str, *problems: int, status: int = 200) -> Responses:
    """An answer that is not JSON."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {status: {"description": says, "content": content}, **problems_of(*problems)}


def problems_of(*problems: int, signed_in: bool = True) -> Responses:
    everywhere = (401, 422, 426, 429, 503) if signed_in else (422, 429, 503)
    return {
        status: {
            "description": _SAID[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_AT}Problem"}}},
        }
        for status in sorted({*everywhere, *problems})
    }


def takes(shape: type[msgspec.Struct], *, signed_in: bool = True) -> dict[str, Any]:
    """A JSON body."""
    body = {"required": True, "content": {JSON: {"schema": {"$ref": f"{_AT}{shape.__name__}"}}}}
    return {"requestBody": body, **(SIGNED_IN if signed_in else {})}


def one_of(shapes: Sequence[type[msgspec.Struct]], tag: str) -> dict[str, Any]:
    """The schema of a JSON body that is one of several shapes, told apart by a field."""
    return {"oneOf": [{"$ref": f"{_AT}{shape.__name__}"} for shape in shapes], "discriminator": {"propertyName": tag}}


def takes_bytes(media_type: str) -> dict[str, Any]:
    body = {"required": True, "content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}
    return {"requestBody": body, **SIGNED_IN}


def describe(app: FastAPI, shapes: Sequence[type[msgspec.Struct]] = SHAPES) -> None:
    """Makes the application's document hold the schemas of all messages, and the token as its way to sign in."""
    made_by_framework = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            whole = made_by_framework()
            _, schemas = msgspec.json.schema_components(shapes, ref_template=_AT + "{name}")
            components = whole.setdefault("components", {})
            components["schemas"] = schemas
            components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            app.openapi_schema = whole
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
