"""A workstation without a window: an engine that runs, and the real journal that it keeps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

import uuid_utils

from console.domain import events as ev
from console.domain.events import Entry, Event, Offered, imported_id, offer, ticket_stream
from console.guidelines_files import shipped_history
from console.journal.replica import Replica
from console.journal.store import Journal
from console.sync.core import Config
from console.sync.engine import Engine
from console.sync.status import Link, LinkStatus
from console.wire.messages import Enrolled

T = TypeVar("T")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Station:
    """Signed in as `enrolled`; as a context its engine runs. `told` are all statuses, `failures` what went to the crash
    log. The journal lives on a thread of its own, as a window's does."""

    def __init__(
        self,
        url: str,
        enrolled: Enrolled,
        folder: Path,
        *,
        config: Config | None = None,
        token: Callable[[], str] | None = None,
        **of_the_engine: Any,
    ) -> None:
        self.enrolled = enrolled
        self.told: list[LinkStatus] = []
        self.failures: list[BaseException] = []
        self._thread = ThreadPoolExecutor(1, "desk")
        self.journal = self.ask(lambda: Journal.open(folder / "journal.db", history=shipped_history(), now_ms=now_ms()))
        self.ask(
            lambda: self.journal.follow(url=url, person=enrolled.person, role=enrolled.role, device=enrolled.device)
        )
        self.engine = Engine(
            self.store_call,
            url=url,
            token=token or (lambda: enrolled.token),
            lock=folder / "sync.lock",
            on_status=self.told.append,
            on_failure=lambda _, error: self.failures.append(error),
            config=config,
            **of_the_engine,
        )

    def ask(self, work: Callable[[], T]) -> T:
        """Runs on the journal's thread, and waits."""
        return self._thread.submit(work).result()

    def store_call(self, fn: Callable[[Replica], T], /) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, lambda: fn(self.journal.replica))

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self.engine.run())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    def close(self) -> None:
        self.ask(self.journal.close)
        self._thread.shutdown()

    @property
    def status(self) -> LinkStatus:
        return self.engine.status

    def write(self, ticket: str, *events: Event, act: str | None = None, **envelope: Any) -> list[Offered]:
        """Records an act and tells the engine."""
        offers = [
            offer(
                event,
                id=str(uuid_utils.uuid7()),
                stream=ticket_stream(ticket),
                at=now_ms(),
                device="",
                dseq=0,
                act=act,
                **envelope,
            )
            for event in events
        ]
        person = self.enrolled.person
        self.ask(lambda: self.journal.record(offers, actor=person, now_ms=now_ms(), decide=lambda *_: None))
        self.engine.written()
        return offers

    def open_ticket(self, subject: str = "Sign-in loop", **facts: Any) -> str:
        ticket = str(uuid_utils.uuid7())
        self.write(ticket, ev.TicketOpened(by="engineer", channel="phone", subject=subject, **facts))
        return ticket

    def import_tickets(self, count: int) -> None:
        """Brings tickets of another system, one entry each."""
        opened = ev.TicketOpened(by="customer", channel="email", subject="From elsewhere")
        batch = [
            [
                offer(
                    opened,
                    id=imported_id("test", str(number)),
                    stream=ticket_stream(imported_id("test", "ticket", str(number))),
                    at=now_ms(),
                    device="",
                    dseq=0,
                )
            ]
            for number in range(count)
        ]
        self.ask(lambda: self.journal.record_imported(batch, now_ms=now_ms()))

    def entries(self, ticket: str) -> list[Entry]:
        """What the hub has confirmed of a ticket."""
        return [entry for entry in self.ask(lambda: self.journal.entries(ticket_stream(ticket))) if not entry.pending]

    def everything(self) -> dict[str, list[Entry]]:
        """All streams as a person sees them."""
        return self.ask(lambda: dict(self.journal.all_streams()))

    async def until(self, true: Callable[[], object], within_s: float = 10.0) -> None:
        """Waits until something is true, and fails the test with the last status if it never is."""
        end = time.monotonic() + within_s
        while not true():
            assert not self.failures, self.failures
            assert time.monotonic() < end, f"it never came true; {self.status}"
            await asyncio.sleep(0.01)

    async def until_link(self, link: Link, within_s: float = 10.0) -> None:
        await self.until(lambda: self.status.link == link, within_s)
