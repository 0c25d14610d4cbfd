"""Workspaces that follow a hub in memory, brought level by the real core of the sync without a network or a loop.

The hub is the simulator's, the workspaces are real files. Time moves only where the core wants to wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import uuid_utils

from console.domain import events as ev
from console.domain.access import Role
from console.domain.events import Event, Offered, offer, ticket_stream
from console.guidelines_files import shipped_history
from console.journal.driver import choose_driver
from console.journal.store import Journal
from console.sync import core
from console.wire.messages import MAX_BATCH_BYTES, Hello, Pull, Push, entry_of, wire_event
from tests.faults.sim.hub import Device, Disk, Hub, Refused

NOW: Final = 1_760_356_800_000
"""Monday 13 October 2025, 12:00 UTC, epoch ms."""
FILE: Final = "journal.db"
_STEPS: Final = 2_000
_NOT_COMPARED: Final = frozenset({"opened_by"})


def memory_hub() -> Hub:
    return Hub(Disk("0199dd5e-0000-7000-8000-00000000feed"), lambda: NOW, lambda: None)


def new_id() -> str:
    return str(uuid_utils.uuid7())


class Station:
    """A workspace of a person. `journal` is open from `open` on; `folder` may be any copy of it."""

    def __init__(
        self, folder: Path, hub: Hub, person: str, role: Role = "engineer", grants: Sequence[str] = ()
    ) -> None:
        self.folder = folder
        self.hub = hub
        self.person = person
        self.role = role
        if person not in hub.disk.people:
            hub.set_person(person, role, tuple(grants))
        self.device = new_id()
        hub.disk.devices[self.device] = Device(person)

    @property
    def file(self) -> Path:
        return self.folder / FILE

    def open(self) -> Journal:
        """Opens the workspace; a fresh one follows the hub from now on."""
        self.journal = Journal.open(self.file, history=shipped_history(), now_ms=NOW)
        if not self.journal.is_connected:
            self.journal.follow(url="https://hub.test", person=self.person, role=self.role, device=self.device)
        return self.journal

    def __enter__(self) -> Station:
        self.open()
        return self

    def __exit__(self, *error: object) -> None:
        self.journal.close()

    # What a person does

    def act(self, stream: str, *events: Event, base: str | None = None, expect: str | None = None) -> list[Offered]:
        """Records an act in one transaction, as the desk does."""
        act = new_id() if len(events) > 1 else None
        envelope = {"at": NOW, "device": "", "dseq": 0, "base": base, "expect": expect, "act": act}
        offers = [offer(event, id=new_id(), stream=stream, **envelope) for event in events]
        recorded = self.journal.record(offers, actor=self.person, now_ms=NOW, decide=lambda *_: None)
        assert recorded.refused is None
        return offers

    def open_ticket(self, subject: str, restricted: str | None = None) -> str:
        """The stream of a new ticket."""
        stream = ticket_stream(new_id())
        self.act(stream, ev.TicketOpened(by="engineer", channel="phone", subject=subject, restricted=restricted))
        return stream

    def reply(self, stream: str, body: str) -> list[Offered]:
        return self.act(stream, ev.MessageSent(body=body, public=True), ev.StatusSet(status="open"))

    # The sync

    def level(self) -> core.State:
        """Runs the core against the hub until both are level and nothing waits, or the core stops."""
        replica = self.journal.replica
        now = wake = 0.0
        began = core.Began(replica.position(), replica.outbox())
        told: list[core.Input] = [began, core.Listening(True)]  # pokes come, so no pull waits at the hub
        state = core.begin(began)
        for _ in range(_STEPS):
            if not told:
                if state.stopped or self._is_level(state):
                    return state
                now = max(now + 1.0, wake)
                told.append(core.Ticked())
            state, outputs = core.step(state, told.pop(0), now, 0.5)
            for output in outputs:
                match output:
                    case core.Send():
                        told.append(self._answer(output))
                    case core.Do(change=change):
                        replica.change(change)
                        told.append(core.Stored(replica.position(), replica.outbox()))
                    case core.Wake(at=at):
                        wake = at
        raise AssertionError("workspace and hub do not come level")

    def _is_level(self, state: core.State) -> bool:
        at_head = state.position.cursor == self.hub.head_seq() and state.position.epoch == self.hub.disk.head.epoch
        return at_head and not state.outbox.new and state.polled

    def _answer(self, send: core.Send) -> core.Input:
        try:
            return core.Answered(send.request, self._asked(send))
        except Refused as refused:
            return core.Failed(
                send.request,
                refused.detail,
                status=refused.status,
                conflict=refused.conflict,
                retry_after_s=refused.retry_after_s,
                revoked=refused.revoked,
            )

    def _asked(self, send: core.Send) -> object:
        hub, at, replica = self.hub, send.position, self.journal.replica
        match send.kind:
            case "hello":
                return hub.hello(self.person, Hello(app="test", device=at.device, hub_id=at.hub_id, epoch=at.epoch))
            case "push":
                offering = replica.offering(max_events=send.limit, max_bytes=MAX_BATCH_BYTES)
                assert offering is not None
                events = tuple(wire_event(offered, adopted=offered.adopted) for offered in offering.events)
                asked = Push(device=at.device, epoch=at.epoch, base_dseq=offering.base_dseq, events=events)
                return hub.push(self.person, asked)
            case "pull":
                return hub.pull(
                    self.person, Pull(after=at.cursor, chain=at.chain, epoch=at.epoch, scopever=at.scopever)
                )
            case "scopes":
                wires, _, _ = hub.snapshot(self.person, send.scopes, 0, at.cursor)
                return tuple(map(entry_of, wires))
            case "device":
                return hub.new_device(self.person, new_id())
            case "check":
                return replica.checksum() == hub.checksum(self.person, at.cursor)
            case _:
                raise AssertionError(f"no {send.kind} is expected here")


def standing(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that a workspace's file says, row by row; who has it open does not count."""
    with closing(choose_driver().module.connect(str(file))) as database:
        tables = [
            str(name)
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("search_", "sqlite_"))
        ]
        found = {}
        for table in tables:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in _NOT_COMPARED]
            rowid = "rowid, " if table == "search" else ""
            rows = database.execute(f"SELECT {rowid}{', '.join(columns)} FROM {table}").fetchall()
            found[table] = sorted(rows, key=repr)
        return found
