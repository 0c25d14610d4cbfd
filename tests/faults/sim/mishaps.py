"""What goes wrong in a world at a certain time, and what its operator and its people do about it: each is one event.

Nothing of it happens any more once the world is calm. What goes wrong with a rate is drawn where it happens: messages
in `network`, commits in `World.death`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from console.journal.own_rows import KEPT_MS
from console.sync import core
from console.wire.messages import WIRE_VERSION
from tests.faults.sim import people
from tests.faults.sim.hub import Disk
from tests.faults.sim.workstation import Workstation

if TYPE_CHECKING:
    from tests.faults.sim.world import World

WAITS_S: Final = 3.0
MOMENTS_S: Final = 0.02
DAY_MS: Final = 86_400_000
Backup = tuple[Disk, dict[str, Any]]
_OLD: Final = WIRE_VERSION - 1
_KEPT_COMMITS: Final = 5
"""So many states of the hub are remembered, for one that loses its last commits."""


class Mishaps:
    """`epoch` is the last one that an operator gave the hub; `before` its last states, `backups` those that were kept,
    each with the verdicts that had been given by then. What is `due` happens at the next commit of the hub."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.epoch = 1
        self.before: deque[Backup] = deque(maxlen=_KEPT_COMMITS)
        self.backups: list[Backup] = []
        self.due: list[tuple[float, Callable[[], object]]] = []

    def begin(self) -> None:
        """What is so from the beginning."""
        faults, hub = self.world.faults, self.world.hub
        if faults.old_hub:
            hub.new_types = people.NEW_TYPES
        if faults.old_apps:
            hub.min_wire = _OLD
            for at in self.world.workstations[: faults.old_apps]:
                at.wire = _OLD

    def plan(self, until: float) -> None:
        """When each thing happens that happens a number of times, in seconds of the virtual clock."""
        world, rng, faults = self.world, self.world.rng, self.world.faults

        def often(times: int, fn: Callable[[], object]) -> None:
            for _ in range(times):
                world.after(rng.uniform(0.0, until), partial(self.unless_calm, fn))

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
        often(faults.restores, self.restore_twice if faults.wrong_backups else self.restore)
        often(1 if faults.old_hub else 0, self.update_hub)
        often(faults.old_apps, self.update_app)
        often(1 if faults.old_apps and faults.apps_too_old else 0, self.ask_for_newer_apps)
        often(faults.leaps, self.leap)

    def unless_calm(self, fn: Callable[[], object]) -> None:
        if not self.world.calm:
            fn()

    def crash_hub(self) -> None:
        world = self.world
        if world.hub_is_up:
            world.say(None, "the hub goes down")
            world.hub_is_up = False
            world.network.cut()
            world.after(world.rng.uniform(0.2, 6.0), world.start_hub)

    def back_up(self) -> None:
        self.backups.append(self.as_it_is())

    def as_it_is(self) -> Backup:
        return self.world.hub.disk.copy(), dict(self.world.watch.verdicts)

    def committing(self) -> None:
        """Before each commit of the hub."""
        if self.world.faults.lost_tails:
            self.before.append(self.as_it_is())

    def at_next_commit(self, fn: Callable[[], object], *, moments_s: float = 0.0) -> None:
        """Right after the hub's next commit, or some moments later, when most often nobody has heard of it yet; without
        one after a while."""
        due = (moments_s, fn)

        def give_up_waiting() -> None:
            if due in self.due:
                self.due.remove(due)
                self.unless_calm(fn)

        self.due.append(due)
        self.world.after(WAITS_S, give_up_waiting)

    def committed(self) -> None:
        """After each commit of the hub, before it is answered."""
        due, self.due = self.due, []
        for moments_s, fn in due:
            self.world.after(self.world.rng.uniform(0.0, moments_s), partial(self.unless_calm, fn))

    def restore(self) -> None:
        """The hub goes back to a backup; half of them are only moments old."""
        rng = self.world.rng
        if not self.backups or rng.random() < 0.5:
            self.back_up()
        self.restore_soon(self.backups[-1] if rng.random() < 0.5 else rng.choice(self.backups))

    def restore_twice(self) -> None:
        """The hub goes back to the oldest backup, which was the wrong one, and then forward to the latest."""
        self.back_up()
        latest = self.backups[-1]
        self.restore_soon(self.backups[0])
        self.world.after(
            self.world.rng.uniform(1.0, 5.0), partial(self.unless_calm, partial(self.restore_soon, latest))
        )

    def restore_soon(self, backup: Backup) -> None:
        """In the middle of everybody's work."""
        world, rng = self.world, self.world.rng
        for at in world.workstations:
            world.after(rng.uniform(0.0, 1.0), partial(world.acts, at))
            world.after(rng.uniform(1.0, 2.0), partial(world.acts, at))
        at_commit = partial(self.at_next_commit, partial(self.restore_from, *backup), moments_s=MOMENTS_S)
        world.after(rng.uniform(0.5, 2.0), partial(self.unless_calm, at_commit))

    def restore_from(self, disk: Disk, verdicts: dict[str, Any]) -> None:
        world = self.world
        self.epoch += 1
        world.hub.restore(disk, self.epoch)
        world.say(None, "the hub is restored to seq", disk.head.seq, "epoch", world.hub.disk.head.epoch)
        world.watch.restored(world.hub.disk, verdicts)
        world.network.cut()

    def lose_tail(self) -> None:
        """The hub's machine dies, and the last commits that it answered were not on its disk."""
        if not self.before:
            return
        world, (disk, verdicts) = self.world, self.before[0]
        disk.people = world.hub.disk.people
        world.hub.disk = disk
        self.before.clear()
        world.say(None, "the hub loses all behind seq", disk.head.seq)
        world.watch.restored(disk, verdicts)
        world.watch.tail_lost = True
        self.crash_hub()

    def change_person(self) -> None:
        world, rng = self.world, self.world.rng
        name = rng.choice([at.person for at in world.workstations])
        known = world.hub.person(name)
        role, grants = known.role, {*known.grants}
        match rng.randrange(4):
            case 0:
                role = rng.choice(("engineer", "lead", "billing", "admin"))
            case 1:
                grants ^= {"pro:acme"}
            case _:
                grants ^= {f"restricted:{people.CIRCLE}"}
        world.hub.set_person(name, role, tuple(sorted(grants)))
        world.say(None, name, "is", role, sorted(grants))

    def clone(self) -> None:
        """A copy of a workstation's disk goes on in a second place."""
        world, rng = self.world, self.world.rng
        at = rng.choice(world.workstations)
        if at.token == "revoked":
            return
        twin = world.variant.workstation(world, f"{at.name}-clone", at.person, at.replica.clone())
        twin.token, twin.wire = at.token, at.wire
        world.watch.cloned(at, twin)
        world.say(at, "is cloned")
        world.workstations.append(twin)
        twin.start()
        for _ in range(rng.randint(2, 8)):
            world.after(rng.uniform(0.0, 20.0), partial(world.acts, twin))

    def sign_out(self) -> None:
        at = self.world.rng.choice(self.world.workstations)
        if at.token == "valid":
            at.token = "expired"
            self.world.after(self.world.rng.uniform(1.0, 20.0), lambda: self.sign_in(at))

    def sign_in(self, at: Workstation) -> None:
        if at.token == "expired":
            at.token = "valid"
            self.world.say(at, "signs in")
            at.tell(core.SyncNow())

    def revoke(self) -> None:
        """An admin signs a workstation out for good, in the middle of somebody's work at it."""
        world = self.world
        if len(world.workstations) > 1:
            at = world.rng.choice(world.workstations)
            world.acts(at)
            self.at_next_commit(partial(self.revoke_now, at))

    def revoke_now(self, at: Workstation) -> None:
        at.token = "revoked"
        self.world.say(at, "is revoked")

    def fill_disk(self) -> None:
        at = self.world.rng.choice(self.world.workstations)
        at.disk_full = True

        def free() -> None:
            at.disk_full = False

        self.world.after(self.world.rng.uniform(1.0, 10.0), free)

    def rot(self) -> None:
        """A byte of a confirmed entry turns over, unnoticed."""
        at = self.world.rng.choice(self.world.workstations)
        if at.replica.entries:
            seq = self.world.rng.choice(list(at.replica.entries))
            at.replica.rot(seq)
            self.world.say(at, "has rot at seq", seq)

    def set_clock(self) -> None:
        rng, most = self.world.rng, self.world.faults.skew_ms
        at = rng.choice((None, *self.world.workstations))
        if at is None:
            self.world.hub_skew_ms = rng.choice((-most, 0, most))
        else:
            at.skew_ms = rng.choice((-most, 0, most))

    def update_hub(self) -> None:
        """An operator puts a newer program in the place of the hub's."""
        self.world.hub.new_types = frozenset()

    def update_app(self) -> None:
        """A person installs the newer program."""
        old = [at for at in self.world.workstations if at.is_old and at.running]
        if old:
            self.world.rng.choice(old).update()

    def ask_for_newer_apps(self) -> None:
        """The hub's newer program does not speak with old ones any more."""
        self.world.say(None, "the hub lets only new apps in")
        self.world.hub.min_wire = WIRE_VERSION
        self.crash_hub()

    def leap(self) -> None:
        """Nobody works for longer than own entries are kept."""
        self.world.leap_ms += KEPT_MS + DAY_MS
        self.world.say(None, "ninety-one days go by")
