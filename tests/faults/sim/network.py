"""The network of a world: requests and answers are lost, doubled, overtaken by others, and late.

Every request is built when it leaves and decided when it arrives. Nobody hears of a loss; the asker gives up after a
while, and what comes later all the same is told to the core, which has to know it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from console.sync import core
from console.wire.messages import Page, Pushed
from tests.faults.sim.asking import Request, request_of
from tests.faults.sim.blobs import WrongOffset
from tests.faults.sim.hub import Crashed, Hub, Refused

if TYPE_CHECKING:
    from tests.faults.sim.workstation import Workstation
    from tests.faults.sim.world import World

TIMEOUT_S = 6.0


class Network:
    """`waiting` are pulls that the hub holds until there is more."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.waiting: dict[int, Callable[[], None]] = {}

    def send(self, asker: Workstation, send: core.Send) -> None:
        world, life = self.world, asker.life
        request = request_of(asker, send)
        if request is None:
            world.after(0.001, lambda: asker.hear(life, send, Pushed(verdicts=(), head=0)))
            return
        late = core.Failed(send.request, "The hub did not answer in time.")
        world.after(TIMEOUT_S + send.wait_s, partial(asker.tell_in, life, late))
        self.bring(partial(self.arrive, asker, life, send, request))

    def bring(self, arrives: Callable[[], object]) -> None:
        """A message is under way."""
        for delay in self.ways():
            self.world.after(delay, arrives)

    def ways(self) -> list[float]:
        """When the copies of a message arrive."""
        faults, rng = self.world.faults, self.world.rng
        copies = 2 if rng.random() < faults.twice else 1
        ways = []
        for _ in range(copies):
            if rng.random() >= faults.lose:
                slow = rng.random() < faults.slow
                ways.append(rng.uniform(0.5, 25.0) if slow else rng.uniform(0.005, 0.2))
        return ways

    def arrive(self, asker: Workstation, life: int, send: core.Send, request: Request) -> None:
        """A request is at the hub."""
        world = self.world
        if not world.hub_is_up:
            return
        try:
            self.let_in(asker)
            answer = request.ask(world.hub)
        except Crashed:
            world.mishaps.crash_hub()
            return
        except Refused as refused:
            world.say(asker, "is answered", send.kind, refused.status, refused.conflict or refused.detail)
            world.watch.refused(asker, refused)
            failed = core.Failed(
                send.request,
                refused.detail,
                first=request.first,
                status=refused.status,
                retry_after_s=refused.retry_after_s,
                conflict=refused.conflict,
                revoked=refused.revoked,
            )
            self.bring(partial(asker.tell_in, life, failed))
            return
        if isinstance(answer, Page) and answer.next == send.position.cursor and send.wait_s and world.hub_is_up:
            self.hold(asker, life, send, request)
            return
        world.watch.answered(asker, send, answer)
        world.say(asker, "is answered", send.kind, answer)
        self.bring(partial(asker.hear, life, send, answer))

    def let_in(self, asker: Workstation) -> None:
        """Who may not come, and what stands between: proxies and limits."""
        world = self.world
        if world.rng.random() < world.faults.answers:
            status = world.rng.choice(world.faults.statuses)
            raise Refused(status, f"Answered {status}.", retry_after_s=2.0 if status == 429 else None)
        if asker.token != "valid":
            raise Refused(401, "Not signed in.", revoked=asker.token == "revoked")
        world.hub.check_wire(asker.wire)
        world.watch.let_in(asker)

    def ask(self, asker: Workstation, ask: Callable[[Hub], Any], heard: Callable[[Any], object]) -> None:
        """A request beside those of the core. `heard` is called once, with the answer, with what was raised in its
        place, or with None where nothing came in time."""
        world, life = self.world, asker.life
        open = [heard]

        def hear(answer: Any) -> None:
            if open and life == asker.life:
                open.pop()(answer)

        world.after(TIMEOUT_S, partial(hear, None))
        self.bring(partial(self.decide, asker, ask, hear))

    def decide(self, asker: Workstation, ask: Callable[[Hub], Any], hear: Callable[[Any], None]) -> None:
        if not self.world.hub_is_up:
            return
        answer: Any
        try:
            self.let_in(asker)
            answer = ask(self.world.hub)
        except Crashed:
            self.world.mishaps.crash_hub()
            return
        except Refused as refused:
            self.world.watch.refused(asker, refused)
            answer = refused
        except WrongOffset as wrong:
            answer = wrong
        self.bring(partial(hear, answer))

    def hold(self, asker: Workstation, life: int, send: core.Send, request: Request) -> None:
        """Until there is more, or the time is over."""
        key = self.world.next_key()

        def let_go() -> None:
            if self.waiting.pop(key, None) is not None:
                self.arrive(asker, life, replace(send, wait_s=0.0), request)

        self.waiting[key] = let_go
        self.world.after(send.wait_s, let_go)

    def wake_waiting(self) -> None:
        for let_go in list(self.waiting.values()):
            let_go()

    def cut(self) -> None:
        """The hub went down: nobody waits any more."""
        self.waiting.clear()
