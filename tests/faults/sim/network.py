"""The network of a world: requests and answers are lost, doubled, overtaken by others, and late.

Every request is built when it leaves and decided when it arrives. Nobody hears of a loss; the asker gives up after a
while, and what comes later all the same is told to the core, which has to know it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from console.sync import core
from console.wire.messages import Page, Pushed
from tests.faults.sim.hub import Crashed, Refused

if TYPE_CHECKING:
    from tests.faults.sim.workstation import Request, Workstation
    from tests.faults.sim.world import World

TIMEOUT_S = 6.0


class Network:
    """`waiting` are pulls that the hub holds until there is more."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.waiting: dict[int, Callable[[], None]] = {}

    def send(self, asker: Workstation, send: core.Send) -> None:
        world, life = self.world, asker.life
        request = asker.build(send)
        if request is None:
            world.after(0.001, lambda: asker.hear(life, send, Pushed(verdicts=(), head=0)))
            return
        world.after(TIMEOUT_S + send.wait_s, lambda: self.give_up(asker, life, send))
        for delay in self.ways():
            world.after(delay, lambda: self.arrive(asker, life, send, request))

    def give_up(self, asker: Workstation, life: int, send: core.Send) -> None:
        if life == asker.life:
            asker.tell(core.Failed(send.request, "The hub did not answer in time."))

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
            self.let_in(asker, send)
            answer = request.ask(world.hub)
        except Crashed:
            world.say(None, "the hub crashes in a", send.kind)
            world.crash_hub()
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
            self.back(asker, life, failed)
            return
        if isinstance(answer, Page) and answer.next == send.position.cursor and send.wait_s and world.hub_is_up:
            self.hold(asker, life, send, request)
            return
        world.watch.answered(asker, send, answer)
        world.say(asker, "is answered", send.kind, answer)
        self.back(asker, life, send, answer)

    def let_in(self, asker: Workstation, send: core.Send) -> None:
        """Who may not come, and what stands between: proxies and limits."""
        world = self.world
        if world.rng.random() < world.faults.answers:
            status = world.rng.choice(world.faults.statuses)
            raise Refused(status, f"Answered {status}.", retry_after_s=2.0 if status == 429 else None)
        if asker.token != "valid":
            raise Refused(401, "Not signed in.", revoked=asker.token == "revoked")
        if asker.wire < world.hub.min_wire:
            raise Refused(426, "This app is too old for the hub.")

    def back(self, asker: Workstation, life: int, about: Any, answer: Any = None) -> None:
        for delay in self.ways():
            if isinstance(about, core.Failed):
                self.world.after(delay, lambda: asker.tell(about) if life == asker.life else None)
            else:
                self.world.after(delay, lambda: asker.hear(life, about, answer))

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
