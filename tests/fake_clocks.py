"""A machine whose clocks are turned by hand: wall, awake and boot clock and the boot's id, each a knob of its own.

    clocks = FakeClocks(ny("2027-01-12 10:00"))
    keeper = Timekeeper(clocks)
    clocks.run(minutes=40)
    clocks.sleep(minutes=25)
    clocks.step_wall(hours=-1)
    clocks.reboot(minutes=2)
    assert keeper.now_ms() == clocks.true_ms

Called, it gives what the clocks say, as `read_clocks` does. A length is in seconds, or in minutes and hours by name.
"""

from __future__ import annotations

from console.timekeeping import Reading


class FakeClocks:
    """The clocks of one machine, ms; all of them may be set as well.

    `true_ms` is what a perfect clock would show: it only runs, whatever was done to the others.
    """

    def __init__(self, wall_ms: int, *, awake_ms: int = 7_200_000, boot_ms: int = 10_800_000, boot: int = 1) -> None:
        """At `wall_ms` (epoch ms) the machine has been up for three hours, and asleep for one of them."""
        self.true_ms = wall_ms
        self.wall_ms = wall_ms
        self.awake_ms = awake_ms
        self.boot_ms = boot_ms
        self.boot = boot

    def __call__(self) -> Reading:
        return Reading(self.wall_ms, self.awake_ms, self.boot_ms, self.boot_id)

    @property
    def boot_id(self) -> str:
        return f"boot-{self.boot}"

    def run(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        """Time passes and the machine is awake."""
        ms = _ms(seconds, minutes, hours)
        self._pass(ms)
        self.awake_ms += ms
        self.boot_ms += ms

    def sleep(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        """Time passes and the machine is suspended: its awake clock stands still."""
        ms = _ms(seconds, minutes, hours)
        self._pass(ms)
        self.boot_ms += ms

    def step_wall(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        """Somebody sets the wall clock, forward or (negative) back. No time passes."""
        self.wall_ms += _ms(seconds, minutes, hours)

    def reboot(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        """The machine is off for so long. Its wall clock runs on; awake and boot clock begin at zero under a new id."""
        self._pass(_ms(seconds, minutes, hours))
        self.awake_ms = self.boot_ms = 0
        self.boot += 1

    def _pass(self, ms: int) -> None:
        self.true_ms += ms
        self.wall_ms += ms


def _ms(seconds: float, minutes: float, hours: float) -> int:
    return round((seconds + 60 * minutes + 3600 * hours) * 1000)
