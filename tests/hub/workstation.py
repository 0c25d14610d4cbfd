"""A workstation as far as a hub can tell: it offers events under its own ids and counter, and asks for pages."""

from __future__ import annotations

import base64
import itertools
import time
from typing import Any, TypeVar

import httpx2
import msgspec
import uuid_utils

from console.domain import events as ev
from console.domain.events import Event, offer, ticket_stream
from console.wire.messages import (
    Enrolled,
    Hello,
    Page,
    Problem,
    Push,
    Pushed,
    Welcome,
    WireEvent,
    wire_event,
)
from tests.hub.running import client

T = TypeVar("T")
JSON = {"Content-Type": "application/json"}


def new_id() -> str:
    return str(uuid_utils.uuid7())


def said(answer: httpx2.Response, shape: type[T], status: int = 200) -> T:
    """The message in an answer that has to have a status."""
    assert answer.status_code == status, answer.text[:500]
    return msgspec.json.decode(answer.content, type=shape)


def problem(answer: httpx2.Response, status: int) -> Problem:
    """The problem document of an answer: well-formed, with a sentence, and of the same status as the answer."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    document = msgspec.json.decode(answer.content, type=Problem)
    assert document.status == status
    assert document.title
    assert document.detail[:1].isupper()
    assert document.detail.endswith(".")
    return document


class Workstation:
    """Signed in as `enrolled`; `http` is its client. Used as a context, for its connections."""

    def __init__(self, url: str, enrolled: Enrolled) -> None:
        self.enrolled = enrolled
        self.http = client(url, enrolled)
        self.base = 0
        self._dseq = itertools.count(1)

    def __enter__(self) -> Workstation:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def event(
        self, event: Event, stream: str, *, id: str | None = None, at: int | None = None, **envelope: Any
    ) -> WireEvent:
        """An event of this workstation, with its next `dseq`."""
        offered = offer(
            event,
            id=id or new_id(),
            stream=stream,
            at=time.time_ns() // 1_000_000 if at is None else at,
            device=envelope.pop("device", self.enrolled.device),
            dseq=next(self._dseq),
            **envelope,
        )
        return wire_event(offered)

    def opening(self, subject: str = "Sign-in loop", *, ticket: str | None = None, **facts: Any) -> WireEvent:
        """The event that opens a ticket."""
        opened = ev.TicketOpened(**{"by": "engineer", "channel": "phone", "subject": subject, **facts})
        return self.event(opened, ticket_stream(ticket or new_id()))

    def offers(
        self, *events: WireEvent, epoch: int = 1, base: int | None = None, device: str | None = None
    ) -> httpx2.Response:
        """Pushes events as they are and gives the answer; `base` is the highest `dseq` below them that was answered."""
        push = Push(
            device=device or self.enrolled.device,
            epoch=epoch,
            base_dseq=self.base if base is None else base,
            events=events,
        )
        return self.http.post("/v1/push", content=msgspec.json.encode(push), headers=JSON)

    def push(self, *events: WireEvent) -> Pushed:
        """Pushes events, all of which get a verdict."""
        pushed = said(self.offers(*events), Pushed)
        assert len(pushed.verdicts) == len(events)
        self.base = max(self.base, *(event.dseq for event in events))
        return pushed

    def open_ticket(self, subject: str = "Sign-in loop", **facts: Any) -> str:
        """Opens a ticket and gives its id."""
        opening = self.opening(subject, **facts)
        (verdict,) = self.push(opening).verdicts
        assert (verdict.outcome, verdict.effect) == ("recorded", "applied")
        return opening.stream.removeprefix("ticket:")

    def hello(self, **said_of_itself: Any) -> Welcome:
        hello = Hello(**{"app": "test", "device": self.enrolled.device, **said_of_itself})
        return said(self.http.post("/v1/hello", content=msgspec.json.encode(hello), headers=JSON), Welcome)

    def asks(
        self, after: int = 0, *, chain: bytes = b"", epoch: int = 1, scopever: int | None = None, **more: Any
    ) -> httpx2.Response:
        """Pulls and gives the answer."""
        asked = {
            "after": after,
            "chain": base64.urlsafe_b64encode(chain).decode().rstrip("="),
            "epoch": epoch,
            "scopever": self.hello().scopever if scopever is None else scopever,
            **more,
        }
        return self.http.get("/v1/pull", params=asked)

    def pull(self, after: int = 0, **more: Any) -> Page:
        return said(self.asks(after, **more), Page)
