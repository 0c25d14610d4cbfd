"""The workstation's half of the protocol, as a pure function: `step(state, input, now, luck) -> (state, outputs)`.

Source: spec sync.md 2 to 4. No sockets, no threads, no clock, no randomness: `now` are seconds of any steady clock,
`luck` is a number in [0, 1) for the jitter. The shell sends what is in `Send`, makes the changes in `Change`, and tells
what came of it; the simulator does the same with a lossy network and a database that crashes.

At most one request of a kind is in flight. What answers another request than that is late, and ignored; what answers
an older position is dropped by the store. Nothing here ever deletes an own entry.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from console.journal.replica import (
    Basis,
    Change,
    ChangeScopes,
    EnterEpoch,
    Forget,
    Join,
    OfferAgain,
    Position,
    RefuseNext,
    Reload,
    TakeDevice,
    TakePage,
    TakeVerdicts,
)
from console.sync.state import (
    NONE,
    Answered,
    Began,
    Config,
    Do,
    Failed,
    Input,
    Kind,
    Listening,
    Moved,
    NotStored,
    Output,
    Poked,
    Send,
    State,
    Stop,
    Stored,
    SyncNow,
    Ticked,
    Trouble,
    Wake,
    Written,
)
from console.wire.messages import Conflict, Page, Pushed, Welcome, entry_of

__all__ = [
    "Answered",
    "Began",
    "Config",
    "Do",
    "Failed",
    "Input",
    "Kind",
    "Listening",
    "Moved",
    "NotStored",
    "Output",
    "Poked",
    "Send",
    "State",
    "Stop",
    "Stored",
    "SyncNow",
    "Ticked",
    "Trouble",
    "Wake",
    "Written",
    "begin",
    "step",
]

BACKOFF_FLOOR_S: Final = 0.5
BACKOFF_CEILING_S: Final = 60.0


def begin(began: Began, config: Config | None = None) -> State:
    config = config or Config()
    return State(config=config, position=began.position, outbox=began.outbox, batch=config.batch)


def step(state: State, told: Input, now: float, luck: float) -> tuple[State, tuple[Output, ...]]:
    """What follows from an input. Outputs are to be carried out in their order."""
    outputs: list[Output] = []
    match told:
        case Began():
            state = begin(told, state.config)
        case Written(outbox=outbox):
            state = replace(state, outbox=outbox)
        case Stored(position=position, outbox=outbox):
            storing = max(0, state.storing - 1)
            state = replace(_moved(state, position), outbox=outbox, storing=storing, store_trouble=NONE)
        case Moved(position=position, outbox=outbox):
            state = replace(_moved(state, position), outbox=outbox)
        case NotStored(reason=reason):
            trouble = _later(state.store_trouble, reason, now, luck)
            state = replace(state, storing=max(0, state.storing - 1), store_trouble=trouble)
        case Poked(head=head):
            state = _heard(state, head)
        case Listening(on=on):
            state = replace(state, listening=on)
        case SyncNow():
            state = _without_waiting(state)
        case Answered(request=request):
            sent = _sent(state, request)
            if sent is not None:
                state = _answered(_landed(state, sent), sent, told.answer, now, luck, outputs)
        case Failed(request=request):
            sent = _sent(state, request)
            if sent is not None:
                state = _failed(_landed(state, sent), sent, told, now, luck, outputs)
        case Ticked():
            pass
    return _go_on(state, now, outputs), tuple(outputs)


def _moved(state: State, position: Position) -> State:
    """The store stands elsewhere. What was heard of the log before it was another one does not count for it."""
    before = state.position
    same = (before.hub_id, before.epoch, before.scopever) == (position.hub_id, position.epoch, position.scopever)
    polled = state.polled and same and position.cursor >= before.cursor
    return replace(state, position=position, polled=polled, far_behind=state.far_behind and polled)


def _without_waiting(state: State) -> State:
    """Nothing waits any more, and what is under way was asked by somebody who may not have been signed in."""
    stopped = state.stopped if state.stopped == "revoked" else None
    return replace(
        state,
        flying=(),
        hub_trouble=NONE,
        push_trouble=NONE,
        store_trouble=NONE,
        stopped=stopped,
        polled=False,
        upgrade_hub=False,
    )


# Answers --------------------------------------------------------------------------------------------------------------


def _sent(state: State, request: int) -> Send | None:
    return next((sent for sent in state.flying if sent.request == request), None)


def _landed(state: State, sent: Send) -> State:
    return replace(state, flying=tuple(other for other in state.flying if other is not sent))


def _basis(position: Position) -> Basis:
    return Basis(hub_id=position.hub_id, epoch=position.epoch, cursor=position.cursor, scopever=position.scopever)


def _do(state: State, change: Change, outputs: list[Output]) -> State:
    outputs.append(Do(change))
    return replace(state, storing=state.storing + 1)


def _with_trouble(state: State, kind: Kind, trouble: Trouble) -> State:
    if kind in ("push", "device"):
        return replace(state, push_trouble=trouble)
    return replace(state, hub_trouble=trouble)


def _answered(state: State, sent: Send, answer: object, now: float, luck: float, outputs: list[Output]) -> State:
    """Changes are made on the basis of the position that was asked for, not of the one that is."""
    state = _with_trouble(state, sent.kind, NONE)
    asked = sent.position
    match sent.kind, answer:
        case "hello", Welcome() as welcome:
            return _welcomed(state, asked, welcome, now)
        case "push", Pushed() as pushed:
            return _pushed(state, asked, pushed, now, luck, outputs)
        case "pull", Page() as page:
            if _basis(asked) == _basis(state.position):
                known_head, behind = max(page.head, page.next), page.head - page.next
                state = replace(
                    state,
                    known_head=known_head,
                    polled=state.heard_since <= known_head,
                    poll_at=now + state.config.poll_every_s,
                    far_behind=behind > (state.config.snapshot_lag if asked.cursor else 0),
                )
            if page.next == asked.cursor:
                return state
            entries = tuple(entry_of(entry) for entry in page.entries)
            return _do(state, TakePage(basis=_basis(asked), entries=entries, next=page.next, chain=page.chain), outputs)
        case "scopes", tuple() as gained:
            scopes = tuple(sorted({*asked.scopes, *sent.scopes}))
            return _do(
                state, ChangeScopes(basis=_basis(asked), scopever=sent.scopever, scopes=scopes, gained=gained), outputs
            )
        case "snapshot", int() as head:
            return replace(state, known_head=max(state.known_head, head), polled=False, far_behind=False)
        case "device", str() as device:
            return _do(state, TakeDevice(old=asked.device, device=device), outputs)
        case "check", bool() as same:
            return _checked(state, asked, same, now, outputs)
    trouble = _later(NONE, f"The hub answered {sent.kind} with something else.", now, luck)
    return _with_trouble(state, sent.kind, trouble)


def _heard(state: State, head: int) -> State:
    """The hub's log is this long. A page that is under way was perhaps read before, and must not make it forgotten."""
    return replace(state, known_head=max(state.known_head, head), heard_since=max(state.heard_since, head))


