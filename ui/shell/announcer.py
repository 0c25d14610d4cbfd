"""Tells people who listen when one of their own tickets comes nearer to a breach (design language 8).

It wakes at the instants at which a level becomes another, which are known beforehand, whatever view is shown; text that
ticks says nothing. Called by the window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer

from console.domain.queue import Level, QueueRow, View, level
from ui.queue import wording

if TYPE_CHECKING:
    from console.desk import Desk
    from ui.desk_thread import DeskThread

WATCHED: Final = 200
"""So many of the most urgent own tickets are watched."""
NAMED: Final = 3
"""More changes than this at once are counted, not named."""

_WORSE: Final[tuple[Level, ...]] = ("on_track", "due_soon", "at_risk", "breached")
_LONGEST_WAIT_MS: Final = 3_600_000


class Announcer(QObject):
    """Watches the tickets of one person. `say(sentence, assertive)` reads a sentence out."""

    def __init__(
        self,
        thread: DeskThread,
        now: Callable[[], int],
        say: Callable[[str, bool], object],
        *,
        frozen: bool = False,
        parent: QObject | None = None,
    ) -> None:
        """`now` gives epoch ms; with `frozen` it never moves, and nothing wakes."""
        super().__init__(parent)
        self._thread = thread
        self._now = now
        self._say = say
        self._frozen = frozen
        self._rows: Sequence[QueueRow] = ()
        self._levels: dict[str, Level] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.look)
        thread.changed.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Read the person's tickets anew."""
        self._thread.submit(read_own, self._take, key="announcer.own")

    def look(self) -> None:
        """Say which tickets are worse off now than at the last look, and come back when one may be again."""
        now = self._now()
        levels = {row.ticket: level(row, now) for row in self._rows}
        if self._levels is not None:
            known = self._levels
            worse = [row for row in self._rows if is_worse(levels[row.ticket], known.get(row.ticket))]
            for sentence, assertive in sentences(worse, now):
                self._say(sentence, assertive)
        self._levels = levels
        wait = next_crossing_ms(self._rows, now)
        if wait is not None and not self._frozen:
            self._timer.start(min(wait, _LONGEST_WAIT_MS))

    def _take(self, rows: Sequence[QueueRow]) -> None:
        self._rows = rows
        self.look()


def read_own(desk: Desk) -> list[QueueRow]:
    """My most urgent tickets; runs on the desk's thread."""
    return desk.queue.rows(desk.queue.order(View.MINE, limit=WATCHED).rowids)


def is_worse(now: Level, before: Level | None) -> bool:
    """Whether a level is nearer to a breach than it was. A ticket that was not known before is not news."""
    if before is None or now not in _WORSE[1:]:
        return False
    return before not in _WORSE or _WORSE.index(now) > _WORSE.index(before)


def next_crossing_ms(rows: Iterable[QueueRow], now: int) -> int | None:
    """In how many ms the first of these rows takes another level; None when none will."""
    instants = (
        at
        for row in rows
        if row.due_at is not None
        for at in (row.soon_at, row.risk_at, row.due_at + 1)  # at exactly the due instant it is not breached yet
        if at is not None and at > now
    )
    first = min(instants, default=None)
    return None if first is None else first - now


def sentences(rows: Sequence[QueueRow], now: int) -> list[tuple[str, bool]]:
    """What is said of rows that got worse, each with whether it may interrupt: breaches do."""
    late = [row for row in rows if level(row, now) == "breached"]
    rest = [row for row in rows if level(row, now) != "breached"]
    said = []
    for some, assertive, what in ((late, True, "breached"), (rest, False, "closer to a breach")):
        if len(some) > NAMED:
            said.append((f"{len(some)} of your tickets are {what}.", assertive))
        else:
            said += [(_sentence(row, now), assertive) for row in some]
    return said


def _sentence(row: QueueRow, now: int) -> str:
    """`Contoso Ltd. Next reply at risk, 17 minutes left. Sign-in loop after certificate change.`"""
    parts = (wording.customer(row), wording.spoken_clock(row, now), row.subject.rstrip(". ") or "No subject")
    return ". ".join(part for part in parts if part) + "."
