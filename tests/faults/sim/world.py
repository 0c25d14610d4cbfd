"""One world: a hub, a few workstations, people, a network, a clock that is virtual, and the faults of its seed.

First everything goes on under faults. Then there is calm: the network is whole, the operator mends what an operator
mends, everybody signs in again, and nobody acts any more. Everything has to become level within ten pushes of each
workstation. Same seed, same world.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from console.domain.push import Author, Decision
from console.sync import core
from tests.faults.sim import people
from tests.faults.sim.faults import CALM, Faults, drawn
from tests.faults.sim.hub import Device, Disk
from tests.faults.sim.invariants import Broken, Watch
from tests.faults.sim.network import Network
from tests.faults.sim.variants import RIGHT, Variant
from tests.faults.sim.workstation import Workstation

BEGAN_MS = 1_790_000_000_000
CALM_S = 1_200.0
"""How long everybody may take to become level, in virtual time."""
MOST_EVENTS = 30_000

Say = Callable[..., None]


class World:
    """`now` is in seconds of the virtual clock, wall clocks are epoch ms."""

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
        self.hub_skew_ms = 0
        self.watch = Watch(self)
        self.network = Network(self)
        self.hub = variant.hub(Disk("hub"), self.hub_ms, lambda: self.death(self.faults.hub_crash))
        self.hub.committing = self.committing
        self.hub.committed = self.committed
        self.epoch = 1
        self.before: deque[tuple[Disk, dict[str, Any]]] = deque(maxlen=5)
        self.backups: list[tuple[Disk, dict[str, Any]]] = []
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
        return BEGAN_MS + int(self.now * 1000)

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
        rng, faults = self.rng, self.faults
        names = rng.sample(list(people.PEOPLE), k=rng.choice((2, 3, 3, 4)))
        for name in people.PEOPLE:
            self.hub.set_person(name, *people.PEOPLE[name])
        for n, name in enumerate(names):
            self.add(f"{name}-{n}", name)
        if faults.old_hub:
            self.hub.new_types = people.NEW_TYPES
        if faults.old_app:
            self.workstations[0].wire = 0
        self.until = rng.uniform(25.0, 70.0)
        for at in self.workstations:
            self.after(rng.uniform(0.0, 3.0), at.start)
            for _ in range(rng.randint(6, 22)):
                self.after(rng.uniform(0.0, self.until), partial(self.acts, at))
            for _ in range(2):
                self.after(rng.uniform(0.0, self.until), at.answer_refusals)
        self.plan()

    def add(self, name: str, person: str) -> Workstation:
        device = self.new_device()
        self.hub.disk.devices[device] = Device(person)
        at = Workstation(self, name, person, self.variant.replica(device))
        self.workstations.append(at)
        return at

    def plan(self) -> None:
        """When the faults of this world happen that happen a number of times."""
        rng, faults = self.rng, self.faults

        def often(times: int, fn: Callable[[], Any]) -> None:
            for _ in range(times):
                self.after(rng.uniform(0.0, self.until), fn)

        often(faults.restarts, self.crash_hub)
        often(faults.membership, self.change_person)
        often(faults.clones, self.clone)
        often(faults.sign_outs, self.sign_out)
        often(faults.revocations, self.revoke)
        often(faults.full_disks, self.fill_disk)
        often(2 if faults.skew_ms else 0, self.set_clock)
        often(2 if faults.restores else 0, self.back_up)
        often(faults.rot, self.rot)
        often(faults.lost_tails, self.lose_tail)
        often(faults.restores, self.restore)
        often(1 if faults.old_hub else 0, self.upgrade)
        self.after(self.until, self.calm_down)

    def acts(self, at: Workstation) -> None:
        if not self.calm:
            at.act()

    # The faults

    def crash_hub(self) -> None:
        if self.calm or not self.hub_is_up:
            return
        self.say(None, "the hub goes down")
        self.hub_is_up = False
        self.network.cut()
        self.after(self.rng.uniform(0.2, 6.0), self.start_hub)

    def start_hub(self) -> None:
        self.hub_is_up = True

    def back_up(self) -> None:
        self.backups.append((self.hub.disk.copy(), dict(self.watch.verdicts)))

    def restore(self) -> None:
        """The hub goes back to a backup; half of them are only moments old."""
        if self.calm:
            return
        if not self.backups or self.rng.random() < 0.5:
            self.back_up()
        backup = self.backups[-1] if self.rng.random() < 0.5 else self.rng.choice(self.backups)
        for at in self.workstations:
            self.after(self.rng.uniform(0.0, 1.0), partial(self.acts, at))
            self.after(self.rng.uniform(1.0, 2.0), partial(self.acts, at))
        self.after(self.rng.uniform(0.5, 2.0), lambda: self.restore_from(*backup))

    def restore_from(self, disk: Disk, verdicts: dict[str, Any]) -> None:
        if self.calm:
            return
        self.epoch += 1
        self.hub.restore(disk, self.epoch)
        self.say(None, "the hub is restored to seq", disk.head.seq, "epoch", self.hub.disk.head.epoch)
        self.watch.restored(self.hub.disk, verdicts)
        self.network.cut()

    def lose_tail(self) -> None:
        """The hub's machine dies, and the last commits that it answered were not on its disk."""
        if not self.before or self.calm:
            return
        disk, verdicts = self.before[0]
        disk.people = self.hub.disk.people
        self.hub.disk = disk
        self.before.clear()
        self.say(None, "the hub loses all behind seq", disk.head.seq)
        self.watch.restored(disk, verdicts)
        self.watch.tail_lost = True
        self.crash_hub()

    def change_person(self) -> None:
        if self.calm:
            return
        rng = self.rng
        name = rng.choice([at.person for at in self.workstations])
        known = self.hub.person(name)
        role, grants = known.role, {*known.grants}
        match rng.randrange(4):
            case 0:
                role = rng.choice(("engineer", "lead", "billing", "admin"))
            case 1:
                grants ^= {"pro:acme"}
            case _:
                grants ^= {f"restricted:{people.CIRCLE}"}
        self.hub.set_person(name, role, tuple(sorted(grants)))
        self.say(None, name, "is", role, sorted(grants))

    def clone(self) -> None:
        """A copy of a workstation's disk goes on in a second place."""
        at = self.rng.choice(self.workstations)
        if self.calm or at.token == "revoked":
            return
        twin = Workstation(self, f"{at.name}-clone", at.person, at.replica.clone())
        twin.token, twin.wire = at.token, at.wire
        self.watch.cloned(at)
        self.say(at, "is cloned")
        self.workstations.append(twin)
        twin.start()
        for _ in range(self.rng.randint(2, 8)):
            self.after(self.rng.uniform(0.0, 20.0), partial(self.acts, twin))

    def sign_out(self) -> None:
        at = self.rng.choice(self.workstations)
        if at.token == "valid":
            at.token = "expired"
            self.after(self.rng.uniform(1.0, 20.0), lambda: self.sign_in(at))

    def sign_in(self, at: Workstation) -> None:
        if at.token == "expired":
            at.token = "valid"
            self.say(at, "signs in")
            at.tell(core.SyncNow())

    def revoke(self) -> None:
        if not self.calm and len(self.workstations) > 1:
            at = self.rng.choice(self.workstations)
            at.token = "revoked"
            self.say(at, "is revoked")

    def fill_disk(self) -> None:
        at = self.rng.choice(self.workstations)
        at.disk_full = True

        def free() -> None:
            at.disk_full = False

        self.after(self.rng.uniform(1.0, 10.0), free)

    def rot(self) -> None:
        """A byte of a confirmed entry turns over, unnoticed."""
        at = self.rng.choice(self.workstations)
        if not self.calm and at.replica.entries:
            seq = self.rng.choice(list(at.replica.entries))
            at.replica.rot(seq)
            self.say(at, "has rot at seq", seq)

    def set_clock(self) -> None:
        rng, most = self.rng, self.faults.skew_ms
        at = rng.choice((None, *self.workstations))
        if at is None:
            self.hub_skew_ms = rng.choice((-most, 0, most))
        else:
            at.skew_ms = rng.choice((-most, 0, most))

    def upgrade(self) -> None:
        self.hub.new_types = frozenset()

    # The calm

    def calm_down(self) -> None:
        """Everything is mended that is not the program's to mend."""
        self.say(None, "calm")
        self.calm = True
        self.faults = CALM
        self.start_hub()
        self.upgrade()
        for at in self.workstations:
            at.disk_full = False
            at.wire = 1
            at.pushes = 0
            if not at.running:
                at.start()
            self.sign_in(at)
            if self.watch.tail_lost:
                at.act()

    def run(self) -> None:
        """Errors: Broken."""
        queue = self.queue
        for _ in range(MOST_EVENTS):
            self.now, _, fn = heapq.heappop(queue)
            fn()
            if self.calm:
                if all(at.is_settled() for at in self.workstations):
                    break
                if self.now > self.until + CALM_S:
                    raise Broken("Not level: " + "; ".join(at.why() for at in self.workstations if not at.is_settled()))
        else:
            raise Broken(f"{MOST_EVENTS} events and no end")
        self.watch.at_the_end()

    def committing(self) -> None:
        if self.faults.lost_tails:
            self.before.append((self.hub.disk.copy(), dict(self.watch.verdicts)))

    def committed(self, decision: Decision, author: Author, already: int) -> None:
        self.watch.committed(self.hub.disk, decision, author, already)
        self.say(None, "the hub records", *(f"{e.seq}:{e.id[:8]}:{e.effect}" for e in decision.entries))
        if decision.entries:
            self.after(0.0, self.tell_readers)

    def tell_readers(self) -> None:
        """Pulls that wait go on, and pokes go out, which may get lost."""
        self.network.wake_waiting()
        head = self.hub.head_seq()
        for at in self.workstations:
            if at.running and at.state.listening:
                life = at.life
                for delay in self.network.ways():
                    self.after(delay, lambda at=at, life=life: at.tell(core.Poked(head)) if life == at.life else None)


def run(seed: int, variant: Variant = RIGHT, trace: Say | None = None) -> None:
    """Errors: Broken, and whatever a part under test raises."""
    World(seed, variant, trace).run()
