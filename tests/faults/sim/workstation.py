"""One workstation of a world: the real core, a disk in memory, and the shell between them.

What the shell does for the core is what the program's does: it builds requests when they leave, makes the changes one
after the other, and tells what came of them. A crash takes everything but the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from console.domain.events import Entry, Offered, TicketOpened, event_type, offer
from console.domain.stamp import scope_of
from console.journal.replica import Basis, Change, Position, Reload, TakePage
from console.sync import core
from console.wire.messages import WIRE_VERSION, Hello, Pull, Push, WireEntry, entry_of, wire_event
from tests.faults.sim import people
from tests.faults.sim.hub import Hub, Refused
from tests.faults.sim.replica import MemoryReplica
from tests.faults.sim.settings import CONFIG

if TYPE_CHECKING:
    from tests.faults.sim.world import World

_BATCH_BYTES = 512 * 1024
_PAGE = 7


class Request(NamedTuple):
    """A request on its way: what it asks of the hub, and the id of the first event of a push."""

    ask: Callable[[Hub], Any]
    first: str | None = None


class Workstation:
    """`life` rises with each start of the program: what belongs to an earlier one reaches nobody. `token` is valid,
    expired or revoked; `checked_epoch` is the last epoch in which its copy was found to be the hub's."""

    def __init__(self, world: World, name: str, person: str, replica: MemoryReplica) -> None:
        self.world = world
        self.name = name
        self.person = person
        self.replica = replica
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
            self.world.after(self.world.rng.uniform(0.001, 0.02), lambda: self.change(life))

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
        self.world.variant.change(self, change)
        if isinstance(change, Reload):
            self.checked_epoch = self.replica.epoch
        if not self.running:
            return False
        if death == "after":
            self.crash()
            return False
        return True

    # The requests

    def build(self, send: core.Send) -> Request | None:
        """The request as it leaves; None where a push has nothing to say any more."""
        position = send.position
        match send.kind:
            case "hello":
                hello = Hello(
                    app="1",
                    wire=self.wire,
                    device=position.device,
                    hub_id=position.hub_id,
                    epoch=position.epoch,
                    cursor=position.cursor,
                    chain=position.chain,
                    scopever=position.scopever,
                )
                return Request(lambda hub: hub.hello(self.person, hello))
            case "push":
                offering = self.replica.offering(max_events=send.limit, max_bytes=_BATCH_BYTES)
                if offering is None:
                    return None
                push = Push(
                    device=position.device,
                    epoch=position.epoch,
                    base_dseq=offering.base_dseq,
                    events=tuple(wire_event(offered) for offered in offering.events),
                )
                return Request(lambda hub: hub.push(self.person, push), push.events[0].id)
            case "pull":
                return Request(lambda hub: hub.pull(self.person, _pull(send)))
            case "scopes":
                return Request(lambda hub: self.snapshot(hub, send, 0, position.cursor)[0])
            case "snapshot":
                return Request(lambda hub: self.snapshot(hub, send, position.cursor, hub.head_seq()))
            case "device":
                return Request(lambda hub: hub.new_device(self.person, self.world.new_device()))
            case _:
                return Request(lambda hub: hub.checksum(self.person, position.cursor))

    def snapshot(self, hub: Hub, send: core.Send, after: int, upto: int) -> tuple[tuple[WireEntry, ...], int, bytes]:
        """Where the hub does not give it, or gives that of another log, a pull is answered with what changed."""
        try:
            found = hub.snapshot(self.person, send.scopes, after, upto)
        except Refused:
            hub.pull(self.person, _pull(send))
            raise
        if hub.disk.head.epoch != send.position.epoch or upto < after:
            hub.pull(self.person, _pull(send))
        return found

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

    def load(self, send: core.Send, wires: tuple[WireEntry, ...], seq: int, chain: bytes) -> int | None:
        """Stores a snapshot piece by piece; what is stored stays."""
        position = send.position
        if send not in self.state.flying:
            return None
        for at in range(0, max(1, len(wires)), _PAGE):
            piece = wires[at : at + _PAGE]
            last = at + _PAGE >= len(wires)
            page = TakePage(
                basis=_basis(position),
                entries=tuple(entry_of(wire) for wire in piece),
                next=seq if last else piece[-1].seq,
                chain=chain if last else piece[-1].chain,
                bulk=not last,
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

    def act(self) -> None:
        """The person does something. It is saved when it is on the disk, and not before."""
        if not self.running:
            return
        world = self.world
        wishes = people.Act(world.rng, self.person, self, world, world.wall_ms()).choose()
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
        self.save(offers)

    def save(self, offers: list[Offered]) -> None:
        death = self.world.death(self.world.faults.crash)
        if death == "before":
            self.crash()
            return
        if self.disk_full:
            return
        self.replica.record(offers)
        self.world.say(self, "records", *(f"{event_type(o.event)} {o.id[:8]} dseq={o.dseq}" for o in offers))
        self.world.watch.saved(self, offers)
        if death == "after":
            self.crash()
            return
        self.tell(core.Written(self.replica.outbox()))

    def answer_refusals(self) -> None:
        """The person looks at what was refused: tries it again, or lets it go."""
        refused = [own for own in self.replica.own.values() if own.state == "refused"]
        if not refused or not self.running or self.disk_full:
            return
        own = self.world.rng.choice(refused)
        self.replica.discard(own.offered.id)
        self.world.watch.discarded(self, own.offered.id)
        self.world.say(self, "lets go of", own.offered.id[:8])
        self.tell(core.Written(self.replica.outbox()))

    # What the world asks

    def is_settled(self) -> bool:
        """Whether nothing is left to be done."""
        state = self.state
        if state.stopped == "revoked":
            return not state.storing and not self.replica.entries
        return (
            self.running
            and state.welcome is not None
            and not state.storing
            and not state.outbox.new
            and self.replica.epoch == self.world.hub.disk.head.epoch
            and self.replica.cursor == self.world.hub.head_seq()
            and self.replica.chain == self.world.hub.disk.head.chain
            and all(sent.kind == "pull" and sent.wait_s for sent in state.flying)
            and (state.check_at is None or state.check_at > self.world.now)
            and self.replica.scopever == self.world.hub.person(self.person).scopever
            and not self.replica.is_rotten()
            and self.checked_epoch == self.replica.epoch
        )

    def why(self) -> str:
        """Where it stands, for people."""
        state, replica = self.state, self.replica
        flying = [sent.kind for sent in state.flying]
        return (
            f"{self.name} epoch {replica.epoch} cursor {replica.cursor} scopes {replica.scopever} "
            f"new {state.outbox.new} flying {flying} stopped {state.stopped} error {state.error}"
        )


def _basis(at: Position) -> Basis:
    return Basis(hub_id=at.hub_id, epoch=at.epoch, cursor=at.cursor, scopever=at.scopever)


def _pull(send: core.Send) -> Pull:
    position = send.position
    return Pull(
        after=position.cursor,
        chain=position.chain,
        epoch=position.epoch,
        scopever=position.scopever,
        limit=_PAGE,
        wait=send.wait_s,
    )
