"""Follows the running session of this window's person: one precise second, a look at the clocks, and what came of it.

No deadline hangs on a long timer (spec pro_services.md 2, consequence 7): each second the desk reads the clocks and
stops a session at its limit. Everything else is heard of through `thread.changed`, so that the window follows what the
command line does. Called by the window; what is worth a word goes out as signals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance

from ui import crashlog

if TYPE_CHECKING:
    from console.desk import Desk
    from console.desk.pro.views import GapQuestion, TickReport, Watched
    from console.timekeeping import HintSpan
    from ui.desk_thread import DeskThread

SECOND_MS: Final = 1_000
_PAST_THE_SECOND_MS: Final = 15
"""The tick comes so long after a whole second of the session: early by a moment, it would show the same one again."""


class Hints(Protocol):
    """What the machine tells of itself (`ui.machine_hints`); `woke` and `unlocked` come with no arguments."""

    woke: SignalInstance
    unlocked: SignalInstance

    def start(self) -> None:
        """Listen from now on."""

    def stop(self) -> None:
        """Listen no longer; what is going on ends here, and waits to be taken."""

    def take(self) -> tuple[HintSpan, ...]:
        """The spans that ended since the last call."""


class SessionFollower(QObject):
    """Ticks while a session of mine runs on this machine.

    Signals: `watched(object)` the `Watched` of now, after every change; `ticked(object)` trusted now (epoch ms), once a
    second; `warned(object)` a `Warned`, once each; `stopped(str)` a sentence about a session that was stopped at its
    limit; `gaps(tuple)` questions about gaps, when there is one that was not asked before; `failed(str)` a sentence
    when the clocks could not be looked at.
    """

    watched = Signal(object)
    ticked = Signal(object)  # ms of the epoch do not fit into the int of a signal
    warned = Signal(object)
    stopped = Signal(str)
    gaps = Signal(tuple)
    failed = Signal(str)

    def __init__(
        self,
        thread: DeskThread,
        now: Callable[[], int],
        *,
        frozen: bool = False,
        make_hints: Callable[[QObject], Hints] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`now` gives trusted time; with `frozen` it never moves, and nothing ticks. `make_hints` is called once, when
        a session runs for the first time; they are listened to while one runs."""
        super().__init__(parent)
        self._thread = thread
        self._now = now
        self._frozen = frozen
        self._make_hints = make_hints
        self._hints: Hints | None = None
        self._untold: tuple[HintSpan, ...] = ()
        self._seen: Watched | None = None
        self._asked: frozenset[str] = frozenset()
        self._ticking = self._tick_again = self._failing = self._resting = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._second)
        thread.changed.connect(lambda _: self.refresh())

    @property
    def now_watched(self) -> Watched | None:
        """What was seen last; None before the desk answered."""
        return self._seen

    @property
    def is_ticking(self) -> bool:
        """Whether a session of mine is followed by the second."""
        return self._timer.isActive()

    def refresh(self) -> None:
        """Ask what runs, what is asked and what comes next."""
        self._thread.submit(_read_watched, self._take, key="pro.watched")

    def tick(self) -> None:
        """Have the desk look at the clocks now. While a look is under way no other is queued: it follows."""
        if self._ticking:
            self._tick_again = True
            return
        self._ticking, self._tick_again = True, False
        hints = self._take_hints()
        self._thread.submit(
            lambda desk: desk.pro.watch.tick(hints),
            self._report,
            failed=lambda error: self._not_ticked(error, hints),
            key="pro.tick",
        )

    def rest(self) -> None:
        """The window closes: the timer of the session goes on, and its last beat is written now. Warnings that are due
        are left to whoever watches next."""
        self._resting = True
        self._timer.stop()
        if self._runs and not self._frozen:
            self._listen(False)
            hints = self._take_hints()
            self._thread.submit(lambda desk: _look_last(desk, hints))

    # What comes back -------------------------------------------------------------------------------------------------

    @property
    def _runs(self) -> bool:
        return self._seen is not None and bool(self._seen.running)

    def _take(self, watched: Watched) -> None:
        began = not self._runs
        self._seen = watched
        self.watched.emit(watched)
        self._ask(watched.gaps)
        if self._frozen or self._resting:
            return
        if not self._runs:
            self._timer.stop()
            self._listen(False)
            return
        if began:
            self._listen(True)
            self.tick()
        if not self._timer.isActive():
            self._second_from_now()

    def _report(self, report: TickReport) -> None:
        self._ticking = self._failing = False
        for warned in report.warned:
            self.warned.emit(warned)
        for sentence in report.stopped:
            self.stopped.emit(sentence)
        self._ask(report.gaps)
        if self._tick_again:
            self.tick()

    def _not_ticked(self, error: Exception, hints: tuple[HintSpan, ...]) -> None:
        """A look that failed is told of once, and tried again with the next second."""
        from ui.desk_thread import Superseded

        self._ticking = False
        self._untold = (*hints, *self._untold)
        if self._failing or isinstance(error, Superseded):
            return
        self._failing = True
        crashlog.record("while following a session", error)
        self.failed.emit("The session could not be looked at just now. Its time goes on, and it is tried each second.")

    def _ask(self, gaps: tuple[GapQuestion, ...]) -> None:
        found = frozenset(gap.id for gap in gaps)
        if found - self._asked:
            self.gaps.emit(gaps)
        self._asked |= found

    # The second ------------------------------------------------------------------------------------------------------

    def _second(self) -> None:
        self.ticked.emit(self._now())
        self.tick()
        self._second_from_now()

    def _second_from_now(self) -> None:
        """Wake just after the session's next whole second, so that its timer shows each one once."""
        if self._seen is None or not self._seen.running:
            return
        running = self._seen.running[0].running
        into = (self._now() - running.as_of + running.session_metered_ms) % SECOND_MS
        self._timer.start(SECOND_MS - into + _PAST_THE_SECOND_MS)

    # Hints -----------------------------------------------------------------------------------------------------------

    def _listen(self, listening: bool) -> None:
        if self._hints is None and listening and self._make_hints is not None:
            hints = self._hints = self._make_hints(self)
            hints.woke.connect(self._look_at_once)
            hints.unlocked.connect(self._look_at_once)
        if self._hints is not None:
            (self._hints.start if listening else self._hints.stop)()

    def _look_at_once(self) -> None:
        if self._runs and not self._frozen:
            self.tick()

    def _take_hints(self) -> tuple[HintSpan, ...]:
        fresh = () if self._hints is None else tuple(self._hints.take())
        told, self._untold = (*self._untold, *fresh), ()
        return told


def _look_last(desk: Desk, hints: tuple[HintSpan, ...]) -> None:
    """The last look of this window, and the beat that proves it; runs on the desk's thread."""
    desk.pro.watch.tick(hints, raise_warnings=False)
    desk.pro.watch.beat()


def _read_watched(desk: Desk) -> Watched:
    """What runs, what is asked, what comes next; runs on the desk's thread."""
    return desk.pro.watch.watched()
