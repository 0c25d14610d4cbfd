"""The workstation's store while the power goes: at every write and sync of every change, and of recording beside them.

A crash leaves all of a change or nothing, what was told as done is done, and the file opens without a word. Each scene
prepares a workspace that follows a hub and gives the one act during which the power goes.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.domain import events as ev
from console.domain.events import Offered
from console.guidelines_files import shipped_history
from console.journal import opening
from console.journal.driver import Driver, choose_driver
from console.journal.replica import (
    Basis,
    Change,
    ChangeScopes,
    EnterEpoch,
    Forget,
    Join,
    OfferAgain,
    RefuseNext,
    Reload,
    TakeDevice,
    TakePage,
    TakeVerdicts,
)
from console.journal.store import Journal
from console.wire.messages import MAX_BATCH_BYTES, Page, Pull, Push, Pushed, entry_of, wire_event
from tests.faults.disk_log import disk_of, images, put, recorded
from tests.faults.replica_world import NOW, Station, memory_hub, new_id, standing

Act = Callable[[], object]
Scene = Callable[[Station, Station], Act]
"""Given a workspace and a colleague's: prepares both and gives the act."""

RESTRICTED = "restricted:security"


# Scenes ---------------------------------------------------------------------------------------------------------------


def recording(mine: Station, theirs: Station) -> Act:
    ticket = shared(mine, theirs)
    return lambda: mine.reply(ticket, "Half a thought that was saved.")


def marking_as_offered(mine: Station, theirs: Station) -> Act:
    mine.reply(shared(mine, theirs), "On its way.")
    return lambda: mine.journal.replica.offering(max_events=100, max_bytes=MAX_BATCH_BYTES)


def taking_a_page(mine: Station, theirs: Station) -> Act:
    """With the echo of an own entry, a colleague's, and one that takes the text of an older one away."""
    ticket = shared(mine, theirs)
    (old, _) = theirs.reply(ticket, "A password that should never have been sent: hunter2")
    theirs.level()
    mine.level()
    mine.reply(ticket, "Please change it.")
    pushed(mine)
    theirs.act(ticket, ev.EntryRedacted(entry=old.id))
    theirs.open_ticket("Another one")
    theirs.level()
    return change(mine, page(mine))


def taking_a_bulk_page(mine: Station, theirs: Station) -> Act:
    theirs.open_ticket("Another one")
    theirs.level()
    taken = page(mine)
    return change(mine, msgspec.structs.replace(taken, bulk=True))


def finishing_a_bulk_load(mine: Station, theirs: Station) -> Act:
    taking_a_bulk_page(mine, theirs)()
    return mine.journal.replica.finish_bulk


def taking_verdicts(mine: Station, theirs: Station) -> Act:
    """One recorded, one void because the colleague was faster, one refused."""
    ticket = shared(mine, theirs)
    theirs.act(ticket, ev.TicketAssigned(to=theirs.person), expect="unassigned")
    theirs.level()
    mine.reply(ticket, "Recorded.")
    mine.act(ticket, ev.TicketAssigned(to=mine.person), expect="unassigned")
    mine.act(ticket, ev.EntryRedacted(entry=new_id()))
    answer = pushed(mine)
    assert {(v.outcome, v.effect == "applied") for v in answer.verdicts} == {
        ("recorded", True),
        ("recorded", False),
        ("refused", True),
    }
    at = mine.journal.replica.position()
    return change(mine, TakeVerdicts(hub_id=at.hub_id or "", epoch=at.epoch, verdicts=answer.verdicts))


def refusing_the_next(mine: Station, theirs: Station) -> Act:
    (next_one, _) = mine.reply(shared(mine, theirs), "Too much for this hub.")
    return change(mine, refusal(next_one))


def offering_again(mine: Station, theirs: Station) -> Act:
    ticket = shared(mine, theirs)
    mine.reply(ticket, "The hub will forget this.")
    mine.level()
    return change(mine, OfferAgain(device=mine.journal.device, above_dseq=1))


def taking_another_device_id(mine: Station, theirs: Station) -> Act:
    mine.reply(shared(mine, theirs), "Under a new name.")
    return change(mine, TakeDevice(old=mine.journal.device, device=new_id()))


