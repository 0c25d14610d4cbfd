"""Who asks: the person and device behind a token, within the rate of what they ask for.

A token stands in the `Authorization` header, never in an address. A workstation whose token was revoked is told so, and
deletes what it holds (spec sync.md 5).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, cast

import msgspec
from fastapi import Depends, Request

from console.domain.push import Author
from console.hub.http.problems import CHALLENGE, ProblemError
from console.hub.hub import Hub
from console.hub.limits import Kind
from console.wire.messages import WIRE_HEADER, WIRE_VERSION

MIN_WIRE: Final = 1
"""The oldest protocol that this hub understands."""
MOST_TOKEN: Final = 200
"""Longer than any token; what is longer is none and not looked up."""

_MOST_DIGITS: Final = 9
_UNKNOWN: Final = (
    "The hub does not know the sign-in of this workstation, perhaps because it was restored from an older backup; sign "
    "in again under the same name, and what waits here is handed in."
)


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, as of this request."""

    author: Author
    token: str


def hub_of(request: Request) -> Hub:
    return cast(Hub, request.app.state.hub)


async def author_of(hub: Hub, token: str) -> Author:
    """The author behind a token, now. ProblemError 401."""
    author = await hub.ask(hub.people.who, token) if 0 < len(token) <= MOST_TOKEN else None
    if author is None:
        raise await _why_not(hub, token)
    return author


def token_of(request: Request) -> str:
    """The bearer token of a request; empty where it has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def host_of(request: Request) -> str:
    """The address that a request comes from; behind a proxy the one that the proxy names."""
    return request.client.host if request.client is not None else ""


def _asks(kind: Kind) -> Callable[[Request], Awaitable[Asker]]:
    async def asker(request: Request) -> Asker:
        hub, token = hub_of(request), token_of(request)
        _refuse_old(request)
        author = await author_of(hub, token)
        hub.buckets.take(kind, person=author.person, device=author.device)
        return Asker(author=author, token=token)

    return asker


Syncing = Annotated[Asker, Depends(_asks("sync"))]
Loading = Annotated[Asker, Depends(_asks("snapshot"))]
Appearing = Annotated[Asker, Depends(_asks("presence"))]
Searching = Annotated[Asker, Depends(_asks("search"))]


def refuse_too_old(wire: int) -> None:
    """ProblemError 426 for a protocol that is not understood here any more; the workstation keeps its queue."""
    if wire < MIN_WIRE:
        raise ProblemError(
            426,
            "wire-too-old",
            "This workstation needs a newer version of Support Console; what it holds is kept.",
            headers={"Upgrade": f"support-console/{WIRE_VERSION}", "Connection": "Upgrade"},
        )


def _refuse_old(request: Request) -> None:
    said = request.headers.get(WIRE_HEADER, "")
    if said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS:
        refuse_too_old(int(said))


async def _why_not(hub: Hub, token: str) -> ProblemError:
    standing = await hub.ask(hub.people.standing, token) if 0 < len(token) <= MOST_TOKEN else "unknown"
    match standing:
        case "revoked":
            kind, detail = (
                "revoked",
                "This workstation was signed out by an admin; what it holds of the hub is deleted.",
            )
        case "expired":
            kind, detail = "expired", "The sign-in of this workstation is too old; sign in again."
        case _:
            kind, detail = "not-signed-in", _UNKNOWN if token else "Sign in first."
    return ProblemError(401, kind, detail, headers=CHALLENGE)
