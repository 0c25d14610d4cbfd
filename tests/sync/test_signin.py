"""Signing in through a real identity provider on the loopback, with a browser that does what a person's does."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from console.desk import Desk
from console.desk.connecting import Connecting
from console.settings import Workspace
from console.sync.failures import HubFailure
from console.sync.http import HubClient
from console.sync.signin import PATH, SignInError, sign_in
from console.wire.messages import Enrolled
from console.wire.signin import SignInOffer
from tests.hub.running import HubThread
from tests.hub.test_oidc import person, settings
from tests.hub.test_oidc import provider as provider

from .keyrings import Keeping, keyring_is


@pytest.fixture
def hub(provider: str, tmp_path: Path, url: str) -> Iterator[HubThread]:
    with HubThread(
        tmp_path / "hub", url, settings=settings(provider, client_secret="asked for by this one")
    ) as running:
        yield running


def browser(sub: str, *, before: Callable[[str], object] | None = None, deny: bool = False) -> Callable[[str], bool]:
    """Opens the provider's page, lets somebody sign in, and follows where it leads. `before` is given the address that
    it leads back to, first."""

    def opens(address: str) -> bool:
        asked = parse_qs(urlsplit(address).query)
        back = asked["redirect_uri"][0]
        assert back.startswith("http://127.0.0.1:")
        if before is not None:
            before(back)
        if deny:
            denied = {"error": "access_denied", "error_description": "You said no.", "state": asked["state"][0]}
            shown = httpx2.get(back, params=denied, trust_env=False)
            assert "You are not signed in" in shown.text
            return True
        led = httpx2.post(address, data={"sub": sub}, trust_env=False)
        assert led.status_code == 302, led.text[:300]
        shown = httpx2.get(led.headers["location"], trust_env=False)
        assert shown.status_code == 200
        assert "You are signed in. Close this page" in shown.text
        return True

    return opens


def sign(hub: HubThread, open_browser: Callable[[str], bool], **more: float) -> Enrolled:
    async def story() -> Enrolled:
        async with HubClient(hub.url) as client:
            offer = await client.sign_in_offer()
            assert offer is not None
            return await sign_in(client, offer, "Laptop", open_browser=open_browser, **more)  # type: ignore[arg-type]

    return asyncio.run(story())


def test_whoever_signs_in_at_the_provider_gets_a_workstation(hub: HubThread, provider: str) -> None:
    person(provider, "ana")
    enrolled = sign(hub, browser("ana"))
    assert (enrolled.person, enrolled.role) == ("ana@example.org", "engineer")
    assert enrolled.token.startswith("sc_")


def test_an_answer_with_a_state_that_is_not_ours_changes_nothing(hub: HubThread, provider: str) -> None:
    person(provider, "ben")

    def knock(back: str) -> None:
        for path in (f"{back}?code=stolen&state=guessed", f"{back}?code=stolen", back.replace(PATH, "/favicon.ico")):
            assert httpx2.get(path, trust_env=False).status_code == 404
        with socket.create_connection(("127.0.0.1", urlsplit(back).port)) as rude:
            rude.sendall(b"GET http://[ HTTP/1.1\r\n\r\n")
            assert rude.recv(64).startswith(b"HTTP/1.1 404")
        assert httpx2.post(back, trust_env=False).status_code == 404

    assert sign(hub, browser("ben", before=knock)).person == "ben@example.org"


def test_a_no_at_the_provider_is_told_in_its_words(hub: HubThread) -> None:
    with pytest.raises(SignInError, match=r"did not let you in: You said no\."):
        sign(hub, browser("ana", deny=True))


def test_nobody_is_waited_for_without_end(hub: HubThread) -> None:
    with pytest.raises(SignInError, match="Nobody signed in within the time"):
        sign(hub, lambda _: True, wait_s=0.05)


def test_without_a_browser_and_without_anybody_to_tell_it_ends_at_once(hub: HubThread) -> None:
    with pytest.raises(SignInError, match="No browser could be opened"):
        sign(hub, lambda _: False)


def test_somebody_whom_the_hub_does_not_admit_is_told_why(hub: HubThread, provider: str) -> None:
    person(provider, "eve", groups=[])
    with pytest.raises(HubFailure, match="gives you no role here"):
        sign(hub, browser("eve"))


def test_a_sign_in_page_without_https_is_not_opened(hub: HubThread) -> None:
    offer = SignInOffer(
        issuer="http://login.example.org",
        authorization_endpoint="http://login.example.org/authorize",
        client_id="c",
        scope="openid",
    )
    opened: list[str] = []

    async def story() -> None:
        async with HubClient(hub.url) as client:
            await sign_in(client, offer, "Laptop", open_browser=lambda url: not opened.append(url))

    with pytest.raises(SignInError, match="without HTTPS"):
        asyncio.run(story())
    assert opened == []


def test_the_port_is_closed_when_it_is_over(hub: HubThread, provider: str) -> None:
    person(provider, "cara")
    seen: list[str] = []
    sign(hub, browser("cara", before=seen.append))
    with contextlib.suppress(httpx2.ConnectError):
        httpx2.get(seen[0], trust_env=False)
        pytest.fail("it still answers")


def test_a_workspace_connects_through_the_browser(hub: HubThread, provider: str, tmp_path: Path) -> None:
    person(provider, "dan")
    workspace = Workspace(tmp_path / "own")
    told: list[str] = []

    async def story() -> None:
        async with Connecting(workspace, hub.url) as connecting:
            offer = await connecting.offer()
            assert offer is not None
            await connecting.sign_in(offer, open_browser=browser("dan"), tell=told.append)
            preview = await connecting.build()
            assert not preview.asks
            await connecting.accept()

    with keyring_is(Keeping()):
        asyncio.run(story())
    with Desk.open(workspace) as desk:
        assert desk.me == "dan@example.org"
        assert desk.sync.issues().connected
    assert told[0].startswith(provider)
