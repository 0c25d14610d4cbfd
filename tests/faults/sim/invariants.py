"""What must hold in every world: spec sync.md 4, one method where each can be seen to break.

The watch knows what was saved and what the hub committed from its own observation, not from what the parts under test
say of themselves. It looks at each change only at what the change can break, and at everything once the world is calm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from console.domain import access, pro, ticket
from console.domain.events import Entry, Offered, TicketAssigned, event_type
from console.domain.push import Author, Decision
from console.domain.redaction import redacted_payload
from console.domain.stamp import GENESIS, OF_WORK, chain_is_whole
from console.journal.replica import Change, ChangeScopes, EnterEpoch, Forget, RefuseNext, Reload
from console.sync import core
from console.wire.messages import Page, Pushed
from tests.faults.sim.hub import MALFORMED, Disk, Refused
from tests.faults.sim.people import SECRET
from tests.faults.sim.settings import CONFIG

if TYPE_CHECKING:
    from tests.faults.sim.workstation import Workstation
    from tests.faults.sim.world import World

MOST_ROUNDS = 10
_REASONS = ("Not allowed", "Not redacted", "It is ", access.NOT_THERE)
"""Why the hub may refuse what a workstation saved."""
_TAKES_AWAY = (EnterEpoch, ChangeScopes, Reload, Forget)


class Broken(AssertionError):
    """An invariant does not hold."""


class Saved(msgspec.Struct):
    """An entry that a person was told is saved. `shared` where a clone holds it as well, `let_go` where nobody has to
    keep it any more."""

    offered: Offered
    by: str
    place: int
    shared: bool = False
    let_go: bool = False


class Watch:
    """The eyes on one world. Every method raises `Broken`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.saves: dict[str, Saved] = {}
        self.verdicts: dict[str, tuple[Any, ...]] = {}
        self.assignees: dict[str, str | None] = {}
        self.acked: dict[str, list[str]] = {}
        self.refusals: set[str] = set()
        self.tail_lost = False

    # A workstation

    def saved(self, at: Workstation, offers: Sequence[Offered]) -> None:
        for offered in offers:
            self.saves[offered.id] = Saved(offered, at.name, len(self.saves))
        self.reads_its_writes(at)

    def discarded(self, at: Workstation, id: str) -> None:
        if not self.saves[id].shared:
            self.saves[id].let_go = True

    def cloned(self, at: Workstation) -> None:
        for id in at.replica.own:
            self.saves[id].shared = True

    def stepped(self, at: Workstation, before: core.State, told: core.Input) -> None:
        """No silent failure: what went wrong shows."""
        state = at.state
        shown = state.error is not None or state.stopped is not None or state.upgrade_hub
        if isinstance(told, core.NotStored) and not shown:
            raise Broken(f"{at.name} does not show that its disk is full")
        if isinstance(told, core.Failed) and any(sent.request == told.request for sent in before.flying):
            mended = told.status == 409 or (told.status in (413, 422) and told.first is not None)
            if not mended and not shown:
                raise Broken(f"{at.name} does not show: {told.reason}")

    def changing(self, at: Workstation, change: Change) -> None:
        """Before a change: what of its own a workstation may forget."""
        if isinstance(change, Forget):
            self.acked[at.name] = [id for id, own in at.replica.own.items() if own.state == "acked"]

    def changed(self, at: Workstation, change: Change, entries: int, cursor: int, own: int) -> None:
        """After a change. `entries`, `cursor` and `own` are how many there were, and where it stood."""
        replica = at.replica
        if not isinstance(change, _TAKES_AWAY) and (len(replica.entries) < entries or replica.cursor < cursor):
            raise Broken(f"{at.name} has read what is gone after {type(change).__name__}")
        if isinstance(change, Forget):
            for id in self.acked.pop(at.name, ()):
                self.saves[id].let_go = not self.saves[id].shared
        elif len(replica.own) != own:
            raise Broken(f"{at.name} lost an own entry at {type(change).__name__}")
        if isinstance(change, RefuseNext):
            self.refuses_what_failed(at, change)
        self.reads_its_writes(at)

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
            confirmed = own.state == "acked" and replica.entries.get(own.seq)
            if confirmed and confirmed.id == id:
                if id in overlay:
                    raise Broken(f"{at.name} shows {id[:8]} twice")
            elif id not in overlay and own.effect == "applied":
                scope = self.world.hub.disk.scopes.get(own.offered.stream)
                if own.state == "new" or (own.seq > replica.cursor):
                    raise Broken(f"{at.name} does not show its own {id[:8]}")
                if self.tail_lost:
                    continue  # its workstation learns it at its next push
                if scope is not None and access.sees(replica.scopes, scope) and at.state.position.epoch == self.epoch():
                    raise Broken(f"{at.name} does not show its own {id[:8]} any more")

    def epoch(self) -> int:
        return self.world.hub.disk.head.epoch

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
        self.act_is_whole(decision)
        for _, reason in decision.refused:
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

    # The end

    def at_the_end(self) -> None:
        """The world is calm and everybody is level."""
        hub = self.world.hub
        places = {entry.id: entry for entry in hub.disk.entries}
        if len(places) != len(hub.disk.entries):
            raise Broken("An entry is in the log twice")
        self.is_in_order(hub.disk)
        for at in self.world.workstations:
            self.is_level(at, hub.disk, places)
        self.nothing_is_lost(places)

    def is_in_order(self, disk: Disk) -> None:
        made: dict[str, int] = {}
        counted: dict[str, int] = {}
        for seq, entry in enumerate(disk.entries, 1):
            if entry.seq != seq:
                raise Broken(f"The log has a gap at {seq}")
            if entry.dseq <= counted.get(entry.device, 0):
                raise Broken(f"Device {entry.device[:8]} is out of order at {seq}")
            counted[entry.device] = entry.dseq
            saved = self.saves[entry.id]
            if not saved.shared:
                if saved.place < made.get(saved.by, -1):
                    raise Broken(f"{saved.by}: seq {seq} was made before an earlier one")
                made[saved.by] = saved.place

    def is_level(self, at: Workstation, disk: Disk, places: dict[str, Entry]) -> None:
        replica = at.replica
        if at.state.stopped == "revoked":
            if replica.entries or any(own.state == "acked" for own in replica.own.values()):
                raise Broken(f"{at.name} was revoked and keeps entries")
            return
        if at.pushes > MOST_ROUNDS + len(replica.own) // CONFIG.batch:
            raise Broken(f"{at.name} needed {at.pushes} pushes to empty its outbox")
        scopes = disk.people[at.person].scopes
        theirs = [entry for entry in disk.entries if access.sees(scopes, entry.scope)]
        if list(replica.entries.values()) != theirs:
            raise Broken(f"{at.name} holds other entries than the hub: {_difference(replica.entries, theirs)}")
        if replica.overlay():
            raise Broken(f"{at.name} shows {len(replica.overlay())} entries beside the log")
        for stream in replica.streams:
            whole = [disk.entries[seq - 1] for seq in disk.streams[stream]]
            fold = pro.fold if stream.startswith("pro:") else ticket.fold
            if fold(at.view(stream)) != fold(whole):
                raise Broken(f"{at.name} shows another {stream} than the hub")
        for id, own in replica.own.items():
            entry = places.get(id)
            if own.state == "acked":
                if entry is None or (own.seq, own.effect) != (entry.seq, entry.effect):
                    raise Broken(f"{at.name} believes {id[:8]} recorded at {own.seq}, {own.effect}")
                if own.offered.payload != entry.payload and access.sees(scopes, entry.scope):
                    raise Broken(f"{at.name} keeps the words of {id[:8]}")
            elif own.state == "refused" and entry is not None and access.sees(scopes, entry.scope):
                raise Broken(f"{at.name} believes {id[:8]} refused, and it is recorded")

    def nothing_is_lost(self, places: dict[str, Entry]) -> None:
        kept = {id for at in self.world.workstations for id, own in at.replica.own.items() if own.state != "acked"}
        for id, saved in self.saves.items():
            if not saved.let_go and id not in places and id not in kept:
                raise Broken(f"Lost: {id[:8]} of {saved.by}")


def _bytes_of(offered: Offered) -> tuple[bytes, ...]:
    without = redacted_payload(offered.event)
    return (offered.payload,) if without is None else (offered.payload, without)


def _difference(held: dict[int, Entry], theirs: list[Entry]) -> str:
    known = {entry.seq: entry for entry in theirs}
    missing = sorted(known.keys() - held.keys())
    more = sorted(held.keys() - known.keys())
    other = sorted(seq for seq in known.keys() & held.keys() if known[seq] != held[seq])
    return f"missing {missing}, beside {more}, other {other}"