def entering_an_epoch(mine: Station, theirs: Station) -> Act:
    """The hub was restored to before a reply of mine and one of the colleague's."""
    ticket = shared(mine, theirs)
    fork = mine.hub.disk.head
    mine.reply(ticket, "After the backup.")
    mine.level()
    theirs.level()
    theirs.reply(ticket, "After the backup as well.")
    theirs.level()
    mine.level()
    assert mine.journal.replica.position().cursor > fork.seq
    return change(mine, EnterEpoch(hub_id=fork.hub_id, epoch=2, fork_seq=fork.seq, fork_chain=fork.chain))


def losing_a_scope(mine: Station, theirs: Station) -> Act:
    theirs.open_ticket("Only for a few", restricted="security")
    theirs.level()
    mine.level()
    kept = tuple(scope for scope in mine.journal.replica.position().scopes if scope != RESTRICTED)
    return change(mine, ChangeScopes(basis=basis(mine), scopever=9, scopes=kept))


def gaining_a_scope(mine: Station, theirs: Station) -> Act:
    losing_a_scope(mine, theirs)()
    now = mine.hub.person(mine.person).scopes
    wires, _, _ = mine.hub.snapshot(mine.person, (RESTRICTED,), 0, mine.journal.replica.position().cursor)
    gained = tuple(map(entry_of, wires))
    assert gained
    return change(mine, ChangeScopes(basis=basis(mine), scopever=10, scopes=now, gained=gained))


def meeting_the_hub(mine: Station, theirs: Station) -> Act:
    mine.open_ticket("Before the first contact")
    return change(mine, Join(hub_id=mine.hub.disk.head.hub_id, epoch=1, scopever=1, scopes=("accounts", "desk")))


def loading_again(mine: Station, theirs: Station) -> Act:
    shared(mine, theirs)
    return change(mine, Reload(basis=basis(mine)))


def being_revoked(mine: Station, theirs: Station) -> Act:
    ticket = shared(mine, theirs)
    mine.journal.save_draft(ticket.removeprefix("ticket:"), "reply", "Half written", now_ms=NOW)
    mine.reply(ticket, "Never sent.")
    return change(mine, Forget())


def trying_again(mine: Station, theirs: Station) -> Act:
    (refused, _) = mine.reply(shared(mine, theirs), "Refused at first.")
    mine.journal.replica.change(refusal(refused))
    return lambda: mine.journal.own.retry([refused.id], now_ms=NOW)


def discarding(mine: Station, theirs: Station) -> Act:
    (refused, _) = mine.reply(shared(mine, theirs), "Refused for good.")
    mine.journal.replica.change(refusal(refused))
    return lambda: mine.journal.own.discard([refused.id])


def withdrawing(mine: Station, theirs: Station) -> Act:
    (waiting, _) = mine.reply(shared(mine, theirs), "Better not.")
    return lambda: mine.journal.own.withdraw([waiting.id])


SCENES: list[Scene] = [
    recording,
    marking_as_offered,
    taking_a_page,
    taking_a_bulk_page,
    finishing_a_bulk_load,
    taking_verdicts,
    refusing_the_next,
    offering_again,
    taking_another_device_id,
    entering_an_epoch,
    losing_a_scope,
    gaining_a_scope,
    meeting_the_hub,
    loading_again,
    being_revoked,
    trying_again,
    discarding,
    withdrawing,
]
CHANGES_SWEPT = {
    TakePage,
    TakeVerdicts,
    RefuseNext,
    OfferAgain,
    TakeDevice,
    EnterEpoch,
    ChangeScopes,
    Join,
    Reload,
    Forget,
}


def test_every_change_of_the_replica_has_a_scene() -> None:
    assert set(Change.__args__) == CHANGES_SWEPT


def shared(mine: Station, theirs: Station) -> str:
    """A ticket that both have, and the hub."""
    ticket = mine.open_ticket("Sign-in loop")
    mine.level()
    theirs.level()
    return ticket


