"""One world: a hub, a few workstations, people, a network, a clock that is virtual, and the faults of its seed.

First everything goes on under faults. Then there is calm: the network is whole, the operator mends what an operator
mends, everybody signs in again, and nobody acts any more. Everything has to become level within ten pushes of each
workstation. At last everybody acts once more, and has to become level by pokes alone. Same seed, same world.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from console.domain.push import Author, Decision
from console.sync import core
from tests.faults.sim import people
from tests.faults.sim.broken import Broken
from tests.faults.sim.faults import CALM, Faults, drawn
from tests.faults.sim.files import Files
from tests.faults.sim.hub import Device, Disk
from tests.faults.sim.invariants import Watch
from tests.faults.sim.level import at_the_end, in_few_pushes
from tests.faults.sim.mishaps import Mishaps
from tests.faults.sim.network import Network
from tests.faults.sim.variants import RIGHT
from tests.faults.sim.variants.variant import Variant
from tests.faults.sim.workstation import Workstation

BEGAN_MS = 1_790_000_000_000
CALM_S = 1_200.0
"""How long everybody may take to become level, in virtual time."""
STRAGGLERS_S = 27.0
"""After so long every message of the time before the calm has come, or is given up."""
LAST_WORDS = 2
"""So many acts of each, when all are level..."""
LAST_WORDS_S = 0.5
"""...within this time..."""
PROMPT_S = 8.0
"""...are everywhere after this, which is less than the time between two polls."""
MOST_EVENTS = 30_000

Say = Callable[..., None]


class World:
    """`now` is in seconds of the virtual clock, wall clocks are epoch ms. `last_words` is when everybody was level."""

    def __init__(self, seed: int, variant: Variant = RIGHT, trace: Say | None = None) -> None:
        self.rng = Random(seed)
        self.variant = variant
        self.trace = trace
        self.now = 0.0
        self.queue: list[tuple[float, int, Callable[[], None]]] = []
        self.keys = 0
        self.ids = 0
        self.faults: Faults = drawn(self.rng)
        self.calm = False
        self.hub_is_up = True
        self.last_words: float | None = None
        self.hub_skew_ms = 0
        self.leap_ms = 0
        self.watch = Watch(self)
        self.network = Network(self)
        self.hub = variant.hub(Disk("hub"), self.hub_ms, lambda: self.death(self.faults.hub_crash))
        self.mishaps = Mishaps(self)
        self.hub.committing = self.mishaps.committing
        self.hub.committed = self.committed
        self.workstations: list[Workstation] = []
        self.settle()

    # What everybody uses

    def say(self, who: Workstation | None, *what: Any) -> None:
        if self.trace is not None:
            self.trace(f"{self.now:9.3f}  {who.name if who else '':12}", *what)

    def next_key(self) -> int:
        self.keys += 1
        return self.keys

    def number(self) -> int:
        return self.next_key()

    def id(self) -> str:
        self.ids += 1
        return f"{self.ids:08x}-0000-7000-8000-000000000000"

    def new_device(self) -> str:
        return f"device-{self.next_key()}"

    def wall_ms(self) -> int:
        return BEGAN_MS + self.leap_ms + int(self.now * 1000)

    def hub_ms(self) -> int:
        return self.wall_ms() + self.hub_skew_ms

    def after(self, delay: float, fn: Callable[[], Any]) -> None:
        heapq.heappush(self.queue, (self.now + delay, self.next_key(), fn))

    def death(self, rate: float) -> str | None:
        """Whether something dies at a commit, and on which side of it."""
        if not rate or self.rng.random() >= rate:
            return None
        return "before" if self.rng.random() < 0.5 else "after"

    # The beginning

    def settle(self) -> None:
        rng = self.rng
        names = rng.sample(list(people.PEOPLE), k=rng.choice((2, 3, 3, 4)))
        for name in people.PEOPLE:
            self.hub.set_person(name, *people.PEOPLE[name])
        for n, name in enumerate(names):
            self.add(f"{name}-{n}", name)
        self.until = rng.uniform(25.0, 70.0)
        for at in self.workstations:
            self.after(rng.uniform(0.0, 3.0), at.start)
            for _ in range(rng.randint(6, 22)):
                self.after(rng.uniform(0.0, self.until), partial(self.acts, at))
            for _ in range(2):
                self.after(rng.uniform(0.0, self.until), at.answer_refusals)
                self.after(rng.uniform(0.0, self.until), at.withdraw)
        for _ in range(self.faults.files):
            for act in (Files.attach, Files.fetch, Files.fetch, Files.redact):
                self.after(rng.uniform(0.0, self.until), partial(self.about_a_file, act))
        self.mishaps.begin()
        self.mishaps.plan(self.until)
        self.after(self.until, self.calm_down)

    def add(self, name: str, person: str) -> Workstation:
        device = self.new_device()
        self.hub.disk.devices[device] = Device(person)
        at = self.variant.workstation(self, name, person, self.variant.replica(device))
        self.workstations.append(at)
        return at

    def acts(self, at: Workstation) -> None:
        if not self.calm:
            at.act()

    def about_a_file(self, act: Callable[[Files], object]) -> None:
        if not self.calm:
            act(self.rng.choice(self.workstations).files)

    def start_hub(self) -> None:
        self.hub_is_up = True

    # The end

    def calm_down(self) -> None:
        """Everything is mended that is not the program's to mend."""
        self.say(None, "calm")
        self.calm = True
        self.faults = CALM
        self.start_hub()
        self.mishaps.update_hub()
        for at in self.workstations:
            at.disk_full = False
            at.pushes = 0
            at.update()
            if not at.running:
                at.start()
            self.mishaps.sign_in(at)
            if self.watch.tail_lost:
                at.act()

    def speak_a_last_time(self) -> None:
        """All are level: now each says something more, at about the same time, and nothing but pokes and answers brings
        it to the others."""
        self.say(None, "everybody is level")
        self.last_words = self.now
        for at in self.workstations:
            at.pushes = 0
            for _ in range(LAST_WORDS):
                self.after(self.rng.uniform(0.0, LAST_WORDS_S), at.act)

    def run(self) -> None:
        """Errors: Broken."""
        queue = self.queue
        for _ in range(MOST_EVENTS):
            self.now, _, fn = heapq.heappop(queue)
            fn()
            if self.calm and self.is_over():
                break
        else:
            raise Broken(f"{MOST_EVENTS} events and no end")
        at_the_end(self)

    def is_over(self) -> bool:
        """Errors: Broken, where it takes too long."""
        if self.last_words is None:
            if self.now < self.until + STRAGGLERS_S:
                return False
            behind = [at for at in self.workstations if not at.is_settled()]
            if behind and self.now > self.until + CALM_S:
                raise Broken(f"Not level: {'; '.join(at.why() for at in behind)}")
            if not behind:
                in_few_pushes(self)
                self.speak_a_last_time()
            return False
        if self.now < self.last_words + LAST_WORDS_S:
            return False
        behind = [at for at in self.workstations if not at.is_level()]
        if behind and self.now > self.last_words + LAST_WORDS_S + PROMPT_S:
            raise Broken(f"Not level without a timed poll: {'; '.join(at.why() for at in behind)}")
        return not behind

    # The hub's commits

    def committed(self, decision: Decision, author: Author, already: int) -> None:
        self.watch.committed(self.hub.disk, decision, author, already)
        self.mishaps.committed()
        self.say(None, "the hub records", *(f"{e.seq}:{e.id[:8]}:{e.effect}" for e in decision.entries))
        if decision.entries:
            self.after(0.0, self.tell_readers)

    def tell_readers(self) -> None:
        """Pulls that wait go on, and pokes go out, which may get lost."""
        self.network.wake_waiting()
        head = self.hub.head_seq()
        for at in self.workstations:
            if at.running and at.state.listening:
                self.network.bring(partial(at.tell_in, at.life, core.Poked(head)))


def run(seed: int, variant: Variant = RIGHT, trace: Say | None = None) -> None:
    """Errors: Broken, and whatever a part under test raises."""
    World(seed, variant, trace).run()
