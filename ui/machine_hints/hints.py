"""The one interface of the hints, and how what a desktop says becomes spans.

Systems subclass `MachineHints`, listen between `start` and `stop`, and tell it through its `note_...` methods. The
window takes the spans with each tick and hands them to the desk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from console.timekeeping import HintSpan

IDLE_AFTER_S: Final = 300
"""Nobody at keyboard and mouse for so long is worth a note."""
IDLE_POLL_MS: Final = 15_000
"""Idle seconds are asked for as often as a running segment is persisted."""
JITTER_MS: Final = 2_000
"""Whole seconds asked at odd moments do not say more exactly when a key was last pressed."""

Kind = Literal["screen locked", "suspended", "idle"]


class MachineHints(QObject):
    """What the desktop says, as signals and as spans. This class itself hears nothing.

    Signals: `slept` (the machine is about to be suspended) and `woke`; `locked` and `unlocked` (the screen). Each comes
    once, however many parts of a desktop say the same.
    """

    slept = Signal()
    woke = Signal()
    locked = Signal()
    unlocked = Signal()

    def __init__(self, now: Callable[[], int], parent: QObject | None = None) -> None:
        """`now` gives trusted epoch ms."""
        super().__init__(parent)
        self._now = now
        self._begun: dict[Kind, int] = {}
        self._over: list[HintSpan] = []
        self._over_until = 0
        self._poll = QTimer(self, interval=IDLE_POLL_MS)
        self._poll.timeout.connect(self.ask_idle)

    def start(self) -> None:
        """Listen from now on."""
        self._poll.start()

    def stop(self) -> None:
        """Listen no longer. What is going on ends here, and waits to be taken."""
        self._poll.stop()
        self.note_sleep(False)
        self.note_screen(False)
        self._end("idle", self._now())

    def is_listening(self) -> bool:
        return self._poll.isActive()

    def take(self) -> tuple[HintSpan, ...]:
        """The spans that were completed since spans were last taken, in the order in which they ended."""
        taken, self._over = tuple(self._over), []
        return taken

    def idle_seconds(self) -> int | None:
        """For how long nobody has touched keyboard or mouse; None where the desktop does not say."""
        return None

    def ask_idle(self) -> None:
        """Ask the desktop whether anybody is there. The hints' own timer does."""
        self.note_idle(self.idle_seconds())

    def note_sleep(self, asleep: bool) -> None:
        """The machine is about to be suspended, or is back."""
        if self._turn("suspended", asleep):
            (self.slept if asleep else self.woke).emit()

    def note_screen(self, locked: bool) -> None:
        """The screen is locked, or open again."""
        if self._turn("screen locked", locked):
            (self.locked if locked else self.unlocked).emit()

    def note_idle(self, seconds: int | None) -> None:
        """Nobody has been there for so long. Time that was locked or suspended is not noted as idle too."""
        if seconds is None:
            return
        since = self._now() - 1000 * seconds
        if since > self._begun.get("idle", since) + JITTER_MS:
            self._end("idle", since)
        if seconds >= IDLE_AFTER_S and not self._begun:
            self._begun["idle"] = max(since, self._over_until)

    def _turn(self, kind: Kind, begins: bool) -> bool:
        """Begin or end a span of this kind now; whether that is news."""
        now = self._now()
        if not begins:
            return self._end(kind, now)
        self._end("idle", now)
        news = kind not in self._begun
        self._begun.setdefault(kind, now)
        return news

    def _end(self, kind: Kind, at: int) -> bool:
        begun = self._begun.pop(kind, None)
        if begun is None:
            return False
        if at > begun:
            self._over.append(HintSpan(kind, begun, at))
            self._over_until = max(self._over_until, at)
        return True
