"""How a workstation speaks to its hub: the requests of spec sync.md 2 over HTTP, their answers as messages.

Everything that goes wrong is a `HubFailure` with a sentence. Called by `engine`, `signin` and the desk's connecting, in
one event loop; large answers are decoded in a thread. TLS is verified by the system's store of certificates, plain HTTP
goes to this machine only, and the token travels in a header. Instants are epoch ms, UTC.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec

import console
from console.domain.errors import ConsoleError
from console.sync.failures import HubFailure, failure_of
from console.sync.snapshot import Snapshot
from console.wire.answers import NewDevice
from console.wire.messages import (
    WIRE_HEADER,
    WIRE_VERSION,
    Checksum,
    Enrol,
    Enrolled,
    Hello,
    Page,
    Poke,
    Presence,
    Pull,
    Push,
    Pushed,
    Welcome,
)
from console.wire.signin import SignIn, SignInOffer

CONNECT_S: Final = 10.0
ASK_S: Final = 20.0
"""For a small question. A push may wait for the hub's lock, a stream for its next piece."""
PUSH_S: Final = 60.0
STREAM_S: Final = 60.0
SILENT_S: Final = 50.0
"""A stream of pokes that says nothing for so long is dead: the hub sends a sign of life each 15 s."""

_LARGE: Final = 64 * 1024
_ENCODER: Final = msgspec.json.Encoder()

T = TypeVar("T")


class HubAddressError(ConsoleError):
    """An address at which no hub can be."""


