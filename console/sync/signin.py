"""Getting into a hub: with a one-time code, or through the organisation's identity provider in the system's browser.

The second is OIDC's authorization code with PKCE (S256) and a loopback redirect (RFC 8252): a port of our own on
127.0.0.1 takes one answer, whose `state` must be ours; the hub alone speaks to the provider and checks the ID token,
with our `nonce` in it. Called by the desk's connecting, in an event loop. Source: spec sync.md 5.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
import secrets
import webbrowser
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from console.domain.errors import ConsoleError
from console.sync.http import HubClient, is_this_machine
from console.wire.messages import Enrolled
from console.wire.signin import SignIn, SignInOffer

WAIT_S: Final = 300.0
"""How long somebody may take in the browser."""
PATH: Final = "/signed-in"
_READ_S: Final = 5.0
_MOST_BYTES: Final = 16 * 1024

OpenBrowser = Callable[[str], bool]


class SignInError(ConsoleError):
    """Nobody signed in."""


async def sign_in(
    client: HubClient,
    offer: SignInOffer,
    device_name: str,
    *,
    open_browser: OpenBrowser = webbrowser.open,
    tell: Callable[[str], object] | None = None,
    wait_s: float = WAIT_S,
) -> Enrolled:
    """Opens the browser, waits for what it brings back, and lets the hub redeem it. `tell` hears the address, for a
    person whose browser does not open by itself. Errors: SignInError, HubFailure."""
    if not _is_safe(offer.authorization_endpoint):
        raise SignInError("The hub names a sign-in page without HTTPS, which is not opened.")
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    answers: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    server = await asyncio.start_server(lambda r, w: _take(r, w, state, answers), "127.0.0.1", 0, limit=_MOST_BYTES)
    async with server:
        redirect_uri = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{PATH}"
        address = _address(offer, redirect_uri, state=state, nonce=nonce, verifier=verifier)
        if tell is not None:
            tell(address)
        opened = await asyncio.to_thread(open_browser, address)
        if not opened and tell is None:
            raise SignInError("No browser could be opened to sign in.")
        try:
            async with asyncio.timeout(wait_s):
                answer = await answers.get()
        except TimeoutError:
            raise SignInError("Nobody signed in within the time that there was; try again.") from None
    if "code" not in answer:
        said = answer.get("error_description") or answer.get("error") or "it gave no reason"
        raise SignInError(f"The sign-in page did not let you in: {said.rstrip('.')}.")
    return await client.sign_in(
        SignIn(
            code=answer["code"],
            verifier=verifier,
            redirect_uri=redirect_uri,
            nonce=nonce,
            device_name=device_name,
        )
    )


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or ""))


def _address(offer: SignInOffer, redirect_uri: str, *, state: str, nonce: str, verifier: str) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": offer.client_id,
        "scope": offer.scope,
        "redirect_uri": redirect_uri,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    joined = "&" if urlsplit(offer.authorization_endpoint).query else "?"
    return f"{offer.authorization_endpoint}{joined}{urlencode(asked)}"


async def _take(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, state: str, answers: asyncio.Queue[dict[str, str]]
) -> None:
    """One request of a browser. Only one with our `state` is an answer; everything else, a favicon or another program
    that knocks at the port, changes nothing."""
    try:
        async with asyncio.timeout(_READ_S):
            request = await reader.readuntil(b"\r\n\r\n")
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        writer.close()
        return
    given = _brought(request, state)
    if given is None:
        page = _page("404 Not Found", "There is nothing at this address.")
    else:
        signed_in = "signed in" if "code" in given else "not signed in"
        page = _page("200 OK", f"You are {signed_in}. Close this page and go back to Support Console.")
        answers.put_nowait(given)
    try:
        writer.write(page)
        await writer.drain()
    except ConnectionError:
        pass  # the browser went away; what it brought is here
    finally:
        writer.close()


def _brought(request: bytes, state: str) -> dict[str, str] | None:
    """What an answer to our question brings; None for any other request."""
    method, _, rest = request.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    try:
        target = urlsplit(rest.partition(" ")[0])
    except ValueError:  # such as an address with half of a pair of brackets
        return None
    given = {name: values[0] for name, values in parse_qs(target.query).items()}
    ours = secrets.compare_digest(given.get("state", "").encode(), state.encode())
    return given if ours and method == "GET" and target.path == PATH else None


def _page(status: str, sentence: str) -> bytes:
    body = f'<!doctype html><meta charset="utf-8"><title>Support Console</title><p>{html.escape(sentence)}</p>'.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
