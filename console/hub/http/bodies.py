"""What was sent: JSON bodies, their size capped before they are parsed (spec sync.md 5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, TypeVar

import msgspec
from fastapi import Request

from console.hub.http.problems import ProblemError, malformed, too_large

SMALL_BODY: Final = 16 * 1024
"""For everything but a push or a piece of a blob."""
JSON: Final = "application/json"

_T = TypeVar("_T")


async def read_json(request: Request, decoder: msgspec.json.Decoder[_T], *, most: int = SMALL_BODY) -> _T:
    """The message in a body. Errors: 415 other than JSON, 413 too large, 422 not such a message."""
    expect_type(request, JSON)
    body = bytearray()
    async for chunk in capped(request, most):
        body += chunk
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(_said(error)) from None


def expect_type(request: Request, media_type: str) -> None:
    given = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if given != media_type:
        raise ProblemError(415, "unsupported-media-type", f"Send {media_type}.", headers={"Accept": media_type})
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(
            415, "unsupported-media-type", "Send it uncompressed.", headers={"Accept-Encoding": "identity"}
        )


async def capped(request: Request, most: int) -> AsyncIterator[bytes]:
    """The pieces of a body; 413 as soon as it is known to be larger than `most` bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise too_large(most)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise too_large(most)
        yield chunk


def _said(error: Exception) -> str:
    """What msgspec says names types and places, never the values that were sent."""
    if isinstance(error, msgspec.ValidationError):
        said = str(error)
        return f"{said[:1].lower()}{said[1:]}"
    return "it is not JSON"
