"""The shell around the sync core: it sends what the core wants sent, stores what it wants stored, and tells of it.

One object, in one event loop; the database is asked through `store_call`, wherever its thread is. Only one engine works
on a workspace, which a lock beside the database sees to; others wait for it. Failures of the world go to the core,
which tries again later. A failure of ours goes to `on_failure` and is shown; the engine then begins anew from the
database.
Made by `desk.sync`, run by the window and `support-console sync`. Source: spec sync.md 2.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec.structs import replace

from console.domain.errors import ConsoleError
from console.journal.replica import Change
from console.sync import core
from console.sync.failures import HubFailure
from console.sync.http import HubClient
from console.sync.requests import Requests, StoreCall, making, outbox, standing
from console.sync.status import LinkStatus
from console.sync.telling import Around, Instants, status_of
from console.wire.messages import Poke, Presence, Welcome

if TYPE_CHECKING:
    import ssl

    from console.timekeeping import Timekeeper

HEARTBEAT_S: Final = 15.0
"""Between two looks of the core that nothing else asks for: what is level stays known as level."""
LOCK_AGAIN_S: Final = 2.0
COUNT_AGAIN_S: Final = 5.0
RESTART_S: Final = 30.0
"""After a failure of ours."""
QUICK_CLOSE_S: Final = 10.0
QUICK_CLOSES: Final = 3
"""So many streams of pokes that closed so quickly: something between us and the hub does not let them pass."""
LISTEN_AGAIN_S: Final = 300.0
LISTEN_FLOOR_S: Final = 0.5
LISTEN_CEILING_S: Final = 15.0
LARGE_OUTBOX: Final = 1_000
"""While more waits than this, pages are let grow before they are asked for: each costs a commit and a fold here."""
GROWN_PAGE: Final = 800
GROW_S: Final = 2.0
PRESENCE_S: Final = 30.0
"""What is said of a ticket is said again after this, for the hub forgets it after twice the time."""
ANCHOR_OFF_MS: Final = 1_000
"""Trusted time that is this close to the hub's is left alone."""
ANCHOR_RTT_S: Final = 2.0
"""An answer that took longer says too little about the time."""

BUSY_ELSEWHERE: Final = "Another window or command of yours keeps this workspace in sync."
_OURS: Final = "Something went wrong inside the program. Nothing was lost; the log has the details."
_log: Final = logging.getLogger(__name__)

Doing = Literal["viewing", "writing", "gone"]


def log_failure(where: str, error: BaseException) -> None:
    _log.error("failed %s", where, exc_info=error)


