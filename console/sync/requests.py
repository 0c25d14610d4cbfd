"""The requests of the sync core, carried out: what is asked of the hub, and of the database beforehand.

Called by `engine` with each `Send`; answers are what `core.Answered` takes. A request that fails raises `HubFailure`, a
database that cannot be asked its own `ConsoleError`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import console
from console.domain.errors import ConsoleError
from console.domain.events import Entry
from console.journal.replica import Basis, Change, Outbox, Position, Reload, Replica, TakePage
from console.sync import core
from console.sync.failures import HubFailure, WrongCopy
from console.sync.http import HubClient
from console.sync.snapshot import Snapshot
from console.wire.messages import MAX_BATCH_BYTES, Hello, Pull, Push, Pushed, SnapshotHead, Welcome, wire_event

T = TypeVar("T")


class StoreCall(Protocol):
    """Runs a function on the database's thread and gives its result or raises its error."""

    def __call__(self, fn: Callable[[Replica], T], /) -> Awaitable[T]: ...


def standing(replica: Replica) -> tuple[Position, Outbox]:
    return replica.position(), replica.outbox()


def outbox(replica: Replica) -> Outbox:
    return replica.outbox()


def folding(after: str) -> Callable[[Replica], str | None]:
    return lambda replica: replica.fold_behind(after)


def making(change: Change) -> Callable[[Replica], tuple[Position, Outbox]]:
    """Makes a change, and tells where the store stands then."""

    def make(replica: Replica) -> tuple[Position, Outbox]:
        replica.change(change)
        return standing(replica)

    return make


