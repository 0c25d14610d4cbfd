"""Trusted now: what the wall, awake and boot clocks of this machine prove together.

Source: spec pro_services.md 2 ("Clocks") and 3 (65, 70 to 74). No Qt, no SQL, nothing kept beyond the process. The desk
asks one `Timekeeper` for the time of its entries, stores what it saw as a segment's beat, and compares readings to find
out what happened in between. Instants are epoch ms; awake and boot clocks, and all lengths, are ms.

A machine's clocks behind `read_clocks`, by system:

    ========  ======================================  ===============================  ==========================
              awake (stands still in sleep)           boot (does not)                  boot id
    Linux     CLOCK_MONOTONIC                         CLOCK_BOOTTIME                   /proc/sys/kernel/random
    macOS     CLOCK_UPTIME_RAW                        CLOCK_MONOTONIC_RAW              kern.bootsessionuuid
    Windows   QueryUnbiasedInterruptTime              QueryInterruptTime               KUSER_SHARED_DATA.BootId
    ========  ======================================  ===============================  ==========================
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import RLock
from typing import Final, Literal, Self

import msgspec

from console.domain.pro_events import Clocks

SLEPT_MS: Final = 1_500
"""Boot time that runs ahead of awake time by more than this is sleep."""
STEPPED_MS: Final = 2_000
"""A wall clock that leaves boot time by more than this was stepped, not slewed."""
CLOSE_NS: Final = 50_000_000
"""Clocks read within this length were read at once; the thread was not put aside meanwhile."""
TRIES: Final = 5
UNKNOWN_BOOT: Final = "unknown"
"""The boot id where the system names none; a reboot then shows only as a boot clock that went back."""
OFFLINE_MAX_MS: Final = 8 * 3_600_000
"""The default of the setting `offline.max_h` (72)."""
MAX_SKEW_MS: Final = 60_000
"""The default of the setting `clock.max_skew_s` (73)."""


class Reading(msgspec.Struct, frozen=True):
    """What the clocks said at once. Awake and boot time count from the boot that `boot_id` names."""

    wall_ms: int
    awake_ms: int
    boot_ms: int
    boot_id: str


class Difference(msgspec.Struct, frozen=True):
    """What happened between two readings, ms.

    `stepped_ms` is signed: an hour back is -3,600,000. After a reboot only the wall clock knows how long it took:
    nothing is said about sleep and steps, and `elapsed_ms` deserves less confidence (74).
    """

    elapsed_ms: int
    slept_ms: int = 0
    stepped_ms: int = 0
    rebooted: bool = False


class Anchor(msgspec.Struct, frozen=True):
    """A trusted instant and what the clocks said at it. `verified`: nobody has reason to doubt the instant (73)."""

    at_ms: int
    reading: Reading
    verified: bool = True

    def clocks(self) -> Clocks:
        """The evidence that an entry carries."""
        seen = self.reading
        return Clocks(seen.wall_ms, seen.awake_ms, seen.boot_ms, seen.boot_id, self.verified)


class HintSpan(msgspec.Struct, frozen=True):
    """What the desktop said about a span of time that is over, trusted ms. It annotates; the clocks prove (68)."""

    kind: Literal["screen locked", "suspended", "idle"]
    begins_at: int
    ends_at: int


def compare(before: Reading, after: Reading) -> Difference:
    """What happened between two readings of one machine.

    Two processes may read in another order than they write, so a moment back is no time at all. A boot clock that went
    back further is a reboot whatever the boot ids say (a virtual machine that was set back).
    """
    wall_ms = after.wall_ms - before.wall_ms
    boot_ms = after.boot_ms - before.boot_ms
    if after.boot_id != before.boot_id or boot_ms < -STEPPED_MS:
        return Difference(elapsed_ms=max(wall_ms, 0), rebooted=True)
    slept_ms = boot_ms - (after.awake_ms - before.awake_ms)
    stepped_ms = wall_ms - boot_ms
    return Difference(
        elapsed_ms=max(boot_ms, 0),
        slept_ms=slept_ms if slept_ms > SLEPT_MS else 0,
        stepped_ms=stepped_ms if abs(stepped_ms) > STEPPED_MS else 0,
    )


@dataclass(frozen=True, slots=True)
class _Doubt:
    """How far the wall clock was last seen from where it should be, and the boot time since which it stands there."""

    by_ms: int
    since_boot_ms: int


class Timekeeper:
    """Tells the trusted time: an anchor, plus the boot time that has run since. Any thread may ask.

    A step of the wall clock moves nothing (71, 72), until somebody confirms it with `anchor_to`, or it has been seen to
    stand for longer than `offline_max_ms`. After a reboot the wall clock is all there is, but the time never falls
    behind what was anchored before (74).

    A look is verified unless the wall clock has left it by more than `max_skew_ms` since the anchor and nobody
    confirmed that. `believe_wall` says what the wall clock is worth where no server has spoken: without a hub there is
    nobody else to ask, and it counts; with one, False marks what begins before the first contact since the machine was
    started as unverified (73). `is_confirmed` is true once a server has told the time.
    """

    def __init__(
        self,
        read: Callable[[], Reading] | None = None,
        anchor: Anchor | None = None,
        *,
        offline_max_ms: int = OFFLINE_MAX_MS,
        max_skew_ms: int = MAX_SKEW_MS,
        believe_wall: bool = True,
    ) -> None:
        """`read` gives the clocks (this machine's by default); `anchor` is adopted (see `adopt`)."""
        self._read = read or read_clocks
        self._offline_max_ms = offline_max_ms
        self._max_skew_ms = max_skew_ms
        self._believe_wall = believe_wall
        self._lock = RLock()
        self.is_confirmed = False
        self._take(self._from_wall(self._read()))
        if anchor is not None:
            self.adopt(anchor)

    @classmethod
    def following(cls, clock: Callable[[], int]) -> Self:
        """A timekeeper that believes a clock of epoch ms, which neither sleeps nor steps."""

        def read() -> Reading:
            now_ms = clock()
            return Reading(wall_ms=now_ms, awake_ms=now_ms, boot_ms=now_ms, boot_id="given")

        return cls(read)

    @classmethod
    def fixed(cls, at_ms: int) -> Self:
        """A timekeeper for whom it is always the same instant."""
        return cls.following(lambda: at_ms)

    def set_limits(self, *, offline_max_ms: int, max_skew_ms: int) -> None:
        """From now on with these, as the settings say."""
        with self._lock:
            self._offline_max_ms, self._max_skew_ms = offline_max_ms, max_skew_ms

    def doubt_wall(self) -> None:
        """There is a server to ask: until it has spoken, nothing is verified (`believe_wall` False)."""
        with self._lock:
            self._believe_wall = False
            if not self.is_confirmed:
                self._take(msgspec.structs.replace(self._anchor, verified=False), self._wall_error_ms)

    def look(self) -> Anchor:
        """The trusted time and the clocks, read once: what an entry or a beat writes down, and others can `adopt`."""
        with self._lock:
            reading = self._read()
            since = compare(self._anchor.reading, reading)
            if since.rebooted:
                self.is_confirmed = False
                return self._take(self._from_wall(reading, not_before_ms=self._anchor.at_ms))
            at_ms = self._anchor.at_ms + since.elapsed_ms
            doubt_ms = self._doubt_ms(at_ms, reading.wall_ms)
            verified = self._anchor.verified and abs(doubt_ms) <= self._max_skew_ms
            if self._has_stood(doubt_ms, reading.boot_ms):
                return self._take(Anchor(at_ms + doubt_ms, reading, verified))
            return Anchor(at_ms, reading, verified)

    def now_ms(self) -> int:
        """The trusted time, epoch ms."""
        return self.look().at_ms

    def reading(self) -> Reading:
        """What the clocks say."""
        return self.look().reading

    def clocks(self) -> Clocks:
        """What the clocks say, for an entry."""
        return self.look().clocks()

    def skew_ms(self) -> int:
        """How far the wall clock is ahead of the trusted time, ms; negative when it is behind."""
        seen = self.look()
        return seen.reading.wall_ms - seen.at_ms

    def anchor_to(self, at_ms: int, *, verified: bool = True) -> None:
        """From now on it is this instant: what a server says, or the wall clock that a person confirmed (then
        `verified=False`). The one way in which the trusted time may be set back at once."""
        with self._lock:
            self._take(Anchor(at_ms, self._read(), verified))
        self.is_confirmed = verified

    def resume(self, anchor: Anchor) -> None:
        """Goes on from what a server told a process of this machine at that anchor, as after `anchor_to` then. Where
        the machine was restarted since, it only says that it cannot be earlier than that."""
        with self._lock:
            if compare(anchor.reading, self._read()).rebooted:
                self.adopt(anchor)
            else:
                self._take(anchor)
                self.is_confirmed = True

    def adopt(self, anchor: Anchor) -> None:
        """Takes over what another process knew: the last beat of a segment that is still open.

        Of the same boot, its time goes on, so a step of the wall clock before or since moves nothing; unless a server
        has told the time, which knows better. It does not say which of the two was wrong where they differed already.
        Of an earlier boot, it only says that it cannot be earlier than that.
        """
        with self._lock:
            seen = self.look()
            if not compare(anchor.reading, seen.reading).rebooted:
                if not self.is_confirmed:
                    verified = anchor.verified and self._believe_wall
                    self._take(msgspec.structs.replace(anchor, verified=verified), wall_error_ms=0)
            elif seen.at_ms < anchor.at_ms:
                self._take(Anchor(anchor.at_ms, seen.reading, verified=False))

    def _from_wall(self, reading: Reading, not_before_ms: int | None = None) -> Anchor:
        if not_before_ms is not None and reading.wall_ms < not_before_ms:
            return Anchor(not_before_ms, reading, verified=False)
        return Anchor(reading.wall_ms, reading, verified=self._believe_wall)

    def _take(self, anchor: Anchor, wall_error_ms: int | None = None) -> Anchor:
        """Count from this anchor. What the wall clock differs from it is its known error, if nothing else is said."""
        self._anchor = anchor
        self._wall_error_ms = anchor.reading.wall_ms - anchor.at_ms if wall_error_ms is None else wall_error_ms
        self._doubt: _Doubt | None = None
        return anchor

    def _doubt_ms(self, at_ms: int, wall_ms: int) -> int:
        """How far the wall clock stands from where it should: at the trusted time, or off by its known error."""
        skew_ms = wall_ms - at_ms
        return min(skew_ms, skew_ms - self._wall_error_ms, key=abs)

    def _has_stood(self, doubt_ms: int, boot_ms: int) -> bool:
        """Whether the same doubt has been there for longer than may be waited for a server.

        Clocks that drift apart by a few seconds a day come to this too, and are put right by it.
        """
        if abs(doubt_ms) <= STEPPED_MS:
            self._doubt = None
            return False
        since_boot_ms = boot_ms
        if self._doubt is not None and abs(doubt_ms - self._doubt.by_ms) <= STEPPED_MS:
            since_boot_ms = self._doubt.since_boot_ms
        self._doubt = _Doubt(doubt_ms, since_boot_ms)
        return boot_ms - since_boot_ms > self._offline_max_ms


@dataclass(frozen=True, slots=True)
class ClockSource:
    """The clocks of one machine, ns; `read` asks them together."""

    awake_ns: Callable[[], int]
    boot_ns: Callable[[], int]
    boot_id: str
    wall_ns: Callable[[], int] = time.time_ns

    def read(self) -> Reading:
        """Reads until all clocks were read at once: a thread that is put aside between two of them would see a stepped
        clock or a sleep. On a machine that is too busy for that, the closest of several tries."""
        took_ns, closest = self._ask()
        for _ in range(TRIES - 1):
            if took_ns <= CLOSE_NS:
                break
            took_ns, closest = min((took_ns, closest), self._ask(), key=lambda tried: tried[0])
        return closest

    def _ask(self) -> tuple[int, Reading]:
        """How long it took, ns, and the reading. The boot clock is read last, so it is never behind the awake clock."""
        before_ns = self.boot_ns()
        awake_ns, wall_ns = self.awake_ns(), self.wall_ns()
        boot_ns = self.boot_ns()
        reading = Reading(wall_ns // 1_000_000, awake_ns // 1_000_000, boot_ns // 1_000_000, self.boot_id)
        return boot_ns - before_ns, reading


def read_clocks() -> Reading:
    """What this machine's clocks say now. Takes microseconds; may be called from any thread."""
    return _this_machine().read()


@cache
def _this_machine() -> ClockSource:
    return _clock_source()


if sys.platform == "linux":

    def _clock_source() -> ClockSource:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot_id = file.read().strip()
        return ClockSource(
            awake_ns=lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC),
            boot_ns=lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME),
            boot_id=boot_id,
        )

