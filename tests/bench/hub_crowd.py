"""The rest of a team: clients that speak the real protocol and cost little, in one process.

`python -m tests.bench.hub_crowd CROWD`, the crowd as JSON. Each greets, listens for pokes, pulls what came, and acts
now and then, as an engineer's workstation does. It ends when its input ends, and says how many acts there were.
"""

from __future__ import annotations

import asyncio
import base64
import random
import sys
import time
from collections.abc import Sequence
from itertools import count

import msgspec

from console.domain import events as ev
from console.domain.events import Event, Offered, offer, ticket_stream
from console.domain.stamp import GENESIS
from console.wire.messages import Enrolled, Hello, Page, Pushed, Welcome
from tests.bench.hub_work import Connection, get, new_id, post, pushed


class Crowd(msgspec.Struct, frozen=True):
    """Clients over the hub processes at `urls`, each of which acts once in `every_s` on the average."""

    urls: tuple[str, ...]
    clients: tuple[Enrolled, ...]
    every_s: float


class Client:
    def __init__(self, url: str, enrolled: Enrolled, every_s: float) -> None:
        self.acts = 0
        self._url = url
        self._enrolled = enrolled
        self._every_s = every_s
        self._dice = random.Random(enrolled.device)
        self._dseq = count(1)
        self._tickets: list[str] = []
        self._after, self._chain = 0, GENESIS

    async def run(self) -> None:
        self._acting, self._pulling = await Connection.to(self._url), await Connection.to(self._url)
        self._welcome = await self._greeted()
        await asyncio.gather(self._listen(), self._act_now_and_then())

    async def _greeted(self) -> Welcome:
        hello = msgspec.json.encode(Hello(app="bench", device=self._enrolled.device))
        return msgspec.json.decode(await self._acting.ask(post("/v1/hello", self._enrolled, hello)), type=Welcome)

    async def _listen(self) -> None:
        listening = await Connection.to(self._url)
        pokes = await listening.say(get("/v1/poke", self._enrolled))
        while await pokes.read(65_536):
            while await self._pull():
                pass
        raise RuntimeError("the hub ended a stream of pokes")

    async def _pull(self) -> bool:
        """Whether there is more."""
        proof = base64.urlsafe_b64encode(self._chain).decode().rstrip("=")
        place = f"after={self._after}&chain={proof}&epoch={self._welcome.epoch}&scopever={self._welcome.scopever}"
        page = msgspec.json.decode(await self._pulling.ask(get(f"/v1/pull?{place}", self._enrolled)), type=Page)
        self._after, self._chain = page.next, page.chain
        return page.next < page.head

    async def _act_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._dice.uniform(0, 2 * self._every_s))
            offers = self._act()
            answer = await self._acting.ask(post("/v1/push", self._enrolled, pushed(self._enrolled, offers)))
            assert all(verdict.outcome == "recorded" for verdict in msgspec.json.decode(answer, type=Pushed).verdicts)
            self.acts += 1

    def _act(self) -> list[Offered]:
        """A ticket that opens, else a reply with its status, or a note, on one of its own."""
        if not self._tickets or self._dice.random() < 0.2:
            self._tickets.append(ticket_stream(new_id()))
            opened = ev.TicketOpened(by="engineer", channel="phone", subject=f"From the crowd {self.acts}")
            return self._offers(self._tickets[-1], [opened])
        said = ev.MessageSent(body="We looked into it and will tell you more tomorrow. " * 4, public=True)
        facts: Sequence[Event] = [said, ev.StatusSet(status="pending")] if self._dice.random() < 0.7 else [said]
        return self._offers(self._dice.choice(self._tickets), facts)

    def _offers(self, stream: str, facts: Sequence[Event]) -> list[Offered]:
        act, now = new_id() if len(facts) > 1 else None, time.time_ns() // 1_000_000
        envelope = {"stream": stream, "at": now, "device": self._enrolled.device, "act": act}
        return [offer(fact, id=new_id(), dseq=next(self._dseq), **envelope) for fact in facts]


async def crowd(asked: Crowd) -> None:
    clients = [Client(asked.urls[n % len(asked.urls)], one, asked.every_s) for n, one in enumerate(asked.clients)]
    running = [asyncio.create_task(client.run()) for client in clients]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in running:
        if task.done():
            task.result()
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    print(sum(client.acts for client in clients), flush=True)


if __name__ == "__main__":
    asyncio.run(crowd(msgspec.json.decode(sys.argv[1], type=Crowd)))