def hub_address(text: str) -> str:
    """An address as a person gives it, in the one spelling under which it is remembered. Without a scheme it is HTTPS.

    Errors: HubAddressError, also for plain HTTP to another machine.
    """
    given = text.strip()
    parts = urlsplit(given if "://" in given else f"https://{given}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme not in ("https", "http") or not host or parts.query or parts.fragment or "@" in parts.netloc:
        raise HubAddressError(
            f"{given or 'That'} is not the address of a hub; give one such as https://hub.example.org."
        )
    if parts.scheme == "http" and not is_this_machine(host):
        raise HubAddressError(f"Plain HTTP goes to this machine only; give https://{host} as the address of the hub.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{'' if port is None else f':{port}'}{parts.path.rstrip('/')}"


def is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HubClient:
    """The connection to one hub. `token` may be set later, or to another. Making one reads the system's certificates
    (50 ms): do it in a thread. Use as a context manager, or `close`."""

    def __init__(self, url: str, token: str = "", *, verify: ssl.SSLContext | None = None) -> None:
        """Errors: HubAddressError."""
        self.url = hub_address(url)
        self.token = token
        plain = self.url.startswith("http://")
        self._http = httpx2.AsyncClient(
            verify=False if plain else verify or httpx2.create_ssl_context(),
            trust_env=not plain,
            headers={"User-Agent": f"support-console/{console.__version__}", WIRE_HEADER: str(WIRE_VERSION)},
            timeout=httpx2.Timeout(ASK_S, connect=CONNECT_S),
            follow_redirects=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> HubClient:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    # Getting in

    async def enrol(self, code: str, device_name: str) -> Enrolled:
        return await self._ask("POST", "/v1/enrol", Enrolled, body=Enrol(code=code, device_name=device_name))

    async def sign_in_offer(self) -> SignInOffer | None:
        """Where the hub's people sign in; None where they get in by codes only."""
        try:
            return await self._ask("GET", "/v1/oidc", SignInOffer)
        except HubFailure as failure:
            if failure.status == 404:
                return None
            raise

    async def sign_in(self, sign_in: SignIn) -> Enrolled:
        return await self._ask("POST", "/v1/oidc/enrol", Enrolled, body=sign_in)

    async def new_device(self) -> str:
        """Another device id for a workstation that was cloned."""
        return (await self._ask("POST", "/v1/devices", NewDevice)).device

    async def leave(self) -> None:
        """Revokes this device and its token."""
        await self._request("DELETE", "/v1/devices/self")

    # The log

    async def hello(self, hello: Hello) -> Welcome:
        return await self._ask("POST", "/v1/hello", Welcome, body=hello)

    async def push(self, push: Push) -> Pushed:
        return await self._ask("POST", "/v1/push", Pushed, body=push, read_s=PUSH_S)

    async def pull(self, pull: Pull) -> Page:
        asked = {
            "after": pull.after,
            "chain": _base64url(pull.chain),
            "epoch": pull.epoch,
            "scopever": pull.scopever,
            "limit": pull.limit,
            "wait": pull.wait,
        }
        return await self._ask("GET", "/v1/pull", Page, asked=asked, read_s=ASK_S + pull.wait)

    async def checksum(self, seq: int) -> Checksum:
        return await self._ask("GET", "/v1/checksum", Checksum, asked={"seq": seq}, read_s=STREAM_S)

    @asynccontextmanager
    async def snapshot(
        self, scopes: Sequence[str], *, after: int = 0, upto: int | None = None
    ) -> AsyncIterator[Snapshot]:
        """All entries of the scopes behind `after` up to `upto` (the hub's head when None), read while they come."""
        asked: dict[str, Any] = {"scopes": list(scopes), "after": after}
        if upto is not None:
            asked["upto"] = upto
        timeout = httpx2.Timeout(STREAM_S, connect=CONNECT_S)
        try:
            async with self._http.stream(
                "GET",
                self.url + "/v1/snapshot",
                params=asked,
                headers={**self._signed(), "Accept-Encoding": "identity"},
                timeout=timeout,
            ) as response:
                await self._refuse_failure(response)
                yield Snapshot(response, self._not_a_hub)
        except httpx2.HTTPError as error:
            raise self._unreachable(error) from error

    # What happens elsewhere

    async def pokes(self) -> AsyncIterator[Poke]:
        """What the hub says while it says something; ends when the connection does."""
        decoder = msgspec.json.Decoder(Poke)
        timeout = httpx2.Timeout(SILENT_S, connect=CONNECT_S)
        try:
            async with self._http.sse(self.url + "/v1/poke", headers=self._signed(), timeout=timeout) as source:
                await self._refuse_failure(source.response)
                async for event in source:
                    if event.data:
                        yield decoder.decode(event.data)
        except httpx2.HTTPError as error:
            raise self._unreachable(error) from error
        except msgspec.DecodeError as error:
            raise HubFailure(self._not_a_hub) from error

    async def say_presence(self, presence: Presence) -> None:
        await self._request("POST", "/v1/presence", body=presence)

    # One request

    async def _ask(
        self,
        method: str,
        path: str,
        answer: type[T],
        *,
        asked: Mapping[str, Any] | None = None,
        body: msgspec.Struct | None = None,
        read_s: float = ASK_S,
    ) -> T:
        content = await self._request(method, path, asked=asked, body=body, read_s=read_s)
        try:
            if len(content) > _LARGE:
                return await asyncio.to_thread(msgspec.json.decode, content, type=answer)
            return msgspec.json.decode(content, type=answer)
        except msgspec.DecodeError as error:
            raise HubFailure(self._not_a_hub) from error

    async def _request(
        self,
        method: str,
        path: str,
        *,
        asked: Mapping[str, Any] | None = None,
        body: msgspec.Struct | None = None,
        read_s: float = ASK_S,
    ) -> bytes:
        """What the hub answers, where it did what was asked."""
        headers = self._signed()
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            response = await self._http.request(
                method,
                self.url + path,
                params=asked,
                content=None if body is None else _ENCODER.encode(body),
                headers=headers,
                timeout=httpx2.Timeout(read_s, connect=CONNECT_S),
            )
        except httpx2.HTTPError as error:
            raise self._unreachable(error) from error
        await self._refuse_failure(response)
        return response.content

    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def _refuse_failure(self, response: httpx2.Response) -> None:
        if response.status_code in (200, 201, 202, 204):
            return
        content = await response.aread()
        raise failure_of(response.status_code, response.headers, content, self._not_a_hub)

    @property
    def _not_a_hub(self) -> str:
        return f"What answers at {self.url} is not a hub of this program."

    def _unreachable(self, error: httpx2.HTTPError) -> HubFailure:
        if isinstance(error, httpx2.TimeoutException):
            return HubFailure(f"The hub at {self.url} did not answer in time.")
        if isinstance(_root_of(error), ssl.SSLCertVerificationError):
            return HubFailure(f"The certificate of {self.url} is not one that this machine trusts.")
        if isinstance(error, httpx2.ConnectError):
            return HubFailure(f"The hub at {self.url} cannot be reached.")
        return HubFailure(f"The connection to the hub at {self.url} broke off.")


def _root_of(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
