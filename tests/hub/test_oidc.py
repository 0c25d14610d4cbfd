"""Signing in with a real identity provider on the loopback: authorization code + PKCE, from the browser to a token.

Tokens that a provider would never issue are made by a provider of the test's own, which signs what it is told to.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from console.hub.hub_file import HubFileError, HubSettings, OidcSettings, read_hub_file
from console.hub.limits import Limits, Rate
from console.wire.messages import Enrolled
from console.wire.signin import SignIn, SignInOffer
from tests.hub.running import HubThread, client, until
from tests.hub.workstation import JSON, Workstation, problem, said

REDIRECT = "http://127.0.0.1:40123/signed-in"
CLIENT = "support-console"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The issuer of a provider that runs; anybody can sign in as anybody there."""
    port = free_port()
    asked = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"]
    process = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})
    issuer = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(port), 30)
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def settings(issuer: str, **more: Any) -> HubSettings:
    roles = (("support-leads", "lead"), ("support", "engineer"))
    return HubSettings(oidc=OidcSettings(issuer=issuer, client_id=CLIENT, **{"roles": roles, **more}))


def person(issuer: str, sub: str, **claims: Any) -> None:
    """Somebody whom the provider knows."""
    known = {"email": f"{sub}@example.org", "email_verified": True, "groups": ["support"], **claims}
    httpx2.put(f"{issuer}/users/{sub}", json=known, trust_env=False).raise_for_status()


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class Browser:
    """What workstation and browser do between them: `sign_in` gives what the workstation then sends to the hub."""

    def __init__(self, hub: httpx2.Client) -> None:
        self.hub = hub
        self.offer = said(hub.get("/v1/oidc"), SignInOffer)

    def sign_in(self, sub: str) -> SignIn:
        verifier, nonce, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        asked = {
            "response_type": "code",
            "client_id": self.offer.client_id,
            "scope": self.offer.scope,
            "redirect_uri": REDIRECT,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        answer = httpx2.post(self.offer.authorization_endpoint, params=asked, data={"sub": sub}, trust_env=False)
        assert answer.status_code == 302, answer.text[:300]
        back = parse_qs(urlsplit(answer.headers["location"]).query)
        assert back["state"] == [state]
        return SignIn(code=back["code"][0], verifier=verifier, redirect_uri=REDIRECT, nonce=nonce, device_name="Laptop")

    def enrol(self, sign_in: SignIn) -> httpx2.Response:
        return self.hub.post("/v1/oidc/enrol", content=msgspec.json.encode(sign_in), headers=JSON)


@pytest.fixture
def hub(provider: str, tmp_path: Path, url: str) -> Iterator[HubThread]:
    with HubThread(tmp_path, url, settings=settings(provider, client_secret="asked for by this one")) as server:
        yield server


@pytest.fixture
def browser(hub: HubThread) -> Iterator[Browser]:
    with client(hub.url) as anybody:
        yield Browser(anybody)


def test_somebody_whom_the_provider_knows_gets_a_workstation_with_the_role_of_their_group(
    provider: str, hub: HubThread, browser: Browser
) -> None:
    person(provider, "lea", groups=["everybody", "support-leads"])
    enrolled = said(browser.enrol(browser.sign_in("lea")), Enrolled)
    assert (enrolled.person, enrolled.role) == ("lea@example.org", "lead")
    with Workstation(hub.url, enrolled) as station:
        assert station.hello().person == "lea@example.org"


def test_whoever_signs_in_again_is_the_same_person_whatever_their_claims_say_now(
    provider: str, hub: HubThread, browser: Browser
) -> None:
    person(provider, "mara", groups=["support-leads"])
    said(browser.enrol(browser.sign_in("mara")), Enrolled)
    person(provider, "mara", email="married@example.org", groups=["support"])
    again = said(browser.enrol(browser.sign_in("mara")), Enrolled)
    assert (again.person, again.role) == ("mara@example.org", "engineer")
    (known,) = hub.hub.people.list()
    assert len(known.devices) == 2


def test_a_name_cannot_be_taken_over_by_another_account(provider: str, browser: Browser) -> None:
    person(provider, "ana")
    said(browser.enrol(browser.sign_in("ana")), Enrolled)
    person(provider, "eve", email="ana@example.org")
    refused = problem(browser.enrol(browser.sign_in("eve")), 401)
    assert refused.type == "/problems/sign-in-refused"


def test_somebody_without_a_role_or_a_verified_address_does_not_get_in(
    provider: str, hub: HubThread, browser: Browser
) -> None:
    person(provider, "guest", groups=["everybody"])
    person(provider, "unverified", email_verified=False)
    person(provider, "nameless", email="")
    for sub in ("guest", "unverified", "nameless"):
        assert problem(browser.enrol(browser.sign_in(sub)), 401).type == "/problems/sign-in-refused"
    assert hub.hub.people.list() == []


def test_somebody_enrolled_by_an_admin_keeps_their_role_where_the_provider_says_none(
    provider: str, hub: HubThread, browser: Browser
) -> None:
    person(provider, "bo", groups=[])
    hub.hub.people.enrol("bo@example.org", "billing")
    assert said(browser.enrol(browser.sign_in("bo")), Enrolled).role == "billing"


def test_whom_an_admin_keeps_out_stays_out_until_they_are_enrolled_again(
    provider: str, hub: HubThread, browser: Browser
) -> None:
    person(provider, "max", groups=["support-leads"])
    said(browser.enrol(browser.sign_in("max")), Enrolled)
    assert hub.hub.people.revoke("max@example.org") == 1
    refused = problem(browser.enrol(browser.sign_in("max")), 401)
    assert refused.type == "/problems/sign-in-refused"
    assert refused.detail == "An admin of the hub keeps you out; ask one to let you in again."
    hub.hub.people.enrol("max@example.org", "engineer")
    assert said(browser.enrol(browser.sign_in("max")), Enrolled).role == "lead"


def test_whoever_got_in_by_a_code_and_is_kept_out_does_not_come_back_through_the_provider(
    provider: str, hub: HubThread, browser: Browser
) -> None:
    person(provider, "joe")
    hub.enrol("joe@example.org", "engineer")
    hub.hub.people.revoke("joe@example.org")
    problem(browser.enrol(browser.sign_in("joe")), 401)
    (known,) = hub.hub.people.list()
    assert (known.kept_out, [device.revoked for device in known.devices]) == (True, [True])


def test_a_person_whose_one_workstation_was_signed_out_is_not_kept_out(
    provider: str, hub: HubThread, browser: Browser
) -> None:
    person(provider, "ida")
    enrolled = said(browser.enrol(browser.sign_in("ida")), Enrolled)
    hub.hub.people.revoke(enrolled.person, enrolled.device)
    said(browser.enrol(browser.sign_in("ida")), Enrolled)


def test_a_code_is_good_once_and_only_for_the_sign_in_that_asked_for_it(provider: str, browser: Browser) -> None:
    person(provider, "kim")
    sign_in = browser.sign_in("kim")
    replace = msgspec.structs.replace
    problem(browser.enrol(replace(browser.sign_in("kim"), nonce="another")), 401)
    problem(browser.enrol(replace(sign_in, redirect_uri="https://evil.example/cb")), 401)
    said(browser.enrol(sign_in), Enrolled)
    problem(browser.enrol(sign_in), 401)
    problem(browser.enrol(replace(sign_in, code="made-up")), 401)


def test_a_provider_that_is_away_is_a_503(tmp_path: Path, url: str) -> None:
    nobody = settings(f"http://127.0.0.1:{free_port()}")
    with HubThread(tmp_path, url, settings=nobody) as server, client(server.url) as anybody:
        answer = anybody.get("/v1/oidc")
        assert problem(answer, 503).detail.startswith("The identity provider cannot be reached")
        assert answer.headers["retry-after"]
        with Workstation(server.url, server.enrol("Mara Okafor")) as mara:
            mara.hello()


class Liar(http.server.ThreadingHTTPServer):
    """A provider that answers every code with the token that it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.published = self.key
        self.asked: list[dict[str, list[str]]] = []
        self.token = ""

    def claims(self, **other: Any) -> dict[str, Any]:
        now = int(time.time())
        true = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "s1",
            "exp": now + 300,
            "iat": now,
            "nonce": "n1",
            "email": "mara@example.org",
            "email_verified": True,
            "groups": ["support"],
        }
        return {name: value for name, value in {**true, **other}.items() if value is not None}

    def signs(self, *, key: Any = None, header: dict[str, Any] | None = None, **claims: Any) -> None:
        self.token = jwt.encode(header or {"alg": "RS256", "kid": "k1"}, self.claims(**claims), key or self.key)


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        liar = self.server
        assert isinstance(liar, Liar)
        if self.path == "/jwks":
            self._json({"keys": [liar.published.as_dict(private=False)]})
        else:
            at = liar.issuer
            self._json(
                {
                    "issuer": at,
                    "authorization_endpoint": f"{at}/a",
                    "token_endpoint": f"{at}/t",
                    "jwks_uri": f"{at}/jwks",
                }
            )

    def do_POST(self) -> None:
        liar = self.server
        assert isinstance(liar, Liar)
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        liar.asked.append(parse_qs(body))
        self._json({"id_token": liar.token, "access_token": "x", "token_type": "Bearer"})

    def _json(self, document: dict[str, Any]) -> None:
        content = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *about: Any) -> None:
        return


@pytest.fixture
def liar() -> Iterator[Liar]:
    with Liar() as provider:
        thread = threading.Thread(target=provider.serve_forever, args=(0.05,))
        thread.start()
        yield provider
        provider.shutdown()
        thread.join()


ASKED = SignIn(code="c", verifier="v" * 43, redirect_uri=REDIRECT, nonce="n1", device_name="Laptop")


def test_only_an_id_token_that_holds_in_every_respect_is_believed(liar: Liar, tmp_path: Path, url: str) -> None:
    strange = RSAKey.generate_key(2048, {"kid": "k1"})
    now = int(time.time())
    lies: dict[str, dict[str, Any]] = {
        "another issuer": {"iss": "https://evil.example"},
        "another audience": {"aud": "another-client"},
        "another party of several": {"aud": [CLIENT, "another"], "azp": "another"},
        "several audiences and no party": {"aud": [CLIENT, "another"]},
        "no audience": {"aud": None},
        "expired": {"exp": now - 120},
        "never expires": {"exp": None},
        "issued in the future": {"iat": now + 600},
        "not valid yet": {"nbf": now + 600},
        "nobody": {"sub": None},
        "another nonce": {"nonce": "n2"},
        "no nonce": {"nonce": None},
        "a key of somebody else": {"key": strange},
    }
    often = Limits(enrol=Rate(burst=1000, per_s=1000))
    chosen = settings(liar.issuer)
    with HubThread(tmp_path, url, settings=chosen, limits=often) as server, client(server.url) as anybody:

        def enrol() -> httpx2.Response:
            return anybody.post("/v1/oidc/enrol", content=msgspec.json.encode(ASKED), headers=JSON)

        for lie in lies.values():
            liar.signs(**lie)
            assert problem(enrol(), 401).type == "/problems/sign-in-refused"
        for token in ("", "x", "a.b.c", unsigned(liar.claims())):
            liar.token = token
            problem(enrol(), 401)
        assert server.hub.people.list() == []
        liar.signs()
        said(enrol(), Enrolled)
        assert liar.asked[-1]["code_verifier"] == ["v" * 43]


def unsigned(claims: dict[str, Any]) -> str:
    def part(document: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}."


def test_a_secret_of_the_client_is_sent_to_the_provider_and_a_new_key_of_its_is_fetched(
    liar: Liar, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.hub.oidc.KEYS_APART_S", 0.0)
    chosen = settings(liar.issuer, client_secret="quiet")
    with HubThread(tmp_path, url, settings=chosen) as server, client(server.url) as anybody:
        body = msgspec.json.encode(ASKED)
        liar.signs()
        said(anybody.post("/v1/oidc/enrol", content=body, headers=JSON), Enrolled)
        liar.key = liar.published = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig"})
        liar.signs(header={"alg": "RS256", "kid": "k2"})
        said(anybody.post("/v1/oidc/enrol", content=body, headers=JSON), Enrolled)
    assert liar.asked[0]["client_secret"] == ["quiet"]


def test_the_file_says_who_the_provider_is(tmp_path: Path) -> None:
    assert read_hub_file(tmp_path) == HubSettings()
    (tmp_path / "hub.toml").write_text(
        '[oidc]\nissuer = "https://login.example.org/"\nclient_id = "sc"\nperson_claim = "name"\n'
        'default_role = "Engineer"\n[oidc.role_map]\nsupport-leads = "lead"\nadmins = "admin"\n'
    )
    assert read_hub_file(tmp_path).oidc == OidcSettings(
        issuer="https://login.example.org",
        client_id="sc",
        person_claim="name",
        roles=(("support-leads", "lead"), ("admins", "admin")),
        default_role="engineer",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[oidc]\n", '"issuer" is missing'),
        (
            '[oidc]\nissuer = "http://login.example.org"\nclient_id = "x"\n',
            "line 2: the issuer must be an https address",
        ),
        ('[oidc]\nissuer = "https://x"\nclient_id = "x"\nscope = "email"\n', 'must contain "openid"'),
        ('[oidc]\nissuer = "https://x"\nclient_id = "x"\n[oidc.role_map]\na = "boss"\n', "line 5: unknown a"),
        ('[oidc]\nissuer = "https://x"\nclientid = "x"\n', 'line 3: unknown key "clientid"'),
        ("[odic]\n", 'unknown key "odic"'),
        ("x", "not TOML"),
        ("\xff", "not UTF-8"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "hub.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(HubFileError) as wrong:
        read_hub_file(tmp_path)
    assert sentence in wrong.value.sentence
