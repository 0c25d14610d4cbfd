"""The local copy in SQLite and the simulation's in memory do what every local copy has to do, and the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from console.domain import events as ev
from console.domain.events import Entry, Event, Offered, ticket_stream
from console.journal.replica import (
    ChangeScopes,
    Forget,
    OfferAgain,
    RefuseNext,
    Reload,
    Replica,
    TakeDevice,
    TakePage,
)
from console.journal.store import Journal
from tests.conftest import seeds
from tests.faults.sim.replica import MemoryReplica

from .facts import dump, fact, happening, of_act, opened
from .hub_log import MANY, SCOPES, HubLog, InJournal, Kept, basis, pulled, pushed
from .replica_contract import ReplicaContract


class InMemory:
    """The simulation's copy, and Ana before it."""

    def __init__(self) -> None:
        self.copy = MemoryReplica("ana-1")

    @property
    def replica(self) -> Replica:
        return self.copy

    def record(self, *offers: Offered) -> None:
        first = self.copy.dseq + 1
        self.copy.record(
            [
                msgspec.structs.replace(offer, device=self.copy.device, dseq=dseq)
                for dseq, offer in enumerate(offers, first)
            ]
        )

    def view(self, stream: str) -> list[tuple[str, bool]]:
        return [(entry.id, entry.pending) for entry in self.copy.view(stream, "Ana")]

    def state(self, entry_id: str) -> str | None:
        own = self.copy.own.get(entry_id)
        return None if own is None else own.state


class TestMemoryReplica(ReplicaContract):
    def make(self, folder: Path) -> Kept:
        return InMemory()


class TestJournalReplica(ReplicaContract):
    @pytest.fixture(autouse=True)
    def closed(self) -> Iterator[None]:
        self.journals: list[Journal] = []
        yield
        for journal in self.journals:
            journal.close()

    def make(self, folder: Path) -> Kept:
        made = InJournal(folder)
        self.journals.append(made.journal)
        return made


# Side by side

TICKETS = ("a", "b", "c", "d")
CIRCLES = ("desk", "restricted:vip")