class Requests:
    """`tell` takes what the core should know in between, `loaded` how much of gained scopes is here, `hub_time` the
    hub's clock (epoch ms) with the seconds that the question took."""

    def __init__(
        self,
        client: HubClient,
        store_call: StoreCall,
        token: Callable[[], str],
        *,
        tell: Callable[[core.Input], object],
        loaded: Callable[[int, int], object],
        hub_time: Callable[[int, float], object],
    ) -> None:
        self._client = client
        self._store_call = store_call
        self._token = token
        self._tell = tell
        self._loaded = loaded
        self._hub_time = hub_time

    async def answer(self, send: core.Send) -> object:
        match send.kind:
            case "hello":
                return await self._hello(send.position)
            case "push":
                return await self._push(send)
            case "pull":
                return await self._client.pull(_pull(send.position, wait_s=send.wait_s))
            case "scopes":
                return await self._gained(send)
            case "snapshot":
                return await self._load(send)
            case "device":
                return await self._client.new_device()
            case "check":
                return await self._is_same(send.position)

    async def _hello(self, position: Position) -> Welcome:
        """A key that cannot be read is like one that the hub does not know: the person signs in again. What a load that
        broke off left behind is folded first."""
        await self._catch_up()
        try:
            self._client.token = await asyncio.to_thread(self._token)
        except ConsoleError as error:
            raise HubFailure(error.sentence, status=401) from error
        hello = Hello(
            app=console.__version__,
            device=position.device,
            hub_id=position.hub_id,
            epoch=position.epoch,
            cursor=position.cursor,
            chain=position.chain,
            scopever=position.scopever,
        )
        before = time.monotonic()
        welcome = await self._client.hello(hello)
        self._hub_time(welcome.now_ms, time.monotonic() - before)
        return welcome

    async def _push(self, send: core.Send) -> Pushed:
        offering = await self._store_call(
            lambda replica: replica.offering(max_events=send.limit, max_bytes=MAX_BATCH_BYTES)
        )
        if offering is None:  # withdrawn meanwhile
            self._tell(core.Written(await self._store_call(outbox)))
            return Pushed(verdicts=(), head=0)
        push = Push(
            device=send.position.device,
            epoch=send.position.epoch,
            base_dseq=offering.base_dseq,
            events=tuple(wire_event(offered, adopted=offered.adopted) for offered in offering.events),
        )
        try:
            return await self._client.push(push)
        except HubFailure as failure:
            failure.first = push.events[0].id
            raise

    async def _gained(self, send: core.Send) -> tuple[Entry, ...]:
        """All entries of scopes that are new to this person, up to the cursor."""
        found: list[Entry] = []
        try:
            async with self._client.snapshot(send.scopes, upto=send.position.cursor) as snapshot:
                async for entries in snapshot.chunks():
                    refuse_another_log(snapshot.head, send.position)
                    found += entries
                    self._loaded(len(found), snapshot.head.count)
        except HubFailure as failure:
            raise await self._why(failure, send.position) from failure
        finally:
            self._loaded(0, 0)
        return tuple(found)

    async def _load(self, send: core.Send) -> int:
        """Stores a snapshot chunk by chunk while it comes. What is stored stays: the next one begins behind it."""
        try:
            async with self._client.snapshot(send.scopes, after=send.position.cursor) as snapshot:
                await self._store(snapshot, send.position)
            await self._catch_up()
            return snapshot.head.seq
        except WrongCopy:
            self._tell(core.Moved(*await self._start_again()))
            raise
        except HubFailure as failure:
            raise await self._why(failure, send.position) from failure

    async def _store(self, snapshot: Snapshot, position: Position) -> None:
        """One chunk is held back, for only the last one goes as far as the snapshot does."""
        held: list[Entry] = []
        async for entries in snapshot.chunks():
            refuse_another_log(snapshot.head, position)
            if held:
                position = await self._take(position, held, held[-1].seq, held[-1].chain)
            held = entries
        await self._take(position, held, snapshot.head.seq, snapshot.head.chain)

    async def _take(self, position: Position, entries: list[Entry], upto: int, chain: bytes) -> Position:
        page = TakePage(basis=_basis(position), entries=tuple(entries), next=upto, chain=chain, bulk=True)
        now_at, waiting = await self._store_call(making(page))
        self._tell(core.Moved(now_at, waiting))
        if now_at.cursor != upto:
            raise HubFailure("The local copy changed while it was loaded; it goes on from where it is.")
        return now_at

    async def _catch_up(self) -> None:
        """Makes the read models know what was stored, a step at a time: others read and write in between."""
        after: str | None = ""
        while after is not None:
            after = await self._store_call(folding(after))

    async def _start_again(self) -> tuple[Position, Outbox]:
        position, _ = await self._store_call(standing)
        return await self._store_call(making(Reload(basis=_basis(position))))

    async def _why(self, failure: HubFailure, position: Position) -> HubFailure:
        """A snapshot that the hub does not give, for another epoch or for scopes that are not the person's any more: a
        pull is answered with what changed."""
        if failure.status != 422:
            return failure
        try:
            await self._client.pull(_pull(position))
        except HubFailure as told:
            return told
        return failure

    async def _is_same(self, position: Position) -> bool:
        def own(replica: Replica) -> tuple[int, tuple[int, bytes]]:
            return replica.position().cursor, replica.checksum()

        cursor, checksum = await self._store_call(own)
        if cursor != position.cursor:
            return True  # it moved; another day
        theirs = await self._client.checksum(cursor)
        return checksum == (theirs.count, theirs.checksum)


def _basis(position: Position) -> Basis:
    return Basis(hub_id=position.hub_id, epoch=position.epoch, cursor=position.cursor, scopever=position.scopever)


def _pull(position: Position, *, wait_s: float = 0.0) -> Pull:
    return Pull(
        after=position.cursor,
        chain=position.chain,
        epoch=position.epoch,
        scopever=position.scopever,
        wait=wait_s,
    )


def refuse_another_log(head: SnapshotHead, position: Position) -> None:
    """A hub that was restored meanwhile gives a copy of its new log, which does not go on where this one is. Errors:
    HubFailure."""
    if (head.hub_id, head.epoch) != (position.hub_id, position.epoch) or head.seq < position.cursor:
        raise HubFailure("The hub's log became another one while it was copied; it is asked again.")
