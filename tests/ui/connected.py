"""A real workspace that follows a hub: the demo's log is the hub's, and what the hub does goes on from there by hand.

Nothing is asked over a network: the entries are stamped as a hub stamps them, and taken as if they had been pulled.
"""

from __future__ import annotations

import uuid_utils

from console.desk import Desk
from console.domain.entry_row import offered_of, written_row
from console.domain.events import Entry, Event, Offered, TicketOpened, offer, ticket_stream
from console.domain.push import Verdict
from console.domain.stamp import Head, stamp
from console.journal.replica import Basis, Join, TakePage, TakeVerdicts
from console.settings import Settings, Workspace, save_settings

URL = "https://hub.example"
HUB_ID = "hub-1"
DEVICE = "0199e0aa-0000-7000-8000-000000000001"
FREE_NUMBER = 90_001
OTHER_DEVICE = "0199e0aa-0000-7000-8000-000000000002"


def follow(workspace: Workspace, hub: Workspace, *, me: str, now_ms: int) -> None:
    """Makes a workspace one that follows a hub whose log is that of another workspace, and is level with it."""
    with Desk.open(hub, clock=lambda: now_ms) as desk:
        log = sorted((entry for _, entries in desk.journal.all_streams() for entry in entries), key=_seq)
    workspace.make()
    save_settings(workspace, Settings(name=me))
    with Desk.open(workspace, clock=lambda: now_ms) as desk:
        desk.journal.follow(url=URL, person=me, role="lead", device=DEVICE)
        scopes = tuple(sorted({entry.scope for entry in log}))
        desk.journal.replica.change(Join(hub_id=HUB_ID, epoch=1, scopever=1, scopes=scopes))
        _take(desk, log)


def refuse(desk: Desk, *own: Entry, reason: str) -> None:
    """The hub does not take entries of mine."""
    verdicts = tuple(Verdict(id=entry.id, outcome="refused", reason=reason) for entry in own)
    desk.journal.replica.change(TakeVerdicts(hub_id=HUB_ID, epoch=1, verdicts=verdicts))


def confirm(desk: Desk, *own: Entry, effect: str = "applied") -> None:
    """The hub records entries of mine, and they come back."""
    entries = _stamped(desk, [offered_of(written_row(entry)) for entry in own], desk.me, own[0].at, effect)
    verdicts = tuple(
        Verdict(id=entry.id, outcome="recorded", seq=entry.seq, effect=effect, number=entry.number) for entry in entries
    )
    desk.journal.replica.change(TakeVerdicts(hub_id=HUB_ID, epoch=1, verdicts=verdicts))
    _take(desk, entries)


def happens(desk: Desk, ticket: str, event: Event, actor: str, *, at: int, base: str | None = None) -> None:
    """Somebody else did something to a ticket, and it comes."""
    offered = offer(
        event,
        id=str(uuid_utils.uuid7()),
        stream=ticket_stream(ticket),
        at=at,
        device=OTHER_DEVICE,
        dseq=1,
        base=base,
    )
    _take(desk, _stamped(desk, [offered], actor, at, "applied"))


def _stamped(desk: Desk, offers: list[Offered], actor: str, at: int, effect: str) -> list[Entry]:
    position = desk.journal.replica.position()
    head = Head(hub_id=HUB_ID, epoch=position.epoch, seq=position.cursor, chain=position.chain, next_number=FREE_NUMBER)
    new = {offered.stream for offered in offers if isinstance(offered.event, TicketOpened)}
    known = {offered.stream: 0 for offered in offers if offered.stream not in new}
    _, entries = stamp(head, offers, actor=actor, now_ms=at, effect=effect, opened_at=known)
    return entries


def _take(desk: Desk, entries: list[Entry]) -> None:
    replica = desk.journal.replica
    at = replica.position()
    basis = Basis(hub_id=at.hub_id, epoch=at.epoch, cursor=at.cursor, scopever=at.scopever)
    last = entries[-1]
    replica.change(TakePage(basis=basis, entries=tuple(entries), next=last.seq, chain=last.chain))


def _seq(entry: Entry) -> int:
    return entry.seq
