"""Attachments: sent in pieces that can be resumed, had by those who see a message that names them (spec sync.md 2).

A piece is `PUT` with `Content-Range: bytes FIRST-LAST/TOTAL`; 202 says in `Upload-Offset` where the next one begins,
201 that the file is whole. `HEAD` says the same of an upload that was interrupted. What no message names is limited
for each person, and removed after a time (`hub.uploads`).
"""

from __future__ import annotations

import errno
import re
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import FileResponse, Response

from console.hub.blobs import CHUNK_BYTES, MOST_BYTES, BlobError, WrongOffset
from console.hub.http.asking import Asker, Syncing, hub_of
from console.hub.http.bodies import capped, expect_type
from console.hub.http.described import SIGNED_IN, Responses, answers_with, problems_of, takes_bytes
from console.hub.http.problems import ProblemError, malformed, not_there, too_large, unavailable
from console.hub.hub import Hub
from console.hub.uploads import TooMuchUnnamed

BYTES: Final = "application/octet-stream"
OFFSET: Final = "Upload-Offset"
"""The header that says how many bytes of the asker's upload the hub holds."""
QUOTA_AGAIN: Final = {"Retry-After": "600"}
"""With too much that is unnamed: a report that names some of it may come at any moment."""
_RANGE: Final = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")
_TAKEN: Final[Responses] = {
    201: {"description": "Whole"},
    202: {"description": "Taken; more is to come"},
    **problems_of(413, 415, 416),
}
_THERE: Final[Responses] = {200: {"description": "Whole"}, **problems_of(404)}

routes = APIRouter(prefix="/v1", tags=["blobs"])
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@routes.put("/blobs/{sha256}", responses=_TAKEN, openapi_extra=takes_bytes(BYTES), response_class=Response)
async def put(request: Request, asker: Syncing, sha256: Sha256) -> Response:
    """One piece of a file, at most 4 MiB; without `Content-Range` the body is all of it."""
    hub, device = hub_of(request), asker.author.device
    expect_type(request, BYTES)
    piece = bytearray()
    async for chunk in capped(request, CHUNK_BYTES):
        piece += chunk
    start, total = _place(request.headers.get("content-range"), len(piece))
    try:
        await hub.ask(hub.uploads.reserve, asker.author, sha256, total)
    except TooMuchUnnamed as error:
        raise ProblemError(429, "too-much-unnamed", error.sentence, headers=QUOTA_AGAIN) from None
    if await hub.ask_disk(hub.blobs.was_sent_by, device, sha256):
        return Response(status_code=201, headers={OFFSET: str(total)})
    try:
        whole = await hub.ask_disk(hub.blobs.append, device, sha256, bytes(piece), start=start, total=total)
    except WrongOffset as wrong:
        raise ProblemError(416, "offset", wrong.sentence, headers={OFFSET: str(wrong.offset)}) from None
    except BlobError as error:
        await hub.ask(hub.uploads.forget, asker.author, sha256)
        raise ProblemError(422, "blob", error.sentence) from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise unavailable("The hub has no room for the file at the moment; it is tried again.") from None
    return Response(status_code=201 if whole else 202, headers={OFFSET: str(start + len(piece))})


@routes.head("/blobs/{sha256}", responses=_THERE, openapi_extra=SIGNED_IN, response_class=Response)
async def head(request: Request, asker: Syncing, sha256: Sha256) -> Response:
    """Whether the hub holds the file for the asker (200), and how much of an upload by this workstation (404)."""
    hub, device = hub_of(request), asker.author.device
    if await hub.ask_disk(hub.blobs.was_sent_by, device, sha256) or await _may_have(hub, asker, sha256):
        path = hub.blobs.path(sha256)
        if path is not None:
            size = str(path.stat().st_size)
            return Response(status_code=200, headers={"Content-Length": size, OFFSET: size})
    offset = await hub.ask_disk(hub.blobs.offset, device, sha256)
    raise not_there({OFFSET: str(offset)})


@routes.get(
    "/blobs/{sha256}",
    responses=answers_with(BYTES, "The file; `Range` is understood", 404, 416),
    openapi_extra=SIGNED_IN,
    response_class=Response,
)
async def get(request: Request, asker: Syncing, sha256: Sha256) -> Response:
    """The file, for those who see a message that names it."""
    hub = hub_of(request)
    path = hub.blobs.path(sha256) if await _may_have(hub, asker, sha256) else None
    if path is None:
        raise not_there()
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, media_type=BYTES, filename=sha256, headers=headers)


async def _may_have(hub: Hub, asker: Asker, sha256: str) -> bool:
    return await hub.ask(hub.log.sees_attachment, asker.author, sha256)


def _place(content_range: str | None, size: int) -> tuple[int, int]:
    """Where a piece begins, and how large the whole is."""
    if content_range is None:
        return 0, size
    found = _RANGE.fullmatch(content_range.strip())
    if found is None:
        raise malformed("Content-Range: not bytes FIRST-LAST/TOTAL")
    first, last, total = map(int, found.groups())
    if total > MOST_BYTES:
        raise too_large(MOST_BYTES)
    if last - first + 1 != size or last >= total:
        raise malformed("Content-Range: not the range of the body")
    return first, total
