"""Everything that goes wrong, as a problem document with a sentence (RFC 9457, spec sync.md 2).

A handler raises `ProblemError`, or lets an error of the storage pass: `install` turns each into its answer, also those
that the framework finds (unknown route, method, query). A database that is away is a 503: the workstation keeps its
queue and comes back. No sentence repeats what was sent, and none tells of what the asker may not see.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from console.domain.errors import ConsoleError
from console.hub.errors import CodeRefused, Conflicted, HubNotReady, HubUnavailable, NotSignedIn
from console.hub.limits import TooMany
from console.wire.messages import Conflict, Problem

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 2
"""After which a workstation may come back to a hub whose database is away."""
CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}

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


def not_there(headers: Mapping[str, str] | None = None) -> ProblemError:
    """For what is not there and for what is not the asker's alike."""
    return ProblemError(404, "not-found", "There is nothing here, or it is not for you.", headers=headers)


def malformed(what: str) -> ProblemError:
    return ProblemError(422, "malformed", f"The request is malformed: {what}.")


def too_large(most_bytes: int) -> ProblemError:
    mib = 1024 * 1024
    most = f"{most_bytes // 1024} KiB" if most_bytes < mib else f"{most_bytes // mib} MiB"
    # The rest of the body is not read, so the connection cannot be used again.
    return ProblemError(
        413, "too-large", f"The request is larger than {most}, which is the limit.", headers={"Connection": "close"}
    )


def unavailable(detail: str) -> ProblemError:
    return ProblemError(503, "unavailable", detail, headers={"Retry-After": str(RETRY_AFTER_S)})


def install(app: FastAPI) -> None:
    """Gives the application an answer to each kind of error."""
    for kind, answer in _ANSWERS.items():
        app.add_exception_handler(kind, answer)


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return error.response()


def _conflicted(request: Request, error: Exception) -> Response:
    assert isinstance(error, Conflicted)
    return ProblemError(409, error.conflict.kind, error.sentence, conflict=error.conflict).response()


def _signed_out(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotSignedIn)
    return ProblemError(401, "not-signed-in", error.sentence, headers=CHALLENGE).response()


def _code_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CodeRefused)
    return ProblemError(401, "code-refused", error.sentence, headers=CHALLENGE).response()


def _too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooMany)
    retry = {"Retry-After": str(error.wait_s)}
    return ProblemError(429, "too-many-requests", error.sentence, headers=retry).response()


def _away(request: Request, error: Exception) -> Response:
    _log.warning("%s", error)
    return unavailable("The hub's database is away. Nothing is lost; try again.").response()


def _query(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    said = str(first["msg"])
    return malformed(f"{where}: {said[:1].lower()}{said[1:]}").response()


def _by_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    kind = status.phrase.lower().replace(" ", "-")
    detail = _SENTENCES.get(status, f"{status.phrase}.")
    return ProblemError(status, kind, detail, headers=error.headers).response()


def _cut_off(request: Request, error: Exception) -> Response:
    """Nobody hears it: the connection ended before the request did. It is not a failure of ours."""
    return ProblemError(400, "cut-off", "The request was cut off before its end.").response()


def _callers_mistake(request: Request, error: Exception) -> Response:
    assert isinstance(error, ConsoleError)
    return ProblemError(422, "malformed", error.sentence).response()


def _ours(request: Request, error: Exception) -> Response:
    """The trace is logged by the server; the answer tells nothing of it."""
    return ProblemError(500, "failed", "The hub failed; this is not your mistake. Nothing of yours is lost.").response()


_ANSWERS: Final[dict[type[Exception], Callable[[Request, Exception], Response]]] = {
    ProblemError: _told,
    Conflicted: _conflicted,
    NotSignedIn: _signed_out,
    CodeRefused: _code_refused,
    TooMany: _too_many,
    HubUnavailable: _away,
    HubNotReady: _away,
    RequestValidationError: _query,
    HTTPException: _by_the_framework,
    ClientDisconnect: _cut_off,
    ConsoleError: _callers_mistake,
    Exception: _ours,
}
