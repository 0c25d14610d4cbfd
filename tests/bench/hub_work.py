"""A support team's work as the hub gets it: events of tickets with their guards, and clients that cost next to nothing.

A ticket here is five events: opened, a reply that opens it and its status in one act, an impact, and a note; every
second one is taken with a guard. Bodies are encoded beforehand and sent over a bare socket, so that what is measured is
the hub.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice

import msgspec
import uuid_utils

from console.domain import events as ev
from console.domain.events import Event, Offered, offer, ticket_stream
from console.domain.ticket import UNASSIGNED
from console.wire.messages import Enrolled, Push, wire_event

PER_TICKET = 5


def work(enrolled: Enrolled, first_dseq: int = 1) -> Iterator[Offered]:
    """Events of one workstation without end, ticket after ticket."""
    now, dseqs = time.time_ns() // 1_000_000, count(first_dseq)
    for number in count():
        stream = ticket_stream(new_id())
        answer = new_id()
        opened = ev.TicketOpened(
            by="customer",
            channel=("email", "chat", "portal")[number % 3],
            subject=f"Sign-in loop after certificate change in pool {number}",
            account=f"Contoso {number % 97}",
            product=("CAS", "Classroom")[number % 2],
            impact=ev.IMPACTS[number % 4],
        )
        note = ev.MessageSent(body="Same as last week: the chain misses its intermediate. " * 3, public=False)
        facts: list[tuple[Event, str | None, str | None]] = [
            (opened, None, None),
            (ev.MessageSent(body="Which pools loop, and since when? " * 6, public=True), None, answer),
            (ev.StatusSet(status="open"), None, answer),
            (ev.TicketAssigned(to=enrolled.person), UNASSIGNED if number % 2 else None, None),
            (note, None, None),
        ]
        for fact, expect, act in facts:
            envelope = {"at": now, "device": enrolled.device, "dseq": next(dseqs), "expect": expect, "act": act}
            yield offer(fact, id=new_id(), stream=stream, **envelope)


def pushes(enrolled: Enrolled, *, size: int, batches: int) -> list[bytes]:
    """So many requests of so many events each, as they go over the wire."""
    events = work(enrolled)
    return [post("/v1/push", enrolled, pushed(enrolled, list(islice(events, size)))) for _ in range(batches)]


def pushed(enrolled: Enrolled, offers: Sequence[Offered]) -> bytes:
    """The body of a push."""
    base = offers[0].dseq - 1
    events = tuple(wire_event(offered) for offered in offers)
    return msgspec.json.encode(Push(device=enrolled.device, epoch=1, base_dseq=base, events=events))


def post(path: str, enrolled: Enrolled, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {enrolled.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str, enrolled: Enrolled) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {enrolled.token}\r\n\r\n".encode()


class Connection:
    """One HTTP connection, kept alive; whoever uses it asks one thing at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, url: str) -> Connection:
        host, _, port = url.removeprefix("http://").partition(":")
        return cls(*await asyncio.open_connection(host, int(port), limit=4 * 1024 * 1024))

    async def ask(self, request: bytes) -> bytes:
        """The body of a successful answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, _, lines = head.partition(b"\r\n")
        fields = dict(line.split(b": ", 1) for line in lines.lower().split(b"\r\n") if line)
        body = await self._reader.readexactly(int(fields[b"content-length"]))
        if not status.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"{status.decode()}: {body.decode()}")
        return body

    async def say(self, request: bytes) -> asyncio.StreamReader:
        """Asks for a stream, and gives what comes of it."""
        self._writer.write(request)
        return self._reader

    def close(self) -> None:
        self._writer.close()


def new_id() -> str:
    return str(uuid_utils.uuid7())