class Engine:
    """Keeps one workspace in sync while `run` runs. `status` is the last that was told; `on_status` hears of each
    change. All methods are called in the loop's thread."""

    def __init__(
        self,
        store_call: StoreCall,
        *,
        url: str,
        token: Callable[[], str],
        lock: Path,
        on_status: Callable[[LinkStatus], object],
        on_failure: Callable[[str, BaseException], object] = log_failure,
        timekeeper: Timekeeper | None = None,
        person: str = "",
        role: str = "",
        keep_greeting: Callable[[str, int | None], Awaitable[object]] | None = None,
        config: core.Config | None = None,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        """`token` reads the key of this workstation, in a thread; its ConsoleError is shown as signed out. `timekeeper`
        hears the hub's time. `person` and `role` are shown until the hub says them; `keep_greeting`
        takes the role that it says, and how far the clocks are apart."""
        self._store_call = store_call
        self._token = token
        self._lock_path = lock
        self._on_status = on_status
        self._on_failure = on_failure
        self._timekeeper = timekeeper
        self._keep_greeting = keep_greeting
        self._config = config or core.Config()
        self._verify = verify
        self._around = Around(url=url, person=person, role=role)
        self._instants = Instants()
        self._presence: Presence | None = None
        self._presence_set = asyncio.Event()
        self._written = asyncio.Event()
        self._asked = asyncio.Event()
        self._told: asyncio.Queue[core.Input] = asyncio.Queue()
        self._said = asyncio.Event()
        self.status = LinkStatus(url=url, person=person, role=role)

    # Called by the window and the command line

    async def run(self) -> None:
        """Keeps the workspace in sync until it is cancelled."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._lock_path, timeout=0, mode=0o600)
        while True:
            try:
                lock.acquire()
                break
            except Timeout:
                self._say(replace(self.status, link="connecting", error=BUSY_ELSEWHERE))
                await asyncio.sleep(LOCK_AGAIN_S)
        try:
            while True:
                try:
                    await self._work()
                except Exception as error:
                    self._on_failure("while syncing", error)
                self._say(replace(self.status, link="stuck", error=_OURS))
                self._asked.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(RESTART_S):
                        await self._asked.wait()
        finally:
            lock.release()

    def sync_now(self) -> None:
        """No waiting any more: also after signing in again."""
        self._asked.set()
        self._tell(core.SyncNow())

    def written(self) -> None:
        """Somebody recorded something in the workspace, or withdrew it."""
        self._written.set()

    async def changed(self, since: LinkStatus) -> LinkStatus:
        """The next status that is not this one."""
        while self.status == since:
            self._said.clear()
            await self._said.wait()
        return self.status

    def set_presence(self, ticket: str | None, doing: Doing = "viewing") -> None:
        """Tells the others which ticket is looked at or written on here; None for no ticket. A hint."""
        wanted = None if ticket is None or doing == "gone" else Presence(person="", ticket=ticket, doing=doing)
        if wanted != self._presence:
            self._presence = wanted
            self._presence_set.set()

    # The loop of the core

    async def _work(self) -> None:
        """From the database as it is, until something of ours fails."""
        self._told = asyncio.Queue()
        self._changes: asyncio.Queue[Change] = asyncio.Queue()
        self._greeted = asyncio.Event()
        self._wake: asyncio.TimerHandle | None = None
        self._wake_at = 0.0
        self._around = replace(self._around, done=0, of=0, presence=())
        self._client = await asyncio.to_thread(lambda: HubClient(self._around.url, verify=self._verify))
        self._requests = Requests(
            self._client,
            self._store_call,
            self._token,
            tell=self._tell,
            loaded=self._loaded,
            hub_time=self._heard_time,
        )
        try:
            async with self._client, asyncio.TaskGroup() as self._tasks:
                for keep in (
                    self._keep_stored,
                    self._keep_outbox,
                    self._keep_listening,
                    self._keep_present,
                    self._keep_ticking,
                ):
                    self._tasks.create_task(keep())
                await self._steps()
        finally:
            if self._wake is not None:
                self._wake.cancel()

    async def _steps(self) -> None:
        position, waiting = await self._store_call(standing)
        began = core.Began(position, waiting)
        state = core.begin(began, self._config)
        told: core.Input = began
        while True:
            now = time.monotonic()
            state, outputs = core.step(state, told, now, random.random())
            for output in outputs:
                self._carry_out(output, now)
            self._follow(state, now)
            told = await self._told.get()

    def _tell(self, told: core.Input) -> None:
        self._told.put_nowait(told)

    def _carry_out(self, output: core.Output, now: float) -> None:
        match output:
            case core.Send():
                self._tasks.create_task(self._send(output))
            case core.Do(change=change):
                self._changes.put_nowait(change)
            case core.Wake(at=at):
                if self._wake is None or at < self._wake_at:
                    if self._wake is not None:
                        self._wake.cancel()
                    self._wake_at = at
                    self._wake = asyncio.get_running_loop().call_later(max(0.0, at - now), self._awake)

    def _awake(self) -> None:
        self._wake = None
        self._tell(core.Ticked())

    async def _keep_ticking(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self._tell(core.Ticked())

    def _follow(self, state: core.State, now: float) -> None:
        if state.greeted and state.stopped is None:
            self._greeted.set()
        else:
            self._greeted.clear()
        self._state = state
        self._say_anew(now)

    def _say_anew(self, now: float) -> None:
        self._say(status_of(self._state, self._around, self._instants, now=now, wall_ms=_wall_ms()))

    def _say(self, status: LinkStatus) -> None:
        if status != self.status:
            self.status = status
            self._said.set()
            self._on_status(status)

    # The database

    async def _keep_stored(self) -> None:
        """Makes the changes one after the other, in the order in which the core wants them."""
        while True:
            change = await self._changes.get()
            try:
                position, waiting = await self._store_call(making(change))
            except ConsoleError as error:
                self._tell(core.NotStored(error.sentence))
            else:
                self._tell(core.Stored(position, waiting))

    async def _keep_outbox(self) -> None:
        while True:
            await self._written.wait()
            self._written.clear()
            try:
                self._tell(core.Written(await self._store_call(outbox)))
            except ConsoleError as error:  # the next change meets it as well, and shows it
                _log.warning("what waits could not be counted: %s", error.sentence)
                await asyncio.sleep(COUNT_AGAIN_S)
                self._written.set()

    # The hub

    async def _send(self, send: core.Send) -> None:
        try:
            if send.kind == "pull" and not send.wait_s:
                await self._let_page_grow(send)
            answer = await self._requests.answer(send)
        except HubFailure as failure:
            self._tell(
                core.Failed(
                    send.request,
                    failure.sentence,
                    first=failure.first,
                    status=failure.status,
                    retry_after_s=failure.retry_after_s,
                    conflict=failure.conflict,
                    revoked=failure.revoked,
                )
            )
        except ConsoleError as error:
            self._tell(core.Failed(send.request, error.sentence))
        else:
            self._tell(core.Answered(send.request, answer))
            if isinstance(answer, Welcome) and self._keep_greeting is not None:
                with suppress(ConsoleError):  # said again with the next hello
                    await self._keep_greeting(answer.role, self._around.skew_ms)

    async def _let_page_grow(self, send: core.Send) -> None:
        """Own entries that were pushed come back by pages. Where thousands wait, what is one push would be a page."""
        until = time.monotonic() + GROW_S
        while (
            self._state.outbox.new > LARGE_OUTBOX
            and self._state.known_head - send.position.cursor < GROWN_PAGE
            and time.monotonic() < until
        ):
            await asyncio.sleep(0.05)

    def _loaded(self, done: int, of: int) -> None:
        self._around = replace(self._around, done=done, of=of)
        self._say_anew(time.monotonic())

    def _heard_time(self, hub_ms: int, took_s: float) -> None:
        """The hub read its clock somewhere in between: half of the way is the best guess."""
        now_ms = hub_ms + round(took_s * 500)
        self._around = replace(self._around, skew_ms=_wall_ms() - now_ms)
        keeper = self._timekeeper
        if keeper is None or took_s > ANCHOR_RTT_S:
            return
        if not keeper.is_confirmed or abs(keeper.now_ms() - now_ms) > ANCHOR_OFF_MS:
            keeper.anchor_to(now_ms)

    async def _keep_listening(self) -> None:
        quick, delay_s = 0, LISTEN_FLOOR_S
        while True:
            await self._greeted.wait()
            began = time.monotonic()
            try:
                await self._listen()
            except HubFailure as failure:
                _log.debug("no pokes: %s", failure.sentence)
            self._around = replace(self._around, presence=())
            self._tell(core.Listening(False))
            if time.monotonic() - began >= QUICK_CLOSE_S:
                quick, delay_s = 0, LISTEN_FLOOR_S
            else:
                quick, delay_s = quick + 1, min(LISTEN_CEILING_S, delay_s * 2)
            if quick >= QUICK_CLOSES:
                quick, delay_s = 0, LISTEN_AGAIN_S
            await asyncio.sleep(delay_s * random.uniform(0.5, 1.0))

    async def _listen(self) -> None:
        """Until the stream ends. It begins with where the hub's log stands."""
        async for poke in self._client.pokes():
            if not self._state.listening:
                self._tell(core.Listening(True))
                self._presence_set.set()
            self._heard(poke)

    def _heard(self, poke: Poke) -> None:
        others = tuple(one for one in poke.presence if one.person != self.status.person)
        self._around = replace(self._around, presence=others)
        self._tell(core.Poked(poke.head))

    async def _keep_present(self) -> None:
        said: Presence | None = None
        while True:
            self._presence_set.clear()
            if self._greeted.is_set():
                with suppress(HubFailure):  # a hint, said again soon
                    said = await self._say_presence(said, self._presence)
            with suppress(TimeoutError):
                async with asyncio.timeout(PRESENCE_S):  # wait_for may swallow a cancellation that comes with the event
                    await self._presence_set.wait()

    async def _say_presence(self, said: Presence | None, wanted: Presence | None) -> Presence | None:
        if said is not None and (wanted is None or wanted.ticket != said.ticket):
            await self._client.say_presence(replace(said, doing="gone"))
        if wanted is not None:
            await self._client.say_presence(wanted)
        return wanted


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
