"""The workstation's half of the protocol, as a pure function: `step(state, input, now, luck) -> (state, outputs)`.

Source: spec sync.md 2 to 4. No sockets, no threads, no clock, no randomness: `now` are seconds of any steady clock,
`luck` is a number in [0, 1) for the jitter. The shell sends what is in `Send`, makes the changes in `Change`, and tells
what came of it; the simulator does the same with a lossy network and a database that crashes.

At most one request of a kind is in flight. What answers another request than that is late, and ignored; what answers
an older position is dropped by the store. Nothing here ever deletes an own entry.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from console.journal.replica import (
    Basis,
    Change,
    ChangeScopes,
    EnterEpoch,
    Forget,
    Join,
    OfferAgain,
    Outbox,
    Position,
    RefuseNext,
    Reload,
    TakeDevice,
    TakePage,
    TakeVerdicts,
)
from console.wire.messages import (
    MAX_BATCH_EVENTS,
    PULL_WAIT_S,
    SNAPSHOT_LAG,
    Conflict,
    Page,
    Pushed,
    Welcome,
    entry_of,
)

BACKOFF_FLOOR_S: Final = 0.5
BACKOFF_CEILING_S: Final = 60.0
UPGRADE_RETRY_S: Final = 3600.0
CHECK_EVERY_S: Final = 24 * 3600.0

Kind = Literal["hello", "push", "pull", "scopes", "snapshot", "device", "check"]
Stop = Literal["signed_out", "revoked", "app_too_old", "other_hub", "hub_went_back"]


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What a test makes smaller. `wait_s` is how long the hub may hold a pull where pokes do not come."""

    snapshot_lag: int = SNAPSHOT_LAG
    wait_s: float = PULL_WAIT_S
    check_every_s: float = CHECK_EVERY_S
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
    """A request failed. `status` is None where there was no answer at all, else the HTTP status."""

    request: int
    reason: str
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
    is the version that the person's scopes will have when `scopes` are loaded."""

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


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The core between two inputs.

    `flying` are the requests without an answer, at most one of a kind; `since` the instant of the first failure in a
    row; `stopped` what a person or an operator has to mend; `known_head` the hub's head as last heard; `up_to_date_at`
    when cursor and outbox were last known to be level with the hub.
    """

    config: Config
    position: Position
    outbox: Outbox
    flying: tuple[Send, ...] = ()
    next_request: int = 1
    storing: int = 0
    welcome: Welcome | None = None
    listening: bool = False
    known_head: int = 0
    polled: bool = False
    batch: int = MAX_BATCH_EVENTS
    attempts: int = 0
    not_before: float = 0.0
    push_not_before: float = 0.0
    since: float | None = None
    error: str | None = None
    stopped: Stop | None = None
    upgrade_hub: bool = False
    check_at: float | None = None
    up_to_date_at: float | None = None

    @property
    def greeted(self) -> bool:
        return self.welcome is not None

    def is_flying(self, *kinds: Kind) -> bool:
        return any(sent.kind in kinds for sent in self.flying)


def begin(began: Began, config: Config | None = None) -> State:
    config = config or Config()
    return State(config=config, position=began.position, outbox=began.outbox, batch=config.batch)


def step(state: State, told: Input, now: float, luck: float) -> tuple[State, tuple[Output, ...]]:
    """What follows from an input. Outputs are to be carried out in their order."""
    outputs: list[Output] = []
    match told:
        case Began(position=position, outbox=outbox):
            state = begin(told, state.config)
        case Written(outbox=outbox):
            state = replace(state, outbox=outbox)
        case Stored(position=position, outbox=outbox):
            state = replace(state, position=position, outbox=outbox, storing=max(0, state.storing - 1))
        case Moved(position=position, outbox=outbox):
            state = replace(state, position=position, outbox=outbox)
        case NotStored(reason=reason):
            state = _later(replace(state, storing=max(0, state.storing - 1)), reason, now, luck, None)
        case Poked(head=head):
            state = replace(state, known_head=max(state.known_head, head))
        case Listening(on=on):
            state = replace(state, listening=on)
        case SyncNow():
            stopped = state.stopped if state.stopped == "revoked" else None
            state = replace(state, not_before=now, push_not_before=now, stopped=stopped, polled=False, attempts=0)
        case Answered(request=request):
            sent = _sent(state, request)
            if sent is not None:
                state = _answered(_landed(state, sent), sent, told.answer, now, outputs)
        case Failed(request=request):
            sent = _sent(state, request)
            if sent is not None:
                state = _failed(_landed(state, sent), sent, told, now, luck, outputs)
        case Ticked():
            pass
    state = replace(state, storing=state.storing + sum(isinstance(output, Do) for output in outputs))
    return _go_on(state, now, outputs), tuple(outputs)


# Answers --------------------------------------------------------------------------------------------------------------


def _sent(state: State, request: int) -> Send | None:
    return next((sent for sent in state.flying if sent.request == request), None)


def _landed(state: State, sent: Send) -> State:
    return replace(state, flying=tuple(other for other in state.flying if other is not sent))


def _basis(position: Position) -> Basis:
    return Basis(hub_id=position.hub_id, epoch=position.epoch, cursor=position.cursor, scopever=position.scopever)


def _answered(state: State, sent: Send, answer: object, now: float, outputs: list[Output]) -> State:
    """Changes are made on the basis of the position that was asked for, not of the one that is."""
    state = replace(state, attempts=0, since=None, error=None)
    asked = sent.position
    match sent.kind, answer:
        case "hello", Welcome() as welcome:
            return _welcomed(state, welcome, now, outputs)
        case "push", Pushed() as pushed:
            return _pushed(state, asked, pushed, now, outputs)
        case "pull", Page() as page:
            state = replace(state, known_head=max(page.head, page.next), polled=True)
            if page.next > asked.cursor:
                entries = tuple(entry_of(entry) for entry in page.entries)
                outputs.append(Do(TakePage(basis=_basis(asked), entries=entries, next=page.next, chain=page.chain)))
            return state
        case "scopes", tuple() as gained:
            scopes = tuple(sorted({*asked.scopes, *sent.scopes}))
            outputs.append(Do(ChangeScopes(basis=_basis(asked), scopever=sent.scopever, scopes=scopes, gained=gained)))
            return state
        case "snapshot", int() as head:
            return replace(state, known_head=max(state.known_head, head), polled=False)
        case "device", str() as device:
            outputs.append(Do(TakeDevice(old=asked.device, device=device)))
            return state
        case "check", bool() as same:
            if not same:
                outputs.append(Do(Reload(basis=_basis(asked))))
            return replace(state, check_at=now + state.config.check_every_s)
    return replace(state, error=f"The hub answered {sent.kind} with something else.")


def _welcomed(state: State, welcome: Welcome, now: float, outputs: list[Output]) -> State:
    position = state.position
    state = replace(state, known_head=welcome.head, stopped=None, polled=False)
    if position.hub_id is None:
        outputs.append(
            Do(
                Join(
                    hub_id=welcome.hub_id,
                    epoch=welcome.epoch,
                    scopever=welcome.scopever,
                    scopes=welcome.scopes,
                )
            )
        )
    elif welcome.hub_id != position.hub_id:
        return replace(state, stopped="other_hub")
    elif welcome.epoch < position.epoch:
        return replace(state, stopped="hub_went_back")
    elif welcome.epoch > position.epoch:
        outputs.append(_enter(welcome))
    return replace(state, welcome=welcome, check_at=state.check_at or now + state.config.check_every_s)


def _enter(welcome: Welcome) -> Do:
    return Do(
        EnterEpoch(
            hub_id=welcome.hub_id,
            epoch=welcome.epoch,
            fork_seq=welcome.fork_seq,
            fork_chain=welcome.fork_chain,
        )
    )


def _pushed(state: State, asked: Position, pushed: Pushed, now: float, outputs: list[Output]) -> State:
    assert asked.hub_id is not None
    taken = tuple(verdict for verdict in pushed.verdicts if verdict.outcome in ("recorded", "refused"))
    if taken:
        outputs.append(Do(TakeVerdicts(hub_id=asked.hub_id, epoch=asked.epoch, verdicts=taken)))
    known_head = max(state.known_head, pushed.head)
    state = replace(state, known_head=known_head, batch=state.config.batch, upgrade_hub=False)
    stop = next((verdict for verdict in pushed.verdicts if verdict.outcome not in ("recorded", "refused")), None)
    if stop is not None and stop.outcome == "device_conflict":
        return _send(state, "device", outputs)
    if stop is not None:
        return replace(state, upgrade_hub=True, push_not_before=now + UPGRADE_RETRY_S)
    return state


def _failed(state: State, sent: Send, failed: Failed, now: float, luck: float, outputs: list[Output]) -> State:
    conflict = failed.conflict
    if failed.status == 409 and conflict is not None:
        return _conflicted(replace(state, attempts=0, since=None, error=None), sent.position, conflict, outputs)
    if failed.revoked:
        outputs.append(Do(Forget()))
        return replace(state, stopped="revoked", welcome=None, error=failed.reason)
    if failed.status == 401:
        return replace(state, stopped="signed_out", welcome=None, error=failed.reason)
    if failed.status == 426:
        stopped = replace(state, stopped="app_too_old", welcome=None, error=failed.reason)
        return replace(stopped, not_before=now + UPGRADE_RETRY_S)
    if sent.kind == "push" and failed.status in (413, 422):
        if state.batch > 1:
            return replace(state, batch=state.batch // 2)
        outputs.append(Do(RefuseNext(failed.reason)))
        return state
    return _later(state, failed.reason, now, luck, failed.retry_after_s)


def _conflicted(state: State, asked: Position, conflict: Conflict, outputs: list[Output]) -> State:
    position, welcome = state.position, conflict.welcome
    if welcome is not None:
        if position.hub_id is not None and welcome.hub_id != position.hub_id:
            return replace(state, stopped="other_hub")
        state = replace(state, welcome=welcome, known_head=welcome.head, polled=False)
    match conflict.kind:
        case "epoch" if welcome is not None and welcome.epoch > position.epoch:
            outputs.append(_enter(welcome))
        case "epoch" if welcome is not None and welcome.epoch < position.epoch:
            return replace(state, stopped="hub_went_back")
        case "gap" if conflict.device_last is not None:
            outputs.append(Do(OfferAgain(device=asked.device, above_dseq=conflict.device_last)))
        case "diverged":
            outputs.append(Do(Reload(basis=_basis(asked))))
        case _:
            pass  # a rescope: `_go_on` sees that the scopes are others
    return state


def _later(state: State, reason: str, now: float, luck: float, retry_after_s: float | None) -> State:
    """Full jitter between the floor and a ceiling that doubles; what the hub asks for is obeyed."""
    ceiling = min(BACKOFF_CEILING_S, BACKOFF_FLOOR_S * 2.0 ** min(state.attempts + 1, 10))
    delay = max(BACKOFF_FLOOR_S + luck * (ceiling - BACKOFF_FLOOR_S), retry_after_s or 0.0)
    return replace(
        state,
        attempts=state.attempts + 1,
        not_before=now + delay,
        since=now if state.since is None else state.since,
        error=reason,
    )


# What comes next ------------------------------------------------------------------------------------------------------


def _send(
    state: State,
    kind: Kind,
    outputs: list[Output],
    *,
    limit: int = 0,
    wait_s: float = 0.0,
    scopes: tuple[str, ...] = (),
    scopever: int = 0,
) -> State:
    sent = Send(
        request=state.next_request,
        kind=kind,
        position=state.position,
        limit=limit,
        wait_s=wait_s,
        scopes=scopes,
        scopever=scopever,
    )
    outputs.append(sent)
    return replace(state, next_request=sent.request + 1, flying=(*state.flying, sent))


def _go_on(state: State, now: float, outputs: list[Output]) -> State:
    """Starts what can be started. While the store changes nothing is sent: requests are made for a position."""
    if state.storing:
        return state
    if now < state.not_before:
        outputs.append(Wake(state.not_before))
        return state
    if state.stopped is not None and state.stopped != "app_too_old":
        return state
    welcome = state.welcome
    if welcome is None:
        return state if state.is_flying("hello") else _send(state, "hello", outputs)
    if state.is_flying("scopes", "snapshot", "device", "check"):
        return state
    position = state.position
    if welcome.scopever != position.scopever:
        return _rescope(state, welcome, outputs)
    if state.known_head - position.cursor > state.config.snapshot_lag:
        return _send(state, "snapshot", outputs, scopes=position.scopes)
    level = position.cursor >= state.known_head
    if level and not state.outbox.new and state.polled:
        state = replace(state, up_to_date_at=now)
        if state.check_at is not None and now >= state.check_at and not state.flying:
            return _send(state, "check", outputs)
    if state.outbox.new and not state.is_flying("push"):
        if now >= state.push_not_before:
            state = _send(state, "push", outputs, limit=state.batch)
        else:
            outputs.append(Wake(state.push_not_before))
    if not state.is_flying("pull"):
        if not level or not state.polled:
            state = _send(state, "pull", outputs)
        elif not state.listening:
            state = _send(state, "pull", outputs, wait_s=state.config.wait_s)
    return state


def _rescope(state: State, welcome: Welcome, outputs: list[Output]) -> State:
    """Scopes that were lost go at once; gained ones are loaded up to the cursor and then change with their version."""
    position = state.position
    kept = tuple(scope for scope in position.scopes if scope in welcome.scopes)
    gained = tuple(scope for scope in welcome.scopes if scope not in position.scopes)
    if gained and position.cursor and kept == position.scopes:
        return _send(state, "scopes", outputs, scopes=gained, scopever=welcome.scopever)
    if gained and position.cursor:
        change = ChangeScopes(basis=_basis(position), scopever=position.scopever, scopes=kept)
    else:
        change = ChangeScopes(basis=_basis(position), scopever=welcome.scopever, scopes=welcome.scopes)
    outputs.append(Do(change))
    return replace(state, storing=state.storing + 1)