elif sys.platform == "darwin":

    def _clock_source() -> ClockSource:
        """Both clocks are the raw ones: CLOCK_MONOTONIC of macOS is adjusted, they are not."""
        import ctypes

        name, size = ctypes.create_string_buffer(64), ctypes.c_size_t(64)
        ask = ctypes.CDLL(None).sysctlbyname
        failed = ask(b"kern.bootsessionuuid", name, ctypes.byref(size), None, ctypes.c_size_t(0))
        return ClockSource(
            awake_ns=lambda: time.clock_gettime_ns(time.CLOCK_UPTIME_RAW),
            boot_ns=lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW),
            boot_id=UNKNOWN_BOOT if failed else name.value.decode("ascii"),
        )

elif sys.platform == "win32":

    def _clock_source() -> ClockSource:
        """The two interrupt times differ by exactly the time asleep. The number of the boot stands in the page that
        Windows maps into every process at one address (KUSER_SHARED_DATA in ntddk.h; Windows 10 and later)."""
        import ctypes

        def in_ns(query: Callable[[object], object]) -> Callable[[], int]:
            def ns() -> int:
                hundreds = ctypes.c_uint64()
                query(ctypes.byref(hundreds))
                return hundreds.value * 100

            return ns

        return ClockSource(
            awake_ns=in_ns(ctypes.WinDLL("kernel32").QueryUnbiasedInterruptTime),
            boot_ns=in_ns(ctypes.WinDLL("kernelbase").QueryInterruptTime),
            boot_id=str(ctypes.c_uint32.from_address(0x7FFE02C4).value),
        )

else:

    def _clock_source() -> ClockSource:
        """One clock that cannot tell sleep from work: what is not proved is not claimed."""
        return ClockSource(time.monotonic_ns, time.monotonic_ns, UNKNOWN_BOOT)
