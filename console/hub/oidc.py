"""Signing in with an organisation's identity provider: OIDC authorization code + PKCE (spec sync.md 5).

Touches the network, the provider only. The workstation brings the code from the browser; the hub redeems it with the
workstation's verifier, checks the ID token (signature, issuer, audience, times, nonce), and reads person and role from
its claims; `admission` does the rest.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.domain.access import Role
from console.domain.errors import ConsoleError
from console.hub.hub_file import LOOPBACK, OidcSettings, is_safe_url
from console.wire.signin import SignIn, SignInOffer

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that only the provider has; never `none`, never a shared secret."""
LEEWAY_S: Final = 60
"""How far the provider's clock may be from ours."""
TIMEOUT_S: Final = 10.0
MOST_BYTES: Final = 1024 * 1024
"""Of any answer of the provider."""
KNOWN_FOR_S: Final = 3600.0
"""How long the provider's addresses and keys are remembered."""
KEYS_APART_S: Final = 30.0
"""The least time between two requests for keys, however many tokens name an unknown one."""
MOST_PERSON: Final = 200

T = TypeVar("T")


class ProviderUnavailable(ConsoleError):
    """The provider cannot be reached, or does not answer as one."""


class SignInRefused(ConsoleError):
    """The provider or the hub does not let this person in."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the provider vouches for. `role` is None where its claims say nothing of one."""

    issuer: str
    subject: str
    person: str
    role: Role | None


class _Discovered(msgspec.Struct, frozen=True, kw_only=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Tokens(msgspec.Struct, frozen=True, kw_only=True):
    id_token: str


class Provider:
    """One identity provider. Lives in one event loop."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        self._found: tuple[float, _Discovered] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def offer(self) -> SignInOffer:
        """Where a workstation sends its person. Raises ProviderUnavailable."""
        found = await self._discovered()
        return SignInOffer(
            issuer=found.issuer,
            authorization_endpoint=found.authorization_endpoint,
            client_id=self.settings.client_id,
            scope=self.settings.scope,
        )

    async def identity(self, sign_in: SignIn) -> Identity:
        """Redeems a code. Raises SignInRefused, ProviderUnavailable."""
        redirect = urlsplit(sign_in.redirect_uri)
        if redirect.scheme != "http" or redirect.hostname not in LOOPBACK:
            raise SignInRefused("The sign-in did not come back to a workstation of this machine's own.")
        found = await self._discovered()
        claims = await self._claims(found, await self._redeemed(found, sign_in))
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), sign_in.nonce.encode()):
            raise SignInRefused("The sign-in is not the one that this workstation began; try again.")
        return Identity(
            issuer=found.issuer,
            subject=str(claims["sub"]),
            person=_person(claims, self.settings.person_claim),
            role=_role(claims, self.settings),
        )

    async def _redeemed(self, found: _Discovered, sign_in: SignIn) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": sign_in.code,
            "code_verifier": sign_in.verifier,
            "redirect_uri": sign_in.redirect_uri,
            "client_id": self.settings.client_id,
        }
        if self.settings.client_secret is not None:
            form["client_secret"] = self.settings.client_secret
        status, body = await _asked("POST", found.token_endpoint, form)
        if 400 <= status < 500:
            raise SignInRefused("The identity provider did not take the sign-in; try again.")
        return _decoded(status, body, _Tokens).id_token

    async def _claims(self, found: _Discovered, id_token: str) -> Mapping[str, Any]:
        try:
            try:
                token = jwt.decode(id_token, await self._key_set(found), algorithms=ALGORITHMS)
            except (JoseError, ValueError):  # perhaps signed with a key that is newer than those we know
                token = jwt.decode(id_token, await self._key_set(found, anew=True), algorithms=ALGORITHMS)
            self._claims_hold(found, token.claims)
        except (JoseError, ValueError) as error:
            raise SignInRefused("The identity provider's answer is not one that this hub can trust.") from error
        return token.claims

    def _claims_hold(self, found: _Discovered, claims: dict[str, Any]) -> None:
        ours = self.settings.client_id
        jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": found.issuer},
            aud={"essential": True, "value": ours},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        ).validate(claims)
        audience = claims["aud"]
        others = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", None if others else ours) != ours:
            raise ValueError("issued to another party")

    async def _discovered(self) -> _Discovered:
        if self._found is None or time.monotonic() - self._found[0] > KNOWN_FOR_S:
            status, body = await _asked("GET", f"{self.settings.issuer}/.well-known/openid-configuration")
            found = _decoded(status, body, _Discovered)
            if found.issuer.rstrip("/") != self.settings.issuer:
                raise ProviderUnavailable("The identity provider calls itself by another name than hub.toml does.")
            if not all(map(is_safe_url, (found.authorization_endpoint, found.token_endpoint, found.jwks_uri))):
                raise ProviderUnavailable("The identity provider names an address that is not https.")
            self._found = (time.monotonic(), found)
        return self._found[1]

    async def _key_set(self, found: _Discovered, *, anew: bool = False) -> KeySet:
        age = time.monotonic() - self._keys[0] if self._keys is not None else KNOWN_FOR_S + 1
        if self._keys is None or age > KNOWN_FOR_S or (anew and age > KEYS_APART_S):
            status, body = await _asked("GET", found.jwks_uri)
            keys = KeySet.import_key_set(_decoded(status, body, dict[str, Any]))  # type: ignore[arg-type]
            self._keys = (time.monotonic(), keys)
        return self._keys[1]


async def _asked(method: str, url: str, form: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """One request to the provider, without following redirects. Raises ProviderUnavailable."""
    body = bytearray()
    try:
        async with (
            httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=not _is_here(url)) as client,
            client.stream(method, url, data=form, headers={"Accept": "application/json"}) as answer,
        ):
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise ProviderUnavailable("The identity provider's answer is too large.")
            return answer.status_code, bytes(body)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ProviderUnavailable("The identity provider cannot be reached; try again.") from error


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def _decoded(status: int, body: bytes, shape: type[T]) -> T:
    try:
        if status != 200:
            raise ValueError(status)
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, ValueError) as error:
        raise ProviderUnavailable("The identity provider does not answer as one; ask an admin.") from error


def _person(claims: Mapping[str, Any], claim: str) -> str:
    name = claims.get(claim)
    if not isinstance(name, str) or not name.strip() or len(name) > MOST_PERSON or not name.isprintable():
        raise SignInRefused(f"The identity provider does not say who you are (claim {claim}); ask an admin.")
    if claim == "email" and claims.get("email_verified") is not True:
        raise SignInRefused("The identity provider has not verified your e-mail address.")
    return name.strip()


def _role(claims: Mapping[str, Any], settings: OidcSettings) -> Role | None:
    said = claims.get(settings.role_claim)
    held = said if isinstance(said, list) else [said]
    return next((role for claim, role in settings.roles if claim in held), settings.default_role)
