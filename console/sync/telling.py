"""What is told of the connection, from the core's state. Pure. Called by `engine` after every step.

The core counts seconds of a steady clock; a person is told epoch ms. An instant is turned into one only once
(`Instants`), so that it stands still while it is shown.
"""

from __future__ import annotations

from typing import Final

import msgspec

from console.sync.core import State, Stop
from console.sync.status import Link, LinkStatus
from console.wire.messages import Presence

LONG_WAY: Final = 2_000
"""Entries behind the hub from which on a number is shown instead of a spinner."""

_STOPPED: Final[dict[Stop, Link]] = {
    "signed_out": "signed_out",
    "revoked": "revoked",
    "app_too_old": "app_too_old",
    "other_hub": "other_hub",
    "hub_went_back": "stuck",
}
_REASONS: Final[dict[Stop, str]] = {
    "other_hub": "Another hub answers at this address; what is here belongs to the one before.",
    "hub_went_back": "The hub was set back to an older state without saying so; its operator has to restore it again.",
}
_OLD_HUB: Final = "The hub is older than this program; what it does not know yet waits here until it is updated."


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What the shell knows beside the core. `done` of `of` entries of gained scopes."""

    url: str
    person: str = ""
    role: str = ""
    done: int = 0
    of: int = 0
    skew_ms: int | None = None
    presence: tuple[Presence, ...] = ()


class Instants:
    """Epoch ms of instants of a steady clock, each worked out when it is first asked for."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, int]] = {}

    def of(self, name: str, instant: float | None, *, now: float, wall_ms: int) -> int | None:
        if instant is None:
            return None
        known = self._known.get(name)
        if known is None or known[0] != instant:
            known = self._known[name] = (instant, wall_ms + round((instant - now) * 1000))
        return known[1]


def status_of(state: State, around: Around, instants: Instants, *, now: float, wall_ms: int) -> LinkStatus:
    """`now` on the core's clock, `wall_ms` on the person's."""
    link = link_of(state)
    behind = link == "loading" and not around.of
    waits = state.since is not None and state.not_before > now
    return LinkStatus(
        link=link,
        url=around.url,
        person=state.welcome.person if state.welcome is not None else around.person,
        role=state.welcome.role if state.welcome is not None else around.role,
        waiting=state.outbox.new,
        refused=state.outbox.refused,
        oldest_at=state.outbox.oldest_at,
        offline_since=instants.of("since", state.since, now=now, wall_ms=wall_ms) if link == "offline" else None,
        next_try_at=instants.of("next", state.not_before, now=now, wall_ms=wall_ms) if waits else None,
        synced_at=instants.of("synced", state.up_to_date_at, now=now, wall_ms=wall_ms),
        error=_error(state),
        done=state.position.cursor if behind else around.done,
        of=max(state.known_head, state.position.cursor) if behind else around.of,
        skew_ms=around.skew_ms,
        presence=around.presence if link in ("synced", "syncing", "loading") else (),
    )


def link_of(state: State) -> Link:
    if state.stopped is not None:
        return _STOPPED[state.stopped]
    if state.store_trouble.since is not None:
        return "stuck"
    if state.since is not None:
        return "offline"
    if state.welcome is None:
        return "connecting"
    if state.is_flying("snapshot", "scopes") or state.known_head - state.position.cursor > LONG_WAY:
        return "loading"
    if state.upgrade_hub:
        return "stuck"
    level = state.position.cursor >= state.known_head and not state.outbox.new and not state.storing
    return "synced" if level and state.polled else "syncing"


def _error(state: State) -> str | None:
    if state.error is not None:
        return state.error
    if state.stopped is not None:
        return _REASONS.get(state.stopped)
    return _OLD_HUB if state.upgrade_hub else None
