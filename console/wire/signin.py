"""Signing in through an organisation's identity provider (spec sync.md 5): what a workstation and its hub say of it.

The workstation asks for a `SignInOffer` (`GET /v1/oidc`), opens `authorization_endpoint` in the system browser with
`client_id`, `scope`, a `state` and a `nonce` of its own, the PKCE challenge (S256) of its `verifier`, and a redirect to
a port of its own on 127.0.0.1. What comes back goes to the hub (`POST /v1/oidc/enrol`), which alone speaks to the
provider, checks the ID token, and answers `messages.Enrolled`. Pure shapes.
"""

from __future__ import annotations

import msgspec


class SignInOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Where the hub's people sign in; a hub without a provider answers 404 instead."""

    issuer: str
    authorization_endpoint: str
    client_id: str
    scope: str


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """The authorization code that the browser brought back, with what it takes to redeem it: once, within the
    provider's minutes. `redirect_uri` is the one on 127.0.0.1 or [::1] that the code was asked for with."""

    code: str
    verifier: str
    redirect_uri: str
    nonce: str
    device_name: str
