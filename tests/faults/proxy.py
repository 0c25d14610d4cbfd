"""A bad network on loopback: a TCP proxy between workstations and a hub that does harm by seeded chance.

It knows of HTTP only that an exchange begins when the workstation says something after it was answered, and that the
hub commits before it answers: what is cut at the first byte of an answer has happened. One event loop runs it. The same
seed draws the same faults for the exchanges of the n-th connection; how they meet in time is the machine's.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Literal, Self

import msgspec

Fault = Literal[
    "clean",  # nothing happens
    "latency",  # both ways take longer
    "cut_request",  # the connection ends before the whole request is at the hub
    "cut_answer",  # the hub has answered, and the connection ends before the whole answer is at the workstation
    "reset",  # the request is on its way, and the connection is torn down at both ends
    "trickle",  # both ways run in small pieces with pauses
    "deaf",  # what the workstation says goes nowhere for a while, then the connection is reset
    "mute",  # what the hub says goes nowhere for a while, then the connection is reset
    "refused",  # the connection is reset at once, before it reaches a hub
]
Address = tuple[str, int]

_CHUNK: Final = 64 * 1024


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """How often each fault comes (relative weights), and how bad it is. Times are seconds, `piece` is bytes."""

    faults: Mapping[Fault, float]
    latency_s: tuple[float, float] = (0.01, 0.25)
    piece: int = 700
    pause_s: float = 0.005
    silence_s: tuple[float, float] = (0.5, 3.0)

    @classmethod
    def only(cls, fault: Fault) -> Weather:
        return cls(faults={fault: 1})

    def draw(self, dice: random.Random) -> Fault:
        return dice.choices(list(self.faults), list(self.faults.values()))[0]


CLEAR: Final = Weather.only("clean")
CABLE_OUT: Final = Weather.only("refused")
STORM: Final = Weather(
    faults={
        "clean": 10,
        "latency": 4,
        "cut_request": 2,
        "cut_answer": 4,
        "reset": 2,
        "trickle": 1,
        "deaf": 0.5,
        "mute": 0.5,
        "refused": 1,
    }
)


class Proxy:
    """Listens on a port of its own (`address`). `weather` may be set at any time, and counts from the next exchange on;
    `targets` are tried in turn, one for each connection. `done` counts the faults that were really done."""

    def __init__(self, targets: Sequence[Address], *, seed: int, weather: Weather = CLEAR) -> None:
        self.targets = list(targets)
        self.weather = weather
        self.done: Counter[Fault] = Counter()
        self._seed = seed
        self._connections = 0
        self._server: asyncio.Server | None = None
        self._open: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def address(self) -> Address:
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()
        return host, port

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self.address)

    def hang_up(self) -> None:
        """Resets every connection that is open."""
        for connection in list(self._open):
            connection.reset()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        task = asyncio.create_task(self._serve(reader, writer, self._connections))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        if self.weather.faults.keys() == {"refused"}:
            self.done["refused"] += 1
            _reset(writer)
            return
        target = self.targets[number % len(self.targets)]
        try:
            hub_reader, hub_writer = await asyncio.open_connection(*target)
        except OSError:
            _reset(writer)  # no hub listens there
            return
        connection = _Connection(self, random.Random(f"{self._seed} {number}"), writer, hub_writer)
        self._open.add(connection)
        try:
            await connection.run(reader, hub_reader)
        finally:
            self._open.discard(connection)


class _Connection:
    """One connection and the fault of its present exchange."""

    def __init__(
        self,
        proxy: Proxy,
        dice: random.Random,
        workstation: asyncio.StreamWriter,
        hub: asyncio.StreamWriter,
    ) -> None:
        self._proxy = proxy
        self._dice = dice
        self._workstation = workstation
        self._hub = hub
        self._fault: Fault = "clean"
        self._answered = True
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, workstation: asyncio.StreamReader, hub: asyncio.StreamReader) -> None:
        """Until either side ends, or a fault ends it."""
        pumps = [
            asyncio.create_task(self._to_hub(workstation)),
            asyncio.create_task(self._to_workstation(hub)),
        ]
        await asyncio.wait([*pumps, self._end], return_when=asyncio.FIRST_COMPLETED)
        self._end.cancel()
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for writer in (self._workstation, self._hub):
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def reset(self) -> None:
        _reset(self._workstation)
        _reset(self._hub)
        if not self._end.done():
            self._end.set_result(None)

    async def _to_hub(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if self._answered:
                    self._answered = False
                    self._fault = self._proxy.weather.draw(self._dice)
                match self._fault:
                    case "cut_request":
                        self._count()
                        await self._say(self._hub, chunk[: self._dice.randrange(len(chunk))])
                        return
                    case "refused":
                        self._count()
                        self.reset()
                        return
                    case "reset":
                        self._count()
                        await self._say(self._hub, chunk)
                        self.reset()
                        return
                    case "deaf":
                        await self._fall_silent(reader)
                        return
                    case _:
                        await self._carry(self._hub, chunk)

    async def _to_workstation(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                self._answered = True
                match self._fault:
                    case "cut_answer":
                        self._count()
                        await self._say(self._workstation, chunk[: self._dice.randrange(len(chunk))])
                        return
                    case "mute":
                        await self._fall_silent(reader)
                        return
                    case _:
                        await self._carry(self._workstation, chunk)

    async def _fall_silent(self, reader: asyncio.StreamReader) -> None:
        """Swallows what comes from there for a while; the other way goes on."""
        self._count()

        async def swallow() -> None:
            while await reader.read(_CHUNK):
                pass

        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(swallow(), self._dice.uniform(*self._proxy.weather.silence_s))
        self.reset()

    async def _carry(self, writer: asyncio.StreamWriter, chunk: bytes) -> None:
        weather = self._proxy.weather
        if self._fault == "latency":
            self._count()
            await asyncio.sleep(self._dice.uniform(*weather.latency_s))
        if self._fault != "trickle":
            await self._say(writer, chunk)
            return
        self._count()
        for start in range(0, len(chunk), weather.piece):
            await self._say(writer, chunk[start : start + weather.piece])
            await asyncio.sleep(weather.pause_s)

    async def _say(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()

    def _count(self) -> None:
        self._proxy.done[self._fault] += 1


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with RST, so that what was not read yet is lost as well."""
    taken: socket.socket | None = writer.get_extra_info("socket")
    if taken is not None and taken.fileno() >= 0:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
