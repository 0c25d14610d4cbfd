"""How often somebody may ask: token buckets in this process, per person and per device (spec sync.md 5).

Generous for the sync, where they only stop a workstation that runs wild; tight for what is dear or can be guessed at.
Several processes each count for themselves.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Final, Literal

import msgspec

from console.domain.errors import ConsoleError

Kind = Literal["sync", "snapshot", "presence", "search", "enrol"]


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """`burst` at once, and `per_s` a second in the long run."""

    burst: float
    per_s: float


class Pace:
    """The rate of one thing that repeats and can wait. `clock` gives seconds that never fall."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._left = rate.burst
        self._since = clock()

    def spent(self) -> float:
        """It happened: in how many seconds it may happen again."""
        now = self._clock()
        self._left = min(self._rate.burst, self._left + (now - self._since) * self._rate.per_s) - 1
        self._since = now
        return max(0.0, (1 - self._left) / self._rate.per_s)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The rates of one device or address. A person has twice as much, over all of their devices."""

    sync: Rate = Rate(burst=2000, per_s=500)
    snapshot: Rate = Rate(burst=20, per_s=0.5)
    presence: Rate = Rate(burst=60, per_s=10)
    search: Rate = Rate(burst=20, per_s=2)
    enrol: Rate = Rate(burst=10, per_s=0.1)


OF_A_PERSON: Final = 2
_MOST_BUCKETS: Final = 20_000


class TooMany(ConsoleError):
    """More requests than the rate allows (429). `wait_s` is when the next one may come, whole seconds."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"Too many requests; try again in {wait_s} {'second' if wait_s == 1 else 'seconds'}.")


class Buckets:
    """The tokens that are left to each key. `clock` gives seconds that never fall."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits: Mapping[str, Rate] = {name: getattr(limits, name) for name in Limits.__struct_fields__}
        self._clock = clock
        self._left: dict[Hashable, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._left)

    def take(self, kind: Kind, *, person: str, device: str) -> None:
        """One request of a signed-in workstation; TooMany where there were more."""
        rate = self._limits[kind]
        self._take((kind, "device", device), rate)
        self._take((kind, "person", person), Rate(burst=rate.burst * OF_A_PERSON, per_s=rate.per_s * OF_A_PERSON))

    def take_address(self, kind: Kind, host: str) -> None:
        """One request of somebody who is not signed in, by network address (of IPv6 the /64)."""
        self._take((kind, "address", network_of(host)), self._limits[kind])

    def _take(self, key: Hashable, rate: Rate) -> None:
        now = self._clock()
        left, since = self._left.get(key, (rate.burst, now))
        left = min(rate.burst, left + (now - since) * rate.per_s)
        if left < 1:
            self._left[key] = (left, now)
            raise TooMany(math.ceil((1 - left) / rate.per_s))
        if len(self._left) >= _MOST_BUCKETS and key not in self._left:
            self._forget_idle()
        self._left[key] = (left - 1, now)

    def _forget_idle(self) -> None:
        """Drops the half that was used longest ago: mostly full buckets, which are the same as none."""
        oldest_first = sorted(self._left, key=lambda key: self._left[key][1])
        for key in oldest_first[: _MOST_BUCKETS // 2]:
            del self._left[key]


def network_of(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return host
