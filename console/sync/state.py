"""What the sync core is told, what it wants, and what it knows in between: frozen shapes.

Source: spec sync.md 2 to 4. Pure. `core.step` takes them and gives them; the shell and the simulator speak them, by
their names in `core`.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from console.journal.replica import Change, Outbox, Position
from console.wire.messages import MAX_BATCH_EVENTS, PULL_WAIT_S, SNAPSHOT_LAG, Conflict, Welcome

UPGRADE_RETRY_S: Final = 3600.0
FIRST_CHECK_S: Final = 600.0
CHECK_EVERY_S: Final = 24 * 3600.0
POLL_EVERY_S: Final = 120.0

Kind = Literal["hello", "push", "pull", "scopes", "snapshot", "device", "check"]
Stop = Literal["signed_out", "revoked", "app_too_old", "other_hub", "hub_went_back"]


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What a test makes smaller. `wait_s` is how long the hub may hold a pull where pokes do not come; where they come,
    one is asked for every `poll_every_s` all the same, for pokes are a hint. The first check comes
    `first_check_s` after the start, for a program may run for hours only. What only an operator or a person can mend is
    tried again after `upgrade_retry_s`."""

    snapshot_lag: int = SNAPSHOT_LAG
    wait_s: float = PULL_WAIT_S
    poll_every_s: float = POLL_EVERY_S
    first_check_s: float = FIRST_CHECK_S
    check_every_s: float = CHECK_EVERY_S
    upgrade_retry_s: float = UPGRADE_RETRY_S
    batch: int = MAX_BATCH_EVENTS


# What the core is told ------------------------------------------------------------------------------------------------


class Began(msgspec.Struct, frozen=True):
    """The shell runs: where the store stands."""

    position: Position
    outbox: Outbox


class Written(msgspec.Struct, frozen=True):
    """A person recorded something, or withdrew it."""

    outbox: Outbox


class Stored(msgspec.Struct, frozen=True):
    """A change was made, or dropped by the store: where it stands now."""

    position: Position
    outbox: Outbox


class NotStored(msgspec.Struct, frozen=True):
    """A change failed (a full disk): nothing of it happened."""

    reason: str


class Moved(msgspec.Struct, frozen=True):
    """The shell stored pages of a snapshot by itself: where the store stands now."""

    position: Position
    outbox: Outbox


class Answered(msgspec.Struct, frozen=True):
    """A request was answered. `answer` by kind: `Welcome` (hello), `Pushed`, `Page`, a tuple of entries (scopes), the
    hub's head (snapshot, after `Moved`), a device id (device), whether all is the same (check)."""

    request: int
    answer: object


class Failed(msgspec.Struct, frozen=True):
    """A request failed. `status` is None where there was no answer at all, else the HTTP status. `first` is the id of
    the first event of a push."""

    request: int
    reason: str
    first: str | None = None
    status: int | None = None
    retry_after_s: float | None = None
    conflict: Conflict | None = None
    revoked: bool = False


class Poked(msgspec.Struct, frozen=True):
    """The hub's log grew, by its hint."""

    head: int


class Listening(msgspec.Struct, frozen=True):
    """Whether pokes come; without them pulls wait at the hub."""

    on: bool


class SyncNow(msgspec.Struct, frozen=True):
    """A person asks: no waiting any more. Also after signing in again."""


class Ticked(msgspec.Struct, frozen=True):
    """The instant of a `Wake` came."""


Input = Began | Written | Stored | NotStored | Moved | Answered | Failed | Poked | Listening | SyncNow | Ticked


# What the core wants --------------------------------------------------------------------------------------------------


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """A request. The shell builds it from `position` (hello, pull, check), from the store's offering (push, at most
    `limit` events), or for `scopes`: all of theirs up to the cursor (scopes) or from behind it (snapshot). `scopever`
    is the version that the person's scopes will have when `scopes` are loaded. A snapshot of another epoch than that of
    `position`, or that ends before its cursor, is none: it fails with what a pull then answers."""

    request: int
    kind: Kind
    position: Position
    limit: int = 0
    wait_s: float = 0.0
    scopes: tuple[str, ...] = ()
    scopever: int = 0


class Do(msgspec.Struct, frozen=True):
    """A change to make in the store; `Stored` or `NotStored` has to follow."""

    change: Change


class Wake(msgspec.Struct, frozen=True):
    """Say `Ticked` at this instant."""

    at: float


Output = Send | Do | Wake


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Failures in a row: how many, since when, what the last one said, and when it is tried again."""

    attempts: int = 0
    since: float | None = None
    error: str | None = None
    not_before: float = 0.0


NONE: Final = Trouble()


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The core between two inputs.

    `flying` are the requests without an answer, at most one of a kind; `storing` how many changes are under way.
    `stopped` is what a person or an operator has to mend. The troubles are apart, so that a push that fails does not
    keep others' work away: `push_trouble`, `store_trouble` (a full disk), and `hub_trouble` for all other requests.

    `welcome` is what the hub said last of itself and the person, its `fork_seq` counted from the epoch `fork_from`;
    `known_head` is the hub's head as last heard, `heard_since` the longest that was heard since the last pull was sent
    (0: nothing); `polled` whether a page was taken since the position was another one, and nothing longer heard while
    it was under way; `far_behind` that the page was so far from the head that a snapshot takes the rest, for a new
    workstation all that one page does not hold (it is asked for right after a page, for only a pull compares the
    chains); `suspect` that the last check found a difference; `up_to_date_at` when
    cursor and outbox were last known to be level with the hub.
    """

    config: Config
    position: Position
    outbox: Outbox
    flying: tuple[Send, ...] = ()
    next_request: int = 1
    storing: int = 0
    welcome: Welcome | None = None
    fork_from: int = 0
    listening: bool = False
    known_head: int = 0
    heard_since: int = 0
    polled: bool = False
    far_behind: bool = False
    poll_at: float = 0.0
    batch: int = MAX_BATCH_EVENTS
    hub_trouble: Trouble = NONE
    push_trouble: Trouble = NONE
    store_trouble: Trouble = NONE
    stopped: Stop | None = None
    upgrade_hub: bool = False
    check_at: float | None = None
    suspect: bool = False
    up_to_date_at: float | None = None

    @property
    def greeted(self) -> bool:
        return self.welcome is not None

    @property
    def error(self) -> str | None:
        """What went wrong last and was not mended since, as a sentence."""
        return self.store_trouble.error or self.hub_trouble.error or self.push_trouble.error

    @property
    def since(self) -> float | None:
        """The instant of the first failure in a row."""
        return min((t.since for t in self._troubles() if t.since is not None), default=None)

    @property
    def not_before(self) -> float:
        """When everything that failed is tried again."""
        return max(trouble.not_before for trouble in self._troubles())

    def is_flying(self, *kinds: Kind) -> bool:
        return any(sent.kind in kinds for sent in self.flying)

    def _troubles(self) -> tuple[Trouble, ...]:
        return (self.store_trouble, self.hub_trouble, self.push_trouble)
