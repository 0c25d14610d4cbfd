"""Everything that goes wrong, as a problem document with a sentence (RFC 9457, spec sync.md 2).

A handler raises `ProblemError`, or lets an error of the storage pass: `install` turns each into its answer, also those
that the framework finds (unknown route, method, query). A database that is away is a 503: the workstation keeps its
queue and comes back. No sentence repeats what was sent, and none tells of what the asker may not see.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.domain.errors import ConsoleError
from console.hub.away import AWAY
from console.hub.log import Conflicted
from console.wire.messages import Conflict, Problem

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 2
"""After which a workstation may come back to a hub whose database is away."""

_log: Final = logging.getLogger(__name__)
_SENTENCES: Final[Mapping[int, str]] = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
}


class ProblemError(Exception):
    """An answer that is a problem. `kind` is the last part of its type, `detail` a sentence for a person."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        conflict: Conflict | None = None,
    ) -> None:
        super().__init__(detail)
        self.headers = dict(headers or {})
        self.problem = Problem(
            type=f"/problems/{kind}",
            title=HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            conflict=conflict,
        )

    def response(self) -> Response:
        return Response(
            msgspec.json.encode(self.problem),
            status_code=self.problem.status,
            headers={**self.headers, "Cache-Control": "no-store"},
            media_type=MEDIA_TYPE,
        )


def not_there() -> ProblemError:
    """For what is not there and for what is not the asker's alike."""
    return ProblemError(404, "not-found", "There is nothing here, or it is not for you.")


def malformed(what: str) -> ProblemError:
    return ProblemError(422, "malformed", f"The request is malformed: {what}.")


def too_large(most_bytes: int) -> ProblemError:
    most = f"{most_bytes // 1024} KiB" if most_bytes < 1024 * 1024 else f"{most_bytes // 1024 // 1024} MiB"
    # What is left of the body is not read, so the connection cannot be used again.
    return ProblemError(
        413, "too-large", f"The request is larger than {most}, which is the limit.", headers={"Connection": "close"}
    )


def unavailable(detail: str, *, retry_after_s: int = RETRY_AFTER_S) -> ProblemError:
    return ProblemError(503, "unavailable", detail, headers={"Retry-After": str(retry_after_s)})


def install(app: FastAPI) -> None:
    """Gives the application an answer to each kind of error."""
    app.add_exception_handler(ProblemError, _told)
    app.add_exception_handler(Conflicted, _conflicted)
    app.add_exception_handler(RequestValidationError, _query)
    app.add_exception_handler(HTTPException, _by_the_framework)
    app.add_exception_handler(ConsoleError, _callers_mistake)
    for away in AWAY:
        app.add_exception_handler(away, _away)
    app.add_exception_handler(Exception, _ours)


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return error.response()


_CONFLICTS: Final = {
    "epoch": "The hub's log was restored or replaced since the last contact.",
    "gap": "The hub does not know the last entries of this workstation.",
    "diverged": "The workstation's log is not a part of the hub's.",
    "rescope": "What you may see has changed.",
}


def _conflicted(request: Request, error: Exception) -> Response:
    assert isinstance(error, Conflicted)
    conflict = error.conflict
    return ProblemError(409, conflict.kind, _CONFLICTS[conflict.kind], conflict=conflict).response()


def _query(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    said = str(first["msg"])
    return malformed(f"{where}: {said[:1].lower()}{said[1:]}").response()


def _by_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    kind = HTTPStatus(status).phrase.lower().replace(" ", "-")
    detail = _SENTENCES.get(status, f"{HTTPStatus(status).phrase}.")
    return ProblemError(status, kind, detail, headers=error.headers).response()


def _callers_mistake(request: Request, error: Exception) -> Response:
    assert isinstance(error, ConsoleError)
    return ProblemError(422, "malformed", error.sentence).response()


def _away(request: Request, error: Exception) -> Response:
    _log.warning("the database is away: %s", type(error).__name__)
    return unavailable("The hub's database is away; nothing is lost, try again.").response()


def _ours(request: Request, error: Exception) -> Response:
    """The trace is logged by the server; the answer tells nothing of it."""
    return ProblemError(500, "failed", "The hub failed; this is not your mistake. Nothing of yours is lost.").response()
