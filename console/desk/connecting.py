"""A workspace joins a hub: from getting in to the new file in the place of the old one.

The old workspace is left as it is until the last step, one rename (`new_file`). Whatever breaks off before leaves the
old workspace, and the same again goes on from there: `connecting.json` says who got in, the keyring holds the key. One
object is one attempt, an async context; its blocking parts run in a thread of its own. Called by the command line and
the window, with the workspace's desk closed; where the workspace is connected already and only signs in again, the desk
may be open, but its engine has to have ended. Source: spec sync.md 5.
"""

from __future__ import annotations

import asyncio
import platform
import threading
import time
import webbrowser
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from msgspec.structs import replace

import console
from console.desk import wall_ms
from console.desk.new_file import NAME, Identity, NewFile, Preview, Progress, silence
from console.desk.sync import SYNC_LOCK, NotConnected
from console.domain.errors import ConsoleError
from console.guidelines_files import shipped_history
from console.journal.log_file import alone, remove
from console.journal.store import Journal
from console.settings import Workspace, load_settings, save_settings
from console.sync.failures import HubFailure
from console.sync.http import HubClient
from console.sync.keys import Keys
from console.sync.signin import OpenBrowser, sign_in
from console.sync.whole_file import load, save
from console.wire.messages import Enrolled, Hello, Welcome
from console.wire.signin import SignInOffer

if TYPE_CHECKING:
    import ssl

STATE: Final = "connecting.json"
CONNECT_LOCK: Final = "connecting.lock"
MOST_NAME: Final = 200
"""Characters of a workstation's name."""
_WINDOW_OPEN: Final = "Close the window first: it keeps this workspace in sync."

T = TypeVar("T")


class ConnectError(ConsoleError):
    """The workspace cannot be connected as asked; it is as it was."""


class Left(Identity, frozen=True, kw_only=True):
    """What an attempt leaves for the next one; `kept` is the name that the old database gets in the last step."""

    token_file: str | None = None
    kept: str | None = None


