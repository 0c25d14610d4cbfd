"""What a decision sees, and the small shapes in which the journal tells of running sessions and of own entries.

Called by `append`, which builds `States` with the write lock held, by `pro_rows`, `local_rows` and `own_rows`, and by
whoever decides. Instants are epoch ms, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from console.domain.events import Offered
from console.domain.pro_account import Account
from console.domain.pro_events import Clocks
from console.domain.ticket import Ticket


class RunningSegment(msgspec.Struct, frozen=True):
    """A segment that nobody stopped yet: its entry's id, the Pro stream that it is in, the engagement worked on, who
    works, the id of the workspace that began it, and since when. `unattended_job` names what runs by itself in it."""

    segment: str
    stream: str
    engagement: str
    engineer: str
    device: str
    began_at: int
    unattended_job: str | None = None


class Beat(msgspec.Struct, frozen=True):
    """The last sign of life of a running segment on this workstation: `at` is trusted time, the rest what the clocks
    said then (`pro_events.Clocks`)."""

    segment: str
    stream: str
    at: int
    wall_ms: int
    awake_ms: int
    boot_ms: int
    boot_id: str


class HubTime(msgspec.Struct, frozen=True):
    """The hub's time as it was last told, and what this machine's clocks said at that moment."""

    at: int
    clocks: Clocks


class States(msgspec.Struct, frozen=True, kw_only=True):
    """The streams that an act touches, folded as they stand before it, by stream name.

    `tickets` has None for a ticket that is not open yet, `accounts` an empty account for a Pro stream that is new. The
    rest is read only where the act touches a Pro stream: `running` are the open segments of every account, `known_lots`
    the stream and the ticket of each purchase among the act's that is known already, in whichever account (its own
    included).
    """

    tickets: Mapping[str, Ticket | None]
    accounts: Mapping[str, Account] = {}
    running: tuple[RunningSegment, ...] = ()
    known_lots: Mapping[str, tuple[str, str]] = {}


class OwnEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What this workstation recorded for the hub, and how far it got.

    `place` orders own entries as they were made, `made_at` is when. `ack_seq` and `effect` are the hub's once it is
    acked, `reason` says why it was refused. `was_offered`: it may be at the hub, whatever was answered.
    """

    offered: Offered
    place: int
    made_at: int
    state: Literal["new", "acked", "refused"]
    ack_seq: int | None = None
    effect: str | None = None
    reason: str | None = None
    was_offered: bool = False