def refusal(next_one: Offered) -> RefuseNext:
    return RefuseNext(id=next_one.id, reason="The hub cannot take it.")


def change(station: Station, made: Change) -> Act:
    return lambda: station.journal.replica.change(made)


def basis(station: Station) -> Basis:
    at = station.journal.replica.position()
    return Basis(hub_id=at.hub_id, epoch=at.epoch, cursor=at.cursor, scopever=at.scopever)


def page(station: Station) -> TakePage:
    """What the hub has for a workspace next."""
    if station.journal.replica.position().hub_id is None:
        station.level()
        at = station.journal.replica.position()
        station.journal.replica.change(Reload(basis=basis(station)))
    at = station.journal.replica.position()
    asked = Pull(after=at.cursor, chain=at.chain, epoch=at.epoch, scopever=at.scopever)
    answer: Page = station.hub.pull(station.person, asked)
    assert answer.entries
    entries = tuple(map(entry_of, answer.entries))
    return TakePage(basis=basis(station), entries=entries, next=answer.next, chain=answer.chain)


def pushed(station: Station) -> Pushed:
    """The answer of the hub to all that waits; the workspace does not hear it."""
    at = station.journal.replica.position()
    offering = station.journal.replica.offering(max_events=100, max_bytes=MAX_BATCH_BYTES)
    assert offering is not None
    events = tuple(wire_event(offered) for offered in offering.events)
    asked = Push(device=at.device, epoch=at.epoch, base_dseq=offering.base_dseq, events=events)
    return station.hub.push(station.person, asked)


# The sweep ------------------------------------------------------------------------------------------------------------


def scenes() -> list[object]:
    """All but one are slow proofs."""
    return [pytest.param(s, id=s.__name__, marks=[] if s is recording else [pytest.mark.thorough]) for s in SCENES]


@pytest.mark.parametrize("scene", scenes())
def test_a_crash_leaves_all_of_it_or_nothing(scene: Scene, tmp_path: Path) -> None:
    sweep(scene, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("scene", [recording, taking_a_page, being_revoked], ids=lambda scene: scene.__name__)
def test_a_crash_leaves_all_of_it_or_nothing_without_a_write_ahead_log(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = choose_driver()
    monkeypatch.setattr(opening, "choose_driver", lambda: Driver(found.module, found.version, wal_is_safe=False))
    sweep(scene, tmp_path)


def sweep(scene: Scene, tmp_path: Path) -> None:
    hub = memory_hub()
    mine = Station(tmp_path / "mine", hub, "Mara Okafor", "lead", ("restricted:security",))
    theirs = Station(tmp_path / "theirs", hub, "Dana Whitfield", "lead", ("restricted:security",))
    with recorded(choose_driver(), mine.folder) as ops, mine, theirs:
        act = scene(mine, theirs)
        disk, before = disk_of(mine.file), standing(mine.file)
        ops.clear()
        act()
        steps, left = list(ops), disk_of(mine.file)
        after = standing(mine.file)
    assert before != after
    assert any(step.kind == "sync" for step in steps)
    done: dict[str, list[bool]] = {}
    for number, image in enumerate(images(disk, steps, random.Random(scene.__name__))):
        found = opened_again(image.disk, tmp_path / f"image {number}", mine.file.name)
        assert found in (before, after), f"{image.how} after step {image.step} of {len(steps)} left half of it"
        done.setdefault(image.how, []).append(found == after)
        if image.step == len(steps):
            assert image.how != "kill" or image.disk == left, "not every step was recorded"
            assert found == after, f"it was told as done, and a {image.how} undid it"
    assert not any(done["everything unsynced lost"][:1])
    for how in ("kill", "everything unsynced lost"):
        assert done[how] == sorted(done[how]), "what was done stays done"


def opened_again(disk: dict[str, bytes], folder: Path, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """What is in a workspace after a crash, once the program has opened it."""
    put(disk, folder)
    with Journal.open(folder / name, history=shipped_history(), now_ms=NOW) as journal:
        assert journal.notices == []
        assert journal.check() == []
        journal.replica.position()
        journal.replica.outbox()
    return standing(folder / name)
