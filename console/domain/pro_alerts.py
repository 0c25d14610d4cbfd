"""The warnings of a running session, each with the instant at which it is due and a key that never changes.

Source: spec pro_services.md 2: 50/80/95/100 % of the allocation and 30/15/5 minutes before each limit, derived from
state so that a restart or a late tick still raises each once. Pure; called by the desk's tick, which remembers keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from console.domain.metering import LimitName
from console.domain.pro_running import Running, as_if_resumed, left_ms, limit_sentence, limits
from console.domain.pro_settings import ProSettings
from console.domain.words import exact

_DEFAULTS: Final = ProSettings()
_MINUTE_MS: Final = 60_000


class Alert(msgspec.Struct, frozen=True):
    """A warning of a session. `threshold` is a percentage of the allocation, or minutes before the limit.

    `due_at` (epoch ms) is right as long as the account does not change, and may lie in the past.
    """

    key: str
    kind: Literal["share", "limit"]
    threshold: int
    limit: LimitName | None
    due_at: int
    sentence: str


def alerts(running: Running, settings: ProSettings = _DEFAULTS) -> tuple[Alert, ...]:
    """The alerts of a session that goes on to its limit, in the order in which they are due.

    A limit beyond the nearest one warns if the session is still on at that time. Of those that were due before the
    segment began, only the last of each kind is left. While a pause stops the clock, nothing is due that depends on it,
    and the sentences say what becomes of the hours if it ends when they are due.
    """
    found = [*_shares(running, settings), *_before_limits(running, settings)]
    return tuple(sorted(found, key=lambda alert: alert.due_at))


def due(alerts: Iterable[Alert], now: int) -> tuple[Alert, ...]:
    """Those that are due at an instant, however long since."""
    return tuple(alert for alert in alerts if alert.due_at <= now)


def _shares(running: Running, settings: ProSettings) -> list[Alert]:
    """Shares of the allocation. Those that were passed before it got its present size belonged to a smaller one."""
    found = []
    for share in settings.alerts_pct:
        threshold = -(-running.allocated_ms * share // 100)
        missing = threshold - running.drawn_ms
        due_at = running.as_of - (-missing // running.weight)
        is_ahead = running.metering and _is_still_on(running, due_at)
        if threshold > running.drawn_before_ms and (missing <= 0 or is_ahead):
            key = f"{running.session}:share:{running.allocated_ms}:{share}"
            sentence = _share_sentence(running, share, max(due_at, running.as_of))
            found.append(Alert(key, "share", share, None, due_at, sentence))
    return _since(running.began_at, found)


def _before_limits(running: Running, settings: ProSettings) -> Iterator[Alert]:
    """A pause moves the end of the hours: it is known by the size of the allocation, other limits by their instant."""
    for limit in limits(running):
        if limit.name == "allocation" and not running.metering:
            continue
        mark = running.allocated_ms if limit.name == "allocation" else limit.at
        found = []
        for minutes in settings.alerts_min:
            due_at = limit.at - minutes * _MINUTE_MS
            if not _is_still_on(running, due_at):
                continue
            told_at = max(due_at, running.as_of)
            clause = limit_sentence(as_if_resumed(running, told_at), limit, told_at, settings.window_tz)
            key = f"{running.session}:{limit.name}:{mark}:{minutes}"
            found.append(Alert(key, "limit", minutes, limit.name, due_at, f"{clause[:1].upper()}{clause[1:]}."))
        yield from _since(running.began_at, found)


def _is_still_on(running: Running, at: int) -> bool:
    """Whether the segment lasts until an instant if nobody stops it: in a pause the hours do, other limits stand."""
    if running.metering:
        return running.limit_at is not None and at <= running.limit_at
    fixed = [limit.at for limit in limits(running) if limit.name != "allocation"]
    return bool(fixed) and at <= min(fixed)


def _since(began_at: int, alerts: list[Alert]) -> list[Alert]:
    """Without the earlier ones of those that were due before the segment began."""
    missed = [alert for alert in alerts if alert.due_at < began_at]
    last = max(missed, key=lambda alert: alert.due_at, default=None)
    return [alert for alert in alerts if alert.due_at >= began_at or alert is last]


def _share_sentence(running: Running, share: int, at: int) -> str:
    left, had = left_ms(running, at), exact(running.allocated_ms)
    counted = "" if running.weight == 1 else f" {running.weight} engineers are counted."
    if not left:
        return f"The {had} are used up (T10).{counted}"
    return f"{share}% of {had} used, {exact(left)} left.{counted}"
