"""What must hold in every world while it goes on: spec sync.md 4, one method where each can be seen to break.

The watch knows what was saved and what the hub committed from its own observation, not from what the parts under test
say of themselves. It looks at each change only at what the change can break; `level` looks at everything at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from console.domain import access, ticket
from console.domain.events import Entry, Offered, TicketAssigned, TicketOpened, UnknownEvent, event_type
from console.domain.push import Author, Decision
from console.domain.redaction import redacted_payload
from console.domain.stamp import GENESIS, OF_WORK, chain_is_whole
from console.journal.own_rows import KEPT_MS
from console.journal.replica import Change, ChangeScopes, EnterEpoch, Forget, RefuseNext, Reload, TakePage
from console.sync import core
from console.wire.messages import Page, Pushed
from tests.faults.sim.asking import basis_of
from tests.faults.sim.blob_watch import BlobWatch
from tests.faults.sim.broken import Broken
from tests.faults.sim.hub import MALFORMED, Disk, Refused
from tests.faults.sim.own import Own
from tests.faults.sim.people import SECRET

if TYPE_CHECKING:
    from tests.faults.sim.workstation import Workstation
    from tests.faults.sim.world import World

_REASONS = ("Not allowed", "Not redacted", "It is ", access.NOT_THERE)
"""Why the hub may refuse what a workstation saved."""
_TAKES_AWAY = (EnterEpoch, ChangeScopes, Reload, Forget)


class Saved(msgspec.Struct):
    """An entry that a person was told is saved. `holders` is how many workstations have it, a clone as well, and do not
    let it go yet; `let_go` where nobody has to keep it any more."""

    offered: Offered
    by: str
    place: int
    shared: bool = False
    holders: int = 1
    let_go: bool = False

    def one_less(self) -> None:
        """One of those who have it lets it go."""
        self.holders -= 1
        self.let_go = self.let_go or self.holders == 0


class Watch:
    """The eyes on one world. Every method raises `Broken`.

    `saves` are all entries by id, `verdicts` what the hub said of them, `refusals` those that somebody refused. Entries
    that `left` were on their way to the hub at least once, those that were `taken_back` never come. `acked_at` is when
    a workstation heard of its own entry, by its clock.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.saves: dict[str, Saved] = {}
        self.verdicts: dict[str, tuple[Any, ...]] = {}
        self.assignees: dict[str, str | None] = {}
        self.refusals: set[str] = set()
        self.left: set[str] = set()
        self.taken_back: set[str] = set()
        self.acked_at: dict[tuple[str, str], int] = {}
        self.page: TakePage | None = None
        self.tail_lost = False
        self.blobs = BlobWatch(world)

    # A workstation

    def saved(self, at: Workstation, offers: Sequence[Offered]) -> None:
        for offered in offers:
            self.saves[offered.id] = Saved(offered, at.name, len(self.saves))
        self.reads_its_writes(at)

    def discarded(self, id: str) -> None:
        self.saves[id].one_less()

    def cloned(self, at: Workstation, twin: Workstation) -> None:
        for id in at.replica.own:
            self.saves[id].shared = True
            self.saves[id].holders += 1
            if (at.name, id) in self.acked_at:
                self.acked_at[twin.name, id] = self.acked_at[at.name, id]

    def leaves(self, events: Sequence[Offered]) -> None:
        self.left.update(offered.id for offered in events)

    def withdrew(self, at: Workstation, id: str, before: dict[str, Own]) -> None:
        """A person took something back, or was told that it is under way. `before` is what there was."""
        kept = [own.offered for own in at.replica.own.values() if own.state == "new"]
        gone = [own.offered for entry_id, own in before.items() if entry_id not in at.replica.own]
        alone = before[id].offered.act is None and type(before[id].offered.event) is not TicketOpened
        if not gone and alone and id not in self.left and not self.saves[id].shared:
            raise Broken(f"{at.name} may not take {id[:8]} back, which never left")
        acts = {offered.act for offered in gone if offered.act is not None}
        opened = {offered.stream for offered in gone if type(offered.event) is TicketOpened}
        if any(offered.act in acts or offered.stream in opened for offered in kept):
            raise Broken(f"{at.name} took back a part of what belongs together")
        for offered in gone:
            saved = self.saves[offered.id]
            if before[offered.id].state != "new":
                raise Broken(f"{at.name} took {offered.id[:8]} back, which is decided")
            saved.one_less()
            if saved.shared:
                continue
            if offered.id in self.left:
                raise Broken(f"{at.name} took {offered.id[:8]} back, which may be at the hub")
            self.taken_back.add(offered.id)

    def stepped(self, at: Workstation, before: core.State, told: core.Input) -> None:
        """No silent failure: what went wrong shows."""
        state = at.state
        shown = state.error is not None or state.stopped is not None or state.upgrade_hub
        if isinstance(told, core.NotStored) and not shown:
            raise Broken(f"{at.name} does not show that its disk is full")
        if isinstance(told, core.Failed) and any(sent.request == told.request for sent in before.flying):
            kind = next(sent.kind for sent in before.flying if sent.request == told.request)
            if told.status == 426 and state.stopped not in ("app_too_old", "revoked"):
                raise Broken(f"{at.name} does not say that it is too old")
            mended = told.status == 409 or (told.status in (413, 422) and told.first is not None)
            needless = kind == "push" and not state.outbox.new  # what it brought came back in a page meanwhile
            if not (mended or needless or shown):
                raise Broken(f"{at.name} does not show: {told.reason}")

    def changing(self, at: Workstation, change: Change) -> None:
        """Before a change: whether a page is one for the present position."""
        here = basis_of(at.replica.position())
        self.page = change if isinstance(change, TakePage) and change.basis == here else None

    def changed(self, at: Workstation, change: Change, entries: int, cursor: int, before: dict[str, Own]) -> None:
        """After a change. `entries` is how many there were, `cursor` where it stood, `before` the own ones."""
        replica = at.replica
        if not isinstance(change, _TAKES_AWAY) and (len(replica.entries) < entries or replica.cursor < cursor):
            raise Broken(f"{at.name} has read what is gone after {type(change).__name__}")
        if len(replica.own) < len(before):
            self.forgets(at, change, [own for id, own in before.items() if id not in replica.own])
        if self.page is not None:
            self.keeps_what_it_cannot_read(at, self.page)
        elif isinstance(change, TakePage) and (len(replica.entries), replica.cursor) != (entries, cursor):
            raise Broken(f"{at.name} takes a page for another position than its own")
        self.keeps_no_longer(at)
        if isinstance(change, RefuseNext):
            self.refuses_what_failed(at, change)
        self.reads_its_writes(at)

    def forgets(self, at: Workstation, change: Change, gone: Sequence[Own]) -> None:
        """What the hub has, and only when the device is revoked, or after so long; never a part of an act."""
        before = at.wall_ms() - KEPT_MS
        left = {own.offered.act for own in at.replica.own.values()} - {None}
        for own in gone:
            id = own.offered.id
            acked_at = self.acked_at.pop((at.name, id), None)
            if isinstance(change, Forget) and own.state == "acked":
                self.saves[id].one_less()
                continue
            is_old = acked_at is not None and acked_at < before and own.seq <= at.replica.cursor
            if not isinstance(change, TakePage) or not is_old or own.offered.act in left:
                raise Broken(f"{at.name} lost its own {id[:8]} at {type(change).__name__}")
            self.saves[id].let_go = True

    def keeps_what_it_cannot_read(self, at: Workstation, page: TakePage) -> None:
        """Entries of a newer program stay as they came."""
        for entry in page.entries:
            if isinstance(entry.event, UnknownEvent) and access.sees(at.replica.scopes, entry.scope):
                held = at.replica.entries.get(entry.seq)
                if held is None or held.payload != entry.payload:
                    raise Broken(f"{at.name} does not keep seq {entry.seq}, which it cannot read")

    def keeps_no_longer(self, at: Workstation) -> None:
        """Own entries that the hub has had for so long go with a page, once that is so for all of their act."""
        now, cursor = at.wall_ms(), at.replica.cursor
        young: set[str] = set()
        old: list[Own] = []
        for id, own in at.replica.own.items():
            if own.state != "acked":
                self.acked_at.pop((at.name, id), None)
            elif self.acked_at.setdefault((at.name, id), now) < now - KEPT_MS and own.seq <= cursor:
                old.append(own)
                continue
            if own.offered.act is not None:
                young.add(own.offered.act)
        if self.page is not None and not self.page.bulk:
            for own in old:
                if own.offered.act not in young:
                    raise Broken(f"{at.name} keeps its own {own.offered.id[:8]} for ever")

    def refuses_what_failed(self, at: Workstation, change: RefuseNext) -> None:
        """Only the act that the hub could not take is refused by the workstation itself."""
        act = self.saves[change.id].offered.act
        refused = {id for id, own in at.replica.own.items() if own.reason.startswith("Answered")}
        for id in refused - self.refusals:
            if id != change.id and (act is None or self.saves[id].offered.act != act):
                raise Broken(f"{at.name} refuses {id[:8]} in place of {change.id[:8]}")
        self.refusals |= refused

    def reads_its_writes(self, at: Workstation) -> None:
        """Every own entry that is neither void nor refused shows once, unless its scope was lost."""
        replica = at.replica
        overlay = {own.offered.id for own in replica.overlay()}
        for id, own in replica.own.items():
            if own.state == "refused":
                continue
            if id in overlay:
                if any(entry.id == id for entry in replica.streams.get(own.offered.stream, ())):
                    raise Broken(f"{at.name} shows {id[:8]} twice")
            elif own.effect == "applied" and not self.is_hidden_rightly(at, own):
                raise Broken(f"{at.name} does not show its own {id[:8]}")

    def is_hidden_rightly(self, at: Workstation, own: Own) -> bool:
        """The log shows it, or its scope was lost, or the hub is not the one that took it."""
        replica, disk, stream = at.replica, self.world.hub.disk, own.offered.stream
        confirmed = replica.entries.get(own.seq)
        if confirmed is not None and confirmed.id == own.offered.id:
            return True
        if any(entry.id == own.offered.id for entry in replica.streams.get(stream, ())):
            return True  # at the place that it had before the hub lost it
        if own.state == "new" or own.seq > replica.cursor:
            return False
        scope = disk.scopes.get(stream)
        if self.tail_lost or scope is None or at.state.position.epoch != disk.head.epoch:
            return True  # it learns of that at its next push, or of the new epoch
        return not access.sees(replica.scopes, scope)

    # The hub

    def committed(self, disk: Disk, decision: Decision, author: Author, already: int) -> None:
        """Before the answer: `already` is how many entries there were."""
        person = disk.people[author.person]
        seq, chain = already, disk.entries[already - 1].chain if already else GENESIS
        if not chain_is_whole(chain, decision.entries):
            raise Broken("The chain does not follow from the entries")
        recorded_at = disk.entries[already - 1].recorded_at if already else 0
        acts: dict[str, str] = {}
        for entry in decision.entries:
            seq += 1
            saved = self.saves.get(entry.id)
            if saved is None:
                raise Broken(f"Invented: {entry.id[:8]}")
            if entry.id in self.taken_back:
                raise Broken(f"Recorded, although it was taken back: {entry.id[:8]}")
            if entry.hash != saved.offered.hash or entry.payload not in _bytes_of(saved.offered):
                raise Broken(f"Changed: {entry.id[:8]}")
            if entry.seq != seq or entry.recorded_at < recorded_at or entry.actor != author.person:
                raise Broken(f"Seq {entry.seq} does not follow {seq - 1}")
            recorded_at = entry.recorded_at
            reason = access.refusal(person.role, event_type(entry.event), entry.scope, person.scopes)
            if reason is not None:
                raise Broken(f"Recorded without permission: {reason}")
            decided = entry.act if type(entry.event) not in OF_WORK else None
            if decided is not None and acts.setdefault(decided, entry.effect) != entry.effect:
                raise Broken("An act is half applied")
            self.taken_once(entry)
            self.blobs.named(entry)
        self.act_is_whole(decision)
        for offered, reason in decision.refused:
            self.refusals.add(offered.id)
            if not reason.startswith(_REASONS):
                raise Broken(f"Refused without a reason: {reason}")
        for verdict in decision.verdicts:
            if verdict.outcome in ("recorded", "refused"):
                said = (verdict.outcome, verdict.seq, verdict.effect, verdict.number, verdict.reason)
                if self.verdicts.setdefault(verdict.id, said) != said:
                    raise Broken(f"The verdict on {verdict.id[:8]} changed: {self.verdicts[verdict.id]} to {said}")

    def taken_once(self, entry: Entry) -> None:
        """A ticket is taken by one person only."""
        event = entry.event
        if type(event) is TicketAssigned and entry.applied:
            if entry.expect == ticket.UNASSIGNED and self.assignees.get(entry.stream) is not None:
                raise Broken(f"{entry.stream} was taken twice")
            self.assignees[entry.stream] = event.to

    def act_is_whole(self, decision: Decision) -> None:
        for act in {entry.act: None for entry in decision.entries if entry.act is not None}:
            recorded = {entry.id for entry in decision.entries if entry.act == act}
            for id, saved in self.saves.items():
                if saved.offered.act == act and id not in recorded:
                    raise Broken(f"An act was divided: {id[:8]} is not in it")

    def restored(self, disk: Disk, verdicts: dict[str, tuple[Any, ...]]) -> None:
        self.verdicts = dict(verdicts)
        self.assignees = {}
        for entry in disk.entries:
            if type(entry.event) is TicketAssigned and entry.applied:
                self.assignees[entry.stream] = entry.event.to

    # The answers

    def let_in(self, asker: Workstation) -> None:
        if asker.wire < self.world.hub.min_wire:
            raise Broken(f"{asker.name} is let in with a protocol that the hub does not speak")

    def answered(self, asker: Workstation, send: core.Send, answer: Any) -> None:
        """Nothing is told that the asker may not know."""
        disk = self.world.hub.disk
        scopes = disk.people[asker.person].scopes
        if isinstance(answer, Pushed):
            self.is_discreet(asker, " ".join(f"{verdict.reason} {verdict.effect}" for verdict in answer.verdicts))
            return
        wires = answer.entries if isinstance(answer, Page) else answer[0] if send.kind == "snapshot" else answer
        entries = wires if send.kind in ("pull", "scopes", "snapshot") else ()
        if any(not access.sees(scopes, wire.scope) for wire in entries):
            raise Broken(f"{asker.name} is told of entries outside {scopes}")
        if send.kind in ("scopes", "snapshot") and disk.head.epoch != send.position.epoch:
            raise Broken(f"{asker.name} takes a copy of another epoch")
        if send.kind == "check" and answer[0] != sum(
            access.sees(scopes, entry.scope) for entry in disk.entries[: send.position.cursor]
        ):
            raise Broken(f"{asker.name} is told a checksum of more than is theirs")

    def refused(self, asker: Workstation, refused: Refused) -> None:
        self.is_discreet(asker, refused.detail)
        if refused.detail == MALFORMED:
            raise Broken(f"{asker.name} makes a push that is none")
        welcome = None if refused.conflict is None else refused.conflict.welcome
        if welcome is not None and welcome.scopes != self.world.hub.person(asker.person).scopes:
            raise Broken(f"{asker.name} is told of scopes of others")

    def is_discreet(self, asker: Workstation, text: str) -> None:
        if SECRET in text:
            raise Broken(f"{asker.name} is told {text}")


def _bytes_of(offered: Offered) -> tuple[bytes, ...]:
    without = redacted_payload(offered.event)
    return (offered.payload,) if without is None else (offered.payload, without)
