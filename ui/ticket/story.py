"""The explanation of one clock as a title and a table, ready to draw or to copy (design language 4.7).

Pure. The desk tells the lines; this module names their times in the zone that was asked for. Called by the popover.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.domain import words
from console.domain.clock import Clock
from console.domain.explain import ExplainLine
from console.domain.queue import Level
from ui.ticket.clock_face import clock_level
from ui.widgets.table_text import as_tsv

COLUMNS: Final = ("When", "What happened", "Counted", "Left")

_COVER_WORDS: Final = {
    "business": "open hours only",
    "24/5": "Monday to Friday, day and night",
    "24/7": "day and night",
}
_NOT_COUNTED: Final = frozenset({"paused", "closed"})
_WEEK_MS: Final = 6 * 86_400_000


@dataclass(frozen=True, slots=True)
class Story:
    """What the popover shows. `about` is `#48177 Contoso Ltd`, `promise` is `Standard, High`, `guidelines` the version
    that answers; `zone` is the policy's (IANA), `as_of` the instant of the explanation, epoch ms."""

    about: str
    promise: str
    guidelines: str
    clock: Clock
    lines: tuple[ExplainLine, ...]
    zone: str
    as_of: int

    @property
    def level(self) -> Level:
        return clock_level(self.clock, self.as_of)

    def title(self, zone: str) -> str:
        """`Why Next reply is due at 12:05 PM`, with the time in a zone."""
        clock, name = self.clock, words.METRIC_NAMES.get(self.clock.metric, self.clock.metric)
        if clock.ended_at is not None:
            if clock.stopped_by is not None:
                return f"Why {name} was stopped"
            return f"Why {name} was late" if clock.breached else f"How {name} was met"
        if clock.due_at is None:
            return f"Why {name} has no target"
        if self.level == "paused":
            return f"Why {name} is paused"
        time, _, _ = words.due(clock.due_at, self.as_of, zone).rpartition(" ")
        verb = "was" if self.level == "breached" else "is"
        link = "on " if "," in time else "" if time.count(" ") > 1 else "at "
        return f"Why {name} {verb} due {link}{time}"

    def subtitle(self) -> str:
        """`#48177 Contoso Ltd · 2h target for Standard, High · open hours only`."""
        parts = [self.about]
        if self.clock.target_seconds is not None:
            parts.append(f"{words.exact(self.clock.target_seconds * 1000)} target for {self.promise}")
        if self.clock.cover is not None:
            parts.append(_COVER_WORDS.get(self.clock.cover, f"cover {self.clock.cover}"))
        return " \u00b7 ".join(parts)

    def columns(self, zone: str) -> tuple[str, ...]:
        return (f"When ({words.zone_short(zone, self.as_of)})", *COLUMNS[1:])

    def rows(self, zone: str) -> tuple[tuple[str, str, str, str], ...]:
        """The table, its times in a zone."""
        brief = bool(self.lines) and self.lines[-1].at - self.lines[0].at < _WEEK_MS
        return tuple(
            (
                when(line, zone, brief=brief and index > 0),
                line.what,
                counted(line),
                "" if line.left_ms is None else words.exact(line.left_ms),
            )
            for index, line in enumerate(self.lines)
        )


def counted(line: ExplainLine) -> str:
    """What a line took from the target: `1h 40m`, `not counted`, or nothing for a moment."""
    if line.counted_ms:
        return words.exact(line.counted_ms)
    return "not counted" if line.kind in _NOT_COUNTED else ""


def when(line: ExplainLine, zone: str, *, brief: bool) -> str:
    """`Fri 10 Oct, 4:20 PM`, or of a stretch `Tue, 9:50 to 10:35 AM`; `brief` leaves the date at its weekday."""

    def day(at: int) -> str:
        full = words.day(at, zone)
        return full.partition(" ")[0] if brief else full

    start = words.clock_time(line.at, zone)
    if line.until is None or line.until == line.at:
        return f"{day(line.at)}, {start}"
    end = words.clock_time(line.until, zone)
    if words.local(line.at, zone).date() == words.local(line.until, zone).date():
        if start[-2:] == end[-2:]:
            start = start[:-3]
        return f"{day(line.at)}, {start} to {end}"
    return f"{day(line.at)} {start} to {day(line.until)} {end}"


def as_text(story: Story, zone: str) -> str:
    """The whole explanation to paste into a mail or a sheet."""
    table = as_tsv([story.columns(zone), *story.rows(zone)])
    return f"{story.title(zone)}\n{story.subtitle()}\n{story.guidelines}\n\n{table}\n"
