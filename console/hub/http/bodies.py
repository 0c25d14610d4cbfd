"""What was sent: JSON bodies, their size capped before they are parsed (spec sync.md 5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, TypeVar

import msgspec
from fastapi import Request

from console.hub.http.problems import ProblemError, malformed, too_large

SMALL_BODY: Final = 16 * 1024
"""For everything but a push or a piece of a blob."""
COURTESY: Final = 8 * 1024 * 1024
"""How much of a body that is too large is read nevertheless."""
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
    """The pieces of a body, `most` bytes at most; then 413. What is beyond is read and dropped, as far as COURTESY: a
    client that is still writing would else see a broken connection in place of the answer."""
    announced = request.headers.get("content-length", "")
    size = 0
    too_much = announced.isdigit() and int(announced) > most
    async for chunk in request.stream():
        size += len(chunk)
        too_much = too_much or size > most
        if not too_much:
            yield chunk
        elif size > most + COURTESY:
            break
    if too_much:
        raise too_large(most)


def _said(error: Exception) -> str:
    """What msgspec says names types and places, never the values that were sent."""
    if isinstance(error, msgspec.ValidationError):
        said = str(error)
        return f"{said[:1].lower()}{said[1:]}"
    return "it is not JSON"