def _checked(state: State, asked: Position, same: bool, now: float, outputs: list[Output]) -> State:
    """A redaction that is still to be pulled makes a difference as well: only the second in a row counts."""
    if same:
        return replace(state, suspect=False, check_at=now + state.config.check_every_s)
    if not state.suspect:
        return replace(state, suspect=True, check_at=now, polled=False)
    state = replace(state, suspect=False, check_at=now + state.config.check_every_s)
    return _do(state, Reload(basis=_basis(asked)), outputs)


def _welcomed(state: State, asked: Position, welcome: Welcome, now: float) -> State:
    """What the hub says of itself and of the person, unless it is older than what is known. A late word is not
    believed, and asked for again; `_go_on` does what follows from a newer one."""
    position, known = state.position, state.welcome
    if position.hub_id is not None and welcome.hub_id != position.hub_id:
        return _stop(state, "other_hub", now)
    if welcome.epoch < position.epoch and asked.epoch == position.epoch:
        return _stop(state, "hub_went_back", now)
    late = welcome.epoch < position.epoch
    if late or (known is not None and (welcome.epoch, welcome.scopever) < (known.epoch, known.scopever)):
        return replace(state, welcome=None)
    check_at = state.check_at or now + state.config.first_check_s
    if position.hub_id is not None and welcome.epoch > position.epoch:
        check_at = now
    return replace(
        state,
        welcome=welcome,
        fork_from=asked.epoch,
        known_head=welcome.head,
        heard_since=welcome.head,
        stopped=None,
        polled=False,
        check_at=check_at,
        suspect=False,
    )