class Life:
    """A random life of a workstation at a hub, led on two copies at once."""

    def __init__(self, seed: int, *copies: Kept) -> None:
        self.chance = random.Random(seed)
        self.copies = copies
        self.log = HubLog()
        self.offers: list[Offered] = []
        self.devices = 1
        for kept in copies:
            kept.replica.change(self.log.join())

    def step(self) -> str:
        acts = (
            self.record,
            self.record,
            self.act,
            self.another,
            self.another,
            self.push,
            self.push,
            self.pull,
            self.pull,
        )
        rare = (
            self.refuse,
            self.lose_answer,
            self.bulk,
            self.restore,
            self.rescope,
            self.reload,
            self.gap,
            self.device,
        )
        rarest = (self.refuse_next, self.stale, self.forget)
        act = self.chance.choice((*acts * 4, *rare * 2, *rarest))
        act()
        return act.__name__

    def change(self, change: object) -> None:
        for kept in self.copies:
            kept.replica.change(change)  # type: ignore[arg-type]

    @property
    def first(self) -> Kept:
        return self.copies[0]

    def happening(self, ticket: str) -> Offered:
        known = [*self.offers, *self.log.entries] or [opened(ticket)]
        if self.chance.random() < 0.3 or ticket not in {o.stream.partition(":")[2] for o in known}:
            restricted = "vip" if ticket == "d" else None
            return opened(ticket, restricted=restricted)
        event: Event = happening(self.chance, [each for each in known if isinstance(each, Offered)] or [opened("x")])
        while isinstance(event, ev.EntryRedacted):  # a person may redact at the hub alone
            event = happening(self.chance, [opened("x")])
        return fact(event, ticket)

    def write(self, *offers: Offered) -> None:
        self.offers += offers
        for kept in self.copies:
            kept.record(*offers)

    def record(self) -> None:
        self.write(self.happening(self.chance.choice(TICKETS)))

    def act(self) -> None:
        offers = [self.happening(self.chance.choice(TICKETS)) for _ in range(self.chance.randrange(2, 5))]
        self.write(*of_act(*offers))

    def another(self) -> None:
        ticket = self.chance.choice(TICKETS)
        targets = [e for e in self.log.entries if e.stream == ticket_stream(ticket)]
        if targets and self.chance.random() < 0.15:
            target = self.chance.choice(targets)
            redaction = self.log.by_another(ev.EntryRedacted(entry=target.id), target.stream)
            if isinstance(target.event, (ev.MessageSent, ev.MessageReceived, ev.TicketOpened, ev.CallLogged)):
                self.log.redact(target.id, redaction)
            return
        effect = "void: Not done." if self.chance.random() < 0.1 else "applied"
        self.log.by_another(self.happening(ticket).event, ticket_stream(ticket), effect=effect)

    def taken(self) -> list[Entry]:
        most = self.chance.choice((1, 2, 5, 100))
        offering = self.first.replica.offering(max_events=most, max_bytes=MANY)
        if offering is None:
            return []
        effect = "void: Not done." if self.chance.random() < 0.2 else "applied"
        return self.log.take(*offering.events, effect=effect)

    def push(self) -> None:
        self.change(self.log.verdicts(self.taken()))

    def lose_answer(self) -> None:
        self.taken()

    def refuse(self) -> None:
        offering = self.first.replica.offering(max_events=3, max_bytes=MANY)
        if offering is not None:
            known = {entry.id for entry in self.log.entries}
            self.change(self.log.refusals([o.id for o in offering.events if o.id not in known], "Not allowed."))

    def refuse_next(self) -> None:
        offering = self.first.replica.offering(max_events=1, max_bytes=MANY)
        if offering is not None and offering.events[0].id not in {entry.id for entry in self.log.entries}:
            self.change(RefuseNext(id=offering.events[0].id, reason="Too large."))

    def page(self, *, bulk: bool = False) -> TakePage:
        return self.log.page(self.first.replica.position(), self.chance.choice((1, 3, 100)), bulk=bulk)

    def pull(self) -> None:
        self.change(self.page())

    def bulk(self) -> None:
        self.change(self.page(bulk=True))
        self.change(self.page())

    def stale(self) -> None:
        page = self.page()
        self.change(msgspec.structs.replace(page, basis=msgspec.structs.replace(page.basis, epoch=99)))

    def restore(self) -> None:
        self.change(self.log.restored(self.chance.randrange(len(self.log.entries) + 1)))

    def rescope(self) -> None:
        position = self.first.replica.position()
        scopes = tuple(self.chance.sample(CIRCLES, self.chance.randrange(3)))
        gained = tuple(
            entry
            for entry in self.log.entries[: position.cursor]
            if entry.scope in scopes and entry.scope not in position.scopes
        )
        version = position.scopever + 1
        self.change(ChangeScopes(basis=basis(position), scopever=version, scopes=scopes, gained=gained))

    def reload(self) -> None:
        self.change(Reload(basis=basis(self.first.replica.position())))

    def gap(self) -> None:
        device = self.first.replica.position().device
        if not any(self.first.state(entry.id) == "acked" for entry in self.log.entries):
            self.change(OfferAgain(device=device, above_dseq=0))

    def device(self) -> None:
        self.devices += 1
        self.change(TakeDevice(old=self.first.replica.position().device, device=f"ana-{self.devices}"))

    def forget(self) -> None:
        self.change(Forget())

    def settle(self) -> None:
        """The network is well: all agree."""
        position = self.first.replica.position()
        rest = tuple(entry for entry in self.log.entries[: position.cursor] if entry.scope not in position.scopes)
        scopes = (*SCOPES, "restricted:vip")
        self.change(ChangeScopes(basis=basis(position), scopever=position.scopever + 1, scopes=scopes, gained=rest))
        for kept in self.copies:
            pushed(kept, self.log)
            pulled(kept, self.log)


def seen(kept: Kept) -> dict[str, object]:
    """All that the sync and a person can see of a copy."""
    replica = kept.replica
    outbox = replica.outbox()
    return {
        "position": replica.position(),
        "outbox": (outbox.new, outbox.refused),
        "checksum": replica.checksum(),
        "offering": replica.offering(max_events=MANY, max_bytes=MANY),
        "views": [kept.view(ticket_stream(ticket)) for ticket in TICKETS],
    }


@pytest.mark.parametrize("seed", seeds(25, quick=5))
def test_the_copy_in_sqlite_and_the_one_in_memory_live_the_same_life(seed: int, tmp_path: Path) -> None:
    ours, theirs = InJournal(tmp_path), InMemory()
    with ours.journal as journal:
        life = Life(seed, ours, theirs)
        for _ in range(120):
            name = life.step()
            assert seen(ours) == seen(theirs), name
        life.settle()
        assert seen(ours) == seen(theirs)
        assert journal.check() == []


@pytest.mark.parametrize("seed", seeds(12, quick=4))
def test_whatever_the_sync_does_the_read_models_are_what_a_rebuild_makes(seed: int, tmp_path: Path) -> None:
    ours = InJournal(tmp_path)
    with ours.journal as journal:
        life = Life(100 + seed, ours)
        for _ in range(60):
            name = life.step()
            written = dump(journal.path)
            journal.rebuild(journal.history)
            assert dump(journal.path) == written, name
