"""The requests of a workstation's core as they leave: each is built from what is on the disk then, and decided when it
arrives. What the program's `console.sync.requests` does, without sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from console.journal.replica import Basis, Position
from console.sync import core
from console.wire.messages import Hello, Pull, Push, WireEntry, wire_event
from tests.faults.sim.hub import Hub, Refused

if TYPE_CHECKING:
    from tests.faults.sim.workstation import Workstation

PAGE: Final = 7
_BATCH_BYTES: Final = 512 * 1024


class Request(NamedTuple):
    """A request on its way: what it asks of the hub, and the id of the first event of a push."""

    ask: Callable[[Hub], Any]
    first: str | None = None


def request_of(at: Workstation, send: core.Send) -> Request | None:
    """None where a push has nothing to say any more."""
    position, person = send.position, at.person
    match send.kind:
        case "hello":
            hello = _hello(at, position)
            return Request(lambda hub: hub.hello(person, hello))
        case "push":
            return _push(at, send)
        case "pull":
            return Request(lambda hub: hub.pull(person, _pull(send)))
        case "scopes":
            return Request(lambda hub: _snapshot(at, hub, send, 0, position.cursor)[0])
        case "snapshot":
            return Request(lambda hub: _snapshot(at, hub, send, position.cursor, hub.head_seq()))
        case "device":
            return Request(lambda hub: hub.new_device(person, at.world.new_device()))
        case _:
            return Request(lambda hub: hub.checksum(person, position.cursor))


def basis_of(at: Position) -> Basis:
    return Basis(hub_id=at.hub_id, epoch=at.epoch, cursor=at.cursor, scopever=at.scopever)


def _hello(at: Workstation, position: Position) -> Hello:
    return Hello(
        app="1",
        wire=at.wire,
        device=position.device,
        hub_id=position.hub_id,
        epoch=position.epoch,
        cursor=position.cursor,
        chain=position.chain,
        scopever=position.scopever,
    )


def _push(at: Workstation, send: core.Send) -> Request | None:
    offering = at.replica.offering(max_events=send.limit, max_bytes=_BATCH_BYTES)
    if offering is None:
        return None
    at.world.watch.leaves(offering.events)
    push = Push(
        device=send.position.device,
        epoch=send.position.epoch,
        base_dseq=offering.base_dseq,
        events=tuple(wire_event(offered) for offered in offering.events),
    )
    return Request(lambda hub: hub.push(at.person, push), push.events[0].id)


def _pull(send: core.Send) -> Pull:
    position = send.position
    return Pull(
        after=position.cursor,
        chain=position.chain,
        epoch=position.epoch,
        scopever=position.scopever,
        limit=PAGE,
        wait=send.wait_s,
    )


def _snapshot(
    at: Workstation, hub: Hub, send: core.Send, after: int, upto: int
) -> tuple[tuple[WireEntry, ...], int, bytes]:
    """Where the hub does not give it, or gives that of another log, a pull is answered with what changed."""
    try:
        found = hub.snapshot(at.person, send.scopes, after, upto)
    except Refused:
        at.asks_why(lambda: hub.pull(at.person, _pull(send)))
        raise
    if at.refuses_copy(hub.disk.head.epoch, upto, send.position):
        hub.pull(at.person, _pull(send))
    return found