def _stop(state: State, stop: Stop, now: float, error: str | None = None) -> State:
    """Until a person signs in or an operator mends it: the hub is asked every hour whether that was so, or whether the
    device was revoked."""
    trouble = Trouble(
        attempts=state.hub_trouble.attempts,
        since=now if state.hub_trouble.since is None else state.hub_trouble.since,
        error=error,
        not_before=now + state.config.upgrade_retry_s,
    )
    return replace(state, stopped=stop, welcome=None, hub_trouble=trouble)


def _pushed(state: State, asked: Position, pushed: Pushed, now: float, luck: float, outputs: list[Output]) -> State:
    assert asked.hub_id is not None
    state = replace(_heard(state, pushed.head), batch=state.config.batch, upgrade_hub=False)
    taken = tuple(verdict for verdict in pushed.verdicts if verdict.outcome in ("recorded", "refused"))
    if taken:
        state = _do(state, TakeVerdicts(hub_id=asked.hub_id, epoch=asked.epoch, verdicts=taken), outputs)
    if len(taken) < len(pushed.verdicts):
        stop = next(verdict for verdict in pushed.verdicts if verdict.outcome not in ("recorded", "refused"))
        if stop.outcome == "device_conflict":
            return _send(state, "device", outputs)
        trouble = Trouble(not_before=now + state.config.upgrade_retry_s)
        return replace(state, upgrade_hub=True, push_trouble=trouble)
    if not taken and state.outbox.new:
        return replace(state, push_trouble=_later(NONE, "The hub did not say what became of a push.", now, luck))
    return state


