"""One workstation of a world: the real core, a disk in memory, and the shell between them.

What the shell does for the core is what the program's does: it builds requests when they leave, makes the changes one
after the other, and tells what came of them. A crash takes everything but the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from console.domain.events import Entry, TicketOpened, UnknownEvent, decode_payload, event_type, offer
from console.domain.stamp import scope_of
from console.journal.replica import Change, ChangeScopes, Position, Reload, TakePage
from console.sync import core
from console.wire.messages import WIRE_VERSION, WireEntry, entry_of
from tests.faults.sim import people
from tests.faults.sim.asking import PAGE, basis_of
from tests.faults.sim.files import Files
from tests.faults.sim.people import Wish
from tests.faults.sim.replica import MemoryReplica
from tests.faults.sim.settings import CONFIG

if TYPE_CHECKING:
    from tests.faults.sim.world import World


QUICK_S: Final = 0.02
SLOW_S: Final = 0.4
"""How long a change takes at most, on a disk that is quick or slow."""


class Workstation:
    """`life` rises with each start of the program: what belongs to an earlier one reaches nobody. `token` is valid,
    expired or revoked; `wire` is the protocol of the program, an old one of which does not know every type of event;
    `checked_epoch` is the last epoch in which its copy was found to be the hub's."""

    def __init__(self, world: World, name: str, person: str, replica: MemoryReplica) -> None:
        self.world = world
        self.name = name
        self.person = person
        self.replica = replica
        replica.now = self.wall_ms
        self.files = Files(self)
        self.life = 0
        self.running = False
        self.token = "valid"
        self.wire = WIRE_VERSION
        self.disk_full = False
        self.skew_ms = 0
        self.state = core.begin(core.Began(replica.position(), replica.outbox()), CONFIG)
        self.changes: list[Change] = []
        self.changing = False
        self.wake_at = 0.0
        self.pushes = 0
        self.checked_epoch = 1

    # The program's life

    def start(self) -> None:
        self.life += 1
        self.running = True
        self.changes.clear()
        self.changing = False
        self.wake_at = 0.0
        self.tell(core.Began(self.replica.position(), self.replica.outbox()))
        if self.world.rng.random() < 0.6:
            self.tell(core.Listening(True))
        self.files.start()

    @property
    def is_old(self) -> bool:
        return self.wire < WIRE_VERSION

    def update(self) -> None:
        """A newer program takes the place of an old one, and reads what that kept."""
        if self.is_old:
            self.world.say(self, "is updated")
            self.wire = WIRE_VERSION
            self.replica.read_anew(self.read)
            self.start()

    def read(self, entry: Entry) -> Entry:
        """As the program understands it; an old one keeps what it does not know raw."""
        name = event_type(entry.event)
        if self.is_old and name in people.NEW_TYPES:
            return replace(entry, event=UnknownEvent(name=name, raw=entry.payload))
        if isinstance(entry.event, UnknownEvent):
            return replace(entry, event=decode_payload(name, entry.payload, entry.ver))
        return entry

    def crash(self) -> None:
        self.world.say(self, "crashes")
        self.running = False
        self.life += 1
        life = self.life
        self.world.after(self.world.rng.uniform(0.5, 8.0), lambda: self.start() if self.life == life else None)

    def tell(self, told: core.Input) -> None:
        """Something happened: the core says what follows, and it is carried out."""
        if not self.running:
            return
        before = self.state
        self.state, outputs = self.world.variant.step(before, told, self.world.now, self.world.rng.random())
        self.world.watch.stepped(self, before, told)
        for output in outputs:
            match output:
                case core.Send():
                    self.world.network.send(self, output)
                case core.Do(change=change):
                    self.changes.append(change)
                    self.change_later()
                case core.Wake(at=at):
                    self.wake(at)

    def tell_in(self, life: int, told: core.Input) -> None:
        """What belongs to one life of the program."""
        if life == self.life:
            self.tell(told)

    def wake(self, at: float) -> None:
        if self.wake_at <= self.world.now or at < self.wake_at:
            self.wake_at, life = at, self.life
            self.world.after(max(0.001, at - self.world.now), lambda: self.awake(life, at))

    def awake(self, life: int, at: float) -> None:
        if life == self.life and at == self.wake_at:
            self.wake_at = 0.0
            self.tell(core.Ticked())

    # The disk

    def change_later(self) -> None:
        if self.changes and not self.changing:
            self.changing, life = True, self.life
            most = SLOW_S if self.world.faults.slow_disks else QUICK_S
            self.world.after(self.world.rng.uniform(0.001, most), lambda: self.change(life))

    def change(self, life: int) -> None:
        if life != self.life:
            return
        self.changing = False
        change = self.changes.pop(0)
        if not self.made(change):
            return
        self.tell(core.Stored(self.replica.position(), self.replica.outbox()))
        self.change_later()

    def made(self, change: Change) -> bool:
        """Whether a change was made, and the program is there to hear it."""
        death = self.world.death(self.world.faults.crash)
        if death == "before":
            self.crash()
            return False
        if self.disk_full:
            self.tell(core.NotStored("The disk is full."))
            self.change_later()
            return False
        self.world.variant.change(self, self.as_read(change) if self.is_old else change)
        if isinstance(change, Reload):
            self.checked_epoch = self.replica.epoch
        if not self.running:
            return False
        if death == "after":
            self.crash()
            return False
        return True

    def as_read(self, change: Change) -> Change:
        """A change with what an old program understands of the entries in it."""
        match change:
            case TakePage(entries=entries):
                return replace(change, entries=tuple(self.read(entry) for entry in entries))
            case ChangeScopes(gained=gained):
                return replace(change, gained=tuple(self.read(entry) for entry in gained))
        return change

    # The answers

    def hear(self, life: int, send: core.Send, answer: Any) -> None:
        """An answer came in."""
        if life != self.life or not self.running:
            return None
        match send.kind:
            case "push":
                self.pushes += self.state.is_flying("push")
            case "scopes":
                answer = tuple(entry_of(wire) for wire in answer)
            case "snapshot":
                answer = self.load(send, *answer)
                if answer is None:
                    return None
            case "check":
                if self.replica.position() != send.position:
                    return self.tell(core.Answered(send.request, True))
                answer = self.replica.checksum() == answer
                self.checked_epoch = send.position.epoch if answer else self.checked_epoch
        return self.tell(core.Answered(send.request, answer))

    def asks_why(self, pull: Callable[[], object]) -> None:
        """Entries of some scopes were not given: a pull may say more."""
        pull()

    def refuses_copy(self, epoch: int, upto: int, asked: Position) -> bool:
        """Whether a snapshot is one of another log, or does not go on where this copy is."""
        return epoch != asked.epoch or upto < asked.cursor

    def load(self, send: core.Send, wires: tuple[WireEntry, ...], seq: int, chain: bytes) -> int | None:
        """Stores a snapshot piece by piece; what is stored stays."""
        position = send.position
        if send not in self.state.flying:
            return None
        for at in range(0, max(1, len(wires)), PAGE):
            piece = wires[at : at + PAGE]
            last = at + PAGE >= len(wires)
            page = TakePage(
                basis=basis_of(position),
                entries=tuple(entry_of(wire) for wire in piece),
                next=seq if last else piece[-1].seq,
                chain=chain if last else piece[-1].chain,
                bulk=True,
            )
            if not self.made(page):
                if self.running:
                    self.tell(core.Failed(send.request, "The disk is full."))
                return None
            position = self.replica.position()
            self.tell(core.Moved(position, self.replica.outbox()))
            if position.cursor != page.next:
                self.tell(core.Failed(send.request, "The local copy changed while it was loaded."))
                return None
        return seq

    # The person

    @property
    def scopes(self) -> tuple[str, ...]:
        return self.replica.scopes

    def wall_ms(self) -> int:
        return self.world.wall_ms() + self.skew_ms

    def tickets(self) -> list[str]:
        """The streams of tickets that show here."""
        shown = [stream for stream in self.replica.streams if stream.startswith("ticket:")]
        own = [own.offered for own in self.replica.overlay()]
        opened = [o.stream for o in own if isinstance(o.event, TicketOpened) and o.stream not in self.replica.streams]
        return shown + opened

    def view(self, stream: str) -> list[Entry]:
        return self.replica.view(stream, self.person)

    def scope(self, stream: str) -> str:
        """The scope of a stream as this workstation knows it."""
        held = self.replica.streams.get(stream)
        if held:
            return held[0].scope
        opened = (own.offered.event for own in self.replica.own.values() if own.offered.stream == stream)
        return scope_of(stream, next((event for event in opened if isinstance(event, TicketOpened)), None))

    def words(self, stream: str) -> str:
        """What somebody writes about a ticket; those of a restricted one are never to be heard by others."""
        secret = people.SECRET if self.scope(stream).startswith("restricted:") else "Text"
        return f"{secret} {self.world.number()}"

    def act(self) -> None:
        """The person does something."""
        if self.running:
            world = self.world
            self.record(people.Act(world.rng, self.person, self, world, world.wall_ms()).choose())

    def record(self, wishes: Sequence[Wish], instead_of: str | None = None) -> bool:
        """Saves one act, in place of a file that waited, and says whether the program is there to know. It is saved
        when it is on the disk, and not before."""
        world = self.world
        act = world.id() if len(wishes) > 1 else None
        offers = [
            offer(
                wish.event,
                id=world.id(),
                stream=wish.stream,
                at=self.wall_ms(),
                device=self.replica.device,
                dseq=self.replica.dseq + 1 + n,
                base=wish.base,
                expect=wish.expect,
                act=act,
            )
            for n, wish in enumerate(wishes)
        ]
        death = world.death(world.faults.crash)
        if death == "before":
            self.crash()
            return False
        if self.disk_full:
            return False
        self.replica.record(offers)
        self.replica.uploads.pop(instead_of or "", None)
        world.say(self, "records", *(f"{event_type(o.event)} {o.id[:8]} dseq={o.dseq}" for o in offers))
        world.watch.saved(self, offers)
        return self.goes_on(death)

    def goes_on(self, death: str | None) -> bool:
        """A person's act is on the disk: the core hears of it, unless the program dies before."""
        if death == "after":
            self.crash()
            return False
        self.tell(core.Written(self.replica.outbox()))
        return True

    def answer_refusals(self) -> None:
        """The person looks at what was refused, and lets it go."""
        refused = [own for own in self.replica.own.values() if own.state == "refused"]
        if not refused or not self.running or self.disk_full:
            return
        own = self.world.rng.choice(refused)
        for id in self.replica.discard(own.offered.id):
            self.world.watch.discarded(id)
            self.world.say(self, "lets go of", id[:8])
        self.tell(core.Written(self.replica.outbox()))

    def withdraw(self) -> None:
        """The person takes back something that waits, or tries to: it may be under way already."""
        new = [id for id, own in self.replica.own.items() if own.state == "new"]
        if not new or not self.running or self.disk_full:
            return
        death = self.world.death(self.world.faults.crash)
        if death == "before":
            self.crash()
            return
        id, before = self.world.rng.choice(new), dict(self.replica.own)
        gone = self.replica.withdraw(id)
        self.world.say(self, "withdraws", id[:8], *(own.offered.id[:8] for own in gone))
        self.world.watch.withdrew(self, id, before)
        self.goes_on(death)

    # What the world asks

    def is_level(self) -> bool:
        """Whether the hub has all of it, and it has all of the hub's log."""
        state = self.state
        if state.stopped == "revoked":
            return not state.storing and not self.replica.entries
        return (
            self.running
            and not self.replica.uploads
            and not state.storing
            and not state.outbox.new
            and self.replica.epoch == self.world.hub.disk.head.epoch
            and self.replica.cursor == self.world.hub.head_seq()
            and self.replica.chain == self.world.hub.disk.head.chain
        )

    def is_settled(self) -> bool:
        """Whether nothing is left to be done, and it was found to be so."""
        state = self.state
        return self.is_level() and (
            state.stopped == "revoked"
            or (
                state.welcome is not None
                and all(sent.kind == "pull" and sent.wait_s for sent in state.flying)
                and (state.check_at is None or state.check_at > self.world.now)
                and self.replica.scopever == self.world.hub.person(self.person).scopever
                and not self.replica.is_rotten()
                and self.checked_epoch == self.replica.epoch
            )
        )

    def why(self) -> str:
        """Where it stands, for people."""
        state, replica = self.state, self.replica
        flying = [sent.kind for sent in state.flying]
        return (
            f"{self.name} epoch {replica.epoch} cursor {replica.cursor} scopes {replica.scopever} "
            f"new {state.outbox.new} flying {flying} stopped {state.stopped} error {state.error}"
        )
