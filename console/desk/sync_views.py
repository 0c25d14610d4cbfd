"""What the window and the command line show of the sync: what needs a person, and what was settled without one.

The contract between `desk.sync` and its callers; frozen values. Instants are epoch ms, UTC. Source: DESIGN.md 4.12.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from console.sync.status import Link as Link
from console.sync.status import LinkStatus as LinkStatus


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An own entry that the hub does not have yet. `title` says what it is ("Reply to #48152"); `text` are its words,
    where it has any, and `mode` whom they are for: where nothing says so, they must not reach a customer;
    `can_withdraw` while it was never offered to the hub; with an entry that `opens` a ticket the ticket goes."""

    id: str
    ticket: str | None
    title: str
    text: str
    at: int
    can_withdraw: bool
    opens: bool = False
    mode: Literal["reply", "note"] = "note"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An own entry that the hub did not take. `title` says what did not happen ("Reply to #48152 was not sent"),
    `reason` why, `text` the words that are safe here and `mode` whom they are for, as in `Waiting`. An act shows as
    one, with the ids of all its entries."""

    ids: tuple[str, ...]
    ticket: str | None
    title: str
    reason: str
    text: str
    at: int
    mode: Literal["reply", "note"] = "note"


class NotTaken(msgspec.Struct, frozen=True, kw_only=True):
    """A guarded act of mine that the hub stamped void ("Not taken: Ana had it already"). `dismissed` ones are gone."""

    id: str
    ticket: str | None
    title: str
    reason: str
    at: int


class Overwrote(msgspec.Struct, frozen=True, kw_only=True):
    """Two people set one field without having seen each other. `mine` is my value, `theirs` the other's, by `who`;
    `shows` says which of them the ticket shows now."""

    ticket: str
    field: str
    title: str
    mine: str
    theirs: str
    who: str
    shows: Literal["mine", "theirs"]
    mine_at: int
    theirs_at: int


class Settled(msgspec.Struct, frozen=True):
    """What was settled without a person today: "Impact of #48143 taken from the hub", "41 entries offered again"."""

    text: str
    at: int


class SyncIssues(msgspec.Struct, frozen=True, kw_only=True):
    """All of the drawer. `connected` is false for a workspace without a hub; `person` and `role` are who its person
    was there when the hub was last heard."""

    connected: bool
    url: str = ""
    person: str = ""
    role: str = ""
    waiting: tuple[Waiting, ...] = ()
    waiting_words: str = ""
    refused: tuple[Refused, ...] = ()
    not_taken: tuple[NotTaken, ...] = ()
    overwrote: tuple[Overwrote, ...] = ()
    settled: tuple[Settled, ...] = ()

    @property
    def needs_you(self) -> int:
        return len(self.refused) + len(self.not_taken) + len(self.overwrote)
