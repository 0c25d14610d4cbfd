"""What a clock says at an instant: its level, chip, bar and words (design language 4.6, spec sla.md 4).

Pure. A due instant does not move as time passes, so a clock that was read once can be shown at any later instant until
the next event. Called by the clock panel, the header's chips and the composer's consequence line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from console.domain import words
from console.domain.clock import Clock
from console.domain.queue import Level, level_at

TICKS_EACH_SECOND_MS: Final = 600_000
"""Under ten minutes a label counts seconds."""

_ORDER: Final = {name: index for index, name in enumerate(words.METRIC_NAMES)}
_STOP_WORDS: Final = {"solved": "Stopped, solved", "merged": "Stopped, merged", "spam": "Stopped, spam"}
_ZONE_NAMES: Final = {"ET": "Eastern"}


@dataclass(frozen=True, slots=True)
class Face:
    """A clock as it is shown at one instant.

    `used` and `left` are shares of the target, 0 to 1. `chip` is the text of the chip, `caption` the line below it and
    `note` the one below that, `tooltip` what the chip adds, `spoken` the accessible name. `next_change_ms` is how long
    all this stays true.
    """

    name: str
    level: Level
    chip: str
    used: float
    left: float
    caption: str
    tooltip: str
    spoken: str
    next_change_ms: int | None
    note: str = ""

    @property
    def folds(self) -> bool:
        """Whether one line says it all: it ended, or nothing is promised yet."""
        return self.next_change_ms is None and self.level != "paused"

    def states_other_than(self, earlier: Face) -> bool:
        """Whether it says something that matters: more than that time has passed since an earlier face."""
        return (self.name, self.level, self.caption) != (earlier.name, earlier.level, earlier.caption)


def shown_clocks(clocks: Iterable[Clock]) -> tuple[Clock, ...]:
    """The newest instance of each promised metric: running ones by due time, then paused, then ended.

    A clock without a target is shown while it waits for one, because nobody assessed the impact.
    """
    newest: dict[str, Clock] = {}
    for clock in clocks:
        if clock.target_seconds is None and clock.ended_at is not None:
            continue
        known = newest.get(clock.metric)
        if known is None or clock.instance >= known.instance:
            newest[clock.metric] = clock
    return tuple(sorted(newest.values(), key=_place))


def _place(clock: Clock) -> tuple[int, int, int]:
    order = _ORDER.get(clock.metric, len(_ORDER))
    if clock.ended_at is not None:
        return (2, 0, order)
    if clock.due_at is None:
        return (1, 0, order)
    if _is_paused(clock):
        return (1, clock.left_ms or 0, order)
    return (0, clock.due_at, order)


def _is_paused(clock: Clock) -> bool:
    """Paused in time: a clock that was past due when it was paused stays breached."""
    return clock.paused_since is not None and (clock.due_at is None or clock.due_at >= clock.paused_since)


def clock_level(clock: Clock, now: int) -> Level:
    """The level of one clock at an instant, epoch ms."""
    if clock.ended_at is not None:
        return "met" if clock.met else "breached" if clock.breached else "none"
    if clock.due_at is None:
        return "none"
    if _is_paused(clock):
        return "paused"
    return level_at(now, due_at=clock.due_at, soon_at=clock.soon_at, risk_at=clock.risk_at)


def face(clock: Clock, now: int, as_of: int, zone: str, *, waiting_on: str = "") -> Face:
    """The face of a clock at `now` (epoch ms), from its reading at `as_of`; `waiting_on` says why it is paused."""
    name = words.METRIC_NAMES.get(clock.metric, clock.metric)
    if clock.ended_at is not None:
        return _ended(clock, name, now, zone)
    if clock.due_at is None:
        return _untargeted(name)
    if _is_paused(clock):
        return _paused(clock, name, now, zone, waiting_on)
    return _running(clock, name, clock.due_at, now, as_of, zone)


def _ended(clock: Clock, name: str, now: int, zone: str) -> Face:
    ended_at = clock.ended_at or 0
    target = f"target {words.exact((clock.target_seconds or 0) * 1000)}"
    late = clock.breached
    length = words.duration(clock.elapsed_ms // 1000)
    if clock.stopped_by is not None:
        chip = _STOP_WORDS.get(clock.stopped_by, "Stopped")
    else:
        chip = f"Late, took {length}" if late else f"Met in {length}"
    return Face(
        name=name,
        level="breached" if late else "met" if clock.met else "none",
        chip=chip,
        used=_share(clock, clock.elapsed_ms),
        left=1 - _share(clock, clock.elapsed_ms),
        caption=f"{_when(ended_at, now, zone)}, {target}",
        tooltip=f"{chip}, {words.full(ended_at, zone)}, {target}",
        spoken=f"{name}, {chip[0].lower()}{chip[1:]}, {target}",
        next_change_ms=None,
    )


def _paused(clock: Clock, name: str, now: int, zone: str, waiting_on: str) -> Face:
    left_ms = clock.left_ms or 0
    since = _when(clock.paused_since or now, now, zone)
    reason = f", {waiting_on}" if waiting_on else ""
    return Face(
        name=name,
        level="paused",
        chip=words.remaining(left_ms),
        used=1 - _share(clock, left_ms),
        left=_share(clock, left_ms),
        caption=f"Paused since {since}",
        tooltip=f"{words.exact(left_ms // 60_000 * 60_000)} of open hours left when the clock goes on",
        spoken=f"{name}, paused since {since}{reason}, {words.spoken_duration(left_ms)}",
        next_change_ms=None,
        note=waiting_on[:1].upper() + waiting_on[1:],
    )


def _untargeted(name: str) -> Face:
    caption = "No target until the impact is set"
    return Face(
        name, "none", "No target", 0.0, 1.0, caption, caption, f"{name}, {caption[0].lower()}{caption[1:]}", None
    )


def _running(clock: Clock, name: str, due_at: int, now: int, as_of: int, zone: str) -> Face:
    to_due = due_at - now
    open_left = clock.left_ms or 0
    if due_at > as_of and open_left > 0:
        open_left = max(0, open_left * to_due // (due_at - as_of))
    current = clock_level(clock, now)
    at = words.due(due_at, now, zone)
    verb = "Was due" if current == "breached" else "Due"
    tooltip = f"{verb} {words.full(due_at, zone)}"
    read_left = clock.left_ms or 0
    if to_due > 0 and due_at - as_of - read_left >= 60_000:
        tooltip += f", {words.exact(read_left // 60_000 * 60_000)} of open hours at {words.clock_time(as_of, zone)}"
    return Face(
        name=name,
        level=current,
        chip=words.remaining(to_due),
        used=1.0 if to_due < 0 else 1 - _share(clock, open_left),
        left=0.0 if to_due < 0 else _share(clock, open_left),
        caption=f"Due {at}",
        tooltip=tooltip,
        spoken=", ".join(
            (
                name,
                words.LEVEL_NAMES[current],
                f"{verb.lower()} {_spoken_zone(at)}",
                words.spoken_duration(to_due),
            )
        ),
        next_change_ms=_until_next_change(clock, now, to_due),
    )


def _share(clock: Clock, ms: int) -> float:
    target_ms = (clock.target_seconds or 0) * 1000
    return min(max(ms / target_ms, 0.0), 1.0) if target_ms else 0.0


def _when(at: int, now: int, zone: str) -> str:
    """`9:50 AM` today, else `Fri 10 Oct, 9:50 AM`."""
    time = words.clock_time(at, zone)
    same_day = words.local(at, zone).date() == words.local(now, zone).date()
    return time if same_day else f"{words.day(at, zone)}, {time}"


def zone_in_words(short: str) -> str:
    """`Eastern` for `ET`; other zones by their abbreviation."""
    return _ZONE_NAMES.get(short, short)


def _spoken_zone(due: str) -> str:
    head, _, zone = due.rpartition(" ")
    return f"{head} {zone_in_words(zone)}"


def _until_next_change(clock: Clock, now: int, to_due: int) -> int:
    """How many ms a face stays true: to the next second under ten minutes, else to the next minute or level."""
    step = 1000 if 0 <= to_due < TICKS_EACH_SECOND_MS else 60_000
    levels = (at - now for at in (clock.soon_at, clock.risk_at) if at is not None and at > now)
    return min(to_due % step + 1, *levels, step)


def most_urgent(clocks: Iterable[Clock]) -> Clock | None:
    """The clock that E explains: the first to be due, else the paused one with the least left, else the last ended."""
    return next(iter(shown_clocks(clocks)), None)