def _failed(state: State, sent: Send, failed: Failed, now: float, luck: float, outputs: list[Output]) -> State:
    if failed.status == 409 and failed.conflict is not None:
        return _conflicted(state, sent, failed, failed.conflict, now, luck, outputs)
    if failed.revoked:
        return replace(_stop(state, "revoked", now, failed.reason), flying=())  # what still comes is forgotten as well
    if failed.status == 401:
        return _stop(state, "signed_out", now, failed.reason)
    if failed.status == 426:
        return _stop(state, "app_too_old", now, failed.reason)
    if sent.kind == "push" and failed.status in (413, 422) and failed.first is not None:
        if state.batch > 1:
            return replace(state, batch=state.batch // 2)
        return _do(state, RefuseNext(id=failed.first, reason=failed.reason), outputs)
    trouble = state.push_trouble if sent.kind in ("push", "device") else state.hub_trouble
    if sent.kind in ("scopes", "snapshot"):
        state = replace(state, welcome=None, far_behind=False)  # perhaps the person does not see them any more
    return _with_trouble(state, sent.kind, _later(trouble, failed.reason, now, luck, failed.retry_after_s))


def _conflicted(
    state: State, sent: Send, failed: Failed, conflict: Conflict, now: float, luck: float, outputs: list[Output]
) -> State:
    """The first conflict is mended at once; one that comes back after it was mended waits."""
    asked = sent.position
    if not state.storing and asked == state.position:
        trouble = state.push_trouble if sent.kind in ("push", "device") else state.hub_trouble
        again = _later(trouble, failed.reason, now, luck) if trouble.attempts else Trouble(attempts=1)
        state = _with_trouble(state, sent.kind, again)
    if conflict.welcome is not None:
        state = _welcomed(state, asked, conflict.welcome, now)
    if state.stopped is not None:
        return state
    if conflict.kind == "gap" and conflict.device_last is not None:
        state = replace(state, polled=False)  # a hub that lost them may have lost others' as well
        return _do(state, OfferAgain(device=asked.device, above_dseq=conflict.device_last), outputs)
    if conflict.kind == "diverged":
        return _do(state, Reload(basis=_basis(asked)), outputs)
    return state


def _later(trouble: Trouble, reason: str, now: float, luck: float, retry_after_s: float | None = None) -> Trouble:
    """Full jitter between the floor and a ceiling that doubles; what the hub asks for is obeyed."""
    ceiling = min(BACKOFF_CEILING_S, BACKOFF_FLOOR_S * 2.0 ** min(trouble.attempts + 1, 10))
    delay = max(BACKOFF_FLOOR_S + luck * (ceiling - BACKOFF_FLOOR_S), retry_after_s or 0.0)
    return Trouble(
        attempts=trouble.attempts + 1,
        since=now if trouble.since is None else trouble.since,
        error=reason,
        not_before=now + delay,
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
    heard_since = 0 if kind == "pull" else state.heard_since
    return replace(state, next_request=sent.request + 1, flying=(*state.flying, sent), heard_since=heard_since)


def _go_on(state: State, now: float, outputs: list[Output]) -> State:
    """Starts what can be started. While the store changes nothing is sent: requests are made for a position."""
    if state.storing:
        return state
    if now < state.store_trouble.not_before:
        outputs.append(Wake(state.store_trouble.not_before))
        return state
    if state.stopped == "revoked":
        left = state.position.cursor or state.position.scopes
        return _do(state, Forget(), outputs) if left else state
    if state.welcome is None or _forks_elsewhere(state, state.welcome):
        return _greet(replace(state, welcome=None), now, outputs)
    change = _change_of_log(state.position, state.welcome)
    if change is not None:
        return _do(state, change, outputs)
    return _pull(_push(state, now, outputs), state.welcome, now, outputs)


def _greet(state: State, now: float, outputs: list[Output]) -> State:
    if state.is_flying("hello"):
        return state
    if now < state.hub_trouble.not_before:
        outputs.append(Wake(state.hub_trouble.not_before))
        return state
    return _send(state, "hello", outputs)


def _forks_elsewhere(state: State, welcome: Welcome) -> bool:
    """Whether the hub's newer epoch was told to somebody of another epoch than this workstation is in by now: where the
    logs part is another place for each."""
    position = state.position
    return position.hub_id is not None and welcome.epoch > position.epoch and state.fork_from != position.epoch


def _change_of_log(position: Position, welcome: Welcome) -> Change | None:
    """The first contact, or an epoch that is newer than the workstation's."""
    if position.hub_id is None:
        return Join(hub_id=welcome.hub_id, epoch=welcome.epoch, scopever=welcome.scopever, scopes=welcome.scopes)
    if welcome.epoch > position.epoch:
        return EnterEpoch(
            hub_id=welcome.hub_id, epoch=welcome.epoch, fork_seq=welcome.fork_seq, fork_chain=welcome.fork_chain
        )
    return None


def _push(state: State, now: float, outputs: list[Output]) -> State:
    """Nothing waits, nothing is in trouble: what a push without an answer brought may have come back in a page."""
    if not state.outbox.new:
        return replace(state, push_trouble=NONE, upgrade_hub=False)
    if state.is_flying("push", "device"):
        return state
    if now < state.push_trouble.not_before:
        outputs.append(Wake(state.push_trouble.not_before))
        return state
    return _send(state, "push", outputs, limit=state.batch)


def _pull(state: State, welcome: Welcome, now: float, outputs: list[Output]) -> State:
    if state.is_flying("scopes", "snapshot", "check"):
        return state
    if now < state.hub_trouble.not_before:
        outputs.append(Wake(state.hub_trouble.not_before))
        return state
    position = state.position
    if welcome.scopever != position.scopever or {*welcome.scopes} != {*position.scopes}:
        return _rescope(state, welcome, outputs)
    if state.is_flying("pull"):
        return state
    if state.far_behind:
        return _send(state, "snapshot", outputs, scopes=position.scopes)
    is_back = state.hub_trouble.attempts > 0  # asked at once: a pull that waits would not tell for long
    if position.cursor < state.known_head or not state.polled or now >= state.poll_at or is_back:
        return _send(state, "pull", outputs)
    if not state.outbox.new:
        state = replace(state, up_to_date_at=now)
    if state.check_at is not None and now >= state.check_at:
        return _send(state, "check", outputs)
    if not state.listening:
        return _send(state, "pull", outputs, wait_s=state.config.wait_s)
    outputs.append(Wake(state.poll_at))
    return state


def _rescope(state: State, welcome: Welcome, outputs: list[Output]) -> State:
    """Scopes that were lost go at once; gained ones are loaded up to the cursor and then change with their version."""
    position = state.position
    kept = tuple(scope for scope in position.scopes if scope in welcome.scopes)
    gained = tuple(scope for scope in welcome.scopes if scope not in position.scopes)
    if not gained or not position.cursor:
        return _do(
            state, ChangeScopes(basis=_basis(position), scopever=welcome.scopever, scopes=welcome.scopes), outputs
        )
    if kept != position.scopes:
        return _do(state, ChangeScopes(basis=_basis(position), scopever=position.scopever, scopes=kept), outputs)
    return _send(state, "scopes", outputs, scopes=gained, scopever=welcome.scopever)