class Connecting:
    """One attempt: `enrol`, `sign_in` or `resume`, then `build`, then `accept` or `decline`.

    `again` says that the workspace is connected already and only signs in again: that is done once it got in.
    """

    def __init__(
        self,
        workspace: Workspace,
        url: str,
        *,
        token_file: Path | None = None,
        clock: Callable[[], int] = wall_ms,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        """`token_file` holds the key instead of the keyring; `clock` gives epoch ms."""
        self.workspace = workspace
        self.again = False
        self._asked_url = url
        self._token_file = token_file
        self._clock = clock
        self._verify = verify
        self._state = workspace.folder / STATE
        self._thread = ThreadPoolExecutor(1, "connecting")
        self._client: HubClient | None = None
        self._left: Left | None = None
        self._file: NewFile | None = None
        self._locks: list[Any] = []

    async def __aenter__(self) -> Self:
        """Errors: ConsoleError where the address is none, no key can be kept, or somebody has the workspace open."""
        try:
            self._client = await self._run(lambda: HubClient(self._asked_url, verify=self._verify))
            await self._run(self._begin)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._end()

    async def _end(self) -> None:
        if self._client is not None:
            await self._client.close()
        self._thread.shutdown(wait=False)
        for lock in self._locks:
            lock.release()

    async def _run(self, work: Callable[[], T], /) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _begin(self) -> None:
        self.workspace.make()
        self._take_lock(CONNECT_LOCK, "This workspace is being connected by another command or window.")
        if self._token_file is None:
            self._token_file = load_settings(self.workspace).token_file
        self._keys.check()
        with self._open() as journal:
            self.again = journal.is_connected
        if self.again:
            self._take_lock(SYNC_LOCK, _WINDOW_OPEN)
            self._forget_attempt()  # it came to its end, but for this
            return
        with alone(self.workspace.database):
            pass
        left = load(self._state, Left)
        if left is None:
            return
        if left.kept is not None:  # it broke off in the last step, before the rename
            (self.workspace.folder / left.kept).unlink(missing_ok=True)
        if left.url == self._hub.url:
            self._left = left
        else:
            self._forget_attempt()

    def _take_lock(self, name: str, sentence: str) -> None:
        from filelock import FileLock, Timeout

        lock = FileLock(self.workspace.folder / name, timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise ConnectError(sentence) from None
        self._locks.append(lock)

    def _open(self) -> Journal:
        return Journal.open(self.workspace.database, history=shipped_history(), now_ms=self._clock())

    @property
    def _hub(self) -> HubClient:
        assert self._client is not None, "not entered"
        return self._client

    @property
    def _keys(self) -> Keys:
        return Keys(self._hub.url, self.workspace.folder, self._token_file)

    @property
    def identity(self) -> Identity:
        """Who the workstation is at the hub, once it got in."""
        assert self._left is not None, "nobody got in yet"
        return self._left

    # Getting in

    async def resume(self) -> bool:
        """Whether an attempt that broke off had got in already; it goes on then. Errors: HubFailure."""
        left = self._left
        if left is None:
            return False
        try:
            self._hub.token = await self._run(self._keys.read)
        except ConsoleError:
            return False
        try:
            await self._hello(left.device)
        except HubFailure as failure:
            if failure.status != 401:
                raise
            return False
        return True

    async def offer(self) -> SignInOffer | None:
        """How the hub's people sign in; None where it takes codes only. Errors: HubFailure."""
        return await self._hub.sign_in_offer()

    async def enrol(self, code: str) -> None:
        """Gets in with a one-time code. Errors: HubFailure, KeyProblem; ConnectError or JournalError for a workspace
        of another hub or person."""
        await self._get_in(lambda: self._hub.enrol(code.strip(), _device_name()))

    async def sign_in(
        self,
        offer: SignInOffer,
        *,
        open_browser: OpenBrowser = webbrowser.open,
        tell: Callable[[str], object] | None = None,
    ) -> None:
        """Gets in through the browser; `tell` hears the address of the page. Errors: as `enrol`, and SignInError."""
        await self._get_in(lambda: sign_in(self._hub, offer, _device_name(), open_browser=open_browser, tell=tell))

    async def _get_in(self, ask: Callable[[], Awaitable[Enrolled]]) -> None:
        before = time.monotonic()
        enrolled = await ask()
        self._hub.token = enrolled.token
        replaced = await self._run(self._key_in_use) if self.again else None
        try:
            welcome = await self._hello(enrolled.device)
            took_ms = round((time.monotonic() - before) * 1000)
            await self._run(lambda: self._keep(enrolled, welcome, welcome.now_ms - took_ms))
        except ConsoleError:
            with suppress(HubFailure):
                await self._hub.leave()
            raise
        if replaced is not None:
            await _revoke(self._hub.url, replaced, self._verify)

    def _key_in_use(self) -> str | None:
        """The key that a new one replaces, which the hub need not take any longer."""
        try:
            return self._keys.read()
        except ConsoleError:
            return None

    async def _hello(self, device: str) -> Welcome:
        return await self._hub.hello(Hello(app=console.__version__, device=device))

    def _keep(self, enrolled: Enrolled, welcome: Welcome, enrolled_ms: int) -> None:
        left = Left(
            url=self._hub.url,
            hub_id=welcome.hub_id,
            device=enrolled.device,
            person=welcome.person,
            role=welcome.role,
            enrolled_ms=enrolled_ms,
            token_file=None if self._token_file is None else str(self._token_file),
        )
        if self.again:
            self._follow_again(left)
        self._keys.keep(enrolled.token)
        settings = load_settings(self.workspace)
        if settings.token_file != self._token_file:
            save_settings(self.workspace, settings._replace(token_file=self._token_file))
        if not self.again:
            save(self._state, left)
        self._left = left

    def _follow_again(self, left: Left) -> None:
        with self._open() as journal:
            hub = journal.replica.hub()
            if hub is not None and hub.hub_id not in (None, left.hub_id):
                raise ConnectError(
                    f"This workspace belongs to the hub at {hub.url}; use another one (--data) for {left.url}."
                )
            journal.follow(url=left.url, person=left.person, role=left.role, device=left.device)

    # The new file

    async def build(self, progress: Progress | None = None) -> Preview:
        """Loads the hub's log into a new file beside the old one, puts the old entries into it, and works out what the
        hub would make of them. `progress` is told in this loop's thread. Errors: NotLevel where the hub went away,
        JournalError."""
        left_off = threading.Event()
        told = _in_loop(progress, left_off)
        file = self._file = NewFile(self.workspace, self.identity, self._clock)
        journal = await self._run(file.open)
        try:
            await file.load(journal, self._hub, self._run, told, verify=self._verify)
            welcome = await self._hello(self.identity.device)
            return await self._run(lambda: file.take_over(journal, welcome, told))
        finally:
            left_off.set()
            await self._run(journal.close)

    async def accept(self) -> Path | None:
        """Puts the new file in the old one's place; where the old one is now, None where nothing was in it. Errors:
        JournalBusy where somebody has opened the workspace meanwhile; it is as it was then. Whoever is cancelled here
        waits for the end of it."""
        work = asyncio.ensure_future(self._run(self._accept))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait({work})
            raise

    def _accept(self) -> Path | None:
        file, left = self._file, self._left
        assert file is not None, "not built yet"
        assert left is not None
        while True:
            file.catch_up()
            kept = file.name_for_old()
            if kept is not None:
                save(self._state, replace(left, kept=kept.name))
            if file.swap(kept):
                break
        settings = load_settings(self.workspace)
        save_settings(self.workspace, settings._replace(name=left.person))
        self._state.unlink(missing_ok=True)
        return kept

    async def decline(self) -> str | None:
        """Gives up: the workspace is as it was. A sentence where the enrolment stays at the hub."""
        sentence: str | None = None
        try:
            await self._hub.leave()
        except HubFailure:
            device = self.identity.device
            sentence = f"The hub still knows this workstation; an admin can revoke it (device {device})."
        await self._run(self._forget_attempt)
        return sentence

    def _forget_attempt(self) -> None:
        """Removes what an attempt made. The key of a workspace that is connected stays."""
        left = load(self._state, Left)
        remove(self.workspace.folder / NAME)
        if left is not None and not self.again:
            token_file = Path(left.token_file) if left.token_file is not None else None
            Keys(left.url, self.workspace.folder, token_file).forget()
            settings = load_settings(self.workspace)
            if token_file is not None and settings.token_file == token_file:
                save_settings(self.workspace, settings._replace(token_file=None))
        self._state.unlink(missing_ok=True)
        self._left = None


async def sign_out(workspace: Workspace, *, verify: ssl.SSLContext | None = None) -> str:
    """Takes this workstation's key back, at the hub as well where that answers; the tickets stay here, and so does what
    waits. Says what was done. Errors: NotConnected; ConnectError where a window keeps the workspace in sync."""
    from filelock import FileLock, Timeout

    url, waiting = await asyncio.to_thread(_hub_of, workspace)
    lock = FileLock(workspace.folder / SYNC_LOCK, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise ConnectError(_WINDOW_OPEN) from None
    try:
        keys = Keys(url, workspace.folder, load_settings(workspace).token_file)
        try:
            token = await asyncio.to_thread(keys.read)
        except ConsoleError:  # there is none, or none that can be used
            known = False
        else:
            known = not await _revoke(url, token, verify)
        await asyncio.to_thread(keys.forget)
    finally:
        lock.release()
    kept = f"{waiting:,} {'entry waits' if waiting == 1 else 'entries wait'} for the next sign-in. " if waiting else ""
    told = " The hub still knows this workstation; an admin can revoke it." if known else ""
    return f"Signed out of {url}. {kept}The copy of its tickets stays in {workspace.folder}.{told}"


def _hub_of(workspace: Workspace) -> tuple[str, int]:
    """The address of its hub, and how many entries wait. Errors: NotConnected."""
    with Journal.open(workspace.database, history=shipped_history(), now_ms=wall_ms()) as journal:
        hub = journal.replica.hub() if journal.is_connected else None
        if hub is None:
            raise NotConnected
        return hub.url, journal.replica.outbox().new


async def _revoke(url: str, token: str, verify: ssl.SSLContext | None) -> bool:
    """Whether the hub took a key back, or does not take it any more."""
    client = await asyncio.to_thread(lambda: HubClient(url, token, verify=verify))
    async with client:
        try:
            await client.leave()
        except HubFailure as failure:
            return failure.status == 401
    return True


def _device_name() -> str:
    """What an admin sees in the list of workstations."""
    name = "".join(c if c.isprintable() else " " for c in platform.node())
    return " ".join(name.split())[:MOST_NAME] or "Workstation"


def _in_loop(progress: Progress | None, left_off: threading.Event) -> Progress:
    """Tells in the loop's thread, whoever is asked to tell. Work that nobody waits for any more ends where it tells."""
    loop = asyncio.get_running_loop()
    tell = progress or silence

    def told(doing: str, done: int, of: int) -> None:
        if left_off.is_set():
            raise ConnectError("Left off; it goes on from here the next time.")
        loop.call_soon_threadsafe(tell, doing, done, of)

    return told
